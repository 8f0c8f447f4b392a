/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as words, a reply or configuration: explained or refused with one line; what is written instead has
 * nothing left to mend that could be left out. */
#include <errno.h>
#include <stdlib.h>

#include "explain/explain.h"

enum { ARENA_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalogue *built_in(void)
{
	static struct catalogue *c;
	const struct catalogue_config none = {0};
	if (!c && catalogue_load(&none, NULL, NULL, &c, NULL) < 0)
		abort();
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct explanation x = {0};
	struct error err = {""};
	int rc = explain(built_in(), span_of(data, size), &arena, &x, &err);
	if (rc < 0 && !err.text[0])
		abort();
	if (rc == 0 && (x.count == 0 || !x.items))
		abort();
	for (const struct explain_item *i = x.items; rc == 0 && i; i = i->next)
		if (i->kind == EXPLAIN_CONFIG && (!i->zone || !i->given))
			abort();
	arena_release(&arena);
	return 0;
}
