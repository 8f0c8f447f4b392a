/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands of one list's answer about one target. */
#include "check/run.h"

struct kept *cell_kept(const struct lane *l, const struct cell *cell)
{
	return cell->kept ? &l->run->kept[cell->kept - 1] : NULL;
}

bool cell_no_is_odd(const struct lane *l, const struct cell *cell)
{
	const struct belief *b = &l->belief[STAGE_FIRST];
	if (!lane_on(l, STAGE_FIRST) || cell->stage != STAGE_FIRST || cell->state != CELL_DONE ||
	    cell->outcome != DNS_NODATA || !b->list || b->no_data_passes)
		return false;
	/* a name may stand above entries, and have none itself; below a whole IPv4 address there is nothing */
	return cell->bare || l->family == BELIEF_IP4;
}

bool cell_is_entry(const struct lane *l, const struct cell *cell)
{
	const struct kept *kept = cell_kept(l, cell);
	return kept && kept->a_count && kept->a[0] >> 24 == 127;
}

/* The plain case of a sweep, not worth a look at the record. */
bool cell_is_plain_no(const struct lane *l, const struct cell *cell)
{
	if (cell->state != CELL_DONE || cell->kept || l->belief_state != BELIEF_GOOD || l->no == NO_IN_DOUBT)
		return false;
	return cell->outcome == DNS_NXDOMAIN || (cell->outcome == DNS_NODATA && !cell_no_is_odd(l, cell));
}

/* What the resolver made of a target of a list that it hides: no address came, or anything but an entry. */
static bool hidden_by_resolver(const struct lane *l, const struct kept *kept, const struct finding *f)
{
	bool by_code = f->status == STATUS_REFUSED && kept;
	if (l->belief_state == BELIEF_UNREACHABLE && l->why == STATUS_WHY_RESOLVER_FILTERS)
		return !kept;
	return l->no == NO_IN_DOUBT && f->status != STATUS_LISTED && f->reason_count == 0 && !by_code;
}

void cell_finding(const struct lane *l, const struct cell *cell, struct finding *ret_finding)
{
	struct bulk_answer answer = {.outcome = (enum dns_outcome)cell->outcome};
	const struct kept *kept = cell_kept(l, cell);
	if (cell->state == CELL_NOT_ASKED && l->hold != HOLD_NOW) {
		*ret_finding = (struct finding){
			.status = STATUS_NOT_ASKED, .why = (enum why)cell->why, .impact = l->list->impact};
		return;
	}
	if (kept && answer.outcome == DNS_ANSWER) {
		memcpy(answer.a, kept->a, sizeof(answer.a[0]) * kept->a_count);
		answer.a_count = kept->a_count;
	}
	status_of_answer(l->list, &answer, ret_finding);
	if (cell_no_is_odd(l, cell)) {
		ret_finding->status = STATUS_UNREACHABLE;
		ret_finding->why = STATUS_WHY_RESOLVER_FILTERS;
	}
	for (size_t i = 0; i < ret_finding->reason_count && l->family == BELIEF_IP6; i++)
		ret_finding->reasons[i].scope = status_reason_scope(l->list, &ret_finding->reasons[i], true);
	if (!lane_settled(l))
		return;
	belief_apply(l->belief_state, l->why, ret_finding);
	if (cell->stage == STAGE_FIRST && hidden_by_resolver(l, kept, ret_finding)) {
		ret_finding->status = STATUS_UNREACHABLE;
		ret_finding->why = STATUS_WHY_RESOLVER_FILTERS;
	}
}
