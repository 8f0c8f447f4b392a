/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_JSON_H
#define OFFLIST_LOGREAD_SOURCE_JSON_H

#include "base/buf.h"

/*
 * Reads the members of one JSON object in a line, in place and without a tree: logs have one object a line and few of
 * its members are wanted. What is not wanted is passed over by its brackets and quotes.
 */

enum json_kind {
	JSON_TEXT,    /* raw: what stands between the quotes */
	JSON_NUMBER,  /* raw: its digits */
	JSON_LIST,    /* raw: with its brackets */
	JSON_NOTHING, /* null, true, false, an object */
};

struct json_member {
	struct span key; /* between the quotes, escapes as they are */
	enum json_kind kind;
	struct span raw;
};

struct json_object {
	struct span text;
	size_t pos;
	bool begun;
};

struct json_list {
	struct span text; /* with its brackets */
	size_t pos;
};

/** The next value of a list; its key is empty. @return 1; 0: the list has ended; -EBADMSG: it is no JSON list. */
int json_list_next(struct json_list *l, struct json_member *ret_member);

/** @return 1; 0: the object has ended and nothing but blanks follows; -EBADMSG: it is no JSON object. */
int json_object_next(struct json_object *o, struct json_member *ret_member);

/**
 * Add the member's octets: a text without its escapes, a number's digits, a list of numbers as octets (journald writes
 * so what is not UTF-8), of a list of texts the first. @return false: it has none (null, an object).
 */
bool json_member_octets(const struct json_member *m, struct buf *out);

#endif
