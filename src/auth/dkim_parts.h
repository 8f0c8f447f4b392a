/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_PARTS_H
#define OFFLIST_AUTH_DKIM_PARTS_H

#include "auth/dkim.h"
#include "auth/dkim_canon.h"

/* The room's own: a verification in parts. */

enum { DKIM_SIGNED_OCTETS_MAX = 2 * DKIM_HEAD_OCTETS_MAX + DKIM_SIGNED_MAX /* canonical fields */ };

struct dkim_field {
	struct span name;  /* without white space before the colon */
	struct span whole; /* without its last line end */
};

struct dkim_head {
	struct dkim_field *fields;
	size_t count;
};

/** One signature being verified. */
struct dkim_check {
	size_t field; /* its place in the head */
	struct dkim_signature signature;
	struct dkim_canon canon;
	struct dkim_hash *hash; /* of the body; NULL: it has ended, or is not wanted */
	bool body_right, settled;
	const char *question;
};

struct dkim {
	struct arena *arena;
	struct dkim_head head;
	int64_t now_s;
	struct dkim_check checks[DKIM_SIGNATURES_MAX];
	struct dkim_verdict verdicts[DKIM_SIGNATURES_MAX];
	struct dkim_report report;
	struct dkim_check *wanted;
};

/** @return 0; -E2BIG; -ENOMEM. */
int dkim_head_read(struct span head, struct arena *arena, struct dkim_head *ret_head);
/** What is signed: the fields of h=, from the bottom up (5.4.2), and the signature without b= (3.7). Errors stick in `out`. */
int dkim_head_signed(const struct dkim_head *head, const struct dkim_check *c, struct buf *out);
/** How many fields of that name, but for one. */
unsigned int dkim_head_count(const struct dkim_head *head, struct span name, size_t except);

/** What the signature covers, and notes on it. @return 0; -ENOMEM. */
int dkim_notes_add(const struct dkim *d, const struct dkim_check *c, struct dkim_verdict *v);
/** One note; what is too many is left out. */
void dkim_notes_one(struct dkim_verdict *v, const char *text);

#endif
