/* SPDX-License-Identifier: BSD-2-Clause */
/* One listing for people. */
#include <string.h>

#include "cli/terminal.h"
#include "cli/text.h"

/* "XBL: what it means", the sub-list left out where the sentence names it already. */
static const char *meaning(struct report *r, const struct reason *reason)
{
	const char *list = reason->answer ? reason->answer->list : NULL;
	const char *words = reason->answer ? reason->answer->meaning : "meaning not known";
	bool named = !list || strcasestr(words, list);
	char code[sizeof("255.255.255.255")];
	report_code_text(reason->code, code);
	return arena_printf(&r->scratch, "%s%s%s (%s)", named ? "" : list, named ? "" : ": ", words, code);
}

static void meanings(struct report *r, const struct finding *f)
{
	for (size_t i = 0; i < f->reason_count; i++)
		text_entry(r, 4, i ? " " : "means", meaning(r, &f->reasons[i]));
}

static void scopes(struct report *r, const struct target *t, const struct finding *f)
{
	for (size_t i = 0; i < f->reason_count; i++) {
		const struct reason *reason = &f->reasons[i];
		if (!status_class_lists(reason->class) || !report_scope_neighbour(t, reason))
			continue;
		if (reason->scope == SCOPE_PREFIX24)
			text_entry(r, 4, "affects",
				   arena_printf(&r->scratch,
						"%s, not this address alone: a neighbour's fault, unless the whole "
						"range is yours",
						report_scope_value(t, reason, &r->scratch)));
		else
			text_entry(r, 4, "affects",
				   reason->scope == SCOPE_AS ? "the provider's whole network: a neighbour's fault; "
							       "only the provider can end it"
							     : "the allocation that this address is part of: a "
							       "neighbour's fault; talk to the provider");
		return;
	}
}

static void causes(struct report *r, const struct finding *f)
{
	struct buf text = buf_make(4096);
	uint32_t bits = 0;
	for (size_t i = 0; i < f->reason_count; i++)
		bits |= status_class_lists(f->reasons[i].class) ? f->reasons[i].suggests : 0;
	for (unsigned c = 0; c < CAUSE_COUNT; c++)
		if (bits & 1u << c)
			buf_printf(&text, "%s%s", text.len ? "; or " : "", cause_for_people((enum cause)c));
	if (text.len)
		text_entry(r, 4, "points to", buf_text(&text));
	buf_release(&text);
}

/* Is the evidence page among the texts of the list? */
static bool says(const struct check_row *row, const char *url)
{
	for (size_t i = 0; i < row->txt_count; i++)
		if (row->txt[i].len && memmem(row->txt[i].at, row->txt[i].len, url, strlen(url)))
			return true;
	return false;
}

/* TXT as the list gave it, escaped, each in one piece: it often is a URL. */
static void text_said(struct report *r, const struct check_row *row)
{
	struct buf text = buf_make(1 << 17);
	for (size_t i = 0; i < row->txt_count; i++) {
		buf_clear(&text);
		terminal_add(&text, row->txt[i]);
		if (text.len)
			text_entry(r, 4, i ? " " : "they say", buf_text(&text));
	}
	buf_release(&text);
}

static const char *evidence(struct report *r, const struct target *t, const struct check_row *row)
{
	return list_template(&r->scratch, row->list->evidence, report_asked_name(t, &r->scratch));
}

void text_listing(struct report *r, const struct target *t, const struct check_row *row)
{
	const struct finding *f = row->finding;
	const char *url = evidence(r, t, row);
	buf_add_str(&r->out, "  ");
	text_styled(r, STYLE_BAD, row->list->name);
	buf_add_str(&r->out, "  ");
	terminal_add_str(&r->out, row->list->zone);
	buf_printf(&r->out, ", %s impact\n", impact_text(f->impact));
	meanings(r, f);
	scopes(r, t, f);
	text_said(r, row);
	if (url && !says(row, url))
		text_entry(r, 4, "evidence", url);
	causes(r, f);
}

static const char *hours(struct report *r, int64_t seconds)
{
	if (seconds % 86400 == 0 && seconds >= 2 * 86400)
		return arena_printf(&r->scratch, "%lld days", (long long)seconds / 86400);
	return arena_printf(&r->scratch, "%lld hours", (long long)(seconds + 1800) / 3600);
}

static const char *ends_by_itself(struct report *r, const struct removal *m)
{
	if (m->expires_after_s > 0)
		return arena_printf(&r->scratch, "the listing ends by itself %s after the last event",
				    hours(r, m->expires_after_s));
	return "the listing ends by itself";
}

static const char *removal_asked(struct report *r, const struct removal *m, const char *where)
{
	static const char *const who[] = {
		[WHO_ANYONE] = " (anyone may ask)",
		[WHO_LISTED_HOST] = " (ask from the listed host)",
		[WHO_NETWORK_OWNER] = " (only the network's owner, your provider, may ask)",
		[WHO_DOMAIN_OWNER] = " (only the domain's owner may ask)",
		[WHO_UNKNOWN] = "",
	};
	static const char *const how[][2] = {
		[REMOVAL_SELF_SERVICE] = {"remove it at ", "remove it on the list's page"},
		[REMOVAL_FORM] = {"ask with the form at ", "ask with the list's form"},
		[REMOVAL_EMAIL] = {"ask by mail to ", "ask by mail"},
		[REMOVAL_VISIT] = {"a visit to its page removes it: ", "a visit to the list's page removes it"},
		[REMOVAL_TICKET] = {"ask with a ticket at ", "ask with a ticket"},
	};
	return arena_printf(&r->scratch, "%s%s%s", how[m->method][where == NULL], where ? where : "", who[m->who]);
}

static const char *removal_where(struct report *r, const struct removal *m, const char *asked)
{
	const char *url = list_template(&r->scratch, m->url, asked);
	return m->method == REMOVAL_EMAIL && m->address ? m->address : url ? url : m->address;
}

static const char *removal_text(struct report *r, const struct removal *m, const char *where)
{
	const char *words;
	if (m->method != REMOVAL_UNKNOWN && m->method != REMOVAL_NONE && m->method != REMOVAL_AUTOMATIC)
		return removal_asked(r, m, where);
	words = m->method == REMOVAL_UNKNOWN ? "no way to remove it is known"
		: m->method == REMOVAL_NONE  ? "nobody can be asked for removal"
					     : ends_by_itself(r, m);
	return where ? arena_printf(&r->scratch, "%s: %s", words, where) : words;
}

static void removal_who(struct report *r, const struct removal *m, const char *asked)
{
	text_entry(r, 4, "", removal_text(r, m, removal_where(r, m, asked)));
	if (m->method != REMOVAL_AUTOMATIC && m->expires_after_s > 0)
		text_entry(r, 4, "", ends_by_itself(r, m));
}

/* Sub-lists that must be left first, of those that list it now. */
static void removal_order(struct report *r, const struct check_row *row, const struct removal *m)
{
	for (size_t i = 0; i < m->first.count; i++)
		for (size_t k = 0; k < row->finding->reason_count; k++) {
			const struct list_answer *a = row->finding->reasons[k].answer;
			if (a && a->list && strcmp(a->list, m->first.at[i]) == 0)
				text_entry(r, 4, "",
					   arena_printf(&r->scratch, "first get its %s listing removed", a->list));
		}
}

static void removal_words(struct report *r, const struct removal *m)
{
	if (m->steps.count)
		text_entry(r, 4, "", arena_printf(&r->scratch, "first step: %s", m->steps.at[0]));
	if (m->counts_removals)
		text_entry(r, 4, "", "it counts how often you ask: ask only when the cause is gone");
	if (m->advice)
		text_entry(r, 4, "", m->advice);
	else if (m->paid)
		text_entry(r, 4, "", "it takes money for a faster removal: do not pay, the listing ends without it");
}

static bool is_before(const struct removal *m, const char *list)
{
	for (size_t i = 0; i < m->first.count; i++)
		if (strcmp(m->first.at[i], list) == 0)
			return true;
	return false;
}

/* The other sub-lists that list it, each in its own way: leaving the first leaves these. The page is said once. */
static void removal_rest(struct report *r, const struct check_row *row, const struct removal *m, const char *asked,
			 bool policy)
{
	const char *page = removal_where(r, m, asked), *where;
	for (size_t i = 0; i < row->finding->reason_count; i++) {
		const struct list_answer *a = row->finding->reasons[i].answer;
		if (!a || &a->removal == m || !a->list || !status_class_lists(a->class) || is_before(m, a->list) ||
		    (a->class == CLASS_POLICY) != policy)
			continue;
		where = removal_where(r, &a->removal, asked);
		if (where && page && strcmp(where, page) == 0)
			where = "the same page";
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "then its %s listing: %s", a->list,
					removal_text(r, &a->removal, where)));
	}
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
		removal_order(r, row, m);
		removal_words(r, m);
		removal_rest(r, row, m, asked, false);
		removal_rest(r, row, m, asked, true);
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
	if (group != GROUP_POLICY) {
		buf_add_char(&r->out, '\n');
		text_styled(r, STYLE_BOLD, "  Removal");
		buf_add_char(&r->out, '\n');
	}
	if (group == GROUP_POLICY)
		text_entry(r, 2, "",
			   "Send through your provider's mail server with a login. If this is a mail server with an "
			   "address of its own, give it a PTR record and ask for removal:");
	else if (!r->told_first)
		text_entry(
			r, 2, "",
			counted ? "First run `offlist diagnose`: asking while it still sends gets you listed again, "
				  "and "
				  "some lists count removals."
				: "First run `offlist diagnose`: asking while it still sends gets you listed again.");
	r->told_first = r->told_first || group != GROUP_POLICY;
	removals_of(r, result, group);
}
