/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define UUID     "A804A276-9B50-4527-83C9-6118A4402671"
#define SESSION  "4527-83C9-6118A4402671"
#define CORE     "[NOTICE] [" UUID ".1] [core] "
#define OUTBOUND "[NOTICE] [" UUID ".1.2] [outbound] "

static void holds(const struct line_row *rows, size_t count)
{
	rows_hold(&format_haraka, "", rows, count);
}

/* As 3.3.4 wrote them. */
static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{"[NOTICE] [" UUID "] [core] connect ip=203.0.113.7 port=46004 "
		 "local_ip=192.0.2.10 local_port=587",
		 "connect related=" SESSION " client=203.0.113.7"},
		{"[INFO] [" UUID "] [auth/auth_vpopmaild] AUTH user=\"bob@example.com\" success=true",
		 "login related=" SESSION " login=bob@example.com good"},
		{"[INFO] [" UUID "] [auth/auth_proxy] AUTH user=\"a\" host=\"x\" "
		 "host=\"192.0.2.5\" success=false",
		 "login related=" SESSION " login=a\" host=\"x"},
		{"[NOTICE] [" UUID "] [auth/flat_file] delaying for 1 seconds", "login related=" SESSION},
		{CORE "sender <bob@example.com> code=CONT msg=\"\"", "detail id=" SESSION ".1 from=<bob@example.com>"},
		{CORE "sender <\"x = \\\"y\\\" >\"@far.example> code=CONT msg=\"\"",
		 "detail id=" SESSION ".1 from=<\"x = \\\"y\\\" >\"@far.example>"},
		{CORE "sender <> code=DENYSOFT msg=\"4.7.1 later\"",
		 "refusal related=" SESSION " from=<> deferred status=4.7.1 reply=4.7.1 later"},
		{CORE "recipient <\"a b= c\"@example.net> code=OK msg=\"\" "
		      "sender=\"\\\"x\\\"@far.example\"",
		 "change id=" SESSION ".1 waiting to=\"a b= c\"@example.net"},
		{CORE "message mid=<hi@x> size=67 rcpts=2/0/1 delay=0 code=CONT msg=\"\"",
		 "detail id=" SESSION ".1 msgid=hi@x size=67 rcpts=2"},
		{CORE "queue code=CONT msg=\"Message Queued (" UUID ".1)\"", "quiet"},
		{CORE "queue code=OK msg=\"Message Queued (" UUID ".1)\"", "accept id=" SESSION ".1 related=" SESSION},
		{CORE "queue code=OK msg=\"250 2.0.0 Ok: queued as 4ABC (" UUID ".1)\"",
		 "accept id=" SESSION ".1 related=" SESSION
		 " sent smtp code=250 status=2.0.0 said=250 2.0.0 Ok: queued as 4ABC "
		 "(" UUID ".1)"},
		{"[NOTICE] [" UUID "] [core] disconnect ip=203.0.113.7 rdns=h helo=pc "
		 "relay=N early=N txns=1 "
		 "rcpts=0/0/1 lr=\"550 I cannot deliver mail for <a@example.net>\" "
		 "time=0.018",
		 "refusal related=" SESSION " client=203.0.113.7 helo=pc bounced to=a@example.net count=1 code=550 "
		 "reply=550 I cannot deliver mail for <a@example.net>"},
		{"[NOTICE] [" UUID "] [core] disconnect ip=203.0.113.7 rdns=h helo=pc "
		 "relay=Y early=N txns=1 lr=\"\"",
		 "disconnect related=" SESSION " client=203.0.113.7 good count=1"},
		{"[INFO] [-] [outbound] Created transaction: " UUID, "accept id=" SESSION " local from=<>"},
		{"[INFO] [-] [plugins] loading tls", "quiet"},
		{"[INFO] a program of another kind", "foreign"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

static void outcomes(void **state)
{
	static const struct line_row rows[] = {
		{OUTBOUND " delivered file=1796_vm domain=example.net "
			  "host=mx.example.net ip=192.0.2.25 port=25 mode=SMTP "
			  "tls=N auth=N response=\"Ok: queued as 4ABC\" delay=3.158 "
			  "fails=0 rcpts=2/0/1",
		 "delivery id=" SESSION ".1 related=2 sent smtp to=example.net "
		 "relay=mx.example.net relay-ip=192.0.2.25 "
		 "port=25 delay=3000 count=2 said=Ok: queued as 4ABC"},
		{OUTBOUND "recipient <unknown@example.net> rejected: 550 5.1.1 <x>: "
			  "\"a\" = no; domain=d rcpts=1/0/0",
		 "delivery id=" SESSION ".1 related=2 bounced smtp to=unknown@example.net code=550 status=5.1.1 "
		 "said=550 "
		 "5.1.1 <x>: \"a\" = no; domain=d rcpts=1/0/0"},
		{OUTBOUND "recipient <later@example.net> deferred: 451 4.7.1 greylisted",
		 "delivery id=" SESSION ".1 related=2 deferred smtp to=later@example.net "
		 "code=451 status=4.7.1 said=451 "
		 "4.7.1 greylisted"},
		{"[INFO] [" UUID ".1.1] [outbound] bouncing mail: 554 5.7.1 no",
		 "delivery id=" SESSION ".1 related=1 bounced smtp code=554 status=5.7.1 said=554 5.7.1 no"},
		{"[INFO] [" UUID ".1.1] [outbound] bouncing mail: Some recipients "
		 "failed: <a@example.net>",
		 "quiet"},
		{"[INFO] [" UUID ".1.1] [outbound] bouncing mail: Too many failures (421 no)",
		 "delivery id=" SESSION ".1 related=1 expired smtp code=421 said=421 no)"},
		{"[INFO] [" UUID ".1.1] [outbound] Temp failing 17_vm for 64 seconds: "
		 "Upstream error: 451 4.7.1 later",
		 "delivery id=" SESSION ".1 related=1 deferred smtp code=451 status=4.7.1 said=451 4.7.1 later"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

/* logfmt, and JSON as the reader gives it */
static void forms(void **state)
{
	static const struct line_row rows[] = {
		{"level=NOTICE uuid=" UUID " origin=core message=connect ip=203.0.113.7 port=4",
		 "connect related=" SESSION " client=203.0.113.7"},
		{"level=INFO uuid=" UUID " origin=auth/auth_vpopmaild message=\"AUTH "
		 "user=\\\"bob\\\" success=true\"",
		 "login related=" SESSION " login=bob good"},
		{"level=NOTICE uuid=" UUID ".1.1 origin=outbound message=\"\" delivered "
		 "file=1 domain=x.example rcpts=1/0/0",
		 "delivery id=" SESSION ".1 related=1 sent smtp to=x.example count=1"},
		{"\037level=NOTICE\037uuid=" UUID ".1\037origin=core\037message=recipient <a@x>\037code=OK\037sender=b",
		 "change id=" SESSION ".1 waiting to=a@x"},
		{"\037level=NOTICE\037uuid=" UUID ".1.1\037origin=outbound\037message=\037delivered?file=1\037domain=x."
		 "example\037rcpts=1/0/0",
		 "delivery id=" SESSION ".1 related=1 sent smtp to=x.example count=1"},
		{"\037level=NOTICE\037uuid=7\037origin=core\037message=connect", "foreign"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
