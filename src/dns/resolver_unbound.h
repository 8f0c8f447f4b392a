/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_RESOLVER_UNBOUND_H
#define OFFLIST_DNS_RESOLVER_UNBOUND_H

#include <sys/queue.h>
#include <unbound.h>

#include "dns/resolver.h"

/* What resolver.c, resolver_unbound.c and resolver_zone.c share; nobody else includes this. */

/*
 * The functions of libunbound that resolver.c calls. It is loaded when a resolver is made, not when the program
 * starts: with libevent, nghttp2 and protobuf behind it, it would cost every `--version` and `--help`.
 */
struct unbound_api {
	void *library;
	struct ub_ctx *(*ctx_create)(void);
	void (*ctx_delete)(struct ub_ctx *);
	int (*ctx_set_option)(struct ub_ctx *, const char *, const char *);
	int (*ctx_set_fwd)(struct ub_ctx *, const char *);
	int (*ctx_add_ta)(struct ub_ctx *, const char *);
	int (*ctx_add_ta_file)(struct ub_ctx *, const char *);
	int (*ctx_debugout)(struct ub_ctx *, void *);
	int (*ctx_async)(struct ub_ctx *, int);
	int (*ctx_zone_remove)(struct ub_ctx *, const char *);
	int (*fd)(struct ub_ctx *);
	int (*process)(struct ub_ctx *);
	int (*resolve_async)(struct ub_ctx *, const char *, int, int, void *, ub_callback_type, int *);
	void (*resolve_free)(struct ub_result *);
	const char *(*strerror)(int);
};

/** @return 0; -ELIBACC with the line. The library stays loaded: its thread-local data cannot be unloaded safely. */
int unbound_load(struct unbound_api *ret_api, struct error *err);

/** A context set up as `config` says, asynchronous by a thread. */
int unbound_context(const struct unbound_api *api, const struct resolver_config *config, struct ub_ctx **ret_ctx,
		    struct error *err);

/** @return -EINVAL with the line that names the file */
int unbound_hints_error(const char *root_hints, struct error *err);

LIST_HEAD(lookup_list, lookup);
LIST_HEAD(zone_list, zone_search);

struct resolver {
	struct unbound_api api;
	struct ub_ctx *ctx;
	struct lookup_list lookups;
	struct zone_list searches; /* resolver_zone_servers() that have not reported */
	size_t in_flight;
};

void resolver_zones_drop(struct resolver *r, const void *arg);
void resolver_zones_free(struct resolver *r);

#endif
