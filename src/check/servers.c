/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a list is served. Two ways at once, the first that brings addresses wins: its NS set through our resolver, and
 * the delegation from the zone above, which is there even when the list's own servers answer nothing sensible. */
#include <errno.h>

#include "check/run.h"
#include "dns/message.h"

static void way_ended(struct lane *l, enum dns_outcome outcome)
{
	if (l->servers != SERVERS_ASKED)
		return;
	l->servers_outcome = outcome;
	if (l->servers_open > 0)
		l->servers_open--;
	if (l->servers_open == 0)
		l->servers = SERVERS_FAILED;
	l->news++;
}

static void route_make(const struct run *r, struct route *route, const struct endpoint *servers, size_t count)
{
	*route = (struct route){.count = 0};
	for (size_t i = 0; i < count && route->count < ROUTE_SERVERS; i++) {
		const struct bulk_server server = {.at = servers[i], .recursive = false};
		if (r->network->server(r->network->arg, &server, &route->server[route->count]) == 0)
			route->count++;
	}
}

static void found(struct lane *l)
{
	if (l->servers == SERVERS_ASKED && l->route[STAGE_DIRECT].count)
		l->servers = SERVERS_FOUND;
	l->news++;
}

static void on_zone_servers(void *arg, enum dns_outcome outcome, const struct endpoint *servers, size_t count)
{
	struct lane *l = arg;
	if (l->servers != SERVERS_ASKED)
		return;
	route_make(l->run, &l->route[STAGE_DIRECT], servers, count);
	if (count)
		found(l);
	else
		way_ended(l, outcome);
}

static void on_parent_servers(void *arg, enum dns_outcome outcome, const struct endpoint *servers, size_t count)
{
	struct lane *l = arg;
	if (l->servers != SERVERS_ASKED)
		return;
	route_make(l->run, &l->parent, servers, count);
	if (!l->parent.count || lane_ask_parent(l) < 0)
		way_ended(l, outcome);
}

static void on_server_address(void *arg, const struct resolver_answer *answer)
{
	struct lane *l = arg;
	struct endpoint e = {.port = 53};
	if (l->servers != SERVERS_ASKED)
		return;
	if (answer->outcome == DNS_ANSWER && resolver_rdata_addr(answer->rdata[0], &e.addr) == 0) {
		route_make(l->run, &l->route[STAGE_DIRECT], &e, 1);
		found(l);
	} else {
		way_ended(l, answer->outcome);
	}
}

/* The parent's server told names without addresses. */
static void ask_names(struct lane *l, const struct dns_delegation *d)
{
	const struct dns_network *network = l->run->network;
	for (size_t i = 0; i < d->name_count && i < 2; i++)
		if (network->lookup(network->arg, &d->names[i], DNS_A, on_server_address, l) == 0)
			l->servers_open++;
	way_ended(l, DNS_NODATA);
}

void servers_answer(struct lane *l, const struct bulk_answer *answer)
{
	struct dns_delegation d;
	struct endpoint servers[DNS_DELEGATION_MAX];
	bool of_parent = answer->authoritative && (answer->outcome == DNS_NODATA || answer->outcome == DNS_NXDOMAIN);
	if (l->servers != SERVERS_ASKED)
		return;
	if (answer->message.len == 0 && l->parent.now + 1 < l->parent.count) {
		l->parent.now++;
		if (lane_ask_parent(l) == 0)
			return;
	}
	if (of_parent) { /* no cut here: the zone above serves the list itself */
		l->route[STAGE_DIRECT] = l->parent;
		l->route[STAGE_DIRECT].now = 0;
		found(l);
		return;
	}
	if (answer->message.len == 0 || dns_message_delegation(answer->message, &l->zone, &d) < 0 ||
	    d.name_count == 0) {
		way_ended(l, answer->outcome);
		return;
	}
	for (size_t i = 0; i < d.addr_count; i++)
		servers[i] = (struct endpoint){.addr = d.addrs[i], .port = 53};
	route_make(l->run, &l->route[STAGE_DIRECT], servers, d.addr_count);
	if (l->route[STAGE_DIRECT].count)
		found(l);
	else
		ask_names(l, &d);
}

void servers_ask(struct lane *l)
{
	const struct dns_network *network = l->run->network;
	l->servers = SERVERS_ASKED;
	l->servers_open = 2;
	if (run_lookups(l->run) < 0) {
		l->servers = SERVERS_FAILED;
		l->servers_outcome = DNS_NETWORK;
		return;
	}
	if (network->zone_servers(network->arg, &l->zone, ROUTE_SERVERS, on_zone_servers, l) < 0)
		way_ended(l, DNS_NETWORK);
	if (network->parent_servers(network->arg, &l->zone, ROUTE_SERVERS, on_parent_servers, l) < 0)
		way_ended(l, DNS_NETWORK);
}
