/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as settings, a line each, and as the rows of every table: it comes to an end, and who chooses is let no less. */
#include <stdlib.h>

#include "audit/audit_rules.h"

enum { ROWS_MAX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span rows_of(void *arg, enum audit_rules_kind kind, struct span table)
{
	const struct span *all = arg;
	return kind == RULES_SENDER ? *all : span_of(all->at, all->len / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mta_setting rows[SETTINGS_MAX], one;
	struct mta_settings settings = {.row = rows};
	struct span all = span_of(data, size), rest = all, line;
	struct audit_rules rules = {.settings = &settings, .rows = rows_of, .arg = &all};
	struct audit_rules_way way;
	bool plain;
	while (settings.count < ROWS_MAX && finder_line_next(&rest, &line))
		if (mta_setting_split(line, &one))
			mta_settings_set(&settings, one.name, one.value);
	audit_rules_serve(&rules);
	plain = audit_rules_let(&rules, &way);
	rules.artful = true;
	if (plain && !audit_rules_let(&rules, &way))
		abort();
	if (plain && way.table.len && !way.row.len)
		abort();
	return 0;
}
