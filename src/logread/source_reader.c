/* SPDX-License-Identifier: BSD-2-Clause */
/* One input being read. */
#include <errno.h>
#include <stdlib.h>

#include "logread/source_reader.h"

static struct reader *reader_new(struct stamps stamps, uint32_t file)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->stamps = stamps;
	r->file = file;
	r->key_ms = r->last_ms = STAMP_NONE;
	unwrap_init(&r->unwrap);
	return r;
}

int reader_of_blocks(struct blocks *blocks, struct stamps stamps, uint32_t file, struct reader **ret_reader)
{
	struct reader *r = reader_new(stamps, file);
	if (!r) {
		blocks_free(blocks);
		return -ENOMEM;
	}
	lines_init(&r->lines, blocks);
	*ret_reader = r;
	return 0;
}

int reader_of_journal(struct journal *journal, struct stamps stamps, uint32_t file, struct reader **ret_reader)
{
	struct reader *r = reader_new(stamps, file);
	if (!r) {
		journal_free(journal);
		return -ENOMEM;
	}
	r->journal = journal;
	*ret_reader = r;
	return 0;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	lines_release(&r->lines);
	unwrap_release(&r->unwrap);
	journal_free(r->journal);
	free(r);
}

static int given(struct reader *r, uint64_t number)
{
	r->line.source = r->file;
	r->line.number = number;
	if (r->line.at_ms != STAMP_NONE)
		r->key_ms = r->last_ms = r->line.at_ms;
	r->count++;
	return 1;
}

static int journal_line(struct reader *r)
{
	struct record *record = &r->unwrap.record;
	int got;
	while ((got = journal_next(r->journal, record)) == 1) {
		got = record_line(record, &r->stamps, &r->line);
		if (got < 0)
			return got;
		if (got == 1)
			return given(r, r->count + 1);
	}
	return got;
}

static struct span without_mark(struct raw_line raw)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf}; /* UTF-8's byte order mark, as editors put it in front */
	bool marked = raw.offset == 0 && raw.text.len >= sizeof(mark) && memcmp(raw.text.at, mark, sizeof(mark)) == 0;
	return marked ? span_from(raw.text, sizeof(mark)) : raw.text;
}

int reader_next(struct reader *r, bool last)
{
	struct raw_line raw;
	int got;
	if (r->journal)
		return journal_line(r);
	while ((got = lines_next(&r->lines, last, &raw)) == 1) {
		r->open_end = raw.open;
		r->number = raw.number;
		if (raw.offset == 0)
			raw.text = without_mark(raw);
		if (unwrap_wanted(&r->unwrap, raw.text)) {
			got = unwrap_line(&r->unwrap, &r->lines, raw.text, &r->stamps, &r->line);
			if (got < 0)
				return got;
			if (got == 0)
				continue;
		} else if (raw.text.len) {
			line_read(raw.text, &r->stamps, &r->line);
		} else {
			continue;
		}
		return given(r, raw.number);
	}
	if (got == 0 && last)
		got = unwrap_end(&r->unwrap, &r->stamps, &r->line);
	return got == 1 ? given(r, r->number) : got;
}
