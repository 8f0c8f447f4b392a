# SPDX-License-Identifier: BSD-2-Clause
"""Receivers and what they say. The wordings are the ones that receivers send (see data/receivers for their sources);
a reply is (code, enhanced status, text, stage)."""
import collections

RCPT, DATA, CONNECT, MAIL = "RCPT TO", "end of DATA", "connect", "MAIL FROM"

Receiver = collections.namedtuple("Receiver", "mx accept listed spam")     # spam: the content is refused

RECEIVERS = {
    "google": Receiver(
        "gmail-smtp-in.l.google.com|alt1.gmail-smtp-in.l.google.com|aspmx.l.google.com",
        "OK  {epoch} {hex16}si{n}lfa.{m} - gsmtp",
        [
            (550, "5.7.1",
             "[{ip}      12] Our system has detected that this message is\n5.7.1 likely suspicious due to the very "
             "low reputation of the sending IP\n5.7.1 address. To best protect our users from spam, the message "
             "has been\n5.7.1 blocked. Please visit\n5.7.1  https://support.google.com/mail/answer/188131 for more "
             "information. {hex16}si{n}edq.{m} - gsmtp", DATA),
            (421, "4.7.28",
             "[{ip}      15] Our system has detected an unusual rate of\n4.7.28 unsolicited mail originating from "
             "your IP address. To protect our\n4.7.28 users from spam, mail sent from your IP address has been "
             "temporarily\n4.7.28 rate limited. Please visit\n4.7.28  "
             "https://support.google.com/mail/?p=UnsolicitedRateLimitError to\n4.7.28 review our Bulk Email "
             "Senders Guidelines. {hex16}si{n}wmb.{m} - gsmtp", DATA),
        ],
        [
            (550, "5.7.1",
             "[{ip}      18] Our system has detected that this message is\n5.7.1 likely unsolicited mail. To "
             "reduce the amount of spam sent to Gmail,\n5.7.1 this message has been blocked. Please visit\n5.7.1 "
             "https://support.google.com/mail/?p=UnsolicitedMessageError\n5.7.1  for more information. "
             "{hex16}si{n}ejc.{m} - gsmtp", DATA),
        ],
    ),
    "outlook": Receiver(
        "outlook-com.olc.protection.outlook.com",
        "2.6.0 <{hex16}@{sender_domain}> [InternalId={n}{n}, "
        "Hostname=AM{m}EUR0{d}.eop-EUR0{d}.prod.protection.outlook.com] {n} bytes in 0.{m}, 50.1 KB/sec Queued "
        "mail for delivery",
        [
            (550, "5.7.1",
             "Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider "
             "since part of their network is on our block list (S3140). You can also refer your provider to "
             "http://mail.live.com/mail/troubleshooting.aspx#errors. [Name=Protocol Filter "
             "Agent][AGT=PFA][MxId={hex16}] [DB{n}.eurprd0{d}.prod.outlook.com {epoch} {hex16}]", MAIL),
            (451, "4.7.650",
             "The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery "
             "information, see https://postmaster.live.com (S775) [Name=Protocol Filter Agent][AGT=PFA] "
             "[AM{n}.eop-EUR0{d}.prod.protection.outlook.com]", MAIL),
        ],
        [
            (550, "5.7.1",
             "Message rejected as spam by Content Filtering. [DB{n}.eurprd0{d}.prod.outlook.com]", DATA),
        ],
    ),
    "m365": Receiver(
        "{dashed}.mail.protection.outlook.com",
        "2.6.0 <{hex16}@{sender_domain}> [InternalId={n}, Hostname=VI1PR0{d}MB{n}.eurprd0{d}.prod.outlook.com] {n} "
        "bytes in 0.{m}, 30.2 KB/sec Queued mail for delivery",
        [
            (550, "5.7.606",
             "Access denied, banned sending IP [{ip}]. To request removal from this list please visit "
             "https://sender.office.com/ and follow the directions. For more information please go to  "
             "http://go.microsoft.com/fwlink/?LinkID=526655 AS16012609 "
             "[VE1EUR0{d}FT0{m}.eop-EUR0{d}.prod.protection.outlook.com]", RCPT),
            (550, "5.7.1",
             "Service unavailable, Client host [{ip}] blocked using Spamhaus. To request removal from this list "
             "see https://www.spamhaus.org/query/ip/{ip} AS16012611 "
             "[AM{n}.eop-EUR0{d}.prod.protection.outlook.com]", RCPT),
        ],
        [
            (550, "5.7.1",
             "Message rejected as spam by Content Filtering.", DATA),
        ],
    ),
    "yahoo": Receiver(
        "mta{d}.am0.yahoodns.net",
        "ok dirdel",
        [
            (421, "4.7.0",
             "[TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - "
             "4.16.55.1; see https://postmaster.yahooinc.com/error-codes", MAIL),
            (553, "5.7.2",
             "[TSS09] All messages from {ip} will be permanently deferred; Retrying will NOT succeed. See "
             "https://postmaster.yahooinc.com/error-codes", MAIL),
        ],
        [
            (554, "5.7.9",
             "Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", DATA),
        ],
    ),
    "gmx": Receiver(
        "mx00.emig.gmx.net|mx01.emig.gmx.net",
        "Requested mail action okay, completed: id=1{hex16}",
        [
            (554, "",
             "gmx.net (mxgmx0{d}) Nemesis ESMTP Service not available\nNo SMTP service\nIP address is block "
             "listed.\nFor explanation visit "
             "https://postmaster.gmx.net/en/case?c=r0601&i=ip&v={ip}&r={hex16}", CONNECT),
        ],
        [
            (554, "",
             "Transaction failed\nReject due to policy restrictions.\nFor explanation visit "
             "https://postmaster.gmx.net/en/case?c=hi&i=ip&v={ip}&r={hex16}", DATA),
        ],
    ),
    "tonline": Receiver(
        "mx0{d}.t-online.de",
        "2.0.0 Message accepted.",
        [
            (554, "",
             "IP={ip} - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to "
             "clarify.) (BL)", CONNECT),
        ],
        [
            (550, "5.7.0",
             "Message considered as spam or virus, rejected", DATA),
        ],
    ),
    "proofpoint": Receiver(
        "mx{d}.{dashed}.pphosted.com",
        "2.0.0 {hex8}-1 Message accepted for delivery",
        [
            (554, "",
             "Blocked - see https://ipcheck.proofpoint.com/?ip={ip}", CONNECT),
        ],
        [
            (550, "5.7.0",
             "Local Policy Violation - {hex16}", DATA),
        ],
    ),
    "zen": Receiver(
        "mx{d}.{domain}",
        "2.0.0 Ok: queued as {hex8}",
        [
            (554, "5.7.1",
             "Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; "
             "https://www.spamhaus.org/query/ip/{ip}", RCPT),
        ],
        [
            (550, "5.7.1",
             "Message rejected as spam", DATA),
        ],
    ),
    "barracuda": Receiver(
        "d{n}.ess.barracudanetworks.com",
        "Ok: queued as {hex8}",
        [
            (554, "",
             "Service unavailable; Client host [{ip}] blocked using Barracuda Reputation; "
             "http://www.barracudanetworks.com/reputation/?r=1&ip={ip}", RCPT),
        ],
        [
            (550, "",
             "permanent failure for one or more recipients ({rcpt}:blocked)", DATA),
        ],
    ),
    "talos": Receiver(
        "esa{d}.{dashed}.iphmx.com",
        "ok:  Message {n} accepted",
        [
            (554, "",
             "esa{d}.{dashed}.iphmx.com\nYour access to this mail system has been rejected due to the sending "
             "MTA's poor reputation. If you believe that this failure is in error, please contact the intended "
             "recipient via alternate means.", CONNECT),
        ],
        [
            (550, "",
             "#5.7.1 Message contains spam or virus or sender is blocked", DATA),
        ],
    ),
    "spamcop": Receiver(
        "mail.{domain}",
        "OK id=1{hex8}",
        [
            (550, "",
             "JunkMail rejected - {ptr} [{ip}] is in an RBL, see Blocked - see "
             "https://www.spamcop.net/bl.shtml?{ip}", RCPT),
        ],
        [
            (550, "",
             "This message was classified as SPAM and may not be delivered", DATA),
        ],
    ),
    "plain": Receiver(
        "mx.{domain}|mail.{domain}|smtp.{domain}",
        "2.0.0 Ok: queued as {hex8}",
        [],
        [
            (550, "5.7.1",
             "Spam message rejected", DATA),
            (554, "5.7.1",
             "spam score too high", DATA),
        ],
    ),
}
UNKNOWN = [
    (550, "5.1.1", "<{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table", RCPT),
    (550, "5.1.1", "The email account that you tried to reach does not exist. Please try\n5.1.1 double-checking the "
     "recipient's email address for typos or\n5.1.1 unnecessary spaces. For more information, go to\n5.1.1  "
     "https://support.google.com/mail/?p=NoSuchUser {hex16}si{n}edi.{m} - gsmtp", RCPT),
    (550, "5.5.0", "Requested action not taken: mailbox unavailable (S2017062302). [DB{n}.eurprd0{d}.prod.outlook.com]",
     RCPT),
    (550, "", "Requested action not taken: mailbox unavailable\nFor explanation visit "
     "https://postmaster.gmx.net/en/case?c=r0104&i=mf", RCPT),
    (550, "5.1.1", "User unknown", RCPT),
    (550, "", "No such user here", RCPT),
    (550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient {rcpt} not found by SMTP address lookup", RCPT),
    (554, "", "delivery error: dd This user doesn't have a yahoo.com account ({rcpt}) [-5] - mta{n}.mail.bf1.yahoo.com",
     DATA),
]
FULL = [(552, "5.2.2", "The email account that you tried to reach is over quota", RCPT),
        (452, "4.2.2", "Mailbox full", RCPT)]
GREY = [(450, "4.2.0", "<{rcpt}>: Recipient address rejected: Greylisted, see "
         "http://postgrey.schweikert.ch/help/{domain}.html", RCPT),
        (451, "4.7.1", "Greylisting in action, please come back later", RCPT),
        (451, "", "Temporary local problem - please try later", RCPT)]
