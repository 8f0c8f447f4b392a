/* SPDX-License-Identifier: BSD-2-Clause */
#include "view/view_audit.h"

static void add_audit(struct json *j, const struct audit *a)
{
	json_begin(j, '{');
	json_member_str(j, "name", a->row->name);
	json_member_str(j, "status", a->why ? "cannot" : "done");
	json_member_str(j, "why", a->why);
	json_member_str(j, "note", a->note);
	json_end(j, '}');
}

static void add_finding(struct json *j, const struct audit_finding *f)
{
	json_begin(j, '{');
	json_member_str(j, "id", f->record->id);
	json_member_str(j, "severity", finding_severity_text(f->record->severity));
	json_member_str(j, "subject", f->subject);
	json_member_str(j, "detail", f->detail);
	json_member_str(j, "remedy", f->record->remedy);
	json_member_strs(j, "evidence", f->evidence, f->evidence_count);
	json_key(j, "commands");
	json_begin(j, '[');
	for (size_t i = 0; i < f->command_count; i++) {
		json_begin(j, '{');
		json_member_str(j, "what", f->commands[i].what);
		json_member_str(j, "command", f->commands[i].text);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_member_str(j, "title", f->record->title);
	json_member_str(j, "means", f->record->means);
	json_member_str(j, "source", f->record->source);
	json_end(j, '}');
}

void view_audit_findings(struct json *j, const struct audits *all, size_t count)
{
	json_key(j, "findings");
	json_begin(j, '[');
	for (size_t i = 0; all && i < count; i++)
		add_finding(j, &all->findings[i]);
	json_end(j, ']');
}

void view_audit(const struct audits *all, const char *host, struct buf *out)
{
	struct json j = json_make(out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.audit/1");
	json_member_str(&j, "host", host);
	json_key(&j, "audits");
	json_begin(&j, '[');
	for (size_t i = 0; i < all->count; i++)
		add_audit(&j, &all->at[i]);
	json_end(&j, ']');
	view_audit_findings(&j, all, all->finding_count);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
