/* SPDX-License-Identifier: BSD-2-Clause */
/* What host, dig, nslookup, resolvectl and a mail server's log say of a look-up: each answer and each error by itself. A failed
 * look-up is never a listing, and neither is the resolver's own address. */
#include <errno.h>

#include "base/ascii.h"
#include "explain/explain_lookup.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

enum {
	LOOKUP_LINES_MAX = 20000,
	RECORD_WORDS_MAX = 3, /* of a record, from its name to its type: how long it is kept, and its class */
};

static bool begins(struct span text, const char *word)
{
	size_t len = strlen(word);
	return text.len >= len && span_equal_nocase(span_of(text.at, len), span_of(word, len));
}

/* Where the text goes on behind the word; text.len: it is not there. */
static size_t behind(struct span text, const char *word)
{
	for (size_t at = 0; at < text.len; at++)
		if (ascii_lower(text.at[at]) == (uint8_t)word[0] && begins(span_from(text, at), word))
			return at + strlen(word);
	return text.len;
}

static bool has(struct span text, const char *word)
{
	return behind(text, word) < text.len ||
	       (text.len >= strlen(word) && begins(span_from(text, text.len - strlen(word)), word));
}

static struct span word_at(struct span text, size_t at)
{
	size_t end;
	while (at < text.len && (ascii_is_space(text.at[at]) || text.at[at] == '\'' || text.at[at] == '"'))
		at++;
	for (end = at; end < text.len && !ascii_is_space(text.at[end]) && !memchr(":'\",;", text.at[end], 5);)
		end++;
	return span_of(text.at + at, end - at);
}

static struct span as_name(struct span word)
{
	while (word.len && word.at[word.len - 1] == '.')
		word.len--;
	return list_zone_is_likely(word) ? word : (struct span){0};
}

static enum lookup_outcome outcome_of(struct span words)
{
	static const struct {
		const char *word;
		enum lookup_outcome outcome;
	} known[] = {{"try again", LOOKUP_FAILED},
		     {"servfail", LOOKUP_FAILED},
		     {"refused", LOOKUP_FAILED},
		     {"timed out", LOOKUP_FAILED},
		     {"no servers could be", LOOKUP_FAILED},
		     {"server failed", LOOKUP_FAILED},
		     {"no response", LOOKUP_FAILED},
		     {"temporary failure", LOOKUP_FAILED},
		     {"formerr", LOOKUP_FAILED},
		     {"notimp", LOOKUP_FAILED},
		     {"notauth", LOOKUP_FAILED},
		     {"query_failed", LOOKUP_FAILED},
		     {"nxdomain", LOOKUP_NOT_LISTED},
		     {"non-existent domain", LOOKUP_NOT_LISTED},
		     {"no answer", LOOKUP_NOT_LISTED},
		     {"not found", LOOKUP_NOT_LISTED},
		     {"no such host", LOOKUP_NOT_LISTED},
		     {"has no a record", LOOKUP_NOT_LISTED},
		     {"not known", LOOKUP_FAILED},
		     {"communications error", LOOKUP_FAILED}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (has(words, known[i].word))
			return known[i].outcome;
	return LOOKUP_NONE;
}

static void add(struct lookups *l, struct span name, enum lookup_outcome outcome, struct span answer, struct span error)
{
	struct lookup *one = &l->at[l->count];
	name = as_name(name);
	if (l->count == LOOKUPS_MAX || outcome == LOOKUP_NONE ||
	    (!name.len && l->count && !l->at[l->count - 1].name.len))
		return;
	*one = (struct lookup){.name = name, .outcome = outcome, .error = error};
	if (name.len && span_equal_nocase(name, l->target))
		one->asked = l->alias;
	if (answer.len && addr_parse(answer, &one->answer) < 0)
		return;
	l->count++;
}

/* A CNAME: what is said of the name that it leads to was asked of the first one. */
static void add_alias(struct lookups *l, struct span name, struct span target)
{
	name = as_name(name);
	if (!l->target.len || !span_equal_nocase(name, l->target))
		l->alias = name;
	l->target = as_name(target);
}

/* The block of one dig or nslookup: what was asked, and what came. */
struct block {
	struct span name, status, answer_name;
	bool open, answered, in_answer;
};

static void close_block(struct lookups *l, struct block *b)
{
	if (b->open && !b->answered)
		add(l, b->name,
		    b->status.len && !span_equal_nocase(b->status, span_str("NOERROR")) ? outcome_of(b->status)
											: LOOKUP_NOT_LISTED,
		    (struct span){0}, b->status);
	*b = (struct block){0};
}

/* "NAME. 60 IN TYPE data" of dig, drill, kdig: the data of a record of this type; empty: another line. */
static struct span record_data(struct span line, const char *type)
{
	struct span name = word_at(line, 0), rest = line, word = name;
	if (!line.len || line.at[0] == ';' || !as_name(name).len)
		return (struct span){0};
	for (int i = 0; i < RECORD_WORDS_MAX && word.len; i++) {
		rest = span_trim(span_from(rest, (size_t)(word.at + word.len - rest.at)));
		word = word_at(rest, 0);
		if (span_equal_nocase(word, span_str(type)))
			return span_trim(span_from(rest, (size_t)(word.at + word.len - rest.at)));
	}
	return (struct span){0};
}

static bool take_record(struct lookups *l, struct block *b, struct span line)
{
	struct span name = word_at(line, 0), address = record_data(line, "A"), text = record_data(line, "TXT"),
		    target = record_data(line, "CNAME");
	if (address.len)
		add(l, name, LOOKUP_ANSWER, word_at(address, 0), (struct span){0});
	else if (text.len)
		add(l, name, LOOKUP_TEXT, (struct span){0}, text);
	else if (target.len)
		add_alias(l, name, word_at(target, 0));
	b->answered |= address.len || text.len;
	return address.len || text.len || target.len;
}

/* "; <<>> DiG 9.18.24 <<>> @192.0.2.53 +short NAME A": the first word behind the version that is a name. */
static struct span banner_name(struct span line)
{
	struct span rest = span_from(line, behind(line, "dig"));
	rest = span_from(rest, behind(rest, "<<>>"));
	for (size_t at = 0; at < rest.len;) {
		struct span word = word_at(rest, at);
		if (!word.len)
			break;
		if (as_name(word).len)
			return word;
		at = (size_t)(word.at + word.len - rest.at) + 1;
	}
	return (struct span){0};
}

/* ";NAME. IN A" of dig, ";; NAME. IN A" of kdig and drill: nothing behind the type. */
static bool is_question(struct span line)
{
	size_t from = line.len > 2 && line.at[1] == ';' ? 2 : 1;
	struct span name = word_at(line, from), rest;
	if (line.len < 3 || line.at[0] != ';' || !as_name(name).len)
		return false;
	rest = span_trim(span_from(line, (size_t)(name.at + name.len - line.at)));
	return begins(rest, "IN") && rest.len > 3 && ascii_is_space(rest.at[2]) &&
	       word_at(rest, 3).at + word_at(rest, 3).len == rest.at + rest.len;
}

/* delv: "; NAME. 3600 IN \-A ;-$NXDOMAIN", "\-ANY": the answer that there is nothing; ";; resolution failed: REASON" before
 * it, or alone. */
static bool take_delv(struct lookups *l, struct span line)
{
	size_t at = behind(line, "resolution failed: ");
	if (begins(line, "; ") && behind(line, ";-$NX") < line.len && as_name(word_at(line, 2)).len) {
		struct span why = span_str(has(line, "nxdomain") ? "NXDOMAIN" : "no A record");
		add(l, word_at(line, 2), LOOKUP_NOT_LISTED, (struct span){0}, why);
		return true;
	}
	if (at == line.len || !begins(line, ";;"))
		return false;
	if (!begins(span_from(line, at), "ncache"))
		add(l, (struct span){0}, LOOKUP_FAILED, (struct span){0}, span_from(line, at));
	return true;
}

static bool take_dig(struct lookups *l, struct block *b, struct span line)
{
	size_t at;
	if (begins(line, "; <<>>")) {
		close_block(l, b);
		b->name = banner_name(line);
		return true;
	}
	at = behind(line, "status: ");
	at = at < line.len ? at : behind(line, "rcode: ");
	if (begins(line, ";; ->>HEADER<<-") && at < line.len) {
		struct span name = b->name;
		if (b->open)
			close_block(l, b);
		*b = (struct block){.name = name, .status = word_at(line, at), .open = true};
		return true;
	}
	if (is_question(line)) {
		b->name = word_at(line, line.at[1] == ';' ? 2 : 1);
		return true;
	}
	if (take_delv(l, line))
		return true;
	if (begins(line, ";;") && outcome_of(line) == LOOKUP_FAILED) {
		if (!b->open)
			add(l, b->name, LOOKUP_FAILED, (struct span){0}, span_trim(span_from(line, 2)));
		return true;
	}
	return take_record(l, b, line);
}

static bool take_host(struct lookups *l, struct span line)
{
	size_t at = behind(line, " has address ");
	struct span name = word_at(line, 0);
	if (at < line.len && as_name(name).len) {
		add(l, name, LOOKUP_ANSWER, word_at(line, at), (struct span){0});
		return true;
	}
	if (begins(line, "host ") && has(line, " not found:")) {
		at = behind(line, " not found:");
		add(l, word_at(line, 5), outcome_of(span_from(line, at)), (struct span){0},
		    span_trim(span_from(line, at)));
		return true;
	}
	if (as_name(name).len && has(line, " has no a record")) {
		add(l, name, LOOKUP_NOT_LISTED, (struct span){0}, span_str("no A record"));
		return true;
	}
	at = behind(line, " is an alias for ");
	if (at < line.len && as_name(name).len) {
		add_alias(l, name, word_at(line, at));
		return true;
	}
	at = behind(line, " descriptive text ");
	if (at < line.len && as_name(name).len) {
		add(l, name, LOOKUP_TEXT, (struct span){0}, span_from(line, at));
		return true;
	}
	return begins(line, "using domain server");
}

/* "NAME\ttext = "..."", "NAME\tcanonical name = TARGET."; Windows: "Aliases:  NAME" behind the answer. */
static bool take_nslookup_record(struct lookups *l, struct block *b, struct span line)
{
	struct span name = word_at(line, 0);
	size_t text = behind(line, "\ttext = "), target = behind(line, "\tcanonical name = ");
	if (begins(line, "aliases:") && b->answer_name.len && l->count) {
		struct lookup *last = &l->at[l->count - 1];
		if (span_equal_nocase(last->name, b->answer_name))
			last->asked = as_name(word_at(line, 8));
		return true;
	}
	if (!as_name(name).len || (text == line.len && target == line.len))
		return false;
	if (text < line.len)
		add(l, name, LOOKUP_TEXT, (struct span){0}, span_from(line, text));
	else
		add_alias(l, name, word_at(line, target));
	return true;
}

static bool take_nslookup(struct lookups *l, struct block *b, struct span line)
{
	size_t at = behind(line, "can't find ");
	if (at < line.len && begins(line, "**")) {
		struct span name = word_at(line, at);
		add(l, name, outcome_of(span_from(line, at + name.len)), (struct span){0},
		    span_trim(span_from(line, at + name.len + 1)));
		return true;
	}
	if (begins(line, "server:")) {
		b->answer_name = (struct span){0};
		return true;
	}
	if (begins(line, "name:")) {
		b->answer_name = word_at(line, 5);
		return true;
	}
	if (begins(line, "address:") || begins(line, "addresses:")) {
		struct span answer = word_at(line, behind(line, ":"));
		if (b->answer_name.len)
			add(l, b->answer_name, LOOKUP_ANSWER, answer, (struct span){0});
		return true; /* before a name it is the resolver's own */
	}
	return take_nslookup_record(l, b, line) || begins(line, "dns request timed out");
}

/* Postfix and its like; resolvectl; libraries. */
static bool take_message(struct lookups *l, struct span line)
{
	size_t at = behind(line, "name service error for name=");
	if (at < line.len) {
		struct span name = word_at(line, at);
		add(l, name, outcome_of(span_from(line, at + name.len)), (struct span){0},
		    span_trim(span_from(line, at + name.len)));
		return true;
	}
	at = behind(line, ": resolve call failed:");
	if (at < line.len) {
		/* "'NAME' not found", "'NAME' does not have any RR of the requested type"; all else failed */
		struct span why = span_trim(span_from(line, at));
		bool none = outcome_of(why) == LOOKUP_NOT_LISTED || has(why, "does not have any RR");
		add(l, word_at(line, 0), none ? LOOKUP_NOT_LISTED : LOOKUP_FAILED, (struct span){0}, why);
		return true;
	}
	if (has(line, "-- link:") && as_name(word_at(line, 0)).len) {
		add(l, word_at(line, 0), LOOKUP_ANSWER, word_at(line, word_at(line, 0).len + 1), (struct span){0});
		return true;
	}
	if ((has(line, "temporary failure in name resolution") || has(line, "name or service not known") ||
	     has(line, "nodename nor servname")) &&
	    outcome_of(line)) {
		struct span first = word_at(line, 0), second = word_at(line, first.len + 1);
		add(l, as_name(first).len ? first : second, LOOKUP_FAILED, (struct span){0}, line);
		return true;
	}
	return false;
}

/* "NXDOMAIN 10.2.0.192.zen.spamhaus.org" and the other way round, by itself. */
static bool take_bare(struct lookups *l, struct span line)
{
	static const char *const codes[] = {"nxdomain", "servfail", "refused", "formerr", "notimp"};
	struct span first = word_at(line, 0), second = word_at(line, (size_t)(first.at + first.len - line.at) + 1);
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		bool one = span_equal_nocase(first, span_str(codes[i]));
		if (!one && !(as_name(first).len && span_equal_nocase(second, span_str(codes[i]))))
			continue;
		add(l, one ? second : first, outcome_of(one ? first : second), (struct span){0}, one ? first : second);
		return true;
	}
	return false;
}

/* "TEXT", as dig +short TXT has it; a reply of a mail server that somebody put in quotes begins with its code. */
static bool is_quoted(struct span line)
{
	bool code = line.len > 4 && (line.at[1] == '4' || line.at[1] == '5') && ascii_is_digit(line.at[2]) &&
		    ascii_is_digit(line.at[3]) && (line.at[4] == ' ' || line.at[4] == '-');
	return line.len > 2 && line.at[0] == '"' && line.at[line.len - 1] == '"' && !code;
}

/* Nothing but quoted lines: the answers to one question for TXT, without the name that was asked. */
static void take_short_texts(struct lookups *l, struct span text)
{
	struct span lines[LOOKUPS_MAX];
	size_t count = 0;
	for (size_t at = 0; at < text.len && count < LOOKUPS_MAX;) {
		size_t end = entry_line_end(text, at);
		struct span line = span_trim(span_of(text.at + at, end - at));
		at = end + 1;
		if (line.len && !is_quoted(line))
			return;
		lines[count] = line;
		count += line.len > 0;
	}
	for (size_t i = 0; i < count; i++)
		l->at[l->count++] = (struct lookup){.outcome = LOOKUP_TEXT, .error = lines[i]};
}

void lookups_find(struct span text, struct lookups *ret_lookups)
{
	struct lookups *l = ret_lookups;
	struct block b = {0};
	l->count = 0;
	take_short_texts(l, text);
	if (l->count)
		return;
	for (size_t at = 0, lines = 0; at < text.len && lines < LOOKUP_LINES_MAX; lines++) {
		size_t end = entry_line_end(text, at);
		struct span line = span_trim(span_of(text.at + at, end - at));
		at = end + 1;
		if (line.len && !take_dig(l, &b, line) && !take_host(l, line) && !take_nslookup(l, &b, line) &&
		    !take_message(l, line))
			take_bare(l, line);
	}
	close_block(l, &b);
}
