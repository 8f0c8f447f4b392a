/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CONFIG_SETTINGS_H
#define OFFLIST_CONFIG_SETTINGS_H

#include "base/arena.h"
#include "base/error.h"
#include "config/schema.h"

/* /etc/offlist/offlist.yaml (offlist.yaml(5)); every setting is a row of the table in settings.c. */
struct settings {
	struct {
		const char *resolver;     /* "auto" | "system" | "direct" | ADDR[:PORT] */
		const char *root_hints;   /* file; NULL: built in */
		const char *trust_anchor; /* file; NULL: the system's; "none": no DNSSEC */
		const char *resolv_conf;  /* default /etc/resolv.conf */
		double budget_s;          /* time for one list, default 2 */
	} dns;
	struct {
		const char *min_impact; /* low | medium | high, default medium */
		const char **skip;      /* zones */
		size_t skip_count;
		const char **enable; /* unverified zones to ask as well */
		size_t enable_count;
		bool strict;
	} check;
	const char **addresses; /* this server's, above all that is found */
	size_t address_count;
	const char *lists_dir;     /* default /etc/offlist/lists.d */
	const char *receivers_dir; /* default /etc/offlist/receivers.d */
	const char *key_file;      /* default /etc/offlist/keys.yaml */
	const char *state;         /* state folder; NULL: default */
};

/**
 * @param path      file; a missing file is an error only when `required`.
 * @return 0; -EACCES (exit 77); -ENOENT; -EBADMSG (exit 78) with "FILE:LINE:COLUMN: key: what was expected" in err.
 */
int settings_load(const char *path, bool required, struct arena *arena, struct settings *ret_settings,
		  struct error *err);
/** The same; every fault is told through `faults`, the first one stands in its err as well. */
int settings_load_all(const char *path, bool required, struct arena *arena, struct schema_faults *faults,
		      struct settings *ret_settings);

/** The same from octets in memory; all faults are told. @return 0; -EBADMSG; -ENOMEM. */
int settings_read(struct span text, const char *file, struct arena *arena, struct schema_faults *faults,
		  struct settings *ret_settings);

/** The table of all settings with defaults and help, for the manual and completion. */
const struct schema *settings_schema(void);

#endif
