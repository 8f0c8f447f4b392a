/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ascii.h"
#include "diagnose/count.h"
#include "diagnose/hash.h"

void load_party(struct tally *t, struct load *l, struct identity *id)
{
	struct hour *h = id && l->party_count < PARTIES_MAX ? identity_hour(&t->ids, id, l->at_ms) : NULL;
	if (h)
		l->party[l->party_count++] = (struct party){id, h, 0};
}

void load_via(struct load *l, uint64_t via)
{
	l->via = via;
}

static bool is_queued(enum mail_outcome o)
{
	return o == OUTCOME_WAITING || o == OUTCOME_HELD || o == OUTCOME_DEFERRED;
}

void count_unnamed(struct load *l, uint32_t recipients, enum mail_outcome outcome)
{
	struct fates *s = &l->sum;
	s->recipients += recipients;
	s->unnamed += recipients;
	s->waiting += is_queued(outcome) ? recipients : 0;
	s->held += outcome == OUTCOME_HELD ? recipients : 0;
}

static void sum_fate(struct fates *s, const struct fate *f)
{
	s->recipients++;
	s->delivered += f->delivered;
	if (f->delivered)
		return;
	s->bad += f->bad;
	s->unknown += f->unknown;
	s->spam += f->spam;
	s->listed += f->listed;
	s->rate += f->rate;
	s->deferred += f->deferred;
	s->rejected += f->rejected;
	s->waiting += is_queued(f->outcome);
	s->held += f->outcome == OUTCOME_HELD;
	s->limited += f->limited;
}

static void add_fates(struct hour *h, const struct fates *s)
{
	h->recipients += s->recipients;
	if (s->delivered == s->recipients)
		return;
	h->bad += s->bad;
	h->unknown += s->unknown;
	h->spam += s->spam;
	h->listed += s->listed;
	h->rate += s->rate;
	h->deferred += s->deferred;
	h->rejected += s->rejected;
	h->waiting += s->waiting;
	h->held += s->held;
	h->unnamed += s->unnamed;
	h->limited += s->limited;
}

static uint64_t eight(struct span s, size_t from)
{
	uint64_t v = 0;
	if (from + 8 <= s.len)
		return ascii_lower8(be64toh(octets_load8(s.at + from)));
	for (size_t i = from; i < from + 8; i++)
		v = v << 8 | (i < s.len ? ascii_lower(s.at[i]) : 0);
	return v;
}

static void note_first(struct load *l, struct span recipient)
{
	l->first = recipient;
	l->first_octets[0] = eight(recipient, 0);
	l->first_octets[1] = eight(recipient, 8);
}

static const char *failure_text(const struct fate *f)
{
	if (f->spam)
		return "refused as spam";
	if (f->unknown)
		return "no such recipient";
	if (f->listed)
		return "refused: listed";
	if (f->domain_listed)
		return "refused: a domain is listed";
	if (f->rate)
		return "throttled";
	if (f->limited)
		return "stopped by this server's own limit";
	if (f->untold)
		return "refused, and no reason given";
	return NULL;
}

/* A line about it is worth showing, what the receiver says before what we say. */
static void note_failure(struct load *l, const struct mail_delivery *d, const struct fate *f)
{
	const char *what = failure_text(f);
	uint64_t tag = f->spam ? 3 : f->unknown ? 2 : 1;
	if (what && d->line.number && tag >= l->failure_tag) {
		l->failure = d;
		l->failure_what = what;
		l->failure_tag = tag;
	}
}

/* Majority counting (Misra and Gries 1982): the ways that carry most of a sender's messages stay. */
static void note_via(struct identity *id, uint64_t via)
{
	struct via *least = id->via;
	for (uint32_t i = 0; i < VIA_MAX; i++) {
		if (id->via[i].hash == via && id->via[i].messages > 0) {
			id->via[i].messages++;
			return;
		}
		if (id->via[i].messages < least->messages)
			least = id->via + i;
	}
	if (least->messages == 0)
		*least = (struct via){via, 1};
	else
		least->messages--;
}

/* New to a login is new to the client that it came from: of such a client no set of its own is kept. */
static bool is_fresh(struct tally *t, const struct load *l, uint32_t party, uint64_t recipient)
{
	struct identity *id = l->party[party].id;
	if (party > 0 && id->kind == IDENTITY_CLIENT)
		return l->fresh;
	return seen_add(&t->ids, &id->seen, recipient);
}

void count_recipient(struct tally *t, struct load *l, const struct mail_delivery *d,
		     const struct recipient_hashes *hashes, const struct fate *f)
{
	sum_fate(&l->sum, f);
	note_failure(l, d, f);
	if (l->first.len == 0)
		note_first(l, d->recipient);
	for (uint32_t i = 0; i < l->party_count; i++) {
		struct party *p = l->party + i;
		if (p->id->kind == IDENTITY_SENDER)
			continue;
		l->fresh = is_fresh(t, l, i, hashes->address);
		p->hour->fresh += l->fresh;
		p->fresh += l->fresh;
		if (p->id->kind == IDENTITY_OUTSIDE || p->id->kind == IDENTITY_RELAY)
			seen_add(&t->ids, &p->id->domains, hashes->domain);
	}
}

static void stamp(struct identity *id, const struct mail_message *m)
{
	if (m->first_ms < id->first_ms)
		id->first_ms = m->first_ms;
	if (m->first_ms > id->last_ms)
		id->last_ms = m->first_ms;
}

/* @return its hour; NULL: no memory. */
static struct hour *add_forward(struct tally *t, const struct load *l, const struct mail_message *m,
				const struct mail_delivery *d, struct identity *id, const struct fate *f)
{
	struct hour *h = id ? identity_hour(&t->ids, id, l->at_ms) : NULL;
	struct load one = {0};
	struct fate own = *f;
	if (!h)
		return NULL;
	/* whichever domain it is, it came with what is forwarded, or hits all we send; and one mailbox that takes some
	 * messages and not others tells of those */
	own.spam |= f->domain_listed || f->untold;
	own.bad |= own.spam;
	own.domain_listed &= !f->spam;
	id->messages++;
	id->recipients++;
	h->messages++;
	sum_fate(&one.sum, &own);
	add_fates(h, &one.sum);
	h->domain_listed += own.domain_listed;
	h->untold += own.untold;
	stamp(id, m);
	id->accepted_again += f->delivered && id->last_listed;
	id->last_listed = f->delivered ? false : f->listed || id->last_listed;
	if (own.spam || f->listed)
		id->receiver = trouble_receiver(d->relay_name);
	h->fresh += seen_add(&t->ids, &id->seen, hash_name(d->recipient, 0));
	proof_keep(&t->ids, &id->accepts, ACCEPTS_MAX, h->hour, h->messages, &m->accept, "received for this address",
		   hash_name(m->sender, 0));
	note_failure(&one, d, f);
	if (one.failure)
		proof_keep(&t->ids, &id->failures, FAILURES_MAX, h->hour, h->bad, &d->line, one.failure_what,
			   one.failure_tag);
	return h;
}

void count_forward(struct tally *t, const struct load *l, const struct mail_message *m, const struct mail_delivery *d,
		   struct identity *id, const struct fate *f)
{
	struct hour *h = add_forward(t, l, m, d, id, f);
	if (h)
		h->senders += names_note(&t->ids, &id->senders, m->sender, h->hour, f->bad);
}

void count_catch_all(struct tally *t, const struct load *l, const struct mail_message *m, const struct mail_delivery *d,
		     struct span forwarder, const struct fate *f)
{
	struct span domain = address_domain(forwarder);
	if (domain.len == 0)
		return;
	struct span name = span_of(domain.at - 1, domain.len + 1); /* "@domain" */
	uint64_t hash = identity_hash(IDENTITY_FORWARD, l->host, name) ^ hash_name(d->recipient, 1);
	struct identity *id = identity_find(&t->ids, hash | 1);
	if (!id)
		id = identity_make(&t->ids, IDENTITY_FORWARD, l->host, name, hash | 1);
	struct hour *h = add_forward(t, l, m, d, id, f);
	if (!h)
		return;
	if (id->messages == 1)
		id->format = m->format;
	if (id->senders.count == 0)
		names_note(&t->ids, &id->senders, d->recipient, h->hour, f->bad);
	names_note(&t->ids, &id->logins, forwarder, h->hour, f->bad);
}

/* A login "alice" may send as alice@any of our domains; "alice@example.com" as itself. */
static bool is_own_sender(struct span login, struct span sender)
{
	if (span_equal_nocase(login, sender))
		return true;
	if (span_find(login, '@') < login.len)
		return false;
	sender.len = span_find(sender, '@');
	return span_equal_nocase(login, sender);
}

static const char *accept_text(enum identity_kind k)
{
	switch (k) {
	case IDENTITY_LOGIN:
		return "accepted with this login";
	case IDENTITY_SCRIPT:
		return "handed over by a program on this host";
	case IDENTITY_CLIENT:
		return "accepted from this client";
	case IDENTITY_OUTSIDE:
	case IDENTITY_RELAY:
		return "accepted from a stranger, for strangers";
	case IDENTITY_NOTICE:
		return "notice sent";
	default:
		return "accepted";
	}
}

/* Postfix writes "unknown" where the name does not lead back to the address. */
static bool is_reverse_name(struct span name)
{
	return name.len > 0 && !span_equal_nocase(name, span_str("unknown"));
}

static void note_names(struct tally *t, struct load *l, struct party *p, const struct mail_message *m)
{
	struct identity *id = p->id;
	bool bad = l->sum.bad > 0;
	if (id->kind == IDENTITY_SENDER) {
		note_via(id, l->via);
		id->with_tag += l->sender.len != m->sender.len;
		p->hour->other += m->login.len > 0 && !is_own_sender(m->login, m->sender);
		return;
	}
	if (id->kind == IDENTITY_NOTICE) {
		names_note(&t->ids, &id->senders, l->about, p->hour->hour, bad);
		return;
	}
	if (m->sender.len > 0) {
		p->hour->senders += names_note(&t->ids, &id->senders, l->sender, p->hour->hour, bad);
		p->hour->other += id->kind == IDENTITY_LOGIN && !l->own_sender && !is_own_sender(m->login, m->sender);
	}
	if (id->kind == IDENTITY_CLIENT && m->login.len > 0) {
		id->with_login++;
		names_note(&t->ids, &id->logins, m->login, p->hour->hour, bad);
	}
	if (id->kind == IDENTITY_OUTSIDE && id->logins.count < REVERSE_NAMES_MAX && is_reverse_name(m->client_name))
		names_note(&t->ids, &id->logins, m->client_name, p->hour->hour, bad);
	if (m->helo.len > 0)
		id->helos |= 1ULL << (hash_name(m->helo, 0) >> 58);
}

static bool is_near(int64_t a_ms, int64_t b_ms, int64_t within_ms)
{
	return a_ms - b_ms <= within_ms && b_ms - a_ms <= within_ms;
}

/* A mail merge puts names into one text: its length stays within some tens of octets. */
static bool is_alike(uint64_t size, uint64_t before)
{
	uint64_t apart = size > before ? size - before : before - size;
	return apart <= before / 50 + 48; /* where no size is told they are all alike */
}

/* "LOGIN"; Exim writes its authenticator's name: "dovecot_login". */
static bool is_by_login(struct span method)
{
	return method.len >= 5 && span_equal_nocase(span_from(method, method.len - 5), span_str("LOGIN"));
}

/* How fast they follow, and whether it is one text to one after the other. */
static void note_rhythm(struct hour *h, const struct previous_message *q, const struct previous_message *now)
{
	bool same = now->first[0] == q->first[0] && now->first[1] == q->first[1] && (now->first[0] || now->first[1]);
	bool later = now->first[0] != q->first[0] ? now->first[0] > q->first[0] : now->first[1] > q->first[1];
	bool alike = is_alike(now->size, q->size) && !same;
	bool run = is_near(now->at_ms, q->at_ms, RUN_MS) && alike;
	bool rapid = is_near(now->at_ms, q->at_ms, RAPID_MS);
	h->rapid += rapid;
	if (rapid && now->network && q->network && now->network != q->network)
		h->switches++;
	h->alike += alike && now->size > 0;
	h->run += run;
	h->sorted += run && later;
}

/* What a message is to the one before it of the same identity. */
static void note_run(const struct load *l, struct party *p, const struct mail_message *m)
{
	struct previous_message *q = &p->id->previous;
	struct hour *h = p->hour;
	struct previous_message now = {.at_ms = m->first_ms, .size = m->size};
	now.network = l->loopback ? 0 : l->network; /* a webmail's own address: whoever sits behind it */
	now.first[0] = l->first_octets[0];
	now.first[1] = l->first_octets[1];
	if (q->at_ms)
		note_rhythm(h, q, &now);
	now.paired = l->here > 0 || (q->here_ms && is_near(now.at_ms, q->here_ms, PAIR_MS));
	now.here_ms = now.paired ? 0 : q->here_ms;
	h->pairs += now.paired;
	h->by_login += is_by_login(m->method);
	*q = now;
}

void count_here(struct tally *t, const struct load *l, struct identity *id, const struct mail_message *m)
{
	struct previous_message *q = &id->previous;
	if (!q->at_ms || q->paired || !is_near(m->first_ms, q->at_ms, PAIR_MS)) {
		q->here_ms = m->first_ms;
		return;
	}
	struct hour *h = identity_hour(&t->ids, id, q->at_ms);
	if (h)
		h->pairs++;
	q->paired = true;
}

static void finish_party(struct tally *t, struct load *l, struct party *p, const struct mail_message *m)
{
	struct identity *id = p->id;
	struct hour *h = p->hour;
	struct network *n = NULL;
	id->messages++;
	id->recipients += l->sum.recipients;
	id->with_here += l->here > 0;
	if (l->tricks) /* what is rare stands far off, and is not fetched for nothing */
		id->tricks += l->tricks;
	h->messages++;
	add_fates(h, &l->sum);
	stamp(id, m);
	if (m->client.family && id->kind != IDENTITY_NOTICE)
		n = identity_network(&t->ids, id, h->hour, h, &m->client,
				     id->kind == IDENTITY_LOGIN ? network_owner(m->client_name) : 0);
	if (n) {
		n->messages++;
		n->recipients += l->sum.recipients;
		n->fresh += p->fresh;
	}
	note_names(t, l, p, m);
	note_run(l, p, m);
	uint64_t tag = m->client.family ? l->network : hash_name(m->sender, 0);
	proof_keep(&t->ids, &id->accepts, ACCEPTS_MAX, h->hour, h->recipients, &m->accept, accept_text(id->kind), tag);
	if (l->failure)
		proof_keep(&t->ids, &id->failures, FAILURES_MAX, h->hour, h->bad, &l->failure->line, l->failure_what,
			   l->failure_tag);
}

void load_finish(struct tally *t, struct load *l, const struct mail_message *m)
{
	for (uint32_t i = 0; i < l->party_count; i++)
		finish_party(t, l, l->party + i, m);
}
