/* SPDX-License-Identifier: BSD-2-Clause */
/* A fleet on a terminal: under each heading the ranges of its targets, so that a screen shows a /16. */
#include <errno.h>
#include <stdlib.h>

#include <uthash.h>
/* clang does not see that the cases of uthash's hash fall through on purpose */
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"

#include "cli/terminal.h"
#include "cli/text.h"

enum { RANGES_MAX = 200000, SHOWN_MAX = 40 }; /* kept in all; lines shown under one heading */

struct range {
	struct addr first, last; /* family 0: a name */
	char *name;
	uint64_t count;
};

struct heading {
	UT_hash_handle hh;
	struct range *ranges;
	size_t count, size;
	uint64_t targets, left_out;
	char text[];
};

struct fold {
	struct heading *headings;
	size_t ranges;
};

struct fold *fold_new(void)
{
	return calloc(1, sizeof(struct fold));
}

struct fold *fold_free(struct fold *f)
{
	struct heading *h, *next;
	if (!f)
		return NULL;
	HASH_ITER(hh, f->headings, h, next)
	{
		HASH_DEL(f->headings, h);
		for (size_t i = 0; i < h->count; i++)
			free(h->ranges[i].name);
		free(h->ranges);
		free(h);
	}
	free(f);
	return NULL;
}

/* Is b the address after a (for /64s: the network after)? */
static bool follows(const struct addr *a, const struct addr *b, bool network)
{
	struct addr next = *a;
	int at = a->family == 4 ? 3 : network ? 7 : 15;
	if (a->family != b->family || !a->family)
		return false;
	while (at >= 0 && ++next.octets[at] == 0)
		at--;
	return at >= 0 && addr_equal(&next, b);
}

static struct heading *find(struct fold *f, const char *text)
{
	struct heading *h = NULL;
	size_t len = strlen(text);
	HASH_FIND_STR(f->headings, text, h);
	if (h)
		return h;
	h = calloc(1, sizeof(*h) + len + 1);
	if (!h)
		return NULL;
	memcpy(h->text, text, len);
	HASH_ADD_STR(f->headings, text, h);
	return h;
}

static bool grow(struct heading *h)
{
	size_t size = h->size ? h->size * 2 : 16;
	struct range *ranges;
	if (h->count < h->size)
		return true;
	ranges = reallocarray(h->ranges, size, sizeof(*ranges));
	if (!ranges)
		return false;
	h->ranges = ranges;
	h->size = size;
	return true;
}

int fold_add(struct fold *f, const char *heading, const struct target *t)
{
	struct heading *h = f ? find(f, heading) : NULL;
	bool network = t->kind == TARGET_PREFIX;
	struct addr a = network                                          ? t->prefix.addr
			: t->kind == TARGET_IP4 || t->kind == TARGET_IP6 ? t->addr
									 : (struct addr){0};
	struct range *last;
	if (!h)
		return -ENOMEM;
	h->targets++;
	last = h->count ? &h->ranges[h->count - 1] : NULL;
	if (last && follows(&last->last, &a, network)) {
		last->last = a;
		last->count++;
		return 0;
	}
	if (f->ranges == RANGES_MAX) {
		h->left_out++;
		return 0;
	}
	if (!grow(h))
		return -ENOMEM;
	h->ranges[h->count] = (struct range){.first = a, .last = a, .count = 1};
	if (!a.family || network) {
		h->ranges[h->count].name = strdup(t->text);
		if (!h->ranges[h->count].name)
			return -ENOMEM;
	}
	h->count++;
	f->ranges++;
	return 0;
}

/* Ranges of one /24 stand on one line: "192.0.2.0/24: .3, .7-.9". */
static bool same_24(const struct range *a, const struct range *b)
{
	return a->first.family == 4 && b->first.family == 4 && memcmp(a->first.octets, b->first.octets, 3) == 0 &&
	       memcmp(b->first.octets, b->last.octets, 3) == 0 && memcmp(a->first.octets, a->last.octets, 3) == 0;
}

static void one(struct buf *out, const struct range *x)
{
	char first[ADDR_TEXT_SIZE], last[ADDR_TEXT_SIZE];
	addr_text(&x->first, first);
	addr_text(&x->last, last);
	if (x->name)
		terminal_add_str(out, x->name);
	else
		buf_add_str(out, first);
	if (x->count > 1)
		buf_printf(out, " to %s (%llu)", last, (unsigned long long)x->count);
}

static size_t line(struct buf *out, const struct heading *h, size_t at)
{
	const struct range *first = &h->ranges[at];
	size_t n = 1;
	uint64_t targets = first->count;
	while (at + n < h->count && same_24(first, &h->ranges[at + n]))
		targets += h->ranges[at + n++].count;
	if (n == 1) {
		one(out, first);
		return 1;
	}
	buf_printf(out, "%u.%u.%u.0/24 (%llu):", first->first.octets[0], first->first.octets[1], first->first.octets[2],
		   (unsigned long long)targets);
	for (size_t i = at; i < at + n; i++) {
		buf_printf(out, "%s.%u", i > at ? ", " : " ", h->ranges[i].first.octets[3]);
		if (h->ranges[i].count > 1)
			buf_printf(out, "-.%u", h->ranges[i].last.octets[3]);
	}
	return n;
}

void fold_write(struct report *r, const struct fold *f, enum text_style style)
{
	struct buf text = buf_make(1 << 20);
	for (const struct heading *h = f->headings; h; h = h->hh.next) {
		size_t at = 0;
		uint64_t shown = 0;
		text_styled(r, style, h->text);
		buf_printf(&r->out, ": %llu\n", (unsigned long long)h->targets);
		for (size_t lines = 0; at < h->count && lines < SHOWN_MAX; lines++) {
			size_t n;
			buf_clear(&text);
			n = line(&text, h, at);
			text_entry(r, 2, "", buf_text(&text));
			for (size_t i = at; i < at + n; i++)
				shown += h->ranges[i].count;
			at += n;
		}
		if (shown < h->targets)
			buf_printf(&r->out, "  and %llu more; --json names them all\n",
				   (unsigned long long)(h->targets - shown));
	}
	buf_release(&text);
}
