/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue folders of Postfix: qmgr(8), pickup(8); the reasons for waiting in defer/. */
#include <stdio.h>

#include "base/ascii.h"
#include "mta/spool_files.h"
#include "mta/spool_postfix.h"
#include "mta/spool_walk.h"

/* Short ids are hexadecimal, long ones (enable_long_queue_ids) digits and consonants. */
static bool is_message(const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < len; i++)
		if (!ascii_is_digit((uint8_t)name[i]) && !ascii_is_alpha((uint8_t)name[i]))
			return false;
	return len > 5;
}

/* The owner may execute it: Postfix's mark of a file that is complete. */
static bool is_whole(const struct stat *st)
{
	return st->st_mode & S_IXUSR;
}

/* Folders of one letter each lead to it; in defer/ they are the same ones, as hash_queue_names has it. */
static void read_reason(const struct spool_source *s, struct spool_piece *piece, struct spool_message *m)
{
	const char *below = strchr(s->path, '/');
	char path[SPOOL_NAME_OCTETS];
	struct span text = {0};
	if (m->state == SPOOL_WAITS || !below)
		return;
	snprintf(path, sizeof(path), "defer%s", below);
	text = spool_piece_beside(piece, s->top, path);
	if (text.len == 0) {
		snprintf(path, sizeof(path), "defer/%c/%s", s->name[0], s->name);
		text = spool_piece_beside(piece, s->top, path);
	}
	spool_postfix_defer(m, text);
}

static const char *read_records(const struct spool_source *s, struct spool_piece *piece, struct spool_message *m)
{
	struct spool_postfix p = spool_postfix_begin();
	struct spool_record r;
	enum spool_progress got = SPOOL_WANTS;
	piece->len = 0;
	piece->to_end = false;
	while (got == SPOOL_RECORD || got == SPOOL_WANTS) {
		if (got == SPOOL_WANTS && spool_piece_read(piece, s->fd, p.at, p.wanted) < 0)
			return "not to be read";
		got = spool_postfix_next(&p, span_of(piece->octets, piece->len), piece->at, piece->to_end, &r);
		if (got == SPOOL_RECORD)
			spool_postfix_take(m, &r);
	}
	if (got == SPOOL_DONE && !m->has_sender)
		return "it has no sender";
	return got == SPOOL_FAULT ? p.why : NULL;
}

static const char *read_message(const struct spool_source *s, struct spool_piece *piece, struct spool_message *m)
{
	const char *why;
	m->id = spool_message_keep(m, span_str(s->name));
	why = read_records(s, piece, m);
	if (why)
		return why;
	if (span_starts(span_str(s->path), "maildrop/")) {
		m->uid = s->uid;
		m->size_octets = s->size_octets;
	}
	spool_postfix_settle(m);
	read_reason(s, piece, m);
	return NULL;
}

const struct spool_layout spool_layout_postfix = {
	.mta = MTA_POSTFIX,
	.folders = {{"maildrop", SPOOL_WAITS},
		    {"incoming", SPOOL_WAITS},
		    {"active", SPOOL_WAITS},
		    {"deferred", SPOOL_DEFERRED},
		    {"hold", SPOOL_HELD}},
	.is_message = is_message,
	.is_whole = is_whole,
	.read = read_message,
};
