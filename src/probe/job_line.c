/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/job_line.h"

#include <string.h>

#include "base/ascii.h"

enum {
	WORD_OCTETS_MAX = 1024, /* of a longer word its beginning is looked at */
	DEPTH_MAX = 3,          /* sh -c "sh -c '...'" */
	CRON_FIELDS = 5,        /* minute, hour, day, month, day of the week */
};

enum kind { KIND_OTHER, KIND_WRAPPER, KIND_SHELL, KIND_INTERPRETER, KIND_FETCHER, KIND_DECODER };

static const struct {
	const char *name;
	enum kind kind;
} programs[] = {
	{"nice", KIND_WRAPPER},
	{"ionice", KIND_WRAPPER},
	{"nohup", KIND_WRAPPER},
	{"setsid", KIND_WRAPPER},
	{"env", KIND_WRAPPER},
	{"sudo", KIND_WRAPPER},
	{"exec", KIND_WRAPPER},
	{"timeout", KIND_WRAPPER},
	{"time", KIND_WRAPPER},
	{"then", KIND_WRAPPER},
	{"do", KIND_WRAPPER},
	{"else", KIND_WRAPPER},
	{"sh", KIND_SHELL},
	{"bash", KIND_SHELL},
	{"dash", KIND_SHELL},
	{"ksh", KIND_SHELL},
	{"zsh", KIND_SHELL},
	{"eval", KIND_SHELL},
	{"source", KIND_SHELL},
	{".", KIND_SHELL},
	{"php", KIND_INTERPRETER},
	{"perl", KIND_INTERPRETER},
	{"python", KIND_INTERPRETER},
	{"python3", KIND_INTERPRETER},
	{"ruby", KIND_INTERPRETER},
	{"node", KIND_INTERPRETER},
	{"curl", KIND_FETCHER},
	{"wget", KIND_FETCHER},
	{"lwp-download", KIND_FETCHER},
	{"base64", KIND_DECODER},
};

struct word {
	char text[WORD_OCTETS_MAX];
	size_t len;
	char separator; /* what stands after it: 0 nothing, '|', or ';' for everything that begins a new command */
};

/* A command, while its words come. */
struct command {
	enum kind kind;
	bool named;    /* its name has come */
	bool skip;     /* the next word belongs to an option */
	bool operand;  /* it was told what to run: its standard input is only data */
	bool code;     /* the next word is a program text */
	bool decoding; /* base64 with -d */
};

struct reading {
	struct span rest;
	struct word word;
	struct command now;
	bool fetched, decoded; /* what comes through the pipe */
	unsigned int traits, depth;
};

bool job_line_is_temporary(struct span path)
{
	return span_starts(path, "/tmp/") || span_starts(path, "/var/tmp/") || span_starts(path, "/dev/shm/");
}

static void put(struct word *w, uint8_t c)
{
	if (w->len < sizeof(w->text))
		w->text[w->len++] = (char)c;
}

/* Take one octet of a word, or a quoted part of it. */
static void take(struct reading *r)
{
	uint8_t c = r->rest.at[0];
	size_t end;
	if (c == '\\' && r->rest.len > 1) {
		put(&r->word, r->rest.at[1]);
		r->rest = span_from(r->rest, 2);
		return;
	}
	r->rest = span_from(r->rest, 1);
	if (c != '\'' && c != '"') {
		put(&r->word, c);
		return;
	}
	end = span_find(r->rest, c);
	for (size_t i = 0; i < end; i++)
		put(&r->word, r->rest.at[i]);
	r->rest = span_from(r->rest, end + 1);
}

static bool separates(uint8_t c)
{
	return c == '|' || c == ';' || c == '&' || c == '\n' || c == '(' || c == ')' || c == '`' || c == '{' ||
	       c == '}';
}

static void take_separator(struct reading *r)
{
	size_t count = 0;
	while (r->rest.len && (ascii_is_space(r->rest.at[0]) || separates(r->rest.at[0]))) {
		uint8_t c = r->rest.at[0];
		if (separates(c)) {
			count++;
			r->word.separator = c == '|' && count == 1 ? '|' : ';';
		}
		r->rest = span_from(r->rest, 1);
	}
}

/* @return false: there is none left. */
static bool next_word(struct reading *r)
{
	if (r->rest.len == 0)
		return false;
	r->word.len = 0;
	r->word.separator = 0;
	while (r->rest.len && !ascii_is_space(r->rest.at[0]) && !separates(r->rest.at[0]))
		take(r);
	take_separator(r);
	return true;
}

static enum kind kind_of(struct span word)
{
	size_t at = word.len;
	while (at && word.at[at - 1] != '/')
		at--;
	word = span_from(word, at);
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		struct span name = span_str(programs[i].name);
		size_t len = name.len;
		if (!span_begins(word, name))
			continue;
		/* php8.2, python3.11 */
		while (programs[i].kind == KIND_INTERPRETER && len < word.len &&
		       (ascii_is_digit(word.at[len]) || word.at[len] == '.'))
			len++;
		if (len == word.len)
			return programs[i].kind;
	}
	return KIND_OTHER;
}

static void name_command(struct reading *r, struct span word)
{
	if (span_find(word, '=') < span_find(word, '/') || ascii_is_digit(word.at[0]))
		return; /* a variable before it, or a wrapper's number */
	r->now.kind = kind_of(word);
	if (r->now.kind == KIND_WRAPPER)
		return;
	r->now.named = true;
	if (job_line_is_temporary(word))
		r->traits |= JOB_LINE_TEMPORARY;
}

static bool is_code_option(enum kind kind, struct span word)
{
	if (kind == KIND_SHELL)
		return word.len > 1 && word.at[1] != '-' && word.at[word.len - 1] == 'c'; /* -c, -lc */
	return kind == KIND_INTERPRETER && (span_equal(word, span_str("-r")) || span_equal(word, span_str("-e")) ||
					    span_equal(word, span_str("-c")) || span_equal(word, span_str("-m")));
}

static void take_option(struct reading *r, struct span word)
{
	struct command *c = &r->now;
	if (!c->named)
		c->skip = span_equal(word, span_str("-u")) || span_equal(word, span_str("-n")) ||
			  span_equal(word, span_str("-c"));
	else if (is_code_option(c->kind, word))
		c->code = c->operand = true;
	else if (c->kind == KIND_DECODER)
		c->decoding |= word.len > 1 && (word.at[1] == 'd' || word.at[1] == 'D' || span_starts(word, "--d"));
}

static bool hides_code(struct span text)
{
	bool decodes = span_contains_nocase(text, "base64_decode") || span_contains_nocase(text, "b64decode") ||
		       span_contains_nocase(text, "decode_base64");
	return decodes && (span_contains_nocase(text, "eval") || span_contains_nocase(text, "exec") ||
			   span_contains_nocase(text, "system"));
}

static unsigned int traits_of(struct span command, unsigned int depth);

static void take_operand(struct reading *r, struct span word)
{
	struct command *c = &r->now;
	bool runs = c->kind == KIND_SHELL || c->kind == KIND_INTERPRETER;
	if (c->code && c->kind == KIND_SHELL && r->depth < DEPTH_MAX)
		r->traits |= traits_of(word, r->depth + 1);
	if (c->code && hides_code(word))
		r->traits |= JOB_LINE_DECODES;
	if (runs && !c->operand && job_line_is_temporary(word))
		r->traits |= JOB_LINE_TEMPORARY;
	/* bash <(curl ...): what stands in the brackets is the next command */
	c->operand |= runs && word.at[0] != '<' && word.at[0] != '>' && word.at[0] != '$';
	c->code = false;
}

static void take_word(struct reading *r)
{
	struct span word = span_of(r->word.text, r->word.len);
	if (word.len == 0)
		return;
	if (r->now.skip)
		r->now.skip = false;
	else if (word.at[0] == '-')
		take_option(r, word);
	else if (!r->now.named)
		name_command(r, word);
	else
		take_operand(r, word);
}

/* "$(" and "<(" hand what the next command says to this one. */
static bool opens(const struct reading *r)
{
	char last = r->word.len ? r->word.text[r->word.len - 1] : '\0';
	return r->word.separator == ';' && (last == '$' || last == '<');
}

static void end_command(struct reading *r)
{
	const struct command c = r->now;
	bool runs = (c.kind == KIND_SHELL || c.kind == KIND_INTERPRETER) && !c.operand;
	if (runs && r->fetched)
		r->traits |= JOB_LINE_FETCHES;
	if (runs && r->decoded)
		r->traits |= JOB_LINE_DECODES;
	r->now = (struct command){0};
	if (r->word.separator == '|') {
		r->fetched |= c.kind == KIND_FETCHER;
		r->decoded |= c.kind == KIND_DECODER && c.decoding;
	} else {
		r->fetched = r->decoded = false;
	}
}

static unsigned int traits_of(struct span command, unsigned int depth)
{
	struct reading r = {.rest = command, .depth = depth};
	bool inside_shell = depth > 0; /* sh -c "$(curl ...)" runs what it gets */
	while (next_word(&r)) {
		bool shell = (r.now.kind == KIND_SHELL && !r.now.operand) || (inside_shell && !r.now.named);
		take_word(&r);
		if (!r.word.separator)
			continue;
		if (opens(&r) && shell) {
			struct span inner = span_trim(r.rest);
			struct span name = span_of(inner.at, span_find(inner, ' '));
			r.traits |= kind_of(name) == KIND_FETCHER ? JOB_LINE_FETCHES : 0;
		}
		end_command(&r);
	}
	end_command(&r);
	return r.traits;
}

unsigned int job_line_traits(struct span command)
{
	return traits_of(command, 0);
}

static struct span without_field(struct span line)
{
	size_t at = 0;
	while (at < line.len && !ascii_is_space(line.at[at]))
		at++;
	return span_trim(span_from(line, at));
}

struct span job_line_of_cron(struct span line, bool has_user)
{
	int fields = CRON_FIELDS;
	line = span_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return (struct span){0};
	if (line.at[0] == '@')
		fields = 1;
	else if (!ascii_is_digit(line.at[0]) && line.at[0] != '*')
		return (struct span){0}; /* NAME=value */
	for (fields += has_user; fields; fields--)
		line = without_field(line);
	return line;
}

bool job_line_next_pipe(struct span *rest, struct span *ret_command)
{
	struct span s = *rest;
	size_t at = span_find(s, '|'), len;
	uint8_t quote;
	*rest = (struct span){0};
	if (at == s.len || (span_trim(s).len && span_trim(s).at[0] == '#'))
		return false;
	quote = at && s.at[at - 1] == '"' ? '"' : ',';
	s = span_from(s, at + 1);
	if (s.len && s.at[0] == '"') { /* |"command" is taken as well */
		quote = '"';
		s = span_from(s, 1);
	}
	len = span_find(s, quote);
	*ret_command = span_trim(span_of(s.at, len));
	*rest = span_from(s, len + 1);
	return true;
}
