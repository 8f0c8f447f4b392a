/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix: the restriction lists of each SMTP service, as a stranger meets them. */
#include <errno.h>
#include <stdio.h>

#include "audit/audit_relay_parts.h"
#include "audit/audit_rules.h"
#include "base/ascii.h"
#include "mta/mta_smtpd.h"
#include "probe/default_route.h"

enum {
	/* Networks that hold whole continents: nobody's own. Shorter than any registry's block for IPv4 (/8), and than those
	 * for IPv6 (/12). */
	WORLD4_BITS = 7,
	WORLD6_BITS = 11,
	/* More than one site has, and more than a provider routes for one. */
	WIDE4_BITS = 15,
	WIDE6_BITS = 31,
	SITE4_BITS = 23,
	SITE6_BITS = 47,
	NETWORK_FILES_MAX = 8,
	SHOWN_MAX = 300,
};

/* An address and a domain that no table has for its own sake (RFC 2544; RFC 2606). */
static const char stranger[] = "198.18.77.77", nowhere[] = "offlist-audit.example";

enum width { WIDTH_USUAL, WIDTH_SITE, WIDTH_WIDE, WIDTH_WORLD };

struct judged {
	struct audit_relay *r;
	const struct mta_smtpd *service;
	struct addr gateway; /* of the container that this is; family 0: it is none */
	bool world;          /* mynetworks holds everybody */
	bool lets_networks;  /* whoever is in mynetworks may send to anybody */
	unsigned int files;
};

static const char *text_of(struct audit_relay *r, struct span text)
{
	const char *end = text.len > SHOWN_MAX ? "..." : "";
	return arena_printf(r->all->arena, "%.*s%s", (int)(*end ? SHOWN_MAX : text.len), (const char *)text.at, end);
}

static const char *setting_text(const struct judged *j, const char *name)
{
	return arena_printf(j->r->all->arena, "%s: %s = %s", j->service->name, name,
			    text_of(j->r, mta_settings_get(&j->service->settings, name)));
}

static bool is_table(struct span word)
{
	return word.len && word.at[0] != '[' && span_find(word, ':') < word.len && ascii_is_alpha(word.at[0]) &&
	       span_find(word, '/') > span_find(word, ':');
}

/* ---- networks ---- */

static enum width width_of(const struct prefix *p)
{
	bool four = p->addr.family == 4;
	enum addr_kind kind = addr_kind(&p->addr);
	if (p->bits <= (four ? WORLD4_BITS : WORLD6_BITS))
		return WIDTH_WORLD;
	if (kind != ADDR_PUBLIC && kind != ADDR_DOCUMENTATION)
		return WIDTH_USUAL;
	if (p->bits <= (four ? WIDE4_BITS : WIDE6_BITS))
		return WIDTH_WIDE;
	return p->bits <= (four ? SITE4_BITS : SITE6_BITS) ? WIDTH_SITE : WIDTH_USUAL;
}

/* "[2001:db8::]/32" */
static bool parse_network(struct span word, struct prefix *ret_prefix)
{
	char plain[PREFIX_TEXT_SIZE];
	size_t n = 0;
	for (size_t i = 0; i < word.len && n < sizeof(plain); i++)
		if (word.at[i] != '[' && word.at[i] != ']')
			plain[n++] = (char)word.at[i];
	return n < sizeof(plain) && prefix_parse(span_of(plain, n), ret_prefix) == 0;
}

/* @param parameter  NULL: only whether it holds everybody is asked */
static void found_network(struct judged *j, const char *parameter, struct span word, enum width width)
{
	static const char *const ids[] = {[WIDTH_SITE] = "relay.networks_site",
					  [WIDTH_WIDE] = "relay.networks_wide",
					  [WIDTH_WORLD] = "relay.networks_world"};
	const char *subject = text_of(j->r, word);
	audit_relay_found(
		j->r, ids[width], subject,
		arena_printf(j->r->all->arena,
			     "%s of Postfix holds %s, and the service %s lets whoever is in it send to anybody",
			     parameter, subject ? subject : "", j->service->name),
		setting_text(j, parameter));
}

static void judge_networks(struct judged *j, struct span networks, bool tells);

static void judge_network(struct judged *j, struct span word, bool tells)
{
	struct prefix p;
	struct span value = {0};
	enum width width = WIDTH_USUAL;
	if (word.at[0] == '/' && j->files < NETWORK_FILES_MAX) {
		j->files++;
		if (finder_file(&j->r->f, finder_copy(&j->r->f, word), &value) == 0)
			judge_networks(j, value, tells);
		return;
	}
	if (is_table(word)) {
		if (mta_smtpd_lookup(&j->r->f, finder_copy(&j->r->f, word), stranger, &value) == 0 && value.len)
			width = WIDTH_WORLD;
	} else if (parse_network(word, &p)) {
		width = width_of(&p);
		if (tells && j->gateway.family && prefix_contains(&p, &j->gateway))
			audit_relay_found(
				j->r, "relay.networks_gateway", text_of(j->r, word),
				"Postfix runs in a container whose gateway lies in mynetworks: where a published "
				"port goes through a proxy, every stranger comes with the gateway's address",
				setting_text(j, "mynetworks"));
	}
	j->world |= width == WIDTH_WORLD;
	if (tells && width != WIDTH_USUAL)
		found_network(j, "mynetworks", word, width);
}

/* Words that begin with "!" take addresses out; what they leave of a continent is still everybody. */
static void judge_networks(struct judged *j, struct span networks, bool tells)
{
	struct span line, word;
	while (finder_line_next(&networks, &line))
		while (finder_word_next(&line, " \t\r,", &word) && word.at[0] != '#')
			if (word.at[0] != '!')
				judge_network(j, word, tells);
}

/* Who may say with XCLIENT that he is somebody else. */
static void judge_xclient(struct judged *j)
{
	static const char name[] = "smtpd_authorized_xclient_hosts";
	struct span rest = mta_settings_get(&j->service->settings, name), word;
	struct prefix p;
	while (finder_word_next(&rest, " \t\r,", &word))
		if (word.at[0] != '!' && parse_network(word, &p) && width_of(&p) == WIDTH_WORLD)
			audit_relay_found(j->r, "relay.xclient", j->service->name,
					  "any client may say with XCLIENT that it is another, one of yours as well",
					  setting_text(j, name));
}

/* ---- destinations ---- */

/* Is this word of relay_domains every domain, or a whole top level of them? */
static bool holds_every(struct judged *j, struct span word)
{
	struct span value = {0};
	if (is_table(word))
		return mta_smtpd_lookup(&j->r->f, finder_copy(&j->r->f, word), nowhere, &value) == 0 && value.len > 0;
	/* "com" holds example.com as well: parent_domain_matches_subdomains */
	if (word.at[0] == '.')
		word = span_from(word, 1);
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_alpha(word.at[i]))
			return false;
	return word.len > 1 && !span_begins_nocase(word, "local");
}

static bool relays_everywhere(struct judged *j, struct span *ret_word)
{
	struct span rest = mta_settings_get(&j->service->settings, "relay_domains");
	while (finder_word_next(&rest, " \t\r\n,", ret_word))
		if (ret_word->at[0] != '!' && ret_word->at[0] != '/' && holds_every(j, *ret_word))
			return true;
	return false;
}

/* ---- restriction lists ---- */

/* The row that answers one of the keys. */
static struct span row_of(struct judged *j, const char *table, const char *const *keys)
{
	for (size_t i = 0; keys[i]; i++) {
		struct span value = {0};
		if (mta_smtpd_lookup(&j->r->f, table, keys[i], &value) == 0 && value.len)
			return span_str(arena_printf(j->r->all->arena, "%s %.*s", keys[i], (int)value.len,
						     (const char *)value.at));
	}
	return (struct span){0};
}

/*
 * He chooses his HELO and sender: any row will do. A client's row lets strangers pass only where it holds continents, a
 * recipient's only where it holds every domain: those are asked for.
 */
static struct span rows_of(void *arg, enum audit_rules_kind kind, struct span table)
{
	static const char *const clients[] = {stranger, NULL};
	static const char *const recipients[] = {"postmaster@",
						 "abuse@",
						 "postmaster@offlist-audit.example",
						 "abuse@offlist-audit.example",
						 "bob@offlist-audit.example",
						 NULL};
	struct judged *j = arg;
	const char *name = finder_copy(&j->r->f, table);
	struct span rows = {0};
	if (kind == RULES_CLIENT || kind == RULES_RECIPIENT)
		return row_of(j, name, kind == RULES_CLIENT ? clients : recipients);
	if (mta_smtpd_rows(&j->r->f, name, &rows) < 0)
		rows = span_str(NULL);
	return rows;
}

static const char *id_of(const struct judged *j, const struct audit_rules_way *way)
{
	static const char *const by_table[] = {[RULES_CLIENT] = "relay.client_permit",
					       [RULES_HELO] = "relay.helo_permit",
					       [RULES_SENDER] = "relay.sender_permit",
					       [RULES_RECIPIENT] = "relay.recipient_permit",
					       [RULES_OTHER] = "relay.no_refusal"};
	if (way->table.len)
		return by_table[way->kind];
	if (way->word.len && span_find(way->word, '_') < way->word.len)
		return j->world && span_equal_nocase(way->word, span_str("permit_mynetworks")) ? NULL
											       : "relay.every_domain";
	return "relay.no_refusal";
}

static void tell_way(struct judged *j, const struct audit_rules_way *way, const char *domains)
{
	struct arena *arena = j->r->all->arena;
	const char *id = id_of(j, way), *detail, *subject = j->service->name;
	if (!id) /* told by the network */
		return;
	if (way->table.len) {
		subject = text_of(j->r, way->table);
		detail = arena_printf(
			arena,
			"the service %s lets a stranger send to anybody: in %s, %.*s %s answers \"%s\" before "
			"the recipient's domain is looked at",
			j->service->name, way->list, (int)way->word.len, (const char *)way->word.at,
			subject ? subject : "", text_of(j->r, way->row));
	} else if (strcmp(id, "relay.every_domain") == 0) {
		subject = domains;
		detail = arena_printf(arena, "relay_domains of the service %s holds domains that are not yours: %s",
				      j->service->name, domains);
	} else if (way->list) {
		detail = arena_printf(arena, "\"permit\" stands before what refuses strangers in %s of the service %s",
				      way->list, j->service->name);
	} else {
		detail = arena_printf(arena, "no restriction of the service %s refuses a stranger's mail to anybody",
				      j->service->name);
	}
	audit_relay_found(j->r, id, subject, detail,
			  setting_text(j, strcmp(id, "relay.every_domain") == 0 ? "relay_domains"
					  : way->list                           ? way->list
										: "smtpd_relay_restrictions"));
}

static bool is_networks(const struct audit_rules_way *way)
{
	return span_equal_nocase(way->word, span_str("permit_mynetworks"));
}

static void judge_service(struct judged *j)
{
	struct audit_rules rules = {.settings = &j->service->settings, .rows = rows_of, .arg = j};
	struct audit_rules_way way;
	struct span networks = mta_settings_get(&j->service->settings, "mynetworks"), word = {0};
	const char *domains = "";
	if (!audit_rules_serve(&rules))
		return;
	rules.in_networks = true;
	j->lets_networks = audit_rules_let(&rules, &way) && is_networks(&way);
	judge_networks(j, networks, j->lets_networks);
	judge_xclient(j);
	rules.in_networks = j->world;
	rules.every_domain = relays_everywhere(j, &word);
	if (rules.every_domain)
		domains = text_of(j->r, word);
	if (!audit_rules_let(&rules, &way)) {
		rules.artful = true;
		if (!audit_rules_let(&rules, &way))
			return;
	}
	tell_way(j, &way, domains);
}

int audit_relay_postfix(struct audit_relay *r)
{
	struct mta_smtpd *services;
	struct error why = {{0}};
	size_t count = 0;
	int rc = r->f.root[0] ? -ENOENT : mta_smtpd_find(&r->f, &services, &count, &why);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0) {
		audit_cannot(r->all, r->a, "Postfix's settings cannot be asked: %s",
			     why.text[0] ? why.text : "there is no postconf");
		return rc;
	}
	for (size_t i = 0; i < count && !r->f.error; i++) {
		struct judged j = {.r = r, .service = &services[i]};
		r->screened |= services[i].screened;
		if (!services[i].outside)
			continue;
		j.gateway = default_route_of_container(r->f.root);
		judge_service(&j);
	}
	if (count == 0)
		r->a->note = "Postfix has no SMTP service here";
	return r->f.error;
}
