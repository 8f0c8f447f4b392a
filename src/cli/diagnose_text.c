/* SPDX-License-Identifier: BSD-2-Clause */
/* A diagnosis for a person: the sentence first, then its numbers, hours, proof, doubts and what to do. */
#include "cli/coverage.h"
#include "cli/diagnose_parts.h"
#include "cli/quantity.h"
#include "cli/terminal.h"
#include "cli/timeline.h"
#include "cli/told.h"

enum {
	CAUSES_SHOWN = 5,
	EVIDENCE_SHOWN = 6,
	EVIDENCE_ALIKE = 2, /* of lines that show the same */
	NETWORKS_SHOWN = 6,
	TIMELINE_COLUMNS_MAX = 72,
};

static void sentence(struct diagnose_print *p, const struct cause_row *c)
{
	struct buf text = buf_make(DIAGNOSE_LINE_MAX);
	if (c->sentence)
		buf_add_str(&text, c->sentence);
	else
		buf_printf(&text, "%s: %s", cause_text(c->kind), c->subject);
	buf_printf(&text, "; %s", told_certainty(c->confidence));
	diagnose_sentence(p, c->running ? STYLE_BAD : STYLE_BOLD, buf_text(&text));
	buf_release(&text);
}

static void what_it_is(struct diagnose_print *p, const struct cause_row *c)
{
	struct buf *t = diagnose_line(p);
	for (const char *word = cause_text(c->kind); *word; word++)
		buf_add_char(t, *word == '_' ? ' ' : *word);
	buf_printf(t, " %s", c->subject);
	if (c->host)
		buf_printf(t, " on %s", c->host);
	buf_printf(t, ", confidence %.2f", c->confidence);
	diagnose_entry(p, "cause");
}

static void when(struct diagnose_print *p, const struct cause_row *c)
{
	struct buf *t = diagnose_line(p);
	quantity_moment(t, c->first_at_ms);
	buf_add_str(t, " to ");
	quantity_moment(t, c->last_at_ms);
	buf_add_str(t, " UTC");
	if (c->running)
		buf_add_str(t, ", still active");
	else if (c->last_at_ms != CASE_TIME_NONE && p->view->of.report->to_ms > c->last_at_ms) {
		buf_add_str(t, ", ended ");
		quantity_span(t, p->view->of.report->to_ms - c->last_at_ms);
		buf_add_str(t, " ago");
	}
	diagnose_entry(p, "when");
}

static void counted(struct buf *t, const char *before, uint64_t n, const char *behind)
{
	if (!n)
		return;
	buf_add_str(t, before);
	quantity_count(t, n);
	buf_add_str(t, behind);
}

static void usual(struct buf *t, const struct cause_row *c)
{
	buf_add_str(t, "; usual before: ");
	if (c->normal_per_hour)
		quantity_of(t, c->normal_per_hour, "recipient");
	else
		buf_add_str(t, "less than 1 recipient");
	buf_add_str(t, " an hour");
}

static void numbers(struct diagnose_print *p, const struct cause_row *c)
{
	struct buf *t = diagnose_line(p);
	quantity_of(t, c->messages, "message");
	buf_add_str(t, " to ");
	quantity_of(t, c->recipients, "recipient");
	if (c->rejected) {
		buf_add_str(t, "; ");
		quantity_count(t, c->rejected);
		buf_add_str(t, " refused (");
		quantity_share(t, c->rejected, c->recipients);
		buf_add_char(t, ')');
	} else {
		buf_add_str(t, "; none refused");
	}
	counted(t, ", ", c->unknown_users, " of them as unknown");
	counted(t, "; ", c->waiting, " still waiting in the queue");
	counted(t, c->waiting ? ", " : "; ", c->held, " of them on hold");
	if (c->hour_count) /* what is no sender's has no hours of its own */
		usual(t, c);
	diagnose_entry(p, "numbers");
}

static void hours(struct diagnose_print *p, const struct cause_row *c)
{
	const struct timeline line = {c->hours_from_ms, c->hours, c->hour_count};
	struct timeline_drawn drawn;
	unsigned columns = p->view->width > DIAGNOSE_COLUMN + 10 ? p->view->width - DIAGNOSE_COLUMN - 1 : 10;
	struct buf *t;
	if (c->hour_count == 0)
		return;
	diagnose_label(p, "hours");
	timeline_draw(p->out, &line, columns > TIMELINE_COLUMNS_MAX ? TIMELINE_COLUMNS_MAX : columns, p->view->utf8,
		      &drawn);
	buf_add_char(p->out, '\n');
	t = diagnose_line(p);
	buf_printf(t, drawn.step == 1 ? "one bar an hour" : "one bar for %zu hours", drawn.step);
	buf_add_str(t, " from ");
	quantity_moment(t, drawn.from_ms);
	buf_add_str(t, ", log scale; most: ");
	quantity_of(t, drawn.peak, "recipient");
	buf_add_str(t, " in the hour of ");
	quantity_moment(t, drawn.peak_ms);
	diagnose_entry(p, "");
}

/* Lines that say the same were shown before? */
static size_t same_before(const struct cause_row *c, size_t at)
{
	size_t n = 0;
	for (size_t i = 0; i < at; i++)
		n += c->evidence[i].what && c->evidence[at].what &&
		     strcmp(c->evidence[i].what, c->evidence[at].what) == 0;
	return n;
}

static void proof(struct diagnose_print *p, const struct cause_row *c)
{
	size_t shown = 0;
	for (size_t i = 0; i < c->evidence_count && shown < EVIDENCE_SHOWN; i++) {
		const struct cause_evidence *e = &c->evidence[i];
		if (same_before(c, i) >= EVIDENCE_ALIKE)
			continue;
		buf_printf(diagnose_line(p), "%s%s%s", e->what ? e->what : "", e->source ? ", " : "",
			   e->source ? e->source : "");
		diagnose_entry(p, shown++ ? "" : "proof");
		diagnose_quote(p, e->line);
	}
	if (shown < c->evidence_count) {
		size_t left = c->evidence_count - shown;
		buf_printf(diagnose_line(p), "%zu more line%s; --json prints all", left, left == 1 ? "" : "s");
		diagnose_entry(p, "");
	}
}

/* What to shut out, where it is more than the one client that the lines above show. */
static void networks(struct diagnose_print *p, const struct cause_row *c)
{
	struct buf *t = diagnose_line(p);
	size_t shown = c->network_count > NETWORKS_SHOWN + 1 ? NETWORKS_SHOWN : c->network_count;
	if (c->network_count < 2)
		return;
	buf_printf(t, "%zu networks that are not usual for this login: ", c->network_count);
	for (size_t i = 0; i < shown; i++)
		buf_printf(t, "%s%s", i ? ", " : "", c->networks[i]);
	if (shown < c->network_count)
		buf_printf(t, " and %zu more; --json prints all", c->network_count - shown);
	diagnose_entry(p, "from");
}

static void texts(struct diagnose_print *p, const char *label, const char *const *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_add_str(diagnose_line(p), at[i]);
		diagnose_entry(p, i ? "" : label);
	}
}

static void signals(struct diagnose_print *p, const struct cause_row *c)
{
	for (size_t i = 0; i < c->signal_count; i++) {
		const struct cause_signal *s = &c->signals[i];
		buf_printf(diagnose_line(p), "%+.2f %s: %s", s->weight, s->name, s->text ? s->text : "");
		diagnose_entry(p, i ? "" : "weighed");
	}
}

static void cause(struct diagnose_print *p, const struct cause_row *c)
{
	sentence(p, c);
	what_it_is(p, c);
	numbers(p, c);
	when(p, c);
	hours(p, c);
	proof(p, c);
	networks(p, c);
	texts(p, "against", c->against, c->against_count);
	texts(p, "do", c->fix, c->fix_count);
	if (p->view->of.explain & 1u << c->kind)
		signals(p, c);
	buf_add_char(p->out, '\n');
}

static size_t causes(struct diagnose_print *p, bool running, size_t room)
{
	const struct diagnose_report *r = p->view->of.report;
	size_t printed = 0;
	for (size_t i = 0; i < r->cause_count; i++) {
		if (r->causes[i].running != running)
			continue;
		if (printed == 0 && !running)
			diagnose_heading(p, "No longer active, which does not mean that it is fixed");
		if (printed++ < room)
			cause(p, &r->causes[i]);
	}
	return printed;
}

static void all_causes(struct diagnose_print *p)
{
	size_t room = p->view->of.top ? p->view->of.top : CAUSES_SHOWN, n = p->view->of.report->cause_count;
	size_t running = causes(p, true, room);
	causes(p, false, running < room ? room - running : 0);
	if (n > room)
		buf_printf(p->out, "%zu more causes; --top %zu shows all\n\n", n - room, n);
}

static size_t server_findings(const struct diagnose_view *v)
{
	return v->of.server ? audits_worse(v->of.server, SEVERITY_MEDIUM) : 0;
}

static void server_finding(struct diagnose_print *p, const struct audit_finding *f)
{
	buf_printf(diagnose_line(p), "%s: %s", f->subject, f->record->title);
	diagnose_entry(p, "");
	buf_add_str(diagnose_line(p), f->detail);
	diagnose_entry(p, "seen");
	for (size_t i = 0; i < f->evidence_count; i++) {
		buf_add_str(diagnose_line(p), f->evidence[i]);
		diagnose_entry(p, i ? "" : "proof");
	}
	buf_add_str(diagnose_line(p), f->record->means);
	diagnose_entry(p, "means");
	buf_add_str(diagnose_line(p), f->record->remedy);
	diagnose_entry(p, "to do");
}

/* What no log can show. */
static void server_itself(struct diagnose_print *p)
{
	const struct audits *server = p->view->of.server;
	size_t count = server_findings(p->view);
	if (!server)
		return;
	if (count)
		diagnose_heading(p, "On the server itself");
	for (size_t i = 0; i < count; i++)
		server_finding(p, &server->findings[i]);
	if (count)
		buf_add_char(p->out, '\n');
	else if (!p->view->of.report->cause_count && audits_whole(server))
		diagnose_sentence(
			p, STYLE_PLAIN,
			"Mail that does not pass the mail server is in no log; just now no other program sends: "
			"offlist audit senders --for 600 looks longer.");
	else if (!p->view->of.report->cause_count)
		diagnose_sentence(p, STYLE_PLAIN,
				  "Mail that does not pass the mail server is in no log: offlist audit senders --for "
				  "600, as root, looks for it.");
}

static void nothing_found(struct diagnose_print *p)
{
	const struct diagnose_report *r = p->view->of.report;
	if (r->cause_count || r->block_count)
		return;
	if (r->unsure_count)
		diagnose_sentence(p, STYLE_DOUBT, "No cause was found, but this log cannot rule one out.");
	else
		diagnose_sentence(p, STYLE_GOOD, "The log shows no reason for a listing.");
}

static void outcome(struct buf *t, const char *words, uint64_t recipients)
{
	if (!recipients)
		return;
	buf_add_str(t, words);
	quantity_count(t, recipients);
}

static void mail_line(struct diagnose_print *p)
{
	const struct diagnose_mail *m = &p->view->of.report->mail;
	struct buf *t = diagnose_line(p);
	quantity_of(t, m->messages, "outgoing message");
	buf_add_str(t, " to ");
	quantity_of(t, m->recipients, "recipient");
	buf_add_str(t, ": delivered ");
	quantity_count(t, m->delivered);
	buf_add_str(t, ", refused ");
	quantity_count(t, m->rejected);
	outcome(t, ", failed here ", m->failed);
	outcome(t, ", given up ", m->expired);
	buf_add_str(t, ", waiting ");
	quantity_count(t, m->deferred + m->waiting);
	outcome(t, ", on hold ", m->held);
	outcome(t, ", removed by the administrator ", m->removed);
	outcome(t, ", discarded ", m->discarded);
	diagnose_entry(p, "mail");
}

/* Signs that are too weak for a cause. */
static void also_seen(struct diagnose_print *p)
{
	const struct diagnose_report *r = p->view->of.report;
	for (size_t i = 0; i < r->also_count; i++) {
		const struct cause_row *c = &r->also_seen[i];
		struct buf *t = diagnose_line(p);
		buf_add_str(t, c->sentence);
		if (c->host)
			buf_printf(t, " (on %s)", c->host);
		buf_printf(t, "; %.2f for %s", c->confidence, cause_text(c->kind));
		diagnose_entry(p, "");
		if (p->view->of.explain & 1u << c->kind)
			signals(p, c);
	}
}

/* What stands below the causes: notes, doubts, and what was read. */
static void rest(struct diagnose_print *p)
{
	const struct diagnose_view *v = p->view;
	const struct diagnose_report *r = v->of.report;
	if (r->note_count || r->also_count)
		diagnose_heading(p, "Also seen");
	also_seen(p);
	texts(p, "", r->notes, r->note_count);
	if (r->note_count || r->also_count)
		buf_add_char(p->out, '\n');
	texts(p, "unsure", r->unsure, r->unsure_count);
	mail_line(p);
	coverage_text(p->out, v->of.coverage, v->width);
	if (!v->of.unparsed)
		return;
	buf_add_char(p->out, '\n');
	coverage_text_shapes(p->out, v->of.coverage, v->of.shapes, v->of.shape_count, v->of.top, v->width);
}

static size_t rows_of(const struct buf *out)
{
	size_t rows = 0;
	for (size_t i = 0; i < out->len; i++)
		rows += out->at[i] == '\n';
	return rows;
}

/* What matters has scrolled away: once more, with the first thing to do. */
static void recap(struct diagnose_print *p)
{
	const struct diagnose_report *r = p->view->of.report;
	if (!p->view->terminal || p->view->height == 0 || r->cause_count == 0 || rows_of(p->out) < p->view->height)
		return;
	buf_add_char(p->out, '\n');
	sentence(p, &r->causes[0]);
	if (r->causes[0].fix_count) {
		buf_add_str(diagnose_line(p), r->causes[0].fix[0]);
		diagnose_entry(p, "first");
	}
}

int diagnose_exit(const struct diagnose_view *v)
{
	const struct diagnose_report *r = v->of.report;
	if (r->cause_count || r->block_count || server_findings(v))
		return 1;
	return r->unsure_count ? 2 : 0;
}

void diagnose_text(const struct diagnose_view *v, struct buf *out)
{
	struct diagnose_print p = {.view = v, .out = out, .line = buf_make(DIAGNOSE_LINE_MAX)};
	if (!v->news_only)
		nothing_found(&p);
	all_causes(&p);
	if (!v->news_only)
		server_itself(&p);
	diagnose_blocks(&p);
	if (!v->news_only)
		rest(&p);
	recap(&p);
	if (out->error == 0)
		out->error = p.line.error;
	buf_release(&p.line);
}
