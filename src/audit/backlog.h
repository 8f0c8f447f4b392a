/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_BACKLOG_H
#define OFFLIST_AUDIT_BACKLOG_H

#include "base/arena.h"
#include "mta/spool.h"

/*
 * The messages of one queue, added up by who handed them in. Names are kept once and are numbers then; 0 is none. Where
 * memory's bound is reached names are 0 and `full` is set.
 */

enum {
	BACKLOG_MESSAGES_MAX = 1000000, /* 48 octets each */
	BACKLOG_TEXT_OCTETS_MAX = 48 << 20,
	BACKLOG_FILES_KEPT = 3, /* of each owner, to be looked at */
};

enum backlog_kind {
	BACKLOG_NOBODY,  /* not told */
	BACKLOG_LOGIN,   /* it logged in */
	BACKLOG_CLIENT,  /* no login; the address of a host outside this machine */
	BACKLOG_USER,    /* a program that this user ran */
	BACKLOG_LOCAL,   /* a program of this machine, or a filter that hands mail back; nothing tells whose */
	BACKLOG_BOUNCES, /* written by the mail server itself */
};

struct backlog_row {
	uint32_t owner, sender, subject, reason, client, script, recipients;
	enum spool_state state;
	bool outside; /* it goes to domains that are not served here; where these are not known: false */
	int64_t arrived_s;
};

struct backlog_owner {
	enum backlog_kind kind;
	uint32_t name;
	int64_t uid; /* -1: none */
	size_t count, held, outside;
	uint64_t recipients;
	int64_t oldest_s; /* 0: not told */
	uint32_t files[BACKLOG_FILES_KEPT];
	size_t file_count;
};

struct backlog_reason {
	struct span text; /* the first that said so */
	size_t count;
};

struct backlog {
	struct arena texts, scratch;
	struct backlog_name *names; /* by number */
	uint32_t *slots;
	size_t name_count, slot_count;
	struct backlog_row *rows;
	size_t count, room, held;
	struct backlog_owner *owners; /* by number; 0 is nobody */
	size_t owner_count, owner_room;
	struct backlog_reason *reasons; /* by number; 0 is none told */
	size_t reason_count, reason_room;
	int64_t oldest_s;
	bool serves; /* it was told domains */
	bool full;
};

/** @return 0; -ENOMEM. */
int backlog_init(struct backlog *b);
void backlog_release(struct backlog *b);

/** A domain that is served here. */
int backlog_domain(struct backlog *b, const char *domain);
bool backlog_serves(const struct backlog *b, struct span domain);
/** @param file  where it lies. @return 0; -ENOMEM. */
int backlog_add(struct backlog *b, const struct spool_message *m, const char *file);

/** The name of that number. */
struct span backlog_name(const struct backlog *b, uint32_t number);
/** What stands behind the last '@'; empty: there is none. */
struct span backlog_domain_of(struct span address);

#endif
