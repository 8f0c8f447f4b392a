/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_JOIN_PARTS_H
#define OFFLIST_LOGJOIN_JOIN_PARTS_H

#include "logjoin/join.h"
#include "logjoin/join_names.h"
#include "logjoin/join_open.h"
#include "logjoin/php_lines.h"

/* What the files of the join share. */

enum {
	LINGER_MAX = 1 << 14, /* ended messages that wait for a link; the first is handed over when there are more */
	SUBMITS_MAX = 64,     /* cwd= lines that wait for their message */
	SESSIONS = 1 << 12,   /* logins by pid or session */
	QMAIL_DELIVERIES =
		512, /* numbers of deliveries under way: qmail's conf-spawn is at most 255, local and remote */
	INSTANCES_LOOKED_AT = 16, /* names of one host's daemons under which an id is looked for */
	GHOST_MS = 600000,        /* a link waits so long for its message */
	PHP_LOOKED_AT = 8,        /* recipients of a message that are looked for among PHP's lines */
	SESSION_MS = 3600000,
	QMAIL_UIDS = 64,    /* users that queue */
	QMAIL_CALLERS = 64, /* who came to qmail's door last */
	SAME_ID_MS = 1000,  /* an id is given anew only later than this */
	GONE_MAX = 1 << 12,
	RULES_MAX = 64,            /* access rules' lines that wait for their message */
	RULE_MS = 10000,           /* so long: one RCPT command */
	ADMIN_SCANS_MAX = 1000,    /* looks at all open messages: each is a command of the administrator */
	PENDING_DELIVERIES = 4096, /* of messages that wait to be handed over together */
	PENDING_OCTETS = 4 << 20,  /* of their texts */
};

struct waiting { /* an ended message that lingers */
	uint32_t index, generation;
	int64_t until_ms;
};

struct submit {
	bool used, has_sender;
	int64_t at_ms;
	uint32_t host, pid;
	char directory[512], sender[320];
};

struct rule { /* an access rule's line, that stands before the id of the message that it holds */
	int64_t at_ms;
	uint32_t host, pid;
	uint8_t outcome; /* OUTCOME_NONE: the place is free */
	struct addr client;
	char recipient[320];
};

struct gone {          /* a message that was handed over: its lines may come once more */
	uint64_t hash; /* of host and id */
	int64_t ended_ms;
};

struct admin { /* what one run of postsuper has named so far */
	uint32_t host, pid;
	uint64_t named[OUTCOME_COUNT];
};

struct session {
	uint64_t hash; /* 0: empty */
	int64_t at_ms;
	struct addr client;
	bool local;
	bool envelope, doubtful; /* qmail: of one message's envelope; of two, and nobody knows whose */
	char client_name[256], helo[256], login[320], method[32];
};

struct qmail_uid { /* under which messages came into qmail's queue */
	uint32_t host;
	int32_t uid;
	uint32_t seen, explained; /* messages: all, and those that a line of the door explains */
	int64_t nobody_ms;        /* the last that went elsewhere, and nobody knows whose it was; 0: none */
};

struct qmail_caller { /* a login or connection at qmail's door */
	int64_t at_ms;
	uint32_t host;
	struct addr client;
	char login[320];
};

struct qmail_delivery {
	bool used;
	uint32_t host, index, generation;
	uint64_t number;
	uint8_t transport;
	char recipient[320];
};

struct join {
	struct mail_sink sink;
	size_t open_max;
	struct open_table open;
	struct names hosts, instances;
	int64_t now_ms;
	uint32_t steps; /* events since the last look at the oldest */
	uint64_t early;
	struct waiting waiting[LINGER_MAX];
	uint32_t waiting_first, waiting_count;
	int64_t waiting_until_ms; /* of the first; INT64_MAX: none waits */
	struct php_lines php;
	struct submit submits[SUBMITS_MAX];
	uint32_t submit_next;
	struct rule rules[RULES_MAX];
	uint32_t rule_next, rules_waiting;
	struct gone gone[GONE_MAX];
	uint8_t gone_tags
		[GONE_MAX]; /* some bits of each hash: mostly they say no, and so few octets stay in the cache */
	struct admin admin;
	uint32_t admin_scans;
	struct join_by_all by_all[OUTCOME_COUNT];
	struct session *sessions;
	struct qmail_delivery *qmail;
	struct qmail_uid qmail_uids[QMAIL_UIDS];
	struct qmail_caller qmail_callers[QMAIL_CALLERS];
	uint32_t qmail_caller_next;
	uint32_t pending[MAIL_MESSAGES_MAX]; /* places whose messages are to be handed over, in order */
	uint32_t pending_count;
	size_t pending_deliveries, pending_octets;
	struct mail_message out[MAIL_MESSAGES_MAX]; /* for handing over */
	struct mail_delivery *out_delivery;
	size_t out_size;
};

/* join_links.c: what one message takes from another */
void join_inherit(struct join *j, struct open_message *later, const struct open_message *earlier);
/** @return index of the later message; OPEN_NONE: no memory. It is a ghost where no line of it was read yet. */
uint32_t join_next_hop(struct join *j, struct open_message *earlier, struct span later_id, uint32_t later_instance);
/** A ghost's first line was read: the delivery that named it was a hop. */
void join_shows_itself(struct join *j, struct open_message *m);
void join_forward(struct join *j, uint32_t earlier_index, struct text by, struct span later_id);
void join_notice(struct join *j, uint32_t earlier_index, struct span later_id);
void join_link_back(struct join *j, struct open_message *m, const struct mail_event *e);
/** Whom the earlier message came from stands beside the link. */
void join_link_origin(struct join *j, struct open_message *m, const struct open_message *earlier);

/* join_same.c: what came back without naming where it comes from, told by its Message-ID */
/** enum open_near: where it came from. */
uint8_t join_nearness(const struct open_message *m);
/** Its Message-ID is known. */
void join_same_id(struct join *j, struct open_message *m);
/** It was delivered to where it may come back from. */
void join_may_return(struct join *j, struct open_message *m, struct open_delivery *d);
/** It has ended: is another one still to come, or to tell its recipients, that it may have become? */
bool join_awaits_another(struct join *j, const struct open_message *m);
/** Before it is handed over: what came of it, and what it came of. */
void join_settle(struct join *j, struct open_message *m);

/* join_local.c: lines without an id */
/** Cut where it does not fit: what is kept is only compared and shown. */
void join_keep(char *to, size_t size, struct span s);
/** A session of that key, of which nothing is known yet. */
void join_session_begin(struct session *s, uint64_t key);
void join_submit(struct join *j, const struct mail_event *e);
void join_claim_submit(struct join *j, struct open_message *m);
void join_claim_php(struct join *j, struct open_message *m);
void join_session(struct join *j, const struct mail_event *e);
void join_claim_session(struct join *j, struct open_message *m, const struct mail_event *e);
/** An event of a session takes its client, whose name lies in the session. */
void join_session_client(struct join *j, struct mail_event *e);
/** A message of a program of this host: the user that its sender names. */
void join_own_user(struct join *j, struct open_message *m);

/* join_qmail.c */
/** A login, a connection or an envelope at qmail's door. */
void join_qmail_session(struct join *j, const struct mail_event *e);
/** "info msg": whose is it? */
void join_qmail_claim(struct join *j, struct open_message *m, const struct mail_event *e);
struct open_message *join_qmail_start(struct join *j, struct open_message *m, const struct mail_event *e);
void join_qmail_bounce(struct join *j, const struct open_message *m, const struct mail_event *e);
void join_qmail_notice(struct join *j, struct open_message *m, const struct mail_event *e);
struct open_message *join_qmail_find(struct join *j, const struct mail_event *e, struct span *ret_recipient,
				     enum mail_transport *ret_transport);

/* join_queue.c: messages in the queue */
/** A rule or the administrator did this to a message, or to one recipient of it. */
void join_change(struct join *j, struct open_message *m, const struct mail_event *e);
/** As join_change(), by a line that names no message. */
void join_change_nameless(struct join *j, const struct mail_event *e);
/** postsuper named a message: it is counted against the total that follows. */
void join_admin_named(struct join *j, uint32_t host, const struct mail_event *e);
/** A message has come in: does a rule's line wait for it? */
void join_claim_rule(struct join *j, struct open_message *m, const struct mail_event *e);
/** It goes on under another id. @return false: nothing of it was read. */
bool join_requeue(struct join *j, const struct mail_event *e, struct span earlier_id, struct span later_id);
/** Before it is handed over: what its waiting recipients have come to, and how many no line names. */
void join_rest(struct open_message *m);

/* join_twice.c */
/** Deliveries that the log has twice are there once. Before it is handed over. */
void join_drop_twice(struct open_message *m);

/** It is handed over: its id is remembered for a while. */
void join_note_gone(struct join *j, const struct open_message *m);
/** Is this a line of a message that was handed over, once more? */
bool join_is_gone(const struct join *j, uint32_t host, const struct mail_event *e);

/* join_waiting.c */
static inline bool join_is_waiting(const struct open_delivery *d)
{
	return d->outcome == OUTCOME_DEFERRED || d->outcome == OUTCOME_HELD || d->outcome == OUTCOME_WAITING;
}
/** The delivery of that recipient that waits, and does so no more. NULL: none. */
struct open_delivery *join_tried_again(struct open_message *m, struct span recipient);
/** This delivery waits for its next try. Its `tries` are counted already. */
void join_waits(struct join *j, struct open_message *m, struct open_delivery *d, struct span recipient);

/* join_out.c */
/** The message has come to its end: from now on nothing finds it. It is handed over with some that follow. */
void join_hand_over(struct join *j, struct open_message *m);
/** Hand over those that wait for it. */
void join_flush(struct join *j);

/* join_find.c */
/** The message of that key. NULL: none, or no key. */
struct open_message *join_find(struct join *j, uint32_t host, uint32_t instance, struct span id);
/** The message of that id on that host, whatever its instance. NULL: none. */
struct open_message *join_find_any(struct join *j, uint32_t host, struct span id);
/** One of a key that has none. NULL: no key, or no memory. */
struct open_message *join_make(struct join *j, uint32_t host, uint32_t instance, struct span id);
/** The message of an event, made if need be: a queue id that comes up again after its message's end is a new message's.
 * NULL: no key, or no memory. */
struct open_message *join_message_of(struct join *j, const struct mail_event *e);
/** The message of an event, if it is there. */
struct open_message *join_message_at(struct join *j, const struct mail_event *e);

/* join.c */
static inline struct open_message *join_still(struct join *j, uint32_t index, uint32_t generation)
{
	struct open_message *m = index < j->open.used ? &j->open.message[index] : NULL;
	return m && m->generation == generation ? m : NULL;
}
bool join_is_inner(const struct addr *a); /* loopback or private: may be a filter's second hop */

/* join_haraka.c */

enum { HARAKA_LOOKED_AT = 1000 }; /* recipients of one message among which a part's domain is looked for */

/** What a line of Haraka tells of: the recipients of one domain that wait, or all of them. */
struct haraka_part {
	uint32_t domain; /* a delivery to it; OPEN_NONE: none is known */
	bool all;
	uint32_t left; /* so many are still told of */
	uint32_t pass, at;
};

struct haraka_part join_haraka_part(const struct open_message *m, const struct mail_event *e);
/** The next recipient of the part that the line tells of. @return false: there is none. */
bool join_haraka_next(const struct open_message *m, const struct mail_event *e, struct haraka_part *p,
		      struct span *ret_recipient);

/** The connection ends (relay=Y): its messages came by a login or from an address that is let through. */
void join_haraka_allowed(struct join *j, const struct mail_event *e);

#endif
