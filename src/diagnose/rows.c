/* SPDX-License-Identifier: BSD-2-Clause */
/* A candidate as a row of the report: its sentence, numbers, hours, proof and what to do. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "diagnose/rows.h"

enum { EVIDENCE_MAX = 12, LOGIN_BEFORE_MS = 24 * 3600000 };

struct shown { /* a row's evidence */
	struct cause_evidence at[EVIDENCE_MAX];
	size_t count;
};

static void add_proof(const struct reporting *w, const struct proof *p, struct shown *e)
{
	if (e->count == EVIDENCE_MAX)
		return;
	e->at[e->count++] = (struct cause_evidence){
		.what = p->what,
		.at_ms = p->at_ms,
		.source = words_source(w->arena, w->coverage, p->source, p->number),
		.line = words_copy(w->arena, p->text),
	};
}

static void add_proofs(const struct reporting *w, const struct proofs *p, struct shown *e)
{
	for (uint32_t i = 0; i < p->count; i++)
		add_proof(w, p->at + i, e);
}

/* The owner travels, too: a new network counts where the burst is not far. */
static void add_fresh_logins(const struct reporting *w, const struct candidate *c, struct shown *e)
{
	const struct proofs *p = &c->id->fresh_logins;
	for (uint32_t i = 0; i < p->count; i++)
		if (p->at[i].at_ms >= c->burst.first_ms - LOGIN_BEFORE_MS && p->at[i].at_ms <= c->burst.last_ms)
			add_proof(w, p->at + i, e);
}

/* Was this network used before the burst? Then its lines may be the owner's own. */
static bool is_usual(const struct candidate *c, uint64_t network)
{
	for (uint32_t i = 0; i < c->id->network_count; i++)
		if (c->id->networks[i].hash == network)
			return !network_is_new(c->id->networks + i, c->burst.first_hour);
	return false;
}

/* Strangers' lines stand before the owner's. */
static void add_accepts(const struct reporting *w, const struct candidate *c, struct shown *e)
{
	const struct proofs *p = &c->id->accepts;
	for (int usual = 0; usual < 2; usual++)
		for (uint32_t i = 0; i < p->count; i++)
			if (is_usual(c, p->at[i].tag) == (usual == 1))
				add_proof(w, p->at + i, e);
}

static int evidence(const struct reporting *w, const struct candidate *c, struct cause_row *row)
{
	struct shown *e = arena_alloc(w->arena, 1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->count = 0;
	add_accepts(w, c, e);
	add_proofs(w, &c->id->failures, e);
	add_fresh_logins(w, c, e);
	row->evidence = e->at;
	row->evidence_count = e->count;
	return 0;
}

static int by_messages(const void *a, const void *b)
{
	const struct network *x = *(const struct network *const *)a, *y = *(const struct network *const *)b;
	if (x->messages != y->messages)
		return x->messages < y->messages ? 1 : -1;
	return memcmp(x->addr.octets, y->addr.octets, sizeof(x->addr.octets));
}

/* What identities keep apart (hash_network): /24 of IPv4, /64 of IPv6. */
static const char *network_text(const struct reporting *w, const struct addr *a)
{
	struct prefix p = {.addr = *a, .bits = a->family == 4 ? 24 : 64};
	char text[PREFIX_TEXT_SIZE];
	size_t kept = p.bits / 8;
	memset(p.addr.octets + kept, 0, sizeof(p.addr.octets) - kept);
	prefix_text(&p, text);
	return words_copy(w->arena, text);
}

/* Did it send in that time, and is it neither used before nor in so many hours as an owner's own is? */
static bool is_strange(const struct network *n, const struct burst *b)
{
	return n->messages && n->first_hour <= b->last_hour && n->last_hour >= b->first_hour &&
	       network_is_new(n, b->first_hour) && n->usual_hour > b->last_hour && addr_kind(&n->addr) != ADDR_LOOPBACK;
}

/* What sent with a stolen login and is not usual for it: what a firewall would refuse. */
static int strange_networks(const struct reporting *w, const struct candidate *c, struct cause_row *row)
{
	const struct identity *id = c->id;
	const struct network **found;
	size_t n = 0;
	if (c->kind != CAUSE_COMPROMISED_ACCOUNT)
		return 0;
	found = arena_alloc(w->arena, id->network_count + 1, sizeof(*found));
	row->networks = arena_alloc(w->arena, id->network_count + 1, sizeof(*row->networks));
	if (!found || !row->networks)
		return -ENOMEM;
	for (uint32_t i = 0; i < id->network_count; i++)
		if (is_strange(id->networks + i, &c->burst))
			found[n++] = id->networks + i;
	qsort(found, n, sizeof(*found), by_messages);
	for (size_t i = 0; i < n; i++)
		row->networks[i] = network_text(w, &found[i]->addr);
	row->network_count = n;
	return 0;
}

static int timeline(const struct reporting *w, const struct identity *id, struct cause_row *row)
{
	uint32_t first = id->hours[0].hour, last = id->hours[id->hour_count - 1].hour;
	uint32_t *hours;
	if (last - first >= CAUSE_HOURS_MAX)
		first = last - CAUSE_HOURS_MAX + 1;
	hours = arena_alloc(w->arena, last - first + 1, sizeof(*hours));
	if (!hours)
		return -ENOMEM;
	for (uint32_t h = 0; h <= last - first; h++)
		hours[h] = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].hour >= first)
			hours[id->hours[i].hour - first] += id->hours[i].recipients;
	row->hours = hours;
	row->hour_count = last - first + 1;
	row->hours_from_ms = (int64_t)first * 3600000;
	return 0;
}

static const char *const look_first[] = {
	"ask its owner whether this was meant; change nothing because of this sign alone",
	NULL,
};

/* While it waits it can be stopped: then holding it is the first thing to do. */
static int advice(const struct reporting *w, const struct found *x, bool cause, struct cause_row *row)
{
	const char *const *fix = cause ? x->by->fix : look_first;
	const char **to;
	size_t n = 0, first = 0, count = 0;
	while (fix[count])
		count++;
	to = arena_alloc(w->arena, count + 1, sizeof(char *));
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < count && x->c.burst.waiting > x->c.burst.held; i++)
		if (strstr(fix[i], "{hold}"))
			first = i;
	for (size_t i = 0; i < count; i++) {
		size_t from = i == 0 ? first : i <= first ? i - 1 : i;
		to[n++] = words_advice(w->arena, fix[from], x->c.id->format);
	}
	row->fix = to;
	row->fix_count = n;
	return 0;
}

static int copies(const struct reporting *w, const struct found *x, bool cause, struct cause_row *row)
{
	const struct candidate *c = &x->c;
	const char **against = arena_alloc(w->arena, c->against_count + 1, sizeof(char *));
	struct cause_signal *signals = arena_alloc(w->arena, c->signal_count + 1, sizeof(*signals));
	if (!against || !signals)
		return -ENOMEM;
	for (size_t i = 0; i < c->against_count; i++)
		against[i] = c->against[i];
	for (size_t i = 0; i < c->signal_count; i++)
		signals[i] = c->signal[i];
	row->against = against;
	row->against_count = c->against_count;
	row->signals = signals;
	row->signal_count = c->signal_count;
	return advice(w, x, cause, row);
}

static int64_t window_end(const struct reporting *w)
{
	return w->t->o->own_server ? w->t->o->now_ms : w->coverage->to_ms;
}

double candidate_confidence(const struct candidate *c)
{
	return fmin(0.99, 1 / (1 + exp(-c->odds)));
}

/* What is too weak for a cause names the identity and what is odd about it. */
static const char *weak_sentence(const struct reporting *w, const struct candidate *c)
{
	char time[WORDS_TIME_SIZE];
	const struct cause_signal *most = NULL;
	for (size_t i = 0; i < c->signal_count; i++)
		if (c->signal[i].weight > (most ? most->weight : 0))
			most = &c->signal[i];
	return words_printf(w->arena, "%s stands out (%s in %s), too little to call it a cause: %s", c->subject,
			    words_many(w->arena, c->burst.recipients, "recipient", "recipients"),
			    words_span(time, c->burst.last_ms - c->burst.first_ms),
			    most && most->text ? most->text : "no single sign stands out");
}

int row_of(const struct reporting *w, const struct found *x, bool cause, struct cause_row *row)
{
	const struct burst *b = &x->c.burst;
	struct detect d = {w->t, w->arena, relaying_for(w, x->c.id)};
	*row = (struct cause_row){
		.kind = x->c.kind,
		.subject = words_copy(w->arena, x->c.subject),
		.host = w->t->host_count > 1 ? words_copy(w->arena, x->c.id->host) : NULL,
		.confidence = candidate_confidence(&x->c),
		.first_at_ms = b->first_ms,
		.last_at_ms = b->last_ms,
		.running = b->last_ms >= window_end(w) - RUNNING_MS,
		.explains_listing = report_explains(w, b->first_ms, b->last_ms),
		.messages = b->messages,
		.recipients = b->recipients,
		.rejected = b->rejected,
		.deferred = b->deferred,
		.unknown_users = b->unknown,
		.waiting = b->waiting,
		.held = b->held,
		.normal_per_hour = b->past_usual,
	};
	row->sentence = cause ? x->by->sentence(&d, &x->c, row->running) : weak_sentence(w, &x->c);
	if (evidence(w, &x->c, row) < 0 || strange_networks(w, &x->c, row) < 0 || timeline(w, x->c.id, row) < 0)
		return -ENOMEM;
	return copies(w, x, cause, row);
}

static bool after_listing(const struct cause_row *row)
{
	for (size_t i = 0; i < row->signal_count; i++)
		if (strcmp(row->signals[i].name, "after_listing") == 0)
			return true;
	return false;
}

/* How a server is set up lasts: that it goes on is no word for it beside a theft that is over. */
static bool is_state(enum cause kind)
{
	return kind == CAUSE_FORWARDING || kind == CAUSE_IDENTITY || kind == CAUSE_POLICY_LISTING;
}

/* What began after the listing stands last; first what explains the listing, what runs before what is past, by strength. */
static int stronger(const void *a, const void *b)
{
	const struct cause_row *x = a, *y = b;
	if (after_listing(x) != after_listing(y))
		return after_listing(x) ? 1 : -1;
	if (x->explains_listing != y->explains_listing)
		return x->explains_listing ? -1 : 1;
	if (x->running != y->running && is_state(x->kind) == is_state(y->kind))
		return x->running ? -1 : 1;
	if (fabs(x->confidence - y->confidence) > 0.005)
		return x->confidence < y->confidence ? 1 : -1;
	if (x->recipients != y->recipients)
		return x->recipients < y->recipients ? 1 : -1;
	return strcmp(x->subject, y->subject);
}

void rows_sort(struct cause_row *rows, size_t count)
{
	qsort(rows, count, sizeof(*rows), stronger);
}

int policy_row(const struct reporting *w, struct cause_row *row)
{
	static const char *const fix[] = {"no log can show more: follow the list's own page (offlist check shows it)"};
	const struct case_listing *l = &w->t->o->listings[0];
	const struct detect d = {w->t, w->arena, NULL};
	struct candidate c = {.kind = CAUSE_POLICY_LISTING};
	const char **copy = arena_alloc(w->arena, 1, sizeof(char *));
	if (!copy)
		return -ENOMEM;
	signal_prior(&d, &c);
	signal_weigh(&d, &c, SIGNAL_policy_listed, 1, 1, "every list that has this server is one of policy");
	copy[0] = fix[0];
	*row = (struct cause_row){
		.kind = CAUSE_POLICY_LISTING,
		.subject = words_copy(w->arena, l->zone),
		.confidence = candidate_confidence(&c),
		.first_at_ms = w->coverage->from_ms,
		.last_at_ms = w->coverage->to_ms,
		.running = true,
		.sentence = words_printf(w->arena,
					 "The listing is one of policy or of a neighbour (%s): it is not about mail "
					 "that this server sent",
					 l->name ? l->name : l->zone),
		.fix = copy,
		.fix_count = 1,
	};
	return 0;
}
