/* SPDX-License-Identifier: BSD-2-Clause */
/* Mailings to bad lists, each beside a theft or an infected machine that looks much the same, and beside what is neither. */
#include <stdio.h>

#include "story.h"

enum { PEOPLE = 5, LETTERS = 160 };

/* People of this server, each from a place of their own, or all from one. */
static void people(struct story *s, const char *client)
{
	char login[32], to[32];
	for (uint32_t i = 0; i < LETTERS; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % PEOPLE);
		(void)snprintf(to, sizeof(to), "friend%u@known%u.example", story_any(s, 9), i % 7);
		story_tell(s, &(struct told){.at_s = (i / 20) * DAY_S + (8 + i % 10) * HOUR_S + i,
					     .login = login,
					     .client = client ? client : story_client(i % PEOPLE),
					     .to = to,
					     .direct = true,
					     .size = 1500 + story_any(s, 30000)});
	}
}

static void end_with(struct story *s, enum cause kind, const char *subject)
{
	story_end(s);
	assert_only_cause(s, kind, subject);
	story_release(s);
}

/* A login that nobody knew, one host, a text made for each reader. Through the day it is a program's; at night and in a
 * hurry it is whoever guessed the password. */
static void a_login_without_a_past(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 1200; i++)
			story_tell(&s,
				   &(struct told){.at_s = 8 * DAY_S + (stolen ? 2 : 9) * HOUR_S + i * (stolen ? 2 : 18),
						  .login = "shop@example.com",
						  .client = "45.77.3.9",
						  .direct = true,
						  .size = 1500 + story_any(&s, 60000),
						  .fate = story_dirty(&s)});
		end_with(&s, stolen ? CAUSE_COMPROMISED_ACCOUNT : CAUSE_BULK_MAIL, "shop@example.com");
	}
}

/* Fifty at a time from the office is how people mail many; from elsewhere it is how thieves do. */
static void copies_to_fifty(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, "203.0.113.9");
		for (uint32_t i = 0; i < 60; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 9 * HOUR_S + i * 300,
						      .login = "user2@example.com",
						      .client = stolen ? "45.77.3.9" : "203.0.113.9",
						      .direct = true,
						      .each = 16,
						      .size = 1500 + story_any(&s, 60000),
						      .fate = story_dirty(&s)});
		end_with(&s, stolen ? CAUSE_COMPROMISED_ACCOUNT : CAUSE_BULK_MAIL, "user2@example.com");
	}
}

/* A webmail's address inside is no place of the account's owner. */
static void a_webmail_on_another_host(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, "172.22.1.248");
	for (uint32_t i = 0; i < 60; i++)
		story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 2 * HOUR_S + i * 120,
					      .login = "user2@example.com",
					      .client = "172.22.1.248",
					      .direct = true,
					      .each = 16,
					      .size = 1500 + story_any(&s, 60000),
					      .fate = story_dirty(&s)});
	end_with(&s, CAUSE_COMPROMISED_ACCOUNT, "user2@example.com");
}

/* A machine of the network that does nothing but mail comes again at its hour; what infects one comes when it comes. */
static void a_machine_of_the_network(void **state)
{
	for (int infected = 0; infected < 2; infected++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 900; i++)
			story_tell(&s, &(struct told){.at_s = (infected ? 6 : 3 + 2 * (i / 300)) * DAY_S + 10 * HOUR_S +
							      (i % 300) * 20 + (infected ? i / 300 * 6000 : 0),
						      .client = "10.0.3.20",
						      .sender = "news@example.com",
						      .direct = true,
						      .size = 1500 + story_any(&s, 60000),
						      .fate = story_dirty(&s)});
		end_with(&s, infected ? CAUSE_INFECTED_CLIENT : CAUSE_BULK_MAIL,
			 infected ? "10.0.3.20" : "news@example.com");
	}
}

/* An application's notes, as many as each day: the domain of many users is gone, which is no bad list. */
static void a_domain_is_gone(void **state)
{
	char to[48];
	struct story s;
	story_begin(&s);
	people(&s, NULL);
	for (uint32_t i = 0; i < 1600; i++) {
		bool gone = i > 1400 && i % 4 == 0;
		(void)snprintf(to, sizeof(to), "u%u@%s", i % 400, gone ? "gone.example" : "stays.example");
		story_tell(&s, &(struct told){.at_s = i / 200 * DAY_S + 8 * HOUR_S + (i % 200) * 180,
					      .client = "10.0.3.20",
					      .sender = "notify@example.com",
					      .direct = true,
					      .to = to,
					      .size = 1500 + story_any(&s, 60000),
					      .fate = gone ? TOLD_UNKNOWN : TOLD_SENT});
	}
	assert_no_cause(&s);
}

/* One after the other at a program's pace, and nothing fails. From the hotel the owner's mailing program goes through the
 * address book; who has the password has a list, and a text for each. */
static void from_a_place_never_used(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		char to[48];
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < (stolen ? 1400 : 500); i++) {
			(void)snprintf(to, sizeof(to), "guest%04u@d%u.example", i, i % 90);
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 11 * HOUR_S + i * 4,
						      .login = "user2@example.com",
						      .client = "45.77.3.9",
						      .direct = true,
						      .to = stolen ? NULL : to,
						      .size = stolen ? 1500 + story_any(&s, 60000) : 23456});
		}
		if (stolen)
			end_with(&s, CAUSE_COMPROMISED_ACCOUNT, "user2@example.com");
		else
			assert_no_cause(&s);
	}
}

/* She writes since the second day of the log, always from one place, and days later to all members: where a log has no time
 * before somebody, the places of the letters are that somebody's. */
static void who_began_after_the_log(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 10; i++)
			story_tell(&s, &(struct told){.at_s = 2 * DAY_S + i * 9 * HOUR_S,
						      .login = "ute@example.com",
						      .client = "181.163.24.246",
						      .direct = true,
						      .size = 1500 + story_any(&s, 60000)});
		for (uint32_t i = 0; i < 280; i++)
			story_tell(&s, &(struct told){.at_s = 6 * DAY_S + 9 * HOUR_S + i * 4,
						      .login = "ute@example.com",
						      .client = stolen ? "45.77.3.9" : "181.163.24.246",
						      .direct = true,
						      .size = 23456,
						      .fate = stolen ? story_dirty(&s) : TOLD_SENT});
		if (stolen)
			end_with(&s, CAUSE_COMPROMISED_ACCOUNT, "ute@example.com");
		else
			assert_no_cause(&s);
	}
}

/* A list manager and others hand their mail to this host by SMTP: one text of one name is no text of many names. Spam under
 * all these names is. */
static void one_text_of_one_name(void **state)
{
	for (int spam = 0; spam < 2; spam++) {
		char sender[32];
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 480; i++) {
			bool list = i % 3 != 0 && !spam;
			(void)snprintf(sender, sizeof(sender), "site%u@example.com", i % 40);
			story_tell(&s, &(struct told){.at_s = 6 * DAY_S + i * (spam ? 5 : 150),
						      .client = "127.0.0.1",
						      .helo = "localhost",
						      .sender = list ? "list@example.com" : sender,
						      .direct = true,
						      .size = list || spam ? 18000 : 1500 + story_any(&s, 60000),
						      .fate = spam ? story_dirty(&s) : TOLD_SENT});
		}
		if (spam)
			end_with(&s, CAUSE_SCRIPT, "127.0.0.1");
		else
			assert_no_cause(&s);
	}
}

/* What looks like its owner may be a patient thief: who reads it is told. */
static bool says_ask_its_owner(const struct cause_row *row)
{
	for (size_t i = 0; i < row->against_count; i++)
		if (strstr(row->against[i], "ask its owner"))
			return true;
	return false;
}

/* From where the login never was, by day and in one text. The owner wrote letters from there before, and goes on to after it;
 * a thief tries the password, and is gone or comes back for another run. */
static void from_where_its_owner_writes_on(void **state)
{
	enum { OWNER, GONE, AGAIN, AT_NIGHT, WAYS };
	for (int way = 0; way < WAYS; way++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		int64_t run = 8 * DAY_S + (way == AT_NIGHT ? 2 : 10) * HOUR_S;
		struct told letter = {.login = "user2@example.com", .client = "45.77.3.9", .direct = true};
		letter.at_s = run - 2 * HOUR_S;
		story_tell(&s, &letter);
		for (uint32_t i = 0; i < 1200; i++)
			story_tell(&s, &(struct told){.at_s = run + i * 6,
						      .login = "user2@example.com",
						      .client = "45.77.3.9",
						      .direct = true,
						      .size = 31000,
						      .fate = story_dirty(&s)});
		for (uint32_t i = 0; i < (way == AGAIN ? 300 : 3) && way != GONE; i++) {
			letter.at_s = run + 23 * HOUR_S + i * (way == AGAIN ? 60 : 2 * HOUR_S);
			story_tell(&s, &letter);
		}
		story_end(&s);
		assert_only_cause(&s, way == OWNER ? CAUSE_BULK_MAIL : CAUSE_COMPROMISED_ACCOUNT, "user2@example.com");
		assert_int_equal(says_ask_its_owner(&s.report.causes[0]), way == OWNER);
		story_release(&s);
	}
}

/* An application that mails for the first time, to a bad list: one text under one name of ours, in working hours. What infects
 * a machine makes a text for each, or does not wait for the day. */
static void a_machine_mails_for_the_first_time(void **state)
{
	enum { MAILING, TEXTS, AT_NIGHT, WAYS };
	for (int way = 0; way < WAYS; way++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 1500; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + (way == AT_NIGHT ? 2 : 9) * HOUR_S + i * 3,
						      .client = "10.0.3.20",
						      .sender = "news@example.com",
						      .direct = true,
						      .size = way == TEXTS ? 1500 + story_any(&s, 60000) : 28000,
						      .fate = i % 5 ? TOLD_SENT : TOLD_UNKNOWN});
		end_with(&s, way == MAILING ? CAUSE_BULK_MAIL : CAUSE_INFECTED_CLIENT,
			 way == MAILING ? "news@example.com" : "10.0.3.20");
	}
}

/* Cron's newsletter to a kept list comes twice in eight days; a form that somebody misuses sends as many day by day. */
static void two_mailings_are_not_slow(void **state)
{
	for (int daily = 0; daily < 2; daily++) {
		struct story s;
		story_begin(&s);
		people(&s, NULL);
		for (uint32_t i = 0; i < 1800; i++)
			story_tell(&s,
				   &(struct told){
					   .at_s = daily ? 2 * DAY_S + i / 225 * DAY_S + 10 * HOUR_S + i % 225 * 12
							 : 2 * DAY_S + i / 900 * 7 * DAY_S + 10 * HOUR_S + i % 900 * 2,
					   .user = "web12",
					   .uid = 1001,
					   .sender = "news@example.com",
					   .direct = true,
					   .size = 24000,
					   .fate = story_kept(&s)});
		if (daily)
			end_with(&s, CAUSE_SCRIPT, "web12");
		else
			assert_no_cause(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_without_a_past),
		cmocka_unit_test(copies_to_fifty),
		cmocka_unit_test(a_webmail_on_another_host),
		cmocka_unit_test(a_machine_of_the_network),
		cmocka_unit_test(a_domain_is_gone),
		cmocka_unit_test(from_a_place_never_used),
		cmocka_unit_test(who_began_after_the_log),
		cmocka_unit_test(one_text_of_one_name),
		cmocka_unit_test(from_where_its_owner_writes_on),
		cmocka_unit_test(a_machine_mails_for_the_first_time),
		cmocka_unit_test(two_mailings_are_not_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
