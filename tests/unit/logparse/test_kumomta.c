/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

/* "\037" stands before each field, "\036" between the values of a list */
#define ID "d69b7572696011eebb51227d27bbd7ab"
#define NODE                                                                                                           \
	"\037queue=example.net\037nodeid=557f3ad4-2c8c-11ee-976e-782d7e12e173\037timestamp=1795474492\037created="     \
	"1795474489"
#define HEAD(type)                                                                                                     \
	"\037type=" type "\037id=" ID "\037sender=bob@example.com\037recipient=a@example.net\037size=1047" NODE
#define FROM        "\037peer_address.name=h.example.net\037peer_address.addr=198.51.100.7"
#define TO          "\037peer_address.name=mx.example.net.\037peer_address.addr=192.0.2.25\037delivery_protocol=ESMTP"
#define DELIVERY_OF "delivery id=" ID " from=<bob@example.com>"

static void holds(const struct line_row *rows, size_t count)
{
	rows_hold(&format_kumomta, "", rows, count);
}

static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{HEAD("Reception") FROM "\037reception_protocol=ESMTP\037meta.authn_id=bob@example.com",
		 "accept id=" ID " client=198.51.100.7 helo=h.example.net login=bob@example.com from=<bob@example.com> "
		 "size=1047 rcpts=1"},
		{HEAD("Reception") FROM "\037headers.message-id=<1@example.com>\037headers.SUBJECT=Hi",
		 "accept id=" ID " client=198.51.100.7 helo=h.example.net from=<bob@example.com> msgid=1@example.com "
		 "subject=Hi size=1047 rcpts=1"},
		/* by HTTP: with a login, and without one */
		{HEAD("Reception") "\037peer_address.name=\037peer_address.addr=198.51.100.7\037reception_protocol=HTTP"
				   "\037meta.http_auth=app",
		 "accept id=" ID " client=198.51.100.7 login=app from=<bob@example.com> size=1047 rcpts=1"},
		{HEAD("Reception") "\037peer_address.addr=[2001:db8::7]:4711\037meta.http_auth=2001:db8::7",
		 "accept id=" ID " client=2001:db8::7 from=<bob@example.com> size=1047 rcpts=1"},
		{HEAD("Reception") "\037peer_address.addr=/run/kumo.sock",
		 "accept id=" ID " local from=<bob@example.com> size=1047 rcpts=1"},
		{"\037type=Reception\037id=" ID "\037sender=\037recipient=a@example.net\036b@example.net" NODE FROM,
		 "accept id=" ID " client=198.51.100.7 helo=h.example.net from=<> rcpts=2"},
		{HEAD("XferIn") TO, "detail id=" ID " from=<bob@example.com> size=1047 rcpts=1"},
		{HEAD("Feedback") FROM, "accept id=" ID " client=198.51.100.7 helo=h.example.net "
					"from=<bob@example.com> size=1047 rcpts=1"},
		/* a web hook's copy of a record is no mail */
		{HEAD("Reception") FROM "\037reception_protocol=LogRecord", "quiet"},
		{HEAD("OOB") FROM, "quiet"},
		{HEAD("AdminRebind"), "quiet"},
		{HEAD("Delayed"), "quiet"},
		{"\037type=Reception\037id=\037sender=\037recipient=a" NODE, "unknown"},
		/* another program's record */
		{HEAD("Invoice"), "foreign"},
		{"\037type=Reception\037id=1\037sender=x", "foreign"},
		{"{\"type\":\"Reception\"}", "foreign"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

static void outcomes(void **state)
{
	static const struct line_row rows[] = {
		{HEAD("Delivery") TO "\037response=250 2.0.0 OK id=1",
		 DELIVERY_OF " sent smtp to=a@example.net relay=mx.example.net relay-ip=192.0.2.25 delay=3000 count=1 "
			     "code=250 status=2.0.0 said=250 2.0.0 OK id=1"},
		{HEAD("Bounce") TO "\037response=550 5.7.1 blocked using list.example",
		 DELIVERY_OF " bounced smtp to=a@example.net relay=mx.example.net relay-ip=192.0.2.25 delay=3000 "
			     "count=1 code=550 status=5.7.1 said=550 5.7.1 blocked using list.example"},
		{HEAD("TransientFailure") "\037delivery_protocol=ESMTP\037response=451 4.4.1 KumoMTA internal: failed",
		 DELIVERY_OF " deferred smtp to=a@example.net delay=3000 count=1 code=451 status=4.4.1 reply=451 "
			     "4.4.1 KumoMTA internal: failed"},
		{HEAD("Expiration") "\037response=551 5.4.7 Next delivery time would be at 2026",
		 DELIVERY_OF " expired to=a@example.net delay=3000 count=1 code=551 status=5.4.7 reply=551 5.4.7 Next "
			     "delivery time would be at 2026"},
		{HEAD("AdminBounce") "\037response=551 5.7.1 purge", DELIVERY_OF
		 " removed to=a@example.net delay=3000 count=1 code=551 status=5.7.1 reply=551 5.7.1 purge"},
		{HEAD("Delivery") "\037delivery_protocol=Maildir\037response=200 wrote to x",
		 DELIVERY_OF " sent local-delivery to=a@example.net delay=3000 count=1 code=200 reply=200 wrote to x"},
		{HEAD("Delivery") "\037delivery_protocol=Lua\037response=200 ok",
		 DELIVERY_OF " sent pipe to=a@example.net delay=3000 count=1 code=200 reply=200 ok"},
		{"\037type=Delivery\037id=" ID "\037sender=b\037recipient=a@x\036c@x" NODE TO "\037response=250 ok",
		 "delivery id=" ID " from=<b> sent smtp to=a@x\036c@x relay=mx.example.net relay-ip=192.0.2.25 "
		 "delay=3000 count=2 code=250 said=250 ok"},
		{"\037type=Delivery\037id=" ID "\037sender=b\037recipient=" NODE TO, "unknown"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

#define REJECTION "\037type=Rejection\037id=\037sender=bob@example.com\037recipient=before@example.net" NODE FROM

static void refusals(void **state)
{
	static const struct line_row rows[] = {
		{REJECTION "\037response.command=RCPT TO:<a@example.org> NOTIFY=NEVER\037response=550 5.7.1 no",
		 "refusal client=198.51.100.7 helo=h.example.net from=<bob@example.com> bounced to=a@example.org "
		 "code=550 status=5.7.1 reply=550 5.7.1 no"},
		{REJECTION "\037response.command=rcpt to:<\"a> b\"@example.org>\037response=451 later",
		 "refusal client=198.51.100.7 helo=h.example.net from=<bob@example.com> deferred to=\"a> "
		 "b\"@example.org code=451 reply=451 later"},
		{REJECTION "\037response.command=.\037response=451 later",
		 "refusal client=198.51.100.7 helo=h.example.net from=<bob@example.com> deferred code=451 reply=451 "
		 "later"},
		{"\037type=Rejection\037id=\037sender=\037recipient=" NODE FROM
		 "\037response=535 5.7.8 AUTH invalid\037meta.authn_id=bob",
		 "login client=198.51.100.7 helo=h.example.net login=bob code=535 status=5.7.8 reply=535 5.7.8 AUTH "
		 "invalid"},
		{"\037type=Rejection\037id=\037sender=\037recipient=" NODE FROM "\037response=", "unknown"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What is written in a header, an address or a reply is no field: the reader has put its separators away. */
static void planted(void **state)
{
	static const struct line_row rows[] = {
		{HEAD("Reception") FROM
		 "\037headers.meta?authn_id=ceo\037headers.X-id=1\037headers.Subject=\", \"id\":\"2",
		 "accept id=" ID " client=198.51.100.7 helo=h.example.net from=<bob@example.com> subject=\", "
		 "\"id\":\"2 size=1047 rcpts=1"},
		{HEAD("Reception") FROM "\037id=2\037type=Delivery\037peer_address.addr=192.0.2.66",
		 "accept id=" ID " client=198.51.100.7 helo=h.example.net from=<bob@example.com> size=1047 rcpts=1"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(refusals),
		cmocka_unit_test(planted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
