/* SPDX-License-Identifier: BSD-2-Clause */
/* Timer wheel of the bulk engine: one bucket per 2 ms, O(1) to set and to clear. */
#include "dns/bulk_internal.h"

void wheel_add(struct bulk *b, struct slot *s, int64_t due_us)
{
	uint32_t bucket = (uint32_t)(due_us / WHEEL_TICK_US % WHEEL_BUCKETS), number = slot_number(b, s);
	wheel_remove(b, s);
	s->due_us = due_us;
	s->bucket = bucket;
	s->prev = NONE;
	s->next = b->wheel[bucket];
	if (s->next != NONE)
		b->slots[s->next].prev = number;
	b->wheel[bucket] = number;
}

void wheel_remove(struct bulk *b, struct slot *s)
{
	if (s->bucket == NONE)
		return;
	if (s->prev != NONE)
		b->slots[s->prev].next = s->next;
	else
		b->wheel[s->bucket] = s->next;
	if (s->next != NONE)
		b->slots[s->next].prev = s->prev;
	s->bucket = NONE;
}

/* No answer came in time: when was the question lost, and what becomes of it? */
static void expire(struct bulk *b, struct slot *s, int64_t now_us)
{
	struct server *server = &b->servers[s->server];
	bool icmp = server->unreachable_us >= s->sent_us && s->tries >= STALE_TRIES;
	if (s->unsendable || icmp) {
		bulk_finish_outcome(b, s, DNS_NETWORK);
		return;
	}
	if (now_us >= s->deadline_us) {
		bulk_finish_outcome(b, s, s->malformed ? DNS_MALFORMED : s->servfails ? DNS_SERVFAIL : DNS_TIMEOUT);
		return;
	}
	if (s->tcp) { /* the connection has the rest of the budget */
		wheel_add(b, s, s->deadline_us);
		return;
	}
	if (s->tries == 1)
		server->epoch_losses++;
	if (s->counted && s->tries >= STALE_TRIES) {
		s->counted = false;
		server->busy--;
	}
	b->stats.resent++;
	udp_queue(b, s);
}

void wheel_turn(struct bulk *b, int64_t now_us)
{
	int64_t from = b->wheel_us / WHEEL_TICK_US, to = now_us / WHEEL_TICK_US;
	if (to - from >= WHEEL_BUCKETS)
		from = to - WHEEL_BUCKETS + 1;
	for (int64_t tick = from; tick <= to; tick++) {
		uint32_t next;
		for (uint32_t i = b->wheel[tick % WHEEL_BUCKETS]; i != NONE; i = next) {
			struct slot *s = &b->slots[i];
			next = s->next;
			if (s->due_us > now_us)
				continue;
			wheel_remove(b, s);
			expire(b, s, now_us);
		}
	}
	b->wheel_us = now_us;
}

int64_t wheel_next_us(const struct bulk *b, int64_t now_us, int64_t until_us)
{
	int64_t tick = now_us / WHEEL_TICK_US;
	for (int64_t n = 0; n < WHEEL_BUCKETS && (tick + n) * WHEEL_TICK_US < until_us; n++)
		if (b->wheel[(tick + n) % WHEEL_BUCKETS] != NONE)
			return (tick + n + 1) * WHEEL_TICK_US;
	return until_us;
}
