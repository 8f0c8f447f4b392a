/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SPOOL_POSTFIX_H
#define OFFLIST_MTA_SPOOL_POSTFIX_H

#include "mta/spool.h"

/*
 * Queue files of Postfix: records of a type, a length (seven bits an octet, the lowest first) and a text. The first tells
 * where the message's own lines lie and how many octets they are; pointers lead from one place to another, where a milter has
 * changed something. Read as postcat(1) does, from pieces of the file: whoever reads brings the piece that is asked for.
 */

enum spool_part { SPOOL_ENVELOPE, SPOOL_HEADER, SPOOL_BODY, SPOOL_EXTRACTED };

struct spool_record {
	uint64_t offset; /* in the file */
	uint8_t type;
	enum spool_part part;
	struct span text; /* part of the piece */
};

enum spool_progress { SPOOL_RECORD, SPOOL_WANTS, SPOOL_DONE, SPOOL_FAULT };

struct spool_postfix {
	uint64_t at;     /* where the next record begins: a piece from there on is wanted */
	size_t wanted;   /* octets of it at least, or all up to the file's end */
	const char *why; /* what is wrong with it (SPOOL_FAULT) */
	enum spool_part part;
	uint8_t previous;
	bool told; /* where the lines lie: data_at, data_octets */
	uint64_t data_at, data_octets;
	unsigned int backward; /* pointers followed towards the file's beginning */
};

/** At the file's first octet. */
static inline struct spool_postfix spool_postfix_begin(void)
{
	return (struct spool_postfix){.wanted = 1};
}

/**
 * The next record; the body's are left out. Pointers are followed and not shown.
 * @param piece     octets of the file from piece_at on. @param to_end  behind it there is nothing.
 */
enum spool_progress spool_postfix_next(struct spool_postfix *p, struct span piece, uint64_t piece_at, bool to_end,
				       struct spool_record *ret_record);

/** What a record says of the message. */
void spool_postfix_take(struct spool_message *m, const struct spool_record *r);
/** After the last one: the user whose program handed it in, of pickup(8)'s own Received line. */
void spool_postfix_settle(struct spool_message *m);

/** Why it waits: the first reason of its defer file (bounce(5) of Postfix, "name=value" lines). */
void spool_postfix_defer(struct spool_message *m, struct span text);

#endif
