/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_DETECT_H
#define OFFLIST_DIAGNOSE_DETECT_H

#include "diagnose/burst.h"
#include "diagnose/relaying.h"
#include "diagnose/tally.h"
#include "diagnose/weights.h"
#include "diagnose/words.h"

/*
 * What detectors share. A detector weighs one stretch of one identity: each signal adds its log-odds to a prior that
 * says "no". The strongest stretch of an identity becomes its case; what is more likely than not is reported.
 */

enum { SIGNALS_MAX = 32, AGAINST_MAX = 8 };

struct candidate {
	enum cause kind;
	const struct identity *id;
	const char *subject;
	struct burst burst;
	double odds;
	double strange;             /* shapes of what its owner would not do, summed */
	double shape[SIGNAL_COUNT]; /* how strong each signal was */
	struct cause_signal signal[SIGNALS_MAX];
	size_t signal_count;
	const char *against[AGAINST_MAX];
	size_t against_count;
};

struct detect {
	const struct tally *t;
	struct arena *arena; /* NULL: weigh only, no texts */
	const struct relaying
		*relaying; /* of the identity that is weighed; NULL: it is not what clients outside relay */
};

/** Weigh one stretch; c->odds starts at 0. False: this identity is nothing for this detector. */
typedef bool weigh_fn(const struct detect *d, struct candidate *c);

struct detector {
	enum cause kind;
	enum identity_kind of;
	weigh_fn *weigh;
	const char *const *fix; /* ended by NULL; see words_advice() */
	/** The first sentence, without its end ("; certain"). */
	const char *(*sentence)(const struct detect *d, const struct candidate *c, bool running);
};

static const double cause_odds = 0; /* log-odds from which a finding is called a cause (0.5) */

#define DETECTOR(file, name) extern const struct detector detect_##name;
#include "diagnose/detectors.inc"
extern const struct detector *const detectors[]; /* ended by NULL */

/**
 * One signal, as strong as `shape` says (0 absent to 1 full; more and less are cut); what it is worth stands in the table
 * of weights. One that comes to nothing is not kept. A signal is weighed at most once a stretch.
 * @param value  what was measured, for --explain.
 */
void signal_weigh(const struct detect *d, struct candidate *c, enum signal s, double shape, double value,
		  const char *format, ...) __attribute__((format(printf, 6, 7)));
/** The same with a weight of the caller's own, in log-odds: what is no row of the table yet. */
void signal_add(const struct detect *d, struct candidate *c, const char *name, double weight, double value,
		const char *format, ...) __attribute__((format(printf, 6, 7)));
void against_add(const struct detect *d, struct candidate *c, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** 0 below `from`, `weight` from `to` on, and between them as the logarithm grows. */
double ramp(double value, double from, double to, double weight);
/** The shape of a signal: 0 up to `from`, 1 from `to` on, and between them as the logarithm grows. */
double shape_log(double value, double from, double to);
/** 1 for true. */
double shape_flag(bool on);

/* Signals that several detectors share (signals.c). */
void signal_prior(const struct detect *d, struct candidate *c);
/** Recipients that do not exist, refusals as spam. Few of them are no alibi. */
void signal_failures(const struct detect *d, struct candidate *c);
/** Against the identity's own past where there is one, else against what a person writes. */
void signal_volume(const struct detect *d, struct candidate *c, double few);
/** Envelope senders, many or of domains that are not served here. They count as strange. */
void signal_senders(const struct detect *d, struct candidate *c);
/** One text under many names. */
void signal_text_of_many(const struct detect *d, struct candidate *c);
void signal_new_recipients(const struct detect *d, struct candidate *c);
void signal_crowd(const struct detect *d, struct candidate *c);
/** How fast, how alike, and whether it ever rests. */
void signal_pace(const struct detect *d, struct candidate *c);
/** Against its days before, and how alike its messages are, however slow. */
void signal_days(const struct detect *d, struct candidate *c);
/** At night, as the rest of the server's mail tells. */
void signal_off_hours(const struct detect *d, struct candidate *c);
/** The server's own limits. */
void signal_limited(const struct detect *d, struct candidate *c);
struct senders_new { /* of a stretch: those that the identity does not use at other times, too */
	uint32_t count, foreign_domains;
	uint64_t messages;
	double share,
		foreign_share; /* of the stretch's messages: under such, and of these under domains not served here */
	double most;           /* under the one of them with most messages */
};

struct senders_new senders_new(const struct detect *d, const struct candidate *c); /* signals_senders.c */
/** Each message under another sender; `domains` of senders, those that are not ours (open_relay.c). */
void signal_forged(const struct detect *d, struct candidate *c, uint32_t domains);
/** A program's own mail, at the rhythm of all days (infected_client.c). */
void signal_usual(const struct detect *d, struct candidate *c);
/** Does the world stand behind this inside client (gateway_relay.c)? */
enum gateway_sign candidate_gateway(const struct detect *d, const struct candidate *c);
/** Did most of this stretch come through a gateway, so that nobody knows where it was sent from? */
bool came_by_gateway(const struct detect *d, const struct candidate *c);

/** Came most of this sender's mail on ways that the log does not hold? (qmail's never tells more; bulk_mail.c) */
bool sender_way_unknown(const struct identity *id);
/** A program that speaks SMTP to this host without a login: the log tells no more of it. (script.c) */
bool script_by_loopback(const struct identity *id);
/** Is this local part what the system makes of its own users: "www-data@", "root@" of this host? */
bool is_system_sender(const char *sender, const char *host);

#endif
