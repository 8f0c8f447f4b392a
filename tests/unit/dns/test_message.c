/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/message.h"

/* A response is written as the query for 2.0.0.127.bl.example (id 0x1234) with changed header, and records behind it. */
struct response {
	uint8_t at[4096];
	size_t len;
};

static const char question[] = "2.0.0.127.bl.example";
enum { AT_NAME = 12, AT_ZONE = 12 + 10, OWNER_SELF = 0xc000 | AT_NAME, OWNER_ZONE = 0xc000 | AT_ZONE };

static struct dns_name name_of(const char *text)
{
	struct dns_name n;
	assert_int_equal(dns_name_parse(span_str(text), &n), 0);
	return n;
}

static struct response response_start(uint16_t flags, uint8_t answers, uint8_t authorities)
{
	struct response r = {0};
	struct dns_name n = name_of(question);
	r.len = dns_message_query(0x1234, false, &n, DNS_A, r.at);
	r.at[2] = (uint8_t)(flags >> 8);
	r.at[3] = (uint8_t)flags;
	r.at[7] = answers;
	r.at[9] = authorities;
	return r;
}

static void put(struct response *r, const void *data, size_t len)
{
	assert_true(r->len + len <= sizeof(r->at));
	memcpy(r->at + r->len, data, len);
	r->len += len;
}

static void put16(struct response *r, unsigned int v)
{
	put(r, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

/* owner: a pointer */
static void put_record(struct response *r, unsigned int owner, unsigned int type, uint32_t ttl, const void *rdata,
		       size_t len)
{
	put16(r, owner);
	put16(r, type);
	put16(r, 1);
	put16(r, ttl >> 16);
	put16(r, ttl & 0xffff);
	put16(r, (unsigned int)len);
	put(r, rdata, len);
}

static void put_soa(struct response *r, uint32_t ttl, uint8_t minimum)
{
	uint8_t rdata[22] = {[21] = minimum}; /* both names the root */
	put_record(r, OWNER_ZONE, DNS_SOA, ttl, rdata, sizeof(rdata));
}

static int read_as(const struct response *r, bool recursive, struct bulk_answer *answer)
{
	struct dns_name n = name_of(question);
	return dns_message_read(span_of(r->at, r->len), 0x1234, &n, DNS_A, recursive, answer);
}

static void query_is_written(void **state)
{
	struct dns_name n = name_of("a.b");
	uint8_t out[12 + 255 + 4];
	assert_int_equal(dns_message_query(0xabcd, true, &n, DNS_TXT, out), 12 + 5 + 4);
	assert_memory_equal(out, "\xab\xcd\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01\x61\x01\x62\x00\x00\x10\x00\x01",
			    21);
}

static void an_option_record_is_added(void **state)
{
	struct dns_name n = name_of("a.b");
	uint8_t out[12 + DNS_NAME_MAX + 4 + DNS_OPT_OCTETS];
	size_t len = dns_message_query(1, true, &n, DNS_TXT, out);
	(void)state;
	assert_int_equal(dns_message_add_opt(out, len, 1232), DNS_OPT_OCTETS);
	assert_memory_equal(out + 10, "\0\x01", 2); /* one additional record */
	assert_memory_equal(out + len, "\0\0\x29\x04\xd0\0\0\0\0\0\0", DNS_OPT_OCTETS);
}

/* RFC 8914: the option's first two octets are the code; several of them may stand in one record. */
static void extended_errors_are_read(void **state)
{
	static const char opt[] = "\0\0\x29\x04\xd0\0\0\0\0\0\x11"
				  "\0\x0f\0\x05\0\x0f"
				  "no!"
				  "\0\x0f\0\x02\0\x12"
				  "\0\x0a"; /* cut off: what stood before it counts */
	struct response r = response_start(0x8180, 0, 0);
	(void)state;
	assert_int_equal(dns_message_errors(span_of(r.at, r.len)), 0);
	r.at[11] = 1;
	put(&r, opt, sizeof(opt) - 1);
	assert_int_equal(dns_message_errors(span_of(r.at, r.len)), 1u << 15 | 1u << 18);
	assert_int_equal(dns_message_errors(span_of(r.at, r.len - 4)), 0);
	assert_int_equal(dns_message_errors(span_of(r.at, 11)), 0);
}

static void answers_are_read(void **state)
{
	struct bulk_answer a = {.tag = 7};
	struct response r = response_start(0x8400, 2, 0);
	put_record(&r, OWNER_SELF, DNS_A, 300, "\x7f\0\0\x04", 4);
	put_record(&r, OWNER_SELF, DNS_A, 60, "\x7f\0\0\x0a", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_ANSWER);
	assert_int_equal(a.a_count, 2);
	assert_int_equal(a.a[0], 0x7f000004);
	assert_int_equal(a.a[1], 0x7f00000a);
	assert_int_equal(a.ttl_s, 60);
	assert_true(a.authoritative && a.tag == 7);
	r.at[AT_NAME + 11] = 'B'; /* the case of an echo may differ (0x20) */
	assert_int_equal(read_as(&r, false, &a), 0);
	r.at[2] = 0x80; /* no AA */
	assert_int_equal(read_as(&r, true, &a), 0);
	assert_int_equal(a.outcome, DNS_ANSWER);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_LAME);
}

static void many_addresses_are_cut(void **state)
{
	struct bulk_answer a;
	struct response r = response_start(0x8400, 40, 0);
	for (int i = 0; i < 40; i++)
		put_record(&r, OWNER_SELF, DNS_A, 300, "\x7f\0\0\x04", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.a_count, BULK_A_MAX);
}

static void negative_answers_are_kept_apart(void **state)
{
	struct bulk_answer a;
	struct response r = response_start(0x8403, 0, 1);
	put_soa(&r, 3600, 90);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_NXDOMAIN);
	assert_int_equal(a.ttl_s, 90);
	r.at[3] = 0;
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_NODATA);
	r = response_start(0x8403, 0, 0);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_NXDOMAIN);
	assert_int_equal(a.ttl_s, 0);
	r = response_start(0x8400, 1, 0); /* a record of another type */
	put_record(&r, OWNER_SELF, DNS_TXT, 300, "\1x", 2);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_NODATA);
	r = response_start(0x8003, 0, 1); /* no AA */
	put_soa(&r, 3600, 90);
	assert_int_equal(read_as(&r, true, &a), 0);
	assert_int_equal(a.outcome, DNS_NXDOMAIN);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_LAME);
}

static void referrals_are_lame(void **state)
{
	struct bulk_answer a;
	struct response r = response_start(0x8000, 0, 1);
	put_record(&r, OWNER_ZONE, DNS_NS, 300, "\2ns\0", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_LAME);
	assert_int_equal(read_as(&r, true, &a), 0); /* RA is clear: no resolver */
	assert_int_equal(a.outcome, DNS_LAME);
	r.at[3] = 0x80;
	assert_int_equal(read_as(&r, true, &a), 0);
	assert_int_equal(a.outcome, DNS_NODATA);
}

static void errors_are_kept_apart(void **state)
{
	static const struct {
		uint16_t rcode;
		enum dns_outcome outcome;
	} rows[] = {{1, DNS_FORMERR},  {2, DNS_SERVFAIL}, {4, DNS_FORMERR},  {5, DNS_REFUSED},
		    {6, DNS_SERVFAIL}, {9, DNS_LAME},     {11, DNS_SERVFAIL}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bulk_answer a;
		struct response r = response_start((uint16_t)(0x8000 | rows[i].rcode), 0, 0);
		assert_int_equal(read_as(&r, true, &a), 0);
		assert_int_equal(a.outcome, rows[i].outcome);
		r.len = 12; /* the header alone */
		r.at[5] = 0;
		assert_int_equal(read_as(&r, true, &a), 0);
		assert_int_equal(a.outcome, rows[i].outcome);
	}
}

static void aliases_are_followed(void **state)
{
	struct bulk_answer a;
	struct response r = response_start(0x8400, 3, 0);
	put_record(&r, OWNER_SELF, 5, 300, "\1a\xc0\x16", 4); /* a.bl.example */
	unsigned int alias = (unsigned int)r.len - 4;
	put_record(&r, 0xc000 | alias, 5, 30, "\1b\xc0\x16", 4);
	put_record(&r, 0xc000 | (alias + 16), DNS_A, 300, "\x7f\0\0\x02", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_ANSWER);
	assert_int_equal(a.a[0], 0x7f000002);
	assert_int_equal(a.ttl_s, 30);
	/* the same backwards */
	r = response_start(0x8400, 3, 0);
	put(&r, "\1b\xc0\x16\0\1\0\1\0\0\0\5\0\4\x7f\0\0\2", 18);
	put(&r, "\1a\xc0\x16\0\5\0\1\0\0\0\7\0\4\1b\xc0\x16", 18);
	put_record(&r, OWNER_SELF, 5, 300, "\1a\xc0\x16", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_ANSWER);
	assert_int_equal(a.ttl_s, 5);
	/* an address of somebody else is no answer */
	r = response_start(0x8400, 1, 0);
	put_record(&r, OWNER_ZONE, DNS_A, 300, "\x7f\0\0\x02", 4);
	assert_int_equal(read_as(&r, false, &a), 0);
	assert_int_equal(a.outcome, DNS_NODATA);
	/* an alias to itself */
	r = response_start(0x8400, 1, 0);
	put_record(&r, OWNER_SELF, 5, 300, "\xc0\x0c", 2);
	assert_int_equal(read_as(&r, false, &a), -EBADMSG);
}

static void answers_to_others_are_told(void **state)
{
	struct bulk_answer a;
	struct response good = response_start(0x8403, 0, 0), r = good;
	r.at[0] ^= 1; /* id */
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[2] &= 0x7f; /* a query */
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[2] |= 0x28; /* UPDATE */
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[AT_NAME + 1] = '3';
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[r.len - 3] = DNS_TXT;
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[r.len - 1] = 3; /* CHAOS */
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[5] = 0; /* NXDOMAIN to nothing */
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r.at[5] = 2;
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	r = good;
	r.at[2] |= 2;
	assert_int_equal(read_as(&r, false, &a), -EMSGSIZE);
}

static void broken_messages_are_malformed(void **state)
{
	struct bulk_answer a;
	struct response r = response_start(0x8400, 1, 1), bad;
	size_t whole;
	put_record(&r, OWNER_SELF, DNS_TXT, 300, "\1x", 2);
	put_soa(&r, 300, 9);
	whole = r.len;
	for (r.len = 2; r.len < whole; r.len++)
		assert_int_equal(read_as(&r, false, &a), -EBADMSG);
	assert_int_equal(read_as(&r, false, &a), 0);
	r.len = 1;
	assert_int_equal(read_as(&r, false, &a), -ENOMSG);
	bad = response_start(0x8400, 1, 0); /* pointer to itself */
	put_record(&bad, 0xc000 | (unsigned int)bad.len, DNS_A, 300, "\x7f\0\0\x02", 4);
	assert_int_equal(read_as(&bad, false, &a), -EBADMSG);
	bad = response_start(0x8400, 1, 0); /* pointer forwards */
	put_record(&bad, 0xc000 | (unsigned int)(bad.len + 12), DNS_A, 300, "\1a\0\0", 4);
	assert_int_equal(read_as(&bad, false, &a), -EBADMSG);
	bad = response_start(0x8400, 1, 0); /* label type 01 */
	put_record(&bad, 0x4000, DNS_A, 300, "\x7f\0\0\x02", 4);
	assert_int_equal(read_as(&bad, false, &a), -EBADMSG);
	bad = response_start(0x8400, 1, 0); /* three octets of address */
	put_record(&bad, OWNER_SELF, DNS_A, 300, "\x7f\0\0", 3);
	assert_int_equal(read_as(&bad, false, &a), -EBADMSG);
	bad = response_start(0x8403, 1, 0); /* it is and it is not */
	put_record(&bad, OWNER_SELF, DNS_A, 300, "\x7f\0\0\x02", 4);
	assert_int_equal(read_as(&bad, false, &a), -EBADMSG);
}

static void texts_are_collected(void **state)
{
	struct response r = response_start(0x8400, 3, 0);
	struct buf out = buf_make(4096);
	struct span texts[4];
	put_record(&r, OWNER_SELF, DNS_A, 300, "\x7f\0\0\2", 4);
	put_record(&r, OWNER_SELF, DNS_TXT, 300, "\2ab\0\3cde", 8);
	put_record(&r, OWNER_SELF, DNS_TXT, 300, "\1x", 2);
	assert_int_equal(dns_message_txt(span_of(r.at, r.len), &out, 4, texts), 2);
	assert_true(span_equal(texts[0], span_str("abcde")));
	assert_true(span_equal(texts[1], span_str("x")));
	assert_int_equal(dns_message_txt(span_of(r.at, r.len), &out, 1, texts), 1);
	assert_int_equal(dns_message_txt(span_of(r.at, r.len - 1), &out, 4, texts), -EBADMSG);
	r.at[r.len - 2] = 9; /* string longer than its record */
	assert_int_equal(dns_message_txt(span_of(r.at, r.len), &out, 4, texts), -EBADMSG);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_is_written),
		cmocka_unit_test(an_option_record_is_added),
		cmocka_unit_test(extended_errors_are_read),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(many_addresses_are_cut),
		cmocka_unit_test(negative_answers_are_kept_apart),
		cmocka_unit_test(referrals_are_lame),
		cmocka_unit_test(errors_are_kept_apart),
		cmocka_unit_test(aliases_are_followed),
		cmocka_unit_test(answers_to_others_are_told),
		cmocka_unit_test(broken_messages_are_malformed),
		cmocka_unit_test(texts_are_collected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
