/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(rows) rows_hold(&format_sendmail, "sm-mta", rows, sizeof(rows) / sizeof(rows[0]))
#define Q          "4AOA00xx012345"
#define R          "4AOA01yy012346"

static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{Q ": from=<a@example.com>, size=1234, class=0, nrcpts=2, msgid=<1@example.com>, bodytype=8BITMIME, "
		   "proto=ESMTP, "
		   "daemon=MTA-v4, relay=mx.example.net [198.51.100.7] (may be forged)",
		 "accept id=" Q
		 " client=198.51.100.7 name=mx.example.net from=<a@example.com> msgid=1@example.com size=1234 rcpts=2"},
		{Q ": from=www-data, size=10, class=0, nrcpts=1, msgid=<1@h>, relay=www-data@localhost",
		 "accept id=" Q " user=www-data local from=<www-data> msgid=1@h size=10 rcpts=1"},
		{Q ": from=<>, size=10, class=0, nrcpts=1, proto=ESMTP, daemon=MTA, relay=[IPv6:2001:db8::7]",
		 "accept id=" Q " client=2001:db8::7 from=<> size=10 rcpts=1"},
		/* fields inside an address or a Message-ID are no fields */
		{Q ": from=<\"x, relay=root@localhost\"@example.com>, size=5, class=0, nrcpts=1, msgid=<\"a, "
		   "authid=boss, relay=[192.0.2.1]>, "
		   "proto=SMTP, daemon=MTA, relay=h.example.net [198.51.100.7]",
		 "accept id=" Q
		 " client=198.51.100.7 name=h.example.net from=<\"x, relay=root@localhost\"@example.com> "
		 "msgid=\"a, authid=boss, relay=[192.0.2.1] size=5 rcpts=1"},
		{Q ": from=<a@example.com>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=[198.51.100.7]",
		 "quiet"},
		{"AUTH=server, relay=h.example.net [198.51.100.7] (may be forged), authid=bob, mech=PLAIN, bits=0",
		 "login client=198.51.100.7 name=h.example.net login=bob method=PLAIN good"},
		{"AUTH=client, relay=mx.example.net., mech=PLAIN, bits=0", "quiet"},
		{Q ": AUTH failure (LOGIN): authentication failure (-13) SASL(-13): authentication failure: checkpass "
		   "failed, "
		   "user=bob, relay=[192.0.2.100], relay=h.example.net [198.51.100.7] (may be forged)",
		 "login id=" Q " client=198.51.100.7 name=h.example.net login=bob, relay=[192.0.2.100] method=LOGIN "
		 "reply=AUTH failure (LOGIN): authentication failure (-13) SASL(-13): authentication failure: "
		 "checkpass failed, "
		 "user=bob, relay=[192.0.2.100], relay=h.example.net [198.51.100.7] (may be forged)"},
		{Q ": Authentication-Warning: mx.example.com: www-data set sender to x@example.com using -f",
		 "detail id=" Q " user=www-data"},
		{Q ": Authentication-Warning: mx.example.com: Host h [198.51.100.7] claimed to be x", "quiet"},
	};
	HOLD(rows);
}

static void deliveries(void **state)
{
	static const struct line_row rows[] = {
		{Q ": to=<a@example.net>, ctladdr=<bob@mx.example.com> (1001/1002), delay=1+00:00:03, xdelay=00:00:02, "
		   "mailer=esmtp, "
		   "pri=120345, relay=mx.example.net. [198.51.100.2], dsn=2.0.0, stat=Sent (ok 123, relay=x "
		   "[192.0.2.1], dsn=5.0.0)",
		 "delivery id=" Q
		 " user=bob uid=1001 sent smtp to=a@example.net orig=bob@mx.example.com relay=mx.example.net "
		 "relay-ip=198.51.100.2 delay=86403000 status=2.0.0 said=ok 123, relay=x [192.0.2.1], dsn=5.0.0"},
		{Q ": to=<a@example.net>,<b@example.net>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, "
		   "relay=mx.example.net. "
		   "[198.51.100.2], dsn=4.7.1, stat=Deferred: 451 4.7.1 Greylisted, try later",
		 "delivery id=" Q
		 " deferred smtp to=<a@example.net>,<b@example.net> relay=mx.example.net relay-ip=198.51.100.2 "
		 "delay=1000 count=2 code=451 status=4.7.1 said=451 4.7.1 Greylisted, try later"},
		{Q ": to=<a@example.net>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.net. [198.51.100.2], "
		   "dsn=5.1.1, "
		   "stat=User unknown",
		 "delivery id=" Q
		 " bounced smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 delay=1000 status=5.1.1 "
		 "said=User unknown"},
		{Q ": to=<a@example.net>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.net. [198.51.100.2], "
		   "dsn=5.7.1, "
		   "reply=550 5.7.1 blocked by bl.example, stat=Service unavailable",
		 "delivery id=" Q
		 " bounced smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 delay=1000 code=550 "
		 "status=5.7.1 said=550 5.7.1 blocked by bl.example"},
		{Q ": to=<a@nowhere.example>, delay=00:00:00, mailer=esmtp, pri=1, relay=nowhere.example, dsn=5.1.2, "
		   "stat=Host unknown "
		   "(Name server: nowhere.example: host not found)",
		 "delivery id=" Q
		 " bounced smtp to=a@nowhere.example relay=nowhere.example status=5.1.2 reply=Host unknown (Name "
		 "server: nowhere.example: host not found)"},
		{Q ": to=<a@example.net>, delay=5+00:00:01, mailer=esmtp, pri=1, dsn=4.0.0, stat=Cannot send message "
		   "for 5 days",
		 "delivery id=" Q
		 " expired smtp to=a@example.net delay=432001000 status=4.0.0 reply=Cannot send message for 5 days"},
		{Q ": to=bob, delay=00:00:00, mailer=local, pri=1, dsn=2.0.0, stat=Sent",
		 "delivery id=" Q " sent local-delivery to=bob status=2.0.0 reply=Sent"},
		{Q ": to=\"|/usr/bin/vacation bob\", ctladdr=<bob@example.com> (1001/1001), delay=00:00:00, "
		   "mailer=prog, pri=1, dsn=2.0.0, "
		   "stat=Sent",
		 "delivery id=" Q
		 " user=bob uid=1001 sent pipe to=\"|/usr/bin/vacation bob\" orig=bob@example.com status=2.0.0 "
		 "reply=Sent"},
		{Q ": to=a@example.net, ctladdr=bob (1001/1001), delay=00:00:00, xdelay=00:00:00, mailer=relay, "
		   "pri=30001, "
		   "relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (" R " Message accepted for delivery)",
		 "delivery id=" Q " next-hop=" R
		 " user=bob uid=1001 sent smtp to=a@example.net relay-ip=127.0.0.1 status=2.0.0 "
		 "said=" R " Message accepted for delivery"},
		{Q ": to=<\"x, stat=Sent\"@example.net>, delay=00:00:00, mailer=esmtp, pri=1, dsn=5.0.0, stat=Data "
		   "format error",
		 "delivery id=" Q " bounced smtp to=\"x, stat=Sent\"@example.net status=5.0.0 reply=Data format error"},
		{Q ": to=<a@example.net>, delay=00:00:00, mailer=esmtp, pri=1, stat=queued",
		 "delivery id=" Q " waiting smtp to=a@example.net"},
		{Q ": quarantine=look at it", "change id=" Q " held reply=look at it"},
		{Q ": unquarantine", "change id=" Q},
		{Q ": to=<a@example.net>, delay=00:00:00", "unknown"},
		{Q ": done; delay=00:00:01, ntries=1", "end id=" Q},
		{Q ": " R ": DSN: User unknown", "link id=" Q " notice=" R " reply=DSN: User unknown"},
		{Q ": " R ": return to sender: Cannot send message for 5 days",
		 "link id=" Q " notice=" R " reply=return to sender: Cannot send message for 5 days"},
		{R ": clone " Q ", owner=list-owner", "link id=" Q " next-hop=" R},
	};
	HOLD(rows);
}

static void refusals(void **state)
{
	static const struct line_row rows[] = {
		{Q ": ruleset=check_rcpt, arg1=<a@example.net>, relay=h.example.org [198.51.100.7] (may be forged), "
		   "reject=550 5.7.1 "
		   "<a@example.net>... Relaying denied, reject=250 ok",
		 "refusal id=" Q " client=198.51.100.7 name=h.example.org bounced to=a@example.net code=550 "
		 "status=5.7.1 reply=550 5.7.1 "
		 "<a@example.net>... Relaying denied, reject=250 ok"},
		{Q ": ruleset=check_mail, arg1=<\"a, reject=250\"@example.net>, relay=[198.51.100.7], reject=451 4.1.8 "
		   "Domain of sender",
		 "refusal id=" Q " client=198.51.100.7 from=<\"a, reject=250\"@example.net> deferred code=451 "
		 "status=4.1.8 reply=451 4.1.8 "
		 "Domain of sender"},
		{"ruleset=check_relay, arg1=[198.51.100.7], arg2=198.51.100.7, relay=[198.51.100.7], reject=421 4.3.2 "
		 "Too many",
		 "refusal client=198.51.100.7 deferred code=421 status=4.3.2 reply=421 4.3.2 Too many"},
		{"ruleset=tls_server, arg1=SOFTWARE, relay=mx.example.net, reject=403 4.7.0 TLS handshake failed.",
		 "warning name=mx.example.net deferred code=403 status=4.7.0 reply=403 4.7.0 TLS handshake failed."},
		{Q ": Milter: to=<a@example.net>, reject=550 5.7.1 no",
		 "refusal id=" Q " bounced to=a@example.net code=550 status=5.7.1 "
		 "reply=550 5.7.1 no"},
		{Q ": Milter: data, reject=554 5.7.1 spam",
		 "refusal id=" Q " bounced code=554 status=5.7.1 reply=554 5.7.1 spam"},
		{Q ": Milter insert (1): header: X-Spam: no, reject=550", "quiet"},
		{Q ": <a@example.com>... User unknown", "refusal id=" Q " bounced to=a@example.com reply=User unknown"},
		{Q ": [198.51.100.7]: possible SMTP attack: command=AUTH, count=5",
		 "refusal id=" Q " client=198.51.100.7 bounced reply=possible SMTP attack: command=AUTH, count=5"},
		{Q ": rejecting commands from h.example.net [198.51.100.7] due to pre-greeting traffic after 6 seconds",
		 "refusal id=" Q
		 " client=198.51.100.7 name=h.example.net bounced reply=rejecting commands from h.example.net "
		 "[198.51.100.7] due to pre-greeting traffic after 6 seconds"},
		{Q ": h.example.net [198.51.100.7] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
		 "quiet"},
		{Q ": lost input channel from h.example.net [198.51.100.7] to MTA-v4 after rcpt", "quiet"},
		{"STARTTLS=client, relay=mx.example.net., version=TLSv1.3, verify=FAIL, cipher=X, bits=256/256",
		 "quiet"},
		{"NOQUEUE: connect from h.example.net [198.51.100.7]", "quiet"},
		{"starting daemon (8.17.1): SMTP+queueing@00:10:00", "quiet"},
		{Q ": SYSERR(root): collect: I/O error on connection",
		 "warning id=" Q " reply=SYSERR(root): collect: I/O error on "
		 "connection"},
		{Q ": frobnicated 3 recipients", "unknown"},
		{"words of no sense", "unknown"},
	};
	HOLD(rows);
}

static void cut_lines(void **state)
{
	static const char *const lines[] = {
		Q ": from=<\"a\"@example.com>, size=12, class=0, nrcpts=2, msgid=<1@e>, relay=h [198.51.100.7] (may be "
		  "forged)",
		Q ": to=<\"a\"@e>,<b@e>, ctladdr=<bob@e> (1/2), delay=1+00:00:03, mailer=esmtp, relay=h. [127.0.0.1], "
		  "dsn=2.0.0, "
		  "stat=Sent (" R " ok)",
		Q ": ruleset=check_rcpt, arg1=<a@e>, relay=h [198.51.100.7], reject=550 5.7.1 no",
		Q ": AUTH failure (LOGIN): x, user=bob, relay=h [198.51.100.7]",
		Q ": Authentication-Warning: h: bob set sender to x using -f",
		Q ": " R ": DSN: User unknown",
		Q ": Milter: to=<a@e>, reject=550 no",
	};
	char words[1024] = "";
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t len = 0; len <= strlen(lines[i]); len++)
			event_words(&format_sendmail, "sendmail", span_of(lines[i], len), WANT_CONNECTIONS, words,
				    sizeof(words));
	assert_string_equal(words, "refusal id=" Q " bounced to=a@e code=550 reply=550 no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),
		cmocka_unit_test(deliveries),
		cmocka_unit_test(refusals),
		cmocka_unit_test(cut_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
