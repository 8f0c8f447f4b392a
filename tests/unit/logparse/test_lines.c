/* SPDX-License-Identifier: BSD-2-Clause */
/* Heads, stamps and what Postfix and Dovecot say, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "logparse/format.h"

enum { WRITTEN_S = 1795514400 }; /* 2026-11-24T10:00:00Z */

static struct stamps utc(void)
{
	return stamps_of(NULL, (int64_t)WRITTEN_S * 1000);
}

static int64_t read_stamp(const char *text)
{
	struct stamps s = utc();
	size_t len = 0;
	return stamp_read(&s, span_str(text), &len);
}

static void test_stamps(void **state)
{
	const int64_t t = (int64_t)WRITTEN_S * 1000;
	assert_int_equal(read_stamp("Nov 24 10:00:00 mx x: y"), t);
	assert_int_equal(read_stamp("2026-11-24T10:00:00Z x"), t);
	assert_int_equal(read_stamp("2026-11-24T12:00:00.250+02:00 x"), t + 250);
	assert_int_equal(read_stamp("2026-11-24 08:00:00.004 -0200 x"), t + 4);
	assert_int_equal(read_stamp("2026-11-24 10:00:00 1x9hqp-x"), t);
	assert_int_equal(read_stamp("1795514400.500000 info msg"), t + 500);
	assert_int_equal(read_stamp("[24-Nov-2026 10:00:00 UTC] mail()"), t);
	assert_int_equal(read_stamp("Nov 24 2026 10:00:00 mx"), t);
	assert_int_equal(read_stamp("2026 Nov 24 10:00:00 mx x: y"), t);
	assert_int_equal(read_stamp("Tue 2026-11-24 10:00:00 UTC mx x: y"), t);
	assert_int_equal(read_stamp("Tue 2026-11-24 10:00:00 mx x: y"), t);
	/* cr.yp.to/libtai/tai64.html: 2^62 and 10 s are 1970-01-01 00:00:00 UTC; half a second in hexadecimal */
	assert_int_equal(read_stamp("@400000000000000a1dcd6500 x"), 500);
	assert_true(read_stamp("@4000000000000 x and more") == STAMP_NONE);
	/* later than the file's last change by more than a day: of the year before */
	assert_int_equal(read_stamp("Nov 26 10:00:00 mx x: y"), t + (int64_t)(2 - 365) * 86400000);
	assert_true(read_stamp("no stamp at all here") == STAMP_NONE);
	assert_true(read_stamp("Foo 24 10:00:00 mx x: y") == STAMP_NONE);
	assert_true(read_stamp("2026-13-24T10:00:00Z xxx") == STAMP_NONE);
}

/* strftime's %b of other languages, as journalctl writes it: in any case, UTF-8 or Latin-1. */
static void test_translated_stamps(void **state)
{
	static const char *const months[][12] = {
		{"Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"},
		{"janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
		{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
		{"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"},
		{"sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"},
		{"led", "úno", "bře", "dub", "kvě", "čen", "čec", "srp", "zář", "říj", "lis", "pro"},
		{"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"},
		{"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"},
		{" 1月", " 2月", " 3月", " 4月", " 5月", " 6月", " 7月", " 8月", " 9月", "10月", "11月", "12月"},
		{"M\xc4R"},
		{"FÉVR."},
	};
	char text[64];
	for (size_t i = 0; i + 2 < sizeof(months) / sizeof(months[0]); i++)
		for (int k = 0; k < 12; k++) {
			snprintf(text, sizeof(text), "2026-%02d-09T10:00:00Z", k + 1);
			int64_t at = read_stamp(text);
			snprintf(text, sizeof(text), "%s 09 2026 10:00:00 mx x: y", months[i][k]);
			if (read_stamp(text) != at)
				fail_msg("%s", text);
		}
	assert_int_equal(read_stamp("M\xc4R 09 10:00:00 mx x: y"), read_stamp("2026-03-09T10:00:00Z"));
	assert_int_equal(read_stamp("FÉVR.  9 10:00:00 mx x: y"), read_stamp("2026-02-09T10:00:00Z"));
	assert_int_equal(read_stamp("Mo 2026-11-23 10:00:00 UTC mx x: y"), read_stamp("2026-11-23T10:00:00Z"));
	assert_int_equal(read_stamp("lun. 2026-11-23 10:00:00 UTC mx x: y"), read_stamp("2026-11-23T10:00:00Z"));
	assert_int_equal(read_stamp("月 2026-11-23 10:00:00 UTC mx x: y"), read_stamp("2026-11-23T10:00:00Z"));
	assert_true(read_stamp("Märchen 09 10:00:00 mx x: y") == STAMP_NONE);
	assert_true(read_stamp("Mär 09 mx x: at 10:00:00") == STAMP_NONE);
}

static void test_new_year(void **state)
{
	struct stamps s = stamps_of(NULL, INT64_C(1767312000000)); /* 2026-01-02 */
	size_t len;
	int64_t before = stamp_read(&s, span_str("Dec 31 23:59:59 mx a: b"), &len);
	int64_t after = stamp_read(&s, span_str("Jan  1 00:00:00 mx a: b"), &len);
	assert_int_equal(after - before, 1000);
	assert_int_equal(after, INT64_C(1767225600000));
}

static void test_zone(void **state)
{
	struct zone *z = NULL;
	struct stamps s;
	size_t len;
	assert_int_equal(zone_new("+02:00", &z), 0);
	s = stamps_of(z, (int64_t)WRITTEN_S * 1000);
	assert_int_equal(stamp_read(&s, span_str("Nov 24 10:00:00 mx"), &len), (int64_t)(WRITTEN_S - 7200) * 1000);
	zone_free(z);
	assert_int_equal(zone_new("Nowhere/Town", &z), -EINVAL);
	assert_int_equal(zone_new("../../etc/passwd", &z), -EINVAL);
}

static int64_t in_zone(const char *name, const char *text)
{
	struct zone *z = NULL;
	struct stamps s;
	size_t len;
	int64_t at;
	if (zone_new(name, &z) < 0)
		skip(); /* no zone files on this machine */
	s = stamps_of(z, INT64_C(4102444800000));
	at = stamp_read(&s, span_str(text), &len);
	zone_free(z);
	return at / 1000;
}

static void test_zone_files(void **state)
{
	/* 2026-07-01T10:00:00Z, 2026-11-24T10:00:00Z, and years after a zone file's last transition */
	assert_int_equal(in_zone("Europe/Berlin", "2026-07-01 12:00:00 x"), 1782900000);
	assert_int_equal(in_zone("Europe/Berlin", "2026-11-24 11:00:00 x"), WRITTEN_S);
	assert_int_equal(in_zone("Europe/Berlin", "2050-07-01 12:00:00 x"), 2540282400);
	assert_int_equal(in_zone("Europe/Berlin", "2050-01-01 12:00:00 x"), 2524647600);
	assert_int_equal(in_zone("Pacific/Auckland", "2050-01-01 12:00:00 x"), 2524604400);
	assert_int_equal(in_zone("Asia/Kolkata", "2026-11-24 15:30:00 x"), WRITTEN_S);
	/* the gap of a spring night: 02:30 does not exist */
	assert_int_equal(in_zone("Europe/Berlin", "2026-03-29 02:30:00 x"), 1774747800);
}

/* Clocks set back: the hour from two to three comes twice, and time goes on. */
static void test_hour_twice(void **state)
{
	static const char *const texts[] = {"Oct 25 01:59:59 mx", "Oct 25 02:00:00 mx", "Oct 25 02:59:59 mx",
					    "Oct 25 02:00:00 mx", "Oct 25 02:30:00 mx", "Oct 25 02:29:59 mx",
					    "Oct 25 03:00:00 mx"};
	static const int after_s[] = {0, 1, 3600, 3601, 5401, 5400, 7201};
	struct zone *z = NULL;
	struct stamps s;
	size_t len;
	int64_t first = 0;
	if (zone_new("Europe/Berlin", &z) < 0)
		skip();
	s = stamps_of(z, (int64_t)WRITTEN_S * 1000);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t at = stamp_read(&s, span_str(texts[i]), &len);
		if (i == 0)
			first = at;
		assert_int_equal(at, first + after_s[i] * INT64_C(1000));
	}
	zone_free(z);
}

/* A log with a gap over New Year, and a line of the old year after it. */
static void test_gap_over_new_year(void **state)
{
	struct stamps s = stamps_of(NULL, INT64_C(1772323200000)); /* 2026-03-01 */
	size_t len;
	int64_t before = stamp_read(&s, span_str("Oct 31 00:00:00 mx a: b"), &len);
	int64_t after = stamp_read(&s, span_str("Feb  1 00:00:00 mx a: b"), &len);
	int64_t back = stamp_read(&s, span_str("Oct 31 00:00:00 mx a: b"), &len);
	assert_int_equal(after - before, INT64_C(93) * 86400000);
	assert_int_equal(back, before);
}

static struct log_line line_of(const char *raw)
{
	struct stamps s = utc();
	struct log_line l;
	line_read(span_str(raw), &s, &l);
	return l;
}

static void expect(struct span got, const char *wanted)
{
	if (!span_equal(got, span_str(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)got.len, got.len ? (const char *)got.at : "", wanted);
}

static void test_heads(void **state)
{
	static const char *const raws[] = {
		"Nov 24 10:00:00 mx postfix/smtpd[12]: hello",
		"<22>Nov 24 10:00:00 mx postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 <mail.info> mx postfix/smtpd[12]: hello",
		"2026-11-24T10:00:00.000000+00:00 mx postfix/smtpd[12]: hello",
		"<22>1 2026-11-24T10:00:00Z mx postfix/smtpd 12 - [x@1 a=\"]\"] hello",
		"Nov 24 10:00:00 mx postfix/smtpd[12]: [ID 197553 mail.info] hello",
		"2026-11-24 10:00:00 mx postfix/smtpd[12]: hello",
		"2026-11-24T11:00:00+0100 mx postfix/smtpd[12]:  hello",
		"Tue 2026-11-24 10:00:00 UTC mx postfix/smtpd[12]: hello",
		"1795514400.000000 mx postfix/smtpd[12]: hello",
		"@400000006b05602a00000000 mx postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 mx mail.info postfix/smtpd[12]: hello",
		"<mail.info>Nov 24 10:00:00 mx mail:info postfix/smtpd[12]: hello",
		"<22>1 2026-11-24T10:00:00Z mx postfix/smtpd 12 - - \xef\xbb\xbfhello",
	};
	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		struct log_line l = line_of(raws[i]);
		expect(l.host, "mx");
		expect(l.program, "postfix/smtpd");
		expect(l.text, "hello");
		assert_int_equal(l.pid, 12);
		assert_int_equal(l.at_ms, (int64_t)WRITTEN_S * 1000);
	}
	expect(line_of("Nov 24 10:00:00 postfix/smtpd[12]: hello").program, "postfix/smtpd");
	expect(line_of("Nov 24 10:00:00 postfix/smtpd[12]: hello").host, "");
	expect(line_of("Nov 24 10:00:00 2001:db8::1 postfix/smtpd[12]: hello").host, "2001:db8::1");
	expect(line_of("1157520813.485077 status: local 0/10 remote 1/20").text, "status: local 0/10 remote 1/20");
	expect(line_of("2026-11-24 10:00:00 [77] SMTP error: x").text, "SMTP error: x");
	expect(line_of("2026-11-24 10:00:00 SMTP error: x").program, "");
	expect(line_of("no head").text, "no head");
}

/* A head is read as if no line had been before it, whatever that one began with. */
static void test_heads_again(void **state)
{
	static const char *const raws[] = {
		"Nov 24 10:00:00 mx postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 mx postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 mx2 postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 mx  postfix/smtpd[12]: hello",
		"Nov 24 10:00:00 mx",
		"Nov 24 10:00:00 mx ",
		"Nov 24 10:00:00 imap-login: Info: hello",
		"Nov 24 10:00:00 <mail.info> mx exim: hello",
		"Nov 24 10:00:01 mx words without a program",
		"Nov 24 10:00:01 mx mail.info postfix/smtpd[123456789]: hello",
		"Nov 24 10:00:01 mx postfix/smtpd[12345678]: hello",
		"Nov 24 10:00:01 mx postfix/smtpd[12345678901]: hello",
		"<22>Nov 24 10:00:01 mx postfix/smtpd[12]: hello",
		"2026-11-24 10:00:00 1tEXAM-00000000abc-1x9B => a@example.net",
		"2026-11-24 10:00:00 +0100 1tEXAM-00000000abc-1x9B => a@example.net",
		"2026-11-24 10:00:00 [77] 1tEXAM-00000000abc-1x9B => a@example.net",
		"2026-11-24 10:00:00.123 H=x [192.0.2.1] rejected",
		"2026-11-24 10:00:00 mx postfix/smtpd[12]: hello",
	};
	struct stamps s = utc();
	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		struct log_line alone = line_of(raws[i]), l;
		line_read(span_str(raws[i]), &s, &l);
		if (!span_equal(l.host, alone.host) || !span_equal(l.program, alone.program) ||
		    !span_equal(l.text, alone.text) || l.pid != alone.pid || l.at_ms != alone.at_ms)
			fail_msg("not as if it came first: %s", raws[i]);
	}
}

/* More programs than are kept, names of every length, some longer than is kept: each line is told by its own. */
static void test_many_programs(void **state)
{
	struct formats formats = {.count = 0};
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 200; i++) {
			char raw[256];
			struct mail_event e;
			struct log_line l;
			snprintf(raw, sizeof(raw), "Nov 24 10:00:00 mx %.*s%d/%s[1]: 4F1A2B3C4D: removed", i % 50,
				 "a-long-instance-name-of-more-than-fifty-octets-in-all", i, i % 2 ? "qmgr" : "cron");
			l = line_of(raw);
			assert_int_equal(format_parse(&formats, &l, 0, &e), i % 2 ? LINE_EVENT : LINE_FOREIGN);
			if (i % 2)
				assert_int_equal(e.instance.len + strlen("/qmgr"), l.program.len);
		}
}

static enum line_result parse(const char *program, const char *text, struct mail_event *e)
{
	char raw[2048];
	static struct log_line l;
	static char kept[2048];
	snprintf(raw, sizeof(raw), "Nov 24 10:00:00 mx %s[1]: %s", program, text);
	memcpy(kept, raw, sizeof(kept));
	l = line_of(kept);
	return format_parse(&(struct formats){0}, &l, 0, e);
}

static void test_postfix_arrival(void **state)
{
	struct mail_event e;
	assert_int_equal(parse("postfix/submission/smtpd",
			       "4F1D2A3B: client=a.example.net[2001:db8::7], sasl_method=PLAIN, "
			       "sasl_username=alice@example.com",
			       &e),
			 LINE_EVENT);
	assert_int_equal(e.kind, EVENT_ACCEPT);
	expect(e.instance, "postfix");
	expect(e.id, "4F1D2A3B");
	expect(e.login, "alice@example.com");
	expect(e.client_name, "a.example.net");
	assert_int_equal(e.client.family, 6);
	assert_int_equal(parse("postfix/smtpd",
			       "B0B0B0B0: client=localhost[127.0.0.1], orig_queue_id=4F1D2A3B, "
			       "orig_client=b.example.net[198.51.100.7]",
			       &e),
			 LINE_EVENT);
	assert_int_equal(e.link, LINK_NEXT_HOP);
	expect(e.related, "4F1D2A3B");
	expect(e.client_name, "b.example.net");
	assert_int_equal(parse("postfix/pickup", "D2FAE20586: uid=33 from=<www-data>", &e), LINE_EVENT);
	assert_true(e.local);
	assert_int_equal(e.uid, 33);
	expect(e.user, "www-data");
}

static void test_postfix_delivery(void **state)
{
	struct mail_event e;
	assert_int_equal(
		parse("postfix/smtp",
		      "4g9Kx73zRXz9s: to=<b@example.net>, relay=mx.example.net[203.0.113.9]:25, delay=1.9, "
		      "delays=0.1/0/1/0.8, tls=dane, dsn=5.7.1, status=bounced (host mx.example.net[203.0.113.9] "
		      "said: 550-5.7.1 [192.0.2.10] status=sent (250 ok) blocked (in reply to end of DATA "
		      "command))",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.kind, EVENT_DELIVERY);
	assert_int_equal(e.outcome, OUTCOME_BOUNCED);
	assert_int_equal(e.code, 550);
	assert_int_equal(e.delay_ms, 1900);
	assert_int_equal(e.relay_port, 25);
	assert_true(e.remote_reply);
	expect(e.status, "5.7.1");
	expect(e.reply, "550-5.7.1 [192.0.2.10] status=sent (250 ok) blocked");
	assert_int_equal(
		parse("postfix/smtp",
		      "AAAAA1: to=<\"x>, relay=none, y\"@example.net>, orig_to=<c@example.com>, relay=none, "
		      "delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx.example.net[203.0.113.9]:25: "
		      "Connection timed out)",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.outcome, OUTCOME_DEFERRED);
	assert_false(e.remote_reply);
	assert_int_equal(
		parse("postfix/smtp",
		      "AAAAA2: to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=1/0/0/0, "
		      "dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as "
		      "BBBBB3)",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.link, LINK_NEXT_HOP);
	expect(e.related, "BBBBB3");
	assert_int_equal(
		parse("postfix/local",
		      "AAAAA4: to=<bob@example.com>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent "
		      "(forwarded as CCCCC5)",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.link, LINK_FORWARD);
	expect(e.related, "CCCCC5");
}

static void test_postfix_rest(void **state)
{
	struct mail_event e;
	assert_int_equal(parse("postfix/qmgr", "AAAAA1: from=<>, size=2636, nrcpt=50 (queue active)", &e), LINE_EVENT);
	assert_true(e.has_sender);
	assert_int_equal(e.size, 2636);
	assert_int_equal(e.recipients, 50);
	assert_int_equal(parse("postfix/qmgr", "AAAAA1: removed", &e), LINE_EVENT);
	assert_int_equal(e.kind, EVENT_END);
	assert_int_equal(parse("postfix/bounce", "AAAAA1: sender non-delivery notification: BBBBB2", &e), LINE_EVENT);
	assert_int_equal(e.link, LINK_NOTICE);
	expect(e.related, "BBBBB2");
	assert_int_equal(
		parse("postfix/smtpd",
		      "NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access "
		      "denied; from=<a@example.org> to=<x@example.net> proto=ESMTP helo=<pc>",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.kind, EVENT_REFUSAL);
	assert_int_equal(e.code, 554);
	expect(e.recipient, "x@example.net");
	expect(e.helo, "pc");
	assert_int_equal(parse("postfix/smtps/smtpd",
			       "warning: unknown[198.51.100.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, "
			       "sasl_username=admin",
			       &e),
			 LINE_EVENT);
	assert_int_equal(e.kind, EVENT_LOGIN);
	assert_false(e.good);
	expect(e.login, "admin");
	assert_int_equal(parse("postfix/smtp", "AAAAA1: something that no version of Postfix says", &e), LINE_UNKNOWN);
	assert_int_equal(parse("cron", "(root) CMD (true)", &e), LINE_FOREIGN);
	assert_int_equal(parse("rsyslogd", "imuxsock lost 52 messages from pid 7 due to rate-limiting", &e),
			 LINE_EVENT);
	assert_int_equal(e.kind, EVENT_SUPPRESSED);
	assert_int_equal(e.count, 52);
}

static void test_dovecot(void **state)
{
	struct mail_event e;
	assert_int_equal(
		parse("dovecot",
		      "imap-login: Login: user=<bob@example.com>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.10, TLS",
		      &e),
		LINE_EVENT);
	assert_int_equal(e.kind, EVENT_LOGIN);
	assert_true(e.good);
	expect(e.login, "bob@example.com");
	assert_int_equal(
		parse("dovecot",
		      "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<bob>, method=PLAIN, "
		      "rip=198.51.100.9, lip=192.0.2.10",
		      &e),
		LINE_EVENT);
	assert_false(e.good);
}

/* Words at each place of texts of each length, in a buffer without an octet more, beside words that only begin alike. */
static void test_find(void **state)
{
	static const char *const words[] = {"<", "ab", "abc", "abcdefghijklmnopqrstuvwxyz"};
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		for (size_t len = 1; len <= 70; len++)
			for (size_t at = 0; at < len; at++) {
				size_t n = strlen(words[w]), fit = n < len - at ? n : len - at;
				uint8_t *text = malloc(len);
				memset(text, 'a', len);
				memcpy(text + at, words[w], fit);
				assert_ptr_equal(part_find(span_of(text, len), words[w]),
						 memmem(text, len, words[w], n));
				free(text);
			}
	assert_null(part_find(span_of(NULL, 0), "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_translated_stamps),
		cmocka_unit_test(test_new_year),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_zone_files),
		cmocka_unit_test(test_hour_twice),
		cmocka_unit_test(test_gap_over_new_year),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_heads_again),
		cmocka_unit_test(test_many_programs),
		cmocka_unit_test(test_postfix_arrival),
		cmocka_unit_test(test_postfix_delivery),
		cmocka_unit_test(test_postfix_rest),
		cmocka_unit_test(test_dovecot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
