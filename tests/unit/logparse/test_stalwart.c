/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define PARTY                                                                                                          \
	"listenerId = \"smtp\", localPort = 25, remoteIp = 203.0.113.7, remotePort "                                   \
	"= 4711"
#define FROM     "related=203.0.113.7, remotePort = 4711 client=203.0.113.7"
#define ENVELOPE "from = \"bob@example.com\", to = [\"a@example.net\"], size = 9"
#define TRY      "queueId = 7, queueName = \"remote\", " ENVELOPE ", total = 1, "
#define TWO                                                                                                            \
	"queueId = 7, queueName = \"remote\", from = \"<>\", to = [\"a@x\", "                                          \
	"\"b@x\"], size = 9, total = 2, "
#define MX "hostname = \"mx.example.net\""

static void holds(const struct line_row *rows, size_t count)
{
	rows_hold(&format_stalwart, "", rows, count);
}

static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{"INFO SMTP connection started (smtp.connection-start) " PARTY, "connect " FROM},
		{"INFO Authentication successful (auth.success) " PARTY
		 ", accountName = \"bob@example.com\", accountId = 5",
		 "login " FROM " login=bob@example.com good"},
		{"WARN Authentication failed (auth.failed) " PARTY ", accountName = \"bob\"",
		 "login " FROM " login=bob"},
		{"INFO Queued message submission for delivery "
		 "(queue.authenticated-message-queued) " PARTY ", queueId = 7, " ENVELOPE
		 ", nextRetry = 2026-11-24T10:00:00Z",
		 "accept id=7 " FROM " from=<bob@example.com> size=9 rcpts=1"},
		{"INFO Queued DSN for delivery (queue.dsn-queued) " TRY
		 "queueId = 8, from = \"<>\", to = [\"bob@example.com\"], size = 9",
		 "accept id=8 notice=7 local from=<> size=9 rcpts=1"},
		{"2026-11-24T10:00:00Z INFO Relay not allowed "
		 "(smtp.relay-not-allowed) " PARTY ", to = \"a@example.org\"",
		 "refusal " FROM " bounced to=a@example.org reply=Relay not allowed"},
		{"INFO SMTP EHLO command (smtp.ehlo) " PARTY ", domain = \"pc\"", "quiet"},
		{"INFO DNS record not found (acme.dns-record-not-found) x = 1", "quiet"},
		{"INFO a program of another kind (x)", "foreign"},
		{"INFO Queued message for delivery (queue.message-queued) " PARTY, "unknown"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

static void outcomes(void **state)
{
	static const struct line_row rows[] = {
		{"INFO Message delivered (delivery.delivered) " TRY MX
		 ", to = \"a@example.net\", code = 250, details = \"OK \"x\", y\", "
		 "elapsed = 12ms",
		 "delivery id=7 sent smtp to=a@example.net relay=mx.example.net code=250 "
		 "said=OK \"x\", y"},
		{"INFO Rejected (delivery.rcpt-to-rejected) " TRY MX
		 ", to = \"a@example.net\", code = 550, details = \"no\"",
		 "delivery id=7 bounced smtp to=a@example.net relay=mx.example.net "
		 "code=550 said=no"},
		{"INFO Rejected (delivery.rcpt-to-rejected) " TRY MX
		 ", to = \"a@example.net\", code = 451, details = \"no\"",
		 "delivery id=7 deferred smtp to=a@example.net relay=mx.example.net "
		 "code=451 said=no"},
		{"INFO Rejected (delivery.message-rejected) " TRY MX
		 ", causedBy = SMTP error (smtp.error) { details = \"Unexpected\", code "
		 "= 554, reason = \"spam\" }",
		 "delivery id=7 bounced smtp to=a@example.net relay=mx.example.net "
		 "code=554 said=spam"},
		/* of several recipients it does not say which */
		{"INFO Rejected (delivery.message-rejected) " TWO MX ", code = 554, details = \"spam\"", "quiet"},
		{"INFO DSN permanent failure notification (delivery.dsn-perm-fail) " TWO "to = \"b@x\", " MX
		 ", details = \"Unexpected response for DATA: Code: 554, Enhanced code: "
		 "5.7.1, Message: spam\", total = 0",
		 "delivery id=7 bounced smtp to=b@x relay=mx.example.net code=554 "
		 "said=spam"},
		{"INFO Delivery completed (delivery.completed) " TRY "elapsed = 12ms", "end id=7"},
		/* a sender, a recipient or a reply that holds fields: nothing is taken */
		{"INFO Message delivered (delivery.delivered) " TRY MX
		 ", to = \"x\", code = 250, details = \"a@example.net\", code = 550, "
		 "details = \"OK\"",
		 "unknown"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

/* JSON as the reader gives it */
static void objects(void **state)
{
	static const struct line_row rows[] = {
		{"\037id=1\037createdAt=2026-11-24T10:00:00Z\037type=delivery."
		 "delivered\037data.hostname=mx\037data.to=a@x"
		 "\037data.code=250\037data.details=OK\037data.queueId=7\037data.from="
		 "bob@x",
		 "delivery id=7 sent smtp to=a@x relay=mx code=250 said=OK"},
		{"\037createdAt=2026-11-24T10:00:00Z\037type=queue.message-"
		 "queued\037data.queueId=7\037data.from=b@x"
		 "\037data.to=a@x\036c@x\037data.size=9\037data.remoteIp=203.0.113."
		 "7\037data.remotePort=4",
		 "accept id=7 related=4 client=203.0.113.7 from=<b@x> size=9 rcpts=2"},
		{"\037type=delivery.delivered\037data.to=a", "foreign"},
	};
	holds(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
