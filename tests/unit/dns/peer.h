/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_DNS_PEER_H
#define OFFLIST_TESTS_DNS_PEER_H

#include <pthread.h>
#include <stdatomic.h>

#include "dns/message.h"

/* A name server of its own thread that misbehaves as told. It answers N.bl.example: odd N are listed (127.0.0.2),
 * even ones are not. */
struct peer_script {
	bool silent;
	unsigned int loss_percent; /* of questions and again of answers */
	unsigned int copies;       /* of each answer; 0: one */
	unsigned int delay_us;
	unsigned int silent_tries; /* so many questions of the same id stay unanswered (id & 1023) */
	unsigned int rcode;        /* not 0: answer this */
	unsigned int rcode_tries;  /* only so often by id; 0: always */
	bool wrong_id_first;       /* a forged answer with another id, then the true one */
	bool wrong_question_first; /* a forged answer to another question, then the true one */
	bool malformed, malformed_once;
	bool truncated; /* over UDP; TCP answers in full */
	bool tcp_silent, tcp_refuses;
	bool no_authority; /* AA clear */
};

struct peer {
	struct peer_script script;
	struct endpoint at;
	int udp, tcp;
	atomic_bool stop;
	atomic_uint questions, tcp_questions;
	uint8_t seen[1024];
	uint32_t random;
	pthread_t thread;
};

void peer_start(struct peer *p, const char *address, const struct peer_script *script);
void peer_stop(struct peer *p);

#endif
