/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void site_init(struct site *s)
{
	*s = (struct site){.dir = "/tmp/offlist-lists-XXXXXX", .faults = buf_make(1 << 20)};
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->keys, sizeof(s->keys), "%s/keys", s->dir);
}

void site_release(struct site *s)
{
	char command[128];
	catalogue_free(s->catalogue);
	buf_release(&s->faults);
	snprintf(command, sizeof(command), "rm -rf %s", s->dir);
	assert_int_equal(system(command), 0);
}

static void write_file(const char *path, const char *text, unsigned int mode)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

void site_record(struct site *s, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	write_file(path, text, 0644);
}

void site_keys(struct site *s, const char *text, unsigned int mode)
{
	write_file(s->keys, text, mode);
}

static void collect(void *arg, const char *line)
{
	struct site *s = arg;
	size_t n = strlen(s->dir);
	for (; *line; line++)
		if (strncmp(line, s->dir, n) == 0 && line[n] == '/')
			line += n;
		else
			buf_add_char(&s->faults, *line);
	buf_add_char(&s->faults, '\n');
}

void site_load(struct site *s)
{
	const struct catalogue_config config = {.lists_dir = s->dir, .key_file = s->keys};
	s->result = catalogue_load(&config, collect, s, &s->catalogue, &s->err);
}

void expect_faults(const char *text, const char *faults)
{
	struct site s;
	site_init(&s);
	site_record(&s, "a.yaml", text);
	site_load(&s);
	assert_string_equal(buf_text(&s.faults), faults);
	assert_int_equal(s.result, *faults ? -EBADMSG : 0);
	site_release(&s);
}
