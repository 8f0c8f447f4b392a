/* SPDX-License-Identifier: BSD-2-Clause */
/* The set of targets: each once, addresses small. */
#include "cli/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/ascii.h"

enum { ARENA_MAX = 1 << 30, ITEMS_MAX = 100000000 };

void targets_init(struct targets *t)
{
	*t = (struct targets){.arena = arena_make(ARENA_MAX)};
}

void targets_release(struct targets *t)
{
	arena_release(&t->arena);
	free(t->items);
	free(t->fulls);
	free(t->slots);
	free(t->prefixes);
	free(t->sorted);
	free(t->texts);
	targets_init(t);
}

/* Room for one more of `count` in *array; 0 or -ENOMEM. */
static int grow(void *array, size_t count, size_t *size, size_t item)
{
	void *old, *new;
	size_t wanted = *size ? *size * 2 : 64;
	if (count < *size)
		return 0;
	if (count >= ITEMS_MAX)
		return -ENOMEM;
	memcpy(&old, array, sizeof(old));
	new = reallocarray(old, wanted, item);
	if (!new)
		return -ENOMEM;
	memcpy(array, &new, sizeof(new));
	*size = wanted;
	return 0; // cppcheck-suppress memleak // the copy in *array owns it
}

static bool is_address(const struct target *target)
{
	return target->kind == TARGET_IP4 || target->kind == TARGET_IP6;
}

/* FNV-1a. Targets come from the user; nobody gains from collisions. */
static uint64_t hash(struct span s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.at[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

static struct span key_of(const struct targets *t, const struct target_item *item)
{
	if (item->addr.family)
		return span_of(&item->addr, sizeof(item->addr));
	return span_str(t->fulls[item->full - 1].text);
}

static void place(struct targets *t, size_t index)
{
	size_t at = hash(key_of(t, &t->items[index])) & (t->slot_count - 1);
	while (t->slots[at])
		at = (at + 1) & (t->slot_count - 1);
	t->slots[at] = (uint32_t)index + 1;
}

static int make_slots(struct targets *t)
{
	size_t wanted = t->slot_count ? t->slot_count * 2 : 256;
	uint32_t *slots;
	if (t->count * 2 < t->slot_count)
		return 0;
	slots = calloc(wanted, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->slot_count = wanted;
	for (size_t i = 0; i < t->count; i++)
		place(t, i);
	return 0;
}

static bool known(const struct targets *t, struct span key)
{
	size_t at = hash(key) & (t->slot_count - 1);
	for (; t->slots[at]; at = (at + 1) & (t->slot_count - 1))
		if (span_equal(key_of(t, &t->items[t->slots[at] - 1]), key))
			return true;
	return false;
}

static int add_item(struct targets *t, const struct addr *addr, const struct target *full)
{
	struct target_item item = {.addr = *addr};
	struct span key = addr->family || !full ? span_of(addr, sizeof(*addr)) : span_str(full->text);
	if (make_slots(t) < 0)
		return -ENOMEM;
	if (known(t, key))
		return 0;
	if (grow(&t->items, t->count, &t->size, sizeof(*t->items)) < 0)
		return -ENOMEM;
	if (full) {
		if (grow(&t->fulls, t->full_count, &t->full_size, sizeof(*t->fulls)) < 0)
			return -ENOMEM;
		t->fulls[t->full_count++] = *full;
		item.full = (uint32_t)t->full_count;
	}
	t->items[t->count] = item;
	place(t, t->count++);
	return 0;
}

static int add_prefix(struct targets *t, struct prefix p)
{
	if (p.addr.family == 6 && p.bits > 64) {
		/* one question covers the /64 that it lies in */
		p.bits = 64;
		memset(p.addr.octets + 8, 0, 8);
	}
	if (grow(&t->prefixes, t->prefix_count, &t->prefix_size, sizeof(*t->prefixes)) < 0)
		return -ENOMEM;
	t->prefixes[t->prefix_count++] = (struct target_prefix){.prefix = p};
	return 0;
}

int targets_add(struct targets *t, const struct target *target)
{
	static const struct addr none;
	if (target->kind == TARGET_PREFIX)
		return add_prefix(t, target->prefix);
	return add_item(t, is_address(target) ? &target->addr : &none, target);
}

int targets_add_text(struct targets *t, struct span text, struct error *err)
{
	struct target target;
	struct addr addr;
	int e;
	text = span_trim(text);
	if (addr_parse(text, &addr) == 0)
		return add_item(t, &addr, NULL);
	e = target_parse(text, &t->arena, &target, err);
	if (e < 0)
		return e;
	if (is_address(&target))
		return add_item(t, &target.addr, NULL);
	if (target.kind == TARGET_PREFIX && target.prefix.bits == (target.prefix.addr.family == 4 ? 32 : 128))
		return add_item(t, &target.prefix.addr, NULL); /* a single address is no fleet */
	if (target.kind == TARGET_PREFIX && target.prefix.addr.family == 6 && target.prefix.bits < 48) {
		unsigned bits = 64u - target.prefix.bits;
		if (bits > 63)
			return error_set(err, -E2BIG, "%s: 2^%u networks of /64; at most %d are asked", target.text,
					 bits, TARGETS_PREFIX6_MAX);
		return error_set(err, -E2BIG, "%s: %llu networks of /64; at most %d are checked", target.text,
				 1ull << bits, TARGETS_PREFIX6_MAX);
	}
	return targets_add(t, &target);
}

/* One line of a file: without its comment, white space at its ends left out. */
static struct span line_text(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((line.at[i] == '#' || line.at[i] == ';') &&
		    (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
			line.len = i;
	return span_trim(line);
}

/* "[targets]", a section of an INI file; an address in brackets is none. @return its name, empty: no section. */
static struct span section_of(struct span text)
{
	struct span name = text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']'
				   ? span_of(text.at + 1, text.len - 2)
				   : (struct span){0};
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alpha(name.at[i]) && name.at[i] != '-' && name.at[i] != '_')
			return (struct span){0};
	return name;
}

/* "server=mail.example.com" of the targets.ini that dnsbl_exporter reads, and of its like. */
static struct span value_of(struct span text)
{
	static const char key[] = "server";
	size_t len = sizeof(key) - 1;
	struct span rest = text.len > len ? span_trim(span_from(text, len)) : (struct span){0};
	bool named = rest.len && rest.at[0] == '=' && strncasecmp((const char *)text.at, key, len) == 0;
	return named ? span_trim(span_from(rest, 1)) : text;
}

static int read_lines(struct targets *t, FILE *f, const char *name, targets_fault_fn *on_fault, void *arg,
		      struct error *err)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t n;
	bool others = false; /* a section of something else */
	int e = 0, bad = 0;
	errno = 0;
	while (e == 0 && (n = getline(&line, &size, f)) >= 0) {
		struct span text = line_text(span_of(line, (size_t)n)), section = section_of(text);
		struct error fault = {{0}};
		number++;
		if (section.len) {
			others = !span_equal_nocase(section, span_str("targets"));
			if (others)
				e = error_set(&fault, -EINVAL, "[%.*s] holds no targets; [targets] does",
					      (int)section.len, section.at);
		} else if (text.len && !others) {
			e = targets_add_text(t, value_of(text), &fault);
		}
		if (e == -EINVAL || e == -E2BIG) {
			struct error full;
			error_set(&full, 0, "%s:%zu: %s", name, number, fault.text);
			on_fault(arg, full.text);
			bad = -EINVAL;
			e = 0;
		}
	}
	free(line);
	if (e == 0 && ferror(f))
		return error_set(err, errno ? -errno : -EIO, "%s: %s", name, strerror(errno ? errno : EIO));
	if (e < 0)
		return error_set(err, e, "%s: out of memory", name);
	return bad;
}

int targets_add_file(struct targets *t, const char *path, targets_fault_fn *on_fault, void *arg, struct error *err)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "re");
	int e;
	if (!f)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	e = read_lines(t, f, standard ? "standard input" : path, on_fault, arg, err);
	if (!standard)
		fclose(f);
	return e;
}

bool targets_fleet(const struct targets *t)
{
	return t->prefix_count > 0 || t->count > TARGETS_FLEET;
}

static int by_place(const void *pa, const void *pb)
{
	const struct target_prefix *a = *(struct target_prefix *const *)pa, *b = *(struct target_prefix *const *)pb;
	int by = memcmp(&a->prefix.addr, &b->prefix.addr, sizeof(a->prefix.addr));
	return by ? by : (int)a->prefix.bits - (int)b->prefix.bits;
}

/* CIDRs hold one another or lie apart: in order, what the last one kept does not hold lies behind it. */
static int sort_prefixes(struct targets *t)
{
	struct target_prefix **order = calloc(t->prefix_count + 1, sizeof(struct target_prefix *));
	t->sorted = calloc(t->prefix_count + 1, sizeof(*t->sorted));
	if (!order || !t->sorted) {
		free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < t->prefix_count; i++)
		order[i] = &t->prefixes[i];
	qsort(order, t->prefix_count, sizeof(struct target_prefix *), by_place);
	for (size_t i = 0; i < t->prefix_count; i++) {
		struct prefix *last = t->sorted_count ? &t->sorted[t->sorted_count - 1] : NULL;
		if (last && prefix_contains(last, &order[i]->prefix.addr))
			order[i]->inside = true;
		else
			t->sorted[t->sorted_count++] = order[i]->prefix;
	}
	free(order);
	return 0;
}

/* Does a CIDR hold this IPv4 address? (Of IPv6 the /64 is asked about, which is another question.) */
static bool held(const struct targets *t, const struct addr *a)
{
	size_t low = 0, high = t->sorted_count;
	if (a->family != 4)
		return false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(&t->sorted[middle].addr, a, sizeof(*a)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && prefix_contains(&t->sorted[low - 1], a);
}

static uint64_t prefix_count(const struct prefix *p)
{
	return 1ull << ((p->addr.family == 4 ? 32u : 64u) - p->bits);
}

int targets_finish(struct targets *t)
{
	t->count4 = t->count6 = t->count_names = 0;
	free(t->sorted);
	t->sorted_count = 0;
	if (!t->texts)
		t->texts = calloc(TARGETS_TEXTS, sizeof(*t->texts));
	if (!t->texts || sort_prefixes(t) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < t->count; i++) {
		const struct addr *a = &t->items[i].addr;
		if (held(t, a))
			continue;
		*(a->family == 4 ? &t->count4 : a->family == 6 ? &t->count6 : &t->count_names) += 1;
	}
	for (size_t i = 0; i < t->sorted_count; i++)
		*(t->sorted[i].addr.family == 4 ? &t->count4 : &t->count6) += prefix_count(&t->sorted[i]);
	return 0;
}

uint64_t targets_total(const struct targets *t)
{
	return t->count4 + t->count6 + t->count_names;
}

static char *next_text(struct targets *t)
{
	char *text = t->texts[t->at_text];
	t->at_text = (t->at_text + 1) % TARGETS_TEXTS;
	return text;
}

static void item_target(struct targets *t, const struct target_item *item, char *text, struct target *ret_target)
{
	if (item->full) {
		*ret_target = t->fulls[item->full - 1];
		return;
	}
	addr_text(&item->addr, text);
	*ret_target = (struct target){.kind = item->addr.family == 4 ? TARGET_IP4 : TARGET_IP6,
				      .text = text,
				      .given = text,
				      .addr = item->addr};
}

/* The `at`th address of an IPv4 prefix, or /64 of an IPv6 one. */
static void prefix_target(struct targets *t, const struct prefix *p, uint64_t at, struct target *ret_target)
{
	struct prefix one = {.addr = p->addr, .bits = 64};
	unsigned octets = p->addr.family == 4 ? 4 : 8;
	char *text = next_text(t);
	for (unsigned i = 0; i < octets && i < 8; i++)
		one.addr.octets[octets - 1 - i] |= (uint8_t)(at >> 8 * i);
	*ret_target = (struct target){.addr = one.addr, .text = text, .given = text};
	if (p->addr.family == 4) {
		ret_target->kind = TARGET_IP4;
		addr_text(&one.addr, text);
		return;
	}
	ret_target->kind = TARGET_PREFIX;
	ret_target->prefix = one;
	prefix_text(&one, text);
}

int targets_next(void *arg, struct target *ret_target)
{
	struct targets *t = arg;
	while (t->at_item < t->count) {
		const struct target_item *item = &t->items[t->at_item++];
		if (held(t, &item->addr))
			continue;
		item_target(t, item, item->full ? NULL : next_text(t), ret_target);
		return 0;
	}
	while (t->at_prefix < t->prefix_count) {
		const struct target_prefix *p = &t->prefixes[t->at_prefix];
		if (!p->inside && t->at_address < prefix_count(&p->prefix)) {
			prefix_target(t, &p->prefix, t->at_address++, ret_target);
			return 0;
		}
		t->at_prefix++;
		t->at_address = 0;
	}
	return -ENOENT;
}

struct target *targets_array(struct targets *t)
{
	struct target *all = arena_alloc(&t->arena, t->count + 1, sizeof(*all));
	for (size_t i = 0; all && i < t->count; i++) {
		char *text = arena_alloc(&t->arena, PREFIX_TEXT_SIZE, 1);
		if (!text)
			return NULL;
		item_target(t, &t->items[i], text, &all[i]);
	}
	return all;
}

void targets_clear_items(struct targets *t)
{
	t->count = t->full_count = 0;
	if (t->slots)
		memset(t->slots, 0, t->slot_count * sizeof(*t->slots));
}
