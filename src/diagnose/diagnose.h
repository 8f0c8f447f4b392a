/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_DIAGNOSE_H
#define OFFLIST_DIAGNOSE_DIAGNOSE_H

#include "case/cause.h"
#include "receivers/receivers.h"
#include "logjoin/maillog.h"

/* Step 2: a log's messages in, causes out. Pure: what is read comes through the sink, and nothing is printed. */

struct diagnose_options {
	const struct prefix *mynetworks; /* inside; count 0: private, loopback and unique-local ranges */
	size_t mynetwork_count;
	const char *const *own_domains; /* domains served here; count 0: learnt from local deliveries */
	size_t own_domain_count;
	bool own_server; /* this server's own log: the window ends now */
	int64_t now_ms;
	int64_t listed_at_ms;                /* CASE_TIME_NONE: not told */
	const struct case_listing *listings; /* of the last check; may be none */
	size_t listing_count;
	bool listings_known; /* a check was read, even if nothing is listed */
	struct receivers *receivers;
};

struct diagnose_mail { /* recipients: the sum of all that follows */
	uint64_t messages, recipients, delivered;
	uint64_t rejected; /* by the receiver's own word, for good */
	uint64_t deferred; /* tried, and still in the queue */
	uint64_t failed;   /* for good, by our own word: no such domain, no address, a refusal that was given up on */
	uint64_t expired;  /* given up after deferrals, or returned by the administrator */
	uint64_t waiting, held;      /* in the queue and not tried yet; kept from it */
	uint64_t removed, discarded; /* by the administrator; by a rule */
};

struct diagnose_report {
	int64_t from_ms, to_ms;
	struct diagnose_mail mail;
	const struct cause_row *causes; /* strongest first; running ones before past ones */
	size_t cause_count;
	const struct cause_row *also_seen; /* too weak for a cause, worth a look; strongest first */
	size_t also_count;
	const struct private_block *blocks; /* most frequent first */
	size_t block_count;
	const struct private_block *not_ours; /* the receiver is refused by its list */
	size_t not_ours_count;
	const char **notes; /* what the log cannot show and what to look at next */
	size_t note_count;
	const char **unsure; /* reasons why "nothing wrong" cannot be said (exit 2); none: it can */
	size_t unsure_count;
	const char *quoted_address; /* our address as receivers quote it most; NULL */
};

struct diagnosis;

/** @return NULL: no memory. Options' pointers are kept, not owned. */
struct diagnosis *diagnosis_new(const struct diagnose_options *o);
void diagnosis_free(struct diagnosis *d);
/** What maillog_new() is given. */
struct mail_sink diagnosis_sink(struct diagnosis *d);
/** Time goes on while a log is followed. */
void diagnosis_now(struct diagnosis *d, int64_t now_ms);
/** After the reading; may be called again after more of it. Texts live in the arena. @return 0; -ENOMEM. */
int diagnosis_finish(struct diagnosis *d, const struct log_coverage *coverage, struct arena *arena,
		     struct diagnose_report *ret_report);

#endif
