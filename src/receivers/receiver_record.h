/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_RECEIVER_RECORD_H
#define OFFLIST_RECEIVERS_RECEIVER_RECORD_H

#include "base/buf.h"
#include "receivers/receivers.h"
#include "config/schema.h"

/* The room's own: records of data/receivers as they stand in a file (form: data/receivers/README.md), and layers of
 * them. Knows no built-in table, so that the build step can use it to make that table. */

enum reply_row {
	REPLY_ROW_ID,
	REPLY_ROW_NAME,
	REPLY_ROW_MX,
	REPLY_ROW_HOST,
	REPLY_ROW_ONLY_MX,
	REPLY_ROW_PATTERNS,
	REPLY_ROW_SAMPLES,
	REPLY_ROW_MEANS,
	REPLY_ROW_MEANING,
	REPLY_ROW_ABOUT,
	REPLY_ROW_TEMPORARY,
	REPLY_ROW_REMOVAL,
	REPLY_ROW_PROCEDURE,
	REPLY_ROW_FEEDBACK,
	REPLY_ROW_ZONE,
	REPLY_ROW_SOURCES,
};

struct receiver_record {
	struct schema_seen seen;
	struct receiver v;
	const char *reply_id; /* within the file */
	struct texts mx;      /* name patterns with * and ? */
	const char *host;     /* an MX name for the samples; NULL: none */
	bool only_mx;         /* the words mean this only from that MX */
	bool common;          /* words of many receivers: after every record of one */
	struct texts patterns, samples;
	const struct schema_place *patterns_at, *samples_at;
	const char *zone; /* the public list it stands for; NULL: none */
	const struct list_source *sources;
	size_t source_count;
	const char *file;
	int line;
};

struct receiver_records { /* in order: of common ones the first that fits counts */
	const struct receiver_record *const *at;
	size_t count;
};

struct receiver_layer;

struct receiver_loader {
	struct arena *arena;
	struct schema_faults *faults;
	struct receiver_records base;
	struct receiver_layer *first, *last;
	size_t count;
};

/** All records of one file. @return 0, also with faults told; -ENOMEM. */
int receiver_loader_add(struct receiver_loader *l, struct span text, const char *file);
/** Both layers as one. @param ret_records  owned by the arena. @return 0, also with faults told; -ENOMEM. */
int receiver_loader_finish(struct receiver_loader *l, struct receiver_records *ret_records);

/** A pattern as the engines take it: {ip}, {domain} and {zone} are written out as named groups. */
void receiver_pattern_text(const char *pattern, struct buf *out);
/** Compiled for captures: any case, a dot takes all, names may repeat. NULL: faulty, `message` and *ret_offset tell. */
struct pcre2_real_code_8 *receiver_pattern_compile(const char *pattern, char *message, size_t message_size,
						   size_t *ret_offset);

extern const struct schema receiver_file_schema, receiver_reply_schema;

#endif
