/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_JSON_H
#define OFFLIST_BASE_JSON_H

#include "base/buf.h"

/**
 * The one escaping JSON writer, for answers that stream (jansson builds trees where those are wanted). It puts commas
 * and quotes; the caller opens and closes in balance. Octets that are not UTF-8 become U+FFFD. Errors stick in `out`.
 */
struct json {
	struct buf *out;
	bool comma; /* a value stands before the next one */
};

static inline struct json json_make(struct buf *out)
{
	return (struct json){.out = out};
}

void json_begin(struct json *j, char bracket); /* '{' or '[' */
void json_end(struct json *j, char bracket);   /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_span(struct json *j, struct span text);
void json_str(struct json *j, const char *text); /* NULL writes null */
void json_int(struct json *j, int64_t value);
void json_real(struct json *j, double value, int decimals); /* not finite: null */
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

/* A key with its value. */
void json_member_str(struct json *j, const char *key, const char *text);
void json_member_bool(struct json *j, const char *key, bool value);
void json_member_strs(struct json *j, const char *key, const char *const *texts, size_t count);
/** A number that is -1 where it is not known: then null. */
void json_member_known(struct json *j, const char *key, int64_t value);

#endif
