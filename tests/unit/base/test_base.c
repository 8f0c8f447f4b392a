/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/error.h"
#include "base/json.h"

static void span_trims_and_compares(void **state)
{
	assert_true(span_equal(span_trim(span_str(" \ta b\r\n")), span_str("a b")));
	assert_int_equal(span_trim(span_str(" \n ")).len, 0);
	assert_true(span_equal_nocase(span_str("ZeN.Example"), span_str("zen.example")));
	assert_false(span_equal_nocase(span_str("a"), span_str("ab")));
	assert_int_equal(span_find(span_str("ab.c"), '.'), 2);
	assert_int_equal(span_find(span_str("abc"), '.'), 3);
}

static void numbers_are_strict(void **state)
{
	uint64_t v = 7;
	assert_int_equal(ascii_parse_u64(span_str("18446744073709551615"), UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(ascii_parse_u64(span_str("18446744073709551616"), UINT64_MAX, &v), -ERANGE);
	assert_int_equal(ascii_parse_u64(span_str("256"), 255, &v), -ERANGE);
	assert_int_equal(ascii_parse_u64(span_str("+1"), 255, &v), -EINVAL);
	assert_int_equal(ascii_parse_u64(span_str(""), 255, &v), -EINVAL);
	assert_true(v == UINT64_MAX);
}

static void eight_digits_at_once(void **state)
{
	static const struct {
		const char *text;
		unsigned int count;
		uint32_t value;
	} rows[] = {
		{"12345678", 8, 12345678},
		{"0000000]", 7, 0},
		{"4194304]", 7, 4194304},
		{"7]: 1234", 1, 7},
		{"]1234567", 0, 0},
		{"/2345678", 0, 0},
		{":2345678", 0, 0},
		{"99/99999", 2, 99},
		{"99:99999", 2, 99},
		{"123\xff"
		 "567",
		 3, 123},
		{"\xb1"
		 "2345678",
		 0, 0},
		{"99999999", 8, 99999999},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t value = 1;
		assert_int_equal(ascii_digits8((const uint8_t *)rows[i].text, &value), rows[i].count);
		assert_int_equal(value, rows[i].value);
	}
}

static void eight_small_letters_at_once(void **state)
{
	for (unsigned int c = 0; c < 256; c++)
		for (unsigned int beside = 0; beside < 256; beside += 51) { /* no octet changes its neighbours */
			uint64_t word = 0, small = 0;
			for (unsigned int i = 0; i < 8; i++) {
				uint8_t one = (uint8_t)(i % 2 ? beside : c);
				word = word << 8 | one;
				small = small << 8 | ascii_lower(one);
			}
			assert_true(ascii_lower8(word) == small);
		}
}

static void cursor_error_sticks(void **state)
{
	struct cursor c = cursor_of(span_of("\x01\x02\x03\x04\x05\x06\x07", 7));
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_int_equal(c.error, 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(c.error, -EBADMSG);
	assert_int_equal(cursor_left(&c), 0);
	c.pos = 0;
	assert_int_equal(cursor_u8(&c), 0);
}

static void buf_stops_at_its_maximum(void **state)
{
	struct buf b = buf_make(10);
	assert_string_equal(buf_text(&b), "");
	buf_printf(&b, "%s-%d", "abc", 12345);
	assert_string_equal(buf_text(&b), "abc-12345");
	buf_add_char(&b, 'x');
	assert_int_equal(b.error, 0);
	buf_add_char(&b, 'y');
	assert_int_equal(b.error, -E2BIG);
	assert_string_equal(buf_text(&b), "abc-12345x");
	buf_clear(&b);
	buf_add_str(&b, "z");
	assert_string_equal(buf_text(&b), "z");
	buf_release(&b);
}

static void arena_is_bounded_and_aligned(void **state)
{
	struct arena a = arena_make(40000);
	char *text = arena_copy(&a, span_str("hello"));
	assert_string_equal(text, "hello");
	assert_string_equal(arena_printf(&a, "%d/%s", 3, "x"), "3/x");
	for (int i = 1; i < 100; i++)
		assert_int_equal((uintptr_t)arena_alloc(&a, 1, (size_t)i) % _Alignof(max_align_t), 0);
	assert_non_null(arena_alloc(&a, 1, 20000));
	assert_null(arena_alloc(&a, 1, 20000));
	assert_null(arena_alloc(&a, SIZE_MAX / 2, 4));
	assert_string_equal(text, "hello");
	arena_release(&a);
}

static void json_escapes_and_replaces(void **state)
{
	struct buf b = buf_make(1000);
	struct json j = json_make(&b);
	json_begin(&j, '{');
	json_key(&j, "a\"\\");
	json_span(&j, span_of("\x00\n\x1f\xc3\xa9\xff\xed\xa0\x80\xe2\x82\xac\x7f", 13));
	json_key(&j, "b");
	json_begin(&j, '[');
	json_int(&j, -5);
	json_real(&j, 1.25, 1);
	json_real(&j, 0.0 / 0.0, 1);
	json_bool(&j, true);
	json_str(&j, NULL);
	json_end(&j, ']');
	json_key(&j, "c");
	json_begin(&j, '{');
	json_end(&j, '}');
	json_end(&j, '}');
	assert_string_equal(buf_text(&b),
			    "{\"a\\\"\\\\\":\"\\u0000\\n\\u001f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			    "\xe2\x82\xac\\u007f\",\"b\":[-5,1.2,null,true,null],\"c\":{}}");
	buf_release(&b);
}

static void errors_are_one_clean_line(void **state)
{
	struct error e;
	assert_int_equal(error_set(&e, -EINVAL, "bad %s", "a\nb\x1b"), -EINVAL);
	assert_string_equal(e.text, "bad a?b?");
	assert_int_equal(error_set(NULL, -EIO, "x"), -EIO);
}

static void time_is_rfc_3339(void **state)
{
	char text[CLOCK_TEXT_SIZE];
	clock_text(1795521600000, text);
	assert_string_equal(text, "2026-11-24T12:00:00Z");
	clock_text(INT64_MAX, text);
	assert_string_equal(text, "");
	assert_true(clock_mono_us() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(span_trims_and_compares),      cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(eight_digits_at_once),         cmocka_unit_test(cursor_error_sticks),
		cmocka_unit_test(eight_small_letters_at_once),  cmocka_unit_test(buf_stops_at_its_maximum),
		cmocka_unit_test(arena_is_bounded_and_aligned), cmocka_unit_test(json_escapes_and_replaces),
		cmocka_unit_test(errors_are_one_clean_line),    cmocka_unit_test(time_is_rfc_3339),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
