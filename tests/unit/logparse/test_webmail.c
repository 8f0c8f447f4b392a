/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event_words.h"

static void sent(void **state)
{
	static const struct line_row rows[] = {
		{"<ab1> User anna@example.com [203.0.113.9]; Message <1@example.com> for pal@example.org; 250: 2.0.0 "
		 "Ok: queued "
		 "as 4F0000000E",
		 "accept id=4F0000000E client=203.0.113.9 login=anna@example.com"},
		{"User anna [2001:db8::9]; Message <1@example.com> for a@example.org, queued as 4FEE11; 250: 2.0.0 Ok: "
		 "queued as "
		 "4F0000000E",
		 "accept id=4F0000000E client=2001:db8::9 login=anna"},
		/* behind a proxy of our own: its word; a stranger's headers are none */
		{"<ab1> User anna [10.0.0.1(X-Real-IP: 203.0.113.9,X-Forwarded-For: 192.0.2.66)]; Message <1@x> for "
		 "a@x.example; "
		 "250: 2.0.0 Ok: queued as 4F0000000E",
		 "accept id=4F0000000E client=203.0.113.9 login=anna"},
		{"<ab1> User anna [127.0.0.1(X-Forwarded-For: 192.0.2.66, 203.0.113.9)]; Message <1@x> for "
		 "a@x.example; 250: 2.0.0 "
		 "Ok: queued as 4F0000000E",
		 "accept id=4F0000000E client=203.0.113.9 login=anna"},
		{"<ab1> User anna [203.0.113.9(X-Forwarded-For: 192.0.2.66)]; Message <1@x> for a@x.example; 250: "
		 "2.0.0 Ok: queued "
		 "as 4F0000000E",
		 "accept id=4F0000000E client=203.0.113.9 login=anna"},
		{"<ab1> User anna [203.0.113.9]; Message <1@x> for a@x.example; 250: accepted", "quiet"},
		{"<ab1> PHP Error: something", "quiet"},
	};
	(void)state;
	rows_hold(&format_webmail, "roundcube", rows, sizeof(rows) / sizeof(rows[0]));
}

static void logins(void **state)
{
	static const struct line_row rows[] = {
		{"<ab1> Successful login for anna@example.com (ID: 5) from 203.0.113.9 in session ab1cdef",
		 "login client=203.0.113.9 login=anna@example.com good"},
		{"<ab1> Failed login for x from 192.0.2.66 in session q from 203.0.113.9 in session ab1cdef (error: 0)",
		 "login client=203.0.113.9 login=x from 192.0.2.66 in session q"},
		{"<ab1> Failed login for x from nowhere in session ab1cdef (error: 0)", "quiet"},
	};
	(void)state;
	rows_hold(&format_webmail, "roundcube", rows, sizeof(rows) / sizeof(rows[0]));
}

/* Its own file: the stamp in brackets, a ':' behind it. */
static void own_file(void **state)
{
	static const char text[] =
		"[24-Nov-2026 11:00:00 +0100]: <ab1> User anna [203.0.113.9]; Message <1@x> for a@x.example; "
		"250: 2.0.0 Ok: queued as 4F0000000E";
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {.count = 0};
	struct log_line l;
	struct mail_event e;
	(void)state;
	line_read(span_str(text), &stamps, &l);
	assert_int_equal(l.at_ms, INT64_C(1795514400000));
	assert_int_equal(format_parse(&formats, &l, 0, &e), LINE_EVENT);
	assert_int_equal(e.format, FORMAT_FILTER);
	assert_true(span_equal(e.login, span_str("anna")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sent),
		cmocka_unit_test(logins),
		cmocka_unit_test(own_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
