/* SPDX-License-Identifier: BSD-2-Clause */
#include "planted.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "logparse/format.h"
#include "logread/source_flat.h"

#define EXIM    "1tEXAM-00000000abc-1x9B"
#define NOTICE  "1tEXAN-00000000abd-0zzz"
#define POSTFIX "4F3A2B1C0D"
#define QID     "6AUFA68U005989"
#define SESSION "7a1b2c3d4e5f6071"

enum { LINE_MAX_OCTETS = 1 << 15, CONTENT_MAX = 190 };

/*
 * A place is '{' and a letter and '}':
 *   q  inside "..", quotes and backslashes escaped (a quoted local part, Exim's
 * subject and confirmation) b  each octet that is no letter or digit behind a
 * backslash (a local part without quotes, Exim) p  an address as Exim shows it
 * of a delivery: without quotes, in small letters, then as it came, in <> t  as
 * it came: printable octets c  as it came, cut as Postfix cuts a header line g
 * without blanks ('?'), as rspamd writes a Message-ID h  a HELO as Postfix
 * writes it: no blanks, brackets, quotes _  blanks as '_' (qmail) j  in a JSON
 * text, quotes and backslashes escaped n  a name that was tried, as it came: it
 * is the line's login
 */
/* A JSON object's braces are ( and ) here: the reader makes fields of the line
 * before it is parsed. */
struct template
{
	const struct format_row *format;
	const char *program, *text;
	bool doubt; /* an administrator lets more in than the program does as it
                 comes: then nothing may be known, never another */
	bool json;
	bool replied; /* code and status are read from a place of others' words */
};

#define KUMO(type)                                                                                                     \
	"(\"type\":\"" type "\",\"id\":\"d69b\",\"sender\":\"{j}@far.example\","                                       \
	"\"recipient\":[\"{j}@example.net\","                                                                          \
	"\"{j}\"],\"queue\":\"{j}\",\"nodeid\":\"n\",\"delivery_protocol\":"                                           \
	"\"ESMTP\""
#define KUMO_REPLY ",\"response\":(\"code\":"
#define KUMO_STATUS                                                                                                    \
	",\"enhanced_code\":(\"class\":5,\"subject\":7,\"detail\":1),\"content\":"                                     \
	"\"{j}\",\"command\":\"RCPT "                                                                                  \
	"TO:<{j}>\")"
#define KUMO_PEER(name, addr) ",\"peer_address\":(\"name\":\"" name "\",\"addr\":\"" addr "\")"
#define KUMO_WORDS                                                                                                     \
	",\"meta\":(\"authn_id\":\"bob@example.com\"),\"headers\":(\"Subject\":\"{"                                    \
	"j}\",\"X-{j}\":\"{j}\",\"Message-"                                                                            \
	"ID\":\"<{j}>\")"

#define UUID "A804A276-9B50-4527-83C9-6118A4402671"
#define PARTY                                                                                                          \
	"listenerId = \"smtp\", localPort = 25, remoteIp = 203.0.113.7, remotePort "                                   \
	"= 4711, "
#define TRY                                                                                                            \
	"queueId = 7, queueName = \"remote\", from = \"{t}@far.example\", to = "                                       \
	"[\"{t}@example.net\"], size = 9, total = 1, "

/* New lines come last: inputs name a line by its number. */
#define PEER "h.example.net (c) [203.0.113.7]:4711"
static const struct template templates[] = {
	{&format_exim, "",
	 EXIM " <= \"{q}\"@far.example H=" PEER " P=esmtp S=382 id=\"{q}\"@far.example T=\"{q}\" from "
	      "<\"{q}\"@far.example> for \"{q}\"@example.org \"{q}\"@example.net"},
	{&format_exim, "",
	 EXIM " <= a@far.example H=(c) [203.0.113.7] P=esmtpsa X=TLS1.3:X:256 CV=no "
	      "A=plain:bob@example.com:\"{q}\"@far.example S=382 id=\"{q}\" T=\"{q}\""},
	{&format_exim, "",
	 EXIM " <= {b}@far.example H=[203.0.113.7] P=smtp S=3 "
	      "id=a.\"{q}\".b@far.example for {b}@example.org"},
	{&format_exim, "", EXIM " <= <> R=" NOTICE " U=Debian-exim P=local S=1700 T=\"{q}\" for \"{q}\"@example.net"},
	{&format_exim, "", EXIM " <= bob@example.com U=bob P=local S=17 id=\"{q}\"@example.com T=\"{q}\""},
	{&format_exim, "",
	 EXIM " <= a@far.example H=(c) [203.0.113.7] U={t} P=esmtp S=3 "
	      "id=\"{q}\"@far.example",
	 .doubt = true},
	{&format_exim, "",
	 EXIM " <= a@far.example H=(c{t}) [203.0.113.7] P=esmtp S=3 "
	      "id=\"{q}\"@far.example",
	 .doubt = true},
	{&format_exim, "",
	 EXIM " <= a@far.example H=(c) [203.0.113.7] P=esmtps X=A:B:1 CV=no "
	      "DN=\"{t}\" SNI=\"{t}\" S=3 "
	      "id=\"{q}\"@far.example",
	 .doubt = true},
	{&format_exim, "",
	 EXIM " => {p} F=<\"{q}\"@far.example> R=dnslookup T=remote_smtp "
	      "H=mx.example.net [192.0.2.25] "
	      "C=\"250 OK {q}\" QT=2s"},
	{&format_exim, "",
	 EXIM " -> a@example.net <\"{q}\"@example.com> R=dnslookup T=remote_smtp "
	      "H=mx.example.net [192.0.2.25] "
	      "C=\"250 OK {q}\""},
	{&format_exim, "", EXIM " => bob <\"{q}\"@example.com> R=localuser T=local_delivery"},
	{&format_exim, "",
	 EXIM " ** {p} R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.25]: "
	      "SMTP error from remote mail "
	      "server after RCPT TO:<\"{q}\"@example.net>: 550 5.1.1 {t}"},
	{&format_exim, "",
	 EXIM " == {p} R=dnslookup T=remote_smtp defer (-44) H=mx.example.net "
	      "[192.0.2.25]: SMTP error from "
	      "remote mail server after RCPT TO:<\"{q}\"@example.net>: 451 4.7.1 {t}"},
	{&format_exim, "", EXIM " ** {p}: Unknown user"},
	{&format_exim, "", EXIM " ** {p} : Unrouteable address"},
	{&format_exim, "",
	 "H=(c) [203.0.113.7]:5 F=<\"{q}\"@far.example> rejected RCPT "
	 "<\"{q}\"@example.org>: relay not permitted"},
	{&format_exim, "",
	 "H=" PEER " X=A:B:1 CV=no A=plain:bob F=<\"{q}\"@far.example> rejected "
	 "after DATA: {t}",
	 .doubt = true, .replied = true},
	{&format_exim, "",
	 EXIM " H=(c) [203.0.113.7]:5 F=<\"{q}\"@far.example> temporarily rejected "
	      "after DATA: {t}",
	 .doubt = true, .replied = true},
	{&format_exim, "",
	 "H=(c{t}) [203.0.113.7]:5 F=<a@far.example> rejected RCPT "
	 "<a@example.org>: relay not permitted",
	 .doubt = true},
	{&format_exim, "",
	 "plain authenticator failed for (c) [203.0.113.7]:5: 535 Incorrect "
	 "authentication data (set_id={n})",
	 .doubt = true},
	{&format_exim, "",
	 "SMTP protocol error in \"{t}\" H=(c) [203.0.113.7] AUTH command used "
	 "when not advertised"},
	{&format_exim, "",
	 "SMTP protocol synchronization error (next input sent too soon): rejected "
	 "\"{t}\" H=(c) [203.0.113.7]:5 "
	 "next input=\"{t}\"",
	 .doubt = true},
	{&format_exim, "",
	 "rejected EHLO from [203.0.113.7]:5: syntactically invalid argument(s): "
	 "{t}"},

	{&format_postfix, "postfix/smtpd",
	 POSTFIX ": client=h.example.net[203.0.113.7], sasl_method=PLAIN, "
		 "sasl_username=bob@example.com, sasl_sender={t}"},
	{&format_postfix, "postfix/smtpd", POSTFIX ": client=h.example.net[203.0.113.7], sasl_sender={t}"},
	{&format_postfix, "postfix/smtpd",
	 "NOQUEUE: reject: RCPT from h.example.net[203.0.113.7]: 454 4.7.1 "
	 "<{t}@example.org>: "
	 "Relay access denied; from=<\"{q}\"@far.example> to=<\"{q}\"@example.org> "
	 "proto=ESMTP "
	 "helo=<{h}>"},
	{&format_postfix, "postfix/smtpd",
	 "NOQUEUE: reject: RCPT from h.example.net[203.0.113.7]: 550 5.7.1 "
	 "<{t}@example.org>: no; "
	 "from=<\"{q}\"@far.example> to=<\"{q}\"@example.org> proto=ESMTP "
	 "helo=<{h}> "
	 "sasl_method=PLAIN sasl_username=bob@example.com"},
	{&format_postfix, "postfix/cleanup",
	 POSTFIX ": milter-reject: END-OF-MESSAGE from h.example.net[203.0.113.7]: "
		 "5.7.1 {t}; "
		 "from=<\"{q}\"@far.example> to=<\"{q}\"@example.org> proto=ESMTP "
		 "helo=<{h}>"},
	{&format_postfix, "postfix/cleanup", POSTFIX ": message-id=<\"{q}\"@far.example>"},
	{&format_postfix, "postfix/cleanup", POSTFIX ": message-id={t}"},
	{&format_postfix, "postfix/cleanup",
	 POSTFIX ": reject: header Subject: {c} from h.example.net[203.0.113.7]; "
		 "from=<\"{q}\"@far.example> to=<\"{q}\"@example.org> proto=ESMTP "
		 "helo=<{h}>: 5.7.1 no"},
	{&format_postfix, "postfix/cleanup",
	 POSTFIX ": warning: header Subject: {c} from h.example.net[203.0.113.7]; "
		 "from=<\"{q}\"@far.example> to=<\"{q}\"@example.org> proto=ESMTP "
		 "helo=<{h}>"},
	{&format_postfix, "postfix/qmgr", POSTFIX ": from=<\"{q}\"@far.example>, size=382, nrcpt=2 (queue active)"},
	{&format_postfix, "postfix/qmgr", POSTFIX ": from=<\"{q}\"@far.example>, status=expired, returned to sender"},
	{&format_postfix, "postfix/pickup", POSTFIX ": uid=33 from=<\"{q}\"@far.example>"},
	{&format_postfix, "postfix/smtp",
	 POSTFIX ": to=<\"{q}\"@example.net>, orig_to=<\"{q}\"@example.com>, "
		 "relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0/1, "
		 "dsn=5.1.1, status=bounced "
		 "(host mx.example.net[192.0.2.25] said: 550 5.1.1 {t} (in reply "
		 "to RCPT TO command))"},
	{&format_postfix, "postfix/smtp",
	 POSTFIX ": to=<\"{q}\"@example.net>, relay=mx.example.net[192.0.2.25]:25, "
		 "delay=1, "
		 "delays=0/0/0/1, tls=may, dsn=4.7.1, status=deferred (host "
		 "mx.example.net[192.0.2.25] said: "
		 "451 4.7.1 {t} (in reply to end of DATA command))"},
	{&format_postfix, "postfix/local",
	 POSTFIX ": to=<\"{q}\"@example.com>, relay=local, delay=1, "
		 "delays=0/0/0/1, dsn=5.1.1, "
		 "status=bounced (unknown user: \"{t}\")"},
	{&format_postfix, "postfix/smtpd",
	 "warning: h.example.net[203.0.113.7]: SASL PLAIN authentication failed: "
	 "(reason "
	 "unavailable), sasl_username={n}"},
	{&format_postfix, "postfix/smtpd",
	 "warning: Illegal address syntax from h.example.net[203.0.113.7] in MAIL "
	 "command: <{t}>"},
	{&format_postfix, "postfix/postscreen",
	 "NOQUEUE: reject: RCPT from [203.0.113.7]:5: 550 5.7.1 Service "
	 "unavailable; client "
	 "[203.0.113.7] blocked using list.example; from=<\"{q}\"@far.example>, "
	 "to=<\"{q}\"@example.org>, proto=ESMTP, helo=<{h}>"},

	{&format_sendmail, "sendmail",
	 QID ": from=<\"{q}\"@far.example>, size=77, class=0, nrcpts=2, "
	     "msgid=<\"{q}\"@far.example>, "
	     "proto=ESMTP, daemon=MTA, relay=h.example.net [203.0.113.7]"},
	{&format_sendmail, "sendmail",
	 QID ": from=<a@far.example>, size=77, class=0, nrcpts=2, msgid={t}, "
	     "proto=ESMTP, daemon=MTA, "
	     "relay=h.example.net [203.0.113.7]"},
	{&format_sendmail, "sendmail",
	 QID ": from=bob, size=77, class=0, nrcpts=2, msgid=<{t}>, "
	     "relay=bob@localhost"},
	{&format_sendmail, "sendmail",
	 QID ": to=<\"{q}\"@example.net>, ctladdr=<bob@example.com> (1001/1001), "
	     "delay=00:00:01, "
	     "xdelay=00:00:00, mailer=esmtp, pri=1, relay=mx.example.net. "
	     "[192.0.2.25], dsn=5.1.1, reply=550 "
	     "5.1.1 {t}, stat=User unknown"},
	{&format_sendmail, "sendmail",
	 QID ": to=<\"{q}\"@example.net>, delay=00:00:01, mailer=esmtp, "
	     "relay=mx.example.net. "
	     "[192.0.2.25], dsn=4.7.1, reply=450 4.7.1 {t}, stat=Deferred: 450 "
	     "4.7.1 {t}"},
	{&format_sendmail, "sendmail",
	 QID ": to=<\"{q}\"@example.net>, delay=00:00:01, mailer=esmtp, "
	     "relay=mx.example.net. "
	     "[192.0.2.25], dsn=2.0.0, stat=Sent ({t})",
	 .replied = true},
	{&format_sendmail, "sendmail",
	 QID ": ruleset=check_rcpt, arg1=<\"{q}\"@example.org>, "
	     "relay=h.example.net [203.0.113.7], "
	     "reject=550 5.7.1 <\"{q}\"@example.org>... Relaying denied"},
	{&format_sendmail, "sendmail",
	 "AUTH failure (LOGIN): user not found (-20) SASL(-13): user not found: "
	 "checkpass failed, "
	 "user={n}, relay=h.example.net [203.0.113.7]"},

	{&format_opensmtpd, "smtpd",
	 SESSION " smtp envelope evpid=3a4b5c6d7e8f9a0b from=<\"{q}\"@far.example> "
		 "to=<\"{q}\"@example.org>"},
	{&format_opensmtpd, "smtpd", SESSION " smtp authentication user={n} result=permfail"},
	{&format_opensmtpd, "smtpd",
	 SESSION " smtp failed-command command=\"RCPT TO:<{t}@example.org>\" "
		 "result=\"550 Invalid "
		 "recipient: <{t}@example.org>\"",
	 .replied = true},
	{&format_opensmtpd, "smtpd",
	 SESSION " mta delivery evpid=3a4b5c6d7e8f9a0b from=<\"{q}\"@far.example> "
		 "to=<\"{q}\"@example.net> rcpt=<\"{q}\"@example.com> "
		 "source=\"192.0.2.10\" "
		 "relay=\"192.0.2.25 (mx.example.net)\" delay=1s "
		 "result=\"PermFail\" stat=\"550 5.1.1 {t}\""},

	{&format_dovecot, "dovecot",
	 "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): "
	 "user=<{n}>, method=PLAIN, "
	 "rip=203.0.113.7, lip=192.0.2.1, session=<abc>"},
	{&format_dovecot, "dovecot",
	 "imap-login: Login aborted: Connection closed (auth failed, 1 attempts in "
	 "2 secs) (auth_failed): "
	 "user=<{n}>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, TLS, "
	 "session=<abc>"},
	{&format_dovecot, "dovecot",
	 "auth: plain(?,203.0.113.7): Username character disallowed by "
	 "auth_username_chars: 0x2c "
	 "(username: {t})"},
	{&format_dovecot, "dovecot", "lmtp(bob)<1><a>: sieve: msgid=<{t}>: forwarded to <c@example.net>"},
	{&format_dovecot, "dovecot",
	 "auth-worker(12): pam_unix(dovecot:auth): authentication failure; "
	 "logname= uid=0 euid=0 "
	 "tty=dovecot ruser={n} rhost=203.0.113.7 ",
	 .doubt = true},

	{&format_php, "php",
	 "mail() on [/var/www/a.php:3]: To: {t} -- Headers: From: {t} -- Subject: "
	 "{t}"},

	{&format_qmail, "qmail", "info msg 71: bytes 82 from <{t}> qp 93 uid 1033"},
	{&format_qmail, "qmail", "starting delivery 5: msg 71 to remote {t}"},
	{&format_qmail, "qmail",
	 "delivery 5: failure: "
	 "192.0.2.25_does_not_like_recipient./Remote_host_said:_550_5.1.1_{_}/"
	 "Giving_up_on_192.0.2.25./"},
	{&format_qmail, "smtp_auth", "FAILED: {n} - password incorrect from unknown@ [203.0.113.7]"},
	{&format_qmail, "smtp_auth", "Invalid mail address '{t}'"},
	{&format_qmail, "vpopmail", "vchkpw-smtp: vpopmail user not found {n}:203.0.113.7"},
	{&format_qmail, "spamdyke",
	 "ALLOWED from: {t}@far.example to: {t}@example.org origin_ip: 203.0.113.7 "
	 "origin_rdns: (unknown) auth: "
	 "(unknown) encryption: (none)",
	 .doubt = true},
	{&format_qmail, "spamdyke",
	 "ALLOWED from: {t}@far.example to: {t}@example.net origin_ip: 203.0.113.7 "
	 "origin_rdns: (unknown) auth: "
	 "bob@example.com encryption: TLS reason: (empty)",
	 .doubt = true},
	{&format_qmail, "",
	 "CHKUSER relaying rcpt: from <{t}@far.example:bob@example.com:> remote "
	 "<c{t}:unknown:203.0.113.7> rcpt "
	 "<{t}@example.org> : client allowed to relay",
	 .doubt = true},
	{&format_qmail, "",
	 "CHKUSER accepted rcpt: from <{t}@far.example::> remote "
	 "<c{t}:unknown:203.0.113.7> rcpt <{t}@example.org> : "
	 "found existing recipient",
	 .doubt = true},
	{&format_qmail, "",
	 "qmail-smtpd: pid 7 Accept::RCPT::Rcpthosts_Rcptto P:ESMTP "
	 "S:203.0.113.7:unknown H:{t} F:{t}@far.example "
	 "T:{t}@example.org",
	 .doubt = true},
	{&format_qmail, "",
	 "qmail-smtpd: pid 7 Accept::AUTH::plain P:ESMTPSA S:203.0.113.7:unknown "
	 "H:{t} F:{t}@far.example "
	 "T:{t}@example.net ?~ 'bob@example.com'",
	 .doubt = true},
	{&format_qmail, "",
	 "qlogenvelope: result=accepted code=250 reason=rcptto detail=chkuser "
	 "helo={t} mailfrom={t}@far.example "
	 "rcptto={t}@example.org relay=no rcpthosts=yes size= authuser= authtype= "
	 "encrypted= sslverified=no "
	 "localip=192.0.2.1 localport=25 remoteip=203.0.113.7 remoteport=4711 "
	 "remotehost=h.example.net qp= pid=7",
	 .doubt = true},

	{&format_exim, "",
	 "H=(c{t}) [203.0.113.7]:5 I=[192.0.2.10]:25 F=<\"{q}\"@far.example> "
	 "temporarily rejected RCPT "
	 "<\"{q}\"@example.org>: 451 later",
	 .doubt = true},
	{&format_exim, "", EXIM " H=(c{t}) [203.0.113.7]:5 F=<a@far.example> rejected after DATA: no", .doubt = true},
	{&format_exim, "", "H=(c{t}) [203.0.113.7]:5 rejected MAIL <\"{q}\"@far.example>: no", .doubt = true},
	{&format_exim, "",
	 "H=(c{t}) [203.0.113.7]:5 F=<a@far.example> RCPT <\"{q}\"@example.org>: "
	 "discarded by RCPT ACL",
	 .doubt = true},
	{&format_exim, "", "H=(c{t}) [203.0.113.7]:5 Warning: {t}", .doubt = true},
	{&format_exim, "",
	 "no MAIL in SMTP connection from (c{t}) [203.0.113.7]:5 D=2s "
	 "A=plain:bob@example.com C=EHLO,AUTH,QUIT",
	 .doubt = true},
	{&format_exim, "",
	 "plain authenticator failed for (c{t}) [203.0.113.7]:5: 535 Incorrect "
	 "authentication data (set_id={n})",
	 .doubt = true},

	{&format_sendmail, "sendmail",
	 "ruleset=check_relay, arg1=h.example.net, arg2=203.0.113.7, "
	 "relay=h.example.net [203.0.113.7], "
	 "reject=553 5.3.0 {t}"},

	{&format_filter, "rspamd",
	 "<abc123>; task; rspamd_task_write_log: id: <{g}>, qid: <" POSTFIX ">, ip: 203.0.113.7, user: "
	 "bob@example.com, from: <\"{q}\"@far.example>, (default: F (no action): "
	 "[1.00/15.00] [X(0.00){t}]), len: 9"},
	{&format_filter, "rspamd",
	 "<abc123>; task; rspamd_task_write_log: id: <{g}>, qid: <" POSTFIX ">, ip: 203.0.113.7, from: "
	 "<\"{q}\"@far.example>, (default: F (no action): [1.00/15.00] "
	 "[X(0.00){t}]), len: 9"},
	{&format_filter, "amavis",
	 "(12345-01) Passed CLEAN, [203.0.113.7]:4711 [203.0.113.7] "
	 "<\"{q}\"@far.example> -> "
	 "<\"{q}\"@example.com>,<\"{q}\"@example.org>, Queue-ID: " POSTFIX ", Message-ID: <{t}>, mail_id: x, "
	 "Hits: -1, size: 9, queued_as: 4FEEED, 500 ms"},
	{&format_exim, "", "rejected MAIL from (c{t}) [203.0.113.7]:5: no HELO/EHLO given", .doubt = true},
	{&format_exim, "",
	 "SMTP call from (c{t}) [203.0.113.7]:5 dropped: too many syntax or "
	 "protocol errors (last command was \"{t}\")",
	 .doubt = true},
	{&format_exim, "",
	 "SMTP protocol error in \"{t}\" H=(c{t}) [203.0.113.7]:5 AUTH command "
	 "used when not advertised",
	 .doubt = true},
	{&format_exim, "", "SMTP connection from (c{t}) [203.0.113.7]:5 lost D=1s", .doubt = true},

	{&format_kumomta, "", KUMO("Reception") KUMO_PEER("h{j}", "203.0.113.7") KUMO_WORDS ")", .json = true},
	{&format_kumomta, "", KUMO("Bounce") KUMO_REPLY "550" KUMO_STATUS KUMO_PEER("mx.", "192.0.2.25") KUMO_WORDS ")",
	 .json = true},
	{&format_kumomta, "",
	 KUMO("Rejection") KUMO_REPLY "550" KUMO_STATUS KUMO_PEER("h{j}", "203.0.113.7") KUMO_WORDS ")", .json = true},

	{&format_haraka, "", "[NOTICE] [" UUID ".1] [core] sender <\"{q}\"@far.example> code=CONT msg=\"{q}\""},
	{&format_haraka, "",
	 "[NOTICE] [" UUID ".1] [core] recipient <\"{q}\"@example.net> code=OK "
	 "msg=\"{q}\" sender=\"{q}\""},
	{&format_haraka, "",
	 "[NOTICE] [" UUID ".1] [core] message mid=\"<{q}>\" size=9 rcpts=1/0/0 "
	 "delay=0 code=CONT msg=\"{q}\""},
	{&format_haraka, "", "[NOTICE] [" UUID ".1] [core] queue code=DENY msg=\"no {q}\"", .replied = true},
	{&format_haraka, "",
	 "[NOTICE] [" UUID ".1.1] [outbound] recipient <\"{q}\"@example.net> "
	 "rejected: 550 5.1.1 {t}"},
	{&format_haraka, "", "[INFO] [" UUID ".1.1] [outbound] bouncing mail: 550 5.1.1 {t}"},
	{&format_haraka, "",
	 "[NOTICE] [" UUID ".1.1] [outbound]  delivered file=1_vm "
	 "domain=example.net host=mx.example.net ip=192.0.2.25 "
	 "port=25 mode=SMTP tls=N auth=N response=\"{q}\" delay=0.1 fails=0 "
	 "rcpts=1/0/0"},
	{&format_haraka, "", "[INFO] [" UUID "] [auth/auth_vpopmaild] AUTH user=\"{n}\" success=false"},
	{&format_haraka, "",
	 "[NOTICE] [" UUID "] [core] disconnect ip=203.0.113.7 rdns=h helo=\"{q}\" "
	 "relay=N early=N txns=1 rcpts=0/0/1 "
	 "lr=\"550 I cannot deliver mail for <{q}>\" time=0.1"},
	{&format_haraka, "",
	 "(\"level\":\"NOTICE\",\"uuid\":\"" UUID ".1\",\"origin\":\"core\",\"message\":\"recipient <a@example.net>\","
	 "\"code\":\"OK\",\"msg\":\"{j}\",\"sender\":\"{j}\")",
	 .json = true},

	{&format_stalwart, "",
	 "INFO Queued message (queue.message-queued) " PARTY "queueId = 7, from = \"{t}@far.example\", to = "
	 "[\"{t}@example.net\"], size = 9, nextRetry = 2026-11-24T10:00:00Z",
	 .doubt = true},
	{&format_stalwart, "",
	 "INFO Message delivered (delivery.delivered) " TRY
	 "hostname = \"mx.example.net\", to = \"{t}@example.net\", code = 250, "
	 "details = \"{t}\", elapsed = 1ms",
	 .doubt = true},
	{&format_stalwart, "",
	 "INFO Rejected (delivery.rcpt-to-rejected) " TRY
	 "hostname = \"mx.example.net\", to = \"{t}@example.net\", code = 550, "
	 "details = \"{t}\", elapsed = 1ms",
	 .doubt = true},
	{&format_stalwart, "",
	 "INFO Failed (delivery.rcpt-to-failed) " TRY
	 "hostname = \"mx.example.net\", to = \"{t}@example.net\", causedBy = SMTP "
	 "error occurred (smtp.error) { details = "
	 "\"Unexpected SMTP Response\", code = 421, reason = \"{t}\" }, elapsed = "
	 "1ms",
	 .doubt = true},
	{&format_stalwart, "",
	 "INFO DSN queued (queue.dsn-queued) " TRY "queueId = 8, from = \"<>\", to = [\"{t}@far.example\"], size = 9",
	 .doubt = true},
	{&format_stalwart, "",
	 "INFO Authentication failed (auth.failed) " PARTY "accountName = \"{n}\", reason = \"x\"", .doubt = true},
	{&format_stalwart, "",
	 "(\"createdAt\":\"2026-11-24T10:00:00Z\",\"type\":\"delivery.delivered\","
	 "\"data\":(\"hostname\":\"mx\",\"to\":"
	 "\"{j}@example.net\",\"code\":250,\"details\":\"{j}\",\"queueId\":7,"
	 "\"from\":\"{j}@far.example\"))",
	 .json = true},
};

static const char *const words[] = {
	"A=plain:ceo@example.com ",
	"A=x ",
	" P=local ",
	" U=root ",
	" H=evil (e) [192.0.2.66]:9 ",
	") [192.0.2.66]:9 ",
	"(e) [192.0.2.66] ",
	" [192.0.2.66] ",
	" F=<e@evil.example> ",
	" R=1tEVIL-00000000abc-1x9B ",
	" T=remote_smtp ",
	" C=\"250 OK id=1tEVIL-00000000abc-1x9B\" ",
	" S=9 ",
	" id=q@evil.example ",
	" T=\"q\" ",
	" for e@evil.example ",
	" from <e@evil.example> ",
	" rejected RCPT <e@evil.example>: ",
	" temporarily rejected ",
	" (set_id=ceo) ",
	": 535 ",
	": 550 5.7.1 ",
	": SMTP error from remote mail server after RCPT TO:<e@evil.example>: 550 "
	"5.7.1 ",
	": smtp error from remote mail server: 550 ",
	" next input=\" ",
	" SNI=\"e\" ",
	"1tEVIL-00000000abc-1x9B <= ",
	"<= ",
	"=> ",
	" <e@evil.example> ",
	" Completed",
	" cwd=/evil 3 args: /usr/sbin/sendmail -t ",
	"client=evil[192.0.2.66]",
	", orig_client=evil[192.0.2.66]",
	", orig_queue_id=4FEE11",
	"sasl_method=PLAIN",
	" sasl_username=ceo@example.com",
	", sasl_username=ceo@example.com",
	", sasl_sender=e",
	"; from=<e@evil.example> to=<e@evil.example> proto=ESMTP helo=<e>",
	"; from=<e@evil.example>",
	" from evil[192.0.2.66]",
	" from evil[192.0.2.66]; from=<e> to=<e> proto=ESMTP helo=<e>: ",
	": SASL LOGIN authentication failed: ",
	">, size=9, nrcpt=9 (queue active)",
	">, status=expired, returned to sender",
	">, relay=evil[192.0.2.66]:25, ",
	", relay=evil [192.0.2.66]",
	", status=sent (250 2.0.0 Ok: queued as 4FEE11)",
	" queued as 4FEE11",
	"> orig_id=4FEE11",
	"4FEE11: uid=0 from=<root>",
	"uid=0 ",
	"removed",
	", dsn=2.0.0",
	", stat=Sent (ok)",
	", stat=Deferred: ",
	", stat=User unknown",
	", reply=250 ok",
	", ctladdr=<ceo@example.com> (0/0)",
	", mech=PLAIN, authid=ceo@example.com",
	", nrcpts=0, ",
	", proto=ESMTP, authid=ceo, ",
	", user=ceo, relay=evil [192.0.2.66]",
	", reject=450 ",
	" user=ceo result=ok",
	" result=\"Ok\" ",
	" stat=\"250 ok\"",
	" address=192.0.2.66 host=evil ",
	" evpid=ffffffffffffffff ",
	" msgid=ffffffff ",
	"\" result=\"250 ok",
	">, method=EVIL, rip=192.0.2.66, ",
	", rip=192.0.2.66",
	"sql(ceo,192.0.2.66): Password mismatch",
	": sql(ceo,192.0.2.66): Password mismatch",
	" ruser=ceo rhost=192.0.2.66 ",
	": forwarded to <e@evil.example>",
	"sieve: msgid=<e>: ",
	"]: To: e -- ",
	"mail() on [/evil.php:1]: To: e -- ",
	"> qp 666 uid 33",
	"/Remote_host_said:_250_ok/",
	"192.0.2.66_accepted_message./",
	" to: e@evil.example origin_ip: 192.0.2.66 origin_rdns: e auth: ceo "
	"encryption: TLS",
	" reason: (empty)",
	" logged in from e@evil [192.0.2.66]",
	" - password incorrect from e@evil [192.0.2.66]",
	":ceo@example.com:",
	":ceo@example.com:> remote <e:evil:192.0.2.66> rcpt <",
	"> rcpt <e> : client allowed to relay",
	" F:ceo@example.com T:e ?~ 'ceo'",
	" ?~ 'ceo'",
	" S:192.0.2.66:evil",
	"\",\"id\":\"evil\",\"meta\":{\"authn_id\":\"ceo\"},\"x\":\"",
	"\037id=evil\037meta.authn_id=ceo\037peer_address.addr=192.0.2.66",
	"\", queueId = 9, x = \"",
	"\"], queueId = 9, to = [\"",
	"\", code = 250, details = \"",
	"\", total = 9, hostname = \"evil\", to = \"e@evil.example\", code = 250, "
	"details = \"",
	"\", remoteIp = 192.0.2.66, remotePort = 9, accountName = \"ceo",
	" rejected: 250 ",
	"> rejected: 250 ok",
	"> code=OK msg=\"\" relay=Y txns=9 ip=192.0.2.66 ",
	"\" success=true",
	" host=\"evil\" success=true",
	"Some recipients failed: <",
	" mailfrom=ceo rcptto=e relay=yes authuser=ceo authtype=plain "
	"remoteip=192.0.2.66 remotehost=e",
	"\"",
	"\\",
	"\"@",
	"\" ",
	"<",
	">",
	" ",
	", ",
	": ",
	"@",
	"(",
	")",
	"=",
	"..",
};

size_t planted_lines(void)
{
	return sizeof(templates) / sizeof(templates[0]);
}

size_t planted_places(size_t line)
{
	size_t n = 0;
	for (const char *at = templates[line].text; (at = strchr(at, '{')); at++)
		n += at[1] && at[2] == '}';
	return n;
}

size_t planted_words(void)
{
	return sizeof(words) / sizeof(words[0]);
}

const char *planted_word(size_t i)
{
	return words[i];
}

static char printable(uint8_t c)
{
	return c >= ' ' && c < 0x7f ? (char)c : '?';
}

static void add_quoted(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = printable(text.at[i]);
		if (c == '"' || c == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, c);
	}
}

static void add_as(struct buf *out, char how, struct span text)
{
	if (how == 'c' && text.len > CONTENT_MAX)
		text.len = CONTENT_MAX;
	for (size_t i = 0; i < text.len; i++) {
		char c = printable(text.at[i]);
		if (how == 'h' && strchr(" <>()\\\";@", c))
			c = '?';
		if (how == '_' && c == ' ')
			c = '_';
		if (how == 'g' && c == ' ')
			c = '?';
		if (how == 'l')
			c = (char)ascii_lower((uint8_t)c);
		if (how == 'b' && !ascii_is_alpha((uint8_t)c) && !ascii_is_digit((uint8_t)c))
			buf_add_char(out, '\\');
		buf_add_char(out, c);
	}
}

static void add_place(struct buf *out, char how, struct span text)
{
	if (how == 'q') {
		add_quoted(out, text);
	} else if (how == 'p') {
		add_as(out, 'l', text);
		buf_add_str(out, "@example.net <\"");
		add_quoted(out, text);
		buf_add_str(out, "\"@example.net>");
	} else if (how == 'j') {
		add_quoted(out, text);
	} else {
		add_as(out, how, text);
	}
}

static void add_own(struct buf *out, const struct template *t, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)text.at[i];
		buf_add_char(out, t->json && c == '(' ? '{' : t->json && c == ')' ? '}' : c);
	}
}

/* What the reader makes of it. */
static void read_object(struct buf *line)
{
	struct buf flat = buf_make(LINE_MAX_OCTETS);
	if (source_flat(buf_span(line), &flat) < 0)
		abort();
	buf_release(line);
	*line = flat;
}

static const char *place_of(const char *at)
{
	while ((at = strchr(at, '{')) && !(at[1] && at[2] == '}'))
		at++;
	return at;
}

static char fill(struct buf *out, const struct template *t, size_t place, struct span text)
{
	const char *at = t->text, *open;
	char how = 0;
	for (size_t n = 0; (open = place_of(at)); n++, at = open + 3) {
		add_own(out, t, span_of(at, (size_t)(open - at)));
		add_place(out, open[1], n == place ? text : span_str("harmless"));
		if (n == place)
			how = open[1];
	}
	add_own(out, t, span_str(at));
	if (t->json && !out->error)
		read_object(out);
	return how;
}

static enum line_result read(const struct template *t, const struct buf *line, struct mail_event *ret_event)
{
	struct log_line l = {.raw = buf_span(line), .program = span_str(t->program), .text = buf_span(line)};
	uint32_t kind = 0;
	*ret_event = (struct mail_event){0};
	if (t->format->program(l.program, &kind) == CLAIM_NO)
		return LINE_FOREIGN;
	return t->format->parse(&l, kind, WANT_CONNECTIONS, ret_event);
}

struct comparison {
	const struct template *t;
	const char *differs;
};

static void same(struct comparison *c, const char *name, bool equal, bool empty)
{
	if (!equal && !(c->t->doubt && empty))
		c->differs = name;
}

static void same_span(struct comparison *c, const char *name, struct span now, struct span before)
{
	same(c, name, span_equal(now, before), now.len == 0);
}

static void same_addr(struct comparison *c, const char *name, const struct addr *now, const struct addr *before)
{
	same(c, name, now->family == before->family && memcmp(now->octets, before->octets, sizeof(now->octets)) == 0,
	     now->family == 0);
}

static const char *compare(const struct template *t, const struct mail_event *now, const struct mail_event *before)
{
	struct comparison c = {t, NULL};
	same(&c, "kind", now->kind == before->kind, now->client.family == 0); /* told of nobody */
	same(&c, "link", now->link == before->link, false);
	same_span(&c, "id", now->id, before->id);
	same_span(&c, "related", now->related, before->related);
	same_addr(&c, "client", &now->client, &before->client);
	same_span(&c, "client's name", now->client_name, before->client_name);
	same_span(&c, "method", now->method, before->method);
	same_span(&c, "directory", now->directory, before->directory);
	same_span(&c, "script", now->script, before->script);
	same(&c, "uid", now->uid == before->uid, false);
	same(&c, "local", now->local == before->local, !now->local);
	same(&c, "good", now->good == before->good, !now->good);
	same(&c, "outcome", now->outcome == before->outcome, now->client.family == 0);
	same(&c, "transport", now->transport == before->transport, false);
	same_addr(&c, "relay", &now->relay, &before->relay);
	same_span(&c, "relay's name", now->relay_name, before->relay_name);
	same(&c, "remote reply", now->remote_reply == before->remote_reply, false);
	if (!t->replied) {
		same(&c, "code", now->code == before->code, now->code == 0);
		same_span(&c, "status", now->status, before->status);
	}
	return c.differs;
}

/* The name that was tried is the login, or nothing is: where it is empty or
 * says that there is none. */
static const char *compare_login(const struct mail_event *now, const struct mail_event *before, char how,
				 struct span text, bool doubt)
{
	if (how != 'n')
		return span_equal(now->login, before->login) || (doubt && now->login.len == 0) ? NULL : "login";
	return now->login.len == 0 || span_equal(now->login, text) ? NULL : "login";
}

struct planted {
	const struct template *t;
	size_t place;
	struct buf harmless, line, name;
	struct mail_event before;
	enum line_result result;
};

struct planted *planted_new(size_t line, size_t place)
{
	struct planted *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->t = &templates[line];
	p->place = place;
	p->harmless = p->line = p->name = buf_make(LINE_MAX_OCTETS);
	fill(&p->harmless, p->t, SIZE_MAX, (struct span){NULL, 0});
	p->result = read(p->t, &p->harmless, &p->before);
	return p;
}

void planted_free(struct planted *p)
{
	if (!p)
		return;
	buf_release(&p->harmless);
	buf_release(&p->line);
	buf_release(&p->name);
	free(p);
}

/* Users: a sender that pickup names is a place itself. */
static bool is_user(const struct template *t, char how, const struct mail_event *now, const struct mail_event *before)
{
	return how == 'q' || span_equal(now->user, before->user) || (t->doubt && !now->user.len);
}

bool planted_holds(struct planted *p, struct span text, char *ret_what, size_t size)
{
	const struct template *t = p->t;
	struct mail_event now;
	enum line_result result;
	const char *what = NULL;
	char how;
	buf_clear(&p->line);
	buf_clear(&p->name);
	how = fill(&p->line, t, p->place, text);
	add_as(&p->name, 't', text);
	result = read(t, &p->line, &now);
	if (p->result == LINE_UNKNOWN || p->result == LINE_FOREIGN)
		what = "harmless line not understood";
	else if (p->line.error || (how == 'n' && !text.len))
		what = NULL; /* too long; a name that was not given */
	else if (result != p->result && !(t->doubt && (result == LINE_QUIET || result == LINE_UNKNOWN)))
		what = "result";
	else if (result == LINE_EVENT && !(what = compare_login(&now, &p->before, how, buf_span(&p->name), t->doubt)))
		what = compare(t, &now, &p->before);
	if (!what && result == LINE_EVENT && !is_user(t, how, &now, &p->before))
		what = "user";
	if (what)
		snprintf(ret_what, size, "%s: %.*s", what, (int)p->line.len, buf_text(&p->line));
	return !what;
}
