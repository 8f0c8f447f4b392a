/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "audit/audit_rules.h"

/* What a service answers to a stranger; the tables by name. */
struct question {
	struct mta_setting rows[8];
	struct mta_settings settings;
	struct audit_rules rules;
	struct audit_rules_way way;
};

static struct span rows_of(void *arg, enum audit_rules_kind kind, struct span table)
{
	if (kind == RULES_SENDER && span_equal(table, span_str("hash:/s")))
		return span_str("# ours\nexample.net REJECT\nexample.org\tDUNNO\nexample.com\tOK\n");
	if (kind == RULES_SENDER && span_equal(table, span_str("hash:/codes")))
		return span_str("a 450\nb 554 go away\nc 550\nd REJECT\ne FILTER smtp:[x]\nf DISCARD");
	if (kind == RULES_SENDER && span_equal(table, span_str("hash:/number")))
		return span_str("a 1");
	if (kind == RULES_SENDER && span_equal(table, span_str("hash:/list")))
		return span_str("a reject_unknown_client_hostname\nb permit_mynetworks, ours, reject");
	if (kind == RULES_HELO && span_equal(table, span_str("inline:{ a = OK }")))
		return span_str("a OK");
	return (struct span){0};
}

static bool lets(struct question *q, bool artful)
{
	q->settings.row = q->rows;
	q->rules.settings = &q->settings;
	q->rules.artful = artful;
	q->rules.rows = rows_of;
	return audit_rules_let(&q->rules, &q->way);
}

#define ASK(name, ...)                                                                                                 \
	struct question name = {0};                                                                                    \
	name.settings.row = name.rows;                                                                                 \
	const char *const name##_pairs[] = {__VA_ARGS__, NULL};                                                        \
	for (size_t i_ = 0; name##_pairs[i_]; i_ += 2)                                                                 \
	mta_settings_set(&name.settings, span_str(name##_pairs[i_]), span_str(name##_pairs[i_ + 1]))

#define RELAY     "smtpd_relay_restrictions"
#define RECIPIENT "smtpd_recipient_restrictions"
#define CLASSES   "smtpd_restriction_classes"

static void what_refuses(void **state)
{
	static const char *const lists[] = {
		"reject_unauth_destination",
		"permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
		"PERMIT_MYNETWORKS Reject_Unauth_Destination",
		"reject_rbl_client permit_mynetworks, reject", /* a list of that name */
		"check_policy_service unix:private/policy, reject",
		"check_policy_service { inet:127.0.0.1:10023, timeout=10s, default_action=permit }, reject",
		"defer_if_permit",
		"reject_unknown_sender_domain defer",
		"check_sender_access hash:/codes, reject",
		"check_sender_access hash:/none, reject",
		"check_client_access hash:/s, reject_unauth_destination",
		"sleep 1, reject",
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		ASK(relay, RELAY, lists[i], RECIPIENT, "permit");
		ASK(recipient, RECIPIENT, lists[i], RELAY, "permit");
		assert_false(lets(&relay, true));
		assert_false(lets(&recipient, true));
		assert_true(audit_rules_serve(&relay.rules));
	}
}

static void what_lets(void **state)
{
	ASK(none, RELAY, "");
	assert_true(lets(&none, false));
	assert_null(none.way.list);
	assert_false(audit_rules_serve(&none.rules));
	ASK(permit, RELAY, "permit, reject_unauth_destination");
	assert_true(lets(&permit, false));
	assert_string_equal(permit.way.list, RELAY);
	assert_false(audit_rules_serve(&permit.rules)); /* "restriction ... after permit is ignored", and it ends */
	ASK(warns, RELAY, "warn_if_reject reject_unauth_destination", RECIPIENT, "");
	assert_true(lets(&warns, false));
	assert_false(audit_rules_serve(&warns.rules));
	ASK(networks, RELAY, "permit_mynetworks, reject_unauth_destination");
	assert_false(lets(&networks, true));
	networks.rules.in_networks = true;
	assert_true(lets(&networks, false));
	assert_true(span_equal(networks.way.word, span_str("permit_mynetworks")));
	ASK(domains, RELAY, "permit_mynetworks, reject_unauth_destination");
	domains.rules.every_domain = true;
	assert_true(lets(&domains, false));
	assert_true(span_equal(domains.way.word, span_str("reject_unauth_destination")));
}

static void whoever_chooses_his_sender(void **state)
{
	ASK(sender, RELAY, "", RECIPIENT, "check_sender_access hash:/s, reject_unauth_destination");
	assert_false(lets(&sender, false));
	assert_true(lets(&sender, true));
	assert_int_equal(sender.way.kind, RULES_SENDER);
	assert_true(span_equal(sender.way.row, span_str("example.com\tOK")));
	ASK(guarded, RELAY, "reject_unauth_destination", RECIPIENT, "check_sender_access hash:/s, reject");
	assert_false(lets(&guarded, true));
	ASK(apart, "smtpd_sender_restrictions", "hash:/s", RELAY, "reject_unauth_destination");
	assert_false(lets(&apart, true));
	ASK(refused, "smtpd_sender_restrictions", "reject", RELAY, "check_sender_access hash:/s, reject");
	assert_false(lets(&refused, true));
	ASK(number, RELAY, "check_sender_access hash:/number, reject");
	assert_true(lets(&number, true));
	ASK(helo, RELAY, "check_helo_access inline:{ a = OK }, reject");
	assert_true(lets(&helo, true));
	ASK(braces, RELAY, "check_sender_access { hash:/s, search_order = x }, reject");
	assert_true(lets(&braces, true));
}

static void classes(void **state)
{
	ASK(class, CLASSES, "ours, theirs", "ours", "permit_mynetworks, theirs", "theirs",
	    "check_sender_access hash:/s", RELAY, "ours, reject");
	assert_false(lets(&class, false));
	assert_true(lets(&class, true));
	ASK(row, CLASSES, "ours", "ours", "permit", RELAY, "check_sender_access hash:/list, reject");
	assert_true(lets(&row, true));
	ASK(round, CLASSES, "a, b", "a", "b, b, b", "b", "a, a, a", RELAY, "a, reject");
	assert_false(lets(&round, true));
	assert_true(audit_rules_serve(&round.rules));
	ASK(permits, CLASSES, "ours", "ours", "permit", RELAY, "ours, reject_unauth_destination");
	assert_true(lets(&permits, false));
	assert_true(audit_rules_serve(&permits.rules)); /* seen on Postfix 3.7: an open relay */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_refuses), cmocka_unit_test(what_lets),
					   cmocka_unit_test(whoever_chooses_his_sender), cmocka_unit_test(classes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
