/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist log trace, offlist log grep: whole messages out of a log. */
#include <errno.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/ascii.h"
#include "cli/commands.h"
#include "cli/log_found.h"
#include "cli/log_input.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "logparse/format.h"
#include "logjoin/join.h"

enum {
	FOUND_MAX = 512 << 20,
	MATCH_STEPS_MAX = 100000, /* of one line: a pattern that explodes on it is no match */
	TOP_MAX = 1000000,
};

struct reading {
	struct log_input input;
	struct tracking *trace;
	struct join *join;
	struct formats formats;
	int error;
};

static void gather(void *arg, const struct log_line *l)
{
	struct reading *r = arg;
	tracking_gather(r->trace, l);
}

/* The last reading: lines are kept, and their events joined for the summary. */
static void keep(void *arg, const struct log_line *l)
{
	struct reading *r = arg;
	struct mail_event e;
	enum line_result result = format_parse(&r->formats, l, WANT_CONNECTIONS, &e);
	bool event = result == LINE_EVENT;
	bool kept = result != LINE_FOREIGN && tracking_keep(r->trace, l, event ? &e : NULL);
	/* lines without an id may tell who handed over the message that the next line names */
	if (event && (kept || e.id.len == 0) && e.at_ms != STAMP_NONE && r->error == 0)
		r->error = join_event(r->join, &e, l);
}

static int read_for_ids(struct reading *r)
{
	int status;
	do {
		status = log_input_lines(&r->input, gather, r);
		if (status == EXIT_NOTHING && !r->input.stopped)
			status = log_input_again(&r->input);
	} while (status == EXIT_NOTHING && !r->input.stopped && tracking_more(r->trace));
	return status;
}

static int find(struct reading *r)
{
	const struct mail_sink sink = {.arg = r->trace, .messages = log_found_messages};
	int status = read_for_ids(r);
	if (status != EXIT_NOTHING || r->input.stopped)
		return status == EXIT_NOTHING ? EXIT_CANNOT_TELL : status;
	r->join = join_new(&sink, 0);
	if (!r->join)
		return complain(EXIT_IO, "out of memory");
	status = log_input_lines(&r->input, keep, r);
	join_end(r->join);
	tracking_settle(r->trace);
	if (r->error < 0)
		status = complain(EXIT_IO, "out of memory");
	return status == EXIT_NOTHING && r->input.stopped ? EXIT_CANNOT_TELL : status;
}

static int print(struct reading *r, size_t top, bool lines_only)
{
	struct context *c = r->input.c;
	struct log_found_text v = {.of = {.trace = r->trace, .top = top},
				   .lines_only = lines_only,
				   .width = c->width,
				   .colour = c->colour};
	struct buf out = buf_make(FOUND_MAX);
	size_t found;
	int error;
	v.of.files = sources_files(r->input.sources, &v.of.file_count);
	found = c->json ? view_tracking(&v.of, &out) : log_found_text(&v, &out);
	error = out.error;
	if (error == 0)
		output_write(buf_span(&out));
	buf_release(&out);
	if (error < 0)
		return complain(EXIT_IO, "too much for one answer; give --top, --since or --until");
	if (tracking_cut(r->trace))
		complain(0, "%s", tracking_cut(r->trace));
	if (found == 0)
		return complain(EXIT_CANNOT_TELL, "nothing in the log matches %s", c->argv[0]);
	return tracking_cut(r->trace) ? EXIT_CANNOT_TELL : EXIT_NOTHING;
}

static int run(struct context *c, tracking_match_fn *match, void *arg, bool lines_only)
{
	const char *top = options_value(c->options, "top");
	struct reading r = {0};
	uint64_t n = 0;
	int status;
	if (top && (ascii_parse_u64(span_str(top), TOP_MAX, &n) < 0 || n == 0))
		return complain(EXIT_USAGE, "--top %s: not a number from 1 to %d", top, TOP_MAX);
	stop_catch();
	status = log_input_files(c, 1);
	if (status == EXIT_NOTHING)
		status = log_input_keep(c);
	if (status == EXIT_NOTHING)
		status = log_input_open(&r.input, c);
	r.trace = tracking_new(match, arg);
	if (!r.trace)
		status = complain(EXIT_IO, "out of memory");
	if (status == EXIT_NOTHING)
		status = find(&r);
	if (status == EXIT_NOTHING)
		status = print(&r, (size_t)n, lines_only);
	join_free(r.join);
	tracking_free(r.trace);
	log_input_release(&r.input);
	return status;
}

/* ---- trace ---- */

/* Sendmail names several recipients on one line. */
static bool among(struct span list, struct span wanted)
{
	while (list.len) {
		size_t n = span_find(list, ',');
		struct span one = span_trim(span_of(list.at, n));
		if (one.len > 2 && one.at[0] == '<' && one.at[one.len - 1] == '>')
			one = span_of(one.at + 1, one.len - 2);
		if (span_equal_nocase(one, wanted))
			return true;
		list = span_from(list, n + 1);
	}
	return false;
}

static struct span bare(struct span id)
{
	return id.len > 2 && id.at[0] == '<' && id.at[id.len - 1] == '>' ? span_of(id.at + 1, id.len - 2) : id;
}

static bool names_message(void *arg, const struct log_line *l, const struct mail_event *e)
{
	const struct span *wanted = arg;
	if (!e)
		return false;
	return span_equal(e->id, *wanted) || (e->link != LINK_NONE && span_equal(e->related, *wanted)) ||
	       span_equal(bare(e->message_id), *wanted) || span_equal_nocase(e->sender, *wanted) ||
	       span_equal_nocase(e->login, *wanted) || span_equal_nocase(e->original, *wanted) ||
	       among(e->recipient, *wanted);
}

static int run_trace(struct context *c)
{
	struct span wanted = c->argc > 0 ? bare(span_trim(span_str(c->argv[0]))) : span_of(NULL, 0);
	if (wanted.len == 0)
		return complain(EXIT_USAGE, "log trace takes a queue id, Message-ID or address, then files");
	return run(c, names_message, &wanted, false);
}

/* ---- grep ---- */

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static bool line_matches(void *arg, const struct log_line *l, const struct mail_event *e)
{
	const struct pattern *p = arg;
	return pcre2_match(p->code, l->raw.at, l->raw.len, 0, 0, p->data, p->limits) >= 0;
}

static int compile(struct context *c, struct pattern *p)
{
	uint32_t options = (options_has(c->options, "ignore-case") ? PCRE2_CASELESS : 0) |
			   (options_has(c->options, "fixed") ? PCRE2_LITERAL : 0);
	int code = 0;
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR words[256] = "";
	p->code = pcre2_compile((PCRE2_SPTR)c->argv[0], PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (!p->code) {
		pcre2_get_error_message(code, words, sizeof(words));
		return complain(EXIT_USAGE, "%s: character %zu: %s", c->argv[0], (size_t)at + 1, (const char *)words);
	}
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
	p->data = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->data || !p->limits)
		return complain(EXIT_IO, "out of memory");
	pcre2_set_match_limit(p->limits, MATCH_STEPS_MAX);
	return EXIT_NOTHING;
}

static int run_grep(struct context *c)
{
	struct pattern p = {0};
	int status;
	if (c->argc == 0 || !c->argv[0][0])
		return complain(EXIT_USAGE, "log grep takes a pattern, then files");
	status = compile(c, &p);
	if (status == EXIT_NOTHING)
		status = run(c, line_matches, &p, true);
	pcre2_match_data_free(p.data);
	pcre2_match_context_free(p.limits);
	pcre2_code_free(p.code);
	return status;
}

static const struct option_row trace_options[] = {
	LOG_INPUT_OPTIONS,
	{'n', "top", "N", NULL, "print the first N messages (all)"},
	{0},
};

static const struct option_row grep_options[] = {
	LOG_INPUT_OPTIONS,
	{'i', "ignore-case", NULL, NULL, "upper and lower case letters match each other"},
	{'F', "fixed", NULL, NULL, "the pattern is plain text"},
	{'n', "top", "N", NULL, "print the first N messages (all)"},
	{0},
};

const struct command command_log_trace = {
	.name = "log trace",
	.arguments = "ID|MESSAGE-ID|ADDRESS [FILE...]",
	.summary = "Show one message's whole path: where it came from, what became of it, what receivers said.",
	.details =
		"Follows a message through content filters, forwards, and the notices made about it. With an address: "
		"all messages from or to it.\n"
		"Exit status: 0 found, 2 not in the log.",
	.options = trace_options,
	.needs_settings = true,
	.run = run_trace,
};

const struct command command_log_grep = {
	.name = "log grep",
	.arguments = "PATTERN [FILE...]",
	.summary = "Print all lines of every message that has a line that matches.",
	.details = "PATTERN is a regular expression (PCRE). Lines stand message by message, each behind its file and "
		   "number.\n"
		   "Exit status: 0 found, 2 not in the log.",
	.options = grep_options,
	.needs_settings = true,
	.run = run_grep,
};
