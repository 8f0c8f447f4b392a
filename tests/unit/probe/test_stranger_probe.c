/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "probe/stranger_probe.h"

static enum stranger_verdict judged(enum smtp_stage at, const char *line)
{
	struct smtp_reader r = {0};
	struct span input = span_str(line);
	assert_int_equal(smtp_reader_add(&r, &input), 1);
	return stranger_verdict_of(at, &r.reply, 0);
}

static void replies(void **state)
{
	static const struct {
		enum smtp_stage at;
		const char *line;
		enum stranger_verdict verdict;
	} rows[] = {
		{SMTP_RCPT, "250 2.1.5 Ok\n", STRANGER_TAKEN},
		{SMTP_RCPT, "251 will forward\n", STRANGER_TAKEN},
		{SMTP_RCPT, "550 5.7.1 relaying denied\n", STRANGER_REFUSED},
		{SMTP_RCPT, "550 relay not permitted\n", STRANGER_REFUSED}, /* Exim */
		{SMTP_RCPT, "550 Invalid recipient: 250 Ok\n", STRANGER_REFUSED},
		{SMTP_RCPT, "454 4.7.1 <u@example.net>: Relay access denied\n",
		 STRANGER_REFUSED}, /* Postfix's default */
		{SMTP_RCPT, "450 4.2.0 Greylisted\n", STRANGER_LATER},
		{SMTP_RCPT, "451 4.7.1 Greylisted\n", STRANGER_LATER},
		{SMTP_RCPT, "450 4.3.2 Service currently unavailable\n", STRANGER_LATER}, /* postscreen */
		{SMTP_RCPT, "450 4.1.2 Recipient address rejected: Domain not found\n", STRANGER_DOMAIN},
		{SMTP_RCPT, "556 5.1.10 null MX\n", STRANGER_DOMAIN},
		{SMTP_MAIL, "553 5.1.8 Domain of sender address does not exist\n", STRANGER_DOMAIN}, /* Sendmail */
		{SMTP_MAIL, "550 5.7.1 no\n", STRANGER_REFUSED},
		{SMTP_MAIL, "451 later\n", STRANGER_LATER},
		{SMTP_RCPT, "421 4.7.0 Too many errors\n", STRANGER_SILENT},
		{SMTP_GREETING, "554 5.7.1 You are not welcome\n", STRANGER_SILENT},
		{SMTP_EHLO, "550 blocked\n", STRANGER_SILENT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(judged(rows[i].at, rows[i].line), rows[i].verdict);
}

static void no_reply(void **state)
{
	static const struct smtp_reply none;
	assert_int_equal(stranger_verdict_of(SMTP_GREETING, &none, -ETIMEDOUT), STRANGER_SILENT);
	assert_int_equal(stranger_verdict_of(SMTP_GREETING, &none, -ECONNREFUSED), STRANGER_SILENT);
	assert_int_equal(stranger_verdict_of(SMTP_GREETING, &none, -EBADMSG), STRANGER_NO_SMTP);
	assert_int_equal(stranger_verdict_of(SMTP_MAIL, &none, -E2BIG), STRANGER_NOT_TRIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(replies), cmocka_unit_test(no_reply)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
