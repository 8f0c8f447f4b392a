/* SPDX-License-Identifier: BSD-2-Clause */
/* The real network: bulk engine and resolver, to be waited for together. */
#include "dns/network.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

struct sockets {
	struct dns_network network; /* first: it is what others see */
	struct dns_network_config config;
	struct bulk *bulk;
	struct resolver *resolver; /* made when first needed */
	bulk_answer_fn *fn;
	void *fn_arg;
};

static int server(void *arg, const struct bulk_server *s, uint32_t *ret_server)
{
	const struct sockets *k = arg;
	return bulk_server(k->bulk, s, ret_server);
}

static int ask(void *arg, const struct bulk_question *question, int64_t now_us)
{
	const struct sockets *k = arg;
	return bulk_ask(k->bulk, question, now_us);
}

static void listen_to(void *arg, bulk_answer_fn *fn, void *fn_arg)
{
	struct sockets *k = arg;
	k->fn = fn;
	k->fn_arg = fn_arg;
}

static void answered(void *arg, const struct bulk_answer *answer)
{
	const struct sockets *k = arg;
	if (k->fn)
		k->fn(k->fn_arg, answer);
}

static int lookups(void *arg, struct error *err)
{
	struct sockets *k = arg;
	int e;
	if (k->resolver)
		return 0;
	e = resolver_new(&k->config.recursion, &k->resolver, err);
	if (e < 0)
		return e;
	e = bulk_watch(k->bulk, resolver_fd(k->resolver));
	return e < 0 ? error_set(err, e, "cannot wait for libunbound: %s", strerror(-e)) : 0;
}

static int lookup(void *arg, const struct dns_name *name, uint16_t type, resolver_fn *fn, void *fn_arg)
{
	const struct sockets *k = arg;
	return resolver_ask(k->resolver, name, type, fn, fn_arg);
}

static int zone_servers(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn, void *fn_arg)
{
	const struct sockets *k = arg;
	return resolver_zone_servers(k->resolver, zone, max, fn, fn_arg);
}

static int parent_servers(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn, void *fn_arg)
{
	const struct sockets *k = arg;
	return resolver_parent_servers(k->resolver, zone, max, fn, fn_arg);
}

int dns_network_open(const struct dns_network_config *config, struct dns_network **ret_network)
{
	struct sockets *k = calloc(1, sizeof(*k));
	const struct bulk_config bulk = {.budget_us = config->budget_us, .on_answer = answered, .arg = k};
	int e = k ? bulk_new(&bulk, &k->bulk) : -ENOMEM;
	if (e < 0) {
		free(k);
		return e;
	}
	k->config = *config;
	k->network = (struct dns_network){
		.arg = k,
		.server = server,
		.ask = ask,
		.listen = listen_to,
		.lookups = lookups,
		.lookup = lookup,
		.zone_servers = zone_servers,
		.parent_servers = parent_servers,
	};
	*ret_network = &k->network;
	return 0;
}

struct dns_network *dns_network_close(struct dns_network *n)
{
	struct sockets *k = n ? n->arg : NULL;
	if (!k)
		return NULL;
	resolver_free(k->resolver);
	bulk_free(k->bulk);
	free(k);
	return NULL;
}

int dns_network_fd(const struct dns_network *n)
{
	const struct sockets *k = n->arg;
	return bulk_fd(k->bulk);
}

int64_t dns_network_deadline_us(const struct dns_network *n)
{
	const struct sockets *k = n->arg;
	return bulk_deadline_us(k->bulk);
}

/* e: of bulk_step() or bulk_wait(). */
static int resolve(struct sockets *k, int e, int64_t now_us)
{
	if (e == 1 && k->resolver)
		resolver_step(k->resolver, now_us);
	return e;
}

int dns_network_step(struct dns_network *n, int64_t now_us)
{
	struct sockets *k = n->arg;
	return resolve(k, bulk_step(k->bulk, now_us), now_us);
}

int dns_network_wait(struct dns_network *n, int64_t until_us)
{
	struct sockets *k = n->arg;
	return resolve(k, bulk_wait(k->bulk, until_us), clock_mono_us());
}
