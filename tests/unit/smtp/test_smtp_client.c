/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "smtp/smtp_client.h"

static const struct smtp_envelope envelope = {.helo = "[198.19.25.25]", .from = "<>", .to = "<u@example.net>"};

static void says(struct smtp_client *c, const char *expected)
{
	struct span out = smtp_client_output(c);
	assert_true(span_equal(out, span_str(expected)));
	smtp_client_sent(c, out.len);
	assert_int_equal(smtp_client_output(c).len, 0);
}

static void hears(struct smtp_client *c, const char *text)
{
	smtp_client_input(c, span_str(text), 1);
}

static void a_session(void **state)
{
	struct smtp_client c;
	smtp_client_begin(&c, &envelope, 0);
	says(&c, ""); /* the server speaks first */
	hears(&c, "220-mx\r\n220 ready\r\n");
	says(&c, "EHLO [198.19.25.25]\r\n");
	hears(&c, "250-mx\r\n250 PIPELINING\r\n");
	says(&c, "MAIL FROM:<>\r\n");
	hears(&c, "250 2.1.0 Ok\r\n");
	says(&c, "RCPT TO:<u@example.net>\r\n");
	hears(&c, "554 5.7.1 no\r\n");
	says(&c, "QUIT\r\n"); /* never DATA */
	hears(&c, "221 bye\r\n");
	assert_true(smtp_client_ended(&c));
	assert_int_equal(c.error, 0);
	assert_int_equal(c.settled_at, SMTP_RCPT);
	assert_int_equal(c.settled.code, 554);
}

/* What a refusal at each stage comes to. */
static void refused_early(void **state)
{
	struct smtp_client c;
	smtp_client_begin(&c, &envelope, 0);
	hears(&c, "554 go away\r\n");
	says(&c, "QUIT\r\n");
	assert_int_equal(c.settled_at, SMTP_GREETING);
	smtp_client_closed(&c);
	assert_int_equal(c.error, 0); /* it was settled before */

	smtp_client_begin(&c, &envelope, 0);
	hears(&c, "220 hi\r\n");
	hears(&c, "502 5.5.1 what\r\n");
	says(&c, "HELO [198.19.25.25]\r\n");
	hears(&c, "250 ok\r\n");
	hears(&c, "550 5.1.8 no\r\n");
	assert_int_equal(c.settled_at, SMTP_MAIL);

	smtp_client_begin(&c, &envelope, 0);
	hears(&c, "220 hi\r\n");
	hears(&c, "421 too many\r\n");
	assert_int_equal(c.settled_at, SMTP_EHLO);
}

static void nothing_comes(void **state)
{
	struct smtp_client c;
	smtp_client_begin(&c, &envelope, 0);
	smtp_client_due(&c, c.deadline_us - 1);
	assert_false(smtp_client_ended(&c));
	smtp_client_due(&c, c.deadline_us);
	assert_true(smtp_client_ended(&c));
	assert_int_equal(c.error, -ETIMEDOUT);
	assert_int_equal(c.settled_at, SMTP_GREETING);

	smtp_client_begin(&c, &envelope, 0);
	hears(&c, "220 hi\r\n");
	smtp_client_closed(&c);
	assert_int_equal(c.error, -ECONNRESET);
	assert_int_equal(c.settled_at, SMTP_EHLO);

	smtp_client_begin(&c, &envelope, 0);
	hears(&c, "SSH-2.0\r\n");
	assert_int_equal(c.error, -EBADMSG);
}

/* A line end in an address would be a command of its own. */
static void no_second_command(void **state)
{
	static const struct smtp_envelope bad = {.helo = "x", .from = "<>\r\nDATA", .to = "<u@example.net>"};
	struct smtp_client c;
	smtp_client_begin(&c, &bad, 0);
	hears(&c, "220 hi\r\n250 ok\r\n");
	assert_true(smtp_client_ended(&c));
	assert_int_equal(c.error, -E2BIG);
	assert_int_equal(smtp_client_output(&c).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_session), cmocka_unit_test(refused_early),
					   cmocka_unit_test(nothing_comes), cmocka_unit_test(no_second_command)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
