/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a target: one line of fault, or a target whose shown form is a target again, of the same kind. */
#include <errno.h>
#include <stdlib.h>

#include "check/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(1 << 20);
	struct target t = {0}, again = {0};
	struct error err = {""};
	int r = target_parse(span_of(data, size), &arena, &t, &err);
	must(r == 0 || r == -EINVAL);
	if (r < 0) {
		must(err.text[0] != '\0');
	} else {
		must(t.text && t.given && target_kind_text(t.kind));
		target_unaskable(&t);
		must(target_parse(span_str(t.text), &arena, &again, &err) == 0);
		must(again.kind == t.kind && strcmp(again.text, t.text) == 0);
		must(addr_equal(&t.addr, &again.addr));
	}
	arena_release(&arena);
	return 0;
}
