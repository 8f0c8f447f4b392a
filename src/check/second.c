/* SPDX-License-Identifier: BSD-2-Clause */
/* A listed test point that does not come through the resolver is looked at in other ways (rule 1): its TXT, which every
 * rebinding filter lets pass, and what extended errors say. The list's own servers are asked beside it (judge.c). */
#include <errno.h>

#include "check/run.h"
#include "dns/message.h"

bool second_wanted(const struct lane *l)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	if (!lane_on(l, STAGE_FIRST) || b->by_code || l->run->config->mode == CHECK_DIRECT)
		return false;
	if (b->state == BELIEF_ASKING) /* silent about this point alone */
		return b->listed == POINT_NONE && b->no_passes &&
		       l->points[STAGE_FIRST].sent & 1u << BELIEF_LISTED_NUMBER;
	return b->state == BELIEF_REFUSED || (b->listed != POINT_SHOWN && b->listed != POINT_NONE);
}

static bool listed_name(const struct lane *l, struct dns_name *name)
{
	const struct belief_point *p = &l->points[STAGE_FIRST].at[BELIEF_LISTED_NUMBER];
	return (p->addr.family || p->label[0]) && point_name(l, p, name) == 0;
}

static bool clear_name(const struct lane *l, struct dns_name *name)
{
	struct belief_point p = l->points[STAGE_FIRST].at[BELIEF_RANDOM_NUMBER];
	if (!p.addr.family && !p.label[0] &&
	    (l->role != LANE_OWN)) { /* asked for one point alone: 127.0.0.1 (RFC 5782 5) */
		p = l->points[STAGE_FIRST].at[BELIEF_LISTED_NUMBER];
		p.addr.octets[3] = 1;
	}
	return (p.addr.family || p.label[0]) && point_name(l, &p, name) == 0;
}

/* The name above the listed point, if that is not the zone itself. */
static bool above_name(const struct lane *l, struct dns_name *name)
{
	size_t first;
	if (!listed_name(l, name))
		return false;
	first = name->wire[0] + 1u;
	name->len = (uint8_t)(name->len - first);
	memmove(name->wire, name->wire + first, name->len);
	return name->len > l->zone.len;
}

static bool question_name(const struct lane *l, enum second_question q, struct dns_name *name)
{
	switch (q) {
	case SECOND_A:
	case SECOND_TXT:
	case SECOND_BELOW:
		return listed_name(l, name);
	case SECOND_TXT_CLEAR:
		return clear_name(l, name);
	case SECOND_APEX:
		*name = l->zone;
		return true;
	default:
		return above_name(l, name);
	}
}

void second_begin(struct lane *l)
{
	if (second_begun(l))
		return;
	l->second.begun |= SECOND_OF_POINT;
	l->run->guilt.begun = true;
	second_more(l, 1u << SECOND_A | 1u << SECOND_TXT | 1u << SECOND_TXT_CLEAR | 1u << SECOND_APEX);
}

void second_more(struct lane *l, uint8_t questions)
{
	l->second.todo |= questions;
	second_ask(l);
}

/* A type that nobody has asked for lately: no cache has an answer, and the resolver must go the whole way. */
static uint16_t rare_type(const struct lane *l)
{
	static const uint16_t rare[] = {13 /* HINFO */, 17 /* RP */,    29 /* LOC */,
					33 /* SRV */,   35 /* NAPTR */, 44 /* SSHFP */};
	return rare[(l->run->config->seed >> 7) % (sizeof(rare) / sizeof(rare[0]))];
}

static uint16_t question_type(const struct lane *l, enum second_question q)
{
	if (q == SECOND_BELOW)
		return rare_type(l);
	return q == SECOND_TXT || q == SECOND_TXT_CLEAR ? DNS_TXT : DNS_A;
}

void second_ask(struct lane *l)
{
	struct dns_name name;
	int e;
	for (enum second_question q = 0; l->second.todo && q < SECOND_COUNT; q++) {
		if (!(l->second.todo & 1u << q))
			continue;
		e = !question_name(l, q, &name)
			    ? -ENOENT
			    : lane_send(l, &(struct question){.stage = q == SECOND_DIRECT_ABOVE ? STAGE_DIRECT
												: STAGE_FIRST,
							      .kind = ASK_SECOND,
							      .index = q,
							      .name = &name,
							      .type = question_type(l, q),
							      .edns_octets = EDNS_OCTETS});
		if (e == -EAGAIN)
			return;
		l->second.todo &= (uint8_t)(~(1u << q));
		if (e == 0)
			l->second.sent |= (uint8_t)(1u << q);
	}
}

bool second_pending(const struct lane *l)
{
	return l->second.todo || l->second.sent;
}

static enum look look_of(const struct bulk_answer *answer)
{
	switch (answer->outcome) {
	case DNS_ANSWER:
		return LOOK_SHOWN;
	case DNS_NODATA:
		return LOOK_NO_DATA;
	case DNS_NXDOMAIN:
		return LOOK_NO_NAME;
	case DNS_TIMEOUT:
	case DNS_NETWORK:
		return LOOK_NONE;
	default:
		return LOOK_FAILED;
	}
}

void second_answer(struct lane *l, uint32_t index, const struct bulk_answer *answer)
{
	struct second_looks *s = &l->second.looks;
	enum look *const where[SECOND_COUNT] = {
		[SECOND_A] = &s->again,
		[SECOND_TXT] = &s->txt,
		[SECOND_TXT_CLEAR] = &s->txt_clear,
		[SECOND_APEX] = &s->apex,
		[SECOND_ABOVE] = &s->above,
		[SECOND_BELOW] = &s->below,
		[SECOND_DIRECT_ABOVE] = &s->direct_above,
	};
	l->second.sent &= (uint8_t)(~(1u << index));
	*where[index] = look_of(answer);
	if (index == SECOND_A)
		s->errors = dns_message_errors(answer->message);
	if (index == SECOND_TXT && s->txt == LOOK_SHOWN && l->belief[STAGE_FIRST].listed_no_name)
		second_more(l, 1u << SECOND_ABOVE); /* a filter, or a minimiser's chance? */
	if (index == SECOND_ABOVE && s->above == LOOK_NO_NAME &&
	    !second_begun(l)) { /* what the resolver keeps of it must not hide the rest */
		l->second.above_ttl_s = answer->ttl_s;
		second_more(l, 1u << SECOND_BELOW);
	}
}

void second_looks_of(const struct lane *l, struct second_looks *s)
{
	const struct belief *b = &l->belief[STAGE_FIRST], *direct = &l->belief[STAGE_DIRECT];
	*s = l->second.looks;
	s->listed = b->state == BELIEF_REFUSED && b->listed == POINT_NONE ? POINT_REFUSED : b->listed;
	s->bare = b->listed_bare;
	s->no_name = b->listed_no_name;
	s->no_soa = b->listed_no_soa;
	s->no_passes = b->no_passes;
	s->has_above = lane_deep(l);
	if (!lane_on(l, STAGE_DIRECT) || l->servers != SERVERS_FOUND || !(lane_all_direct(l) || lane_confirms(l)))
		return;
	if (direct->listed == POINT_SHOWN)
		s->direct = LOOK_SHOWN;
	else if (direct->listed == POINT_ABSENT)
		s->direct = LOOK_NO_NAME;
	else if (direct->listed == POINT_ELSEWHERE)
		s->direct = LOOK_FAILED;
}
