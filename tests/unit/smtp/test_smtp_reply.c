/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "smtp/smtp_reply.h"

static struct smtp_reply whole(const char *text)
{
	struct smtp_reader r = {0};
	struct span input = span_str(text);
	assert_int_equal(smtp_reader_add(&r, &input), 1);
	assert_int_equal(input.len, 0);
	return r.reply;
}

static void one_line(void **state)
{
	struct smtp_reply r = whole("550 5.7.1 <a@example.com>: Relay access denied\r\n");
	assert_int_equal(r.code, 550);
	assert_int_equal(r.enhanced[0], 5);
	assert_int_equal(r.enhanced[1], 7);
	assert_int_equal(r.enhanced[2], 1);
	assert_string_equal(r.text, "550 5.7.1 <a@example.com>: Relay access denied");
	assert_string_equal(whole("250\r\n").text, "250"); /* RFC 5321 section 4.2: the text may be missing */
	assert_string_equal(whole("250 caf\xc3\xa9\a\n").text, "250 caf???");
}

static void many_lines_in_pieces(void **state)
{
	const char *text = "250-mx.example.com\r\n250-SIZE\r\n250 HELP\r\n220 next";
	struct smtp_reader r = {0};
	for (size_t i = 0; text[i]; i++) {
		struct span one = span_of(text + i, 1);
		assert_int_equal(smtp_reader_add(&r, &one), text[i] == '\n' && strcmp(text + i + 1, "220 next") == 0);
	}
	struct smtp_reader again = {0};
	struct span rest = span_str(text);
	assert_int_equal(smtp_reader_add(&again, &rest), 1);
	assert_int_equal(again.reply.code, 250);
	assert_string_equal(again.reply.text, "250 HELP");
	assert_true(span_equal(rest, span_str("220 next")));
}

static void without_enhanced_code(void **state)
{
	static const char *const texts[] = {"550 no", "550 5.7", "550 4.7.1 other class", "550 5.7.1234 x",
					    "550 5.7.1x"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char line[64];
		snprintf(line, sizeof(line), "%s\r\n", texts[i]);
		assert_int_equal(whole(line).enhanced[0], 0);
	}
}

static void no_smtp(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 400 Bad Request\r\n", "\r\n", "25\r\n", "199 x\r\n", "600 x\r\n", "250x\r\n",
		"SSH-2.0-OpenSSH\r\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct smtp_reader r = {0};
		struct span input = span_str(texts[i]);
		assert_int_equal(smtp_reader_add(&r, &input), -EBADMSG);
	}
	struct smtp_reader endless = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0; i++) {
		struct span line = span_str("250-again\r\n");
		assert_true(i <= SMTP_REPLY_LINES_MAX);
		rc = smtp_reader_add(&endless, &line);
	}
	assert_int_equal(rc, -EBADMSG);
}

static void a_long_line_is_cut(void **state)
{
	struct smtp_reader r = {0};
	struct span start = span_str("250 "), end = span_str("\r\n");
	assert_int_equal(smtp_reader_add(&r, &start), 0);
	for (size_t i = 0; i < 100000; i++) {
		struct span more = span_str("x");
		assert_int_equal(smtp_reader_add(&r, &more), 0);
	}
	assert_int_equal(smtp_reader_add(&r, &end), 1);
	assert_int_equal(strlen(r.reply.text), SMTP_LINE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(many_lines_in_pieces),
		cmocka_unit_test(without_enhanced_code),
		cmocka_unit_test(no_smtp),
		cmocka_unit_test(a_long_line_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
