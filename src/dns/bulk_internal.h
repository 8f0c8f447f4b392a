/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_BULK_INTERNAL_H
#define OFFLIST_DNS_BULK_INTERNAL_H

#include "dns/message.h"

/* Inside of the bulk engine; only for bulk*.c. */

enum {
	PACKET_MAX = 12 + DNS_NAME_MAX + 4,
	SERVERS_MAX = 4096,
	SEGMENTS_MAX = 64, /* UDP_MAX_SEGMENTS of the kernel when UDP_SEGMENT came */
	RECEIVE_BATCH = 64,
	RECEIVE_OCTETS = 2048, /* no EDNS is sent: 512 are expected (RFC 1035 4.2.1) */
	WHEEL_BUCKETS = 2048,
	WHEEL_TICK_US = 2048, /* 4 s round; later timers go round again */
	TCP_MAX = 16,
	TCP_MESSAGE_MAX = 65535,
	WINDOW_START = 128, /* fits the default socket buffer of a small server */
	WINDOW_MIN = 64,
	WINDOW_DEFAULT = 256,
	IN_FLIGHT_DEFAULT = 4096,
	BUDGET_DEFAULT_US = 2000000,
	STALE_TRIES = 3, /* a question sent so often no longer counts against the window */
	NONE = UINT32_MAX,
};

/** A question under way; its packet is ready to be sent again. */
struct slot {
	uint64_t tag;
	int64_t first_us, sent_us, deadline_us, due_us; /* first and last send; due: next look by the timer */
	uint32_t server, next, prev;                    /* neighbours in a bucket of the wheel */
	uint32_t bucket;                                /* NONE: in no bucket */
	uint32_t interval_us;
	uint16_t id, type, packet_len;
	uint8_t tries, servfails, malformed;
	bool used, queued, tcp, tcp_waiting, counted /* against the server's window */, unsendable;
	uint8_t packet[PACKET_MAX];
};

struct server {
	struct bulk_server at;
	int fd; /* -1: not open */
	bool opened, no_segments, dead_route;
	uint16_t *slot_of_id; /* slot + 1 by id */
	uint32_t *queue;      /* slots to be sent, a ring of in_flight_max */
	uint32_t queue_head, queue_len;
	uint32_t busy; /* counted against the window */
	uint32_t window;
	uint32_t epoch_answers, epoch_losses;
	int64_t unreachable_us; /* when an ICMP error came last */
	int64_t srtt_us;
};

struct tcp {
	int fd; /* -1: free */
	uint32_t slot;
	size_t written, filled;
	uint8_t out[2 + PACKET_MAX];
	uint8_t *in; /* 2 + TCP_MESSAGE_MAX */
};

struct bulk {
	struct bulk_config config;
	struct slot *slots;
	uint32_t *free_slots, free_count;
	struct server *servers;
	uint32_t server_count;
	uint32_t queued; /* in all queues */
	uint32_t wheel[WHEEL_BUCKETS];
	int64_t wheel_us; /* the wheel has been turned up to here */
	uint32_t in_flight;
	int epoll_fd, extra_fd;
	struct tcp tcp[TCP_MAX];
	uint32_t tcp_open, tcp_waiting;
	uint16_t ids[256];
	uint32_t ids_left;
	uint8_t *receive; /* RECEIVE_BATCH * RECEIVE_OCTETS */
	struct bulk_stats stats;
	uint32_t reported; /* since bulk_wait() began */
};

/* bulk.c */
void bulk_finish(struct bulk *b, struct slot *s, struct bulk_answer *answer);
void bulk_finish_outcome(struct bulk *b, struct slot *s, enum dns_outcome outcome);
/** A response that carries the slot's id, from its server. */
void bulk_response(struct bulk *b, struct slot *s, struct span message, bool over_tcp, int64_t now_us);

/* bulk_timer.c */
void wheel_add(struct bulk *b, struct slot *s, int64_t due_us);
void wheel_remove(struct bulk *b, struct slot *s);
void wheel_turn(struct bulk *b, int64_t now_us);
int64_t wheel_next_us(const struct bulk *b, int64_t now_us, int64_t until_us);

/* bulk_udp.c */
int udp_open(struct bulk *b, uint32_t number);
void udp_queue(struct bulk *b, struct slot *s);
void udp_flush(struct bulk *b, int64_t now_us);
void udp_receive(struct bulk *b, struct server *server, int64_t now_us);

/* bulk_tcp.c */
void tcp_ask(struct bulk *b, struct slot *s);
void tcp_event(struct bulk *b, struct tcp *t, int64_t now_us);
void tcp_drop(struct bulk *b, struct slot *s);
void tcp_next(struct bulk *b);

static inline uint32_t slot_number(const struct bulk *b, const struct slot *s)
{
	return (uint32_t)(s - b->slots);
}

#endif
