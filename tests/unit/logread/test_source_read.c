/* SPDX-License-Identifier: BSD-2-Clause */
/* One source: packings, line ends, and what containers and the journal put around lines. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "packed.h"
#include "source_tree.h"

#define HEAD "2026-11-20T10:00:00Z mx1 postfix/smtpd[12]: "

static const struct source_file *only(struct tree *t)
{
	size_t count;
	const struct source_file *f = sources_files(t->sources, &count);
	assert_int_equal(count, 1);
	return f;
}

static void test_packed(void **state)
{
	static const struct {
		const char *name;
		struct span octets;
	} rows[] = {{"mail.log.1.xz", {packed_xz, sizeof(packed_xz)}},
		    {"mail.log.1.bz2", {packed_bzip2, sizeof(packed_bzip2)}},
		    {"mail.log.1.zst", {packed_zstd, sizeof(packed_zstd)}},
		    {"a-name-that-tells-nothing", {packed_lz4, sizeof(packed_lz4)}}};
	struct tree t;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_begin(&t);
		tree_write(&t, rows[i].name, rows[i].octets);
		tree_add(&t, rows[i].name, false);
		assert_string_equal(tree_read(&t), "packed one|packed two");
		assert_int_equal(only(&t)->octets, 110);
		assert_int_equal(only(&t)->stored_octets, rows[i].octets.len);
		assert_false(only(&t)->cut);
		assert_null(only(&t)->fault);
		tree_end(&t);
	}
}

static void big_text(struct buf *out)
{
	for (int i = 0; i < 60000; i++)
		buf_printf(out, HEAD "line %d of many\n", i);
}

/* Several blocks, through the thread and its ring: the lines are those of the plain file. */
static void test_gzip_is_as_plain(void **state)
{
	struct buf text = buf_make(TREE_TEXT_MAX), plain = buf_make(TREE_TEXT_MAX);
	struct tree t;
	(void)state;
	big_text(&text);
	tree_begin(&t);
	tree_write(&t, "plain", buf_span(&text));
	tree_gzip(&t, "packed", buf_span(&text), 0);
	tree_add(&t, "plain", false);
	buf_add_str(&plain, tree_read(&t));
	tree_again(&t);
	tree_add(&t, "packed", false);
	assert_string_equal(tree_read(&t), buf_text(&plain));
	assert_int_equal(only(&t)->lines, 60000);
	assert_int_equal(only(&t)->octets, text.len);
	tree_end(&t);
	buf_release(&text);
	buf_release(&plain);
}

static void test_gzip_cut(void **state)
{
	struct buf text = buf_make(TREE_TEXT_MAX);
	const struct source_gap *gaps;
	size_t count;
	struct tree t;
	(void)state;
	big_text(&text);
	tree_begin(&t);
	tree_gzip(&t, "mail.log.1.gz", buf_span(&text), 60000);
	tree_add(&t, "mail.log.1.gz", false);
	assert_memory_equal(tree_read(&t), "line 0 of many|line 1 of many|", 30);
	assert_true(only(&t)->cut);
	assert_true(only(&t)->lines > 1000 && only(&t)->lines < 60000);
	gaps = sources_gaps(t.sources, &count);
	assert_int_equal(count, 1);
	assert_non_null(strstr(gaps[0].why, "mail.log.1.gz: the file ends in the middle"));
	assert_true(gaps[0].from_ms != STAMP_NONE);
	tree_end(&t);
	buf_release(&text);
}

static void test_gzip_members_and_damage(void **state)
{
	static const uint8_t bad[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_gzip(&t, "one", span_str(HEAD "one\n"), 0);
	tree_gzip(&t, "two", span_str(HEAD "two\n"), 0);
	tree_str(&t, "all.gz", "");
	for (int i = 0; i < 2; i++) {
		char octets[256];
		FILE *from = fopen(tree_path(&t, i ? "two" : "one"), "r"), *to;
		size_t n = fread(octets, 1, sizeof(octets), from);
		fclose(from);
		to = fopen(tree_path(&t, "all.gz"), "a");
		fwrite(octets, 1, n, to);
		fclose(to);
	}
	tree_add(&t, "all.gz", false);
	assert_string_equal(tree_read(&t), "one|two");
	tree_again(&t);
	tree_write(&t, "bad.gz", span_of(bad, sizeof(bad)));
	tree_add(&t, "bad.gz", false);
	assert_string_equal(tree_read(&t), "");
	assert_non_null(only(&t)->fault);
	tree_end(&t);
}

static void test_line_ends(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf" HEAD "mark\r\n\r\n\n\0\0\0\0\0\0\0\0\0\0\0\0" HEAD "after a hole\n" HEAD
		"before one\0\0\0\0\0\0\0\0\0\0\0\0" HEAD "behind one\n" HEAD "a\0b\n" HEAD "open";
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_write(&t, "mail.log", span_of(text, sizeof(text) - 1));
	tree_add(&t, "mail.log", false);
	tree_read(&t);
	assert_int_equal(t.text.len, 48);
	assert_memory_equal(t.text.at, "mark|after a hole|before one|behind one|a\0b|open", 48);
	tree_end(&t);
}

static void test_long_line(void **state)
{
	struct buf text = buf_make(TREE_TEXT_MAX);
	const struct log_line *l;
	struct tree t;
	(void)state;
	buf_add_str(&text, HEAD);
	while (text.len < 3 * LOG_LINE_MAX)
		buf_add_str(&text, "abcdefghijklmnopqrstuvwxyz");
	buf_add_str(&text, "\n" HEAD "next\n");
	tree_begin(&t);
	tree_write(&t, "mail.log", buf_span(&text));
	tree_add(&t, "mail.log", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->raw.len, LOG_LINE_MAX);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->number, 2);
	assert_int_equal(l->raw.len, strlen(HEAD "next"));
	assert_int_equal(sources_next(t.sources, &l), 0);
	tree_end(&t);
	buf_release(&text);
}

/* A pipe that gives octets without a line end for ever, and a file with a hole as large as a log once was. */
static void test_no_line_end(void **state)
{
	const struct log_line *l;
	struct error err = {{0}};
	struct tree t;
	int hole;
	(void)state;
	tree_begin(&t);
	assert_int_equal(sources_add(t.sources, "/dev/zero", false, &err), 0);
	assert_string_equal(tree_read(&t), "");
	assert_string_equal(only(&t)->fault, "line 1 has no end within 64 MB; this is no log");

	tree_again(&t);
	tree_write(&t, "mail.log", span_str(HEAD "before\n"));
	hole = open(tree_path(&t, "mail.log"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(lseek(hole, 2 * (off_t)LOG_LINE_END_MAX, SEEK_SET), 2 * (off_t)LOG_LINE_END_MAX);
	assert_int_equal(write(hole, HEAD "behind\n", strlen(HEAD "behind\n")), strlen(HEAD "behind\n"));
	close(hole);
	tree_add(&t, "mail.log", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->raw.len, strlen(HEAD "behind"));
	assert_int_equal(sources_next(t.sources, &l), 0);
	assert_null(only(&t)->fault);
	tree_end(&t);
}

struct form {
	const char *text, *said;
	int64_t at_ms;
};

static void test_containers(void **state)
{
	static const struct form rows[] = {
		{"mail-1  | 2026-11-23T22:52:49.512347648Z Nov 23 23:52:49 c postfix/smtpd[1]: compose\n", "compose",
		 1795474369512},
		{"\x1b[36mmail-1  |\x1b[0m 2026-11-23T22:52:49Z c postfix/smtpd[1]: colours\n", "colours",
		 1795474369000},
		{"2026-11-23T22:53:49.5Z Nov 23 23:53:49 c postfix/smtpd[1]: logs -t\n", "logs -t", 1795474429500},
		{"2026-11-23T22:55:49.5Z stdout F Nov 23 23:55:49 c postfix/smtpd[1]: cri\n", "cri", 1795474549500},
		{"2026-11-23T22:55:49.5Z stderr P Nov 23 23:55:49 c postfix/smtpd[1]: in \n"
		 "2026-11-23T22:55:50.5Z stderr F two\n",
		 "in two", 1795474549500},
		{"{\"log\":\"Nov 23 23:54:49 c postfix/smtpd[1]: a \\\"json\\\" \\u00e9\\n\",\"stream\":\"stdout\","
		 "\"time\":\"2026-11-23T22:54:49.1Z\"}\n",
		 "a \"json\" \xc3\xa9", 1795474489100},
		{"{\"log\":\"Nov 23 23:54:49 c postfix/smtpd[1]: cut \",\"stream\":\"stdout\",\"time\":"
		 "\"2026-11-23T22:54:49.1Z\"}\n{\"log\":\"off\\n\",\"stream\":\"stdout\",\"time\":"
		 "\"2026-11-23T22:54:50.1Z\"}\n",
		 "cut off", 1795474489100},
		/* grep -H, -n; kubectl --prefix; cat -n */
		{"/var/log/mail.log:2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: grep -H\n", "grep -H",
		 1795474489250},
		{"mail-1.log.2.gz-12-2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: grep -Hn\n", "grep -Hn",
		 1795474489250},
		{"12:2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: grep -n\n", "grep -n", 1795474489250},
		{"[pod/mail-0/postfix] 2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: pod\n", "pod", 1795474489250},
		{"     7\t2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: cat -n\n", "cat -n", 1795474489250},
		/* stern; colours; tables of Grafana, Splunk, Kibana; Splunk's JSON */
		{"mail-0 2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: stern\n", "stern", 1795474489250},
		{"mail-7d9f5c mail 2026-11-23T22:54:49.250Z Nov 23 23:54:49 c postfix/smtpd[1]: stern 2\n", "stern 2",
		 1795474489250},
		{"\x1b[32m2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: green\x1b[0m\n", "green", 1795474489250},
		{"2026-11-23 22:54:50.000,2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: insights\n", "insights",
		 1795474489250},
		{"2026-11-23T22:54:50.000Z,2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: a, b\n", "a",
		 1795474489250},
		{"2026-11-23T22:54:50.000Z,\"2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: a, \"\"b\"\"\",x\n",
		 "a, \"b\"", 1795474489250},
		{"\"2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: raw\",2026-11-23T22:54:49.000+0000,mx\n", "raw",
		 1795474489250},
		{"\"Nov 23, 2026 @ 22:54:49.000\",mx,\"2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: kibana\"\n",
		 "kibana", 1795474489250},
		{"1795474489250000000\t2026-11-23T22:54:49Z\t2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: txt\n",
		 "txt", 1795474489250},
		{"{\"preview\":false,\"result\":{\"_raw\":\"2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: spl\","
		 "\"_time\":\"2026-11-23 22:54:50.000 UTC\",\"host\":\"mx\"}}\n",
		 "spl", 1795474489250},
		/* what a stranger writes makes no other line of it */
		{"2026-11-23T22:54:49.250+00:00 c postfix/smtp[1]: 250 ok,2026-11-23T22:54:49Z c postfix/smtpd[1]: "
		 "no\n",
		 "250 ok,2026-11-23T22:54:49Z c postfix/smtpd[1]: no", 1795474489250},
		{"2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: stdout F is no CRI here\n",
		 "stdout F is no CRI here", 1795474489250},
	};
	const struct log_line *l;
	struct tree t;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_begin(&t);
		tree_str(&t, "c.log", rows[i].text);
		tree_add(&t, "c.log", false);
		assert_int_equal(sources_next(t.sources, &l), 1);
		assert_int_equal(l->at_ms, rows[i].at_ms);
		tree_again(&t);
		tree_add(&t, "c.log", false);
		assert_string_equal(tree_read(&t), rows[i].said);
		tree_end(&t);
	}
}

/* As PowerShell's ">" and Windows' editors save a log: both orders, with a mark and without. */
static void two_octets_a_letter(void **state)
{
	static const char line[] = "2026-11-23T22:54:49.250+00:00 c postfix/smtpd[1]: wide\r\n";
	const struct log_line *l;
	uint8_t text[2 * sizeof(line) + 2];
	(void)state;
	for (int form = 0; form < 3; form++) { /* little end first, big end first, without a mark */
		struct tree t;
		size_t len = 0;
		if (form < 2) {
			text[len++] = form ? 0xfe : 0xff;
			text[len++] = form ? 0xff : 0xfe;
		}
		for (size_t i = 0; i < sizeof(line) - 1; i++) {
			text[len++] = form == 1 ? 0 : (uint8_t)line[i];
			text[len++] = form == 1 ? (uint8_t)line[i] : 0;
		}
		tree_begin(&t);
		tree_write(&t, "w.log", span_of(text, len));
		tree_add(&t, "w.log", false);
		assert_int_equal(sources_next(t.sources, &l), 1);
		assert_true(l->at_ms == 1795474489250);
		tree_again(&t);
		tree_add(&t, "w.log", false);
		assert_string_equal(tree_read(&t), "wide");
		tree_end(&t);
	}
}

/* A mail server's own record, by itself and in docker's: fields. */
static void objects(void **state)
{
	static const struct form rows[] = {
		/* docker's syslog driver: the container's own line */
		{"2026-11-23T22:54:49.250+00:00 d 3f2a9c1b7d10[7]: 2026-11-23T22:54:49Z c postfix/smtpd[1]: syslog\n",
		 "syslog", 1795474489250},
		{"{\"type\":\"Bounce\",\"recipient\":[\"a@x\",\"b@x\"],\"n\":null,\"yes\":true,\"list\":[],"
		 "\"response\":{\"code\":"
		 "550,\"enhanced_code\":{\"class\":5,\"subject\":7,\"detail\":1},\"content\":\"a "
		 "\\\"b\\\"\\n\\u001fc=\"},"
		 "\"timestamp\":1795474489,\"event_time\":\"2026-11-23T22:54:49.250Z\",\"headers\":{\"X=y.\\u00e9\":"
		 "\"\"}}\n",
		 "\037type=Bounce\037recipient=a@x\036b@x\037yes=true\037response.code=550"
		 "\037response.enhanced_code.class=5\037response.enhanced_code.subject=7"
		 "\037response.enhanced_code.detail=1\037response.content=a \"b\"  c=\037response=550 5.7.1 a \"b\"  c="
		 "\037timestamp=1795474489\037event_time=2026-11-23T22:54:49.250Z\037headers.X?y??u00e9=",
		 1795474489250},
		{"{\"log\":\"{\\\"type\\\":\\\"a\\\",\\\"timestamp\\\":1}\\n\",\"stream\":\"stdout\",\"time\":"
		 "\"2026-11-23T22:54:49.1Z\"}\n",
		 "\037type=a\037timestamp=1", 1795474489100},
		{"{\"log\":\"{\\\"type\\\":\\\"a\\\",\\\"timestamp\\\":1795474489}\\n\",\"stream\":\"stdout\"}\n",
		 "\037type=a\037timestamp=1795474489", 1795474489000},
	};
	const struct log_line *l;
	struct tree t;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_begin(&t);
		tree_str(&t, "c.log", rows[i].text);
		tree_add(&t, "c.log", false);
		assert_int_equal(sources_next(t.sources, &l), 1);
		assert_int_equal(l->at_ms, rows[i].at_ms);
		assert_true(span_equal(l->text, span_str(rows[i].said)));
		tree_end(&t);
	}
}

/* A line of which the text has only the beginning: it has the number of its last piece. */
static void piece_at_the_end(void **state)
{
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "c.log",
		 "2026-11-23T22:55:49.5Z stdout F Nov 23 23:55:49 c postfix/smtpd[1]: whole\n"
		 "2026-11-23T22:55:50.5Z stdout P Nov 23 23:55:50 c postfix/smtpd[1]: cut");
	tree_add(&t, "c.log", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->number, 1);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_int_equal(l->number, 2);
	assert_int_equal(sources_next(t.sources, &l), 0);
	tree_end(&t);
}

static bool is(struct span s, const char *text)
{
	return span_equal(s, span_str(text));
}

static void test_journal_json(void **state)
{
	static const char text[] =
		"{ \"__CURSOR\" : \"s=1\", \"__REALTIME_TIMESTAMP\" : \"1795474809123456\", \"_HOSTNAME\" : \"h\", "
		"\"X\" : "
		"{\"MESSAGE\":\"}\"}, \"SYSLOG_IDENTIFIER\" : \"postfix/smtp\", \"_PID\" : \"77\", \"MESSAGE\" : "
		"\"a \\\\ b\" }\n"
		"{\"__REALTIME_TIMESTAMP\":\"1795474810000000\",\"_COMM\":\"exim4\",\"MESSAGE\":[104,255,105,0,10]}\n"
		"{\"__REALTIME_TIMESTAMP\":\"1795474810000000\",\"_COMM\":\"exim4\",\"MESSAGE\":null}\n"
		"{\"no\":\"text\n";
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "j", text);
	tree_add(&t, "j", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->host, "h") && is(l->program, "postfix/smtp") && is(l->text, "a \\ b"));
	assert_int_equal(l->pid, 77);
	assert_int_equal(l->at_ms, 1795474809123);
	assert_true(is(l->raw, "2026-11-23T23:00:09.123Z h postfix/smtp[77]: a \\ b"));
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->program, "exim4") && span_equal(l->text, span_of("h\xffi", 4)));
	assert_int_equal(l->number, 2);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->raw, "{\"no\":\"text"));
	assert_int_equal(l->at_ms, STAMP_NONE);
	assert_int_equal(sources_next(t.sources, &l), 0);
	tree_end(&t);
}

/* What rsyslog's and syslog-ng's templates, Beats, fluentd and GELF call the same things. */
static void test_shippers(void **state)
{
	static const char *const rows[] = {
		"{\"@timestamp\":\"2026-11-23T23:00:09Z\",\"tag\":\"postfix/smtp[77]:\",\"hostname\":\"h\","
		"\"program\":\"postfix\",\"message\":\" a\"}",
		"{\"timereported\":\"2026-11-23T23:00:09+00:00\",\"syslogtag\":\"postfix/smtp[77]:\",\"host\":\"h\","
		"\"programname\":\"postfix\",\"msg\":\" a\"}",
		"{\"syslogtag\":\"postfix/smtp[77]: \",\"host\":\"h\",\"msg\":\"a\",\"time\":1795474809}",
		"{\"PROGRAM\":\"postfix/smtp\",\"PID\":\"77\",\"HOST\":\"h\",\"MESSAGE\":\"a\",\"DATE\":\"Nov 23 "
		"23:00:09\"}",
		"{\"ISODATE\":\"2026-11-23T23:00:09+00:00\",\"PROGRAM\":\"postfix/"
		"smtp\",\"PID\":77,\"HOST\":\"h\",\"MSG\":\"a\"}",
		"{\"@timestamp\":\"2026-11-23T23:00:09.000Z\",\"host\":{\"hostname\":\"h\",\"ip\":[\"192.0.2.1\"]},"
		"\"process\":{\"pid\":77,\"name\":\"postfix/smtp\"},\"message\":\"a\"}",
		"{\"time\":1795474809.000,\"ident\":\"postfix/smtp\",\"pid\":\"77\",\"host\":\"h\",\"message\":\"a\"}",
		"{\"timestamp\":1795474809000,\"host\":\"h\",\"short_message\":\"a\",\"application_name\":\"postfix/"
		"smtp\","
		"\"procid\":\"77\"}",
		"{\"_source\":{\"@timestamp\":\"2026-11-23T23:00:09Z\",\"app-name\":\"postfix/smtp\",\"procid\":77,"
		"\"hostname\":\"h\",\"message\":\"a\"}}",
		/* a tag that is no program's: the text has the head */
		"{\"tag\":\"mail.docker\",\"time\":1795474809,\"log\":\"Nov 23 23:00:09 h postfix/smtp[77]: a\"}",
	};
	const struct log_line *l;
	struct tree t;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_begin(&t);
		tree_str(&t, "j", rows[i]);
		tree_add(&t, "j", false);
		assert_int_equal(sources_next(t.sources, &l), 1);
		if (!is(l->host, "h") || !is(l->program, "postfix/smtp") || !is(l->text, "a") || l->pid != 77 ||
		    l->at_ms != INT64_C(1795474809000))
			fail_msg("%s\n%.*s", rows[i], (int)l->raw.len, (const char *)l->raw.at);
		tree_end(&t);
	}
}

static void test_journal_export(void **state)
{
	static const char text[] = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795474810123456\n_HOSTNAME=h\n"
				   "SYSLOG_IDENTIFIER=postfix/qmgr\nSYSLOG_PID=9\n_PID=10\nMESSAGE\n"
				   "\x0a\0\0\0\0\0\0\0a\n\n=\0b\xff MM\nOTHER=1\n\n"
				   "__CURSOR=s=2\n__REALTIME_TIMESTAMP=1795474811123456\nMESSAGE=second\n_COMM=exim\n\n"
				   "__REALTIME_TIMESTAMP=1795474812000000\nSYSLOG_IDENTIFIER=x\nMESSAGE\n"
				   "\xff\xff\xff\xff\xff\xff\xff\x7fthe size lies";
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_write(&t, "e", span_of(text, sizeof(text) - 1));
	tree_add(&t, "e", false);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->program, "postfix/qmgr") && span_equal(l->text, span_of("a  =\0b\xff MM", 10)));
	assert_int_equal(l->pid, 9);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->program, "exim") && is(l->text, "second"));
	assert_int_equal(l->at_ms, 1795474811123);
	assert_int_equal(sources_next(t.sources, &l), 1);
	assert_true(is(l->text, "the size lies"));
	assert_int_equal(sources_next(t.sources, &l), 0);
	tree_end(&t);
}

static void test_standard_input(void **state)
{
	int ends[2], kept = dup(0);
	struct tree t;
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], packed_zstd, sizeof(packed_zstd)), sizeof(packed_zstd));
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	tree_begin(&t);
	assert_int_equal(sources_add(t.sources, "-", true, &t.err), 0);
	assert_string_equal(tree_read(&t), "packed one|packed two");
	assert_string_equal(only(&t)->name, "-");
	tree_end(&t);
	dup2(kept, 0);
	close(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packed),         cmocka_unit_test(test_gzip_is_as_plain),
		cmocka_unit_test(test_gzip_cut),       cmocka_unit_test(test_gzip_members_and_damage),
		cmocka_unit_test(test_line_ends),      cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_no_line_end),    cmocka_unit_test(test_containers),
		cmocka_unit_test(piece_at_the_end),    cmocka_unit_test(objects),
		cmocka_unit_test(two_octets_a_letter), cmocka_unit_test(test_journal_json),
		cmocka_unit_test(test_shippers),       cmocka_unit_test(test_journal_export),
		cmocka_unit_test(test_standard_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
