/* SPDX-License-Identifier: BSD-2-Clause */
/* What several output formats say about a target and a row. */
#include "cli/check_report.h"

#include <stdio.h>
#include <string.h>

const char *report_asked_name(const struct target *t, struct arena *arena)
{
	char text[ADDR_TEXT_SIZE];
	if (t->kind != TARGET_EMAIL && t->kind != TARGET_URL)
		return t->name ? t->name : t->text;
	if (t->name)
		return t->name;
	addr_text(&t->addr, text);
	return arena_copy(arena, span_str(text));
}

void report_unanswered(struct buf *out, const struct verdict_tally *t)
{
	const uint32_t *n = t->by_status;
	uint32_t silent = n[STATUS_REFUSED] + n[STATUS_BROKEN] + n[STATUS_UNREACHABLE];
	uint32_t queried = silent + n[STATUS_LISTED] + n[STATUS_CLEAR];
	if (queried == 0)
		buf_add_str(out, "no list has answered");
	else if (queried == 1)
		buf_add_str(out, silent ? "the list gave no usable answer" : "the list answered");
	else
		buf_printf(out, "%u of %u lists gave no usable answer", silent, queried);
}

/* Does another sub-list that lists it, too, want this one's listing removed first? */
static bool wanted_first(const struct check_row *row, const struct list_answer *a)
{
	for (size_t i = 0; a->list && i < row->finding->reason_count; i++) {
		const struct list_answer *other = row->finding->reasons[i].answer;
		for (size_t k = 0; other && other != a && k < other->removal.first.count; k++)
			if (strcmp(other->removal.first.at[k], a->list) == 0)
				return true;
	}
	return false;
}

/* What holds the others stands before them, then what weighs more, then an accusation before a policy: answers come in any
 * order. */
static bool leave_before(const struct check_row *row, const struct reason *a, const struct reason *b)
{
	bool first = wanted_first(row, a->answer), other = wanted_first(row, b->answer);
	if (first != other)
		return first;
	if (a->impact != b->impact)
		return a->impact > b->impact;
	return a->class != CLASS_POLICY && b->class == CLASS_POLICY;
}

const struct removal *report_removal(const struct check_row *row)
{
	const struct reason *best = NULL;
	for (size_t i = 0; i < row->finding->reason_count; i++) {
		const struct reason *r = &row->finding->reasons[i];
		if (status_class_lists(r->class) && r->answer && (!best || leave_before(row, r, best)))
			best = r;
	}
	return best ? &best->answer->removal : &row->list->removal;
}

static const char *prefix_of(const struct target *t, uint8_t bits, struct arena *arena)
{
	struct prefix p = {.addr = t->addr, .bits = bits};
	char text[PREFIX_TEXT_SIZE];
	if (t->kind == TARGET_PREFIX)
		p.addr = t->prefix.addr;
	for (unsigned i = bits / 8; i < sizeof(p.addr.octets); i++)
		p.addr.octets[i] = 0;
	prefix_text(&p, text);
	return arena_copy(arena, span_str(text));
}

const char *report_scope_value(const struct target *t, const struct reason *reason, struct arena *arena)
{
	bool ip4 = t->addr.family == 4;
	switch (reason->scope) {
	case SCOPE_PREFIX24:
		return ip4 ? prefix_of(t, 24, arena) : t->text;
	case SCOPE_PREFIX64:
		return ip4 || !t->addr.family ? t->text : prefix_of(t, 64, arena);
	case SCOPE_DOMAIN:
		return t->registrable ? t->registrable : report_asked_name(t, arena);
	default:
		return t->text;
	}
}

/* The /64 is what a provider gives to one customer (RFC 6177): whoever is in it is no neighbour. */
bool report_scope_neighbour(const struct target *t, const struct reason *reason)
{
	if (t->kind != TARGET_IP4 && t->kind != TARGET_IP6 && t->kind != TARGET_PREFIX)
		return false;
	return reason->scope == SCOPE_PREFIX24 || reason->scope == SCOPE_ALLOCATION || reason->scope == SCOPE_AS;
}

void report_code_text(uint32_t code, char text[sizeof("255.255.255.255")])
{
	snprintf(text, sizeof("255.255.255.255"), "%u.%u.%u.%u", code >> 24, code >> 16 & 255, code >> 8 & 255,
		 code & 255);
}

const char *report_kind(const struct target *t)
{
	if (t->kind == TARGET_PREFIX)
		return t->prefix.addr.family == 4 ? "ip4" : "ip6";
	return target_kind_text(t->kind);
}
