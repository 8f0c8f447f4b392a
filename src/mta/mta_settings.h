/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_MTA_SETTINGS_H
#define OFFLIST_MTA_MTA_SETTINGS_H

#include "mta/finder.h"

/* "name = value" as Postfix's main.cf, postconf, exim -bP and Exim's configuration have it. The last one counts. */

enum { SETTINGS_MAX = 512, SETTING_VALUE_MAX = 65536 };

struct mta_setting {
	struct span name, value;
};

struct mta_settings {
	struct mta_setting *row;
	size_t count;
};

/** Room for SETTINGS_MAX; the error is kept in `f`. */
struct mta_settings mta_settings_make(struct finder *f);
void mta_settings_set(struct mta_settings *s, struct span name, struct span value);
/** Empty span when it is not there. */
struct span mta_settings_get(const struct mta_settings *s, const char *name);
bool mta_settings_has(const struct mta_settings *s, const char *name);

/** Split "name = value" at its first '='. False: no setting. */
bool mta_setting_split(struct span line, struct mta_setting *ret_setting);

/**
 * The next logical line: comments and empty lines left out; a line that begins with white space goes on the one
 * before (postconf(5)), joined in the arena. False: none left.
 */
bool mta_settings_line_next(struct finder *f, struct span *rest, struct span *ret_line);

/** Put the values of $name, ${name} and $(name) in (eight deep, SETTING_VALUE_MAX octets); unknown ones become "". */
struct span mta_settings_expand(struct finder *f, const struct mta_settings *s, struct span value);

#endif
