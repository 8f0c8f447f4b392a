/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists/catalogue_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

enum { FILES_MAX = 1024 };

void catalogue_files_worse(int *rc, int other)
{
	if (other < 0 && (*rc == 0 || other == -ENOMEM || (other == -EACCES && *rc != -ENOMEM)))
		*rc = other;
}

static void tell_unread(struct schema_faults *faults, const char *path, int error)
{
	schema_fault(faults, path, (struct schema_place){0}, NULL, "cannot be read: %s", strerror(error));
}

int catalogue_files_take(struct schema_faults *faults, const char *path, struct arena *arena, struct span *ret_text,
			 unsigned int *ret_mode)
{
	int rc = schema_file(path, arena, ret_text, ret_mode);
	if (rc < 0 && rc != -ENOMEM && rc != -ENOENT)
		tell_unread(faults, path, -rc);
	return rc;
}

int catalogue_files_as_configuration(int rc)
{
	if (rc == 0 || rc == -ENOMEM || rc == -EBADMSG)
		return rc;
	return rc == -EFBIG ? -EBADMSG : -EACCES;
}

int catalogue_files_one(const char *path, struct schema_faults *faults, struct arena *arena, files_fn *one, void *arg)
{
	struct span text;
	int rc = path ? catalogue_files_take(faults, path, arena, &text, NULL) : -ENOMEM;
	if (rc == -ENOENT) /* not there, a link to nowhere, or gone since its folder was read */
		tell_unread(faults, path, ENOENT);
	return rc < 0 ? rc : one(arg, text, path);
}

static int is_record_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

int catalogue_files_each(const char *dir, struct schema_faults *faults, struct arena *arena, files_fn *one, void *arg)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_record_file, alphasort), rc = 0;
	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		tell_unread(faults, dir, errno);
		return -EACCES;
	}
	if (count > FILES_MAX)
		schema_fault(faults, dir, (struct schema_place){0}, NULL, "more than %d files", FILES_MAX);
	for (int i = 0; i < count; i++) {
		if (i < FILES_MAX)
			catalogue_files_worse(&rc, catalogue_files_as_configuration(catalogue_files_one(
							   arena_printf(arena, "%s/%s", dir, entries[i]->d_name),
							   faults, arena, one, arg)));
		free(entries[i]);
	}
	free(entries);
	return rc;
}
