/* SPDX-License-Identifier: BSD-2-Clause */
/* Thieves whose mail hardly fails, each beside an honest sender who looks like them. */
#include <stdio.h>

#include "story.h"

static const char *const home = "203.0.113.9", *const office = "198.51.100.20", *const strange = "45.77.3.9";

/* A few messages a day from home, to old acquaintances. */
static void past(struct story *s, const char *login, uint32_t days)
{
	char friends[32];
	for (uint32_t day = 0; day < days; day++)
		for (uint32_t hour = 8; hour < 18; hour += 2) {
			(void)snprintf(friends, sizeof(friends), "friend%u@known.example", story_any(s, 8));
			story_tell(s, &(struct told){.at_s = day * DAY_S + hour * HOUR_S + story_any(s, 1800),
						     .login = login,
						     .client = home,
						     .to = friends,
						     .size = 1500 + story_any(s, 9000)});
		}
}

/* One text, one after the other. */
static void run(struct story *s, const char *login, const char *client, int64_t from_s, uint32_t count, uint32_t gap_s)
{
	for (uint32_t i = 0; i < count; i++)
		story_tell(s, &(struct told){.at_s = from_s + (int64_t)i * gap_s,
					     .login = login,
					     .client = client,
					     .size = 5549,
					     .fate = story_any(s, 100) ? TOLD_SENT : TOLD_UNKNOWN});
}

static double odds_of(const struct story *s, enum cause kind, const char *subject)
{
	for (size_t i = 0; i < s->report.cause_count; i++)
		if (s->report.causes[i].kind == kind && strcmp(s->report.causes[i].subject, subject) == 0)
			return s->report.causes[i].confidence;
	for (size_t i = 0; i < s->report.also_count; i++)
		if (s->report.also_seen[i].kind == kind && strcmp(s->report.also_seen[i].subject, subject) == 0)
			return s->report.also_seen[i].confidence;
	return 0;
}

static void an_account_that_was_tried_first(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "owner@example.com", 4);
	story_tell(&s, &(struct told){.at_s = DAY_S,
				      .login = "test",
				      .client = strange,
				      .sender = "test@mail.example.com",
				      .to = "someone@freemail.example",
				      .fate = TOLD_SPAM,
				      .size = 549});
	for (uint32_t i = 0; i < 500; i++)
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 22 * HOUR_S + i * 3,
					      .login = "test",
					      .client = strange,
					      .sender = "test@mail.example.com",
					      .size = 5549});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "test");
	assert_int_equal(s.report.causes[0].recipients, 500);
	story_release(&s);
}

/* No past, forty people on the first day, from where the others sit. */
static void new_staff(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 4);
	story_person(&s, "bob@example.com", 4);
	for (uint32_t i = 0; i < 40; i++)
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 8 * HOUR_S + i * 500,
					      .login = "carol@example.com",
					      .client = office,
					      .size = 1500 + story_any(&s, 20000)});
	assert_no_cause(&s);
}

/* An account that the log never saw sends its mailing from the office. */
static void a_mailing_from_the_office(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 4);
	story_person(&s, "bob@example.com", 4);
	run(&s, "board@example.com", office, 3 * DAY_S + 10 * HOUR_S, 500, 2);
	assert_no_cause(&s);
}

static void a_person_s_account_from_elsewhere(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "anna@example.com", 7);
	for (uint32_t i = 0; i < 120; i++)
		story_tell(&s, &(struct told){.at_s = 7 * DAY_S + 22 * HOUR_S + i * 8,
					      .login = "anna@example.com",
					      .client = strange,
					      .each = 10,
					      .size = 5549});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
	assert_int_equal(s.report.causes[0].recipients, 1200);
	story_release(&s);
}

/* Days of one network that it never used: `each` messages a day to `known` of ten old acquaintances, beside home or not. */
static void days_elsewhere(struct story *s, uint32_t each, uint32_t known, bool one_text, bool day_and_night)
{
	char friends[32];
	for (uint32_t i = 0; i < 5 * each; i++) {
		uint32_t within = day_and_night ? DAY_S : 10 * HOUR_S, from = day_and_night ? 0 : 8 * HOUR_S;
		(void)snprintf(friends, sizeof(friends), "friend%u@known.example", story_any(s, 8));
		story_tell(s, &(struct told){.at_s = 6 * DAY_S + i / each * DAY_S + from + i % each * (within / each) +
						     story_any(s, within / each),
					     .login = "anna@example.com",
					     .client = strange,
					     .to = story_any(s, 10) < known ? friends : NULL,
					     .size = one_text ? 5549 + story_any(s, 30) : 1500 + story_any(s, 20000)});
	}
}

/* Some an hour, for days, hardly a bounce, while its owner goes on: what a thief does who wants to stay. */
static void a_slow_thief(void **state)
{
	for (uint32_t each = 40; each < 160; each += 60) {
		struct story s;
		story_begin(&s);
		past(&s, "anna@example.com", 11);
		days_elsewhere(&s, each, 0, true, true);
		story_end(&s);
		assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
		assert_true(s.report.causes[0].recipients >= 5 * (uint64_t)each);
		story_release(&s);
	}
}

/* Her new town, her travels: the same letters, to the same people, by day. */
static void an_owner_who_moved(void **state)
{
	for (uint32_t known = 3; known < 10; known += 3) {
		struct story s;
		story_begin(&s);
		past(&s, "anna@example.com", 6);
		days_elsewhere(&s, 12, known, false, false);
		assert_no_cause(&s);
	}
}

/* A program in a cloud: forty hosts by turns since the log began, day and night, to new customers. */
static void a_program_in_a_cloud(void **state)
{
	struct story s;
	char client[32];
	story_begin(&s);
	story_person(&s, "alice@example.com", 6);
	for (uint32_t i = 0; i < 900; i++) {
		(void)snprintf(client, sizeof(client), "198.%u.9.7", 1 + story_any(&s, 40));
		story_tell(&s, &(struct told){.at_s = i * 570 + story_any(&s, 300),
					      .login = "noreply@example.com",
					      .client = client,
					      .size = 9000 + story_any(&s, 5000),
					      .fate = story_kept(&s)});
	}
	assert_no_cause(&s);
}

/* New networks, more mail than ever, most of it to known people; what was written on the train leaves at once. */
static void a_conference_trip(void **state)
{
	struct story s;
	char friends[32];
	story_begin(&s);
	past(&s, "anna@example.com", 7);
	for (uint32_t i = 0; i < 60; i++) {
		(void)snprintf(friends, sizeof(friends), "friend%u@known.example", story_any(&s, 8));
		story_tell(&s, &(struct told){.at_s = 7 * DAY_S + (i < 40 ? 7 * HOUR_S + i * 1100 : 20 * HOUR_S + i),
					      .login = "anna@example.com",
					      .client = story_client(500 + i / 20),
					      .to = i % 3 ? friends : NULL,
					      .size = 1500 + story_any(&s, 20000)});
	}
	assert_no_cause(&s);
}

static void ever_new_networks(void **state)
{
	for (int days = 0; days < 8; days += 7) {
		struct story s;
		story_begin(&s);
		past(&s, "myuser@example.com", (uint32_t)days);
		for (uint32_t i = 0; i < 100; i++)
			story_tell(&s, &(struct told){.at_s = days * DAY_S + i * 900,
						      .login = "myuser@example.com",
						      .client = story_client(i * 3 + 1)});
		story_end(&s);
		assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "myuser@example.com");
		story_release(&s);
	}
}

/* Behind a carrier's NAT each message comes from another address, of a few blocks. */
static void a_telephone_behind_nat(void **state)
{
	struct story s;
	char client[32], friends[32];
	story_begin(&s);
	for (uint32_t i = 0; i < 140; i++) {
		(void)snprintf(client, sizeof(client), "80.%u.%u.7", 187 + i % 2, story_any(&s, 250));
		(void)snprintf(friends, sizeof(friends), "friend%u@known.example", story_any(&s, 12));
		story_tell(&s, &(struct told){.at_s = (i / 20) * DAY_S + 8 * HOUR_S + (i % 20) * 2500,
					      .login = "erin@example.com",
					      .client = client,
					      .to = friends,
					      .size = 1500 + story_any(&s, 9000)});
	}
	assert_no_cause(&s);
}

static void in_the_webmail(struct story *s, const char *login, uint32_t days)
{
	for (uint32_t i = 0; i < days * 4; i++)
		story_tell(s, &(struct told){.at_s = (i / 4) * DAY_S + (8 + i % 4 * 3) * HOUR_S,
					     .login = login,
					     .client = "127.0.0.1",
					     .to = "pal@known.example",
					     .size = 2000});
}

static void a_stolen_account_behind_webmail(void **state)
{
	struct story s;
	story_begin(&s);
	in_the_webmail(&s, "anna@example.com", 5);
	for (uint32_t i = 0; i < 100; i++)
		story_tell(&s, &(struct told){.at_s = 5 * DAY_S + 2 * HOUR_S + i * 25,
					      .login = "anna@example.com",
					      .client = "127.0.0.1",
					      .each = 20,
					      .size = 2000,
					      .fate = i % 6 ? TOLD_SENT : TOLD_UNKNOWN});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
	/* what is printed is what was weighed */
	assert_int_equal(s.report.causes[0].messages, 100);
	assert_int_equal(s.report.causes[0].recipients, 2000);
	assert_non_null(strstr(s.report.causes[0].sentence, "2,000 recipients in 4"));
	assert_int_equal(s.report.causes[0].last_at_ms - s.report.causes[0].first_at_ms, 99 * 25 * 1000);
	story_release(&s);
}

static void people_in_the_webmail(void **state)
{
	struct story s;
	story_begin(&s);
	in_the_webmail(&s, "anna@example.com", 6);
	in_the_webmail(&s, "bob@example.com", 6);
	story_tell(&s, &(struct told){.at_s = 5 * DAY_S + 20 * HOUR_S,
				      .login = "bob@example.com",
				      .client = "127.0.0.1",
				      .each = 60});
	assert_no_cause(&s);
}

/* A third of the old acquaintances have moved. */
static void one_honest_letter(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "anna@example.com", 3);
	story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 10 * HOUR_S,
				      .login = "anna@example.com",
				      .client = home,
				      .each = 35,
				      .fate = TOLD_UNKNOWN});
	assert_no_cause(&s);
}

static void one_message_of_a_thief(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "anna@example.com", 3);
	for (uint32_t i = 0; i < 2; i++)
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 3 * HOUR_S + i * 30,
					      .login = "anna@example.com",
					      .client = strange,
					      .each = 100,
					      .fate = i ? TOLD_UNKNOWN : TOLD_SENT});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
	story_release(&s);
}

/* A colleague's line and a rented machine in one block: what their names end with tells them apart, and where there are none
 * the address. */
static void a_mailing_beside_a_colleague(struct story *s, const char *owner, const char *client)
{
	story_begin(s);
	for (uint32_t i = 0; i < 60; i++)
		story_tell(s, &(struct told){.at_s = i / 10 * DAY_S + (8 + i % 10) * HOUR_S,
					     .login = "bob@example.com",
					     .client = office,
					     .name = owner ? "p20.fibre.isp.example" : NULL,
					     .to = "friend@known.example"});
	for (uint32_t i = 0; i < 300; i++)
		story_tell(s, &(struct told){.at_s = 6 * DAY_S + 10 * HOUR_S + i * 20,
					     .login = "anna@example.com",
					     .client = client,
					     .name = owner,
					     .size = 5549,
					     .fate = story_any(s, 3) ? TOLD_SENT : TOLD_UNKNOWN});
	story_end(s);
}

static void whose_network_it_is(void **state)
{
	static const struct {
		const char *owner, *client;
		enum cause kind;
	} cases[] = {
		{"v77.hoster.example", "198.51.100.77", CAUSE_COMPROMISED_ACCOUNT},
		{"unknown", "198.51.100.77", CAUSE_COMPROMISED_ACCOUNT},
		{"p77.fibre.isp.example", "198.51.100.77", CAUSE_BULK_MAIL},
		{NULL, "198.51.100.20", CAUSE_BULK_MAIL},
		{NULL, "45.77.3.9", CAUSE_COMPROMISED_ACCOUNT},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct story s;
		a_mailing_beside_a_colleague(&s, cases[i].owner, cases[i].client);
		assert_only_cause(&s, cases[i].kind, "anna@example.com");
		story_release(&s);
	}
}

/* Ten letters a day, each from a machine that is not seen again, all of them taken; beside it one who travels. */
static void machines_that_come_once(void **state)
{
	for (int thief = 0; thief < 2; thief++) {
		struct story s;
		story_begin(&s);
		past(&s, "anna@example.com", 14);
		for (uint32_t i = 0; i < 140; i++)
			story_tell(&s, &(struct told){.at_s = i / 10 * DAY_S + i % 10 * 8000,
						      .login = "anna@example.com",
						      .client = story_client(thief ? i * 3 + 1 : i / 30 + 1),
						      .to = thief ? NULL : "friend1@known.example",
						      .size = 2000 + story_any(&s, thief ? 90 : 9000)});
		if (!thief) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
		story_release(&s);
	}
}

/* One text under many names of the customer's domain; a school's office sends as its teachers, each his own letter. */
static void one_text_under_many_names(void **state)
{
	for (int one = 0; one < 2; one++) {
		struct story s;
		char sender[32];
		story_begin(&s);
		story_person(&s, "alice@example.com", 4);
		for (uint32_t i = 0; i < 500; i++) {
			(void)snprintf(sender, sizeof(sender), "name%u@example.com", story_any(&s, one ? 300 : 12));
			story_tell(&s, &(struct told){.at_s = 3 * DAY_S + 9 * HOUR_S + i * 25,
						      .uid = 5012,
						      .user = "5012",
						      .sender = sender,
						      .size = one ? 5549 : 1500 + story_any(&s, 20000),
						      .fate = story_kept(&s)});
		}
		if (!one) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_int_equal(s.report.cause_count, 1);
		assert_int_equal(s.report.causes[0].kind, CAUSE_SCRIPT);
		story_release(&s);
	}
}

/* Names decide nothing: the same mailing under any name, by where it came from and how it failed. */
static void a_mailing_of_its_owner(void **state)
{
	static const char *const logins[] = {"chair@example.com", "newsletter@example.com"};
	for (size_t i = 0; i < 2; i++) {
		for (int bad = 0; bad < 2; bad++) {
			struct story s;
			story_begin(&s);
			past(&s, logins[i], 4);
			for (uint32_t k = 0; k < 300; k++)
				story_tell(&s, &(struct told){.at_s = 4 * DAY_S + 9 * HOUR_S + k * 2,
							      .login = logins[i],
							      .client = home,
							      .size = 23456,
							      .fate = bad ? story_dirty(&s) : story_kept(&s)});
			if (!bad) {
				assert_no_cause(&s);
				continue;
			}
			story_end(&s);
			assert_only_cause(&s, CAUSE_BULK_MAIL, logins[i]);
			story_release(&s);
		}
	}
}

static void a_newsletter_s_login_is_stolen(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "newsletter@example.com", 4);
	for (uint32_t i = 0; i < 300; i++)
		story_tell(&s, &(struct told){.at_s = 4 * DAY_S + 2 * HOUR_S + i * 2,
					      .login = "newsletter@example.com",
					      .client = story_client(story_any(&s, 20)),
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "newsletter@example.com");
	story_release(&s);
}

static void to_both(struct story *s, int64_t at_s)
{
	story_tell(s, &(struct told){.at_s = at_s,
				     .user = "www-data",
				     .uid = 33,
				     .sender = "info@site.example",
				     .to = "info@site.example",
				     .fate = TOLD_HERE,
				     .size = 2000});
	story_tell(s,
		   &(struct told){
			   .at_s = at_s, .user = "www-data", .uid = 33, .sender = "info@site.example", .size = 2000});
}

/* "Send me a copy": three a day, then six hundred in two hours; nothing fails. */
static void a_form_that_copies(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 15; i++)
		to_both(&s, (i / 3) * DAY_S + (9 + i % 3 * 4) * HOUR_S);
	for (uint32_t i = 0; i < 600; i++)
		to_both(&s, 5 * DAY_S + i * 11);
	story_end(&s);
	assert_only_cause(&s, CAUSE_SCRIPT, "www-data");
	story_release(&s);
}

static void a_shop_that_tells_its_keeper(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 900; i++)
		to_both(&s, i / 90 * DAY_S + 7 * HOUR_S + (i % 90) * 600 + story_any(&s, 500));
	assert_no_cause(&s);
}

/* While it waits it can be stopped: holding comes first. */
static void a_burst_that_waits(void **state)
{
	struct story s;
	story_begin(&s);
	past(&s, "anna@example.com", 4);
	for (uint32_t i = 0; i < 200; i++)
		story_tell(&s, &(struct told){.at_s = 4 * DAY_S + 2 * HOUR_S + i,
					      .login = "anna@example.com",
					      .client = story_client(story_any(&s, 20)),
					      .fate = TOLD_WAITING});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
	assert_int_equal(s.report.causes[0].waiting, 200);
	assert_non_null(strstr(s.report.causes[0].fix[0], "postsuper -h"));
	story_release(&s);
}

/* One bounce more never makes anybody surer to be innocent. */
static void bounces_never_excuse(void **state)
{
	double before = 0;
	for (uint32_t bounces = 0; bounces < 60; bounces += 6) {
		struct story s;
		story_begin(&s);
		past(&s, "anna@example.com", 4);
		for (uint32_t i = 0; i < 150; i++)
			story_tell(&s, &(struct told){.at_s = 4 * DAY_S + 9 * HOUR_S + i * 20,
						      .login = "anna@example.com",
						      .client = strange,
						      .fate = i < bounces ? TOLD_UNKNOWN : TOLD_SENT});
		story_end(&s);
		double now = odds_of(&s, CAUSE_COMPROMISED_ACCOUNT, "anna@example.com");
		assert_true(now > 0);
		assert_true(now >= before);
		before = now;
		story_release(&s);
	}
	assert_true(before > 0.9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_network_it_is),
		cmocka_unit_test(machines_that_come_once),
		cmocka_unit_test(one_text_under_many_names),
		cmocka_unit_test(an_account_that_was_tried_first),
		cmocka_unit_test(new_staff),
		cmocka_unit_test(a_mailing_from_the_office),
		cmocka_unit_test(a_person_s_account_from_elsewhere),
		cmocka_unit_test(a_conference_trip),
		cmocka_unit_test(ever_new_networks),
		cmocka_unit_test(a_telephone_behind_nat),
		cmocka_unit_test(a_stolen_account_behind_webmail),
		cmocka_unit_test(people_in_the_webmail),
		cmocka_unit_test(one_honest_letter),
		cmocka_unit_test(one_message_of_a_thief),
		cmocka_unit_test(a_mailing_of_its_owner),
		cmocka_unit_test(a_newsletter_s_login_is_stolen),
		cmocka_unit_test(a_form_that_copies),
		cmocka_unit_test(a_shop_that_tells_its_keeper),
		cmocka_unit_test(a_burst_that_waits),
		cmocka_unit_test(bounces_never_excuse),
		cmocka_unit_test(a_slow_thief),
		cmocka_unit_test(an_owner_who_moved),
		cmocka_unit_test(a_program_in_a_cloud),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
