/* SPDX-License-Identifier: BSD-2-Clause */
/* Under qmail's uids come programs, and under one of them all that arrives by SMTP. */
#include <stdio.h>

#include "diagnose/queue_users.h"
#include "story.h"

enum { SMTP = 2020, SITE = 10003 };

static const char *const host = "mail.example.com";

/* The world writes to people here. */
static void the_world(struct story *s, int uid, uint32_t people)
{
	char sender[40], to[32];
	for (uint32_t i = 0; i < 60; i++) {
		(void)snprintf(sender, sizeof(sender), "somebody%u@far%u.example", i, i % 11);
		(void)snprintf(to, sizeof(to), "user%u@example.com", i % people);
		story_tell(s, &(struct told){.at_s = i * HOUR_S,
					     .origin = ORIGIN_LOCAL,
					     .uid = uid,
					     .sender = sender,
					     .to = to,
					     .fate = TOLD_HERE,
					     .format = FORMAT_QMAIL});
	}
}

static void spam(struct story *s, int uid)
{
	for (uint32_t i = 0; i < 400; i++)
		story_tell(s, &(struct told){.at_s = 3 * DAY_S + i * 10,
					     .origin = ORIGIN_LOCAL,
					     .uid = uid,
					     .sender = "service@bank.example",
					     .fate = story_dirty(s),
					     .size = 1500 + story_any(s, 30000),
					     .format = FORMAT_QMAIL});
}

/* Whoever it is, no program: to stop it would stop the mail server. */
static void who_brings_the_world(void **state)
{
	struct story s;
	(void)state;
	story_begin(&s);
	the_world(&s, SMTP, 5);
	spam(&s, SMTP);
	assert_no_cause(&s);
}

static void a_site_beside_it(void **state)
{
	struct story s;
	(void)state;
	story_begin(&s);
	the_world(&s, SMTP, 5);
	spam(&s, SITE);
	story_end(&s);
	assert_only_cause(&s, CAUSE_SCRIPT, "uid 10003");
	story_release(&s);
}

/* A contact form has visitors' senders, and writes to its owner. */
static void a_form(void **state)
{
	struct story s;
	(void)state;
	story_begin(&s);
	the_world(&s, SITE, 1);
	spam(&s, SITE);
	story_end(&s);
	assert_only_cause(&s, CAUSE_SCRIPT, "uid 10003");
	story_release(&s);
}

static void note(struct queue_users *u, enum mail_origin origin, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		queue_users_note(u, host, &(struct mail_message){.format = FORMAT_QMAIL, .uid = SMTP, .origin = origin},
				 false);
}

/* Logins tell it, where they are not chance. */
static void who_logins_come_by(void **state)
{
	struct queue_users u = {0};
	(void)state;
	note(&u, ORIGIN_LOGIN, 2);
	assert_false(queue_users_smtp(&u, host, "uid 2020"));
	note(&u, ORIGIN_CLIENT, 1);
	assert_true(queue_users_smtp(&u, host, "uid 2020"));
	assert_false(queue_users_smtp(&u, host, "uid 33"));
	assert_false(queue_users_smtp(&u, "other.example.com", "uid 2020"));
	note(&u, ORIGIN_LOCAL, 58);
	assert_false(queue_users_smtp(&u, host, "uid 2020"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_brings_the_world),
		cmocka_unit_test(a_site_beside_it),
		cmocka_unit_test(a_form),
		cmocka_unit_test(who_logins_come_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
