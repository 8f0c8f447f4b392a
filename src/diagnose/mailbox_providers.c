/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/mailbox_providers.h"

#include <stdlib.h>

#include "base/hash.h"

static const char *const names[] = {
#define MAILBOX_PROVIDER(domain) domain,
#include "mailbox_providers.def"
};

_Static_assert(sizeof(names) / sizeof(*names) <= MAILBOX_PROVIDERS_MAX, "room for all of the table");

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

void mailbox_providers_init(struct mailbox_providers *p)
{
	p->count = sizeof(names) / sizeof(*names);
	for (size_t i = 0; i < p->count; i++)
		p->hashes[i] = hash_name(span_str(names[i]), 0);
	qsort(p->hashes, p->count, sizeof(*p->hashes), by_value);
}

bool mailbox_providers_have(const struct mailbox_providers *p, uint64_t hash)
{
	return bsearch(&hash, p->hashes, p->count, sizeof(*p->hashes), by_value);
}
