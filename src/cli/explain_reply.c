/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain: replies of receivers, given as words or found in bounces. */
#include "cli/explain_reply.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/json.h"
#include "cli/lists_text.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "mail/dsn.h"

enum { INDENT = 2, WORDS_MIN = 4, ARENA_MAX = 512 << 20 };

static const char *const titles[] = {
	[REPLY_OTHER] = "not about a block",
	[REPLY_LISTED_PRIVATE] = "blocked by the receiver's own list or reputation",
	[REPLY_LISTED_PUBLIC] = "blocked because of a public list",
	[REPLY_RATE] = "slowed down",
	[REPLY_CONTENT] = "this message was taken for spam",
	[REPLY_IDENTITY] = "the server or domain does not prove who it is",
	[REPLY_UNKNOWN_USER] = "no such mailbox",
	[REPLY_RECEIVER_REFUSED] = "the list refuses the receiver; it is not about you",
	[REPLY_UNKNOWN_BLOCK] = "blocked, in words that no record has",
	[REPLY_OWN_PROVIDER] = "your own provider holds you back",
};

static const char *title_of(const struct reply_match *m)
{
	if (m->means == REPLY_LISTED_PUBLIC && m->about == ABOUT_DOMAIN)
		return "a listed domain, not your address";
	if (m->means == REPLY_LISTED_PUBLIC && m->about == ABOUT_SENDER)
		return "a listed mail address, not your server's";
	if (m->means == REPLY_LISTED_PRIVATE && m->about == ABOUT_DOMAIN)
		return "blocked by the receiver's own list of domains, not for your address";
	if (m->means == REPLY_LISTED_PRIVATE && (m->about == ABOUT_SENDER || m->about == ABOUT_RECIPIENT))
		return "blocked by the recipient's side, not for your address";
	return titles[m->means];
}

/* What a list of the catalogue says by being named, where no record has a sentence for it. */
static const char *meaning_of(struct arena *arena, const struct reply_match *m)
{
	const struct list *l = m->list;
	if (m->receiver)
		return m->receiver->meaning;
	if (!l || m->means != REPLY_LISTED_PUBLIC)
		return NULL;
	if (l->state == LIST_CLOSED || l->state == LIST_FRAUDULENT)
		return arena_printf(arena,
				    "%s is %s, but the receiver still queries it. Tell the receiver's postmaster; "
				    "there is no listing to remove.",
				    l->name, l->state == LIST_CLOSED ? "no longer kept" : "fraudulent");
	if (m->about == ABOUT_DOMAIN)
		return arena_printf(arena,
				    "%s lists a domain (of the sender, the HELO name, the reverse name or a link), not "
				    "the address.",
				    l->name);
	if (m->about == ABOUT_SENDER)
		return arena_printf(
			arena, "%s lists a mail address (the sender's, or one in the text), not the server.", l->name);
	return arena_printf(arena, "%s lists the address%s.", l->name,
			    l->scope == SCOPE_ADDRESS ? "" : " or the network around it");
}

static const char *procedure_of(const struct reply_match *m)
{
	if (m->receiver)
		return m->receiver->procedure;
	return m->means == REPLY_LISTED_PUBLIC && m->list ? m->list->removal.advice : NULL;
}

static bool has_code(struct span text)
{
	for (size_t i = 0; i + 4 < text.len && i < 512; i++) {
		uint8_t before = i ? text.at[i - 1] : ' ';
		if (text.at[i] >= '2' && text.at[i] <= '5' && text.at[i + 1] <= '5' && ascii_is_digit(text.at[i + 1]) &&
		    ascii_is_digit(text.at[i + 2]) && (text.at[i + 3] == ' ' || text.at[i + 3] == '-') &&
		    (i == 0 || (before == ' ' && i > 1 && memchr(":;)", text.at[i - 2], 3))))
			return true;
	}
	return false;
}

static size_t words_of(struct span text)
{
	size_t words = 0;
	for (size_t i = 0; i < text.len; i++)
		words += text.at[i] > ' ' && (i == 0 || text.at[i - 1] <= ' ');
	return words;
}

static bool is_host_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-';
}

/* A host name at `at`: two labels or more, the last one of letters. Empty: none. */
static struct span host_at(struct span text, size_t at)
{
	size_t len = 0, last = 0;
	while (at + len < text.len && is_host_octet(text.at[at + len])) {
		last = text.at[at + len] == '.' ? len + 1 : last;
		len++;
	}
	for (size_t i = last; i < len; i++)
		if (!ascii_is_alpha(text.at[at + i]))
			return (struct span){0};
	return last > 1 && len > last + 1 ? span_of(text.at + at, len) : (struct span){0};
}

/* Who says it, where no relay is told: "554 mx.example.net ESMTP ...", or the host of the link to its own pages. */
static struct span speaker(struct span reply, const struct reply_match *m)
{
	size_t at = 0;
	const uint8_t *link = m->url.len ? memmem(m->url.at, m->url.len, "://", 3) : NULL;
	struct span host;
	while (at < reply.len && (ascii_is_digit(reply.at[at]) || memchr(". -", reply.at[at], 3)))
		at++;
	host = host_at(reply, at);
	if (host.len || !link || m->list || m->means == REPLY_RECEIVER_REFUSED)
		return host;
	return host_at(m->url, (size_t)(link - m->url.at) + 3);
}

static struct explain_reply of_piece(struct receivers *r, const struct paste_piece *piece)
{
	struct explain_reply reply = {.reply = span_trim(piece->reply),
				      .relay = piece->relay,
				      .recipient = piece->recipient,
				      .ours = piece->ours,
				      .client = piece->client};
	receivers_match(r, reply.relay, 0, (struct span){0}, reply.reply, &reply.match);
	if (!reply.relay.len && !*reply.match.receiver_name && has_code(reply.reply)) {
		reply.relay = speaker(reply.reply, &reply.match);
		if (reply.relay.len)
			receivers_match(r, reply.relay, 0, (struct span){0}, reply.reply, &reply.match);
	}
	return reply;
}

/* Without a code only words that a record of a receiver has are a reply; and those of a connection that failed. */
static bool is_telling(const struct reply_match *m)
{
	return m->receiver && (strcmp(m->receiver->id, "common.network") == 0 ||
			       (m->means != REPLY_OTHER && strncmp(m->receiver->id, "common.", 7) != 0));
}

bool cmd_explain_reply_told(struct receivers *r, const struct paste_piece *piece, struct explain_reply *ret_reply)
{
	struct explain_reply reply;
	bool code = piece->ours || has_code(span_trim(piece->reply));
	if (!code && words_of(piece->reply) < WORDS_MIN)
		return false;
	reply = of_piece(r, piece);
	if (!code && !is_telling(&reply.match))
		return false;
	*ret_reply = reply;
	return true;
}

/* One line of text, whatever it came from. */
static void add_line(struct buf *out, const char *label, struct span text)
{
	if (!text.len)
		return;
	buf_printf(out, "  %s: ", label);
	for (size_t at = 0; at < text.len;) {
		size_t end = at;
		while (end < text.len && !ascii_is_space(text.at[end]))
			end++;
		terminal_add(out, span_of(text.at + at, end - at));
		while (end < text.len && ascii_is_space(text.at[end]))
			end++;
		if (end < text.len)
			buf_add_char(out, ' ');
		at = end;
	}
	buf_add_char(out, '\n');
}

static void add_list(struct buf *out, const struct reply_match *m)
{
	if (m->list)
		buf_printf(out, "  list: %s (%s)\n", m->list->zone, m->list->name);
	else
		add_line(out, "list", m->zone);
}

/* Whether it is told how long it lasts. */
static bool lasting(const struct reply_match *m)
{
	return (m->receiver && m->means != REPLY_OTHER) || (m->list && m->means == REPLY_LISTED_PUBLIC);
}

static bool passes(const struct reply_match *m)
{
	return m->receiver && m->receiver->temporary;
}

static void add_text(struct buf *out, const struct context *c, const struct explain_reply *r)
{
	const struct reply_match *m = &r->match;
	const struct receiver *known = m->receiver;
	const char *removal = receivers_removal(c->arena, m), *meaning = meaning_of(c->arena, m);
	const char *procedure = procedure_of(m);
	if (out->len)
		buf_add_char(out, '\n');
	add_line(out, "to", r->recipient);
	if (r->ours) {
		buf_add_str(out, "Your own server refused a client; this says nothing about your address\n");
		add_line(out, "client", r->client);
		add_list(out, m);
		add_line(out, "its reply", r->reply);
		return;
	}
	terminal_add_str(out, *m->receiver_name ? m->receiver_name : "The receiver");
	buf_printf(out, ": %s\n", title_of(m));
	if (meaning)
		terminal_fill(out, meaning, INDENT, c->width);
	add_line(out, "your address, as the receiver sees it", m->address);
	add_line(out, "domain", m->domain);
	add_list(out, m);
	if (lasting(m))
		buf_printf(out, "  %s\n", passes(m) ? "it passes by itself" : "it stays until something is done");
	if (removal)
		buf_printf(out, "  removal: %s\n", removal);
	if (procedure)
		terminal_fill(out, procedure, INDENT, c->width);
	if (known && known->feedback && m->means != REPLY_UNKNOWN_USER) {
		buf_add_str(out, "  feedback programme:\n");
		terminal_fill(out, known->feedback, INDENT, c->width);
	}
	if (!removal || !span_equal(m->url, span_str(removal)))
		add_line(out, "link in the reply", m->url);
	add_line(out, "reply", r->reply);
}

static void member(struct json *j, const char *key, struct span text)
{
	json_key(j, key);
	if (text.len)
		json_span(j, text);
	else
		json_null(j);
}

static void add_json(struct buf *out, const struct context *c, const struct explain_reply *r)
{
	const struct reply_match *m = &r->match;
	const struct receiver *known = m->receiver;
	struct json j = json_make(out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain/1");
	json_member_str(&j, "kind", "reply");
	member(&j, "zone", m->list ? span_str(m->list->zone) : m->zone);
	json_member_str(&j, "name", m->list ? m->list->name : NULL);
	json_member_str(&j, "receiver", *m->receiver_name ? m->receiver_name : NULL);
	json_member_str(&j, "record", known ? known->id : NULL);
	json_member_str(&j, "means", r->ours ? "our_refusal" : reply_meaning_text(m->means));
	json_member_str(&j, "about", r->ours ? "client" : reply_about_text(m->about));
	json_member_str(&j, "meaning",
			r->ours ? "This server refused a client: if a list is named, the client is on it."
				: meaning_of(c->arena, m));
	json_key(&j, "temporary");
	if (known || lasting(m))
		json_bool(&j, passes(m));
	else
		json_null(&j);
	json_member_str(&j, "removal_url", r->ours ? NULL : receivers_removal(c->arena, m));
	json_member_str(&j, "procedure", procedure_of(m));
	json_member_str(&j, "feedback", known ? known->feedback : NULL);
	member(&j, "address", m->address);
	member(&j, "domain", m->domain);
	member(&j, "url", m->url);
	member(&j, "client", r->client);
	member(&j, "recipient", r->recipient);
	member(&j, "action", r->action);
	member(&j, "status", r->status);
	member(&j, "reply", r->reply);
	json_member_str(&j, "source", known ? known->source : NULL);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

void cmd_explain_reply_add(struct buf *out, const struct context *c, const struct explain_reply *r)
{
	if (c->json)
		add_json(out, c, r);
	else
		add_text(out, c, r);
}

static void add_bounce(struct buf *out, const struct context *c, struct receivers *receivers, const struct dsn *dsn)
{
	for (size_t i = 0; i < dsn->recipient_count; i++) {
		const struct dsn_recipient *to = &dsn->recipients[i];
		struct explain_reply r = {.reply = to->diagnostic,
					  .relay = to->remote_mta,
					  .status = to->status,
					  .recipient = to->recipient,
					  .action = to->action};
		if (!r.relay.len)
			r.relay = paste_relay(r.reply);
		receivers_match(receivers, r.relay, 0, r.status, r.reply, &r.match);
		cmd_explain_reply_add(out, c, &r);
	}
}

void cmd_explain_replies(struct buf *out, const struct context *c, struct receivers *r, const struct paste *paste)
{
	for (size_t i = 0; i < paste->count; i++) {
		const struct explain_reply reply = of_piece(r, &paste->at[i]);
		cmd_explain_reply_add(out, c, &reply);
	}
}

bool cmd_explain_notice(struct buf *out, const struct context *c, struct receivers *r, struct span text)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct dsn dsn = {0};
	bool told = dsn_read_words(text, &arena, &dsn) == 0 && dsn.is_bounce;
	if (told)
		add_bounce(out, c, r, &dsn);
	arena_release(&arena);
	return told;
}

int cmd_explain_bounce(struct buf *out, const struct context *c, struct receivers *r, struct span message)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct dsn dsn;
	int rc = dsn_read(message, &arena, &dsn);
	bool told = rc == 0 && dsn.recipient_count;
	if (told)
		add_bounce(out, c, r, &dsn);
	arena_release(&arena);
	return rc < 0 ? rc : told;
}
