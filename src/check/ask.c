/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions out, answers in: the part of a run that touches the network. */
#include <errno.h>
#include <stdlib.h>

#include "check/run.h"
#include "dns/message.h"

enum {
	LAST_CHANCE_US = 250000, /* a question begun late still gets this long */
	TEXT_CHANCE_US = 150000,
};

/* What a question is about, in the 64 bits that come back with its answer. */
static uint64_t tag_of(const struct lane *l, enum stage stage, enum question_kind kind, uint32_t index)
{
	return (uint64_t)l->number << 48 | (uint64_t)stage << 47 | (uint64_t)kind << 44 |
	       (uint64_t)(l->run->generation & 0xfff) << 32 | index;
}

/* The time one question may take: what is left of the list's budget, shared by the servers still to be tried. */
static uint32_t question_budget(const struct lane *l, enum stage stage)
{
	const struct run *r = l->run;
	const struct route *route = &l->route[stage];
	int64_t left = r->config->budget_us;
	uint32_t servers = route->count - route->now;
	if (lane_settled(l)) { /* a text after the verdict: nobody waits long for it */
		left = l->begun_us + r->config->budget_us - r->now_us;
		return left < TEXT_CHANCE_US ? TEXT_CHANCE_US : (uint32_t)left;
	}
	if (r->small)
		left = l->begun_us + r->config->budget_us - r->now_us;
	if (servers > 1)
		left /= servers > 3 ? 3 : servers;
	return left < LAST_CHANCE_US ? LAST_CHANCE_US : (uint32_t)left;
}

int lane_send(struct lane *l, const struct question *q)
{
	const struct bulk_question question = {
		.server = l->route[q->stage].server[l->route[q->stage].now],
		.type = q->type,
		.name = q->name,
		.tag = tag_of(l, q->stage, q->kind, q->index),
		.budget_us = question_budget(l, q->stage),
		.edns_octets = q->edns_octets,
	};
	const struct dns_network *network = l->run->network;
	int e;
	if (!l->route[q->stage].count)
		return -ENOENT;
	e = purse_take(l->run, l->purse);
	if (e < 0)
		return e;
	e = network->ask(network->arg, &question, l->run->now_us);
	if (e == 0)
		l->run->queries++;
	else if (l->purse)
		l->purse->tokens++;
	if (e < 0 && e != -EAGAIN)
		l->run->error = e;
	return e;
}

/* A question about a test point or a target; without budget the lane starves. */
static int ask(struct lane *l, enum stage stage, enum question_kind kind, uint32_t index, const struct dns_name *name)
{
	int e = lane_send(
		l, &(struct question){.stage = stage, .kind = kind, .index = index, .name = name, .type = DNS_A});
	if (e == 0)
		l->pending[stage]++;
	if (e == -EDQUOT && l->supply == SUPPLY_OPEN)
		l->supply = SUPPLY_WAITS;
	return e;
}

static int join(const struct lane *l, const uint8_t *wire, size_t len, struct dns_name *name)
{
	if (len + l->zone.len > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name->wire, wire, len);
	memcpy(name->wire + len, l->zone.wire, l->zone.len);
	name->len = (uint8_t)(len + l->zone.len);
	return 0;
}

int point_name(const struct lane *l, const struct belief_point *p, struct dns_name *name)
{
	struct dns_name label;
	int e;
	if (p->addr.family)
		return dns_name_reverse(&p->addr, &l->zone, name);
	e = dns_name_parse(span_str(p->label), &label);
	return e < 0 ? e : join(l, label.wire, label.len - 1u, name);
}

int lane_ask_parent(struct lane *l)
{
	const struct bulk_question question = {
		.server = l->parent.server[l->parent.now],
		.type = DNS_NS,
		.name = &l->zone,
		.tag = tag_of(l, STAGE_DIRECT, ASK_PARENT, 0),
		.budget_us = question_budget(l, STAGE_DIRECT),
	};
	return l->run->network->ask(l->run->network->arg, &question, l->run->now_us);
}

static uint8_t labels_before(const struct dns_name *name, const struct dns_name *zone)
{
	uint8_t labels = 0;
	for (size_t at = 0; at + zone->len < name->len; at += name->wire[at] + 1u)
		labels++;
	return labels;
}

/* Test points: those the belief machine gives out now, and those to be asked again at another server. */
static bool ask_points(struct lane *l, enum stage stage)
{
	struct belief *b = &l->belief[stage];
	struct points *points = &l->points[stage];
	struct belief_point p;
	struct dns_name name;
	while (b->state == BELIEF_ASKING && (l->trust != TRUST_KEPT || b->asked == 0) && belief_next(b, &p)) {
		points->at[p.number] = p;
		points->todo |= 1u << p.number;
	}
	for (uint32_t i = 0; points->todo && i < BELIEF_POINTS_MAX; i++) {
		if (!(points->todo & 1u << i))
			continue;
		if (point_name(l, &points->at[i], &name) < 0) {
			points->todo &= ~(1u << i);
			continue;
		}
		if (ask(l, stage, ASK_POINT, i, &name) < 0)
			return false;
		if (i == BELIEF_LISTED_NUMBER)
			l->point_labels = labels_before(&name, &l->zone);
		points->todo &= ~(1u << i);
		points->sent |= 1u << i;
	}
	return true;
}

/* Are targets asked in this stage yet? Beside the test points in a small run, after them in a sweep. */
static bool targets_may_go(const struct lane *l, enum stage stage)
{
	enum belief_state state = l->belief[stage].state;
	if (l->not_asked != STATUS_WHY_NONE || (stage == STAGE_DIRECT && lane_confirms(l)))
		return false;
	return state == BELIEF_GOOD || (l->run->small && state == BELIEF_ASKING);
}

static bool cell_wants(const struct lane *l, const struct cell *cell, enum stage stage)
{
	if (cell->state == CELL_OTHER_KIND || cell->state == CELL_NOT_ASKED)
		return false;
	if (stage == STAGE_FIRST)
		return cell->state == CELL_TODO;
	return lane_all_direct(l) ? cell->stage != STAGE_DIRECT || cell->state == CELL_TODO : cell->recheck;
}

static void ask_targets(struct lane *l, enum stage stage)
{
	struct run *r = l->run;
	struct dns_name name;
	for (; l->next[stage] < r->target_count; l->next[stage]++) {
		uint32_t t = r->order[l->next[stage]];
		struct cell *cell = &l->cells[t];
		if (!cell_wants(l, cell, stage))
			continue;
		if (join(l, r->subjects[t].wire, r->subjects[t].len, &name) < 0) {
			cell->state =
				CELL_OTHER_KIND; /* such a name cannot stand under this zone: it cannot be listed */
			continue;
		}
		if (ask(l, stage, ASK_TARGET, t, &name) < 0)
			return;
		cell->state = CELL_SENT;
		cell->stage = (uint8_t)stage;
	}
}

static void ask_texts(struct lane *l)
{
	struct run *r = l->run;
	struct dns_name name;
	int e;
	for (uint32_t t = 0; l->texts_todo && t < r->target_count; t++) {
		struct kept *kept = cell_kept(l, &l->cells[t]);
		enum stage stage = (enum stage)l->cells[t].stage;
		if (!kept || kept->txt_asked || l->cells[t].state != CELL_DONE)
			continue;
		if (join(l, r->subjects[t].wire, r->subjects[t].len, &name) < 0)
			continue;
		e = lane_send(l, &(struct question){.stage = stage,
						    .kind = ASK_TXT,
						    .index = t,
						    .name = &name,
						    .type = DNS_TXT,
						    .edns_octets = stage == STAGE_DIRECT && !kept->txt_plain
									   ? EDNS_TXT_OCTETS
									   : 0});
		if (e == -EDQUOT) {
			l->texts_todo = 0; /* a text is worth no waiting */
			l->news++;
		}
		if (e < 0)
			return;
		l->texts_pending++; /* counted apart: they hold up no verdict */
		l->texts_todo--;
		kept->txt_asked = true;
	}
}

void lane_ask(struct lane *l)
{
	if (l->supply == SUPPLY_WAITS)
		l->supply = SUPPLY_OPEN;
	second_ask(l);
	if (lane_settled(l)) {
		ask_texts(l);
		return;
	}
	for (enum stage stage = STAGE_FIRST; stage < STAGE_COUNT; stage++)
		if (lane_on(l, stage) && l->route[stage].count && ask_points(l, stage) && targets_may_go(l, stage))
			ask_targets(l, stage);
}

/* An outcome that another of the zone's servers may better. */
static bool another_server(struct lane *l, enum stage stage, const struct bulk_answer *answer)
{
	struct route *route = &l->route[stage];
	enum dns_outcome outcome = answer->outcome;
	bool fault =
		outcome == DNS_TIMEOUT || outcome == DNS_NETWORK ||
		(stage == STAGE_DIRECT && (outcome == DNS_LAME || outcome == DNS_SERVFAIL || outcome == DNS_MALFORMED));
	if (!fault || *l->run->config->stop)
		return false;
	if (answer->server != route->server[route->now])
		return true; /* others before it moved the route on */
	if (route->now + 1 >= route->count)
		return false;
	route->now++;
	return true;
}

static uint32_t keep(struct run *r, const struct bulk_answer *answer)
{
	struct kept *more;
	if (r->kept_count == r->kept_size) {
		size_t size = r->kept_size ? r->kept_size * 2 : 64;
		more = realloc(r->kept, size * sizeof(*more));
		if (!more) {
			r->error = -ENOMEM;
			return 0;
		}
		r->kept = more;
		r->kept_size = size;
	}
	r->kept[r->kept_count] = (struct kept){.a_count = answer->a_count, .ttl_s = answer->ttl_s};
	memcpy(r->kept[r->kept_count].a, answer->a, sizeof(answer->a[0]) * answer->a_count);
	return (uint32_t)++r->kept_count;
}

static void fill(struct lane *l, struct cell *cell, enum stage stage, const struct bulk_answer *answer)
{
	cell->state = CELL_DONE;
	cell->stage = (uint8_t)stage;
	cell->outcome = (uint8_t)answer->outcome;
	cell->authoritative = answer->authoritative;
	cell->first = stage == STAGE_FIRST;
	cell->bare = answer->outcome == DNS_NODATA && answer->ttl_s == 0;
	cell->latency_us = answer->latency_us;
	cell->kept = answer->outcome == DNS_ANSWER ? keep(l->run, answer) : 0;
}

/* A direct answer about a rechecked cell: it stands only where it tells more than the resolver's did. */
static void fill_recheck(struct lane *l, struct cell *cell, const struct bulk_answer *answer)
{
	struct run *r = l->run;
	struct kept *before = cell_kept(l, cell);
	bool negative = answer->outcome == DNS_NXDOMAIN || answer->outcome == DNS_NODATA;
	cell->recheck = false;
	cell->state = CELL_DONE;
	cell->stage = STAGE_FIRST; /* unless the list's own answer takes its place */
	if (answer->outcome == DNS_ANSWER || (negative && !before)) {
		fill(l, cell, STAGE_DIRECT, answer);
	} else if (negative && before && answer->authoritative) {
		before->removed_until_ms = r->wall_ms + (int64_t)before->ttl_s * 1000; /* rule 8 */
		cell->outcome = (uint8_t)answer->outcome;
		cell->stage = STAGE_DIRECT;
		cell->latency_us = answer->latency_us;
	}
}

static bool is_fault(enum dns_outcome outcome)
{
	return outcome != DNS_ANSWER && outcome != DNS_NODATA && outcome != DNS_NXDOMAIN;
}

static void answer_target(struct lane *l, enum stage stage, uint32_t t, const struct bulk_answer *answer)
{
	struct cell *cell = &l->cells[t];
	if (cell->state == CELL_NOT_ASKED || lane_settled(l))
		return;
	if (stage == STAGE_FIRST && lane_all_direct(l) && cell->state == CELL_DONE)
		return; /* the list's own answer came before the resolver's */
	if (another_server(l, stage, answer)) {
		l->next[stage] = 0;
		cell->state = CELL_TODO;
		cell->recheck = stage == STAGE_DIRECT;
		return;
	}
	if (stage == STAGE_DIRECT && lane_all_direct(l) && cell->state == CELL_DONE && is_fault(answer->outcome))
		return; /* the resolver's answer came while the list itself did not */
	if (stage == STAGE_DIRECT && !lane_all_direct(l))
		fill_recheck(l, cell, answer);
	else
		fill(l, cell, stage, answer);
}

static void answer_point(struct lane *l, enum stage stage, uint32_t number, const struct bulk_answer *answer)
{
	struct points *points = &l->points[stage];
	points->sent &= ~(1u << number);
	if (another_server(l, stage, answer)) {
		l->next[stage] = 0;
		points->todo |= 1u << number;
		return;
	}
	if (answer->message.len)
		l->test_latency_us = answer->latency_us;
	belief_feed(&l->belief[stage], (int)number, answer);
	if (l->trust == TRUST_KEPT) {
		/* one good look: the earlier judgement holds; anything else: judge anew */
		l->trust = TRUST_NONE;
		if (l->belief[stage].state == BELIEF_ASKING && l->belief[stage].worst == BELIEF_GOOD) {
			l->trust = TRUST_CONFIRMED;
			l->belief[stage].state = BELIEF_GOOD;
		}
	}
}

static void answer_txt(struct lane *l, uint32_t t, const struct bulk_answer *answer)
{
	struct run *r = l->run;
	struct kept *kept = cell_kept(l, &l->cells[t]);
	struct span texts[TXT_MAX];
	struct buf text = buf_make(16384);
	int n = answer->outcome == DNS_ANSWER && kept ? dns_message_txt(answer->message, &text, TXT_MAX, texts) : 0;
	for (int i = 0; i < n; i++) {
		char *copy = arena_copy(&r->block_arena, texts[i]);
		if (!copy)
			break;
		kept->txt[kept->txt_count++] = span_of(copy, texts[i].len);
	}
	buf_release(&text);
	/* a server that EDNS confuses (RFC 6891 7) */
	if (kept && is_fault(answer->outcome) && !kept->txt_plain && l->cells[t].stage == STAGE_DIRECT) {
		kept->txt_plain = true;
		kept->txt_asked = false;
		l->texts_todo++;
	}
}

void run_answer(void *arg, const struct bulk_answer *answer)
{
	struct run *r = arg;
	uint32_t number = (uint32_t)(answer->tag >> 48), index = (uint32_t)answer->tag;
	enum stage stage = (enum stage)(answer->tag >> 47 & 1);
	struct lane *l = &r->lanes[number];
	if ((answer->tag >> 32 & 0xfff) != (r->generation & 0xfff))
		return;
	r->queries_total++;
	switch ((enum question_kind)(answer->tag >> 44 & 7)) {
	case ASK_TARGET:
		l->pending[stage]--;
		answer_target(l, stage, index, answer);
		break;
	case ASK_POINT:
		l->pending[stage]--;
		answer_point(l, stage, index, answer);
		break;
	case ASK_TXT:
		l->texts_pending--;
		answer_txt(l, index, answer);
		break;
	case ASK_PARENT:
		servers_answer(l, answer);
		break;
	case ASK_SECOND:
		second_answer(l, index, answer);
		break;
	case ASK_CONTROL:
		guilt_control_answer(r, answer);
		break;
	}
	l->news++;
}
