/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/shared.h"

#include "diagnose/hash.h"

#include <errno.h>
#include <stdlib.h>

enum { AHEAD_HOURS = 2, EACH_HOUR_MAX = 20, MANY_LOGINS = 3 };

/* A network from which a login sends in bursts tells nothing good of it: one thief may have several passwords. */
static bool is_at_home(const struct network *w)
{
	return w->usual_hour != UINT32_MAX && w->recipients <= (uint32_t)w->hours * EACH_HOUR_MAX;
}

static size_t count_uses(const struct identities *ids)
{
	size_t n = 0;
	for (uint32_t i = 0; i < ids->count; i++)
		n += ids->at[i]->kind == IDENTITY_LOGIN ? ids->at[i]->network_count : 0;
	return n;
}

static void add_uses(struct shared *s, const struct identity *id)
{
	for (uint32_t i = 0; i < id->network_count; i++)
		if (is_at_home(id->networks + i))
			s->at[s->count++] = (struct shared_use){hash_network(&id->networks[i].addr, false),
								id->networks[i].usual_hour, id, id->networks + i};
}

static int by_network(const void *a, const void *b)
{
	const struct shared_use *x = a, *y = b;
	if (x->network != y->network)
		return x->network < y->network ? -1 : 1;
	return (x->since_hour > y->since_hour) - (x->since_hour < y->since_hour);
}

int shared_find(const struct identities *ids, struct shared *ret_shared)
{
	struct shared s = {.at = calloc(count_uses(ids) + 1, sizeof(*s.at))};
	if (!s.at)
		return -ENOMEM;
	for (uint32_t i = 0; i < ids->count; i++)
		if (ids->at[i]->kind == IDENTITY_LOGIN)
			add_uses(&s, ids->at[i]);
	qsort(s.at, s.count, sizeof(*s.at), by_network);
	*ret_shared = s;
	return 0;
}

void shared_release(struct shared *s)
{
	free(s->at);
	*s = (struct shared){0};
}

/* Customers of one provider who stand in one block of addresses are strangers to each other: there it is one place where
 * the address is the same, or the reverse names have one owner. Nobody else has an IPv6 /64. */
static bool is_one_place(const struct network *a, const struct network *b)
{
	return a->owner == b->owner || a->addr.family == 6 || addr_equal(&a->addr, &b->addr);
}

static size_t first_use(const struct shared *s, uint64_t network)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->at[middle].network < network)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool shared_by_many(const struct shared *s, const struct network *w)
{
	uint64_t network = hash_network(&w->addr, false);
	unsigned logins = 0;
	for (size_t i = first_use(s, network); i < s->count && s->at[i].network == network; i++)
		logins += addr_equal(&s->at[i].seen->addr, &w->addr);
	return logins >= MANY_LOGINS;
}

bool shared_before(const struct shared *s, const struct identity *id, const struct network *w, uint32_t hour)
{
	uint64_t network = hash_network(&w->addr, false);
	size_t low = first_use(s, network);
	for (; low < s->count && s->at[low].network == network && s->at[low].since_hour + AHEAD_HOURS <= hour; low++)
		if (s->at[low].login != id && is_one_place(s->at[low].seen, w))
			return true;
	return false;
}
