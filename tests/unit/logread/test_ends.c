/* SPDX-License-Identifier: BSD-2-Clause */
/* Line ends, whichever way this processor finds them: against a search octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logread/source_lines.h"

enum { TEXT_OCTETS = 40000, ROUNDS = 60 };

static uint64_t any(uint64_t *state)
{
	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return *state >> 33;
}

/* Lines of nothing to some hundred octets, some with a single NUL, which is a line's own where more follows it. */
static void fill(uint8_t *text, uint64_t seed)
{
	uint64_t state = seed, longest = 1 + seed * 7 % 400;
	size_t at = 0;
	while (at < TEXT_OCTETS) {
		size_t len = any(&state) % longest;
		for (size_t i = 0; i < len && at < TEXT_OCTETS; i++)
			text[at++] = (uint8_t)('a' + any(&state) % 26);
		if (len > 2 && seed % 3 == 0 && any(&state) % 40 == 0)
			text[at - 2] = 0;
		if (at < TEXT_OCTETS)
			text[at++] = '\n';
	}
	text[TEXT_OCTETS - 2] = 'z'; /* no NUL there: those at a line's end are passed over */
	text[TEXT_OCTETS - 1] = '\n';
}

static void hold(const uint8_t *text, bool wide)
{
	struct blocks *blocks;
	struct lines l;
	struct raw_line raw;
	size_t at = 0;
	uint64_t number = 0;
	assert_int_equal(blocks_of_memory(span_of(text, TEXT_OCTETS), &blocks), 0);
	lines_init(&l, blocks);
	l.wide = l.wide && wide;
	while (at < TEXT_OCTETS) {
		size_t len = span_find(span_of(text + at, TEXT_OCTETS - at), '\n');
		assert_int_equal(lines_next(&l, true, &raw), 1);
		assert_int_equal(raw.offset, at);
		assert_int_equal(raw.number, ++number);
		assert_true(span_equal(raw.text, span_of(text + at, len)));
		at += len + 1;
	}
	assert_int_equal(lines_next(&l, true, &raw), 0);
	lines_release(&l);
}

static void ends_are_found(void **state)
{
	static uint8_t text[TEXT_OCTETS];
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		fill(text, seed);
		hold(text, true);
		hold(text, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ends_are_found)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
