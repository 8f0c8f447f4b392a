/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_FILES_H
#define OFFLIST_SYS_FILES_H

#include "base/buf.h"
#include "base/error.h"

/* Files that are read whole. The maximum of the caller's buffer is the most that is taken of them. */

enum {
	FILES_REGULAR = 1, /* a pipe or device is not read, nor waited for: it might never end */
	FILES_CUT = 2,     /* of a longer file its beginning is taken; else it is refused */
};

struct file_facts {
	unsigned int mode; /* permissions, as chmod() has them */
	bool cut;          /* there is more of it */
};

/**
 * Add what is in a file to `out`.
 * @param how        FILES_REGULAR, FILES_CUT or both; 0: whatever can be read, and all of it.
 * @param ret_facts  may be NULL.
 * @param why        what is wrong, without the path, which the caller has in its own words; may be NULL.
 * @return 0; -EFBIG: longer than the buffer's maximum; -EISDIR; -EINVAL: not regular; -EINTR: a signal came while a
 * pipe or terminal was waited for; -ENOMEM; -errno of open() or read(). What was read until then is in `out`.
 */
int files_read(const char *path, unsigned int how, struct buf *out, struct file_facts *ret_facts, struct error *why);

/** The same from a descriptor, which is left open: standard input. */
int files_read_open(int fd, unsigned int how, struct buf *out, struct file_facts *ret_facts, struct error *why);

#endif
