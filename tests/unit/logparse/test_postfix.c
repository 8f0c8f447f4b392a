/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix 3.4 to 3.11, what each shape of line says; what strangers write must not become a field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(program, rows) rows_hold(&format_postfix, program, rows, sizeof(rows) / sizeof((rows)[0]))

static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{"4F1D2A3B: client=unknown[198.51.100.7]", "accept id=4F1D2A3B client=198.51.100.7"},
		{"4g9Kx73zRXz9s: client=a.example.net[2001:db8::7], sasl_method=PLAIN, sasl_username=alice@example.com",
		 "accept id=4g9Kx73zRXz9s client=2001:db8::7 name=a.example.net login=alice@example.com method=PLAIN"},
		{"4F1D2A3B: client=a.example.net[198.51.100.7], sasl_method=LOGIN, sasl_username=doe, john, "
		 "sasl_sender=x+40y",
		 "accept id=4F1D2A3B client=198.51.100.7 name=a.example.net login=doe, john method=LOGIN"},
		{"B0B0B0B0: client=localhost[127.0.0.1], orig_queue_id=4F1D2A3B, "
		 "orig_client=b.example.net[198.51.100.7]",
		 "accept id=B0B0B0B0 next-hop=4F1D2A3B client=198.51.100.7 name=b.example.net"},
		{"B0B0B0B0: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=alice, "
		 "orig_queue_id=4F1D2A3B, "
		 "orig_client=unknown[198.51.100.8]",
		 "accept id=B0B0B0B0 next-hop=4F1D2A3B client=198.51.100.8 login=alice method=PLAIN"},
		{"NOQUEUE: client=a.example.net[198.51.100.7], sasl_method=PLAIN, sasl_username=alice",
		 "login client=198.51.100.7 name=a.example.net login=alice method=PLAIN good"},
		{"NOQUEUE: client=a.example.net[198.51.100.7]", "quiet"},
		{"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as DF66E940333; from=<a@example.com> "
		 "to=<b@example.net> proto=ESMTP helo=<pc> sasl_method=PLAIN sasl_username=alice",
		 "detail id=DF66E940333 helo=pc login=alice method=PLAIN from=<a@example.com>"},
		{"proxy-reject: END-OF-MESSAGE: 554 5.7.1 no; from=<a@example.com> to=<b@example.net> proto=ESMTP "
		 "helo=<pc>",
		 "refusal helo=pc from=<a@example.com> to=b@example.net code=554 status=5.7.1 reply=554 5.7.1 no"},
		{"proxy-accept: END-OF-MESSAGE", "unknown"},
		{"4F1D2A3B: lost connection after DATA (312 bytes) from a.example.net[198.51.100.7]", "quiet"},
	};
	static const struct line_row local[] = {
		{"D2FAE20586: uid=33 from=<www-data>", "accept id=D2FAE20586 user=www-data uid=33 local"},
		{"D2FAE20586: uid=0 from=<a> from=<b>", "accept id=D2FAE20586 user=a> from=<b uid=0 local"},
		{"D2FAE20586: uid=33 from=<www-data> orig_id=D2FAE20511",
		 "accept id=D2FAE20586 requeue=D2FAE20511 user=www-data uid=33 local"},
	};
	HOLD("postfix/submission/smtpd", rows);
	HOLD("postfix-out/pickup", local);
}

static void refusals(void **state)
{
	static const struct line_row rows[] = {
		{"NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; "
		 "from=<a@example.org> to=<x@example.net> proto=ESMTP helo=<pc>",
		 "refusal client=198.51.100.7 helo=pc from=<a@example.org> to=x@example.net code=554 status=5.7.1 "
		 "reply=554 5.7.1 <x@example.net>: Relay access denied"},
		{"4F1D2A3B: reject: RCPT from unknown[198.51.100.7]: 450 4.7.1 <x@example.net>: quota; "
		 "from=<a@example.org> to=<x@example.net> proto=ESMTP helo=<pc> sasl_method=PLAIN sasl_username=alice",
		 "refusal id=4F1D2A3B client=198.51.100.7 helo=pc login=alice method=PLAIN from=<a@example.org> "
		 "to=x@example.net code=450 status=4.7.1 reply=450 4.7.1 <x@example.net>: quota"},
		/* the address holds an envelope of its own, the HELO name another */
		{"NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 550 5.1.1 <\"x; from=<f@example.org> "
		 "to=<\"@example.com>: "
		 "unknown; from=<\"a> to=<b>\"@example.org> to=<\"x; from=<f@example.org> to=<\"@example.com> "
		 "proto=ESMTP "
		 "helo=<z; from=<g> sasl_method=PLAIN sasl_username=root>",
		 "refusal client=198.51.100.7 helo=z; from=<g> sasl_method=PLAIN sasl_username=root "
		 "from=<\"a> to=<b>\"@example.org> to=\"x; from=<f@example.org> to=<\"@example.com code=550 "
		 "status=5.1.1 "
		 "reply=550 5.1.1 <\"x; from=<f@example.org> to=<\"@example.com>: unknown"},
		{"NOQUEUE: reject: VRFY from unknown[2001:db8::2]: 454 4.7.1 <a@example.com>: Relay access denied; "
		 "to=<a@example.com> proto=SMTP helo=<me>",
		 "refusal client=2001:db8::2 helo=me to=a@example.com code=454 status=4.7.1 "
		 "reply=454 4.7.1 <a@example.com>: Relay access denied"},
		{"NOQUEUE: reject: CONNECT from unknown[198.51.100.7]: 554 5.7.1 <unknown[198.51.100.7]>: Client host "
		 "rejected: no; proto=SMTP",
		 "refusal client=198.51.100.7 code=554 status=5.7.1 reply=554 5.7.1 <unknown[198.51.100.7]>: Client "
		 "host "
		 "rejected: no"},
		{"NOQUEUE: milter-reject: END-OF-MESSAGE from a.example.net[198.51.100.7]: 5.7.1 Spam; "
		 "from=<a@example.org> "
		 "to=<b@example.com> proto=ESMTP helo=<pc>",
		 "refusal client=198.51.100.7 name=a.example.net helo=pc from=<a@example.org> to=b@example.com "
		 "status=5.7.1 reply=5.7.1 Spam"},
		{"NOQUEUE: reject_warning: RCPT from unknown[198.51.100.7]: 554 5.7.1 no; from=<> to=<b@example.com>",
		 "would refuse client=198.51.100.7 from=<> to=b@example.com code=554 status=5.7.1 reply=554 5.7.1 no"},
		{"NOQUEUE: hold: RCPT from unknown[198.51.100.7]: <a>: triggers HOLD; from=<> to=<b@example.com>",
		 "change client=198.51.100.7 from=<> held to=b@example.com reply=<a>: triggers HOLD"},
		{"4F1D2A3B: hold: RCPT from unknown[198.51.100.7]: <a>: triggers HOLD; from=<> to=<b@example.com> "
		 "proto=SMTP",
		 "change id=4F1D2A3B client=198.51.100.7 from=<> held to=b@example.com reply=<a>: triggers HOLD"},
		{"4F1D2A3B: discard: RCPT from unknown[198.51.100.7]: <a>: triggers DISCARD; from=<> "
		 "to=<b@example.com>",
		 "change id=4F1D2A3B client=198.51.100.7 from=<> discarded to=b@example.com reply=<a>: triggers "
		 "DISCARD"},
		{"4F1D2A3B: filter: RCPT from unknown[198.51.100.7]: <a>: triggers FILTER x; from=<> "
		 "to=<b@example.com>",
		 "quiet"},
		{"NOQUEUE: something else", "unknown"},
		{"NOQUEUE: ", "unknown"},
	};
	static const struct line_row screen[] = {
		{"NOQUEUE: reject: RCPT from [198.51.100.7]:4984: 550 5.7.1 Service unavailable; client [198.51.100.7] "
		 "blocked using bl.example; from=<a@example.org>, to=<b@example.com>, proto=ESMTP, helo=<pc>",
		 "refusal client=198.51.100.7 helo=pc from=<a@example.org> to=b@example.com code=550 status=5.7.1 "
		 "reply=550 5.7.1 Service unavailable; client [198.51.100.7] blocked using bl.example"},
		{"NOQUEUE: reject: CONNECT from [2001:db8::9]:25: all server ports busy",
		 "refusal client=2001:db8::9 reply=all server ports busy"},
		{"CONNECT from [198.51.100.7]:4984 to [192.0.2.1]:25", "quiet"},
		{"PREGREET 11 after 0.1 from [198.51.100.7]:4984: EHLO x\\r\\n", "quiet"},
		{"PASS NEW [198.51.100.7]:4984", "quiet"},
	};
	HOLD("postfix/smtpd", rows);
	HOLD("postfix/postscreen", screen);
}

static void cleanup(void **state)
{
	static const struct line_row rows[] = {
		{"4F1D2A3B: message-id=<x, status=sent (250)@example.com>",
		 "detail id=4F1D2A3B msgid=x, status=sent (250)@example.com"},
		{"4F1D2A3B: message-id=<>", "detail id=4F1D2A3B"},
		{"4F1D2A3B: resent-message-id=<a@example.com>", "quiet"},
		{"4F1D2A3B: warning: header Subject: Hi from x[192.0.2.1]; from=<forged> from "
		 "a.example.net[198.51.100.7]; "
		 "from=<a@example.com> to=<b@example.net> proto=ESMTP helo=<pc>: log",
		 "detail id=4F1D2A3B subject=Hi from x[192.0.2.1]; from=<forged>"},
		{"4F1D2A3B: info: header X-PHP-Originating-Script: 33:mailer.php from local; "
		 "from=<www-data@example.com>",
		 "detail id=4F1D2A3B uid=33 script=mailer.php"},
		{"4F1D2A3B: info: header X-PHP-Script: www.example.com/a.php for 198.51.100.7 from local; "
		 "from=<w@example.com>",
		 "detail id=4F1D2A3B script=www.example.com/a.php"},
		{"4F1D2A3B: reject: header Subject: casino from a.example.net[198.51.100.7]; from=<a@example.com> "
		 "to=<b@example.net> proto=ESMTP helo=<pc>: 5.7.1 message content rejected",
		 "refusal id=4F1D2A3B client=198.51.100.7 name=a.example.net helo=pc from=<a@example.com> "
		 "subject=casino "
		 "to=b@example.net status=5.7.1 reply=5.7.1 message content rejected"},
		{"4F1D2A3B: milter-reject: END-OF-MESSAGE from a.example.net[198.51.100.7]: 5.7.1 Blocked; from=<> "
		 "to=<b@example.net> proto=ESMTP helo=<pc>",
		 "refusal id=4F1D2A3B client=198.51.100.7 name=a.example.net helo=pc from=<> to=b@example.net "
		 "status=5.7.1 "
		 "reply=5.7.1 Blocked"},
		{"4F1D2A3B: milter-hold: END-OF-MESSAGE from a.example.net[198.51.100.7]: milter triggers HOLD action; "
		 "from=<a@example.com> to=<b@example.net> proto=ESMTP helo=<pc>",
		 "change id=4F1D2A3B client=198.51.100.7 name=a.example.net helo=pc from=<a@example.com> held "
		 "to=b@example.net reply=milter triggers HOLD action"},
		{"4F1D2A3B: removed (canceled)", "end id=4F1D2A3B"},
		{"4F1D2A3B: replace: header Received: x from local; from=<a@example.com>: y", "quiet"},
		{"4F1D2A3B: what no version says", "unknown"},
	};
	HOLD("postfix/cleanup", rows);
}

static void queue(void **state)
{
	static const struct line_row rows[] = {
		{"4F1D2A3B: from=<>, size=2636, nrcpt=50 (queue active)",
		 "detail id=4F1D2A3B from=<> size=2636 rcpts=50"},
		{"4F1D2A3B: from=<\"x>, size=1, nrcpt=9 (queue active)\"@example.org>, size=7, nrcpt=1 (queue active)",
		 "detail id=4F1D2A3B from=<\"x>, size=1, nrcpt=9 (queue active)\"@example.org> size=7 rcpts=1"},
		{"4F1D2A3B: from=<a@example.com>, status=force-expired, returned to sender",
		 "detail id=4F1D2A3B from=<a@example.com> expired"},
		{"4F1D2A3B: removed", "end id=4F1D2A3B"},
		{"4F1D2A3B: skipped, still being delivered", "quiet"},
		{"warning: mail for [192.0.2.9]:10024 is using up 4001 of 4012 active queue entries",
		 "warning reply=warning: mail for [192.0.2.9]:10024 is using up 4001 of 4012 active queue entries"},
	};
	static const struct line_row notices[] = {
		{"4F1D2A3B: sender non-delivery notification: 5A5A5A5A", "link id=4F1D2A3B notice=5A5A5A5A"},
		{"4F1D2A3B: sender delivery status notification: 5A5A5A5A", "link id=4F1D2A3B notice=5A5A5A5A"},
		{"4F1D2A3B: sender notification failed to <a@example.com>", "quiet"},
	};
	HOLD("postfix/qmgr", rows);
	HOLD("postfix/bounce", notices);
}

static void deliveries(void **state)
{
	static const struct line_row rows[] = {
		{"4g9Kx73zRXz9s: to=<b@example.net>, relay=mx.example.net[203.0.113.9]:25, conn_use=3, delay=1.9, "
		 "delays=0.1/0/1/0.8, tls=dane/requiretls, dsn=5.7.1, status=bounced (host mx.example.net[203.0.113.9] "
		 "said: "
		 "550-5.7.1 [192.0.2.10], status=sent (250 ok: queued as FORGED12) blocked (in reply to end of DATA "
		 "command))",
		 "delivery id=4g9Kx73zRXz9s bounced smtp to=b@example.net relay=mx.example.net relay-ip=203.0.113.9 "
		 "port=25 "
		 "delay=1900 code=550 status=5.7.1 said=550-5.7.1 [192.0.2.10], status=sent (250 ok: queued as "
		 "FORGED12) "
		 "blocked"},
		{"4F1D2A3B: to=<\"x>, relay=none, delay=0, status=sent (ok)\"@example.net>, orig_to=<c@example.com>, "
		 "relay=none, "
		 "delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx.example.net[203.0.113.9]:25: "
		 "timed out)",
		 "delivery id=4F1D2A3B deferred smtp to=\"x>, relay=none, delay=0, status=sent (ok)\"@example.net "
		 "orig=c@example.com delay=1000 status=4.4.1 reply=connect to mx.example.net[203.0.113.9]:25: timed "
		 "out"},
		{"4F1D2A3B: to=<b@example.net>, relay=none, delay=70, delays=70/0/0.2/0, dsn=4.7.1, status=deferred "
		 "(host "
		 "mx.example.net[203.0.113.9] refused to talk to me: 554 5.7.1 listed)",
		 "delivery id=4F1D2A3B deferred smtp to=b@example.net relay=mx.example.net relay-ip=203.0.113.9 "
		 "delay=70000 "
		 "code=554 status=5.7.1 said=554 5.7.1 listed"},
		{"4F1D2A3B: to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=1/0/0/0, dsn=2.0.0, "
		 "status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5A5A5A5A)",
		 "delivery id=4F1D2A3B next-hop=5A5A5A5A sent smtp to=b@example.net relay=127.0.0.1 relay-ip=127.0.0.1 "
		 "port=10024 delay=1000 code=250 status=2.0.0 said=250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 "
		 "2.0.0 Ok: "
		 "queued as 5A5A5A5A"},
		/* a receiver's own queue id is no message of ours */
		{"4F1D2A3B: to=<b@example.net>, relay=mx.example.net[203.0.113.9]:25, delay=1, delays=1/0/0/0, "
		 "dsn=2.0.0, "
		 "status=sent (250 2.0.0 Ok: queued as 5A5A5A5A)",
		 "delivery id=4F1D2A3B sent smtp to=b@example.net relay=mx.example.net relay-ip=203.0.113.9 port=25 "
		 "delay=1000 "
		 "code=250 status=2.0.0 said=250 2.0.0 Ok: queued as 5A5A5A5A"},
		{"4F1D2A3B: to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=1/0/0/0, dsn=2.7.0, "
		 "status=sent (250 2.7.0 Ok, discarded, id=12345-01 - spam)",
		 "delivery id=4F1D2A3B discarded smtp to=b@example.net relay=127.0.0.1 relay-ip=127.0.0.1 port=10024 "
		 "delay=1000 code=250 status=2.7.0 said=250 2.7.0 Ok, discarded, id=12345-01 - spam"},
		{"4F1D2A3B: to=<b@example.com>, relay=mx.example.com[private/dovecot-lmtp], delay=0.15, "
		 "delays=0.1/0/0/0, "
		 "dsn=2.0.0, status=sent (250 2.0.0 <b@example.com> x Saved)",
		 "delivery id=4F1D2A3B sent local-delivery to=b@example.com relay=mx.example.com delay=150 code=250 "
		 "status=2.0.0 reply=250 2.0.0 <b@example.com> x Saved"},
		{"4F1D2A3B: to=<b@example.net>, relay=none, delay=1, delays=1/0/0/0, dsn=2.1.5, status=deliverable (x)",
		 "quiet"},
		{"4F1D2A3B: host mx.example.net[203.0.113.9] said: 421 later (in reply to RCPT TO command)", "quiet"},
		{"4F1D2A3B: to=<b@example.net>, relay=none, delay=1", "unknown"},
		{"4F1D2A3B: to=<b@example.net", "unknown"},
		{"4F1D2A3B: to=", "unknown"},
		{"Trusted TLS connection established to mx.example.net[203.0.113.9]:25: TLSv1.3", "quiet"},
		{"mx.example.net[203.0.113.9]:25: SNI hostname: mx.example.net", "quiet"},
	};
	static const struct line_row local[] = {
		{"4F1D2A3B: to=<bob@example.com>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent "
		 "(forwarded as "
		 "5A5A5A5A)",
		 "delivery id=4F1D2A3B forward=5A5A5A5A sent local-delivery to=bob@example.com relay=local "
		 "status=2.0.0 "
		 "reply=forwarded as 5A5A5A5A"},
		{"4F1D2A3B: to=<bob@example.com>, orig_to=<root>, relay=local, delay=0.2, delays=0/0/0/0, dsn=2.0.0, "
		 "status=sent (delivered to command: /usr/bin/procmail)",
		 "delivery id=4F1D2A3B sent pipe to=bob@example.com orig=root relay=local delay=200 status=2.0.0 "
		 "reply=delivered to command: /usr/bin/procmail"},
	};
	HOLD("postfix/smtp", rows);
	HOLD("postfix/relay/smtp", rows);
	HOLD("postfix/local", local);
}

static void notes(void **state)
{
	static const struct line_row rows[] = {
		{"warning: unknown[198.51.100.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=admin",
		 "login client=198.51.100.7 login=admin method=LOGIN"},
		{"warning: a.example.net[198.51.100.7]: SASL PLAIN authentication failed: x, "
		 "sasl_username=(unavailable)",
		 "login client=198.51.100.7 name=a.example.net method=PLAIN"},
		{"warning: unknown[198.51.100.7]:55729: SASL LOGIN authentication failed: authentication failure",
		 "login client=198.51.100.7 method=LOGIN"},
		{"warning: hostname a.example.net does not resolve to address 198.51.100.7",
		 "warning reply=warning: hostname a.example.net does not resolve to address 198.51.100.7"},
		{"connect from a.example.net[198.51.100.7]", "quiet"},
		{"disconnect from unknown[198.51.100.7] ehlo=1 auth=0/1 quit=1 commands=2/3", "quiet"},
		{"Anonymous TLS connection established from a.example.net[198.51.100.7]: TLSv1.3", "quiet"},
		{"lost connection after AUTH from unknown[198.51.100.7]", "quiet"},
		{"a line that no version of Postfix says", "unknown"},
		{"", "unknown"},
	};
	static const struct line_row other[] = {
		{"4F1D2A3B: client=unknown[198.51.100.7]", "accept id=4F1D2A3B client=198.51.100.7"},
		{"4F1D2A3B: from=<>, size=1, nrcpt=1 (queue active)", "detail id=4F1D2A3B from=<> size=1 rcpts=1"},
		{"a line of a program of one's own", "quiet"},
	};
	HOLD("postfix/smtps/smtpd", rows);
	HOLD("postfix/mydaemon", other);
}

static void cut_anywhere(void **state)
{
	static const char *const daemons[] = {"postfix/smtpd", "postfix/cleanup", "postfix/qmgr", "postfix/smtp",
					      "postfix/local", "postfix/bounce",  "postfix/x"};
	static const char *const texts[] = {
		"4F1D2A3B: client=a[198.51.100.7], sasl_method=PLAIN, sasl_username=a, orig_client=b[192.0.2.1]",
		"NOQUEUE: reject: RCPT from [198.51.100.7]:25: 550 5.7.1 <\"x\"@a>: b; from=<a>, to=<b>, proto=c, "
		"helo=<d>",
		"4F1D2A3B: reject: header Subject: a from b[192.0.2.1]; from=<a> to=<b> proto=c helo=<d>: 5.7.1 e",
		"4F1D2A3B: to=<\"a\\\"\"@b>, orig_to=<c>, relay=d[192.0.2.1]:25, delay=1.5, dsn=5.1.1, status=bounced "
		"(host d[1] "
		"said: 550 5.1.1 x (in reply to a))",
		"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as DF66E940333; from=<a> to=<b> proto=c helo=<d>",
		"4F1D2A3B: uid=33 from=<a> orig_id=5A5A5A5A",
		"warning: a[192.0.2.1]: SASL LOGIN authentication failed: b, sasl_username=c",
	};
	char words[4096];
	for (size_t d = 0; d < sizeof(daemons) / sizeof(daemons[0]); d++)
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			for (size_t len = 0; len <= strlen(texts[i]); len++)
				event_words(&format_postfix, daemons[d], span_of(texts[i], len), WANT_CONNECTIONS,
					    words, sizeof(words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),     cmocka_unit_test(refusals),   cmocka_unit_test(cleanup),
		cmocka_unit_test(queue),        cmocka_unit_test(deliveries), cmocka_unit_test(notes),
		cmocka_unit_test(cut_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
