/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of records: any octets are taken or refused with fault lines, over the built-in lists. */
#include "lists/builtin.h"
#include "lists/loader.h"

enum { ARENA_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct error err = {""};
	struct schema_faults faults = {.err = &err};
	struct loader l = {
		.arena = &arena, .faults = &faults, .base = catalogue_builtin, .base_count = catalogue_builtin_count};
	const struct list *const *lists;
	size_t count;
	int rc = loader_add(&l, span_of(data, size), "fuzz.yaml");
	if (rc == 0)
		rc = loader_finish(&l, &lists, &count);
	if (rc == 0 && faults.count == 0)
		for (size_t i = 0; i < count; i++) {
			size_t at = 0;
			while (list_answer_find(lists[i], 0x7f000002, &at))
				;
			if (!*lists[i]->name || !*lists[i]->operator_name ||
			    loader_find(lists, count, lists[i]->zone) != lists[i])
				__builtin_trap();
		}
	arena_release(&arena);
	return 0;
}
