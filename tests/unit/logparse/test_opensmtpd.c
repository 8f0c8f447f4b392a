/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(rows) rows_hold(&format_opensmtpd, "smtpd", rows, sizeof(rows) / sizeof(rows[0]))
#define S          "7a1b2c3d4e5f6071 "
#define T          "7a1b2c3d4e5f6071"

#define FORGED4 "\" result=\"250 a\" result=\"250 b\" result=\"250 c\" result=\"250 d"

static void sessions(void **state)
{
	static const struct line_row rows[] = {
		{S "smtp connected address=198.51.100.7 host=h.example.net",
		 "connect related=" T " client=198.51.100.7 name=h.example.net"},
		{S "smtp connected address=[2001:db8::7] host=<unknown>",
		 "connect related=" T " client=2001:db8::7 name=unknown"},
		{S "smtp connected address=local host=mx.example.com",
		 "connect related=" T " name=mx.example.com local"},
		{S "smtp event=connected address=198.51.100.7 host=h.example.net",
		 "connect related=" T " client=198.51.100.7 name=h.example.net"},
		{S "smtp authentication user=bob@example.com result=ok",
		 "login related=" T " login=bob@example.com good"},
		{S "smtp event=authentication address=198.51.100.7 host=h user=bob result=permfail",
		 "login related=" T " client=198.51.100.7 name=h login=bob"},
		{S "smtp message msgid=0a1b2c3d size=1234 nrcpt=2 proto=ESMTP",
		 "accept id=0a1b2c3d related=" T " size=1234 rcpts=2"},
		{S "smtp event=message msgid=0a1b2c3d from=<a@example.com> to=<b@example.net> size=12 ndest=1 "
		   "proto=ESMTP",
		 "accept id=0a1b2c3d related=" T " from=<a@example.com> size=12 rcpts=1"},
		{S "smtp envelope evpid=0a1b2c3d00112233 from=<a@example.com> to=<b@example.net>",
		 "change id=0a1b2c3d from=<a@example.com> waiting to=b@example.net"},
		{S "smtp envelope evpid=0a1b2c3d00112233 from=<> to=<b@example.net>",
		 "change id=0a1b2c3d from=<> waiting to=b@example.net"},
		/* the command is the client's */
		{S "smtp failed-command command=\"RCPT TO:<x>\" result=\"250 ok\" result=\"550 Invalid recipient\"",
		 "refusal related=" T " bounced code=550 reply=550 Invalid recipient"},
		{S "smtp failed-command command=\"" FORGED4 FORGED4 FORGED4 FORGED4 FORGED4
		   "\" result=\"550 Invalid recipient\"",
		 "refusal related=" T " bounced code=550 reply=550 Invalid recipient"},
		{S "smtp event=failed-command address=198.51.100.7 host=h command=\"AUTH PLAIN (...)\" result=\"421 "
		   "4.3.0 later\"",
		 "refusal related=" T
		 " client=198.51.100.7 name=h deferred code=421 status=4.3.0 reply=421 4.3.0 later"},
		{S "smtp tls ciphers=TLSv1.3:AEAD-AES256-GCM-SHA384:256", "quiet"},
		{S "smtp disconnected reason=quit", "quiet"},
		{S "mta connecting address=smtp://198.51.100.2:25 host=mx.example.net", "quiet"},
		{S "smtp juggled address=198.51.100.7", "unknown"},
		{S "smtp message msgid=zzz size=1", "unknown"},
		{"info: OpenSMTPD 7.4.0 starting", "quiet"},
		{"words of no sense", "unknown"},
	};
	HOLD(rows);
}

static void deliveries(void **state)
{
	static const struct line_row rows[] = {
		{S "mta delivery evpid=0a1b2c3d00112233 from=<a@example.com> to=<b@example.net> rcpt=<-> "
		   "source=\"192.0.2.1\" "
		   "relay=\"198.51.100.2 (mx.example.net)\" delay=1m3s result=\"Ok\" stat=\"250 2.0.0 ok relay=x\"",
		 "delivery id=0a1b2c3d from=<a@example.com> sent smtp to=b@example.net relay=mx.example.net "
		 "relay-ip=198.51.100.2 "
		 "delay=63000 code=250 status=2.0.0 said=250 2.0.0 ok relay=x"},
		{S "mta delivery evpid=0a1b2c3d00112233 from=<a@example.org> to=<c@example.net> rcpt=<bob@example.com> "
		   "source=\"-\" "
		   "relay=\"198.51.100.2 (mx)\" delay=3s result=\"PermFail\" stat=\"550 5.7.1 \"blocked\" "
		   "evpid=ffffffffffffffff\"",
		 "delivery id=0a1b2c3d from=<a@example.org> bounced smtp forwarded to=c@example.net "
		 "orig=bob@example.com relay=mx "
		 "relay-ip=198.51.100.2 delay=3000 code=550 status=5.7.1 said=550 5.7.1 \"blocked\" "
		 "evpid=ffffffffffffffff"},
		{S "mta event=delivery evpid=0a1b2c3d00112233 from=<> to=<b@example.net> rcpt=<-> source=192.0.2.1 "
		   "relay=198.51.100.2 (mx.example.net) delay=3s result=\"TempFail\" stat=\"421 4.7.0 wait\"",
		 "delivery id=0a1b2c3d from=<> deferred smtp to=b@example.net relay=mx.example.net "
		 "relay-ip=198.51.100.2 delay=3000 "
		 "code=421 status=4.7.0 said=421 4.7.0 wait"},
		{S "mda delivery evpid=0a1b2c3d00112233 from=<a@example.org> to=<bob@example.com> "
		   "rcpt=<info@example.com> user=bob delay=0s "
		   "result=Ok stat=Delivered",
		 "delivery id=0a1b2c3d from=<a@example.org> sent local-delivery to=bob@example.com "
		 "orig=info@example.com "
		 "reply=Delivered"},
		{S
		 "mta delivery evpid=0a1b2c3d00112233 to=<b@example.net> result=\"Sideways\" stat=\"250 Ok result=Ok\"",
		 "unknown"},
		{S "mta delivery evpid=0a1b to=<b@example.net> result=\"Ok\" stat=\"250 Ok\"", "unknown"},
		{"relay: Expire for 0a1b2c3d00112233: from=<a@example.com>, to=<b@example.net>, rcpt=<->, delay=4d, "
		 "stat=Envelope "
		 "expired",
		 "delivery id=0a1b2c3d from=<a@example.com> expired smtp to=b@example.net delay=345600000 "
		 "reply=Envelope expired"},
	};
	HOLD(rows);
}

static void before_5_9(void **state)
{
	static const struct line_row rows[] = {
		{"smtp-in: New session " T " from host h.example.net [198.51.100.7]",
		 "connect related=" T " client=198.51.100.7 name=h.example.net"},
		{"smtp-in: Accepted authentication for user bob on session " T, "login related=" T " login=bob good"},
		{"smtp-in: Accepted message 0a1b2c3d on session " T
		 ": from=<a@example.com>, to=<b@example.net>, size=12, ndest=1, "
		 "proto=ESMTP",
		 "accept id=0a1b2c3d related=" T " from=<a@example.com> size=12 rcpts=1"},
		{"smtp-in: Failed command on session " T ": \"RCPT TO:<a>\" => 250 ok\" => 550 5.1.1 no",
		 "refusal related=" T " bounced code=550 status=5.1.1 reply=550 5.1.1 no"},
		{"relay: Ok for 0a1b2c3d00112233: session=" T
		 ", from=<a@example.com>, to=<b@example.net>, rcpt=<->, source=192.0.2.1, "
		 "relay=198.51.100.2 (mx.example.net), delay=1s, stat=250 2.0.0 ok, to=<x>",
		 "delivery id=0a1b2c3d from=<a@example.com> sent smtp to=b@example.net relay=mx.example.net "
		 "relay-ip=198.51.100.2 "
		 "delay=1000 code=250 status=2.0.0 said=250 2.0.0 ok, to=<x>"},
		{"delivery: Ok for 0a1b2c3d00112233: from=<>, to=<bob@example.com>, rcpt=<->, user=bob, method=mbox, "
		 "delay=0s, "
		 "stat=Delivered",
		 "delivery id=0a1b2c3d from=<> sent local-delivery to=bob@example.com reply=Delivered"},
		{"smtp-in: Closing session " T, "quiet"},
		{"smtp-in: Juggling session " T, "unknown"},
	};
	HOLD(rows);
}

static void cut_lines(void **state)
{
	static const char *const lines[] = {
		S "mta delivery evpid=0a1b2c3d00112233 from=<a> to=<b> rcpt=<c> source=\"-\" relay=\"198.51.100.2 "
		  "(mx)\" delay=3s "
		  "result=\"Ok\" stat=\"250 2.0.0 ok\"",
		S "smtp failed-command address=1.2.3.4 command=\"RCPT\" result=\"550 no\"",
		S "smtp envelope evpid=0a1b2c3d00112233 from=<a> to=<b>",
		("smtp-in: Accepted message 0a1b2c3d on session " T ": from=<a>, to=<b>, size=12, ndest=1"),
		"smtp-in: Accepted authentication for user bob on session " T,
	};
	char words[1024] = "";
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t len = 0; len <= strlen(lines[i]); len++)
			event_words(&format_opensmtpd, "smtpd", span_of(lines[i], len), 0, words, sizeof(words));
	assert_string_equal(words, "login related=" T " login=bob good");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(deliveries),
		cmocka_unit_test(before_5_9),
		cmocka_unit_test(cut_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
