/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_BULK_INTERNAL_H
#define OFFLIST_DNS_BULK_INTERNAL_H

#include <sys/queue.h>
#include <sys/socket.h>

#include "dns/message.h"

/* Inside of the bulk engine; only for bulk*.c. */

enum {
	PACKET_MAX = 12 + DNS_NAME_MAX + 4 + DNS_OPT_OCTETS,
	SERVERS_MAX = 4096,
	RECEIVE_BATCH = 128,
	RECEIVE_OCTETS = 4096, /* without EDNS 512 are expected (RFC 1035 4.2.1), with it no more than was said */
	WHEEL_BUCKETS = 2048,
	TCP_MAX = 16,
	IDS_BATCH = 1024,
	EVENTS = 64,          /* of one system call */
	SEND_AGAIN_US = 1000, /* when a socket was full */
};

struct server;
struct tcp;

/** A question under way; its packet is ready to be sent again. */
struct slot {
	LIST_ENTRY(slot) by_id; /* in a bucket of bulk.by_id, or in bulk.free */
	LIST_ENTRY(slot) timer; /* while `timed` */
	TAILQ_ENTRY(slot) link; /* while `queued` in server.queue, while `tcp_waiting` in bulk.tcp_queue */
	struct server *server;
	struct tcp *tcp; /* its connection; NULL: none */
	uint64_t tag;
	int64_t first_us, sent_us, deadline_us, due_us;
	uint32_t interval_us; /* from the last try to the next */
	uint16_t id, type, packet_len, name_len;
	uint8_t tries, failed /* of the tries, by ICMP or at once */, servfails, malformed, tcp_failed;
	bool timed, queued, tcp_waiting, truncated;
	bool counted; /* against the server's window */
	uint8_t packet[PACKET_MAX];
};

TAILQ_HEAD(slot_queue, slot);
LIST_HEAD(slot_list, slot);

struct server {
	struct bulk_server at;
	TAILQ_ENTRY(server) link; /* in bulk.to_send while its queue holds something */
	struct slot_queue queue;
	int fd; /* -1: not open */
	bool no_segments;
	uint32_t held; /* slots */
	uint32_t busy; /* of them counted against the window */
	uint32_t window, ceiling /* it grows to that fast, above it slowly */;
	int64_t period_us; /* when it was last adapted */
	uint32_t period_answers, period_losses, quiet_periods;
	int64_t unreachable_us; /* when the network last said that it does not carry this way */
	int64_t srtt_us, rttvar_us;
	uint32_t retried; /* answers after a second try since the last one that needed a single one */
};

TAILQ_HEAD(server_queue, server);

struct tcp {
	int fd; /* -1: free */
	struct slot *slot;
	size_t written, filled;
	uint8_t out[2 + PACKET_MAX];
	uint8_t *in; /* 2 + UINT16_MAX octets, once used */
};

struct bulk {
	struct bulk_config config;
	struct slot *slots;
	struct slot_list free, *by_id;
	uint32_t by_id_mask;
	uint32_t in_flight;
	struct server *servers;
	uint32_t server_count;
	struct server_queue to_send;
	struct slot_list wheel[WHEEL_BUCKETS];
	int64_t wheel_us; /* turned up to here */
	int epoll_fd, extra_fd;
	bool coarse; /* no epoll_pwait2(2) */
	struct tcp tcp[TCP_MAX];
	struct slot_queue tcp_queue;
	uint16_t ids[IDS_BATCH];
	uint32_t ids_left;
	uint8_t *receive;
	struct iovec iov[RECEIVE_BATCH];
	struct mmsghdr messages[RECEIVE_BATCH];
	struct bulk_stats stats;
	uint32_t reported; /* since bulk_wait() began */
	bool turned_away;  /* bulk_ask() said -EAGAIN */
	bool room;         /* and now there is room again, though nothing was answered */
};

struct epoll_event;

/* bulk.c */
/** Take these events and all that follow them, and what is due. @return 1: the watched descriptor is readable. */
int bulk_take(struct bulk *b, struct epoll_event *events, int count, int64_t now_us);
struct slot *slot_find(struct bulk *b, const struct server *server, uint16_t id);
void slot_finish(struct bulk *b, struct slot *s, struct bulk_answer *answer);
void slot_finish_outcome(struct bulk *b, struct slot *s, enum dns_outcome outcome);
/** It has been unanswered for long: let others pass. */
void slot_uncount(struct bulk *b, struct slot *s);

/* bulk_answer.c */
/** A response with the slot's id from its server. */
void slot_response(struct bulk *b, struct slot *s, struct span message, bool over_tcp, int64_t now_us);

/* bulk_timer.c */
void timer_add(struct bulk *b, struct slot *s, int64_t due_us);
void timer_remove(struct slot *s);
void timer_turn(struct bulk *b, int64_t now_us);
int64_t timer_next_us(const struct bulk *b, int64_t until_us);

/* bulk_udp.c */
void udp_init(struct bulk *b);
void udp_queue(struct bulk *b, struct slot *s);
void udp_unqueue(struct bulk *b, struct slot *s);
void udp_flush(struct bulk *b, int64_t now_us);
void udp_receive(struct bulk *b, struct server *server, int64_t now_us);

/* bulk_tcp.c */
void tcp_ask(struct bulk *b, struct slot *s, int64_t now_us);
void tcp_event(struct bulk *b, struct tcp *t, int64_t now_us);
void tcp_drop(struct bulk *b, struct slot *s);
/** Connections for those that wait, as far as there are free ones. */
void tcp_next(struct bulk *b, int64_t now_us);

#endif
