/* SPDX-License-Identifier: BSD-2-Clause */
/* Totals, what the log cannot show, and why "nothing wrong" may not be said. */
#include <errno.h>

#include "base/clock.h"
#include "diagnose/report.h"

struct lines {
	const char **at;
	size_t count;
};

static void add(struct lines *l, const char *text)
{
	if (l->count < NOTES_MAX)
		l->at[l->count++] = text;
}

static void totals(const struct reporting *w)
{
	struct diagnose_mail *mail = &w->report->mail;
	*mail = w->t->mail;
	for (uint32_t i = 0; i < w->t->places.relay_count; i++) {
		const struct inside_relay *r = &w->t->places.relays[i];
		if (!r->smarthost)
			continue;
		mail->recipients += r->mail.recipients;
		mail->delivered += r->mail.delivered;
		mail->rejected += r->mail.rejected;
		mail->deferred += r->mail.deferred;
	}
}

static void unsure(const struct reporting *w, struct lines *l)
{
	const struct log_coverage *c = w->coverage;
	int64_t listed = w->t->o->listed_at_ms;
	if (c->mail_lines == 0)
		add(l, "the log has no mail line");
	for (size_t i = 0; i < c->gap_count && i < 4; i++)
		add(l, words_printf(w->arena, "the log has a hole: %s", c->gaps[i].why));
	if (c->mail_lines && c->unparsed * 1000 > c->mail_lines * UNPARSED_PERMILLE_MAX)
		add(l, words_printf(w->arena, "%llu of %llu mail lines were not understood (--unparsed shows them)",
				    (unsigned long long)c->unparsed, (unsigned long long)c->mail_lines));
	if (listed != CASE_TIME_NONE && c->mail_lines && (listed < c->from_ms || listed > c->to_ms + LISTING_SLACK_MS))
		add(l, "the log does not reach the time of the listing");
}

static void notes(const struct reporting *w, struct lines *l)
{
	const struct diagnose_report *r = w->report;
	if (r->cause_count == 0 && w->t->o->listing_count && !report_policy_only(w))
		add(l, "listed, and nothing in this log explains it: another process of this host may speak SMTP "
		       "itself, or "
		       "a machine behind the same address (NAT) does; look at connections to port 25: ss -tnp dport = "
		       ":25");
	if (report_policy_only(w))
		add(l, "all listings are of policy lists or of neighbours; no log can show more");
	for (uint32_t i = 0; i < w->t->listed.zone_count; i++) {
		const struct zone_seen *z = &w->t->listed.zones[i];
		char from[CLOCK_TEXT_SIZE] = "", to[CLOCK_TEXT_SIZE];
		clock_text(z->refused_ms, to);
		if (z->accepted_ms != CASE_TIME_NONE)
			clock_text(z->accepted_ms, from);
		add(l, words_printf(w->arena, "%s: first refusal that names it %s%s%s", z->zone, to,
				    *from ? ", last acceptance before " : "", from));
	}
	if (w->t->relay_refused)
		add(l, words_printf(w->arena, "%llu tries of strangers to relay were refused",
				    (unsigned long long)w->t->relay_refused));
	if (w->t->identity_replies)
		add(l, words_printf(w->arena, "%llu refusals for a missing or wrong PTR, SPF, DKIM or DMARC",
				    (unsigned long long)w->t->identity_replies));
	if (w->t->no_arrival)
		add(l, words_printf(w->arena, "of %llu outgoing messages the log does not hold the arrival",
				    (unsigned long long)w->t->no_arrival));
}

int report_notes(struct reporting *w)
{
	struct lines note = {arena_alloc(w->arena, NOTES_MAX, sizeof(char *)), 0};
	struct lines doubt = {arena_alloc(w->arena, NOTES_MAX, sizeof(char *)), 0};
	if (!note.at || !doubt.at)
		return -ENOMEM;
	totals(w);
	unsure(w, &doubt);
	notes(w, &note);
	w->report->notes = note.at;
	w->report->note_count = note.count;
	w->report->unsure = doubt.at;
	w->report->unsure_count = doubt.count;
	return 0;
}
