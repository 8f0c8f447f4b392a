/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_CHECK_SCRIPTED_H
#define OFFLIST_TESTS_CHECK_SCRIPTED_H

#include "check/run.h"

/*
 * A network and a clock that a test owns: whoever writes the test says what each question is answered and when; time goes
 * from event to event, so that hours take no longer than their events. For replays and for the fuzz target.
 */

enum scripted_where {
	SCRIPTED_SYSTEM, /* a list query to a resolver */
	SCRIPTED_DIRECT, /* a list query to a list's own server, or to its parent's */
	SCRIPTED_LOOKUP, /* a name, looked up */
	SCRIPTED_SERVERS,
	SCRIPTED_PARENT,
};

struct scripted_question {
	enum scripted_where where;
	struct endpoint server; /* of list queries */
	char name[DNS_NAME_TEXT_SIZE];
	uint16_t type;
	uint16_t edns_octets;
};

enum { SCRIPTED_RECORDS_MAX = 24 };

struct scripted_reply {
	int64_t after_us;
	enum dns_outcome outcome; /* DNS_ANSWER: the records are the answer */
	size_t count;
	struct addr addrs[SCRIPTED_RECORDS_MAX]; /* A and AAAA; where a zone is served; glue of its NS */
	const char *texts[SCRIPTED_RECORDS_MAX]; /* TXT */
	const char *names[SCRIPTED_RECORDS_MAX]; /* MX, PTR, NS */
	uint32_t ttl_s;
	bool no_soa;  /* beside NXDOMAIN and "no data" */
	uint16_t ede; /* extended error (RFC 8914); 0: none */
};

typedef void scripted_answer_fn(void *arg, const struct scripted_question *q, struct scripted_reply *ret_reply);

struct scripted_event;

struct scripted {
	struct dns_network network;
	int64_t now_us, wall_ms;
	size_t window; /* list queries that may be under way; more are turned away */
	bool no_lookups;
	scripted_answer_fn *answer;
	void *arg;
	/* private: */
	bulk_answer_fn *fn;
	void *fn_arg;
	struct bulk_server servers[64];
	size_t server_count;
	struct scripted_event *events; /* by time */
	size_t in_flight;
};

/** It begins on 2026-11-24, 12:00 UTC. */
void scripted_init(struct scripted *s, scripted_answer_fn *answer, void *arg);
void scripted_release(struct scripted *s);
/** When the next answer comes; INT64_MAX: none is under way. */
int64_t scripted_next_us(const struct scripted *s);
/** Time passes up to then; answers that are due are given. */
void scripted_pass(struct scripted *s, int64_t until_us);

/**
 * Step a run until its end or until that time.
 * @return 1: at its end; 0: the time is up; negative errno of the run; -EDEADLK: it waits for nothing; -ELOOP: it goes
 * round without time passing.
 */
int scripted_run(struct scripted *s, struct run *r, int64_t until_us);

#endif
