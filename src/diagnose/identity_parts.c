/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of one identity: hours, networks, names, recipients, lines. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/identity.h"
#include "diagnose/words.h"

enum { HOUR_MS = 3600000, FEW = 8, SET_MIN = 16, HOURS_MORE = 4, SHORT_LABEL = 3 };

uint32_t hour_of(int64_t at_ms)
{
	return at_ms > 0 && at_ms / HOUR_MS < UINT32_MAX ? (uint32_t)(at_ms / HOUR_MS) : 0;
}

/* malloc() keeps some octets of its own before what it gives: what ends so much before a line leaves no hole before the
 * next one that begins a line. */
void *identity_lines(size_t octets)
{
	enum { OF_MALLOC = 2 * sizeof(size_t) };
	void *at;
	octets = (octets + OF_MALLOC + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE - OF_MALLOC;
	return posix_memalign(&at, CACHE_LINE, octets) == 0 ? at : NULL;
}

static void *no_memory(struct identities *t)
{
	t->error = -ENOMEM;
	return NULL;
}

/* Grows an array that begins a line of the cache. @return the array; NULL: no memory (the old one stands). */
static void *grow_lines(struct identities *t, void *at, uint32_t *size, uint32_t more, size_t each)
{
	void *grown = identity_lines(more * each);
	if (!grown)
		return no_memory(t);
	if (at)
		memcpy(grown, at, *size * each);
	free(at);
	t->octets += (more - *size) * each;
	*size = more;
	return grown;
}

/* The same of one that may begin anywhere, to twice its size as far as `max`. */
static void *grow(struct identities *t, void *at, uint32_t *size, size_t each, uint32_t first, uint32_t max)
{
	uint32_t more = *size ? *size * 2 : first;
	more = more < max ? more : max;
	void *grown = reallocarray(at, more, each);
	if (!grown)
		return no_memory(t);
	t->octets += (more - *size) * each;
	*size = more;
	return grown;
}

/* Hours are most of what is kept, and come one by one: little room stands empty. */
static struct hour *more_hours(struct identities *t, struct identity *id)
{
	uint32_t more = id->hour_size / 8 > HOURS_MORE ? id->hour_size / 8 : HOURS_MORE;
	return grow_lines(t, id->hours, &id->hour_size, id->hour_size + more, sizeof(id->hours[0]));
}

/* Hours before the last HOURS_KEPT_MAX leave. */
static void forget_old(struct identity *id, uint32_t newest)
{
	uint32_t old = 0;
	while (old < id->hour_count && id->hours[old].hour + HOURS_KEPT_MAX <= newest)
		old++;
	if (old > 0)
		memmove(id->hours, id->hours + old, (id->hour_count - old) * sizeof(id->hours[0]));
	id->hour_count -= old;
}

static struct hour *hour_insert(struct identities *t, struct identity *id, uint32_t at, uint32_t hour)
{
	if (id->hour_count == id->hour_size) {
		struct hour *grown = more_hours(t, id);
		if (!grown)
			return NULL;
		id->hours = grown;
	}
	struct hour *h = id->hours + at;
	memmove(h + 1, h, (id->hour_count - at) * sizeof(*h));
	id->hour_count++;
	*h = (struct hour){.hour = hour, .first_ms = UINT32_MAX};
	return h;
}

struct hour *identity_hour(struct identities *t, struct identity *id, int64_t at_ms)
{
	uint32_t hour = hour_of(at_ms), at = id->hour_count;
	while (at > 0 && id->hours[at - 1].hour > hour) /* messages come nearly in order */
		at--;
	struct hour *h = at > 0 && id->hours[at - 1].hour == hour ? id->hours + at - 1 : NULL;
	if (!h) {
		if (at == id->hour_count && at > 0) {
			forget_old(id, hour);
			at = id->hour_count;
		} else if (at == 0 && id->hour_count > 0 &&
			   hour + HOURS_KEPT_MAX <= id->hours[id->hour_count - 1].hour) {
			return NULL;
		}
		h = hour_insert(t, id, at, hour);
	}
	if (!h)
		return NULL;
	uint32_t within = at_ms > 0 ? (uint32_t)(at_ms % HOUR_MS) : 0;
	if (within < h->first_ms)
		h->first_ms = within;
	if (within > h->last_ms)
		h->last_ms = within;
	return h;
}

static bool index_networks(struct identities *t, struct identity *id)
{
	uint32_t size = id->network_size * 2;
	uint16_t *slots = calloc(size, sizeof(*slots));
	if (!slots) {
		t->error = -ENOMEM;
		return false;
	}
	t->octets += (size - id->network_slots_size) * sizeof(*slots);
	free(id->network_slots);
	id->network_slots = slots;
	id->network_slots_size = size;
	for (uint32_t i = 0; i < id->network_count; i++) {
		uint32_t slot = (uint32_t)id->networks[i].hash & (size - 1);
		while (slots[slot])
			slot = (slot + 1) & (size - 1);
		slots[slot] = (uint16_t)(i + 1);
	}
	return true;
}

static struct network *network_find(const struct identity *id, uint64_t hash)
{
	if (!id->network_slots) {
		for (uint32_t i = 0; i < id->network_count; i++)
			if (id->networks[i].hash == hash)
				return id->networks + i;
		return NULL;
	}
	uint32_t mask = id->network_slots_size - 1;
	for (uint32_t slot = (uint32_t)hash & mask; id->network_slots[slot]; slot = (slot + 1) & mask)
		if (id->networks[id->network_slots[slot] - 1].hash == hash)
			return id->networks + id->network_slots[slot] - 1;
	return NULL;
}

static struct network *network_make(struct identities *t, struct identity *id, uint64_t hash, const struct addr *a,
				    uint32_t hour)
{
	if (id->network_count == NETWORKS_MAX)
		return NULL;
	if (id->network_count == id->network_size) {
		uint32_t more = id->network_size ? id->network_size * 2 : 1;
		struct network *grown = grow_lines(t, id->networks, &id->network_size, more, sizeof(*grown));
		if (!grown)
			return NULL;
		id->networks = grown;
		if (id->network_size > FEW && !index_networks(t, id))
			return NULL;
	}
	struct network *n = id->networks + id->network_count++;
	*n = (struct network){.hash = hash,
			      .addr = *a,
			      .provider = (uint32_t)hash_provider(a),
			      .known_hour = hour,
			      .usual_hour = UINT32_MAX,
			      .first_hour = UINT32_MAX};
	if (id->network_slots) {
		uint32_t mask = id->network_slots_size - 1, slot = (uint32_t)hash & mask;
		while (id->network_slots[slot])
			slot = (slot + 1) & mask;
		id->network_slots[slot] = (uint16_t)id->network_count;
	}
	return n;
}

/* Lines come nearly in order: an hour that is not later than the last one is one of those counted. */
static void note_use(struct network *n, uint32_t hour)
{
	if (hour < n->known_hour)
		n->known_hour = hour;
	if (hour <= n->seen_hour)
		return;
	n->seen_hour = hour;
	n->hours += n->hours < UINT16_MAX;
	if (n->hours == AT_HOME_HOURS)
		n->usual_hour = hour;
}

/* The last two labels, three where the second is short ("co.uk"). */
static struct span owner_name(struct span name)
{
	uint32_t dots = 0, wanted = 2;
	size_t last = name.len;
	for (size_t i = name.len; i-- > 0;) {
		if (name.at[i] != '.')
			continue;
		wanted = dots++ == 1 && last - i - 1 <= SHORT_LABEL ? 3 : wanted;
		last = i;
		if (dots == wanted)
			return span_from(name, i + 1);
	}
	return name;
}

uint8_t network_owner(struct span reverse_name)
{
	if (reverse_name.len == 0 || span_equal_nocase(reverse_name, span_str("unknown")))
		return 0;
	uint8_t owner = (uint8_t)(hash_name(owner_name(reverse_name), 0) >> 56);
	return owner ? owner : 1;
}

/* Names come and go; only two names that differ make two networks of one block. */
static struct network *network_of(struct identities *t, struct identity *id, uint32_t hour, const struct addr *a,
				  uint8_t owner)
{
	uint64_t hash = hash_network(a, id->kind == IDENTITY_RELAY || id->kind == IDENTITY_REFUSED);
	struct network *n = network_find(id, hash);
	if (n && n->owner && owner && n->owner != owner) {
		hash = hash_mix(hash, owner);
		n = network_find(id, hash);
	}
	if (!n)
		n = network_make(t, id, hash, a, hour);
	if (n && owner)
		n->owner = owner;
	return n;
}

struct network *identity_network(struct identities *t, struct identity *id, uint32_t hour, struct hour *h,
				 const struct addr *a, uint8_t owner)
{
	struct network *n = network_of(t, id, hour, a, owner);
	if (h && (!n || hour > n->last_hour || hour < n->first_hour))
		h->networks++; /* where there is no room left it is none of those known */
	if (!n)
		return NULL;
	note_use(n, hour);
	if (h && hour > n->last_hour)
		n->last_hour = hour;
	if (h && hour < n->first_hour)
		n->first_hour = hour;
	return n;
}

static char *text_of(struct identities *t, struct span text, size_t max)
{
	char *copy = words_keep(text, max);
	if (copy)
		t->octets += strlen(copy) + 1;
	else
		t->error = -ENOMEM;
	return copy;
}

static struct name_seen *name_make(struct identities *t, struct names *n, struct span text, uint64_t hash,
				   uint32_t hour)
{
	if (n->count == n->size) {
		struct name_seen *grown = grow(t, n->at, &n->size, sizeof(*grown), 1, NAMES_MAX);
		if (!grown)
			return NULL;
		n->at = grown;
	}
	char *copy = text_of(t, text, NAME_LEN_MAX);
	if (!copy)
		return NULL;
	struct span domain = address_domain(text);
	n->at[n->count] = (struct name_seen){hash, domain.len ? hash_name(domain, 0) : 0, hour, hour, 0, 0, copy};
	return &n->at[n->count++];
}

bool names_note(struct identities *t, struct names *n, struct span text, uint32_t hour, bool bad)
{
	uint64_t hash = hash_name(text, 0);
	struct name_seen *found = NULL;
	for (uint32_t i = 0; i < n->count && !found; i++)
		if (n->at[i].hash == hash)
			found = n->at + i;
	bool fresh = !found || hour > found->last_hour || hour < found->first_hour;
	if (!found) {
		found = n->count < NAMES_MAX ? name_make(t, n, text, hash, hour) : NULL;
		if (!found) {
			n->beyond++;
			return true;
		}
	}
	if (hour > found->last_hour)
		found->last_hour = hour;
	if (hour < found->first_hour)
		found->first_hour = hour;
	found->messages++;
	found->bad += bad;
	return fresh;
}

static bool set_grow(struct identities *t, struct seen_set *s)
{
	uint32_t size = s->size ? s->size * 2 : SET_MIN;
	uint32_t *at = calloc(size, sizeof(*at));
	if (!at) {
		t->error = -ENOMEM;
		return false;
	}
	for (uint32_t i = 0; i < s->size; i++) {
		uint32_t slot = s->at[i] & (size - 1);
		while (s->at[i] && at[slot])
			slot = (slot + 1) & (size - 1);
		if (s->at[i])
			at[slot] = s->at[i];
	}
	t->octets += (size - s->size) * sizeof(*at);
	free(s->at);
	s->at = at;
	s->size = size;
	return true;
}

bool seen_add(struct identities *t, struct seen_set *s, uint64_t hash)
{
	uint32_t value = seen_value(hash);
	if ((s->count + 1) * 2 > s->size) {
		s->full =
			s->count >= RECIPIENTS_KEPT_MAX || (t->octets > IDENTITIES_OCTETS_MAX / 2 && s->count >= 1024);
		if (!s->full && !set_grow(t, s))
			return false;
	}
	uint32_t mask = s->size - 1, slot = value & mask;
	for (; s->at[slot]; slot = (slot + 1) & mask)
		if (s->at[slot] == value)
			return false;
	if (s->full)
		return false;
	s->at[slot] = value;
	s->count++;
	return true;
}

bool identity_seen(const struct seen_set *s, uint32_t value)
{
	uint32_t mask = s->size - 1, slot = value & mask;
	for (; s->size && s->at[slot]; slot = (slot + 1) & mask)
		if (s->at[slot] == value)
			return true;
	return false;
}

static void proofs_clear(struct identities *t, struct proofs *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		t->octets -= strlen(p->at[i].text) + 1;
		free(p->at[i].text);
	}
	p->count = 0;
}

void proof_keep(struct identities *t, struct proofs *p, uint32_t max, uint32_t hour, uint32_t weight,
		const struct line_copy *line, const char *what, uint64_t tag)
{
	if (!line->number || (p->count > 0 && hour != p->hour && weight <= p->weight))
		return;
	if (hour != p->hour)
		proofs_clear(t, p);
	p->hour = hour;
	p->weight = weight;
	if (p->count == max)
		return;
	uint32_t same = 0;
	for (uint32_t i = 0; i < p->count; i++)
		same += p->at[i].tag == tag;
	if (same >= 2) /* two of a kind are enough: room is for what differs */
		return;
	if (p->count == p->size) {
		struct proof *grown = grow(t, p->at, &p->size, sizeof(*grown), 2, max);
		if (!grown)
			return;
		p->at = grown;
	}
	char *text = text_of(t, line->text, LINE_COPY_MAX);
	if (text)
		p->at[p->count++] = (struct proof){what, line->at_ms, line->number, tag, line->source, text};
}
