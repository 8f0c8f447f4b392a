/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TEST_DIAGNOSE_STORY_H
#define OFFLIST_TEST_DIAGNOSE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/diagnose.h"

/* Tells a diagnosis message by message what a log would have told. Times are seconds after `begin`. */

enum { DAY_S = 86400, HOUR_S = 3600 };

struct story {
	struct diagnose_options options;
	struct catalogue *lists;
	struct receivers *receivers;
	struct diagnosis *diagnosis;
	struct mail_sink sink;
	struct log_coverage coverage;
	struct source_file file;
	struct arena arena;
	struct diagnose_report report;
	uint64_t line, seed;
	int64_t from_ms, to_ms;
};

enum fate_told {
	TOLD_SENT,
	TOLD_UNKNOWN,
	TOLD_SPAM,
	TOLD_LISTED, /* Spamhaus is named */
	TOLD_DOMAIN_LISTED,
	TOLD_NO_REASON,
	TOLD_REFUSED, /* the receiver's resolver is */
	TOLD_STRANGE_BLOCK,
	TOLD_NO_PTR,
	TOLD_NO_SPF,
	TOLD_PBL, /* the policy list is named */
	TOLD_WAITING,
	TOLD_DISCARDED,
	TOLD_HERE, /* to a mailbox of this host */
	TOLD_UNKNOWN_HERE,
};

/* One message as a story tells it; what is left out is as usual. */
struct told {
	int64_t at_s;
	const char *host, *login, *client, *user, *script, *directory, *sender, *helo;
	const char *to, *original; /* to: NULL: somebody new, elsewhere */
	enum fate_told fate;
	enum mail_origin origin;          /* else it follows from login, client and user */
	bool unknown;                     /* the log does not show who handed it over */
	int uid;                          /* 0: not told */
	const char *about, *about_client; /* notice */
	bool forwarded;
	const char *relay;       /* NULL: a receiver outside */
	const char *relay_name;  /* NULL: one name for all of them */
	bool direct;             /* each domain has a receiver of its own */
	const char *method;      /* of the login; NULL: not told */
	enum mail_format format; /* 0: Postfix */
	bool bounce;             /* from "<>" */
	bool hop;                /* it came back from that relay as another message */
	uint32_t each;           /* recipients; 0: one */
	uint32_t size;           /* octets; 0: about 4000 */
	const char *name;        /* the client's reverse name */
};

void story_begin(struct story *s);
void story_tell(struct story *s, const struct told *t);
/** A stranger is refused at the door: "Relay access denied". */
void story_refuse_relay(struct story *s, int64_t at_s, const char *client);
/** Ends it: the report stands in s->report. */
void story_end(struct story *s);
void story_release(struct story *s);

/** 0 .. n - 1, the same in every run. */
uint32_t story_any(struct story *s, uint32_t n);
/** What a dirty list meets: a fifth unknown, a tenth refused as spam. */
enum fate_told story_dirty(struct story *s);
/** What a kept list meets: one in a hundred unknown. */
enum fate_told story_kept(struct story *s);
/** "198.51.<n>.7"; of four texts in turn. */
const char *story_client(uint32_t n);
/** A person at a desk: a few messages each working hour, to known people, from one address. */
void story_person(struct story *s, const char *login, uint32_t days);

/** No cause at all; releases the story. */
void assert_no_cause(struct story *s);
bool story_has_note(const struct story *s, const char *part);
void assert_only_cause(const struct story *s, enum cause kind, const char *subject);

#endif
