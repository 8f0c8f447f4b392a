/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and pages of public lists inside a reply. A name alone proves nothing: whoever sends a message can have it quoted
 * back. It counts where the receiver's own words say that something is blocked by it. */
#include "base/ascii.h"
#include "catalogue/receivers_parts.h"

enum {
	NAME_SIZE = 256,
	LABELS_MAX = 40,    /* an IPv6 address under a zone has 32 and the zone's */
	NAMES_MAX = 64,     /* of one reply */
	BEFORE_OCTETS = 24, /* where a word that leads to a name is looked for */
};

static bool is_name_octet_of(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

static bool has_word(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]);
		for (size_t at = 0; at + len <= text.len; at++)
			if (ascii_lower(text.at[at]) == (uint8_t)words[i][0] &&
			    span_equal_nocase(span_of(text.at + at, len), span_of(words[i], len)))
				return true;
	}
	return false;
}

/* The receiver says that it refuses for a listing. */
static bool speaks_of_blocking(struct span text)
{
	static const char *const words[] = {
		"block",  "listed",     "blacklist",   "blocklist",  "reject",     "denied",  "refus",        "rbl",
		"banned", "reputation", "spam source", "black list", "block list", "listing", "not accepted", "abuse"};
	return has_word(text, words, sizeof(words) / sizeof(*words));
}

/* The last word before `at`, with marks between them passed over. */
static struct span word_before(struct span text, size_t at)
{
	size_t end = at, start;
	while (end > 0 && at - end < BEFORE_OCTETS && !ascii_is_alpha(text.at[end - 1]))
		end--;
	start = end;
	while (start > 0 && ascii_is_alpha(text.at[start - 1]))
		start--;
	return span_of(text.at + start, end - start);
}

static bool one_of(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(word, span_str(words[i])))
			return true;
	return false;
}

/* "blocked using NAME", "listed at NAME", "RBL: NAME", "NAME: listed": words of a refusal around the name. */
static bool leads_to_name(struct span text, size_t from, size_t to)
{
	static const char *const before[] = {"using",     "by",       "in",     "on",      "at",       "via",
					     "from",      "rbl",      "dnsbl",  "list",    "zone",     "blocklist",
					     "blacklist", "database", "listed", "blocked", "rejected", "lists",
					     "dnsrbl",    "with",     "to",     "the",     "query",    "ip",
					     "of",        "source",   "dns",    "reason"};
	static const char *const after[] = {"listed", "blocked", "blacklist", "block",   "rbl",
					    "dnsbl",  "reject",  "lists",     "listing", "has"};
	struct span rest = span_from(text, to);
	size_t at = 0, len = 0;
	if (one_of(word_before(text, from), before, sizeof(before) / sizeof(*before)))
		return true;
	while (at < rest.len && at < 4 && !ascii_is_alpha(rest.at[at]))
		at++;
	while (at + len < rest.len && ascii_is_alpha(rest.at[at + len]))
		len++;
	return one_of(span_of(rest.at + at, len), after, sizeof(after) / sizeof(*after));
}

/* What the text shows of a message: no words of the receiver. */
static bool of_the_message(struct span text, size_t from)
{
	static const char *const words[] = {"subject", "url",    "uri",       "urls",       "link",
					    "links",   "body",   "contains",  "containing", "helo",
					    "ehlo",    "sender", "recipient", "hostname",   "website"};
	return one_of(word_before(text, from), words, sizeof(words) / sizeof(*words));
}

/* The labels before a zone: none, a key, or an address turned round. */
static bool prefix_fits(struct span prefix)
{
	size_t labels = 1, nibbles = 0;
	bool digits = true;
	if (prefix.len == 0)
		return true;
	for (size_t i = 0; i < prefix.len; i++) {
		labels += prefix.at[i] == '.';
		nibbles += (i == 0 || prefix.at[i - 1] == '.') && (i + 1 == prefix.len || prefix.at[i + 1] == '.');
		digits &= ascii_is_digit(prefix.at[i]) || prefix.at[i] == '.';
	}
	return (labels == 4 && digits) || (labels == 32 && nibbles == 32);
}

/* The longest part of the name that is a zone. */
static const struct list *zone_of(const struct catalogue *lists, struct span name, size_t *ret_at)
{
	char text[NAME_SIZE];
	size_t labels = 0;
	if (name.len >= sizeof(text))
		return NULL;
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	ascii_lower_all(text);
	for (size_t at = 0; at < name.len && labels < LABELS_MAX; labels++) {
		const struct list *l = strchr(text + at, '.') ? catalogue_find(lists, text + at) : NULL;
		if (l && prefix_fits(span_of(name.at, at ? at - 1 : 0))) {
			*ret_at = at;
			return l;
		}
		at += strcspn(text + at, ".") + 1;
	}
	return NULL;
}

struct name {
	size_t from, to;
	bool link; /* the host of a link */
};

static bool next_name(struct span text, size_t *at, struct name *ret_name)
{
	size_t from = *at, to;
	while (from < text.len && !is_name_octet_of(text.at[from]))
		from++;
	for (to = from; to < text.len && is_name_octet_of(text.at[to]);)
		to++;
	*at = to;
	while (to > from && memchr(".-_", text.at[to - 1], 3))
		to--;
	*ret_name = (struct name){from, to, from >= 3 && memcmp(text.at + from - 3, "://", 3) == 0};
	return from < text.len;
}

static bool beside_a_mask(struct span text, const struct name *n)
{
	return (n->from > 0 && (text.at[n->from - 1] == REPLY_MASK || text.at[n->from - 1] == '@')) ||
	       (n->to < text.len && (text.at[n->to] == REPLY_MASK || text.at[n->to] == '@'));
}

/* A link to a list's page counts when it asks about something, as the pages that lists hand out do. */
static const struct list *page_of(const struct catalogue *lists, struct span text, const struct name *n)
{
	struct span host = span_of(text.at + n->from, n->to - n->from);
	size_t end = n->to;
	if (!n->link || of_the_message(text, n->from >= 8 ? n->from - 8 : 0))
		return NULL;
	while (end < text.len && text.at[end] > ' ')
		end++;
	if (end - n->to < 3)
		return NULL;
	if (host.len > 4 && span_equal_nocase(span_of(host.at, 4), span_str("www.")))
		host = span_from(host, 4);
	return list_of_page(lists, host);
}

bool reply_zone_find(const struct catalogue *lists, const struct reply_text *t, struct span *ret_zone,
		     const struct list **ret_list)
{
	struct span text = reply_masked(t);
	const struct list *page = NULL;
	struct name n, page_name = {0};
	size_t at = t->head;
	if (!speaks_of_blocking(text))
		return false;
	for (int i = 0; i < NAMES_MAX && next_name(text, &at, &n); i++) {
		struct span name = span_of(text.at + n.from, n.to - n.from);
		size_t begin = 0;
		const struct list *l;
		if (span_find(name, '.') == name.len || beside_a_mask(text, &n))
			continue;
		l = zone_of(lists, name, &begin);
		if (l && !of_the_message(text, n.from) && (n.link || leads_to_name(text, n.from, n.to))) {
			*ret_zone = span_of(t->plain + n.from + begin, name.len - begin);
			*ret_list = l;
			return true;
		}
		if (!page) {
			page = page_of(lists, text, &n);
			page_name = n;
		}
	}
	if (!page)
		return false;
	*ret_zone = span_of(t->plain + page_name.from, page_name.to - page_name.from);
	*ret_list = page;
	return true;
}

struct span reply_link(const struct reply_text *t)
{
	const char *hit = memmem(t->masked, t->len, "://", 3);
	size_t from, to;
	if (!hit)
		return (struct span){0};
	from = to = (size_t)(hit - t->masked);
	while (from > 0 && ascii_is_alpha((uint8_t)t->masked[from - 1]))
		from--;
	if (!span_equal_nocase(span_of(t->plain + from, to - from), span_str("http")) &&
	    !span_equal_nocase(span_of(t->plain + from, to - from), span_str("https")))
		return (struct span){0};
	while (to < t->len && t->masked[to] > ' ' && !memchr("<>\"'`)]", t->masked[to], 7))
		to++;
	while (to > from && memchr(".,;:", t->masked[to - 1], 4))
		to--;
	return span_of(t->plain + from, to - from);
}

struct span reply_only_address(const struct reply_text *t, const struct reply_key *k)
{
	struct span found = {0};
	struct addr first = {0}, a;
	for (size_t i = 0; i < k->part_count; i++) {
		const struct reply_token *token = &k->parts[i];
		enum addr_kind kind;
		if (token->kind != TOKEN_ADDRESS || addr_parse(span_of(t->plain + token->at, token->len), &a) < 0)
			continue;
		kind = addr_kind(&a);
		if (kind != ADDR_PUBLIC && kind != ADDR_DOCUMENTATION)
			continue;
		if (found.len && !addr_equal(&a, &first))
			return (struct span){0};
		first = a;
		found = span_of(t->plain + token->at, token->len);
	}
	return found;
}
