/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_FINDING_H
#define OFFLIST_AUDIT_FINDING_H

#include <stddef.h>

/* What an audit can find: records of data/findings (form: data/findings/README.md), compiled in. */

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

struct finding_record {
	const char *id; /* "senders.direct" */
	enum severity severity;
	const char *title;  /* a short sentence */
	const char *means;  /* for a server that is on lists, or will be */
	const char *remedy; /* what to do, in order */
	const char *source; /* where its facts come from */
};

/** What to type, for a part of the remedy. */
struct finding_command {
	const char *what; /* "hold", "look", "release"... */
	const char *text; /* one line for a shell */
};

enum { FINDING_COMMANDS_MAX = 6 };

struct audit_finding {
	const struct finding_record *record;
	const char *subject; /* an executable's path, a domain, an address... */
	const char *detail;  /* what was seen */
	const char *const *evidence;
	size_t evidence_count;
	struct finding_command commands[FINDING_COMMANDS_MAX]; /* that do it here, in order */
	size_t command_count;
};

/** NULL: there is none of that id. */
const struct finding_record *finding_record(const char *id);
/** "high", "medium", "low", "info". */
const char *finding_severity_text(enum severity severity);

extern const struct finding_record findings_builtin[];
extern const size_t findings_builtin_count;

#endif
