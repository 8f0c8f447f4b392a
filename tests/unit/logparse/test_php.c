/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

static void calls(void **state)
{
	static const struct line_row rows[] = {
		{"mail() on [/var/www/x.php:12]: To: a@example.net -- Headers: From: b@example.com -- Subject: hello",
		 "submit script=/var/www/x.php local to=a@example.net"},
		{"mail() on [/var/www/a:b/x.php:12]: To: A <a@example.net>, c@example.net -- Headers:  -- Subject: ]: "
		 "To: x",
		 "submit script=/var/www/a:b/x.php local to=A <a@example.net>, c@example.net"},
		{"mail() on [/var/www/x.php(3) : eval()'d code:1]: To: a@example.net -- Headers: ",
		 "submit script=/var/www/x.php local to=a@example.net"},
		{"mail() on [/var/www/x.php:12", "unknown"},
		{"mail() went wrong", "foreign"},
	};
	rows_hold(&format_php, "php", rows, sizeof(rows) / sizeof(rows[0]));
	rows_hold(&format_php, "", rows, sizeof(rows) / sizeof(rows[0]));
}

static void its_own_stamp(void **state)
{
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	struct mail_event e;
	struct log_line l;
	line_read(span_str("[24-Nov-2026 10:00:00 UTC] mail() on [/srv/x.php:1]: To: a@example.net -- Headers: "),
		  &stamps, &l);
	assert_int_equal(l.at_ms, INT64_C(1795514400000));
	assert_int_equal(format_parse(&formats, &l, 0, &e), LINE_EVENT);
	assert_int_equal(e.format, FORMAT_PHP);
	assert_true(span_equal(e.script, span_str("/srv/x.php")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),
		cmocka_unit_test(its_own_stamp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
