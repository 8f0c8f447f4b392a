/* SPDX-License-Identifier: BSD-2-Clause */
/* The name servers of a zone and their addresses, in as many lookups as that takes. */
#include <errno.h>
#include <stdlib.h>

#include "dns/resolver_unbound.h"

enum {
	CLIMB_MAX = 8,     /* labels above the zone that are tried for an NS set */
	NAMES_MAX = 8,     /* name servers whose addresses are asked for */
	ADDRESSES_MAX = 32 /* of each family, kept */
};

struct zone_search {
	LIST_ENTRY(zone_search) link;
	struct resolver *resolver;
	resolver_servers_fn *fn;
	void *arg;
	struct dns_name name; /* where NS is asked for now */
	size_t max, climbed, pending;
	bool to_top; /* climb where a name has no NS set, up to the top-level domain */
	size_t ip4_count, ip6_count;
	struct endpoint ip4[ADDRESSES_MAX], ip6[ADDRESSES_MAX];
	enum dns_outcome outcome; /* of the last lookup that brought no address */
};

static int ask_ns(struct zone_search *s);

static void search_end(struct zone_search *s)
{
	LIST_REMOVE(s, link);
	free(s);
}

void resolver_zones_drop(struct resolver *r, const void *arg)
{
	struct zone_search *next;
	for (struct zone_search *s = LIST_FIRST(&r->searches); s; s = next) {
		next = LIST_NEXT(s, link);
		if (s->arg != arg)
			continue;
		resolver_drop(r, s);
		search_end(s);
	}
}

void resolver_zones_free(struct resolver *r)
{
	while (!LIST_EMPTY(&r->searches))
		search_end(LIST_FIRST(&r->searches));
}

/** Report and end it. The search is gone before the caller hears of it, so that he may start the next. */
static void finish(struct zone_search *s, enum dns_outcome outcome)
{
	struct endpoint servers[2 * ADDRESSES_MAX];
	resolver_servers_fn *fn = s->fn;
	void *arg = s->arg;
	size_t count = 0;
	for (size_t i = 0; i < s->ip4_count && count < s->max; i++)
		servers[count++] = s->ip4[i];
	for (size_t i = 0; i < s->ip6_count && count < s->max; i++)
		servers[count++] = s->ip6[i];
	search_end(s);
	fn(arg, count ? DNS_ANSWER : outcome, servers, count);
}

static void add_address(struct zone_search *s, const struct addr *a)
{
	struct endpoint *set = a->family == 4 ? s->ip4 : s->ip6;
	size_t *count = a->family == 4 ? &s->ip4_count : &s->ip6_count;
	for (size_t i = 0; i < *count; i++)
		if (addr_equal(&set[i].addr, a))
			return;
	if (*count < ADDRESSES_MAX)
		set[(*count)++] = (struct endpoint){.addr = *a, .port = 53};
}

static void on_address(void *arg, const struct resolver_answer *answer)
{
	struct zone_search *s = arg;
	struct addr a;
	for (size_t i = 0; i < answer->count; i++)
		if (resolver_rdata_addr(answer->rdata[i], &a) == 0)
			add_address(s, &a);
	/* NODATA for AAAA is the usual case and says less than any trouble */
	if (answer->outcome != DNS_ANSWER && answer->outcome != DNS_NODATA)
		s->outcome = answer->outcome;
	if (--s->pending == 0)
		finish(s, s->outcome);
}

static void ask_addresses(struct zone_search *s, const struct resolver_answer *answer)
{
	struct dns_name name;
	s->outcome = DNS_NODATA;
	for (size_t i = 0; i < answer->count && i < NAMES_MAX; i++) {
		if (resolver_rdata_name(answer->rdata[i], 0, &name) < 0)
			continue;
		s->pending += resolver_ask(s->resolver, &name, DNS_A, on_address, s) == 0;
		s->pending += resolver_ask(s->resolver, &name, DNS_AAAA, on_address, s) == 0;
	}
	if (s->pending == 0)
		finish(s, DNS_SERVFAIL);
}

/** Take the first label off. False at the top. */
static bool climb(struct zone_search *s)
{
	size_t first = s->name.wire[0] + 1u;
	if (s->climbed == CLIMB_MAX || s->name.wire[0] == 0)
		return false;
	if (s->name.wire[first] == 0)
		return false;
	s->name.len = (uint8_t)(s->name.len - first);
	memmove(s->name.wire, s->name.wire + first, s->name.len);
	s->climbed++;
	return true;
}

static void on_ns(void *arg, const struct resolver_answer *answer)
{
	struct zone_search *s = arg;
	bool none = answer->outcome == DNS_NODATA || answer->outcome == DNS_NXDOMAIN;
	if (answer->outcome == DNS_ANSWER)
		ask_addresses(s, answer);
	else if (!none || !s->to_top || !climb(s))
		finish(s, answer->outcome);
	else if (ask_ns(s) < 0)
		finish(s, DNS_SERVFAIL);
}

static int ask_ns(struct zone_search *s)
{
	return resolver_ask(s->resolver, &s->name, DNS_NS, on_ns, s);
}

static int search_begin(struct resolver *r, const struct dns_name *name, bool to_top, size_t max,
			resolver_servers_fn *fn, void *arg)
{
	struct zone_search *s = calloc(1, sizeof(*s));
	int code;
	if (!s)
		return -ENOMEM;
	s->resolver = r;
	s->fn = fn;
	s->arg = arg;
	s->name = *name;
	s->max = max;
	s->to_top = to_top;
	LIST_INSERT_HEAD(&r->searches, s, link);
	code = ask_ns(s);
	if (code < 0)
		search_end(s);
	return code;
}

int resolver_zone_servers(struct resolver *r, const struct dns_name *zone, size_t max, resolver_servers_fn *fn,
			  void *arg)
{
	return search_begin(r, zone, false, max, fn, arg);
}

int resolver_parent_servers(struct resolver *r, const struct dns_name *zone, size_t max, resolver_servers_fn *fn,
			    void *arg)
{
	size_t first = zone->wire[0] + 1u;
	struct dns_name parent;
	if (zone->wire[0] == 0 || zone->wire[first] == 0)
		return -EINVAL;
	parent.len = (uint8_t)(zone->len - first);
	memcpy(parent.wire, zone->wire + first, parent.len);
	return search_begin(r, &parent, true, max, fn, arg);
}
