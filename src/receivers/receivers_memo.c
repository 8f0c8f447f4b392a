/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies that came before octet for octet: most mail servers have one address and hear the same few sentences all day. In
 * front of all else, as such a reply needs no reading at all. */
#include <stdlib.h>

#include "base/hash.h"
#include "receivers/reply.h"

enum { SLOTS = 2048, WAYS = 4, OCTETS_MAX = 1024 /* six MiB in all */, SEEN = 4096 };

struct remembered {
	char *octets; /* reply, status, and the plain text that the spans of the verdict are in; NULL: free */
	uint32_t reply_len, status_len;
	uint64_t relay;
	uint16_t code;
	struct verdict_of_reply verdict;
};

struct reply_memo {
	uint64_t hashes[SLOTS]; /* of the slots */
	struct remembered slots[SLOTS];
	uint8_t oldest[SLOTS / WAYS];
	uint64_t seen[SEEN]; /* once: what has an id in it never comes again and is not worth a place */
};

struct reply_memo *reply_memo_new(void)
{
	return calloc(1, sizeof(struct reply_memo));
}

void reply_memo_free(struct reply_memo *m)
{
	for (size_t i = 0; m && i < SLOTS; i++)
		free(m->slots[i].octets);
	free(m);
}

uint64_t reply_raw_hash(const struct reply_raw *raw)
{
	return hash_name(raw->reply, hash_mix(raw->relay, (uint64_t)raw->code << 32 | raw->status.len));
}

static bool is_same(const struct remembered *slot, const struct reply_raw *raw)
{
	return slot->octets && slot->reply_len == raw->reply.len && slot->status_len == raw->status.len &&
	       slot->relay == raw->relay && slot->code == raw->code &&
	       memcmp(slot->octets, raw->reply.at, raw->reply.len) == 0 &&
	       (raw->status.len == 0 || memcmp(slot->octets + raw->reply.len, raw->status.at, raw->status.len) == 0);
}

bool reply_memo_find(const struct reply_memo *m, const struct reply_raw *raw, uint64_t hash,
		     struct verdict_of_reply *ret_verdict)
{
	size_t first = hash % (SLOTS / WAYS) * WAYS;
	for (size_t at = first; raw->reply.len && at < first + WAYS; at++)
		if (m->hashes[at] == hash && is_same(&m->slots[at], raw)) {
			*ret_verdict = m->slots[at].verdict;
			return true;
		}
	return false;
}

static void move(struct span *s, const char *from, const char *to)
{
	if (s->len)
		s->at = (const uint8_t *)to + ((const char *)s->at - from);
}

static bool fill(struct remembered *slot, const struct reply_raw *raw, const struct reply_text *t,
		 const struct verdict_of_reply *v)
{
	size_t front = raw->reply.len + raw->status.len;
	char *plain;
	*slot = (struct remembered){.octets = malloc(front + t->len + 1),
				    .reply_len = (uint32_t)raw->reply.len,
				    .status_len = (uint32_t)raw->status.len,
				    .relay = raw->relay,
				    .code = raw->code,
				    .verdict = *v};
	if (!slot->octets)
		return false;
	memcpy(slot->octets, raw->reply.at, raw->reply.len);
	if (raw->status.len)
		memcpy(slot->octets + raw->reply.len, raw->status.at, raw->status.len);
	plain = slot->octets + front;
	memcpy(plain, t->plain, t->len);
	move(&slot->verdict.address, t->plain, plain);
	move(&slot->verdict.domain, t->plain, plain);
	move(&slot->verdict.zone, t->plain, plain);
	move(&slot->verdict.url, t->plain, plain);
	return true;
}

void reply_memo_keep(struct reply_memo *m, const struct reply_raw *raw, uint64_t hash, const struct reply_text *t,
		     const struct verdict_of_reply *v)
{
	size_t set = hash % (SLOTS / WAYS), at;
	bool again = m->seen[hash % SEEN] == hash;
	struct remembered fresh;
	m->seen[hash % SEEN] = hash;
	if (!again || raw->reply.len == 0 || raw->reply.len > OCTETS_MAX || raw->status.len > OCTETS_MAX ||
	    !fill(&fresh, raw, t, v))
		return;
	at = set * WAYS + m->oldest[set]++ % WAYS;
	free(m->slots[at].octets);
	m->slots[at] = fresh;
	m->hashes[at] = hash;
}
