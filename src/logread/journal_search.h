/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_SEARCH_H
#define OFFLIST_LOGREAD_JOURNAL_SEARCH_H

#include "logread/journal_file.h"

/**
 * Has a file no entry of a mail program? Told from its index of fields, without reading the entries: most machines' journals
 * have none, and who only asks whether there is a log should not wait for gigabytes.
 * @return true: none; false: it has some, or its index is not whole.
 */
bool journal_search_no_mail(struct journal_file *f);

#endif
