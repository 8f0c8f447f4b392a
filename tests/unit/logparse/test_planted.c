/* SPDX-License-Identifier: BSD-2-Clause */
/* Each place of each line that strangers fill, with words, pairs and rows of words that look like fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "planted.h"

enum {
	TEXT_MAX = 1800, /* of a command that servers take */
	LINE_MAX_OCTETS = 4 * TEXT_MAX,
	PAIRS = 6,
};

static bool text_holds(struct planted *place, struct span text)
{
	char what[LINE_MAX_OCTETS];
	bool holds = planted_holds(place, text, what, sizeof(what));
	if (!holds)
		print_error("%s\n", what);
	return holds;
}

/* The first text that does not hold is told. Of the pairs each place gets another sixth. */
static bool words_hold(struct planted *place, size_t number, struct buf *text)
{
	for (size_t i = 0; i < planted_words(); i++)
		for (size_t k = 0; k <= planted_words(); k++) {
			if (k < planted_words() && (i + k + number) % PAIRS != 0)
				continue;
			buf_clear(text);
			buf_add_char(text, 'x');
			buf_add_str(text, planted_word(i));
			if (k < planted_words())
				buf_add_str(text, planted_word(k));
			buf_add_char(text, 'y');
			if (!text_holds(place, buf_span(text)))
				return false;
		}
	return true;
}

/* As often as a command has room for it: whatever is looked at a number of times only. */
static bool many_hold(struct planted *place, size_t number, struct buf *text)
{
	for (size_t i = number % PAIRS; i < planted_words(); i += PAIRS) {
		size_t len = strlen(planted_word(i));
		buf_clear(text);
		for (size_t n = 0; n + len <= TEXT_MAX; n += len)
			buf_add_str(text, planted_word(i));
		if (!text_holds(place, buf_span(text)))
			return false;
	}
	return true;
}

static void nothing_a_stranger_writes(void **state)
{
	struct buf text = buf_make(TEXT_MAX);
	unsigned int faults = 0;
	(void)state;
	for (size_t line = 0; line < planted_lines(); line++) {
		assert_true(planted_places(line) > 0);
		for (size_t i = 0; i < planted_places(line); i++) {
			struct planted *place = planted_new(line, i);
			assert_non_null(place);
			faults += !words_hold(place, line + i, &text) || !many_hold(place, line + i, &text);
			planted_free(place);
		}
	}
	buf_release(&text);
	assert_int_equal(faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_a_stranger_writes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
