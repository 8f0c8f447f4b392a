/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CASE_CAUSE_H
#define OFFLIST_CASE_CAUSE_H

#include "base/arena.h"
#include "lists/lists.h"

/* What the steps hand to each other: listings (from check), causes and private blocks (from diagnose). Values only;
 * texts live in the arena of the report they belong to. Times are UTC milliseconds; CASE_TIME_NONE: not known. */

#define CASE_TIME_NONE INT64_MIN

struct case_listing { /* one reason of one listed list, from check --json */
	const char *target, *zone, *name, *code, *list, *meaning;
	enum list_class class;
	enum impact impact;
	bool neighbour;
	uint32_t suggests; /* bits 1 << enum cause */
	int64_t checked_ms;
	int64_t from_ms, to_ms; /* listed between these: the last good and the first refused delivery that names it */
};

struct cause_evidence {
	const char *what; /* "accepted with this login" */
	int64_t at_ms;
	const char *source; /* "mail.log:12345" */
	const char *line;
};

struct cause_signal {         /* for --explain */
	const char *name;     /* "client_networks" */
	const char *text;     /* "31 networks in the hour; 1 before" */
	double value, weight; /* weight: log-odds it adds; below 0: it speaks against */
};

enum { CAUSE_HOURS_MAX = 24 * 62 };

struct cause_row {
	enum cause kind;
	const char *subject;
	const char *host; /* syslog host where the log has several; else NULL */
	const char *sentence;
	double confidence; /* 0..1 */
	int64_t first_at_ms, last_at_ms;
	bool running;          /* seen within the last hour of the window */
	bool explains_listing; /* the time of a listing is known, and it was before that, and not long before */
	uint64_t messages, recipients, rejected, deferred, unknown_users;
	uint64_t waiting, held;   /* recipients in the queue still, deferred ones included; of these kept from it */
	uint64_t normal_per_hour; /* the identity's own usual recipients in an hour; for "against normal" */
	const struct cause_evidence *evidence;
	size_t evidence_count;
	const char **against;
	size_t against_count;
	const char **fix;
	size_t fix_count;
	const char **networks; /* of a stolen login: "203.0.113.0/24", not usual for it, most messages first */
	size_t network_count;
	const struct cause_signal *signals;
	size_t signal_count;
	int64_t hours_from_ms; /* recipients by hour, for the timeline */
	const uint32_t *hours;
	size_t hour_count;
};

struct private_block {
	const char *receiver, *reply, *meaning;
	int64_t first_at_ms, last_at_ms;
	uint64_t count;
	bool temporary, unknown_text; /* unknown_text: block-like, in no record */
	const char *removal_url, *procedure;
	const char *address; /* quoted by the receiver; NULL: none */
	const char *zone;    /* a public list it names; NULL: none */
	const char *source;  /* "mail.log:123" of the last one */
	const char *line;
};

#endif
