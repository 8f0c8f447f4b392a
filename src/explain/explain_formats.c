/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists in the configuration of programs of which no text is written here: Sendmail, rblsmtpd, OpenSMTPD's filter-dnsbl,
 * spamdyke, policyd-weight, Haraka, Zimbra. What is read is which list is asked, for what, and whether codes are told. */
#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The name from `at` on; the dot at its end stays in the text. */
static struct span name_at(struct span text, size_t at)
{
	size_t end = at;
	while (end < text.len && (list_zone_octet(text.at[end]) || text.at[end] == '{' || text.at[end] == '}'))
		end++;
	while (end > at && text.at[end - 1] == '.')
		end--;
	return span_of(text.at + at, end - at);
}

static void add(struct entries *e, struct entry entry, struct span zone)
{
	entry.zone = zone;
	if (!entry.end) {
		entry.start = (size_t)(zone.at - e->text.at);
		entry.end = entry.start + zone.len;
	}
	entry.prefix = entry.start;
	if (list_zone_is_likely(zone))
		entries_add(e, &entry);
}

static bool has(struct span text, const char *word)
{
	return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/* ---- Sendmail (cf/README): FEATURE(`dnsbl', `zone', ...), FEATURE(`enhdnsbl', `zone', `text', `t', `127.0.0.2.') ---- */

/* An argument of m4: to the comma or bracket outside `...'. @return where the next one begins, at the bracket, or the end */
static size_t m4_argument(struct span text, size_t at, struct span *ret_argument)
{
	size_t start = at;
	int depth = 0;
	for (; at < text.len; at++) {
		uint8_t c = text.at[at];
		depth += c == '`' ? 1 : c == '\'' ? -1 : 0;
		if (depth <= 0 && (c == ',' || c == ')'))
			break;
	}
	*ret_argument = span_trim(span_of(text.at + start, at - start));
	while (ret_argument->len && is_quote(ret_argument->at[0]))
		*ret_argument = span_from(*ret_argument, 1);
	while (ret_argument->len && is_quote(ret_argument->at[ret_argument->len - 1]))
		ret_argument->len--;
	return at < text.len && text.at[at] == ',' ? at + 1 : at;
}

enum { FEATURE_CODE = 4, FEATURE_ARGUMENTS_MAX = 64 }; /* the first code is the fifth argument */

static void feature(struct entries *e, size_t start)
{
	struct span text = e->text, name, zone = {0}, argument;
	struct entry entry = {
		.syntax = SYNTAX_SENDMAIL, .asks = ASKS_ADDRESSES, .purpose = PURPOSE_BLOCK, .start = start};
	size_t at = m4_argument(text, start + strlen("FEATURE("), &name);
	if (span_equal(name, span_str("dnsbl")))
		entry.keyword = "FEATURE(dnsbl)";
	else if (span_equal(name, span_str("enhdnsbl")))
		entry.keyword = "FEATURE(enhdnsbl)";
	else
		return;
	for (int i = 1; i < FEATURE_ARGUMENTS_MAX && at < text.len && text.at[at] != ')'; i++) {
		at = m4_argument(text, at, &argument);
		if (i == 1)
			zone = argument;
		entry.filtered |= i >= FEATURE_CODE && argument.len && entry.keyword[8] == 'e';
	}
	entry.end = at < text.len ? at + 1 : at;
	add(e, entry, zone);
}

static bool is_dnl(struct span text, size_t at)
{
	while (at && text.at[at - 1] != '\n')
		at--;
	return span_starts(span_trim(span_from(text, at)), "dnl");
}

static void find_sendmail(struct entries *e)
{
	for (size_t at = explain_find_word(e->text, 0, "FEATURE"); at < e->text.len;
	     at = explain_find_word(e->text, at + 1, "FEATURE"))
		if (at + 7 < e->text.len && e->text.at[at + 7] == '(' && !is_dnl(e->text, at))
			feature(e, at);
}

/* ---- commands: rblsmtpd -r zone[:text] -a zone; filter-dnsbl zone zone ---- */

static void find_rblsmtpd(struct entries *e)
{
	struct span text = e->text;
	if (explain_find_word(text, 0, "rblsmtpd") == text.len)
		return;
	for (size_t at = 0; at + 2 < text.len; at++) {
		struct entry entry = {.syntax = SYNTAX_COMMAND, .asks = ASKS_ADDRESSES, .keyword = "rblsmtpd"};
		size_t zone = at + 2;
		bool begins = at == 0 || ascii_is_space(text.at[at - 1]) || is_quote(text.at[at - 1]);
		if (!begins || text.at[at] != '-' || (text.at[at + 1] != 'r' && text.at[at + 1] != 'a'))
			continue;
		entry.purpose = text.at[at + 1] == 'r' ? PURPOSE_BLOCK : PURPOSE_WHITE;
		while (zone < text.len && (is_blank(text.at[zone]) || is_quote(text.at[zone])))
			zone++;
		entry.start = at;
		entry.zone = name_at(text, zone);
		entry.end = zone + entry.zone.len;
		add(e, entry, entry.zone);
	}
}

static void find_filter_dnsbl(struct entries *e)
{
	static const char word[] = "filter-dnsbl";
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, word); at < text.len; at = explain_find_word(text, at, word)) {
		at += strlen(word);
		while (at < text.len && is_blank(text.at[at])) {
			struct entry entry = {.syntax = SYNTAX_COMMAND, .purpose = PURPOSE_BLOCK, .keyword = word};
			at = explain_skip_blanks(text, at);
			entry.zone = name_at(text, at);
			at += entry.zone.len ? entry.zone.len : 1;
			add(e, entry, entry.zone);
		}
	}
}

/* ---- KEY=zone, KEY: zone, KEY zone ---- */

static const struct key {
	const char *word;
	enum syntax syntax;
	enum asks asks;
	enum purpose purpose;
} keys[] = {
	{"dns-blacklist-entry", SYNTAX_COMMAND, ASKS_ADDRESSES, PURPOSE_BLOCK},
	{"dns-whitelist-entry", SYNTAX_COMMAND, ASKS_ADDRESSES, PURPOSE_WHITE},
	{"rhs-blacklist-entry", SYNTAX_COMMAND, ASKS_NAMES, PURPOSE_BLOCK},
	{"rhs-whitelist-entry", SYNTAX_COMMAND, ASKS_NAMES, PURPOSE_WHITE},
	{"zimbraMtaRestrictionRBLs", SYNTAX_RESTRICTION, ASKS_ADDRESSES, PURPOSE_BLOCK},
	{"zimbraMtaRestrictionRHSBLCs", SYNTAX_RESTRICTION, ASKS_NAMES, PURPOSE_BLOCK},
	{"zimbraMtaRestrictionRHSBLRCs", SYNTAX_RESTRICTION, ASKS_NAMES, PURPOSE_BLOCK},
	{"zimbraMtaRestrictionRHSBLSs", SYNTAX_RESTRICTION, ASKS_NAMES, PURPOSE_BLOCK},
};

static void find_key(struct entries *e, const struct key *key)
{
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, key->word); at < text.len;
	     at = explain_find_word(text, at, key->word)) {
		struct entry entry = {
			.syntax = key->syntax, .asks = key->asks, .purpose = key->purpose, .keyword = key->word};
		at += strlen(key->word);
		while (at < text.len &&
		       (is_blank(text.at[at]) || is_quote(text.at[at]) || memchr("=:", text.at[at], 2)))
			at++;
		add(e, entry, name_at(text, at));
	}
}

/* ---- policyd-weight: @dnsbl_score = ( 'zone', 3.25, 0, 'NAME', ... ); ---- */

static void find_scores(struct entries *e, const char *word, enum asks asks)
{
	struct span text = e->text;
	size_t at = explain_find_word(text, 0, word), end;
	if (at == 0 || at >= text.len || text.at[at - 1] != '@')
		return;
	for (end = at; end < text.len && text.at[end] != ';';)
		end++;
	for (; at < end; at++) {
		struct entry entry = {.syntax = SYNTAX_POLICYD,
				      .asks = asks,
				      .weighted = true,
				      .purpose = PURPOSE_BLOCK,
				      .keyword = "policyd-weight"};
		if (!is_quote(text.at[at]))
			continue;
		entry.zone = name_at(text, at + 1);
		if (at + 1 + entry.zone.len < end && is_quote(text.at[at + 1 + entry.zone.len]))
			add(e, entry, entry.zone);
		at += entry.zone.len + 1;
	}
}

/* ---- Haraka: dns-list.ini, dnsbl.ini ---- */

static void haraka_zones(struct entries *e, size_t at, size_t end)
{
	while (at < end) {
		struct entry entry = {.syntax = SYNTAX_HARAKA, .keyword = "Haraka zones"};
		entry.zone = name_at(e->text, at);
		add(e, entry, entry.zone);
		at += entry.zone.len ? entry.zone.len : 1;
	}
}

static void haraka_line(struct entries *e, size_t at, size_t end)
{
	struct span text = e->text, line = span_of(text.at + at, end - at);
	size_t equals = span_find(line, '=');
	struct span key = span_trim(span_of(line.at, equals));
	if (line.len && line.at[0] == '[') {
		struct entry entry = {.syntax = SYNTAX_HARAKA, .keyword = "Haraka section"};
		add(e, entry, name_at(text, at + 1));
	} else if (equals < line.len && (span_equal(key, span_str("zones")) || span_equal(key, span_str("zones[]")))) {
		haraka_zones(e, at + equals + 1, end);
	}
}

static void find_haraka(struct entries *e)
{
	struct span text = e->text;
	bool lists =
		has(text, "\nzones") || span_starts(text, "zones") || has(text, "\ntype=") || has(text, "\ntype =");
	for (size_t at = 0, end; lists && at < text.len; at = end + 1) {
		end = entry_line_end(text, at);
		haraka_line(e, at, end);
	}
}

void entries_find_more(struct entries *e)
{
	find_sendmail(e);
	find_rblsmtpd(e);
	find_filter_dnsbl(e);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		find_key(e, &keys[i]);
	find_scores(e, "dnsbl_score", ASKS_ADDRESSES);
	find_scores(e, "rhsbl_score", ASKS_NAMES);
	find_haraka(e);
}

/* Programs whose configuration is known by its words alone. */
static const struct unread {
	const char *word, *program;
} unread[] = {
	{"IPBlockListProvider", "Microsoft Exchange"},
	{"IPAllowListProvider", "Microsoft Exchange"},
	{"hm_dnsbl", "hMailServer"},
	{"AntiSpam.DNSBlackLists", "hMailServer"},
	{"spam-filter.dnsbl", "Stalwart"},
	{"spam.dnsbl", "Stalwart"},
	{"IncomingDNSBLs:", "mox"},
	{"DNSBLs:", "mox"},
	{"MonitorDNSBLs:", "mox"},
	{"check.dnsbl", "maddy"},
};

/* maddy: "dnsbl {" or "dnsbl zone ... {" in a block of checks */
static bool is_maddy(struct span text)
{
	for (size_t at = explain_find_word(text, 0, "dnsbl"); at < text.len;
	     at = explain_find_word(text, at + 1, "dnsbl")) {
		size_t end = entry_line_end(text, at), start = at;
		struct span line = span_trim(span_of(text.at + at, end - at));
		while (start && is_blank(text.at[start - 1]))
			start--;
		if ((start == 0 || text.at[start - 1] == '\n') && line.at[line.len - 1] == '{')
			return true;
	}
	return false;
}

/* A key of YAML's kind has its line to itself: the word may stand in any reply. */
static bool has_mark(struct span text, const char *word)
{
	size_t len = strlen(word), at = 0;
	if (word[len - 1] != ':')
		return has(text, word);
	for (; at < text.len; at = entry_line_end(text, at) + 1)
		if (span_equal(span_trim(span_of(text.at + at, entry_line_end(text, at) - at)), span_str(word)))
			return true;
	return false;
}

const char *explain_unread(struct span text)
{
	for (size_t i = 0; i < sizeof(unread) / sizeof(*unread); i++)
		if (has_mark(text, unread[i].word))
			return unread[i].program;
	return is_maddy(text) ? "maddy" : NULL;
}
