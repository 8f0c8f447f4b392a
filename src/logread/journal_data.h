/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_DATA_H
#define OFFLIST_LOGREAD_JOURNAL_DATA_H

#include "logread/journal_file.h"
#include "logread/journal_unpack.h"
#include "logread/source_record.h"

/*
 * What an entry says: the fields that a line is made of. A datum (an object "NAME=value") stands in a file once, however
 * many entries have it: what one is, is kept by its place.
 */

struct journal_data;

/** Is it such a datum that tells a mail program's entry? */
bool journal_data_is_mail(struct span text);

/** @return NULL: no memory */
struct journal_data *journal_data_new(void);
void journal_data_free(struct journal_data *d);

/**
 * Fill the record from the file's entry, if it is of a mail program: facility mail, or an identifier that is known.
 * @param unpack  NULL only in tests: packed data cannot be read then.
 * @return 1; 0: another program's; -EBADMSG: it is one, or may be, and its text cannot be read; -ENOMEM.
 */
int journal_data_take(struct journal_data *d, struct journal_file *f, struct journal_unpack *unpack,
		      struct record *record);

#endif
