/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole logs and extracts of them: what is said to be missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "logparse/format.h"
#include "logjoin/holds.h"
#include "logjoin/join.h"

enum { TEXT_MAX = 1 << 16, MESSAGES = 12 };

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		holds_message(arg, m + i);
}

static enum log_lack lack_of(const char *text)
{
	struct log_holds holds = {0};
	struct mail_sink sink = {.arg = &holds, .messages = on_messages};
	struct join *j = join_new(&sink, 0);
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	uint64_t lines = 0;
	assert_non_null(j);
	for (struct span rest = span_str(text); rest.len; lines++) {
		size_t end = span_find(rest, '\n');
		struct log_line l;
		struct mail_event e;
		enum line_result result;
		line_read(span_of(rest.at, end), &stamps, &l);
		result = format_parse(&formats, &l, 0, &e);
		if (result == LINE_QUIET)
			holds_quiet(&holds, e.format);
		if (result == LINE_EVENT) {
			holds_event(&holds, &e);
			assert_int_equal(join_event(j, &e, &l), 0);
		}
		rest = span_from(rest, end + 1);
	}
	join_end(j);
	join_free(j);
	return holds_lack(&holds, lines);
}

enum part { CONNECT = 1, CLIENT = 2, PICKUP = 4, CLEANUP = 8, FROM = 16, LOCAL = 32, SMTP = 64, REMOVED = 128 };

static void postfix_line(struct buf *out, unsigned int second, const char *daemon, const char *text)
{
	buf_printf(out, "Nov 24 09:%02u:%02u mx postfix/%s[7]: %s\n", second / 60, second % 60, daemon, text);
}

static void postfix_queue_line(struct buf *out, unsigned int n, const char *daemon, const char *text)
{
	char line[200];
	snprintf(line, sizeof(line), "4F%06X: %s", n + 1, text);
	postfix_line(out, n, daemon, line);
}

/* So many messages of which only these lines stand in the log. */
static void postfix_messages(struct buf *out, unsigned int from, unsigned int count, unsigned int parts)
{
	for (unsigned int n = from; n < from + count; n++) {
		if (parts & CONNECT)
			postfix_line(out, n, "smtpd", "connect from h.example.net[203.0.113.9]");
		if (parts & CLIENT)
			postfix_queue_line(out, n, "smtpd", "client=h.example.net[203.0.113.9]");
		if (parts & PICKUP)
			postfix_queue_line(out, n, "pickup", "uid=0 from=<root>");
		if (parts & CLEANUP)
			postfix_queue_line(out, n, "cleanup", "message-id=<1@example.com>");
		if (parts & FROM)
			postfix_queue_line(out, n, "qmgr", "from=<a@example.com>, size=500, nrcpt=1 (queue active)");
		if (parts & LOCAL)
			postfix_queue_line(out, n, "local",
					   "to=<b@example.com>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, "
					   "status=sent (delivered to mailbox)");
		if (parts & SMTP)
			postfix_queue_line(out, n, "smtp",
					   "to=<c@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=1, "
					   "delays=0/0/0/1, dsn=2.0.0, status=sent (250 OK)");
		if (parts & REMOVED)
			postfix_queue_line(out, n, "qmgr", "removed");
	}
}

static enum log_lack postfix_lack(unsigned int parts)
{
	struct buf text = buf_make(TEXT_MAX);
	enum log_lack lack;
	postfix_messages(&text, 0, MESSAGES, parts);
	lack = lack_of(buf_text(&text));
	buf_release(&text);
	return lack;
}

static void whole_logs(void **state)
{
	(void)state;
	/* only receives; only sends; a host whose mail is all from its own programs; a queue that waits */
	assert_int_equal(postfix_lack(CONNECT | CLIENT | CLEANUP | FROM | LOCAL | REMOVED), LACK_NOTHING);
	assert_int_equal(postfix_lack(CONNECT | CLIENT | CLEANUP | FROM | SMTP | REMOVED), LACK_NOTHING);
	assert_int_equal(postfix_lack(PICKUP | CLEANUP | FROM | SMTP | REMOVED), LACK_NOTHING);
	assert_int_equal(postfix_lack(CONNECT), LACK_NOTHING);
	assert_int_equal(lack_of(""), LACK_NOTHING);
	assert_int_equal(
		lack_of("2026-11-24 09:00:00 1tEXAM-0000vi-3f <= a@example.com U=a P=local S=1\n"
			"2026-11-24 09:00:00 1tEXAM-0000vi-3f => b@example.net R=d T=remote_smtp H=mx [192.0.2.25]\n"
			"2026-11-24 09:00:00 1tEXAM-0000vi-3f Completed\n"),
		LACK_NOTHING);
	/* bots at the door of a server that does nothing */
	assert_int_equal(lack_of("2026-11-24 09:00:00 exim 4.96 daemon started: pid=1, -q30m\n"
				 "2026-11-24 09:00:00 H=(x) [203.0.113.9] F=<a@example.net> rejected RCPT "
				 "<b@example.com>: no\n"),
			 LACK_NOTHING);
}

static void extracts(void **state)
{
	(void)state;
	assert_int_equal(postfix_lack(CLEANUP | FROM | SMTP | REMOVED), LACK_ARRIVALS);
	assert_int_equal(postfix_lack(SMTP), LACK_ARRIVALS);
	assert_int_equal(postfix_lack(LOCAL), LACK_ARRIVALS);
	assert_int_equal(postfix_lack(CLIENT), LACK_DELIVERIES);
	/* the queue stands still, or somebody took out the rest: who accepted them knows */
	assert_int_equal(postfix_lack(CONNECT | CLIENT | CLEANUP | FROM), LACK_TRIES);
	assert_int_equal(postfix_lack(FROM | REMOVED), LACK_BOTH);
	assert_int_equal(postfix_lack(CLEANUP), LACK_BOTH);
	assert_int_equal(
		lack_of("2026-11-24 09:00:00 1tEXAM-0000vi-3f => b@example.net R=d T=remote_smtp H=mx [192.0.2.25]\n"),
		LACK_ARRIVALS);
	assert_int_equal(lack_of("2026-11-24 09:00:00 1tEXAM-0000vi-3f <= a@example.com U=a P=local S=1\n"),
			 LACK_DELIVERIES);
	assert_int_equal(
		lack_of("Nov 24 09:00:00 mx dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=203.0.113.9, "
			"lip=192.0.2.1, mpid=1, TLS\n"),
		LACK_SERVER);
}

/* Refusals and failed logins alone: somebody's grep, or Exim's reject log. */
static void nothing_but_refusals(void **state)
{
	struct buf text = buf_make(TEXT_MAX);
	(void)state;
	for (int i = 0; i < 5; i++)
		buf_printf(&text,
			   "2026-11-24 09:00:0%d H=(x) [203.0.113.9] F=<a@example.net> rejected RCPT <b@example.com>: "
			   "no\n",
			   i);
	assert_int_equal(lack_of(buf_text(&text)), LACK_MESSAGES);
	buf_release(&text);
}

/* A log that begins in the middle of some messages lacks nothing; one of which most messages began earlier does. */
static void logs_that_begin_late(void **state)
{
	const unsigned int all = CONNECT | CLIENT | CLEANUP | FROM | SMTP | REMOVED, rest = FROM | SMTP | REMOVED;
	struct buf text = buf_make(TEXT_MAX);
	(void)state;
	postfix_messages(&text, 0, 10, rest);
	postfix_messages(&text, 10, 12, all);
	assert_int_equal(lack_of(buf_text(&text)), LACK_NOTHING);
	postfix_messages(&text, 22, 3, rest);
	assert_int_equal(lack_of(buf_text(&text)), LACK_ARRIVALS);
	buf_clear(&text);
	postfix_messages(&text, 0, 3, rest);
	postfix_messages(&text, 3, 1, all);
	assert_int_equal(lack_of(buf_text(&text)), LACK_NOTHING); /* too few for a share */
	buf_release(&text);
}

/* Messages of one login, and deliveries to it: what grep finds of an address. */
static void one_address(void **state)
{
	struct buf text = buf_make(TEXT_MAX);
	(void)state;
	postfix_messages(&text, 0, MESSAGES, CLIENT);
	postfix_messages(&text, MESSAGES, 2, LOCAL);
	assert_int_equal(lack_of(buf_text(&text)), LACK_DELIVERIES);
	postfix_messages(&text, MESSAGES + 2, MESSAGES, LOCAL);
	assert_int_equal(lack_of(buf_text(&text)), LACK_ARRIVALS);
	buf_release(&text);
}

/* Lines whose head is in no known form, by the program that they name. */
static void hidden_lines(void **state)
{
	static const char *const yes[] = {"xyz 24 10:00:00 mx postfix/smtpd[12]: connect from unknown",
					  "\"24.11.2026\";\"mx\";\"postfix/qmgr\";\"4F3A: removed\"",
					  "2026.11.24|mx|dovecot: imap-login: Login", "24/11 10:00 mx sendmail[7]: x",
					  "?? exim[3]: y"};
	static const char *const no[] = {"xyz 24 10:00:00 mx CRON[12]: (root) CMD", "", "From: exim users",
					 "a/b/c: no such file", "at Foo.bar(Foo.java:12)"};
	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(format_names_server(span_str(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(format_names_server(span_str(no[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_logs),           cmocka_unit_test(extracts),
		cmocka_unit_test(nothing_but_refusals), cmocka_unit_test(logs_that_begin_late),
		cmocka_unit_test(one_address),          cmocka_unit_test(hidden_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
