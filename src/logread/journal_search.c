/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of a journal file: a hash table of names, from each of which a chain leads through all its values. A new value
 * is put at the chain's head, so that places along it only go down.
 */
#include "logread/journal_data.h"
#include "logread/journal_search.h"

enum {
	AT_FIELD_TABLE = 120,
	AT_FIELD_TABLE_SIZE = 128,
	BUCKET = 16, /* the first name of it, and the last one */
	TABLE_MAX = 1 << 20,
	AT_NEXT_NAME = 24,
	AT_HEAD_VALUE = 32,
	FIELD_HEAD = 40,
	AT_NEXT_VALUE = 32,
	VALUE_OCTETS = 64, /* what is compared is shorter */
	NAMES_MAX = 100000,
	OBJECT_FIELD = 2,
};

static const char *const names[] = {"SYSLOG_FACILITY", "SYSLOG_IDENTIFIER", "_COMM"};

/* @return 1: mail's; 0: none of these values is; -1: the chain is damaged */
static int search_values(struct journal_file *f, uint64_t at)
{
	const size_t head = f->compact ? DATA_HEAD_COMPACT : DATA_HEAD;
	uint64_t before = f->view.size, size;
	const uint8_t *o;
	for (; at; at = journal_u64(o + AT_NEXT_VALUE)) {
		if (at >= before || at % 8 || !(o = journal_view_at(&f->view, at, head)) || o[AT_TYPE] != OBJECT_DATA)
			return -1;
		before = at;
		size = journal_u64(o + AT_SIZE);
		if (size <= head || size > f->view.size - at)
			return -1;
		size = size < head + VALUE_OCTETS ? size : head + VALUE_OCTETS;
		if (!(o = journal_view_at(&f->view, at, (size_t)size)))
			return -1;
		if (o[AT_FLAGS] & PACKED_ANY || journal_data_is_mail(span_of(o + head, (size_t)size - head)))
			return 1;
	}
	return 0;
}

static bool is_searched(struct span name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_equal(name, span_str(names[i])))
			return true;
	return false;
}

/* One bucket's names. @return as search_values() */
static int search_names(struct journal_file *f, uint64_t at, size_t *names_left)
{
	const uint8_t *o;
	uint64_t size, next;
	int r = 0;
	for (; at && r == 0; at = next) {
		if (!(*names_left)-- || at % 8 || !(o = journal_view_at(&f->view, at, FIELD_HEAD)) ||
		    o[AT_TYPE] != OBJECT_FIELD)
			return -1;
		size = journal_u64(o + AT_SIZE);
		next = journal_u64(o + AT_NEXT_NAME);
		if (size <= FIELD_HEAD || size > VIEW_SLACK || !(o = journal_view_at(&f->view, at, (size_t)size)))
			return -1;
		if (is_searched(span_of(o + FIELD_HEAD, (size_t)size - FIELD_HEAD)))
			r = search_values(f, journal_u64(o + AT_HEAD_VALUE));
	}
	return r;
}

bool journal_search_no_mail(struct journal_file *f)
{
	uint8_t where[BUCKET], bucket[BUCKET];
	size_t names_left = NAMES_MAX;
	uint64_t table, size;
	int r = 0;
	if (f->loss.short_file || f->loss.header || !journal_view_read(&f->view, AT_FIELD_TABLE, where, sizeof(where)))
		return false;
	table = journal_u64(where);
	size = journal_u64(where + (AT_FIELD_TABLE_SIZE - AT_FIELD_TABLE));
	if (!table || !size || size > TABLE_MAX || size % BUCKET)
		return false;
	for (uint64_t at = 0; at < size && r == 0; at += BUCKET)
		r = journal_view_read(&f->view, table + at, bucket, sizeof(bucket))
			    ? search_names(f, journal_u64(bucket), &names_left)
			    : -1;
	return r == 0;
}
