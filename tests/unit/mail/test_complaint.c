/* SPDX-License-Identifier: BSD-2-Clause */
/* Complaints: which message of ours, who sent it, in each form. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "mail/complaint.h"

#define ORIGINAL                                                                                                       \
	"Return-Path: <anna@example.com>\nReceived: from mail.example.com (mail.example.com [192.0.2.10])\n\tby "      \
	"mx.example.net (Postfix) with ESMTPS id FAR123\n\tfor <b@example.net>; Mon, 30 Nov 2026 16:00:05 +0000\n"     \
	"Received: from pc (unknown [198.51.100.7])\n\t(Authenticated sender: anna)\n\tby mail.example.com (Postfix) " \
	"with ESMTPSA id 4ABC5D\n\tfor <b@example.net>; Mon, 30 Nov 2026 16:00:01 +0000\nMessage-ID: "                 \
	"<m1@example.com>\nSubject: Cheap watches\nFrom: Anna <anna@example.com>\nTo: b@example.net\nDate: Mon, 30 "   \
	"Nov 2026 16:00:00 +0000\n"

static struct arena arena;

static int begin(void **state)
{
	arena = arena_make((size_t)64 << 20);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static struct complaint read_text(const char *text, enum complaint_kind kind)
{
	struct complaint c = {0};
	assert_int_equal(complaint_read(span_str(text), &arena, &c), 1);
	assert_int_equal(c.kind, kind);
	return c;
}

static void is_text(struct span s, const char *text)
{
	if (!span_equal(s, span_str(text)))
		fail_msg("\"%.*s\", expected \"%s\"", (int)s.len, (const char *)s.at, text);
}

static void is_ours(const struct complaint *c)
{
	is_text(c->address, "192.0.2.10");
	is_text(c->queue_id, "4ABC5D");
	is_text(c->host, "mail.example.com");
	is_text(c->login, "anna");
	is_text(c->message_id, "<m1@example.com>");
	is_text(c->subject, "Cheap watches");
	is_text(c->at, "Mon, 30 Nov 2026 16:00:01 +0000");
}

/* The list's name has the word spam in it, and our message is quoted. */
static void bounces_are_none(void **state)
{
	static const char *const heads[] = {
		"Return-Path: <>\nFrom: postmaster@example.net\nSubject: Undeliverable\n\n",
		"From: MAILER-DAEMON@example.net (Mail Delivery System)\nSubject: Undelivered Mail\n\n",
		"From: Mail Delivery System <a@example.net>\nX-Failed-Recipients: b@example.net\nSubject: x\n\n",
	};
	struct complaint c;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		char text[4096];
		snprintf(text, sizeof(text),
			 "%s<b@example.net>: 554 blocked using zen.spamhaus.org\n\n" ORIGINAL "\nbuy\n", heads[i]);
		assert_int_equal(complaint_read(span_str(text), &arena, &c), 0);
	}
	assert_int_equal(
		complaint_read(
			span_str(
				"From: postmaster@example.net\nSubject: Undeliverable\nContent-Type: multipart/report; "
				"report-type=\"delivery-status\"; boundary=b\n\n--b\nContent-Type: "
				"text/plain\n\nblocked using zen.spamhaus.org\n\n--b\nContent-Type: "
				"message/delivery-status\n\nFinal-Recipient: "
				"rfc822;b@example.net\n\n--b\nContent-Type: "
				"message/rfc822\n\n" ORIGINAL "\nbuy\n--b--\n"),
			&arena, &c),
		0);
}

static void arf(void **state)
{
	struct complaint c = read_text(
		"From: <abusedesk@example.net>\nSubject: FW: Cheap watches\nContent-Type: multipart/report; "
		"report-type=feedback-report;\n boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nThis is an email "
		"abuse "
		"report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: "
		"X/1\nVersion: "
		"1\nOriginal-Mail-From: <anna@example.com>\nArrival-Date: Mon, 30 Nov 2026 16:00:05 +0000\nSource-IP: "
		"192.0.2.10\n\n--b\nContent-Type: message/rfc822\n\n" ORIGINAL "\nbuy\n--b--\n",
		COMPLAINT_ARF);
	is_ours(&c);
	is_text(c.type, "abuse");
	is_text(c.mail_from, "anna@example.com");
}

/* Header only, the recipient redacted. */
static void arf_without_body(void **state)
{
	struct complaint c = read_text(
		"From: <fbl@example.net>\nSubject: report\nContent-Type: multipart/report; "
		"report-type=feedback-report; "
		"boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: "
		"[redacted]\nSource-IP: 192.0.2.10\n\n--b\nContent-Type: text/rfc822-headers\n\n" ORIGINAL "\n--b--\n",
		COMPLAINT_ARF);
	is_ours(&c);
	is_text(c.rcpt_to, "");
}

static void jmrp(void **state)
{
	struct complaint c =
		read_text("From: <staff@hotmail.com>\nSubject: complaint about message from 192.0.2.10\n"
			  "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
			  "X-HmXmrOriginalRecipient: <b@hotmail.com>\n" ORIGINAL "\n--b--\n",
			  COMPLAINT_JMRP);
	is_ours(&c);
	is_text(c.rcpt_to, "b@hotmail.com");
}

static void spamcop(void **state)
{
	struct complaint c = read_text(
		"From: 123@reports.spamcop.net\nSubject: [SpamCop (192.0.2.10) id:123]Cheap "
		"watches\n\n[ SpamCop V5.4.0 ]\nThis message is brief for your comfort.\n\nEmail "
		"from 192.0.2.10 / Mon, 30 Nov 2026 16:00:05 +0000\n\n[ Offending message ]\n" ORIGINAL "\nbuy\n",
		COMPLAINT_SPAMCOP);
	is_ours(&c);
}

static void xarf(void **state)
{
	struct complaint c = read_text(
		"{\"Version\":\"3\",\"ReporterInfo\":{\"ReporterOrg\":\"X\"},\"Report\":{\"ReportClass\":\"Activity\","
		"\"ReportType\":\"Spam\",\"Date\":\"2026-11-30T16:00:05Z\",\"SourceIp\":\"192.0.2.10\",\"Samples\":[{"
		"\"ContentType\":\"message/rfc822\",\"Base64Encoded\":false,\"Payload\":\"Received: from "
		"mail.example.com "
		"([192.0.2.10]) by mx.example.net with ESMTP id F1; Mon, 30 Nov 2026 16:00:05 +0000\\r\\nReceived: "
		"from pc "
		"([198.51.100.7]) (Authenticated sender: anna) by mail.example.com with ESMTPSA id 4ABC5D; Mon, 30 Nov "
		"2026 "
		"16:00:01 +0000\\r\\nMessage-ID: <m1@example.com>\\r\\nSubject: Cheap watches\\r\\n\\r\\nx\"}]}}",
		COMPLAINT_XARF);
	is_ours(&c);
	is_text(c.type, "Spam");
	c = read_text(
		"{\"xarf_version\":\"4.0.0\",\"category\":\"messaging\",\"type\":\"spam\",\"timestamp\":"
		"\"2026-11-30T16:00:05Z\",\"source_identifier\":\"192.0.2.10\",\"smtp_from\":\"anna@example.com\","
		"\"evidence\":[{\"content_type\":\"message/rfc822\",\"payload\":"
		"\"TWVzc2FnZS1JRDogPG0xQGV4YW1wbGUuY29tPg0KU3ViamVjdDogQ2hlYXANCg0K\"}]}",
		COMPLAINT_XARF);
	is_text(c.address, "192.0.2.10");
	is_text(c.message_id, "<m1@example.com>");
	is_text(c.mail_from, "anna@example.com");
	is_text(c.at, "2026-11-30T16:00:05Z");
}

static void plain_abuse_mail(void **state)
{
	struct complaint c = read_text(
		"From: abuse@example.org\nSubject: Abuse report for 192.0.2.10\n\nDear customer,\n\nwe received a "
		"complaint "
		"about spam.\n\nIP: 192.0.2.10\nTime: Mon, 30 Nov 2026 16:00:05 +0000\n\nHeader:\n> Received: from "
		"mail.example.com (mail.example.com [192.0.2.10])\n>  by mx.example.net with ESMTP id F1;\n>  Mon, 30 "
		"Nov 2026 "
		"16:00:05 +0000\n> Received: by mail.example.com (Postfix, from userid 33)\n>  id 4ABC5D; Mon, 30 Nov "
		"2026 "
		"16:00:01 +0000\n> X-PHP-Originating-Script: 33:mail.php\n> Message-Id: <m1@example.com>\n> Subject: "
		"Cheap\n",
		COMPLAINT_ABUSE);
	is_text(c.address, "192.0.2.10");
	is_text(c.queue_id, "4ABC5D");
	is_text(c.user_id, "33");
	is_text(c.script, "mail.php");
	is_text(c.message_id, "<m1@example.com>");
}

static void others_are_none(void **state)
{
	static const char *const texts[] = {
		"From: a@example.com\nSubject: hello\n\nhello\n", "", "{", "{\"a\": 1}",
		"From: MAILER-DAEMON@example.com\nSubject: Undelivered\nContent-Type: multipart/report; "
		"boundary=b\n\n--b\n"
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; "
		"a@b.example\n"
		"Action: failed\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <x@y>\n\n--b--\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct complaint c;
		assert_int_equal(complaint_read(span_str(texts[i]), &arena, &c), 0);
	}
}

static void times(void **state)
{
	static const char *const texts[] = {"Mon, 30 Nov 2026 16:00:05 +0000", "Mon, 30 Nov 2026 17:00:05 +0100",
					    "2026-11-30T16:00:05Z", "30 Nov 2026 16:00:05 +0000"};
	int64_t ms;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(complaint_time(span_str(texts[i]), &ms), 0);
		assert_true(ms == INT64_C(1796054405000));
	}
	assert_true(complaint_time(span_str("yesterday"), &ms) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(bounces_are_none),
					   TEST(arf),
					   TEST(arf_without_body),
					   TEST(jmrp),
					   TEST(spamcop),
					   TEST(xarf),
					   TEST(plain_abuse_mail),
					   TEST(others_are_none),
					   TEST(times)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
