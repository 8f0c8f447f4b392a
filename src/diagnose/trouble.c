/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/identity.h"
#include "diagnose/trouble.h"

enum { SEARCH_MAX = 8 };

void troubles_release(struct troubles *t)
{
	free(t->at);
	t->at = NULL;
}

uint32_t trouble_receiver(struct span relay_name)
{
	size_t from = relay_name.len, dots = 0;
	while (from > 0 && dots < 2)
		dots += relay_name.at[--from] == '.';
	if (dots == 2)
		from++;
	struct span owner = span_from(relay_name, from);
	return owner.len > 0 ? (uint32_t)hash_name(owner, 0) | 1 : 0;
}

static uint64_t tag_of(uint32_t receiver, uint32_t hour)
{
	return hash_mix(receiver, hour / TROUBLE_HOURS + 1) | 1;
}

/* The row, or the free place where it would be; NULL: neither within a short search. */
static struct trouble *place(struct trouble *at, uint64_t tag)
{
	for (uint32_t i = 0; i < SEARCH_MAX; i++) {
		struct trouble *one = at + ((uint32_t)(tag >> 32) + i) % TROUBLES_MAX;
		if (one->tag == tag || one->tag == 0)
			return one;
	}
	return NULL;
}

static struct trouble *make(struct troubles *t, uint64_t tag)
{
	if (!t->at)
		t->at = calloc(TROUBLES_MAX, sizeof(*t->at));
	if (!t->at) {
		t->error = -ENOMEM;
		return NULL;
	}
	struct trouble *one = place(t->at, tag);
	if (one && !one->tag) {
		one->tag = tag;
		t->count++;
	}
	return one;
}

void trouble_note(struct troubles *t, const struct mail_delivery *d, const struct fate *f)
{
	bool refused = f->spam || f->listed;
	if ((!refused && (!t->at || !f->delivered)) || d->relay_name.len == 0)
		return;
	uint64_t tag = tag_of(trouble_receiver(d->relay_name), hour_of(d->at_ms));
	struct trouble *one = refused ? make(t, tag) : place(t->at, tag);
	if (!one || one->tag != tag)
		return;
	one->passed += f->delivered;
	one->spam += f->spam;
	one->listed += f->listed && !f->spam;
}

const struct trouble *trouble_find(const struct troubles *t, uint32_t receiver, uint32_t hour)
{
	uint64_t tag = tag_of(receiver, hour);
	const struct trouble *one = t->at ? place(t->at, tag) : NULL;
	return one && one->tag == tag ? one : NULL;
}
