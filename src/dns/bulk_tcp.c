/* SPDX-License-Identifier: BSD-2-Clause */
/* Truncated answers are fetched over TCP (RFC 7766), a few at a time, within the question's budget. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dns/bulk_internal.h"

enum {
	FAILURES_MAX = 3,
	AGAIN_US = 100000, /* after a connection that broke */
	MESSAGE_MIN = 12,
};

static int watch(const struct bulk *b, const struct tcp *t, int op, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = SERVERS_MAX + (uint64_t)(t - b->tcp)};
	return epoll_ctl(b->epoll_fd, op, t->fd, &event) < 0 ? -errno : 0;
}

static int tcp_connect(struct bulk *b, struct tcp *t, struct slot *s)
{
	struct sockaddr_storage sa;
	socklen_t len = endpoint_sockaddr(&s->server->at.at, &sa);
	if (!t->in)
		t->in = malloc(2 + UINT16_MAX);
	if (!t->in)
		return -ENOMEM;
	t->fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return -errno;
	t->slot = s;
	s->tcp = t;
	t->written = t->filled = 0;
	t->out[0] = (uint8_t)(s->packet_len >> 8);
	t->out[1] = (uint8_t)s->packet_len;
	memcpy(t->out + 2, s->packet, s->packet_len);
	if (connect(t->fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS)
		return -errno;
	b->stats.tcp++;
	return watch(b, t, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void tcp_drop(struct bulk *b, struct slot *s)
{
	if (s->tcp_waiting)
		TAILQ_REMOVE(&b->tcp_queue, s, link);
	s->tcp_waiting = false;
	if (s->tcp) {
		close(s->tcp->fd);
		s->tcp->fd = -1;
		s->tcp = NULL;
	}
}

static void tcp_failed(struct bulk *b, struct slot *s, int64_t now_us)
{
	int64_t again = now_us + AGAIN_US;
	tcp_drop(b, s);
	if (++s->tcp_failed >= FAILURES_MAX)
		slot_finish_outcome(b, s, s->malformed ? DNS_MALFORMED : DNS_NETWORK);
	else
		timer_add(b, s, again < s->deadline_us ? again : s->deadline_us);
}

void tcp_ask(struct bulk *b, struct slot *s, int64_t now_us)
{
	udp_unqueue(b, s);
	s->truncated = true;
	s->sent_us = now_us;
	timer_add(b, s, s->deadline_us);
	for (int i = 0; i < TCP_MAX; i++) {
		if (b->tcp[i].fd >= 0)
			continue;
		if (tcp_connect(b, &b->tcp[i], s) < 0)
			tcp_failed(b, s, now_us);
		return;
	}
	TAILQ_INSERT_TAIL(&b->tcp_queue, s, link);
	s->tcp_waiting = true;
}

void tcp_next(struct bulk *b, int64_t now_us)
{
	for (int i = 0; i < TCP_MAX && !TAILQ_EMPTY(&b->tcp_queue); i++) {
		struct slot *s = TAILQ_FIRST(&b->tcp_queue);
		if (b->tcp[i].fd >= 0)
			continue;
		TAILQ_REMOVE(&b->tcp_queue, s, link);
		s->tcp_waiting = false;
		tcp_ask(b, s, now_us);
	}
}

/* @return 0, also when more is to be written; negative errno: the connection is broken */
static int tcp_write(struct bulk *b, struct tcp *t)
{
	size_t len = 2u + t->slot->packet_len;
	if (t->written == len)
		return 0;
	while (t->written < len) {
		ssize_t n = send(t->fd, t->out + t->written, len - t->written, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		t->written += (size_t)n;
	}
	return watch(b, t, EPOLL_CTL_MOD, EPOLLIN);
}

/* @return octets of a whole message; 0: more to come; negative errno: the connection is broken or talks nonsense */
static int tcp_read(struct tcp *t)
{
	for (;;) {
		size_t message = t->filled < 2 ? 0 : (size_t)t->in[0] << 8 | t->in[1];
		ssize_t n;
		if (t->filled >= 2 && message < MESSAGE_MIN)
			return -EBADMSG;
		if (t->filled >= 2 && t->filled == 2 + message)
			return (int)message;
		n = recv(t->fd, t->in + t->filled, 2 + message - t->filled, 0);
		if (n == 0)
			return -ECONNRESET;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		t->filled += (size_t)n;
	}
}

void tcp_event(struct bulk *b, struct tcp *t, int64_t now_us)
{
	struct slot *s = t->slot;
	int n;
	if (t->fd < 0)
		return; /* an earlier event of the same round ended it */
	n = tcp_write(b, t);
	if (n == 0)
		n = tcp_read(t);
	if (n == -ENOTCONN || n == 0)
		return;
	if (n < 0) {
		if (n == -EBADMSG)
			s->malformed = 1;
		tcp_failed(b, s, now_us);
		return;
	}
	tcp_drop(b, s); /* the buffer stays until the next connection */
	slot_response(b, s, span_of(t->in + 2, (size_t)n), true, now_us);
}
