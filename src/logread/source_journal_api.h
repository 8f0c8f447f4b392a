/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_JOURNAL_API_H
#define OFFLIST_LOGREAD_SOURCE_JOURNAL_API_H

#include <systemd/sd-journal.h>

#include "base/error.h"

/* The functions of libsystemd that source_journal.c calls. It is loaded at the first use: a start of the program does not
 * pay for it. */
struct journal_api {
	void *library;
	int (*open)(sd_journal **, int);
	int (*open_directory)(sd_journal **, const char *, int);
	void (*close)(sd_journal *);
	int (*add_match)(sd_journal *, const void *, size_t);
	int (*add_disjunction)(sd_journal *);
	int (*next)(sd_journal *);
	int (*seek_head)(sd_journal *);
	int (*seek_realtime)(sd_journal *, uint64_t);
	int (*get_realtime)(sd_journal *, uint64_t *);
	int (*get_data)(sd_journal *, const char *, const void **, size_t *);
	int (*get_fd)(sd_journal *);
	int (*process)(sd_journal *);
};

/** @return 0; -ELIBACC with the line. */
int journal_api_load(struct journal_api *ret_api, struct error *err);

#endif
