/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines that tell faults, and the files they are in. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "config/schema.h"
#include "sys/files.h"

enum { FAULT_LINE_SIZE = 512 };

void schema_fault(struct schema_faults *faults, const char *file, struct schema_place at, const char *key,
		  const char *format, ...)
{
	char what[FAULT_LINE_SIZE], line[FAULT_LINE_SIZE * 2], place[32] = "";
	va_list args;
	faults->count++;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (at.line)
		snprintf(place, sizeof(place), ":%d:%d", at.line, at.column);
	snprintf(line, sizeof(line), "%s%s: %s%s%s", file, place, key ? key : "", key ? ": " : "", what);
	if (faults->count == 1)
		error_set(faults->err, -EBADMSG, "%s", line);
	if (!faults->on_fault || faults->count > SCHEMA_FAULTS_MAX + 1)
		return;
	if (faults->count > SCHEMA_FAULTS_MAX)
		snprintf(line, sizeof(line), "%s: more faults, not shown", file);
	faults->on_fault(faults->arg, line);
}

int schema_file(const char *path, struct arena *arena, struct span *ret_text, unsigned int *ret_mode)
{
	struct buf text = buf_make(SCHEMA_FILE_OCTETS_MAX);
	struct file_facts facts;
	int rc = files_read(path, 0, &text, &facts, NULL);
	if (rc == 0) {
		const char *copy = arena_copy(arena, buf_span(&text));
		*ret_text = span_of(copy, copy ? text.len : 0);
		rc = copy ? 0 : -ENOMEM;
	}
	if (rc == 0 && ret_mode)
		*ret_mode = facts.mode;
	buf_release(&text);
	return rc;
}
