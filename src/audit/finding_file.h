/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_FINDING_FILE_H
#define OFFLIST_AUDIT_FINDING_FILE_H

#include "audit/finding.h"
#include "config/schema.h"

/* The room's own: a file of data/findings. Knows no built-in table, so that the build step can use it to make that table. */

struct finding_source {
	const char *name, *date;
};

struct finding_entry {
	struct schema_seen seen;
	struct finding_record v;
	const struct finding_source *sources;
	size_t source_count;
};

struct finding_file {
	const struct finding_entry *findings;
	size_t count;
};

extern const struct schema finding_file_schema;
extern const struct schema_word finding_severities[];

/** All of one file; `source` of each is made. @return 0; -EBADMSG with faults told; -ENOMEM. */
int finding_file_read(struct span text, const char *file, struct arena *arena, struct schema_faults *faults,
		      struct finding_file *ret_file);

#endif
