/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logjoin/containers.h"

enum { MINUTE = 60000 };

struct line {
	int minute;
	const char *host, *is;
};

static void hold(const struct line *lines, size_t count)
{
	struct containers c = {.count = 0};
	for (size_t i = 0; i < count; i++) {
		struct span is = containers_host(&c, span_str(lines[i].host), lines[i].minute * MINUTE);
		if (!span_equal(is, span_str(lines[i].is)))
			fail_msg("line %zu: %s is %.*s", i, lines[i].host, (int)is.len, (const char *)is.at);
	}
}
#define HOLD(lines) hold(lines, sizeof(lines) / sizeof(lines[0]))

static void made_anew(void **state)
{
	static const struct line docker[] = {
		{0, "232961be80c2", "232961be80c2"},  {5, "232961be80c2", "232961be80c2"},
		{6, "9c0ffee12345", "232961be80c2"},  {7, "9c0ffee12345", "232961be80c2"},
		{60, "0123456789ab", "232961be80c2"},
	};
	static const struct line pods[] = {
		{0, "mail-7d9c6b5f4-x2x8k", "mail-7d9c6b5f4-x2x8k"},
		{9, "mail-7d9c6b5f4-q9w7z", "mail-7d9c6b5f4-x2x8k"},
		{99, "mail-bc84c6d7f-q9w7z", "mail-7d9c6b5f4-x2x8k"},
		{99, "relay-bc84c6d7f-bbbbb", "relay-bc84c6d7f-bbbbb"},
	};
	/* the old one's last words, while the new one has begun */
	static const struct line overlap[] = {
		{0, "232961be80c2", "232961be80c2"},
		{5, "9c0ffee12345", "232961be80c2"},
		{5, "232961be80c2", "232961be80c2"},
		{6, "9c0ffee12345", "232961be80c2"},
	};
	(void)state;
	HOLD(docker);
	HOLD(pods);
	HOLD(overlap);
}

static void side_by_side(void **state)
{
	static const struct line two[] = {
		{0, "232961be80c2", "232961be80c2"},  {1, "9c0ffee12345", "232961be80c2"},
		{3, "232961be80c2", "232961be80c2"},  {4, "9c0ffee12345", "9c0ffee12345"},
		{5, "232961be80c2", "232961be80c2"}, /* which of the two a third one follows is not told */
		{60, "0123456789ab", "0123456789ab"}, {61, "232961be80c2", "232961be80c2"},
	};
	(void)state;
	HOLD(two);
}

static void other_hosts(void **state)
{
	static const char *const names[] = {
		"mail",      "mx1.example.com", "mail-0",           "mx-berlin", "123456789012", "abcdefabcdef",
		"web-hosts", "a-b-c",           "lxc-container-10", "",          "-x2x8k",       "smtp-bcdfg"};
	struct containers c = {.count = 0};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(span_equal(containers_host(&c, span_str(names[i]), 0), span_str(names[i])));
	assert_int_equal(c.count, 0);
}

static void many(void **state)
{
	struct containers c = {.count = 0};
	char name[16];
	(void)state;
	for (int i = 0; i < 2 * CONTAINERS_MAX; i++) {
		for (int n = 0; n < 12; n++)
			name[n] = (char)(n == 0 ? 'a' : '0' + (i >> (n - 1)) % 2);
		name[12] = 0;
		containers_host(&c, span_str(name), (int64_t)i * 10 * MINUTE);
	}
	assert_int_equal(c.count, CONTAINERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_anew),
		cmocka_unit_test(side_by_side),
		cmocka_unit_test(other_hosts),
		cmocka_unit_test(many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
