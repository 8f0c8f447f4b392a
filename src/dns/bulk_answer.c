/* SPDX-License-Identifier: BSD-2-Clause */
/* What a response means for its question, and what it tells of its server. */
#include <errno.h>

#include "dns/bulk_internal.h"

enum {
	EPOCH = 64,        /* answers between two looks at the losses */
	WINDOW_MIN = 32,   /* no server's socket buffer is smaller; below it, loss is the path's */
	SERVFAILS_MAX = 3, /* a resolver may fail for a moment; so many times is an answer */
	RETRIED_MAX = 8,   /* so many answers in a row after a resend: slow, not lossy */
};

/* Losses shrink a server's window, their absence lets it grow: its socket buffer is not overrun. */
static void adapt_window(struct server *server, uint32_t window_max)
{
	uint32_t half = server->window / 2;
	if (++server->epoch_answers < EPOCH)
		return;
	if (server->epoch_losses * 10 > server->epoch_answers)
		server->window = half > WINDOW_MIN ? half : server->window < WINDOW_MIN ? server->window : WINDOW_MIN;
	else if (server->epoch_losses == 0)
		server->window += server->window / 4 + 1;
	if (server->window > window_max)
		server->window = window_max;
	server->epoch_answers = server->epoch_losses = 0;
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
	name.len = (uint8_t)(s->packet_len - 16);
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
	adapt_window(s->server, b->config.window_max);
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
