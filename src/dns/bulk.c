/* SPDX-License-Identifier: BSD-2-Clause */
/* The bulk engine: slots, answers, the wait loop. Sockets, timers and TCP stand in bulk_*.c. */
#include "dns/bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/bulk_internal.h"

enum {
	GATHER_US = 150,   /* a nap before receiving, so that answers gather: fewer system calls an answer */
	GATHER_FROM = 48,  /* questions in flight that make it worth it */
	EPOCH = 64,        /* answers between two looks at the losses */
	SERVFAILS_MAX = 3, /* a resolver may fail for a moment; so many times is an answer */
	EVENTS = 64,
};
static const uint64_t EXTRA = UINT64_MAX;

int bulk_new(const struct bulk_config *config, struct bulk **ret_bulk)
{
	struct bulk *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->config = *config;
	if (!b->config.budget_us)
		b->config.budget_us = BUDGET_DEFAULT_US;
	if (!b->config.window_max)
		b->config.window_max = WINDOW_DEFAULT;
	if (!b->config.in_flight_max)
		b->config.in_flight_max = IN_FLIGHT_DEFAULT;
	if (b->config.in_flight_max > UINT16_MAX - 1)
		b->config.in_flight_max = UINT16_MAX - 1; /* slot + 1 fits an id table */
	b->extra_fd = -1;
	b->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < TCP_MAX; i++)
		b->tcp[i].fd = -1;
	for (int i = 0; i < WHEEL_BUCKETS; i++)
		b->wheel[i] = NONE;
	b->wheel_us = clock_mono_us();
	b->slots = calloc(b->config.in_flight_max, sizeof(*b->slots));
	b->free_slots = calloc(b->config.in_flight_max, sizeof(*b->free_slots));
	b->servers = calloc(SERVERS_MAX, sizeof(*b->servers));
	b->receive = malloc((size_t)RECEIVE_BATCH * RECEIVE_OCTETS);
	if (b->epoll_fd < 0 || !b->slots || !b->free_slots || !b->servers || !b->receive) {
		bulk_free(b);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < b->config.in_flight_max; i++)
		b->free_slots[b->free_count++] = b->config.in_flight_max - 1 - i;
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* naps of 150 us would otherwise last 200 */
	*ret_bulk = b;
	return 0;
}

struct bulk *bulk_free(struct bulk *b)
{
	if (!b)
		return NULL;
	for (uint32_t i = 0; b->servers && i < b->server_count; i++) {
		if (b->servers[i].fd >= 0)
			close(b->servers[i].fd);
		free(b->servers[i].slot_of_id);
		free(b->servers[i].queue);
	}
	for (int i = 0; i < TCP_MAX; i++) {
		if (b->tcp[i].fd >= 0)
			close(b->tcp[i].fd);
		free(b->tcp[i].in);
	}
	if (b->epoll_fd >= 0)
		close(b->epoll_fd);
	free(b->slots);
	free(b->free_slots);
	free(b->servers);
	free(b->receive);
	free(b);
	return NULL;
}

int bulk_server(struct bulk *b, const struct bulk_server *server, uint32_t *ret_server)
{
	struct server *s;
	for (uint32_t i = 0; i < b->server_count; i++) {
		const struct bulk_server *at = &b->servers[i].at;
		if (addr_equal(&at->at.addr, &server->at.addr) && at->at.port == server->at.port &&
		    at->recursive == server->recursive) {
			*ret_server = i;
			return 0;
		}
	}
	if (b->server_count == SERVERS_MAX)
		return -ENOSPC;
	s = &b->servers[b->server_count];
	*s = (struct server){.at = *server, .fd = -1, .no_segments = b->config.no_segments, .unreachable_us = -1};
	s->window = b->config.window_max < WINDOW_START ? b->config.window_max : WINDOW_START;
	s->slot_of_id = calloc(UINT16_MAX + 1, sizeof(*s->slot_of_id));
	s->queue = calloc(b->config.in_flight_max, sizeof(*s->queue));
	if (!s->slot_of_id || !s->queue) {
		free(s->slot_of_id);
		free(s->queue);
		return -ENOMEM;
	}
	*ret_server = b->server_count++;
	return 0;
}

/* An id that is free at this server; nobody outside can guess it (RFC 5452 9.2). */
static int random_id(struct bulk *b, const struct server *server, uint16_t *ret_id)
{
	for (int tries = 0; tries < 4096; tries++) {
		if (b->ids_left == 0) {
			if (getrandom(b->ids, sizeof(b->ids), 0) != (ssize_t)sizeof(b->ids))
				return -EAGAIN;
			b->ids_left = sizeof(b->ids) / sizeof(b->ids[0]);
		}
		*ret_id = b->ids[--b->ids_left];
		if (!server->slot_of_id[*ret_id])
			return 0;
	}
	return -EAGAIN;
}

int bulk_ask(struct bulk *b, const struct bulk_question *question)
{
	struct server *server;
	struct slot *s;
	uint16_t id;
	if (question->server >= b->server_count || question->name->len == 0)
		return -EINVAL;
	server = &b->servers[question->server];
	if (b->free_count == 0 || server->busy >= server->window || random_id(b, server, &id) < 0)
		return -EAGAIN;
	s = &b->slots[b->free_slots[b->free_count - 1]];
	if (s->queued)
		return -EAGAIN; /* its last user still waits to leave a queue; the next flush frees it */
	b->free_count--;
	s->tag = question->tag;
	s->server = question->server;
	s->bucket = NONE;
	s->id = id;
	s->type = question->type;
	s->tries = s->servfails = s->malformed = 0;
	s->used = s->counted = true;
	s->tcp = s->tcp_waiting = s->unsendable = false;
	s->deadline_us = question->budget_us ? question->budget_us : b->config.budget_us; /* from the first send on */
	s->packet_len =
		(uint16_t)dns_message_query(id, server->at.recursive, question->name, question->type, s->packet);
	server->slot_of_id[id] = (uint16_t)(slot_number(b, s) + 1);
	server->busy++;
	b->in_flight++;
	b->stats.asked++;
	s->deadline_us += clock_mono_us();
	udp_queue(b, s);
	return 0;
}

/* Losses shrink a server's window, their absence lets it grow: its socket buffer is not overrun. */
static void adapt_window(struct bulk *b, struct server *server)
{
	if (++server->epoch_answers < EPOCH)
		return;
	if (server->epoch_losses * 10 > server->epoch_answers)
		server->window = server->window / 2 > WINDOW_MIN ? server->window / 2 : WINDOW_MIN;
	else if (server->epoch_losses == 0)
		server->window += server->window / 4;
	if (server->window > b->config.window_max)
		server->window = b->config.window_max;
	server->epoch_answers = server->epoch_losses = 0;
}

static void slot_free(struct bulk *b, struct slot *s)
{
	struct server *server = &b->servers[s->server];
	if (s->tcp)
		tcp_drop(b, s);
	wheel_remove(b, s);
	server->slot_of_id[s->id] = 0;
	server->busy -= s->counted;
	s->used = false;
	b->in_flight--;
	b->free_slots[b->free_count++] = slot_number(b, s);
}

void bulk_finish(struct bulk *b, struct slot *s, struct bulk_answer *answer)
{
	answer->tag = s->tag;
	answer->tries = s->tries;
	answer->server = s->server;
	b->stats.answered += answer->message.len > 0;
	b->stats.timeouts += answer->outcome == DNS_TIMEOUT;
	slot_free(b, s);
	b->reported++;
	b->config.on_answer(b->config.arg, answer);
}

void bulk_finish_outcome(struct bulk *b, struct slot *s, enum dns_outcome outcome)
{
	struct bulk_answer answer;
	answer.outcome = outcome;
	answer.a_count = 0;
	answer.authoritative = false;
	answer.ttl_s = 0;
	answer.latency_us = 0;
	answer.message = span_of(NULL, 0);
	bulk_finish(b, s, &answer);
}

/* The commonest answer of all, a plain "no": recognised without reading names. */
static bool plain_nxdomain(const struct slot *s, const struct server *server, struct span m)
{
	const uint8_t *at = m.at;
	return (at[2] & 0xfa) == 0x80 && (server->at.recursive || at[2] & 0x04) && (at[3] & 0x0f) == 3 && at[4] == 0 &&
	       at[5] == 1 && at[6] == 0 && at[7] == 0 && m.len >= s->packet_len &&
	       memcmp(at + 12, s->packet + 12, s->packet_len - 12u) == 0;
}

static int read_response(const struct slot *s, const struct server *server, struct span m, struct bulk_answer *answer)
{
	struct dns_name name;
	if (plain_nxdomain(s, server, m)) {
		answer->outcome = DNS_NXDOMAIN;
		answer->a_count = 0;
		answer->ttl_s = 0;
		answer->authoritative = m.at[2] & 0x04;
		return 0;
	}
	name.len = (uint8_t)(s->packet_len - 16);
	memcpy(name.wire, s->packet + 12, name.len);
	return dns_message_read(m, s->id, &name, s->type, server->at.recursive, answer);
}

void bulk_response(struct bulk *b, struct slot *s, struct span message, bool over_tcp, int64_t now_us)
{
	struct server *server = &b->servers[s->server];
	struct bulk_answer answer;
	int e = read_response(s, server, message, &answer);
	if (e == -ENOMSG) {
		b->stats.spoofed++;
		if (over_tcp)
			bulk_finish_outcome(b, s, DNS_MALFORMED);
		return;
	}
	adapt_window(b, server);
	if (e == -EMSGSIZE && !over_tcp) {
		if (!s->tcp)
			tcp_ask(b, s);
		return;
	}
	if (e < 0) { /* the next try may bring a better one */
		if (over_tcp || s->malformed == UINT8_MAX)
			bulk_finish_outcome(b, s, DNS_MALFORMED);
		else
			s->malformed++;
		return;
	}
	if (answer.outcome == DNS_SERVFAIL && !over_tcp && ++s->servfails < SERVFAILS_MAX)
		return;
	answer.latency_us = (uint32_t)(now_us - s->first_us);
	if (s->tries == 1)
		server->srtt_us = server->srtt_us ? (7 * server->srtt_us + answer.latency_us) / 8 : answer.latency_us;
	answer.message = message;
	bulk_finish(b, s, &answer);
}

static int watch_extra(struct bulk *b, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = EXTRA};
	if (fd == b->extra_fd)
		return 0;
	if (b->extra_fd >= 0)
		epoll_ctl(b->epoll_fd, EPOLL_CTL_DEL, b->extra_fd, NULL);
	b->extra_fd = fd;
	return fd >= 0 && epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Wait for sockets until a time. @return 1 extra readable, 0, or negative errno */
static int wait_once(struct bulk *b, int64_t now_us, int64_t until_us)
{
	struct epoll_event events[EVENTS];
	int64_t left = until_us > now_us ? until_us - now_us : 0;
	struct timespec timeout = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
	int n = epoll_pwait2(b->epoll_fd, events, EVENTS, &timeout, NULL), extra = 0;
	if (n < 0)
		return -errno;
	now_us = clock_mono_us();
	for (int i = 0; i < n; i++) {
		uint64_t what = events[i].data.u64;
		if (what == EXTRA)
			extra = 1;
		else if (what >= SERVERS_MAX)
			tcp_event(b, &b->tcp[what - SERVERS_MAX], now_us);
		else
			udp_receive(b, &b->servers[what], now_us);
	}
	return extra;
}

int bulk_wait(struct bulk *b, int extra_fd, int64_t until_us)
{
	const struct timespec nap = {.tv_nsec = GATHER_US * 1000};
	int64_t now = clock_mono_us();
	int e = watch_extra(b, extra_fd);
	b->reported = 0;
	while (e == 0) {
		udp_flush(b, now);
		if (b->in_flight >= GATHER_FROM)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
		e = wait_once(b, now, b->in_flight ? wheel_next_us(b, now, until_us) : until_us);
		now = clock_mono_us();
		wheel_turn(b, now);
		if (b->tcp_waiting)
			tcp_next(b);
		if (b->reported || now >= until_us)
			break;
	}
	udp_flush(b, now);
	return e;
}

size_t bulk_in_flight(const struct bulk *b)
{
	return b->in_flight;
}

const struct bulk_stats *bulk_stats(const struct bulk *b)
{
	return &b->stats;
}
