/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_CHECK_REPORT_H
#define OFFLIST_CLI_CHECK_REPORT_H

#include "base/buf.h"
#include "base/json.h"
#include "check/reverse.h"
#include "cli/changes.h"

/* How results of a check are written. A format fills `out`; report_flush() redacts keys and prints. */

struct report;

struct report_format {
	const char *name;
	void (*begin)(struct report *r); /* each of these may be NULL */
	void (*fault)(struct report *r); /* the resolver's, in r->fault; before the first result */
	void (*row)(struct report *r, const struct target *t, const struct check_row *row); /* as it settles */
	void (*result)(struct report *r, const struct check_result *result);
	void (*end)(struct report *r, const struct check_totals *totals);
	void (*release)(struct report *r);
};

extern const struct report_format report_text, report_json, report_csv, report_nagios, report_prometheus;

struct report {
	const struct report_format *format;
	const struct catalogue *catalogue; /* for redaction; NULL in tests */
	bool fleet, verbose, colour;
	bool fold;       /* a fleet on a terminal: by list and range at the end */
	bool quiet;      /* only what is listed */
	bool own_server; /* no target was named: this server was checked */
	bool told_first; /* what comes before asking for removal was said */
	unsigned width;  /* columns */
	unsigned height; /* rows of the terminal, 0: none */
	enum impact min_impact;
	uint64_t warning, critical; /* nagios: so many listings of a target make it that; 0: rule 9 decides */
	const char *now;            /* RFC 3339, for the summary */
	const char *resolver;
	struct buf out;
	struct arena scratch; /* released after each call */
	int status;           /* exit status so far, joined */
	uint64_t results;
	struct check_fault fault; /* of the resolver; kind NULL: none */
	char fault_address[64], fault_sentence[512];
	const struct changes *changes; /* of the next result since its last check; NULL: no check before it */
	const struct reverse *reverse; /* names of the next result's address; NULL: not looked up */
	const char *helo; /* the name that this server says in HELO; NULL: not known, or another's address */
	void *own;        /* the format's */
};

enum { REPORT_OUT_MAX = 256 << 20, REPORT_SCRATCH_MAX = 64 << 20 };

void report_init(struct report *r, const struct report_format *format);
void report_release(struct report *r);
void report_begin(struct report *r);
void report_fault(struct report *r, const struct check_fault *fault);
void report_row(struct report *r, const struct target *t, const struct check_row *row);
void report_result(struct report *r, const struct check_result *result);
/** @return the exit status of all results: verdicts joined, or those of Nagios. */
int report_end(struct report *r, const struct check_totals *totals);
/** Redact, print, empty `out`. @return 0 or a negative errno of standard output (or of `out`). */
int report_flush(struct report *r);

/** The format of that name; NULL: none. */
const struct report_format *report_format_named(const char *name);

/* report_facts.c: what several formats need */

/** What stands before a zone: the address or name, without a URL's path or a mail address's local part. */
const char *report_asked_name(const struct target *t, struct arena *arena);
/** "3 of 4 lists gave no usable answer", of all that were queried. */
void report_unanswered(struct buf *out, const struct verdict_tally *t);
/** The removal to begin with: of the sub-list that others want left first, else of the strongest reason; the list's own
 * without one. */
const struct removal *report_removal(const struct check_row *row);
/** What a reason affects: "192.0.2.10", "192.0.2.0/24", "2001:db8::/64", "example.com". */
const char *report_scope_value(const struct target *t, const struct reason *reason, struct arena *arena);
bool report_scope_neighbour(const struct target *t, const struct reason *reason);
/** A dotted quad of a code. */
void report_code_text(uint32_t code, char text[sizeof("255.255.255.255")]);
/** "ip4" ...; a /64 of a fleet is "ip6". */
const char *report_kind(const struct target *t);

/** "resolver_fault":{...} of a JSON object; nothing where the resolver is as it should be. */
void report_json_fault(struct json *j, const struct check_fault *fault);
/** One result as its JSON object, without a newline, with what is known beside it (r->changes, r->reverse). */
void report_json_object(struct buf *out, struct report *r, const struct check_result *result);

#endif
