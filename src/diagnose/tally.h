/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_TALLY_H
#define OFFLIST_DIAGNOSE_TALLY_H

#include "diagnose/blocks.h"
#include "diagnose/fate.h"
#include "diagnose/gateways.h"
#include "diagnose/identity.h"
#include "diagnose/listed.h"
#include "diagnose/next_hop.h"
#include "diagnose/places.h"
#include "diagnose/queue_users.h"
#include "diagnose/recent.h"
#include "diagnose/system_users.h"
#include "diagnose/trouble.h"
#include "diagnose/whole.h"

/* Counts what each identity did, message by message. */

enum { HOSTS_MAX = 4096 };

struct recipient_hashes;

struct tally {
	const struct diagnose_options *o;
	struct places places;
	struct identities ids;
	struct blocks blocks;
	struct listed listed;
	struct whole whole;
	struct troubles troubles;
	struct recent recent;
	struct gateways gateways;
	struct next_hops next_hops;
	struct system_users users;
	struct queue_users queue_users;
	char *hosts[HOSTS_MAX];
	uint16_t host_slots[2 * HOSTS_MAX]; /* index + 1 */
	uint32_t host_count;
	const char *host_last; /* the one before; octets of it */
	size_t host_last_len;
	struct recipient_hashes *hashes; /* of the batch that is counted */
	size_t hashes_size;
	char sender_text[MAIL_MESSAGES_MAX][NAME_LEN_MAX + 1]; /* of the same */
	struct diagnose_mail mail;
	uint64_t by_format[FORMAT_COUNT]; /* messages */
	uint64_t by_hour[24];             /* outgoing messages by hour of the day */
	uint64_t accepted_outside;        /* messages that clients outside brought without login */
	uint64_t relay_refused;           /* strangers that were refused at our door */
	uint64_t relayed_several;         /* messages of clients outside with several recipients elsewhere */
	uint64_t relayed_mixed;           /* of these, in more than one domain */
	uint64_t relayed_bad;             /* recipients of clients outside that are unknown or refused it as spam */
	uint64_t relayed_bad_most;        /* of these, in the domain that has most */
	uint64_t no_arrival;              /* outgoing messages whose arrival is not in the log */
	uint32_t limits_looked_up;        /* of limits by client: each looks through all logins */
	uint64_t unreached;               /* recipients whose server was not reached: timed out, no route */
	uint64_t unreached_at;            /* about how many domains: linear counting over 64 bits */
	uint64_t identity_replies;        /* refused for PTR, SPF, DKIM, DMARC */
	int64_t from_ms, to_ms;           /* of what messages and events say */
};

/** Add the counts of one to another. */
void mail_add(struct diagnose_mail *to, const struct diagnose_mail *more);
void tally_init(struct tally *t, const struct diagnose_options *o);
void tally_release(struct tally *t);
/** @return -ENOMEM where memory was short at any time: counts are missing. */
int tally_error(const struct tally *t);
/** Each host's name once, so that identities can point to it. */
const char *tally_host(struct tally *t, struct span host);
void tally_messages(struct tally *t, const struct mail_message *m, size_t count);
void tally_event(struct tally *t, const struct mail_event *e, const struct line_copy *line);

#endif
