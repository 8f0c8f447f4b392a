/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of the journal: every line lies within bounds, reading ends, and what is lost can be told. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "logread/source_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum(struct span s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.at[i];
	return n;
}

static void read_all(struct reader *r, size_t size)
{
	uint64_t count = 0;
	while (reader_next(r, true) == 1) {
		sum(r->line.raw);
		sum(r->line.text);
		sum(r->line.host);
		sum(r->line.program);
		if (!r->line.raw.len || r->line.raw.len > LOG_LINE_MAX + 16384 || ++count > size)
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("journal", MFD_CLOEXEC);
	struct journal *journal;
	struct journal_gap gap;
	struct error err;
	struct reader *r;
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size && journal_open(path, &journal, &err) == 0 &&
	    reader_of_journal(journal, stamps_of(NULL, 0), 0, &r) == 0) {
		read_all(r, size);
		journal_seek(journal, 1795990000500);
		read_all(r, size);
		for (size_t i = 0; journal_gap(journal, i, &gap); i++)
			sum(span_str(gap.why));
		reader_free(r);
	}
	if (fd >= 0)
		close(fd);
	return 0;
}
