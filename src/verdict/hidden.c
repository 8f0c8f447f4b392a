/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict/hidden.h"

enum {
	/* Blocked, Censored, Filtered, Prohibited (RFC 8914 4.16 to 4.19) */
	ERRORS_OF_FILTERS = 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18,
	JUDGED_ALONE = 4,  /* so many lists at fault are the resolver's doing without a control question */
	HIGH_AT_ONCE = 2,  /* so many operators of high impact do not lose their test points in one hour */
	CHANGED_SHARE = 4, /* a list that comes back is one of many; what minimises hides most */
	SHOWN_ENOUGH = 8,  /* so many lists are not all of another kind than rbldnsd's, which serves most */
};

static bool is_there(enum look look)
{
	return look == LOOK_SHOWN || look == LOOK_NO_DATA;
}

static bool absent(enum look look)
{
	return look == LOOK_NO_DATA || look == LOOK_NO_NAME;
}

/* Others are answered, this one is not, twice. */
static bool silent(const struct second_looks *s)
{
	return s->listed == POINT_NONE && s->again == LOOK_NONE;
}

/* Only the address of the listed point does not come: its text does, or at least its name is there, and names that are
 * not listed are denied as they should be. */
static bool address_alone_is_missing(const struct second_looks *s)
{
	bool failing = (s->listed == POINT_FAILED || s->listed == POINT_REFUSED) && s->again == LOOK_FAILED;
	bool no_passes = s->no_passes || absent(s->txt_clear);
	if (s->txt == LOOK_SHOWN && absent(s->txt_clear))
		return true;
	if (s->no_passes && s->errors & ERRORS_OF_FILTERS)
		return true;
	if (no_passes && (failing || silent(s)) && s->txt == LOOK_NO_DATA)
		return true;
	return s->no_name && s->txt == LOOK_NO_DATA &&
	       s->direct == LOOK_SHOWN; /* the text's "no" says that it is there */
}

/* What minimises strictly lets a question through now and then (after time-outs): a text alone does not tell it from a
 * filter that answers NXDOMAIN. */
static bool as_minimised(const struct second_looks *s)
{
	return s->no_name && s->has_above && !is_there(s->above) && !is_there(s->direct_above);
}

/* The list shows what the resolver denies, and denies itself that there is a name above it (against RFC 8020). */
static bool minimised(const struct second_looks *s)
{
	bool denied = s->direct_above == LOOK_NO_NAME || s->direct_above == LOOK_NONE;
	return s->has_above && s->no_name && s->txt == LOOK_NO_NAME && s->apex != LOOK_NO_NAME && denied;
}

enum hiding hiding_of(const struct second_looks *s)
{
	if (s->listed == POINT_SHOWN || absent(s->direct))
		return HIDING_NO;
	if (address_alone_is_missing(s))
		return as_minimised(s) ? HIDING_EITHER : HIDING_ANSWERS;
	if (s->listed == POINT_ELSEWHERE) /* of this name alone, as filters do; a parked zone does so for every name */
		return s->no_passes && s->direct != LOOK_FAILED ? HIDING_ANSWERS : HIDING_NO;
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
	return e->open ? FAULT_HIDES : FAULT_NONE;
}

bool hidden_shown_after(const struct resolver_evidence *e)
{
	return e->changed * CHANGED_SHARE > e->shown;
}

bool hidden_not_strict(const struct resolver_evidence *e)
{
	return !hidden_shown_after(e) && (e->shown_below || (e->shown_below_unkept && !e->open_kept));
}

/* What was proved: an entry is there, and the resolver does not show it. */
static enum resolver_fault fault_proved(const struct resolver_evidence *e)
{
	bool minimises = e->names || e->cut_below || (e->either && e->shown);
	if (e->answers || (e->either && hidden_not_strict(e) && e->shown_below + e->shown_below_unkept >= e->either))
		return FAULT_FILTERS;
	if (e->either && hidden_not_strict(e))
		return FAULT_EITHER; /* a filter with exceptions, or what minimises now and then not */
	/* BIND's strict minimisation lets a name through now and then: that clears it of few lists, not of most */
	if (minimises && (!hidden_not_strict(e) || e->names + e->cut_below > e->shown_below + e->shown_below_unkept))
		return FAULT_MINIMISES;
	return e->either ? FAULT_EITHER : FAULT_NONE;
}

/* Test points that are missing beside others that are shown. */
static bool some_may_be_hidden(const struct resolver_evidence *e)
{
	return (e->open_names && e->looked_above && !hidden_not_strict(e)) || e->open_high >= HIGH_AT_ONCE;
}

enum resolver_fault hidden_fault_of(const struct resolver_evidence *e)
{
	enum resolver_fault fault = FAULT_NONE;
	if (!e->shown && e->denied && e->no_apex == e->denied)
		return FAULT_NOTHING;
	fault = fault_proved(e);
	if (fault == FAULT_NONE && !e->shown)
		fault = fault_to_all(e);
	else if (fault == FAULT_NONE && some_may_be_hidden(e))
		fault = FAULT_HIDES;
	if (fault == FAULT_NONE && e->refused >= JUDGED_ALONE && e->refused * 2 > e->asked)
		fault = FAULT_REFUSED;
	return fault;
}

bool hidden_fault_hides(enum resolver_fault fault)
{
	return fault == FAULT_FILTERS || fault == FAULT_MINIMISES || fault == FAULT_EITHER || fault == FAULT_HIDES ||
	       fault == FAULT_NOTHING || fault == FAULT_LISTS || fault == FAULT_REWRITES;
}

bool hidden_no_is_doubtful(const struct second_looks *s, enum resolver_fault fault, const struct resolver_evidence *e)
{
	bool minimises = fault == FAULT_MINIMISES || fault == FAULT_EITHER || fault == FAULT_HIDES;
	if (!hidden_fault_hides(fault))
		return false;
	/* Its own test point came through a filter, and so would a target: an exception. Or the point is older than the
	 * filter and out of a cache: then the target's "no" looks unlike the list's own, unless the filter denies names. */
	if (s->listed != POINT_SHOWN || (e->filtered && (fault == FAULT_FILTERS || fault == FAULT_EITHER)))
		return true;
	if (minimises && !s->has_above)
		return true;
	/* what minimises strictly is not so regular */
	return !is_there(s->above) && (fault == FAULT_MINIMISES || (s->above == LOOK_NO_NAME && !is_there(s->below)));
}

bool hidden_no_hangs_on_resolver(const struct second_looks *s, const struct resolver_evidence *e)
{
	return s->listed != POINT_SHOWN || !s->has_above || (hidden_shown_after(e) && !is_there(s->above));
}

bool hidden_is_proved(const struct resolver_evidence *e)
{
	return e->shown && !hidden_shown_after(e) && (hidden_not_strict(e) || e->shown_deep >= SHOWN_ENOUGH);
}

bool hidden_fault_lies(enum resolver_fault fault)
{
	return fault == FAULT_LISTS || fault == FAULT_REWRITES;
}

bool hidden_may_be_minimised(const struct second_looks *s)
{
	return s->has_above && s->no_name && s->txt != LOOK_NO_DATA && s->apex != LOOK_NO_NAME;
}

bool hidden_emptied(const struct second_looks *s, const struct resolver_evidence *e)
{
	bool agrees = s->txt == LOOK_NO_NAME || (s->txt == LOOK_NO_DATA && !s->no_name);
	bool hides = e->answers || e->either || e->names || e->cut_below || e->open_high >= HIGH_AT_ONCE;
	if (!agrees || hides)
		return false;
	/* the whole zone is gone, or the name is there without an address: no minimisation does that */
	if (s->apex == LOOK_NO_NAME || !s->no_name)
		return e->shown > 0;
	/* no name stands between the zone and its test point: no minimisation hides it */
	if (!s->has_above)
		return e->shown > 0 || is_there(s->apex);
	return e->shown_below || (s->no_soa && e->shown_below_unkept);
}

enum resolver_product hidden_product_of(const struct second_looks *s)
{
	if (s->listed == POINT_REFUSED && s->errors & ERRORS_OF_FILTERS)
		return PRODUCT_KNOT;
	if (s->listed == POINT_FAILED)
		return PRODUCT_BIND;
	if (s->listed == POINT_ABSENT && s->bare)
		return s->errors & ERRORS_OF_FILTERS ? PRODUCT_DNSMASQ : PRODUCT_UNBOUND;
	return PRODUCT_UNKNOWN;
}

const char *hidden_fault_text(enum resolver_fault fault)
{
	static const char *const texts[] = {
		[FAULT_FILTERS] = "filters",   [FAULT_EITHER] = "hides",    [FAULT_MINIMISES] = "minimises",
		[FAULT_HIDES] = "hides",       [FAULT_NOTHING] = "nothing", [FAULT_LISTS] = "lists",
		[FAULT_REWRITES] = "rewrites", [FAULT_FAILS] = "fails",     [FAULT_REFUSES] = "refuses",
		[FAULT_SILENT] = "silent",     [FAULT_REFUSED] = "refused", [FAULT_UNPROVEN] = "unproven",
	};
	return (size_t)fault < sizeof(texts) / sizeof(texts[0]) ? texts[fault] : NULL;
}
