/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_CATALOGUE_FILES_H
#define OFFLIST_LISTS_CATALOGUE_FILES_H

#include "config/schema.h"

/* The administrator's files of records: lists.d, receivers.d. */

/** Of several reasons not to start the gravest counts: a file that cannot be read hides others. */
void catalogue_files_worse(int *rc, int other);
/**
 * A file's octets, owned by the arena; what is wrong with it is told, that it is not there is not.
 * @param ret_mode  permission bits; may be NULL.
 * @return 0; as schema_file().
 */
int catalogue_files_take(struct schema_faults *faults, const char *path, struct arena *arena, struct span *ret_text,
			 unsigned int *ret_mode);

/** What a file's fault means for loading. @return 0; -ENOMEM; -EACCES: cannot be read; -EBADMSG: a fault in it. */
int catalogue_files_as_configuration(int rc);

typedef int files_fn(void *arg, struct span text, const char *path);
/** One file's text to `one`; that it is not there is told as well. @return what `one` gave; as schema_file(). */
int catalogue_files_one(const char *path, struct schema_faults *faults, struct arena *arena, files_fn *one, void *arg);
/** All *.yaml and *.yml of a folder, by name. A folder that is not there has none. @return the gravest, as
 * catalogue_files_as_configuration(). */
int catalogue_files_each(const char *dir, struct schema_faults *faults, struct arena *arena, files_fn *one, void *arg);

#endif
