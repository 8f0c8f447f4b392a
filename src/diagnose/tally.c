/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to identities: who sent it, and which of its recipients are elsewhere. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/count.h"
#include "diagnose/hash.h"
#include "diagnose/limits.h"
#include "diagnose/words.h"
#include "logparse/format.h"

void tally_init(struct tally *t, const struct diagnose_options *o)
{
	*t = (struct tally){.o = o, .from_ms = INT64_MAX, .to_ms = INT64_MIN};
	places_init(&t->places, o);
	blocks_init(&t->blocks);
}

void tally_release(struct tally *t)
{
	places_release(&t->places);
	identities_release(&t->ids);
	blocks_release(&t->blocks);
	listed_release(&t->listed);
	whole_release(&t->whole);
	troubles_release(&t->troubles);
	recent_release(&t->recent);
	free(t->hashes);
	for (uint32_t i = 0; i < t->host_count; i++)
		free(t->hosts[i]);
}

int tally_error(const struct tally *t)
{
	bool short_of = t->places.error || t->ids.error || t->blocks.error || t->listed.error || t->whole.error ||
			t->troubles.error || t->recent.error;
	return short_of ? -ENOMEM : 0;
}

static const char *host_add(struct tally *t, struct span host, uint32_t slot)
{
	char *copy = t->host_count < HOSTS_MAX ? words_keep(host, NAME_LEN_MAX) : NULL;
	if (!copy)
		return ""; /* too many to tell apart */
	t->hosts[t->host_count] = copy;
	t->host_slots[slot] = (uint16_t)++t->host_count;
	return copy;
}

static const char *remember(struct tally *t, const char *host)
{
	t->host_last_len = strlen(host);
	return t->host_last = host;
}

const char *tally_host(struct tally *t, struct span host)
{
	if (host.len > NAME_LEN_MAX)
		host.len = NAME_LEN_MAX;
	if (t->host_last && span_equal_nocase(span_of(t->host_last, t->host_last_len), host))
		return t->host_last;
	uint32_t mask = 2 * HOSTS_MAX - 1, slot = (uint32_t)hash_name(host, 1) & mask;
	for (; t->host_slots[slot]; slot = (slot + 1) & mask)
		if (span_equal_nocase(span_str(t->hosts[t->host_slots[slot] - 1]), host))
			return remember(t, t->hosts[t->host_slots[slot] - 1]);
	return remember(t, host_add(t, host, slot));
}

/* A server inside (Exchange) bounces through us: an empty sender, to somebody who has just written to it. */
static bool is_notice_from_inside(const struct tally *t, const struct load *l, const struct mail_message *m)
{
	int64_t wrote_ms;
	if (m->origin != ORIGIN_CLIENT || !l->inside || !m->has_sender || m->sender.len > 0 || m->delivery_count != 1)
		return false;
	return recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms).len > 0;
}

/* A filter or program that speaks SMTP to this host answers at once, under an address of its own ("virusalert@"). */
static bool is_notice_of_filter(const struct tally *t, const struct load *l, const struct mail_message *m)
{
	int64_t wrote_ms = 0;
	if (m->origin != ORIGIN_CLIENT || !l->loopback || m->sender.len == 0 || m->delivery_count != 1 ||
	    m->link == LINK_FORWARD)
		return false;
	struct span domain = address_domain(m->sender);
	return (places_own(&t->places, domain) || places_of_host(l->host, domain)) &&
	       recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms).len > 0 &&
	       m->first_ms - wrote_ms <= ANSWER_WITHIN_MS;
}

static bool is_notice(const struct tally *t, const struct load *l, const struct mail_message *m)
{
	if (is_notice_from_inside(t, l, m) || is_notice_of_filter(t, l, m))
		return true;
	if (m->origin == ORIGIN_LOCAL && m->has_sender && m->sender.len > 0)
		return answer_of(t, m).len > 0;
	return m->origin == ORIGIN_NOTICE ||
	       (m->origin == ORIGIN_LOCAL && m->has_sender && m->sender.len == 0 && m->link != LINK_FORWARD);
}

/* ---- ways of a recipient ---- */

/* An 'x' stands in few replies, and the last two need one. */
bool says_unknown_user(struct span reply)
{
	if (part_find(reply, "nknown") &&
	    (part_find(reply, "nknown user") || part_find(reply, "ser unknown") ||
	     part_find(reply, "nknown recipient") || part_find(reply, "ecipient unknown")))
		return true;
	if (part_find(reply, "o such user"))
		return true;
	return reply.len && memchr(reply.at, 'x', reply.len) &&
	       (part_find(reply, "o mailbox here") || part_find(reply, "oes not exist"));
}

/* No relay is told: it failed before any was reached. Whose domain is it? */
static enum way way_without_relay(struct tally *t, const struct mail_delivery *d)
{
	struct span domain = address_domain(d->recipient);
	if (domain.len > 0 && !d->remote_reply && says_unknown_user(d->reply)) {
		struct domain_seen *own = places_domain(&t->places, hash_name(domain, 0), true);
		if (own) /* only who serves a domain knows its users */
			places_serve(&t->places, own);
		return WAY_HERE;
	}
	if (d->outcome == OUTCOME_SENT || domain.len == 0 || places_own(&t->places, domain))
		return WAY_HERE;
	return WAY_OUT;
}

/* It went to our own filter and came back. */
static void note_hop(struct tally *t, const struct mail_delivery *d)
{
	bool inside = d->relay.family && places_inside(&t->places, &d->relay);
	struct inside_relay *r = inside ? places_relay(&t->places, &d->relay) : NULL;
	if (r)
		r->hops++;
}

/* Thrown away by our own filter, or kept in the queue before any try: of what strangers bring it cannot be said that it
 * was to go out. */
static bool goes_nowhere(const struct mail_delivery *d, bool outside)
{
	switch (d->outcome) {
	case OUTCOME_DISCARDED:
		return outside || d->relay.family;
	case OUTCOME_HELD:
	case OUTCOME_WAITING:
	case OUTCOME_REMOVED:
		return outside && !d->relay.family;
	default:
		return false;
	}
}

static enum way way_of(struct tally *t, const struct mail_delivery *d, bool outside, struct inside_relay **ret_store)
{
	*ret_store = NULL;
	if (d->hop) {
		note_hop(t, d);
		return WAY_NOWHERE;
	}
	if (d->outcome == OUTCOME_NONE || goes_nowhere(d, outside))
		return WAY_NOWHERE;
	if (d->transport == TRANSPORT_LOCAL || d->transport == TRANSPORT_PIPE)
		return WAY_HERE;
	if (d->transport == TRANSPORT_NONE || !d->relay.family)
		return d->transport == TRANSPORT_SMTP && d->relay_name.len > 0 ? WAY_OUT : way_without_relay(t, d);
	if (!places_inside(&t->places, &d->relay))
		return WAY_OUT;
	struct inside_relay *r = places_relay(&t->places, &d->relay);
	if (r && places_relay_filters(r))
		return WAY_NOWHERE;
	if (r && places_relay_note(r, hash_name(address_domain(d->recipient), 0), outside))
		return WAY_OUT;
	*ret_store = r;
	return WAY_STORE;
}

/* qmail and pipes into programs: a new message under a stranger's sender address, right after that stranger's mail was
 * delivered to a local address, is that mail. */
static struct span handed_on_by(const struct tally *t, const struct mail_message *m)
{
	int64_t wrote_ms = 0;
	if (m->origin != ORIGIN_LOCAL || m->sender.len == 0 || m->script.len > 0 || m->directory.len > 0 ||
	    places_own(&t->places, address_domain(m->sender)))
		return (struct span){NULL, 0};
	struct span local = recent_find(&t->recent, m->sender, m->first_ms, &wrote_ms);
	bool handed = m->first_ms - wrote_ms <= ANSWER_WITHIN_MS && span_find(local, '@') < local.len;
	return handed ? local : (struct span){NULL, 0};
}

/* The local address that sends this recipient on; empty: none does. */
static struct span forwarder_of(const struct tally *t, const struct mail_message *m, const struct mail_delivery *d,
				bool outside)
{
	if (m->link == LINK_FORWARD)
		return m->link_address.len ? m->link_address : d->original;
	if (d->forwarded)
		return d->original.len ? d->original : m->link_address;
	if (d->original.len == 0 || span_equal_nocase(d->original, d->recipient) ||
	    span_equal_nocase(d->original, m->sender))
		return handed_on_by(t, m);
	bool ours = outside || places_own(&t->places, address_domain(d->original));
	return ours ? d->original : (struct span){NULL, 0};
}

void mail_add(struct diagnose_mail *to, const struct diagnose_mail *more)
{
	to->messages += more->messages;
	to->recipients += more->recipients;
	to->delivered += more->delivered;
	to->rejected += more->rejected;
	to->deferred += more->deferred;
	to->failed += more->failed;
	to->expired += more->expired;
	to->waiting += more->waiting;
	to->held += more->held;
	to->removed += more->removed;
	to->discarded += more->discarded;
}

static uint64_t *mail_outcome(struct diagnose_mail *mail, enum mail_outcome outcome, bool rejected)
{
	switch (outcome) {
	case OUTCOME_SENT:
		return &mail->delivered;
	case OUTCOME_DEFERRED:
		return &mail->deferred;
	case OUTCOME_BOUNCED:
		return rejected ? &mail->rejected : &mail->failed;
	case OUTCOME_EXPIRED:
		return &mail->expired;
	case OUTCOME_HELD:
		return &mail->held;
	case OUTCOME_REMOVED:
		return &mail->removed;
	case OUTCOME_DISCARDED:
		return &mail->discarded;
	default:
		return &mail->waiting;
	}
}

static void count_mail(struct diagnose_mail *mail, const struct fate *f)
{
	mail->recipients++;
	*mail_outcome(mail, f->outcome, f->rejected) += 1;
}

static void note_here(struct tally *t, const struct mail_delivery *d)
{
	struct span domain = address_domain(d->original.len ? d->original : d->recipient);
	struct domain_seen *s = domain.len ? places_domain(&t->places, hash_name(domain, 0), true) : NULL;
	if (s && d->transport != TRANSPORT_NONE) {
		places_serve(&t->places, s);
		s->mailbox += d->transport == TRANSPORT_LOCAL;
	}
}

static void note_store(struct tally *t, struct inside_relay *store, const struct mail_delivery *d, bool outside)
{
	struct fate f = {.outcome = d->outcome};
	f.rejected = d->outcome == OUTCOME_BOUNCED && d->remote_reply && d->code / 100 == 5;
	if (store)
		count_mail(&store->mail, &f);
	struct span domain = address_domain(d->original.len ? d->original : d->recipient);
	struct domain_seen *s = outside && domain.len ? places_domain(&t->places, hash_name(domain, 0), true) : NULL;
	if (s)
		places_store(&t->places, s);
}

/* ---- a message ---- */

/* A stranger writes an address of ours that holds the real one, and the server sends on to that: "user%domain@",
 * "domain!user@", or a reverse path of the Sender Rewriting Scheme that we never made. Real ones come back as bounces,
 * with an empty sender. */
static bool is_trick(const struct mail_message *m, const struct mail_delivery *d)
{
	struct span local = d->original, domain = address_domain(d->recipient);
	local.len = span_find(local, '@');
	if (local.len == 0 || domain.len == 0 || !memmem(local.at, local.len, domain.at, domain.len))
		return false;
	bool srs = local.len > 5 && strncasecmp((const char *)local.at, "SRS", 3) == 0 &&
		   (local.at[3] == '0' || local.at[3] == '1') && memchr("=+-", local.at[4], 3);
	return srs ? m->sender.len > 0 : memchr(local.at, '%', local.len) || memchr(local.at, '!', local.len);
}

/* "relay=192.0.2.7[192.0.2.7]:25", "[192.0.2.7]": a route that an administrator wrote, as no MX has such a name. */
static bool is_literal(struct span relay_name)
{
	struct addr a;
	if (relay_name.len > 2 && relay_name.at[0] == '[')
		relay_name = span_of(relay_name.at + 1, relay_name.len - 2);
	return relay_name.len > 0 && addr_parse(relay_name, &a) == 0;
}

static void note_relayed(struct tally *t, const struct mail_message *m, const struct mail_delivery *d,
			 const struct recipient_hashes *h, const struct fate *f)
{
	struct domain_seen *s = places_domain(&t->places, h->domain, true);
	uint32_t hour = hour_of(m->first_ms);
	if (!s)
		return;
	if (s->outside == 0 || hour < s->first_hour)
		s->first_hour = hour;
	if (hour > s->last_hour)
		s->last_hour = hour;
	s->outside++;
	s->waited += d->tries > 1 || d->outcome == OUTCOME_DEFERRED;
	s->literal += is_literal(d->relay_name);
	if (f->unknown || f->spam) {
		s->bad++;
		t->relayed_bad++;
		t->relayed_bad_most = s->bad > t->relayed_bad_most ? s->bad : t->relayed_bad_most;
	}
	s->boxes |= 1ULL << (h->address >> 58);
	s->clients |= 1ULL << (hash_network(&m->client, true) >> 58);
}

static void note_unreached(struct tally *t, const struct mail_delivery *d)
{
	if (!limits_unreached(d))
		return;
	t->unreached++;
	t->unreached_at |= 1ULL << (hash_name(address_domain(d->recipient), 0) >> 58);
}

/* Sendmail names neither the alias nor the table that sends on. All that clients outside bring for a domain elsewhere goes
 * to one mailbox: there is an address here that does. */
static void count_target(struct tally *t, const struct load *l, const struct mail_message *m,
			 const struct mail_delivery *d, const struct recipient_hashes *h, const struct fate *f)
{
	const struct domain_seen *s = m->format == FORMAT_SENDMAIL ? places_find(&t->places, h->domain) : NULL;
	if (!s || __builtin_popcountll(s->boxes) != 1)
		return;
	struct identity *id = load_identity(t, l, IDENTITY_FORWARD, d->recipient, m);
	if (id)
		id->is_target = true;
	count_forward(t, l, m, d, id, f);
}

/* @param f  NULL: it was forwarded. */
static void note_from_here(struct tally *t, const struct load *l, const struct mail_message *m,
			   const struct mail_delivery *d, const struct fate *f)
{
	next_hops_note(&t->next_hops, d);
	if (f && !l->notice)
		whole_note(&t->whole, m->sender, d, f);
}

static void take_recipient(struct tally *t, struct load *l, const struct mail_message *m, const struct mail_delivery *d,
			   const struct recipient_hashes *h)
{
	struct fate f;
	fate_of(t->o->receivers, d, &f);
	count_mail(&t->mail, &f);
	t->identity_replies += f.identity;
	note_unreached(t, d);
	blocks_note(&t->blocks, d, &f);
	listed_note(&t->listed, d, &f, h->relay);
	struct span forwarder = l->notice ? (struct span){NULL, 0} : forwarder_of(t, m, d, l->outside);
	bool trick = l->outside && is_trick(m, d);
	trouble_note(&t->troubles, d, &f, h->trouble, forwarder.len > 0 && !trick);
	if (!l->outside)
		note_from_here(t, l, m, d, forwarder.len == 0 ? &f : NULL);
	if (forwarder.len > 0 && !trick) {
		if (!f.delivered)
			recent_note(&t->recent, m->sender, (struct span){NULL, 0}, m->first_ms);
		count_forward(t, l, m, d, load_identity(t, l, IDENTITY_FORWARD, forwarder, m), &f);
		count_catch_all(t, l, m, d, forwarder, &f);
		return;
	}
	if (l->outside) {
		/* of the notice about it, which may not name it, the domain is known then */
		if (f.bad)
			recent_note(&t->recent, m->sender, address_domain(d->recipient), m->first_ms);
		note_relayed(t, m, d, h, &f);
		if (places_own_hash(&t->places, h->domain))
			return; /* a domain that is relayed for */
		count_target(t, l, m, d, h, &f);
		l->mixed |= l->relayed > 0 && h->domain != l->relayed_to;
		l->relayed_to = h->domain;
		l->relayed++;
		l->tricks += trick;
	}
	if (!l->ready) {
		l->ready = true;
		if (l->notice)
			load_notice_party(t, l, m);
		else
			load_parties(t, l, m);
	}
	count_recipient(t, l, d, h, &f);
}

static void see(struct tally *t, int64_t at_ms)
{
	if (at_ms < t->from_ms)
		t->from_ms = at_ms;
	if (at_ms > t->to_ms)
		t->to_ms = at_ms;
}

/* Recipients that no line names yet: who sent it tells whether it is outgoing. */
static bool take_unnamed(struct tally *t, struct load *l, const struct mail_message *m)
{
	bool from_here =
		m->origin == ORIGIN_LOGIN || m->origin == ORIGIN_LOCAL || (m->origin == ORIGIN_CLIENT && l->inside);
	if (!m->unnamed || l->notice || !from_here)
		return false;
	t->mail.recipients += m->unnamed;
	*mail_outcome(&t->mail, m->unnamed_outcome, false) += m->unnamed;
	if (!l->ready)
		load_parties(t, l, m);
	l->ready = true;
	count_unnamed(l, m->unnamed, m->unnamed_outcome);
	return true;
}

/* What an inside client brings for us says whether it is a gateway: people inside write under our own domains. */
static void note_inward(struct tally *t, const struct load *l, const struct mail_message *m)
{
	struct span domain = address_domain(m->sender);
	struct gateway_seen *g = gateway_get(&t->gateways, l->host, &m->client);
	if (!g)
		return;
	gateway_note_helo(g, m->helo);
	if (!places_own(&t->places, domain) && !places_of_host(l->host, domain))
		gateway_note_in(g, domain, address_domain(m->deliveries[0].recipient));
}

static void add_returned(struct tally *t, const struct load *l, enum identity_kind kind, struct span name)
{
	struct identity *id = name.len ? identity_get(&t->ids, kind, l->host, name, false) : NULL;
	struct hour *h = id ? identity_hour(&t->ids, id, l->at_ms) : NULL;
	if (h)
		h->returned++;
}

/* A notice of our own relay host, which took the message at first: a failure of what its recipient had sent. Anybody may
 * write a notice; this one is from the host that our mail goes to. */
static void note_returned(struct tally *t, const struct load *l, const struct mail_message *m,
			  const struct mail_delivery *d)
{
	uint32_t relay = l->outside && m->has_sender && m->sender.len == 0 ? next_hops_relay(&t->next_hops) : 0;
	if (relay == 0 || m->client_name.len == 0 || trouble_receiver(m->client_name) != relay)
		return;
	struct span name = d->original.len ? d->original : d->recipient, local = name;
	local.len = span_find(name, '@');
	add_returned(t, l, IDENTITY_SENDER, name);
	add_returned(t, l, IDENTITY_LOGIN, name);
	if (local.len < name.len)
		add_returned(t, l, IDENTITY_LOGIN, local);
}

static void note_wrote(struct tally *t, const struct mail_message *m, const struct mail_delivery *d)
{
	struct span local = d->original.len ? d->original : d->recipient;
	if (d->outcome == OUTCOME_BOUNCED)
		recent_note_failed(&t->recent, m->sender, local, m->first_ms);
	else
		recent_note(&t->recent, m->sender, local, m->first_ms);
}

/* @param store  of a mail store inside; NULL: there were too many. */
static void take_inward(struct tally *t, struct load *l, const struct mail_message *m, const struct mail_delivery *d,
			bool to_store, struct inside_relay *store)
{
	if (to_store)
		note_store(t, store, d, l->outside);
	else
		note_here(t, d);
	l->here++;
	note_returned(t, l, m, d);
	if (l->outside || m->origin == ORIGIN_UNKNOWN || m->format == FORMAT_QMAIL)
		note_wrote(t, m, d);
}

/* One recipient on its way. @return it goes out. */
static bool take_delivery(struct tally *t, struct load *l, const struct mail_message *m, size_t i,
			  struct inside_relay **kept_by)
{
	struct inside_relay *store;
	enum way way = way_of(t, m->deliveries + i, l->outside, &store);
	*kept_by = store ? store : *kept_by;
	if (way == WAY_HERE || way == WAY_STORE)
		take_inward(t, l, m, m->deliveries + i, way == WAY_STORE, store);
	else if (way == WAY_OUT)
		take_recipient(t, l, m, m->deliveries + i, l->hashes + i);
	else if (l->outside && !m->deliveries[i].hop) /* a filter may answer what it threw away */
		recent_note(&t->recent, m->sender, m->deliveries[i].recipient, m->first_ms);
	return way == WAY_OUT;
}

/* It had recipients of this host. */
static void take_here(struct tally *t, struct load *l, const struct mail_message *m, bool out)
{
	if (l->inside && m->origin == ORIGIN_CLIENT)
		note_inward(t, l, m);
	struct identity *script = out ? NULL : load_known_script(t, l, m);
	if (script)
		count_here(t, l, script, m);
}

/* Did somebody elsewhere write to people here? */
static bool is_inward(const struct tally *t, const struct load *l, const struct mail_message *m)
{
	struct span domain = address_domain(m->sender);
	return l->here > 0 && m->link == LINK_NONE && domain.len > 0 && !places_own(&t->places, domain) &&
	       !places_of_host(l->host, domain);
}

static void one_message(struct tally *t, const struct mail_message *m, struct load *l)
{
	struct inside_relay *kept_by = NULL; /* counted there until it is known whether that is a way out */
	uint64_t out = 0;
	l->notice = is_notice(t, l, m);
	see(t, m->first_ms);
	see(t, m->last_ms);
	t->by_format[m->format < FORMAT_COUNT ? m->format : 0]++;
	t->accepted_outside += l->outside;
	for (size_t i = 0; i < m->delivery_count; i++)
		out += take_delivery(t, l, m, i, &kept_by);
	out += take_unnamed(t, l, m);
	if (out) {
		t->mail.messages++;
		t->by_hour[hour_of(m->first_ms) % 24]++;
	} else if (kept_by) {
		kept_by->mail.messages++;
	}
	if (l->here)
		take_here(t, l, m, out > 0);
	if (m->format == FORMAT_QMAIL)
		queue_users_note(&t->queue_users, l->host, m, out == 0 && is_inward(t, l, m));
	t->relayed_several += l->relayed > 1;
	t->relayed_mixed += l->mixed;
	load_finish(t, l, m);
}

void tally_messages(struct tally *t, const struct mail_message *m, size_t count)
{
	struct load loads[MAIL_MESSAGES_MAX];
	if (!look_ahead(t, m, count, loads))
		return;
	for (size_t i = 0; i < count; i++)
		one_message(t, m + i, loads + i);
	identities_shed(&t->ids);
}
