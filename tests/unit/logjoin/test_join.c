/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "logjoin/join.h"

/* What is handed over, as one line a message:
 * "ID origin=N client=.. login=.. user=.. dir=.. script=.. from=.. link=N/address | recipient outcome[h][f][<original>]" */
struct seen {
	struct buf out;
	size_t count;
};

static void add(struct buf *b, const char *name, struct span s)
{
	if (s.len)
		buf_printf(b, " %s=%.*s", name, (int)s.len, (const char *)s.at);
}

static void add_message(struct seen *seen, const struct mail_message *m)
{
	struct buf *b = &seen->out;
	char client[ADDR_TEXT_SIZE] = "";
	if (m->client.family)
		addr_text(&m->client, client);
	buf_printf(b, "%.*s origin=%d", (int)m->id.len, (const char *)m->id.at, (int)m->origin);
	add(b, "host", m->host);
	add(b, "client", span_str(client));
	add(b, "login", m->login);
	add(b, "user", m->user);
	add(b, "dir", m->directory);
	add(b, "script", m->script);
	add(b, "from", m->sender);
	if (m->link)
		buf_printf(b, " link=%d/%.*s%s", (int)m->link, (int)m->link_address.len,
			   (const char *)m->link_address.at, m->link_remote ? " remote" : "");
	for (size_t i = 0; i < m->delivery_count; i++) {
		const struct mail_delivery *d = &m->deliveries[i];
		buf_printf(b, " | %.*s %d%s%s", (int)d->recipient.len, (const char *)d->recipient.at, (int)d->outcome,
			   d->hop ? "h" : "", d->forwarded ? "f" : "");
		add(b, "orig", d->original);
		add(b, "reply", d->reply);
	}
	buf_add_char(b, '\n');
	seen->count++;
}

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_message(arg, m + i);
}

struct fixture {
	struct seen seen;
	struct mail_sink sink;
	struct join *join;
	int64_t now;
	uint64_t line;
};

static void set_up(struct fixture *f, size_t open_max)
{
	*f = (struct fixture){.seen.out = buf_make(1 << 20), .now = 1000000};
	f->sink = (struct mail_sink){.arg = &f->seen, .messages = on_messages};
	f->join = join_new(&f->sink, open_max);
	assert_non_null(f->join);
}

/* How many were handed over by now, those that waited for others too. */
static size_t handed_over(struct fixture *f)
{
	join_idle(f->join, INT64_MIN);
	return f->seen.count;
}

static void finish(struct fixture *f, const char *expected)
{
	join_end(f->join);
	assert_string_equal(buf_text(&f->seen.out), expected);
	join_free(f->join);
	buf_release(&f->seen.out);
}

static struct mail_event event(enum mail_event_kind kind, const char *id)
{
	return (struct mail_event){.kind = kind, .id = span_str(id), .uid = MAIL_UID_NONE};
}

static void give(struct fixture *f, struct mail_event e)
{
	struct log_line l = {.raw = span_str("line"), .at_ms = f->now, .number = ++f->line};
	e.at_ms = f->now;
	if (e.reply.len)
		l.raw = e.reply;
	assert_int_equal(join_event(f->join, &e, &l), 0);
	f->now += 10;
}

static struct mail_event client_of(const char *id, const char *client, const char *login)
{
	struct mail_event e = event(EVENT_ACCEPT, id);
	assert_int_equal(addr_parse(span_str(client), &e.client), 0);
	e.login = span_str(login);
	return e;
}

static struct mail_event sender_of(const char *id, const char *sender)
{
	struct mail_event e = event(EVENT_DETAIL, id);
	e.has_sender = true;
	e.sender = span_str(sender);
	return e;
}

static struct mail_event delivery_of(const char *id, const char *to, enum mail_outcome outcome,
				     enum mail_transport transport)
{
	struct mail_event e = event(EVENT_DELIVERY, id);
	e.recipient = span_str(to);
	e.outcome = outcome;
	e.transport = transport;
	return e;
}

static struct mail_event linked(struct mail_event e, enum mail_link link, const char *related)
{
	e.link = link;
	e.related = span_str(related);
	return e;
}

static struct mail_event with_id(const char *id, const char *message_id)
{
	struct mail_event e = event(EVENT_DETAIL, id);
	e.message_id = span_str(message_id);
	return e;
}

static void test_plain(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, sender_of("A1", "a@example.com"));
	give(&f, delivery_of("A1", "b@example.net", OUTCOME_DEFERRED, TRANSPORT_SMTP));
	give(&f, delivery_of("A1", "B@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "A1"));
	assert_int_equal(handed_over(&f), 1);
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice from=a@example.com | b@example.net 1\n");
}

/* One daemon has a syslog name of its own: it is the same message; another one's id of that name is not. */
static void test_one_message_under_two_names(void **state)
{
	struct fixture f;
	struct mail_event e;
	set_up(&f, 0);
	e = client_of("A1", "192.0.2.1", "alice");
	e.instance = span_str("postfix-in");
	give(&f, e);
	give(&f, sender_of("A1", "a@example.com"));
	give(&f, delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "A1"));
	assert_int_equal(handed_over(&f), 1);
	f.now += 1000;
	give(&f, e);
	give(&f, client_of("A1", "192.0.2.2", "bob"));
	give(&f, delivery_of("A1", "c@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "A1"));
	assert_int_equal(handed_over(&f), 2);
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice from=a@example.com | b@example.net 1\n"
		   "A1 origin=2 client=192.0.2.2 login=bob | c@example.net 1\n"
		   "A1 origin=2 client=192.0.2.1 login=alice\n");
}

/* The second hop's own lines come before the first one's "queued as". */
static void test_filter_hop(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, client_of("B2", "127.0.0.1", ""));
	give(&f, delivery_of("B2", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "B2"));
	give(&f, linked(delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP), LINK_NEXT_HOP, "B2"));
	give(&f, event(EVENT_END, "A1"));
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice | b@example.net 1h\n"
		   "B2 origin=2 client=192.0.2.1 login=alice | b@example.net 1\n");
}

/* The other order: the link is known before the second hop's lines are read. */
static void test_hop_before_its_lines(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, linked(delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP), LINK_NEXT_HOP, "B2"));
	give(&f, event(EVENT_END, "A1"));
	give(&f, client_of("B2", "127.0.0.1", ""));
	give(&f, delivery_of("B2", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "B2"));
	finish(&f, "B2 origin=2 client=192.0.2.1 login=alice | b@example.net 1\n"
		   "A1 origin=2 client=192.0.2.1 login=alice | b@example.net 1h\n");
}

/* An internal relay names its own id and the message never comes back: the delivery counts. */
static void test_relay_that_names_an_id(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, linked(delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP), LINK_NEXT_HOP, "X9"));
	give(&f, linked(delivery_of("A1", "c@example.net", OUTCOME_SENT, TRANSPORT_SMTP), LINK_NEXT_HOP, "B2"));
	give(&f, event(EVENT_END, "A1"));
	give(&f, client_of("B2", "127.0.0.1", ""));
	give(&f, delivery_of("B2", "c@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "B2"));
	finish(&f, "B2 origin=2 client=192.0.2.1 login=alice | c@example.net 1\n"
		   "A1 origin=2 client=192.0.2.1 login=alice | b@example.net 1 | c@example.net 1h\n");
}

/* "status=expired, returned to sender" gives up what waits, and only that. */
static void test_expired(void **state)
{
	struct mail_event e = sender_of("A1", "a@example.com");
	struct fixture f;
	set_up(&f, 0);
	e.outcome = OUTCOME_EXPIRED;
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, delivery_of("A1", "b@example.net", OUTCOME_DEFERRED, TRANSPORT_SMTP));
	give(&f, delivery_of("A1", "c@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, e);
	give(&f, event(EVENT_END, "A1"));
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice from=a@example.com | b@example.net 4 | c@example.net 1\n");
}

/* A filter's line that comes after the end makes no new message. */
static void test_filter_line_after_the_end(void **state)
{
	struct mail_event e = client_of("A1", "198.51.100.7", "");
	struct fixture f;
	set_up(&f, 0);
	e.format = FORMAT_FILTER;
	give(&f, client_of("A1", "127.0.0.1", ""));
	give(&f, delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "A1"));
	give(&f, e);
	finish(&f, "A1 origin=1 client=198.51.100.7 | b@example.net 1\n");
}

static void test_two_hosts_same_id(void **state)
{
	struct fixture f;
	struct mail_event e;
	set_up(&f, 0);
	for (int i = 0; i < 2; i++) {
		e = client_of("A1", i ? "192.0.2.2" : "192.0.2.1", i ? "bob" : "alice");
		e.host = span_str(i ? "two" : "one");
		give(&f, e);
	}
	for (int i = 0; i < 2; i++) {
		e = delivery_of("A1", i ? "x@example.net" : "y@example.net", OUTCOME_SENT, TRANSPORT_SMTP);
		e.host = span_str(i ? "two" : "one");
		give(&f, e);
	}
	finish(&f, "A1 origin=2 host=one client=192.0.2.1 login=alice | y@example.net 1\n"
		   "A1 origin=2 host=two client=192.0.2.2 login=bob | x@example.net 1\n");
}

static void test_id_used_again(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, delivery_of("A1", "b@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	f.now += 1000; /* the first one's end is lost */
	give(&f, client_of("A1", "192.0.2.2", "bob"));
	give(&f, delivery_of("A1", "c@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice | b@example.net 1\n"
		   "A1 origin=2 client=192.0.2.2 login=bob | c@example.net 1\n");
}

static void test_notice(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "198.51.100.7", ""));
	give(&f, sender_of("A1", "victim@example.net"));
	give(&f, delivery_of("A1", "nobody@example.com", OUTCOME_BOUNCED, TRANSPORT_LOCAL));
	give(&f, sender_of("N9", ""));
	give(&f, linked(event(EVENT_LINK, "A1"), LINK_NOTICE, "N9"));
	give(&f, event(EVENT_END, "A1"));
	give(&f, delivery_of("N9", "victim@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "N9"));
	finish(&f, "A1 origin=1 client=198.51.100.7 from=victim@example.net | nobody@example.com 3\n"
		   "N9 origin=4 link=3/nobody@example.com | victim@example.net 1\n");
}

/* Another server's word, or that of this host's own mailboxes, which speak LMTP? */
static void test_notice_of_whom(void **state)
{
	for (int own = 0; own < 2; own++) {
		struct fixture f;
		struct mail_event refused = delivery_of("A1", "nobody@example.com", OUTCOME_BOUNCED,
							own ? TRANSPORT_LOCAL : TRANSPORT_SMTP);
		refused.remote_reply = true;
		set_up(&f, 0);
		give(&f, client_of("A1", "198.51.100.7", ""));
		give(&f, refused);
		give(&f, linked(event(EVENT_LINK, "A1"), LINK_NOTICE, "N9"));
		give(&f, event(EVENT_END, "A1"));
		give(&f, delivery_of("N9", "victim@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
		give(&f, event(EVENT_END, "N9"));
		finish(&f, own ? "A1 origin=1 client=198.51.100.7 | nobody@example.com 3\n"
				 "N9 origin=4 link=3/nobody@example.com | victim@example.net 1\n"
			       : "A1 origin=1 client=198.51.100.7 | nobody@example.com 3\n"
				 "N9 origin=4 link=3/nobody@example.com remote | victim@example.net 1\n");
	}
}

static void test_forward(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "198.51.100.7", ""));
	give(&f, linked(delivery_of("A1", "alice@example.com", OUTCOME_SENT, TRANSPORT_LOCAL), LINK_FORWARD, "F2"));
	give(&f, sender_of("F2", "x@example.org"));
	give(&f, delivery_of("F2", "alice@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "F2"));
	finish(&f, "F2 origin=1 client=198.51.100.7 from=x@example.org link=2/alice@example.com | alice@example.net "
		   "1f orig=alice@example.com\n"
		   "A1 origin=1 client=198.51.100.7 | alice@example.com 1h\n");
}

/* local(8) keeps the Message-ID, and names the forwarding address in orig_to=: it is a forward all the same. */
static void test_forward_with_its_message_id(void **state)
{
	struct fixture f;
	struct mail_event sent = delivery_of("F2", "alice@example.net", OUTCOME_SENT, TRANSPORT_SMTP);
	sent.original = span_str("alice@example.com");
	set_up(&f, 0);
	give(&f, client_of("A1", "198.51.100.7", ""));
	give(&f, with_id("A1", "m1@example.org"));
	give(&f, with_id("F2", "m1@example.org"));
	give(&f, linked(delivery_of("A1", "alice@example.com", OUTCOME_SENT, TRANSPORT_LOCAL), LINK_FORWARD, "F2"));
	give(&f, event(EVENT_END, "A1"));
	give(&f, sent);
	give(&f, event(EVENT_END, "F2"));
	finish(&f, "A1 origin=1 client=198.51.100.7 | alice@example.com 1h\n"
		   "F2 origin=1 client=198.51.100.7 link=2/alice@example.com | alice@example.net 1f "
		   "orig=alice@example.com\n");
}

/* A pipe filter hands the message back with sendmail: same Message-ID, same recipient. A user's forward: another one. */
static void test_message_id(void **state)
{
	struct fixture f;
	struct mail_event local = event(EVENT_ACCEPT, "B2");
	local.local = true;
	local.uid = 110;
	for (int forward = 0; forward < 2; forward++) {
		const char *to = forward ? "bob@example.org" : "bob@example.com";
		set_up(&f, 0);
		give(&f, client_of("A1", "192.0.2.1", "alice"));
		give(&f, with_id("A1", "m1@example.com"));
		give(&f, local);
		give(&f, with_id("B2", "m1@example.com"));
		give(&f, delivery_of("A1", "bob@example.com", OUTCOME_SENT, TRANSPORT_PIPE));
		give(&f, event(EVENT_END, "A1"));
		give(&f, delivery_of("B2", to, OUTCOME_SENT, TRANSPORT_SMTP));
		give(&f, event(EVENT_END, "B2"));
		finish(&f, forward ? "B2 origin=2 client=192.0.2.1 login=alice link=2/bob@example.com | "
				     "bob@example.org 1f orig=bob@example.com\n"
				     "A1 origin=2 client=192.0.2.1 login=alice | bob@example.com 1\n"
				   : "B2 origin=2 client=192.0.2.1 login=alice | bob@example.com 1\n"
				     "A1 origin=2 client=192.0.2.1 login=alice | bob@example.com 1h\n");
	}
}

/* Of several open messages with one Message-ID the last that is surely its own is the one handed back. */
static void test_message_id_of_several(void **state)
{
	struct fixture f;
	struct mail_event id = with_id("A1", "<m@example.com>"), back = event(EVENT_ACCEPT, "A3");
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	give(&f, id);
	give(&f, client_of("A2", "192.0.2.2", "bob"));
	id.id = span_str("A2");
	give(&f, id);
	give(&f, delivery_of("A2", "carol@example.com", OUTCOME_SENT, TRANSPORT_PIPE));
	give(&f, event(EVENT_END, "A1"));
	back.local = true;
	give(&f, back);
	id.id = span_str("A3");
	give(&f, id);
	give(&f, delivery_of("A3", "dave@example.net", OUTCOME_SENT, TRANSPORT_SMTP));
	give(&f, event(EVENT_END, "A2"));
	give(&f, event(EVENT_END, "A3"));
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice\n"
		   "A3 origin=2 client=192.0.2.2 login=bob link=2/carol@example.com"
		   " | dave@example.net 1f orig=carol@example.com\n"
		   "A2 origin=2 client=192.0.2.2 login=bob | carol@example.com 1\n");
}

/* Recipients that wait are found again, in whatever order they are tried; one that was not seen yet is a new one. */
static void test_tried_again(void **state)
{
	enum { RECIPIENTS = 1000 }; /* so many have an index, which grows */
	static const int orders[] = {1, 3, RECIPIENTS - 1};
	struct fixture f;
	struct buf expected = buf_make(1 << 16);
	char to[32];
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	for (size_t o = 0; o < sizeof(orders) / sizeof(*orders); o++)
		for (int i = 0; i < RECIPIENTS; i++) {
			snprintf(to, sizeof(to), "%s%d@example.net", o ? "To" : "to", i * orders[o] % RECIPIENTS);
			give(&f, delivery_of("A1", to, OUTCOME_DEFERRED, TRANSPORT_SMTP));
		}
	for (int i = 0; i < RECIPIENTS; i += 2) {
		snprintf(to, sizeof(to), "to%d@EXAMPLE.net", i);
		give(&f, delivery_of("A1", to, OUTCOME_SENT, TRANSPORT_SMTP));
	}
	give(&f, delivery_of("A1", "new@example.net", OUTCOME_BOUNCED, TRANSPORT_SMTP));
	buf_printf(&expected, "A1 origin=2 client=192.0.2.1 login=alice");
	for (int i = 0; i < RECIPIENTS; i++)
		buf_printf(&expected, " | to%d@example.net %d", i, i % 2 ? OUTCOME_DEFERRED : OUTCOME_SENT);
	buf_printf(&expected, " | new@example.net %d\n", OUTCOME_BOUNCED);
	finish(&f, buf_text(&expected));
	buf_release(&expected);
}

static void test_cwd(void **state)
{
	struct fixture f;
	struct mail_event submit = event(EVENT_SUBMIT, NULL), accept = event(EVENT_ACCEPT, "A1");
	set_up(&f, 0);
	submit.directory = span_str("/srv/www/forum");
	accept.local = true;
	accept.user = span_str("www-data");
	give(&f, submit);
	give(&f, accept);
	accept.id = span_str("A2"); /* the line is claimed already */
	give(&f, accept);
	finish(&f, "A1 origin=3 user=www-data dir=/srv/www/forum\nA2 origin=3 user=www-data\n");
}

/* A notice of Exim's own starts beside a script's message, and two scripts at once: -f tells them apart. */
static void test_cwd_by_sender(void **state)
{
	struct fixture f;
	struct mail_event submit = event(EVENT_SUBMIT, NULL), accept = event(EVENT_ACCEPT, NULL);
	set_up(&f, 0);
	submit.has_sender = accept.has_sender = accept.local = true;
	submit.directory = span_str("/srv/www/forum");
	submit.sender = span_str("forum@example.com");
	give(&f, submit);
	submit.directory = span_str("/srv/www/shop");
	submit.sender = span_str("shop@example.com");
	give(&f, submit);
	accept.id = span_str("A1");
	give(&f, accept);
	accept.id = span_str("A2");
	accept.sender = span_str("shop@example.com");
	give(&f, accept);
	accept.id = span_str("A3"); /* its -f was not heeded */
	accept.sender = span_str("www-data@example.com");
	give(&f, accept);
	finish(&f, "A1 origin=3\nA2 origin=3 dir=/srv/www/shop from=shop@example.com\n"
		   "A3 origin=3 dir=/srv/www/forum from=www-data@example.com\n");
}

static void test_sendmail_login_by_pid(void **state)
{
	struct fixture f;
	struct mail_event login = event(EVENT_LOGIN, NULL), accept;
	set_up(&f, 0);
	login.format = FORMAT_SENDMAIL;
	login.pid = 77;
	login.good = true;
	login.login = span_str("alice");
	give(&f, login);
	accept = client_of("A1", "192.0.2.1", "");
	accept.format = FORMAT_SENDMAIL;
	accept.pid = 78;
	give(&f, accept);
	accept.id = span_str("A2");
	accept.pid = 77;
	give(&f, accept);
	finish(&f, "A1 origin=1 client=192.0.2.1\nA2 origin=2 client=192.0.2.1 login=alice\n");
}

static void test_several_recipients(void **state)
{
	struct fixture f;
	struct mail_event e =
		delivery_of("A1", "<a@example.net>,<b@example.net>, c@example.net", OUTCOME_SENT, TRANSPORT_SMTP);
	e.count = 3;
	set_up(&f, 0);
	give(&f, e);
	finish(&f, "A1 origin=0 | a@example.net 1 | b@example.net 1 | c@example.net 1\n");
}

static void test_bounds(void **state)
{
	struct fixture f;
	char id[16];
	set_up(&f, 100);
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "Q%d", i);
		give(&f, client_of(id, "192.0.2.1", "alice"));
	}
	assert_int_equal(handed_over(&f), 4900);
	assert_int_equal(join_dropped_early(f.join), 4900);
	f.now += (int64_t)JOIN_AGE_MS * 2; /* what stays untouched ages out by rule, not by number */
	for (int i = 0; i < 5000; i++) {
		give(&f, event(EVENT_END, "none"));
	}
	assert_int_equal(handed_over(&f), 5000);
	join_free(f.join);
	buf_release(&f.seen.out);
}

static void accept_and_end(struct fixture *f, const char *id)
{
	give(f, client_of(id, "192.0.2.1", "alice"));
	give(f, event(EVENT_END, id));
}

/* Nothing that has come to its end is held back when nothing more comes. */
static void test_idle_hands_over(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	accept_and_end(&f, "A1");
	give(&f, client_of("A2", "192.0.2.1", "alice"));
	assert_int_equal(f.seen.count, 0);
	join_idle(f.join, INT64_MIN);
	assert_string_equal(buf_text(&f.seen.out), "A1 origin=2 client=192.0.2.1 login=alice\n");
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice\nA2 origin=2 client=192.0.2.1 login=alice\n");
}

/* More than are handed over at once; new messages meanwhile take none of the places that wait. */
static void test_more_than_at_once(void **state)
{
	struct fixture f;
	struct buf expected = buf_make(1 << 16);
	set_up(&f, 0);
	for (int i = 0; i <= MAIL_MESSAGES_MAX; i++) {
		char id[16], to[32];
		snprintf(id, sizeof(id), "Q%d", i);
		snprintf(to, sizeof(to), "to%d@example.net", i);
		give(&f, client_of(id, "192.0.2.1", "alice"));
		give(&f, delivery_of(id, to, OUTCOME_SENT, TRANSPORT_SMTP));
		give(&f, event(EVENT_END, id));
		buf_printf(&expected, "%s origin=2 client=192.0.2.1 login=alice | %s 1\n", id, to);
	}
	assert_int_equal(f.seen.count, MAIL_MESSAGES_MAX);
	finish(&f, buf_text(&expected));
	buf_release(&expected);
}

/* One that waits is not found any more: its id is a new message's. */
static void test_id_of_one_that_waits(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	accept_and_end(&f, "A1");
	f.now += 1000;
	give(&f, client_of("A1", "192.0.2.2", "bob"));
	finish(&f, "A1 origin=2 client=192.0.2.1 login=alice\nA1 origin=2 client=192.0.2.2 login=bob\n");
}

/* A message with very many recipients is not kept until others have ended. */
static void test_many_recipients_do_not_wait(void **state)
{
	struct fixture f;
	set_up(&f, 0);
	give(&f, client_of("A1", "192.0.2.1", "alice"));
	for (int i = 0; i < 5000; i++) {
		char to[32];
		snprintf(to, sizeof(to), "to%d@example.net", i);
		give(&f, delivery_of("A1", to, OUTCOME_SENT, TRANSPORT_SMTP));
	}
	give(&f, event(EVENT_END, "A1"));
	assert_int_equal(f.seen.count, 1);
	join_free(f.join);
	buf_release(&f.seen.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_one_message_under_two_names),
		cmocka_unit_test(test_filter_hop),
		cmocka_unit_test(test_hop_before_its_lines),
		cmocka_unit_test(test_relay_that_names_an_id),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_filter_line_after_the_end),
		cmocka_unit_test(test_two_hosts_same_id),
		cmocka_unit_test(test_id_used_again),
		cmocka_unit_test(test_notice),
		cmocka_unit_test(test_notice_of_whom),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_message_id),
		cmocka_unit_test(test_forward_with_its_message_id),
		cmocka_unit_test(test_message_id_of_several),
		cmocka_unit_test(test_tried_again),
		cmocka_unit_test(test_cwd),
		cmocka_unit_test(test_cwd_by_sender),
		cmocka_unit_test(test_sendmail_login_by_pid),
		cmocka_unit_test(test_several_recipients),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_idle_hands_over),
		cmocka_unit_test(test_more_than_at_once),
		cmocka_unit_test(test_id_of_one_that_waits),
		cmocka_unit_test(test_many_recipients_do_not_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
