/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole messages of Exim, Sendmail, OpenSMTPD and qmail: from lines to what is handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "whole_words.h"

static void exim_script_and_notice(void **state)
{
	static const char *const lines[] = {
		"2026-11-24 10:00:00 cwd=/home/bob/public_html/forum 3 args: /usr/sbin/sendmail -t -i",
		"2026-11-24 10:00:00 1tEXAM-00000000abc-1x9B <= bob@example.com U=bob P=local S=900 T=\"Hello\" for "
		"x@example.net",
		"2026-11-24 10:00:01 cwd=/var/spool/exim4 3 args: /usr/sbin/exim4 -Mc 1tEXAM-00000000abc-1x9B",
		"2026-11-24 10:00:02 1tEXAM-00000000abc-1x9B ** x@example.net R=dnslookup T=remote_smtp "
		"H=mx.example.net [198.51.100.2]: "
		"SMTP error from remote mail server after RCPT TO:<x@example.net>: 550 5.1.1 unknown",
		"2026-11-24 10:00:02 cwd=/var/spool/exim4 7 args: /usr/sbin/exim4 -t -oem -oi -f <> "
		"-E1tEXAM-00000000abc-1x9B",
		"2026-11-24 10:00:02 1tEXAN-00000000abd-0zzz <= <> R=1tEXAM-00000000abc-1x9B U=Debian-exim P=local "
		"S=1700",
		"2026-11-24 10:00:02 1tEXAM-00000000abc-1x9B Completed",
		"2026-11-24 10:00:03 1tEXAN-00000000abd-0zzz => bob <bob@example.com> R=local_user T=mail_spool",
		"2026-11-24 10:00:03 1tEXAN-00000000abd-0zzz Completed",
		NULL};
	whole_hold(lines,
		   "1tEXAN-00000000abd-0zzz notice user=Debian-exim from=<> notice-of=x@example.net | bob@example.com "
		   "delivered\n"
		   "1tEXAM-00000000abc-1x9B local user=bob dir=/home/bob/public_html/forum from=<bob@example.com> | "
		   "x@example.net rejected said=550 5.1.1 unknown\n");
}

/* Two files, both stamped in whole seconds: PHP's line is read after the message has gone. */
static void php_line_of_the_same_second(void **state)
{
	static const char *const lines[] = {
		"2026-11-24 10:00:00 1tEXAM-00000000abc-1x9B <= www-data@example.com U=www-data P=local S=900 for "
		"x@example.net",
		"2026-11-24 10:00:00 1tEXAM-00000000abc-1x9B => x@example.net R=dnslookup T=remote_smtp "
		"H=mx.example.net [198.51.100.2] C=\"250 OK\"",
		"2026-11-24 10:00:00 1tEXAM-00000000abc-1x9B Completed",
		"[24-Nov-2026 10:00:00 UTC] mail() on [/var/www/up/x.php:9]: To: x@example.net -- Headers: From: a",
		NULL};
	whole_hold(lines,
		   "1tEXAM-00000000abc-1x9B local user=www-data script=/var/www/up/x.php from=<www-data@example.com> | "
		   "x@example.net delivered\n");
}

static void sendmail_submission_queue(void **state)
{
	static const char *const lines[] = {
		"Nov 24 10:00:00 mx sendmail[70]: 4AOA0000000070: from=www-data, size=10, class=0, nrcpts=1, "
		"msgid=<1@mx>, "
		"relay=www-data@localhost",
		"Nov 24 10:00:00 mx sm-mta[71]: 4AOA0000000071: from=<www-data@mx.example.com>, size=20, class=0, "
		"nrcpts=1, msgid=<1@mx>, "
		"proto=ESMTP, daemon=MTA-v4, relay=localhost [127.0.0.1]",
		"Nov 24 10:00:00 mx sendmail[70]: 4AOA0000000070: to=x@example.net, ctladdr=www-data (33/33), "
		"delay=00:00:00, "
		"xdelay=00:00:00, mailer=relay, pri=30010, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent "
		"(4AOA0000000071 Message "
		"accepted for delivery)",
		"Nov 24 10:00:02 mx sm-mta[73]: 4AOA0000000071: to=<x@example.net>, ctladdr=<www-data@mx.example.com> "
		"(33/33), "
		"delay=00:00:02, xdelay=00:00:02, mailer=esmtp, pri=120, relay=mx.example.net. [198.51.100.2], "
		"dsn=5.7.1, stat=Service "
		"unavailable",
		"Nov 24 10:00:02 mx sm-mta[73]: 4AOA0000000071: 4AOA0200000073: DSN: Service unavailable",
		"Nov 24 10:00:02 mx sm-mta[73]: 4AOA0200000073: to=<www-data@mx.example.com>, delay=00:00:00, "
		"xdelay=00:00:00, "
		"mailer=local, pri=30, dsn=2.0.0, stat=Sent",
		NULL};
	whole_hold(lines, "4AOA0000000070 local user=www-data from=<www-data> | x@example.net delivered hop\n"
			  "4AOA0000000071 local user=www-data from=<www-data@mx.example.com> | x@example.net rejected "
			  "said=Service unavailable\n"
			  "4AOA0200000073 notice notice-of=x@example.net | www-data@mx.example.com delivered\n");
}

static void sendmail_login_and_forward(void **state)
{
	static const char *const lines[] = {
		"Nov 24 10:00:00 mx sm-mta[81]: AUTH=server, relay=h.example.org [198.51.100.7], authid=alice, "
		"mech=LOGIN, bits=0",
		"Nov 24 10:00:01 mx sm-mta[81]: 4AOA0000000081: from=<any@example.org>, size=9, class=0, nrcpts=2, "
		"proto=ESMTPA, "
		"daemon=MSP, relay=h.example.org [198.51.100.7]",
		"Nov 24 10:00:02 mx sm-mta[82]: 4AOA0000000081: to=<a@example.net>,<b@example.net>, delay=00:00:01, "
		"mailer=esmtp, pri=1, "
		"relay=mx.example.net. [198.51.100.2], dsn=2.0.0, stat=Sent (ok)",
		/* a .forward */
		"Nov 24 10:00:03 mx sm-mta[83]: 4AOA0000000083: from=<s@example.org>, size=9, class=0, nrcpts=1, "
		"proto=ESMTP, daemon=MTA, "
		"relay=h.example.org [198.51.100.9]",
		"Nov 24 10:00:04 mx sm-mta[84]: 4AOA0000000083: to=c@example.net, ctladdr=<bob@example.com> "
		"(1001/1001), delay=00:00:01, "
		"mailer=esmtp, pri=1, relay=mx.example.net. [198.51.100.2], dsn=2.0.0, stat=Sent (ok)",
		NULL};
	whole_hold(lines,
		   "4AOA0000000081 login client=198.51.100.7 login=alice from=<any@example.org> | a@example.net "
		   "delivered | "
		   "b@example.net delivered\n"
		   "4AOA0000000083 client client=198.51.100.9 user=bob from=<s@example.org> | c@example.net delivered "
		   "forwarded "
		   "of=bob@example.com\n");
}

/* The user of a program of this host stands in the sender that OpenSMTPD's sendmail makes, and there alone. */
static void opensmtpd_users(void **state)
{
#define LOCAL(session, message, from)                                                                                  \
	"Nov 24 10:00:00 mx smtpd[5]: " session " smtp connected address=local host=mx.example.com",                   \
		"Nov 24 10:00:00 mx smtpd[5]: " session " smtp message msgid=" message " size=9 nrcpt=1 proto=ESMTP",  \
		"Nov 24 10:00:00 mx smtpd[5]: " session " smtp envelope evpid=" message "00000001 from=<" from         \
		"> to=<y@example.net>"
	static const char *const lines[] = {LOCAL("00000000000000a1", "11111111", "shop1@mx.example.com"),
					    LOCAL("00000000000000a2", "22222222", "www@MX.example.com"),
					    LOCAL("00000000000000a3", "33333333", "news@example.com"), NULL};
	(void)state;
	whole_hold(lines, "11111111 local user=shop1 from=<shop1@mx.example.com> | y@example.net waiting\n"
			  "22222222 local user=www from=<www@MX.example.com> | y@example.net waiting\n"
			  "33333333 local from=<news@example.com> | y@example.net waiting\n");
#undef LOCAL
}

/* Roundcube's line has the address of whoever sits at the browser; the mail server sees its own. */
static void webmail(void **state)
{
#define SENT(id, user, client)                                                                                         \
	"2026-11-24T10:00:00Z mx postfix/smtpd[5]: " id ": client=localhost[127.0.0.1], sasl_method=LOGIN, "           \
	"sasl_username=anna@example.com",                                                                              \
		"2026-11-24T10:00:00Z mx postfix/qmgr[5]: " id ": from=<anna@example.com>, size=9, nrcpt=1 (queue "    \
		"active)",                                                                                             \
		"2026-11-24T10:00:00Z mx roundcube: <ab> User " user " [" client                                       \
		"]; Message <1@example.com> for x@example.net; 250: 2.0.0 Ok: queued as " id
	static const char *const lines[] = {SENT("4F3A2B1C01", "Anna@example.com", "203.0.113.9"),
					    SENT("4F3A2B1C02", "bob@example.com", "203.0.113.9"),
					    SENT("4F3A2B1C03", "anna@example.com", "192.168.1.4"), NULL};
	(void)state;
	whole_hold(
		lines,
		"4F3A2B1C01 login client=203.0.113.9 login=anna@example.com from=<anna@example.com> | 1 more waiting\n"
		"4F3A2B1C02 login client=127.0.0.1 login=anna@example.com from=<anna@example.com> | 1 more waiting\n"
		"4F3A2B1C03 login client=127.0.0.1 login=anna@example.com from=<anna@example.com> | 1 more waiting\n");
#undef SENT
}

static void opensmtpd_sessions(void **state)
{
	static const char *const lines[] = {
		"Nov 24 10:00:00 mx smtpd[5]: 00000000000000a1 smtp connected address=198.51.100.7 host=h.example.org",
		"Nov 24 10:00:00 mx smtpd[5]: 00000000000000a1 smtp authentication user=alice result=ok",
		"Nov 24 10:00:00 mx smtpd[5]: 00000000000000a2 smtp connected address=local host=mx.example.com",
		"Nov 24 10:00:01 mx smtpd[5]: 00000000000000a1 smtp message msgid=11111111 size=9 nrcpt=1 proto=ESMTP",
		"Nov 24 10:00:01 mx smtpd[5]: 00000000000000a1 smtp envelope evpid=1111111100000001 "
		"from=<a@example.com> to=<x@example.net>",
		"Nov 24 10:00:01 mx smtpd[5]: 00000000000000a2 smtp message msgid=22222222 size=9 nrcpt=1 proto=ESMTP",
		"Nov 24 10:00:01 mx smtpd[5]: 00000000000000a2 smtp envelope evpid=2222222200000001 "
		"from=<www@example.com> "
		"to=<y@example.net>",
		"Nov 24 10:00:02 mx smtpd[5]: 00000000000000b1 mta delivery evpid=1111111100000001 "
		"from=<a@example.com> to=<x@example.net> "
		"rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.2 (mx.example.net)\" delay=1s result=\"PermFail\" "
		"stat=\"550 5.7.1 "
		"blocked\"",
		"Nov 24 10:00:02 mx smtpd[5]: 00000000000000b1 mta delivery evpid=2222222200000001 "
		"from=<www@example.com> "
		"to=<y@example.net> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.2 (mx.example.net)\" delay=1s "
		"result=\"Ok\" "
		"stat=\"250 ok\"",
		NULL};
	whole_hold(lines,
		   "11111111 login client=198.51.100.7 login=alice from=<a@example.com> | x@example.net rejected "
		   "said=550 5.7.1 "
		   "blocked\n"
		   "22222222 local from=<www@example.com> | y@example.net delivered\n");
}

static void qmail_bounces(void **state)
{
	static const char *const lines[] = {
		"@400000006a6f0d2000000000 new msg 100",
		"@400000006a6f0d2000000001 info msg 100: bytes 10 from <www@example.com> qp 500 uid 33",
		"@400000006a6f0d2000000002 starting delivery 1: msg 100 to remote x@example.net",
		"@400000006a6f0d2000000003 delivery 1: failure: "
		"198.51.100.2_does_not_like_recipient./Remote_host_said:_550_no/"
		"Giving_up_on_198.51.100.2./",
		"@400000006a6f0d2000000004 bounce msg 100 qp 501",
		"@400000006a6f0d2000000005 end msg 100",
		"@400000006a6f0d2000000006 new msg 101",
		"@400000006a6f0d2000000007 info msg 101: bytes 90 from <> qp 501 uid 7796",
		"@400000006a6f0d2000000008 starting delivery 2: msg 101 to local www@example.com",
		"@400000006a6f0d2000000009 delivery 2: success: did_1+0+0/",
		"@400000006a6f0d200000000a end msg 101",
		NULL};
	whole_hold(lines, "101 notice from=<> notice-of=x@example.net | www@example.com delivered\n"
			  "100 local from=<www@example.com> | x@example.net rejected said=550_no\n");
}

#define VPOPMAIL(second, service)                                                                                      \
	"Nov 24 10:00:" second " mx vpopmail[9]: vchkpw-" service ": (LOGIN) login success a@example.com:203.0.113.9"
#define QMAIL(second, id, sender)                                                                                      \
	"Nov 24 10:00:" second " mx qmail: 1795514400.1 info msg " id ": bytes 10 from <" sender "> qp 5" id           \
	" uid 89",                                                                                                     \
		"Nov 24 10:00:" second " mx qmail: 1795514400.2 starting delivery " id ": msg " id                     \
		" to remote x@example.net",                                                                            \
		"Nov 24 10:00:" second " mx qmail: 1795514400.3 delivery " id                                          \
		": success: 198.51.100.2_accepted_message./",                                                          \
		"Nov 24 10:00:" second " mx qmail: 1795514400.4 end msg " id

/* Who logs in to send and does so at once, under that name. Reading mail is no sending, and later it is anybody's word. */
static void qmail_logins(void **state)
{
	static const char *const lines[] = {VPOPMAIL("01", "pop3"),
					    QMAIL("02", "100", "a@example.com"),
					    VPOPMAIL("03", "submission"),
					    QMAIL("04", "101", "a@example.com"),
					    QMAIL("05", "102", "b@example.com"),
					    QMAIL("40", "103", "a@example.com"),
					    NULL};
	(void)state;
	whole_hold(lines,
		   "101 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "100 unknown from=<a@example.com> | x@example.net delivered\n"
		   "102 unknown from=<b@example.com> | x@example.net delivered\n"
		   "103 unknown from=<a@example.com> | x@example.net delivered\n");
}

#define PLESK(second, user, client)                                                                                    \
	"Nov 24 10:" second " mx smtp_auth: smtp_auth: SMTP user " user " : /var/qmail/mailnames/example.com/" user    \
	" logged in from unknown@ [" client "]"
#define COMES(second, client)                                                                                          \
	"Nov 24 10:" second " mx relaylock[7]: /var/qmail/bin/relaylock: mail from " client ":4711 (h)"
#define QUEUED(second, id, sender, uid, way)                                                                           \
	"Nov 24 10:" second " mx qmail: 1795514400.1 info msg " id ": bytes 10 from <" sender "> qp 5" id " uid " uid, \
		"Nov 24 10:" second " mx qmail: 1795514400.2 starting delivery " id ": msg " id " to " way,            \
		"Nov 24 10:" second " mx qmail: 1795514400.3 delivery " id ": success: did_0+0+1/",                    \
		"Nov 24 10:" second " mx qmail: 1795514400.4 end msg " id
#define OUT "remote x@example.net"

/* The uid that logins explain is the SMTP server's: what else comes under it is no program's. A script's own stays its. */
static void qmail_users(void **state)
{
	static const char *const lines[] = {PLESK("00:01", "a", "203.0.113.9"),
					    QUEUED("00:02", "100", "a@example.com", "2020", OUT),
					    PLESK("00:03", "b", "203.0.113.10"),
					    PLESK("00:03", "a", "203.0.113.9"),
					    QUEUED("00:04", "101", "a@example.com", "2020", OUT),
					    QUEUED("00:05", "102", "b@example.com", "2020", OUT),
					    QUEUED("00:06", "103", "www@example.com", "10003", OUT),
					    COMES("00:07", "198.51.100.7"),
					    QUEUED("00:08", "104", "c@far.example", "2020", "local b@example.com"),
					    QUEUED("00:09", "105", "c@far.example", "2020", OUT),
					    NULL};
	(void)state;
	whole_hold(lines,
		   "100 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "101 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "102 login client=203.0.113.10 login=b@example.com from=<b@example.com> | x@example.net delivered\n"
		   "103 local from=<www@example.com> | x@example.net delivered\n"
		   "104 unknown from=<c@far.example> | b@example.com delivered\n"
		   "105 unknown from=<c@far.example> | x@example.net delivered\n");
}

/* A thief writes under other names: his login is told where nobody else was there for long. */
static void qmail_one_login(void **state)
{
	static const char *const lines[] = {
		PLESK("00:01", "a", "203.0.113.9"), QUEUED("00:02", "100", "a@example.com", "2020", OUT),
		QUEUED("00:03", "101", "a@example.com", "2020", OUT),
		QUEUED("00:04", "102", "a@example.com", "2020", OUT), COMES("20:00", "192.0.2.66"),
		PLESK("20:01", "b", "192.0.2.66"), QUEUED("20:02", "103", "bank@far.example", "2020", OUT),
		QUEUED("20:03", "104", "bank@far.example", "10003", OUT),
		QUEUED("20:40", "105", "bank@far.example", "2020", OUT), COMES("30:00", "198.51.100.7"),
		COMES("30:10", "192.0.2.66"), PLESK("30:11", "b", "192.0.2.66"),
		QUEUED("30:12", "106", "bank@far.example", "2020", OUT),
		/* no connection is told of: who else is there? */
		PLESK("40:11", "b", "192.0.2.66"), QUEUED("40:12", "107", "bank@far.example", "2020", OUT), NULL};
	(void)state;
	whole_hold(lines,
		   "100 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "101 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "102 login client=203.0.113.9 login=a@example.com from=<a@example.com> | x@example.net delivered\n"
		   "103 login client=192.0.2.66 login=b@example.com from=<bank@far.example> | x@example.net delivered\n"
		   "104 local from=<bank@far.example> | x@example.net delivered\n"
		   "105 unknown from=<bank@far.example> | x@example.net delivered\n"
		   "106 unknown from=<bank@far.example> | x@example.net delivered\n"
		   "107 unknown from=<bank@far.example> | x@example.net delivered\n");
}

#define ENVELOPE(second, sender, to, client, login)                                                                    \
	"Nov 24 10:" second " mx spamdyke[7]: ALLOWED from: " sender " to: " to " origin_ip: " client                  \
	" origin_rdns: (unknown) auth: " login " encryption: TLS"

/* The envelope's sender tells whose it is, long after; of two envelopes at once nobody knows. */
static void qmail_envelopes(void **state)
{
	static const char *const lines[] = {
		ENVELOPE("00:01", "bank@far.example", "x@example.net", "192.0.2.66", "b"),
		ENVELOPE("00:02", "c@far.example", "b@example.com", "198.51.100.7", "(unknown)"),
		ENVELOPE("00:03", "bank@far.example", "y@example.net", "192.0.2.66", "b"),
		QUEUED("02:00", "100", "bank@far.example", "89", OUT),
		QUEUED("02:01", "101", "c@far.example", "89", "local b@example.com"),
		QUEUED("02:02", "102", "bank@far.example", "89", OUT),
		ENVELOPE("05:01", "b@example.com", "x@example.net", "203.0.113.9", "b"),
		ENVELOPE("05:02", "b@example.com", "a@example.com", "192.0.2.66", "(unknown)"),
		QUEUED("05:03", "103", "b@example.com", "89", OUT),
		QUEUED("05:04", "104", "b@example.com", "89", "local a@example.com"),
		NULL};
	(void)state;
	whole_hold(lines, "100 login client=192.0.2.66 login=b from=<bank@far.example> | x@example.net delivered\n"
			  "101 client client=198.51.100.7 from=<c@far.example> | b@example.com delivered\n"
			  "102 unknown from=<bank@far.example> | x@example.net delivered\n"
			  "103 unknown from=<b@example.com> | x@example.net delivered\n"
			  "104 unknown from=<b@example.com> | a@example.com delivered\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exim_script_and_notice),
		cmocka_unit_test(php_line_of_the_same_second),
		cmocka_unit_test(sendmail_submission_queue),
		cmocka_unit_test(sendmail_login_and_forward),
		cmocka_unit_test(opensmtpd_users),
		cmocka_unit_test(webmail),
		cmocka_unit_test(opensmtpd_sessions),
		cmocka_unit_test(qmail_bounces),
		cmocka_unit_test(qmail_logins),
		cmocka_unit_test(qmail_users),
		cmocka_unit_test(qmail_one_login),
		cmocka_unit_test(qmail_envelopes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
