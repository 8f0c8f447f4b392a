/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "mail/dsn.h"

/* what is reached today: less is a step back */
enum { RECIPIENTS_PERCENT = 92, STATUS_PERCENT = 94 };

static struct arena arena;

static int begin(void **state)
{
	arena = arena_make((size_t)256 << 20);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static struct dsn read_text(const char *text)
{
	struct dsn dsn;
	assert_int_equal(dsn_read(span_str(text), &arena, &dsn), 0);
	return dsn;
}

static void is_text(struct span s, const char *text)
{
	if (!span_equal(s, span_str(text)))
		fail_msg("\"%.*s\", expected \"%s\"", (int)s.len, (const char *)s.at, text);
}

/* The text with other line ends. */
static struct span with_ends(const char *text, const char *ending)
{
	struct buf out = buf_make(1 << 20);
	struct span copy;
	for (; *text; text++)
		if (*text == '\n')
			buf_add_str(&out, ending);
		else
			buf_add_char(&out, *text);
	copy = span_of(arena_copy(&arena, buf_span(&out)), out.len);
	buf_release(&out);
	return copy;
}

#define REPORT                                                                                                         \
	"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: a@example.com\nSubject: Undelivered Mail\n"          \
	"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n boundary=\"b1\"\n\n"        \
	"--b1\nContent-Type: text/plain\n\nIt could not be delivered.\n\n<one@example.net>: host mx.example.net "      \
	"said:\n"                                                                                                      \
	"    550 5.7.1 blocked\n\n--b1\n"                                                                              \
	"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\nX-Postfix-Queue-ID: ABC\n"       \
	"Arrival-Date: Fri, 13 Feb 2015 02:45:44 +0000\n\n"                                                            \
	"Final-Recipient: rfc822; one@example.net\nOriginal-Recipient: rfc822;First@example.net\nAction: failed\n"     \
	"Status: 5.7.1\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.7.1 blocked\n    by us\n\n"      \
	"Final-Recipient: rfc822; two@example.net\nAction: failed\nStatus: 5.0.0\n"                                    \
	"Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b1\nContent-Type: message/rfc822\n\n"                      \
	"Message-ID: <m1@example.com>\nSubject: hello\n\nFinal-Recipient: rfc822; forged@example.net\n--b1--\n"

static void a_report_is_read_with_all_line_ends(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	for (size_t i = 0; i < 3; i++) {
		struct dsn dsn;
		assert_int_equal(dsn_read(with_ends(REPORT, ends[i]), &arena, &dsn), 0);
		assert_true(dsn.is_bounce);
		assert_int_equal(dsn.recipient_count, 2);
		is_text(dsn.reporting_mta, "mx.example.com");
		is_text(dsn.original_queue_id, "ABC");
		is_text(dsn.original_message_id, "<m1@example.com>");
		is_text(dsn.recipients[0].recipient, "First@example.net");
		is_text(dsn.recipients[0].action, "failed");
		is_text(dsn.recipients[0].status, "5.7.1");
		is_text(dsn.recipients[0].remote_mta, "mx.example.net");
		is_text(dsn.recipients[0].diagnostic, "550 5.7.1 blocked by us");
		is_text(dsn.recipients[1].recipient, "two@example.net");
		is_text(dsn.recipients[1].status, "5.1.1");
	}
}

static void notices_in_words(void **state)
{
	static const struct {
		const char *text, *recipient, *status, *part;
	} rows[] = {
		{"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nSubject: failure notice\n\n"
		 "Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your "
		 "message to the "
		 "following addresses.\n\n<one@example.net>:\n192.0.2.32 does not like recipient.\nRemote host said: "
		 "550 5.1.1 "
		 "unknown\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <a@example.com>\n",
		 "one@example.net", "5.1.1", "Remote host said: 550"},
		{"From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nSubject: Mail delivery failed\n\n"
		 "A message that you sent could not be delivered to one or more of its\nrecipients. The following "
		 "address(es) "
		 "failed:\n\n  one@example.net\n    host mx.example.net [192.0.2.20]: 554 5.7.1 refused\n\n"
		 "------ This is a copy of the message, including all the headers. ------\n\nTo: two@example.net\n",
		 "one@example.net", "5.7.1", "554 5.7.1 refused"},
		{"From: MAILER-DAEMON@mx.example.com\nSubject: Returned mail: see transcript\n\n"
		 "   ----- The following addresses had permanent fatal errors -----\n<one@example.net>\n    (reason: "
		 "550 5.7.1 "
		 "listed)\n\n   ----- Transcript of session follows -----\n",
		 "one@example.net", "5.7.1", "550 5.7.1 listed"},
		{"From: Postmaster@example.com\nSubject: DELIVERY FAILURE\n\nYour message\n\n  Subject: x\n\nwas not "
		 "delivered "
		 "to:\n\n  one@example.net\n\nbecause:\n\n  550 5.1.1 not listed in Domino Directory\n",
		 "one@example.net", "5.1.1", "not listed in Domino"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dsn dsn = read_text(rows[i].text);
		assert_true(dsn.is_bounce);
		assert_int_equal(dsn.recipient_count, 1);
		is_text(dsn.recipients[0].recipient, rows[i].recipient);
		is_text(dsn.recipients[0].status, rows[i].status);
		if (!memmem(dsn.recipients[0].diagnostic.at, dsn.recipients[0].diagnostic.len, rows[i].part,
			    strlen(rows[i].part)))
			fail_msg("%.*s lacks %s", (int)dsn.recipients[0].diagnostic.len,
				 (const char *)dsn.recipients[0].diagnostic.at, rows[i].part);
	}
}

static void other_messages_are_no_bounces(void **state)
{
	assert_false(read_text("From: a@example.com\nSubject: hello\n\nb@example.net: could you call me?\n").is_bounce);
	assert_false(read_text("From: a@example.com\nSubject: Re: failure notice\n\nMy mail could not be delivered to\n"
			       "b@example.net\nWhat now?\n")
			     .is_bounce);
	assert_false(read_text("").is_bounce);
	assert_false(read_text("From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x").is_bounce);
}

/* A delivered one is told, and is no bounce. */
static void success_is_no_bounce(void **state)
{
	struct dsn dsn = read_text("Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
				   "message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; "
				   "a@example.net\nAction: delivered\nStatus: 2.0.0\n\n--b--\n");
	assert_int_equal(dsn.recipient_count, 1);
	assert_false(dsn.is_bounce);
}

static void an_mbox_is_taken_apart(void **state)
{
	struct span rest = span_str(
			    "From a@example.com Fri Feb 13\nSubject: 1\n\nx\nFrom here on\n\nFrom b@example.com Fri\n"
			    "Subject: 2\n\ny\n"),
		    message;
	assert_true(dsn_is_message(span_str("Return-Path: <>\nSubject: x\n\n")));
	assert_false(dsn_is_message(span_str("smtpd_recipient_restrictions = x\nfrom: y\n")));
	assert_false(dsn_is_message(span_str("550 5.7.1 blocked: from: to:")));
	assert_true(dsn_mbox_next(&rest, &message));
	assert_non_null(memmem(message.at, message.len, "From here on", 12));
	assert_true(dsn_mbox_next(&rest, &message));
	assert_non_null(memmem(message.at, message.len, "Subject: 2", 10));
	assert_false(dsn_mbox_next(&rest, &message));
	rest = span_str("Subject: x\n\ny");
	assert_true(dsn_mbox_next(&rest, &message));
	assert_int_equal(message.len, 13);
	assert_false(dsn_mbox_next(&rest, &message));
}

/* -- the public sample set, where it is there -- */

static const char *data_folder(char path[4096])
{
	const char *data = getenv("OFFLIST_DATA"), *source = getenv("OFFLIST_SOURCE");
	DIR *dir;
	if (data)
		snprintf(path, 4096, "%s/bounces", data);
	else
		snprintf(path, 4096, "%s/../shared/data/bounces", source ? source : ".");
	dir = opendir(path);
	if (dir)
		closedir(dir);
	return dir ? path : NULL;
}

static struct span file_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	size_t len;
	if (!f)
		return (struct span){0};
	text = arena_alloc(&arena, 4 << 20, 1);
	assert_non_null(text);
	len = fread(text, 1, 4 << 20, f);
	fclose(f);
	return span_of(text, len);
}

struct tally {
	size_t expected, found, statuses, equal, codes, code_equal;
};

static void compare(struct tally *t, const struct dsn *dsn, size_t i, const char *status, const char *code)
{
	const struct dsn_recipient *r = dsn->is_bounce && i < dsn->recipient_count ? &dsn->recipients[i] : NULL;
	bool made_up = strlen(status) > 5 && strncmp(status + 1, ".0.9", 4) == 0; /* no MTA wrote it */
	t->expected++;
	t->found += r != NULL;
	t->statuses += !made_up && *status;
	t->equal += !made_up && *status && r && span_equal(r->status, span_str(status));
	t->codes += *code != '\0';
	t->code_equal += *code && r &&
			 memmem(r->diagnostic.at ? (const char *)r->diagnostic.at : "", r->diagnostic.len, code, 3);
	if (getenv("DSN_SHOW") && (!r || (!made_up && !span_equal(r->status, span_str(status)))))
		printf("   %s %s: found %zu, %.*s | %.*s | %.150s\n", status, code, dsn->recipient_count,
		       r ? (int)r->recipient.len : 0, r ? (const char *)r->recipient.at : "",
		       r ? (int)r->status.len : 0, r ? (const char *)r->status.at : "",
		       r && r->diagnostic.at ? (const char *)r->diagnostic.at : "");
}

static void measure(const char *folder, const char *form, struct tally *t)
{
	char path[4200], line[512], last[256] = "";
	struct dsn dsn = {0};
	size_t number = 0;
	FILE *f;
	snprintf(path, sizeof(path), "%s/expected.tsv", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *rest = line, *name = strsep(&rest, "\t"), *status = strsep(&rest, "\t"),
		     *code = strsep(&rest, "\t");
		struct span text;
		if (!code || strcmp(name, "file") == 0)
			continue;
		number = strcmp(name, last) == 0 ? number + 1 : 0;
		snprintf(last, sizeof(last), "%s", name);
		if (number == 0) {
			arena_release(&arena);
			arena = arena_make((size_t)256 << 20);
			snprintf(path, sizeof(path), "%s/sisimai-maildir/%s/%s", folder, form, name);
			text = file_text(path);
			dsn = (struct dsn){0};
			if (text.len)
				assert_int_equal(dsn_read(text, &arena, &dsn), 0);
			if (text.len && getenv("DSN_SHOW"))
				printf("%s\n", name);
			if (!text.len)
				snprintf(last, sizeof(last), "-");
		}
		if (strcmp(last, "-") != 0)
			compare(t, &dsn, number, status, code);
	}
	fclose(f);
}

static size_t false_bounces(const char *folder, size_t *ret_count)
{
	char path[8192];
	struct dirent **entries;
	int count;
	size_t wrong = 0;
	snprintf(path, sizeof(path), "%s/sisimai-maildir/not", folder);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		struct dsn dsn;
		struct span text;
		snprintf(path, sizeof(path), "%s/sisimai-maildir/not/%s", folder, entries[i]->d_name);
		text = entries[i]->d_name[0] != '.' ? file_text(path) : (struct span){0};
		/* "automatic bounce notification ... reject reason: Mailbox full": a bounce, which its project does not read */
		if (strcmp(entries[i]->d_name, "rb-issue-368-bug.eml") == 0)
			text = (struct span){0};
		if (text.len && dsn_read(text, &arena, &dsn) == 0) {
			wrong += dsn.is_bounce;
			*ret_count += 1;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return wrong;
}

static void the_sample_set(void **state)
{
	static const char *const forms[] = {"bsd", "dos", "mac"};
	char path[4096];
	const char *folder = data_folder(path);
	size_t count = 0, wrong;
	if (!folder) {
		print_message("no sample set of bounces: skipped\n");
		skip();
	}
	for (size_t i = 0; i < 3; i++) {
		struct tally t = {0};
		measure(folder, forms[i], &t);
		print_message("%s: recipients %zu of %zu (%.1f %%), status equal %zu of %zu (%.1f %%), code in the "
			      "reply %zu of %zu\n",
			      forms[i], t.found, t.expected,
			      100.0 * (double)t.found / (double)(t.expected + !t.expected), t.equal, t.statuses,
			      100.0 * (double)t.equal / (double)(t.statuses + !t.statuses), t.code_equal, t.codes);
		assert_true(t.expected >= 30);
		assert_true(100 * t.found >= RECIPIENTS_PERCENT * t.expected);
		assert_true(100 * t.equal >= STATUS_PERCENT * t.statuses);
	}
	wrong = false_bounces(folder, &count);
	print_message("false bounces: %zu of %zu\n", wrong, count);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_report_is_read_with_all_line_ends, begin, end),
		cmocka_unit_test_setup_teardown(notices_in_words, begin, end),
		cmocka_unit_test_setup_teardown(other_messages_are_no_bounces, begin, end),
		cmocka_unit_test_setup_teardown(success_is_no_bounce, begin, end),
		cmocka_unit_test_setup_teardown(an_mbox_is_taken_apart, begin, end),
		cmocka_unit_test_setup_teardown(the_sample_set, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
