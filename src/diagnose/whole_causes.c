/* SPDX-License-Identifier: BSD-2-Clause */
/* Causes that are no sender's: the names of the server or of a domain, the policy of the address range. Said only where no
 * sender explains the refusals. */
#include <errno.h>

#include "diagnose/hash.h"
#include "diagnose/rows.h"

enum {
	NAMES_RECIPIENTS_MIN = 15,
	HOST_RECEIVERS_MIN = 2, /* one receiver may be strict beyond reason; a domain's records are what they are */
	RANGE_RECIPIENTS_MIN = 8,
	RANGE_RECEIVERS_MIN = 2, /* they ask one list */
};

static const double share_min = 0.2; /* of all that was sent in that time */

static const char *const fix_host[] = {
	"run offlist check with the server's address: it shows the reverse name (PTR) and whether it leads back",
	"whoever gave you the address sets its PTR, to the mail server's full name; that name needs an address record "
	"(A, AAAA) with this address",
	"let the mail server say that same full name in HELO",
	NULL,
};
static const char *const fix_domain[] = {
	"name this server's address in the domain's SPF record, or send its mail through the server that stands there",
	"sign with DKIM under the domain of the From address, and publish the key; both must fit what DMARC asks for",
	"send one message to a mailbox at such a receiver and read its Authentication-Results field",
	NULL,
};
static const char *const fix_range[] = {
	"send through your provider's mail server with a login (a relay host); then the listing need not go",
	"if this is a mail server with an address of its own, have its PTR set to the server's name, then ask for "
	"removal at the list's own page; offlist explain with the list's zone shows it",
	NULL,
};

struct case_of { /* what is weighed */
	const struct whole_row *row;
	uint64_t refused, total;
	unsigned receivers;
	uint64_t deferred; /* of the refused */
	int64_t first_ms, last_ms;
};

/* Recipients of that time: all, or of a domain's senders. */
static uint64_t total_of(const struct reporting *w, const struct whole_row *row)
{
	return row->kind == WHOLE_DOMAIN ? row->total : report_recipients(w, row->first_ms, row->last_ms);
}

static double share_refused(const struct case_of *c)
{
	return c->total ? (double)c->refused / (double)(c->total > c->refused ? c->total : c->refused) : 0;
}

static bool is_ours(const struct reporting *w, const struct whole_row *row)
{
	return row->kind == WHOLE_HOST || places_own(&w->t->places, span_str(row->name));
}

static bool names_hold(const struct case_of *c)
{
	return c->refused >= NAMES_RECIPIENTS_MIN && share_refused(c) >= share_min &&
	       (c->row->kind == WHOLE_DOMAIN || c->receivers >= HOST_RECEIVERS_MIN);
}

/* The row with most refusals for names; NULL: too few, or of mail that is not ours. */
static bool names_case(const struct reporting *w, struct case_of *best)
{
	const struct whole *seen = &w->t->whole;
	*best = (struct case_of){0};
	for (uint32_t i = 0; i < seen->count; i++) {
		const struct whole_row *row = &seen->row[i];
		struct case_of c = {row,           row->recipients, 0,           places_count_bits(row->receivers),
				    row->deferred, row->first_ms,   row->last_ms};
		if ((row->kind != WHOLE_HOST && row->kind != WHOLE_DOMAIN) || !is_ours(w, row))
			continue;
		c.total = total_of(w, row);
		if (names_hold(&c) && c.refused > best->refused)
			*best = c;
	}
	return best->row;
}

struct range {                           /* all that is said of it */
	uint64_t policy, listed, others; /* recipients: the policy is named; lists of both kinds as well; other lists */
	uint64_t receivers;
	const struct whole_row *named; /* the zone to tell */
	struct whole_row all;
};

/* One that names the policy stands before one that may mean something else. */
static bool names_better(const struct whole_row *row, const struct whole_row *before)
{
	if (!row->name[0] || !before || row->kind != before->kind)
		return row->name[0] && (!before || row->kind == WHOLE_RANGE);
	return row->recipients > before->recipients;
}

static void add_row(struct range *r, const struct whole_row *row)
{
	r->policy += row->kind == WHOLE_RANGE ? row->recipients : 0;
	r->others += row->kind == WHOLE_OTHER ? row->recipients : 0;
	if (row->kind != WHOLE_RANGE && row->kind != WHOLE_LISTED)
		return;
	r->listed += row->recipients;
	r->all.deferred += row->deferred;
	r->receivers |= row->receivers;
	r->all.first_ms = row->first_ms < r->all.first_ms ? row->first_ms : r->all.first_ms;
	r->all.last_ms = row->last_ms > r->all.last_ms ? row->last_ms : r->all.last_ms;
	if (names_better(row, r->named))
		r->named = row;
}

/* Somebody must say that it is the range; lists that hold such ranges and others then count with it. */
static bool range_case(const struct reporting *w, struct case_of *c)
{
	struct range r = {.all = {.kind = WHOLE_RANGE, .first_ms = INT64_MAX, .last_ms = INT64_MIN}};
	for (uint32_t i = 0; i < w->t->whole.count; i++)
		add_row(&r, &w->t->whole.row[i]);
	*c = (struct case_of){r.named,        r.listed,     0, places_count_bits(r.receivers), r.all.deferred,
			      r.all.first_ms, r.all.last_ms};
	if (!r.named || r.policy < RANGE_RECIPIENTS_MIN || r.policy * 10 < r.listed || r.others * 2 > r.listed ||
	    c->receivers < RANGE_RECEIVERS_MIN)
		return false;
	c->total = total_of(w, &r.all);
	return share_refused(c) >= share_min;
}

/* The full name of the one host; else the address as receivers quote it. */
static const char *host_subject(const struct reporting *w)
{
	const char *host = w->t->host_count == 1 ? w->t->hosts[0] : "";
	const struct quoted *top = NULL;
	char text[ADDR_TEXT_SIZE] = "";
	if (strchr(host, '.') && strncasecmp(host, "localhost", 9) != 0)
		return words_copy(w->arena, host);
	for (uint32_t i = 0; i < w->t->blocks.quoted_count; i++)
		if (!top || w->t->blocks.quoted[i].count > top->count)
			top = &w->t->blocks.quoted[i];
	if (top)
		addr_text(&top->addr, text);
	return words_copy(w->arena, top ? text : host[0] ? host : "this server");
}

static void add_lines(const struct reporting *w, const struct whole_row *row, struct cause_evidence *at, size_t *n)
{
	for (int i = 0; i < WHOLE_LINES && row->line[i].text && *n < WHOLE_LINES; i++)
		at[(*n)++] = (struct cause_evidence){
			.what = "refused by a receiver",
			.at_ms = row->line[i].at_ms,
			.source = words_source(w->arena, w->coverage, row->line[i].source, row->line[i].number),
			.line = words_copy(w->arena, row->line[i].text)};
}

/* Of a range, every line that names it, then those of lists that hold such ranges. */
static int add_evidence(const struct reporting *w, const struct case_of *c, struct cause_row *to)
{
	const struct whole *seen = &w->t->whole;
	struct cause_evidence *at = arena_alloc(w->arena, WHOLE_LINES, sizeof(*at));
	bool range = c->row->kind == WHOLE_RANGE || c->row->kind == WHOLE_LISTED;
	if (!at)
		return -ENOMEM;
	if (!range)
		add_lines(w, c->row, at, &to->evidence_count);
	for (uint32_t i = 0; range && i < seen->count; i++)
		if (seen->row[i].kind == WHOLE_RANGE)
			add_lines(w, &seen->row[i], at, &to->evidence_count);
	for (uint32_t i = 0; range && i < seen->count; i++)
		if (seen->row[i].kind == WHOLE_LISTED)
			add_lines(w, &seen->row[i], at, &to->evidence_count);
	to->evidence = at;
	return 0;
}

static const char *sentence(const struct reporting *w, const struct case_of *c, const char *subject)
{
	const char *many = words_many(w->arena, c->refused, "recipient", "recipients");
	if (c->row->kind == WHOLE_HOST)
		return words_printf(w->arena,
				    "Receivers refuse this server for its names (PTR, HELO): %s at about %u receivers, "
				    "whoever wrote",
				    many, c->receivers);
	if (c->row->kind == WHOLE_DOMAIN)
		return words_printf(w->arena,
				    "Receivers refuse mail of %s because its SPF, DKIM or DMARC does not fit: %s at "
				    "about %u receivers",
				    subject, many, c->receivers);
	return words_printf(
		w->arena,
		"The address of this server stands on a list of ranges that are not to send mail directly (%s): "
		"%s were refused; it is not about what was sent",
		subject, many);
}

static const char *const *fix_of(enum whole_kind kind)
{
	return kind == WHOLE_HOST ? fix_host : kind == WHOLE_DOMAIN ? fix_domain : fix_range;
}

/* The more of what was sent is refused, and by the more receivers, the less it is about single messages. */
static struct candidate weigh(const struct reporting *w, const struct case_of *c)
{
	const struct detect d = {w->t, w->arena, NULL};
	bool names = c->row->kind == WHOLE_HOST || c->row->kind == WHOLE_DOMAIN;
	struct candidate x = {.kind = names ? CAUSE_IDENTITY : CAUSE_POLICY_LISTING};
	double share = share_refused(c);
	signal_weigh(&d, &x, SIGNAL_prior, 1, 0, "a refusal or two of this kind are anybody's");
	signal_weigh(&d, &x, SIGNAL_refused, shape_log((double)c->refused, 8, 60), (double)c->refused,
		     "%llu recipients were refused for it", (unsigned long long)c->refused);
	signal_weigh(&d, &x, SIGNAL_refused_share, shape_log(share, 0.1, 0.5), share,
		     "%.0f %% of all recipients of that time", share * 100);
	signal_weigh(&d, &x, SIGNAL_receivers, shape_log(c->receivers, 1, 6), c->receivers, "about %u receivers say so",
		     c->receivers);
	return x;
}

static int add_signals(const struct reporting *w, const struct candidate *x, struct cause_row *to)
{
	struct cause_signal *signals = arena_alloc(w->arena, x->signal_count, sizeof(*signals));
	if (!signals)
		return -ENOMEM;
	memcpy(signals, x->signal, x->signal_count * sizeof(*signals));
	to->signals = signals;
	to->signal_count = x->signal_count;
	to->confidence = candidate_confidence(x);
	return 0;
}

static int fill(const struct reporting *w, const struct case_of *c, struct cause_row *to)
{
	const struct whole_row *row = c->row;
	const struct candidate x = weigh(w, c);
	const char *const *fix = fix_of(row->kind);
	int64_t end = w->t->o->own_server ? w->t->o->now_ms : w->coverage->to_ms;
	const char **against = arena_alloc(w->arena, 1, sizeof(*against));
	const char **copy;
	size_t n = 0;
	while (fix[n])
		n++;
	copy = arena_alloc(w->arena, n, sizeof(*copy));
	if (!copy || !against)
		return -ENOMEM;
	memcpy(copy, fix, n * sizeof(*copy));
	*to = (struct cause_row){
		.kind = x.kind,
		.subject = row->kind == WHOLE_HOST ? host_subject(w) : words_copy(w->arena, row->name),
		.first_at_ms = c->first_ms,
		.last_at_ms = c->last_ms,
		.running = c->last_ms >= end - RUNNING_MS,
		.explains_listing = false,
		.messages = c->refused,
		.recipients = c->refused,
		.rejected = c->refused - c->deferred,
		.deferred = c->deferred,
		.waiting = c->deferred,
		.against = against,
		.fix = copy,
		.fix_count = n,
	};
	to->sentence = sentence(w, c, to->subject);
	if (c->total > c->refused)
		against[to->against_count++] =
			words_printf(w->arena, "%llu of %llu recipients of that time were not refused for it",
				     (unsigned long long)(c->total - c->refused), (unsigned long long)c->total);
	return add_signals(w, &x, to) < 0 ? -ENOMEM : add_evidence(w, c, to);
}

int whole_cause(const struct reporting *w, struct cause_row *ret_row)
{
	struct case_of c;
	int e;
	if (!range_case(w, &c) && !names_case(w, &c))
		return 0;
	e = fill(w, &c, ret_row);
	return e < 0 ? e : 1;
}
