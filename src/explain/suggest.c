/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/suggest.h"

#include "base/ascii.h"
#include "explain/explain_parts.h"

enum { FILTER_OCTETS_MAX = 2048, SYMBOL_SIZE = 64, COMMENT_COLUMNS = 96 };

struct suggestion {
	const struct catalogue *c;
	struct buf *out;
};

/* What a list is for here. */
enum part {
	PART_REFUSE,  /* addresses: good enough to refuse mail by itself */
	PART_WEIGH,   /* addresses: a sign among others */
	PART_NAMES,   /* names of senders, as they stand there */
	PART_LINKS,   /* names in links */
	PART_WELCOME, /* addresses of the good */
	PART_NONE,
};

static bool is_part(const struct catalogue *c, const struct list *l)
{
	for (size_t i = 0; i < l->part_of.count; i++) {
		const struct list *whole = catalogue_find(c, l->part_of.at[i]);
		if (whole && !whole->key && whole->state == LIST_ACTIVE)
			return true;
	}
	return false;
}

static enum part part_of_bad(const struct list *l)
{
	bool block = l->class == CLASS_BLOCK && l->query & QUERY_IP4 && l->scope == SCOPE_ADDRESS;
	if (l->impact == IMPACT_LOW)
		return PART_NONE;
	if (block)
		return l->impact == IMPACT_HIGH ? PART_REFUSE : PART_WEIGH;
	if (l->class != CLASS_DOMAIN && l->class != CLASS_URL)
		return PART_NONE;
	return l->query & QUERY_DOMAIN ? PART_NAMES : l->query & QUERY_REGISTRABLE ? PART_LINKS : PART_NONE;
}

/* Nothing that a word of doubt stands beside, that costs a key or a registration, or whose codes are not known. */
static enum part part_for(const struct catalogue *c, const struct list *l)
{
	if (l->state != LIST_ACTIVE || l->qualified || l->key || l->terms.registration || l->answer_count == 0 ||
	    is_part(c, l))
		return PART_NONE;
	if (l->class == CLASS_WHITE)
		return l->query & QUERY_IP4 && l->query & QUERY_IP6 ? PART_WELCOME : PART_NONE;
	return part_of_bad(l);
}

/* The next list of the part from *at on; NULL: none. */
static const struct list *next_of(const struct suggestion *s, enum part part, size_t *at)
{
	while (*at < catalogue_count(s->c)) {
		const struct list *l = catalogue_at(s->c, (*at)++);
		if (part_for(s->c, l) == part)
			return l;
	}
	return NULL;
}

/* ---- comments ---- */

static void comment(struct buf *out, const char *indent, const char *text)
{
	size_t column = 0;
	for (const char *word = text; *word;) {
		size_t len = strcspn(word, " \n");
		if (column == 0 || column + 1 + len > COMMENT_COLUMNS) {
			buf_printf(out, "%s%s#", column ? "\n" : "", indent);
			column = 0;
		}
		buf_add_char(out, ' ');
		buf_add(out, span_of(word, len));
		column += len + 1;
		word += len + strspn(word + len, " \n");
	}
	if (column)
		buf_add_char(out, '\n');
}

/* What one has to know before one asks it. */
static void terms(struct buf *out, const char *indent, const struct list *l)
{
	struct buf text = buf_make(FILTER_OCTETS_MAX);
	buf_printf(&text, "%s (%s)", l->name, l->operator_name);
	if (l->terms.per_day > 0)
		buf_printf(&text, "; at most %lld queries a day", (long long)l->terms.per_day);
	if (l->terms.commercial == TERM_NO)
		buf_add_str(&text, "; not for commercial use");
	if (l->terms.public_resolvers == TERM_NO)
		buf_add_str(&text, "; it does not answer public resolvers: ask through your own");
	if (l->terms.note)
		buf_printf(&text, "; %s", l->terms.note);
	comment(out, indent, buf_text(&text));
	buf_release(&text);
}

static void heading(struct buf *out, const char *text)
{
	comment(out, "", text);
	comment(out, "",
		"Whether they answer you: offlist lists test. What is wrong with it later: offlist explain -f FILE.");
	buf_add_char(out, '\n');
}

static bool writes(struct buf *filter, enum syntax syntax, const struct list *l)
{
	buf_clear(filter);
	filter_write(filter, syntax, l, l->class == CLASS_WHITE ? PURPOSE_WHITE : PURPOSE_BLOCK);
	return filter->len > 0;
}

/* ---- Postfix ---- */

static void postfix_rows(const struct suggestion *s, enum part part, const char *before, const char *after)
{
	struct buf filter = buf_make(FILTER_OCTETS_MAX);
	const struct list *l;
	for (size_t at = 0; (l = next_of(s, part, &at));)
		if (writes(&filter, SYNTAX_POSTSCREEN, l)) {
			terms(s->out, "    ", l);
			buf_printf(s->out, "    %s%s%s%s\n", before, l->zone, buf_text(&filter), after);
		}
	buf_release(&filter);
}

static void postfix(const struct suggestion *s)
{
	heading(s->out,
		"For Postfix's main.cf: lists that are good enough to refuse mail by, behind what guards the relay.");
	buf_add_str(s->out, "smtpd_recipient_restrictions =\n    permit_mynetworks,\n    permit_sasl_authenticated,\n"
			    "    reject_unauth_destination,\n");
	postfix_rows(s, PART_REFUSE, "reject_rbl_client ", ",");
	postfix_rows(s, PART_NAMES, "reject_rhsbl_sender ", ",");
	buf_add_str(s->out, "    permit\n\n");
	comment(s->out, "",
		"Where postscreen stands in front (master.cf): signs are added up before smtpd is reached.");
	buf_add_str(s->out,
		    "postscreen_dnsbl_action = enforce\npostscreen_dnsbl_threshold = 3\npostscreen_dnsbl_sites =\n");
	postfix_rows(s, PART_REFUSE, "", "*3");
	postfix_rows(s, PART_WEIGH, "", "*1");
	postfix_rows(s, PART_WELCOME, "", "*-2");
}

/* ---- Exim ---- */

static void exim_statement(const struct suggestion *s, enum part part, const char *verb, const char *more,
			   const char *key)
{
	struct buf filter = buf_make(FILTER_OCTETS_MAX);
	const char *joint = "";
	const struct list *l;
	for (size_t at = 0; (l = next_of(s, part, &at));)
		terms(s->out, "  ", l);
	buf_printf(s->out, "  %s\n    ! hosts = +relay_from_hosts\n    ! authenticated = *\n    dnslists = ", verb);
	for (size_t at = 0; (l = next_of(s, part, &at));) {
		if (!writes(&filter, SYNTAX_EXIM, l))
			continue;
		buf_printf(s->out, "%s%s%s%s", joint, l->zone, buf_text(&filter), key);
		joint = " : \\\n      ";
	}
	buf_printf(s->out, "\n%s", more);
	buf_release(&filter);
}

static void exim(const struct suggestion *s)
{
	heading(s->out, "For Exim's acl_smtp_rcpt, in front of its accept and behind what refuses to relay.");
	exim_statement(s, PART_REFUSE, "deny", "    message = $sender_host_address is listed at $dnslist_domain\n\n",
		       "");
	exim_statement(s, PART_NAMES, "deny", "    message = $sender_address_domain is listed at $dnslist_domain\n\n",
		       "/$sender_address_domain");
	comment(s->out, "  ", "A sign among others: for a filter behind Exim.");
	exim_statement(s, PART_WEIGH, "warn", "    add_header = X-Listed: $dnslist_domain\n", "");
}

/* ---- rspamd, SpamAssassin ---- */

static void symbol_of(const struct list *l, char text[SYMBOL_SIZE])
{
	size_t len = 0;
	for (const char *at = l->zone; *at && len + 1 < SYMBOL_SIZE; at++) {
		uint8_t c = ascii_lower((uint8_t)*at);
		text[len++] = ascii_is_alpha(c) ? (char)(c & ~0x20) : ascii_is_digit(c) ? (char)c : '_';
	}
	text[len] = '\0';
}

static bool is_wanted(const struct list *l, const struct list_answer *a)
{
	if (l->class == CLASS_WHITE)
		return a->class == CLASS_WHITE;
	return a->class != CLASS_WHITE && a->class != CLASS_INFORMATION && a->class != CLASS_SCORE;
}

struct codes {
	struct buf *out;
	const char *before, *joint, *after; /* of each; of all but the first */
	const char *escape, *any;           /* of a dot; of any number */
	size_t count;
};

static void add_code(struct codes *k, uint32_t code, uint32_t mask)
{
	buf_printf(k->out, "%s%s", k->count++ ? k->joint : "", k->before);
	for (int shift = 24; shift >= 0; shift -= 8) {
		if (mask >> shift & 0xff)
			buf_printf(k->out, "%u", code >> shift & 0xff);
		else
			buf_add_str(k->out, k->any);
		if (shift)
			buf_printf(k->out, "%s.", k->escape);
	}
	buf_add_str(k->out, k->after);
}

/* The listings of a list, each code by itself; bits make none here. */
static void add_codes(struct codes *k, const struct list *l)
{
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		if (!is_wanted(l, a) || a->match == MATCH_BIT)
			continue;
		for (uint64_t code = a->first; a->match == MATCH_RANGE && code <= a->last && code - a->first < 256;
		     code++)
			if (!list_refusal_find(l, (uint32_t)code))
				add_code(k, (uint32_t)code, UINT32_MAX);
		if (a->match == MATCH_OCTETS && !filter_octet_refuses(l, a))
			add_code(k, a->first, a->last);
	}
}

static uint32_t bits_of(const struct list *l)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < l->answer_count; i++)
		if (l->answers[i].match == MATCH_BIT && is_wanted(l, &l->answers[i]))
			bits |= l->answers[i].first;
	for (size_t i = 0; i < l->refusal_count; i++) /* 127.0.0.1 of SURBL and URIBL */
		bits &= ~(l->refusals[i].first >> 16 == 0x7f00 ? l->refusals[i].first & 0xff : 0);
	return bits;
}

static void rspamd_rows(const struct suggestion *s, enum part part, const char *checks)
{
	const struct list *l;
	for (size_t at = 0; (l = next_of(s, part, &at));) {
		struct codes k = {s->out, "\"", ", ", "\"", part == PART_WELCOME ? "%" : "", "%d+", 0};
		char symbol[SYMBOL_SIZE];
		symbol_of(l, symbol);
		terms(s->out, "  ", l);
		buf_printf(s->out,
			   "  offlist_%s {\n    rbl = \"%s\";\n    symbol = \"LISTED_%s_OTHER\";\n    checks = [%s];\n",
			   symbol, l->zone, symbol, checks);
		if (!(l->query & QUERY_IP6))
			buf_add_str(s->out, "    ipv6 = false;\n");
		if (part == PART_WELCOME)
			buf_add_str(s->out, "    is_whitelist = true;\n");
		if (bits_of(l)) {
			buf_printf(s->out, "    returnbits { LISTED_%s = %u; }\n  }\n", symbol, bits_of(l));
			continue;
		}
		buf_printf(s->out, "    returncodes { LISTED_%s = [", symbol);
		add_codes(&k, l);
		buf_add_str(s->out, "]; }\n  }\n");
	}
}

static void rspamd(const struct suggestion *s)
{
	heading(s->out,
		"For rspamd's local.d/rbl.conf. rspamd asks many of them by itself (rspamadm configdump rbl): take "
		"those out here, or each counts twice. Weights are set in local.d/rbl_group.conf; without one a "
		"symbol counts nothing.");
	buf_add_str(s->out, "rbls {\n");
	rspamd_rows(s, PART_REFUSE, "\"from\"");
	rspamd_rows(s, PART_WEIGH, "\"from\"");
	rspamd_rows(s, PART_WELCOME, "\"from\"");
	rspamd_rows(s, PART_NAMES, "\"emails\", \"urls\", \"dkim\"");
	rspamd_rows(s, PART_LINKS, "\"urls\"");
	buf_add_str(s->out, "}\n");
}

static void assassin_score(const struct suggestion *s, const struct list *l, const char *symbol, const char *score)
{
	buf_printf(s->out, "describe LISTED_%s %.*s\ntflags   LISTED_%s net%s\nscore    LISTED_%s %s\n\n", symbol, 40,
		   l->name, symbol, score[0] == '-' ? " nice" : "", symbol, score);
}

static void assassin_rows(const struct suggestion *s, enum part part, const char *score)
{
	const struct list *l;
	for (size_t at = 0; (l = next_of(s, part, &at));) {
		struct codes k = {s->out, "", "|", "", "\\", "\\d+", 0};
		char symbol[SYMBOL_SIZE];
		symbol_of(l, symbol);
		terms(s->out, "", l);
		buf_printf(s->out, "header   LISTED_%s eval:check_rbl('%s-lastexternal', '%s.', '^(?:", symbol, symbol,
			   l->zone);
		add_codes(&k, l);
		buf_add_str(s->out, ")$')\n");
		assassin_score(s, l, symbol, score);
	}
}

/* The listings of a list as uridnsbl takes them: bits as a number, or one range. @return whether it can */
static bool link_test(struct buf *out, const struct list *l)
{
	uint32_t bits = bits_of(l), first = UINT32_MAX, last = 0;
	char low[CODE_TEXT_SIZE], high[CODE_TEXT_SIZE];
	for (size_t i = 0; i < l->answer_count && !bits; i++)
		if (is_wanted(l, &l->answers[i]) && l->answers[i].match == MATCH_RANGE) {
			first = l->answers[i].first < first ? l->answers[i].first : first;
			last = l->answers[i].last > last ? l->answers[i].last : last;
		}
	for (size_t i = 0; i < l->refusal_count; i++)
		if (!bits && l->refusals[i].first >= first && l->refusals[i].first <= last)
			return false;
	if (!bits && first > last)
		return false;
	list_code_text(first, low);
	list_code_text(last, high);
	if (bits)
		buf_printf(out, "%u", bits);
	else
		buf_printf(out, "%s-%s", low, high);
	return true;
}

static void assassin_links(const struct suggestion *s, enum part part)
{
	struct buf test = buf_make(FILTER_OCTETS_MAX);
	const struct list *l;
	for (size_t at = 0; (l = next_of(s, part, &at));) {
		char symbol[SYMBOL_SIZE];
		buf_clear(&test);
		if (!link_test(&test, l))
			continue;
		symbol_of(l, symbol);
		terms(s->out, "", l);
		buf_printf(s->out,
			   "urirhssub LISTED_%s %s. A %s\nbody     LISTED_%s eval:check_uridnsbl('LISTED_%s')\n",
			   symbol, l->zone, buf_text(&test), symbol, symbol);
		assassin_score(s, l, symbol, "1.5");
	}
	buf_release(&test);
}

static void spamassassin(const struct suggestion *s)
{
	heading(s->out, "For SpamAssassin, a file of its own beside local.cf. It asks many of them by itself: what "
			"counts twice, take out here (score NAME 0).");
	assassin_rows(s, PART_REFUSE, "2.5");
	assassin_rows(s, PART_WEIGH, "1.0");
	assassin_rows(s, PART_WELCOME, "-1.0");
	assassin_links(s, PART_NAMES);
	assassin_links(s, PART_LINKS);
}

static const struct {
	const char *program;
	void (*write)(const struct suggestion *);
} writers[] = {{"postfix", postfix}, {"exim", exim}, {"rspamd", rspamd}, {"spamassassin", spamassassin}};

const char *suggest_program(size_t number)
{
	return number < sizeof(writers) / sizeof(*writers) ? writers[number].program : NULL;
}

bool suggest_config(const struct catalogue *c, const char *program, struct buf *out)
{
	const struct suggestion s = {c, out};
	for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
		if (strcmp(program, writers[i].program) == 0) {
			writers[i].write(&s);
			return true;
		}
	return false;
}
