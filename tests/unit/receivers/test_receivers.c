/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>

#include "receivers/receiver_builtin.h"
#include "receivers/receivers_literals.h"
#include "receivers/reply.h"

static struct catalogue *lists;
static struct receivers *receivers;

static int setup(void **state)
{
	const struct catalogue_config none = {0};
	struct error err = {""};
	if (catalogue_load(&none, NULL, NULL, &lists, &err) < 0)
		return -1;
	return receivers_load(lists, NULL, NULL, NULL, &receivers, &err);
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
	if (!span_equal(s, span_str(text)))
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

/* @return how many patterns fit one of the samples and are not among those that may. */
static size_t missed(struct scanner *s)
{
	size_t faults = 0;
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
					print_error("misses %s\n", scanner_pattern(s, p)->text);
					faults++;
				}
			}
		}
	return faults;
}

/* What words let through holds all that fits. */
static void words_hold_all(void **state)
{
	const struct receiver_records all = {receivers_builtin, receivers_builtin_count};
	struct scanner *s;
	size_t faults;
	assert_int_equal(scanner_new(&all, &s), 0);
	faults = missed(s);
	scanner_free(s);
	assert_int_equal(faults, 0);
}

/* One of these words stands in each text that the expression fits; "": none is known. */
static void expressions_ask_for_words(void **state)
{
	static const char *const rows[][2] = {
		{"block list \\(S3140\\)", "block list (s31"},
		{"ab|cde", ""},
		{"abc|cdef|gh.ijk", "abc cdef ijk"},
		{"(abc|cdef).{0,9}(ghijk|lmnop)", "ghijk lmnop"},
		{"abcd?e", "abc"},
		{"abcd*", "abc"},
		{"abcd+ef", "abcd"},
		{"abcd{0,3}", "abc"},
		{"abcd{2}", "abcd"},
		{"abc(defg)?", "abc"},
		{"abc(?:defg)+?", "defg"},
		{"abc(defg|hi)", "abc"},
		{"ab(?P<zone>[a-z]+)cdef", "cdef"},
		{"abc(?=defgh)", "abc"},
		{"abc(?<!defgh)x", "abc"},
		{"[]abc]def", "def"},
		{"[^]abc[:digit:]\\]]def", "def"},
		{"\\babc\\b", "abc"},
		{"^421 4\\.7\\.0 ", "421 4.7.0 "},
		{"A very long sentence", "a very long sen"},
		/* what is not understood */
		{"(?i)abc", ""},
		{"(?x)a b c", ""},
		{"(?#abc)", ""},
		{"(?>abcd)", ""},
		{"(*COMMIT)abcd", ""},
		{"\\Qabcd\\E", ""},
		{"\\x41bcd", ""},
		{"(abc)\\1def", ""},
		{"abc{,3}def", ""},
		{"abc{x}", ""},
		{"(abc", ""},
		{"abc)", ""},
		{"[abc", ""},
		{"abc\\", ""},
		{"*abc", ""},
		{"", ""},
	};
	struct literals words;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[256] = "";
		literals_of(rows[i][0], &words);
		for (size_t j = 0; j < words.count; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", j ? " " : "",
				 (int)words.at[j].len, words.at[j].text);
		if (strcmp(text, rows[i][1]) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i][0], text, rows[i][1]);
	}
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

static void a_section_of_an_rfc_is_no_address(void **state)
{
	struct reply_match m = match("mx.example.net", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)");
	assert_int_equal(m.means, REPLY_IDENTITY);
	assert_int_equal(m.about, ABOUT_ADDRESS);
	assert_int_equal(m.address.len, 0);
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

static void public_lists_are_named(void **state)
{
	static const struct {
		const char *reply, *zone, *address;
	} rows[] = {
		{"host mx.example.net[198.51.100.1] said: 554 5.7.1 Service unavailable; Client host [192.0.2.10] "
		 "blocked using "
		 "zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10 (in reply to RCPT TO command)",
		 "zen.spamhaus.org", "192.0.2.10"},
		{"550-rejected because 192.0.2.10 is in a black list at\\n550 bl.spamcop.net", "bl.spamcop.net",
		 "192.0.2.10"},
		{"550_5.7.1_Client_host_[192.0.2.10]_blocked_using_psbl.surriel.com", "psbl.surriel.com", "192.0.2.10"},
		{"554 5.7.1 192.0.2.10 listed by dnsbl.dronebl.org", "dnsbl.dronebl.org", "192.0.2.10"},
		{"550 5.7.1 10.2.0.192.bl.mailspike.net listed", "bl.mailspike.net", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int again = 0; again < 2; again++) {
			struct reply_match m = match("mx.example.net", rows[i].reply);
			assert_int_equal(m.means, REPLY_LISTED_PUBLIC);
			assert_non_null(m.list);
			assert_string_equal(m.list->zone, rows[i].zone);
			is_span(m.address, rows[i].address);
			assert_string_equal(m.receiver_name, "example.net");
		}
	}
}

static void a_list_of_the_receivers_own_is_private(void **state)
{
	static const char reply[] = "554 5.7.1 blocked using bl.example.net";
	assert_int_equal(match("mx.example.net", reply).means, REPLY_LISTED_PRIVATE);
	assert_int_equal(match("mx.example.com", reply).means, REPLY_LISTED_PUBLIC);
	assert_null(match("mx.example.com", reply).list);
}

/* Two replies that fold to one key each show their own address. */
static void the_cache_keeps_no_address(void **state)
{
	struct reply_match m = match("", "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10");
	is_span(m.address, "192.0.2.10");
	is_span(m.url, "https://ipcheck.proofpoint.com/?ip=192.0.2.10");
	m = match("", "554 Blocked - see https://ipcheck.proofpoint.com/?ip=198.51.100.200");
	is_span(m.address, "198.51.100.200");
	is_span(m.url, "https://ipcheck.proofpoint.com/?ip=198.51.100.200");
}

/* The same octets are known from the second time on: by relay, code and status too, and with their own spans. */
static void what_came_before_means_the_same(void **state)
{
	static const char reply[] = "messages from [198.51.100.7] weren't sent. part of their network is on our block "
				    "list (S3140). https://example.net/x";
	static const char listed[] = "550 blocked using bl.aol.com";
	struct reply_match m;
	for (int i = 0; i < 4; i++) {
		receivers_match(receivers, span_str("mx.example"), 550, span_str("5.7.1"), span_str(reply), &m);
		assert_string_equal(m.receiver->id, "microsoft.outlook_s3140");
		is_span(m.address, "198.51.100.7");
		is_span(m.url, "https://example.net/x");
		receivers_match(receivers, span_str("mx.example"), 250, span_str("2.0.0"), span_str(reply), &m);
		assert_int_equal(m.means, REPLY_OTHER);
		assert_null(m.receiver);
		means("mx.aol.com", listed, REPLY_LISTED_PRIVATE);
		means("mx.example.com", listed, REPLY_LISTED_PUBLIC);
		assert_string_equal(match("mx.example.com", listed).receiver_name, "example.com");
		assert_string_equal(match("MX.EXAMPLE.org.", listed).receiver_name, "example.org");
		receivers_match(receivers, span_str("mx.example"), 550, span_str("5.1.1"), span_str("no"), &m);
		assert_int_equal(m.means, REPLY_UNKNOWN_USER);
		receivers_match(receivers, span_str("mx.example"), 550, span_str("5.7.5"), span_str("no"), &m);
		assert_int_equal(m.means, REPLY_OTHER);
	}
}

static void joined_lines_lose_their_codes(void **state)
{
	struct reply_match m =
		match("gmail-smtp-in.l.google.com",
		      "550-5.7.1 [192.0.2.10      15] Our system has detected that this message is likely "
		      "550-5.7.1 suspicious due to the very low 550-5.7.1 reputation of the sending IP address. "
		      "550-5.7.1 To best protect our users from spam, the message has 550 5.7.1 been blocked.");
	assert_non_null(m.receiver);
	assert_string_equal(m.receiver->id, "gmail.ip_reputation");
	is_span(m.address, "192.0.2.10");
}

static void kinds_of_replies(void **state)
{
	means("", "550 5.1.1 <someone@example.com>: Recipient address rejected: User unknown", REPLY_UNKNOWN_USER);
	means("", "450 4.2.0 Greylisted, try again in 300 seconds", REPLY_OTHER);
	means("", "552 5.2.2 Mailbox full", REPLY_OTHER);
	means("", "554 5.7.1 Relay access denied", REPLY_OTHER);
	means("", "530 5.7.0 Must issue a STARTTLS command first", REPLY_OTHER);
	means("", "250 2.0.0 Ok: queued as 4XyzAbc12z1, blocked using zen.spamhaus.org", REPLY_OTHER);
	means("", "550 5.7.1 Your IP 192.0.2.10 is banned here", REPLY_UNKNOWN_BLOCK);
	means("", "550 5.7.25 no PTR record for 192.0.2.10", REPLY_IDENTITY);
	means("", "421 4.7.0 Too many connections", REPLY_RATE);
	means("", "", REPLY_OTHER);
}

static void templates_fold_what_changes(void **state)
{
	static const char *const rows[][2] = {
		{"550 5.7.1 192.0.2.10 blocked (code 17) for <someone@example.com>, id 4XyzAbc12z19",
		 "550 5.7.1 <address> blocked (code #) for <<mail>>, id <id>"},
		{"550-5.7.1 a 550 5.7.1 S3140", "550 5.7.1 a S#"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = buf_make(1024);
		reply_template(span_str(rows[i][0]), &out);
		assert_string_equal(buf_text(&out), rows[i][1]);
		buf_release(&out);
	}
}

/* Outside octets of any length, also without an end. */
static void any_octets_are_taken(void **state)
{
	uint8_t *long_one = test_malloc(1 << 20);
	struct reply_match m;
	for (size_t i = 0; i < 1 << 20; i++)
		long_one[i] = (uint8_t)(i * 7 ^ i >> 8);
	receivers_match(receivers, span_of(long_one, 300), 550, span_str("5.7.1"), span_of(long_one, 1 << 20), &m);
	assert_non_null(m.receiver_name);
	test_free(long_one);
}

/* The table of relays grows: each keeps its name, short or long. */
static void many_relays_are_told_apart(void **state)
{
	static const char refusal[] = "554 5.7.1 blocked using bl.example.net";
	for (int again = 0; again < 2; again++)
		for (int i = 0; i < 5000; i++) {
			char relay[96], domain[64];
			snprintf(domain, sizeof(domain),
				 i % 3 ? "customer%d.com" : "a-name-longer-than-most-are-%d.org", i);
			snprintf(relay, sizeof(relay), "mx%d.%s", i % 7, domain);
			assert_string_equal(match(relay, refusal).receiver_name, domain);
		}
	assert_string_equal(match("gmail-smtp-in.l.google.com", refusal).receiver_name, "Gmail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_relays_are_told_apart),
		cmocka_unit_test(samples_hit_their_record),
		cmocka_unit_test(every_pattern_is_needed),
		cmocka_unit_test(words_hold_all),
		cmocka_unit_test(expressions_ask_for_words),
		cmocka_unit_test(an_address_is_quoted),
		cmocka_unit_test(a_section_of_an_rfc_is_no_address),
		cmocka_unit_test(forged_text_is_no_listing),
		cmocka_unit_test(public_lists_are_named),
		cmocka_unit_test(a_list_of_the_receivers_own_is_private),
		cmocka_unit_test(the_cache_keeps_no_address),
		cmocka_unit_test(what_came_before_means_the_same),
		cmocka_unit_test(joined_lines_lose_their_codes),
		cmocka_unit_test(kinds_of_replies),
		cmocka_unit_test(templates_fold_what_changes),
		cmocka_unit_test(any_octets_are_taken),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
