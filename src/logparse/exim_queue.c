/* SPDX-License-Identifier: BSD-2-Clause */
/* What Exim and its administrator do to a message in the queue (deliver.c, exim.c: -M..). */
#include "logparse/exim.h"

struct change {
	const char *words;
	enum mail_outcome outcome;
};

static const struct change changes[] = {
	{"Frozen", OUTCOME_HELD},         {"frozen by ", OUTCOME_HELD},       {"Message is frozen", OUTCOME_HELD},
	{"*** Frozen", OUTCOME_HELD},     {"Unfrozen by ", OUTCOME_NONE},     {"unfrozen by ", OUTCOME_NONE},
	{"removed by ", OUTCOME_REMOVED}, {"cancelled by ", OUTCOME_EXPIRED}, /* -Mg: it goes back to the sender */
};

/* "address <a@example.com> marked delivered by root", "recipient <a@example.com> added by root" */
static bool one_recipient(struct exim_rest r, struct mail_event *e)
{
	bool done = exim_take(&r, "address ");
	if (!done && !exim_take(&r, "recipient "))
		return false;
	e->recipient = exim_address(&r);
	exim_skip_blanks(&r);
	e->outcome = done ? OUTCOME_REMOVED : OUTCOME_WAITING;
	return e->recipient.len && exim_take(&r, done ? "marked delivered by " : "added by ");
}

bool exim_queue(const struct exim_rest *r, struct mail_event *e)
{
	struct span text = exim_rest_span(r);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (span_starts(text, changes[i].words)) {
			e->kind = EVENT_CHANGE;
			e->outcome = changes[i].outcome;
			return true;
		}
	if (!one_recipient(*r, e)) {
		e->outcome = OUTCOME_NONE;
		e->recipient = (struct span){NULL, 0};
		return false;
	}
	e->kind = EVENT_CHANGE;
	return true;
}
