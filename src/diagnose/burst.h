/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_BURST_H
#define OFFLIST_DIAGNOSE_BURST_H

#include "diagnose/identity.h"
#include "diagnose/places.h"
#include "diagnose/shared.h"

struct ground { /* what a log shows beside the identity */
	const struct places *places;
	const struct shared *shared; /* networks that logins have in common */
	int64_t from_ms;             /* where the log begins */
};

/* A stretch of an identity's hours, what happened in it, and what was usual before. */

enum { BURSTS_MAX = 7 };

struct burst {
	uint32_t first_hour, last_hour;
	uint32_t home_hour;    /* places that were usual by then are its own */
	uint32_t letters_most; /* where that is not its first hour: recipients in its strongest hour until then */
	int64_t first_ms, last_ms;
	uint64_t messages, recipients, fresh, bad, unknown, spam, listed, rate, deferred, rejected, other;
	uint64_t rapid, switches, run, sorted, alike, waiting, held, unnamed, limited, pairs,
		by_login;        /* as of hours */
	uint64_t returned;       /* of hours; at most the recipients that did not fail at once */
	uint32_t peak;           /* recipients in its strongest hour */
	uint32_t hours;          /* with mail */
	uint32_t networks_peak;  /* in one hour */
	uint32_t networks_sum;   /* of all its hours: there are no more in it */
	uint32_t networks;       /* that mail came from in it */
	uint32_t networks_new;   /* of those, not seen before it */
	uint32_t settled;        /* of the networks, those that come back after a day and more */
	uint32_t providers;      /* /16s or /32s of them */
	uint32_t providers_once; /* of those, such as it came from in one hour of the log, and never again */
	uint64_t from_new;       /* messages, about, from networks not seen before */
	uint64_t from_usual;     /* from networks that it used again and again before */
	uint64_t from_rare;      /* from networks that it hardly used before or never, and nobody else here did */
	double rare_share;       /* of its messages or, where that is more, of its recipients */
	uint64_t rare_recipients, rare_fresh; /* of what came from those; new to it */
	uint64_t from_here;                   /* from a webmail's address: nobody knows where it came from */
	uint32_t senders, senders_peak;
	uint32_t foreign; /* senders of domains not served here */
	uint32_t foreign_domains;
	double foreign_share; /* of messages */
	/* before it */
	bool past;           /* there is enough of it to compare with */
	bool silent;         /* the log goes back a day and more, and it sent nothing then */
	uint32_t past_hours; /* with mail */
	uint64_t past_messages, past_recipients;
	uint32_t past_usual, past_strong; /* recipients in an hour with mail: median, and its nineteenth twentieth */
	uint32_t past_most;               /* in its strongest hour */
	uint32_t past_day_most;           /* in its strongest day */
	uint32_t past_networks_peak, past_senders_peak;
	double past_other, past_by_login; /* shares of messages */
	double past_bad;                  /* share of recipients */
	double past_fresh; /* share of recipients that were new to it, in the later half of that time's mail */
};

/**
 * Stretches worth a look: all, around the most recipients, failures, networks, senders.
 * @return how many.
 */
size_t bursts_find(const struct identity *id, const struct ground *g, struct burst bursts[BURSTS_MAX]);

/** Add what the same identity sent alike outside the burst: further waves, and the rest of an hour that was cut off. The
 * past stays that of the burst. */
void burst_widen(const struct identity *id, const struct ground *g, struct burst *b);

/** Was it first seen with the burst (its first hour), and not used before? */
bool network_is_new(const struct network *w, uint32_t burst_hour);

/** Recipients that do not exist or refused it as spam, at once or in a notice of our relay host. */
uint64_t burst_failed(const struct burst *b);

/** Of none it is 0. */
static inline double share_of(uint64_t n, uint64_t of)
{
	return of ? (double)n / (double)of : 0;
}

/** Lower end of what a share may be, seen `n` of `of` (Wilson's interval, about one in ten below). */
double share_low(uint64_t n, uint64_t of);

#endif
