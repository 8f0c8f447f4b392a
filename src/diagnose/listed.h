/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_LISTED_H
#define OFFLIST_DIAGNOSE_LISTED_H

#include "diagnose/fate.h"

/* Since when are we listed? DNS does not tell; our own deliveries bound it: a receiver that asks a list accepted at one
 * time, and refused with the list's name at a later one. */

enum { RECEIVERS_SEEN_MAX = 1 << 14, ZONES_SEEN_MAX = 64, ZONE_TEXT_SIZE = 256 };

struct receiver_seen {
	uint32_t tag;        /* upper half of its name's hash; 0: free */
	uint32_t zone;       /* index + 1 of the zone that it named in a refusal */
	int64_t accepted_ms; /* last one; before its first refusal that names a zone, if there was one */
};

struct zone_seen {
	char zone[ZONE_TEXT_SIZE];
	int64_t refused_ms;  /* first refusal that names it, anywhere */
	int64_t accepted_ms; /* last acceptance before that by a receiver that names it later; CASE_TIME_NONE: none */
	int64_t last_ms;     /* last refusal */
	uint64_t count;
	uint32_t suggests; /* bits 1 << enum cause of its record in the catalogue */
};

struct listed {
	struct receiver_seen *receivers; /* direct-mapped with a short search */
	struct zone_seen zones[ZONES_SEEN_MAX];
	uint32_t zone_count;
	int error;
};

void listed_release(struct listed *l);
/** @param relay  hash_name() of the delivery's relay. */
void listed_note(struct listed *l, const struct mail_delivery *d, const struct fate *f, uint64_t relay);
/** Begin to fetch what listed_note() will touch. */
void listed_fetch(const struct listed *l, uint64_t relay);

#endif
