/* SPDX-License-Identifier: BSD-2-Clause */
/* Truncated answers are fetched over TCP (RFC 7766), a few at a time, within the question's budget. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/bulk_internal.h"

static void tcp_close(struct bulk *b, struct tcp *t)
{
	if (t->fd < 0)
		return;
	close(t->fd);
	t->fd = -1;
	b->tcp_open--;
}

static int tcp_connect(struct bulk *b, struct tcp *t, struct slot *s)
{
	struct server *server = &b->servers[s->server];
	struct sockaddr_storage sa;
	socklen_t len = endpoint_sockaddr(&server->at.at, &sa);
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u64 = SERVERS_MAX + (uint64_t)(t - b->tcp)};
	if (!t->in)
		t->in = malloc(2 + TCP_MESSAGE_MAX);
	if (!t->in)
		return -ENOMEM;
	t->fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return -errno;
	b->tcp_open++;
	if ((connect(t->fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS) ||
	    epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, t->fd, &event) < 0) {
		tcp_close(b, t);
		return -ECONNREFUSED;
	}
	t->slot = slot_number(b, s);
	t->written = t->filled = 0;
	t->out[0] = (uint8_t)(s->packet_len >> 8);
	t->out[1] = (uint8_t)s->packet_len;
	memcpy(t->out + 2, s->packet, s->packet_len);
	b->stats.tcp++;
	return 0;
}

void tcp_ask(struct bulk *b, struct slot *s)
{
	s->tcp = true;
	wheel_add(b, s, s->deadline_us);
	for (int i = 0; i < TCP_MAX; i++) {
		if (b->tcp[i].fd >= 0)
			continue;
		if (tcp_connect(b, &b->tcp[i], s) < 0)
			s->unsendable = true, wheel_add(b, s, clock_mono_us());
		return;
	}
	s->tcp_waiting = true;
	b->tcp_waiting++;
}

void tcp_next(struct bulk *b)
{
	for (uint32_t i = 0; b->tcp_waiting && b->tcp_open < TCP_MAX && i < b->config.in_flight_max; i++) {
		struct slot *s = &b->slots[i];
		if (!s->used || !s->tcp_waiting)
			continue;
		s->tcp_waiting = false;
		b->tcp_waiting--;
		tcp_ask(b, s);
	}
}

void tcp_drop(struct bulk *b, struct slot *s)
{
	if (s->tcp_waiting) {
		s->tcp_waiting = false;
		b->tcp_waiting--;
	}
	for (int i = 0; i < TCP_MAX; i++)
		if (b->tcp[i].fd >= 0 && b->tcp[i].slot == slot_number(b, s))
			tcp_close(b, &b->tcp[i]);
}

static bool tcp_write(struct bulk *b, struct tcp *t)
{
	size_t len = 2u + b->slots[t->slot].packet_len;
	while (t->written < len) {
		ssize_t n = send(t->fd, t->out + t->written, len - t->written, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == ENOTCONN || errno == EINTR;
		t->written += (size_t)n;
	}
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = SERVERS_MAX + (uint64_t)(t - b->tcp)};
	return epoll_ctl(b->epoll_fd, EPOLL_CTL_MOD, t->fd, &event) == 0;
}

/* @return -1 broken, 0 more to come, else octets of a whole message */
static int tcp_read(struct tcp *t)
{
	for (;;) {
		size_t want = t->filled < 2 ? 2 : 2 + ((size_t)t->in[0] << 8 | t->in[1]);
		if (t->filled >= 2 && t->filled == want)
			return (int)(want - 2);
		ssize_t n = recv(t->fd, t->in + t->filled, want - t->filled, 0);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		if (n == 0)
			return -1;
		t->filled += (size_t)n;
	}
}

void tcp_event(struct bulk *b, struct tcp *t, int64_t now_us)
{
	struct slot *s;
	int n;
	if (t->fd < 0)
		return;
	s = &b->slots[t->slot];
	if (!tcp_write(b, t)) {
		tcp_close(b, t);
		bulk_finish_outcome(b, s, DNS_NETWORK);
		return;
	}
	n = tcp_read(t);
	if (n == 0)
		return;
	tcp_close(b, t);
	if (n < 12)
		bulk_finish_outcome(b, s, n < 0 ? DNS_NETWORK : DNS_MALFORMED);
	else
		bulk_response(b, s, span_of(t->in + 2, (size_t)n), true, now_us);
}
