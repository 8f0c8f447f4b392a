/* SPDX-License-Identifier: BSD-2-Clause */
/* Forwards and bounces: whose harm they are, and whose they are not. */
#include <stdio.h>

#include "story.h"

static void people_to_one_receiver(struct story *s, enum fate_told before, enum fate_told later)
{
	char login[32];
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 6);
		story_tell(s, &(struct told){.at_s = i * 3000 + 60,
					     .login = login,
					     .client = "198.51.100.20",
					     .fate = i < 90 ? before : later});
	}
}

static void alias(struct story *s, enum fate_told before, enum fate_told later)
{
	for (uint32_t i = 0; i < 150; i++)
		story_tell(s, &(struct told){.at_s = i * 3000,
					     .client = story_client(i),
					     .sender = "friend@known.example",
					     .to = "home77@big.example",
					     .original = "board@example.com",
					     .forwarded = true,
					     .fate = i < 90 ? before : later});
}

/* The address is listed: everybody is refused, the alias too. */
static void an_alias_of_a_listed_server(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_LISTED);
	alias(&s, TOLD_SENT, TOLD_LISTED);
	assert_no_cause(&s);
}

/* All our mail is spam to them since a stolen password: the alias forwards what it always did. */
static void an_alias_of_a_server_without_a_name(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SPAM);
	alias(&s, TOLD_SENT, TOLD_SPAM);
	story_end(&s);
	for (size_t i = 0; i < s.report.cause_count; i++)
		assert_int_not_equal(s.report.causes[i].kind, CAUSE_FORWARDING);
	story_release(&s);
}

/* Of few other letters chance decides how many are refused at any time: those of a week tell. */
static void an_alias_of_a_small_server(void **state)
{
	char login[32];
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 24; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 6);
		story_tell(&s, &(struct told){.at_s = i * 5 * HOUR_S,
					      .login = login,
					      .client = "198.51.100.20",
					      .relay_name = "mx.big.example",
					      .size = 1500 + story_any(&s, 60000),
					      .fate = i / 6 % 3 < 1 ? TOLD_SENT : TOLD_SPAM});
	}
	for (uint32_t i = 0; i < 76; i++)
		story_tell(&s, &(struct told){.at_s = i * 5600,
					      .client = story_client(i),
					      .sender = "friend@known.example",
					      .to = "home77@big.example",
					      .original = "board@example.com",
					      .forwarded = true,
					      .relay_name = "mx.big.example",
					      .fate = TOLD_SPAM});
	assert_no_cause(&s);
}

/* The same receiver takes everybody's but this one's. */
static void an_alias_that_forwards_spam(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	alias(&s, TOLD_SENT, TOLD_SPAM);
	story_end(&s);
	assert_only_cause(&s, CAUSE_FORWARDING, "board@example.com");
	story_release(&s);
}

/* Three of them to the same receiver are no measure for each other. */
static void aliases_that_forward_spam(void **state)
{
	static const char *const names[] = {"board@example.com", "info@example.com", "cash@example.com"};
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	for (uint32_t i = 0; i < 180; i++)
		story_tell(&s, &(struct told){.at_s = i * 2400,
					      .client = story_client(i),
					      .sender = "friend@known.example",
					      .to = i % 3 ? "home77@big.example" : "home78@big.example",
					      .original = names[i % 3],
					      .forwarded = true,
					      .relay_name = "mx.big.example",
					      .fate = i % 2 ? TOLD_SPAM : TOLD_SENT});
	story_end(&s);
	assert_int_equal(s.report.cause_count, 3);
	for (size_t i = 0; i < s.report.cause_count; i++)
		assert_int_equal(s.report.causes[i].kind, CAUSE_FORWARDING);
	story_release(&s);
}

/* First what it forwards is refused; then the server is listed for it, and everybody. */
static void an_alias_that_got_us_listed(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_LISTED);
	alias(&s, TOLD_SPAM, TOLD_LISTED);
	story_end(&s);
	assert_only_cause(&s, CAUSE_FORWARDING, "board@example.com");
	story_release(&s);
}

/* @param not  what the replies do not say. */
static void assert_says(const struct story *s, const char *forwards, const char *why, const char * not )
{
	const char *sentence = s->report.causes[0].sentence;
	assert_non_null(strstr(sentence, forwards));
	assert_non_null(strstr(sentence, why));
	assert_true(not == NULL || !strstr(sentence, not ));
}

/* An alias forwards spam all the time; a stolen password, which is over, stands before it. */
static void a_theft_beside_an_alias(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	alias(&s, TOLD_SENT, TOLD_SPAM);
	for (uint32_t i = 0; i < 600; i++)
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 2 * HOUR_S + i * 5,
					      .login = "user3@example.com",
					      .client = story_client(i),
					      .direct = true,
					      .relay_name = "mx.far.example",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_int_equal(s.report.cause_count, 2);
	assert_int_equal(s.report.causes[0].kind, CAUSE_COMPROMISED_ACCOUNT);
	assert_int_equal(s.report.causes[1].kind, CAUSE_FORWARDING);
	assert_true(s.report.causes[1].running && !s.report.causes[0].running);
	story_release(&s);
}

/* The words claim what the replies say, and no more. */
static void refusals_without_a_reason(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	alias(&s, TOLD_SENT, TOLD_NO_REASON);
	story_end(&s);
	assert_only_cause(&s, CAUSE_FORWARDING, "board@example.com");
	assert_says(&s, "refused there", "without a reason", "spam");
	assert_string_equal(s.report.causes[0].evidence[s.report.causes[0].evidence_count - 1].what,
			    "refused, and no reason given");
	story_release(&s);

	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	alias(&s, TOLD_SPAM, TOLD_NO_REASON);
	story_end(&s);
	assert_says(&s, "the spam that it gets", " as spam, ", NULL);
	story_release(&s);
}

/* A listed domain is no listed address: it tells neither since when we are listed, nor is it everybody's trouble. */
static void words_about_a_domain(void **state)
{
	struct story s;
	story_begin(&s);
	people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
	alias(&s, TOLD_SENT, TOLD_DOMAIN_LISTED);
	story_end(&s);
	assert_only_cause(&s, CAUSE_FORWARDING, "board@example.com");
	assert_false(s.report.causes[0].explains_listing);
	assert_says(&s, "refused there", "for a listed domain", "spam");
	assert_false(story_has_note(&s, "first refusal that names it"));
	story_release(&s);

	story_begin(&s); /* our own domain is: all are refused, whatever they send */
	people_to_one_receiver(&s, TOLD_SENT, TOLD_DOMAIN_LISTED);
	alias(&s, TOLD_SENT, TOLD_DOMAIN_LISTED);
	assert_no_cause(&s);
}

/* @param in_a_row  so many mails to one address follow each other. */
static void a_catch_all(uint32_t addresses, uint32_t targets, uint32_t in_a_row)
{
	struct story s;
	char original[64], to[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 600; i++) {
		(void)snprintf(original, sizeof(original), "rnd%u@example.com", i / in_a_row % addresses);
		(void)snprintf(to, sizeof(to), "me%u@freemail.example", i / in_a_row % addresses % targets);
		story_tell(&s, &(struct told){.at_s = i * 600,
					      .client = story_client(i),
					      .sender = "promo@brand.example",
					      .to = to,
					      .original = original,
					      .forwarded = true,
					      .fate = i * 7 % 10 < 3 ? TOLD_SPAM : TOLD_SENT});
	}
	story_end(&s);
	if (targets == 1) {
		assert_only_cause(&s, CAUSE_FORWARDING, addresses > 1 ? "@example.com" : "rnd0@example.com");
	} else {
		for (size_t i = 0; i < s.report.cause_count; i++)
			assert_int_not_equal(s.report.causes[i].subject[0], '@');
	}
	story_release(&s);
}

static void catch_alls(void **state)
{
	a_catch_all(600, 1, 1);
	a_catch_all(120, 1, 5); /* more than the names that are kept, some with several refusals */
	a_catch_all(20, 1, 1);
	a_catch_all(1, 1, 1);
	a_catch_all(8, 8, 1); /* each its own mailbox */
}

static void bounces(struct story *s, const char *domain, uint32_t users, enum fate_told fate)
{
	char about[64], client[32];
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(about, sizeof(about), "ghost%u@%s", i % users, domain);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + i);
		story_tell(s, &(struct told){.at_s = i * 60 + 1,
					     .origin = ORIGIN_NOTICE,
					     .sender = "",
					     .about = about,
					     .about_client = client,
					     .fate = i % 4 ? TOLD_SENT : fate});
	}
}

static void a_mailbox(struct story *s, const char *address)
{
	story_tell(s,
		   &(struct told){.client = "192.0.2.9", .sender = "b@shop.example", .to = address, .fate = TOLD_HERE});
}

static void backscatter_of_ghosts(void **state)
{
	struct story s;
	story_begin(&s);
	a_mailbox(&s, "anna@example.com");
	bounces(&s, "example.com", 150, TOLD_UNKNOWN);
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);
}

/* One full mailbox. */
static void backscatter_of_one(void **state)
{
	struct story s;
	story_begin(&s);
	a_mailbox(&s, "anna@example.com");
	bounces(&s, "example.com", 1, TOLD_UNKNOWN);
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "ghost0@example.com");
	story_release(&s);
}

/* What strangers relayed to others failed there: those domains are not ours. */
static void bounces_about_others(void **state)
{
	struct story s;
	story_begin(&s);
	a_mailbox(&s, "anna@example.com");
	bounces(&s, "freemail.example", 150, TOLD_UNKNOWN);
	assert_no_cause(&s);
}

/* A domain whose users we know, though all mail for it in this log was refused at the door. */
static void a_domain_known_by_its_refusals(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 1);
	struct mail_event e = {
		.kind = EVENT_REFUSAL,
		.format = FORMAT_POSTFIX,
		.at_ms = s.from_ms,
		.host = span_str("mail.example.com"),
		.uid = MAIL_UID_NONE,
		.recipient = span_str("nobody@second.example"),
		.reply = span_str("550 5.1.1 <nobody@second.example>: Recipient address rejected: User unknown "
				  "in virtual mailbox table")};
	assert_int_equal(addr_parse(span_str("192.0.2.77"), &e.client), 0);
	s.sink.event(s.sink.arg, &e, &(struct line_copy){0, ++s.line, e.at_ms, span_str("refused")});
	bounces(&s, "second.example", 150, TOLD_UNKNOWN);
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "second.example");
	story_release(&s);
}

/* What a filter threw away is still a stranger's: the notice that comes back by SMTP from the filter is to him. */
static void a_filter_that_answers(const char *sender)
{
	struct story s;
	char stranger[64], client[32];
	story_begin(&s);
	a_mailbox(&s, "anna@example.com");
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(stranger, sizeof(stranger), "forged%u@far%u.example", i, i % 40);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + i);
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .client = client,
					      .sender = stranger,
					      .to = "anna@example.com",
					      .relay = "127.0.0.1",
					      .fate = TOLD_DISCARDED});
		story_tell(&s, &(struct told){.at_s = i * 60 + 1,
					      .client = "127.0.0.1",
					      .bounce = !sender,
					      .sender = sender,
					      .to = stranger,
					      .fate = i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);
}

static void filters_that_answer(void **state)
{
	a_filter_that_answers(NULL);
	a_filter_that_answers("virusalert@example.com");
}

/* Sendmail's alias is in no line: all that the world brings for a domain elsewhere goes to one mailbox. Of many mailboxes it
 * is a domain that is relayed for, whatever its server takes. */
static void an_alias_of_sendmail(void **state)
{
	for (uint32_t boxes = 1; boxes < 12; boxes += 10) {
		struct story s;
		char to[64], sender[64];
		story_begin(&s);
		people_to_one_receiver(&s, TOLD_SENT, TOLD_SENT);
		for (uint32_t i = 0; i < 200; i++) {
			(void)snprintf(to, sizeof(to), "me%u@freemail.example", i % boxes);
			(void)snprintf(sender, sizeof(sender), "any%u@far%u.example", i, i % 50);
			story_tell(&s, &(struct told){.at_s = i * 2000,
						      .format = FORMAT_SENDMAIL,
						      .client = story_client(i),
						      .sender = sender,
						      .to = to,
						      .fate = i % 3 ? TOLD_SENT : TOLD_NO_REASON});
		}
		if (boxes > 1) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_FORWARDING, "me0@freemail.example");
		story_release(&s);
	}
}

/* qmail tells no client: what goes back to an address elsewhere was no message of ours. */
static void bounces_of_qmail(void **state)
{
	struct story s;
	char about[64];
	story_begin(&s);
	a_mailbox(&s, "anna@example.com");
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(about, sizeof(about), "example.com-ghost%u@example.com", i);
		story_tell(&s, &(struct told){.at_s = i * 60 + 1,
					      .origin = ORIGIN_NOTICE,
					      .format = FORMAT_QMAIL,
					      .sender = "",
					      .about = about,
					      .fate = i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);
}

/* A domain whose every address is taken, and handed to a store that knows better: what comes back names no message. A few a
 * day are typing errors; an answer goes out beside a letter that was taken. */
static void bounces_without_a_link(void **state)
{
	for (uint32_t daily = 5; daily <= 60; daily += 55) {
		struct story s;
		char to[48], stranger[48];
		story_begin(&s);
		story_person(&s, "alice@example.com", 6);
		for (uint32_t i = 0; i < 6 * daily; i++) {
			int64_t at_s = i / daily * DAY_S + i % daily * (DAY_S / daily);
			(void)snprintf(to, sizeof(to), "ghost%u@example.com", i);
			(void)snprintf(stranger, sizeof(stranger), "s%u@far%u.example", i, i % 90);
			story_tell(&s, &(struct told){.at_s = at_s,
						      .client = story_client(i),
						      .sender = stranger,
						      .to = to,
						      .fate = TOLD_UNKNOWN_HERE});
			story_tell(&s, &(struct told){.at_s = at_s + 2,
						      .user = "_smtpd",
						      .bounce = true,
						      .to = stranger,
						      .fate = i % 3 ? TOLD_SENT : TOLD_UNKNOWN});
		}
		if (daily == 5) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
		story_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alias_of_a_listed_server), cmocka_unit_test(an_alias_of_a_server_without_a_name),
		cmocka_unit_test(an_alias_of_a_small_server),  cmocka_unit_test(a_theft_beside_an_alias),
		cmocka_unit_test(refusals_without_a_reason),   cmocka_unit_test(an_alias_that_forwards_spam),
		cmocka_unit_test(aliases_that_forward_spam),   cmocka_unit_test(an_alias_that_got_us_listed),
		cmocka_unit_test(words_about_a_domain),        cmocka_unit_test(filters_that_answer),
		cmocka_unit_test(bounces_without_a_link),      cmocka_unit_test(bounces_of_qmail),
		cmocka_unit_test(an_alias_of_sendmail),        cmocka_unit_test(catch_alls),
		cmocka_unit_test(backscatter_of_ghosts),       cmocka_unit_test(backscatter_of_one),
		cmocka_unit_test(bounces_about_others),        cmocka_unit_test(a_domain_known_by_its_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
