/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenSMTPD: the words of smtpd.conf(5) that name addresses, domains, tables and the relay host. */
#include <errno.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "mta/mta_settings.h"

enum { RULE_WORDS_MAX = 512, INCLUDE_DEPTH_MAX = 8 };

static const char *const conf_files[] = {"/etc/smtpd.conf", "/etc/mail/smtpd.conf", "/etc/opensmtpd/smtpd.conf"};

/** One rule: its words with macros put in; "{" "}" "=" are words of their own, commas are gone. */
struct rule {
	const char *word[RULE_WORDS_MAX];
	size_t count;
};

struct conf {
	struct finder *f;
	struct mta_settings macros;
	struct mta_settings tables; /* name -> the words of the table, blank between them, or "file:/path" */
	struct rule *rule;
	const char *helo, *listens_as; /* the names it gives itself as client and as server */
	unsigned depth;
};

static void read_file(struct conf *c, const char *path);

static size_t word_end(struct span s)
{
	size_t i = 0;
	while (i < s.len && !ascii_is_space(s.at[i]) && !strchr("{},=\"#", s.at[i]))
		i++;
	/* "helo=" has no meaning, but a URL's "=" has */
	return i ? i : 1;
}

static void add_word(struct conf *c, struct span word, bool quoted)
{
	struct span value = word;
	if (!quoted && word.len > 1 && word.at[0] == '$')
		value = mta_settings_get(&c->macros, finder_copy(c->f, span_from(word, 1)));
	if (c->rule->count < RULE_WORDS_MAX)
		c->rule->word[c->rule->count++] = finder_copy(c->f, value);
}

/* Take what stands at the beginning of the text: a word, a sign, blanks, a comment. @return its octets */
static size_t take_token(struct conf *c, struct span rest)
{
	size_t end;
	switch (rest.at[0]) {
	case '#':
		return span_find(rest, '\n');
	case '\\':
		return rest.len > 1 ? 2 : 1;
	case '"':
		end = span_find(span_from(rest, 1), '"');
		add_word(c, span_of(rest.at + 1, end), true);
		return end + 2;
	case '{':
	case '}':
	case '=':
		add_word(c, span_of(rest.at, 1), true);
		return 1;
	case ',':
		return 1;
	default:
		if (ascii_is_space(rest.at[0]))
			return 1;
		end = word_end(rest);
		add_word(c, span_of(rest.at, end), false);
		return end;
	}
}

/** Read the words of one rule: it ends with its line, unless a brace is open or '\' stands before the end. */
static bool rule_next(struct conf *c, struct span *rest)
{
	int braces = 0;
	c->rule->count = 0;
	while (rest->len) {
		uint8_t here = rest->at[0];
		if (here == '\n' && braces <= 0 && c->rule->count) {
			*rest = span_from(*rest, 1);
			return true;
		}
		braces += (here == '{') - (here == '}');
		*rest = span_from(*rest, take_token(c, *rest));
	}
	return c->rule->count > 0;
}

static bool is(const struct rule *r, size_t i, const char *word)
{
	return i < r->count && strcmp(r->word[i], word) == 0;
}

/** Take the words of "{ a, b }", or the one word, that begin at `i`. @return where they end. */
static size_t take_values(const struct rule *r, size_t i, struct buf *out)
{
	if (!is(r, i, "{")) {
		if (i < r->count)
			buf_add_str(out, r->word[i]);
		return i + 1;
	}
	for (i++; i < r->count && !is(r, i, "}"); i++) {
		buf_add_str(out, r->word[i]);
		buf_add_char(out, ' ');
	}
	return i + 1;
}

static void set_from(struct conf *c, struct mta_settings *to, const char *name, size_t i)
{
	struct buf values = buf_make(SETTING_VALUE_MAX);
	take_values(c->rule, i, &values);
	mta_settings_set(to, span_str(name), span_str(finder_copy(c->f, buf_span(&values))));
	buf_release(&values);
}

static void add_domain_value(struct conf *c, const char *word)
{
	size_t len = strlen(word);
	struct span table, one;
	if (word[0] != '<' || len < 3) {
		finder_domain(c->f, span_str(word));
		return;
	}
	table = mta_settings_get(&c->tables, finder_copy(c->f, span_of(word + 1, len - 2)));
	if (table.len > 5 && memcmp(table.at, "file:", 5) == 0) {
		finder_domain_file(c->f, finder_copy(c->f, span_from(table, 5)), "a table of OpenSMTPD");
		return;
	}
	if (span_find(table, ':') < table.len)
		finder_note(c->f, "table %s of OpenSMTPD is not read; name its domains yourself", word);
	else
		while (finder_word_next(&table, " ", &one))
			finder_domain(c->f, one);
}

/** "match ... for domain X ..." */
static void read_match(struct conf *c)
{
	struct buf values = buf_make(SETTING_VALUE_MAX);
	struct span rest, word;
	for (size_t i = 1; i + 2 < c->rule->count; i++)
		if (is(c->rule, i, "for") && is(c->rule, i + 1, "domain"))
			take_values(c->rule, i + 2, &values);
	rest = span_str(finder_copy(c->f, buf_span(&values)));
	buf_release(&values);
	while (finder_word_next(&rest, " ", &word))
		add_domain_value(c, finder_copy(c->f, word));
}

/** "listen on 192.0.2.1 ... hostname NAME"; an interface's name is left to the machine's interfaces. */
static void read_listen(struct conf *c)
{
	const struct rule *r = c->rule;
	if (is(r, 1, "on") && r->count > 2)
		finder_address_text(c->f, span_str(r->word[2]), "listen on of OpenSMTPD");
	for (size_t i = 3; i + 1 < r->count; i++)
		if (is(r, i, "hostname"))
			c->listens_as = r->word[i + 1];
}

/** "action NAME relay host URL src ADDRESS helo NAME" */
static void read_action(struct conf *c)
{
	const struct rule *r = c->rule;
	struct buf values = buf_make(SETTING_VALUE_MAX);
	struct span rest, word;
	if (!is(r, 2, "relay"))
		return;
	for (size_t i = 3; i + 1 < r->count; i++) {
		if (is(r, i, "host"))
			finder_smarthost(c->f, span_str(r->word[i + 1]));
		if (is(r, i, "helo"))
			c->helo = r->word[i + 1];
		if (is(r, i, "src"))
			take_values(r, i + 1, &values);
	}
	rest = span_str(finder_copy(c->f, buf_span(&values)));
	buf_release(&values);
	while (finder_word_next(&rest, " ", &word)) {
		if (word.at[0] == '<' && word.len > 2) {
			struct span table = mta_settings_get(&c->tables,
							     finder_copy(c->f, span_of(word.at + 1, word.len - 2))),
				    one;
			while (finder_word_next(&table, " ", &one))
				finder_address_text(c->f, one, "relay src of OpenSMTPD");
		} else {
			finder_address_text(c->f, word, "relay src of OpenSMTPD");
		}
	}
}

static void read_rule(struct conf *c)
{
	const struct rule *r = c->rule;
	if (is(r, 1, "=") && r->count > 2)
		set_from(c, &c->macros, r->word[0], 2);
	else if (is(r, 0, "table") && r->count > 2)
		set_from(c, &c->tables, r->word[1], 2);
	else if (is(r, 0, "include") && r->count > 1 && c->depth < INCLUDE_DEPTH_MAX)
		read_file(c, r->word[1]);
	else if (is(r, 0, "listen"))
		read_listen(c);
	else if (is(r, 0, "action"))
		read_action(c);
	else if (is(r, 0, "match"))
		read_match(c);
}

static void read_file(struct conf *c, const char *path)
{
	struct span text;
	c->depth++;
	if (finder_file(c->f, path, &text) == 0)
		while (rule_next(c, &text) && !c->f->error)
			read_rule(c);
	c->depth--;
}

static void read_opensmtpd(struct finder *f)
{
	struct conf c = {.f = f, .macros = mta_settings_make(f), .tables = mta_settings_make(f)};
	struct span text;
	c.rule = arena_alloc(f->arena, 1, sizeof(*c.rule));
	if (!c.rule)
		f->error = -ENOMEM;
	for (size_t i = 0; i < sizeof(conf_files) / sizeof(conf_files[0]) && !f->error; i++)
		if (finder_exists(f, conf_files[i])) {
			read_file(&c, conf_files[i]);
			break;
		}
	/* lists and receivers see the client's name first */
	finder_host_name(f, span_str(c.helo));
	if (finder_exists(f, "/etc/mail/mailname") && finder_file(f, "/etc/mail/mailname", &text) == 0)
		finder_host_name(f, text);
	finder_host_name(f, span_str(c.listens_as));
}

const struct mta_row mta_opensmtpd = {
	MTA_OPENSMTPD,
	"OpenSMTPD",
	{"/etc/smtpd.conf", "/etc/mail/smtpd.conf", "/etc/opensmtpd/smtpd.conf"},
	{"/usr/sbin/smtpctl", "/usr/sbin/smtpd", "/usr/local/sbin/smtpd"},
	read_opensmtpd,
};
