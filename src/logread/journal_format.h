/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_FORMAT_H
#define OFFLIST_LOGREAD_JOURNAL_FORMAT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/*
 * A file of systemd's journal as its documentation has it (JOURNAL_FILE_FORMAT): where things stand in it, in octets. All
 * numbers are little-endian. Objects are only ever added behind the others, so that an offset to an array or an entry that
 * comes later is greater.
 */

#define JOURNAL_MARK "LPKSHHRH"

enum {
	JOURNAL_HEADER_MIN = 208, /* what every version has */
	JOURNAL_HEADER_MAX = 4096,
	JOURNAL_ITEMS_MAX = 1024,  /* fields of one entry (systemd's ENTRY_FIELD_COUNT_MAX) */
	JOURNAL_TIME_BITS = 55,    /* a greater time in us is a damaged one, as systemd has it */
	JOURNAL_ENTRY_OCTETS = 64, /* of an entry without any field: no file has more entries than its size allows */
	JOURNAL_UNPACKED_MAX = 16 << 20, /* of a packed object; a mail program's message is a few hundred octets */
};

enum { /* the file's header */
       AT_INCOMPATIBLE = 12,
       AT_STATE = 16,
       AT_FILE_ID = 24,
       AT_SEQNUM_ID = 72,
       AT_HEADER_SIZE = 88,
       AT_ARENA_SIZE = 96,
       AT_N_ENTRIES = 152,
       AT_HEAD_SEQNUM = 168,
       AT_ENTRY_ARRAY = 176,
       AT_HEAD_REALTIME = 184,
       AT_TAIL_REALTIME = 192,
};

enum { /* objects */
       AT_TYPE = 0,
       AT_FLAGS = 1,
       AT_SIZE = 8,
       OBJECT_HEAD = 16,
       AT_DATA_ENTRIES = 56, /* how many entries have it */
       DATA_HEAD = 64,
       DATA_HEAD_COMPACT = 72,
       AT_SEQNUM = 16,
       AT_REALTIME = 24,
       AT_MONOTONIC = 32,
       AT_BOOT_ID = 40,
       AT_XOR_HASH = 56,
       ENTRY_HEAD = 64,
       AT_NEXT_ARRAY = 16,
       ARRAY_HEAD = 24,
};

enum { OBJECT_DATA = 1, OBJECT_ENTRY = 3, OBJECT_ENTRY_ARRAY = 6, OBJECT_LAST = 7 };

enum { /* what a reader has to know */
       JOURNAL_HAS_XZ = 1 << 0,
       JOURNAL_HAS_LZ4 = 1 << 1,
       JOURNAL_KEYED_HASH = 1 << 2, /* of the hash tables, which are not used here */
       JOURNAL_HAS_ZSTD = 1 << 3,
       JOURNAL_COMPACT = 1 << 4,
       JOURNAL_KNOWN = (1 << 5) - 1,
};

enum {
	PACKED_XZ = 1 << 0,
	PACKED_LZ4 = 1 << 1,
	PACKED_ZSTD = 1 << 2,
	PACKED_ANY = (1 << 3) - 1
}; /* an object's flags */

enum { JOURNAL_OFFLINE, JOURNAL_ONLINE, JOURNAL_ARCHIVED };

static inline uint64_t journal_u64(const uint8_t *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

static inline uint32_t journal_u32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

#endif
