/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/header.h"

static struct arena arena;

static int begin(void **state)
{
	arena = arena_make(1 << 20);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static void is_text(struct span s, const char *text)
{
	if (!span_equal(s, span_str(text)))
		fail_msg("\"%.*s\", expected \"%s\"", (int)s.len, (const char *)s.at, text);
}

static void fields(void **state)
{
	struct span head =
		span_str("Received: a\r\nSUBJECT : one\r\n\ttwo\r\nSubjects: x\r\nTo:\r\nFrom: a\rDate: b\n");
	is_text(header_field(head, "subject", &arena), "one two");
	is_text(header_field(head, "to", &arena), "");
	is_text(header_field(head, "from", &arena), "a");
	is_text(header_field(head, "date", &arena), "b");
	is_text(header_field(head, "cc", &arena), "");
}

/* RFC 2045 5.1: in a quoted string nothing is a parameter; RFC 2231 3 and 4, its own examples among them. */
static void parameters(void **state)
{
	static const struct {
		const char *value, *name, *is;
	} rows[] = {
		{"a/b; boundary=x", "boundary", "x"},
		{"a/b;boundary = \"x y\" ; z=1", "boundary", "x y"},
		{"a/b; BOUNDARY=x(comment)", "boundary", "x(comment)"},
		{"a/b; name=\"; boundary=no\"; boundary=yes", "boundary", "yes"},
		{"a/b; name=\"a \\\"q\\\" b\"", "name", "a \"q\" b"},
		{"a/b; name=\"never ends", "name", "never ends"},
		{"a/b; names=no; name", "name", ""},
		{"a/b; name=; x=1", "name", ""},
		{"a/b; name=one; name=two", "name", "one"},
		{"a/b", "name", ""},
		{"", "name", ""},
		{"message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub\"", "url",
		 "ftp://cs.utk.edu/pub"},
		{"application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title",
		 "This is ***fun***"},
		{"application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; "
		 "title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
		 "title", "This is even more ***fun*** isn't it!"},
		{"a/b; title*1=b; title*0=a; title*3=d", "title", "ab"},
		{"a/b; title*16=b; title*x=c", "title", ""},
		{"a/b; title*=x%4", "title", "x%4"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_text(header_parameter(span_str(rows[i].value), rows[i].name, &arena), rows[i].is);
}

/* RFC 2047 8 has the last three. */
static void encoded_words(void **state)
{
	is_text(header_words(span_str("plain"), &arena), "plain");
	is_text(header_words(span_str("=?UTF-8?Q?Zur=C3=BCck_da?= x"), &arena), "Zur\xc3\xbc"
										"ck da x");
	is_text(header_words(span_str("=?utf-8?b?aGFsbG8=?="), &arena), "hallo");
	is_text(header_words(span_str("=?x?q?never ends"), &arena), "=?x?q?never ends");
	is_text(header_words(span_str("(=?ISO-8859-1?Q?a?= b)"), &arena), "(a b)");
	is_text(header_words(span_str("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)"), &arena), "(ab)");
	is_text(header_words(span_str("(=?ISO-8859-1?Q?a_?=    =?ISO-8859-2?Q?b?=)"), &arena), "(a b)");
}

static void mailboxes(void **state)
{
	is_text(header_mailbox(span_str(" <a@example.com> ")), "a@example.com");
	is_text(header_mailbox(span_str("a@example.com")), "a@example.com");
	is_text(header_mailbox(span_str("a b@example.com")), "");
	is_text(header_mailbox(span_str("@example.com")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(parameters),
		cmocka_unit_test(encoded_words),
		cmocka_unit_test(mailboxes),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
