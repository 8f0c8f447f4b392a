/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "logparse/format.h"
#include "logjoin/join.h"

#include "whole_words.h"

static void add(struct buf *b, const char *name, struct span s)
{
	if (s.len)
		buf_printf(b, " %s=%.*s", name, (int)s.len, s.at);
}

static void add_delivery(struct buf *b, const struct mail_delivery *d)
{
	buf_printf(b, " | %.*s %s%s%s", (int)d->recipient.len, d->recipient.at, mail_outcome_text(d->outcome),
		   d->hop ? " hop" : "", d->forwarded ? " forwarded" : "");
	add(b, "of", d->original);
	if (d->outcome != OUTCOME_SENT)
		add(b, d->remote_reply ? "said" : "reply", d->reply);
}

static void add_message(struct buf *b, const struct mail_message *m)
{
	static const char *const origins[] = {"unknown", "client", "login", "local", "notice"};
	char client[ADDR_TEXT_SIZE] = "";
	if (m->client.family)
		addr_text(&m->client, client);
	buf_printf(b, "%.*s %s", (int)m->id.len, m->id.at, origins[m->origin]);
	add(b, "client", span_str(client));
	add(b, "login", m->login);
	add(b, "user", m->user);
	add(b, "dir", m->directory);
	add(b, "script", m->script);
	if (m->has_sender)
		buf_printf(b, " from=<%.*s>", (int)m->sender.len, m->sender.at);
	add(b, m->link == LINK_FORWARD ? "forward-of" : "notice-of", m->link_address);
	for (size_t i = 0; i < m->delivery_count; i++)
		add_delivery(b, &m->deliveries[i]);
	if (m->unnamed)
		buf_printf(b, " | %u more %s", m->unnamed, mail_outcome_text(m->unnamed_outcome));
	buf_add_char(b, '\n');
}

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_message(arg, m + i);
}

void whole_hold(const char *const *lines, const char *expected)
{
	struct buf out = buf_make(1 << 16);
	struct mail_sink sink = {.arg = &out, .messages = on_messages};
	struct join *j = join_new(&sink, 0);
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	assert_non_null(j);
	for (size_t i = 0; i < WHOLE_LINES_MAX && lines[i]; i++) {
		struct log_line l;
		struct mail_event e;
		enum line_result result;
		line_read(span_str(lines[i]), &stamps, &l);
		l.number = i + 1;
		result = format_parse(&formats, &l, 0, &e);
		if (result == LINE_UNKNOWN || result == LINE_FOREIGN)
			fail_msg("not understood: %s", lines[i]);
		if (result == LINE_EVENT)
			assert_int_equal(join_event(j, &e, &l), 0);
	}
	join_end(j);
	assert_string_equal(buf_text(&out), expected);
	join_free(j);
	buf_release(&out);
}
