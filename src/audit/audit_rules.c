/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/audit_rules.h"

#include <stdio.h>

#include "base/ascii.h"

enum { DEPTH_MAX = 8, WORDS_MAX = 10000 /* classes that name each other would go on for ever */, KEY_MAX = 512 };

enum outcome { GOES_ON, PERMITS, REFUSES };

/* In smtpd's order; each is asked by itself, and one that refuses is enough. */
static const struct {
	const char *name;
	enum audit_rules_kind kind; /* of a table without a word before it */
} lists[] = {
	{"smtpd_client_restrictions", RULES_CLIENT},         {"smtpd_helo_restrictions", RULES_HELO},
	{"smtpd_sender_restrictions", RULES_SENDER},         {"smtpd_relay_restrictions", RULES_RECIPIENT},
	{"smtpd_recipient_restrictions", RULES_RECIPIENT},   {"smtpd_data_restrictions", RULES_RECIPIENT},
	{"smtpd_end_of_data_restrictions", RULES_RECIPIENT},
};

static const struct {
	const char *word;
	enum audit_rules_kind kind;
} tables[] = {
	{"check_client_access", RULES_CLIENT},
	{"check_helo_access", RULES_HELO},
	{"check_sender_access", RULES_SENDER},
	{"check_recipient_access", RULES_RECIPIENT},
	{"check_reverse_client_hostname_access", RULES_OTHER},
};

/* Those beside check_... that have a word behind them. */
static const char *const with_argument[] = {
	"reject_rbl_client",           "reject_rhsbl_client", "reject_rhsbl_helo",
	"reject_rhsbl_reverse_client", "reject_rhsbl_sender", "reject_rhsbl_recipient",
	"permit_dnswl_client",         "permit_rhswl_client", "sleep"};

struct walk {
	const struct audit_rules *rules;
	enum audit_rules_kind bare; /* what a table without a word before it looks at */
	bool blind;                 /* permits are passed over: would the rest refuse? */
	bool warns;                 /* warn_if_reject stands before this word */
	unsigned int left;          /* words */
	struct audit_rules_way way;
};

static enum outcome walk_list(struct walk *w, struct span list, unsigned int depth);

/* Words are parted by blanks and commas; "{ ... }" is one (postconf(5)). */
static bool next_word(struct span *rest, struct span *ret_word)
{
	size_t depth = 0, end;
	while (rest->len && (ascii_is_space(rest->at[0]) || rest->at[0] == ','))
		*rest = span_from(*rest, 1);
	for (end = 0; end < rest->len; end++) {
		uint8_t c = rest->at[end];
		depth += c == '{';
		depth -= c == '}' && depth;
		if (depth == 0 && (ascii_is_space(c) || c == ','))
			break;
	}
	if (end == 0)
		return false;
	*ret_word = span_of(rest->at, end);
	*rest = span_from(*rest, end);
	return true;
}

static bool is_word(struct span word, const char *name)
{
	return span_equal_nocase(word, span_str(name));
}

static bool has_argument(struct span word)
{
	for (size_t i = 0; i < sizeof(with_argument) / sizeof(*with_argument); i++)
		if (is_word(word, with_argument[i]))
			return true;
	return span_begins_nocase(word, "check_") && !is_word(word, "check_relay_domains");
}

static enum outcome permits(struct walk *w, struct span word)
{
	if (w->blind)
		return GOES_ON;
	w->way.word = word;
	return PERMITS;
}

static enum outcome refuses(const struct walk *w)
{
	return w->warns ? GOES_ON : REFUSES;
}

/* access(5): OK, a number, or restrictions; what has three digits and 4 or 5 in front is a reply. */
static bool is_ok(struct span action)
{
	size_t digits = 0;
	while (digits < action.len && ascii_is_digit(action.at[digits]))
		digits++;
	if (is_word(action, "OK"))
		return true;
	if (digits == 0 || digits < action.len)
		return false;
	return digits != 3 || (action.at[0] != '4' && action.at[0] != '5');
}

/* "{ check_sender_access hash:/x, search_order = y }" and "{ inline:{ a = OK } }" hold a table with more beside it. */
static struct span bare_table(struct span table)
{
	if (table.len > 1 && table.at[0] == '{' && table.at[table.len - 1] == '}') {
		struct span inner = span_of(table.at + 1, table.len - 2), word;
		if (next_word(&inner, &word))
			return word;
	}
	return table;
}

static enum outcome try_row(struct walk *w, struct span row, unsigned int depth)
{
	size_t key = 0;
	struct span action;
	enum outcome outcome;
	while (key < row.len && !ascii_is_space(row.at[key]))
		key++;
	action = span_trim(span_from(row, key));
	if (is_ok(action))
		return PERMITS;
	if (!span_begins_nocase(action, "permit") && !mta_settings_has(w->rules->settings, "smtpd_restriction_classes"))
		return GOES_ON;
	outcome = walk_list(w, action, depth + 1);
	return outcome == PERMITS ? PERMITS : GOES_ON;
}

/* He looks for a row that lets him through. */
static enum outcome try_table(struct walk *w, struct span word, enum audit_rules_kind kind, struct span table,
			      unsigned int depth)
{
	struct span rows, row;
	if (!w->rules->artful || w->blind || kind == RULES_OTHER || !w->rules->rows)
		return GOES_ON;
	table = bare_table(table);
	rows = w->rules->rows(w->rules->arg, kind, table);
	while (finder_line_next(&rows, &row)) {
		row = span_trim(row);
		if (row.len == 0 || row.at[0] == '#' || try_row(w, row, depth) != PERMITS)
			continue;
		w->way.table = table;
		w->way.row = row;
		w->way.kind = kind;
		return permits(w, word);
	}
	return GOES_ON;
}

static enum outcome with_table(struct walk *w, struct span word, struct span *rest, unsigned int depth)
{
	struct span argument;
	if (!next_word(rest, &argument))
		return GOES_ON;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (is_word(word, tables[i].word))
			return try_table(w, word, tables[i].kind, argument, depth);
	return GOES_ON;
}

static enum outcome plain_word(struct walk *w, struct span word)
{
	static const char *const refusing[] = {"reject", "defer", "defer_if_permit"};
	static const char *const guarding[] = {"reject_unauth_destination", "defer_unauth_destination",
					       "check_relay_domains"};
	for (size_t i = 0; i < sizeof(refusing) / sizeof(*refusing); i++)
		if (is_word(word, refusing[i]))
			return refuses(w);
	for (size_t i = 0; i < sizeof(guarding) / sizeof(*guarding); i++)
		if (is_word(word, guarding[i]))
			return w->rules->every_domain ? permits(w, word) : refuses(w);
	if (is_word(word, "permit") || (is_word(word, "permit_mynetworks") && w->rules->in_networks))
		return permits(w, word);
	return GOES_ON;
}

/* A word of smtpd_restriction_classes stands for the list of that name. */
static bool is_class(const struct audit_rules *rules, struct span word, struct span *ret_list)
{
	struct span rest = mta_settings_get(rules->settings, "smtpd_restriction_classes"), class;
	char name[KEY_MAX];
	while (next_word(&rest, &class)) {
		if (!span_equal(class, word) || word.len >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)word.len, (const char *)word.at);
		*ret_list = mta_settings_get(rules->settings, name);
		return true;
	}
	return false;
}

static enum outcome walk_word(struct walk *w, struct span word, struct span *rest, unsigned int depth)
{
	struct span class;
	if (has_argument(word))
		return with_table(w, word, rest, depth);
	if (is_class(w->rules, word, &class))
		return walk_list(w, class, depth + 1);
	if (span_find(word, ':') < word.len || word.at[0] == '{')
		return try_table(w, word, w->bare, word, depth);
	return plain_word(w, word);
}

static enum outcome walk_list(struct walk *w, struct span list, unsigned int depth)
{
	struct span word;
	enum outcome outcome = GOES_ON;
	if (depth == DEPTH_MAX)
		return GOES_ON;
	w->warns = false;
	while (outcome == GOES_ON && w->left && next_word(&list, &word)) {
		bool warns = is_word(word, "warn_if_reject");
		w->left--;
		if (!warns)
			outcome = walk_word(w, word, &list, depth);
		w->warns = warns;
	}
	return outcome;
}

static enum outcome ask_list(const struct audit_rules *rules, size_t at, bool blind, struct audit_rules_way *ret_way)
{
	struct walk w = {.rules = rules, .bare = lists[at].kind, .blind = blind, .left = WORDS_MAX};
	enum outcome outcome = walk_list(&w, mta_settings_get(rules->settings, lists[at].name), 0);
	*ret_way = w.way;
	ret_way->list = lists[at].name;
	return outcome;
}

/* As smtpd looks for it when it starts: a word behind "permit" does not count, nor does what only warns. */
static bool list_guards(const struct audit_rules *rules, struct span list, unsigned int depth)
{
	static const char *const guards[] = {"reject_unauth_destination", "defer_unauth_destination", "reject", "defer",
					     "defer_if_permit",           "check_relay_domains"};
	struct span word, class;
	while (depth < DEPTH_MAX && next_word(&list, &word) && !is_word(word, "permit")) {
		for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
			if (is_word(word, guards[i]))
				return true;
		if (is_word(word, "warn_if_reject"))
			next_word(&list, &word);
		else if (is_class(rules, word, &class) && list_guards(rules, class, depth + 1))
			return true;
	}
	return false;
}

bool audit_rules_serve(const struct audit_rules *rules)
{
	static const char *const guarded[] = {"smtpd_relay_restrictions", "smtpd_recipient_restrictions"};
	for (size_t i = 0; i < sizeof(guarded) / sizeof(*guarded); i++)
		if (list_guards(rules, mta_settings_get(rules->settings, guarded[i]), 0))
			return true;
	return false;
}

bool audit_rules_let(const struct audit_rules *rules, struct audit_rules_way *ret_way)
{
	struct audit_rules_way way, ignored, decisive = {0};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		enum outcome outcome = ask_list(rules, i, false, &way);
		if (outcome == REFUSES)
			return false;
		/* a permit decides where the list would have refused without it; the last such list is the guard */
		if (outcome == PERMITS && (rules->every_domain || ask_list(rules, i, true, &ignored) == REFUSES))
			decisive = way;
	}
	*ret_way = decisive;
	return true;
}
