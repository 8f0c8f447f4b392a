/* SPDX-License-Identifier: BSD-2-Clause */
/* What is refused whoever wrote it: the server's names, a domain's records, the policy of its range. */
#include <stdio.h>

#include "story.h"

/* Six people write as always; of so many in ten letters this becomes. */
static void people(struct story *s, enum fate_told fate, uint32_t of_ten, const char *domain)
{
	char login[32], relay[64];
	for (uint32_t i = 0; i < 200; i++) {
		(void)snprintf(login, sizeof(login), "user%u@%s", i % 6, domain);
		(void)snprintf(relay, sizeof(relay), "mx.receiver%u.example", i % 9);
		story_tell(s, &(struct told){.at_s = i * 3000,
					     .login = login,
					     .client = "198.51.100.20",
					     .relay_name = relay,
					     .fate = i % 10 < of_ten ? fate : TOLD_SENT});
	}
}

static void letters_here(struct story *s)
{
	for (uint32_t i = 0; i < 40; i++)
		story_tell(s, &(struct told){.at_s = i * 9000,
					     .client = story_client(i),
					     .sender = "friend@known.example",
					     .to = "user1@example.com",
					     .fate = TOLD_HERE});
}

static void no_reverse_name(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, TOLD_NO_PTR, 6, "example.com");
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_IDENTITY);
	assert_int_equal(s.report.causes[0].recipients, 120);
	assert_int_equal(s.report.causes[0].evidence_count, 3);
	assert_non_null(strstr(s.report.causes[0].sentence, "PTR"));
	story_release(&s);
}

/* The same where the log does not show who handed the letters over, as qmail's often does not. */
static void no_reverse_name_of_a_log_without_clients(void **state)
{
	char sender[32], relay[64];
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 200; i++) {
		(void)snprintf(sender, sizeof(sender), "user%u@example.com", i % 6);
		(void)snprintf(relay, sizeof(relay), "mx.receiver%u.example", i % 9);
		story_tell(&s, &(struct told){.at_s = i * 3000,
					      .unknown = true,
					      .sender = sender,
					      .relay_name = relay,
					      .fate = i % 10 < 6 ? TOLD_NO_PTR : TOLD_SENT});
	}
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_IDENTITY);
	assert_int_equal(s.report.causes[0].recipients, 120);
	story_release(&s);
}

/* The more of the mail is refused, the surer; both are causes. */
static void how_much_is_refused(void **state)
{
	double confidence[2];
	for (uint32_t i = 0; i < 2; i++) {
		struct story s;
		story_begin(&s);
		people(&s, TOLD_NO_PTR, i ? 9 : 3, "example.com");
		story_end(&s);
		assert_int_equal(s.report.cause_count, 1);
		assert_true(s.report.causes[0].signal_count > 0);
		confidence[i] = s.report.causes[0].confidence;
		story_release(&s);
	}
	assert_true(confidence[0] >= 0.7);
	assert_true(confidence[1] > confidence[0] + 0.02);
}

static void a_domain_without_spf(void **state)
{
	struct story s;
	story_begin(&s);
	letters_here(&s);
	people(&s, TOLD_NO_SPF, 5, "example.com");
	story_end(&s);
	assert_only_cause(&s, CAUSE_IDENTITY, "example.com");
	story_release(&s);
}

/* The domain of a sender that nobody here has: no record of ours is wrong. */
static void a_domain_that_is_not_ours(void **state)
{
	struct story s;
	story_begin(&s);
	letters_here(&s);
	for (uint32_t i = 0; i < 100; i++)
		story_tell(&s, &(struct told){.at_s = i * 3000,
					      .client = story_client(i),
					      .sender = "friend@known.example",
					      .to = "home77@big.example",
					      .original = "user1@example.com",
					      .forwarded = true,
					      .fate = i % 3 ? TOLD_SENT : TOLD_NO_SPF});
	assert_no_cause(&s);
}

static void one_in_ten_is_no_cause(void **state)
{
	struct story s;
	story_begin(&s);
	letters_here(&s);
	people(&s, TOLD_NO_SPF, 1, "example.com");
	assert_no_cause(&s);
	story_begin(&s);
	people(&s, TOLD_NO_PTR, 1, "example.com");
	assert_no_cause(&s);
}

static void a_range_that_is_not_to_send(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, TOLD_PBL, 6, "example.com");
	story_end(&s);
	assert_only_cause(&s, CAUSE_POLICY_LISTING, "pbl.spamhaus.org");
	story_release(&s);
}

/* zen.spamhaus.org alone says nothing of policy. */
static void a_list_of_many_kinds(void **state)
{
	struct story s;
	story_begin(&s);
	people(&s, TOLD_LISTED, 6, "example.com");
	assert_no_cause(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_reverse_name),
		cmocka_unit_test(no_reverse_name_of_a_log_without_clients),
		cmocka_unit_test(how_much_is_refused),
		cmocka_unit_test(a_domain_without_spf),
		cmocka_unit_test(a_domain_that_is_not_ours),
		cmocka_unit_test(one_in_ten_is_no_cause),
		cmocka_unit_test(a_range_that_is_not_to_send),
		cmocka_unit_test(a_list_of_many_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
