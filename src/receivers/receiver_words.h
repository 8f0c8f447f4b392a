/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_RECEIVER_WORDS_H
#define OFFLIST_RECEIVERS_RECEIVER_WORDS_H

#include "receivers/receiver_record.h"

/* The room's own: a file of receivers as the tables fill it. */

extern const struct schema_word reply_words[], reply_about_words[];

enum owner_row { OWNER_ROW_ID, OWNER_ROW_NAME, OWNER_ROW_MX, OWNER_ROW_HOST, OWNER_ROW_FEEDBACK, OWNER_ROW_COMMON };

struct receiver_owner { /* what holds for every reply of the file that does not say otherwise */
	struct schema_seen seen;
	const char *id, *name, *host, *feedback;
	struct texts mx;
	bool common;
};

struct receiver_file {
	struct schema_seen seen;
	struct receiver_owner owner;
	const struct receiver_record *replies;
	size_t reply_count;
};

#endif
