/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookups through libunbound: recursion and DNSSEC in a thread of its own, answers on the caller's. */
#include "dns/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "dns/resolver_unbound.h"

enum {
	RECORDS_MAX =
		256 /* of one answer; a set of addresses or name servers that is larger is nobody's in good faith */
};

struct lookup {
	LIST_ENTRY(lookup) link;
	struct resolver *resolver;
	resolver_fn *fn; /* NULL: dropped */
	void *arg;
};

static void lookup_end(struct lookup *l)
{
	LIST_REMOVE(l, link);
	l->resolver->in_flight -= l->fn != NULL;
	free(l);
}

struct resolver *resolver_free(struct resolver *r)
{
	if (!r)
		return NULL;
	r->api.ctx_delete(r->ctx); /* ends the thread; calls nobody back */
	while (!LIST_EMPTY(&r->lookups))
		lookup_end(LIST_FIRST(&r->lookups));
	resolver_zones_free(r);
	free(r);
	return NULL;
}

static enum dns_outcome outcome_of(const struct ub_result *result)
{
	/* what fails validation is not an answer, whatever it says */
	if (result->bogus)
		return DNS_SERVFAIL;
	switch (result->rcode) {
	case 0:
		return result->havedata ? DNS_ANSWER : DNS_NODATA;
	case 1: /* FORMERR */
	case 4: /* NOTIMP */
		return DNS_FORMERR;
	case 3:
		return DNS_NXDOMAIN;
	case 5:
		return DNS_REFUSED;
	default:
		return DNS_SERVFAIL;
	}
}

static void report(const struct lookup *l, const struct ub_result *result)
{
	struct span rdata[RECORDS_MAX];
	struct resolver_answer a = {.outcome = DNS_SERVFAIL, .rdata = rdata};
	if (result) {
		a.outcome = outcome_of(result);
		a.secure = result->secure;
		a.bogus = result->bogus;
		a.ttl_s = result->ttl > 0 ? (uint32_t)result->ttl : 0;
		while (a.outcome == DNS_ANSWER && a.count < RECORDS_MAX && result->data[a.count]) {
			rdata[a.count] = span_of(result->data[a.count], (size_t)result->len[a.count]);
			a.count++;
		}
	}
	l->fn(l->arg, &a);
}

static void on_result(void *arg, int error, struct ub_result *result)
{
	struct lookup *l = arg;
	const struct unbound_api *api = &l->resolver->api;
	const struct lookup reported = *l;
	/* gone before it is reported: the callback may drop its arg */
	lookup_end(l);
	if (reported.fn)
		report(&reported, error ? NULL : result);
	api->resolve_free(result);
}

int resolver_ask(struct resolver *r, const struct dns_name *name, uint16_t type, resolver_fn *fn, void *arg)
{
	struct lookup *l = calloc(1, sizeof(*l));
	char text[DNS_NAME_TEXT_SIZE];
	sigset_t all, before;
	int code;
	if (!l)
		return -ENOMEM;
	*l = (struct lookup){.resolver = r, .fn = fn, .arg = arg};
	dns_name_text(name, text);
	/* the first lookup starts the thread, which must not take the signals that wake the caller's poll */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = r->api.resolve_async(r->ctx, text, type, 1 /* IN */, l, on_result, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != UB_NOERROR) {
		free(l);
		return code == UB_NOMEM ? -ENOMEM : -EIO;
	}
	LIST_INSERT_HEAD(&r->lookups, l, link);
	r->in_flight += fn != NULL;
	return 0;
}

/**
 * Ask for what is answered without a packet: libunbound up to 1.17 reads the root hints only as its thread starts,
 * and tells no reason when it cannot.
 */
static int start(struct resolver *r, const struct resolver_config *config, struct error *err)
{
	static const struct dns_name localhost = {.len = 11, .wire = "\11localhost"};
	int code = resolver_ask(r, &localhost, DNS_A, NULL, NULL);
	if (code < 0 && config->root_hints)
		return unbound_hints_error(config->root_hints, err);
	return code < 0 ? error_set(err, code, "libunbound could not start its thread") : 0;
}

int resolver_new(const struct resolver_config *config, struct resolver **ret_resolver, struct error *err)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int code;
	if (!r)
		return -ENOMEM;
	LIST_INIT(&r->lookups);
	LIST_INIT(&r->searches);
	code = unbound_load(&r->api, err);
	if (code == 0)
		code = unbound_context(&r->api, config, &r->ctx, err);
	if (code < 0) {
		free(r);
		return code;
	}
	code = start(r, config, err);
	if (code < 0) {
		resolver_free(r);
		return code;
	}
	*ret_resolver = r;
	return 0;
}

void resolver_drop(struct resolver *r, const void *arg)
{
	struct lookup *l;
	LIST_FOREACH(l, &r->lookups, link)
	if (l->arg == arg && l->fn) {
		l->fn = NULL;
		r->in_flight--;
	}
	resolver_zones_drop(r, arg);
}

size_t resolver_in_flight(const struct resolver *r)
{
	return r->in_flight;
}

int resolver_fd(const struct resolver *r)
{
	return r->api.fd(r->ctx);
}

int64_t resolver_deadline_us(const struct resolver *r)
{
	return INT64_MAX;
}

int resolver_step(struct resolver *r, int64_t now_us)
{
	return r->api.process(r->ctx) == UB_NOERROR ? 0 : -EIO;
}

int resolver_rdata_name(struct span rdata, size_t offset, struct dns_name *ret_name)
{
	struct span at = span_from(rdata, offset);
	size_t n = 0;
	while (n < at.len && n < DNS_NAME_MAX && at.at[n] != 0) {
		if (at.at[n] > DNS_LABEL_MAX)
			return -EBADMSG;
		n += at.at[n] + 1u;
	}
	if (n >= at.len || n >= DNS_NAME_MAX || n + 1 != at.len)
		return -EBADMSG;
	ret_name->len = (uint8_t)(n + 1);
	memcpy(ret_name->wire, at.at, n + 1);
	return 0;
}

struct span resolver_rdata_text(struct span rdata, struct arena *arena)
{
	char *text = arena_alloc(arena, rdata.len + 1, 1);
	size_t len = 0;
	if (!text)
		return span_of(NULL, 0);
	while (rdata.len && rdata.at[0] < rdata.len) {
		memcpy(text + len, rdata.at + 1, rdata.at[0]);
		len += rdata.at[0];
		rdata = span_from(rdata, 1 + (size_t)rdata.at[0]);
	}
	return span_of(text, len);
}

int resolver_rdata_addr(struct span rdata, struct addr *ret_addr)
{
	struct addr a = {.family = rdata.len == 4 ? 4 : 6};
	if (rdata.len != 4 && rdata.len != 16)
		return -EBADMSG;
	memcpy(a.octets, rdata.at, rdata.len);
	*ret_addr = a;
	return 0;
}
