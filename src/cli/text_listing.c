/* SPDX-License-Identifier: BSD-2-Clause */
/* One listing for people. */
#include "cli/terminal.h"
#include "cli/text.h"

static const char *cause_words(enum cause c)
{
	static const char *const words[CAUSE_COUNT] = {
		[CAUSE_COMPROMISED_ACCOUNT] = "a stolen mail account",
		[CAUSE_SCRIPT] = "a script on the web server",
		[CAUSE_OPEN_RELAY] = "an open relay",
		[CAUSE_INFECTED_CLIENT] = "an infected client",
		[CAUSE_EGRESS_PROCESS] = "a program that sends past the mail server",
		[CAUSE_FORWARDING] = "forwarded spam",
		[CAUSE_BACKSCATTER] = "bounces to forged senders",
		[CAUSE_BULK_MAIL] = "bulk mail",
		[CAUSE_MALWARE] = "malware or phishing pages",
		[CAUSE_IDENTITY] = "the host's names in DNS",
		[CAUSE_POLICY_LISTING] = "the policy of the address range",
	};
	return words[c];
}

static void meanings(struct report *r, const struct finding *f)
{
	char code[sizeof("255.255.255.255")];
	for (size_t i = 0; i < f->reason_count; i++) {
		const struct reason *reason = &f->reasons[i];
		const char *list = reason->answer ? reason->answer->list : NULL;
		report_code_text(reason->code, code);
		text_entry(r, 4, i ? "" : "means",
			   arena_printf(&r->scratch, "%s%s%s (%s)", list ? list : "", list ? ": " : "",
					reason->answer ? reason->answer->meaning : "meaning unknown to us", code));
	}
}

static void scopes(struct report *r, const struct target *t, const struct finding *f)
{
	for (size_t i = 0; i < f->reason_count; i++) {
		const struct reason *reason = &f->reasons[i];
		if (!class_lists(reason->class) || !report_scope_neighbour(t, reason))
			continue;
		if (reason->scope == SCOPE_PREFIX24)
			text_entry(r, 4, "covers",
				   arena_printf(&r->scratch,
						"%s, not this address alone: your neighbour's fault, unless you have "
						"the whole range",
						report_scope_value(t, reason, &r->scratch)));
		else
			text_entry(
				r, 4, "covers",
				reason->scope == SCOPE_AS
					? "the provider's whole network: your neighbour's fault; only the provider "
					  "can end it"
					: "the allocation that this address is part of: your neighbour's fault; talk "
					  "to the provider");
		return;
	}
}

static void causes(struct report *r, const struct finding *f)
{
	struct buf text = buf_make(4096);
	uint32_t bits = 0;
	for (size_t i = 0; i < f->reason_count; i++)
		bits |= class_lists(f->reasons[i].class) ? f->reasons[i].suggests : 0;
	for (unsigned c = 0; c < CAUSE_COUNT; c++)
		if (bits & 1u << c)
			buf_printf(&text, "%s%s", text.len ? "; or " : "", cause_words((enum cause)c));
	if (text.len)
		text_entry(r, 4, "points to", buf_text(&text));
	buf_release(&text);
}

/* TXT as the list gave it, escaped, each in one piece: it often is a URL. */
static void txts(struct report *r, const struct check_row *row)
{
	struct buf text = buf_make(1 << 17);
	for (size_t i = 0; i < row->txt_count; i++) {
		buf_clear(&text);
		terminal_add(&text, row->txt[i]);
		if (text.len)
			text_entry(r, 4, i ? "" : "they say", buf_text(&text));
	}
	buf_release(&text);
}

void text_listing(struct report *r, const struct target *t, const struct check_row *row)
{
	const struct finding *f = row->finding;
	const char *url = list_template(&r->scratch, row->list->evidence, report_asked_name(t, &r->scratch));
	buf_add_str(&r->out, "  ");
	text_styled(r, STYLE_BAD, row->list->name);
	buf_printf(&r->out, "  %s, %s impact\n", row->list->zone, impact_text(f->impact));
	meanings(r, f);
	scopes(r, t, f);
	txts(r, row);
	if (url)
		text_entry(r, 4, "evidence", url);
	causes(r, f);
}

static void removal_who(struct report *r, const struct removal *m, const char *asked)
{
	static const char *const who[] = {
		[WHO_ANYONE] = "anyone may ask",
		[WHO_LISTED_HOST] = "ask from the listed host",
		[WHO_NETWORK_OWNER] = "only the network's owner (your provider) may ask",
		[WHO_DOMAIN_OWNER] = "only the domain's owner may ask",
	};
	static const char *const how[] = {
		[REMOVAL_NONE] = "there is no way to ask",
		[REMOVAL_SELF_SERVICE] = "on its page",
		[REMOVAL_FORM] = "with its form",
		[REMOVAL_EMAIL] = "by mail",
		[REMOVAL_AUTOMATIC] = "it leaves by itself",
		[REMOVAL_VISIT] = "by a visit to its page",
		[REMOVAL_TICKET] = "with a ticket",
	};
	const char *url = list_template(&r->scratch, m->url, asked);
	if (m->method == REMOVAL_UNKNOWN)
		text_entry(r, 4, "", url ? arena_printf(&r->scratch, "see %s", url) : "no procedure is known");
	else if (m->method == REMOVAL_NONE || m->method == REMOVAL_AUTOMATIC)
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "%s%s%s", how[m->method], url ? "; see " : "", url ? url : ""));
	else
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "%s, %s: %s", who[m->who], how[m->method],
					m->address && m->method == REMOVAL_EMAIL ? m->address
					: url                                    ? url
					: m->address                             ? m->address
										 : "see its web site"));
}

static void removal_times(struct report *r, const struct removal *m)
{
	if (m->first.count) {
		struct buf text = buf_make(4096);
		for (size_t i = 0; i < m->first.count; i++)
			buf_printf(&text, "%s%s", i ? ", " : "", m->first.at[i]);
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "the listing in %s must be gone before", buf_text(&text)));
		buf_release(&text);
	}
	if (m->steps.count)
		text_entry(r, 4, "", arena_printf(&r->scratch, "first step: %s", m->steps.at[0]));
	if (m->expires_after_s > 0)
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "leaves by itself %lld hours after the last event",
					(long long)(m->expires_after_s + 1800) / 3600));
	if (m->counts_removals)
		text_entry(r, 4, "", "it counts removals: ask only when the cause is gone");
	if (m->advice)
		text_entry(r, 4, "", m->advice);
	else if (m->paid)
		text_entry(r, 4, "", "it takes money for a faster removal: do not pay, it leaves without");
}

static void removals_of(struct report *r, const struct check_result *result, enum text_group group)
{
	const char *asked = report_asked_name(result->target, &r->scratch);
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		const struct removal *m = report_removal(row);
		if (text_group_of(r, row) != group)
			continue;
		buf_add_str(&r->out, "  ");
		text_styled(r, STYLE_BOLD, row->list->name);
		buf_add_char(&r->out, '\n');
		removal_who(r, m, asked);
		removal_times(r, m);
	}
}

void text_removals(struct report *r, const struct check_result *result, enum text_group group)
{
	size_t count = 0;
	bool counted = false;
	for (size_t i = 0; i < result->row_count; i++) {
		if (text_group_of(r, &result->rows[i]) != group)
			continue;
		count++;
		counted |= report_removal(&result->rows[i])->counts_removals;
	}
	if (count == 0)
		return;
	if (group == GROUP_POLICY)
		text_entry(
			r, 2, "",
			"Way out: send through your provider's mail server with a login. If this is a mail server with "
			"an address of its own, give it a PTR record and have it taken out:");
	else
		text_entry(
			r, 2, "",
			counted ? "First run `offlist diagnose`: asking while it still sends gets you listed again, "
				  "and "
				  "some lists count removals."
				: "First run `offlist diagnose`: asking while it still sends gets you listed again.");
	removals_of(r, result, group);
}
