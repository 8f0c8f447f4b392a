/* SPDX-License-Identifier: BSD-2-Clause */
/* A scripted network: each question gets the answer that the test gives it, as a whole message, at the time it says. */
#include "scripted.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/message.h"

enum {
	MESSAGE_MAX = 8192,
	WINDOW = 256,
	ROUNDS_MAX = 20000, /* steps at one moment: a block each, at most */
	BUDGET_US = 2000000,
};

struct scripted_event {
	struct scripted_event *next;
	int64_t at_us;
	struct scripted_reply reply;
	enum scripted_where where;
	struct dns_name name;
	uint16_t type;
	bool recursive;
	uint64_t tag; /* of list queries */
	uint32_t server;
	int64_t sent_us;
	resolver_fn *lookup;
	resolver_servers_fn *servers;
	void *fn_arg;
	size_t max;
};

struct writer {
	uint8_t at[MESSAGE_MAX];
	size_t len;
};

static void put(struct writer *w, const void *data, size_t len)
{
	if (len > sizeof(w->at) - w->len)
		abort();
	memcpy(w->at + w->len, data, len);
	w->len += len;
}

static void put_number(struct writer *w, uint32_t value, int octets)
{
	for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
		uint8_t octet = (uint8_t)(value >> shift);
		put(w, &octet, 1);
	}
}

static void put_record(struct writer *w, const struct dns_name *name, uint16_t type, uint32_t ttl_s, const void *rdata,
		       size_t len)
{
	put(w, name->wire, name->len);
	put_number(w, type, 2);
	put_number(w, 1, 2);
	put_number(w, ttl_s, 4);
	put_number(w, (uint32_t)len, 2);
	put(w, rdata, len);
}

static struct dns_name parsed(const char *text)
{
	struct dns_name name;
	if (dns_name_parse(span_str(text), &name) < 0)
		abort();
	return name;
}

/* The record's data of one line of a reply. @return its octets; 0: it has none of this type. */
static size_t rdata_of(const struct scripted_reply *r, size_t i, uint16_t type, uint8_t rdata[MESSAGE_MAX])
{
	struct dns_name name;
	size_t len;
	if (type == DNS_A || type == DNS_AAAA) {
		len = type == DNS_A ? 4 : 16;
		memcpy(rdata, r->addrs[i].octets, len);
		return r->addrs[i].family == (type == DNS_A ? 4 : 6) ? len : 0;
	}
	if (type == DNS_TXT) {
		len = r->texts[i] ? strlen(r->texts[i]) : 0;
		rdata[0] = (uint8_t)len;
		memcpy(rdata + 1, r->texts[i] ? r->texts[i] : "", len);
		return r->texts[i] ? len + 1 : 0;
	}
	if (!r->names[i])
		return 0;
	name = parsed(r->names[i]);
	len = type == DNS_MX ? 2 : 0;
	memset(rdata, 0, len);
	memcpy(rdata + len, name.wire, name.len);
	return len + name.len;
}

static uint32_t rcode_of(enum dns_outcome outcome)
{
	switch (outcome) {
	case DNS_NXDOMAIN:
		return 3;
	case DNS_SERVFAIL:
		return 2;
	case DNS_REFUSED:
		return 5;
	case DNS_FORMERR:
		return 1;
	default:
		return 0;
	}
}

static void count_record(struct writer *w, size_t at)
{
	w->at[at + 1]++;
}

static void put_negative(struct writer *w, const struct dns_name *name, uint32_t ttl_s)
{
	struct writer soa = {.len = 0};
	put(&soa, name->wire, name->len);
	put(&soa, name->wire, name->len);
	for (int i = 0; i < 5; i++)
		put_number(&soa, ttl_s, 4);
	put_record(w, name, DNS_SOA, ttl_s, soa.at, soa.len);
	count_record(w, 8);
}

/* The addresses of a zone's servers stand beside their names. */
static void put_glue(struct writer *w, const struct scripted_reply *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct dns_name name;
		if (!r->names[i] || r->addrs[i].family != 4)
			continue;
		name = parsed(r->names[i]);
		put_record(w, &name, DNS_A, r->ttl_s, r->addrs[i].octets, 4);
		count_record(w, 10);
	}
}

static void message_of(const struct scripted_event *e, struct writer *w)
{
	const struct scripted_reply *r = &e->reply;
	uint8_t rdata[MESSAGE_MAX];
	bool referral = e->type == DNS_NS && !e->recursive;
	uint32_t authority = e->recursive || referral || r->outcome == DNS_LAME ? 0 : DNS_FLAG_AA;
	if (referral && r->outcome != DNS_ANSWER)
		authority = DNS_FLAG_AA; /* it knows the zone itself */
	put_number(w, 0, 2);
	put_number(w, DNS_FLAG_QR | authority | rcode_of(r->outcome), 2);
	put_number(w, 1, 2);
	for (int i = 0; i < 3; i++)
		put_number(w, 0, 2);
	put(w, e->name.wire, e->name.len);
	put_number(w, e->type, 2);
	put_number(w, 1, 2);
	for (size_t i = 0; i < r->count && r->outcome == DNS_ANSWER; i++) {
		size_t len = rdata_of(r, i, e->type, rdata);
		if (len == 0)
			continue;
		put_record(w, &e->name, e->type, r->ttl_s, rdata, len);
		count_record(w, referral ? 8 : 6);
	}
	if ((r->outcome == DNS_NXDOMAIN || r->outcome == DNS_NODATA) && !r->no_soa)
		put_negative(w, &e->name, r->ttl_s);
	if (e->type == DNS_NS)
		put_glue(w, r);
	if (r->ede) {
		static const struct dns_name root = {.len = 1};
		const uint8_t option[] = {0, 15, 0, 2, (uint8_t)(r->ede >> 8), (uint8_t)r->ede};
		put_record(w, &root, 41, 0, option, sizeof(option));
		count_record(w, 10);
	}
}

static void give_answer(struct scripted *s, const struct scripted_event *e)
{
	struct writer *w = calloc(1, sizeof(*w));
	struct bulk_answer a = {.outcome = e->reply.outcome};
	enum dns_outcome outcome = e->reply.outcome;
	if (!w)
		abort();
	if (outcome != DNS_TIMEOUT && outcome != DNS_NETWORK) {
		message_of(e, w);
		if (outcome != DNS_MALFORMED &&
		    dns_message_read(span_of(w->at, w->len), 0, &e->name, e->type, e->recursive, &a) < 0)
			abort();
		a.message = outcome == DNS_MALFORMED ? span_of(NULL, 0) : span_of(w->at, w->len);
		a.latency_us = (uint32_t)(s->now_us - e->sent_us);
	}
	a.tag = e->tag;
	a.tries = 1;
	a.server = e->server;
	s->in_flight--;
	if (s->fn)
		s->fn(s->fn_arg, &a);
	free(w);
}

static void give_lookup(const struct scripted_event *e)
{
	struct span rdata[SCRIPTED_RECORDS_MAX];
	uint8_t(*octets)[MESSAGE_MAX] = calloc(SCRIPTED_RECORDS_MAX, sizeof(*octets));
	struct resolver_answer a = {.outcome = e->reply.outcome, .ttl_s = e->reply.ttl_s, .rdata = rdata};
	if (!octets)
		abort();
	for (size_t i = 0; i < e->reply.count && a.outcome == DNS_ANSWER; i++) {
		size_t len = rdata_of(&e->reply, i, e->type, octets[a.count]);
		if (len == 0)
			continue;
		rdata[a.count] = span_of(octets[a.count], len);
		a.count++;
	}
	if (a.outcome == DNS_ANSWER && a.count == 0)
		a.outcome = DNS_NODATA;
	e->lookup(e->fn_arg, &a);
	free(octets);
}

static void give_servers(const struct scripted_event *e)
{
	struct endpoint at[SCRIPTED_RECORDS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < e->reply.count && n < e->max && e->reply.outcome == DNS_ANSWER; i++)
		at[n++] = (struct endpoint){.addr = e->reply.addrs[i], .port = 53};
	e->servers(e->fn_arg, n ? DNS_ANSWER : e->reply.outcome, at, n);
}

static void give(struct scripted *s, const struct scripted_event *e)
{
	if (e->lookup)
		give_lookup(e);
	else if (e->servers)
		give_servers(e);
	else
		give_answer(s, e);
}

static void schedule(struct scripted *s, struct scripted_event event, const struct bulk_server *server,
		     uint16_t edns_octets, uint32_t budget_us)
{
	struct scripted_question q = {.where = event.where, .type = event.type, .edns_octets = edns_octets};
	struct scripted_event *e = malloc(sizeof(*e)), **at = &s->events;
	if (!e)
		abort();
	if (server)
		q.server = server->at;
	dns_name_text(&event.name, q.name);
	*e = event;
	e->reply = (struct scripted_reply){.outcome = DNS_NXDOMAIN, .after_us = 10000, .ttl_s = 300};
	s->answer(s->arg, &q, &e->reply);
	if (budget_us && (e->reply.outcome == DNS_TIMEOUT || e->reply.after_us >= budget_us)) {
		e->reply.outcome = DNS_TIMEOUT; /* the engine gives up */
		e->reply.after_us = budget_us;
	}
	e->sent_us = s->now_us;
	e->at_us = s->now_us + e->reply.after_us;
	while (*at && (*at)->at_us <= e->at_us)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
}

static int server(void *arg, const struct bulk_server *server, uint32_t *ret_server)
{
	struct scripted *s = arg;
	for (size_t i = 0; i < s->server_count; i++)
		if (addr_equal(&s->servers[i].at.addr, &server->at.addr) && s->servers[i].at.port == server->at.port &&
		    s->servers[i].recursive == server->recursive) {
			*ret_server = (uint32_t)i;
			return 0;
		}
	if (s->server_count == sizeof(s->servers) / sizeof(s->servers[0]))
		return -ENOSPC;
	*ret_server = (uint32_t)s->server_count;
	s->servers[s->server_count++] = *server;
	return 0;
}

static int ask(void *arg, const struct bulk_question *q, int64_t now_us)
{
	struct scripted *s = arg;
	const struct bulk_server *at = &s->servers[q->server];
	if (q->server >= s->server_count || q->name->len == 0)
		return -EINVAL;
	if (s->in_flight >= s->window)
		return -EAGAIN;
	s->in_flight++;
	schedule(s,
		 (struct scripted_event){.where = at->recursive ? SCRIPTED_SYSTEM : SCRIPTED_DIRECT,
					 .name = *q->name,
					 .type = q->type,
					 .recursive = at->recursive,
					 .tag = q->tag,
					 .server = q->server},
		 at, q->edns_octets, q->budget_us ? q->budget_us : BUDGET_US);
	return 0;
}

static void listen_to(void *arg, bulk_answer_fn *fn, void *fn_arg)
{
	struct scripted *s = arg;
	s->fn = fn;
	s->fn_arg = fn_arg;
}

static int lookups(void *arg, struct error *err)
{
	const struct scripted *s = arg;
	return s->no_lookups ? error_set(err, -ELIBACC, "the script has no lookups") : 0;
}

static int lookup(void *arg, const struct dns_name *name, uint16_t type, resolver_fn *fn, void *fn_arg)
{
	schedule(arg,
		 (struct scripted_event){
			 .where = SCRIPTED_LOOKUP, .name = *name, .type = type, .lookup = fn, .fn_arg = fn_arg},
		 NULL, 0, 0);
	return 0;
}

static int servers_of(struct scripted *s, enum scripted_where where, const struct dns_name *zone, size_t max,
		      resolver_servers_fn *fn, void *fn_arg)
{
	schedule(s,
		 (struct scripted_event){
			 .where = where, .name = *zone, .type = DNS_NS, .servers = fn, .fn_arg = fn_arg, .max = max},
		 NULL, 0, 0);
	return 0;
}

static int zone_servers(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn, void *fn_arg)
{
	return servers_of(arg, SCRIPTED_SERVERS, zone, max, fn, fn_arg);
}

static int parent_servers(void *arg, const struct dns_name *zone, size_t max, resolver_servers_fn *fn, void *fn_arg)
{
	return servers_of(arg, SCRIPTED_PARENT, zone, max, fn, fn_arg);
}

void scripted_init(struct scripted *s, scripted_answer_fn *answer, void *arg)
{
	*s = (struct scripted){
		.network = {.arg = s,
			    .server = server,
			    .ask = ask,
			    .listen = listen_to,
			    .lookups = lookups,
			    .lookup = lookup,
			    .zone_servers = zone_servers,
			    .parent_servers = parent_servers},
		.now_us = 1000000,
		.wall_ms = INT64_C(1795521600000),
		.window = WINDOW,
		.answer = answer,
		.arg = arg,
	};
}

void scripted_release(struct scripted *s)
{
	while (s->events) {
		struct scripted_event *e = s->events;
		s->events = e->next;
		free(e);
	}
	s->in_flight = 0;
}

int64_t scripted_next_us(const struct scripted *s)
{
	return s->events ? s->events->at_us : INT64_MAX;
}

static void move_clock(struct scripted *s, int64_t to_us)
{
	if (to_us <= s->now_us)
		return;
	s->wall_ms += to_us / 1000 - s->now_us / 1000;
	s->now_us = to_us;
}

void scripted_pass(struct scripted *s, int64_t until_us)
{
	while (s->events && s->events->at_us <= until_us) {
		struct scripted_event *e = s->events;
		move_clock(s, e->at_us);
		s->events = e->next;
		give(s, e);
		free(e);
	}
	move_clock(s, until_us);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int scripted_run(struct scripted *s, struct run *r, int64_t until_us)
{
	int rounds = 0;
	for (;;) {
		int e = check_run_step(r, s->now_us, s->wall_ms);
		int64_t next = sooner(check_run_deadline_us(r), scripted_next_us(s));
		if (e != 0)
			return e;
		if (next == INT64_MAX)
			return -EDEADLK;
		if (sooner(next, until_us) > s->now_us)
			rounds = 0;
		else if (s->now_us >= until_us)
			return 0;
		else if (++rounds == ROUNDS_MAX)
			return -ELOOP;
		scripted_pass(s, sooner(next, until_us));
	}
}
