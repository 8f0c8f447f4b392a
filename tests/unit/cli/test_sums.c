/* SPDX-License-Identifier: BSD-2-Clause */
/* Recipients are the sum of their outcomes, in the totals of `log stats` and in diagnose's, of whatever piece of a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "logquery/stats.h"
#include "diagnose/diagnose.h"
#include "logparse/format.h"
#include "logjoin/join.h"

enum {
	PATH_SIZE = 4096,
	LOG_MAX = 16 << 20, /* octets of one log */
	CUTS = 3,           /* pieces of each */
	SEED = 20261130,
};

/* One of each: delivered, deferred, refused, failed here, expired, discarded, held by a rule and by hand, removed,
 * waiting untried, through a filter, sent on, a notice. */
static const char
	own_log
		[] =
#define AT(time, daemon) "Nov 24 10:" time " mx postfix/" daemon "[100]: "
#define SMTP(time, id, to, status)                                                                                     \
	AT(time, "smtp")                                                                                               \
	id ": to=<" to ">, relay=mx.example.net[198.51.100.2]:25, delay=1, delays=0/0/0/1, " status "\n"
#define NEW(time, id, count)                                                                                           \
	AT(time, "smtpd")                                                                                              \
	id ": client=pc[203.0.113.9], sasl_method=PLAIN, sasl_username=alice\n" AT(time, "cleanup") id                 \
		": message-id=<" id "@example.com>\n" AT(time, "qmgr") id                                              \
		": from=<alice@example.com>, size=9, nrcpt=" count " (queue active)\n"
			NEW(
				"00:00", "4F00000001", "7") SMTP("00:01", "4F00000001", "a@example.net", "dsn=2.0.0, status=sent (250 Ok)") SMTP("00:01", "4F00000001", "b@example.net", "dsn=4.7.1, status=deferred (host x[198.51.100.2] said: 450 later)") SMTP("00:01", "4F00000001", "c@example.net", "dsn=5.1.1, status=bounced (host x[198.51.100.2] said: 550 5.1.1 no)") AT("00:01", "error") "4F00000001: to=<d@example.net>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.4, "
																																																       "status=bounced (Host or domain name not found)\n" AT("00:01", "local") "4F00000001: to=<e@example.com>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, "
																																																									       "status=sent (forwarded as 4F00000002)\n" AT("00:01",
																																																															    "bounce") "4F00000001: sender non-delivery notification: 4F00000003\n" AT("00:01",
																																																																								      "cleanup") "4F00000002: message-id=<4F00000001@example.com>\n" AT("00:01",
																																																																																	"qmgr") "4F00000002: from=<alice@example.com>, size=9, nrcpt=1 (queue active)\n" SMTP("00:02", "4F00000002", "e@example.org", "dsn=2.0.0, status=sent (250 Ok)") AT("00:02", "qmgr") "4F00000002: removed\n" AT("00:02", "qmgr") "4F00000003: from=<>, size=9, nrcpt=1 (queue active)\n" NEW("01:00",
																																																																																																																				     "4F00000004",
																																																																																																																				     "2") AT("01:01", "postsuper") "4F00000004: placed on hold\n" NEW("02:00",
																																																																																																																												      "4F00000005",
																																																																																																																												      "1") AT("02:01", "postsuper") "4F00000005: removed\n" NEW("03:00",
																																																																																																																																				"4F00000006",
																																																																																																																																				"2") SMTP("03:01",
																																																																																																																																					  "4F00000006",
																																																																																																																																					  "f@example.net",
																																																																																																																																					  "dsn=4.7.1, status=deferred (later)") AT("03:02",
																																																																																																																																										   "qmgr") "4F00000006: from=<alice@example.com>, status=expired, returned to sender\n" AT("03:02", "qmgr") "4F00000006: removed\n" AT("04:00", "smtpd") "NOQUEUE: hold: RCPT from pc[203.0.113.9]: <a>: x; from=<a@example.com> to=<g@example.net>\n" AT("04:00", "smtpd") "4F00000007: client=pc[203.0.113.9], sasl_method=PLAIN, sasl_username=alice\n" AT("04:00", "cleanup") "4F00000007: message-id=<7@example.com>\n" NEW("05:00",
																																																																																																																																																																																														 "4F00000008",
																																																																																																																																																																																														 "1") AT("05:01",
																																																																																																																																																																																															 "pipe") "4F00000008: to=<h@example.net>, relay=filter, delay=1, delays=0/0/0/1, dsn=2.0.0, "
																																																																																																																																																																																																 "status=sent (delivered via filter service)\n" AT(
																																																																																																																																																																																																	 "05:01", "pickup") "4F00000009: uid=115 from=<alice@example.com>\n" AT("05:01", "cleanup") "4F00000009: message-id=<4F00000008@example.com>\n" AT("05:01",
																																																																																																																																																																																																																			   "qmgr") "4F00000009: from=<alice@example.com>, size=9, nrcpt=1 (queue active)\n" AT("05:02",
																																																																																																																																																																																																																													       "discard") "4F00000009: to=<h@example.net>, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, "
																																																																																																																																																																																																																															  "status=sent (thrown away)\n" AT("05:02", "qmgr") "4F00000009: removed\n" AT(
																																																																																																																																																																																																																																  "06:00",
																																																																																																																																																																																																																																  "postsuper") "Placed on hold: 1 message\n" AT("06:01",
																																																																																																																																																																																																																																						"postsuper") "Deleted: 40 messages\n";

static uint32_t any(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U; /* Knuth's MMIX */
	return n ? (uint32_t)(*seed >> 33) % n : 0;
}

static void feed(struct span text, const struct mail_sink *sink, bool every)
{
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	struct join *j = join_new(sink, 0);
	assert_non_null(j);
	while (text.len) {
		size_t end = span_find(text, '\n');
		struct log_line l;
		struct mail_event e;
		line_read(span_of(text.at, end), &stamps, &l);
		text = span_from(text, end + 1);
		if (format_parse(&formats, &l, sink->want, &e) != LINE_EVENT || l.at_ms == STAMP_NONE)
			continue;
		e.at_ms = l.at_ms;
		if (every && sink->every)
			sink->every(sink->arg, &e, &l);
		assert_int_equal(join_event(j, &e, &l), 0);
	}
	join_end(j);
	join_free(j);
}

static void stats_add_up(struct span text, const char *name)
{
	static const enum stats_total outcomes[] = {STATS_DELIVERED, STATS_WAITING, STATS_HELD,     STATS_BOUNCED,
						    STATS_EXPIRED,   STATS_REMOVED, STATS_DISCARDED};
	struct stats *s = stats_new(NULL, 100);
	struct mail_sink sink;
	uint64_t sum = 0;
	assert_non_null(s);
	sink = stats_sink(s);
	feed(text, &sink, true);
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		sum += stats_total(s, outcomes[i]);
	if (sum != stats_total(s, STATS_RECIPIENTS_TOTAL))
		fail_msg("%s: %llu recipients, %llu outcomes", name,
			 (unsigned long long)stats_total(s, STATS_RECIPIENTS_TOTAL), (unsigned long long)sum);
	stats_free(s);
}

static void diagnosis_adds_up(struct span text, const char *name)
{
	struct diagnose_options o = {.listed_at_ms = CASE_TIME_NONE};
	struct diagnosis *d = diagnosis_new(&o);
	struct log_coverage coverage = {0};
	struct arena arena = arena_make((size_t)64 << 20);
	struct diagnose_report r;
	struct mail_sink sink;
	uint64_t sum;
	assert_non_null(d);
	sink = diagnosis_sink(d);
	feed(text, &sink, false);
	assert_int_equal(diagnosis_finish(d, &coverage, &arena, &r), 0);
	sum = r.mail.delivered + r.mail.rejected + r.mail.deferred + r.mail.failed + r.mail.expired + r.mail.waiting +
	      r.mail.held + r.mail.removed + r.mail.discarded;
	if (sum != r.mail.recipients || r.mail.messages > r.mail.recipients)
		fail_msg("%s: %llu messages, %llu recipients, %llu outcomes", name, (unsigned long long)r.mail.messages,
			 (unsigned long long)r.mail.recipients, (unsigned long long)sum);
	arena_release(&arena);
	diagnosis_free(d);
}

static void piece_adds_up(struct span text, const char *name)
{
	stats_add_up(text, name);
	diagnosis_adds_up(text, name);
}

/* The whole, and pieces that begin and end anywhere, within a line too. */
static void log_adds_up(struct span text, const char *name, uint64_t *seed, int cuts)
{
	piece_adds_up(text, name);
	for (int i = 0; i < cuts; i++) {
		uint32_t from = any(seed, (uint32_t)text.len);
		piece_adds_up(span_of(text.at + from, any(seed, (uint32_t)(text.len - from))), name);
	}
}

static void our_own(void **state)
{
	uint64_t seed = SEED;
	log_adds_up(span_str(own_log), "own", &seed, 300);
}

static const char *folder(char path[PATH_SIZE])
{
	const char *cases = getenv("OFFLIST_CASES"), *source = getenv("OFFLIST_SOURCE");
	if (cases)
		snprintf(path, PATH_SIZE, "%s/log", cases);
	else
		snprintf(path, PATH_SIZE, "%s/../shared/cases/log", source ? source : ".");
	return path;
}

/* Packed: read by what reads logs. */
static struct span read_log(const char *path, struct buf *text)
{
	struct sources *s = sources_new(NULL, INT64_C(1795514400000));
	const struct log_line *l;
	struct error err;
	assert_non_null(s);
	assert_int_equal(sources_add(s, path, false, &err), 0);
	while (sources_next(s, &l) > 0) {
		buf_add(text, l->raw);
		buf_add_char(text, '\n');
	}
	sources_free(s);
	assert_int_equal(text->error, 0);
	assert_true(text->len > 0);
	return buf_span(text);
}

static void samples(void **state)
{
	char path[PATH_SIZE], file[PATH_SIZE + 256];
	uint64_t seed = SEED;
	struct dirent *entry;
	DIR *dir = opendir(folder(path));
	int count = 0;
	if (!dir) {
		print_message("%s is not here\n", path);
		skip();
	}
	while ((entry = readdir(dir))) {
		struct buf text = buf_make(LOG_MAX);
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		log_adds_up(read_log(file, &text), entry->d_name, &seed, CUTS);
		buf_release(&text);
		count++;
	}
	closedir(dir);
	assert_true(count > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(our_own), cmocka_unit_test(samples)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
