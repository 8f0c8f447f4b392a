/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_WHOLE_H
#define OFFLIST_DIAGNOSE_WHOLE_H

#include "diagnose/fate.h"
#include "logjoin/mail_message.h"

/* What receivers refuse whoever wrote it: for the server's names (PTR, HELO), for a sending domain's SPF, DKIM and DMARC, for
 * an address range that is not to send mail directly. Counted by what it is about. */

enum whole_kind {
	WHOLE_HOST,   /* cause identity, about this host */
	WHOLE_DOMAIN, /* cause identity, about a sending domain */
	WHOLE_RANGE,  /* cause policy_listing, about a list */
	WHOLE_LISTED, /* a list of which some answers are policy: evidence beside WHOLE_RANGE only */
	WHOLE_OTHER,  /* any other listing: then the range is not what is wrong */
};

enum { WHOLE_ROWS_MAX = 32, WHOLE_LINES = 3, WHOLE_NAME_SIZE = 256 };

struct whole_line {
	char *text;
	uint32_t source;
	uint64_t number;
	int64_t at_ms;
	uint64_t receiver; /* its bit: each line is another receiver's */
};

struct whole_row {
	enum whole_kind kind;
	char name[WHOLE_NAME_SIZE];    /* the domain; the list's zone, "" where none is named */
	uint64_t recipients, deferred; /* of them, those that wait for another try */
	uint64_t total;                /* of a domain: recipients of its mail from the first to the last of these */
	uint64_t since;                /* of them, after the last */
	uint64_t receivers;            /* about how many domains: linear counting over 64 bits */
	int64_t first_ms, last_ms;
	struct whole_line line[WHOLE_LINES];
};

struct whole {
	struct whole_row row[WHOLE_ROWS_MAX];
	uint32_t count, domains; /* rows; of domains */
	int error;
};

void whole_release(struct whole *w);
/**
 * Note what became of a recipient of mail that begins here (not of a forward, a notice or a client outside).
 * @param sender  envelope sender.
 */
void whole_note(struct whole *w, struct span sender, const struct mail_delivery *d, const struct fate *f);

#endif
