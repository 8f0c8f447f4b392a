/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict/status.h"

enum {
	LOOPBACK_NET = 0x7f000000U,
	LOOPBACK_MASK = 0xff000000U, /* 127.0.0.0/8: answers lie here (RFC 5782 2.1) */
	REFUSAL_NET = 0x7fff0000U,
	REFUSAL_MASK = 0xffff0000U, /* 127.255.0.0/16: no list, an error, on every list (rule 2) */
};

/* Refusals are told as two enums with equal values: the record's and the finding's. */
_Static_assert((int)STATUS_WHY_PUBLIC_RESOLVER == (int)WHY_PUBLIC_RESOLVER, "enum why follows enum refusal_why");
_Static_assert((int)STATUS_WHY_TYPO == (int)WHY_TYPO, "enum why follows enum refusal_why");

bool status_class_lists(enum list_class class)
{
	return class == CLASS_BLOCK || class == CLASS_POLICY || class == CLASS_DOMAIN || class == CLASS_URL;
}

enum scope_kind status_reason_scope(const struct list *l, const struct reason *r, bool ip6)
{
	return ip6 && r->scope == l->scope ? l->scope6 : r->scope;
}

bool status_scope_neighbour(enum scope_kind scope)
{
	return scope == SCOPE_PREFIX24 || scope == SCOPE_PREFIX64 || scope == SCOPE_ALLOCATION || scope == SCOPE_AS;
}

static void set(struct finding *f, enum status status, enum why why)
{
	f->status = status;
	f->why = why;
}

static enum why why_unreachable(enum dns_outcome outcome)
{
	switch (outcome) {
	case DNS_SERVFAIL:
		return STATUS_WHY_SERVFAIL;
	case DNS_FORMERR:
		return STATUS_WHY_FORMERR;
	case DNS_LAME:
		return STATUS_WHY_LAME;
	case DNS_TIMEOUT:
		return STATUS_WHY_TIMEOUT;
	case DNS_NETWORK:
		return STATUS_WHY_NETWORK;
	default:
		return STATUS_WHY_MALFORMED;
	}
}

/* A row that names the reason is worth more than the bare 127.255.0.0/16, wherever in the set it stands. */
static bool find_refusal(const struct list *l, const struct bulk_answer *answer, enum why *ret_why)
{
	bool refused = false;
	for (size_t i = 0; i < answer->a_count; i++) {
		const struct list_refusal *row = list_refusal_find(l, answer->a[i]);
		if (row) {
			*ret_why = (enum why)row->why;
			return true;
		}
		refused |= (answer->a[i] & REFUSAL_MASK) == REFUSAL_NET;
	}
	*ret_why = STATUS_WHY_UNKNOWN_REFUSAL;
	return refused;
}

static bool leaves_loopback(const struct bulk_answer *answer)
{
	for (size_t i = 0; i < answer->a_count; i++)
		if ((answer->a[i] & LOOPBACK_MASK) != LOOPBACK_NET)
			return true;
	return false;
}

/* Counts for status and impact even when there is no room left to show it. */
static void add_reason(struct finding *f, struct reason r)
{
	for (size_t i = 0; i < f->reason_count; i++)
		if (f->reasons[i].code == r.code && f->reasons[i].answer == r.answer)
			return;
	if (f->reason_count < REASONS_MAX)
		f->reasons[f->reason_count++] = r;
	if (!status_class_lists(r.class))
		return;
	if (f->status != STATUS_LISTED || r.impact > f->impact)
		f->impact = r.impact;
	f->status = STATUS_LISTED;
}

static void explain(const struct list *l, uint32_t code, struct finding *f)
{
	size_t state = 0;
	const struct list_answer *row = list_answer_find(l, code, &state);
	if (!row) {
		add_reason(f, (struct reason){code, NULL, l->class, l->impact, l->scope, l->suggests});
		return;
	}
	for (; row; row = list_answer_find(l, code, &state))
		add_reason(f, (struct reason){code, row, row->class, row->impact, row->scope, row->suggests});
}

static void judge_addresses(const struct list *l, const struct bulk_answer *answer, struct finding *f)
{
	enum why why;
	if (answer->a_count == 0) { /* not what DNS_ANSWER promises */
		set(f, STATUS_UNREACHABLE, STATUS_WHY_MALFORMED);
	} else if (find_refusal(l, answer, &why)) {
		set(f, STATUS_REFUSED, why);
	} else if (leaves_loopback(answer)) {
		set(f, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127);
	} else {
		for (size_t i = 0; i < answer->a_count; i++)
			explain(l, answer->a[i], f);
	}
}

void status_of_answer(const struct list *l, const struct bulk_answer *answer, struct finding *ret_finding)
{
	struct finding *f = ret_finding;
	set(f, STATUS_CLEAR, STATUS_WHY_NONE);
	f->impact = l->impact;
	f->reason_count = 0;

	switch (answer->outcome) {
	case DNS_ANSWER:
		judge_addresses(l, answer, f);
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		break;
	case DNS_REFUSED: /* most often a public resolver that is not wanted, but the response does not say so */
		set(f, STATUS_REFUSED, STATUS_WHY_UNKNOWN_REFUSAL);
		break;
	default:
		set(f, STATUS_UNREACHABLE, why_unreachable(answer->outcome));
	}
}
