/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TEST_VERDICT_FIXTURE_H
#define OFFLIST_TEST_VERDICT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verdict/status.h"

/* A list like Spamhaus ZEN: block with a policy part, two refusal rows. */
extern const struct list list_zen;
/* Bits of the last octet; 127.0.0.1 refuses; tests over the domain `test`. */
extern const struct list list_bits;
/* A white list without rows. */
extern const struct list list_white;

enum { A = 0x7f000000 }; /* A + 2 is 127.0.0.2 */

static inline struct bulk_answer outcome_of(enum dns_outcome outcome)
{
	return (struct bulk_answer){.outcome = outcome};
}

static inline struct bulk_answer answer_of(uint32_t a)
{
	return (struct bulk_answer){.outcome = DNS_ANSWER, .a = {a}, .a_count = 1};
}

static inline struct bulk_answer answer_of2(uint32_t a, uint32_t b)
{
	return (struct bulk_answer){.outcome = DNS_ANSWER, .a = {a, b}, .a_count = 2};
}

#endif
