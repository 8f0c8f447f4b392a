/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain dkim: do a message's signatures hold, and is a selector's key good? */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/check_command.h"
#include "cli/commands.h"
#include "cli/drive_dkim.h"
#include "cli/explain_dkim.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "sys/files.h"

enum {
	OUTPUT_MAX = 8 << 20,
	MESSAGE_MAX = 128 << 20, /* what a receiver takes is far below */
	PUBLISH_MAX = 16384,
	SELECTOR_MAX = 512,
};

struct explaining {
	struct context *c;
	struct check_config config;
	struct endpoint system[SYSTEM_RESOLVERS_MAX];
	const char *message, *private_file, *record; /* NULL: not given */
	struct buf out;
	int status;
};

static const struct option_row dkim_options[] = {
	{'m', "message", "FILE", NULL, "a message whose signatures are verified (\"-\": standard input)"},
	{'k', "key-record", "TEXT", NULL, "the key record, instead of the one that the DNS has"},
	{'p', "private-key", "FILE", NULL, "does this private key belong to the record?"},
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]", "where queries go, as in offlist check"},
	{'t', "timeout", "SECONDS", NULL, "as in offlist check"},
	{0},
};

static int unread(const char *path, int rc, const struct error *why)
{
	return complain(rc == -EACCES || rc == -EPERM ? EXIT_PERMISSION : EXIT_IO, "%s: %s", path,
			why->text[0] ? why->text : strerror(-rc));
}

static int read_file(const char *path, struct buf *text)
{
	struct error why = {{0}};
	int rc = strcmp(path, "-") == 0 ? files_read_open(STDIN_FILENO, 0, text, NULL, &why)
					: files_read(path, 0, text, NULL, &why);
	return rc < 0 ? unread(path, rc, &why) : EXIT_NOTHING;
}

/* ---- a message ---- */

static int answer_all(struct dkim *d, const char *record)
{
	struct span text = span_str(record);
	const struct dkim_answer answer = {.kind = DKIM_ANSWER_RECORDS, .count = 1, .texts = &text};
	const char *name;
	int done, rc = 0;
	while (rc == 0 && (done = dkim_step(d, &name)) == 0)
		rc = dkim_answer(d, &answer);
	return rc < 0 ? rc : done < 0 ? done : 0;
}

/* 1 beats 2 beats 0, as for targets of a check. */
static void settle_status(struct explaining *e, const struct dkim_report *r)
{
	if (r->count == 0)
		e->status = EXIT_FINDINGS;
	for (size_t i = 0; i < r->count; i++) {
		enum dkim_result result = r->verdicts[i].result;
		if (result == DKIM_TEMPERROR)
			e->status = e->status == EXIT_NOTHING ? EXIT_CANNOT_TELL : e->status;
		else if (result != DKIM_PASS)
			e->status = EXIT_FINDINGS;
	}
}

static int verify(struct explaining *e, struct dkim *d, struct span body)
{
	struct error err = {{0}};
	const char *name;
	int rc;
	dkim_body(d, body);
	dkim_body_end(d);
	if (e->record)
		rc = answer_all(d, e->record);
	else if (dkim_step(d, &name) == 1)
		rc = 0; /* nothing is to be asked */
	else
		rc = drive_dkim(&e->config, d, &err);
	if (rc < 0)
		return complain(err.text[0] ? EXIT_CANNOT_TELL : EXIT_IO, "%s",
				err.text[0] ? err.text : "out of memory");
	settle_status(e, dkim_report(d));
	if (e->c->json)
		view_dkim(dkim_report(d), &e->out);
	else
		cmd_explain_dkim_message(e->c, dkim_report(d), &e->out);
	return e->status;
}

static int explain_message(struct explaining *e)
{
	struct buf text = buf_make(MESSAGE_MAX);
	struct span head, body;
	struct dkim *d = NULL;
	int status = read_file(e->message, &text), rc;
	if (status == EXIT_NOTHING && text.len == 0)
		status = complain(EXIT_USAGE, "%s: it is empty", e->message);
	if (status == EXIT_NOTHING) {
		dkim_split(buf_span(&text), &head, &body);
		rc = dkim_begin(head, clock_wall_ms() / 1000, e->c->arena, &d);
		if (rc == -E2BIG)
			status = complain(EXIT_USAGE, "%s: its head is over %d octets or %d fields: is it a message?",
					  e->message, DKIM_HEAD_OCTETS_MAX, DKIM_FIELDS_MAX);
		else
			status = rc < 0 ? complain(EXIT_IO, "out of memory") : verify(e, d, body);
	}
	dkim_free(d);
	buf_release(&text);
	return status;
}

/* ---- a key ---- */

static int read_private(const struct explaining *e, enum dkim_key_kind *ret_kind, struct dkim_key **ret_key)
{
	struct buf text = buf_make(DKIM_KEY_PRIVATE_OCTETS_MAX);
	const char *why = NULL;
	int status = read_file(e->private_file, &text);
	int rc = status == EXIT_NOTHING ? dkim_key_read_private(buf_span(&text), ret_kind, ret_key, &why) : 0;
	if (text.at)
		explicit_bzero(text.at, text.size);
	buf_release(&text);
	return rc < 0 ? complain(EXIT_USAGE, "%s: %s", e->private_file, why ? why : "out of memory") : status;
}

/* The record to publish, read again before it is shown. NULL: there is none. */
static const char *record_for(struct explaining *e, enum dkim_key_kind kind, const struct dkim_key *key)
{
	struct buf text = buf_make(PUBLISH_MAX);
	struct dkim_record r = {0};
	const char *copy = NULL;
	buf_printf(&text, "v=DKIM1; k=%s; p=", dkim_record_kind_text(kind));
	if (dkim_key_add(key, &text) == 0)
		copy = arena_copy(e->c->arena, buf_span(&text));
	if (copy && (dkim_record_read(span_str(copy), e->c->arena, &r) < 0 || r.state != DKIM_RECORD_GOOD))
		copy = NULL;
	dkim_record_release(&r);
	buf_release(&text);
	return copy;
}

static int add_private(struct explaining *e, struct view_dkim_key *v)
{
	enum dkim_key_kind kind;
	struct dkim_key *key = NULL;
	int status = read_private(e, &kind, &key);
	bool same;
	if (status != EXIT_NOTHING)
		return status;
	same = v->record && v->record->key && dkim_key_equal(v->record->key, key);
	if (v->text)
		v->matches = same ? "yes" : "no";
	if (!same)
		v->publish = record_for(e, kind, key);
	if (v->text && !same)
		e->status = EXIT_FINDINGS;
	dkim_key_free(key);
	return EXIT_NOTHING;
}

/* Of several texts the first that is a key record, else the first. */
static int choose(struct explaining *e, const struct dkim_answer *answer, struct view_dkim_key *v,
		  struct dkim_record *r)
{
	for (size_t i = 0; i < answer->count; i++) {
		if (dkim_record_read(answer->texts[i], e->c->arena, r) < 0)
			return complain(EXIT_IO, "out of memory");
		v->text = arena_copy(e->c->arena, answer->texts[i]);
		if (r->state != DKIM_RECORD_NONE || i + 1 == answer->count)
			break;
		dkim_record_release(r);
	}
	v->texts = answer->count;
	return EXIT_NOTHING;
}

static void judge(struct explaining *e, const struct dkim_answer *answer, struct view_dkim_key *v,
		  const struct dkim_record *r)
{
	static const char *const states[] = {"good", "short", "none", "revoked", "broken"};
	if (answer->count) {
		v->record = r;
		v->state = states[r->state];
		v->problem = r->problem;
	} else if (answer->kind == DKIM_ANSWER_FAILED) {
		v->state = "unreachable";
		v->problem = "the DNS gave no answer";
		e->status = EXIT_CANNOT_TELL;
		return;
	} else {
		v->state = "none";
		v->problem = answer->kind == DKIM_ANSWER_NO_NAME ? "the DNS has no such name: no key is published"
								 : "the name has no TXT record: no key is published";
	}
	if (v->problem || v->texts > 1)
		e->status = EXIT_FINDINGS;
}

static int explain_answer(struct explaining *e, const char *name, const struct dkim_answer *answer)
{
	struct view_dkim_key v = {.name = name};
	struct dkim_record r = {0};
	int status = choose(e, answer, &v, &r);
	if (status == EXIT_NOTHING) {
		judge(e, answer, &v, &r);
		status = e->private_file ? add_private(e, &v) : EXIT_NOTHING;
	}
	if (status == EXIT_NOTHING && e->c->json)
		view_dkim_key(&v, &e->out);
	else if (status == EXIT_NOTHING)
		cmd_explain_dkim_key(e->c, &v, &e->out);
	dkim_record_release(&r);
	return status == EXIT_NOTHING ? e->status : status;
}

static int explain_key(struct explaining *e)
{
	struct span text = span_str(e->record);
	struct dkim_answer answer = {.kind = DKIM_ANSWER_RECORDS, .count = 1, .texts = &text};
	struct error err = {{0}};
	struct buf name = buf_make(SELECTOR_MAX);
	int status = EXIT_NOTHING;
	if (e->c->argc == 2)
		buf_printf(&name, "%s._domainkey.%s", e->c->argv[0], e->c->argv[1]);
	if (name.error)
		status = complain(EXIT_USAGE, "such a name cannot exist: it is too long");
	else if (!e->record && drive_dkim_key(&e->config, buf_text(&name), e->c->arena, &answer, &err) < 0)
		status = complain(EXIT_CANNOT_TELL, "%s", err.text);
	if (status == EXIT_NOTHING)
		status = explain_answer(e, name.len ? buf_text(&name) : NULL, &answer);
	buf_release(&name);
	return status;
}

static int read_question(struct explaining *e)
{
	const struct context *c = e->c;
	e->message = options_value(c->options, "message");
	e->private_file = options_value(c->options, "private-key");
	e->record = options_value(c->options, "key-record");
	if (e->message && (c->argc || e->private_file))
		return complain(EXIT_USAGE,
				"--message is verified by itself: neither a selector nor --private-key goes with it");
	if (e->message || (c->argc == 0 && e->record))
		return EXIT_NOTHING;
	if (c->argc != 2)
		return complain(EXIT_USAGE,
				"a selector and its domain are expected, or a message: offlist explain dkim mail "
				"example.com; offlist explain dkim --message FILE");
	if (!strchr(c->argv[1], '.') || strchr(c->argv[0], '@') || strchr(c->argv[1], '@') ||
	    strstr(c->argv[0], "_domainkey"))
		return complain(EXIT_USAGE,
				"%s %s: a selector and a domain are expected, as s= and d= of a signature have them",
				c->argv[0], c->argv[1]);
	return EXIT_NOTHING;
}

static int run_dkim(struct context *c)
{
	struct explaining e = {.c = c, .out = buf_make(OUTPUT_MAX)};
	int status = read_question(&e);
	if (status == EXIT_NOTHING && !dkim_key_load())
		status = complain(EXIT_CANNOT_TELL, "libcrypto.so.3 of OpenSSL cannot be loaded; install libssl3");
	if (status == EXIT_NOTHING)
		status = cmd_check_resolver_config(c, &e.config, e.system);
	if (status == EXIT_NOTHING) {
		stop_catch();
		status = e.message ? explain_message(&e) : explain_key(&e);
		if (output_write(buf_span(&e.out)) < 0)
			status = EXIT_IO;
	}
	buf_release(&e.out);
	return status;
}

const struct command command_explain_dkim = {
	.name = "explain dkim",
	.arguments = "[SELECTOR DOMAIN]",
	.summary = "Do a message's DKIM signatures hold? Is a selector's key good, and is this its private key?",
	.details =
		"With --message every signature is verified (RFC 6376, 8301, 8463): the result and why, the key's "
		"strength, "
		"what is signed and what could be added. Keys are asked for by DNS, unless --key-record brings one. "
		"With a "
		"selector and its domain the key record is judged, and compared with --private-key; a record that fits "
		"the "
		"private key is shown where another stands there. Selectors are not guessed: s= of a signature names "
		"them.\nExit status: 0 all hold, 1 one does not, or there is none, 2 the DNS gave no answer.",
	.options = dkim_options,
	.needs_settings = true,
	.run = run_dkim,
};
