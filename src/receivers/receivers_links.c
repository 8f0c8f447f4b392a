/* SPDX-License-Identifier: BSD-2-Clause */
/* Links inside a reply: the first one, and which list's page one is. */
#include <stdlib.h>

#include "base/ascii.h"
#include "lists/list_zone.h"
#include "receivers/reply.h"

enum { LINKS_OF_LIST = 4 };

/* Without scheme and "www.". */
static struct span bare(struct span link)
{
	const uint8_t *scheme = memmem(link.at, link.len, "://", 3);
	if (scheme)
		link = span_from(link, (size_t)(scheme - link.at) + 3);
	if (link.len > 4 && span_equal_nocase(span_of(link.at, 4), span_str("www.")))
		link = span_from(link, 4);
	return link;
}

struct span link_host(struct span link)
{
	size_t len = 0;
	link = bare(link);
	while (len < link.len && !memchr("/?#:", link.at[len], 4))
		len++;
	return span_of(link.at, len);
}

/* What a page is asked about: the last part of the link. */
static struct span subject_of(struct span link)
{
	size_t from;
	while (link.len && memchr(".,;:/", link.at[link.len - 1], 5))
		link.len--;
	from = link.len;
	while (from && !memchr("/=?&", link.at[from - 1], 4))
		from--;
	return from && link_host(link).len < bare(link).len ? span_from(link, from) : (struct span){0};
}

bool link_asks(struct span link)
{
	struct addr a;
	struct span subject = subject_of(link);
	return subject.len && (addr_parse(subject, &a) == 0 || link_domain(link).len ||
			       (subject.len > 3 && span_equal_nocase(span_of(subject.at, 3), span_str("SBL"))));
}

/* "/lookup.shtml", "index.php" and the like are no names. */
struct span link_domain(struct span link)
{
	static const char *const files[] = {"php", "html", "htm", "shtml", "cgi", "asp", "aspx", "lasso", "jsp"};
	struct span subject = subject_of(link);
	struct addr a;
	size_t dot = subject.len;
	if (!list_zone_is_likely(subject) || addr_parse(subject, &a) == 0)
		return (struct span){0};
	while (dot && subject.at[dot - 1] != '.')
		dot--;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (span_equal_nocase(span_from(subject, dot), span_str(files[i])))
			return (struct span){0};
	return subject;
}

/* Octets of the longest page of the list that the link begins with. */
static size_t page_fits(const struct list *l, struct span link)
{
	size_t best = 0;
	for (size_t i = 0; i < l->pages.count; i++) {
		size_t len = strlen(l->pages.at[i]);
		if (len > best && link.len >= len && span_equal_nocase(span_of(link.at, len), span_str(l->pages.at[i])))
			best = len;
	}
	return best;
}

/* Of two lists with the same page: the kind that is asked for, the one that lives, the one that holds the other without a
 * key, the weightier. */
static bool better(const struct list *a, const struct list *b, bool names)
{
	bool names_a = list_holds_names(a), names_b = list_holds_names(b);
	if (names_a != names_b)
		return names_a == names;
	if (a->enabled != b->enabled)
		return a->enabled;
	if (!a->key != !b->key)
		return !a->key;
	if (list_is_part_of(b, a) != list_is_part_of(a, b))
		return list_is_part_of(b, a);
	return a->impact > b->impact;
}

/* Which lists have a page on a host: every reply with a link asks, and there are hundreds of lists. */
struct page_host {
	uint64_t hash;
	struct span host;
	const struct list *list;
};

struct link_index {
	struct page_host *at; /* by hash, then as in the catalogue */
	size_t count;
};

static int by_hash(const void *a, const void *b)
{
	const struct page_host *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->list->zone, y->list->zone);
}

static uint64_t host_hash(struct span host)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (size_t i = 0; i < host.len; i++)
		hash = (hash ^ ascii_lower(host.at[i])) * UINT64_C(0x100000001b3);
	return hash;
}

static void add_host(struct link_index *x, const struct list *l, const char *link)
{
	struct span host = link ? link_host(span_str(link)) : (struct span){0};
	if (host.len)
		x->at[x->count++] = (struct page_host){host_hash(host), host, l};
}

struct link_index *link_index_new(const struct catalogue *c)
{
	struct link_index *x = calloc(1, sizeof(*x));
	size_t most = 0;
	for (size_t i = 0; i < catalogue_count(c); i++)
		most += LINKS_OF_LIST + catalogue_at(c, i)->pages.count;
	if (x)
		x->at = calloc(most + 1, sizeof(*x->at));
	if (!x || !x->at) {
		free(x);
		return NULL;
	}
	for (size_t i = 0; i < catalogue_count(c); i++) {
		const struct list *l = catalogue_at(c, i);
		const char *const links[LINKS_OF_LIST] = {l->evidence, l->lookup, l->removal.url, l->operator_url};
		for (size_t j = 0; j < LINKS_OF_LIST; j++)
			add_host(x, l, links[j]);
		for (size_t j = 0; j < l->pages.count; j++)
			add_host(x, l, l->pages.at[j]);
	}
	qsort(x->at, x->count, sizeof(*x->at), by_hash);
	return x;
}

void link_index_free(struct link_index *x)
{
	if (x)
		free(x->at);
	free(x);
}

static size_t first_of(const struct link_index *x, uint64_t hash)
{
	size_t low = 0, high = x->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->at[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct list *link_list(const struct link_index *x, struct span link)
{
	struct span host = link_host(link), rest = bare(link);
	uint64_t hash = host_hash(host);
	const struct list *best = NULL;
	size_t best_page = 0, i = host.len ? first_of(x, hash) : x->count;
	bool names;
	if (i == x->count || x->at[i].hash != hash)
		return NULL;
	names = link_domain(link).len > 0;
	for (; i < x->count && x->at[i].hash == hash; i++) {
		const struct list *l = x->at[i].list;
		size_t page = span_equal_nocase(x->at[i].host, host) ? page_fits(l, rest) : 0;
		if (page < best_page || !span_equal_nocase(x->at[i].host, host))
			continue;
		if (!best || page > best_page || better(l, best, names))
			best = l;
		best_page = page;
	}
	return best;
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

/* "See RFC2821 4.1.1.1": a section of it. */
static bool is_section(const struct reply_text *t, size_t at)
{
	while (at && t->plain[at - 1] == ' ')
		at--;
	while (at && ascii_is_digit((uint8_t)t->plain[at - 1]))
		at--;
	while (at && t->plain[at - 1] == ' ')
		at--;
	return at >= 3 && strncasecmp(&t->plain[at - 3], "rfc", 3) == 0;
}

struct span reply_only_address(const struct reply_text *t, const struct reply_key *k)
{
	struct span found = {0};
	struct addr first = {0}, a;
	for (size_t i = 0; i < k->part_count; i++) {
		const struct reply_token *token = &k->parts[i];
		enum addr_kind kind;
		if (token->kind != TOKEN_ADDRESS || addr_parse(span_of(t->plain + token->at, token->len), &a) < 0 ||
		    t->plain[token->at + token->len] == '/' || /* a network; the text ends with NUL */
		    is_section(t, token->at))
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
