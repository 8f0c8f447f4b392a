/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dns/name.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;
	assert_int_equal(dns_name_parse(span_str(text), &n), 0);
	return n;
}

static void names_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical;
		int result;
	} rows[] = {
		{"a.example", "a.example", 0},
		{"a.example.", "a.example", 0},
		{"A.Example", "A.Example", 0},
		{".", ".", 0},
		{"a\\.b.example", "a\\.b.example", 0},
		{"a\\\\b", "a\\\\b", 0},
		{"\\097\\000\\255", "a\\000\\255", 0},
		{"\\*.example", "*.example", 0},
		{"_dmarc.example", "_dmarc.example", 0},
		{"a b", "a\\032b", 0},
		{"", NULL, -EINVAL},
		{"..", NULL, -EINVAL},
		{".a", NULL, -EINVAL},
		{"a..b", NULL, -EINVAL},
		{"a.b..", NULL, -EINVAL},
		{"a\\", NULL, -EINVAL},
		{"a\\25", NULL, -EINVAL},
		{"a\\256", NULL, -EINVAL},
		{"a\\2x5", NULL, -EINVAL},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.x",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.x", 0},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.x", NULL, -ENAMETOOLONG},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dns_name n;
		char text[DNS_NAME_TEXT_SIZE];
		assert_int_equal(dns_name_parse(span_str(rows[i].text), &n), rows[i].result);
		if (rows[i].result < 0)
			continue;
		dns_name_text(&n, text);
		assert_string_equal(text, rows[i].canonical);
	}
}

static void longest_names(void **state)
{
	struct dns_name n, joined, one;
	char text[DNS_NAME_TEXT_SIZE], escaped[DNS_NAME_TEXT_SIZE * 2] = "";
	size_t at = 0;
	for (size_t i = 0; i < 127; i++)
		at += (size_t)snprintf(escaped + at, sizeof(escaped) - at, "\\001.");
	assert_int_equal(dns_name_parse(span_str(escaped), &n), 0);
	assert_int_equal(n.len, 255);
	dns_name_text(&n, text);
	assert_int_equal(strlen(text), 127 * 5 - 1);
	snprintf(escaped + at, sizeof(escaped) - at, "a");
	assert_int_equal(dns_name_parse(span_str(escaped), &joined), -ENAMETOOLONG);
	one = name_of("a");
	assert_int_equal(dns_name_join(&one, &n, &joined), -ENAMETOOLONG);
	at = 0;
	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < (i < 3 ? 63 : 61); k++)
			at += (size_t)snprintf(escaped + at, sizeof(escaped) - at, "\\200");
		at += (size_t)snprintf(escaped + at, sizeof(escaped) - at, ".");
	}
	assert_int_equal(dns_name_parse(span_str(escaped), &n), 0);
	assert_int_equal(n.len, 255);
	dns_name_text(&n, text);
	assert_int_equal(strlen(text), 250 * 4 + 3);
}

static void names_are_joined_and_compared(void **state)
{
	struct dns_name a = name_of("mail.a"), b = name_of("zen.Example"), c, root = name_of(".");
	char text[DNS_NAME_TEXT_SIZE];
	assert_int_equal(dns_name_join(&a, &b, &c), 0);
	dns_name_text(&c, text);
	assert_string_equal(text, "mail.a.zen.Example");
	a = name_of("MAIL.A.ZEN.EXAMPLE");
	assert_true(dns_name_equal(&a, &c));
	assert_false(dns_name_equal(&b, &c));
	assert_true(dns_name_under(&c, &b));
	assert_true(dns_name_under(&c, &c));
	assert_true(dns_name_under(&c, &root));
	assert_false(dns_name_under(&b, &c));
	a = name_of("xzen.example");
	assert_false(dns_name_under(&a, &b));
	a = name_of("n.example");
	assert_false(dns_name_under(&b, &a));
	/* \003zen inside a label is not a label border */
	a = name_of("x\\003zen\\007example");
	b = name_of("zen.example");
	assert_false(dns_name_under(&a, &b));
	assert_int_equal(dns_name_join(&root, &b, &c), 0);
	assert_true(dns_name_equal(&b, &c));
}

static void addresses_are_reversed(void **state)
{
	struct dns_name zone = name_of("bad.example"), n;
	struct addr a;
	char text[DNS_NAME_TEXT_SIZE];
	assert_int_equal(addr_parse(span_str("192.0.2.99"), &a), 0);
	assert_int_equal(dns_name_reverse(&a, &zone, &n), 0);
	dns_name_text(&n, text);
	assert_string_equal(text, "99.2.0.192.bad.example"); /* RFC 5782 2.1 */
	assert_int_equal(addr_parse(span_str("2001:db8:1:2:3:4:567:89ab"), &a), 0);
	zone = name_of("ugly.example");
	assert_int_equal(dns_name_reverse(&a, &zone, &n), 0);
	dns_name_text(&n, text); /* RFC 5782 2.4 */
	assert_string_equal(text, "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example");
	assert_int_equal(dns_name_reverse(&a, &n, &n), 0); /* in place */
	assert_int_equal(n.len, 64 + 64 + 14);
	assert_int_equal(dns_name_reverse(&a, &n, &n), 0);
	assert_int_equal(dns_name_reverse(&a, &n, &n), -ENAMETOOLONG);
	assert_int_equal(dns_name_reverse(&(struct addr){0}, &zone, &n), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_and_written),
		cmocka_unit_test(longest_names),
		cmocka_unit_test(names_are_joined_and_compared),
		cmocka_unit_test(addresses_are_reversed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
