/* SPDX-License-Identifier: BSD-2-Clause */
/* A lane as a machine: its states, what may lead from one to another, and nothing else. What is done on the way stands in
 * judge.c. */
#include <assert.h>

#include "check/run.h"

/* A row a state, a place an event; 0: cannot happen, else the next state and 1. A block may begin when the last one has
 * ended: with LANE_OUT or LANE_DONE, or with a lane that what was found out of the resolver at the very end has opened
 * again (LANE_BESIDE; a control, LANE_RESOLVER). */
#define TO(state) ((state) + 1)
static const uint8_t next_state[LANE_STATE_COUNT][LANE_EVENT_COUNT] = {
	[LANE_OUT] =
		{
			[LANE_LEFT_OUT] = TO(LANE_OUT),
			[LANE_BEGUN] = TO(LANE_RESOLVER),
			[LANE_BEGUN_DIRECT] = TO(LANE_DIRECT),
		},
	[LANE_RESOLVER] =
		{
			[LANE_LEFT_OUT] = TO(LANE_OUT),
			[LANE_DOUBTED_TARGETS] = TO(LANE_RECHECK),
			[LANE_DOUBTED_POINT] = TO(LANE_CONFIRM),
			[LANE_DOUBTED_ALL] = TO(LANE_BESIDE),
			[LANE_JUDGED] = TO(LANE_TEXTS),
			[LANE_BROKEN_OFF] = TO(LANE_DONE),
		},
	[LANE_RECHECK] = {[LANE_JUDGED] = TO(LANE_TEXTS), [LANE_BROKEN_OFF] = TO(LANE_DONE)},
	[LANE_CONFIRM] = {[LANE_JUDGED] = TO(LANE_TEXTS), [LANE_BROKEN_OFF] = TO(LANE_DONE)},
	[LANE_BESIDE] =
		{
			[LANE_LEFT_OUT] = TO(LANE_OUT),
			[LANE_BEGUN] = TO(LANE_RESOLVER),
			[LANE_BEGUN_DIRECT] = TO(LANE_DIRECT),
			[LANE_JUDGED] = TO(LANE_TEXTS),
			[LANE_BROKEN_OFF] = TO(LANE_DONE),
		},
	[LANE_DIRECT] = {[LANE_JUDGED] = TO(LANE_TEXTS), [LANE_BROKEN_OFF] = TO(LANE_DONE)},
	[LANE_TEXTS] =
		{
			[LANE_DOUBTED_ALL] = TO(LANE_BESIDE),
			[LANE_TEXTS_IN] = TO(LANE_DONE),
			[LANE_BROKEN_OFF] = TO(LANE_DONE),
		},
	[LANE_DONE] =
		{
			[LANE_LEFT_OUT] = TO(LANE_OUT),
			[LANE_BEGUN] = TO(LANE_RESOLVER),
			[LANE_BEGUN_DIRECT] = TO(LANE_DIRECT),
			[LANE_DOUBTED_ALL] = TO(LANE_BESIDE),
		},
};

static const char *const state_words[LANE_STATE_COUNT] = {
	[LANE_OUT] = "out",       [LANE_RESOLVER] = "resolver", [LANE_RECHECK] = "recheck", [LANE_CONFIRM] = "confirm",
	[LANE_BESIDE] = "beside", [LANE_DIRECT] = "direct",     [LANE_TEXTS] = "texts",     [LANE_DONE] = "done",
};

static const char *const event_words[LANE_EVENT_COUNT] = {
	[LANE_LEFT_OUT] = "left_out",
	[LANE_BEGUN] = "begun",
	[LANE_BEGUN_DIRECT] = "begun_direct",
	[LANE_DOUBTED_TARGETS] = "doubted_targets",
	[LANE_DOUBTED_POINT] = "doubted_point",
	[LANE_DOUBTED_ALL] = "doubted_all",
	[LANE_JUDGED] = "judged",
	[LANE_TEXTS_IN] = "texts_in",
	[LANE_BROKEN_OFF] = "broken_off",
};

/* What holds in each state. */
static bool is_sound(const struct lane *l)
{
	switch (l->state) {
	case LANE_RESOLVER:
	case LANE_RECHECK:
	case LANE_CONFIRM:
		return l->asked == l->state && l->route[STAGE_FIRST].count == l->run->system_route.count;
	case LANE_BESIDE:
	case LANE_DIRECT:
		return l->asked == l->state && l->role == LANE_OWN;
	case LANE_OUT:
		return l->asked == LANE_OUT && !l->texts_todo && !l->texts_pending;
	case LANE_TEXTS:
	case LANE_DONE:
		return l->asked >= LANE_RESOLVER && l->asked <= LANE_DIRECT && l->belief_state != BELIEF_ASKING;
	default:
		return false;
	}
}

void lane_enter(struct lane *l, enum lane_event event)
{
	enum lane_state from = l->state, to = (enum lane_state)(next_state[from][event] - 1);
	assert(next_state[from][event] != 0);
	l->state = to;
	if (to <= LANE_DIRECT)
		l->asked = to;
	trace_event(l->run->config->trace, "check", "lane", TRACE_TEXT("zone", l->list->zone),
		    TRACE_NUMBER("lane", l->number), TRACE_TEXT("by", event_words[event]),
		    TRACE_TEXT("from", state_words[from]), TRACE_TEXT("to", state_words[to]),
		    TRACE_TEXT("belief", lane_settled(l) ? belief_text(l->belief_state) : "open"),
		    TRACE_TEXT("why", l->why == STATUS_WHY_NONE ? "" : status_why_text(l->why)),
		    TRACE_NUMBER("after_us", l->run->now_us - l->begun_us));
	assert(is_sound(l));
}
