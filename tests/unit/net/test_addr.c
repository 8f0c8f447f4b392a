/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/addr.h"

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: rejected */
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"},
		{"192.0.2.01", NULL}, /* RFC 6943 3.1.1: octal or not? */
		{"192.0.2", NULL},
		{"192.0.2.256", NULL},
		{"192.0.2.1.", NULL},
		{"192.0.2.1 ", NULL},
		{" 192.0.2.1", NULL},
		{"0xc0.0.2.1", NULL},
		{"3221225985", NULL},
		{"1.2.3.4.5", NULL},
		{"", NULL},
		{"a.example", NULL},
		/* RFC 4291 2.2 */
		{"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
		{"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
		{"FF01:0:0:0:0:0:0:101", "ff01::101"},
		{"0:0:0:0:0:0:0:1", "::1"},
		{"0:0:0:0:0:0:0:0", "::"},
		{"0:0:0:0:0:0:13.1.68.3", "::d01:4403"},
		{"::FFFF:129.144.52.38", "129.144.52.38"},
		{"::ffff:7f00:2", "127.0.0.2"},
		/* RFC 5952 4 */
		{"2001:0db8::0001", "2001:db8::1"},
		{"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"::1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
		{":::", NULL},
		{":1", NULL},
		{"1:", NULL},
		{"1::2::3", NULL},
		{"1:2:3:4:5:6:7", NULL},
		{"1:2:3:4:5:6:7:8:9", NULL},
		{"1:2:3:4:5:6:7:8::", NULL},
		{"12345::", NULL},
		{"g::", NULL},
		{"fe80::1%eth0", NULL},
		{"[::1]", NULL},
		{"::1/128", NULL},
		{"::192.0.2.01", NULL},
		{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct addr a, again;
		char text[ADDR_TEXT_SIZE];
		int r = addr_parse(span_str(rows[i].text), &a);
		if (!rows[i].canonical) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		addr_text(&a, text);
		assert_string_equal(text, rows[i].canonical);
		assert_int_equal(addr_parse(span_str(text), &again), 0);
		assert_true(addr_equal(&a, &again));
	}
	assert_int_equal(addr_parse(span_of("1.2.3.4\0", 8), &(struct addr){0}), -EINVAL);
}

static void prefixes_are_strict(void **state)
{
	static const struct {
		const char *text, *canonical;
		int result;
	} rows[] = {
		{"192.0.2.0/24", "192.0.2.0/24", 0},
		{"192.0.2.1", "192.0.2.1/32", 0},
		{"0.0.0.0/0", "0.0.0.0/0", 0},
		{"192.0.2.128/25", "192.0.2.128/25", 0},
		{"2001:db8::/32", "2001:db8::/32", 0},
		{"2001:db8::1", "2001:db8::1/128", 0},
		{"::/0", "::/0", 0},
		{"192.0.2.1/24", NULL, -EDOM},
		{"192.0.2.192/25", NULL, -EDOM},
		{"2001:db8::1/64", NULL, -EDOM},
		{"192.0.2.0/33", NULL, -EINVAL},
		{"192.0.2.0/", NULL, -EINVAL},
		{"192.0.2.0/024", NULL, -EINVAL},
		{"192.0.2.0/-1", NULL, -EINVAL},
		{"192.0.2.0/24/24", NULL, -EINVAL},
		{"2001:db8::/129", NULL, -EINVAL},
		{"::ffff:192.0.2.0/24", NULL, -EINVAL},
		{"192.0.2/24", NULL, -EINVAL},
		{"/24", NULL, -EINVAL},
		{"", NULL, -EINVAL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix p;
		char text[PREFIX_TEXT_SIZE];
		assert_int_equal(prefix_parse(span_str(rows[i].text), &p), rows[i].result);
		if (rows[i].result == 0) {
			prefix_text(&p, text);
			assert_string_equal(text, rows[i].canonical);
		}
	}
}

static void prefix_holds_its_addresses(void **state)
{
	struct prefix p;
	struct addr a;
	assert_int_equal(prefix_parse(span_str("192.0.2.64/27"), &p), 0);
	assert_int_equal(addr_parse(span_str("192.0.2.95"), &a), 0);
	assert_true(prefix_contains(&p, &a));
	assert_int_equal(addr_parse(span_str("192.0.2.96"), &a), 0);
	assert_false(prefix_contains(&p, &a));
	assert_int_equal(addr_parse(span_str("c000:25f::"), &a), 0);
	assert_false(prefix_contains(&p, &a));
	assert_int_equal(prefix_parse(span_str("::/0"), &p), 0);
	assert_true(prefix_contains(&p, &a));
}

static void endpoints_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"192.0.2.1:5353", "192.0.2.1:5353"},
		{"2001:db8::1", "2001:db8::1"},
		{"[2001:db8::1]:5353", "[2001:db8::1]:5353"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"192.0.2.1:0", NULL},
		{"192.0.2.1:65536", NULL},
		{"192.0.2.1:", NULL},
		{"192.0.2.1:+5", NULL},
		{"[192.0.2.1]:53", NULL},
		{"[2001:db8::1", NULL},
		{"[2001:db8::1]53", NULL},
		{"[2001:db8::1]:", NULL},
		{"[]:53", NULL},
		{"[", NULL},
		{":53", NULL},
		{"dns.example:53", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint e, again;
		struct sockaddr_storage sa;
		char text[ENDPOINT_TEXT_SIZE];
		int r = endpoint_parse(span_str(rows[i].text), 53, &e);
		assert_int_equal(r, rows[i].canonical ? 0 : -EINVAL);
		if (r < 0)
			continue;
		endpoint_text(&e, text);
		assert_string_equal(text, rows[i].canonical);
		assert_true(endpoint_sockaddr(&e, &sa) > 0);
		assert_int_equal(endpoint_from_sockaddr((struct sockaddr *)&sa, &again), 0);
		assert_true(addr_equal(&e.addr, &again.addr) && e.port == again.port);
	}
	assert_int_equal(endpoint_from_sockaddr(&(struct sockaddr){.sa_family = AF_UNIX}, &(struct endpoint){0}),
			 -EAFNOSUPPORT);
}

static void kinds_follow_the_registries(void **state)
{
	static const struct {
		const char *text;
		enum addr_kind kind;
	} rows[] = {
		{"0.0.0.0", ADDR_UNSPECIFIED},
		{"0.1.2.3", ADDR_UNSPECIFIED},
		{"10.255.255.255", ADDR_PRIVATE},
		{"11.0.0.0", ADDR_PUBLIC},
		{"100.64.0.0", ADDR_SHARED},
		{"100.128.0.0", ADDR_PUBLIC},
		{"127.0.0.2", ADDR_LOOPBACK},
		{"169.254.1.1", ADDR_LINK_LOCAL},
		{"172.31.255.255", ADDR_PRIVATE},
		{"172.32.0.0", ADDR_PUBLIC},
		{"192.0.0.9", ADDR_RESERVED},
		{"192.0.2.255", ADDR_DOCUMENTATION},
		{"192.88.99.1", ADDR_RESERVED},
		{"192.168.0.1", ADDR_PRIVATE},
		{"198.19.255.255", ADDR_RESERVED},
		{"198.20.0.0", ADDR_PUBLIC},
		{"198.51.100.7", ADDR_DOCUMENTATION},
		{"203.0.113.9", ADDR_DOCUMENTATION},
		{"224.0.0.1", ADDR_MULTICAST},
		{"240.0.0.1", ADDR_RESERVED},
		{"255.255.255.255", ADDR_RESERVED},
		{"8.8.8.8", ADDR_PUBLIC},
		{"::", ADDR_UNSPECIFIED},
		{"::1", ADDR_LOOPBACK},
		{"::2", ADDR_RESERVED},
		{"64:ff9b::1", ADDR_RESERVED},
		{"100::1", ADDR_RESERVED},
		{"2001::1", ADDR_RESERVED},
		{"2001:1ff:ffff::", ADDR_RESERVED},
		{"2001:200::1", ADDR_PUBLIC},
		{"2001:db8::1", ADDR_DOCUMENTATION},
		{"2002::1", ADDR_RESERVED},
		{"2a00:1450::1", ADDR_PUBLIC},
		{"3fff:fff::1", ADDR_DOCUMENTATION},
		{"3fff:1000::1", ADDR_PUBLIC},
		{"4000::1", ADDR_RESERVED},
		{"fc00::1", ADDR_UNIQUE_LOCAL},
		{"fdff::1", ADDR_UNIQUE_LOCAL},
		{"fe80::1", ADDR_LINK_LOCAL},
		{"febf::1", ADDR_LINK_LOCAL},
		{"fec0::1", ADDR_RESERVED},
		{"ff02::1", ADDR_MULTICAST},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct addr a;
		assert_int_equal(addr_parse(span_str(rows[i].text), &a), 0);
		if (addr_kind(&a) != rows[i].kind)
			fail_msg("%s is %s", rows[i].text, addr_kind_text(addr_kind(&a)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written), cmocka_unit_test(prefixes_are_strict),
		cmocka_unit_test(prefix_holds_its_addresses),     cmocka_unit_test(endpoints_are_read_and_written),
		cmocka_unit_test(kinds_follow_the_registries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
