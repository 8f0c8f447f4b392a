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
		add(l, "the log has no line of a mail server, only of programs beside it: give the mail server's log");
		return;
	case LACK_MESSAGES:
		add(l, "the log has only refusals and failed logins: it looks like an extract; give the whole file");
		return;
	case LACK_BOTH:
		add(l, "the log shows neither arrivals nor deliveries of messages: it looks like an extract; give the "
		       "whole file");
		return;
	case LACK_ARRIVALS:
		if (w->coverage->by_format[FORMAT_QMAIL] * 2 > w->coverage->mail_lines && h->arrivals)
			add(l,
			    "qmail's log does not say who handed a message over: no login can be named from it alone");
		else if (h->whole)
			add(l,
			    words_printf(
				    w->arena,
				    "the log shows the arrival of %llu messages and lacks that of %llu: it looks like "
				    "an extract, or begins too late; give the whole file, and the one before it",
				    (unsigned long long)h->no_arrival, (unsigned long long)h->whole));
		else
			add(l, "the log shows deliveries but no arrivals of messages: it looks like an extract; give "
			       "the whole file");
		return;
	case LACK_TRIES:
		add(l, words_printf(w->arena,
				    "none of %llu accepted messages was tried: they wait in the queue (its listing "
				    "shows them), or the lines of their deliveries are missing",
				    (unsigned long long)h->waiting));
		return;
	case LACK_DELIVERIES:
		add(l, "the log shows arrivals of messages but no deliveries: it looks like an extract; give the whole "
		       "file");
		return;
	}
}

static void unsure(const struct reporting *w, struct lines *l)
{
	const struct log_coverage *c = w->coverage;
	int64_t listed = w->t->o->listed_at_ms;
	if (c->unread)
		add(l, words_printf(w->arena, "this is a log of %s, which is not read yet", c->unread));
	else if (c->mail_lines == 0)
		add(l, c->lines ? "the log has no line of a mail server"
				: "nothing was read: the log is empty, or has nothing of the time asked for");
	for (size_t i = 0; i < c->gap_count && i < 4; i++)
		add(l, words_printf(w->arena, "the log is not complete: %s", c->gaps[i].why));
	if (c->mail_lines && c->unparsed * 1000 > c->mail_lines * UNPARSED_PERMILLE_MAX)
		add(l, words_printf(w->arena, "%llu of %llu mail lines were not understood (--unparsed shows them)",
				    (unsigned long long)c->unparsed, (unsigned long long)c->mail_lines));
	note_extract(w, l);
	if (listed != CASE_TIME_NONE && c->mail_lines && (listed < c->from_ms || listed > c->to_ms + LISTING_SLACK_MS))
		add(l, "the log does not cover the time of the listing");
}

static uint64_t recipients_between(const struct identity *id, uint32_t from, uint32_t to)
{
	uint64_t n = 0;
	for (uint32_t k = 0; k < id->hour_count; k++)
		if (id->hours[k].hour >= from && id->hours[k].hour <= to)
			n += id->hours[k].recipients;
	return n;
}

/* Of a message whose way in the log does not show (qmail's often) the envelope sender alone is known; of others it is known
 * beside who handed it over. So the larger sum is the nearer one. */
uint64_t report_recipients(const struct reporting *w, int64_t from_ms, int64_t to_ms)
{
	const struct tally *t = w->t;
	uint32_t from = hour_of(from_ms), to = hour_of(to_ms);
	uint64_t handed = 0, sent = 0;
	for (uint32_t i = 0; i < t->ids.count; i++) {
		const struct identity *id = t->ids.at[i];
		bool twice = id->kind == IDENTITY_OUTSIDE || (id->kind == IDENTITY_CLIENT && id->with_login > 0);
		if (id->kind == IDENTITY_SENDER)
			sent += recipients_between(id, from, to);
		else if (!twice)
			handed += recipients_between(id, from, to);
	}
	return handed > sent ? handed : sent;
}

static void note_listing_time(const struct reporting *w, struct lines *l)
{
	const struct diagnose_report *r = w->report;
	int64_t listed = report_listed_ms(w);
	char at[WORDS_TIME_SIZE];
	if (listed == CASE_TIME_NONE || listed < w->coverage->from_ms || report_policy_only(w))
		return;
	for (size_t i = 0; i < r->cause_count; i++)
		if (r->causes[i].explains_listing)
			return;
	uint64_t n = report_recipients(w, listed - LISTING_SLACK_MS, listed);
	words_moment(at, listed);
	if (n == 0)
		add(l,
		    words_printf(w->arena,
				 "in the hour before the listing (%s) this server sent no mail: what the list saw came "
				 "from another process of this host, or from a machine behind the same address (NAT). "
				 "Look at connections to port 25 (ss -tnp dport = :25) and at the firewall's counters",
				 at));
	else
		add(l, words_printf(w->arena,
				    "in the hour before the listing (%s) this server sent to %s, and no sender stands "
				    "out in the three days before it",
				    at, words_many(w->arena, n, "recipient", "recipients")));
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
		add(l, words_printf(w->arena,
				    "%s lists infected machines and programs that send mail past the mail server; "
				    "those leave no line in its log. Look at this host's connections to port 25 (ss "
				    "-tnp dport = :25), and at other machines behind its address",
				    name));
	else if (c->suggests & 1U << CAUSE_IDENTITY && !has_cause(w->report, c->suggests))
		add(l, words_printf(w->arena,
				    "%s also lists hosts for how they name themselves: compare the HELO name with the "
				    "PTR and A records",
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
		add(l, "every listing is one of policy or of a neighbour; no log can show its cause");
	else if (w->report->cause_count == 0 && o->listing_count > 0 && report_listed_ms(w) == CASE_TIME_NONE)
		add(l, "listed, and nothing in this log explains it: another process of this host, or a machine behind "
		       "the same address (NAT), may send mail past the mail server. If you know when the listing "
		       "began, give --listed-at");
}

/* DNS does not tell since when; the last acceptance and the first refusal that names the list bound it. */
static void note_bounds(const struct reporting *w, struct lines *l)
{
	for (uint32_t i = 0; i < w->t->listed.zone_count; i++) {
		const struct zone_seen *z = &w->t->listed.zones[i];
		char from[WORDS_TIME_SIZE] = "", to[WORDS_TIME_SIZE];
		words_moment(to, z->refused_ms);
		if (z->accepted_ms != CASE_TIME_NONE)
			words_moment(from, z->accepted_ms);
		add(l, words_printf(w->arena, "%s: the first refusal that names it came at %s%s%s", z->zone, to,
				    *from ? ", the last acceptance before that at " : "", from));
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
			add(l, words_printf(w->arena,
					    "%s (%s) relays through this server without a login, to %s recipients, and "
					    "seems to be allowed to: %s. If you do not know this client, take it out "
					    "of what may relay (Postfix: mynetworks); if you do, say so: -m %s",
					    id->name, name, words_count(recipients, id->recipients),
					    r->permitted[i].why, id->name));
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
			    "no mail gets out of this server: for %llu of %llu recipients it could not connect to the "
			    "receiver's mail server (timeout or no route), whoever the receiver was. No blocklist does "
			    "that: outgoing port 25 is blocked, by a firewall here or by the provider of this machine. "
			    "Test it (nc -vz gmail-smtp-in.l.google.com 25), then ask the provider to open it, or send "
			    "through a relay host",
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
		add(l, words_printf(w->arena, "refused here: %s of strangers to relay",
				    words_many(w->arena, t->relay_refused, "try", "tries")));
	if (t->identity_replies && !has_cause(w->report, 1U << CAUSE_IDENTITY))
		add(l, words_printf(w->arena, "receivers refused %s for a missing or wrong PTR, SPF, DKIM or DMARC",
				    words_many(w->arena, t->identity_replies, "recipient", "recipients")));
	if (t->no_arrival && holds_lack(&w->coverage->holds, w->coverage->mail_lines) == LACK_NOTHING)
		add(l, words_printf(w->arena, "the log does not show the arrival of %s",
				    words_many(w->arena, t->no_arrival, "outgoing message", "outgoing messages")));
	if (t->ids.shed)
		add(l,
		    words_printf(w->arena, "%s with few messages could not be counted one by one, for lack of memory",
				 words_many(w->arena, t->ids.shed, "sender", "senders")));
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
