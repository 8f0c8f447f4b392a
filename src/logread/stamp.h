/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_STAMP_H
#define OFFLIST_LOGREAD_STAMP_H

#include <stdint.h>

#include "base/span.h"

/* Time stamps of logs to UTC. What a stamp lacks comes from its source: the year from the file's last change, the zone
 * from --tz or the system. */

#define STAMP_NONE INT64_MIN

enum { STAMP_ZONE_MAX = 64 };

/** A time zone: a fixed offset, or a name of the system's zone files ("Europe/Berlin"). */
struct zone;
/** "local", "UTC", "+02:00", "Europe/Berlin". @return 0; -EINVAL; -ENOMEM. */
int zone_new(const char *name, struct zone **ret_zone);
void zone_free(struct zone *z);
/** Seconds to add to UTC at this *local* wall time (seconds since 1970 as if it were UTC); of two, the earlier one. */
int32_t zone_offset_s(const struct zone *z, int64_t local_s);

/** Both readings of a wall time that occurs twice (clocks are set back): the earlier one first; else twice the same. */
void zone_offsets_s(const struct zone *z, int64_t local_s, int32_t ret_offset[2]);

/** The head of a source's last line, as line_read() keeps it as long as its stamp is kept. */
struct line_head {
	uint8_t text[96]; /* up to the blank after the host, or where there is none, after the stamp */
	size_t len;       /* 0: none is kept */
	size_t host_at, host_len;
	bool own; /* of a log that a program writes itself */
};

/** State of one source. The last stamp's text and value are kept, so that equal stamps are read once. */
struct stamps {
	const struct zone *zone;
	int64_t written_ms; /* when the source was last written: no stamp is later (RFC 3164 has no year) */
	int first_year;     /* of the first year-less stamp; 0: the latest that is possible */
	int year;           /* of the last year-less stamp; 0: none read yet */
	int month;
	int64_t last_ms; /* of the last local stamp; 0: none. It tells which of two hours of the same name is meant */
	int64_t quarter; /* of an hour of wall time, whose offsets are kept: no change is inside one; 0: none */
	int32_t offset[2];
	uint8_t kept[40]; /* text of the last stamp */
	size_t kept_len;
	int64_t kept_ms;
	struct line_head head;
};

static inline struct stamps stamps_of(const struct zone *zone, int64_t written_ms)
{
	return (struct stamps){.zone = zone, .written_ms = written_ms};
}

/**
 * Read the stamp a text begins with.
 * Year-less: the first one takes the latest year in which it is no later than written_ms (a day's grace); afterwards
 * the year goes up where December turns to January, and back where a late line of the old year follows.
 * @param ret_len  octets that the stamp takes, without the blank after it.
 * @return UTC milliseconds; STAMP_NONE: the text begins with none.
 */
int64_t stamp_read(struct stamps *s, struct span text, size_t *ret_len);
/** Does the text begin with the stamp that is kept? */
bool stamp_is_kept(const struct stamps *s, struct span text);

#endif
