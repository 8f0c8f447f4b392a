/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the journal: their forms, several as one, what is damaged, and one that is written to. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "journal_make.h"
#include "logread/journal_format.h"
#include "source_tree.h"

static const uint64_t t0 = UINT64_C(1795990000) * 1000000;

static void write_made(struct tree *t, const char *name, struct journal_make *m, unsigned state)
{
	tree_write(t, name, journal_make_end(m, state));
}

/* Messages "PREFIX0", "PREFIX1"..., one a second. */
static void make_lines(struct journal_make *m, const char *prefix, int count, int from_s)
{
	char text[64];
	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s%d", prefix, i);
		journal_make_line(m, t0 + (uint64_t)(from_s + i) * 1000000, text);
	}
}

static const char *gap(struct tree *t)
{
	size_t count;
	const struct source_gap *gaps = sources_gaps(t->sources, &count);
	return count ? gaps[0].why : "";
}

static void test_forms(void **state)
{
	static const uint32_t forms[] = {0, JOURNAL_COMPACT, JOURNAL_KEYED_HASH | JOURNAL_HAS_ZSTD | JOURNAL_COMPACT};
	const struct log_line *line;
	struct tree t;
	(void)state;
	tree_begin(&t);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct journal_make m;
		journal_make_begin(&m, forms[i]);
		make_lines(&m, "m", 9, 0);
		write_made(&t, "system.journal", &m, JOURNAL_OFFLINE);
		tree_again(&t);
		tree_add(&t, "system.journal", false);
		assert_int_equal(sources_next(t.sources, &line), 1);
		assert_true(span_equal(line->text, span_str("m0")));
		assert_true(span_equal(line->program, span_str("postfix/smtpd")));
		assert_true(span_equal(line->host, span_str("mx1")));
		assert_int_equal(line->pid, 4711);
		assert_int_equal(line->at_ms, t0 / 1000);
		assert_string_equal(tree_read(&t), "m1|m2|m3|m4|m5|m6|m7|m8");
		assert_string_equal(gap(&t), "");
		journal_make_release(&m);
	}
	tree_end(&t);
}

/* Of all that a machine logs, mail programs' entries are taken. */
static void test_mail_alone(void **state)
{
	struct journal_make m;
	struct tree t;
	uint64_t data[3];
	(void)state;
	tree_begin(&t);
	journal_make_begin(&m, 0);
	journal_make_line(&m, t0, "mail");
	data[0] = journal_make_datum(&m, span_str("SYSLOG_IDENTIFIER=cron"), 0);
	data[1] = journal_make_datum(&m, span_str("SYSLOG_FACILITY=9"), 0);
	data[2] = journal_make_datum(&m, span_str("MESSAGE=no mail"), 0);
	journal_make_entry(&m, t0 + 1, data, 3);
	data[0] = journal_make_datum(&m, span_str("SYSLOG_IDENTIFIER=exim4"), 0);
	data[2] = journal_make_datum(&m, span_str("MESSAGE=by name"), 0);
	journal_make_entry(&m, t0 + 2, data, 3);
	write_made(&t, "a.journal", &m, JOURNAL_ARCHIVED);
	tree_add(&t, "a.journal", false);
	assert_string_equal(tree_read(&t), "mail|by name");
	journal_make_release(&m);
	tree_end(&t);
}

/* Several files are one journal: by number within one journald, by the clock between two; what two files have comes once. */
static void test_several(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	struct journal_make m, user;
	char name[64];
	struct tree t;
	(void)state;
	tree_begin(&t);
	snprintf(name, sizeof(name), "journal/%s/system@1.journal", id);
	journal_make_begin(&m, JOURNAL_COMPACT);
	make_lines(&m, "old", 2, 0);
	write_made(&t, name, &m, JOURNAL_ARCHIVED);
	snprintf(name, sizeof(name), "journal/%s/copy.journal~", id);
	write_made(&t, name, &m, JOURNAL_ONLINE);
	journal_make_release(&m);
	journal_make_begin(&m, JOURNAL_COMPACT);
	m.seqnum = 2;
	make_lines(&m, "new", 3, -100); /* the clock was set back */
	snprintf(name, sizeof(name), "journal/%s/system.journal", id);
	write_made(&t, name, &m, JOURNAL_ONLINE);
	journal_make_begin(&user, 0);
	user.seqnum_id = user.boot = 7;
	make_lines(&user, "user", 1, -99);
	make_lines(&user, "late", 1, 50);
	snprintf(name, sizeof(name), "journal/%s/user-1000.journal", id);
	write_made(&t, name, &user, JOURNAL_OFFLINE);
	tree_add(&t, "journal", false);
	assert_string_equal(tree_read(&t), "user0|old0|old1|new0|new1|new2|late0");
	assert_string_equal(gap(&t), "");
	journal_make_release(&m);
	journal_make_release(&user);
	tree_end(&t);
}

/* Read after this octet of the file has this value. @return the lines; gap() has what was lost */
static const char *read_with(struct tree *t, struct journal_make *m, uint64_t at, uint64_t value)
{
	char kept[8];
	memcpy(kept, m->file.at + at, sizeof(kept));
	memcpy(m->file.at + at, &value, sizeof(value));
	tree_write(t, "x.journal", buf_span(&m->file));
	memcpy(m->file.at + at, kept, sizeof(kept));
	tree_again(t);
	tree_add(t, "x.journal", false);
	return tree_read(t);
}

static void test_damage(void **state)
{
	struct journal_make m;
	struct span file;
	struct tree t;
	uint64_t first;
	(void)state;
	tree_begin(&t);
	journal_make_begin(&m, 0);
	make_lines(&m, "m", 6, 0);
	file = journal_make_end(&m, JOURNAL_OFFLINE);
	first = journal_u64(file.at + AT_ENTRY_ARRAY);
	assert_string_equal(read_with(&t, &m, first + ARRAY_HEAD + 8, 8), "m0|m2|m3|m4|m5");
	assert_non_null(strstr(gap(&t), "x.journal: 1 of 6 entries cannot be read: the file is damaged"));
	assert_int_equal(sources_gaps(t.sources, &(size_t){0})->from_ms, t0 / 1000);
	assert_int_equal(sources_gaps(t.sources, &(size_t){0})->to_ms, t0 / 1000 + 2000);
	assert_string_equal(read_with(&t, &m, first + AT_NEXT_ARRAY, first), "m0|m1|m2|m3");
	assert_non_null(strstr(gap(&t), "2 of 6 entries cannot be read"));
	assert_string_equal(read_with(&t, &m, AT_ENTRY_ARRAY, UINT64_MAX - 7), "");
	assert_non_null(strstr(gap(&t), "6 of 6 entries cannot be read"));
	assert_string_equal(read_with(&t, &m, AT_N_ENTRIES, UINT64_MAX), "m0|m1|m2|m3|m4|m5");
	assert_non_null(strstr(gap(&t), "its header is damaged"));
	assert_string_equal(read_with(&t, &m, m.data[0] + AT_SIZE, UINT64_MAX), "");
	assert_non_null(strstr(gap(&t), "6 of 6 entries cannot be read"));
	assert_string_equal(read_with(&t, &m, m.data[5], 0), "m1|m2|m3|m4|m5"); /* the text of one */
	tree_write(&t, "x.journal", span_of(file.at, file.len - 100));
	tree_again(&t);
	tree_add(&t, "x.journal", false);
	assert_string_equal(tree_read(&t), "m0|m1|m2|m3|m4");
	assert_non_null(strstr(gap(&t), "1 of 6 entries cannot be read: the file ends in the middle"));
	journal_make_release(&m);
	tree_end(&t);
}

static void test_newer_form(void **state)
{
	struct journal_make m;
	struct tree t;
	size_t count;
	(void)state;
	tree_begin(&t);
	journal_make_begin(&m, 1 << 9);
	make_lines(&m, "m", 1, 0);
	write_made(&t, "x.journal", &m, JOURNAL_OFFLINE);
	tree_add(&t, "x.journal", false);
	assert_string_equal(tree_read(&t), "");
	assert_non_null(strstr(sources_files(t.sources, &count)->fault, "newer form of the journal (0x200)"));
	journal_make_release(&m);
	tree_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),  cmocka_unit_test(test_mail_alone), cmocka_unit_test(test_several),
		cmocka_unit_test(test_damage), cmocka_unit_test(test_newer_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
