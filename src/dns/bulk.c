/* SPDX-License-Identifier: BSD-2-Clause */
/* The bulk engine: servers, slots, the wait loop. Answers, sockets, timers and TCP stand in bulk_*.c. */
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
	BUDGET_DEFAULT_US = 2000000,
	IN_FLIGHT_DEFAULT = 4096,
	WINDOW_DEFAULT = 256,
	WINDOW_START = 128,    /* fits the default socket buffer of a small server */
	ID_TRIES = 4096,       /* at 90 % of all ids in use at one server: never */
	GATHER_US = 200,       /* a nap before receiving, so that answers gather: fewer system calls an answer */
	GATHER_FROM = 48,      /* questions in flight that make it worth it */
	SEND_AGAIN_US = 1000,  /* when a socket was full */
	EVENTS = 64,           /* of one system call */
	EVENT_ROUNDS_MAX = 64, /* enough for every server and connection */
};

static const uint64_t EXTRA = UINT64_MAX;

static void apply_defaults(struct bulk_config *c)
{
	if (!c->budget_us)
		c->budget_us = BUDGET_DEFAULT_US;
	if (!c->window_max)
		c->window_max = WINDOW_DEFAULT;
	if (!c->in_flight_max)
		c->in_flight_max = IN_FLIGHT_DEFAULT;
}

static int allocate(struct bulk *b)
{
	uint32_t buckets = 1;
	while (buckets < b->config.in_flight_max && buckets <= UINT16_MAX)
		buckets *= 2;
	b->by_id_mask = buckets - 1;
	b->by_id = calloc(buckets, sizeof(*b->by_id));
	b->slots = calloc(b->config.in_flight_max, sizeof(*b->slots));
	b->servers = calloc(SERVERS_MAX, sizeof(*b->servers)); /* touched as far as used */
	b->receive = malloc((size_t)RECEIVE_BATCH * RECEIVE_OCTETS);
	if (!b->by_id || !b->slots || !b->servers || !b->receive)
		return -ENOMEM;
	for (uint32_t i = b->config.in_flight_max; i-- > 0;)
		LIST_INSERT_HEAD(&b->free, &b->slots[i], by_id);
	udp_init(b);
	return 0;
}

int bulk_new(const struct bulk_config *config, struct bulk **ret_bulk)
{
	struct bulk *b = calloc(1, sizeof(*b)); /* all lists empty */
	int e;
	if (!b)
		return -ENOMEM;
	b->config = *config;
	apply_defaults(&b->config);
	TAILQ_INIT(&b->to_send);
	TAILQ_INIT(&b->tcp_queue);
	for (int i = 0; i < TCP_MAX; i++)
		b->tcp[i].fd = -1;
	b->extra_fd = -1;
	b->wheel_us = clock_mono_us();
	b->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	e = b->epoll_fd < 0 ? -errno : allocate(b);
	if (e < 0) {
		bulk_free(b);
		return e;
	}
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* naps would otherwise last 50 us longer */
	*ret_bulk = b;
	return 0;
}

struct bulk *bulk_free(struct bulk *b)
{
	if (!b)
		return NULL;
	for (uint32_t i = 0; i < b->server_count; i++)
		if (b->servers[i].fd >= 0)
			close(b->servers[i].fd);
	for (int i = 0; i < TCP_MAX; i++) {
		if (b->tcp[i].fd >= 0)
			close(b->tcp[i].fd);
		free(b->tcp[i].in);
	}
	if (b->epoll_fd >= 0)
		close(b->epoll_fd);
	free(b->by_id);
	free(b->slots);
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
	s->at = *server;
	TAILQ_INIT(&s->queue);
	s->fd = -1;
	s->no_segments = b->config.no_segments;
	s->unreachable_us = -1;
	s->window = b->config.window_max < WINDOW_START ? b->config.window_max : WINDOW_START;
	s->ceiling = b->config.window_max;
	*ret_server = b->server_count++;
	return 0;
}

static struct slot_list *id_bucket(struct bulk *b, const struct server *server, uint16_t id)
{
	/* ids are random already; servers only need to lie apart */
	return &b->by_id[(id + (uint32_t)(server - b->servers) * 0x9e37u) & b->by_id_mask];
}

struct slot *slot_find(struct bulk *b, const struct server *server, uint16_t id)
{
	struct slot *s;
	LIST_FOREACH(s, id_bucket(b, server, id), by_id)
	if (s->id == id && s->server == server)
		return s;
	return NULL;
}

/* An id that is free at this server; nobody outside can guess it (RFC 5452 9.2). */
static int random_id(struct bulk *b, const struct server *server, uint16_t *ret_id)
{
	for (int tries = 0; tries < ID_TRIES; tries++) {
		if (b->ids_left == 0) {
			if (getrandom(b->ids, sizeof(b->ids), 0) != (ssize_t)sizeof(b->ids))
				return -EAGAIN;
			b->ids_left = IDS_BATCH;
		}
		*ret_id = b->ids[--b->ids_left];
		if (!slot_find(b, server, *ret_id))
			return 0;
	}
	return -EAGAIN;
}

/* Questions that wait long hold slots though the window no longer counts them; a dead server gets only a part. */
static bool holds_too_many(const struct bulk *b, const struct server *server)
{
	uint32_t most = b->server_count > 1 ? b->config.in_flight_max / 4 : b->config.in_flight_max;
	return server->busy >= server->window || server->held - server->busy > most;
}

int bulk_ask(struct bulk *b, const struct bulk_question *question)
{
	struct server *server;
	struct slot *s = LIST_FIRST(&b->free);
	uint16_t id;
	if (question->server >= b->server_count || question->name->len == 0)
		return -EINVAL;
	server = &b->servers[question->server];
	if (!s || holds_too_many(b, server) || random_id(b, server, &id) < 0) {
		b->turned_away = true;
		return -EAGAIN;
	}
	LIST_REMOVE(s, by_id);
	LIST_INSERT_HEAD(id_bucket(b, server, id), s, by_id);
	s->server = server;
	s->tag = question->tag;
	s->id = id;
	s->type = question->type;
	s->tries = s->failed = s->servfails = s->malformed = s->tcp_failed = 0;
	s->truncated = false;
	s->counted = true;
	s->name_len = question->name->len;
	s->packet_len =
		(uint16_t)dns_message_query(id, server->at.recursive, question->name, question->type, s->packet);
	if (question->edns_octets)
		s->packet_len = (uint16_t)(s->packet_len +
					   dns_message_add_opt(s->packet, s->packet_len, question->edns_octets));
	s->deadline_us = clock_mono_us() + (question->budget_us ? question->budget_us : b->config.budget_us);
	server->held++;
	server->busy++;
	b->in_flight++;
	b->stats.asked++;
	timer_add(b, s, s->deadline_us); /* even if it can never be sent */
	udp_queue(b, s);
	return 0;
}

void slot_uncount(struct bulk *b, struct slot *s)
{
	b->room |= s->counted && b->turned_away;
	s->server->busy -= s->counted;
	s->counted = false;
}

static void slot_free(struct bulk *b, struct slot *s)
{
	tcp_drop(b, s);
	udp_unqueue(b, s);
	timer_remove(s);
	slot_uncount(b, s);
	s->server->held--;
	b->in_flight--;
	LIST_REMOVE(s, by_id);
	LIST_INSERT_HEAD(&b->free, s, by_id);
}

void slot_finish(struct bulk *b, struct slot *s, struct bulk_answer *answer)
{
	answer->tag = s->tag;
	answer->tries = s->tries;
	answer->server = (uint32_t)(s->server - b->servers);
	b->stats.answered += answer->message.len > 0;
	b->stats.timeouts += answer->outcome == DNS_TIMEOUT;
	b->reported++;
	slot_free(b, s); /* first: the callback may ask again */
	b->config.on_answer(b->config.arg, answer);
}

void slot_finish_outcome(struct bulk *b, struct slot *s, enum dns_outcome outcome)
{
	struct bulk_answer answer = {.outcome = outcome};
	slot_finish(b, s, &answer);
}

static int watch_extra(struct bulk *b, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = EXTRA};
	if (fd == b->extra_fd)
		return 0;
	if (b->extra_fd >= 0) /* it may have been closed meanwhile */
		epoll_ctl(b->epoll_fd, EPOLL_CTL_DEL, b->extra_fd, NULL);
	b->extra_fd = -1;
	if (fd >= 0 && epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	b->extra_fd = fd;
	return 0;
}

static int wait_events(struct bulk *b, struct epoll_event *events, int64_t left_us)
{
	struct timespec timeout = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
	int n = -1;
	if (!b->coarse) {
		n = epoll_pwait2(b->epoll_fd, events, EVENTS, &timeout, NULL);
		if (n < 0 && errno != ENOSYS && errno != EPERM)
			return -errno;
		b->coarse = n < 0; /* kernels before 5.11, and sandboxes that do not know it */
	}
	if (b->coarse)
		n = epoll_wait(b->epoll_fd, events, EVENTS, left_us > 60000000 ? 60000 : (int)((left_us + 999) / 1000));
	return n < 0 ? -errno : n;
}

/* Wait for sockets, then take all that is there, so that no question expires whose answer has arrived.
 * @return 1 extra readable, 0, or negative errno */
static int wait_once(struct bulk *b, int64_t left_us)
{
	struct epoll_event events[EVENTS];
	int extra = 0;
	for (int round = 0; round < EVENT_ROUNDS_MAX; round++) {
		int n = wait_events(b, events, round == 0 && left_us > 0 ? left_us : 0);
		int64_t now = clock_mono_us();
		if (n < 0)
			return extra ? extra : n;
		for (int i = 0; i < n; i++) {
			uint64_t what = events[i].data.u64;
			if (what == EXTRA)
				extra = 1;
			else if (what >= SERVERS_MAX)
				tcp_event(b, &b->tcp[what - SERVERS_MAX], now);
			else
				udp_receive(b, &b->servers[what], now);
		}
		if (n < EVENTS)
			break;
	}
	return extra;
}

int bulk_wait(struct bulk *b, int extra_fd, int64_t until_us)
{
	const struct timespec nap = {.tv_nsec = GATHER_US * 1000};
	int64_t now = clock_mono_us(), wake;
	int e = watch_extra(b, extra_fd);
	b->reported = 0;
	b->room = false;
	while (e == 0) {
		udp_flush(b, now);
		if (b->in_flight >= GATHER_FROM && clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL) == EINTR)
			return -EINTR;
		wake = b->in_flight ? timer_next_us(b, until_us) : until_us;
		if (!TAILQ_EMPTY(&b->to_send) && wake > now + SEND_AGAIN_US)
			wake = now + SEND_AGAIN_US;
		e = wait_once(b, wake - now);
		now = clock_mono_us();
		timer_turn(b, now);
		tcp_next(b, now);
		if (b->reported || b->room || now >= until_us)
			break;
	}
	b->turned_away = false;
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
