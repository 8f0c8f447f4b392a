/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_BULK_H
#define OFFLIST_DNS_BULK_H

#include <stdint.h>

#include "base/error.h"
#include "dns/name.h"

/*
 * The engine for list queries: very many small questions to few servers. One thread, no allocation a query, memory
 * bounded by the windows. It reads no clock and does not wait: one descriptor, a deadline and bulk_step().
 *
 * The caller pushes questions with bulk_ask() until it says -EAGAIN, then waits and calls bulk_step(), which sends,
 * receives, retries and reports; every accepted question is reported exactly once through on_answer.
 */

enum dns_type { DNS_A = 1, DNS_NS = 2, DNS_SOA = 6, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };

/** What became of a question. Kept apart to the screen: none of these is an error of the program. */
enum dns_outcome {
	DNS_ANSWER, /* NOERROR and at least one record of the type */
	DNS_NODATA, /* NOERROR without one */
	DNS_NXDOMAIN,
	DNS_SERVFAIL,
	DNS_REFUSED,
	DNS_FORMERR,   /* also NOTIMP */
	DNS_LAME,      /* asked without recursion: a referral or an answer without authority */
	DNS_MALFORMED, /* only broken packets came, the last one from the right server with the right id */
	DNS_TIMEOUT,   /* nothing came within the budget */
	DNS_NETWORK,   /* could not be sent: no route, port unreachable on every try */
};

enum { BULK_A_MAX = 16 };

struct bulk_answer {
	uint64_t tag;
	enum dns_outcome outcome;
	uint32_t a[BULK_A_MAX]; /* type A: addresses in host byte order; the first BULK_A_MAX of them */
	uint16_t a_count;
	bool authoritative; /* AA */
	uint32_t
		ttl_s; /* smallest TTL of the answer; of the SOA minimum rule (RFC 2308 5) for negative ones, 0 unknown */
	uint32_t latency_us; /* from the first try to the answer */
	uint8_t tries;
	uint32_t server;
	struct span message; /* the whole response, for dns_message_*; empty without one; valid in the callback only */
};

typedef void bulk_answer_fn(void *arg, const struct bulk_answer *answer);

struct bulk_config {
	uint32_t budget_us;     /* for one question, all tries together; 0: 2,000,000 */
	uint32_t window_max;    /* questions in flight a server; 0: 256. Begins at half of that, adapts to losses */
	uint32_t in_flight_max; /* over all servers; 0: 4096 */
	bool no_segments;       /* never try UDP_SEGMENT (test) */
	bulk_answer_fn *on_answer;
	void *arg;
};

struct bulk;

struct bulk_server {
	struct endpoint at;
	bool recursive; /* set RD: a resolver. Clear: the zone's own server; then no AA is DNS_LAME */
};

struct bulk_question {
	uint32_t server;
	uint16_t type;               /* enum dns_type */
	const struct dns_name *name; /* copied */
	uint64_t tag;                /* comes back in the answer */
	uint32_t budget_us;          /* 0: the configuration's */
	uint16_t edns_octets;        /* the size of answer that EDNS says we take (RFC 6891 6.2.3); 0: no EDNS */
};

struct bulk_stats {
	uint64_t asked, answered, resent, timeouts;
	uint64_t spoofed; /* answers thrown away: id or question wrong, and those that came late or twice */
	uint64_t tcp;
};

/** @return 0; -ENOMEM. */
int bulk_new(const struct bulk_config *config, struct bulk **ret_bulk);
struct bulk *bulk_free(struct bulk *b);

/** Register a server (the same endpoint and flag twice gives the same number). 0; -ENOMEM; -ENOSPC above 4096. */
int bulk_server(struct bulk *b, const struct bulk_server *server, uint32_t *ret_server);

/**
 * @param now_us  clock_mono_us(), as everywhere here; the question's time begins now.
 * @return 0; -EAGAIN: window full, wait and step; -EINVAL: no such server.
 */
int bulk_ask(struct bulk *b, const struct bulk_question *question, int64_t now_us);

/** Readable when bulk_step() has something to receive. */
int bulk_fd(const struct bulk *b);
/** When bulk_step() is due though nothing is readable; INT64_MAX: not before that. */
int64_t bulk_deadline_us(const struct bulk *b);
/**
 * Receive what is there, resend or report what is due, send what is pending. Never waits.
 * @return 1 the descriptor of bulk_watch() is readable; 0 otherwise; negative errno.
 */
int bulk_step(struct bulk *b, int64_t now_us);
/** Make bulk_fd() readable with this descriptor as well, in place of the one before; -1: none. 0; negative errno. */
int bulk_watch(struct bulk *b, int extra_fd);

/**
 * For callers that have nothing else to wait for: wait and step until at least one answer was reported (or bulk_ask()
 * said -EAGAIN and there is room again because older questions wait long), or the watched descriptor became readable,
 * or `until_us` passed. A nap of up to 200 us may be taken while much is in flight so that answers gather.
 * @return 1 the descriptor of bulk_watch() is readable; 0 otherwise; -EINTR a signal came; other negative errno.
 */
int bulk_wait(struct bulk *b, int64_t until_us);

size_t bulk_in_flight(const struct bulk *b);
const struct bulk_stats *bulk_stats(const struct bulk *b);

#endif
