/* SPDX-License-Identifier: BSD-2-Clause */
/* Each cause is found, once, with its right subject and numbers. */
#include <stdio.h>

#include "story.h"

/* A stolen password: `count` messages within `seconds` from `networks` networks. */
static void stolen(struct story *s, const char *login, int64_t at_s, uint32_t count, uint32_t seconds,
		   uint32_t networks)
{
	for (uint32_t i = 0; i < count; i++)
		story_tell(s, &(struct told){.at_s = at_s + (int64_t)i * seconds / count,
					     .login = login,
					     .client = story_client(1 + story_any(s, networks)),
					     .fate = story_dirty(s)});
}

static void an_account_with_a_past(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 4);
	story_person(&s, "bob@example.com", 4);
	stolen(&s, "alice@example.com", 4 * DAY_S + 2 * HOUR_S, 400, 2400, 31);
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "alice@example.com");
	const struct cause_row *row = &s.report.causes[0];
	assert_int_equal(row->recipients, 400);
	assert_true(row->confidence > 0.95);
	assert_true(row->running); /* the log ends with it */
	assert_true(row->normal_per_hour <= 3);
	assert_non_null(strstr(row->sentence, "31 networks"));
	assert_true(row->unknown_users > 40 && row->unknown_users < 120);
	assert_true(row->hour_count >= 90);
	story_release(&s);
}

/* The owner goes on working while strangers use the password: their lines are the proof. */
static void strangers_lines_come_first(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 4 * DAY_S / HOUR_S; i++)
		story_tell(&s, &(struct told){.at_s = i * HOUR_S, .login = "alice@example.com", .client = "192.0.2.7"});
	for (uint32_t i = 0; i < 3; i++)
		story_tell(&s,
			   &(struct told){.at_s = 4 * DAY_S + i, .login = "alice@example.com", .client = "192.0.2.7"});
	stolen(&s, "alice@example.com", 4 * DAY_S + 60, 400, 2400, 31);
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "alice@example.com");
	const struct cause_row *row = &s.report.causes[0];
	assert_null(strstr(row->evidence[0].line, "192.0.2.7"));
	assert_null(strstr(row->evidence[1].line, "192.0.2.7"));
	assert_null(strstr(row->evidence[2].line, "192.0.2.7"));
	assert_non_null(strstr(row->evidence[3].line, "192.0.2.7"));
	story_release(&s);
}

static void an_account_in_a_short_log(void **state)
{
	struct story s;
	story_begin(&s);
	stolen(&s, "alice", 0, 60, 600, 9);
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "alice");
	story_release(&s);
}

/* All mail leaves through a tunnel or proxy on this host: loopback is the way out. */
static void an_account_behind_a_tunnel(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 300; i++)
		story_tell(&s, &(struct told){.at_s = i * 4,
					      .login = "carol@example.com",
					      .client = story_client(story_any(&s, 90)),
					      .relay = "127.0.0.1",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "carol@example.com");
	assert_true(s.report.causes[0].rejected > 30);
	assert_int_equal(s.report.mail.messages, 300); /* those before it was known as the way out, too */
	assert_int_equal(s.report.mail.recipients, 300);
	story_release(&s);
}

/* Our own filter refuses much of what one account sends: that never left. */
static void what_our_filter_refuses_stays(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 300; i++) {
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .login = "bob@example.com",
					      .client = "198.51.100.4",
					      .relay = "127.0.0.1",
					      .hop = true});
		if (i % 3 == 0)
			story_tell(&s, &(struct told){.at_s = i * 60 + 1,
						      .login = "bob@example.com",
						      .client = "198.51.100.4",
						      .relay = "127.0.0.1",
						      .fate = TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_int_equal(s.report.cause_count, 0);
	assert_int_equal(s.report.mail.recipients, 0);
	story_release(&s);
}

static void an_account_low_and_slow(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 1200; i++)
		story_tell(&s, &(struct told){.at_s = (int64_t)i * 480,
					      .login = "carol@example.com",
					      .client = story_client(story_any(&s, 90)),
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "carol@example.com");
	story_release(&s);
}

static void a_script_by_its_smallest_name(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 150; i++)
		story_tell(&s, &(struct told){.at_s = i * 4,
					      .user = "www-data",
					      .uid = 33,
					      .directory = "/var/www/shop/uploads",
					      .script = "/var/www/shop/uploads/x.php",
					      .sender = "service@bank.example",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_SCRIPT, "/var/www/shop/uploads/x.php");
	story_release(&s);
}

static void a_script_by_its_user(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 200; i++)
		story_tell(&s, &(struct told){.at_s = i * 3,
					      .user = "www-data@mail.example.com",
					      .uid = 33,
					      .sender = "www-data@mail.example.com",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_SCRIPT, "www-data");
	story_release(&s);
}

/* Many clients, few domains, and bounces about each: neither a backup server for the great providers nor backscatter. */
static void an_open_relay_to_few_domains(void **state)
{
	static const char *const to[] = {"gmail.example", "yahoo.example", "outlook.example", "gmx.example"};
	struct story s;
	char address[64];
	story_begin(&s);
	story_person(&s, "alice@example.com", 3);
	for (uint32_t i = 0; i < 600; i++) {
		enum fate_told fate = story_dirty(&s);
		const char *client = story_client(story_any(&s, 40));
		(void)snprintf(address, sizeof(address), "p%u@%s", i, to[story_any(&s, 4)]);
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i * 5,
					      .client = client,
					      .sender = "forged@customer.example",
					      .to = address,
					      .fate = fate});
		if (fate == TOLD_UNKNOWN || fate == TOLD_SPAM)
			story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i * 5 + 1,
						      .origin = ORIGIN_NOTICE,
						      .sender = "",
						      .about = address,
						      .about_client = client,
						      .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_OPEN_RELAY);
	assert_true(s.report.causes[0].confidence > 0.9);
	story_release(&s);
}

static void waves_are_counted_together(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 9);
	stolen(&s, "alice@example.com", 4 * DAY_S + 2 * HOUR_S, 300, 1200, 31);
	stolen(&s, "alice@example.com", 8 * DAY_S + 2 * HOUR_S, 200, 1200, 31);
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "alice@example.com");
	const struct cause_row *row = &s.report.causes[0];
	assert_true(row->recipients >= 500 && row->recipients < 510);
	assert_true(row->last_at_ms - row->first_at_ms >= 4 * DAY_S * 1000LL);
	story_release(&s);
}

static void an_open_relay_by_its_busiest_client(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 120; i++) {
		(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, story_any(&s, 40));
		story_tell(&s, &(struct told){.at_s = i * 5,
					      .client = i % 3 ? "198.51.100.77" : "203.0.113.9",
					      .sender = sender,
					      .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "198.51.100.77");
	assert_int_equal(s.report.causes[0].recipients, 120);
	story_release(&s);
}

static void an_infected_client(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, story_any(&s, 40));
		story_tell(&s,
			   &(struct told){
				   .at_s = i * 5, .client = "192.168.7.33", .sender = sender, .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "192.168.7.33");
	story_release(&s);
}

static void a_client_with_many_logins(void **state)
{
	struct story s;
	char login[32];
	story_begin(&s);
	for (uint32_t i = 0; i < 600; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 6);
		story_tell(&s, &(struct told){.at_s = i * 2,
					      .client = "192.168.7.33",
					      .login = login,
					      .sender = i % 2 ? "pay@forged.example" : "bank@other.example",
					      .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "192.168.7.33");
	story_release(&s);
}

static void forwarded_spam(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 90; i++) {
		(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, story_any(&s, 40));
		story_tell(&s, &(struct told){.at_s = i * 900,
					      .client = story_client(i),
					      .sender = sender,
					      .to = "dave.away@freemail.example",
					      .original = "dave@example.com",
					      .forwarded = true,
					      .fate = i % 3 ? TOLD_SENT : TOLD_SPAM});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_FORWARDING, "dave@example.com");
	story_release(&s);
}

/* The receiver speaks of our address, and takes every other message: then it is these messages that it does not like. Those
 * that another mailbox puts off end last, so that the order in which they end tells nothing. One that is blocked for some
 * hours is blocked for all. */
static void forwarded_to_two_mailboxes(void **state)
{
	for (int blocked = 0; blocked < 2; blocked++) {
		struct story s;
		story_begin(&s);
		for (uint32_t i = 0; i < 180; i++) {
			uint32_t at = i < 90 ? 2 * i : 2 * (i - 90) + 1; /* the even ones end first */
			bool refused = blocked ? at > 90 && at < 130 : i >= 90;
			story_tell(&s, &(struct told){.at_s = at * 900,
						      .client = story_client(i),
						      .sender = "someone@far.example",
						      .to = "dave.away@freemail.example",
						      .original = "dave@example.com",
						      .forwarded = true,
						      .fate = refused ? TOLD_LISTED : TOLD_SENT});
		}
		if (blocked) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_FORWARDING, "dave@example.com");
		story_release(&s);
	}
}

static void backscatter_of_a_domain(void **state)
{
	struct story s;
	char about[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(about, sizeof(about), "nobody%u@example.com", i);
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .client = story_client(i),
					      .sender = "forged@d1.example",
					      .to = about,
					      .fate = TOLD_UNKNOWN_HERE});
		story_tell(&s, &(struct told){.at_s = i * 60 + 1,
					      .origin = ORIGIN_NOTICE,
					      .sender = "",
					      .about = about,
					      .about_client = story_client(i),
					      .fate = i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);
}

static void answers_to_spam(void **state)
{
	struct story s;
	char stranger[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(stranger, sizeof(stranger), "forged%u@d%u.example", i, i % 70);
		story_tell(&s, &(struct told){.at_s = i * 120,
					      .client = story_client(i),
					      .sender = stranger,
					      .to = "erin@example.com",
					      .fate = TOLD_HERE});
		story_tell(&s, &(struct told){.at_s = i * 120 + 1,
					      .user = "vmail",
					      .sender = "",
					      .to = stranger,
					      .fate = i % 3 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "erin@example.com");
	story_release(&s);
}

static void a_mailing_to_a_bad_list(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 900; i++)
		story_tell(&s, &(struct told){.at_s = i,
					      .login = "newsletter@example.com",
					      .client = "198.51.100.20",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_BULK_MAIL, "newsletter@example.com");
	story_release(&s);
}

static void two_at_once_are_two(void **state)
{
	struct story s;
	story_begin(&s);
	stolen(&s, "alice@example.com", 0, 200, 1800, 12);
	for (uint32_t i = 0; i < 200; i++)
		story_tell(&s, &(struct told){.at_s = 1800 + i * 3,
					      .user = "www-data",
					      .uid = 33,
					      .directory = "/var/www/old/tmp",
					      .sender = "win@prize.example",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_int_equal(s.report.cause_count, 2);
	assert_int_not_equal(s.report.causes[0].kind, s.report.causes[1].kind);
	story_release(&s);
}

static void running_before_past(void **state)
{
	struct story s;
	story_begin(&s);
	stolen(&s, "early@example.com", 0, 300, 1800, 12);
	stolen(&s, "late@example.com", 2 * DAY_S, 300, 1800, 12);
	story_end(&s);
	assert_int_equal(s.report.cause_count, 2);
	assert_string_equal(s.report.causes[0].subject, "late@example.com");
	assert_true(s.report.causes[0].running && !s.report.causes[1].running);
	assert_non_null(strstr(s.report.causes[0].sentence, "is being used"));
	assert_non_null(strstr(s.report.causes[1].sentence, "was used"));
	story_release(&s);
}

/* It cannot be the cause of the listing. */
static void after_the_listing_last(void **state)
{
	struct story s;
	story_begin(&s);
	s.options.listed_at_ms = 1761955200000 + DAY_S * 1000LL;
	stolen(&s, "early@example.com", 20 * HOUR_S, 300, 1800, 12);
	stolen(&s, "late@example.com", 2 * DAY_S, 300, 1800, 12);
	story_end(&s);
	assert_int_equal(s.report.cause_count, 2);
	assert_string_equal(s.report.causes[0].subject, "early@example.com");
	assert_non_null(strstr(s.report.causes[1].against[s.report.causes[1].against_count - 1], "after the listing"));
	story_release(&s);
}

static void policy_listings_are_told_as_such(void **state)
{
	struct case_listing listing = {.zone = "zen.spamhaus.org", .name = "PBL", .class = CLASS_POLICY};
	struct story s;
	story_begin(&s);
	s.options.listings = &listing;
	s.options.listing_count = 1;
	s.options.listings_known = true;
	story_person(&s, "alice@example.com", 2);
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_POLICY_LISTING);
	assert_string_equal(s.report.causes[0].subject, "zen.spamhaus.org");
	assert_true(s.report.note_count > 0);
	story_release(&s);
}

static bool has_note(const struct story *s, const char *part)
{
	for (size_t i = 0; i < s->report.note_count; i++)
		if (strstr(s->report.notes[i], part))
			return true;
	return false;
}

/* Listed at a time when nothing left: the log says so, and names no cause. */
static void a_listing_that_the_log_does_not_know(void **state)
{
	struct case_listing listing = {.zone = "zen.spamhaus.org",
				       .name = "XBL",
				       .class = CLASS_BLOCK,
				       .suggests = 1U << CAUSE_EGRESS_PROCESS};
	struct story s;
	story_begin(&s);
	s.options.listed_at_ms = 1761955200000 + (DAY_S + 3 * HOUR_S) * 1000LL;
	s.options.listings = &listing;
	s.options.listing_count = 1;
	s.options.listings_known = true;
	story_person(&s, "alice@example.com", 2);
	story_end(&s);
	assert_int_equal(s.report.cause_count, 0);
	assert_int_equal(s.report.unsure_count, 0);
	assert_true(has_note(&s, "this server sent no mail"));
	assert_true(has_note(&s, "XBL lists infected machines"));
	story_release(&s);
}

static void hosts_are_apart(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 200; i++) {
		story_tell(&s, &(struct told){.at_s = i * 5,
					      .host = "mx1",
					      .login = "alice@example.com",
					      .client = story_client(story_any(&s, 20)),
					      .fate = story_dirty(&s)});
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .host = "mx2",
					      .login = "alice@example.com",
					      .client = "198.51.100.20",
					      .to = "friend@known.example"});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "alice@example.com");
	assert_string_equal(s.report.causes[0].host, "mx1");
	assert_int_equal(s.report.causes[0].recipients, 200);
	story_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_with_a_past),
		cmocka_unit_test(strangers_lines_come_first),
		cmocka_unit_test(an_account_in_a_short_log),
		cmocka_unit_test(an_account_behind_a_tunnel),
		cmocka_unit_test(what_our_filter_refuses_stays),
		cmocka_unit_test(an_account_low_and_slow),
		cmocka_unit_test(a_script_by_its_smallest_name),
		cmocka_unit_test(a_script_by_its_user),
		cmocka_unit_test(an_open_relay_to_few_domains),
		cmocka_unit_test(waves_are_counted_together),
		cmocka_unit_test(an_open_relay_by_its_busiest_client),
		cmocka_unit_test(an_infected_client),
		cmocka_unit_test(a_client_with_many_logins),
		cmocka_unit_test(forwarded_spam),
		cmocka_unit_test(forwarded_to_two_mailboxes),
		cmocka_unit_test(backscatter_of_a_domain),
		cmocka_unit_test(answers_to_spam),
		cmocka_unit_test(a_mailing_to_a_bad_list),
		cmocka_unit_test(two_at_once_are_two),
		cmocka_unit_test(running_before_past),
		cmocka_unit_test(after_the_listing_last),
		cmocka_unit_test(policy_listings_are_told_as_such),
		cmocka_unit_test(a_listing_that_the_log_does_not_know),
		cmocka_unit_test(hosts_are_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
