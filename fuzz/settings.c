/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist.yaml: any octets are taken or refused with fault lines. */
#include <errno.h>

#include "config/settings.h"

enum { ARENA_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct error err = {""};
	struct schema_faults faults = {.err = &err};
	struct settings s = {0};
	int rc = settings_read(span_of(data, size), "fuzz.yaml", &arena, &faults, &s);
	if (rc == 0 && (!s.dns.resolver || faults.count))
		__builtin_trap();
	if (rc != 0 && !faults.count && rc != -ENOMEM)
		__builtin_trap();
	arena_release(&arena);
	return 0;
}
