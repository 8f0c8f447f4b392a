/* SPDX-License-Identifier: BSD-2-Clause */
/* What a response means for its question, and what it tells of its server. */
#include <errno.h>

#include "dns/bulk_internal.h"

enum {
	PERIOD_US = 130000, /* longer than the wait for a resend, so that what a window lost is known before the next */
	PERIOD_ANSWERS = 64,
	WINDOW_MIN = 32,   /* no server's socket buffer is smaller; below it, loss is the path's */
	BURST_PART = 10,   /* losses above a tenth: halve */
	LOSS_PART = 512,   /* above this part: a bit less. A loss holds its place 100 ms, so few cost much */
	QUIET_PART = 4096, /* up to this part: room for more */
	PROBE_PERIODS = 8, /* between two tries to pass the window that lost something */
	SERVFAILS_MAX = 3, /* a resolver may fail for a moment; so many times is an answer */
	RETRIED_MAX = 8,   /* so many answers in a row after a resend: slow, not lossy */
};

static uint32_t at_least(uint32_t value, uint32_t least)
{
	return value > least ? value : least;
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
	return value < most ? value : most;
}

static void shrink_window(struct server *server)
{
	bool burst = server->period_losses * BURST_PART > server->period_answers;
	uint32_t smaller = burst ? server->window / 2 : server->window - server->window / 8;
	if (server->window > WINDOW_MIN)
		server->window = at_least(smaller, WINDOW_MIN);
	server->ceiling = server->window;
	server->quiet_periods = 0;
}

static void grow_window(struct server *server, uint32_t window_max)
{
	if (++server->quiet_periods % PROBE_PERIODS == 0)
		server->ceiling += server->ceiling / 16 + 1;
	server->ceiling = at_most(server->ceiling, window_max);
	server->window = at_most(server->window + server->window / 4 + 1, server->ceiling);
}

/* Losses shrink a server's window, their absence lets it grow: its socket buffer is not overrun. */
static void adapt_window(struct server *server, uint32_t window_max, int64_t now_us)
{
	uint64_t losses = server->period_losses, answers = ++server->period_answers;
	if (answers < PERIOD_ANSWERS || now_us - server->period_us < PERIOD_US)
		return;
	if (losses > 1 && losses * LOSS_PART > answers)
		shrink_window(server);
	else if (losses * QUIET_PART <= answers)
		grow_window(server, window_max);
	server->period_answers = server->period_losses = 0;
	server->period_us = now_us;
}

/* Smoothed round trip (RFC 6298 2). An answer after a resend does not tell to which try it belongs (Karn); when nothing
 * else comes the server is slower than we resend, and the time since the first try is the better guess. */
static void measure(struct server *server, const struct slot *s, int64_t now_us)
{
	int64_t rtt = now_us - (s->tries == 1 ? s->sent_us : s->first_us), off;
	if (s->tries > 1 && ++server->retried < RETRIED_MAX)
		return;
	server->retried = s->tries > 1 ? server->retried : 0;
	if (server->srtt_us == 0) {
		server->srtt_us = rtt;
		server->rttvar_us = rtt / 2;
		return;
	}
	off = rtt > server->srtt_us ? rtt - server->srtt_us : server->srtt_us - rtt;
	server->rttvar_us += (off - server->rttvar_us) / 4;
	server->srtt_us += (rtt - server->srtt_us) / 8;
}

static int read_response(const struct slot *s, struct span m, struct bulk_answer *answer)
{
	struct dns_name name;
	name.len = (uint8_t)s->name_len;
	memcpy(name.wire, s->packet + 12, name.len);
	return dns_message_read(m, s->id, &name, s->type, s->server->at.recursive, answer);
}

/* A broken answer: by UDP the next try may bring a better one, and expire() reports it otherwise. */
static void broken(struct bulk *b, struct slot *s, bool over_tcp)
{
	if (over_tcp)
		slot_finish_outcome(b, s, DNS_MALFORMED);
	else if (s->malformed < UINT8_MAX)
		s->malformed++;
}

void slot_response(struct bulk *b, struct slot *s, struct span message, bool over_tcp, int64_t now_us)
{
	struct bulk_answer answer;
	int e = read_response(s, message, &answer);
	if (e == -ENOMSG) {
		b->stats.spoofed++;
		if (over_tcp)
			broken(b, s, true);
		return;
	}
	if (s->tries == 0)
		return; /* answered before it was asked: a lucky guess */
	adapt_window(s->server, b->config.window_max, now_us);
	if (!over_tcp)
		measure(s->server, s, now_us);
	if (e == -EMSGSIZE && !over_tcp) {
		if (!s->truncated)
			tcp_ask(b, s, now_us);
		return;
	}
	if (e < 0) {
		broken(b, s, over_tcp);
		return;
	}
	if (answer.outcome == DNS_SERVFAIL && !over_tcp && ++s->servfails < SERVFAILS_MAX &&
	    now_us - s->first_us < s->deadline_us - now_us)
		return; /* asked again at its time, in the first half of the budget */
	answer.latency_us = (uint32_t)(now_us - s->first_us);
	answer.message = message;
	slot_finish(b, s, &answer);
}
