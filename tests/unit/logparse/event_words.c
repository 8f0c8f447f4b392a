/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event_words.h"

struct out {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void say(struct out *o, const char *format, ...)
{
	va_list args;
	int n;
	va_start(args, format);
	n = vsnprintf(o->at, o->left, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= o->left)
		fail_msg("words too long");
	o->at += n;
	o->left -= (size_t)n;
}

static void say_span(struct out *o, const char *key, struct span s)
{
	if (s.len)
		say(o, " %s=%.*s", key, (int)s.len, (const char *)s.at);
}

static void say_addr(struct out *o, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_SIZE];
	if (!a->family)
		return;
	addr_text(a, text);
	say(o, " %s=%s", key, text);
}

static void say_number(struct out *o, const char *key, uint64_t n)
{
	if (n)
		say(o, " %s=%llu", key, (unsigned long long)n);
}

static void say_origin(struct out *o, const struct mail_event *e)
{
	say_number(o, "pid", e->pid);
	say_addr(o, "client", &e->client);
	say_span(o, "name", e->client_name);
	say_span(o, "helo", e->helo);
	say_span(o, "login", e->login);
	say_span(o, "login-domain", e->login_domain);
	say_span(o, "method", e->method);
	say_span(o, "user", e->user);
	if (e->uid != MAIL_UID_NONE)
		say(o, " uid=%d", e->uid);
	say_span(o, "dir", e->directory);
	say_span(o, "script", e->script);
	if (e->local)
		say(o, " local");
	if (e->good)
		say(o, " good");
	if (e->has_sender)
		say(o, " from=<%.*s>", (int)e->sender.len, (const char *)e->sender.at);
	say_span(o, "msgid", e->message_id);
	say_span(o, "subject", e->subject);
	say_number(o, "size", e->size);
	say_number(o, "rcpts", e->recipients);
}

static void say_outcome(struct out *o, const struct mail_event *e)
{
	static const char *const outcomes[] = {"",           " sent", " deferred", " bounced", " expired",
					       " discarded", " held", " waiting",  " removed"};
	static const char *const transports[] = {"", " smtp", " local-delivery", " pipe"};
	say(o, "%s%s", outcomes[e->outcome], transports[e->transport]);
	if (e->forwarded)
		say(o, " forwarded");
	say_span(o, "to", e->recipient);
	say_span(o, "orig", e->original);
	say_span(o, "relay", e->relay_name);
	say_addr(o, "relay-ip", &e->relay);
	say_number(o, "port", e->relay_port);
	say_number(o, "delay", e->delay_ms);
	say_number(o, "count", e->count);
	say_number(o, "code", e->code);
	say_span(o, "status", e->status);
	say_span(o, e->remote_reply ? "said" : "reply", e->reply);
}

static const char *const kinds[] = {"accept",  "detail",     "delivery",     "change",     "link",
				    "end",     "refusal",    "would refuse", "login",      "submit",
				    "connect", "disconnect", "warning",      "suppressed", "envelope"};

static void say_event(struct out *o, const struct mail_event *e)
{
	static const char *const links[] = {"related", "next-hop", "forward", "notice", "requeue"};
	say(o, "%s", kinds[e->kind]);
	say_span(o, "id", e->id);
	say_span(o, links[e->link], e->related);
	say_origin(o, e);
	say_outcome(o, e);
}

static bool claims(const struct format_row *format, const struct log_line *l, uint32_t *ret_kind)
{
	enum format_claim claim;
	*ret_kind = 0;
	claim = format->program(l->program, ret_kind);
	if (claim == CLAIM_ASK)
		*ret_kind = 0;
	return claim == CLAIM_YES || (claim == CLAIM_ASK && format->claims(l));
}

void event_words(const struct format_row *format, const char *program, struct span text, uint32_t want, char *ret_words,
		 size_t size)
{
	static const char stamp[] = "2026-11-24 10:00:00 ";
	static const char *const results[] = {"foreign", "", "quiet", "unknown"};
	size_t head = *program ? 0 : sizeof(stamp) - 1;
	/* an exact copy, so that the sanitizer sees a read past the end */
	uint8_t *copy = malloc(head + text.len + !(head + text.len));
	struct mail_event e;
	struct log_line l = {.raw = {copy, head + text.len}, .program = span_str(program)};
	struct out o = {ret_words, size};
	enum line_result result;
	uint32_t kind;
	assert_non_null(copy);
	memcpy(copy, stamp, head);
	if (text.len)
		memcpy(copy + head, text.at, text.len);
	l.text = span_of(copy + head, text.len);
	result = claims(format, &l, &kind) ? format->parse(&l, kind, want, &e) : LINE_FOREIGN;
	say(&o, "%s", results[result]);
	if (result == LINE_EVENT)
		say_event(&o, &e);
	free(copy);
}

void rows_hold(const struct format_row *format, const char *program, const struct line_row *rows, size_t count)
{
	char words[4096];
	for (size_t i = 0; i < count; i++) {
		event_words(format, program, span_str(rows[i].text), 0, words, sizeof(words));
		if (strcmp(words, rows[i].words) != 0)
			fail_msg("%s\n got %s\nwant %s", rows[i].text, words, rows[i].words);
	}
}
