/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain: prints what explain/explain.h makes of the words. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain/explain.h"
#include "cli/context.h"
#include "cli/commands.h"
#include "cli/explain_complaint.h"
#include "cli/explain_mail.h"
#include "cli/explain_reply.h"
#include "cli/explain_word.h"
#include "cli/lists_text.h"
#include "cli/log_input.h"
#include "cli/terminal.h"
#include "mail/dsn.h"
#include "sys/files.h"
#include "view/view_list.h"

enum {
	OUT_MAX = 64 << 20,
	ARENA_MAX = 256 << 20,
	INDENT = 2,
	NOTE_INDENT = 4,
	STEP_INDENT = 7,
	STEPS_MAX = 9, /* with a number of one digit */
	WORDS_OCTETS_MAX = 65536,
	NOTICE_LINES_MIN = 3, /* a bounce without its head has more than a reply that was wrapped */
	ERROR_TEXT_SIZE = 1024,
};

static const struct option_row explain_options[] = {
	{'f', "file", "FILE", NULL, "read the text from FILE; - is standard input"},
	LOG_INPUT_OPTIONS,
	{0},
};

/* The whole of a file or of standard input; @return 0; -EFBIG; another negative errno */
static int read_file(const char *path, struct buf *text, struct error *why)
{
	if (strcmp(path, "-") == 0)
		return files_read_open(STDIN_FILENO, 0, text, NULL, why);
	return files_read(path, 0, text, NULL, why);
}

/* A word that names a file is that file when it holds a message; a zone may be the name of any other. */
static bool names_message(const struct context *c, struct buf *text)
{
	struct stat st;
	if (c->argc != 1 || stat(c->argv[0], &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (read_file(c->argv[0], text, NULL) == 0 &&
	    (dsn_is_message(buf_span(text)) || cmd_explain_is_report(buf_span(text))))
		return true;
	buf_clear(text);
	return false;
}

/* The file to read, NULL: words; standard input where nothing else is given and somebody pipes. */
static const char *input_path(const struct context *c)
{
	const char *path = options_value(c->options, "file");
	bool dash = c->argc == 1 && strcmp(c->argv[0], "-") == 0;
	if (!path && (dash || (c->argc == 0 && !isatty(STDIN_FILENO))))
		return "-";
	return path;
}

/* Of `path` or, where it is NULL, of the words. @return EXIT_NOTHING or the exit status, complained of. */
static int read_input(const struct context *c, const char *path, struct buf *text)
{
	struct error why = {{0}};
	int rc;
	for (int i = 0; i < c->argc && !path; i++)
		buf_printf(text, "%s%s", i ? " " : "", c->argv[i]);
	rc = path ? read_file(path, text, &why) : text->error;
	if (rc == -EFBIG || rc == -E2BIG)
		return complain(EXIT_USAGE, "explain: longer than %d octets", DSN_OCTETS_MAX);
	if (rc < 0)
		return complain(rc == -EACCES ? EXIT_PERMISSION : EXIT_IO, "%s: %s", path ? path : "words",
				path ? why.text : strerror(-rc));
	return EXIT_NOTHING;
}

/* @return EXIT_NOTHING or the exit status, complained of. */
static int gather(const struct context *c, struct buf *text)
{
	const char *path = input_path(c);
	if (options_value(c->options, "file") && c->argc)
		return complain(EXIT_USAGE, "explain: words or --file, not both");
	if (!path && c->argc == 0)
		return complain(EXIT_USAGE,
				"explain: nothing to explain; try: offlist explain zen.spamhaus.org 127.0.0.4");
	if (!path && names_message(c, text))
		return EXIT_NOTHING;
	return read_input(c, path, text);
}

static void add_notes(struct buf *out, const struct explain_item *item, unsigned width)
{
	for (const struct explain_note *n = item->notes; n; n = n->next) {
		size_t start = out->len;
		terminal_fill(out, n->text, NOTE_INDENT, width);
		if (!out->error)
			out->at[start + INDENT] = n->wrong ? '!' : '-';
	}
}

static void add_suggests(struct buf *out, uint32_t suggests)
{
	const char *comma = "  suggests: ";
	if (!suggests)
		return;
	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		if (suggests >> i & 1) {
			buf_add_str(out, comma);
			lists_add_word(out, cause_text((enum cause)i));
			comma = ", ";
		}
	buf_add_char(out, '\n');
}

static void add_removal(struct buf *out, const struct context *c, const struct explain_item *item,
			const struct removal *r)
{
	const char *url = item->asked ? list_template(c->arena, r->url, item->asked) : r->url;
	if (r->method == REMOVAL_UNKNOWN || r->method == REMOVAL_NONE)
		return;
	if (url && strchr(url, '{')) /* nobody to fill in */
		url = item->list->lookup && !strchr(item->list->lookup, '{') ? item->list->lookup : NULL;
	buf_add_str(out, "  removal: ");
	lists_add_word(out, removal_method_text(r->method));
	if (url)
		buf_printf(out, ", %s", url);
	else if (r->address)
		buf_printf(out, ", %s", r->address);
	buf_add_char(out, '\n');
	for (size_t i = 0; i < r->first.count; i++)
		buf_printf(out, "    if %s lists it too, get that listing removed first\n", r->first.at[i]);
	for (size_t i = 0; i < r->steps.count; i++) {
		size_t start = out->len;
		terminal_fill(out, r->steps.at[i], STEP_INDENT, c->width);
		if (!out->error && i < STEPS_MAX) {
			out->at[start + NOTE_INDENT] = (char)('1' + i);
			out->at[start + NOTE_INDENT + 1] = '.';
		}
	}
}

static void add_answer(struct buf *out, const struct context *c, const struct explain_item *item)
{
	char code[CODE_TEXT_SIZE];
	list_code_text(item->code, code);
	if (item->asked && item->list)
		buf_printf(out, "%s, queried for %s: answer %s\n", item->zone, item->asked, code);
	else
		buf_printf(out, "%s%s%s\n", item->zone ? item->zone : "", item->zone ? " " : "", code);
	if (item->list && item->list->state > LIST_UNVERIFIED)
		buf_printf(out, "  %s\n", list_state_text(item->list->state));
	if (item->refusal) {
		buf_add_str(out, "  refused: ");
		lists_add_word(out, refusal_why_text(item->refusal->why));
		buf_add_char(out, '\n');
		terminal_fill(out, item->refusal->meaning, INDENT, c->width);
	}
	for (size_t i = 0; i < item->answer_count; i++) {
		const struct list_answer *a = item->answers[i];
		buf_printf(out, "  %s%s%s, impact %s\n", a->list ? a->list : "", a->list ? ": " : "",
			   list_class_text(a->class), impact_text(a->impact));
		terminal_fill(out, a->meaning, INDENT, c->width);
		add_suggests(out, a->suggests);
		add_removal(out, c, item, &a->removal);
	}
	add_notes(out, item, c->width);
}

static void add_zone(struct buf *out, const struct context *c, const struct explain_item *item)
{
	const struct list *l = item->list;
	buf_printf(out, "%s  %s (%s): %s, %s, impact %s\n", l->zone, l->name, l->operator_name,
		   list_class_text(l->class), list_state_text(l->state), impact_text(l->impact));
	if (item->asked)
		buf_printf(out, "  the name is a query for %s\n", item->asked);
	add_notes(out, item, c->width);
	for (size_t i = 0; i < l->answer_count; i++) {
		char text[MATCH_TEXT_SIZE];
		list_answer_form(&l->answers[i], text);
		buf_printf(out, "  %-16s", text);
		buf_printf(out, " %s\n", l->answers[i].meaning);
	}
	buf_printf(out, "  more: offlist lists %s\n", l->zone);
}

/* Where a part of the text stands: "main.cf:12", or "line 12" of what came without a name. */
static void add_place(struct buf *out, const struct context *c, const struct explain_item *item)
{
	const char *path = options_value(c->options, "file");
	if (path && strcmp(path, "-") != 0) {
		terminal_add_str(out, path);
		buf_printf(out, ":%zu", item->line);
	} else {
		buf_printf(out, "line %zu", item->line);
	}
}

static void add_config(struct buf *out, const struct context *c, const struct explain_item *item)
{
	const struct list *l = item->list;
	add_place(out, c, item);
	buf_add_str(out, ": ");
	terminal_add_str(out, item->given);
	if (l)
		buf_printf(out, "\n  %s: %s, %s, impact %s", l->name, list_class_text(l->class),
			   list_state_text(l->state), impact_text(l->impact));
	buf_add_char(out, '\n');
	add_notes(out, item, c->width);
	if (item->remove) {
		buf_add_str(out, "  remove it: ");
		terminal_add_str(out, item->given);
		buf_add_str(out, " (");
		add_place(out, c, item);
		buf_add_str(out, ")\n");
	}
}

/* The text as it should be; nothing but tabs and line ends moves the cursor. */
static void add_instead(struct buf *out, const char *text)
{
	buf_add_str(out, "\nWrite instead:\n\n");
	while (*text) {
		size_t len = strcspn(text, "\t\r\n");
		terminal_add(out, span_of(text, len));
		text += len;
		if (*text == '\r' && text[1] == '\n')
			text++;
		if (*text == '\r')
			terminal_add(out, span_of(text, 1));
		else if (*text || len)
			buf_add_char(out, *text == '\t' ? '\t' : '\n');
		text += *text != '\0';
	}
}

static void add_by_hand(struct buf *out, const struct context *c)
{
	buf_add_char(out, '\n');
	terminal_fill(
		out,
		"Change it by hand, as marked above: corrected text is given only where nothing but the entry has to "
		"change, in lists of Postfix (postscreen_dnsbl_sites, smtpd_..._restrictions) and in dnslists of Exim.",
		0, c->width);
}

static void add_lookup(struct buf *out, const struct context *c, const struct explain_item *item)
{
	static const char *const outcomes[] = {"not listed", "no answer, so it is not known", "no listing", "a text"};
	terminal_add_str(out, item->zone ? item->zone : "The look-up");
	if (item->asked) {
		buf_add_str(out, " queried for ");
		terminal_add_str(out, item->asked);
	}
	buf_printf(out, ": %s", outcomes[item->outcome]);
	if (item->error) {
		buf_add_str(out, " (");
		terminal_add_str(out, item->error);
		buf_add_char(out, ')');
	}
	buf_add_char(out, '\n');
	add_notes(out, item, c->width);
}

static void add_text(struct buf *out, const struct context *c, const struct explanation *x)
{
	for (const struct explain_item *i = x->items; i; i = i->next) {
		if (i != x->items)
			buf_add_char(out, '\n');
		if (i->kind == EXPLAIN_ANSWER)
			add_answer(out, c, i);
		else if (i->kind == EXPLAIN_ZONE)
			add_zone(out, c, i);
		else if (i->kind == EXPLAIN_LOOKUP)
			add_lookup(out, c, i);
		else
			add_config(out, c, i);
	}
	if (x->instead)
		add_instead(out, x->instead);
	else if (x->by_hand)
		add_by_hand(out, c);
	else if (x->config)
		buf_add_str(out, x->wrong ? "" : "\nNothing to change.\n");
}

static void member(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_str(j, text);
}

static void json_answer(struct json *j, const struct explain_item *item)
{
	char code[CODE_TEXT_SIZE];
	list_code_text(item->code, code);
	member(j, "code", code);
	json_key(j, "refused");
	json_bool(j, item->refused);
	member(j, "why", item->refusal ? refusal_why_text(item->refusal->why) : NULL);
	member(j, "meaning", item->refusal ? item->refusal->meaning : NULL);
	json_key(j, "reasons");
	json_begin(j, '[');
	for (size_t i = 0; i < item->answer_count; i++) {
		json_begin(j, '{');
		view_list_answer(j, item->answers[i]);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void json_item(struct buf *out, const struct explain_item *item)
{
	static const char *const kinds[] = {"answer", "zone", "config", "lookup"};
	static const char *const outcomes[] = {"not_listed", "no_answer", "no_listing", "text"};
	const struct list *l = item->list;
	struct json j = json_make(out);
	json_begin(&j, '{');
	member(&j, "schema", "offlist.explain/1");
	member(&j, "kind", kinds[item->kind]);
	member(&j, "zone", item->zone);
	member(&j, "name", l ? l->name : NULL);
	member(&j, "class", l ? list_class_text(l->class) : NULL);
	member(&j, "status", l ? list_state_text(l->state) : NULL);
	member(&j, "since", l ? l->since : NULL);
	member(&j, "impact", l ? impact_text(l->impact) : NULL);
	if (item->kind != EXPLAIN_CONFIG)
		member(&j, "asked", item->asked);
	if (item->kind == EXPLAIN_ANSWER)
		json_answer(&j, item);
	if (item->kind == EXPLAIN_LOOKUP) {
		member(&j, "outcome", outcomes[item->outcome]);
		member(&j, "error", item->error);
	}
	if (item->kind == EXPLAIN_CONFIG) {
		member(&j, "syntax", item->syntax);
		member(&j, "given", item->given);
		json_key(&j, "line");
		json_int(&j, (int64_t)item->line);
		json_key(&j, "remove");
		json_bool(&j, item->remove);
		member(&j, "instead", item->instead);
	}
	json_key(&j, "notes");
	json_begin(&j, '[');
	for (const struct explain_note *n = item->notes; n; n = n->next) {
		json_begin(&j, '{');
		json_key(&j, "wrong");
		json_bool(&j, n->wrong);
		member(&j, "text", n->text);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

static void json_all(struct buf *out, const struct explanation *x)
{
	struct json j = json_make(out);
	for (const struct explain_item *i = x->items; i; i = i->next)
		json_item(out, i);
	if (!x->instead)
		return;
	json_begin(&j, '{');
	member(&j, "schema", "offlist.explain/1");
	member(&j, "kind", "config");
	member(&j, "zone", NULL);
	member(&j, "instead", x->instead);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

static size_t lines_of(struct span text)
{
	size_t lines = 0;
	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	return lines;
}

struct words {
	const struct context *c;
	const struct catalogue *catalogue;
	struct receivers *receivers;
	struct span text;
	struct buf *out;
	struct arena arena;
};

static int complain_of(const struct words *w, int rc, const struct error *err)
{
	char text[ERROR_TEXT_SIZE];
	snprintf(text, sizeof(text), "%s", err->text);
	catalogue_redact(w->catalogue, text);
	if (rc == -EINVAL && w->c->argc == 1 && access(w->c->argv[0], F_OK) == 0)
		return complain(EXIT_USAGE,
				"explain: %s is a file without a bounce; to read it as text: offlist explain -f %s",
				w->c->argv[0], w->c->argv[0]);
	return complain(rc == -ENOMEM ? EXIT_IO : EXIT_USAGE, "explain: %s", text);
}

/* One reply, if it is one, then what the words name of lists; either may be all there is. */
static int print_one(struct words *w, const struct explanation *x, const struct paste *paste, int rc,
		     const struct error *err)
{
	const struct context *c = w->c;
	struct explain_reply reply;
	bool told = paste && paste->count == 1 && w->text.len <= WORDS_OCTETS_MAX && !cmd_explain_is_code(w->text) &&
		    cmd_explain_reply_told(w->receivers, &paste->at[0], &reply);
	if (told)
		cmd_explain_reply_add(w->out, c, &reply);
	if (rc == -EINVAL && (told || cmd_explain_word(w->out, c, w->catalogue, w->receivers, w->text)))
		return EXIT_NOTHING;
	if (rc < 0)
		return complain_of(w, rc, err);
	if (told && !c->json)
		buf_add_char(w->out, '\n');
	if (c->json)
		json_all(w->out, x);
	else
		add_text(w->out, c, x);
	return x->wrong ? EXIT_FINDINGS : EXIT_NOTHING;
}

static int print_paste(struct words *w, const struct explanation *x, int rc, const struct error *err)
{
	struct paste paste;
	if (x->config || x->lookups)
		return print_one(w, x, NULL, rc, err);
	if (paste_split(w->text, &w->arena, &paste) < 0)
		return complain(EXIT_IO, "explain: out of memory");
	if (paste.without_them && !paste.queue)
		return complain(EXIT_USAGE, "explain: %s", paste.without_them);
	if (paste.queue || paste.count > 1) {
		cmd_explain_replies(w->out, w->c, w->receivers, &paste);
		if (paste.count == 0)
			return complain(EXIT_USAGE, "explain: no message of this queue listing has a reply yet");
		return EXIT_NOTHING;
	}
	if (lines_of(w->text) >= NOTICE_LINES_MIN && cmd_explain_notice(w->out, w->c, w->receivers, w->text))
		return EXIT_NOTHING;
	return print_one(w, x, &paste, rc, err);
}

static int print_words(const struct context *c, const struct catalogue *catalogue, struct receivers *receivers,
		       struct span text, struct buf *out)
{
	struct words w = {c, catalogue, receivers, text, out, arena_make(ARENA_MAX)};
	struct explanation x = {0};
	struct error err = {""};
	int rc = explain(catalogue, text, &w.arena, &x, &err);
	int status = print_paste(&w, &x, rc, &err);
	arena_release(&w.arena);
	return status;
}

static const char *name_of_input(const struct context *c)
{
	const char *path = options_value(c->options, "file");
	return path ? path : c->argc ? c->argv[0] : "input";
}

static int print(struct context *c, const struct catalogue *catalogue, struct span text)
{
	struct buf out = buf_make(OUT_MAX);
	struct receivers *receivers;
	int status = context_receivers(c, catalogue, &receivers);
	if (status != EXIT_NOTHING)
		return status;
	if (cmd_explain_is_report(text) && cmd_explain_complaint(&out, c, text, &status))
		; /* told */
	else if (dsn_is_message(text))
		status = cmd_explain_mail(&out, c, receivers, text, name_of_input(c));
	else
		status = print_words(c, catalogue, receivers, text, &out);
	receivers_free(receivers);
	if (output_redacted(catalogue, &out) < 0)
		return EXIT_IO;
	return status;
}

/* Words of a program that we do not read must not be taken for another's. */
static int refuse_unread(struct span text)
{
	const char *program = dsn_is_message(text) ? NULL : explain_unread(text);
	return program ? complain(EXIT_USAGE, "explain: this is configuration of %s, which is not read yet", program)
		       : EXIT_NOTHING;
}

static int run_explain(struct context *c)
{
	struct buf text = buf_make(DSN_OCTETS_MAX);
	struct catalogue *catalogue;
	int status = gather(c, &text);
	if (status == EXIT_NOTHING && c->argc == 0 && span_trim(buf_span(&text)).len == 0)
		status = complain(EXIT_USAGE, "explain: %s is empty",
				  strcmp(input_path(c), "-") == 0 ? "standard input" : input_path(c));
	if (status == EXIT_NOTHING)
		status = refuse_unread(buf_span(&text));
	if (status == EXIT_NOTHING)
		status = context_catalogue(c, &catalogue);
	if (status == EXIT_NOTHING) {
		status = print(c, catalogue, buf_span(&text));
		catalogue_free(catalogue);
	}
	buf_release(&text);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "WORD...",
	.summary = "Say what a list's answer, a list, an SMTP reply or an old configuration line means.",
	.details = "The words are read as one text: ZONE CODE, a name that was queried, a ZONE, a receiver's reply, or "
		   "configuration: postscreen_dnsbl_sites, reject_rbl_client and its like, Exim's dnslists, rspamd's "
		   "rbl, SpamAssassin's check_rbl, list files of checking tools.\nOf a reply it says what it means, "
		   "whether it passes by itself, and where to ask for removal. A file with a bounce, or an mbox of "
		   "them, has the reply of each recipient explained.\nOf configuration it says which lists are dead, "
		   "which filters are wrong, and which entry to remove; corrected text is shown for "
		   "lists of Postfix and Exim where nothing else has to change. Nothing is queried.\nExit status: 0 "
		   "explained, "
		   "1 something is dead or wrong, 64 nothing could be made of it.",
	.options = explain_options,
	.needs_settings = true,
	.run = run_explain,
};
