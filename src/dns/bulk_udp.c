/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of the bulk engine: one connected UDP socket a server, segment sends, batched receives. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/bulk_internal.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* linux/udp.h, since Linux 4.18 */
#endif

enum {
	SOCKET_BUFFER_OCTETS = 4 << 20,
	FIRST_WAIT_US = 100000,
	WAIT_MAX_US = 180000, /* so that a question has about twelve tries within 2 s: 30 % loss changes no verdict */
	SLOW_WAIT_MAX_US = 400000,
	RECEIVE_ROUNDS = 16,
};

int udp_open(struct bulk *b, uint32_t number)
{
	struct server *server = &b->servers[number];
	struct sockaddr_storage sa;
	socklen_t len = endpoint_sockaddr(&server->at.at, &sa);
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
	int size = SOCKET_BUFFER_OCTETS, fd;
	if (server->opened)
		return server->fd;
	server->opened = true;
	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* connected: the kernel drops what comes from elsewhere, and tells of ICMP errors */
	if (connect(fd, (struct sockaddr *)&sa, len) < 0 || epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		return -1;
	}
	server->fd = fd;
	return fd;
}

static void first_try(struct bulk *b, struct server *server, struct slot *s)
{
	int64_t wait = server->srtt_us > FIRST_WAIT_US / 2 ? 2 * server->srtt_us : FIRST_WAIT_US;
	s->interval_us = (uint32_t)(wait > SLOW_WAIT_MAX_US ? SLOW_WAIT_MAX_US : wait);
}

static void next_interval(struct slot *s)
{
	uint32_t longer = s->interval_us + s->interval_us / 5;
	if (s->interval_us < WAIT_MAX_US)
		s->interval_us = longer > WAIT_MAX_US ? WAIT_MAX_US : longer;
}

void udp_queue(struct bulk *b, struct slot *s)
{
	struct server *server = &b->servers[s->server];
	uint32_t at = server->queue_head + server->queue_len;
	if (s->queued)
		return;
	s->queued = true;
	server->queue[at >= b->config.in_flight_max ? at - b->config.in_flight_max : at] = slot_number(b, s);
	server->queue_len++;
	b->queued++;
}

static struct slot *queue_at(struct bulk *b, struct server *server, uint32_t i)
{
	uint32_t at = server->queue_head + i;
	return &b->slots[server->queue[at >= b->config.in_flight_max ? at - b->config.in_flight_max : at]];
}

static void sent(struct bulk *b, struct server *server, uint32_t count, int64_t now_us)
{
	for (uint32_t i = 0; i < count; i++) {
		struct slot *s = queue_at(b, server, 0);
		int64_t due;
		server->queue_head++;
		if (server->queue_head == b->config.in_flight_max)
			server->queue_head = 0;
		server->queue_len--;
		b->queued--;
		s->queued = false;
		if (!s->used)
			continue; /* answered while it waited to be sent again */
		if (s->tries++ == 0) {
			first_try(b, server, s);
			s->first_us = now_us;
		} else {
			next_interval(s);
		}
		s->sent_us = now_us;
		due = now_us + s->interval_us;
		wheel_add(b, s, due > s->deadline_us ? s->deadline_us : due);
	}
}

/* One run of packets of one length from the head of the queue, as one send. @return packets sent or -errno */
static int send_run(struct bulk *b, struct server *server)
{
	struct iovec iov[SEGMENTS_MAX];
	char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
	struct msghdr message = {.msg_iov = iov};
	uint32_t n = 0, most = server->no_segments ? 1 : SEGMENTS_MAX;
	uint16_t len = queue_at(b, server, 0)->packet_len;
	for (; n < most && n < server->queue_len; n++) {
		struct slot *s = queue_at(b, server, n);
		if (s->packet_len != len)
			break;
		iov[n] = (struct iovec){s->packet, s->packet_len};
	}
	message.msg_iovlen = n;
	if (n > 1) {
		struct cmsghdr *c;
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = IPPROTO_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(len));
		memcpy(CMSG_DATA(c), &len, sizeof(len));
	}
	return sendmsg(server->fd, &message, MSG_NOSIGNAL) < 0 ? -errno : (int)n;
}

/* Without segments: many packets in one system call all the same. */
static int send_many(struct bulk *b, struct server *server)
{
	struct mmsghdr messages[SEGMENTS_MAX] = {0};
	struct iovec iov[SEGMENTS_MAX];
	uint32_t n = server->queue_len < SEGMENTS_MAX ? server->queue_len : SEGMENTS_MAX;
	int done;
	for (uint32_t i = 0; i < n; i++) {
		struct slot *s = queue_at(b, server, i);
		iov[i] = (struct iovec){s->packet, s->packet_len};
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	done = sendmmsg(server->fd, messages, n, MSG_NOSIGNAL);
	return done < 0 ? -errno : done;
}

/* Everything queued cannot leave: their timers report it. */
static void unsendable(struct bulk *b, struct server *server, int64_t now_us)
{
	while (server->queue_len) {
		struct slot *s = queue_at(b, server, 0);
		sent(b, server, 1, now_us);
		s->unsendable = true;
		if (s->used)
			wheel_add(b, s, now_us);
	}
}

static void flush_server(struct bulk *b, uint32_t number, int64_t now_us)
{
	struct server *server = &b->servers[number];
	if (udp_open(b, number) < 0) {
		unsendable(b, server, now_us);
		return;
	}
	while (server->queue_len) {
		int n = server->no_segments ? send_many(b, server) : send_run(b, server);
		if (n > 0) {
			sent(b, server, (uint32_t)n, now_us);
		} else if (n == -EAGAIN || n == -ENOBUFS) {
			return; /* the socket is full: after the next answers */
		} else if (n == -ECONNREFUSED) {
			server->unreachable_us = now_us; /* of an earlier packet; this send did not happen: once more */
		} else if (!server->no_segments &&
			   (n == -EIO || n == -EINVAL || n == -EOPNOTSUPP || n == -ENOPROTOOPT)) {
			server->no_segments = true; /* kernel, device or route refuses segments (udp(7)) */
		} else if (n != -EINTR) {
			unsendable(b, server, now_us);
		}
	}
}

void udp_flush(struct bulk *b, int64_t now_us)
{
	for (uint32_t i = 0; b->queued && i < b->server_count; i++)
		if (b->servers[i].queue_len)
			flush_server(b, i, now_us);
}

static void received(struct bulk *b, struct server *server, struct span message, int64_t now_us)
{
	uint16_t id;
	struct slot *s;
	if (message.len < 12 || !server->slot_of_id) {
		b->stats.spoofed++;
		return;
	}
	id = (uint16_t)(message.at[0] << 8 | message.at[1]);
	if (!server->slot_of_id[id]) {
		b->stats.spoofed++; /* a guess, or late, or double */
		return;
	}
	s = &b->slots[server->slot_of_id[id] - 1];
	bulk_response(b, s, message, false, now_us);
}

void udp_receive(struct bulk *b, struct server *server, int64_t now_us)
{
	struct mmsghdr messages[RECEIVE_BATCH];
	struct iovec iov[RECEIVE_BATCH];
	for (int i = 0; i < RECEIVE_BATCH; i++) {
		iov[i] = (struct iovec){b->receive + (size_t)i * RECEIVE_OCTETS, RECEIVE_OCTETS};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	for (int round = 0; round < RECEIVE_ROUNDS; round++) {
		int n = recvmmsg(server->fd, messages, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
		if (n < 0) {
			if (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH)
				server->unreachable_us = now_us;
			if (errno == EAGAIN || errno == EBADF)
				return;
			continue;
		}
		for (int i = 0; i < n; i++)
			received(b, server, span_of(iov[i].iov_base, messages[i].msg_len), now_us);
		if (n < RECEIVE_BATCH)
			return;
	}
}
