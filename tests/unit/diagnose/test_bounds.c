/* SPDX-License-Identifier: BSD-2-Clause */
/* Totals, private blocks, times of listings, bounds of memory, the same answer twice. */
#include <stdio.h>
#include <stdlib.h>

#include "diagnose/identity.h"
#include "story.h"

static void totals(void **state)
{
	static const enum fate_told fates[] = {TOLD_SENT, TOLD_SENT, TOLD_UNKNOWN, TOLD_WAITING, TOLD_HERE};
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 50; i++)
		story_tell(&s, &(struct told){.at_s = i,
					      .login = "alice",
					      .client = "198.51.100.20",
					      .to = i % 5 == 4 ? "bob@example.com" : NULL,
					      .fate = fates[i % 5]});
	story_end(&s);
	assert_int_equal(s.report.mail.messages, 40);
	assert_int_equal(s.report.mail.recipients, 40);
	assert_int_equal(s.report.mail.delivered, 20);
	assert_int_equal(s.report.mail.rejected, 10);
	assert_int_equal(s.report.mail.deferred, 10);
	story_release(&s);
}

static void blocks(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 40; i++)
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .login = "alice",
					      .client = "198.51.100.20",
					      .fate = i < 20   ? TOLD_SENT
						      : i < 30 ? TOLD_LISTED
						      : i < 35 ? TOLD_REFUSED
							       : TOLD_STRANGE_BLOCK});
	story_end(&s);
	assert_int_equal(s.report.block_count, 2);
	assert_int_equal(s.report.blocks[0].count, 10);
	assert_string_equal(s.report.blocks[0].zone, "zen.spamhaus.org");
	assert_true(s.report.blocks[1].unknown_text);
	assert_int_equal(s.report.blocks[1].count, 5);
	assert_int_equal(s.report.not_ours_count, 1);
	assert_int_equal(s.report.not_ours[0].count, 5);
	assert_string_equal(s.report.quoted_address, "192.0.2.25");
	bool told = false; /* refused from minute 20 on, accepted until minute 19 */
	for (size_t i = 0; i < s.report.note_count; i++)
		told |= strstr(s.report.notes[i], "2025-11-01 00:20:00 UTC") != NULL &&
			strstr(s.report.notes[i], "2025-11-01 00:19:00 UTC") != NULL;
	assert_true(told);
	story_release(&s);
}

static void unknown_texts_need_three(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 2; i++)
		story_tell(&s,
			   &(struct told){
				   .at_s = i, .login = "alice", .client = "198.51.100.20", .fate = TOLD_STRANGE_BLOCK});
	story_end(&s);
	assert_int_equal(s.report.block_count, 0);
	story_release(&s);
}

static void doubts(void **state)
{
	struct source_gap gap = {0, 1, "mail.log.2.gz is missing"};
	struct story s;
	story_begin(&s);
	story_end(&s);
	assert_int_equal(s.report.unsure_count, 1); /* no mail line */
	story_release(&s);

	story_begin(&s);
	story_person(&s, "alice", 2);
	s.coverage.gaps = &gap;
	s.coverage.gap_count = 1;
	s.coverage.unparsed = s.line / 10;
	s.options.listed_at_ms = s.from_ms - DAY_S * 1000LL;
	story_end(&s);
	assert_true(s.report.unsure_count >= 2);
	story_release(&s);
}

/* A million senders, each once, do not take more than the bound, and what matters stays. */
static void a_flood_is_bounded(void **state)
{
	struct identities t = {0};
	struct identity *big = NULL;
	char name[64];
	for (uint32_t i = 0; i < 200000; i++) {
		int64_t at_ms = 1761955200000 + i * 100LL;
		(void)snprintf(name, sizeof(name), "flood%u@d%u.example", i, i % 1000);
		struct identity *id = identity_get(&t, IDENTITY_SENDER, "mx", span_str(name), true);
		assert_non_null(id);
		id->messages++;
		assert_non_null(identity_hour(&t, id, at_ms));
		big = identity_get(&t, IDENTITY_LOGIN, "mx", span_str("alice"), true);
		big->messages++;
		identities_shed(&t);
		assert_true(t.count <= IDENTITIES_MAX);
	}
	big = identity_get(&t, IDENTITY_LOGIN, "mx", span_str("ALICE"), false);
	assert_non_null(big);
	assert_int_equal(big->messages, 200000);
	assert_true(t.shed > 0);
	assert_int_equal(t.error, 0);
	identities_release(&t);
}

static void one_identity_is_bounded(void **state)
{
	struct identities t = {0};
	struct identity *id = identity_get(&t, IDENTITY_LOGIN, "mx", span_str("alice"), true);
	char name[64];
	for (uint32_t i = 0; i < 200000; i++) {
		struct hour *h = identity_hour(&t, id, 1761955200000 + i * 60000LL);
		struct addr a = {4, {(uint8_t)(i >> 12), (uint8_t)(i >> 4), (uint8_t)(i << 4), 1}};
		assert_non_null(h);
		identity_network(&t, id, h->hour, h, &a, 0);
		(void)snprintf(name, sizeof(name), "s%u@d.example", i);
		h->senders += names_note(&t, &id->senders, span_str(name), h->hour, false);
		seen_add(&t, &id->seen, i * 0x9e3779b97f4a7c15U);
	}
	assert_true(id->hour_count <= HOURS_KEPT_MAX);
	assert_int_equal(id->hours[id->hour_count - 1].networks, id->hours[id->hour_count - 1].senders);
	assert_true(id->network_count <= NETWORKS_MAX && id->senders.count <= NAMES_MAX);
	assert_true(id->seen.count <= RECIPIENTS_KEPT_MAX);
	assert_true(t.octets < (size_t)2 << 20);
	assert_int_equal(t.error, 0);
	identities_release(&t);
}

/* Messages come as they end: an early one that waited long is told late. */
static void late_messages_find_their_hour(void **state)
{
	struct identities t = {0};
	struct identity *id = identity_get(&t, IDENTITY_LOGIN, "mx", span_str("alice"), true);
	static const int order[] = {5, 1, 3, 5, 2, 4, 1, 0};
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		identity_hour(&t, id, 1761955200000 + order[i] * 3600000LL)->messages++;
	assert_int_equal(id->hour_count, 6);
	for (uint32_t i = 1; i < id->hour_count; i++)
		assert_true(id->hours[i - 1].hour < id->hours[i].hour);
	assert_int_equal(id->hours[5].messages, 2);
	assert_null(identity_hour(&t, id, 1761955200000 - HOURS_KEPT_MAX * 3600000LL));
	identities_release(&t);
}

static double told_twice(struct story *s)
{
	story_begin(s);
	story_person(s, "bob@example.com", 3);
	for (uint32_t i = 0; i < 300; i++)
		story_tell(s, &(struct told){.at_s = 2 * DAY_S + i * 7,
					     .login = "bob@example.com",
					     .client = story_client(story_any(s, 14)),
					     .fate = story_dirty(s)});
	story_end(s);
	assert_int_equal(s->report.cause_count, 1);
	return s->report.causes[0].confidence;
}

static void the_same_answer_twice(void **state)
{
	struct story a, b;
	double one = told_twice(&a), two = told_twice(&b);
	assert_true(one == two);
	assert_string_equal(a.report.causes[0].sentence, b.report.causes[0].sentence);
	assert_int_equal(a.report.causes[0].signal_count, b.report.causes[0].signal_count);
	story_release(&a);
	story_release(&b);
}

/* Octets that are no text, names without an end, empty ones. */
static void hostile_names(void **state)
{
	uint8_t wild[4096];
	struct story s;
	story_begin(&s);
	story_person(&s, "alice", 1);
	for (uint32_t i = 0; i < 500; i++) {
		size_t len = story_any(&s, sizeof(wild));
		for (size_t k = 0; k < len; k++)
			wild[k] = (uint8_t)story_any(&s, 256);
		struct span any = span_of(wild, len);
		struct mail_delivery d = {.at_ms = s.from_ms + i,
					  .outcome = (enum mail_outcome)story_any(&s, OUTCOME_HELD + 1),
					  .transport = (enum mail_transport)story_any(&s, TRANSPORT_PIPE + 1),
					  .recipient = any,
					  .original = any,
					  .relay_name = any,
					  .reply = any,
					  .status = any,
					  .remote_reply = true,
					  .line = {0, i + 1, s.from_ms, any}};
		struct mail_message m = {.host = any,
					 .first_ms = s.from_ms + (int64_t)i * 1000000,
					 .last_ms = INT64_MAX,
					 .origin = (enum mail_origin)story_any(&s, ORIGIN_NOTICE + 1),
					 .login = any,
					 .user = any,
					 .script = any,
					 .sender = any,
					 .has_sender = true,
					 .uid = 7,
					 .link = (enum mail_link)story_any(&s, LINK_NOTICE + 1),
					 .link_address = any,
					 .accept = {0, i + 1, s.from_ms, any},
					 .deliveries = &d,
					 .delivery_count = 1};
		s.sink.messages(s.sink.arg, &m, 1);
		struct mail_event e = {.kind = EVENT_SUBMIT,
				       .format = FORMAT_PHP,
				       .at_ms = INT64_MAX,
				       .script = any,
				       .recipient = any};
		s.sink.event(s.sink.arg, &e, &m.accept);
	}
	story_end(&s);
	story_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals),
		cmocka_unit_test(blocks),
		cmocka_unit_test(unknown_texts_need_three),
		cmocka_unit_test(doubts),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(one_identity_is_bounded),
		cmocka_unit_test(late_messages_find_their_hour),
		cmocka_unit_test(the_same_answer_twice),
		cmocka_unit_test(hostile_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
