/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as the output of a check, as what --follow keeps, and as a time of the command line. */
#include <stdlib.h>

#include "cli/check_read.h"
#include "cli/moment.h"
#include "cli/told.h"

enum { KEPT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written alike, and read from that again to the same. */
static void keep(struct span text)
{
	struct buf first = buf_make(KEPT_MAX), second = buf_make(KEPT_MAX);
	struct told *a = told_new(), *b = told_new();
	if (!a || !b)
		abort();
	told_read(a, text);
	told_write(a, &first);
	told_read(b, buf_span(&first));
	told_write(b, &second);
	if (first.error == 0 && !span_equal(buf_span(&first), buf_span(&second)))
		abort();
	told_free(a);
	told_free(b);
	buf_release(&first);
	buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(KEPT_MAX);
	struct check_listings l = {.checked_ms = CASE_TIME_NONE};
	const struct moment_rules rules = {.now_ms = INT64_C(1795528800000), .end = size % 2};
	struct error err = {{0}};
	int64_t ms;
	char *text = arena_copy(&arena, span_of(data, size < 256 ? size : 256));
	if (listings_read(span_of(data, size), "input", &arena, &l, &err) < 0 && !err.text[0])
		abort();
	if (text && moment_parse(text, &rules, &ms, &err) < 0 && !err.text[0])
		abort();
	keep(span_of(data, size));
	arena_release(&arena);
	return 0;
}
