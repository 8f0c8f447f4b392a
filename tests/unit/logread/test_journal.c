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
	/* without the chain the entries are found where they stand */
	assert_string_equal(read_with(&t, &m, first + AT_NEXT_ARRAY, first), "m0|m1|m2|m3|m4|m5");
	assert_string_equal(gap(&t), "");
	assert_string_equal(read_with(&t, &m, AT_ENTRY_ARRAY, UINT64_MAX - 7), "m0|m1|m2|m3|m4|m5");
	assert_string_equal(gap(&t), "");
	assert_string_equal(read_with(&t, &m, AT_N_ENTRIES, 8), "m0|m1|m2|m3|m4|m5");
	assert_non_null(strstr(gap(&t), "2 of 8 entries cannot be read"));
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

/* "MESSAGE=packed mail mail ...", 615 octets, as zstd -19, xz -1 --check=none and lz4 -9 pack it. */
static const uint8_t zstd_text[] = {0x28, 0xb5, 0x2f, 0xfd, 0x64, 0x67, 0x01, 0xd5, 0x00, 0x00, 0x98, 0x4d, 0x45, 0x53,
				    0x53, 0x41, 0x47, 0x45, 0x3d, 0x70, 0x61, 0x63, 0x6b, 0x65, 0x64, 0x20, 0x6d, 0x61,
				    0x69, 0x6c, 0x01, 0x00, 0xa3, 0xa0, 0x2a, 0x61, 0xb2, 0x3d, 0xa7, 0xd2};
static const uint8_t xz_text[] = {
	0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x00, 0xff, 0x12, 0xd9, 0x41, 0x02, 0x00, 0x21, 0x01, 0x10, 0x00,
	0x00, 0x00, 0xa8, 0x70, 0x8e, 0x86, 0xe0, 0x02, 0x66, 0x00, 0x1e, 0x5d, 0x00, 0x26, 0x91, 0x46, 0xac, 0xd0,
	0x6f, 0x74, 0xb8, 0xa6, 0x27, 0xd7, 0xc8, 0x3f, 0xc3, 0x16, 0xcc, 0x0b, 0x4d, 0x4f, 0x14, 0x9a, 0x26, 0x70,
	0xc0, 0x46, 0x3a, 0xb4, 0x29, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x32, 0xe7, 0x04, 0x00, 0x00, 0x00,
	0xe3, 0xfe, 0x71, 0x9f, 0xa8, 0x00, 0x0a, 0xfc, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x59, 0x5a};
static const uint8_t lz4_text[] = {0x67, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x04, 0x4d, 0x45, 0x53, 0x53,
				   0x41, 0x47, 0x45, 0x3d, 0x70, 0x61, 0x63, 0x6b, 0x65, 0x64, 0x20, 0x6d, 0x61, 0x69,
				   0x6c, 0x05, 0x00, 0xff, 0xff, 0x3e, 0x50, 0x6d, 0x61, 0x69, 0x6c, 0x20};

static const struct {
	uint32_t form;
	unsigned flag;
	struct span text;
} packings[] = {
	{JOURNAL_HAS_ZSTD, PACKED_ZSTD, {zstd_text, sizeof(zstd_text)}},
	{JOURNAL_HAS_XZ, PACKED_XZ, {xz_text, sizeof(xz_text)}},
	{JOURNAL_HAS_LZ4, PACKED_LZ4, {lz4_text, sizeof(lz4_text)}},
};

/* One packed message, and one that has lost an octet of its packing. */
static void test_packed(void **state)
{
	const struct log_line *line;
	struct tree t;
	(void)state;
	tree_begin(&t);
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		struct journal_make m;
		uint64_t data[2];
		journal_make_begin(&m, packings[i].form | JOURNAL_COMPACT);
		data[0] = journal_make_datum(&m, span_str("SYSLOG_IDENTIFIER=dovecot"), 0);
		data[1] = journal_make_datum(&m, packings[i].text, packings[i].flag);
		journal_make_entry(&m, t0, data, 2);
		data[1] = journal_make_datum(&m, span_of(packings[i].text.at, packings[i].text.len - 21),
					     packings[i].flag);
		journal_make_entry(&m, t0 + 1, data, 2);
		journal_make_line(&m, t0 + 2, "plain");
		write_made(&t, "x.journal", &m, JOURNAL_OFFLINE);
		tree_again(&t);
		tree_add(&t, "x.journal", false);
		assert_int_equal(sources_next(t.sources, &line), 1);
		assert_int_equal(line->text.len, 615 - 8);
		assert_true(span_starts(line->text, "packed mail mail"));
		assert_string_equal(tree_read(&t), "plain");
		assert_non_null(strstr(gap(&t), "1 of 3 entries cannot be read: the file is damaged"));
		journal_make_release(&m);
	}
	tree_end(&t);
}

/* journald goes on writing, begins a new file, and the old one has another name. */
static void test_follow(void **state)
{
	struct journal_make m, next;
	struct tree t;
	(void)state;
	tree_begin(&t);
	journal_make_begin(&m, JOURNAL_COMPACT);
	make_lines(&m, "a", 3, 0);
	write_made(&t, "j/system.journal", &m, JOURNAL_ONLINE);
	tree_add(&t, "j", false);
	assert_string_equal(tree_follow(&t), "a0");
	assert_string_equal(tree_follow(&t), "a1");
	assert_string_equal(tree_follow(&t), "a2");
	assert_string_equal(tree_follow(&t), "");
	make_lines(&m, "b", 3, 10);
	write_made(&t, "j/system.journal", &m, JOURNAL_ONLINE);
	assert_true(tree_told(&t, 500));
	assert_string_equal(tree_follow(&t), "b0");
	assert_string_equal(tree_follow(&t), "b1");
	make_lines(&m, "c", 1, 20);
	write_made(&t, "j/system.journal", &m, JOURNAL_ARCHIVED);
	tree_rename(&t, "j/system.journal", "j/system@1.journal");
	journal_make_begin(&next, JOURNAL_COMPACT);
	next.seqnum = m.seqnum;
	make_lines(&next, "d", 1, 30);
	write_made(&t, "j/system.journal", &next, JOURNAL_ONLINE);
	assert_string_equal(tree_follow(&t), "b2");
	assert_string_equal(tree_follow(&t), "c0");
	assert_string_equal(tree_follow(&t), "d0");
	assert_string_equal(tree_follow(&t), "");
	assert_string_equal(gap(&t), "");
	journal_make_release(&m);
	journal_make_release(&next);
	tree_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),  cmocka_unit_test(test_mail_alone), cmocka_unit_test(test_several),
		cmocka_unit_test(test_damage), cmocka_unit_test(test_newer_form), cmocka_unit_test(test_packed),
		cmocka_unit_test(test_follow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
