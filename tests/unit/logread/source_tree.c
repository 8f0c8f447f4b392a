/* SPDX-License-Identifier: BSD-2-Clause */
#include "source_tree.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"

void tree_begin(struct tree *t)
{
	*t = (struct tree){.text = buf_make(TREE_TEXT_MAX)};
	snprintf(t->path, sizeof(t->path), "/tmp/offlist-source-XXXXXX");
	assert_non_null(mkdtemp(t->path));
	assert_int_equal(zone_new("UTC", &t->zone), 0);
	tree_again(t);
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void tree_end(struct tree *t)
{
	sources_free(t->sources);
	zone_free(t->zone);
	buf_release(&t->text);
	nftw(t->path, drop, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_again(struct tree *t)
{
	sources_free(t->sources);
	t->sources = sources_new(t->zone, INT64_C(1000) * TREE_NOW);
	assert_non_null(t->sources);
}

const char *tree_path(struct tree *t, const char *name)
{
	buf_clear(&t->text);
	buf_printf(&t->text, "%s/%s", t->path, name);
	return buf_text(&t->text);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put(struct tree *t, const char *name, const char *mode, struct span text)
{
	char path[512];
	FILE *f;
	snprintf(path, sizeof(path), "%s", tree_path(t, name));
	make_folders(path);
	f = fopen(path, mode);
	assert_non_null(f);
	assert_int_equal(fwrite(text.at, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
}

void tree_write(struct tree *t, const char *name, struct span text)
{
	put(t, name, "w", text);
	tree_time(t, name, TREE_NOW);
}

void tree_str(struct tree *t, const char *name, const char *text)
{
	tree_write(t, name, span_str(text));
}

void tree_append(struct tree *t, const char *name, const char *text)
{
	put(t, name, "a", span_str(text));
}

void tree_gzip(struct tree *t, const char *name, struct span text, size_t cut)
{
	struct stat st;
	gzFile f = gzopen(tree_path(t, name), "w");
	assert_non_null(f);
	assert_int_equal(gzwrite(f, text.at, (unsigned int)text.len), text.len);
	assert_int_equal(gzclose(f), Z_OK);
	assert_int_equal(stat(tree_path(t, name), &st), 0);
	assert_int_equal(truncate(tree_path(t, name), st.st_size - (off_t)cut), 0);
	tree_time(t, name, TREE_NOW);
}

void tree_time(struct tree *t, const char *name, int64_t at_s)
{
	struct timespec times[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
	assert_int_equal(utimensat(AT_FDCWD, tree_path(t, name), times, 0), 0);
}

void tree_rename(struct tree *t, const char *from, const char *to)
{
	char old[512];
	snprintf(old, sizeof(old), "%s", tree_path(t, from));
	assert_int_equal(rename(old, tree_path(t, to)), 0);
}

void tree_add(struct tree *t, const char *name, bool rotations)
{
	int r = sources_add(t->sources, tree_path(t, name), rotations, &t->err);
	if (r < 0)
		fail_msg("%s", t->err.text);
}

static void add_said(struct buf *out, const struct log_line *l)
{
	const uint8_t *said = memmem(l->raw.at, l->raw.len, ": ", 2);
	buf_add(out, said ? span_from(l->raw, (size_t)(said - l->raw.at) + 2) : l->raw);
}

const char *tree_read(struct tree *t)
{
	const struct log_line *l;
	int r;
	buf_clear(&t->text);
	while ((r = sources_next(t->sources, &l)) == 1) {
		if (t->text.len)
			buf_add_char(&t->text, '|');
		add_said(&t->text, l);
	}
	assert_int_equal(r, 0);
	return buf_text(&t->text);
}

bool tree_told(struct tree *t, int ms)
{
	struct pollfd ready = {.fd = sources_follow_fd(t->sources), .events = POLLIN};
	return poll(&ready, 1, ms) == 1;
}

int tree_follow_for(struct tree *t, int ms, const struct log_line **ret_line)
{
	int64_t now_us = clock_mono_us(), until_us = now_us + (int64_t)ms * 1000, next_us;
	int got;
	while ((got = sources_follow(t->sources, now_us, clock_wall_ms(), ret_line)) == 0 && now_us < until_us) {
		next_us = sources_follow_deadline_us(t->sources);
		next_us = next_us < until_us ? next_us : until_us;
		if (next_us > now_us)
			tree_told(t, (int)((next_us - now_us) / 1000) + 1);
		now_us = clock_mono_us();
	}
	return got;
}

const char *tree_follow(struct tree *t)
{
	const struct log_line *l;
	int r = tree_follow_for(t, 100, &l);
	buf_clear(&t->text);
	buf_add_str(&t->text, "");
	if (r == 1)
		add_said(&t->text, l);
	assert_true(r >= 0);
	return buf_text(&t->text);
}
