/* SPDX-License-Identifier: BSD-2-Clause */
#include "journal_make.h"

#include <stdio.h>

#include "logread/journal_format.h"

enum { HEADER_SIZE = 272, FILE_MAX = 64 << 20, FIRST_ARRAY = 4 };

static void put(struct journal_make *m, uint64_t at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		m->file.at[at + i] = (char)(value >> 8 * i);
}

/* Room for an object, all zero but its head. */
static uint64_t object(struct journal_make *m, unsigned type, unsigned flags, size_t size)
{
	uint64_t at = m->file.len;
	for (size_t i = 0; i < (size + 7) / 8; i++)
		buf_add(&m->file, span_of("\0\0\0\0\0\0\0", 8));
	put(m, at + AT_TYPE, type, 1);
	put(m, at + AT_FLAGS, flags, 1);
	put(m, at + AT_SIZE, size, 8);
	return at;
}

void journal_make_begin(struct journal_make *m, uint32_t incompatible)
{
	*m = (struct journal_make){
		.file = buf_make(FILE_MAX), .compact = incompatible & JOURNAL_COMPACT, .seqnum_id = 0x5e, .boot = 0xb0};
	object(m, 0, 0, HEADER_SIZE);
	memcpy(m->file.at, JOURNAL_MARK, 8);
	put(m, AT_SIZE, 0, 4);
	put(m, AT_INCOMPATIBLE, incompatible, 4);
}

static size_t data_head(const struct journal_make *m)
{
	return m->compact ? DATA_HEAD_COMPACT : DATA_HEAD;
}

static struct span datum_at(const struct journal_make *m, uint64_t at)
{
	const uint8_t *o = (const uint8_t *)m->file.at + at;
	return span_of(o + data_head(m), journal_u64(o + AT_SIZE) - data_head(m));
}

uint64_t journal_make_datum(struct journal_make *m, struct span payload, unsigned flag)
{
	uint64_t at;
	for (size_t i = 0; i < m->data_count; i++)
		if (span_equal(datum_at(m, m->data[i]), payload))
			return m->data[i];
	at = object(m, OBJECT_DATA, flag, data_head(m) + payload.len);
	memcpy(m->file.at + at + data_head(m), payload.at, payload.len);
	if (m->data_count < JOURNAL_MADE_MAX)
		m->data[m->data_count++] = at;
	return at;
}

/* Link the entry into the chain, whose arrays become greater. */
static void link_entry(struct journal_make *m, uint64_t at)
{
	const size_t item = m->compact ? 4 : 8;
	if (m->array_used == m->array_room) {
		m->array_room = m->array_room ? m->array_room * 2 : FIRST_ARRAY;
		uint64_t array = object(m, OBJECT_ENTRY_ARRAY, 0, ARRAY_HEAD + m->array_room * item);
		put(m, m->array ? m->array + AT_NEXT_ARRAY : AT_ENTRY_ARRAY, array, 8);
		m->array = array;
		m->array_used = 0;
	}
	put(m, m->array + ARRAY_HEAD + m->array_used++ * item, at, item);
	m->entry_count++;
}

void journal_make_entry(struct journal_make *m, uint64_t at_us, const uint64_t *data, size_t count)
{
	const size_t item = m->compact ? 4 : 16;
	uint64_t at = object(m, OBJECT_ENTRY, 0, ENTRY_HEAD + count * item);
	put(m, at + AT_SEQNUM, ++m->seqnum, 8);
	put(m, at + AT_REALTIME, at_us, 8);
	put(m, at + AT_MONOTONIC, m->seqnum * 1000, 8);
	memset(m->file.at + at + AT_BOOT_ID, m->boot, 16);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *o = (const uint8_t *)m->file.at + data[i];
		put(m, at + ENTRY_HEAD + i * item, data[i], m->compact ? 4 : 8);
		put(m, data[i] + AT_DATA_ENTRIES, journal_u64(o + AT_DATA_ENTRIES) + 1, 8);
	}
	if (!m->entry_count)
		m->head_us = at_us;
	m->tail_us = at_us;
	link_entry(m, at);
}

void journal_make_line(struct journal_make *m, uint64_t at_us, const char *message)
{
	char text[4096];
	uint64_t data[6];
	size_t n = 0;
	data[n++] = journal_make_datum(m, span_str("SYSLOG_FACILITY=2"), 0);
	data[n++] = journal_make_datum(m, span_str("SYSLOG_IDENTIFIER=postfix/smtpd"), 0);
	data[n++] = journal_make_datum(m, span_str("_HOSTNAME=mx1"), 0);
	data[n++] = journal_make_datum(m, span_str("SYSLOG_PID=4711"), 0);
	data[n++] = journal_make_datum(m, span_str("_TRANSPORT=syslog"), 0);
	snprintf(text, sizeof(text), "MESSAGE=%s", message);
	data[n++] = journal_make_datum(m, span_str(text), 0);
	journal_make_entry(m, at_us, data, n);
}

struct span journal_make_end(struct journal_make *m, unsigned state)
{
	put(m, AT_STATE, state, 1);
	memset(m->file.at + AT_SEQNUM_ID, m->seqnum_id, 16);
	memset(m->file.at + AT_FILE_ID, m->seqnum_id + (int)(m->seqnum - m->entry_count), 16);
	put(m, AT_HEADER_SIZE, HEADER_SIZE, 8);
	put(m, AT_ARENA_SIZE, m->file.len - HEADER_SIZE, 8);
	put(m, AT_N_ENTRIES, m->entry_count, 8);
	put(m, AT_HEAD_SEQNUM, m->seqnum - m->entry_count + 1, 8);
	put(m, AT_HEAD_REALTIME, m->head_us, 8);
	put(m, AT_TAIL_REALTIME, m->tail_us, 8);
	return buf_span(&m->file);
}

void journal_make_release(struct journal_make *m)
{
	buf_release(&m->file);
}
