/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lists of a run show of the resolver that they were asked through, and what follows for them (rule 1). */
#include <stdio.h>
#include <strings.h>

#include "check/run.h"

enum {
	ABOVE_LISTS = 32,           /* so many lists are asked whether their names stand below nothing */
	PROOF_ABOVE = 2,            /* the same for one proof */
	CONTROLS_AT_ONCE = 2,       /* one may be down */
	CONTROL_LABEL = 16,         /* letters */
	CONTROL_BUDGET_US = 500000, /* a resolver that answers lists answers this too */
	OPERATORS_MAX = 16,
};

bool lane_unproven(const struct lane *l)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	return lane_on(l, STAGE_FIRST) && b->state == BELIEF_GOOD && b->list && b->listed != POINT_SHOWN;
}

/* The list's own word on its test point has come, or will not come. */
static bool heard_directly(const struct lane *l)
{
	if (!second_begun(l) || !lane_on(l, STAGE_DIRECT) || !(lane_all_direct(l) || lane_confirms(l)))
		return true;
	return l->servers == SERVERS_FAILED ||
	       (l->servers == SERVERS_FOUND && l->belief[STAGE_DIRECT].state != BELIEF_ASKING);
}

/* All that this list can show of the resolver has come, or will not come. */
static bool looked_at(const struct lane *l)
{
	bool asking = l->belief[STAGE_FIRST].state == BELIEF_ASKING;
	if (second_pending(l))
		return false;
	if (!lane_on(l, STAGE_FIRST) || lane_settled(l) || l->supply == SUPPLY_WAITS)
		return true;
	if (asking)
		return second_begun(l); /* silent about its listed point alone */
	return (second_begun(l) || !second_wanted(l)) && heard_directly(l);
}

static bool high_impact(const struct list *l)
{
	return l->impact == IMPACT_HIGH;
}

struct operators {
	const char *name[OPERATORS_MAX];
	uint32_t count;
};

static void operator_add(struct operators *o, const char *name)
{
	for (uint32_t i = 0; i < o->count; i++)
		if (strcmp(o->name[i], name) == 0)
			return;
	if (o->count < OPERATORS_MAX)
		o->name[o->count++] = name;
}

static void gather_fault(const struct belief *b, struct resolver_evidence *e)
{
	if (b->state == BELIEF_ASKING || b->why == STATUS_WHY_TIMEOUT || b->why == STATUS_WHY_NETWORK)
		e->silent++;
	else if (b->state == BELIEF_UNREACHABLE)
		e->fails++;
	else if (b->state == BELIEF_REFUSED)
		e->refuses++;
	else if (b->why == STATUS_WHY_OUTSIDE_127)
		e->rewrites++;
	else if (b->why == STATUS_WHY_LISTS_THE_WORLD || b->why == STATUS_WHY_LISTS_LOCALHOST)
		e->lists++;
}

/* A list whose test point is shown: does it stand below a name that does not exist, and still? */
static void gather_below(const struct lane *l, struct resolver_evidence *e)
{
	const struct second_looks *s = &l->second.looks;
	bool shown = s->below == LOOK_SHOWN || s->below == LOOK_NO_DATA;
	e->looked_above += s->above != LOOK_NONE;
	if (s->above != LOOK_NO_NAME)
		return;
	e->shown_below += shown && l->second.above_ttl_s;
	e->shown_below_unkept += shown && !l->second.above_ttl_s;
	e->cut_below += s->below == LOOK_NO_NAME;
}

static void gather_lane(const struct lane *l, struct guilt *g, struct operators *high)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	struct resolver_evidence *e = &g->evidence;
	struct second_looks looks;
	if (b->by_code || (b->state == BELIEF_GOOD && b->listed == POINT_SHOWN)) {
		e->shown++;
		e->shown_deep += lane_deep(l);
		e->changed += (l->past == PAST_HIDDEN);
		e->refused += b->by_code;
		gather_below(l, e);
		return;
	}
	second_looks_of(l, &looks);
	if (looks.no_name && hiding_of(&looks) != HIDING_NO) {
		e->denied++;
		e->no_apex += looks.apex == LOOK_NO_NAME;
		e->filtered += hiding_of(&looks) == HIDING_ANSWERS || hiding_of(&looks) == HIDING_EITHER;
	}
	switch (hiding_of(&looks)) {
	case HIDING_ANSWERS:
		e->answers++;
		g->product = g->product == PRODUCT_UNKNOWN ? hidden_product_of(&looks) : g->product;
		break;
	case HIDING_EITHER:
		e->either++;
		break;
	case HIDING_NAMES:
		e->names++;
		e->open_kept += !looks.no_soa;
		break;
	case HIDING_OPEN:
		e->open++;
		e->open_names += hidden_may_be_minimised(&looks);
		e->open_kept += hidden_may_be_minimised(&looks) && !looks.no_soa;
		if (high_impact(l->list))
			operator_add(high, l->list->operator_name);
		break;
	case HIDING_NO:
		gather_fault(b, e);
		break;
	case HIDING_OLD:
		break;
	}
}

/* Answers are still to come: what was broken off by a person is no silence. */
static bool is_under_way(const struct run *r, const struct lane *l)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	return b->state == BELIEF_ASKING && !second_begun(l) && (*r->config->stop || (b->fed > 0 && !lane_settled(l)));
}

static void gather(struct run *r)
{
	struct guilt *g = &r->guilt;
	const struct resolver_evidence before = g->evidence;
	struct operators high = {.count = 0};
	g->evidence = (struct resolver_evidence){.control = before.control, .control_asked = before.control_asked};
	for (size_t i = 0; i < r->lane_count; i++) {
		const struct lane *l = &r->lanes[i];
		const struct belief *b = &l->belief[STAGE_FIRST];
		bool asked = lane_on(l, STAGE_FIRST) && b->list && b->asked > 0 && l->supply != SUPPLY_ENDED;
		if (!asked || (b->state == BELIEF_GOOD && b->listed != POINT_SHOWN) || is_under_way(r, l))
			continue;
		g->evidence.asked++;
		gather_lane(l, g, &high);
	}
	g->evidence.open_high = high.count;
	g->proved = hidden_is_proved(&g->evidence);
}

static void tell(struct run *r)
{
	struct guilt *g = &r->guilt;
	const struct check_config *c = r->config;
	const struct endpoint *at = c->mode == CHECK_GIVEN ? &c->given : c->system;
	if (g->told || g->fault == FAULT_NONE || !at)
		return;
	g->told = true;
	for (size_t i = 0; i < r->lane_count && at == c->system; i++) /* another one where the first was silent */
		if (lane_on(&r->lanes[i], STAGE_FIRST) && r->lanes[i].route[STAGE_FIRST].now < c->system_count &&
		    second_begun(&r->lanes[i]))
			at = &c->system[r->lanes[i].route[STAGE_FIRST].now];
	endpoint_text(at, g->address);
	snprintf(g->sentence, sizeof(g->sentence), "Your resolver (%s) %s", g->address, hidden_fault_words(g->fault));
	g->report = (struct check_fault){
		.kind = hidden_fault_text(g->fault),
		.address = g->address,
		.sentence = g->sentence,
		.remedy = hidden_fault_remedy(g->fault, g->product),
	};
	if (c->on_fault)
		c->on_fault(c->arg, &g->report);
}

static bool believed(const struct lane *l)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	return lane_on(l, STAGE_FIRST) && l->role == LANE_OWN && b->state == BELIEF_GOOD && b->list;
}

/* An entry of this list came through: others would, too. */
static bool shows_an_entry(const struct lane *l)
{
	for (size_t t = 0; t < l->run->target_count; t++)
		if (l->cells[t].first && cell_is_entry(l, &l->cells[t]))
			return true;
	return false;
}

bool lane_wants_proof(const struct lane *l)
{
	struct second_looks looks;
	if (!believed(l))
		return false;
	second_looks_of(l, &looks);
	return hidden_no_hangs_on_resolver(&looks, &l->run->guilt.evidence) && !shows_an_entry(l);
}

bool guilt_doubts(const struct lane *l)
{
	const struct guilt *g = &l->run->guilt;
	struct second_looks looks;
	if (!believed(l))
		return false;
	second_looks_of(l, &looks);
	return hidden_no_is_doubtful(&looks, g->fault, &g->evidence) || (!g->proved && lane_wants_proof(l));
}

/* Is some target said not to be listed for which nothing but the resolver speaks? */
static bool unproven(const struct run *r)
{
	for (size_t i = 0; i < r->lane_count; i++)
		if (lane_hangs_on_resolver(&r->lanes[i]) && guilt_doubts(&r->lanes[i]))
			return true;
	return false;
}

void guilt_now(struct run *r)
{
	struct guilt *g = &r->guilt;
	if (g->known)
		return;
	g->known = true;
	gather(r);
	g->fault = hidden_fault_of(&g->evidence);
	if (g->fault == FAULT_NONE && unproven(r))
		g->fault = FAULT_UNPROVEN;
	tell(r);
	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *l = &r->lanes[i];
		l->no = guilt_doubts(l) ? NO_IN_DOUBT : NO_STANDS;
		l->news++;
		if (l->no == NO_IN_DOUBT && lane_settled(l))
			lane_reopen(l); /* where the list itself may be asked */
	}
}

/* A name that cannot exist (RFC 6761 6.4): how does the resolver answer where no list is asked? */
static bool control_send(struct run *r)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct bulk_question q = {.type = DNS_A, .budget_us = CONTROL_BUDGET_US};
	char text[CONTROL_LABEL + sizeof(".invalid")] = "";
	struct dns_name name;
	uint64_t seed = r->config->seed;
	for (int i = 0; i < CONTROL_LABEL; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
		text[i] = letters[(seed >> 33) % 26];
	memcpy(text + CONTROL_LABEL, ".invalid", sizeof(".invalid"));
	if (r->system_route.count == 0 || dns_name_parse(span_str(text), &name) < 0)
		return false;
	q.server = r->system_route.server[0];
	q.name = &name;
	q.tag = (uint64_t)ASK_CONTROL << 44 | (uint64_t)(r->generation & 0xfff) << 32;
	return r->network->ask(r->network->arg, &q, r->now_us) == 0;
}

void guilt_control_answer(struct run *r, const struct bulk_answer *answer)
{
	struct resolver_evidence *e = &r->guilt.evidence;
	e->control_asked = true;
	switch (answer->outcome) {
	case DNS_ANSWER:
		e->control = answer->a[0] >> 24 == 127 ? POINT_SHOWN : POINT_ELSEWHERE;
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		e->control = POINT_ABSENT;
		break;
	case DNS_REFUSED:
		e->control = POINT_REFUSED;
		break;
	case DNS_TIMEOUT:
	case DNS_NETWORK:
		e->control = POINT_NONE;
		break;
	default:
		e->control = POINT_FAILED;
	}
}

static bool shows_its_point(const struct lane *l)
{
	return lane_on(l, STAGE_FIRST) && l->belief[STAGE_FIRST].state == BELIEF_GOOD &&
	       l->belief[STAGE_FIRST].listed == POINT_SHOWN;
}

/* Lists that are shown, some at a time: are they of the kind that strict minimisation would hide?
 * @return some are looked at. */
static bool ask_above(struct run *r, int at_once)
{
	int asked = 0;
	for (size_t i = 0; i < r->lane_count; i++)
		if ((r->lanes[i].second.begun & SECOND_OF_PROOF) && second_pending(&r->lanes[i]))
			return true;
	for (size_t i = 0; i < r->lane_count && asked < at_once; i++) {
		struct lane *l = &r->lanes[i];
		if (!shows_its_point(l) || !lane_deep(l) || (l->second.begun & SECOND_OF_PROOF))
			continue;
		l->second.begun |= SECOND_OF_PROOF;
		second_more(l, 1u << SECOND_ABOVE);
		asked += second_pending(l);
	}
	return asked > 0;
}

/* Two lists that are not of the run, of two operators. */
static bool ask_controls(struct run *r)
{
	int asked = 0;
	for (size_t i = r->own_count; i < r->lane_count; i++)
		if (r->lanes[i].role == LANE_CONTROL_USED && !looked_at(&r->lanes[i]))
			return true;
	for (size_t i = r->own_count; i < r->lane_count && asked < CONTROLS_AT_ONCE; i++) {
		if (r->lanes[i].role == LANE_CONTROL_USED)
			continue;
		r->lanes[i].role = LANE_CONTROL_USED;
		lane_begin_control(&r->lanes[i]);
		asked++;
	}
	return asked > 0;
}

/* A "not listed" that hangs on the resolver, and nothing shows yet what that is. @return it is looked at. */
static bool seek_proof(struct run *r)
{
	const struct resolver_evidence *e = &r->guilt.evidence;
	bool wanted = false;
	for (size_t i = 0; i < r->own_count && !wanted; i++)
		wanted = lane_wants_proof(&r->lanes[i]);
	if (!wanted || r->guilt.proved || hidden_shown_after(e) || *r->config->stop ||
	    hidden_fault_hides(hidden_fault_of(e)))
		return false;
	return ask_above(r, PROOF_ABOVE) || ask_controls(r);
}

/* A name that cannot exist, where nothing that was asked for came. */
static void ask_control(struct run *r)
{
	const struct resolver_evidence *e = &r->guilt.evidence;
	if (!e->shown && e->lists + e->rewrites + e->fails + e->refuses + e->silent && !r->guilt.control_sent)
		r->guilt.control_sent = control_send(r);
}

void guilt_suspect(struct run *r)
{
	struct guilt *g = &r->guilt;
	if (g->known || g->suspected)
		return;
	gather(r);
	g->fault = hidden_fault_of(&g->evidence);
	g->suspected = hidden_fault_hides(g->fault) || !g->evidence.shown;
	g->fault = FAULT_NONE; /* it is told when all is known */
}

bool guilt_waits(const struct run *r)
{
	return !r->guilt.known && r->guilt.control_sent && !r->guilt.evidence.control_asked;
}

static bool all_looked_at(const struct run *r, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (!looked_at(&r->lanes[i]))
			return false;
	return true;
}

bool guilt_settle(struct run *r)
{
	struct guilt *g = &r->guilt;
	bool all;
	if (g->known)
		return false;
	gather(r);
	if (g->evidence.denied && !hidden_not_strict(&g->evidence))
		ask_above(r, ABOVE_LISTS);
	all = all_looked_at(r, 0, r->own_count);
	if ((all || r->now_us >= r->block_begun_us + GUILT_PROOF_AFTER_US) && seek_proof(r))
		return false;
	all = all && (g->proved || all_looked_at(r, r->own_count, r->lane_count));
	if (!all || guilt_waits(r))
		return false;
	gather(r);
	ask_control(r);
	if (guilt_waits(r))
		return false;
	guilt_now(r);
	return true;
}

/* Through a filter also those whose text did not come, or has none. */
static bool filtered_like_others(const struct lane *l, const struct second_looks *looks)
{
	return l->run->guilt.fault == FAULT_FILTERS && looks->no_passes &&
	       (looks->listed == POINT_REFUSED || looks->listed == POINT_FAILED);
}

static bool hidden(const struct lane *l)
{
	struct second_looks looks;
	second_looks_of(l, &looks);
	switch (hiding_of(&looks)) {
	case HIDING_ANSWERS:
	case HIDING_EITHER:
	case HIDING_NAMES:
	case HIDING_OLD:
		return true;
	case HIDING_OPEN:
		return !hidden_emptied(&looks, &l->run->guilt.evidence);
	default:
		return filtered_like_others(l, &looks);
	}
}

void guilt_apply(struct lane *l)
{
	const struct guilt *g = &l->run->guilt;
	if (l->belief_state == BELIEF_GOOD || l->belief[STAGE_FIRST].by_code)
		return;
	if ((second_begun(l) || l->why == STATUS_WHY_NO_TEST_POINT) && hidden(l)) {
		l->belief_state = BELIEF_UNREACHABLE;
		l->why = STATUS_WHY_RESOLVER_FILTERS;
	} else if (l->belief_state == BELIEF_BROKEN && l->why != STATUS_WHY_NO_TEST_POINT &&
		   hidden_fault_lies(g->fault)) {
		l->belief_state = BELIEF_UNREACHABLE;
		l->why = STATUS_WHY_RESOLVER_LIES;
	}
}
