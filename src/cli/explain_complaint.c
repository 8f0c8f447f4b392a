/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain: a complaint, and with --log what the log has at that time. */
#include "cli/explain_complaint.h"

#include <stdlib.h>

#include "base/json.h"
#include "cli/diagnose_command.h"
#include "cli/terminal.h"
#include "mail/complaint.h"

enum { ARENA_MAX = 512 << 20, REPORT_MAX = 256 << 20, NEAR_MS = 3600000 };

static void add_line(struct buf *out, const char *label, struct span text)
{
	if (!text.len)
		return;
	buf_printf(out, "  %s: ", label);
	terminal_add(out, text);
	buf_add_char(out, '\n');
}

static const char *const forms[] = {
	[COMPLAINT_ARF] = "an abuse report (ARF)", [COMPLAINT_JMRP] = "Microsoft's JMRP",
	[COMPLAINT_XARF] = "an XARF report",       [COMPLAINT_SPAMCOP] = "SpamCop",
	[COMPLAINT_ABUSE] = "an abuse mail",
};

/* Reports that nobody complains in: the types of RFC 5965 7.3, RFC 6430 and RFC 6591. */
static const char *title_of(const struct complaint *p)
{
	if (span_equal_nocase(p->type, span_str("auth-failure")))
		return "A message in your domain's name failed authentication; it may be anybody's";
	if (span_equal_nocase(p->type, span_str("not-spam")))
		return "A recipient says that a message of ours is no spam";
	if (span_equal_nocase(p->type, span_str("opt-out")) || span_equal_nocase(p->type, span_str("opt-out-list")))
		return "A recipient wants no more of these messages";
	return "A complaint about a message of ours";
}

static void add_text(struct buf *out, const struct complaint *p)
{
	bool ours = !span_equal_nocase(p->type, span_str("auth-failure"));
	if (out->len)
		buf_add_char(out, '\n');
	buf_printf(out, "%s: %s", title_of(p), forms[p->kind]);
	if (p->type.len) {
		buf_add_str(out, ", ");
		terminal_add(out, p->type);
	}
	buf_add_char(out, '\n');
	add_line(out, "from", p->reporter);
	add_line(out, ours ? "your address" : "sent from", p->address);
	add_line(out, "time", p->at);
	add_line(out, "Message-ID", p->message_id);
	add_line(out, "queue id", p->queue_id);
	add_line(out, "on", p->host);
	add_line(out, "login", p->login);
	add_line(out, "system user", p->user_id);
	add_line(out, "script", p->script);
	add_line(out, "envelope sender", p->mail_from);
	add_line(out, "From", p->from);
	add_line(out, "recipient", p->rcpt_to);
	add_line(out, "subject", p->subject);
	if (p->queue_id.len || p->message_id.len) {
		struct span id = p->queue_id.len ? p->queue_id : p->message_id;
		buf_add_str(out, "  what became of it: offlist log trace '");
		terminal_add(out, id);
		buf_add_str(out, "'\n");
	} else {
		buf_add_str(out, "  nothing in it names the message; it gives only time and address\n");
	}
}

static void member(struct json *j, const char *key, struct span text)
{
	json_key(j, key);
	if (text.len)
		json_span(j, text);
	else
		json_null(j);
}

/* A cause of the log whose stretch holds the time, or whose subject sent the message. */
static bool fits(const struct cause_row *row, const struct complaint *p, int64_t at_ms)
{
	if (p->login.len && span_equal_nocase(p->login, span_str(row->subject)))
		return true;
	if (p->mail_from.len && span_equal_nocase(p->mail_from, span_str(row->subject)))
		return true;
	return at_ms != CASE_TIME_NONE && at_ms >= row->first_at_ms - NEAR_MS && at_ms <= row->last_at_ms + NEAR_MS;
}

struct told {
	const struct complaint *complaint;
	int64_t at_ms;     /* CASE_TIME_NONE: not told */
	struct json *json; /* NULL: text */
	struct buf *out;
	size_t causes;
};

static void tell_causes(struct told *t, const struct diagnose_report *report)
{
	for (size_t i = 0; i < report->cause_count; i++) {
		const struct cause_row *row = &report->causes[i];
		if (!fits(row, t->complaint, t->at_ms))
			continue;
		t->causes++;
		if (t->json) {
			json_begin(t->json, '{');
			json_member_str(t->json, "kind", cause_text(row->kind));
			json_member_str(t->json, "subject", row->subject);
			json_key(t->json, "confidence");
			json_real(t->json, row->confidence, 2);
			json_member_str(t->json, "sentence", row->sentence);
			json_end(t->json, '}');
			continue;
		}
		buf_add_str(t->out, "  the cause at that time: ");
		terminal_add_str(t->out, row->sentence);
		buf_printf(t->out, " (%.2f)\n", row->confidence);
	}
}

/* @return EXIT_NOTHING, or the exit status, complained of. */
static int read_causes(struct diagnose_command *k, struct told *t)
{
	struct diagnosis *d = diagnosis_new(&k->options);
	struct mail_sink sink;
	struct maillog *m = NULL;
	struct log_coverage coverage = {0};
	struct diagnose_report report = {0};
	int status = EXIT_IO;
	if (d) {
		sink = diagnosis_sink(d);
		m = maillog_new(k->input.sources, &sink);
	}
	if (m)
		status = log_input_read(&k->input, m, &coverage);
	if (status == EXIT_NOTHING && diagnosis_finish(d, &coverage, &k->arena, &report) == 0)
		tell_causes(t, &report);
	maillog_free(m);
	diagnosis_free(d);
	return status;
}

static int causes_of_log(struct context *c, struct told *t)
{
	struct diagnose_command *k = calloc(1, sizeof(*k));
	int status;
	if (!k)
		return complain(EXIT_IO, "out of memory");
	k->c = c;
	k->arena = arena_make(REPORT_MAX);
	status = log_input_open(&k->input, c);
	if (status == EXIT_NOTHING)
		status = diagnose_setup(k);
	if (status == EXIT_NOTHING)
		status = read_causes(k, t);
	receivers_free(k->receivers);
	catalogue_free(k->catalogue);
	log_input_release(&k->input);
	arena_release(&k->arena);
	free(k);
	return status;
}

static int add_json(struct buf *out, struct context *c, const struct complaint *p, struct told *t)
{
	struct json j = json_make(out);
	int status = EXIT_NOTHING;
	t->json = &j;
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain/1");
	json_member_str(&j, "kind", "complaint");
	json_member_str(&j, "form", complaint_kind_text(p->kind));
	member(&j, "type", p->type);
	member(&j, "reporter", p->reporter);
	member(&j, "address", p->address);
	member(&j, "at", p->at);
	member(&j, "message_id", p->message_id);
	member(&j, "queue_id", p->queue_id);
	member(&j, "host", p->host);
	member(&j, "login", p->login);
	member(&j, "user_id", p->user_id);
	member(&j, "script", p->script);
	member(&j, "sender", p->mail_from);
	member(&j, "from", p->from);
	member(&j, "recipient", p->rcpt_to);
	member(&j, "subject", p->subject);
	json_key(&j, "causes");
	json_begin(&j, '[');
	if (options_has(c->options, "log"))
		status = causes_of_log(c, t);
	t->json = NULL;
	json_end(&j, ']');
	json_end(&j, '}');
	buf_add_char(out, '\n');
	return status;
}

static int add_with_log(struct buf *out, struct context *c, const struct complaint *p)
{
	struct told t = {.complaint = p, .at_ms = CASE_TIME_NONE, .out = out};
	int status;
	if (complaint_time(p->at, &t.at_ms) < 0)
		t.at_ms = CASE_TIME_NONE;
	if (c->json) {
		status = add_json(out, c, p, &t);
		return status == EXIT_NOTHING && t.causes ? EXIT_FINDINGS : status;
	}
	add_text(out, p);
	if (!options_has(c->options, "log")) {
		buf_add_str(out, "  the cause at that minute: offlist explain FILE --log MAIL.LOG\n");
		return EXIT_NOTHING;
	}
	status = causes_of_log(c, &t);
	if (status == EXIT_NOTHING && !t.causes)
		buf_add_str(out, "  the log shows no cause at that time\n");
	return status == EXIT_NOTHING && t.causes ? EXIT_FINDINGS : status;
}

bool cmd_explain_complaint(struct buf *out, struct context *c, struct span text, int *ret_status)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct complaint p;
	int rc = complaint_read(text, &arena, &p);
	if (rc > 0)
		*ret_status = add_with_log(out, c, &p);
	else if (rc < 0)
		*ret_status = complain(EXIT_IO, "explain: out of memory");
	arena_release(&arena);
	return rc != 0;
}

bool cmd_explain_is_report(struct span text)
{
	struct span start = span_trim(text);
	return start.at && start.len > 1 && start.at[0] == '{' &&
	       (memmem(start.at, start.len, "xarf", 4) || memmem(start.at, start.len, "XARF", 4) ||
		memmem(start.at, start.len, "\"ReporterInfo\"", 14));
}
