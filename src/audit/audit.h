/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_AUDIT_H
#define OFFLIST_AUDIT_AUDIT_H

#include <stdbool.h>

#include "audit/finding.h"
#include "base/arena.h"
#include "base/error.h"
#include "dns/network.h"

/*
 * Looks at the server itself for what no log shows. Each audit is one file and one row of audits.inc; it is stepped: whoever
 * runs it tells it the time, and waits until its descriptor is ready or its deadline has come.
 */

enum { AUDIT_FINDINGS_MAX = 1000, AUDIT_EVIDENCE_MAX = 8 };

struct audit_config {
	const char *root;      /* "" normally; a folder in tests that stands for "/" */
	int64_t watch_us;      /* how long what is short-lived is looked for */
	int64_t now_s;         /* Unix time when it began; 0: not known */
	bool all_users;        /* other users' processes may be looked at: root */
	bool sessions;         /* SMTP sessions with the machine's own server may be begun */
	bool thorough;         /* more than a few of them: the audit was named */
	const char *elsewhere; /* a domain whose mail goes to another server; NULL: one that does not exist */
	/* Whom lookups go to, by network->lookup(); its callback makes its audit due: deadline_us = 0. NULL: nobody is asked */
	const struct dns_network *network;
};

/** One audit while it runs, and what came of it. */
struct audit {
	const struct audit_row *row;
	const struct audit_config *config;
	void *state; /* its own */
	bool ended;
	const char *why;  /* NULL: it was done; else what it could not do, one line */
	const char *note; /* what a person should know of it; NULL: nothing */
	int64_t deadline_us;
	int fd; /* it is stepped when this is ready; -1: only at its deadline. What it waits for may change with each step */
	unsigned int events; /* LOOP_READ, LOOP_WRITE or both (net/loop.h) */
	bool ready;          /* set by who waits, before a step; the step need not clear it */
};

/** All that were asked for, and what they found, worst first after audits_settle(). */
struct audits {
	struct arena *arena;
	struct audit_config config;
	struct audit *at;
	size_t count;
	struct audit_finding *findings;
	size_t finding_count;
	bool full; /* there were more */
	int error; /* -ENOMEM; sticks */
};

struct audit_row {
	const char *name, *summary;
	bool at_a_glance; /* worth something within a second, without a packet: offlist diagnose shows it too */
	bool watches;     /* for audit_config.watch_us */
	bool asks_dns;    /* it is given a network */
	/** @return 0; a negative errno: `why` tells, or memory is used up. */
	int (*begin)(struct audits *all, struct audit *a, int64_t now_us);
	/** Do what is due, set the next deadline, or `ended`. */
	void (*step)(struct audits *all, struct audit *a, int64_t now_us);
	/** It is ended before its time: tell what was seen until now. NULL: nothing can be told. */
	void (*interrupt)(struct audits *all, struct audit *a);
	void (*release)(struct audit *a);
};

extern const struct audit_row *const audit_rows[]; /* ended by NULL; table: audits.inc */

/** The row of that name; NULL: none. */
const struct audit_row *audit_row_find(const char *name);

/**
 * Begin them. @param rows  `count` of them; all where it is 0. @param arena  owns all texts.
 * @return 0; -ENOMEM.
 */
int audits_begin(struct audits *all, const struct audit_row *const *rows, size_t count, struct arena *arena,
		 int64_t now_us);
/** @return whether all have ended. */
bool audits_step(struct audits *all, int64_t now_us);
int64_t audits_deadline_us(const struct audits *all);
/** Those that have not ended tell what they saw, and that they were interrupted. */
void audits_interrupt(struct audits *all);
/** Sort the findings: severity, then the audits' order. */
void audits_settle(struct audits *all);
void audits_release(struct audits *all);

/** Has each seen all that it looks at, with nothing to note? */
bool audits_whole(const struct audits *all);
/** Findings of this severity or more, from the first on; after audits_settle(). */
size_t audits_worse(const struct audits *all, enum severity least);

/** For an audit: add one. Texts live in the arena; `evidence` may hold fewer than AUDIT_EVIDENCE_MAX texts. */
void audit_found(struct audits *all, const char *id, const char *subject, const char *detail,
		 const char *const *evidence, size_t evidence_count);
/** For an audit: a command for the finding that it added last. `text` lives in the arena; NULL: memory is used up. */
void audit_command(struct audits *all, const char *what, const char *text);
/** For an audit: it cannot be done, and why. */
void audit_cannot(struct audits *all, struct audit *a, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
