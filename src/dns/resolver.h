/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_RESOLVER_H
#define OFFLIST_DNS_RESOLVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "dns/bulk.h"

/*
 * Everything that is not a list query: recursion and DNSSEC in the process (libunbound, loaded when first used).
 * Asynchronous: when resolver_fd() is readable, call resolver_step().
 */

struct resolver_config {
	const char *root_hints;   /* file, NULL: built in */
	const char *trust_anchor; /* file, NULL: the system's; "" : no DNSSEC */
	struct endpoint forward;  /* ask this resolver instead of recursing; family 0: recurse */
};

struct resolver_answer {
	enum dns_outcome outcome;
	bool secure, bogus; /* DNSSEC */
	uint32_t ttl_s;
	size_t count;             /* records of the type asked */
	const struct span *rdata; /* wire RDATA (names uncompressed), valid in the callback only */
};

typedef void resolver_fn(void *arg, const struct resolver_answer *answer);

struct resolver;

/** @return 0; -ENOMEM; -ENOENT, -EACCES: a file; -ELIBACC: libunbound is not there; -EINVAL: it refused a setting. */
int resolver_new(const struct resolver_config *config, struct resolver **ret_resolver, struct error *err);
struct resolver *resolver_free(struct resolver *r); /* outstanding lookups are dropped without a callback */

/** The callback comes once, from resolver_step(), never from here. @return 0; -ENOMEM; -EIO: the engine failed. */
int resolver_ask(struct resolver *r, const struct dns_name *name, uint16_t type, resolver_fn *fn, void *arg);
/** Forget everything that was asked with this arg: no callback will come (a lookup has no time limit of its own). */
void resolver_drop(struct resolver *r, const void *arg);
size_t resolver_in_flight(const struct resolver *r); /* lookups that will call back */
/** Readable when there is something to report. */
int resolver_fd(const struct resolver *r);
/** INT64_MAX, as for all that is waited for: a lookup has no time of its own, and libunbound's thread keeps its own. */
int64_t resolver_deadline_us(const struct resolver *r);
/** Report what has come. Callbacks may ask and drop, but not free the resolver. @return 0; -EIO. */
int resolver_step(struct resolver *r, int64_t now_us);

/** The name in a record's RDATA: NS and PTR at offset 0, MX at 2. @return 0; -EBADMSG. */
int resolver_rdata_name(struct span rdata, size_t offset, struct dns_name *ret_name);
/** A TXT record's strings, put together (RFC 7208 3.3, RFC 6376 3.6.2.2). @return its octets, `at` NULL: no memory. */
struct span resolver_rdata_text(struct span rdata, struct arena *arena);
/** The address in an A or AAAA record's RDATA. @return 0; -EBADMSG. */
int resolver_rdata_addr(struct span rdata, struct addr *ret_addr);

/** The system's resolvers from a resolv.conf (127.0.0.1 when it names none or is not there); at most max. -EACCES etc. */
int resolver_system(const char *path, struct endpoint *ret_servers, size_t max, size_t *ret_count);

/**
 * Find the name servers of `zone` (its own NS set) and their addresses, at most `max`, IPv4 first.
 * The callback comes once; count 0 with the outcome that stood in the way. resolver_drop() takes its arg too.
 */
typedef void resolver_servers_fn(void *arg, enum dns_outcome outcome, const struct endpoint *servers, size_t count);
int resolver_zone_servers(struct resolver *r, const struct dns_name *zone, size_t max, resolver_servers_fn *fn,
			  void *arg);

/**
 * The servers of the zone above `zone`, which know its delegation even when its own servers answer nothing sensible.
 * As resolver_zone_servers() of the nearest name above that has an NS set, up to the top-level domain. -EINVAL: nothing
 * stands above it.
 */
int resolver_parent_servers(struct resolver *r, const struct dns_name *zone, size_t max, resolver_servers_fn *fn,
			    void *arg);

#endif
