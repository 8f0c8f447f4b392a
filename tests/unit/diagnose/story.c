/* SPDX-License-Identifier: BSD-2-Clause */
#include "story.h"

#include "diagnose/hash.h"

#include <stdio.h>
#include <stdlib.h>

enum { EACH_MAX = 100 };
static const int64_t begin_ms = 1761955200000; /* 2025-11-01T00:00:00Z, a Saturday */

void story_begin(struct story *s)
{
	struct error err;
	struct catalogue_config config = {0};
	*s = (struct story){.from_ms = INT64_MAX, .to_ms = INT64_MIN, .arena = arena_make((size_t)16 << 20), .seed = 1};
	assert_int_equal(catalogue_load(&config, NULL, NULL, &s->lists, &err), 0);
	assert_int_equal(receivers_load(s->lists, NULL, NULL, NULL, &s->receivers, &err), 0);
	s->options.listed_at_ms = CASE_TIME_NONE;
	s->options.receivers = s->receivers;
}

static void start(struct story *s)
{
	if (s->diagnosis)
		return;
	s->diagnosis = diagnosis_new(&s->options);
	assert_non_null(s->diagnosis);
	s->sink = diagnosis_sink(s->diagnosis);
}

uint32_t story_any(struct story *s, uint32_t n)
{
	s->seed = s->seed * 6364136223846793005U + 1442695040888963407U; /* Knuth's MMIX */
	return (uint32_t)(s->seed >> 33) % n;
}

enum fate_told story_dirty(struct story *s)
{
	uint32_t x = story_any(s, 100);
	return x < 20 ? TOLD_UNKNOWN : x < 30 ? TOLD_SPAM : TOLD_SENT;
}

enum fate_told story_kept(struct story *s)
{
	return story_any(s, 100) == 0 ? TOLD_UNKNOWN : TOLD_SENT;
}

const char *story_client(uint32_t n)
{
	static char text[4][32];
	char *to = text[n % 4];
	(void)snprintf(to, sizeof(text[0]), "%u.%u.%u.7", 11 + n % 180, n % 200, n * 7 % 250);
	return to;
}

struct fate_words {
	enum mail_outcome outcome;
	uint16_t code;
	const char *status, *reply;
};

static const struct fate_words fates[] = {
	[TOLD_SENT] = {OUTCOME_SENT, 250, "2.0.0", "250 2.0.0 OK"},
	[TOLD_UNKNOWN] = {OUTCOME_BOUNCED, 550, "5.1.1", "550 5.1.1 User unknown in virtual mailbox table"},
	[TOLD_SPAM] = {OUTCOME_BOUNCED, 554, "5.7.1", "554 5.7.1 Message rejected as spam by content filter"},
	[TOLD_LISTED] = {OUTCOME_BOUNCED, 554, "5.7.1",
			 "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; "
			 "https://www.spamhaus.org/query/ip/192.0.2.25"},
	[TOLD_DOMAIN_LISTED] = {OUTCOME_BOUNCED, 554, "5.7.1",
				"554 5.7.1 Service unavailable; Sender address [a@example.com] blocked using "
				"dbl.spamhaus.org; https://www.spamhaus.org/query/domain/example.com"},
	[TOLD_NO_PTR] = {OUTCOME_BOUNCED, 550, "5.7.25",
			 "550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.25]"},
	[TOLD_NO_SPF] = {OUTCOME_BOUNCED, 550, "5.7.23",
			 "550 5.7.23 SPF fail: 192.0.2.25 may not send for example.com"},
	[TOLD_PBL] = {OUTCOME_BOUNCED, 554, "5.7.1",
		      "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using pbl.spamhaus.org; "
		      "https://www.spamhaus.org/query/ip/192.0.2.25"},
	[TOLD_NO_REASON] = {OUTCOME_BOUNCED, 554, "5.0.0", "554 Transaction failed"},
	[TOLD_REFUSED] = {OUTCOME_BOUNCED, 554, "5.7.1",
			  "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; "
			  "Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.9/"},
	[TOLD_STRANGE_BLOCK] = {OUTCOME_BOUNCED, 550, "5.7.1",
				"550 5.7.1 Your address 192.0.2.25 is on the blocklist of this house"},
	[TOLD_WAITING] = {OUTCOME_DEFERRED, 451, "4.3.0", "451 4.3.0 Try again later"},
	[TOLD_DISCARDED] = {OUTCOME_DISCARDED, 250, "2.7.0", "250 2.7.0 Ok, discarded"},
	[TOLD_HERE] = {OUTCOME_SENT, 0, "2.0.0", "delivered to maildir"},
	[TOLD_UNKNOWN_HERE] = {OUTCOME_BOUNCED, 0, "5.1.1", "unknown user: \"x\""},
};

static void deliver(struct story *s, const struct told *t, struct mail_delivery *d, char *address, size_t size)
{
	const char *relay = t->relay_name ? t->relay_name : "mx.receiver.example";
	const struct fate_words *w = &fates[t->fate];
	bool here = t->fate >= TOLD_HERE;
	(void)snprintf(address, size, "p%u@d%u.example", story_any(s, 1000000), story_any(s, 300));
	*d = (struct mail_delivery){
		.at_ms = begin_ms + t->at_s * 1000 + 800,
		.outcome = w->outcome,
		.transport = here ? TRANSPORT_LOCAL : TRANSPORT_SMTP,
		.recipient = span_str(t->to ? t->to : address),
		.original = span_str(t->original),
		.forwarded = t->forwarded,
		.hop = t->hop,
		.relay_name = span_str(here ? "local" : relay),
		.code = w->code,
		.status = span_str(w->status),
		.reply = span_str(w->reply),
		.remote_reply = !here,
		.tries = 1,
	};
	if (!here && t->direct)
		d->relay_name = address_domain(d->recipient);
	if (!here)
		assert_int_equal(addr_parse(span_str(t->relay ? t->relay : "203.0.113.40"), &d->relay), 0);
	if (w->outcome != OUTCOME_SENT)
		d->line = (struct line_copy){0, ++s->line, d->at_ms, span_str(w->reply)};
}

static enum mail_origin origin_of(const struct told *t)
{
	if (t->origin || t->unknown)
		return t->origin;
	if (t->login)
		return ORIGIN_LOGIN;
	return t->client ? ORIGIN_CLIENT : ORIGIN_LOCAL;
}

static void parse(const char *text, struct addr *a)
{
	if (text)
		assert_int_equal(addr_parse(span_str(text), a), 0);
}

void story_tell(struct story *s, const struct told *t)
{
	struct mail_delivery d[EACH_MAX];
	char address[EACH_MAX][64], id[32], line[128];
	uint32_t each = t->each ? t->each : 1;
	start(s);
	assert_true(each <= EACH_MAX);
	for (uint32_t i = 0; i < each; i++)
		deliver(s, t, &d[i], address[i], sizeof(address[i]));
	(void)snprintf(id, sizeof(id), "%08llX", (unsigned long long)++s->line);
	(void)snprintf(line, sizeof(line), "accepted from %s", t->client ? t->client : "here");
	struct mail_message m = {
		.format = t->format,
		.host = span_str(t->host ? t->host : "mail.example.com"),
		.id = span_str(id),
		.first_ms = begin_ms + t->at_s * 1000,
		.last_ms = begin_ms + t->at_s * 1000 + 900,
		.ended = t->fate != TOLD_WAITING,
		.origin = origin_of(t),
		.helo = span_str(t->helo),
		.client_name = span_str(t->name),
		.login = span_str(t->login),
		.method = span_str(t->method),
		.user = span_str(t->user),
		.directory = span_str(t->directory),
		.script = span_str(t->script),
		.uid = t->uid ? t->uid : MAIL_UID_NONE,
		.has_sender = true,
		.size = t->size ? t->size : 4000,
		.sender = span_str(t->bounce   ? NULL
				   : t->sender ? t->sender
					       : t->login),
		.link = t->about ? LINK_NOTICE : LINK_NONE,
		.link_address = span_str(t->about),
		.accept = {0, ++s->line, begin_ms + t->at_s * 1000, span_str(line)},
		.deliveries = d,
		.delivery_count = each,
	};
	parse(t->client, &m.client);
	parse(t->about_client, &m.link_client);
	s->from_ms = m.first_ms < s->from_ms ? m.first_ms : s->from_ms;
	s->to_ms = m.last_ms > s->to_ms ? m.last_ms : s->to_ms;
	s->sink.messages(s->sink.arg, &m, 1);
}

void story_refuse_relay(struct story *s, int64_t at_s, const char *client)
{
	struct mail_event e = {.kind = EVENT_REFUSAL,
			       .format = FORMAT_POSTFIX,
			       .at_ms = begin_ms + at_s * 1000,
			       .host = span_str("mail.example.com"),
			       .uid = MAIL_UID_NONE,
			       .reply = span_str("554 5.7.1 <x@far.example>: Relay access denied")};
	start(s);
	parse(client, &e.client);
	s->sink.event(s->sink.arg, &e, &(struct line_copy){0, ++s->line, e.at_ms, span_str("refused")});
}

void story_person(struct story *s, const char *login, uint32_t days)
{
	char friends[32];
	for (uint32_t hour = 0; hour < days * 24; hour++) {
		if (hour % 24 < 8 || hour % 24 > 17)
			continue;
		for (uint32_t i = story_any(s, 4); i > 0; i--) {
			(void)snprintf(friends, sizeof(friends), "friend%u@known.example", story_any(s, 25));
			story_tell(s, &(struct told){.at_s = hour * HOUR_S + story_any(s, HOUR_S),
						     .login = login,
						     .client = "198.51.100.20",
						     .to = friends});
		}
	}
}

void story_end(struct story *s)
{
	start(s);
	s->file = (struct source_file){.name = "mail.log"};
	s->coverage.from_ms = s->from_ms;
	s->coverage.to_ms = s->to_ms;
	s->coverage.mail_lines = s->coverage.lines = s->line;
	s->coverage.files = &s->file;
	s->coverage.file_count = 1;
	s->coverage.holds = (struct log_holds){.arrivals = s->line, .deliveries = s->line, .whole = s->line};
	assert_int_equal(diagnosis_finish(s->diagnosis, &s->coverage, &s->arena, &s->report), 0);
}

void story_release(struct story *s)
{
	diagnosis_free(s->diagnosis);
	receivers_free(s->receivers);
	catalogue_free(s->lists);
	arena_release(&s->arena);
}

bool story_has_note(const struct story *s, const char *part)
{
	for (size_t i = 0; i < s->report.note_count; i++)
		if (strstr(s->report.notes[i], part))
			return true;
	return false;
}

void assert_no_cause(struct story *s)
{
	story_end(s);
	for (size_t i = 0; i < s->report.cause_count; i++)
		print_message("%s %s %.2f: %s\n", cause_text(s->report.causes[i].kind), s->report.causes[i].subject,
			      s->report.causes[i].confidence, s->report.causes[i].sentence);
	for (size_t i = 0; i < s->report.cause_count; i++)
		for (size_t k = 0; k < s->report.causes[i].signal_count; k++)
			print_message("  %+.2f %s: %s\n", s->report.causes[i].signals[k].weight,
				      s->report.causes[i].signals[k].name, s->report.causes[i].signals[k].text);
	assert_int_equal(s->report.cause_count, 0);
	story_release(s);
}

void assert_only_cause(const struct story *s, enum cause kind, const char *subject)
{
	for (size_t i = 0; i < s->report.cause_count; i++)
		print_message("%s %s %.2f: %s\n", cause_text(s->report.causes[i].kind), s->report.causes[i].subject,
			      s->report.causes[i].confidence, s->report.causes[i].sentence);
	assert_int_equal(s->report.cause_count, 1);
	assert_int_equal(s->report.causes[0].kind, kind);
	assert_string_equal(s->report.causes[0].subject, subject);
	assert_true(s->report.causes[0].confidence >= 0.5);
	assert_true(s->report.causes[0].evidence_count > 0);
	assert_true(s->report.causes[0].fix_count > 0);
	for (size_t i = 0; i < s->report.causes[0].fix_count; i++) {
		/* commands that exist, written out */
		assert_null(strstr(s->report.causes[0].fix[i], "offlist fix"));
		assert_null(strchr(s->report.causes[0].fix[i], '{'));
	}
}
