/* SPDX-License-Identifier: BSD-2-Clause */
/* Totals, what the log cannot show, and why "nothing wrong" may not be said. */
#include <errno.h>

#include "base/clock.h"
#include "diagnose/report.h"

enum { UNREACHED_MIN = 8, UNREACHED_DOMAINS_MIN = 3, LISTINGS_NOTED_MAX = 8, PERMITTED_RECIPIENTS_MIN = 5 };

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
		mail_add(mail, &r->mail);
	}
}

/* A log out of which somebody took lines. */
static void note_extract(const struct reporting *w, struct lines *l)
{
	const struct log_holds *h = &w->coverage->holds;
	switch (holds_lack(h, w->coverage->mail_lines)) {
	case LACK_NOTHING:
		return;
	case LACK_SERVER:
		add(l,
		    "the log holds no line of a mail server, only of programs beside it: give the mail server's log");
		return;
	case LACK_MESSAGES:
		add(l, "the log holds nothing but refusals and failed logins: it looks like an extract; give the whole "
		       "file");
		return;
	case LACK_BOTH:
		add(l, "the log holds neither arrivals nor deliveries: it looks like an extract; give the whole file");
		return;
	case LACK_ARRIVALS:
		if (w->coverage->by_format[FORMAT_QMAIL] * 2 > w->coverage->mail_lines && h->arrivals)
			add(l, "qmail's log does not tell who handed a message over: no account can be named from it "
			       "alone");
		else if (h->whole)
			add(l, words_printf(
				       w->arena,
				       "of %llu messages the log does not hold the arrival, of %llu it does: it looks "
				       "like an extract, or begins late; give the whole file, and the one before it",
				       (unsigned long long)h->no_arrival, (unsigned long long)h->whole));
		else
			add(l,
			    "the log holds deliveries but no arrivals: it looks like an extract; give the whole file");
		return;
	case LACK_TRIES:
		add(l, words_printf(w->arena,
				    "none of %llu accepted messages was tried: they wait in the queue (its listing "
				    "shows them), or the lines of their deliveries are missing",
				    (unsigned long long)h->waiting));
		return;
	case LACK_DELIVERIES:
		add(l,
		    "the log holds arrivals but no deliveries of them: it looks like an extract; give the whole file");
		return;
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
	note_extract(w, l);
	if (listed != CASE_TIME_NONE && c->mail_lines && (listed < c->from_ms || listed > c->to_ms + LISTING_SLACK_MS))
		add(l, "the log does not reach the time of the listing");
}

/* Outgoing recipients of the hours that touch [from, to]. */
static uint64_t recipients_between(const struct tally *t, int64_t from_ms, int64_t to_ms)
{
	uint32_t from = hour_of(from_ms), to = hour_of(to_ms);
	uint64_t n = 0;
	for (uint32_t i = 0; i < t->ids.count; i++) {
		const struct identity *id = t->ids.at[i];
		bool twice = id->kind == IDENTITY_SENDER || id->kind == IDENTITY_OUTSIDE ||
			     (id->kind == IDENTITY_CLIENT && id->with_login > 0);
		for (uint32_t k = 0; !twice && k < id->hour_count; k++)
			if (id->hours[k].hour >= from && id->hours[k].hour <= to)
				n += id->hours[k].recipients;
	}
	return n;
}

static void note_listing_time(const struct reporting *w, struct lines *l)
{
	const struct diagnose_report *r = w->report;
	int64_t listed = report_listed_ms(w);
	char at[CLOCK_TEXT_SIZE];
	if (listed == CASE_TIME_NONE || listed < w->coverage->from_ms || report_policy_only(w))
		return;
	for (size_t i = 0; i < r->cause_count; i++)
		if (r->causes[i].explains_listing)
			return;
	uint64_t n = recipients_between(w->t, listed - LISTING_SLACK_MS, listed);
	clock_text(listed, at);
	if (n == 0)
		add(l, words_printf(
			       w->arena,
			       "in the hour before the listing (%s) no mail left by this log: what was seen came from "
			       "another process of this host or from a machine behind the same address (NAT). Look at "
			       "connections to port 25: ss -tnp dport = :25, and the firewall's counters",
			       at));
	else
		add(l,
		    words_printf(w->arena,
				 "in the hour before the listing (%s) %llu recipients were written to, and no sender "
				 "stands out in the three days before it",
				 at, (unsigned long long)n));
}

static bool has_cause(const struct diagnose_report *r, uint32_t kinds)
{
	for (size_t i = 0; i < r->cause_count; i++)
		if (kinds >> r->causes[i].kind & 1)
			return true;
	return false;
}

/* What a list lists, where a mail log is the wrong place to look. */
static void note_suggestion(const struct reporting *w, const struct case_listing *c, struct lines *l)
{
	static const uint32_t machines = 1U << CAUSE_EGRESS_PROCESS | 1U << CAUSE_INFECTED_CLIENT | 1U << CAUSE_MALWARE;
	const char *name = c->name ? c->name : c->zone;
	if (c->suggests & machines && !has_cause(w->report, c->suggests))
		add(l, words_printf(
			       w->arena,
			       "%s lists infected machines and programs that speak SMTP by themselves; those leave no "
			       "line in a mail log. Look at connections to port 25 (ss -tnp dport = :25) of this host, "
			       "and at other machines behind its address",
			       name));
	else if (c->suggests & 1U << CAUSE_IDENTITY && !has_cause(w->report, c->suggests))
		add(l, words_printf(w->arena,
				    "%s lists hosts by how they name themselves, too: compare the HELO name, PTR and A",
				    name));
}

static void note_listings(const struct reporting *w, struct lines *l)
{
	const struct diagnose_options *o = w->t->o;
	for (size_t i = 0; i < o->listing_count && i < LISTINGS_NOTED_MAX; i++) {
		bool again = false;
		for (size_t k = 0; k < i; k++)
			again |= strcmp(o->listings[k].zone, o->listings[i].zone) == 0;
		if (!again && !o->listings[i].neighbour && o->listings[i].class != CLASS_POLICY)
			note_suggestion(w, &o->listings[i], l);
	}
	if (report_policy_only(w))
		add(l, "all listings are of policy lists or of neighbours; no log can show more");
	else if (w->report->cause_count == 0 && o->listing_count > 0 && report_listed_ms(w) == CASE_TIME_NONE)
		add(l, "listed, and nothing in this log explains it: another process of this host may speak SMTP "
		       "itself, or a machine behind the same address (NAT) does; --listed-at tells when to look");
}

/* DNS does not tell since when; the last acceptance and the first refusal that names the list bound it. */
static void note_bounds(const struct reporting *w, struct lines *l)
{
	for (uint32_t i = 0; i < w->t->listed.zone_count; i++) {
		const struct zone_seen *z = &w->t->listed.zones[i];
		char from[CLOCK_TEXT_SIZE] = "", to[CLOCK_TEXT_SIZE];
		clock_text(z->refused_ms, to);
		if (z->accepted_ms != CASE_TIME_NONE)
			clock_text(z->accepted_ms, from);
		add(l, words_printf(w->arena, "%s: first refusal that names it %s%s%s", z->zone, to,
				    *from ? ", last acceptance before " : "", from));
	}
}

/* What seems to be allowed is no cause; whether it is the administrator alone knows. */
static void note_permitted(const struct reporting *w, struct lines *l)
{
	char recipients[WORDS_COUNT_SIZE];
	for (const struct relaying *r = w->relaying; r; r = r->next)
		for (uint32_t i = 0; i < PERMITTED_NOTED_MAX && i < r->permitted_count; i++) {
			const struct identity *id = r->permitted[i].id;
			const char *name = id->logins.count ? id->logins.at[0].text : "no reverse name";
			if (id->recipients < PERMITTED_RECIPIENTS_MIN)
				continue;
			add(l,
			    words_printf(
				    w->arena,
				    "%s (%s) sends on through this server without a login, to %s recipients, and "
				    "seems to be allowed to: %s. If you do not know this client, take it out of what "
				    "may relay (Postfix: mynetworks); if you do, name it: -m %s",
				    id->name, name, words_count(recipients, id->recipients), r->permitted[i].why,
				    id->name));
		}
}

/* One receiver that is not reached has trouble of its own; all of them have none. */
static void note_unreached(const struct reporting *w, struct lines *l)
{
	const struct tally *t = w->t;
	uint64_t others = t->mail.recipients - (t->unreached < t->mail.recipients ? t->unreached : t->mail.recipients);
	if (t->unreached < UNREACHED_MIN || places_count_bits(t->unreached_at) < UNREACHED_DOMAINS_MIN ||
	    others * 20 > t->mail.recipients)
		return;
	add(l, words_printf(w->arena,
			    "nothing leaves this server: for %llu of %llu recipients no connection to the receiver's "
			    "mail server came about (timed out or no route), whoever the receiver is. That is no "
			    "blocklist: port 25 outgoing is blocked, by a firewall here or by the provider of this "
			    "machine. Try: nc -vz gmail-smtp-in.l.google.com 25; then ask the provider to open it, or "
			    "send through a relay host",
			    (unsigned long long)t->unreached, (unsigned long long)t->mail.recipients));
}

static void notes(const struct reporting *w, struct lines *l)
{
	const struct tally *t = w->t;
	note_unreached(w, l);
	note_listing_time(w, l);
	note_listings(w, l);
	note_bounds(w, l);
	note_permitted(w, l);
	if (t->relay_refused)
		add(l, words_printf(w->arena, "%llu tries of strangers to relay were refused",
				    (unsigned long long)t->relay_refused));
	if (t->identity_replies)
		add(l, words_printf(w->arena, "%llu refusals for a missing or wrong PTR, SPF, DKIM or DMARC",
				    (unsigned long long)t->identity_replies));
	if (t->no_arrival)
		add(l, words_printf(w->arena, "of %llu outgoing messages the log does not hold the arrival",
				    (unsigned long long)t->no_arrival));
	if (t->ids.shed)
		add(l, words_printf(w->arena, "%llu senders of few messages were not kept apart, for want of room",
				    (unsigned long long)t->ids.shed));
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
