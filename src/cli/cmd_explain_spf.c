/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain spf: does mail from these addresses pass for this domain, and by which term? */
#include <string.h>

#include "auth/spf_mend.h"
#include "base/clock.h"
#include "cli/check_command.h"
#include "cli/commands.h"
#include "cli/drive_spf.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "cli/terminal.h"
#include "mta/server.h"
#include "view/view_spf.h"

enum { OUTPUT_MAX = 8 << 20, ADDRESSES_MAX = 256, RECORD_MAX = 4096 };

struct explaining {
	struct context *c;
	struct check_config config;
	struct endpoint system[SYSTEM_RESOLVERS_MAX];
	const char *domain, *sender, *helo;
	struct addr addresses[ADDRESSES_MAX];
	size_t address_count;
	const struct spf_report *reports[ADDRESSES_MAX];
	const char *instead; /* NULL: none */
	struct buf out;
	int status;
};

static const struct option_row spf_options[] = {
	{'i', "ip", "ADDR", NULL, "an address that sends; may be given several times (this server's own)"},
	{'S', "sender", "ADDRESS", NULL, "the envelope sender (postmaster of the domain)"},
	{'H', "helo", "NAME", NULL, "the name said in HELO (the domain)"},
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]", "where queries go, as in offlist check"},
	{'t', "timeout", "SECONDS", NULL, "as in offlist check"},
	{0},
};

/* ---- what is asked ---- */

static int own_addresses(struct explaining *e)
{
	struct server server = {0};
	const char **notes;
	size_t count;
	if (server_find("", e->c->trace, e->c->arena, &server, &notes, &count) < 0)
		return complain(EXIT_IO, "out of memory");
	for (size_t i = 0; i < server.address_count && e->address_count < ADDRESSES_MAX; i++)
		e->addresses[e->address_count++] = server.addresses[i].addr;
	if (e->address_count == 0)
		return complain(EXIT_USAGE,
				"this server has no public address of its own; say which one sends: --ip ADDR");
	if (!e->helo)
		e->helo = server.helo;
	return EXIT_NOTHING;
}

static int read_addresses(struct explaining *e)
{
	size_t count = options_count(e->c->options, "ip");
	for (size_t i = 0; i < count; i++) {
		const char *text = options_nth(e->c->options, "ip", i);
		if (e->address_count == ADDRESSES_MAX)
			return complain(EXIT_USAGE, "--ip: at most %d addresses", ADDRESSES_MAX);
		if (addr_parse(span_str(text), &e->addresses[e->address_count]) < 0)
			return complain(EXIT_USAGE, "--ip %s: no IP address", text);
		e->address_count++;
	}
	return count ? EXIT_NOTHING : own_addresses(e);
}

static int read_question(struct explaining *e)
{
	const struct context *c = e->c;
	if (c->argc != 1)
		return complain(EXIT_USAGE, "one domain is expected: offlist explain spf example.com --ip 192.0.2.10");
	e->domain = c->argv[0];
	if (strchr(e->domain, '@') || !strchr(e->domain, '.'))
		return complain(EXIT_USAGE, "%s: a domain is expected", e->domain);
	e->sender = options_value(c->options, "sender");
	e->helo = options_value(c->options, "helo");
	return read_addresses(e);
}

static struct spf_query query_of(const struct explaining *e, const struct addr *ip)
{
	return (struct spf_query){.ip = *ip,
				  .domain = span_str(e->domain),
				  .sender = span_str(e->sender ? e->sender : e->domain),
				  .helo = span_str(e->helo ? e->helo : e->domain),
				  .time_s = clock_wall_ms() / 1000};
}

/* @return NULL: it could not be made; a line has been printed. */
static const struct spf_report *evaluate(struct explaining *e, const struct addr *ip, const struct spf_instead *instead)
{
	struct spf_query query = query_of(e, ip);
	struct error err = {{0}};
	struct spf *s = NULL;
	if (spf_begin(&query, e->c->arena, &s) < 0)
		e->status = complain(EXIT_IO, "out of memory");
	else if (drive_spf(&e->config, s, instead, &err) < 0)
		e->status = complain(EXIT_CANNOT_TELL, "%s", err.text);
	else
		return spf_report(s);
	return NULL;
}

/* Has it no leave of the domain, which its record could give? */
static bool is_wanting(const struct spf_report *r)
{
	return r->result == SPF_FAIL || r->result == SPF_SOFTFAIL || r->result == SPF_NEUTRAL ||
	       (r->result == SPF_NONE && !r->no_name);
}

/* The record with all addresses that want leave. To begin with: who takes mail of a domain often sends it. */
static const char *with_all(struct explaining *e)
{
	const char *record = e->reports[0]->record ? e->reports[0]->record : "v=spf1 mx ~all";
	for (size_t i = 0; i < e->address_count && record; i++) {
		struct buf next = buf_make(RECORD_MAX);
		if (is_wanting(e->reports[i])) {
			int rc = spf_mend_add(span_str(record), &e->addresses[i], &next);
			record = rc == 0 ? arena_copy(e->c->arena, buf_span(&next)) : NULL;
		}
		buf_release(&next);
	}
	return record;
}

/* A record that lets all of them pass, tried before it is shown. NULL: none is needed, or there is none. */
static const char *mended(struct explaining *e)
{
	bool wanting = false;
	const char *record;
	for (size_t i = 0; i < e->address_count; i++)
		wanting |= is_wanting(e->reports[i]);
	record = wanting ? with_all(e) : NULL;
	for (size_t i = 0; record && i < e->address_count; i++) {
		struct spf_instead instead = {.domain = e->domain, .record = span_str(record)};
		const struct spf_report *then;
		if (!is_wanting(e->reports[i]))
			continue;
		then = evaluate(e, &e->addresses[i], &instead);
		if (!then || then->result != SPF_PASS)
			record = NULL;
	}
	return record;
}

/* ---- text ---- */

static const char *meaning(enum spf_result result)
{
	static const char *const texts[] = {
		"the domain has no SPF record: receivers know nothing of who may send for it",
		"the domain says nothing of this address",
		"this address may send for the domain",
		"this address may not send for the domain: many receivers refuse such mail",
		"the domain doubts this address: receivers treat such mail as suspicious",
		"the DNS gave no answer just now: receivers try again later",
		"the record cannot be evaluated: receivers treat it as if there were none, or refuse",
	};
	return texts[result];
}

static void add_term(struct explaining *e, const struct spf_term *t)
{
	static const char *const effects[] = {"", "match", "error", ""};
	struct buf *out = &e->out, term = buf_make(RECORD_MAX);
	buf_printf(&term, "%*s", (int)(2 * t->depth), "");
	terminal_add_str(&term, t->text[0] ? t->text : t->domain);
	buf_printf(out, "  %2u  %-44s %-6s", t->lookups, buf_text(&term), effects[t->effect]);
	if (t->note) {
		buf_add_char(out, ' ');
		terminal_add_str(out, t->note);
	}
	while (out->len && out->at[out->len - 1] == ' ')
		out->len--;
	buf_add_char(out, '\n');
	buf_release(&term);
}

/* What a term at the top has cost, with all that it includes. */
static void add_costs(struct explaining *e, const struct spf_report *r)
{
	unsigned int before = 0, last = 0;
	const struct spf_term *top = NULL;
	if (r->lookups <= SPF_LOOKUPS_MAX)
		return;
	buf_add_str(&e->out, "Queries by term of the domain's own record:\n");
	for (size_t i = 0; i <= r->term_count; i++) {
		const struct spf_term *t = i < r->term_count ? &r->terms[i] : NULL;
		if (t && t->depth) {
			last = t->lookups > last ? t->lookups : last;
			continue;
		}
		if (top && (top->lookups > last ? top->lookups : last) > before) {
			last = top->lookups > last ? top->lookups : last;
			buf_printf(&e->out, "  %2u  ", last - before);
			terminal_add_str(&e->out, top->text);
			buf_add_char(&e->out, '\n');
		}
		before = last;
		top = t;
	}
	terminal_fill(
		&e->out,
		"Replace what costs most by the addresses behind it (ip4:, ip6:), or take out what does not send any "
		"more.",
		0, e->c->width);
}

static void add_text(struct explaining *e, const struct view_spf *v)
{
	const struct spf_report *r = v->report;
	struct buf *out = &e->out, line = buf_make(RECORD_MAX);
	buf_printf(&line, "%s for %s: %s; %s", v->ip, v->domain, spf_result_text(r->result), meaning(r->result));
	terminal_fill(out, buf_text(&line), 0, e->c->width);
	if (r->problem)
		terminal_fill(out, r->problem, 2, e->c->width);
	if (r->explanation)
		terminal_fill(out, r->explanation, 2, e->c->width);
	if (r->term_count)
		buf_printf(out, "  queries (of %d), term\n", SPF_LOOKUPS_MAX);
	for (size_t i = 0; i < r->term_count; i++)
		add_term(e, &r->terms[i]);
	add_costs(e, r);
	buf_release(&line);
}

static void add_instead(struct explaining *e)
{
	char text[ADDR_TEXT_SIZE];
	struct buf line = buf_make(RECORD_MAX), *out = &e->out;
	buf_printf(&line, "If mail of %s comes from", e->domain);
	for (size_t i = 0, count = 0; i < e->address_count; i++) {
		if (!is_wanting(e->reports[i]))
			continue;
		addr_text(&e->addresses[i], text);
		buf_printf(&line, "%s %s", count++ ? "," : "", text);
	}
	buf_printf(&line, ", publish%s:", e->reports[0]->record ? "" : " this, with all other hosts that send it");
	buf_add_char(out, '\n');
	terminal_fill(out, buf_text(&line), 0, e->c->width);
	buf_add_str(out, "  ");
	terminal_add_str(out, e->instead);
	buf_add_char(out, '\n');
	buf_release(&line);
}

static void explain_one(struct explaining *e, size_t at)
{
	char text[ADDR_TEXT_SIZE];
	const struct spf_report *r = e->reports[at];
	struct view_spf v = {.domain = e->domain, .ip = text, .sender = e->sender, .helo = e->helo, .report = r};
	addr_text(&e->addresses[at], text);
	v.instead = is_wanting(r) ? e->instead : NULL;
	if (e->c->json) {
		view_spf(&v, &e->out);
		return;
	}
	if (at)
		buf_add_char(&e->out, '\n');
	add_text(e, &v);
}

/* 1 beats 2 beats 0, as for targets of a check. */
static void settle_status(struct explaining *e, enum spf_result result)
{
	if (result == SPF_TEMPERROR)
		e->status = e->status == EXIT_NOTHING ? EXIT_CANNOT_TELL : e->status;
	else if (result != SPF_PASS)
		e->status = EXIT_FINDINGS;
}

static void explain_all(struct explaining *e)
{
	for (size_t i = 0; i < e->address_count; i++) {
		e->reports[i] = evaluate(e, &e->addresses[i], NULL);
		if (!e->reports[i])
			return;
		settle_status(e, e->reports[i]->result);
	}
	e->instead = mended(e);
	for (size_t i = 0; i < e->address_count; i++)
		explain_one(e, i);
	if (e->instead && !e->c->json)
		add_instead(e);
}

static int run_spf(struct context *c)
{
	struct explaining e = {.c = c, .out = buf_make(OUTPUT_MAX)};
	int status = read_question(&e);
	if (status == EXIT_NOTHING)
		status = cmd_check_resolver_config(c, &e.config, e.system);
	if (status == EXIT_NOTHING) {
		stop_catch();
		explain_all(&e);
		status = e.status;
		if (output_write(buf_span(&e.out)) < 0)
			status = EXIT_IO;
	}
	buf_release(&e.out);
	return status;
}

const struct command command_explain_spf = {
	.name = "explain spf",
	.arguments = "DOMAIN",
	.summary = "May these addresses send mail for a domain? Its SPF record, term by term.",
	.details =
		"Evaluates the record as RFC 7208 has it, for each --ip, else for this server's own addresses: the "
		"result, what each term cost and did, which one broke a limit, and where an address does not pass the "
		"record that would let it, evaluated before it is shown. Only the DNS is asked.\nExit status: 0 all "
		"pass, 1 one does not, 2 the DNS gave no answer.",
	.options = spf_options,
	.needs_settings = true,
	.run = run_spf,
};
