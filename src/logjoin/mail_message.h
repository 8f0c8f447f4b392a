/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_MAIL_MESSAGE_H
#define OFFLIST_LOGJOIN_MAIL_MESSAGE_H

#include "logparse/event.h"

/* A message's whole life as the join hands it over: once, when it has left the queue, has aged out, or at the end. */

/** A line worth showing: where it stands and what it says. */
struct line_copy {
	uint32_t source; /* index into the coverage's files */
	uint64_t number; /* from 1; 0: none */
	int64_t at_ms;
	struct span text; /* cut at LINE_COPY_MAX octets */
};

enum { LINE_COPY_MAX = 1024 };

enum mail_origin { /* strongest that is known; a message after a filter has the origin it had before it */
		   ORIGIN_UNKNOWN, /* its arrival is not in the log */
		   ORIGIN_CLIENT,  /* by SMTP, without login */
		   ORIGIN_LOGIN,   /* by SMTP with a login */
		   ORIGIN_LOCAL,   /* a program of this host */
		   ORIGIN_NOTICE,  /* made here: a bounce or notice about another message */
};

struct mail_delivery {
	int64_t at_ms; /* of the last try */
	/* final; DEFERRED, WAITING, HELD: in the queue when the message was handed over, tried before, not yet, or
	 * kept from it */
	enum mail_outcome outcome;
	enum mail_transport transport;
	bool hop;       /* went to our own filter and came back as another id: not counted */
	bool forwarded; /* sent on by a local address (alias, .forward, Sieve redirect): `original` tells which */
	uint32_t tries; /* deferrals before the outcome, and the last try */
	struct span recipient, original;
	struct span relay_name;
	struct addr relay;
	uint16_t code;
	struct span status, reply;
	bool remote_reply; /* the reply is the receiver's */
	uint32_t delay_ms;
	struct line_copy line; /* of a failure; number 0: a good delivery's line is not kept */
};

struct mail_message {
	enum mail_format format;
	struct span host, instance, id;
	int64_t first_ms, last_ms;
	bool ended; /* its end was seen */

	enum mail_origin origin;
	struct addr client;
	struct span client_name, helo, login, method, user, directory, script;
	int32_t uid;
	bool has_sender;
	struct span sender, message_id, subject;
	uint64_t size;
	uint32_t recipients; /* the queue manager's count, 0: not told */

	/* recipients that no line names (the queue manager counts them): all of one outcome, WAITING where the message
	 * is still in the queue */
	uint32_t unnamed;
	enum mail_outcome unnamed_outcome;

	/* a forward (LINK_FORWARD) or notice (LINK_NOTICE) */
	enum mail_link link;      /* LINK_NONE, LINK_FORWARD, LINK_NOTICE */
	struct span link_address; /* forward: the local address; notice: the recipient whose failure it reports */
	struct addr link_client;  /* the client the first message came from */
	struct span link_login;   /* its login; empty: none */
	bool link_remote;         /* notice: the failure was a receiver's word, not our own */

	struct line_copy accept; /* the line that tells the origin */
	const struct mail_delivery *deliveries;
	size_t delivery_count;
};

struct log_line;

enum { MAIL_MESSAGES_MAX = 16 };

/** Who reads a log. All is borrowed for the call. */
struct mail_sink {
	void *arg;
	uint32_t want; /* enum format_want */
	/** Messages in the order in which they came to their end, up to MAIL_MESSAGES_MAX at a time: what reads them can
	 * fetch for the next while it counts the first. Events do not wait for them. */
	void (*messages)(void *arg, const struct mail_message *m, size_t count);
	/** EVENT_REFUSAL, _WOULD_REFUSE, _LOGIN, _SUBMIT, _CONNECT, _DISCONNECT, _WARNING; `line` is where it stands. May be NULL. */
	void (*event)(void *arg, const struct mail_event *e, const struct line_copy *line);
	/** Every event as its line has it, before it is joined. May be NULL. */
	void (*every)(void *arg, const struct mail_event *e, const struct log_line *line);
};

#endif
