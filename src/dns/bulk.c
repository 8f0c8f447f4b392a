/* SPDX-License-Identifier: BSD-2-Clause */
/* The bulk engine: servers, slots, one step. Answers, sockets, timers, TCP and waiting stand in bulk_*.c. */
#include "dns/bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "dns/bulk_internal.h"

enum {
	BUDGET_DEFAULT_US = 2000000,
	IN_FLIGHT_DEFAULT = 4096,
	WINDOW_DEFAULT = 256,
	WINDOW_START = 128,    /* fits the default socket buffer of a small server */
	ID_TRIES = 4096,       /* at 90 % of all ids in use at one server: never */
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

int bulk_ask(struct bulk *b, const struct bulk_question *question, int64_t now_us)
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
	s->deadline_us = now_us + (question->budget_us ? question->budget_us : b->config.budget_us);
	if (b->wheel_us == 0)
		b->wheel_us = now_us;
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

int bulk_watch(struct bulk *b, int extra_fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = EXTRA};
	if (extra_fd == b->extra_fd)
		return 0;
	if (b->extra_fd >= 0) /* it may have been closed meanwhile */
		epoll_ctl(b->epoll_fd, EPOLL_CTL_DEL, b->extra_fd, NULL);
	b->extra_fd = -1;
	if (extra_fd >= 0 && epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, extra_fd, &event) < 0)
		return -errno;
	b->extra_fd = extra_fd;
	return 0;
}

static int take_event(struct bulk *b, uint64_t what, int64_t now_us)
{
	if (what == EXTRA)
		return 1;
	if (what >= SERVERS_MAX)
		tcp_event(b, &b->tcp[what - SERVERS_MAX], now_us);
	else
		udp_receive(b, &b->servers[what], now_us);
	return 0;
}

int bulk_take(struct bulk *b, struct epoll_event *events, int count, int64_t now_us)
{
	int extra = 0;
	for (int round = 0; count > 0; round++) {
		for (int i = 0; i < count; i++)
			extra |= take_event(b, events[i].data.u64, now_us);
		if (count < EVENTS || round == EVENT_ROUNDS_MAX)
			break;
		count = epoll_wait(b->epoll_fd, events, EVENTS, 0);
	}
	timer_turn(b, now_us);
	tcp_next(b, now_us);
	return extra;
}

int bulk_step(struct bulk *b, int64_t now_us)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(b->epoll_fd, events, EVENTS, 0), extra;
	if (n < 0 && errno != EINTR)
		return -errno;
	extra = bulk_take(b, events, n, now_us);
	b->turned_away = false;
	udp_flush(b, now_us);
	return extra;
}

int bulk_fd(const struct bulk *b)
{
	return b->epoll_fd;
}

int64_t bulk_deadline_us(const struct bulk *b)
{
	int64_t due;
	if (b->in_flight == 0)
		return INT64_MAX;
	due = timer_next_us(b, INT64_MAX);
	/* a socket was full, or something was asked since the last step */
	return TAILQ_EMPTY(&b->to_send) || due < b->wheel_us + SEND_AGAIN_US ? due : b->wheel_us + SEND_AGAIN_US;
}

size_t bulk_in_flight(const struct bulk *b)
{
	return b->in_flight;
}

const struct bulk_stats *bulk_stats(const struct bulk *b)
{
	return &b->stats;
}
