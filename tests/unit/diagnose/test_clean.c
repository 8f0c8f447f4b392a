/* SPDX-License-Identifier: BSD-2-Clause */
/* Honest mail is no cause. */
#include <stdio.h>

#include "story.h"

static void assert_clean(struct story *s)
{
	story_end(s);
	for (size_t i = 0; i < s->report.cause_count; i++)
		print_message("%s %s %.2f\n", cause_text(s->report.causes[i].kind), s->report.causes[i].subject,
			      s->report.causes[i].confidence);
	assert_int_equal(s->report.cause_count, 0);
	story_release(s);
}

static void people(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 5);
	story_person(&s, "bob", 5);
	assert_clean(&s);
}

static void a_kept_newsletter(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t issue = 0; issue < 3; issue++)
		for (uint32_t i = 0; i < 800; i++)
			story_tell(&s, &(struct told){.at_s = issue * 7 * DAY_S + i,
						      .login = "news@example.com",
						      .client = "198.51.100.20",
						      .fate = story_kept(&s)});
	assert_clean(&s);
}

/* VERP: each message has a sender of its own, and it is one mailing. */
static void a_kept_newsletter_with_verp(void **state)
{
	struct story s;
	char sender[96];
	story_begin(&s);
	for (uint32_t i = 0; i < 800; i++) {
		(void)snprintf(sender, sizeof(sender), "bounce-reader%u=there%u.example@example.com", i, i % 99);
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i,
					      .user = "www-data",
					      .uid = 33,
					      .sender = sender,
					      .fate = story_kept(&s)});
	}
	assert_clean(&s);
}

static void a_shop(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 1500; i++)
		story_tell(&s, &(struct told){.at_s = i * 300,
					      .user = "www-data",
					      .uid = 33,
					      .directory = "/var/www/shop/public",
					      .sender = "shop@example.com",
					      .fate = story_any(&s, 60) == 0 ? TOLD_UNKNOWN : TOLD_SENT});
	assert_clean(&s);
}

static void alarms_and_cron(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 600; i++)
		story_tell(&s, &(struct told){.at_s = i < 300 ? i * 900 : 300 * 900 + i,
					      .user = i % 2 ? "nagios" : "root",
					      .sender = i % 2 ? "nagios@mail.example.com" : "root@mail.example.com",
					      .to = i % 2 ? "team@pager.example" : "admin@home.example"});
	assert_clean(&s);
}

/* A telephone gets a new /64 of its provider with each hour, and a traveller new hotels. */
static void people_on_the_move(void **state)
{
	struct story s;
	char client[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 400; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:%x:%x::5", 1 + i / 200, i / 3);
		story_tell(&s, &(struct told){.at_s = i * 1200,
					      .login = "erin@example.com",
					      .client = i % 9 ? client : story_client(i / 60),
					      .to = i % 5 ? "friend@known.example" : NULL});
	}
	assert_clean(&s);
}

static void guessed_passwords(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 2);
	for (uint32_t i = 0; i < 3000; i++) {
		struct mail_event e = {.kind = EVENT_LOGIN,
				       .format = FORMAT_POSTFIX,
				       .at_ms = s.from_ms + i * 20000LL,
				       .host = span_str("mail.example.com"),
				       .uid = MAIL_UID_NONE,
				       .login = span_str("alice@example.com")};
		assert_int_equal(addr_parse(span_str(story_client(i)), &e.client), 0);
		s.sink.event(s.sink.arg, &e, &(struct line_copy){0, ++s.line, e.at_ms, span_str("wrong password")});
	}
	assert_clean(&s);
}

/* The world writes to a domain that this server is a backup for, and to nothing else. */
static void a_backup_server(uint32_t domains)
{
	struct story s;
	char to[64], sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 1500; i++) {
		(void)snprintf(to, sizeof(to), "box%u@customer%u.example", i % 12, story_any(&s, domains));
		(void)snprintf(sender, sizeof(sender), "s%u@d%u.example", i, i % 200);
		story_tell(&s, &(struct told){.at_s = i * 200,
					      .client = story_client(i),
					      .sender = sender,
					      .to = to,
					      .fate = story_any(&s, 30) ? TOLD_SENT : TOLD_UNKNOWN});
	}
	assert_clean(&s);
}

static void backup_servers(void **state)
{
	a_backup_server(2);
	a_backup_server(60);
}

static void ordinary_forwards(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 500; i++)
		story_tell(&s, &(struct told){.at_s = i * 600,
					      .client = story_client(i),
					      .sender = "friend@known.example",
					      .to = "dave.away@freemail.example",
					      .original = "dave@example.com",
					      .forwarded = true,
					      .fate = i % 40 ? TOLD_SENT : TOLD_SPAM});
	assert_clean(&s);
}

static void a_list(void **state)
{
	struct story s;
	char member[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 1600; i++) {
		(void)snprintf(member, sizeof(member), "member%u@m%u.example", i % 80, i % 80 % 30);
		story_tell(&s, &(struct told){.at_s = i / 80 * 9000,
					      .client = "127.0.0.1",
					      .sender = "choir-bounces@example.com",
					      .to = member,
					      .fate = i % 80 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	assert_clean(&s);
}

static void notices_to_own_users(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 200; i++)
		story_tell(&s, &(struct told){.at_s = i * 60,
					      .origin = ORIGIN_NOTICE,
					      .sender = "",
					      .about = "gone@elsewhere.example",
					      .about_client = "192.168.1.5",
					      .fate = TOLD_UNKNOWN});
	assert_clean(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people),
		cmocka_unit_test(a_kept_newsletter),
		cmocka_unit_test(a_kept_newsletter_with_verp),
		cmocka_unit_test(a_shop),
		cmocka_unit_test(alarms_and_cron),
		cmocka_unit_test(people_on_the_move),
		cmocka_unit_test(guessed_passwords),
		cmocka_unit_test(backup_servers),
		cmocka_unit_test(ordinary_forwards),
		cmocka_unit_test(a_list),
		cmocka_unit_test(notices_to_own_users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
