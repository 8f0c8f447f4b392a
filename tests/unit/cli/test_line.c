/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines, near names, text for a screen, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/command_line.h"
#include "cli/terminal.h"

static const struct option_row check_rows[] = {
	{'r', "resolver", "WHERE", "auto|system|ADDR", "where to ask"},
	{'F', "format", "FORMAT", "text|json", "how to print"},
	{'v', "verbose", NULL, NULL, "print all"},
	{'x', "exclude", "ZONE", NULL, "leave out"},
	{0},
};
static const struct option_row lint_rows[] = {{'q', "quiet", NULL, NULL, "say nothing"}, {0}};

static const struct command check = {.name = "check", .summary = "Ask lists.", .options = check_rows};
static const struct command lists = {.name = "lists", .summary = "Show lists."};
static const struct command lint = {
	.name = "lists lint", .arguments = "FILE...", .summary = "Check files.", .options = lint_rows};
static const struct command *const table[] = {&check, &lists, &lint, NULL};

static struct arena arena = {.max = 1 << 20};
static struct error err;

static int parse(struct command_line *line, const char *words)
{
	char *argv[16], *text = arena_copy(&arena, span_str(words));
	int argc = 0;
	argv[argc++] = (char[]){"offlist"};
	for (char *p = text; *p && argc < 16;) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	err.text[0] = '\0';
	return command_line_parse(table, argc, argv, &arena, line, &err);
}

static void refuses(const char *words, const char *message)
{
	struct command_line line;
	assert_int_equal(parse(&line, words), -22);
	assert_string_equal(err.text, message);
}

static void options_stand_on_either_side(void **state)
{
	struct command_line line;
	assert_int_equal(parse(&line, "--json --state /s check -v 192.0.2.1 --config=/c -- -x"), 0);
	assert_ptr_equal(line.command, &check);
	assert_true(options_has(line.options, "json"));
	assert_true(options_has(line.options, "verbose"));
	assert_string_equal(options_value(line.options, "state"), "/s");
	assert_string_equal(options_value(line.options, "config"), "/c");
	assert_int_equal(line.argc, 2);
	assert_string_equal(line.argv[0], "192.0.2.1");
	assert_string_equal(line.argv[1], "-x");
}

static void letters_may_be_joined(void **state)
{
	struct command_line line;
	assert_int_equal(parse(&line, "check -jvrsystem -x a --exclude b -x=c -"), 0);
	assert_true(options_has(line.options, "json"));
	assert_string_equal(options_value(line.options, "resolver"), "system");
	assert_int_equal(options_count(line.options, "exclude"), 3);
	assert_string_equal(options_nth(line.options, "exclude", 0), "a");
	assert_string_equal(options_value(line.options, "exclude"), "=c");
	assert_null(options_nth(line.options, "exclude", 3));
	assert_int_equal(line.argc, 1);
	assert_string_equal(line.argv[0], "-");
}

static void a_second_word_makes_another_command(void **state)
{
	struct command_line line;
	assert_int_equal(parse(&line, "lists --json lint -q a.yaml"), 0);
	assert_ptr_equal(line.command, &lint);
	assert_true(options_has(line.options, "json"));
	assert_int_equal(line.argc, 1);
	assert_int_equal(parse(&line, "lists zen.example"), 0);
	assert_ptr_equal(line.command, &lists);
	assert_int_equal(line.argc, 1);
	assert_int_equal(parse(&line, "lists -- lint"), 0);
	assert_ptr_equal(line.command, &lists);
	assert_int_equal(parse(&line, "--version"), 0);
	assert_null(line.command);
}

static void faults_are_one_clear_line(void **state)
{
	refuses("chekc", "unknown command chekc; did you mean check?");
	refuses("frobnicate", "unknown command frobnicate; offlist help lists them");
	refuses("check --resolvre x", "unknown option --resolvre; did you mean --resolver?");
	refuses("check --verbose=1", "--verbose takes no value");
	refuses("check --exclude", "--exclude needs a value: ZONE");
	refuses("check -x", "-x needs a value: ZONE");
	refuses("check -vZ", "unknown option -Z");
	refuses("check --format xml", "--format: xml is none of text|json");
	refuses("--verbose check", "unknown option --verbose");
	refuses("lists lint --exclude x", "unknown option --exclude");
	refuses("check --a\033[2J", "unknown option --a?[2J");
}

static void words_in_capitals_take_anything(void **state)
{
	struct command_line line;
	assert_int_equal(parse(&line, "check --resolver 192.0.2.53"), 0);
	assert_string_equal(options_value(line.options, "resolver"), "192.0.2.53");
}

static void near_names_are_found(void **state)
{
	struct nearest n = nearest_to("zen.spamhaus.ogr");
	nearest_try(&n, "bl.spamcop.net");
	assert_null(n.name);
	nearest_try(&n, "zen.spamhaus.org");
	assert_string_equal(n.name, "zen.spamhaus.org");
	n = nearest_to("zen");
	nearest_try(&n, "zen.spamhaus.org");
	assert_string_equal(n.name, "zen.spamhaus.org");
	n = nearest_to("");
	nearest_try(&n, "a");
	assert_null(n.name);
}

static void shows(const char *text, const char *wanted)
{
	struct buf b = buf_make(1000);
	terminal_add_str(&b, text);
	assert_string_equal(buf_text(&b), wanted);
	buf_release(&b);
}

static void outside_text_never_acts_on_the_terminal(void **state)
{
	shows("a\033]0;x\007b\r\n\t", "a\\x1b]0;x\\x07b\\x0d\\x0a\\x09");
	shows("z\xc3\xbcrich \xf0\x9f\x90\xaa", "z\xc3\xbcrich \xf0\x9f\x90\xaa");
	shows("\xc2\x9b"
	      "2J",
	      "\\x9b2J"); /* C1 CSI in UTF-8 */
	shows("\x9b"
	      "2J\xff",
	      "\xef\xbf\xbd"
	      "2J\xef\xbf\xbd");
	shows("\xe2\x80\xae"
	      "txt",
	      "\\u202etxt"); /* right-to-left override */
	shows("\xc0\x80\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	shows("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
	/* the last of each length, and what is one too long, too short or too large (RFC 3629 section 4) */
	shows("~\xdf\xbf\xef\xbf\xbd\xf4\x8f\xbf\xbd", "~\xdf\xbf\xef\xbf\xbd\xf4\x8f\xbf\xbd");
	shows("\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	shows("\xf0\x8f\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	shows("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	shows("\xf8", "\xef\xbf\xbd");
}

static void text_is_filled(void **state)
{
	struct buf b = buf_make(1000);
	terminal_fill(&b, "one two  three four five six seven", 2, 22);
	assert_string_equal(buf_text(&b), "  one two three four\n  five six seven\n");
	buf_clear(&b);
	terminal_fill(&b, "", 2, 22);
	assert_string_equal(buf_text(&b), "\n");
	buf_release(&b);
	assert_int_equal(terminal_columns(span_str("z\xc3\xbcrich")), 6);
	assert_int_equal(terminal_columns(span_str("\xe6\x97\xa5\xe6\x9c\xac")), 4);
	assert_int_equal(terminal_columns(span_str("\xf0\x9f\x90\xaa")), 2); /* a camel, U+1F42A */
	assert_int_equal(terminal_columns(span_str("e\xcc\x81")), 1);        /* a mark on its letter */
	assert_int_equal(terminal_columns(span_str("\xf0\x9f\xac\x80")), 1); /* U+1FB00, behind the pictures */
}

static void help_and_completion_come_from_the_tables(void **state)
{
	struct buf b = buf_make(1 << 16);
	help_command(&b, table, &lists, 80);
	assert_non_null(strstr(buf_text(&b), "  lists lint                  Check files.\n"));
	buf_clear(&b);
	help_command(&b, table, &check, 80);
	assert_non_null(strstr(buf_text(&b), "  -F, --format text|json      how to print\n"));
	buf_clear(&b);
	assert_int_equal(completion_write(&b, table, "csh"), -22);
	for (const char *const *shell = (const char *const[]){"bash", "zsh", "fish", NULL}; *shell; shell++) {
		buf_clear(&b);
		assert_int_equal(completion_write(&b, table, *shell), 0);
		assert_int_equal(b.error, 0);
		assert_non_null(strstr(buf_text(&b), "exclude"));
		assert_non_null(strstr(buf_text(&b), "lint"));
	}
	buf_release(&b);
}

static int release(void **state)
{
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_on_either_side),
		cmocka_unit_test(letters_may_be_joined),
		cmocka_unit_test(a_second_word_makes_another_command),
		cmocka_unit_test(faults_are_one_clear_line),
		cmocka_unit_test(words_in_capitals_take_anything),
		cmocka_unit_test(near_names_are_found),
		cmocka_unit_test(outside_text_never_acts_on_the_terminal),
		cmocka_unit_test(text_is_filled),
		cmocka_unit_test(help_and_completion_come_from_the_tables),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
