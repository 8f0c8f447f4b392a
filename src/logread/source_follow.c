/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading on behind the end, when the kernel tells of more (source_watch.c) and each LOOK_US anyway. A file whose name
 * another one has taken (rename, create) is read to its end first, also what was written to it after the rename; one
 * that was cut short (copytruncate) is begun anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "logread/source_internal.h"

enum {
	LOOK_US = 1000000,     /* what no event tells of is seen so late */
	LOOK_SOON_US = 100000, /* a folder is read no more often than this, whatever happens in it */
};

void sources_follow_end(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		reader_free(s->inputs[i].follower);
	source_watch_free(s->watch);
}

static bool followed(const struct input *in)
{
	return (in->kind == INPUT_FILE && !in->rotated && !in->packed && !in->skip) ||
	       (in->kind == INPUT_JOURNAL && in->follower);
}

/* FNV-1a over the file's beginning: another file under the same name is told by it. */
struct input_head head_of(struct span text)
{
	struct input_head h = {.hash = 0xcbf29ce484222325U, .len = text.len < HEAD_OCTETS ? text.len : HEAD_OCTETS};
	for (size_t i = 0; i < h.len; i++)
		h.hash = (h.hash ^ text.at[i]) * 0x100000001b3U;
	return h;
}

static bool head_same(int fd, struct input_head head)
{
	uint8_t text[HEAD_OCTETS];
	ssize_t n = head.len ? pread(fd, text, head.len, 0) : 0;
	return !head.len || (n == (ssize_t)head.len && head_of(span_of(text, head.len)).hash == head.hash);
}

/* The file that was read, under its new name: the set's member with its inode. @return a descriptor; -1 */
static int find_renamed(const struct input *in)
{
	const char *slash = strrchr(in->path, '/');
	char folder[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd = -1;
	if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - in->path) + 1 : 1, slash ? in->path : ".") >=
	    (int)sizeof(folder))
		return -1;
	dir = opendir(folder);
	while (dir && fd < 0 && (entry = readdir(dir)))
		if (entry->d_ino == in->ino && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    st.st_ino == in->ino && st.st_dev == in->dev && S_ISREG(st.st_mode))
			fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (dir)
		closedir(dir);
	return fd;
}

/* Follow this descriptor, which is closed in any case, from where the input stands. @return 0; -ENOMEM */
static int follow_fd(struct sources *s, uint32_t file, int fd)
{
	struct input *in = &s->inputs[file];
	struct stamps stamps = in->stamps;
	struct blocks *b;
	struct reader *r;
	int got;
	stamps.zone = s->zone;
	stamps.written_ms = s->follow_wall_ms;
	in->watched = source_watch_open_file(s->watch, fd); /* before it is read: nothing comes unseen */
	got = blocks_open(fd, false, UINT64_MAX, &b);
	if (got == 0 && blocks_state(b).packed) {
		blocks_free(b);
		return 0; /* a packed file in this place is no log that grows */
	}
	if (got == 0)
		got = reader_of_blocks(b, stamps, file, &r);
	if (got < 0)
		return got == -ENOMEM ? got : 0;
	blocks_seek(b, in->at);
	r->lines.base = r->start_at = in->at;
	r->lines.ends = in->at_number;
	r->lines.passing = in->open_end;
	r->count = s->files[file].lines;
	r->octets_before = s->files[file].octets;
	r->last_ms = r->key_ms = s->files[file].last_ms;
	in->open_end = false;
	in->begun = true;
	in->follower = r;
	trace_event(s->trace, "logread", "follow_open", TRACE_TEXT("path", in->path),
		    TRACE_NUMBER("inode", (int64_t)in->ino), TRACE_NUMBER("at", (int64_t)in->at),
		    TRACE_NUMBER("moved", in->moved), TRACE_NUMBER("watched", in->watched));
	return 0;
}

static void begin_anew(struct input *in, const struct stat *st)
{
	in->at = in->at_number = 0;
	in->head = (struct input_head){0, 0};
	in->open_end = false;
	in->dev = st->st_dev;
	in->ino = st->st_ino;
}

/* Open what the input's name stands for now, or the file that was read where that has been renamed. */
static int follow_open(struct sources *s, uint32_t file)
{
	struct input *in = &s->inputs[file];
	struct stat st;
	int fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY), old;
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return 0; /* not there now; it may come */
	}
	if (st.st_ino == in->ino && st.st_dev == in->dev) {
		if ((uint64_t)st.st_size < in->at || !head_same(fd, in->head))
			begin_anew(in, &st);
		return follow_fd(s, file, fd);
	}
	old = in->begun ? find_renamed(in) : -1;
	if (old >= 0 && head_same(old, in->head)) {
		close(fd);
		in->moved = true;
		return follow_fd(s, file, old);
	}
	if (old >= 0)
		close(old);
	begin_anew(in, &st);
	return follow_fd(s, file, fd);
}

static void follow_close(struct sources *s, struct input *in)
{
	source_watch_drop(s->watch, in->watched);
	in->watched = 0;
	reader_figures(s, in->follower);
	reader_free(in->follower);
	in->follower = NULL;
}

/* Was the file cut short since, be it longer again by now? */
static bool cut_short(const struct input *in)
{
	int fd = blocks_fd(in->follower->lines.blocks);
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	return (uint64_t)st.st_size < lines_offset(&in->follower->lines) || !head_same(fd, in->head);
}

static void follow_anew(struct sources *s, struct input *in)
{
	follow_close(s, in);
	in->moved = false;
	in->heir_watched = 0; /* it is watched as the file itself now, or has gone */
	begin_anew(in, &(struct stat){0});
}

/* The old file is written to until its writer has opened the new one, and written to that. */
static bool has_heir(struct sources *s, struct input *in)
{
	struct stat st, named;
	bool other = fstat(blocks_fd(in->follower->lines.blocks), &st) == 0 && stat(in->path, &named) == 0 &&
		     (named.st_ino != st.st_ino || named.st_dev != st.st_dev);
	if (other && named.st_size == 0 && !in->heir_watched) {
		in->heir_watched = source_watch_file(s->watch, in->path);
		other = stat(in->path, &named) == 0; /* written to before it was watched? */
	}
	return other && named.st_size > 0;
}

/* Nothing more comes from this file for now: has its name gone to another? @return whether to ask again. */
static bool turned(struct sources *s, uint32_t file)
{
	struct input *in = &s->inputs[file];
	if (in->moved) { /* read to its end after the new one had lines */
		follow_anew(s, in);
		return true;
	}
	in->moved = has_heir(s, in);
	return in->moved;
}

static void keep_head(struct input *in, const struct reader *r)
{
	uint8_t text[HEAD_OCTETS];
	ssize_t n;
	if (in->head.len == HEAD_OCTETS)
		return;
	n = pread(blocks_fd(r->lines.blocks), text, sizeof(text), 0);
	if (n > 0)
		in->head = head_of(span_of(text, (size_t)n));
}

/* A file has its follower, if it is there. @return 0; -ENOMEM */
static int follow_ready(struct sources *s, uint32_t file)
{
	struct input *in = &s->inputs[file];
	if (in->kind != INPUT_FILE)
		return 0;
	/* before more is read: what stands behind the old end may be another text's middle */
	if (in->follower && in->idle && cut_short(in)) {
		trace_event(s->trace, "logread", "follow_cut_short", TRACE_TEXT("path", in->path));
		follow_anew(s, in);
	}
	return in->follower ? 0 : follow_open(s, file);
}

/* @return 1: a line; 0: the end for now; -ENOMEM, or what the journal cannot be read for */
static int follow_read(struct sources *s, struct input *in)
{
	int got;
	in->follower->stamps.written_ms = s->follow_wall_ms;
	in->idle = false;
	while ((got = reader_next(in->follower, in->moved)) == 1) {
		if (in->kind == INPUT_FILE)
			keep_head(in, in->follower);
		if (line_wanted(s, in->follower))
			return 1;
	}
	in->idle = true;
	return got;
}

/* @return 1: a line; 0: none now; -ENOMEM */
static int follow_one(struct sources *s, uint32_t file)
{
	struct input *in = &s->inputs[file];
	int got, turns = 0;
	do {
		got = follow_ready(s, file);
		if (got < 0 || !in->follower)
			return got;
		got = follow_read(s, in);
	} while (got == 0 && in->kind == INPUT_FILE && turned(s, file) && ++turns < 4);
	return got < 0 && got != -ENOMEM ? 0 : got; /* a journal that cannot be read now is asked again */
}

/* Exim's daily logs have no name that stays: a newer member of the set is followed from its beginning. */
static int rescan(struct sources *s)
{
	size_t count = s->count;
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++)
		if (followed(&s->inputs[i]) && s->inputs[i].name.kind == LOG_NAME_DATE && s->inputs[i].set)
			r = sources_add_newer(s, (uint32_t)i);
	s->prepared = true;
	return r;
}

static int round_of_all(struct sources *s, const struct log_line **ret_line)
{
	int got = 0;
	for (size_t n = 0; n < s->count && got == 0; n++) {
		uint32_t file = (uint32_t)(s->follow_at++ % s->count);
		if (followed(&s->inputs[file]))
			got = follow_one(s, file);
		if (got == 1) {
			*ret_line = &s->inputs[file].follower->line;
			s->follow_at--; /* it may have more */
		}
	}
	return got;
}

static int follow_begin(struct sources *s)
{
	size_t count = 0;
	int r = source_watch_new(&s->watch), fd;
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->count; i++) {
		struct input *in = &s->inputs[i];
		if (!followed(in))
			continue;
		count++;
		if (in->kind == INPUT_FILE)
			source_watch_names(s->watch, in->path);
		else if ((fd = journal_fd(in->follower->journal)) >= 0)
			source_watch_descriptor(s->watch, fd);
	}
	s->following = true;
	return count > 1 ? twice_begin(s) : 0;
}

/* What has been told since all was read the last time, and whether it is time to look for oneself. */
static int look(struct sources *s, int64_t now_us)
{
	int64_t since_us = now_us - s->follow_looked_us;
	if (!s->follow_more)
		s->follow_names |= source_watch_take(s->watch);
	if (since_us < (s->follow_names ? LOOK_SOON_US : LOOK_US))
		return 0;
	s->follow_names = false;
	s->follow_looked_us = now_us;
	return rescan(s);
}

int sources_follow(struct sources *s, int64_t now_us, int64_t wall_ms, const struct log_line **ret_line)
{
	int got = 0;
	s->follow_wall_ms = wall_ms;
	if (!s->following) {
		got = sources_next(s, ret_line);
		if (got != 0)
			return got;
		got = follow_begin(s);
	}
	if (got == 0)
		got = look(s, now_us);
	if (got == 0)
		got = round_of_all(s, ret_line);
	s->follow_more = got > 0;
	return got;
}

int sources_follow_fd(const struct sources *s)
{
	return s->watch ? source_watch_fd(s->watch) : -1;
}

int64_t sources_follow_deadline_us(const struct sources *s)
{
	if (!s->following || s->follow_more)
		return 0;
	return s->follow_looked_us + (s->follow_names ? LOOK_SOON_US : LOOK_US);
}
