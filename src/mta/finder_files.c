/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings files and maps below the root that is looked at. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "mta/finder.h"
#include "sys/files.h"

static bool full_path(const struct finder *f, const char *path, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s%s", f->root, path);
	return n > 0 && n < PATH_MAX;
}

bool finder_exists(const struct finder *f, const char *path)
{
	char full[PATH_MAX];
	return full_path(f, path, full) && access(full, F_OK) == 0;
}

int finder_file(struct finder *f, const char *path, struct span *ret_text)
{
	struct buf text = buf_make(FINDER_FILE_MAX);
	struct file_facts facts = {0};
	struct error why = {{0}};
	char full[PATH_MAX];
	const char *copy;
	int r;
	if (!full_path(f, path, full))
		return -ENAMETOOLONG;
	r = files_read(full, FILES_REGULAR | FILES_CUT, &text, &facts, &why);
	if (r == -ENOMEM)
		f->error = r;
	else if (r < 0 && r != -ENOENT)
		finder_note(f, "%s: cannot be read: %s", path, why.text);
	if (facts.cut)
		finder_note(f, "%s: only its first %d octets were read", path, FINDER_FILE_MAX);
	if (r == 0) {
		copy = finder_copy(f, buf_span(&text));
		*ret_text = span_of(copy, f->error ? 0 : text.len);
	}
	buf_release(&text);
	return r;
}

void finder_domain_file(struct finder *f, const char *path, const char *what)
{
	struct span text, line, word;
	int r = finder_file(f, path, &text);
	if (r == -ENOENT)
		finder_note(f, "%s: %s is not there", what, path);
	if (r < 0)
		return;
	while (finder_line_next(&text, &line))
		if (line.len && line.at[0] != '#' && finder_word_next(&line, " \t\r:", &word))
			finder_domain(f, word);
}
