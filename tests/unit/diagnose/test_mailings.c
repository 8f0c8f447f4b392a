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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_without_a_past),    cmocka_unit_test(copies_to_fifty),
		cmocka_unit_test(a_webmail_on_another_host), cmocka_unit_test(a_machine_of_the_network),
		cmocka_unit_test(a_domain_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
