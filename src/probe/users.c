/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/users.h"

#include <limits.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "sys/files.h"

enum { PASSWD_OCTETS_MAX = 4 << 20 };

/* "www-data:x:33:33:..." */
static bool is_of(struct span line, uint32_t uid, struct span *ret_name)
{
	struct span rest = line;
	uint64_t number;
	*ret_name = span_of(line.at, span_find(line, ':'));
	for (int i = 0; i < 2; i++)
		rest = span_from(rest, span_find(rest, ':') + 1);
	return ascii_parse_u64(span_of(rest.at, span_find(rest, ':')), UINT32_MAX, &number) == 0 && number == uid &&
	       ret_name->len;
}

const char *process_user(const char *root, uint32_t uid, struct arena *arena)
{
	struct buf text = buf_make(PASSWD_OCTETS_MAX);
	const char *found = NULL;
	char path[PATH_MAX];
	struct span rest, name;
	if (snprintf(path, sizeof(path), "%s/etc/passwd", root) < (int)sizeof(path))
		files_read(path, FILES_REGULAR | FILES_CUT, &text, NULL, NULL);
	rest = buf_span(&text);
	while (rest.len && !found) {
		struct span line = span_of(rest.at, span_find(rest, '\n'));
		rest = span_from(rest, line.len + 1);
		if (is_of(line, uid, &name))
			found = arena_copy(arena, name);
	}
	buf_release(&text);
	return found ? found : arena_printf(arena, "%u", uid);
}
