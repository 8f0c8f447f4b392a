/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/recent.h"

void recent_release(struct recent *r)
{
	free(r->at);
	r->at = NULL;
}

static struct recent_one *slot(const struct recent *r, uint64_t hash)
{
	return r->at + (hash >> 32) % RECENT_KEPT;
}

static void note(struct recent *r, struct span sender, struct span local, int64_t at_ms, bool failed)
{
	if (sender.len == 0 || local.len > RECENT_ADDRESS_MAX)
		return;
	if (!r->at)
		r->at = calloc(RECENT_KEPT, sizeof(*r->at));
	if (!r->at) {
		r->error = -ENOMEM;
		return;
	}
	uint64_t hash = hash_name(sender, 0) | 1;
	struct recent_one *one = slot(r, hash);
	one->sender = hash;
	one->at_ms = at_ms;
	one->failed = failed;
	one->len = (uint8_t)local.len;
	if (local.len > 0)
		memcpy(one->address, local.at, local.len);
}

void recent_note(struct recent *r, struct span sender, struct span local, int64_t at_ms)
{
	note(r, sender, local, at_ms, false);
}

void recent_note_failed(struct recent *r, struct span sender, struct span local, int64_t at_ms)
{
	note(r, sender, local, at_ms, true);
}

bool recent_failed(const struct recent *r, struct span stranger)
{
	uint64_t hash = hash_name(stranger, 0) | 1;
	const struct recent_one *one = r->at ? slot(r, hash) : NULL;
	return one && one->sender == hash && one->failed;
}

struct span recent_find(const struct recent *r, struct span stranger, int64_t at_ms, int64_t *ret_ms)
{
	uint64_t hash = hash_name(stranger, 0) | 1;
	const struct recent_one *one = r->at ? slot(r, hash) : NULL;
	if (!one || one->sender != hash || one->at_ms > at_ms + 1000) /* stamps of whole seconds */
		return (struct span){NULL, 0};
	*ret_ms = one->at_ms;
	return span_of(one->address, one->len);
}
