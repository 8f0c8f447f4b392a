/* SPDX-License-Identifier: BSD-2-Clause */
/* Timer wheel of the bulk engine: O(1) to set and to clear. */
#include "dns/bulk_internal.h"

enum {
	TICK_US = 2048,    /* of a bucket: the wheel goes round in 4 s; later timers go round again */
	STALE_TRIES = 3,   /* a question sent so often no longer counts against the window */
	NETWORK_TRIES = 6, /* refused by the network so often, and never anything else: it stays so */
};

void timer_add(struct bulk *b, struct slot *s, int64_t due_us)
{
	timer_remove(s);
	s->due_us = due_us;
	s->timed = true;
	LIST_INSERT_HEAD(&b->wheel[due_us / TICK_US % WHEEL_BUCKETS], s, timer);
}

void timer_remove(struct slot *s)
{
	if (s->timed)
		LIST_REMOVE(s, timer);
	s->timed = false;
}

/* The best that was heard within the budget. */
static enum dns_outcome outcome_at_deadline(const struct slot *s)
{
	if (s->malformed)
		return DNS_MALFORMED;
	if (s->servfails)
		return DNS_SERVFAIL;
	return s->failed || s->tcp_failed ? DNS_NETWORK : DNS_TIMEOUT;
}

/* No answer came in time: what becomes of the question? */
static void expire(struct bulk *b, struct slot *s, int64_t now_us)
{
	struct server *server = s->server;
	s->failed += s->tries > 0 && server->unreachable_us >= s->sent_us;
	if (now_us >= s->deadline_us) {
		slot_finish_outcome(b, s, outcome_at_deadline(s));
		return;
	}
	if (s->failed >= NETWORK_TRIES && s->failed == s->tries) {
		slot_finish_outcome(b, s, DNS_NETWORK);
		return;
	}
	timer_add(b, s, s->deadline_us);
	if (s->truncated) {
		if (!s->tcp && !s->tcp_waiting)
			tcp_ask(b, s, now_us);
		return;
	}
	server->period_losses += s->tries == 1;
	if (s->tries >= STALE_TRIES)
		slot_uncount(b, s);
	b->stats.resent++;
	udp_queue(b, s);
}

void timer_turn(struct bulk *b, int64_t now_us)
{
	int64_t from = b->wheel_us / TICK_US, to = now_us / TICK_US;
	if (to - from >= WHEEL_BUCKETS)
		from = to - WHEEL_BUCKETS + 1;
	for (int64_t tick = from; tick <= to; tick++) {
		struct slot *s, *next;
		for (s = LIST_FIRST(&b->wheel[tick % WHEEL_BUCKETS]); s; s = next) {
			next = LIST_NEXT(s, timer);
			if (s->due_us > now_us)
				continue;
			timer_remove(s);
			expire(b, s, now_us);
		}
	}
	b->wheel_us = now_us;
}

int64_t timer_next_us(const struct bulk *b, int64_t until_us)
{
	int64_t tick = b->wheel_us / TICK_US;
	for (int64_t n = 0; n < WHEEL_BUCKETS && (tick + n) * TICK_US < until_us; n++)
		if (!LIST_EMPTY(&b->wheel[(tick + n) % WHEEL_BUCKETS]))
			return (tick + n + 1) * TICK_US < until_us ? (tick + n + 1) * TICK_US : until_us;
	return until_us;
}
