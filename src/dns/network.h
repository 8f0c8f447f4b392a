/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_NETWORK_H
#define OFFLIST_DNS_NETWORK_H

#include "dns/resolver.h"

/*
 * The DNS, as an engine is given it: list queries and lookups go out by calls that return at once, answers come back by
 * callbacks out of dns_network_step(). The real one is the bulk engine and the resolver behind one descriptor; tests put
 * a script in its place.
 */
struct dns_network {
	void *arg; /* of the calls below */
	/** As bulk_server() and bulk_ask(). */
	int (*server)(void *arg, const struct bulk_server *server, uint32_t *ret_server);
	int (*ask)(void *arg, const struct bulk_question *question, int64_t now_us);
	/** Where answers to ask() go. */
	void (*listen)(void *arg, bulk_answer_fn *fn, void *fn_arg);
	/** Make lookups possible, as resolver_new(); the calls below need it. Again it costs nothing. */
	int (*lookups)(void *arg, struct error *err);
	/** As resolver_ask(), resolver_zone_servers() and resolver_parent_servers(). */
	int (*lookup)(void *arg, const struct dns_name *name, uint16_t type, resolver_fn *fn, void *fn_arg);
	int (*zone_servers)(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn, void *fn_arg);
	int (*parent_servers)(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn,
			      void *fn_arg);
};

struct dns_network_config {
	uint32_t budget_us; /* for one list query; 0: the engine's */
	struct resolver_config recursion;
};

/** @return 0; -ENOMEM and the like. */
int dns_network_open(const struct dns_network_config *config, struct dns_network **ret_network);
/** Who asked must be gone, or go before anything else is done with it: no callback comes. */
struct dns_network *dns_network_close(struct dns_network *n);

/* Only for a network of dns_network_open(). As bulk_fd(), bulk_deadline_us(), bulk_step() and bulk_wait(). */
int dns_network_fd(const struct dns_network *n);
int64_t dns_network_deadline_us(const struct dns_network *n);
int dns_network_step(struct dns_network *n, int64_t now_us);
int dns_network_wait(struct dns_network *n, int64_t until_us);

#endif
