/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Haraka sends a message in parts, one a domain, numbered as the domains come
 * among its recipients; a line tells what became of a part, by its number or
 * its domain, and of how many recipients.
 */
#include <inttypes.h>
#include <stdio.h>

#include "logjoin/join_parts.h"

/* No part is tried again sooner (outbound/config.js refuses a shorter
 * temp_fail_intervals): who was put off within it was so by the same try. */
enum {
	TRY_MS = 5000,
	TRANSACTIONS_MAX = 1000, /* of one connection that are looked for; Haraka
                              closes it after 100 by default */
};

static struct span domain_of(const struct open_message *m, uint32_t i)
{
	struct span address = open_span(m, m->delivery[i].recipient);
	const uint8_t *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
	return at ? span_from(address, (size_t)(at - address.at) + 1) : address;
}

static bool is_first_of_domain(const struct open_message *m, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (span_equal_nocase(domain_of(m, k), domain_of(m, i)))
			return false;
	return true;
}

struct haraka_part join_haraka_part(const struct open_message *m, const struct mail_event *e)
{
	struct haraka_part p = {.domain = OPEN_NONE, .left = e->count ? (uint32_t)e->count : UINT32_MAX};
	uint32_t number = 0, count = m->delivery_count < HARAKA_LOOKED_AT ? m->delivery_count : HARAKA_LOOKED_AT;
	p.all = e->kind == EVENT_ACCEPT;
	for (size_t i = 0; i < e->related.len && i < 4; i++)
		number = number * 10 + (uint32_t)(e->related.at[i] - '0');
	for (uint32_t i = 0; i < count && p.domain == OPEN_NONE && !p.all; i++) {
		if (e->recipient.len ? span_equal_nocase(domain_of(m, i), e->recipient)
				     : is_first_of_domain(m, i) && --number == 0)
			p.domain = i;
	}
	return p;
}

/* Those that no try was told of, then those that were put off by an earlier
 * one. */
bool join_haraka_next(const struct open_message *m, const struct mail_event *e, struct haraka_part *p,
		      struct span *ret_recipient)
{
	for (; p->pass < 2 && p->left && (p->all || p->domain != OPEN_NONE); p->pass++, p->at = 0) {
		while (p->at < m->delivery_count) {
			const struct open_delivery *d = &m->delivery[p->at];
			bool fits = p->pass == 0 ? d->outcome == OUTCOME_WAITING
						 : d->outcome == OUTCOME_DEFERRED && e->at_ms - d->at_ms >= TRY_MS;
			if (fits && (p->all || span_equal_nocase(domain_of(m, p->at), domain_of(m, p->domain)))) {
				*ret_recipient = open_span(m, d->recipient);
				p->left--;
				p->at++;
				return true;
			}
			p->at++;
		}
	}
	return false;
}

/* Who logged in is mostly not told: that it came from outside is no relaying
 * then. */
void join_haraka_allowed(struct join *j, const struct mail_event *e)
{
	uint32_t host = names_number(&j->hosts, e->host), instance = names_number(&j->instances, e->instance);
	char id[OPEN_ID_MAX + 1];
	for (uint64_t i = 1; i <= e->count && i <= TRANSACTIONS_MAX; i++) {
		int n = snprintf(id, sizeof(id), "%.*s.%" PRIu64, (int)e->related.len, (const char *)e->related.at, i);
		struct open_message *m =
			n > 0 && (size_t)n < sizeof(id) ? join_find(j, host, instance, span_of(id, (size_t)n)) : NULL;
		if (!m || m->origin != ORIGIN_CLIENT || m->login.len)
			continue;
		m->origin = ORIGIN_UNKNOWN;
		m->client = (struct addr){0};
	}
}
