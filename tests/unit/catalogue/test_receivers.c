/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalogue/receiver_builtin.h"
#include "catalogue/receivers_parts.h"

static struct catalogue *lists;
static struct receivers *receivers;

static int setup(void **state)
{
	const struct catalogue_config none = {0};
	struct error err = {""};
	if (catalogue_load(&none, NULL, NULL, &lists, &err) < 0)
		return -1;
	return receivers_load(lists, NULL, &receivers, &err);
}

static int teardown(void **state)
{
	receivers_free(receivers);
	catalogue_free(lists);
	return 0;
}

static struct reply_match match(const char *relay, const char *reply)
{
	struct reply_match m;
	receivers_match(receivers, span_str(relay), 0, (struct span){0}, span_str(reply), &m);
	return m;
}

static void is_span(struct span s, const char *text)
{
	if (s.len != strlen(text) || memcmp(s.at, text, s.len) != 0)
		fail_msg("\"%.*s\", expected \"%s\"", (int)s.len, (const char *)s.at, text);
}

static void means(const char *relay, const char *reply, enum reply_meaning expected)
{
	struct reply_match m = match(relay, reply);
	if (m.means != expected)
		fail_msg("%s (%s), expected %s: %s", reply_meaning_text(m.means),
			 m.receiver ? m.receiver->id : "no record", reply_meaning_text(expected), reply);
}

/* Each sample is its own record's, with the receiver's MX and, where words are enough, from an unknown one. */
static void samples_hit_their_record(void **state)
{
	size_t faults = 0;
	for (size_t i = 0; i < receivers_builtin_count; i++) {
		const struct receiver_record *r = receivers_builtin[i];
		for (size_t j = 0; j < r->samples.count; j++) {
			struct reply_match m = match(r->host ? r->host : "", r->samples.at[j]);
			bool good = m.receiver && strcmp(m.receiver->id, r->v.id) == 0;
			if (good && !r->only_mx) {
				m = match("", r->samples.at[j]);
				good = m.receiver && strcmp(m.receiver->id, r->v.id) == 0;
			}
			if (!good)
				print_error("%s:%d: %s: a sample goes to %s\n", r->file, r->line, r->v.id,
					    m.receiver ? m.receiver->id : reply_meaning_text(m.means));
			faults += !good;
		}
	}
	assert_int_equal(faults, 0);
}

/* A pattern that no sample needs is one nobody has seen work. */
static void every_pattern_is_needed(void **state)
{
	size_t faults = 0;
	for (size_t i = 0; i < receivers_builtin_count; i++) {
		const struct receiver_record *r = receivers_builtin[i];
		const struct receiver_records one = {&receivers_builtin[i], 1};
		struct mailboxes known = {0};
		struct scanner *s;
		bool used[64] = {false};
		assert_true(r->patterns.count <= 64);
		assert_int_equal(scanner_new(&one, &s), 0);
		for (size_t j = 0; j < r->samples.count; j++) {
			struct reply_text t;
			struct scan_captures c;
			reply_prepare(&t, &known, 0, (struct span){0}, span_str(r->samples.at[j]));
			memcpy(t.masked, t.plain, t.len);
			for (uint32_t p = 0; p < r->patterns.count; p++)
				used[p] |= scanner_capture(s, p, reply_masked(&t), &c);
		}
		for (size_t p = 0; p < r->patterns.count; p++) {
			if (!used[p])
				print_error("%s:%d: %s: no sample has %s\n", r->file, r->line, r->v.id,
					    r->patterns.at[p]);
			faults += !used[p];
		}
		scanner_free(s);
	}
	assert_int_equal(faults, 0);
}

/* What vectorscan lets through holds all that fits. */
static void engines_agree(void **state)
{
	const struct receiver_records all = {receivers_builtin, receivers_builtin_count};
	struct scanner *s;
	size_t faults = 0;
	assert_int_equal(scanner_new(&all, &s), 0);
	assert_true(scanner_is_combined(s));
	for (size_t i = 0; i < receivers_builtin_count; i++)
		for (size_t j = 0; j < receivers_builtin[i]->samples.count; j++) {
			struct reply_text t;
			const uint32_t *hits;
			size_t count, at = 0;
			reply_prepare(&t, NULL, 0, (struct span){0}, span_str(receivers_builtin[i]->samples.at[j]));
			count = scanner_scan(s, reply_masked(&t), &hits);
			for (uint32_t p = 0; scanner_pattern(s, p)->record; p++) {
				struct scan_captures c;
				bool hit;
				while (at < count && hits[at] < p)
					at++;
				hit = at < count && hits[at] == p;
				if (!hit && scanner_capture(s, p, reply_masked(&t), &c)) {
					print_error("vectorscan misses %s\n", scanner_pattern(s, p)->text);
					faults++;
				}
			}
		}
	scanner_free(s);
	assert_int_equal(faults, 0);
}

static void an_address_is_quoted(void **state)
{
	static const char reply[] = "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact "
				    "your Internet service "
				    "provider since part of their network is on our block list (S3140).";
	for (int i = 0; i < 2; i++) { /* the second one comes from the cache */
		struct reply_match m = match("outlook-com.olc.protection.outlook.com", reply);
		assert_int_equal(m.means, REPLY_LISTED_PRIVATE);
		is_span(m.address, "192.0.2.10");
	}
}

/* What a sender can have quoted back is no verdict of the receiver. */
static void forged_text_is_no_listing(void **state)
{
	means("", "550 5.1.1 <blocked-using-zen.spamhaus.org@example.com>: user unknown", REPLY_UNKNOWN_USER);
	means("", "550 5.1.1 <\"blocked using zen.spamhaus.org\"@example.com>: user unknown", REPLY_UNKNOWN_USER);
	means("", "554 5.7.1 spam message, Subject: 'Client host [192.0.2.1] blocked using zen.spamhaus.org'",
	      REPLY_CONTENT);
	means("", "554 5.7.1 message is spam: URL http://www.spamhaus.org/query/ip/192.0.2.1 in its body",
	      REPLY_CONTENT);
	means("", "550 5.1.1 <returnc@example.com>: User unknown: zen.spamhaus.org", REPLY_UNKNOWN_USER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_hit_their_record),
		cmocka_unit_test(every_pattern_is_needed),
		cmocka_unit_test(engines_agree),
		cmocka_unit_test(an_address_is_quoted),
		cmocka_unit_test(forged_text_is_no_listing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
