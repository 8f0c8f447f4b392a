/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_EVENT_H
#define OFFLIST_LOGPARSE_EVENT_H

#include "net/addr.h"

/*
 * What one log line says, the same for every MTA. A parser fills an event from one line and knows no other line: what
 * belongs together is put together by join.h. Spans point into the line and live as long as it does.
 */

enum mail_format {
#define MAIL_FORMAT(place, name, file) FORMAT_##name = (place),
#define MAIL_PROGRAM(name, file)
#include "logparse/formats.inc"
	FORMAT_COUNT = 0
#define MAIL_FORMAT(place, name, file) +1
#define MAIL_PROGRAM(name, file)
#include "logparse/formats.inc"
};

enum mail_event_kind {
	EVENT_ACCEPT, /* a message came in: any of client, login, sender, user, script; several such lines may follow */
	EVENT_DETAIL, /* more about an accepted message: sender, size, Message-ID, subject, number of recipients */
	EVENT_DELIVERY,     /* one recipient's outcome */
	EVENT_CHANGE,       /* done to a message in the queue by a rule or the administrator: `outcome` is what its
			     * waiting recipients come to (HELD, REMOVED, EXPIRED, DISCARDED; NONE: they go on waiting);
			     * `recipient`: to this one alone, or, of a rule, one of them. With an empty id `count`
			     * messages, those of lines with an id just before included */
	EVENT_LINK,         /* `id` made `related`, or the other way round: see enum mail_link */
	EVENT_END,          /* the message has left the queue */
	EVENT_REFUSAL,      /* refused at our door: client, sender, recipient, reply */
	EVENT_WOULD_REFUSE, /* the same by a rule on trial (Postfix: warn_if_reject), and let in */
	EVENT_LOGIN,        /* a password was tried: login, client, good */
	EVENT_SUBMIT,       /* a local program is about to hand over a message: user, directory or script; no id */
	EVENT_CONNECT,      /* only where asked for: SMTP client connected / gone */
	EVENT_DISCONNECT,
	EVENT_WARNING,    /* the MTA complains of something: `reply` has its words */
	EVENT_SUPPRESSED, /* the logger dropped `count` lines */
	EVENT_ENVELOPE, /* MAIL and RCPT were taken at the door, and no id is told: client, login, sender, recipient */
};

/* In EVENT_ACCEPT and EVENT_DETAIL `related` is the earlier message (orig_queue_id=, Exim's R=); in EVENT_DELIVERY and
 * EVENT_LINK it is the later one ("queued as", "forwarded as", "sender non-delivery notification:"). */
enum mail_link {
	LINK_NONE,
	LINK_NEXT_HOP, /* the same message again, after a filter */
	LINK_FORWARD,  /* the later one was sent on by a local address of the earlier one */
	LINK_NOTICE,   /* the later one is a bounce or notice made here about the earlier one */
	LINK_REQUEUE,  /* the earlier one goes on under another id; nothing else of it is left */
};

enum mail_outcome {
	OUTCOME_NONE,
	OUTCOME_SENT,
	OUTCOME_DEFERRED,
	OUTCOME_BOUNCED,   /* refused for good */
	OUTCOME_EXPIRED,   /* given up after deferrals */
	OUTCOME_DISCARDED, /* thrown away by rule */
	OUTCOME_HELD,
	OUTCOME_WAITING, /* accepted, and no try is told of yet */
	OUTCOME_REMOVED, /* taken out of the queue by the administrator */
	OUTCOME_COUNT,
};

enum mail_transport {
	TRANSPORT_NONE,  /* not told, or none was used ("relay=none") */
	TRANSPORT_SMTP,  /* to another server by SMTP */
	TRANSPORT_LOCAL, /* mailbox, LMTP, pipe into a mailbox */
	TRANSPORT_PIPE,  /* pipe to a program that may hand it back */
};

enum { MAIL_UID_NONE = -1 };

struct mail_event {
	enum mail_event_kind kind;
	enum mail_format format;
	int64_t at_ms; /* UTC */

	/* which message: host and id, with the instance ("postfix-out"), tell it from all others; empty id: none */
	struct span host, instance, id, related;
	/* LINK_NONE with `related`: the SMTP session (OpenSMTPD), delivery number (qmail; of an EVENT_ACCEPT the number of
	 * the process that queued it, which qmail's LINK_NOTICE names as well, as the notice has no id yet) */
	enum mail_link link;
	uint32_t pid; /* 0: not told */

	/* where it came from */
	struct addr client; /* family 0: not told */
	struct span client_name, helo;
	struct span login, method; /* SASL login name and mechanism */
	struct span
		login_domain; /* EVENT_LOGIN: the login's domain where it stands apart from it; the join puts it behind */
	struct span user;     /* system user that handed it over */
	int32_t uid;          /* MAIL_UID_NONE: not told */
	struct span directory; /* working directory of that program */
	struct span script; /* path of the script, without a line number (PHP's mail.log, X-PHP-Originating-Script) */
	bool xforward;      /* the client is not the connection's: the filter that handed it on names it (XFORWARD) */
	bool local;         /* handed over by a program of this host, not by SMTP */
	bool good;          /* EVENT_LOGIN: it was the right password; EVENT_DISCONNECT of Haraka: it might relay */
	bool of_login; /* EVENT_DETAIL: the login may stand in an earlier line of the same process. EVENT_LOGIN: messages of
			* its name follow, which do not say so */

	/* the message */
	bool has_sender; /* sender may be empty: <> */
	struct span sender, message_id, subject;
	uint64_t size;       /* octets, 0: not told */
	uint32_t recipients; /* as the queue manager counts them, 0: not told */

	/* a delivery or refusal */
	enum mail_outcome outcome;
	enum mail_transport transport;
	bool forwarded; /* delivery: the recipient's own forward or alias file sent it on (Exim "=>" below a parent) */
	struct span recipient; /* without <>; Sendmail: `count` of them, split at commas; KumoMTA: at LINE_ITEM */
	struct span original;  /* address before aliases and forwards; empty: the same or not told */
	struct span relay_name;
	struct addr relay;
	uint16_t relay_port;
	uint16_t code;      /* reply code, 0: none */
	struct span status; /* enhanced status code, "5.7.1"; empty: none */
	struct span reply;  /* the receiver's words (or ours, at a refusal or local failure), reply code included */
	bool remote_reply;  /* these words are the receiver's, not our own MTA's */
	uint32_t delay_ms;  /* since arrival */
	/* EVENT_DISCONNECT of Haraka: its messages; EVENT_SUPPRESSED: lines; EVENT_DELIVERY: of those in `recipient` where there are several */
	uint64_t count;
};

const char *mail_format_text(enum mail_format f); /* "postfix" */
const char *mail_outcome_text(enum mail_outcome o);

#endif
