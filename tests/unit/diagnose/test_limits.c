/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of our own server's limits, and of receivers that are not reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/limits.h"

static void limits_of_many_programs(void **state)
{
	static const char *const said[] = {
		("Domain example.com has exceeded the max defers and failures per hour (15/15 (100%)) allowed. Message "
		 "discarded."),
		"\"Domain example.com has an outgoing mail hold. Message will be reattempted later\"",
		"450 4.7.1 <x@d6.example>: Recipient address rejected: Policy Rejection- Message Quota Exceeded",
		"Message delivery request rate limit exceeded: 51 from unknown[192.0.2.9] for service submission",
		"rejected RCPT <t@example.net>: Rate overlimit = 83.6 / 1h",
		"451 4.7.1 Ratelimit \"user\" exceeded",
		"550 You have reached your sending limit",
		"Sender rate overlimit - sending rate is 120 / 1h",
	};
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_true(limits_exceeded(span_str(said[i]), (struct span){NULL, 0}));
}

static void other_refusals_are_no_limit(void **state)
{
	static const char *const said[] = {
		"",
		"550 5.1.1 <x@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
		"552 5.2.2 <x@example.com> Mailbox quota exceeded",
		"454 4.7.1 <x@example.net>: Relay access denied",
		"452 4.2.2 disk quota exceeded",
	};
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_false(limits_exceeded(span_str(said[i]), (struct span){NULL, 0}));
	assert_false(limits_exceeded(span_str("552 quota exceeded"), span_str("5.2.2")));
}

static void unreached(void **state)
{
	static const char *const said[] = {
		"connect to mx.example.net[192.0.2.26]:25: Connection timed out",
		"connect to mx.example.net[2001:db8::26]:25: Network is unreachable",
		"H=mx.example.net [192.0.2.26]: Connection timed out",
		"Network error on destination MXs",
	};
	struct mail_delivery d = {.outcome = OUTCOME_DEFERRED};
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		d.reply = span_str(said[i]);
		assert_true(limits_unreached(&d));
	}
	d.remote_reply = true; /* a receiver's own words about somebody else */
	assert_false(limits_unreached(&d));
	d = (struct mail_delivery){.outcome = OUTCOME_DEFERRED, .reply = span_str("Connection refused")};
	assert_false(limits_unreached(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_many_programs),
		cmocka_unit_test(other_refusals_are_no_limit),
		cmocka_unit_test(unreached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
