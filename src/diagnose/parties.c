/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a message counts for. */
#include "diagnose/count.h"
#include "diagnose/hash.h"

enum {
	UID_QMAILD = 7791, /* what came by SMTP, as INSTALL.ids of qmail numbers it */
	DIGIT_RUN = 4,     /* so many digits are a counter */
};

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

static struct identity *ready(struct identity *id, const struct mail_message *m)
{
	if (id && id->messages == 0) {
		id->format = m->format;
		id->client = m->client;
	}
	return id;
}

struct identity *load_identity(struct tally *t, const struct load *l, enum identity_kind kind, struct span name,
			       const struct mail_message *m)
{
	return ready(identity_get(&t->ids, kind, l->host, name, true), m);
}

/* One that was expected, and found then or now. NULL: it is to be made. */
static struct identity *known(struct tally *t, const struct load *l, enum expected which, const struct mail_message *m)
{
	const struct expected_identity *e = &l->expected[which];
	return ready(e->id ? e->id : identity_find(&t->ids, e->hash), m);
}

static struct identity *named(struct tally *t, const struct load *l, enum expected which, enum identity_kind kind,
			      struct span name, const struct mail_message *m)
{
	struct identity *id = known(t, l, which, m);
	return id ? id : ready(identity_make(&t->ids, kind, l->host, name, l->expected[which].hash), m);
}

static struct identity *client(struct tally *t, const struct load *l, enum expected which, enum identity_kind kind,
			       const struct mail_message *m)
{
	char text[ADDR_TEXT_SIZE];
	struct identity *id = known(t, l, which, m);
	return id ? id : named(t, l, which, kind, client_text(&m->client, text), m);
}

static void parties_of_client(struct tally *t, struct load *l, const struct mail_message *m)
{
	char text[USER_TEXT_SIZE];
	if (l->outside) {
		load_party(t, l, client(t, l, EXPECTED_SOURCE, IDENTITY_OUTSIDE, m));
		load_party(t, l, load_identity(t, l, IDENTITY_RELAY, (struct span){NULL, 0}, m));
	} else if (l->loopback) {
		load_party(t, l, load_identity(t, l, IDENTITY_SCRIPT, script_name(t, l->host, m, text), m));
	} else {
		load_party(t, l, client(t, l, EXPECTED_SOURCE, IDENTITY_CLIENT, m));
	}
}

/* Does the world stand behind this inside address, as far as is known by now? */
static bool is_gateway(const struct tally *t, const char *host, const struct addr *a)
{
	return gateway_sign(gateway_find(&t->gateways, host, a), a, 0) != GATEWAY_NO;
}

static void parties_of_login(struct tally *t, struct load *l, const struct mail_message *m)
{
	load_party(t, l, named(t, l, EXPECTED_SOURCE, IDENTITY_LOGIN, m->login, m));
	if (l->inside && !l->loopback && !is_gateway(t, l->host, &m->client))
		load_party(t, l, client(t, l, EXPECTED_CLIENT, IDENTITY_CLIENT, m));
}

static bool is_digit_run(struct span s, size_t at)
{
	for (size_t i = at; i < at + DIGIT_RUN; i++)
		if (i >= s.len || s.at[i] < '0' || s.at[i] > '9')
			return false;
	return true;
}

static struct span without_batv(struct span sender)
{
	static const char batv[] = "prvs="; /* prvs=tag=user@domain: the same user under a tag that changes daily */
	if (sender.len <= sizeof(batv) || memcmp(sender.at, batv, sizeof(batv) - 1) != 0)
		return sender;
	struct span rest = span_from(sender, sizeof(batv) - 1);
	size_t tag = span_find(rest, '=');
	return tag < span_find(rest, '@') ? span_from(rest, tag + 1) : sender;
}

/* Does the local part hold nothing that may change from message to message? */
static bool is_plain(struct span sender)
{
	size_t digits = 0;
	for (size_t i = 0; i < sender.len && i < NAME_LEN_MAX && sender.at[i] != '@'; i++) {
		uint8_t c = sender.at[i];
		digits = c >= '0' && c <= '9' ? digits + 1 : 0;
		if (c == '+' || c == '=' || digits == DIGIT_RUN)
			return false;
	}
	return sender.len <= NAME_LEN_MAX;
}

static size_t digits_end(struct span sender, size_t i, size_t at)
{
	while (i < at && sender.at[i] >= '0' && sender.at[i] <= '9')
		i++;
	return i;
}

/* "bounce-user=example.net@"; where a '+' stands before the recipient it ends the list's own name. */
static bool has_verp_without_tag(struct span sender, size_t at)
{
	return span_find(sender, '=') < at && span_find(sender, '+') > at;
}

struct span sender_name(struct span sender, char text[NAME_LEN_MAX + 1])
{
	sender = without_batv(sender);
	if (is_plain(sender))
		return sender;
	size_t at = span_find(sender, '@'), n = 0;
	bool verp = has_verp_without_tag(sender, at);
	for (size_t i = 0; i < sender.len && n < NAME_LEN_MAX; i++) {
		uint8_t c = sender.at[i];
		if (i > 0 && i < at && (c == '+' || (verp && (c == '-' || c == '='))))
			i = at, c = '@';
		if (i < at && is_digit_run(sender, i)) {
			i = digits_end(sender, i, at) - 1;
			c = '#';
		}
		if (i < sender.len)
			text[n++] = (char)c;
	}
	return span_of(text, n);
}

void load_parties(struct tally *t, struct load *l, const struct mail_message *m)
{
	char user[USER_TEXT_SIZE];
	if (m->origin == ORIGIN_LOGIN && m->login.len > 0)
		parties_of_login(t, l, m);
	else if (m->origin == ORIGIN_LOCAL && !(m->format == FORMAT_QMAIL && m->uid == UID_QMAILD))
		load_party(t, l, load_identity(t, l, IDENTITY_SCRIPT, script_name(t, l->host, m, user), m));
	else if (m->origin == ORIGIN_CLIENT && m->client.family)
		parties_of_client(t, l, m);
	else
		t->no_arrival++;
	if (l->expected[EXPECTED_SENDER].hash) {
		uint64_t via = l->party_count > 0 ? l->party[0].id->hash : 0;
		load_party(t, l, named(t, l, EXPECTED_SENDER, IDENTITY_SENDER, l->sender, m));
		load_via(l, via);
	}
}

struct identity *load_known_script(struct tally *t, const struct load *l, const struct mail_message *m)
{
	char user[USER_TEXT_SIZE];
	if (m->origin != ORIGIN_LOCAL || m->format == FORMAT_QMAIL)
		return NULL;
	return identity_get(&t->ids, IDENTITY_SCRIPT, l->host, script_name(t, l->host, m, user), false);
}

struct span answer_of(const struct tally *t, const struct mail_message *m)
{
	int64_t wrote_ms = 0;
	if (m->origin != ORIGIN_LOCAL || m->delivery_count != 1)
		return (struct span){NULL, 0};
	struct span local = recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms);
	if (local.len == 0 || m->first_ms - wrote_ms > ANSWER_WITHIN_MS ||
	    (m->sender.len > 0 ? !span_equal_nocase(m->sender, local)
			       : recent_failed(&t->recent, m->deliveries[0].recipient)))
		return (struct span){NULL, 0};
	return local;
}

/* The address whose failure a notice reports: that of the message, or where the one it goes to wrote last. */
static struct span notice_about(const struct tally *t, const struct mail_message *m)
{
	int64_t wrote_ms;
	if (m->link_address.len > 0 || m->delivery_count == 0)
		return m->link_address;
	return recent_find(&t->recent, m->deliveries[0].recipient, m->first_ms, &wrote_ms);
}

/* A notice's subject: the domain whose mail could not be delivered; for an answer the address that gives it. */
static struct span notice_name(const struct tally *t, const struct mail_message *m, struct span *ret_about)
{
	struct span answer = answer_of(t, m), about = notice_about(t, m);
	bool failed = m->delivery_count > 0 && recent_failed(&t->recent, m->deliveries[0].recipient);
	*ret_about = answer.len == 0 && failed ? about : m->link_address;
	if (answer.len > 0)
		return answer;
	struct span domain = address_domain(about);
	return domain.len ? domain : about.len ? about : m->origin == ORIGIN_LOCAL ? m->user : about;
}

/* Of the message that a notice is about. qmail never tells the client: there the address that it goes to does. */
static bool from_our_own(const struct tally *t, const struct load *l, const struct mail_message *m)
{
	if (m->link_client.family)
		return places_inside(&t->places, &m->link_client) && !is_gateway(t, l->host, &m->link_client);
	return m->format != FORMAT_QMAIL || m->delivery_count == 0 ||
	       places_own(&t->places, address_domain(m->deliveries[0].recipient));
}

/* Notices about what clients outside brought; what our own users are told of is nobody's harm. */
void load_notice_party(struct tally *t, struct load *l, const struct mail_message *m)
{
	bool told = m->link == LINK_NOTICE && m->link_address.len > 0; /* else the first message is gone already */
	if (m->link_login.len > 0 || (told && from_our_own(t, l, m)))
		return;
	struct span domain = address_domain(m->link_address);
	const struct domain_seen *seen = domain.len ? places_domain(&t->places, hash_name(domain, 0), false) : NULL;
	if (told && m->link_remote && seen && seen->mailbox > 0)
		return; /* a mailbox here that sends on: what the next server refused is that forward's harm */
	load_party(t, l, load_identity(t, l, IDENTITY_NOTICE, notice_name(t, m, &l->about), m));
}
