/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_PHP_LINES_H
#define OFFLIST_LOGJOIN_PHP_LINES_H

#include "logparse/event.h"

/* PHP's mail.log names the script and the recipient, but no message: the last ones are kept, and a local message to the
 * same recipient within two seconds is that script's. */

enum { PHP_LINES_KEPT = 1 << 14, PHP_LINE_PLACES = 8, PHP_SCRIPTS_MAX = 1024, PHP_NEAR_S = 2 };

struct php_line {
	uint64_t recipient; /* hash; 0: free */
	int64_t at_s;
	uint32_t script;
};

struct php_lines {
	struct php_line *at; /* by recipient and second, each in one of PHP_LINE_PLACES */
	char **scripts;
	uint32_t script_count;
	int error;
};

void php_lines_release(struct php_lines *s);
void php_lines_note(struct php_lines *s, const struct mail_event *e);
/** The script that handed over a message to this recipient at this time; empty: none known. */
struct span php_lines_find(const struct php_lines *s, struct span recipient, int64_t at_ms);

#endif
