/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

static const struct list_answer zen_answers[] = {
	{MATCH_RANGE, A + 2, A + 2, "SBL", "source of spam", CLASS_BLOCK, IMPACT_HIGH, SCOPE_ALLOCATION, 0, {0}},
	{MATCH_RANGE,
	 A + 4,
	 A + 7,
	 "XBL",
	 "infected",
	 CLASS_BLOCK,
	 IMPACT_HIGH,
	 SCOPE_ADDRESS,
	 1U << CAUSE_INFECTED_CLIENT,
	 {0}},
	{MATCH_RANGE, A + 10, A + 11, "PBL", "not a mail server", CLASS_POLICY, IMPACT_MEDIUM, SCOPE_PREFIX24, 0, {0}},
	{MATCH_RANGE, A + 20, A + 20, NULL, "for information", CLASS_INFORMATION, IMPACT_LOW, SCOPE_AS, 0, {0}},
};
static const struct list_refusal zen_refusals[] = {
	{A + 0xfffffe, A + 0xfffffe, WHY_PUBLIC_RESOLVER, "public resolver"},
	{A + 0xffffff, A + 0xffffff, WHY_VOLUME, "too many queries"},
};
const struct list list_zen = {
	.zone = "zen.example",
	.class = CLASS_BLOCK,
	.query = QUERY_IP4 | QUERY_IP6,
	.answers = zen_answers,
	.answer_count = 4,
	.refusals = zen_refusals,
	.refusal_count = 2,
	.test = {.ip4 = true, .ip4_listed = {4, {127, 0, 0, 2}}, .ip4_clear = {4, {127, 0, 0, 1}}},
	.scope = SCOPE_ADDRESS,
	.scope6 = SCOPE_PREFIX64,
	.impact = IMPACT_HIGH,
	.suggests = 1U << CAUSE_SCRIPT,
};

static const struct list_answer bits_answers[] = {
	{MATCH_BIT, 8, 0, "PH", "phishing", CLASS_DOMAIN, IMPACT_HIGH, SCOPE_DOMAIN, 0, {0}},
	{MATCH_BIT, 64, 0, "ABUSE", "abused", CLASS_DOMAIN, IMPACT_LOW, SCOPE_DOMAIN, 0, {0}},
};
static const struct list_refusal bits_refusals[] = {{A + 1, A + 1, WHY_PUBLIC_RESOLVER, "blocked"}};
const struct list list_bits = {
	.zone = "multi.example",
	.class = CLASS_DOMAIN,
	.query = QUERY_DOMAIN,
	.answers = bits_answers,
	.answer_count = 2,
	.refusals = bits_refusals,
	.refusal_count = 1,
	.test = {.domain = true, .domain_listed = "permanent.test.example", .domain_clear = "invalid"},
	.scope = SCOPE_DOMAIN,
	.scope6 = SCOPE_DOMAIN,
	.impact = IMPACT_MEDIUM,
};

const struct list list_white = {
	.zone = "white.example",
	.class = CLASS_WHITE,
	.query = QUERY_IP4,
	.test = {.ip4 = true, .ip4_listed = {4, {127, 0, 0, 2}}},
	.impact = IMPACT_LOW,
};
