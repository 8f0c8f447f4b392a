/* SPDX-License-Identifier: BSD-2-Clause */
/* Many sources: sets, folders, order, overlap, holes, window, this server's own. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source_tree.h"

#define AT(day, time, said) "2026-11-" day "T" time "Z mx1 postfix/smtpd[12]: " said "\n"

static void test_rotated_set(void **state)
{
	size_t count;
	const struct source_gap *gaps;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("22", "10:00:00", "now") AT("22", "10:00:01", "last"));
	tree_str(&t, "mail.log.1", AT("21", "10:00:00", "one"));
	tree_gzip(&t, "mail.log.2.gz", span_str(AT("20", "10:00:00", "two")), 0);
	tree_gzip(&t, "mail.log.10.gz", span_str(AT("12", "10:00:00", "ten")), 0);
	tree_str(&t, "mail.logger", AT("01", "10:00:00", "another's"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "ten|two|one|now|last");
	gaps = sources_gaps(t.sources, &count);
	assert_int_equal(count, 1);
	assert_string_equal(gaps[0].why, "7 files are missing between mail.log.2.gz and mail.log.10.gz");
	assert_int_equal(gaps[0].from_ms, 1794477600000);
	assert_int_equal(gaps[0].to_ms, 1795168800000);
	tree_again(&t);
	tree_add(&t, "mail.log", false);
	assert_string_equal(tree_read(&t), "now|last");
	tree_end(&t);
}

/* Stamps without years, of more than one year in one file. */
static void test_years_in_one_file(void **state)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const struct log_line *l;
	int64_t last_ms = 0;
	struct tree t;
	struct buf text = buf_make(1 << 20);
	(void)state;
	for (int month = 10; month <= 10 + 25; month++) /* November 2024 to December 2026 */
		for (int line = 0; line < 100; line++)
			buf_printf(&text,
				   "%s 24 10:00:%02d mx postfix/smtpd[1]: a line of some length, as logs have them\n",
				   months[month % 12], line % 60);
	tree_begin(&t);
	tree_write(&t, "mail.log", buf_span(&text));
	tree_time(&t, "mail.log", 1798156800); /* 2026-12-25 */
	tree_add(&t, "mail.log", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->at_ms, INT64_C(1732442400000)); /* 2024-11-24T10:00:00Z */
	while (sources_next(t.sources, &l) == 1)
		last_ms = l->at_ms;
	assert_int_equal(last_ms / 60000, INT64_C(1798106400) / 60); /* 2026-12-24T10:00 */
	tree_end(&t);
	buf_release(&text);
}

static void test_missing_member(void **state)
{
	size_t count;
	const struct source_gap *gaps;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("22", "10:00:00", "now"));
	tree_str(&t, "mail.log.2", AT("20", "10:00:00", "two"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "two|now");
	gaps = sources_gaps(t.sources, &count);
	assert_int_equal(count, 1);
	assert_string_equal(gaps[0].why, "mail.log.1 is missing between mail.log and mail.log.2");
	tree_end(&t);
}

/* newsyslog begins with .0; a base that is not there yet; dates with and without packing, and before ".log" */
static void test_names(void **state)
{
	static const struct {
		const char *ask, *newer, *older;
	} rows[] = {{"maillog", "maillog.0", "maillog.1"},
		    {"mainlog", "mainlog-20261121", "mainlog-20261120"},
		    {"mail.log", "mail.log-20261121", "mail.log-20261120"},
		    {"mail.log", "mail-20261121.log", "mail-2026-11-20.log"},
		    {"mail.log", "mail.1.log", "mail.2.log"},
		    {"postfix.log", "postfix.log.20261121-103000", "postfix.log.20261120-103000"}};
	size_t count;
	struct tree t;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_begin(&t);
		tree_str(&t, rows[i].newer, AT("21", "10:00:00", "newer"));
		tree_str(&t, rows[i].older, AT("20", "10:00:00", "older"));
		tree_add(&t, rows[i].ask, true);
		assert_string_equal(tree_read(&t), "older|newer");
		sources_gaps(t.sources, &count);
		assert_int_equal(count, 0);
		tree_end(&t);
	}
}

/* The stamps settle the order, not the names. */
static void test_names_only_help(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log.1", AT("20", "10:00:00", "first"));
	tree_str(&t, "mail.log.2", AT("21", "10:00:00", "second"));
	tree_str(&t, "a", AT("22", "10:00:00", "third"));
	tree_add(&t, "a", false);
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "first|second|third");
	tree_end(&t);
}

static void test_overlap(void **state)
{
	size_t count;
	const struct source_file *files;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log",
		 AT("20", "10:00:00", "a") AT("20", "10:00:01", "w") AT("20", "10:00:01", "w") AT("20", "10:00:02", "b")
			 AT("20", "10:00:03", "e"));
	tree_str(&t, "mail.warn", AT("20", "10:00:01", "w") AT("20", "10:00:01", "w") AT("20", "10:00:03", "e"));
	tree_str(&t, "mail.err", AT("20", "10:00:03", "e"));
	tree_str(&t, "other",
		 AT("20", "09:00:00", "o") AT("20", "10:00:01", "x") "no stamp\n" AT("20", "11:00:00", "z"));
	tree_add(&t, "mail.log", false);
	tree_add(&t, "mail.warn", false);
	tree_add(&t, "mail.err", false);
	tree_add(&t, "other", false);
	assert_string_equal(tree_read(&t), "o|a|x|no stamp|w|w|b|e|z");
	files = sources_files(t.sources, &count);
	assert_int_equal(count, 4);
	assert_int_equal(files[1].lines, 3);
	tree_end(&t);
}

static void test_same_file_twice(void **state)
{
	struct tree t;
	size_t count;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("20", "10:00:00", "a") AT("20", "10:00:01", "b"));
	tree_gzip(&t, "copy.gz", span_str(AT("20", "10:00:00", "a") AT("20", "10:00:01", "b")), 0);
	tree_add(&t, "mail.log", false);
	tree_add(&t, "mail.log", false);
	tree_add(&t, "copy.gz", false);
	assert_string_equal(tree_read(&t), "a|b");
	sources_files(t.sources, &count);
	assert_int_equal(count, 2);
	tree_end(&t);
}

static void test_window(void **state)
{
	struct buf old = buf_make(TREE_TEXT_MAX);
	const struct source_file *files;
	struct tree t;
	size_t count;
	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_add_str(&old, AT("18", "10:00:00", "old"));
	tree_begin(&t);
	tree_gzip(&t, "mail.log.2.gz", buf_span(&old), 0);
	tree_str(&t, "mail.log.1", AT("20", "10:00:00", "a") AT("20", "12:00:00", "b") "of b\n");
	tree_str(&t, "mail.log", AT("21", "10:00:00", "c") AT("21", "12:00:00", "d"));
	tree_add(&t, "mail.log", true);
	sources_window(t.sources, 1795176000000, 1795255200000); /* 20th 12:00 to 21st 10:00 */
	assert_string_equal(tree_read(&t), "b|of b|c");
	files = sources_files(t.sources, &count);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		if (strstr(files[i].name, ".2.gz"))
			assert_int_equal(files[i].lines, 0); /* not unpacked: the next one had begun by then */
	tree_end(&t);
	buf_release(&old);
}

static const char *first_stamp(struct tree *t, const char *name)
{
	const struct log_line *l;
	tree_again(t);
	tree_add(t, name, false);
	assert_int_equal(sources_next(t->sources, &l), 1);
	buf_clear(&t->text);
	buf_printf(&t->text, "%lld", (long long)l->at_ms / 1000);
	return buf_text(&t->text);
}

/* RFC 3164 has no year: the file's time gives it, a date in the name where that is earlier. */
static void test_years(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", "Nov 20 10:00:00 mx1 postfix/smtpd[12]: a\n");
	assert_string_equal(first_stamp(&t, "mail.log"), "1795168800");
	tree_time(&t, "mail.log", TREE_NOW - 366 * 86400);
	assert_string_equal(first_stamp(&t, "mail.log"), "1763632800");
	tree_str(&t, "mail.log-20241121", "Nov 20 10:00:00 mx1 postfix/smtpd[12]: a\n");
	assert_string_equal(first_stamp(&t, "mail.log-20241121"), "1732096800");
	tree_end(&t);
}

/* Copied in one go, all with today's time: what the names call older is no younger. */
static void test_years_of_a_set(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", "Dec 20 10:00:00 mx1 postfix/smtpd[12]: newest\n");
	tree_str(&t, "mail.log.1", "Dec  2 10:00:00 mx1 postfix/smtpd[12]: newer\n");
	tree_str(&t, "mail.log.2", "Nov 20 10:00:00 mx1 postfix/smtpd[12]: older\n");
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "older|newer|newest");
	tree_end(&t);
}

static void test_folder(void **state)
{
	static const char binary[] = "LPKSHHRH\0\0\0\1\2\3\4\5\6";
	struct tree t;
	size_t count;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "logs/host-a/mail.log", AT("20", "10:00:00", "a"));
	tree_str(&t, "logs/host-b/mail.log", AT("20", "10:00:01", "b"));
	tree_write(&t, "logs/system.journal", span_of(binary, sizeof(binary)));
	tree_str(&t, "logs/empty", "");
	tree_add(&t, "logs", true);
	assert_string_equal(tree_read(&t), "a|b");
	assert_non_null(strstr(sources_files(t.sources, &count)->fault, "too short for a file of the journal"));
	assert_int_equal(count, 3);
	tree_str(&t, "nothing/empty", "");
	tree_again(&t);
	assert_int_equal(sources_add(t.sources, tree_path(&t, "nothing"), true, &t.err), -ENOENT);
	assert_non_null(strstr(t.err.text, "there is no log in this folder"));
	assert_int_equal(sources_add(t.sources, tree_path(&t, "gone"), true, &t.err), -ENOENT);
	assert_int_equal(sources_add(t.sources, tree_path(&t, "gone*"), true, &t.err), -ENOENT);
	tree_add(&t, "logs/host-?/mail.*", false);
	assert_string_equal(tree_read(&t), "a|b");
	tree_end(&t);
}

/* In a folder nobody said that a file is a log: its first octets do. */
static void test_folder_by_content(void **state)
{
	static const char line[] = AT("20", "10:00:00", "a");
	uint8_t text[1000 + sizeof(line)];
	struct tree t;
	size_t count;
	(void)state;
	tree_begin(&t);
	memset(text, 0, sizeof(text));
	memcpy(text + 1000, line, sizeof(line) - 1);
	tree_write(&t, "logs/hole", span_of(text, 1000 + sizeof(line) - 1));
	memset(text, 'x', 1000);
	memset(text, 1, 50);
	tree_write(&t, "logs/controls-1-of-20", span_of(text, 1000));
	text[50] = 1;
	tree_write(&t, "logs/more-controls", span_of(text, 1000));
	memset(text, 'x', 1000);
	memset(text + 100, 0, 51);
	tree_write(&t, "logs/nuls-within", span_of(text, 1000));
	tree_add(&t, "logs", false);
	sources_files(t.sources, &count);
	assert_int_equal(count, 2);
	tree_end(&t);
}

static void test_unreadable(void **state)
{
	const struct source_gap *gaps;
	const struct source_file *files;
	struct tree t;
	size_t count;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("20", "10:00:00", "a"));
	tree_str(&t, "mail.log.1", AT("19", "10:00:00", "secret"));
	if (geteuid() == 0) { /* root may read everything: a name that loops is read by nobody */
		unlink(tree_path(&t, "mail.log.1"));
		mkdir(tree_path(&t, "mail.log.1"), 0700);
		tree_add(&t, "mail.log", true);
		assert_string_equal(tree_read(&t), "a");
		tree_end(&t);
		return;
	}
	chmod(tree_path(&t, "mail.log.1"), 0);
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "a");
	gaps = sources_gaps(t.sources, &count);
	assert_int_equal(count, 1);
	assert_non_null(strstr(gaps[0].why, "mail.log.1: "));
	files = sources_files(t.sources, &count);
	assert_true(count == 2 && (files[0].fault || files[1].fault));
	assert_int_equal(sources_add(t.sources, tree_path(&t, "mail.log.1"), false, &t.err), -EACCES);
	tree_end(&t);
}

static void own(struct tree *t, const char *mta, const char *want)
{
	tree_again(t);
	assert_int_equal(sources_add_own(t->sources, t->path, mta, &t->err), 0);
	assert_string_equal(tree_read(t), want);
}

static void test_own(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	assert_int_equal(sources_add_own(t.sources, t.path, "postfix", &t.err), -ENOENT);
	assert_non_null(strstr(t.err.text, "no mail log was found in"));
	tree_str(&t, "var/log/mail.log", AT("20", "10:00:00", "a"));
	tree_str(&t, "var/log/mail.log.1", AT("19", "10:00:00", "b"));
	own(&t, "Postfix", "b|a");
	own(&t, "none found", "b|a");
	tree_str(&t, "etc/postfix/main.cf", "# maillog_file = /no\nmaillog_file = /srv/postfix.log\n");
	tree_str(&t, "srv/postfix.log", AT("20", "10:00:01", "own"));
	tree_str(&t, "srv/postfix.log.20261119-000000", AT("18", "10:00:01", "own, older"));
	own(&t, "postfix", "own, older|b|a|own");
	tree_str(&t, "var/log/exim4/mainlog.1", AT("19", "10:00:00", "e"));
	own(&t, "Exim", "e");
	tree_str(&t, "etc/exim4/exim4.conf", "log_file_path = : syslog : /srv/exim/%slog-%D\n");
	tree_str(&t, "srv/exim/mainlog-20261120", AT("20", "10:00:00", "dated"));
	tree_str(&t, "srv/exim/rejectlog-20261120", AT("20", "10:00:00", "reject"));
	own(&t, "exim", "e|dated");
	tree_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rotated_set),
		cmocka_unit_test(test_missing_member),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_only_help),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_same_file_twice),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_years),
		cmocka_unit_test(test_years_of_a_set),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_folder_by_content),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_years_in_one_file),
		cmocka_unit_test(test_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
