"""Receivers: who they are in the namespace's DNS, and what they say. Templates hold {ip} (our server), {rcpt},
{domain}, {qid} (an id of their kind), {mx}; a list is a reply of several lines, "|" in front of nothing else.

The words are those that these receivers were seen to use: bounces, their postmaster pages, forum reports."""
import zlib

GMAIL_ID = "{hex11}-{hex12}si{num7}{hex3}.{num3} - gsmtp"
EOP = "{host}.{region}.prod.protection.outlook.com {stamp} {hex16}"

STYLES = {
    "gmail": {
        "banner": "220 mx.google.com ESMTP " + GMAIL_ID,
        "ok": "250 2.0.0 OK  {epoch} " + GMAIL_ID,
        "unknown": ["550-5.1.1 The email account that you tried to reach does not exist. Please try",
                    "550-5.1.1 double-checking the recipient's email address for typos or",
                    "550-5.1.1 unnecessary spaces. For more information, go to",
                    "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser " + GMAIL_ID],
        "disabled": ["550-5.2.1 The email account that you tried to reach is inactive. For more",
                     "550-5.2.1 information, go to",
                     "550 5.2.1  https://support.google.com/mail/?p=DisabledUser " + GMAIL_ID],
        "full": ["452-4.2.2 The recipient's inbox is out of storage space and inactive. Please",
                 "452-4.2.2 direct the recipient to",
                 "452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp " + GMAIL_ID],
        "spam": ["550-5.7.1 [{ip}      12] Gmail has detected that this message is",
                 "550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,",
                 "550-5.7.1 this message has been blocked. For more information, go to",
                 "550 5.7.1  https://support.google.com/mail/?p=UnsolicitedMessageError " + GMAIL_ID],
        "rate": ["421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating",
                 "421-4.7.28 from your IP address [{ip}      15]. To protect our users from spam,",
                 "421-4.7.28 mail sent from your IP address has been temporarily rate limited. For",
                 "421-4.7.28 more information, go to",
                 "421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError " + GMAIL_ID],
        "block": ["550-5.7.1 [{ip}      19] Gmail has detected that this message",
                  "550-5.7.1 is likely suspicious due to the very low reputation of the sending IP",
                  "550-5.7.1 address. To best protect our users from spam, the message has been",
                  "550-5.7.1 blocked. For more information, go to",
                  "550 5.7.1  https://support.google.com/mail/answer/188131 " + GMAIL_ID]},
    "outlook": {
        "banner": "220 {host}.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at {date} [{hex16}]",
        "ok": "250 2.6.0 {msgid} [InternalId={num14}, Hostname={region}.prod.outlook.com] {size} bytes in 0.{num3}, "
              "{num2}.{num3} KB/sec Queued mail for delivery -> 250 2.1.5",
        "unknown": "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [" + EOP + "]",
        "full": "552 5.2.2 <{rcpt}> Mailbox full",
        "spam": "550 5.7.520 Message blocked because it contains content identified as spam. AS(4810) [" + EOP + "]",
        "rate": "451 4.7.650 The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail "
                "delivery information, see https://postmaster.live.com (S775) [" + EOP + "]",
        "block": "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service "
                 "provider since part of their network is on our block list (S3140). You can also refer your provider "
                 "to http://mail.live.com/mail/troubleshooting.aspx#errors. [" + EOP + "]"},
    "m365": {
        "banner": "220 {host}.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at {date} [{hex16}]",
        "ok": "250 2.6.0 {msgid} [InternalId={num14}, Hostname={region}.eurprd04.prod.outlook.com] {size} bytes in "
              "0.{num3}, {num2}.{num3} KB/sec Queued mail for delivery",
        "unknown": "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [" + EOP + "]",
        "spam": "550 5.7.1 Message rejected as spam by Content Filtering. [" + EOP + "]",
        "rate": "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77719) [" + EOP + "]",
        "block": "550 5.7.606 Access denied, banned sending IP [{ip}]. To request removal from this list please visit "
                 "https://sender.office.com/ and follow the directions. For more information please go to "
                 "http://go.microsoft.com/fwlink/?LinkID=526655 AS(1430) [" + EOP + "]"},
    "yahoo": {
        "banner": "220 mtaproxy{num3}.free.mail.ir2.yahoo.com ESMTP ready",
        "ok": "250 ok dirdel",
        "unknown": "554 delivery error: dd Not a valid recipient - atlas-production.v2-mail-prod1-gq1.omega.yahoo.com",
        "full": "552 1 Requested mail action aborted, mailbox not found",
        "spam": "554 Message not allowed - [PH01] Email not accepted for policy reasons.  Please visit "
                "https://postmaster.yahooinc.com/error-codes",
        "rate": "421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints "
                "- 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
        "block": "553 5.7.2 [TSS09] All messages from {ip} will be permanently deferred; Retrying will NOT succeed. "
                 "See https://postmaster.yahooinc.com/error-codes"},
    "gmx": {
        "banner": "220 {domain} (mxgmx{num3}) Nemesis ESMTP Service ready",
        "ok": "250 Requested mail action okay, completed: id=1M{alnum5}-1r{alnum5}3-00{alnum4}",
        "unknown": ["550-Requested action not taken: mailbox unavailable",
                    "550 For explanation visit https://postmaster.gmx.net/error-messages?ip={ip}&c=rnae"],
        "full": "452 4.2.2 <{rcpt}> Mailbox full",
        "spam": ["554-Transaction failed", "554-Reject due to policy restrictions.",
                 "554 For explanation visit https://postmaster.gmx.net/error-messages?ip={ip}&c=hp"],
        "rate": ["421-{domain} (mxgmx{num3}) Nemesis ESMTP Service not available", "421-Service not available",
                 "421-Too many connections or too many messages from this address",
                 "421 For explanation visit https://postmaster.gmx.net/error-messages?ip={ip}&c=re"],
        "block": ["554-{domain} (mxgmx{num3}) Nemesis ESMTP Service not available", "554-No SMTP service",
                  "554-IP address is black listed.",
                  "554 For explanation visit https://postmaster.gmx.net/error-messages?ip={ip}&c=bip"],
        "block_at": "banner", "rate_at": "banner"},
    "tonline": {
        "banner": "220 mailin{num2}.aul.t-online.de T-Online ESMTP receiver ready.",
        "ok": "250 2.6.0 Message accepted.",
        "unknown": "550 5.1.1 <{rcpt}> unknown user",
        "spam": "550 5.7.1 Message considered as spam or virus, rejected",
        "rate": "451 4.7.1 Temporarily rejected: too many messages from {ip}",
        "block": "554 IP={ip} - A problem occurred. (Ask your postmaster for help or to contact "
                 "tosa@rx.t-online.de to clarify.)",
        "block_at": "banner"},
    "icloud": {
        "banner": "220 mx01.mail.icloud.com -- Server ESMTP (iSMTP 1.1)",
        "ok": "250 2.0.0 Ok: queued as {HEX10}",
        "unknown": "550 5.1.1 <{rcpt}>: user lookup success but no user record found",
        "full": "552 5.2.2 <{rcpt}>: user is over quota",
        "spam": "550 5.7.1 [CS01] Message rejected due to local policy. Please visit "
                "https://support.apple.com/en-us/HT204137",
        "rate": "421 4.7.1 Messages to {rcpt} deferred due to excessive volume. Try again later - "
                "https://support.apple.com/en-us/HT204137",
        "block": "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip={ip}"},
    "orange": {
        "banner": "220 opmta1mti{num2}nd1.nor.fr ESMTP opmta1mti{num2}nd1 Fri, ready",
        "ok": "250 2.0.0 {alnum8}{alnum8} mail accepted for delivery",
        "unknown": "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
        "spam": "550 5.7.1 Mail rejete. Mail rejected. ofr_506 [506]",
        "rate": "421 4.7.0 Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. "
                "OFR_108 [108]",
        "block": "550 5.2.0 Mail rejete. Mail rejected. OFR006_104 Service refuse. Veuillez essayer plus tard. "
                 "service refused, please try later. [104]"},
    "comcast": {
        "banner": "220 resimta-c1p-{num6}.sys.comcast.net resimta-c1p ESMTP server ready",
        "ok": "250 2.0.0 {alnum8}{alnum5} mail accepted for delivery",
        "unknown": "550 5.1.1 Not our Customer",
        "spam": "554 5.2.0 {alnum8} - message detected as spam. Message refused.",
        "rate": "421 4.1.0 {ip} Throttled - try again later. Please see "
                "https://postmaster.comcast.net/smtp-error-codes.php#RL000001",
        "block": "554 resimta-c1p-{num6}.sys.comcast.net comcast {ip} Comcast block for spam. Please see "
                 "https://postmaster.comcast.net/smtp-error-codes.php#BL000000",
        "block_at": "banner"},
    "proofpoint": {
        "banner": "220 mx0{num1}b-{hex8}.pphosted.com ESMTP mfa-m{num7}",
        "ok": "250 2.0.0 3{alnum8}{alnum3}-1 Message accepted for delivery",
        "unknown": "550 5.1.1 User Unknown",
        "spam": "554 5.7.1 Your message was rejected as spam by the recipient's policy",
        "rate": "452 4.3.1 Sender rate exceeded, try again later",
        "block": "554 Blocked - see https://ipcheck.proofpoint.com/?ip={ip}", "block_at": "banner"},
    "mimecast": {
        "banner": "220 eu-smtp-inbound-1.mimecast.com ESMTP; {date}",
        "ok": "250 SmtpThread-{num7}-{num13}@eu-mta-{num3}.uk.mimecast.lan Received OK [{alnum8}{alnum8}.uk{num3}]",
        "unknown": "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [{alnum8}.uk{num3}]",
        "spam": "554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 "
                "[{alnum8}.uk{num3}]",
        "rate": "451 Internal resources are temporarily unavailable - "
                "https://community.mimecast.com/docs/DOC-1369#451 [{alnum8}.uk{num3}]",
        "block": "550 csi.mimecast.org Poor Reputation Sender - https://community.mimecast.com/docs/DOC-1369#550 "
                 "[{alnum8}.uk{num3}]"},
    "postfix": {
        "banner": "220 {mx} ESMTP Postfix",
        "ok": "250 2.0.0 Ok: queued as {HEX10}",
        "unknown": "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table",
        "full": "452 4.2.2 <{rcpt}>: Recipient address rejected: Mailbox is full",
        "spam": "554 5.7.1 Spam message rejected",
        "rate": "450 4.7.1 <{rcpt}>: Recipient address rejected: Too many messages from your host, slow down",
        "grey": "450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see "
                "http://postgrey.schweikert.ch/help/{domain}.html",
        "block": "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; "
                 "https://www.spamhaus.org/query/ip/{ip}"},
    "postfix_amavis": {
        "banner": "220 {mx} ESMTP Postfix (Debian/GNU)",
        "ok": "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {HEX10}",
        "unknown": "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in local recipient table",
        "spam": "554 5.7.0 Reject, id={num5}-{num2} - spam",
        "rate": "451 4.7.1 Service unavailable - try again later",
        "grey": "451 4.7.1 Greylisting in action, please come back later",
        "block": "554 5.7.1 Service unavailable; Client host [{ip}] blocked using bl.spamcop.net; "
                 "Blocked - see https://www.spamcop.net/bl.shtml?{ip}"},
    "exim": {
        "banner": "220 {mx} ESMTP Exim 4.96 {date}",
        "ok": "250 OK id=1r{alnum4}-00{alnum4}-{alnum2}",
        "unknown": "550 Unrouteable address",
        "spam": "550 This message scored {num1}1.{num1} spam points.",
        "rate": "450 Sending rate over limit, try again later",
        "grey": "451 Temporarily deferred, please try again in 5 minutes",
        "block": ["550-{ip} is listed at zen.spamhaus.org",
                  "550 (127.0.0.4: https://www.spamhaus.org/query/ip/{ip})"]},
    "cpanel": {
        "banner": ["220-{mx} ESMTP Exim 4.96.2 #2 {date} ",
                   "220-We do not authorize the use of this system to transport unsolicited, ",
                   "220 and/or bulk e-mail."],
        "ok": "250 OK id=1r{alnum4}-00{alnum4}-{alnum2}",
        "unknown": "550 No Such User Here",
        "spam": "550 \"High probability of spam\"",
        "rate": "450 Too many messages from {ip}",
        "block": "550 \"JunkMail rejected - ({mx}) [{ip}]:{num5} is in an RBL: "
                 "https://www.spamcop.net/bl.shtml?{ip}\""},
    "exchange": {
        "banner": "220 {mx} Microsoft ESMTP MAIL Service ready at {date}",
        "ok": "250 2.6.0 {msgid} [InternalId={num13}, Hostname=EX01.intern.{domain}] Queued mail for delivery",
        "unknown": "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "spam": "550 5.7.1 Message rejected as spam by Content Filtering.",
        "rate": "451 4.7.0 Temporary server error. Please try again later. PRX2",
        "block": "550 5.7.1 Recipient not authorized, your IP has been found on a block list"},
    "barracuda": {
        "banner": "220 {mx} ESMTP ({hex16})",
        "ok": "250 Ok: queued as {HEX10}",
        "unknown": "550 permanent failure for one or more recipients ({rcpt}:550 5.1.1 User unknown)",
        "spam": "554 rejected due to spam content",
        "rate": "450 4.7.1 Too many connections from your host",
        "block": "554 Service unavailable; Client host [{ip}] blocked using Barracuda Reputation; "
                 "http://www.barracudanetworks.com/reputation/?r=1&ip={ip}"},
}
for _style in STYLES.values():
    _style.setdefault("full", "452 4.2.2 <{rcpt}>: mailbox over quota, try again later")
    _style.setdefault("grey", "451 4.7.1 <{rcpt}>: Recipient address rejected: Greylisted, try again later")
    _style.setdefault("disabled", _style["unknown"])

# domain of a large receiver: style, MX names, share of the world's private mailboxes
LARGE = {
    "gmail.com": ("gmail", ("gmail-smtp-in.l.google.com", "alt1.gmail-smtp-in.l.google.com"), 34),
    "hotmail.com": ("outlook", ("hotmail-com.olc.protection.outlook.com",), 9),
    "outlook.com": ("outlook", ("outlook-com.olc.protection.outlook.com",), 7),
    "yahoo.com": ("yahoo", ("mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net"), 9),
    "gmx.de": ("gmx", ("mx00.emig.gmx.net", "mx01.emig.gmx.net"), 7),
    "web.de": ("gmx", ("mx-ha02.web.de", "mx-ha03.web.de"), 6),
    "t-online.de": ("tonline", ("mx00.t-online.de", "mx01.t-online.de"), 5),
    "icloud.com": ("icloud", ("mx01.mail.icloud.com", "mx02.mail.icloud.com"), 4),
    "orange.fr": ("orange", ("smtp-in.orange.fr",), 3),
    "comcast.net": ("comcast", ("mx1.comcast.net",), 2),
    "aol.com": ("yahoo", ("mx-aol.mail.gm0.yahoodns.net",), 2),
}
# kinds of companies' servers and how often each is met
SMALL = {"postfix": 28, "postfix_amavis": 12, "exim": 10, "cpanel": 10, "exchange": 6, "barracuda": 3, "m365": 20,
         "gmail": 8, "proofpoint": 3, "mimecast": 3}


def small_mx(style, domain):
    """@return the MX name that a company with this kind of server has"""
    dashed = domain.replace(".", "-")
    number = zlib.crc32(domain.encode())
    return {"m365": f"{dashed}.mail.protection.outlook.com", "gmail": "aspmx.l.google.com",
            "proofpoint": f"mx0a-{number:08x}.pphosted.com", "mimecast": "eu-smtp-inbound-1.mimecast.com",
            "cpanel": domain}.get(style, ("mail.", "mx.", "mx1.", "smtp.")[number % 4] + domain)


def check():
    """Each reply ends with a line that ends it: a server waits for that line."""
    for name, style in STYLES.items():
        for key, template in style.items():
            if key.endswith("_at"):
                continue
            lines = template if isinstance(template, list) else [template]
            if lines[-1][3] != " " or any(line[3] != "-" for line in lines[:-1]):
                raise AssertionError(f"{name} {key}: {lines}")


check()
