/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/join_names.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 64 };

int names_init(struct names *n)
{
	*n = (struct names){.mask = SLOTS_FIRST - 1};
	n->slot = calloc(SLOTS_FIRST, sizeof(*n->slot));
	return n->slot ? 0 : -ENOMEM;
}

void names_release(struct names *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		free((void *)(uintptr_t)n->name[i].at);
	free(n->name);
	free(n->slot);
}

static uint32_t place_of(const struct names *n, struct span name)
{
	uint32_t i = (uint32_t)hash_octets(name, 0) & n->mask;
	while (n->slot[i] && !span_equal(n->name[n->slot[i] - 1], name))
		i = (i + 1) & n->mask;
	return i;
}

static int grow(struct names *n)
{
	uint32_t size = n->size ? n->size * 2 : SLOTS_FIRST / 2;
	struct span *name = reallocarray(n->name, size, sizeof(*name));
	uint32_t *slot;
	if (!name)
		return -ENOMEM;
	n->name = name;
	slot = calloc((size_t)size * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(n->slot);
	n->slot = slot;
	n->mask = size * 2 - 1;
	n->size = size;
	for (uint32_t i = 0; i < n->count; i++)
		n->slot[place_of(n, n->name[i])] = i + 1;
	return 0;
}

static uint32_t add(struct names *n, struct span name)
{
	uint8_t *octets;
	if (n->count >= NAMES_MAX || (n->count == n->size && grow(n) < 0))
		return UINT32_MAX;
	octets = malloc(name.len + 1);
	if (!octets)
		return UINT32_MAX;
	if (name.len)
		memcpy(octets, name.at, name.len);
	n->slot[place_of(n, name)] = n->count + 1;
	n->name[n->count] = span_of(octets, name.len);
	return n->count++;
}

uint32_t names_other(struct names *n, struct span name)
{
	uint32_t found = n->slot[place_of(n, name)];
	found = found ? found - 1 : add(n, name);
	if (found != UINT32_MAX) {
		n->last = found;
		n->last_name = n->name[found];
	}
	return found;
}

struct span names_text(const struct names *n, uint32_t number)
{
	return number < n->count ? n->name[number] : (struct span){NULL, 0};
}
