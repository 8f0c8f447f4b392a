/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from the answers: when a list is judged, when it is asked directly, what stands in the end. */
#include <errno.h>
#include <stdio.h>

#include "check/run.h"

enum {
	ESCALATE_AFTER_US = 600000,  /* a resolver silent about a list's test points so long: ask the list beside it */
	GRACE_US = 60000,            /* for answers that come with the last try */
	SPARE_QUERIES = 12,          /* test points, confirmations and texts; what is not used goes back */
	SERVERS_WITHIN_US = 1500000, /* finding a zone's own servers may take this long in a sweep */
	HIDDEN_MS = 14400000, /* BIND keeps a "no" for 3 h at most, unbound for 1; and then what was found by it */
};

static uint64_t mix(uint64_t x) /* splitmix64: independent test points for every lane and stage */
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The family whose test points are asked: a list without points of its own for IPv6 is tested by those for IPv4. */
static enum belief_family points_family(const struct lane *l)
{
	return l->family == BELIEF_IP6 && !l->list->test.ip6 && l->list->test.ip4 ? BELIEF_IP4 : l->family;
}

static void stage_begin(struct lane *l, enum stage stage)
{
	struct run *r = l->run;
	l->next[stage] = 0;
	if (stage == STAGE_FIRST && l->trust == TRUST_CONFIRMED)
		l->trust = TRUST_NONE;
	if (l->belief[stage].state == BELIEF_GOOD && l->belief[stage].list)
		return; /* judged in an earlier block */
	belief_init(&l->belief[stage], l->list, points_family(l),
		    mix(r->config->seed ^ (uint64_t)l->number << 8 ^ (uint64_t)stage));
	if (l->role != LANE_OWN) {
		l->trust = TRUST_KEPT; /* one question, unless its answer is not the right one */
		return;
	}
	l->past = stage == STAGE_FIRST && memory_holds(r, &l->memory->hidden) ? PAST_HIDDEN : PAST_UNKNOWN;
	r->guilt.wary |= l->past == PAST_HIDDEN;
	if (l->trust == TRUST_KEPT)
		l->trust = TRUST_NONE;
	if (stage == STAGE_FIRST && l->memory->system.state == BELIEF_GOOD && memory_holds(r, &l->memory->system))
		l->trust = TRUST_KEPT;
}

static void cells_reset(struct lane *l)
{
	struct run *r = l->run;
	for (size_t t = 0; t < r->target_count; t++) {
		l->cells[t] = (struct cell){.state = CELL_OTHER_KIND, .why = STATUS_WHY_NONE};
		if (l->role != LANE_OWN || !lane_fits(l, &r->targets[t]) || target_unaskable(&r->targets[t]))
			continue;
		l->cells[t].state = l->not_asked == STATUS_WHY_NONE && l->hold != HOLD_NOW ? CELL_TODO : CELL_NOT_ASKED;
		l->cells[t].why = (int8_t)l->not_asked;
	}
}

static uint32_t cells_wanted(const struct lane *l)
{
	uint32_t n = 0;
	for (size_t t = 0; t < l->run->target_count; t++)
		n += l->cells[t].state == CELL_TODO;
	return n;
}

/* What is asked at the list's own servers follows from the event: belief and every cell (LANE_BEGUN_DIRECT,
 * LANE_DOUBTED_ALL), belief alone, a second way (LANE_DOUBTED_POINT), or the cells marked for it (LANE_DOUBTED_TARGETS). */
static void direct_begin(struct lane *l, enum lane_event why)
{
	const struct run *r = l->run;
	lane_enter(l, why);
	if (why != LANE_DOUBTED_TARGETS) {
		stage_begin(l, STAGE_DIRECT);
	} else {
		l->next[STAGE_DIRECT] = 0;
		l->belief[STAGE_DIRECT] =
			l->belief[STAGE_FIRST]; /* the list is believed; single answers are looked at */
	}
	if (l->servers != SERVERS_UNASKED)
		return;
	l->servers_by_us = r->small ? l->begun_us + r->config->budget_us : r->now_us + SERVERS_WITHIN_US;
	servers_ask(l);
}

/* Nothing of the last block is left but what was found out of the list. */
static void forget_block(struct lane *l)
{
	if (l->hold == HOLD_NEXT) {
		l->hold = HOLD_NOW;
		l->held_why = l->why;
	}
	l->supply = SUPPLY_OPEN;
	l->no = NO_STANDS;
	l->news = 0;
	l->begun_us = l->run->now_us;
	l->test_latency_us = -1;
	l->texts_todo = l->texts_pending = 0;
	cells_reset(l);
	for (enum stage s = STAGE_FIRST; s < STAGE_COUNT; s++) {
		l->pending[s] = 0;
		l->points[s] = (struct points){.todo = 0};
	}
}

void lane_begin(struct lane *l)
{
	const struct run *r = l->run;
	uint32_t wanted;
	forget_block(l);
	wanted = cells_wanted(l);
	if (l->not_asked != STATUS_WHY_NONE || l->hold == HOLD_NOW || l->role != LANE_OWN ||
	    (wanted == 0 && !r->health)) {
		l->belief_state = l->hold == HOLD_NOW ? BELIEF_REFUSED : BELIEF_GOOD;
		l->why = l->hold == HOLD_NOW ? l->held_why : STATUS_WHY_NONE;
		lane_enter(l, LANE_LEFT_OUT);
		return;
	}
	if (l->purse)
		l->purse->wanted += wanted + SPARE_QUERIES;
	if (r->config->mode == CHECK_DIRECT || l->start == STAGE_DIRECT) {
		direct_begin(l, LANE_BEGUN_DIRECT);
		return;
	}
	l->route[STAGE_FIRST] = r->system_route;
	lane_enter(l, LANE_BEGUN);
	stage_begin(l, STAGE_FIRST);
}

void lane_begin_control(struct lane *l)
{
	l->route[STAGE_FIRST] = l->run->system_route;
	lane_enter(l, LANE_BEGUN); /* its time began with the run's other lists */
	stage_begin(l, STAGE_FIRST);
	lane_ask(l);
}

/* Is a refusal about the resolver, so that the list's own servers may be asked from here? (rule 5) */
static bool about_resolver(enum why why)
{
	return why == STATUS_WHY_PUBLIC_RESOLVER || why == STATUS_WHY_GENERIC_PTR || why == STATUS_WHY_UNKNOWN_REFUSAL;
}

static bool mark_rechecks(struct lane *l)
{
	struct finding f;
	bool any = false;
	for (size_t t = 0; t < l->run->target_count; t++) {
		struct cell *cell = &l->cells[t];
		if (cell->state != CELL_DONE || cell->stage == STAGE_DIRECT)
			continue;
		cell_finding(l, cell, &f);
		cell->recheck = f.status == STATUS_UNREACHABLE || f.status == STATUS_BROKEN ||
				f.status == STATUS_LISTED || (f.status == STATUS_REFUSED && about_resolver(f.why));
		any = any || cell->recheck;
	}
	return any;
}

/* All that a stage began has come back, and nothing is left to ask in it. */
static bool stage_done(const struct lane *l, enum stage stage)
{
	const struct run *r = l->run;
	enum belief_state state = l->belief[stage].state;
	if (!lane_on(l, stage))
		return true;
	if (stage == STAGE_DIRECT && l->servers == SERVERS_ASKED)
		return false;
	if (stage == STAGE_DIRECT && l->servers == SERVERS_FAILED)
		return true;
	if (l->pending[stage] || state == BELIEF_ASKING)
		return false;
	if (stage == STAGE_DIRECT && lane_confirms(l))
		return true;
	return state != BELIEF_GOOD || l->next[stage] >= r->target_count;
}

/* Is there a target for which the resolver showed no entry? */
static bool has_no(const struct lane *l)
{
	for (size_t t = 0; t < l->run->target_count; t++) {
		const struct cell *cell = &l->cells[t];
		if (cell->state == CELL_DONE && cell->first && !cell_is_entry(l, cell))
			return true;
	}
	return l->run->health && lane_wants_proof(l);
}

bool lane_hangs_on_resolver(const struct lane *l)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	if (!lane_on(l, STAGE_FIRST))
		return false;
	if (second_begun(l) || b->state == BELIEF_BROKEN)
		return true;
	return (lane_unproven(l) || l->run->guilt.wary || (!l->run->guilt.proved && lane_wants_proof(l))) && has_no(l);
}

/* A "no" of a believed list that may be the resolver's. */
static bool no_is_suspicious(const struct lane *l)
{
	const struct guilt *g = &l->run->guilt;
	return l->no == NO_IN_DOUBT || (lane_unproven(l) && g->suspected) || (g->known && guilt_doubts(l));
}

static bool has_odd_no(const struct lane *l)
{
	for (size_t t = 0; t < l->run->target_count; t++)
		if (cell_no_is_odd(l, &l->cells[t]))
			return true;
	return false;
}

/* After the first stage: is there anything to ask at the list itself? */
static bool wants_direct(struct lane *l, enum lane_event *ret_why)
{
	const struct run *r = l->run;
	const struct belief *b = &l->belief[STAGE_FIRST];
	if (!lane_on(l, STAGE_FIRST) || lane_on(l, STAGE_DIRECT) || l->role != LANE_OWN || *r->config->stop)
		return false;
	*ret_why = LANE_DOUBTED_POINT;
	if (r->config->mode != CHECK_AUTO) /* an absent test point alone wants the list's own word beside it */
		return b->state == BELIEF_BROKEN && b->why == STATUS_WHY_NO_TEST_POINT;
	*ret_why = LANE_DOUBTED_ALL;
	if (b->state != BELIEF_GOOD)
		return b->state != BELIEF_REFUSED || about_resolver(b->why);
	if (has_no(l) && no_is_suspicious(l))
		return true;
	if (lane_hangs_on_resolver(l) && !r->guilt.known)
		return false;
	*ret_why = LANE_DOUBTED_TARGETS;
	return mark_rechecks(l);
}

static bool listed_under_old_belief(struct lane *l)
{
	struct finding f;
	if (l->belief[STAGE_FIRST].state != BELIEF_GOOD || l->trust != TRUST_CONFIRMED)
		return false;
	for (size_t t = 0; t < l->run->target_count; t++) {
		if (l->cells[t].state != CELL_DONE)
			continue;
		cell_finding(l, &l->cells[t], &f);
		if (f.status == STATUS_LISTED)
			return true;
	}
	return has_odd_no(l); /* how does the list itself say "not listed"? */
}

/* rule 1: where stages differ in their fault, the first of refused, unreachable, broken counts. */
static int fault_order(enum belief_state s)
{
	return s == BELIEF_REFUSED ? 0 : s == BELIEF_UNREACHABLE ? 1 : s == BELIEF_BROKEN ? 2 : 3;
}

/* The list itself has spoken: whatever the resolver made of it, this counts. */
static bool reached(enum belief_state s)
{
	return s == BELIEF_GOOD || s == BELIEF_REFUSED || s == BELIEF_BROKEN;
}

static void decide_state(struct lane *l)
{
	const struct belief *first = &l->belief[STAGE_FIRST], *direct = &l->belief[STAGE_DIRECT];
	const struct belief *stands = first;
	l->stands = STAGE_FIRST;
	if (lane_on(l, STAGE_DIRECT) && lane_all_direct(l)) {
		if (!lane_on(l, STAGE_FIRST))
			stands = direct;
		else if (l->servers == SERVERS_FOUND &&
			 (reached(direct->state) || fault_order(direct->state) < fault_order(first->state)))
			stands = direct;
		if (!lane_on(l, STAGE_FIRST) && l->servers != SERVERS_FOUND) {
			l->belief_state = BELIEF_UNREACHABLE;
			l->why = l->servers_outcome == DNS_SERVFAIL ? STATUS_WHY_SERVFAIL : STATUS_WHY_TIMEOUT;
			return;
		}
	}
	l->belief_state = stands->state == BELIEF_ASKING ? BELIEF_UNREACHABLE : stands->state;
	l->why = stands->state == BELIEF_ASKING ? STATUS_WHY_TIMEOUT : stands->why;
	l->stands = stands == direct ? STAGE_DIRECT : STAGE_FIRST;
	if (l->stands == STAGE_FIRST && lane_on(l, STAGE_FIRST))
		guilt_apply(l);
}

/* That the resolver did not find the test point is stored apart: the list's own servers may have judged it. */
static void remember_hidden(struct lane *l)
{
	const struct run *r = l->run;
	struct second_looks looks;
	const struct note note = {.kind = NOTE_HIDDEN,
				  .list = l->list,
				  .belief = {.state = BELIEF_UNREACHABLE,
					     .why = STATUS_WHY_RESOLVER_FILTERS,
					     .judged_at_ms = r->wall_ms,
					     .expires_at_ms = r->wall_ms + HIDDEN_MS}};
	if (!lane_on(l, STAGE_FIRST) || !second_begun(l))
		return;
	second_looks_of(l, &looks);
	if (hiding_of(&looks) != HIDING_NO && hidden_may_be_minimised(&looks))
		memory_note(l, &note);
}

static void remember(struct lane *l)
{
	const struct run *r = l->run;
	struct note note = {.kind = NOTE_BELIEF,
			    .stage = l->stands,
			    .list = l->list,
			    .belief = {.state = l->belief_state,
				       .why = l->why,
				       .judged_at_ms = r->wall_ms,
				       .expires_at_ms = r->wall_ms + belief_lifetime_ms(l->belief_state)}};
	/* a judgement that one good look confirmed grows no younger by it */
	if (l->role == LANE_OWN && (l->stands != STAGE_FIRST || l->trust != TRUST_CONFIRMED))
		memory_note(l, &note);
	if (l->belief_state == BELIEF_REFUSED && l->why <= STATUS_WHY_TYPO && l->why >= 0 &&
	    budget_refusal_ms((enum refusal_why)l->why) > 0) {
		note.kind = NOTE_REFUSAL;
		note.belief.expires_at_ms = r->wall_ms + budget_refusal_ms((enum refusal_why)l->why);
		memory_note(l, &note);
		if (l->hold == HOLD_NONE)
			l->hold = HOLD_NEXT;
	}
}

/* A second look that brought nothing in time: what the resolver said stands (rule 8 asks, it does not doubt). */
static bool keep_unconfirmed(const struct lane *l, struct cell *cell)
{
	if (lane_all_direct(l) || !cell->recheck || (cell->state != CELL_SENT && cell->state != CELL_TODO))
		return false;
	cell->state = CELL_DONE;
	cell->stage = STAGE_FIRST;
	cell->recheck = false;
	return true;
}

/* The list itself did not answer: what the resolver said of a believed list stands again. */
static bool take_back(const struct lane *l, struct cell *cell)
{
	if (!cell->first || l->stands != STAGE_FIRST || (cell->state != CELL_SENT && cell->state != CELL_TODO))
		return false;
	cell->state = CELL_DONE;
	cell->stage = STAGE_FIRST;
	return true;
}

/* A cell whose answer did not come, or came from where the list is not believed: what stands is the judgement of the
 * list (a plain "no" lets it through unchanged), or that no answer came. */
static void close_cell(const struct lane *l, struct cell *cell)
{
	bool open = cell->state == CELL_TODO || cell->state == CELL_SENT;
	bool other = cell->state == CELL_DONE && lane_all_direct(l) && l->stands == STAGE_DIRECT &&
		     cell->stage == STAGE_FIRST;
	if (keep_unconfirmed(l, cell) || take_back(l, cell) || (!open && !other))
		return;
	cell->state = CELL_DONE;
	cell->outcome = l->belief_state == BELIEF_GOOD ? DNS_TIMEOUT : DNS_NXDOMAIN;
	cell->kept = 0;
}

static void settle(struct lane *l)
{
	struct run *r = l->run;
	struct finding f;
	decide_state(l);
	lane_enter(l, LANE_JUDGED);
	l->start = l->belief_state == BELIEF_GOOD && l->stands == STAGE_DIRECT && l->supply != SUPPLY_ENDED
			   ? STAGE_DIRECT
			   : STAGE_FIRST;
	for (size_t t = 0; t < r->target_count; t++) {
		struct cell *cell = &l->cells[t];
		close_cell(l, cell);
		if (cell->state != CELL_DONE || !cell->kept)
			continue;
		cell_finding(l, cell, &f);
		if (f.status == STATUS_LISTED)
			l->texts_todo++;
		else
			cell_kept(l, cell)->txt_asked = true;
	}
	if (*r->config->stop || l->role != LANE_OWN)
		l->texts_todo = 0;
	if (l->supply != SUPPLY_ENDED) {
		remember(l);
		remember_hidden(l);
	}
}

/* The operator's budget is used up: what was not asked yet will not be. */
static void out_of_budget(struct lane *l)
{
	struct run *r = l->run;
	bool good = l->belief[STAGE_FIRST].state == BELIEF_GOOD || l->belief[STAGE_DIRECT].state == BELIEF_GOOD;
	for (size_t t = 0; t < r->target_count; t++) {
		struct cell *cell = &l->cells[t];
		if (cell->state == CELL_TODO || (!good && cell->state != CELL_OTHER_KIND)) {
			cell->state = CELL_NOT_ASKED;
			cell->why = STATUS_WHY_BUDGET;
		}
	}
	for (enum stage s = STAGE_FIRST; s < STAGE_COUNT; s++) {
		l->points[s].todo = 0;
		l->next[s] = (uint32_t)r->target_count;
		if (good || l->belief[s].state != BELIEF_ASKING)
			continue;
		l->belief[s].state = BELIEF_GOOD; /* nothing hangs on it: every cell is not asked */
		l->belief[s].list = NULL;         /* a later block begins anew */
	}
	if (!good)
		l->supply = SUPPLY_ENDED;
	l->texts_todo = 0;
}

static bool budget_is_gone(const struct lane *l)
{
	const struct run *r = l->run;
	const struct purse *p = l->purse;
	if (!p || p->tokens || l->supply != SUPPLY_WAITS)
		return false;
	return p->empty || (r->small && p->retry_at_us > l->begun_us + r->config->budget_us);
}

/* Look in other ways at a listed test point that did not come through; is the list one of rbldnsd's? */
static void look_again(struct lane *l)
{
	struct second_looks looks;
	if (second_wanted(l))
		second_begin(l);
	if (!second_begun(l) || (l->second.begun & SECOND_OF_DIRECT) || !lane_on(l, STAGE_DIRECT))
		return;
	second_looks_of(l, &looks);
	if (looks.direct != LOOK_SHOWN || looks.listed != POINT_ABSENT)
		return;
	l->second.begun |= SECOND_OF_DIRECT;
	second_more(l, 1u << SECOND_DIRECT_ABOVE);
}

static bool answered_directly(const struct lane *l)
{
	return lane_all_direct(l) && lane_on(l, STAGE_DIRECT) && l->servers == SERVERS_FOUND &&
	       l->belief[STAGE_DIRECT].state == BELIEF_GOOD && stage_done(l, STAGE_DIRECT);
}

/* Has a stage that judges belief come to its judgement? */
static bool judged(const struct lane *l)
{
	return (lane_on(l, STAGE_FIRST) && l->belief[STAGE_FIRST].state != BELIEF_ASKING) ||
	       (lane_on(l, STAGE_DIRECT) && lane_all_direct(l) && l->belief[STAGE_DIRECT].state != BELIEF_ASKING);
}

void lane_interrupt(struct lane *l)
{
	struct run *r = l->run;
	/* what only the other lists would show is not known either */
	bool known = judged(l) && (r->guilt.known || answered_directly(l) || !lane_hangs_on_resolver(l));
	if (lane_final(l))
		return;
	for (size_t t = 0; t < r->target_count && !lane_settled(l); t++) {
		struct cell *cell = &l->cells[t];
		keep_unconfirmed(l, cell);
		if (cell->state != CELL_OTHER_KIND && (cell->state != CELL_DONE || !known)) {
			cell->state = CELL_NOT_ASKED;
			cell->why = STATUS_WHY_INTERRUPTED;
		}
	}
	if (!lane_settled(l))
		decide_state(l);
	lane_enter(l, LANE_BROKEN_OFF);
}

void lane_reopen(struct lane *l)
{
	const struct run *r = l->run;
	bool time = !r->small || r->now_us + ESCALATE_AFTER_US / 2 < l->begun_us + r->config->budget_us;
	if (r->config->mode != CHECK_AUTO || !time || *r->config->stop || lane_on(l, STAGE_DIRECT) || !has_no(l))
		return;
	direct_begin(l, LANE_DOUBTED_ALL);
}

static void texts_wait(struct lane *l)
{
	if (l->texts_pending == 0 && l->texts_todo == 0)
		lane_enter(l, LANE_TEXTS_IN);
}

/* The resolver has been silent for long: what the list itself says is asked beside it. */
static void escalate(struct lane *l)
{
	struct run *r = l->run;
	bool asking = l->belief[STAGE_FIRST].state == BELIEF_ASKING, wait = lane_on(l, STAGE_DIRECT);
	if (lane_unproven(l))
		guilt_suspect(r);
	if (asking)
		look_again(l);
	if (r->config->mode != CHECK_AUTO || wait || l->role != LANE_OWN)
		return;
	if (asking ? l->belief[STAGE_FIRST].fed == 0 || second_begun(l)
		   : r->guilt.suspected && lane_unproven(l) && l->pending[STAGE_FIRST]) /* a filter may drop answers */
		direct_begin(l, LANE_DOUBTED_ALL);
}

/* What time alone brings about. */
static void timers(struct lane *l)
{
	const struct run *r = l->run;
	if (budget_is_gone(l))
		out_of_budget(l);
	if (l->servers == SERVERS_ASKED && r->now_us >= l->servers_by_us) {
		l->servers = SERVERS_FAILED;
		l->servers_outcome = DNS_TIMEOUT;
	}
	if (r->small && r->now_us >= l->begun_us + ESCALATE_AFTER_US && lane_on(l, STAGE_FIRST))
		escalate(l);
}

/* Everything that was begun has come back, nothing more is to be asked, and nothing hangs on others. */
static bool complete(struct lane *l)
{
	enum lane_event why;
	bool direct_good = answered_directly(l);
	if (!direct_good && (!stage_done(l, STAGE_FIRST) || !stage_done(l, STAGE_DIRECT)))
		return false;
	if (!direct_good && listed_under_old_belief(l)) {
		l->trust = TRUST_NONE;
		l->belief[STAGE_FIRST].state = BELIEF_ASKING; /* nobody is called listed on an old judgement */
		return false;
	}
	look_again(l);
	if (!direct_good && wants_direct(l, &why)) {
		direct_begin(l, why);
		if (!stage_done(l, STAGE_DIRECT))
			return false;
	}
	return !second_pending(l) && (direct_good || !lane_hangs_on_resolver(l) || l->run->guilt.known);
}

int64_t lane_timer(const struct lane *l, int64_t at_us)
{
	const struct run *r = l->run;
	const int64_t timers[] = {
		l->servers == SERVERS_ASKED ? l->servers_by_us : 0,
		r->small ? l->begun_us + ESCALATE_AFTER_US : 0,
		r->small ? l->begun_us + r->config->budget_us + GRACE_US : 0,
		l->supply == SUPPLY_WAITS && l->purse ? l->purse->retry_at_us : 0,
	};
	if (l->news) /* of this round, after its step */
		return r->now_us;
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		if (timers[i] > r->now_us && timers[i] < at_us)
			at_us = timers[i];
	return at_us;
}

void lane_step(struct lane *l)
{
	struct run *r = l->run;
	if (lane_final(l))
		return;
	l->news = 0;
	if (lane_settled(l)) {
		texts_wait(l);
		return;
	}
	timers(l);
	if (r->guilt.known && guilt_doubts(l))
		l->no = NO_IN_DOUBT;
	if (r->small && r->now_us >= l->begun_us + r->config->budget_us + GRACE_US)
		guilt_now(r); /* the list has had its time, whatever is still on its way */
	else if ((l->role == LANE_OWN || !r->guilt.known) && !complete(l))
		return;
	settle(l);
	texts_wait(l);
}
