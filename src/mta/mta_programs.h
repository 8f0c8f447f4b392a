/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_MTA_PROGRAMS_H
#define OFFLIST_MTA_MTA_PROGRAMS_H

#include <stdbool.h>

/** Is this executable part of a mail server, or of a program that hands mail to one, where their packages put it? */
bool mta_program_known(const char *exe);

/** "python3.11", "php-fpm8.2": runs what others wrote, so that its path says nothing of who sends. */
bool mta_program_interprets(const char *exe);

#endif
