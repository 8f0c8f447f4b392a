/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sys/trace.h"

static void keep(void *arg, struct span line)
{
	struct buf *kept = arg;
	buf_add(kept, line);
	buf_add_char(kept, '\n');
}

static void an_event_is_a_line(void **state)
{
	struct buf kept = buf_make(4096);
	const struct trace trace = {keep, &kept};
	(void)state;
	trace_event(&trace, "check", "lane", TRACE_TEXT("zone", "bl.example"), TRACE_NUMBER("tries", -3));
	trace_event(&trace, "sys", "program_start", TRACE_SPAN("name", span_of("postconf -x", 8)));
	assert_string_equal(buf_text(&kept), "room=check event=lane zone=bl.example tries=-3\n"
					     "room=sys event=program_start name=postconf\n");
	buf_release(&kept);
}

/* It ends no line, begins no pair, and moves no cursor. */
static void text_from_outside_stays_in_its_value(void **state)
{
	static const char evil[] = "a\n\x1b[2J\0b=\"\\\xc3\xa4";
	struct buf kept = buf_make(4096);
	const struct trace trace = {keep, &kept};
	(void)state;
	trace_event(&trace, "r", "e", TRACE_SPAN("k", span_of(evil, sizeof(evil) - 1)), TRACE_TEXT("none", NULL));
	assert_string_equal(buf_text(&kept),
			    "room=r event=e k=\"a\\x0a\\x1b[2J\\x00b=\\\"\\\\\\xc3\\xa4\" none=\"\"\n");
	buf_release(&kept);
}

static void a_long_value_is_cut(void **state)
{
	char longer[TRACE_VALUE_MAX + 2];
	struct buf kept = buf_make(4096);
	const struct trace trace = {keep, &kept};
	const char *at;
	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	trace_event(&trace, "r", "e", TRACE_TEXT("k", longer), TRACE_TEXT("l", longer + 1));
	at = strstr(buf_text(&kept), "xx");
	assert_non_null(at);
	assert_int_equal(strspn(at, "x"), TRACE_VALUE_MAX);
	assert_memory_equal(at + TRACE_VALUE_MAX, "... l=x", 7);
	assert_null(strstr(at + TRACE_VALUE_MAX + 3, "..."));
	buf_release(&kept);
}

static void nobody_listens(void **state)
{
	int evaluated = 0;
	(void)state;
	trace_event((const struct trace *)NULL, "r", "e", TRACE_NUMBER("k", ++evaluated));
	assert_int_equal(evaluated, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_a_line),
		cmocka_unit_test(text_from_outside_stays_in_its_value),
		cmocka_unit_test(a_long_value_is_cut),
		cmocka_unit_test(nobody_listens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
