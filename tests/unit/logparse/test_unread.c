/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logparse/unread.h"

/* Servers that are not read yet, by lines of theirs; NULL: no such line. */
static const struct {
	const char *line, *server;
} lines[] = {
	{"#Software: Microsoft Exchange Server", "Microsoft Exchange"},
	{"\"origin_timestamp_utc\",\"sender_address\",\"recipient_status\"", "Microsoft 365 (message trace)"},
	{"\"MessageId\",\"Received\",\"SenderAddress\",\"RecipientAddress\",\"Status\",\"MessageTraceId\"",
	 "Microsoft 365 (message trace)"},
	{"type,timeLogged,timeQueued,orig,rcpt,dsnAction", "PowerMTA"},
	{"Nov 30 12:00:00 mx zone-mta: info Sender/default/5128[1] 1636695418700056aa.001 DEFERRED[defer]", "ZoneMTA"},
	{"info Sender/default/4133[6] id=svd5u 1984e8a65b.002 ACCEPTED from=a@example.com", "ZoneMTA"},
	{"[smtp.1:23321] [2026-11-30T11:50:39.363] DEBUG -- : [BOKFFT] <= QUIT", "Postal"},
	{"2026-11-30T10:00:00+00:00 mx mox[763]: l=info m=\"delivering to remote\" pkg=queue remote=mx.example", "mox"},
	{"queue: delivered\t{\"attempt\":1,\"msg_id\":\"a70cc095\",\"rcpt\":\"john@example.org\"}", "maddy"},
	{"INFO  12:00:00,000 | o.a.j.t.m.r.delivery.MailDelivrer | Attempting delivery", "Apache James"},
	{"[30/Nov/2026 17:57:14] Recv: Queue-ID: 438dd9ea-00000000, Service: SMTP, From: <a@example.com>",
	 "Kerio Connect"},
	{"\"SMTPD\"\t1696\t1\t\"2026-11-30 12:00:00.000\"\t\"192.0.2.1\"\t\"SENT: 220 mx\"", "hMailServer"},
	{"11/30/26 12:00:00\tSMTP-IN\tA1B2\t1020\t192.0.2.1\tEHLO\tEHLO mx", "MailEnable"},
	{"Mon Nov 30 12:00:00 2026 Info: MID 6 ICID 5 From: <a@example.com>", "Cisco Secure Email (ESA)"},
	{"Nov 30 12:00:00 mx courieresmtpd: started,ip=[::ffff:192.0.2.1],id=0001", "Courier"},
	{"Nov 30 12:00:00 mx cron[12]: (root) CMD (run-parts /etc/cron.hourly)", NULL},
	{"Nov 30 12:00:00 mx app[12]: l=info m=\"request served\" pkg=http", NULL},
	{"Nov 30 12:00:00 mx backup: queue: delivered 12 files", NULL},
	{"", NULL},
};

static void servers_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *server = format_unread(span_str(lines[i].line));
		if (lines[i].server)
			assert_string_equal(server ? server : lines[i].line, lines[i].server);
		else
			assert_null(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(servers_are_named)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
