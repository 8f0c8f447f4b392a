/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "logjoin/php_lines.h"

enum { MAILS = 2000, APART_MS = 100 };

/* A mailer's burst: each of its messages is found again, also where recipients fall together in the table. */
static void test_burst_is_kept(void **state)
{
	static struct php_lines s;
	char to[64];
	for (int i = 0; i < MAILS; i++) {
		struct mail_event e = {.script = span_str("/var/www/mailer.php"), .at_ms = (int64_t)i * APART_MS};
		snprintf(to, sizeof(to), "person%d@example.net", i);
		e.recipient = span_str(to);
		php_lines_note(&s, &e);
	}
	for (int i = 0; i < MAILS; i++) {
		snprintf(to, sizeof(to), "person%d@example.net", i);
		assert_true(span_equal(php_lines_find(&s, span_str(to), (int64_t)i * APART_MS + 1000),
				       span_str("/var/www/mailer.php")));
	}
	assert_int_equal(php_lines_find(&s, span_str("nobody@example.net"), 0).len, 0);
	assert_int_equal(php_lines_find(&s, span_str("person0@example.net"), 60000).len, 0);
	php_lines_release(&s);
}

/* To: with names and several addresses: each of them finds the script. */
static void test_list_of_recipients(void **state)
{
	static struct php_lines s;
	struct mail_event e = {.script = span_str("/srv/x.php"),
			       .recipient = span_str("A <a@example.net>, B@example.org"),
			       .at_ms = 5000};
	php_lines_note(&s, &e);
	assert_true(span_equal(php_lines_find(&s, span_str("a@example.net"), 5000), span_str("/srv/x.php")));
	assert_true(span_equal(php_lines_find(&s, span_str("b@example.org"), 6000), span_str("/srv/x.php")));
	php_lines_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_burst_is_kept),
					   cmocka_unit_test(test_list_of_recipients)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
