/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_MONTHS_H
#define OFFLIST_LOGREAD_MONTHS_H

#include "base/span.h"

/**
 * The short name of a month that a text begins with, in any case, as strftime(3)'s %b gives it in the languages of glibc:
 * journalctl writes its stamps in the administrator's language ("Mär 01", "janv. 24", "11月 24"). Texts are UTF-8 or
 * Latin-1. Croatian is left out: its lip, srp and lis are other months in Polish and Czech.
 * @return octets of the name, with its dot; a blank follows. 0: none.
 */
size_t month_name(struct span text, int *ret_month);

#endif
