/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict/hidden.h"

enum {
	/* Blocked, Censored, Filtered, Prohibited (RFC 8914 4.16 to 4.19) */
	ERRORS_OF_FILTERS = 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18,
	JUDGED_ALONE = 4, /* so many lists at fault are the resolver's doing without a control question */
	HIGH_AT_ONCE = 2, /* so many operators of high impact do not lose their test points in one hour */
};

static bool absent(enum look look)
{
	return look == LOOK_NO_DATA || look == LOOK_NO_NAME;
}

/* Only the address of the listed point does not come: its text does, or at least its name is there, and names that are
 * not listed are denied as they should be. */
static bool address_alone_is_missing(const struct second_looks *s)
{
	bool failing = s->listed == POINT_FAILED || s->listed == POINT_REFUSED;
	if (s->txt == LOOK_SHOWN && absent(s->txt_clear))
		return true;
	if (s->no_passes && s->errors & ERRORS_OF_FILTERS)
		return true;
	return s->no_passes && failing && s->txt == LOOK_NO_DATA;
}

/* The list shows what the resolver denies, and denies itself that there is a name above it (against RFC 8020). */
static bool minimised(const struct second_looks *s)
{
	bool denied = s->direct_above == LOOK_NO_NAME || s->direct_above == LOOK_NONE;
	return s->has_above && s->no_name && absent(s->txt) && denied;
}

enum hiding hiding_of(const struct second_looks *s)
{
	if (s->listed == POINT_SHOWN || s->listed == POINT_NONE || absent(s->direct))
		return HIDING_NO;
	if (address_alone_is_missing(s))
		return HIDING_ANSWERS;
	if (s->listed == POINT_ELSEWHERE)
		return s->no_passes && s->direct == LOOK_SHOWN ? HIDING_ANSWERS : HIDING_NO;
	if (s->listed != POINT_ABSENT)
		return HIDING_NO;
	if (s->direct != LOOK_SHOWN)
		return HIDING_OPEN;
	if (s->bare && s->no_passes)
		return HIDING_ANSWERS;
	return minimised(s) ? HIDING_NAMES : HIDING_OLD;
}

/* Most of the lists that were asked, and a name that is no list's is answered alike; enough lists will do where that
 * name was not asked. */
static bool most(const struct resolver_evidence *e, uint32_t count, enum point_answer control)
{
	bool enough = e->control_asked && (e->control != POINT_NONE || control == POINT_NONE) ? e->control == control
											      : count >= JUDGED_ALONE;
	return count * 2 > e->asked && enough;
}

static enum resolver_fault fault_to_all(const struct resolver_evidence *e)
{
	if (most(e, e->lists, POINT_SHOWN))
		return FAULT_LISTS;
	if (most(e, e->rewrites, POINT_ELSEWHERE))
		return FAULT_REWRITES;
	if (most(e, e->fails, POINT_FAILED))
		return FAULT_FAILS;
	if (most(e, e->refuses, POINT_REFUSED))
		return FAULT_REFUSES;
	if (most(e, e->silent, POINT_NONE))
		return FAULT_SILENT;
	if (e->open && e->no_apex == e->open)
		return FAULT_NOTHING;
	return e->open ? FAULT_HIDES : FAULT_NONE;
}

enum resolver_fault resolver_fault_of(const struct resolver_evidence *e)
{
	enum resolver_fault fault = FAULT_NONE;
	if (e->answers)
		return FAULT_FILTERS;
	if (e->names && !e->shown_below)
		return FAULT_MINIMISES;
	if (!e->shown)
		fault = fault_to_all(e);
	else if (e->open && (!e->shown_below || e->open_high >= HIGH_AT_ONCE))
		fault = FAULT_HIDES;
	if (fault == FAULT_NONE && e->refused >= JUDGED_ALONE && e->refused * 2 > e->asked)
		fault = FAULT_REFUSED;
	return fault;
}

bool resolver_fault_hides(enum resolver_fault fault)
{
	return fault == FAULT_FILTERS || fault == FAULT_MINIMISES || fault == FAULT_HIDES || fault == FAULT_NOTHING ||
	       fault == FAULT_LISTS || fault == FAULT_REWRITES;
}

bool resolver_fault_lies(enum resolver_fault fault)
{
	return fault == FAULT_LISTS || fault == FAULT_REWRITES;
}

bool emptied(const struct second_looks *s, const struct resolver_evidence *e)
{
	if (!absent(s->txt) || e->answers || e->names || e->open_high >= HIGH_AT_ONCE)
		return false;
	/* the whole zone is gone, or the name is there without an address: no minimisation does that */
	if (s->apex == LOOK_NO_NAME || !s->no_name)
		return e->shown > 0;
	/* no name stands between the zone and its test point: no minimisation hides it */
	if (!s->has_above)
		return e->shown > 0 || s->apex == LOOK_SHOWN || s->apex == LOOK_NO_DATA;
	return e->shown_below > 0;
}

enum resolver_product resolver_product_of(const struct second_looks *s)
{
	if (s->listed == POINT_REFUSED && s->errors & ERRORS_OF_FILTERS)
		return PRODUCT_KNOT;
	if (s->listed == POINT_FAILED)
		return PRODUCT_BIND;
	if (s->listed == POINT_ABSENT && s->bare)
		return s->errors & ERRORS_OF_FILTERS ? PRODUCT_DNSMASQ : PRODUCT_UNBOUND;
	return PRODUCT_UNKNOWN;
}

const char *resolver_fault_text(enum resolver_fault fault)
{
	static const char *const texts[] = {
		[FAULT_FILTERS] = "filters", [FAULT_MINIMISES] = "minimises", [FAULT_HIDES] = "hides",
		[FAULT_NOTHING] = "nothing", [FAULT_LISTS] = "lists",         [FAULT_REWRITES] = "rewrites",
		[FAULT_FAILS] = "fails",     [FAULT_REFUSES] = "refuses",     [FAULT_SILENT] = "silent",
		[FAULT_REFUSED] = "refused",
	};
	return (size_t)fault < sizeof(texts) / sizeof(texts[0]) ? texts[fault] : NULL;
}
