/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/target.h"

struct good {
	const char *given;
	enum target_kind kind;
	const char *text;
	const char *name, *registrable, *unicode;
};

static const struct good good[] = {
	{"192.0.2.10", TARGET_IP4, "192.0.2.10"},
	{" 192.0.2.10\r\n", TARGET_IP4, "192.0.2.10"},
	{"[192.0.2.1]", TARGET_IP4, "192.0.2.1"},
	{"192.0.2[.]1", TARGET_IP4, "192.0.2.1"},
	{"::ffff:192.0.2.1", TARGET_IP4, "192.0.2.1"},
	{"2001:DB8:0:0:0:0:0:1", TARGET_IP6, "2001:db8::1"},
	{"[2001:db8::1]", TARGET_IP6, "2001:db8::1"},
	{"[IPv6:2001:db8::1]", TARGET_IP6, "2001:db8::1"},
	{"::1", TARGET_IP6, "::1"},
	{"192.0.2.0/24", TARGET_PREFIX, "192.0.2.0/24"},
	{"192.0.2.7/32", TARGET_PREFIX, "192.0.2.7/32"},
	{"0.0.0.0/0", TARGET_PREFIX, "0.0.0.0/0"},
	{"2001:DB8::/32", TARGET_PREFIX, "2001:db8::/32"},
	{"Mail.Example.COM.", TARGET_DOMAIN, "mail.example.com", "mail.example.com", "example.com"},
	{"mail[.]example[.]com", TARGET_DOMAIN, "mail.example.com", "mail.example.com", "example.com"},
	{"_dmarc.example.org", TARGET_DOMAIN, "_dmarc.example.org", "_dmarc.example.org", "example.org"},
	{"r3---sn-x.example.net", TARGET_DOMAIN, "r3---sn-x.example.net", "r3---sn-x.example.net", "example.net"},
	{"3com.com", TARGET_DOMAIN, "3com.com", "3com.com", "3com.com"},
	{"victim.example.test", TARGET_DOMAIN, "victim.example.test", "victim.example.test", "example.test"},
	{"www.example.co.uk", TARGET_DOMAIN, "www.example.co.uk", "www.example.co.uk", "example.co.uk"},
	{"co.uk", TARGET_DOMAIN, "co.uk", "co.uk", NULL},
	{"x.alice.github.io", TARGET_DOMAIN, "x.alice.github.io", "x.alice.github.io", "alice.github.io"},
	{"github.io", TARGET_DOMAIN, "github.io", "github.io", NULL},
	{"Bücher.example", TARGET_DOMAIN, "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example",
	 "bücher.example"},
	{"xn--bcher-kva.example", TARGET_DOMAIN, "xn--bcher-kva.example", "xn--bcher-kva.example",
	 "xn--bcher-kva.example", "bücher.example"},
	{"faß.example", TARGET_DOMAIN, "xn--fa-hia.example", "xn--fa-hia.example", "xn--fa-hia.example", "faß.example"},
	{"_dmarc.bücher.example", TARGET_DOMAIN, "_dmarc.xn--bcher-kva.example", "_dmarc.xn--bcher-kva.example",
	 "xn--bcher-kva.example", "_dmarc.bücher.example"},
	{"例え。テスト", TARGET_DOMAIN, "xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah",
	 "例え.テスト"},
	{"ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ", TARGET_DOMAIN, "www.example.com", "www.example.com", "example.com"},
	/* not Punycode of anything, yet a name that DNS can hold */
	{"xn--a.example", TARGET_DOMAIN, "xn--a.example", "xn--a.example", "xn--a.example", NULL},
	{"Alice@Example.COM", TARGET_EMAIL, "Alice@example.com", "example.com", "example.com"},
	{"alice+tag@mail.example.org.", TARGET_EMAIL, "alice+tag@mail.example.org", "mail.example.org", "example.org"},
	{"\"a b@c\"@example.com", TARGET_EMAIL, "\"a b@c\"@example.com", "example.com", "example.com"},
	{"a[@]example[.]com", TARGET_EMAIL, "a@example.com", "example.com", "example.com"},
	{"user@[192.0.2.1]", TARGET_EMAIL, "user@[192.0.2.1]"},
	{"user@[IPv6:2001:DB8::1]", TARGET_EMAIL, "user@[IPv6:2001:db8::1]"},
	{"jörg@bücher.example", TARGET_EMAIL, "jörg@xn--bcher-kva.example", "xn--bcher-kva.example",
	 "xn--bcher-kva.example", "bücher.example"},
	{"http://Example.com", TARGET_URL, "http://example.com/", "example.com", "example.com"},
	{"HTTPS://User:secret@WWW.example.com:443/Path?q=a@b#part", TARGET_URL, "https://www.example.com/Path?q=a@b",
	 "www.example.com", "example.com"},
	{"http://example.com:8080?x", TARGET_URL, "http://example.com:8080/?x", "example.com", "example.com"},
	{"http://example.com:/", TARGET_URL, "http://example.com/", "example.com", "example.com"},
	{"hxxps[:]//evil[.]example[.]com/a[.]b", TARGET_URL, "https://evil.example.com/a[.]b", "evil.example.com",
	 "example.com"},
	{"hxxp://evil.example.com/", TARGET_URL, "http://evil.example.com/", "evil.example.com", "example.com"},
	{"http://192.0.2.1/x", TARGET_URL, "http://192.0.2.1/x"},
	{"http://[2001:db8::1]:81/x", TARGET_URL, "http://[2001:db8::1]:81/x"},
	{"http://example.com\\@evil.example.net/", TARGET_URL, "http://example.com\\@evil.example.net/", "example.com",
	 "example.com"},
};

static void same(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_true(got && strcmp(got, want) == 0);
}

static void what_a_user_names_is_understood(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct arena arena = arena_make(1 << 20);
		struct target t = {0};
		struct error err = {""};
		if (target_parse(span_str(good[i].given), &arena, &t, &err) < 0)
			fail_msg("%s: %s", good[i].given, err.text);
		if (!t.text || strcmp(t.text, good[i].text) != 0)
			fail_msg("%s became %s", good[i].given, t.text ? t.text : "nothing");
		assert_int_equal(t.kind, good[i].kind);
		same(t.name, good[i].name);
		same(t.registrable, good[i].registrable);
		same(t.unicode, good[i].unicode);
		assert_null(t.via);
		assert_true((t.name || t.kind == TARGET_PREFIX) == (t.addr.family == 0));
		arena_release(&arena);
	}
}

static const char *const bad[][2] = {
	{"", "an empty target; write an address, a name, a mail address or a URL"},
	{" \n", "an empty target; write an address, a name, a mail address or a URL"},
	{"192.0.2.300", "192.0.2.300: not an IPv4 address: 300 is above 255"},
	{"192.0.2.99999999999999999999999", "192.0.2.99999999999999999999999: not an IPv4 address: "
					    "99999999999999999999999 is above 255"},
	{"192.0.2.01", "192.0.2.01: not an IPv4 address: 01 could be meant as octal; write 1"},
	{"192.0.2", "192.0.2: not an IPv4 address: it has 3 numbers; write four, as in 192.0.2.1"},
	{"3221225985", "3221225985: not an IPv4 address: 3221225985 is above 255"},
	{"17", "17: not an IPv4 address: it has 1 number; write four, as in 192.0.2.1"},
	{"1.2.3.4.5", "1.2.3.4.5: not an IPv4 address: it has 5 numbers; write four, as in 192.0.2.1"},
	{"192..2.1", "192..2.1: not an IPv4 address: a number is missing between its dots"},
	{"host.5", "host.5: not an IPv4 address: \"host\" is not a number, and no domain name ends in one"},
	{"192.0.2.1/24", "192.0.2.1/24: host bits are set; write 192.0.2.0/24"},
	{"255.255.255.255/1", "255.255.255.255/1: host bits are set; write 128.0.0.0/1"},
	{"2001:db8::1/33", "2001:db8::1/33: host bits are set; write 2001:db8::/33"},
	{"192.0.2.0/33", "192.0.2.0/33: not a prefix: its length is above 32"},
	{"192.0.2.0/", "192.0.2.0/: not a prefix: write a length after the slash, as in 192.0.2.0/24"},
	{"2001:db8::/x", "2001:db8::/x: not a prefix: write a length after the slash, as in 2001:db8::/32"},
	{"192.0.2/24", "192.0.2: not an IPv4 address: it has 3 numbers; write four, as in 192.0.2.1"},
	{"192.0.2.1:25", "192.0.2.1:25: blocklists know no ports; write 192.0.2.1"},
	{"[2001:db8::1]:25", "[2001:db8::1]:25: blocklists know no ports; write 2001:db8::1"},
	{"mail.example.com:25", "mail.example.com:25: blocklists know no ports; write mail.example.com"},
	{"[192.0.2.1", "[192.0.2.1: the bracket is not closed"},
	{"[192.0.2.1]x", "[192.0.2.1]x: only a port may follow the bracket"},
	{"fe80::1%eth0", "fe80::1%eth0: blocklists know no interfaces; write it without the % and what follows"},
	{"2001:db8::1::2", "2001:db8::1::2: not an IPv6 address: \"::\" stands in it twice"},
	{"2001:db8:1", "2001:db8:1: not an IPv6 address: it has too few groups; write eight, or \"::\" for the zeros"},
	{"1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9: not an IPv6 address: it has too many groups; write eight, or fewer "
			      "with \"::\""},
	{"2001:db8::12345", "2001:db8::12345: not an IPv6 address: a group has more than four digits"},
	{"2001:db8::xyz", "2001:db8::xyz: not an IPv6 address: only digits, a to f and colons may stand in one"},
	{"mailhost", "mailhost: not a domain name: one label alone; write it in full, as in mail.example.com"},
	{"a..example.com",
	 "a..example.com: not a domain name: a label is empty (two dots in a row, or a dot in front)"},
	{".", ".: not a domain name: it is empty"},
	{"ex!mple.com", "ex!mple.com: not a domain name: only letters, digits, hyphens, underscores and dots may stand "
			"in one"},
	{"two words", "two words: a blank or control character stands in it; write one target a word"},
	{"\033[2Jexample.com", "?[2Jexample.com: a blank or control character stands in it; write one target a word"},
	{"@example.com", "@example.com: nothing stands before the @"},
	{"alice@", "alice@: nothing stands after the @"},
	{"a@b@example.com", "a@b@example.com: not a mail address; write local@example.com alone"},
	{"<alice@example.com>", "<alice@example.com>: not a mail address; write local@example.com alone"},
	{"alice@example.com:25", "alice@example.com:25: a mail address has no port; leave it out"},
	{"alice@mailhost", "mailhost: not a domain name: one label alone; write it in full, as in mail.example.com"},
	{"ftp://example.com/", "ftp://example.com/: only http and https URLs are taken; write the host name alone"},
	{"http://", "http://: the URL has no host"},
	{"http:///x", "http:///x: the URL has no host"},
	{"http://example.com:0/", "http://example.com:0/: the port is not a number from 1 to 65535"},
	{"http://example.com:65536/", "http://example.com:65536/: the port is not a number from 1 to 65535"},
	{"example.com/path", "example.com/path: neither a prefix nor a URL; write http:// in front if it is a URL"},
	{"http://0xc0000201/", "0xc0000201: not a domain name: one label alone; write it in full, as in "
			       "mail.example.com"},
	{"\xff\xfe.example", "??.example: not a domain name: string encoding error"},
};

static void a_fault_says_what_to_write(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_make(1 << 20);
		struct target t = {.text = "untouched"};
		struct error err = {""};
		assert_int_equal(target_parse(span_str(bad[i][0]), &arena, &t, &err), -EINVAL);
		assert_string_equal(err.text, bad[i][1]);
		assert_string_equal(t.text, "untouched");
		arena_release(&arena);
	}
}

static void lengths_are_bounded(void **state)
{
	struct arena arena = arena_make(1 << 20);
	struct target t = {0};
	struct error err = {""};
	char text[6000];
	memset(text, 'a', sizeof(text));
	memcpy(text + 63, ".example", 8);
	assert_int_equal(target_parse(span_of(text, 71), &arena, &t, &err), 0);
	memset(text, 'a', sizeof(text));
	memcpy(text + 64, ".example", 8);
	assert_int_equal(target_parse(span_of(text, 72), &arena, &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "longer than 63 octets"));
	for (size_t i = 49; i < sizeof(text); i += 50)
		text[i] = '.';
	assert_int_equal(target_parse(span_of(text, 253), &arena, &t, &err), 0);
	assert_int_equal(target_parse(span_of(text, 254), &arena, &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "longer than 253 octets"));
	assert_int_equal(target_parse(span_of(text, 5000), &arena, &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "longer than 4096 octets"));
	memcpy(text, "http://example.com/", 19);
	assert_int_equal(target_parse(span_of(text, 4096), &arena, &t, &err), 0);
	memset(text, 'a', 65);
	memcpy(text + 65, "@example.com", 12);
	assert_int_equal(target_parse(span_of(text, 77), &arena, &t, &err), -EINVAL);
	arena_release(&arena);
}

static void little_memory_is_an_error(void **state)
{
	static const char *const some[] = {"192.0.2.1", "a@b\xc3\xbc.example", "http://x.example/", "192.0.2.0/24"};
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		for (size_t max = 0; max < 64; max += 16) {
			struct arena arena = arena_make(max);
			struct target t = {0};
			int r = target_parse(span_str(some[i]), &arena, &t, NULL);
			assert_true(r == 0 || r == -ENOMEM);
			arena_release(&arena);
		}
}

static void private_and_local_are_not_asked(void **state)
{
	static const char *const askable[][2] = {
		{"203.0.113.1", NULL},
		{"8.8.8.8", NULL},
		{"10.1.2.3", "private (RFC 1918)"},
		{"http://10.1.2.3/", "private (RFC 1918)"},
		{"root@[10.1.2.3]", "private (RFC 1918)"},
		{"10.0.0.0/8", "private (RFC 1918)"},
		{"example.com", NULL},
		{"http://example.com/", NULL},
		{"printer.local", "a name for the local link (RFC 6762)"},
		{"root@a.home.arpa", "a name for home networks (RFC 8375)"},
		{"notlocal.example", NULL},
	};
	struct arena arena = arena_make(1 << 20);
	struct target t = {0};
	for (size_t i = 0; i < sizeof(askable) / sizeof(askable[0]); i++) {
		assert_int_equal(target_parse(span_str(askable[i][0]), &arena, &t, NULL), 0);
		same(target_unaskable(&t), askable[i][1]);
	}
	assert_string_equal(target_kind_text(TARGET_IP4), "ip4");
	assert_string_equal(target_kind_text(TARGET_PREFIX), "prefix");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_user_names_is_understood),
		cmocka_unit_test(a_fault_says_what_to_write),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(little_memory_is_an_error),
		cmocka_unit_test(private_and_local_are_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
