/* SPDX-License-Identifier: BSD-2-Clause */
/* A stranger tries to send through the server of this machine to somebody elsewhere; no message is given over. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/audit_relay_parts.h"
#include "base/buf.h"

enum {
	PORT = 25,
	PACE_US = 20000, /* our own server, our own address, nobody else waits */
	BUDGET_US = 90000000,
	NOTE_OCTETS_MAX = 2048,
};

static const char nowhere[] = "offlist-audit.example"; /* RFC 2606: nobody has it */

static int begin_probe(struct audit_relay *r, int64_t now_us)
{
	r->task.server = (struct endpoint){.addr = r->targets[r->target], .port = PORT};
	r->probe = stranger_probe_new(&r->task, r->all->arena, now_us);
	return r->probe ? 0 : -ENOMEM;
}

static const char *literal_of(struct audit_relay *r, const struct addr *a)
{
	char text[ADDR_TEXT_SIZE];
	addr_text(a, text);
	return arena_printf(r->all->arena, "[%s]", text);
}

int audit_relay_tries_begin(struct audit_relay *r, int64_t now_us, struct error *why)
{
	int rc;
	r->target_count = vantage_targets(r->targets, AUDIT_RELAY_TARGETS_MAX);
	if (r->target_count == 0)
		return error_set(why, -EADDRNOTAVAIL, "this machine has no IPv4 address but of the loopback");
	rc = vantage_open(&r->vantage, why);
	if (rc < 0)
		return rc;
	r->task = (struct stranger_task){
		.vantage = &r->vantage,
		.helo = literal_of(r, &r->vantage.addr),
		.elsewhere = r->all->config.elsewhere ? r->all->config.elsewhere : nowhere,
		.host = r->server.host_name ? r->server.host_name : literal_of(r, &r->targets[0]),
		.served = r->server.domain_count ? r->server.domains[0] : NULL,
		.unknown = "offlist-audit-nobody",
		.polite = !r->all->config.thorough,
		.pace_us = PACE_US,
		.budget_us = BUDGET_US,
	};
	return r->task.helo && r->task.host ? begin_probe(r, now_us) : -ENOMEM;
}

void audit_relay_tries_end(struct audit_relay *r)
{
	stranger_probe_close(r->probe);
	vantage_close(&r->vantage);
}

/* ---- what came of them ---- */

static size_t count_of(const struct stranger_report *report, enum stranger_verdict verdict, bool plain)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		count += report->tries[i].verdict == verdict && (!plain || report->tries[i].form->plain);
	return count;
}

static size_t evidence_of(struct audit_relay *r, const struct stranger_report *report, bool plain,
			  const char *evidence[AUDIT_EVIDENCE_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < report->count && count < AUDIT_EVIDENCE_MAX - 1; i++) {
		const struct stranger_try *t = &report->tries[i];
		if (t->verdict != STRANGER_TAKEN || (plain && !t->form->plain))
			continue;
		evidence[count++] = arena_printf(r->all->arena, "MAIL FROM:%s RCPT TO:%s: %s (%s)", t->from, t->to,
						 t->reply.text, t->form->catches);
	}
	if (report->control)
		evidence[count++] = arena_printf(
			r->all->arena, "an unknown address of its own, RCPT TO:%s: %s", report->control->to,
			report->control->reply.code ? report->control->reply.text : "no answer");
	for (size_t i = 0; i < count; i++)
		if (!evidence[i])
			r->all->error = -ENOMEM;
	return r->all->error ? 0 : count;
}

static void tell_taken(struct audit_relay *r, const struct stranger_report *report)
{
	const char *evidence[AUDIT_EVIDENCE_MAX], *detail, *id;
	char from[ADDR_TEXT_SIZE], at[ENDPOINT_TEXT_SIZE];
	size_t plain = count_of(report, STRANGER_TAKEN, true), all = count_of(report, STRANGER_TAKEN, false), count;
	bool refuses = report->control && report->control->verdict == STRANGER_REFUSED;
	if (all == 0 || (plain == 0 && !refuses)) /* a name of its own, where it takes every name of its own */
		return;
	id = plain == 0 ? "relay.odd_form" : refuses ? "relay.would_relay" : "relay.takes_all";
	addr_text(&r->vantage.addr, from);
	endpoint_text(&r->task.server, at);
	count = evidence_of(r, report, plain > 0, evidence);
	detail = arena_printf(
		r->all->arena, "a stranger from %s got %zu of %zu envelopes to somebody elsewhere taken%s", from,
		plain ? plain : all, report->count,
		refuses           ? ", while an unknown address of its own was refused"
		: report->control ? "; but an unknown address of its own was not refused either"
				  : "; whether it takes everything was not asked: no domain of its own is known");
	audit_found(r->all, id, arena_copy(r->all->arena, span_str(at)), detail, evidence, count);
}

static bool watched_by_fail2ban(const struct audit_relay *r)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/run/fail2ban/fail2ban.sock", r->f.root);
	return access(path, F_OK) == 0;
}

/* The first that was neither taken nor refused. */
static const struct stranger_try *first_untold(const struct stranger_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->tries[i].verdict > STRANGER_TAKEN)
			return &report->tries[i];
	return NULL;
}

static void add_untold(struct buf *out, const struct stranger_report *report)
{
	const struct stranger_try *t = first_untold(report);
	if (!t)
		return;
	if (t->verdict == STRANGER_SILENT)
		buf_printf(out,
			   "no answer at %s%s%s: a firewall, a screen or a ban stood before it, which says nothing of "
			   "relaying",
			   smtp_stage_text(t->at), t->reply.code ? " but " : "", t->reply.code ? t->reply.text : "");
	else
		buf_printf(out, "%s at %s%s", t->reply.code ? t->reply.text : "no SMTP", smtp_stage_text(t->at),
			   t->verdict == STRANGER_DOMAIN
				   ? ", which is about the test's domain: --elsewhere names one that exists"
			   : t->verdict == STRANGER_LATER
				   ? ": greylisting, or a fault of its own; ask again in ten minutes"
				   : "");
}

static void tell_rest(struct audit_relay *r, const struct stranger_report *report)
{
	size_t refused = count_of(report, STRANGER_REFUSED, false), taken = count_of(report, STRANGER_TAKEN, false);
	struct buf out = buf_make(NOTE_OCTETS_MAX);
	char from[ADDR_TEXT_SIZE], at[ENDPOINT_TEXT_SIZE];
	addr_text(&r->vantage.addr, from);
	endpoint_text(&r->task.server, at);
	if (refused + taken == 0) {
		add_untold(&out, report);
		audit_cannot(r->all, r->a, "a stranger from %s tried %s: %s", from, at, buf_text(&out));
		buf_release(&out);
		return;
	}
	buf_printf(&out, "a stranger from %s tried %zu envelopes at %s: %zu refused, %zu taken", from, report->count,
		   at, refused, taken);
	if (refused + taken < report->count)
		buf_printf(&out, ", %zu not told: ", report->count - refused - taken);
	add_untold(&out, report);
	if (watched_by_fail2ban(r))
		buf_printf(&out, "; fail2ban may count them against %s, which no host has", from);
	if (r->screened)
		buf_add_str(&out, "; postscreen knows it now");
	r->a->note = arena_copy(r->all->arena, buf_span(&out));
	buf_release(&out);
}

/* Nobody listens at this address. */
static bool is_refused(const struct stranger_report *report)
{
	return report->count && report->tries[0].error == -ECONNREFUSED;
}

bool audit_relay_tries_step(struct audit_relay *r, int64_t now_us)
{
	struct stranger_report report;
	if (!stranger_probe_step(r->probe, now_us))
		return false;
	report = stranger_probe_report(r->probe);
	if (is_refused(&report) && r->target + 1 < r->target_count) {
		r->target++;
		r->all->error = begin_probe(r, now_us);
		return false;
	}
	if (is_refused(&report)) {
		r->a->note = "no address of this machine answers strangers on port 25";
	} else {
		tell_taken(r, &report);
		tell_rest(r, &report);
	}
	audit_relay_tries_end(r);
	return true;
}
