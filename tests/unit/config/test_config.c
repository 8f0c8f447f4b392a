/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/settings.h"

enum { ARENA_MAX = 64 << 20, LINES_MAX = 1 << 20 };

struct inner {
	struct schema_seen seen;
	const char *name;
	int64_t number;
};

struct outer {
	struct schema_seen seen;
	const char *text, *date;
	int word;
	uint32_t words;
	bool flag;
	double real;
	const char **texts;
	size_t text_count;
	const struct schema_place *text_at;
	struct inner map;
	struct inner *maps;
	size_t map_count;
};

static const struct schema_word colours[] = {{"red", 1}, {"green", 2}, {"blue", 4}, {0}};
static const struct schema_row inner_rows[] = {
	{"name", SCHEMA_TEXT, offsetof(struct inner, name), .required = true},
	{"number", SCHEMA_INTEGER, offsetof(struct inner, number), .min = 1, .max = 9},
};
static const struct schema inner_schema = {"an inner map", inner_rows, 2, sizeof(struct inner), true};
static const struct schema_row outer_rows[] = {
	{"text", SCHEMA_TEXT, offsetof(struct outer, text)},
	{"date", SCHEMA_DATE, offsetof(struct outer, date)},
	{"word", SCHEMA_WORD, offsetof(struct outer, word), .words = colours},
	{"words", SCHEMA_WORDS, offsetof(struct outer, words), .words = colours},
	{"flag", SCHEMA_BOOL, offsetof(struct outer, flag)},
	{"real", SCHEMA_REAL, offsetof(struct outer, real), .min = 0.5, .max = 2},
	{"texts", SCHEMA_TEXTS, offsetof(struct outer, texts), offsetof(struct outer, text_count),
	 .places_offset = offsetof(struct outer, text_at)},
	{"map", SCHEMA_MAP, offsetof(struct outer, map), .map = &inner_schema},
	{"maps", SCHEMA_MAPS, offsetof(struct outer, maps), offsetof(struct outer, map_count), .map = &inner_schema},
};
static const struct schema outer_schema = {"an outer map", outer_rows, 9, sizeof(struct outer), true};

static void collect(void *arg, const char *line)
{
	struct buf *lines = arg;
	buf_add_str(lines, line);
	buf_add_char(lines, '\n');
}

/* The faults of a text, each a line. */
static void expect(const char *yaml, const char *faults)
{
	struct buf lines = buf_make(LINES_MAX);
	struct arena arena = arena_make(ARENA_MAX);
	struct error err = {""};
	struct schema_faults f = {.on_fault = collect, .arg = &lines, .err = &err};
	struct outer outer = {0};
	int rc = schema_read(&outer_schema, span_str(yaml), "f", &arena, &f, &outer);
	assert_string_equal(buf_text(&lines), faults);
	assert_int_equal(rc, *faults ? -EBADMSG : 0);
	if (*faults)
		assert_memory_equal(faults, err.text, strlen(err.text));
	buf_release(&lines);
	arena_release(&arena);
}

static void values(void **state)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct schema_faults f = {0};
	struct outer o = {0};
	const char *yaml =
		"text: >\n  two\n  lines\ndate: 2024-02-29\nword: green\nwords: [red, blue]\nflag: true\n"
		"real: 1.5\ntexts:\n- one\n- \"two\"\nmap: {name: n, number: 9}\nmaps:\n- {name: 127.0.0.2}\n"
		"- name: b\n  number: 1\n";
	assert_int_equal(schema_read(&outer_schema, span_str(yaml), "f", &arena, &f, &o), 0);
	assert_string_equal(o.text, "two lines");
	assert_string_equal(o.date, "2024-02-29");
	assert_int_equal(o.word, 2);
	assert_int_equal(o.words, 5);
	assert_true(o.flag);
	assert_true(o.real > 1.49 && o.real < 1.51);
	assert_int_equal(o.text_count, 2);
	assert_string_equal(o.texts[1], "two");
	assert_int_equal(o.text_at[1].line, 11);
	assert_int_equal(o.text_at[1].column, 3);
	assert_int_equal(o.map.number, 9);
	assert_int_equal(o.map_count, 2);
	assert_string_equal(o.maps[0].name, "127.0.0.2");
	assert_int_equal(o.maps[1].seen.start.line, 15);
	assert_int_equal(schema_at(&outer_schema, &o, "date").line, 4);
	assert_int_equal(schema_at(&outer_schema, &o, "date").column, 7);
	assert_true(o.seen.given == 0x1ff);
	arena_release(&arena);
}

static void all_faults_told(void **state)
{
	expect("text: \"\"\ndate: 2023-02-29\nword: gren\nwords: [red, pink]\nflag: yes\nreal: 3\n",
	       "f:1:7: text: is empty, expected text\n"
	       "f:2:7: date: \"2023-02-29\", expected a date: YYYY-MM-DD, YYYY-MM or YYYY\n"
	       "f:3:7: word: \"gren\", expected red, green or blue\n"
	       "f:4:14: words: \"pink\", expected red, green or blue\n"
	       "f:5:7: flag: \"yes\", expected true or false\n"
	       "f:6:7: real: \"3\", expected a number from 0.5 to 2\n");
	expect("map: {number: 10}\nmaps:\n- {name: a, number: x}\n- 5\n",
	       "f:1:15: number: \"10\", expected a whole number from 1 to 9\n"
	       "f:1:6: name: missing in an inner map\n"
	       "f:3:21: number: \"x\", expected a whole number from 1 to 9\n"
	       "f:4:3: maps: is a single value, expected an inner map\n");
}

static void keys(void **state)
{
	expect("txet: a\nzzz: {deep: [1, {a: b}]}\ntext: b\ntext: c\n",
	       "f:1:1: txet: unknown key in an outer map, did you mean \"text\"?\n"
	       "f:2:1: zzz: unknown key in an outer map\n"
	       "f:4:1: text: given twice, first on line 3\n");
	expect("<<: {text: a}\n", "f:1:1: <<: unknown key in an outer map\n");
	expect("? [a]\n: b\ntext: c\n", "f:1:3: a key that is no text, in an outer map\n");
}

static void kinds(void **state)
{
	expect("text: [a]\ntexts: a\nmap: a\nword: {a: b}\n", "f:1:7: text: is a list, expected a single value\n"
							      "f:2:8: texts: is a single value, expected a list\n"
							      "f:3:6: map: is a single value, expected an inner map\n"
							      "f:4:7: word: is a map, expected a single value\n");
	expect("- a\n", "f:1:1: is a list, expected an outer map\n");
	expect("", "");
	expect("# nothing\n", "");
}

static void refused_yaml(void **state)
{
	expect("text: &a b\ndate: *a\n", "f:1:7: an anchor (&), expected the value alone\n"
					 "f:2:7: an alias (*), expected the value written out\n");
	expect("text: !!str b\n", "f:1:7: a tag (!), expected the value alone\n");
	expect("text: a\n---\ntext: b\n", "f:2:1: a second document, expected one a file\n");
	expect("text: a\tb\n", "f:1:8: a tab, expected blanks\n"
			       "f:1:7: text: has a control character, expected plain text\n");
	expect("text: \"a\\x1bb\"\n", "f:1:7: text: has a control character, expected plain text\n");
	expect("text: a\nword: b\xff\n", "f:2:8: invalid leading UTF-8 octet\n");
	expect("text: a\nword: [\n", "f:2:7: word: is a list, expected a single value\n"
				     "f:3:1: not YAML: did not find expected node content while parsing a flow node\n");
	expect("zzz: [[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]\n", "f:1:1: zzz: unknown key in an outer map\n"
							       "f:1:21: more than 16 levels deep\n");
}

static void fault_limit(void **state)
{
	struct buf lines = buf_make(LINES_MAX), yaml = buf_make(LINES_MAX);
	struct arena arena = arena_make(ARENA_MAX);
	struct schema_faults f = {.on_fault = collect, .arg = &lines};
	struct outer outer = {0};
	for (int i = 0; i < 300; i++)
		buf_printf(&yaml, "a%d: 1\n", i);
	assert_int_equal(schema_read(&outer_schema, buf_span(&yaml), "f", &arena, &f, &outer), -EBADMSG);
	assert_int_equal(f.count, 300);
	assert_non_null(strstr(buf_text(&lines), "f:100:1: a99: unknown key"));
	assert_non_null(strstr(buf_text(&lines), "f: more faults, not shown\n"));
	assert_null(strstr(buf_text(&lines), "a100"));
	buf_release(&lines);
	buf_release(&yaml);
	arena_release(&arena);
}

static void out_of_arena(void **state)
{
	struct arena arena = arena_make(128);
	struct schema_faults f = {0};
	struct outer outer = {0};
	assert_int_equal(schema_read(&outer_schema, span_str("maps: [{name: a}, {name: b}]"), "f", &arena, &f, &outer),
			 -ENOMEM);
	arena_release(&arena);
}

static void distances(void **state)
{
	assert_int_equal(schema_distance(span_str("zone"), span_str("zone"), 3), 0);
	assert_int_equal(schema_distance(span_str("zon"), span_str("zone"), 3), 1);
	assert_int_equal(schema_distance(span_str("removal"), span_str("rmeoval"), 3), 2);
	assert_int_equal(schema_distance(span_str("abcdef"), span_str("uvwxyz"), 3), 4);
}

static void dates(void **state)
{
	static const char *const good[] = {"2024", "2024-12", "2024-12-31", "2000-02-29"};
	static const char *const bad[] = {"",           "24",         "2024-13",    "2024-1", "2024-04-31",
					  "2100-02-29", "2024/04/01", "2024-04-1x", "1066"};
	for (size_t i = 0; i < 4; i++)
		assert_true(schema_date_valid(span_str(good[i])));
	for (size_t i = 0; i < 9; i++)
		assert_false(schema_date_valid(span_str(bad[i])));
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void settings_defaults(void **state)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct settings s;
	struct error err;
	assert_int_equal(settings_load("/nonexistent/offlist.yaml", false, &arena, &s, &err), 0);
	assert_string_equal(s.dns.resolver, "auto");
	assert_string_equal(s.dns.resolv_conf, "/etc/resolv.conf");
	assert_null(s.dns.root_hints);
	assert_true(s.dns.budget_s > 1.9 && s.dns.budget_s < 2.1);
	assert_string_equal(s.check.min_impact, "medium");
	assert_false(s.check.strict);
	assert_string_equal(s.lists_dir, "/etc/offlist/lists.d");
	assert_string_equal(s.key_file, "/etc/offlist/keys.yaml");
	assert_null(s.state);
	assert_int_equal(settings_load("/nonexistent/offlist.yaml", true, &arena, &s, &err), -ENOENT);
	assert_string_equal(err.text, "/nonexistent/offlist.yaml: there is no such file");
	arena_release(&arena);
}

static void settings_given(void **state)
{
	static const char yaml[] =
		"dns:\n  resolver: \"[2001:db8::1]:53\"\n  trust_anchor: none\n  budget_s: 0.5\n"
		"check:\n  skip: [bl.example.net]\n  enable: [a.example, b.example]\n  strict: true\n"
		"  min_impact: low\naddresses: [192.0.2.1, \"2001:db8::2\"]\nstate: /tmp/x\n";
	char path[] = "/tmp/offlist-test-XXXXXX";
	struct arena arena = arena_make(ARENA_MAX);
	struct settings s;
	struct error err;
	close(mkstemp(path));
	write_file(path, yaml);
	assert_int_equal(settings_load(path, true, &arena, &s, &err), 0);
	assert_string_equal(s.dns.resolver, "[2001:db8::1]:53");
	assert_string_equal(s.check.min_impact, "low");
	assert_int_equal(s.check.skip_count, 1);
	assert_string_equal(s.check.enable[1], "b.example");
	assert_int_equal(s.address_count, 2);
	assert_true(s.check.strict);
	assert_string_equal(s.state, "/tmp/x");
	unlink(path);
	arena_release(&arena);
}

static void settings_faults(void **state)
{
	static const char yaml[] = "dns:\n  resolver: fast\n  budget: 3\ncheck:\n  min_impact: huge\n  skip: [nodots]\n"
				   "addresses: [192.0.2.300]\nstate: var\n";
	struct buf lines = buf_make(LINES_MAX);
	struct arena arena = arena_make(ARENA_MAX);
	struct schema_faults f = {.on_fault = collect, .arg = &lines};
	struct settings s;
	assert_int_equal(settings_read(span_str(yaml), "o.yaml", &arena, &f, &s), -EBADMSG);
	assert_string_equal(buf_text(&lines),
			    "o.yaml:2:13: resolver: \"fast\", expected auto, system, direct or ADDRESS[:PORT]\n"
			    "o.yaml:3:3: budget: unknown key in dns, did you mean \"budget_s\"?\n"
			    "o.yaml:5:15: min_impact: \"huge\", expected low, medium or high\n"
			    "o.yaml:6:10: skip: \"nodots\", expected the name of a zone\n"
			    "o.yaml:7:13: addresses: \"192.0.2.300\", expected an IPv4 or IPv6 address\n"
			    "o.yaml:8:8: state: \"var\", expected an absolute path\n");
	buf_release(&lines);
	arena_release(&arena);
}

static void resolver_forms(void **state)
{
	static const char *const good[] = {"192.0.2.1", "192.0.2.1:5353", "\"2001:db8::1\"", "\"[2001:db8::1]:53\"",
					   "direct"};
	static const char *const bad[] = {"192.0.2.1:0",     "192.0.2.1:",  "\":53\"",   "\"[2001:db8::1]\"",
					  "192.0.2.1:99999", "dns.example", "\"[]:53\"", "\"]:1\""};
	for (size_t i = 0; i < 13; i++) {
		struct arena arena = arena_make(ARENA_MAX);
		struct schema_faults f = {0};
		struct settings s;
		char yaml[80];
		snprintf(yaml, sizeof(yaml), "dns: {resolver: %s}\n", i < 5 ? good[i] : bad[i - 5]);
		assert_int_equal(settings_read(span_str(yaml), "o", &arena, &f, &s), i < 5 ? 0 : -EBADMSG);
		arena_release(&arena);
	}
}

static void settings_unreadable(void **state)
{
	char path[] = "/tmp/offlist-test-XXXXXX";
	struct arena arena = arena_make(ARENA_MAX);
	struct settings s;
	struct error err;
	assert_int_equal(settings_load("/tmp", false, &arena, &s, &err), -EACCES);
	assert_string_equal(err.text, "/tmp: cannot be read: Is a directory");
	close(mkstemp(path));
	chmod(path, 0);
	if (geteuid() != 0) /* nothing is denied to root */
		assert_int_equal(settings_load(path, false, &arena, &s, &err), -EACCES);
	chmod(path, 0600);
	write_file(path, "chekc: {}\nstat: /x\n");
	assert_int_equal(settings_load(path, false, &arena, &s, &err), -EBADMSG);
	assert_non_null(
		strstr(err.text, ":1:1: chekc: unknown key in the settings, did you mean \"check\"? (and 1 more)"));
	unlink(path);
	arena_release(&arena);
}

/* Every row has its sentence for the manual. */
static void every_setting_has_help(void **state)
{
	const struct schema *s = settings_schema();
	for (size_t i = 0; i < s->count; i++) {
		assert_non_null(s->rows[i].help);
		for (size_t j = 0; s->rows[i].map && j < s->rows[i].map->count; j++)
			assert_non_null(s->rows[i].map->rows[j].help);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(all_faults_told),
		cmocka_unit_test(keys),
		cmocka_unit_test(kinds),
		cmocka_unit_test(refused_yaml),
		cmocka_unit_test(fault_limit),
		cmocka_unit_test(out_of_arena),
		cmocka_unit_test(distances),
		cmocka_unit_test(dates),
		cmocka_unit_test(settings_defaults),
		cmocka_unit_test(settings_given),
		cmocka_unit_test(settings_faults),
		cmocka_unit_test(resolver_forms),
		cmocka_unit_test(settings_unreadable),
		cmocka_unit_test(every_setting_has_help),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
