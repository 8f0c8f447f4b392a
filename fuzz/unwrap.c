/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of lines, wrapped in any way or not: every line given lies within bounds, numbers go up, reading ends. */
#include "logread/source_reader.h"

enum { WRITTEN_S = 1795996800 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch every octet: the sanitizer tells where one does not belong to the line. */
static uint64_t sum(struct span s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.at[i];
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blocks *blocks;
	struct reader *r;
	uint64_t number = 0, count = 0;
	if (blocks_of_memory(span_of(data, size), &blocks) < 0 ||
	    reader_of_blocks(blocks, stamps_of(NULL, INT64_C(1000) * WRITTEN_S), 0, &r) < 0)
		return 0;
	while (reader_next(r, true) == 1) {
		sum(r->line.raw);
		sum(r->line.text);
		sum(r->line.host);
		sum(r->line.program);
		if (!r->line.raw.len || r->line.raw.len > LOG_LINE_MAX + 16384 || r->line.number < number ||
		    lines_offset(&r->lines) > size || ++count > size)
			__builtin_trap();
		number = r->line.number;
	}
	reader_free(r);
	return 0;
}
