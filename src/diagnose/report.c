/* SPDX-License-Identifier: BSD-2-Clause */
/* Candidates of all detectors, overlaps taken out, as rows. */
#include "diagnose/overlaps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	RECIPIENTS_MIN = 4,
	ODD_LIMITED_MIN = 3, /* times that a limit stopped it */
	ODD_RECIPIENTS_MIN = 50,
};

static const double suggested_weight = 0.7; /* the list says what kind of sender it lists */
static const double also_odds = -1.4;       /* from which it is worth a word (0.2) */
static const double tight_odds = 0.5;       /* so much weaker may a shorter stretch be */

int64_t report_listed_ms(const struct reporting *w)
{
	const struct tally *t = w->t;
	int64_t first = t->o->listed_at_ms;
	for (uint32_t i = 0; first == CASE_TIME_NONE && i < t->listed.zone_count; i++)
		if (t->listed.zones[i].count && (first == CASE_TIME_NONE || t->listed.zones[i].refused_ms < first))
			first = t->listed.zones[i].refused_ms;
	return first;
}

bool report_explains(const struct reporting *w, int64_t first_ms, int64_t last_ms)
{
	int64_t listed = report_listed_ms(w);
	return listed != CASE_TIME_NONE && first_ms <= listed + LISTING_SLACK_MS && last_ms >= listed - LISTING_LAG_MS;
}

bool report_policy_only(const struct reporting *w)
{
	const struct diagnose_options *o = w->t->o;
	for (size_t i = 0; i < o->listing_count; i++)
		if (o->listings[i].class != CLASS_POLICY && !o->listings[i].neighbour)
			return false;
	return o->listing_count > 0;
}

/* ---- one identity ---- */

static void listing_signals(const struct reporting *w, const struct detect *d, struct candidate *c)
{
	const struct diagnose_options *o = w->t->o;
	int64_t listed = report_listed_ms(w);
	signal_listed_then(w, d, c);
	for (size_t i = 0; i < o->listing_count; i++)
		if (o->listings[i].suggests >> c->kind & 1) {
			signal_add(d, c, "listing", suggested_weight, 1, "%s lists addresses that do this",
				   o->listings[i].name ? o->listings[i].name : o->listings[i].zone);
			break;
		}
	if (o->listed_at_ms != CASE_TIME_NONE && c->burst.first_ms > listed + LISTING_SLACK_MS) {
		signal_add(d, c, "after_listing", -1, 1, "it began after the listing");
		against_add(d, c, "it began after the listing, so it cannot be the cause");
	}
}

/* @return 0; -ENOMEM. */
static int find_relaying(struct reporting *w)
{
	for (uint32_t i = 0; i < w->t->ids.count; i++) {
		struct relaying *r = NULL;
		if (w->t->ids.at[i]->kind != IDENTITY_RELAY)
			continue;
		r = relaying_of(w->t, w->t->ids.at[i], w->arena);
		if (!r)
			return -ENOMEM;
		r->next = w->relaying;
		w->relaying = r;
	}
	return 0;
}

/* Of what clients outside relayed only what is not known to be permitted. NULL: nothing of it. */
static const struct identity *looked_at(const struct reporting *w, const struct identity *id)
{
	for (const struct relaying *r = w->relaying; r && id->kind == IDENTITY_RELAY; r = r->next)
		if (r->of == id)
			return r->rest.hour_count > 0 ? &r->rest : NULL;
	return id;
}

const struct relaying *relaying_for(const struct reporting *w, const struct identity *id)
{
	const struct relaying *r = id->kind == IDENTITY_RELAY ? w->relaying : NULL;
	while (r && &r->rest != id)
		r = r->next;
	return r;
}

/* A domain's bounces may all be one address's: a full mailbox. */
static const char *notice_subject(const struct identity *notice)
{
	uint64_t all = notice->senders.beyond;
	const struct name_seen *top = NULL;
	for (uint32_t i = 0; i < notice->senders.count; i++) {
		const struct name_seen *s = notice->senders.at + i;
		all += s->messages;
		top = !top || s->messages > top->messages ? s : top;
	}
	return top && top->text[0] && top->messages * 10 >= all * 9 && all >= RECIPIENTS_MIN ? top->text : notice->name;
}

/* Of a program that speaks SMTP to this host the log has no path and no user: the sender that most of it has, else the
 * address that it comes from stands for it. */
static const char *loopback_subject(const struct identity *id, const struct burst *b)
{
	const struct name_seen *top = NULL;
	for (uint32_t i = 0; i < id->senders.count; i++) {
		const struct name_seen *s = id->senders.at + i;
		bool then = s->first_hour <= b->last_hour && s->last_hour >= b->first_hour;
		if (then && (!top || s->messages > top->messages))
			top = s;
	}
	if (top && top->messages * 10 >= b->messages * 6)
		return top->text;
	return id->name;
}

/* The client with most recipients stands for the relaying. */
static const char *subject_of(const struct reporting *w, enum cause kind, const struct identity *id,
			      const struct burst *b)
{
	const struct relaying *r = relaying_for(w, id);
	if (id->kind == IDENTITY_NOTICE)
		return notice_subject(id);
	if (kind == CAUSE_SCRIPT && script_by_loopback(id))
		return loopback_subject(id, b);
	return r && r->top ? r->top->name : id->name;
}

static bool weigh_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			  const struct burst *b, struct arena *arena, struct candidate *c)
{
	struct detect d = {w->t, arena, relaying_for(w, id)};
	*c = (struct candidate){.kind = by->kind, .id = id, .subject = subject_of(w, by->kind, id, b), .burst = *b};
	if (!by->weigh(&d, c))
		return false;
	listing_signals(w, &d, c);
	return true;
}

/* One sign at full strength is worth a word, whatever else speaks against it. A mailing from where its owner always is has
 * some of them by nature. */
static bool is_odd(const struct candidate *c)
{
	static const enum signal signs[] = {SIGNAL_growth,      SIGNAL_silent_before,   SIGNAL_one_text,
					    SIGNAL_restless,    SIGNAL_client_networks, SIGNAL_throttled,
					    SIGNAL_daily_growth};
	if (c->kind != CAUSE_COMPROMISED_ACCOUNT && c->kind != CAUSE_SCRIPT)
		return false;
	if (c->burst.limited >= ODD_LIMITED_MIN)
		return true;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (c->shape[signs[i]] >= 0.95 && c->burst.recipients >= ODD_RECIPIENTS_MIN &&
		    c->shape[SIGNAL_usual_network] < 0.5 && c->shape[SIGNAL_same_recipients] == 0)
			return true;
	return false;
}

/* How strong each stretch of an identity is. @return the strongest one's place; *ret_count: none is worth a word. */
static size_t strongest(const struct reporting *w, const struct detector *by, const struct identity *id,
			struct burst bursts[BURSTS_MAX], double odds[BURSTS_MAX], size_t *ret_count)
{
	struct candidate c;
	size_t n = bursts_find(id, &w->ground, bursts), top = n;
	for (size_t i = 0; i < n; i++) {
		bool weighed = weigh_stretch(w, by, id, &bursts[i], NULL, &c);
		odds[i] = weighed ? c.odds : -HUGE_VAL;
		if (weighed && (top < n ? odds[i] > odds[top] : odds[i] > also_odds || is_odd(&c)))
			top = i;
	}
	*ret_count = n;
	return top;
}

/* Texts are made for the strongest stretch alone, and only where it is worth a word. */
static bool best_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			 struct candidate *best)
{
	struct burst bursts[BURSTS_MAX];
	double odds[BURSTS_MAX];
	size_t n, top = strongest(w, by, id, bursts, odds, &n);
	return top < n && weigh_stretch(w, by, id, &bursts[top], w->arena, best);
}

/* From where a log begins every place is new, the owner's as well: then the number of places counts. */
static bool holds_places(const struct burst *b, const struct burst *all)
{
	return all->past ? b->from_rare * 10 >= all->from_rare * 6 : b->networks * 10 >= all->networks * 6;
}

/* Does this stretch hold most of what speaks in the other one? */
static bool holds_most(const struct burst *b, const struct burst *all)
{
	return b->bad * 10 >= all->bad * 6 && holds_places(b, all) && b->run * 10 >= all->run * 6 &&
	       b->switches * 10 >= all->switches * 6;
}

/* What is reported is not an identity's whole life: the shortest of the stretches that are about as strong and hold most
 * of what speaks, and what was sent like it at other times. What is said of it is what this stretch comes to. */
static void sharpen(const struct reporting *w, struct found *x)
{
	struct burst b[BURSTS_MAX], wider;
	struct candidate c;
	double odds[BURSTS_MAX], least = x->c.odds >= cause_odds ? cause_odds : -HUGE_VAL;
	size_t n, top = strongest(w, x->by, x->c.id, b, odds, &n), best = top;
	if (top == n)
		return;
	bool quiet = b[top].letters_most > 0; /* it holds a quiet time and its burst: the burst is what it is about */
	for (size_t i = 0; i < n; i++)
		if (odds[i] >= least && (quiet || odds[i] >= odds[top] - tight_odds) && holds_most(&b[i], &b[top]) &&
		    b[i].last_ms - b[i].first_ms < b[best].last_ms - b[best].first_ms)
			best = i;
	wider = b[best];
	burst_widen(x->c.id, &w->ground, &wider);
	if (!weigh_stretch(w, x->by, x->c.id, &wider, w->arena, &c) || c.odds < least ||
	    c.odds < odds[best] - tight_odds)
		weigh_stretch(w, x->by, x->c.id, &b[best], w->arena, &c);
	x->c = c;
}

/* Where there is no more room the weakest goes. */
static struct found *room_for(struct finding *f, double odds)
{
	size_t least = 0;
	if (f->count < CAUSES_MAX)
		return &f->at[f->count++];
	for (size_t i = 1; i < f->count; i++)
		if (f->at[i].c.odds < f->at[least].c.odds)
			least = i;
	return f->at[least].c.odds < odds ? &f->at[least] : NULL;
}

/* Stopped at the door it has sent nothing, and yet somebody tried. */
static bool was_limited(const struct identity *id)
{
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].limited)
			return true;
	return false;
}

static void look(struct finding *f, const struct identity *id)
{
	bool extract = holds_lack(&f->w->coverage->holds, f->w->coverage->mail_lines) != LACK_NOTHING;
	if (id && extract && sender_way_unknown(id))
		return;
	for (size_t i = 0; detectors[i]; i++) {
		struct candidate best;
		if (!id || detectors[i]->of != id->kind || (id->recipients < RECIPIENTS_MIN && !was_limited(id)) ||
		    !best_stretch(f->w, detectors[i], id, &best))
			continue;
		struct found *room = room_for(f, best.odds);
		if (room)
			*room = (struct found){best, detectors[i]};
	}
}

int report_candidates(struct reporting *w, candidate_fn *fn, void *arg)
{
	struct burst bursts[BURSTS_MAX];
	struct candidate c;
	int rc = find_relaying(w);
	if (rc == 0)
		report_look_at_listing(w);
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++) {
		const struct identity *id = looked_at(w, w->t->ids.at[i]);
		size_t n = !id || id->recipients < RECIPIENTS_MIN ? 0 : bursts_find(id, &w->ground, bursts);
		for (size_t k = 0; detectors[k]; k++)
			for (size_t b = 0; b < n && detectors[k]->of == id->kind; b++)
				if (weigh_stretch(w, detectors[k], id, &bursts[b], NULL, &c))
					fn(arg, &c, b);
	}
	return rc;
}

static void settle(struct finding *f)
{
	bool explained[CAUSES_MAX];
	size_t kept = 0;
	for (size_t i = 0; i < f->count; i++) {
		f->least = f->at[i].c.odds >= cause_odds ? cause_odds : -HUGE_VAL;
		explained[i] = overlap_explains(f, &f->at[i]);
	}
	for (size_t i = 0; i < f->count; i++)
		if (!explained[i])
			f->at[kept++] = f->at[i];
	f->count = kept;
	for (size_t i = 0; i < f->count; i++)
		sharpen(f->w, &f->at[i]);
}

/* ---- the report ---- */

static int add_rows(struct reporting *w, const struct finding *f, struct cause_row *causes, struct cause_row *also)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < f->count; i++) {
		bool cause = f->at[i].c.odds >= cause_odds;
		size_t *n = cause ? &w->report->cause_count : &w->report->also_count;
		rc = row_of(w, &f->at[i], cause, &(cause ? causes : also)[(*n)++]);
	}
	return rc;
}

/* What no sender explains. */
static int add_whole(struct reporting *w, struct cause_row *rows)
{
	struct diagnose_report *r = w->report;
	int rc;
	if (r->cause_count)
		return 0;
	if (report_policy_only(w))
		return policy_row(w, &rows[r->cause_count++]);
	rc = whole_cause(w, &rows[0]);
	r->cause_count = rc > 0;
	return rc < 0 ? rc : 0;
}

int report_causes(struct reporting *w)
{
	struct finding f = {.w = w, .at = calloc(CAUSES_MAX, sizeof(*f.at))};
	struct cause_row *rows = arena_alloc(w->arena, CAUSES_MAX + 1, sizeof(*rows));
	struct cause_row *also = arena_alloc(w->arena, CAUSES_MAX, sizeof(*also));
	struct diagnose_report *r = w->report;
	int rc = f.at && rows && also ? 0 : -ENOMEM;
	if (rc == 0)
		rc = find_relaying(w);
	if (rc == 0)
		report_look_at_listing(w);
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++)
		look(&f, looked_at(w, w->t->ids.at[i]));
	if (rc == 0) {
		settle(&f);
		rc = add_rows(w, &f, rows, also);
	}
	if (rc == 0) {
		rows_sort(rows, r->cause_count);
		rows_sort(also, r->also_count);
		r->also_count = r->also_count < ALSO_MAX ? r->also_count : ALSO_MAX;
	}
	if (rc == 0)
		rc = add_whole(w, rows);
	free(f.at);
	r->causes = rows;
	r->also_seen = also;
	return rc;
}
