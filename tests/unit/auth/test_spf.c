/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as their grammar has them, and what is put into them; results are judged by tests/system/test_spf.py. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/spf_mend.h"
#include "auth/spf_parts.h"

static void syntax(void **state)
{
	static const struct {
		const char *record, *wrong; /* NULL: all is right */
	} rows[] = {
		{"v=spf1", NULL},
		{"V=SPF1 A MX -ALL", NULL},
		{"v=spf1  a   -all ", NULL},
		{"v=spf1 a:example.com/24//64 mx//64 a/0", NULL},
		{"v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} redirect=%{d2}.example.net exp=e.%{h} x-y.z=%{s}", NULL},
		{"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1", NULL},
		{"v=spf1 a:%{d}", NULL},
		{"v=spf1 include:a%%b%_c%-d.example", NULL},
		{"v=spf1 ip4:192.0.2.0/33 -all", "ip4:192.0.2.0/33"},
		{"v=spf1 ip4:192.0.2 -all", "ip4:192.0.2"},
		{"v=spf1 ip4:2001:db8::1", "ip4:2001:db8::1"},
		{"v=spf1 ip6:192.0.2.1", "ip6:192.0.2.1"},
		{"v=spf1 a/024", "a/024"},
		{"v=spf1 a//129", "a//129"},
		{"v=spf1 a:", "a:"},
		{"v=spf1 include", "include"},
		{"v=spf1 all:example.com", "all:example.com"},
		{"v=spf1 mx a:com", "a:com"},
		{"v=spf1 a:example.123", "a:example.123"},
		{"v=spf1 a:example.-x", "a:example.-x"},
		{"v=spf1 exists:%{i0}.example", "exists:%{i0}.example"},
		{"v=spf1 exists:%{x}.example", "exists:%{x}.example"},
		{"v=spf1 exists:%{c}.example", "exists:%{c}.example"},
		{"v=spf1 exists:a%b.example", "exists:a%b.example"},
		{"v=spf1 redirect=a.example redirect=b.example", "redirect=b.example"},
		{"v=spf1 -all\t", "-all\t"},
		{"v=spf1 ipv4:192.0.2.1", "ipv4:192.0.2.1"},
		{"v=spf1 =x", "=x"},
	};
	static struct spf_directive at[SPF_TERMS_MAX];
	static struct spf_record r = {.at = at, .room = SPF_TERMS_MAX};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool right = spf_record_read(span_str(rows[i].record), &r);
		if (right != !rows[i].wrong || (!right && !span_equal(r.wrong, span_str(rows[i].wrong))))
			fail_msg("%s: %.*s", rows[i].record, (int)r.wrong.len, (const char *)r.wrong.at);
	}
}

static void which_are_records(void **state)
{
	assert_true(spf_is_record(span_str("v=spf1")) && spf_is_record(span_str("v=spf1 ")));
	assert_false(spf_is_record(span_str("v=spf10 a")) || spf_is_record(span_str(" v=spf1")));
	assert_false(spf_is_record(span_str("spf2.0/mfrom a")) || spf_is_record(span_str("")));
}

static void one_address_more(void **state)
{
	static const struct {
		const char *record, *ip, *then;
	} rows[] = {
		{"v=spf1 mx -all", "192.0.2.1", "v=spf1 mx ip4:192.0.2.1 -all"},
		{"v=spf1 mx ?ALL exp=e.example", "2001:db8::1", "v=spf1 mx ip6:2001:db8::1 ?ALL exp=e.example"},
		{"v=spf1 redirect=_spf.example.com", "192.0.2.1", "v=spf1 ip4:192.0.2.1 redirect=_spf.example.com"},
		{"v=spf1 a:all.example", "192.0.2.1", "v=spf1 a:all.example ip4:192.0.2.1"},
		{"v=spf1", "192.0.2.1", "v=spf1 ip4:192.0.2.1"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = buf_make(1000);
		struct addr ip;
		assert_int_equal(addr_parse(span_str(rows[i].ip), &ip), 0);
		assert_int_equal(spf_mend_add(span_str(rows[i].record), &ip, &out), 0);
		assert_string_equal(buf_text(&out), rows[i].then);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax),
		cmocka_unit_test(which_are_records),
		cmocka_unit_test(one_address_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
