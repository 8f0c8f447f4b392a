/* SPDX-License-Identifier: BSD-2-Clause */
/* What the way of the mail hides: a webmail, a gateway, a relay host, a server behind this one. Each beside an honest
 * sender who looks the same. */
#include <stdio.h>

#include "story.h"

static const char *const gateway = "172.18.0.1", *const home = "203.0.113.9";

/* People of this server, from where they always are. */
static void people(struct story *s, const char *client, bool direct)
{
	char login[32], to[32];
	for (uint32_t i = 0; i < 160; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 5);
		(void)snprintf(to, sizeof(to), "friend%u@known%u.example", story_any(s, 9), i % 7);
		story_tell(s, &(struct told){.at_s = (i / 20) * DAY_S + (8 + i % 10) * HOUR_S + i,
					     .login = login,
					     .client = client,
					     .to = to,
					     .direct = direct,
					     .size = 1500 + story_any(s, 30000)});
	}
}

/* Behind docker-proxy the world has one address, for what it brings, too. */
static void the_world_through(struct story *s, const char *client)
{
	char sender[32];
	for (uint32_t i = 0; i < 120; i++) {
		(void)snprintf(sender, sizeof(sender), "someone@world%u.example", i % 40);
		story_tell(s, &(struct told){.at_s = i * 5000 + 7,
					     .client = client,
					     .sender = sender,
					     .to = "user1@example.com",
					     .fate = TOLD_HERE,
					     .helo = i % 2 ? "mx.world.example" : "mail.far.example"});
	}
}

/* Some messages have the webmail's address, some the reader's: that is no second network. */
static void a_mailing_in_the_webmail(void **state)
{
	for (int bad = 0; bad < 2; bad++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; i < 400; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 8 * HOUR_S + i * 6,
						      .login = "news@example.com",
						      .client = i % 3 ? "127.0.0.1" : home,
						      .direct = true,
						      .size = 40000 + story_any(&s, 40),
						      .fate = bad ? story_dirty(&s) : story_kept(&s)});
		if (!bad) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_BULK_MAIL, "news@example.com");
		story_release(&s);
	}
}

/* Only the owner of a login knows which other addresses there are here. */
static void under_another_address(void **state)
{
	static const char *const senders[] = {"offers@example.com", "prize@winner.example"};
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; i < 10; i++)
			story_tell(&s, &(struct told){.at_s = i / 2 * DAY_S + (9 + i % 2 * 4) * HOUR_S,
						      .login = "ann@example.com",
						      .client = stolen ? home : "45.77.3.9",
						      .direct = true,
						      .size = 2000 + story_any(&s, 9000)});
		for (uint32_t i = 0; i < 400; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 8 * HOUR_S + i * 6,
						      .login = "ann@example.com",
						      .client = "45.77.3.9",
						      .sender = senders[stolen],
						      .direct = true,
						      .size = 40000 + story_any(&s, 40),
						      .fate = story_dirty(&s)});
		story_end(&s);
		if (stolen)
			assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "ann@example.com");
		else
			assert_only_cause(&s, CAUSE_BULK_MAIL, senders[0]);
		story_release(&s);
	}
}

/* All logins come from the gateway's address: that is nobody's usual place. */
static void an_account_behind_a_gateway(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, gateway, true);
		the_world_through(&s, gateway);
		for (uint32_t i = 0; i < 300; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + (stolen ? 2 : 9) * HOUR_S + i * 40,
						      .login = "user2@example.com",
						      .client = gateway,
						      .direct = true,
						      .size = stolen ? 1500 + story_any(&s, 30000) : 23456,
						      .fate = story_dirty(&s)});
		story_end(&s);
		assert_only_cause(&s, stolen ? CAUSE_COMPROMISED_ACCOUNT : CAUSE_BULK_MAIL, "user2@example.com");
		story_release(&s);
	}
}

/* By day and in one text, as its owner's mailing would be; but the password comes by another method than his program's. */
static void another_program_behind_a_gateway(void **state)
{
	for (int stolen = 0; stolen < 2; stolen++) {
		struct story s;
		story_begin(&s);
		people(&s, gateway, true);
		the_world_through(&s, gateway);
		for (uint32_t i = 0; i < 300; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 9 * HOUR_S + i * 40,
						      .login = "user2@example.com",
						      .method = stolen ? "LOGIN" : "PLAIN",
						      .client = gateway,
						      .direct = true,
						      .size = 23456,
						      .fate = story_dirty(&s)});
		story_end(&s);
		assert_only_cause(&s, stolen ? CAUSE_COMPROMISED_ACCOUNT : CAUSE_BULK_MAIL, "user2@example.com");
		story_release(&s);
	}
}

/* One report a night; then a week of forged letters, some an hour, under names that come back. An application that begins to
 * work on Monday looks like it and hardly fails. */
static void a_machine_inside_that_turned(void **state)
{
	for (int ill = 0; ill < 2; ill++) {
		struct story s;
		char sender[64];
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; ill && i < 8; i++)
			story_tell(&s, &(struct told){.at_s = i * DAY_S + 2 * HOUR_S,
						      .client = "192.168.178.40",
						      .sender = "nas@example.com",
						      .to = "admin@known1.example",
						      .direct = true});
		for (uint32_t i = 0; i < 600; i++) {
			(void)snprintf(sender, sizeof(sender), "info@bank%u.example", i % 30);
			story_tell(&s, &(struct told){.at_s = 4 * DAY_S + i * 380,
						      .client = "192.168.178.40",
						      .sender = sender,
						      .direct = true,
						      .fate = ill ? story_dirty(&s) : story_kept(&s)});
		}
		if (!ill) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "192.168.178.40");
		story_release(&s);
	}
}

/* At night, while its owner sleeps and is behind the same gateway by day: one text as well. */
static void a_night_behind_a_gateway(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, gateway, true);
	the_world_through(&s, gateway);
	for (uint32_t i = 0; i < 300; i++)
		story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 2 * HOUR_S + i * 40,
					      .login = "user2@example.com",
					      .client = gateway,
					      .direct = true,
					      .size = 23456,
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "user2@example.com");
	story_release(&s);
}

/* List managers hand over some readers at a time, by a program or by SMTP from this host; the list is what sends. */
static void a_list_of_bought_addresses(void **state)
{
	static const char *const clients[] = {NULL, "127.0.0.1", "127.0.0.1"};
	char verp[64];
	for (int way = 0; way < 3; way++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; i < (way == 2 ? 600 : 60); i++) {
			(void)snprintf(verp, sizeof(verp), "club-bounces+p%u=far%u.example@lists.example.com", i,
				       i % 9);
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 9 * HOUR_S + i,
						      .client = clients[way],
						      .user = clients[way] ? NULL : "list",
						      .sender = way == 2 ? verp : "club-bounces@lists.example.com",
						      .direct = true,
						      .each = way == 2 ? 1 : 10,
						      .size = 3000 + (way == 0 ? i % 7 * 900 : 0),
						      .fate = story_dirty(&s)});
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_BULK_MAIL, "club-bounces@lists.example.com");
		story_release(&s);
	}
}

/* Through a filter that hands it back under a new Message-ID: the log has two messages, and nothing that joins them. */
static void tell_filtered(struct story *s, const struct told *t, const char *filter)
{
	struct told leg = *t;
	leg.fate = TOLD_SENT;
	leg.relay = leg.relay_name = filter;
	story_tell(s, &leg);
	leg = *t;
	leg.at_s++;
	leg.sender = t->login;
	leg.login = NULL;
	leg.client = filter;
	story_tell(s, &leg);
}

static void a_filter_that_changes_the_message_id(void **state)
{
	static const char *const filters[] = {"127.0.0.1", "::1", "192.168.5.9"};
	char to[48], client[32];
	for (size_t f = 0; f < sizeof(filters) / sizeof(filters[0]); f++) {
		struct story s;
		story_begin(&s);
		for (uint32_t i = 0; i < 120; i++) {
			(void)snprintf(to, sizeof(to), "friend%u@known%u.example", i % 40, i % 40);
			tell_filtered(&s,
				      &(struct told){.at_s = i / 15 * DAY_S + 9 * HOUR_S + i % 15 * 1800,
						     .login = "user3@example.com",
						     .client = home,
						     .to = to,
						     .size = 2000 + i * 411 % 50000},
				      filters[f]);
		}
		for (uint32_t i = 0; i < 300; i++) {
			(void)snprintf(to, sizeof(to), "v%u@far%u.example", i, i % 70);
			(void)snprintf(client, sizeof(client), "%u.%u.9.7", 45 + i % 4, i % 90);
			tell_filtered(&s,
				      &(struct told){.at_s = 8 * DAY_S + 2 * HOUR_S + i * 8,
						     .login = "user3@example.com",
						     .client = client,
						     .to = to,
						     .size = 4100,
						     .fate = story_dirty(&s)},
				      filters[f]);
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_COMPROMISED_ACCOUNT, "user3@example.com");
		story_release(&s);
	}
}

/* An old list, mailed by the domain's own content server, which the log has not seen before; a stranger's host that does
 * the same is a thief's. */
static void a_mailing_from_the_domains_own_host(void **state)
{
	static const char *const names[] = {"cms.example.com", "vps12.hoster.example"};
	for (size_t k = 0; k < 2; k++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; i < 900; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 9 * HOUR_S + i * 2,
						      .login = "newsletter@example.com",
						      .client = "203.0.113.20",
						      .name = names[k],
						      .direct = true,
						      .size = 8000,
						      .fate = story_dirty(&s)});
		story_end(&s);
		assert_only_cause(&s, k ? CAUSE_COMPROMISED_ACCOUNT : CAUSE_BULK_MAIL, "newsletter@example.com");
		story_release(&s);
	}
}

static bool has_signal(const struct cause_row *row, const char *name)
{
	for (size_t i = 0; i < row->signal_count; i++)
		if (strcmp(row->signals[i].name, name) == 0)
			return true;
	return false;
}

/* A program writes what nobody here ever wrote so much of, a tenth of it to nobody, and in the midst of it a list begins to
 * name us. What was named from the log's first hour on, it was not the first to be named for. */
static void a_list_that_names_us_then(void **state)
{
	for (int always = 0; always < 2; always++) {
		struct story s;
		story_begin(&s);
		for (uint32_t i = 0; always && i < 5; i++)
			story_tell(&s, &(struct told){.at_s = i,
						      .login = "user1@example.com",
						      .client = home,
						      .relay_name = "mx.strict.example",
						      .fate = TOLD_LISTED});
		people(&s, home, true);
		for (uint32_t i = 0; i < 420; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 12 * HOUR_S + i * 8,
						      .user = "www-data",
						      .sender = "orders@shop.example.com",
						      .direct = true,
						      .size = 3000 + i * 411 % 50000,
						      .fate = i % 9 == 0               ? TOLD_UNKNOWN
							      : i > 200 && i % 30 == 1 ? TOLD_LISTED
										       : TOLD_SENT});
		story_end(&s);
		const struct cause_row *row = s.report.cause_count ? s.report.causes : s.report.also_seen;
		assert_true(s.report.cause_count + s.report.also_count > 0);
		assert_string_equal(row->subject, "www-data");
		assert_int_equal(has_signal(row, "listed_then"), !always);
		story_release(&s);
	}
}

/* PHP that hands over by SMTP, under the site's one address, and was never heard of before. */
static void a_program_that_speaks_smtp(void **state)
{
	static const char *const here[] = {"127.0.0.1", "::1"};
	for (size_t k = 0; k < 2; k++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; k && i < 30; i++) /* it wrote single letters until then */
			story_tell(&s, &(struct told){.at_s = i * 6 * HOUR_S,
						      .client = here[k],
						      .sender = "wordpress@shop.example.com",
						      .direct = true,
						      .size = 3000 + i * 411 % 5000});
		for (uint32_t i = 0; i < 600; i++)
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 3 * HOUR_S + i * 6,
						      .client = here[k],
						      .sender = "wordpress@shop.example.com",
						      .direct = true,
						      .size = 4100,
						      .fate = story_dirty(&s)});
		story_end(&s);
		assert_only_cause(&s, CAUSE_SCRIPT, "wordpress@shop.example.com");
		assert_non_null(strstr(s.report.causes[0].sentence, here[k]));
		story_release(&s);
	}
}

/* What people send with their logins through the same gateway is no word about what comes without one. */
static void a_relay_behind_a_gateway(void **state)
{
	char sender[32];
	for (int open = 0; open < 2; open++) {
		struct story s;
		story_begin(&s);
		people(&s, gateway, true);
		the_world_through(&s, gateway);
		for (uint32_t i = 0; open && i < 60; i++) {
			(void)snprintf(sender, sizeof(sender), "x%u@forged%u.example", i, i % 30);
			story_tell(&s, &(struct told){.at_s = 5 * DAY_S + i * 200,
						      .client = gateway,
						      .sender = sender,
						      .direct = true,
						      .each = 4,
						      .fate = story_dirty(&s)});
		}
		if (!open) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_OPEN_RELAY, gateway);
		story_release(&s);
	}
}

static void notices(struct story *s, const char *client, uint32_t users, const char *relay)
{
	char about[48];
	for (uint32_t i = 0; i < 150; i++) {
		(void)snprintf(about, sizeof(about), "guess%u@example.com", i % users);
		story_tell(s, &(struct told){.at_s = 7 * DAY_S + i * 400,
					     .origin = ORIGIN_NOTICE,
					     .bounce = true,
					     .about = about,
					     .about_client = client,
					     .direct = !relay,
					     .relay_name = relay,
					     .fate = relay || i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
}

/* A mail that was accepted through the gateway is a stranger's; one of a machine inside is our own people's. */
static void notices_behind_a_gateway(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, gateway, true);
	the_world_through(&s, gateway);
	notices(&s, gateway, 150, NULL);
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);

	story_begin(&s);
	people(&s, home, true);
	notices(&s, "192.168.3.20", 150, NULL);
	assert_no_cause(&s);
}

static void smarthost(struct story *s)
{
	char login[32], to[32];
	for (uint32_t i = 0; i < 160; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 5);
		(void)snprintf(to, sizeof(to), "friend%u@known%u.example", story_any(s, 9), i % 7);
		story_tell(s, &(struct told){.at_s = (i / 20) * DAY_S + (8 + i % 10) * HOUR_S + i,
					     .login = login,
					     .client = home,
					     .to = to,
					     .relay_name = "smtp.provider.example",
					     .size = 1500 + story_any(s, 30000)});
	}
	story_tell(s, &(struct told){.client = "198.51.100.4",
				     .sender = "a@far.example",
				     .to = "user1@example.com",
				     .fate = TOLD_HERE});
}

/* A relay host takes every notice: that they were delivered is its word alone. Few names that come again are leavers. */
static void notices_to_a_relay_host(void **state)
{
	struct story s;
	story_begin(&s);
	smarthost(&s);
	notices(&s, "198.51.100.77", 150, "smtp.provider.example");
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "example.com");
	story_release(&s);

	story_begin(&s);
	smarthost(&s);
	for (uint32_t i = 0; i < 40; i++)
		story_tell(&s, &(struct told){.at_s = i * 16000,
					      .origin = ORIGIN_NOTICE,
					      .bounce = true,
					      .about = i % 2 ? "left@example.com" : "moved@example.com",
					      .about_client = "198.51.100.77",
					      .relay_name = "smtp.provider.example"});
	assert_no_cause(&s);
}

/* Failures come back from the relay host as notices; what a stranger writes as a notice is none. */
static void failures_of_a_relay_host(void **state)
{
	for (int real = 0; real < 2; real++) {
		struct story s;
		story_begin(&s);
		smarthost(&s);
		for (uint32_t i = 0; i < 400; i++) {
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 8 * HOUR_S + i * 6,
						      .login = "news@example.com",
						      .client = home,
						      .relay_name = "smtp.provider.example",
						      .size = 40000 + story_any(&s, 40)});
			if (i % 4 == 0)
				story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 8 * HOUR_S + i * 6 + 3,
							      .client = real ? "203.0.113.40" : "198.51.100.99",
							      .name = real ? "out3.provider.example" : "mx.far.example",
							      .bounce = true,
							      .to = "news@example.com",
							      .fate = TOLD_HERE});
		}
		if (!real) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_BULK_MAIL, "news@example.com");
		story_release(&s);
	}
}

/* Mail for a customer's own server, by a route; somebody guesses names there. */
static void guessed_names_of_a_server_behind(void **state)
{
	struct story s;
	char sender[32], to[48], host[32];
	story_begin(&s);
	people(&s, home, true);
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(sender, sizeof(sender), "a%u@world%u.example", i, i % 50);
		(void)snprintf(host, sizeof(host), "198.51.%u.7", i % 90);
		(void)snprintf(to, sizeof(to), "guess%u@customer.example", i);
		story_tell(&s, &(struct told){.at_s = 7 * DAY_S + i * 50,
					      .client = host,
					      .sender = sender,
					      .to = to,
					      .relay_name = "192.0.2.77",
					      .fate = TOLD_UNKNOWN});
		story_tell(&s, &(struct told){.at_s = 7 * DAY_S + i * 50 + 1,
					      .origin = ORIGIN_NOTICE,
					      .bounce = true,
					      .about = to,
					      .about_client = host,
					      .direct = true,
					      .to = sender,
					      .fate = i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_BACKSCATTER, "customer.example");
	story_release(&s);
}

/* A person's machine, under that person's own address: thirty letters an hour of all lengths are no letters. */
static void a_person_s_own_machine(void **state)
{
	char to[32];
	for (int infected = 0; infected < 2; infected++) {
		struct story s;
		story_begin(&s);
		people(&s, home, true);
		for (uint32_t i = 0; i < 48; i++) {
			(void)snprintf(to, sizeof(to), "friend%u@known.example", i % 9);
			story_tell(&s, &(struct told){.at_s = i / 6 * DAY_S + (8 + i % 6) * HOUR_S,
						      .client = "10.0.0.26",
						      .sender = "bo@example.com",
						      .to = to,
						      .direct = true,
						      .size = 1500 + story_any(&s, 30000)});
		}
		for (uint32_t i = 0; i < 330; i++) /* or many letters to people, as on the last day of the year */
			story_tell(&s, &(struct told){.at_s = 8 * DAY_S + 8 * HOUR_S + i * 70,
						      .client = "10.0.0.26",
						      .sender = "bo@example.com",
						      .direct = true,
						      .size = 1500 + story_any(&s, 30000),
						      .fate = infected ? story_dirty(&s) : story_kept(&s)});
		if (!infected) {
			assert_no_cause(&s);
			continue;
		}
		story_end(&s);
		assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "10.0.0.26");
		story_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mailing_in_the_webmail),
		cmocka_unit_test(under_another_address),
		cmocka_unit_test(an_account_behind_a_gateway),
		cmocka_unit_test(a_night_behind_a_gateway),
		cmocka_unit_test(another_program_behind_a_gateway),
		cmocka_unit_test(a_machine_inside_that_turned),
		cmocka_unit_test(a_list_that_names_us_then),
		cmocka_unit_test(a_mailing_from_the_domains_own_host),
		cmocka_unit_test(a_filter_that_changes_the_message_id),
		cmocka_unit_test(a_program_that_speaks_smtp),
		cmocka_unit_test(a_list_of_bought_addresses),
		cmocka_unit_test(a_relay_behind_a_gateway),
		cmocka_unit_test(notices_behind_a_gateway),
		cmocka_unit_test(notices_to_a_relay_host),
		cmocka_unit_test(failures_of_a_relay_host),
		cmocka_unit_test(guessed_names_of_a_server_behind),
		cmocka_unit_test(a_person_s_own_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
