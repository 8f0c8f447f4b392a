/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_DKIM_H
#define OFFLIST_VIEW_VIEW_DKIM_H

#include "auth/dkim.h"
#include "base/buf.h"

/** One offlist.explain.dkim/1 object a signature, and a newline each; one of result "none" where there is none. */
void view_dkim(const struct dkim_report *r, struct buf *out);

/** A selector's key. */
struct view_dkim_key {
	const char *name;                 /* of the DNS; NULL: the record was given */
	const char *text;                 /* the record; NULL: there is none */
	size_t texts;                     /* TXT records of that name */
	const char *state;                /* "good", "short", "none", "revoked", "broken", "unreachable" */
	const char *problem;              /* NULL: good */
	const struct dkim_record *record; /* NULL: there is none */
	const char *matches;              /* "yes", "no"; NULL: no private key was given */
	const char *publish;              /* the record for the private key, where another stands there */
};

/** One offlist.explain.dkim_key/1 object and a newline. */
void view_dkim_key(const struct view_dkim_key *v, struct buf *out);

#endif
