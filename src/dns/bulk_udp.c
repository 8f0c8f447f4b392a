/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of the bulk engine: one connected UDP socket a server, segment sends, batched receives. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dns/bulk_internal.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* linux/udp.h, since Linux 4.18 */
#endif

enum {
	SEGMENTS_MAX = 64, /* UDP_MAX_SEGMENTS of the kernel when UDP_SEGMENT came */
	SOCKET_BUFFER_OCTETS = 4 << 20,
	FIRST_WAIT_US = 100000,
	KNOWN_WAIT_US = 25000, /* once, where round trips are known to be short: a lost packet costs little time */
	WAIT_MAX_US = 120000,  /* some 17 tries within 2 s: 30 % loss each way then costs one answer of 100,000 */
	SLOW_TRIES = 6,        /* that many fit the budget however slow a server is (verdict rule 1) */
	RECEIVE_ROUNDS = 16,
	REFUSALS_MAX = 2, /* one error of the past and one of now */
};

void udp_init(struct bulk *b)
{
	for (int i = 0; i < RECEIVE_BATCH; i++) {
		b->iov[i] = (struct iovec){b->receive + (size_t)i * RECEIVE_OCTETS, RECEIVE_OCTETS};
		b->messages[i].msg_hdr.msg_iov = &b->iov[i];
		b->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static int udp_socket(const struct server *server)
{
	struct sockaddr_storage sa;
	socklen_t len = endpoint_sockaddr(&server->at.at, &sa);
	int size = SOCKET_BUFFER_OCTETS, fd, e;
	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* connected: the kernel drops what comes from elsewhere, and tells of ICMP errors */
	if (connect(fd, (struct sockaddr *)&sa, len) < 0) {
		e = -errno;
		close(fd);
		return e;
	}
	return fd;
}

/* More servers than descriptors: one that is idle gives up its own. */
static bool close_idle(struct bulk *b)
{
	for (uint32_t i = 0; i < b->server_count; i++) {
		struct server *s = &b->servers[i];
		if (s->fd < 0 || s->held > 0)
			continue;
		close(s->fd);
		s->fd = -1;
		return true;
	}
	return false;
}

static int udp_open(struct bulk *b, struct server *server)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(server - b->servers)};
	int fd, e;
	if (server->fd >= 0)
		return 0;
	do
		fd = udp_socket(server);
	while (fd == -EMFILE && close_idle(b));
	if (fd < 0)
		return fd;
	if (epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		e = -errno;
		close(fd);
		return e;
	}
	server->fd = fd;
	return 0;
}

void udp_queue(struct bulk *b, struct slot *s)
{
	struct server *server = s->server;
	if (s->queued)
		return;
	if (TAILQ_EMPTY(&server->queue))
		TAILQ_INSERT_TAIL(&b->to_send, server, link);
	TAILQ_INSERT_TAIL(&server->queue, s, link);
	s->queued = true;
}

void udp_unqueue(struct bulk *b, struct slot *s)
{
	if (!s->queued)
		return;
	TAILQ_REMOVE(&s->server->queue, s, link);
	s->queued = false;
	if (TAILQ_EMPTY(&s->server->queue))
		TAILQ_REMOVE(&b->to_send, s->server, link);
}

/* The time to the first resend: not before the server is known to answer, as far as the budget allows. */
static uint32_t first_wait_us(const struct server *server, const struct slot *s)
{
	int64_t wait = 2 * server->srtt_us + 4 * server->rttvar_us;
	int64_t slow = server->srtt_us + server->srtt_us / 4, most = (s->deadline_us - s->sent_us) / SLOW_TRIES;
	int64_t least = server->srtt_us > 0 ? KNOWN_WAIT_US : FIRST_WAIT_US;
	wait = wait < least ? least : wait > WAIT_MAX_US ? WAIT_MAX_US : wait;
	slow = slow < most ? slow : most;
	return (uint32_t)(wait > slow ? wait : slow);
}

/* The head of the queue was sent (or lost on the way). */
static void sent(struct bulk *b, struct server *server, uint32_t count, int64_t now_us)
{
	while (count-- > 0) {
		struct slot *s = TAILQ_FIRST(&server->queue);
		int64_t due;
		udp_unqueue(b, s);
		s->sent_us = now_us;
		if (s->tries == 0) {
			s->first_us = now_us;
			s->interval_us = first_wait_us(server, s);
		} else if (s->interval_us < FIRST_WAIT_US) {
			s->interval_us = FIRST_WAIT_US;
		} else if (s->interval_us < WAIT_MAX_US) {
			uint32_t longer = s->interval_us + s->interval_us / 5;
			s->interval_us = longer > WAIT_MAX_US ? WAIT_MAX_US : longer;
		}
		if (s->tries < UINT8_MAX)
			s->tries++;
		due = now_us + s->interval_us;
		timer_add(b, s, due > s->deadline_us ? s->deadline_us : due);
	}
}

/* One run of packets of one length from the head of the queue, as one send. @return packets sent or -errno */
static int send_run(const struct server *server)
{
	struct iovec iov[SEGMENTS_MAX];
	union {
		char octets[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = iov};
	struct slot *s = TAILQ_FIRST(&server->queue);
	uint16_t len = s->packet_len;
	int n = 0;
	for (; s && n < SEGMENTS_MAX && s->packet_len == len; s = TAILQ_NEXT(s, link))
		iov[n++] = (struct iovec){s->packet, len};
	message.msg_iovlen = (size_t)n;
	if (n > 1) {
		struct cmsghdr *c;
		message.msg_control = control.octets;
		message.msg_controllen = sizeof(control.octets);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = IPPROTO_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(len));
		memcpy(CMSG_DATA(c), &len, sizeof(len));
	}
	return sendmsg(server->fd, &message, MSG_NOSIGNAL) < 0 ? -errno : n;
}

/* Without segments: many packets in one system call all the same. */
static int send_many(const struct server *server)
{
	struct mmsghdr messages[SEGMENTS_MAX];
	struct iovec iov[SEGMENTS_MAX];
	unsigned int n = 0;
	int done;
	for (struct slot *s = TAILQ_FIRST(&server->queue); s && n < SEGMENTS_MAX; s = TAILQ_NEXT(s, link), n++) {
		iov[n] = (struct iovec){s->packet, s->packet_len};
		messages[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[n], .msg_iovlen = 1}};
	}
	done = sendmmsg(server->fd, messages, n, MSG_NOSIGNAL);
	return done < 0 ? -errno : done;
}

/* What is queued cannot leave: a try that failed. The next one may find a route again. */
static void fail_all(struct bulk *b, struct server *server, int64_t now_us)
{
	server->unreachable_us = now_us;
	while (!TAILQ_EMPTY(&server->queue))
		sent(b, server, 1, now_us);
}

static void flush_server(struct bulk *b, struct server *server, int64_t now_us)
{
	int refusals = 0;
	if (udp_open(b, server) < 0) {
		fail_all(b, server, now_us);
		return;
	}
	while (!TAILQ_EMPTY(&server->queue)) {
		int n = server->no_segments ? send_many(server) : send_run(server);
		if (n > 0) {
			sent(b, server, (uint32_t)n, now_us);
			refusals = 0;
		} else if (n == -EAGAIN || n == -ENOBUFS) {
			return; /* the socket is full: bulk_wait() comes back soon */
		} else if (n == -ECONNREFUSED || n == -EHOSTUNREACH || n == -ENETUNREACH) {
			server->unreachable_us = now_us;
			if (++refusals < REFUSALS_MAX)
				continue; /* ICMP for an earlier packet, told now: this one was not sent yet */
			fail_all(b, server, now_us);
		} else if (n != -EINTR && !server->no_segments) {
			server->no_segments = true; /* kernel, device or route refuses segments (udp(7)) */
		} else if (n != -EINTR) {
			fail_all(b, server, now_us);
		}
	}
}

void udp_flush(struct bulk *b, int64_t now_us)
{
	struct server *server, *next;
	for (server = TAILQ_FIRST(&b->to_send); server; server = next) {
		next = TAILQ_NEXT(server, link); /* it leaves the list when all is sent */
		flush_server(b, server, now_us);
	}
}

static void received(struct bulk *b, struct server *server, struct span message, int64_t now_us)
{
	struct slot *s = NULL;
	if (message.len >= 2)
		s = slot_find(b, server, (uint16_t)(message.at[0] << 8 | message.at[1]));
	if (s)
		slot_response(b, s, message, false, now_us);
	else
		b->stats.spoofed++; /* a guess, or late, or double */
}

void udp_receive(struct bulk *b, struct server *server, int64_t now_us)
{
	for (int round = 0; round < RECEIVE_ROUNDS && server->fd >= 0; round++) {
		int n = recvmmsg(server->fd, b->messages, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
		if (n < 0) {
			if (errno == EAGAIN)
				return;
			if (errno != EINTR) /* ICMP: port, host or network unreachable */
				server->unreachable_us = now_us;
			continue;
		}
		for (int i = 0; i < n; i++)
			received(b, server, span_of(b->iov[i].iov_base, b->messages[i].msg_len), now_us);
		if (n < RECEIVE_BATCH)
			return;
	}
}
