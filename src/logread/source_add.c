/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files: a file, its rotations, a folder, a glob. */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "logread/source_internal.h"

void set_fault(struct sources *s, uint32_t file, const char *fault)
{
	const char *kept = arena_copy(&s->arena, span_str(fault));
	s->files[file].fault = kept ? kept : "it cannot be read";
}

static int grow(struct sources *s)
{
	size_t room = s->room ? s->room * 2 : 16;
	struct input *inputs;
	struct source_file *files;
	if (s->count < s->room)
		return 0;
	inputs = reallocarray(s->inputs, room, sizeof(*inputs));
	if (inputs)
		s->inputs = inputs;
	files = reallocarray(s->files, room, sizeof(*files));
	if (files)
		s->files = files;
	if (!inputs || !files)
		return -ENOMEM;
	s->room = room;
	return 0;
}

int sources_input(struct sources *s, enum input_kind kind, const char *path, struct input **ret_input)
{
	struct input *in;
	if (s->count >= INPUTS_MAX)
		return -EMFILE;
	if (grow(s) < 0)
		return -ENOMEM;
	in = &s->inputs[s->count];
	*in = (struct input){.kind = kind, .written_ms = s->now_ms};
	in->path = path ? arena_copy(&s->arena, span_str(path)) : NULL;
	s->files[s->count] = (struct source_file){
		.name = kind == INPUT_STDIN              ? "-"
			: kind == INPUT_JOURNAL && !path ? "journal"
							 : in->path,
		.first_ms = STAMP_NONE,
		.last_ms = STAMP_NONE,
	};
	if (path && !in->path)
		return -ENOMEM;
	s->count++;
	s->prepared = false;
	*ret_input = in;
	return 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The same text for all members: folder, '/', stem. */
static const char *set_name(struct sources *s, const char *path, const struct log_name *name)
{
	const char *text = arena_printf(&s->arena, "%.*s%s", (int)(base_of(path) - path), path, name->stem);
	for (size_t i = s->count; text && i-- > 0;)
		if (s->inputs[i].set && strcmp(s->inputs[i].set, text) == 0)
			return s->inputs[i].set;
	return text;
}

static bool known(const struct sources *s, const struct stat *st)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->inputs[i].kind == INPUT_FILE && s->inputs[i].ino == st->st_ino && s->inputs[i].dev == st->st_dev)
			return true;
	return false;
}

/* One file; one that is there already is not taken again. @return 0; -errno of the look at it. */
static int add_file(struct sources *s, const char *path)
{
	struct log_name name = log_name_read(span_str(base_of(path)));
	struct stat st;
	struct input *in;
	int r;
	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode) && known(s, &st))
		return 0;
	r = sources_input(s, INPUT_FILE, path, &in);
	if (r < 0)
		return r;
	in->name = name;
	in->dev = st.st_dev;
	in->ino = st.st_ino;
	in->rotated = name.kind == LOG_NAME_NUMBER;
	if (!S_ISREG(st.st_mode)) { /* a pipe is read once, and its time says nothing */
		in->kind = INPUT_STDIN;
		s->files[s->count - 1].name = in->path;
	} else {
		in->written_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
		s->files[s->count - 1].stored_octets = (uint64_t)st.st_size;
		in->set = name.stem[0] ? set_name(s, path, &name) : NULL;
	}
	if (access(path, R_OK) < 0) {
		s->files[s->count - 1].denied = errno == EACCES;
		set_fault(s, (uint32_t)(s->count - 1), strerrordesc_np(errno));
	}
	return 0;
}

int source_explain(int r, const char *path, struct error *err)
{
	if (r == -EACCES)
		return error_set(err, r, "%s: may not be read by this user; try as root, or in the group adm", path);
	if (r == -ENOMEM)
		return r;
	return error_set(err, r, "%s: %s", path, strerrordesc_np(-r));
}

/* All members of the set that `path` names, be the base itself there or not. @return how many; -errno */
static int add_members(struct sources *s, const char *path)
{
	struct log_name want = log_name_read(span_str(base_of(path))), have;
	size_t folder_len = (size_t)(base_of(path) - path);
	char folder[PATH_MAX], full[PATH_MAX + NAME_MAX + 1];
	struct dirent *entry;
	DIR *dir;
	int n = 0, r = 0;
	if (folder_len >= sizeof(folder) || !want.stem[0])
		return 0;
	memcpy(folder, path, folder_len);
	folder[folder_len] = '\0';
	dir = opendir(folder_len ? folder : ".");
	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		have = log_name_read(span_str(entry->d_name));
		if (strcmp(have.stem, want.stem) != 0)
			continue;
		snprintf(full, sizeof(full), "%s%s", folder, entry->d_name);
		r = add_file(s, full);
		n += r == 0;
		if (r != -ENOMEM && r != -EMFILE)
			r = 0;
	}
	closedir(dir);
	return r < 0 ? r : n;
}

int sources_add_newer(struct sources *s, uint32_t file)
{
	size_t folder_len = (size_t)(base_of(s->inputs[file].path) - s->inputs[file].path);
	char folder[PATH_MAX], full[PATH_MAX + NAME_MAX + 1];
	struct dirent *entry;
	DIR *dir;
	int r = 0;
	if (folder_len >= sizeof(folder))
		return 0;
	memcpy(folder, s->inputs[file].path, folder_len);
	folder[folder_len] = '\0';
	dir = opendir(folder_len ? folder : ".");
	while (dir && r != -ENOMEM && (entry = readdir(dir))) {
		struct log_name have = log_name_read(span_str(entry->d_name));
		const struct log_name *named = &s->inputs[file].name;
		if (strcmp(have.stem, named->stem) != 0 || have.kind != LOG_NAME_DATE || have.date_s <= named->date_s)
			continue;
		snprintf(full, sizeof(full), "%s%s", folder, entry->d_name);
		r = add_file(s, full);
	}
	if (dir)
		closedir(dir);
	return r == -ENOMEM ? r : 0;
}

int sources_add_set(struct sources *s, const char *path, struct error *err)
{
	int r = add_members(s, path);
	if (r == 0)
		r = add_file(s, path);
	return r < 0 ? source_explain(r, path, err) : 0;
}

static int add_folder(struct sources *s, const char *path, int depth, bool covered);

/* @param covered  the journal of this folder is part of one that was taken */
static int add_entry(struct sources *s, const char *path, int depth, bool covered)
{
	struct stat st;
	int r = 0;
	if (lstat(path, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode) && (stat(path, &st) < 0 || S_ISDIR(st.st_mode)))
		return 0; /* folders behind links might be round */
	if (S_ISDIR(st.st_mode) && depth + 1 < FOLDER_DEPTH_MAX)
		r = add_folder(s, path, depth + 1, covered);
	else if (S_ISREG(st.st_mode) && st.st_size > 0 && source_looks_like_log(path))
		r = add_file(s, path);
	return r == -ENOMEM || r == -EMFILE ? r : 0;
}

static int add_folder(struct sources *s, const char *path, int depth, bool covered)
{
	char full[PATH_MAX + NAME_MAX + 1];
	struct dirent **names = NULL;
	struct input *in;
	int count = scandir(path, &names, NULL, alphasort), r = count < 0 ? -errno : 0;
	bool journal = r == 0 && !covered && journal_in(path);
	if (journal)
		r = sources_input(s, INPUT_JOURNAL, path, &in);
	for (int i = 0; i < count; i++) {
		if (r == 0 && names[i]->d_name[0] != '.' && strlen(path) < PATH_MAX) {
			snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
			r = add_entry(s, full, depth, journal && journal_is_machine(names[i]->d_name));
		}
		free(names[i]);
	}
	free(names);
	return r;
}

static int add_top_folder(struct sources *s, const char *path, struct error *err)
{
	size_t before = s->count;
	int r = add_folder(s, path, 0, false);
	if (r < 0)
		return source_explain(r, path, err);
	if (s->count == before)
		return error_set(err, -ENOENT, "%s: there is no log in this folder", path);
	return 0;
}

/* @return the file's type in *ret_mode; -errno: it is not there, or not for this user. */
static int look_at(const char *path, mode_t *ret_mode)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return -errno;
	*ret_mode = st.st_mode;
	return !S_ISDIR(st.st_mode) && access(path, R_OK) < 0 ? -errno : 0;
}

/* What is no text. @return 1: it is one, or may be; 0: a file of the journal, and it was added; -errno */
static int add_no_text(struct sources *s, const char *path)
{
	struct input *in;
	return journal_is_file(path) ? sources_input(s, INPUT_JOURNAL, path, &in) : 1;
}

static int add_path(struct sources *s, const char *path, bool rotations, struct error *err)
{
	mode_t mode = 0;
	int r = look_at(path, &mode);
	if (r == 0 && S_ISDIR(mode))
		return add_top_folder(s, path, err);
	if (r == 0 && S_ISREG(mode)) {
		int text = add_no_text(s, path);
		if (text <= 0)
			return text;
	}
	if (r == 0)
		r = add_file(s, path);
	/* a member of a set was asked for by its own name: it alone is meant */
	if (rotations && (r == 0 || r == -ENOENT) && log_name_read(span_str(base_of(path))).kind == LOG_NAME_BASE) {
		int members = add_members(s, path);
		if (members > 0 || members == -ENOMEM)
			r = members < 0 ? members : 0;
	}
	return r < 0 ? source_explain(r, path, err) : 0;
}

static int add_glob(struct sources *s, const char *pattern, bool rotations, struct error *err)
{
	glob_t found;
	int r = glob(pattern, GLOB_BRACE, NULL, &found);
	size_t before = s->count;
	if (r != 0)
		return r == GLOB_NOSPACE ? -ENOMEM : error_set(err, -ENOENT, "%s: no such file", pattern);
	for (size_t i = 0; i < found.gl_pathc && (r >= 0 || r == -EACCES); i++) {
		r = add_path(s, found.gl_pathv[i], rotations, err);
		if (r == -EACCES || r == -ENOENT || r == -EISDIR) { /* of many, one is told in the coverage */
			r = add_file(s, found.gl_pathv[i]) == -ENOMEM ? -ENOMEM : 0;
		}
	}
	globfree(&found);
	if (r == 0 && s->count == before)
		return 0; /* all of them were there already */
	return r;
}

int sources_add(struct sources *s, const char *path, bool rotations, struct error *err)
{
	struct input *in;
	struct stat st;
	if (strcmp(path, "-") == 0)
		return sources_input(s, INPUT_STDIN, NULL, &in);
	if (strcmp(path, "journal") == 0)
		return sources_input(s, INPUT_JOURNAL, NULL, &in);
	if (strncmp(path, "journal:", 8) == 0)
		return sources_input(s, INPUT_JOURNAL, path + 8, &in);
	if (strpbrk(path, "*?[{") && stat(path, &st) < 0)
		return add_glob(s, path, rotations, err);
	return add_path(s, path, rotations, err);
}
