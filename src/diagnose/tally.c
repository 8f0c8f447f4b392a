/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to identities: who sent it, and which of its recipients are elsewhere. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/count.h"
#include "diagnose/hash.h"
#include "diagnose/tally.h"

enum { UID_QMAILD = 7791 }; /* what came by SMTP, as INSTALL.ids of qmail numbers it */

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
	recent_release(&t->recent);
	for (uint32_t i = 0; i < t->host_count; i++)
		free(t->hosts[i]);
}

int tally_error(const struct tally *t)
{
	bool short_of = t->places.error || t->ids.error || t->blocks.error || t->listed.error || t->recent.error;
	return short_of ? -ENOMEM : 0;
}

static const char *host_add(struct tally *t, struct span host, uint32_t slot)
{
	char *copy = t->host_count < HOSTS_MAX ? malloc(host.len + 1) : NULL;
	if (!copy)
		return ""; /* too many to tell apart */
	for (size_t i = 0; i < host.len; i++)
		copy[i] = host.at[i] ? (char)host.at[i] : '?';
	copy[host.len] = '\0';
	t->hosts[t->host_count] = copy;
	t->host_slots[slot] = (uint16_t)++t->host_count;
	return copy;
}

/* Each host's name once, so that identities can point to it. */
static const char *host_of(struct tally *t, struct span host)
{
	if (host.len > NAME_LEN_MAX)
		host.len = NAME_LEN_MAX;
	if (t->host_last && span_equal_nocase(span_str(t->host_last), host))
		return t->host_last;
	uint32_t mask = 2 * HOSTS_MAX - 1, slot = (uint32_t)hash_name(host, 1) & mask;
	for (; t->host_slots[slot]; slot = (slot + 1) & mask)
		if (span_equal_nocase(span_str(t->hosts[t->host_slots[slot] - 1]), host))
			return t->host_last = t->hosts[t->host_slots[slot] - 1];
	return t->host_last = host_add(t, host, slot);
}

static bool is_outside_client(const struct tally *t, const struct mail_message *m)
{
	return m->origin == ORIGIN_CLIENT && m->client.family && !places_inside(&t->places, &m->client);
}

static struct span answer_of(const struct tally *t, const struct mail_message *m);

static bool is_notice(const struct tally *t, const struct mail_message *m)
{
	if (m->origin == ORIGIN_LOCAL && m->has_sender && m->sender.len > 0)
		return answer_of(t, m).len > 0;
	return m->origin == ORIGIN_NOTICE ||
	       (m->origin == ORIGIN_LOCAL && m->has_sender && m->sender.len == 0 && m->link != LINK_FORWARD);
}

/* ---- ways of a recipient ---- */

static bool says_unknown_user(struct span reply)
{
	static const char *const words[] = {"nknown user",      "ser unknown",    "o such user",  "nknown recipient",
					    "ecipient unknown", "o mailbox here", "oes not exist"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(reply.at, reply.len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* No relay is told: it failed before any was reached. Whose domain is it? */
static enum way way_without_relay(struct tally *t, const struct mail_delivery *d)
{
	struct span domain = address_domain(d->recipient);
	if (domain.len > 0 && !d->remote_reply && says_unknown_user(d->reply)) {
		struct domain_seen *own = places_domain(&t->places, hash_name(domain, 0), true);
		if (own) /* only who serves a domain knows its users */
			own->local++;
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

static enum way way_of(struct tally *t, const struct mail_delivery *d, bool outside, struct inside_relay **ret_store)
{
	*ret_store = NULL;
	if (d->hop) {
		note_hop(t, d);
		return WAY_NOWHERE;
	}
	if (d->outcome == OUTCOME_DISCARDED || d->outcome == OUTCOME_HELD || d->outcome == OUTCOME_NONE)
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
	return m->first_ms - wrote_ms <= ANSWER_WITHIN_MS ? local : (struct span){NULL, 0};
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

static void count_mail(struct diagnose_mail *mail, const struct fate *f)
{
	mail->recipients++;
	mail->delivered += f->delivered;
	mail->rejected += f->rejected;
	mail->deferred += f->deferred;
}

static void note_here(struct tally *t, const struct mail_delivery *d)
{
	struct span domain = address_domain(d->original.len ? d->original : d->recipient);
	struct domain_seen *s = domain.len ? places_domain(&t->places, hash_name(domain, 0), true) : NULL;
	if (s && d->transport != TRANSPORT_NONE) {
		s->local++;
		s->mailbox += d->transport == TRANSPORT_LOCAL;
	}
}

static void note_store(struct tally *t, struct inside_relay *store, const struct mail_delivery *d, bool outside)
{
	struct fate f = {.delivered = d->outcome == OUTCOME_SENT, .deferred = d->outcome == OUTCOME_DEFERRED};
	f.rejected = d->outcome == OUTCOME_BOUNCED && d->remote_reply && d->code / 100 == 5;
	if (store)
		count_mail(&store->mail, &f);
	if (outside)
		note_here(t, d);
}

/* ---- who ---- */

static struct span client_text(const struct addr *a, char text[ADDR_TEXT_SIZE])
{
	addr_text(a, text);
	return span_str(text);
}

/* The smallest name that the log has: the script, else its folder, else the system user. */
static struct span script_name(struct tally *t, const char *host, const struct mail_message *m,
			       char text[USER_TEXT_SIZE])
{
	if (m->script.len > 0)
		return m->script;
	if (m->directory.len > 0)
		return m->directory;
	struct span user = system_user_of(&t->users, m, host, text);
	if (user.len > 0)
		return user;
	return m->client.family ? client_text(&m->client, text) : span_str("local");
}

static struct identity *get(struct tally *t, enum identity_kind kind, const char *host, struct span name,
			    const struct mail_message *m)
{
	struct identity *id = identity_get(&t->ids, kind, host, name, true);
	if (id && id->messages == 0) {
		id->format = m->format;
		id->client = m->client;
	}
	return id;
}

static void parties_of_client(struct tally *t, struct load *l, const struct mail_message *m)
{
	char text[USER_TEXT_SIZE];
	struct span name = client_text(&m->client, text);
	if (l->outside) {
		load_party(t, l, get(t, IDENTITY_OUTSIDE, l->host, name, m));
		load_party(t, l, get(t, IDENTITY_RELAY, l->host, (struct span){NULL, 0}, m));
	} else if (addr_kind(&m->client) == ADDR_LOOPBACK) {
		load_party(t, l, get(t, IDENTITY_SCRIPT, l->host, script_name(t, l->host, m, text), m));
	} else {
		load_party(t, l, get(t, IDENTITY_CLIENT, l->host, name, m));
	}
}

static void parties_of_login(struct tally *t, struct load *l, const struct mail_message *m)
{
	char text[ADDR_TEXT_SIZE];
	load_party(t, l, get(t, IDENTITY_LOGIN, l->host, m->login, m));
	if (places_inside(&t->places, &m->client) && addr_kind(&m->client) != ADDR_LOOPBACK)
		load_party(t, l, get(t, IDENTITY_CLIENT, l->host, client_text(&m->client, text), m));
}

static bool is_digit_run(struct span s, size_t at)
{
	enum { RUN = 4 };
	for (size_t i = at; i < at + RUN; i++)
		if (i >= s.len || s.at[i] < '0' || s.at[i] > '9')
			return false;
	return true;
}

/* The envelope sender without what changes from message to message: VERP's recipient ("bounce-user=example.net@",
 * "news+user=example.net@"), a counter of four digits and more. */
static struct span sender_name(struct span sender, char text[NAME_LEN_MAX + 1])
{
	static const char batv[] = "prvs="; /* prvs=tag=user@domain: the same user under a tag that changes daily */
	if (sender.len > sizeof(batv) && memcmp(sender.at, batv, sizeof(batv) - 1) == 0) {
		struct span rest = span_from(sender, sizeof(batv) - 1);
		size_t tag = span_find(rest, '=');
		if (tag < span_find(rest, '@'))
			sender = span_from(rest, tag + 1);
	}
	size_t at = span_find(sender, '@'), n = 0;
	bool verp = span_find(sender, '=') < at;
	for (size_t i = 0; i < sender.len && n < NAME_LEN_MAX; i++) {
		uint8_t c = sender.at[i];
		if (i > 0 && i < at && (c == '+' || (verp && (c == '-' || c == '='))))
			i = at, c = '@';
		if (i < at && is_digit_run(sender, i)) {
			while (i + 1 < at && sender.at[i + 1] >= '0' && sender.at[i + 1] <= '9')
				i++;
			c = '#';
		}
		if (i < sender.len)
			text[n++] = (char)c;
	}
	return span_of(text, n);
}

static void parties(struct tally *t, struct load *l, const struct mail_message *m)
{
	char user[USER_TEXT_SIZE];
	if (m->sender.len > 0)
		l->sender = sender_name(m->sender, l->sender_text);
	if (m->origin == ORIGIN_LOGIN && m->login.len > 0)
		parties_of_login(t, l, m);
	else if (m->origin == ORIGIN_LOCAL && !(m->format == FORMAT_QMAIL && m->uid == UID_QMAILD))
		load_party(t, l, get(t, IDENTITY_SCRIPT, l->host, script_name(t, l->host, m, user), m));
	else if (m->origin == ORIGIN_CLIENT && m->client.family)
		parties_of_client(t, l, m);
	else
		t->no_arrival++;
	/* a login's mail under its own address is that login's already */
	bool own = m->origin == ORIGIN_LOGIN && span_equal_nocase(m->sender, m->login);
	if (m->sender.len > 0 && !l->outside && !own) {
		uint64_t via = l->party_count > 0 ? l->party[0].id->hash : 0;
		load_party(t, l, get(t, IDENTITY_SENDER, l->host, l->sender, m));
		load_via(l, via);
	}
}

/* Whose automatic answer is this? Empty: it is none. */
static struct span answer_of(const struct tally *t, const struct mail_message *m)
{
	int64_t wrote_ms = 0;
	if (m->origin != ORIGIN_LOCAL || m->delivery_count != 1)
		return (struct span){NULL, 0};
	struct span local = recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms);
	if (local.len == 0 || m->first_ms - wrote_ms > ANSWER_WITHIN_MS ||
	    (m->sender.len > 0 && !span_equal_nocase(m->sender, local)))
		return (struct span){NULL, 0};
	return local;
}

/* A notice's subject: the domain whose mail could not be delivered; for an answer the address that gives it. */
static struct span notice_name(const struct tally *t, const struct mail_message *m)
{
	int64_t wrote_ms;
	struct span answer = answer_of(t, m), about = m->link_address;
	if (answer.len > 0)
		return answer;
	if (about.len == 0 && m->delivery_count > 0)
		about = recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms);
	struct span domain = address_domain(about);
	return domain.len ? domain : about.len ? about : m->origin == ORIGIN_LOCAL ? m->user : about;
}

/* Notices about what clients outside brought; what our own users are told of is nobody's harm. */
static void notice_party(struct tally *t, struct load *l, const struct mail_message *m)
{
	bool told = m->link == LINK_NOTICE && m->link_address.len > 0; /* else the first message is gone already */
	if (m->link_login.len > 0 || (told && (!m->link_client.family || places_inside(&t->places, &m->link_client))))
		return;
	struct span domain = address_domain(m->link_address);
	const struct domain_seen *seen = domain.len ? places_domain(&t->places, hash_name(domain, 0), false) : NULL;
	if (told && m->link_remote && seen && seen->mailbox > 0)
		return; /* a mailbox here that sends on: what the next server refused is that forward's harm */
	load_party(t, l, get(t, IDENTITY_NOTICE, l->host, notice_name(t, m), m));
}

/* ---- a message ---- */

static void take_recipient(struct tally *t, struct load *l, const struct mail_message *m, const struct mail_delivery *d)
{
	struct fate f;
	fate_of(t->o->receivers, d, &f);
	count_mail(&t->mail, &f);
	t->identity_replies += f.identity;
	blocks_note(&t->blocks, d, &f);
	listed_note(&t->listed, d, &f);
	struct span forwarder = l->notice ? (struct span){NULL, 0} : forwarder_of(t, m, d, l->outside);
	if (forwarder.len > 0) {
		if (!f.delivered)
			recent_note(&t->recent, m->sender, (struct span){NULL, 0}, m->first_ms);
		count_forward(t, l, m, d, get(t, IDENTITY_FORWARD, l->host, forwarder, m), &f);
		return;
	}
	uint64_t domain = hash_name(address_domain(d->recipient), 0);
	if (l->outside) {
		struct domain_seen *s = places_domain(&t->places, domain, true);
		if (s) {
			s->outside++;
			s->nets |= 1ULL << (hash_network(&m->client, false) >> 58);
		}
		if (places_own_hash(&t->places, domain))
			return; /* a domain that is relayed for */
	}
	if (!l->ready) {
		l->ready = true;
		if (l->notice)
			notice_party(t, l, m);
		else
			parties(t, l, m);
	}
	count_recipient(t, l, d, domain, &f);
}

static void see(struct tally *t, int64_t at_ms)
{
	if (at_ms < t->from_ms)
		t->from_ms = at_ms;
	if (at_ms > t->to_ms)
		t->to_ms = at_ms;
}

static void one_message(struct tally *t, const struct mail_message *m)
{
	struct load l = {.host = host_of(t, m->host),
			 .at_ms = m->first_ms,
			 .outside = is_outside_client(t, m),
			 .notice = is_notice(t, m)};
	struct inside_relay *kept_by = NULL; /* counted there until it is known whether that is a way out */
	uint64_t out = 0;
	see(t, m->first_ms);
	see(t, m->last_ms);
	t->by_format[m->format < FORMAT_COUNT ? m->format : 0]++;
	t->accepted_outside += l.outside;
	for (size_t i = 0; i < m->delivery_count; i++) {
		const struct mail_delivery *d = m->deliveries + i;
		struct inside_relay *store;
		enum way way = way_of(t, d, l.outside, &store);
		if (way == WAY_HERE)
			note_here(t, d);
		else if (way == WAY_STORE)
			note_store(t, store, d, l.outside);
		kept_by = store ? store : kept_by;
		if (way == WAY_HERE || way == WAY_STORE) {
			l.here++;
			if (l.outside || m->origin == ORIGIN_UNKNOWN || m->format == FORMAT_QMAIL)
				recent_note(&t->recent, m->sender, d->original.len ? d->original : d->recipient,
					    m->first_ms);
		} else if (way == WAY_OUT) {
			out++;
			take_recipient(t, &l, m, d);
		}
	}
	if (out)
		t->mail.messages++;
	else if (kept_by)
		kept_by->mail.messages++;
	load_finish(t, &l, m);
	identities_shed(&t->ids);
}

void tally_messages(struct tally *t, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		one_message(t, m + i);
}

/* ---- events ---- */

static void note_login(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	const char *host = host_of(t, e->host);
	struct identity *id = e->login.len ? identity_get(&t->ids, IDENTITY_LOGIN, host, e->login, e->good) : NULL;
	if (!id || !e->good) {
		if (id)
			id->failed_logins++;
		return;
	}
	uint32_t before = id->network_count, hour = hour_of(e->at_ms);
	struct network *n = e->client.family ? identity_network(&t->ids, id, hour, NULL, &e->client) : NULL;
	if (n && id->network_count > before && before > 0)
		proof_keep(&t->ids, &id->fresh_logins, LOGINS_MAX, hour, hour, line,
			   "login from a network not seen before", n->hash);
}

static bool says_relaying_denied(struct span reply)
{
	if (!memmem(reply.at, reply.len, "elay", 4))
		return false;
	static const char *const words[] = {"elay access denied",    "elay not permitted", "elaying denied",
					    "elaying not permitted", "elay denied",        "not permitted to relay",
					    "nable to relay",        "elay prohibited"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(reply.at, reply.len, words[i], strlen(words[i])))
			return true;
	return false;
}

void tally_event(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	switch (e->kind) {
	case EVENT_LOGIN:
		note_login(t, e, line);
		break;
	case EVENT_REFUSAL:
		if (e->login.len == 0 && e->client.family && !places_inside(&t->places, &e->client))
			t->relay_refused += says_relaying_denied(e->reply);
		break;
	default:
		break;
	}
	identities_shed(&t->ids);
}
