/* SPDX-License-Identifier: BSD-2-Clause */
/* Each place of each line that strangers fill, with each word and pair of words that look like fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "planted.h"

enum { TEXT_MAX = 512, PAIRS = 6 };

static bool text_holds(size_t line, size_t place, const char *first, const char *second)
{
	struct buf text = buf_make(TEXT_MAX);
	char what[2048];
	bool holds;
	buf_printf(&text, "x%s%sy", first, second);
	holds = planted_holds(line, place, buf_span(&text), what, sizeof(what));
	if (!holds)
		print_error("%s\n", what);
	buf_release(&text);
	return holds;
}

/* The first text that does not hold is told. Of the pairs each place gets another sixth. */
static bool place_holds(size_t line, size_t place)
{
	for (size_t i = 0; i < planted_words(); i++) {
		if (!text_holds(line, place, planted_word(i), ""))
			return false;
		for (size_t k = 0; k < planted_words(); k++)
			if ((i + k + line + place) % PAIRS == 0 &&
			    !text_holds(line, place, planted_word(i), planted_word(k)))
				return false;
	}
	return true;
}

static void nothing_a_stranger_writes(void **state)
{
	unsigned int faults = 0;
	(void)state;
	for (size_t line = 0; line < planted_lines(); line++)
		for (size_t place = 0; place < planted_places(line); place++)
			faults += !place_holds(line, place);
	assert_int_equal(faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_a_stranger_writes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
