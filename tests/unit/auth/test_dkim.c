/* SPDX-License-Identifier: BSD-2-Clause */
/* Key records, signatures and canonical forms as their grammar has them; results are judged by tests/system/test_dkim.py. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/dkim_canon.h"
#include "auth/dkim_record.h"
#include "auth/dkim_signature.h"

#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* of 512 bits */
#define SHORT                                                                                                          \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS/AVJ+dYfY+hXqMsT7l+MZvvh/"     \
	"R1WzN4MO/kI/7XsCAwEAAQ=="

enum { ARENA_MAX = 1 << 20 };

static void records(void **state)
{
	static const struct {
		const char *text;
		enum dkim_record_state state;
		const char *word; /* of the problem */
	} rows[] = {
		{"v=DKIM1; k=ed25519; p=" ED25519, DKIM_RECORD_GOOD, NULL},
		{"k=ed25519;p=" ED25519 "; ", DKIM_RECORD_GOOD, NULL},
		{"v=DKIM1; h=sha1:sha256; s=email:x; t=y:s; n=words here; k=ed25519; p=" ED25519, DKIM_RECORD_GOOD,
		 NULL},
		{"v=DKIM1; k=ed25519; p=11qYAYKxCrfV S/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", DKIM_RECORD_GOOD, NULL},
		{"v=DKIM1; p=" SHORT, DKIM_RECORD_SHORT, "1024"},
		{"v=DKIM1; p=", DKIM_RECORD_REVOKED, "revoked"},
		{"v=DKIM1; k=rsa", DKIM_RECORD_BROKEN, "p= is missing"},
		{"p=" ED25519 "; v=DKIM1; k=ed25519", DKIM_RECORD_BROKEN, "first"},
		{"v=DKIM2; p=" ED25519, DKIM_RECORD_BROKEN, "not DKIM1"},
		{"v=DKIM1; k=ecdsa; p=" ED25519, DKIM_RECORD_BROKEN, "type"},
		{"v=DKIM1; p=" ED25519, DKIM_RECORD_BROKEN, "needs k=ed25519"},
		{"v=DKIM1; k=ed25519; p=" SHORT, DKIM_RECORD_BROKEN, "32 octets"},
		{"v=DKIM1; h=md5; k=ed25519; p=" ED25519, DKIM_RECORD_BROKEN, "hashes"},
		{"v=DKIM1; s=chat; k=ed25519; p=" ED25519, DKIM_RECORD_BROKEN, "not for mail"},
		{"v=DKIM1; k=ed25519; p=" ED25519 "; p=" ED25519, DKIM_RECORD_BROKEN, "twice"},
		{"v=DKIM1; k; p=" ED25519, DKIM_RECORD_BROKEN, "without \"=\""},
		{"v=DKIM1; k=ed25519; p=11qYAYKx", DKIM_RECORD_BROKEN, "32 octets"},
		{"v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmf", DKIM_RECORD_BROKEN, "cut short"},
		{"v=DKIM1; p=MFww!", DKIM_RECORD_BROKEN, "not base64"},
		{"v=DKIM1; p=\"MFww\" \"DQYJ\"", DKIM_RECORD_BROKEN, "quotation"},
		{"v=DKIM1\\; k=rsa\\; p=MFww", DKIM_RECORD_BROKEN, "backslash"},
		{"v=DKIM1; p=-----BEGIN PUBLIC KEY-----MFww", DKIM_RECORD_BROKEN, "PEM"},
		{"v=spf1 -all", DKIM_RECORD_NONE, "another text"},
		{"", DKIM_RECORD_NONE, "empty"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = arena_make(ARENA_MAX);
		struct dkim_record r;
		assert_int_equal(dkim_record_read(span_str(rows[i].text), &arena, &r), 0);
		if (r.state != rows[i].state || (r.problem == NULL) != (rows[i].word == NULL) ||
		    (rows[i].word && !strstr(r.problem, rows[i].word)))
			fail_msg("%s: %d, %s", rows[i].text, (int)r.state, r.problem);
		dkim_record_release(&r);
		arena_release(&arena);
	}
}

static void flags(void **state)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct dkim_record r;
	assert_int_equal(
		dkim_record_read(span_str("v=DKIM1; k=ed25519; h=sha1; t=s : y; g=*; n=a b; p=" ED25519), &arena, &r),
		0);
	assert_true(r.testing && r.strict && r.sha1 && !r.sha256 && r.bits == 256);
	assert_true(span_equal(r.remark, span_str("a b")));
	assert_int_equal(r.note_count, 3);
	dkim_record_release(&r);
	arena_release(&arena);
}

/* Each is this one with a tag more or another. */
static void signatures(void **state)
{
	static const struct {
		const char *text, *word; /* NULL: all is right */
	} rows[] = {
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", NULL},
		{"v=1;a=ed25519-sha256;d=a.example;s=x.y;h=To : From;bh=M T Iz;b=\r\n MTI\r\n\tz;unknown=z;", NULL},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; i=joe=40x@b.a.example; l=0; t=5; x=6; "
		 "z=From:x; "
		 "c=relaxed; q=dns/txt:other",
		 NULL},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; i=@a=2Eexample", NULL},
		{"a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", "v= is missing"},
		{"v=2; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", "not 1"},
		{"v=1; a=rsa-md5; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", "algorithm"},
		{"v=1; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", "a= is missing"},
		{"v=1; a=rsa-sha256; d=a example; s=x; h=from; bh=MTIz; b=MTIz", "d="},
		{"v=1; a=rsa-sha256; d=a.example; h=from; bh=MTIz; b=MTIz", "s= is missing"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=to; bh=MTIz; b=MTIz", "From is not signed"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from::to; bh=MTIz; b=MTIz", "empty"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; bh=MTIz; b=MTIz", "h= is missing"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; b=MTIz", "bh= is missing"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=", "b= is empty"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=M!", "base64"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; d=b.example", "twice"},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; i=@b.example", "i="},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; i=@xa.example", "i="},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; l=-1", "l="},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; t=9; x=9", "x="},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; c=relaxed/nofws", "c="},
		{"v=1; a=rsa-sha256; d=a.example; s=x; h=from; bh=MTIz; b=MTIz; q=http", "q="},
		{"v=1; a=rsa-sha256;; d=a.example; s=x; h=from; bh=MTIz; b=MTIz", "nothing between"},
		{"", "empty"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena arena = arena_make(ARENA_MAX);
		struct dkim_signature s;
		assert_int_equal(dkim_signature_read(span_str(rows[i].text), &arena, &s), 0);
		if ((s.problem == NULL) != (rows[i].word == NULL) || (rows[i].word && !strstr(s.problem, rows[i].word)))
			fail_msg("%s: %s", rows[i].text, s.problem);
		arena_release(&arena);
	}
}

static void sink(void *context, struct span octets)
{
	buf_add(context, octets);
}

static void bodies(void **state)
{
	static const struct {
		const char *body, *simple, *relaxed;
	} rows[] = {
		{"", "\r\n", ""},
		{"\r\n\r\n", "\r\n", ""},
		{" \t\r\n", " \t\r\n", ""},
		{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"}, /* 3.4.5 */
		{"a\n\nb\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
		{"no end", "no end\r\n", "no end\r\n"},
		{"a\rb\r", "a\rb\r\r\n", "a\rb\r\r\n"},
	};
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		const char *wanted = i % 2 ? rows[i / 2].relaxed : rows[i / 2].simple;
		struct buf out = buf_make(ARENA_MAX);
		struct dkim_canon c;
		dkim_canon_begin(&c, i % 2, UINT64_MAX, sink, &out);
		dkim_canon_feed(&c, span_str(rows[i / 2].body));
		dkim_canon_end(&c);
		assert_string_equal(buf_text(&out), wanted);
		assert_int_equal(c.octets, strlen(wanted));
		buf_release(&out);
	}
}

static void fields(void **state)
{
	struct buf out = buf_make(ARENA_MAX);
	dkim_canon_field(span_str("B : Y\t\r\n\tZ  "), true, &out); /* 3.4.5 */
	dkim_canon_field(span_str("B : Y\t\n\tZ  "), false, &out);
	dkim_canon_field(span_str("A:"), true, &out);
	assert_string_equal(buf_text(&out), "b:Y Z\r\nB : Y\t\r\n\tZ  \r\na:\r\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records), cmocka_unit_test(flags),  cmocka_unit_test(signatures),
		cmocka_unit_test(bodies),  cmocka_unit_test(fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
