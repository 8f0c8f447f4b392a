/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "diagnose/submits.h"

enum { MAILS = 2000, APART_MS = 100 };

/* A mailer's burst: each of its messages is found again, also where recipients fall together in the table. */
static void test_burst_is_kept(void **state)
{
	static struct submits s;
	char to[64];
	for (int i = 0; i < MAILS; i++) {
		struct mail_event e = {.script = span_str("/var/www/mailer.php"), .at_ms = (int64_t)i * APART_MS};
		snprintf(to, sizeof(to), "person%d@example.net", i);
		e.recipient = span_str(to);
		submits_note(&s, &e);
	}
	for (int i = 0; i < MAILS; i++) {
		snprintf(to, sizeof(to), "person%d@example.net", i);
		assert_true(span_equal(submits_find(&s, span_str(to), (int64_t)i * APART_MS + 1000),
				       span_str("/var/www/mailer.php")));
	}
	assert_int_equal(submits_find(&s, span_str("nobody@example.net"), 0).len, 0);
	assert_int_equal(submits_find(&s, span_str("person0@example.net"), 60000).len, 0);
	submits_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_burst_is_kept)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
