/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "diagnose/hash.h"
#include "diagnose/identity.h"
#include "diagnose/trouble.h"

enum { SEARCH_MAX = 2 * TROUBLE_SHELF };

_Static_assert(TROUBLE_SHELF * sizeof(struct trouble) == CACHE_LINE, "a shelf is a line of the cache");

void troubles_release(struct troubles *t)
{
	free(t->at);
	t->at = NULL;
}

/* Where the last two labels of a name begin, of any length; 0: it has no more than two. */
static size_t owner_slowly(struct span name)
{
	const uint8_t *dot = name.at && name.len ? memrchr(name.at, '.', name.len) : NULL;
	const uint8_t *before = dot ? memrchr(name.at, '.', (size_t)(dot - name.at)) : NULL;
	return before ? (size_t)(before - name.at) + 1 : 0;
}

#ifdef __SSE2__
static uint32_t dots_among(const uint8_t *at)
{
	__m128i octets = _mm_loadu_si128((const __m128i *)(const void *)at);
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8('.')));
}
#endif

/* As owner_slowly(): asked for each delivery, and the last two dots mostly stand among the last 32 octets. */
static size_t owner_begins(struct span name)
{
#ifdef __SSE2__
	if (name.len >= 16) {
		size_t n = name.len < 32 ? name.len : 32, from = name.len - n;
		uint32_t dots = dots_among(name.at + from) | dots_among(name.at + name.len - 16) << (n - 16);
		if (dots)
			dots ^= UINT32_C(1) << (31 - __builtin_clz(dots));
		if (dots)
			return from + 32 - (size_t)__builtin_clz(dots);
		if (from == 0)
			return 0;
	}
#endif
	return owner_slowly(name);
}

uint32_t trouble_receiver(struct span relay_name)
{
	struct span owner = span_from(relay_name, owner_begins(relay_name));
	return owner.len > 0 ? (uint32_t)hash_name(owner, 0) | 1 : 0;
}

static uint64_t tag_of(uint32_t receiver, uint32_t hour)
{
	return hash_mix(receiver, hour / TROUBLE_HOURS + 1) | 1;
}

static uint32_t first_of(uint64_t tag)
{
	return (uint32_t)(tag >> 32) % (TROUBLES_MAX / TROUBLE_SHELF) * TROUBLE_SHELF;
}

static uint32_t kept(uint64_t tag)
{
	return (uint32_t)tag;
}

/* The row, or the free place where it would be; NULL: neither within a short search. */
static struct trouble *place(struct trouble *at, uint64_t tag)
{
	uint32_t first = first_of(tag);
	for (uint32_t i = 0; i < SEARCH_MAX; i++) {
		struct trouble *one = at + (first + i) % TROUBLES_MAX;
		if (one->tag == kept(tag) || one->tag == 0)
			return one;
	}
	return NULL;
}

static uint32_t bit_of(uint64_t tag)
{
	return (uint32_t)(tag >> 16) % TROUBLE_FILTER;
}

static bool may_be_there(const struct troubles *t, uint64_t tag)
{
	return t->filter[bit_of(tag) / 64] >> bit_of(tag) % 64 & 1;
}

/* The receiver and the time of a delivery. 0: no receiver is named. */
static uint64_t tag_of_delivery(const struct mail_delivery *d)
{
	return d->relay_name.len ? tag_of(trouble_receiver(d->relay_name), hour_of(d->at_ms)) : 0;
}

/* While no receiver refuses anything there is nothing to look for. */
uint64_t trouble_fetch(const struct troubles *t, const struct mail_delivery *d)
{
	uint64_t tag = t->at ? tag_of_delivery(d) : 0;
	if (may_be_there(t, tag))
		__builtin_prefetch(t->at + first_of(tag), 1);
	return tag;
}

/* @return NULL: there is none. */
static struct trouble *find(const struct troubles *t, uint64_t tag)
{
	struct trouble *one = may_be_there(t, tag) ? place(t->at, tag) : NULL;
	return one && one->tag ? one : NULL;
}

static struct trouble *rows_new(void)
{
	size_t octets = TROUBLES_MAX * sizeof(struct trouble);
	struct trouble *at = aligned_alloc(TROUBLE_SHELF * sizeof(*at), octets);
	return at ? memset(at, 0, octets) : NULL;
}

static struct trouble *make(struct troubles *t, uint64_t tag)
{
	if (!t->at)
		t->at = rows_new();
	if (!t->at) {
		t->error = -ENOMEM;
		return NULL;
	}
	struct trouble *one = place(t->at, tag);
	if (one && !one->tag) {
		one->tag = kept(tag);
		t->count++;
		t->filter[bit_of(tag) / 64] |= UINT64_C(1) << bit_of(tag) % 64;
	}
	return one;
}

void trouble_note(struct troubles *t, const struct mail_delivery *d, const struct fate *f, uint64_t tag, bool forwarded)
{
	bool refused = f->spam || f->listed || f->domain_listed || f->untold;
	if (!refused && (!t->at || !f->delivered))
		return;
	if (tag == 0)
		tag = tag_of_delivery(d);
	struct trouble *one = tag == 0 ? NULL : refused ? make(t, tag) : find(t, tag);
	if (!one || forwarded)
		return;
	one->passed += f->delivered;
	one->spam += f->spam || f->domain_listed || f->untold;
	one->listed += f->listed && !f->spam;
}

const struct trouble *trouble_find(const struct troubles *t, uint32_t receiver, uint32_t hour)
{
	return find(t, tag_of(receiver, hour));
}
