/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs that are recognised, and not read yet. */
#include "logparse/unread.h"

#include <string.h>

enum { LOOKED_AT = 2048 }; /* octets of a line: marks stand in front, or among the first columns of a table */

static const struct unread {
	const char *server, *mark, *other;
} rows[] = {
#define UNREAD(server, mark, other) {server, mark, other},
#include "logparse/unread.inc"
};

static bool has(struct span text, const char *mark)
{
	return !mark || memmem(text.at, text.len, mark, strlen(mark));
}

const char *format_unread(struct span raw)
{
	if (raw.len > LOOKED_AT)
		raw.len = LOOKED_AT;
	for (size_t i = 0; raw.len && i < sizeof(rows) / sizeof(*rows); i++)
		if (has(raw, rows[i].mark) && has(raw, rows[i].other))
			return rows[i].server;
	return NULL;
}
