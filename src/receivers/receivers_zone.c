/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and pages of public lists inside a reply. A name alone proves nothing: whoever sends a message can have it quoted
 * back. It counts where the receiver's own words say that something is blocked by it. */
#include "base/ascii.h"
#include "lists/list_zone.h"
#include "receivers/reply.h"

enum {
	NAME_SIZE = 256,
	LABELS_MAX = 40,    /* an IPv6 address under a zone has 32 and the zone's */
	NAMES_MAX = 64,     /* of one reply */
	BEFORE_OCTETS = 24, /* where a word that leads to a name is looked for */
	NEAR_OCTETS = 120,  /* where words about a domain stand before the list's name */
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
	static const char *const words[] = {"block",  "listed",     "reject", "denied",       "refus", "rbl",
					    "banned", "reputation", "spam",   "black list",   "found", "listing",
					    "dnsbl",  "dns list",   "policy", "not accepted", "abuse", "junk"};
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
	static const char *const before[] = {
		"using",     "by",      "in",     "on",        "at",         "via",        "from",        "rbl",
		"dnsbl",     "list",    "zone",   "blocklist", "blacklist",  "database",   "listed",      "blocked",
		"rejected",  "lists",   "dnsrbl", "with",      "to",         "the",        "query",       "ip",
		"of",        "source",  "dns",    "reason",    "server",     "site",       "see",         "provider",
		"against",   "check",   "rbls",   "dnsbls",    "blacklists", "blocklists", "dnslist",     "dnslists",
		"rblserver", "matched", "hit",    "refused",   "denied",     "found",      "blacklisted", "response"};
	static const char *const after[] = {"listed", "blocked",  "blacklist",  "block",   "rbl",
					    "dnsbl",  "reject",   "lists",      "listing", "has",
					    "says",   "rejected", "blacklisted"};
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

/* What an Exim or Postfix puts right behind the name: the code of the answer. */
static bool code_follows(struct span text, size_t to)
{
	static const char code[] = "127.0.";
	while (to < text.len && memchr("=( ->[", text.at[to], 6))
		to++;
	return text.len - to > sizeof(code) && memcmp(text.at + to, code, sizeof(code) - 1) == 0;
}

/* Words of a reply that refuses for a name, not for the client's address. */
static bool speaks_of_name(struct span text, size_t at)
{
	static const char *const words[] = {
		"sender address", "helo command",           "ehlo command", "recipient address",
		"your domain",    "sender domain",          "domain name",  "url ",
		"reverse client", "unverified client host", "name server"};
	size_t from = at > NEAR_OCTETS ? at - NEAR_OCTETS : 0;
	return has_word(span_of(text.at + from, at - from), words, sizeof(words) / sizeof(*words));
}

/* "Sender address [a@example.com]", "Client host [mail.example.com]", "domain example.com is": the name itself. */
static struct span name_refused(const struct reply_text *t, size_t at)
{
	static const char *const words[] = {"address", "command", "host", "domain"};
	struct span text = span_of(t->plain, t->len);
	for (size_t from = at > NEAR_OCTETS ? at - NEAR_OCTETS : 0; from < at; from++) {
		struct span rest = span_of(text.at + from, at - from), name;
		size_t len = 0, start = 0, sign;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !len; i++)
			if (rest.len > strlen(words[i]) &&
			    span_equal_nocase(span_of(rest.at, strlen(words[i])), span_str(words[i])))
				len = start = strlen(words[i]);
		while (len && start < rest.len && memchr(" [<:\"'(", rest.at[start], 7))
			start++;
		for (len = 0; start && start + len < rest.len && !memchr(" ]>\"');,", rest.at[start + len], 8);)
			len++;
		name = span_of(rest.at + start, len);
		sign = span_find(name, '@');
		name = sign < name.len ? span_from(name, sign + 1) : name;
		if (list_zone_is_likely(name))
			return name;
	}
	return (struct span){0};
}

/* A link of the message itself is masked; one beside a word of the message may be. */
static bool found_page(const struct link_index *links, const struct reply_text *t, const struct name *n,
		       struct reply_zone *ret_zone)
{
	struct span text = reply_masked(t), link;
	size_t end = n->to;
	if (!n->link || of_the_message(text, n->from >= 8 ? n->from - 8 : 0))
		return false;
	while (end < text.len && text.at[end] > ' ' && !memchr("<>\"'`)]", text.at[end], 7))
		end++;
	link = span_of(t->plain + n->from, end - n->from);
	ret_zone->list = link_list(links, link);
	if (!ret_zone->list)
		return false;
	ret_zone->page = true;
	ret_zone->asks = link_asks(link);
	ret_zone->of_name = list_holds_names(ret_zone->list);
	ret_zone->zone = span_of(t->plain + n->from, n->to - n->from);
	if (ret_zone->of_name)
		ret_zone->name = link_domain(link);
	return true;
}

static bool found_name(const struct catalogue *lists, const struct reply_text *t, const struct name *n,
		       struct reply_zone *ret_zone)
{
	struct span text = reply_masked(t), name = span_of(text.at + n->from, n->to - n->from);
	size_t begin = 0;
	const struct list *l = zone_of(lists, name, &begin);
	if (!l || of_the_message(text, n->from) ||
	    !(n->link || code_follows(text, n->to) || leads_to_name(text, n->from, n->to)))
		return false;
	*ret_zone = (struct reply_zone){.zone = span_of(t->plain + n->from + begin, name.len - begin), .list = l};
	ret_zone->of_name =
		list_holds_names(l) || (l->query & (QUERY_DOMAIN | QUERY_REGISTRABLE) && speaks_of_name(text, n->from));
	if (ret_zone->of_name)
		ret_zone->name = name_refused(t, n->from);
	return true;
}

bool reply_zone_find(const struct catalogue *lists, const struct link_index *links, const struct reply_text *t,
		     struct reply_zone *ret_zone)
{
	struct span text = reply_masked(t);
	struct reply_zone page = {0}, one = {0};
	struct name n;
	size_t at = t->head;
	bool blocks = speaks_of_blocking(text);
	for (int i = 0; i < NAMES_MAX && next_name(text, &at, &n); i++) {
		if (span_find(span_of(text.at + n.from, n.to - n.from), '.') == n.to - n.from ||
		    beside_a_mask(text, &n))
			continue;
		if (blocks && found_name(lists, t, &n, ret_zone))
			return true;
		/* a page counts when it asks about something, as those do that lists hand out */
		if (!page.list && found_page(links, t, &n, &one) && (blocks || one.asks))
			page = one;
	}
	*ret_zone = page;
	return page.list != NULL;
}
