/* SPDX-License-Identifier: BSD-2-Clause */
/* What a receiver's reply says of us: the records of data/receivers over one reply, and what is said in the field's common
 * words where no record fits. */
#include "lists/catalogue_files.h"
#include "receivers/receivers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "receivers/receiver_builtin.h"
#include "receivers/reply.h"

enum { ARENA_MAX = 64 << 20, ADDRESS_OCTETS_MIN = 3 };

struct receivers {
	struct arena arena;
	const struct catalogue *lists;
	struct receiver_records records;
	struct mailboxes mailboxes;
	struct relays *relays;
	struct scanner *scanner; /* NULL until the first reply */
	struct link_index *links;
	struct reply_memo *memo;
	struct reply_cache *cache;
	struct reply_text text;
	struct reply_key key;
};

static int add_text(void *arg, struct span text, const char *path)
{
	return receiver_loader_add(arg, text, path);
}

static struct receiver_loader loader_over_builtin(struct arena *arena, struct schema_faults *faults)
{
	return (struct receiver_loader){
		.arena = arena, .faults = faults, .base = {receivers_builtin, receivers_builtin_count}};
}

static int load_records(struct receivers *r, const char *dir, catalogue_fault_fn *on_fault, void *arg,
			struct error *err)
{
	struct schema_faults faults = {.on_fault = on_fault, .arg = arg, .err = err};
	struct receiver_loader l = loader_over_builtin(&r->arena, &faults);
	int rc = dir ? catalogue_files_each(dir, &faults, &r->arena, add_text, &l) : 0;
	r->records = l.base;
	if (rc == 0 && l.count)
		rc = receiver_loader_finish(&l, &r->records);
	return rc == 0 && faults.count ? -EBADMSG : rc;
}

int receivers_load(const struct catalogue *lists, const char *dir, catalogue_fault_fn *on_fault, void *arg,
		   struct receivers **ret, struct error *err)
{
	struct receivers *r = calloc(1, sizeof(*r));
	int rc;
	if (!r)
		return error_set(err, -ENOMEM, "out of memory");
	r->arena = arena_make(ARENA_MAX);
	r->lists = lists;
	rc = load_records(r, dir, on_fault, arg, err);
	if (rc == 0) {
		r->relays = relays_new(&r->records);
		r->memo = reply_memo_new();
		r->cache = reply_cache_new();
		r->links = link_index_new(lists);
		rc = r->relays && r->memo && r->cache && r->links ? 0 : -ENOMEM;
	}
	if (rc < 0) {
		if (rc == -ENOMEM)
			error_set(err, rc, "the receivers: out of memory");
		receivers_free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void receivers_free(struct receivers *r)
{
	if (!r)
		return;
	scanner_free(r->scanner);
	link_index_free(r->links);
	reply_memo_free(r->memo);
	reply_cache_free(r->cache);
	relays_free(r->relays);
	arena_release(&r->arena);
	free(r);
}

int receivers_lint(const char *const *paths, size_t count, catalogue_fault_fn *on_fault, void *arg)
{
	struct schema_faults faults = {.on_fault = on_fault, .arg = arg};
	struct arena arena = arena_make(ARENA_MAX);
	struct receiver_loader l = loader_over_builtin(&arena, &faults);
	struct receiver_records records;
	int rc = 0, one;
	for (size_t i = 0; i < count && rc != -ENOMEM; i++) {
		one = catalogue_files_one(paths[i], &faults, &arena, add_text, &l);
		if (one < 0 && (rc == 0 || one == -ENOMEM))
			rc = one;
	}
	one = rc == -ENOMEM ? rc : receiver_loader_finish(&l, &records);
	arena_release(&arena);
	return one < 0 ? one : rc == 0 && faults.count ? -EBADMSG : rc;
}

/* Documentation names stand for people's; the others are the receiver's own mailboxes. */
static bool is_example(struct span domain)
{
	static const char *const ends[] = {"example.com", "example.net", "example.org", ".example"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t len = strlen(ends[i]);
		if (domain.len >= len && span_equal_nocase(span_from(domain, domain.len - len), span_str(ends[i])))
			return true;
	}
	return false;
}

static void take_mailboxes(struct receivers *r, const char *sample, size_t max)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	for (const char *at = strchr(sample, '@'); at && r->mailboxes.count < max; at = strchr(at + 1, '@')) {
		const char *from = at;
		size_t len = strspn(at + 1, octets);
		char *copy;
		while (from > sample && strchr(octets, from[-1]))
			from--;
		while (len && at[len] == '.')
			len--;
		if (from == at || len == 0 || is_example(span_of(at + 1, len)))
			continue;
		copy = arena_copy(&r->arena, span_of(from, (size_t)(at - from) + 1 + len));
		if (!copy)
			return;
		ascii_lower_all(copy);
		r->mailboxes.at[r->mailboxes.count++] = copy;
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int find_mailboxes(struct receivers *r)
{
	size_t max = 0;
	for (size_t i = 0; i < r->records.count; i++)
		max += 2 * r->records.at[i]->samples.count;
	r->mailboxes.at = arena_alloc(&r->arena, max + 1, sizeof(*r->mailboxes.at));
	if (!r->mailboxes.at)
		return -ENOMEM;
	for (size_t i = 0; i < r->records.count; i++)
		for (size_t j = 0; j < r->records.at[i]->samples.count; j++)
			take_mailboxes(r, r->records.at[i]->samples.at[j], max);
	if (r->mailboxes.count)
		qsort(r->mailboxes.at, r->mailboxes.count, sizeof(*r->mailboxes.at), by_text);
	return 0;
}

/* Which of two records that fit is meant: a refusal of the receiver's resolver before all, then the records of the
 * receiver that answered, then those of others, then public lists, then common words; among equals the more special
 * pattern. */
enum rank { RANK_NOT, RANK_COMMON, RANK_PUBLIC, RANK_WORDS, RANK_MX, RANK_REFUSED };

static enum rank rank_of(const struct scan_pattern *p, const struct relay_info *relay)
{
	bool mx = relay->fits[p->order / 64] >> p->order % 64 & 1;
	if (p->record->only_mx && !mx)
		return RANK_NOT;
	if (p->record->v.means == REPLY_RECEIVER_REFUSED)
		return RANK_REFUSED;
	if (p->record->common)
		return RANK_COMMON;
	if (p->record->mx.count == 0 && p->record->v.means == REPLY_LISTED_PUBLIC)
		return RANK_PUBLIC;
	return mx ? RANK_MX : RANK_WORDS;
}

static bool better(const struct scan_pattern *a, enum rank rank, const struct scan_pattern *b, enum rank than)
{
	if (rank != than)
		return rank > than;
	if (rank == RANK_COMMON && a->order != b->order)
		return a->order < b->order;
	return a->weight > b->weight;
}

struct choice {
	const struct scan_pattern *pattern; /* NULL: none */
	enum rank rank;
	struct scan_captures captures;
};

static struct choice choose(struct receivers *r, const struct relay_info *relay)
{
	struct span text = reply_masked(&r->text);
	struct choice best = {0};
	const uint32_t *hits;
	size_t count = scanner_scan(r->scanner, text, &hits);
	for (size_t i = 0; i < count; i++) {
		const struct scan_pattern *p = scanner_pattern(r->scanner, hits[i]);
		enum rank rank = rank_of(p, relay);
		struct scan_captures captures;
		if (rank == RANK_NOT || (best.pattern && !better(p, rank, best.pattern, best.rank)))
			continue;
		if (scanner_capture(r->scanner, hits[i], text, &captures))
			best = (struct choice){p, rank, captures};
	}
	return best;
}

/* From the masked copy to the plain text. */
static struct span in_plain(const struct receivers *r, struct span s)
{
	return s.len ? span_of(r->text.plain + (s.at - (const uint8_t *)r->text.masked), s.len) : s;
}

static struct span as_address(struct span s)
{
	struct addr a;
	while (s.len && (s.at[s.len - 1] == '.' || s.at[s.len - 1] == ':') && addr_parse(s, &a) < 0)
		s.len--;
	return s.len >= ADDRESS_OCTETS_MIN && addr_parse(s, &a) == 0 ? s : (struct span){0};
}

static const struct list *list_named(const struct receivers *r, struct span zone)
{
	char *name = zone.len < 256 ? strndup((const char *)zone.at, zone.len) : NULL;
	const struct list *l = name ? catalogue_find(r->lists, name) : NULL;
	free(name);
	return l;
}

/* The page is that of a part of the record's list, or of its list of names. */
static bool page_is_nearer(const struct verdict_of_reply *v, const struct reply_zone *z)
{
	return list_is_part_of(z->list, v->list) || (z->of_name && v->about != ABOUT_DOMAIN);
}

/* Whether the record says more than the list's name does. */
static bool record_says_more(const struct verdict_of_reply *v, enum rank rank, const struct reply_zone *z)
{
	if (v->means == REPLY_RECEIVER_REFUSED || (rank == RANK_MX && v->means != REPLY_LISTED_PUBLIC))
		return true;
	return z->page && (rank >= RANK_WORDS || (rank == RANK_PUBLIC && v->list && !page_is_nearer(v, z)));
}

/* Whom a list of names is about: hashes are those of mail addresses (MSBL's EBL). */
static enum reply_about about_names(const struct list *l)
{
	return l->query == QUERY_EMAIL_HASH ? ABOUT_SENDER : ABOUT_DOMAIN;
}

/* A list that the reply names is the one it speaks of, whatever else fits; only who refuses may be known better. */
static void take_named(struct verdict_of_reply *v, enum rank rank, const struct reply_zone *z)
{
	const struct receiver_record *record = v->record;
	bool own = record && (!record->common || record->zone) && v->means == REPLY_LISTED_PUBLIC;
	if (record_says_more(v, rank, z))
		return;
	if (!(own && v->list == z->list) && (rank <= RANK_WORDS || z->page))
		v->record = NULL;
	v->means = REPLY_LISTED_PUBLIC;
	v->list = z->list;
	v->zone = z->zone;
	v->about = z->of_name ? about_names(z->list) : ABOUT_ADDRESS;
	if (v->about == ABOUT_DOMAIN && !v->domain.len)
		v->domain = z->name;
}

/* Whom it holds for, where the record does not say. */
static enum reply_about about_of(const struct verdict_of_reply *v)
{
	static const enum reply_about usual[] = {
		[REPLY_LISTED_PRIVATE] = ABOUT_ADDRESS, [REPLY_LISTED_PUBLIC] = ABOUT_ADDRESS,
		[REPLY_RATE] = ABOUT_ADDRESS,           [REPLY_CONTENT] = ABOUT_MESSAGE,
		[REPLY_UNKNOWN_USER] = ABOUT_RECIPIENT, [REPLY_OWN_PROVIDER] = ABOUT_SENDER,
		[REPLY_UNKNOWN_BLOCK] = ABOUT_UNTOLD,
	};
	if (v->record && v->record->v.about)
		return v->record->v.about;
	if (v->means == REPLY_LISTED_PUBLIC && v->list && list_holds_names(v->list))
		return about_names(v->list);
	return (size_t)v->means < sizeof(usual) / sizeof(*usual) ? usual[v->means] : ABOUT_UNTOLD;
}

static void classify(struct receivers *r, const struct relay_info *relay, struct verdict_of_reply *v)
{
	struct choice best = choose(r, relay);
	const struct receiver_record *record = best.pattern ? best.pattern->record : NULL;
	struct reply_zone z = {0};
	*v = (struct verdict_of_reply){.record = record, .means = record ? record->v.means : REPLY_OTHER};
	v->address = as_address(in_plain(r, best.captures.address));
	v->domain = in_plain(r, best.captures.domain);
	v->zone = in_plain(r, best.captures.zone);
	v->url = reply_link(&r->text);
	if (record && record->zone)
		v->list = catalogue_find(r->lists, record->zone);
	else if (v->zone.len)
		v->list = list_named(r, v->zone);
	v->about = about_of(v);
	if (reply_zone_find(r->lists, r->links, &r->text, &z))
		take_named(v, best.rank, &z);
	else if (record && record->common && !record->zone && v->list)
		v->record = NULL; /* its words are about lists that the catalogue does not have */
}

/* "blocked using bl.RECEIVER": its own list, whatever it is called. */
static bool own_zone(const struct verdict_of_reply *v, const struct relay_info *relay)
{
	size_t len = strlen(relay->domain);
	struct span tail = v->zone.len > len && len ? span_from(v->zone, v->zone.len - len) : v->zone;
	return !v->list && len && v->zone.len >= len && span_equal_nocase(tail, span_str(relay->domain)) &&
	       (v->zone.len == len || v->zone.at[v->zone.len - len - 1] == '.');
}

static void give(const struct relay_info *relay, const struct verdict_of_reply *v, struct reply_match *ret)
{
	const struct receiver_record *record = v->record;
	/* who refuses; a record of words that many hosts use tells only a private list's owner */
	bool own = record && !record->common && (v->means != REPLY_LISTED_PUBLIC || record->mx.count);
	*ret = (struct reply_match){
		.means = v->means,
		.about = v->about,
		.receiver = record ? &record->v : NULL,
		.address = v->address,
		.domain = v->domain,
		.list = v->list,
		.zone = v->zone,
		.url = v->url,
	};
	ret->receiver_name = own ? record->v.name : relay->name;
	if (v->means == REPLY_LISTED_PUBLIC && own_zone(v, relay))
		ret->means = REPLY_LISTED_PRIVATE;
	if (!ret->zone.len && v->list)
		ret->zone = span_str(v->list->zone);
}

/* What it says, by its template where that came before. */
static void read_reply(struct receivers *r, const struct relay_info *relay, const struct reply_raw *raw,
		       struct verdict_of_reply *ret)
{
	*ret = (struct verdict_of_reply){.means = REPLY_OTHER};
	if (!r->scanner && (find_mailboxes(r) < 0 || scanner_new(&r->records, &r->scanner) < 0))
		r->scanner = NULL;
	reply_prepare(&r->text, &r->mailboxes, raw->code, raw->status, raw->reply);
	if (!r->scanner || r->text.len <= r->text.head || r->text.code / 100 == 2)
		return;
	reply_key_make(&r->key, &r->text, relay->seed);
	if (!reply_cache_find(r->cache, &r->key, &r->text, ret)) {
		classify(r, relay, ret);
		reply_cache_keep(r->cache, &r->key, &r->text, ret);
	}
	/* which address that is stands in this text alone, not in its template */
	if (!ret->address.len && ret->means != REPLY_OTHER && ret->means != REPLY_UNKNOWN_USER)
		ret->address = reply_only_address(&r->text, &r->key);
}

void receivers_fetch(const struct receivers *r, uint64_t relay_hash)
{
	relays_fetch(r->relays, relay_hash);
}

void receivers_match(struct receivers *r, struct span relay, uint16_t code, struct span status, struct span reply,
		     struct reply_match *ret_match)
{
	const struct relay_info *info = relays_find(r->relays, relay);
	const struct reply_raw raw = {.status = status, .reply = reply, .relay = info->seed, .code = code};
	uint64_t hash = reply_raw_hash(&raw);
	struct verdict_of_reply v;
	if (!reply_memo_find(r->memo, &raw, hash, &v)) {
		read_reply(r, info, &raw, &v);
		if (r->scanner)
			reply_memo_keep(r->memo, &raw, hash, &r->text, &v);
	}
	give(info, &v, ret_match);
}

/* "case" of "https://postmaster.example/en/case?c=1": the page of a link that is asked with something. Empty: none. */
static struct span page_of(struct span link)
{
	size_t end = span_find(link, '?'), from = end;
	while (from > 0 && link.at[from - 1] != '/')
		from--;
	return end < link.len && from ? span_of(link.at + from, end - from) : (struct span){0};
}

/* The receiver's own link to the page that the record knows says more: it has the code of this very refusal. */
static bool links_there(const struct reply_match *m, const char *url)
{
	struct span page = page_of(span_str(url));
	return page.len && span_equal_nocase(page_of(m->url), page);
}

const char *receivers_removal(struct arena *arena, const struct reply_match *m)
{
	const char *url = m->receiver ? m->receiver->removal_url : NULL;
	bool listed = !url && m->list && m->means == REPLY_LISTED_PUBLIC;
	struct span target;
	const char *hole, *text;
	if (url && links_there(m, url))
		return arena_copy(arena, m->url);
	if (listed)
		url = m->list->removal.url ? m->list->removal.url : m->list->lookup;
	hole = url ? strchr(url, '{') : NULL;
	if (!hole)
		return url;
	target = strncmp(hole, "{domain}", 8) == 0 || !m->address.len ? m->domain : m->address;
	if (!target.len)
		return arena_copy(arena, span_of(url, strcspn(url, "?{")));
	text = arena_copy(arena, target);
	return text ? list_template(arena, url, text) : NULL;
}

const struct receiver *receivers_of_page(const struct receivers *r, struct span link)
{
	struct span host = link_host(link);
	for (size_t i = 0; host.len && memmem(link.at, link.len, "://", 3) && i < r->records.count; i++) {
		const struct receiver *known = &r->records.at[i]->v;
		if (known->removal_url && span_equal_nocase(link_host(span_str(known->removal_url)), host))
			return known;
	}
	return NULL;
}
