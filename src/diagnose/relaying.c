/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients outside relay, without those that may. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/relaying.h"

enum { OWNERS_MAX = 16 }; /* more of them are no more of a reason */

struct taken { /* out of the rest */
	const struct identity **at;
	uint64_t *hashes; /* of their addresses; ascending once all are there */
	uint32_t count;
};

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static bool is_client_of(const struct identity *id, const struct identity *relay)
{
	return id->kind == IDENTITY_OUTSIDE && id->host == relay->host;
}

static const struct identity *refused_on(const struct tally *t, const struct identity *relay)
{
	return identity_find(&t->ids, identity_hash(IDENTITY_REFUSED, relay->host, (struct span){NULL, 0}));
}

/* ---- the clients, one by one ---- */

static void note_permitted(struct relaying *r, const struct identity *client, const char *why)
{
	uint32_t at = r->permitted_count < PERMITTED_NOTED_MAX ? r->permitted_count : PERMITTED_NOTED_MAX;
	r->permitted_count++;
	while (at > 0 && r->permitted[at - 1].id->recipients < client->recipients) {
		if (at < PERMITTED_NOTED_MAX)
			r->permitted[at] = r->permitted[at - 1];
		at--;
	}
	if (at < PERMITTED_NOTED_MAX)
		r->permitted[at] = (struct permitted){client, why};
}

static void take_out(struct taken *taken, const struct identity *client)
{
	taken->hashes[taken->count] = hash_network(&client->client, true);
	taken->at[taken->count++] = client;
}

/* Hosts of one provider, telephones of one network are one owner's; who has no name is its own. */
static bool is_new_owner(const struct identity *client, uint64_t owners[OWNERS_MAX])
{
	char owner[OWNER_SIZE];
	client_owner(client, owner);
	uint64_t hash = hash_name(span_str(owner), 0) | 1;
	for (int i = 0; *owner && i < OWNERS_MAX; i++) {
		if (owners[i] == hash)
			return false;
		if (owners[i] == 0) {
			owners[i] = hash;
			return true;
		}
	}
	return true;
}

static int sort_clients(const struct tally *t, const struct identity *relay, struct relaying *r, struct taken *taken)
{
	struct domains_served served = {0};
	uint64_t owners[OWNERS_MAX] = {0};
	int rc = domains_served_find(t, relay, &served);
	for (uint32_t i = 0; rc == 0 && i < t->ids.count; i++) {
		const struct identity *id = t->ids.at[i];
		if (!is_client_of(id, relay))
			continue;
		const char *why = client_serves(&served, id) ? "" : client_permitted(t, r->refused, id);
		if (why) {
			take_out(taken, id);
			if (*why)
				note_permitted(r, id, why);
			continue;
		}
		r->clients++;
		r->strange += is_new_owner(id, owners);
		if (!r->top || id->recipients > r->top->recipients)
			r->top = id;
	}
	free(served.at);
	qsort(taken->hashes, taken->count, sizeof(*taken->hashes), by_hash);
	return rc;
}

/* ---- the sum without them ---- */

/* Hours and networks lie on lines of the cache, which an arena does not promise. */
static void *lines_alloc(struct arena *arena, size_t count, size_t size)
{
	uint8_t *at = arena_alloc(arena, count * size + CACHE_LINE, 1);
	return at ? at + (CACHE_LINE - (uintptr_t)at % CACHE_LINE) % CACHE_LINE : NULL;
}

static void less(uint32_t *from, uint32_t n)
{
	*from -= n < *from ? n : *from;
}

static void subtract_hour(struct hour *h, const struct hour *o)
{
	less(&h->messages, o->messages);
	less(&h->recipients, o->recipients);
	less(&h->fresh, o->fresh);
	less(&h->bad, o->bad);
	less(&h->unknown, o->unknown);
	less(&h->spam, o->spam);
	less(&h->listed, o->listed);
	less(&h->rate, o->rate);
	less(&h->deferred, o->deferred);
	less(&h->rejected, o->rejected);
	less(&h->networks, 1);
	less(&h->senders, o->senders);
}

static int by_time(const void *hour, const void *at)
{
	uint32_t x = *(const uint32_t *)hour, y = ((const struct hour *)at)->hour;
	return (x > y) - (x < y);
}

static bool rest_hours(struct identity *rest, const struct taken *taken, struct arena *arena)
{
	uint32_t kept = 0;
	struct hour *hours = lines_alloc(arena, rest->hour_count, sizeof(*hours));
	if (!hours)
		return false;
	memcpy(hours, rest->hours, rest->hour_count * sizeof(*hours));
	for (uint32_t i = 0; i < taken->count; i++)
		for (uint32_t k = 0; k < taken->at[i]->hour_count; k++) {
			const struct hour *o = taken->at[i]->hours + k;
			struct hour *h = bsearch(&o->hour, hours, rest->hour_count, sizeof(*hours), by_time);
			if (h)
				subtract_hour(h, o);
		}
	for (uint32_t i = 0; i < rest->hour_count; i++)
		if (hours[i].messages > 0)
			hours[kept++] = hours[i];
	rest->hours = hours;
	rest->hour_count = kept;
	return true;
}

static bool rest_networks(struct identity *rest, const struct taken *taken, struct arena *arena)
{
	uint32_t kept = 0;
	struct network *networks = lines_alloc(arena, rest->network_count, sizeof(*networks));
	if (!networks)
		return false;
	for (uint32_t i = 0; i < rest->network_count; i++)
		if (!bsearch(&rest->networks[i].hash, taken->hashes, taken->count, sizeof(*taken->hashes), by_hash))
			networks[kept++] = rest->networks[i];
	rest->networks = networks;
	rest->network_count = kept;
	rest->network_slots = NULL; /* of another order */
	return true;
}

static void less_messages(struct names *names, const struct name_seen *other)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (names->at[i].hash == other->hash) {
			less(&names->at[i].messages, other->messages);
			less(&names->at[i].bad, other->bad);
			return;
		}
}

static bool rest_senders(struct identity *rest, const struct taken *taken, struct arena *arena)
{
	struct names n = rest->senders;
	uint32_t kept = 0;
	n.at = arena_alloc(arena, n.count + 1, sizeof(*n.at));
	if (!n.at)
		return false;
	memcpy(n.at, rest->senders.at, n.count * sizeof(*n.at));
	for (uint32_t i = 0; i < taken->count; i++)
		for (uint32_t k = 0; k < taken->at[i]->senders.count; k++)
			less_messages(&n, taken->at[i]->senders.at + k);
	for (uint32_t i = 0; i < n.count; i++)
		if (n.at[i].messages > 0)
			n.at[kept++] = n.at[i];
	n.count = kept;
	rest->senders = n;
	return true;
}

static bool rest_of(struct relaying *r, const struct taken *taken, struct arena *arena)
{
	if (taken->count == 0)
		return true;
	if (!rest_hours(&r->rest, taken, arena) || !rest_networks(&r->rest, taken, arena) ||
	    !rest_senders(&r->rest, taken, arena))
		return false;
	for (uint32_t i = 0; i < taken->count; i++) {
		r->rest.messages -=
			taken->at[i]->messages < r->rest.messages ? taken->at[i]->messages : r->rest.messages;
		r->rest.recipients -=
			taken->at[i]->recipients < r->rest.recipients ? taken->at[i]->recipients : r->rest.recipients;
	}
	return true;
}

struct relaying *relaying_of(const struct tally *t, const struct identity *relay, struct arena *arena)
{
	struct relaying *r = arena_alloc(arena, 1, sizeof(*r));
	struct taken taken = {calloc(t->ids.count + 1, sizeof(*taken.at)), calloc(t->ids.count + 1, sizeof(uint64_t)),
			      0};
	bool good = r && taken.at && taken.hashes;
	if (good) {
		r->of = relay;
		r->rest = *relay;
		r->refused = refused_on(t, relay);
		good = sort_clients(t, relay, r, &taken) == 0 && rest_of(r, &taken, arena);
	}
	if (good &&
	    r->clients == 0) /* what clients sent of which nothing is kept any more may be too little to weigh */
		r->rest.recipients = taken.count > 0 ? 0 : r->rest.recipients;
	if (good && r->top) { /* the lines shown are the named client's own */
		r->rest.accepts = r->top->accepts;
		r->rest.failures = r->top->failures;
	}
	free(taken.at);
	free(taken.hashes);
	return good ? r : NULL;
}
