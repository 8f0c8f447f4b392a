/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim's spool: input/ with a file for the envelope and header (-H), one for the body, a journal; msglog/ beside it. */
#include <stdio.h>

#include "base/ascii.h"
#include "mta/spool_exim.h"
#include "mta/spool_files.h"
#include "mta/spool_walk.h"

/* "1xYNwL-00000A-1f-H", from 4.97 on "1xYNwL-00000000001-1f2g-H". */
static bool is_message(const char *name)
{
	size_t len = strlen(name);
	return len > 12 && name[6] == '-' && strcmp(name + len - 2, "-H") == 0;
}

/* It is written under another name first. */
static bool is_whole(const struct stat *st)
{
	return st->st_size > 0;
}

static const char *read_message(const struct spool_source *s, struct spool_piece *piece, struct spool_message *m)
{
	size_t id = strlen(s->name) - 2;
	char path[SPOOL_NAME_OCTETS + 16];
	uint8_t served[4096]; /* what was served while the file waits to be written again */
	struct span journal;
	const char *why;
	snprintf(path, sizeof(path), "%.*s-J", (int)strlen(s->path) - 2, s->path);
	journal = spool_piece_beside(piece, s->top, path);
	if (journal.len > sizeof(served))
		journal.len = sizeof(served);
	if (journal.len)
		memcpy(served, journal.at, journal.len);
	m->id = spool_message_keep(m, span_of(s->name, id));
	if (spool_piece_read(piece, s->fd, 0, (size_t)s->size_octets + 1) < 0)
		return "not to be read";
	why = spool_exim_read(m, span_of(piece->octets, piece->len), span_of(served, journal.len));
	if (why)
		return why;
	snprintf(path, sizeof(path), "msglog%.*s", (int)strlen(s->path) - 2 - (int)strlen("input"),
		 s->path + strlen("input"));
	spool_exim_log(m, spool_piece_beside(piece, s->top, path));
	return NULL;
}

const struct spool_layout spool_layout_exim = {
	.mta = MTA_EXIM,
	.folders = {{"input", SPOOL_WAITS}},
	.is_message = is_message,
	.is_whole = is_whole,
	.read = read_message,
};
