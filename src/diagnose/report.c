/* SPDX-License-Identifier: BSD-2-Clause */
/* Candidates of all detectors, overlaps taken out, as rows. */
#include "diagnose/hash.h"
#include "diagnose/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { EVIDENCE_MAX = 12, RECIPIENTS_MIN = 4, LOGIN_BEFORE_MS = 24 * 3600000 };

static const double suggested_weight = 0.7; /* the list says what kind of sender it lists */
/* Only what a stranger explains makes an account or a program out of a mailing that is its own. */
static const double strange_min = 2;
static const double tight_odds = 0.7; /* so much weaker may a shorter stretch be */

struct found {
	struct candidate c;
	const struct detector *by;
};

struct finding {
	struct reporting *w;
	struct found *at;
	size_t count;
};

int64_t report_listed_ms(const struct reporting *w)
{
	const struct tally *t = w->t;
	int64_t first = t->o->listed_at_ms;
	for (uint32_t i = 0; first == CASE_TIME_NONE && i < t->listed.zone_count; i++)
		if (t->listed.zones[i].count && (first == CASE_TIME_NONE || t->listed.zones[i].refused_ms < first))
			first = t->listed.zones[i].refused_ms;
	return first;
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
	for (size_t i = 0; i < o->listing_count; i++)
		if (o->listings[i].suggests >> c->kind & 1) {
			signal_add(d, c, "listing", suggested_weight, 1, "%s lists what does this",
				   o->listings[i].name ? o->listings[i].name : o->listings[i].zone);
			break;
		}
	if (o->listed_at_ms != CASE_TIME_NONE && c->burst.first_ms > listed + LISTING_SLACK_MS) {
		signal_add(d, c, "after_listing", -1, 1, "it began after the listing");
		against_add(d, c, "it began after the listing, so that it cannot be its cause");
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

static const struct relaying *relaying_for(const struct reporting *w, const struct identity *id)
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

/* The client with most recipients stands for the relaying. */
static const char *subject_of(const struct reporting *w, const struct identity *id)
{
	const struct relaying *r = relaying_for(w, id);
	if (id->kind == IDENTITY_NOTICE)
		return notice_subject(id);
	return r && r->top ? r->top->name : id->name;
}

static bool weigh_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			  const struct burst *b, struct arena *arena, struct candidate *c)
{
	struct detect d = {w->t, arena, relaying_for(w, id)};
	*c = (struct candidate){.kind = by->kind, .id = id, .subject = subject_of(w, id), .burst = *b};
	if (!by->weigh(&d, c))
		return false;
	listing_signals(w, &d, c);
	return true;
}

/* How strong each stretch of an identity is. @return the strongest one's place; *ret_count: none is a cause. */
static size_t strongest(const struct reporting *w, const struct detector *by, const struct identity *id,
			struct burst bursts[BURSTS_MAX], double odds[BURSTS_MAX], size_t *ret_count)
{
	struct candidate c;
	size_t n = bursts_find(id, &w->t->places, w->t->from_ms, bursts), top = n;
	for (size_t i = 0; i < n; i++) {
		odds[i] = weigh_stretch(w, by, id, &bursts[i], NULL, &c) ? c.odds : 0;
		if (odds[i] > (top < n ? odds[top] : 0))
			top = i;
	}
	*ret_count = n;
	return top;
}

/* Texts are made for the strongest stretch alone, and only where it is a cause. */
static bool best_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			 struct candidate *best)
{
	struct burst bursts[BURSTS_MAX];
	double odds[BURSTS_MAX];
	size_t n, top = strongest(w, by, id, bursts, odds, &n);
	return top < n && weigh_stretch(w, by, id, &bursts[top], w->arena, best);
}

/* What is reported of a cause is not an identity's whole life: the shortest of the stretches that are about as strong and
 * have most of the failures, and what was sent like it at other times. How sure it is stays as it was. */
static void sharpen(const struct reporting *w, struct found *x)
{
	struct burst b[BURSTS_MAX];
	struct candidate c;
	double odds[BURSTS_MAX] = {0};
	size_t n, top = strongest(w, x->by, x->c.id, b, odds, &n), best = top;
	if (top == n)
		return;
	for (size_t i = 0; i < n; i++)
		if (odds[i] > 0 && odds[i] >= odds[top] - tight_odds && b[i].bad * 10 >= b[top].bad * 6 &&
		    b[i].last_ms - b[i].first_ms < b[best].last_ms - b[best].first_ms)
			best = i;
	burst_widen(x->c.id, &b[best]);
	if (!weigh_stretch(w, x->by, x->c.id, &b[best], w->arena, &c))
		return;
	c.odds = x->c.odds;
	c.subject = x->c.subject;
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

static void look(struct finding *f, const struct identity *id)
{
	for (size_t i = 0; detectors[i]; i++) {
		struct candidate best;
		if (!id || detectors[i]->of != id->kind || id->recipients < RECIPIENTS_MIN ||
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
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++) {
		const struct identity *id = looked_at(w, w->t->ids.at[i]);
		size_t n = !id || id->recipients < RECIPIENTS_MIN
				   ? 0
				   : bursts_find(id, &w->t->places, w->t->from_ms, bursts);
		for (size_t k = 0; detectors[k]; k++)
			for (size_t b = 0; b < n && detectors[k]->of == id->kind; b++)
				if (weigh_stretch(w, detectors[k], id, &bursts[b], NULL, &c))
					fn(arg, &c, b);
	}
	return rc;
}

/* ---- overlaps: the smallest identity that explains a burst stands for it ---- */

/* The cause of another kind that this identity stands for. */
static const struct found *reported(const struct finding *f, uint64_t hash)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->at[i].c.id->hash == hash && f->at[i].c.kind != CAUSE_BULK_MAIL)
			return &f->at[i];
	return NULL;
}

/* Is the burst of this login, program or client nothing else than the mailing of this one sender, its usual way? */
static bool is_mailing(const struct candidate *origin, const struct candidate *mailing)
{
	const struct burst *o = &origin->burst, *m = &mailing->burst;
	bool same_time = m->first_hour <= o->last_hour && o->first_hour <= m->last_hour;
	return same_time && m->messages * 10 >= o->messages * 8 && origin->strange < strange_min &&
	       list_like(mailing->id->name) > 0.5;
}

/* What carries this mailing: its own login, or the ways that the sender's messages came. */
static const struct found *carrier(const struct finding *f, const struct identity *id)
{
	if (id->kind != IDENTITY_SENDER)
		return reported(f, id->hash);
	for (int i = 0; i < VIA_MAX; i++) {
		const struct found *x = id->via[i].messages ? reported(f, id->via[i].hash) : NULL;
		if (x)
			return x;
	}
	return NULL;
}

static bool has_mailing(const struct finding *f, const struct found *origin)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->at[i].c.kind == CAUSE_BULK_MAIL && carrier(f, f->at[i].c.id) == origin &&
		    is_mailing(&origin->c, &f->at[i].c))
			return true;
	return false;
}

static bool same_logins(const struct finding *f, const struct identity *login)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct identity *client = f->at[i].c.id;
		if (client->kind != IDENTITY_CLIENT || client->with_login * 2 <= client->messages)
			continue;
		for (uint32_t k = 0; k < client->logins.count; k++)
			if (span_equal_nocase(span_str(client->logins.at[k].text), span_str(login->name)))
				return true;
	}
	return false;
}

/* What a forward's receiver refuses comes back as a notice to a sender that is often forged: that forward's harm. */
static bool is_of_forward(const struct finding *f, const struct candidate *notice)
{
	const struct identity *id = notice->id;
	struct span domain = address_domain(span_str(id->name));
	if (domain.len == 0)
		domain = span_str(id->name);
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *c = &f->at[i].c;
		if (c->kind == CAUSE_FORWARDING && c->id->host == id->host &&
		    span_equal_nocase(address_domain(span_str(c->id->name)), domain) &&
		    notice->burst.messages * 2 <= c->burst.rejected * 3)
			return true;
	}
	return false;
}

/* Log-odds from which a finding is called a cause (0.6): below it, made logs with known truth bear out hardly any. */
static const double cause_odds = 0.405;

/* An open relay's spam comes back to senders that are forged, for domains that nobody here serves. */
static bool is_of_relay(const struct finding *f, const struct candidate *notice)
{
	struct span name = span_str(notice->id->name), domain = address_domain(name);
	if (places_own(&f->w->t->places, domain.len ? domain : name))
		return false;
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *c = &f->at[i].c;
		if (c->kind == CAUSE_OPEN_RELAY && c->id->host == notice->id->host && c->odds >= cause_odds &&
		    c->burst.first_hour <= notice->burst.last_hour &&
		    notice->burst.first_hour <= c->burst.last_hour + 1)
			return true;
	}
	return false;
}

/* One address of a domain whose mail goes to one place as a whole. */
static bool is_of_catch_all(const struct finding *f, const struct identity *forward)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct identity *all = f->at[i].c.id;
		if (all->kind != IDENTITY_FORWARD || all == forward || all->name[0] != '@' ||
		    all->host != forward->host)
			continue;
		for (uint32_t k = 0; k < all->logins.count; k++)
			if (strcasecmp(all->logins.at[k].text, forward->name) == 0)
				return true;
	}
	return false;
}

static bool is_explained(const struct finding *f, const struct found *x)
{
	const struct identity *id = x->c.id;
	if (id->kind == IDENTITY_FORWARD)
		return is_of_catch_all(f, id);
	if (x->c.kind == CAUSE_BULK_MAIL) {
		const struct found *origin = carrier(f, id);
		return origin && !is_mailing(&origin->c, &x->c);
	}
	if (id->kind == IDENTITY_NOTICE && (is_of_forward(f, &x->c) || is_of_relay(f, &x->c)))
		return true;
	if (id->kind == IDENTITY_LOGIN && same_logins(f, id))
		return true;
	return has_mailing(f, x);
}

static void settle(struct finding *f)
{
	bool explained[CAUSES_MAX];
	size_t kept = 0;
	for (size_t i = 0; i < f->count; i++)
		explained[i] = is_explained(f, &f->at[i]);
	for (size_t i = 0; i < f->count; i++)
		if (!explained[i])
			f->at[kept++] = f->at[i];
	f->count = kept;
	for (size_t i = 0; i < f->count; i++)
		sharpen(f->w, &f->at[i]);
}

/* ---- rows ---- */

struct shown { /* a row's evidence */
	struct cause_evidence at[EVIDENCE_MAX];
	size_t count;
};

static void add_proof(const struct reporting *w, const struct proof *p, struct shown *e)
{
	if (e->count == EVIDENCE_MAX)
		return;
	e->at[e->count++] = (struct cause_evidence){
		.what = p->what,
		.at_ms = p->at_ms,
		.source = words_source(w->arena, w->coverage, p->source, p->number),
		.line = words_copy(w->arena, p->text),
	};
}

static void add_proofs(const struct reporting *w, const struct proofs *p, struct shown *e)
{
	for (uint32_t i = 0; i < p->count; i++)
		add_proof(w, p->at + i, e);
}

/* The owner travels, too: a new network counts where the burst is not far. */
static void add_fresh_logins(const struct reporting *w, const struct candidate *c, struct shown *e)
{
	const struct proofs *p = &c->id->fresh_logins;
	for (uint32_t i = 0; i < p->count; i++)
		if (p->at[i].at_ms >= c->burst.first_ms - LOGIN_BEFORE_MS && p->at[i].at_ms <= c->burst.last_ms)
			add_proof(w, p->at + i, e);
}

/* Was this network used before the burst? Then its lines may be the owner's own. */
static bool is_usual(const struct candidate *c, uint64_t network)
{
	for (uint32_t i = 0; i < c->id->network_count; i++)
		if (c->id->networks[i].hash == network)
			return !network_is_new(c->id->networks + i, c->burst.first_hour);
	return false;
}

/* Strangers' lines stand before the owner's. */
static void add_accepts(const struct reporting *w, const struct candidate *c, struct shown *e)
{
	const struct proofs *p = &c->id->accepts;
	for (int usual = 0; usual < 2; usual++)
		for (uint32_t i = 0; i < p->count; i++)
			if (is_usual(c, p->at[i].tag) == (usual == 1))
				add_proof(w, p->at + i, e);
}

static int evidence(const struct reporting *w, const struct candidate *c, struct cause_row *row)
{
	struct shown *e = arena_alloc(w->arena, 1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->count = 0;
	add_accepts(w, c, e);
	add_proofs(w, &c->id->failures, e);
	add_fresh_logins(w, c, e);
	row->evidence = e->at;
	row->evidence_count = e->count;
	return 0;
}

static int timeline(const struct reporting *w, const struct identity *id, struct cause_row *row)
{
	uint32_t first = id->hours[0].hour, last = id->hours[id->hour_count - 1].hour;
	uint32_t *hours;
	if (last - first >= CAUSE_HOURS_MAX)
		first = last - CAUSE_HOURS_MAX + 1;
	hours = arena_alloc(w->arena, last - first + 1, sizeof(*hours));
	if (!hours)
		return -ENOMEM;
	for (uint32_t h = 0; h <= last - first; h++)
		hours[h] = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].hour >= first)
			hours[id->hours[i].hour - first] += id->hours[i].recipients;
	row->hours = hours;
	row->hour_count = last - first + 1;
	row->hours_from_ms = (int64_t)first * 3600000;
	return 0;
}

static int copies(const struct reporting *w, const struct found *x, struct cause_row *row)
{
	const struct candidate *c = &x->c;
	const char **against = arena_alloc(w->arena, c->against_count + 1, sizeof(char *));
	struct cause_signal *signals = arena_alloc(w->arena, c->signal_count + 1, sizeof(*signals));
	size_t fixes = 0;
	const char **fix;
	while (x->by->fix[fixes])
		fixes++;
	fix = arena_alloc(w->arena, fixes + 1, sizeof(char *));
	if (!against || !signals || !fix)
		return -ENOMEM;
	for (size_t i = 0; i < c->against_count; i++)
		against[i] = c->against[i];
	for (size_t i = 0; i < c->signal_count; i++)
		signals[i] = c->signal[i];
	for (size_t i = 0; i < fixes; i++)
		fix[i] = words_advice(w->arena, x->by->fix[i], x->c.id->format);
	row->against = against;
	row->against_count = c->against_count;
	row->signals = signals;
	row->signal_count = c->signal_count;
	row->fix = fix;
	row->fix_count = fixes;
	return 0;
}

static int64_t window_end(const struct reporting *w)
{
	return w->t->o->own_server ? w->t->o->now_ms : w->coverage->to_ms;
}

static double confidence_of(const struct found *x)
{
	return fmin(0.99, 1 / (1 + exp(-x->c.odds)));
}

static int row_of(const struct reporting *w, const struct found *x, struct cause_row *row)
{
	const struct burst *b = &x->c.burst;
	struct detect d = {w->t, w->arena, relaying_for(w, x->c.id)};
	*row = (struct cause_row){
		.kind = x->c.kind,
		.subject = words_copy(w->arena, x->c.subject),
		.host = w->t->host_count > 1 ? words_copy(w->arena, x->c.id->host) : NULL,
		.confidence = confidence_of(x),
		.first_at_ms = b->first_ms,
		.last_at_ms = b->last_ms,
		.running = b->last_ms >= window_end(w) - RUNNING_MS,
		.messages = b->messages,
		.recipients = b->recipients,
		.rejected = b->rejected,
		.deferred = b->deferred,
		.unknown_users = b->unknown,
		.normal_per_hour = b->past_usual,
	};
	row->sentence = x->by->sentence(&d, &x->c, row->running);
	return evidence(w, &x->c, row) < 0 || timeline(w, x->c.id, row) < 0 || copies(w, x, row) < 0 ? -ENOMEM : 0;
}

static bool after_listing(const struct cause_row *row)
{
	for (size_t i = 0; i < row->signal_count; i++)
		if (strcmp(row->signals[i].name, "after_listing") == 0)
			return true;
	return false;
}

/* What began after the listing stands last; then what runs before what is past; then by strength. */
static int stronger(const void *a, const void *b)
{
	const struct cause_row *x = a, *y = b;
	if (after_listing(x) != after_listing(y))
		return after_listing(x) ? 1 : -1;
	if (x->running != y->running)
		return x->running ? -1 : 1;
	if (fabs(x->confidence - y->confidence) > 0.005)
		return x->confidence < y->confidence ? 1 : -1;
	if (x->recipients != y->recipients)
		return x->recipients < y->recipients ? 1 : -1;
	return strcmp(x->subject, y->subject);
}

static int policy_row(struct reporting *w, struct cause_row *row)
{
	static const char *const fix[] = {
		"nothing in a log can show more: follow the list's own page (offlist check shows it)"};
	const struct case_listing *l = &w->t->o->listings[0];
	const char **copy = arena_alloc(w->arena, 1, sizeof(char *));
	if (!copy)
		return -ENOMEM;
	copy[0] = fix[0];
	*row = (struct cause_row){
		.kind = CAUSE_POLICY_LISTING,
		.subject = words_copy(w->arena, l->zone),
		.confidence = 0.9,
		.first_at_ms = w->coverage->from_ms,
		.last_at_ms = w->coverage->to_ms,
		.running = true,
		.sentence = words_printf(
			w->arena,
			"the listing is one of policy or of neighbours (%s): it is not for mail that was sent",
			l->name ? l->name : l->zone),
		.fix = copy,
		.fix_count = 1,
	};
	return 0;
}

/* What is more likely than not and yet no cause stays a note: somebody may want to look. */
static bool is_weak(struct reporting *w, const struct found *x)
{
	if (x->c.odds >= cause_odds)
		return false;
	if (w->weak_count < WEAK_MAX)
		w->weak[w->weak_count++] =
			words_printf(w->arena, "%s: weak signs of %s, too weak to call it a cause (%.2f)", x->c.subject,
				     cause_text(x->c.kind), confidence_of(x));
	return true;
}

int report_causes(struct reporting *w)
{
	struct finding f = {.w = w, .at = calloc(CAUSES_MAX, sizeof(*f.at))};
	struct cause_row *rows = arena_alloc(w->arena, CAUSES_MAX + 1, sizeof(*rows));
	size_t n = 0;
	int rc = f.at && rows ? 0 : -ENOMEM;
	if (rc == 0)
		rc = find_relaying(w);
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++)
		look(&f, looked_at(w, w->t->ids.at[i]));
	if (rc == 0)
		settle(&f);
	for (size_t i = 0; rc == 0 && i < f.count; i++)
		if (!is_weak(w, &f.at[i]))
			rc = row_of(w, &f.at[i], &rows[n++]);
	if (rc == 0)
		qsort(rows, n, sizeof(*rows), stronger);
	if (rc == 0 && n == 0 && report_policy_only(w))
		rc = policy_row(w, &rows[n++]);
	free(f.at);
	w->report->causes = rows;
	w->report->cause_count = n;
	return rc;
}
