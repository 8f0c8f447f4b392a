/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a large mail log to standard output: lines of messages that are handled at the same time stand mixed, as in
 * life. The same seed gives the same log.
 *
 * usage: logmake postfix|exim|exim-short OCTETS SEED START
 *   exim-short: ids of 16 characters, as before 4.97
 *   START  seconds since 1970 (UTC) of the first line; it goes on at some 5 submissions a second
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_OCTETS = 900, USERS = 1000, STOLEN = 3, DOMAINS = 4000, RATE = 5 };

struct line { /* waits for its moment */
	int64_t at_ms;
	uint64_t order;
	char *text;
};

static struct {
	uint64_t random, order, written, wanted;
	struct line *heap;
	size_t count, room;
	int64_t now_ms;
	char stamp[32];
	int64_t stamp_s;
	bool exim, short_ids;
	uint64_t ids;
} g;

static uint64_t draw(void)
{
	g.random ^= g.random << 13;
	g.random ^= g.random >> 7;
	g.random ^= g.random << 17;
	return g.random * UINT64_C(2685821657736338717) >> 16;
}

static unsigned below(unsigned n)
{
	return (unsigned)(draw() % n);
}

static bool chance(unsigned percent)
{
	return below(100) < percent;
}

/* ---- lines by time ---- */

static bool before(const struct line *a, const struct line *b)
{
	return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

static void put(const struct line *l)
{
	size_t i = g.count++;
	if (g.count > g.room) {
		g.room = g.room ? g.room * 2 : 1024;
		g.heap = realloc(g.heap, g.room * sizeof(*g.heap));
		if (!g.heap)
			abort();
	}
	for (; i > 0 && before(l, &g.heap[(i - 1) / 2]); i = (i - 1) / 2)
		g.heap[i] = g.heap[(i - 1) / 2];
	g.heap[i] = *l;
}

static struct line take(void)
{
	struct line first = g.heap[0], last = g.heap[--g.count];
	size_t i = 0;
	while (2 * i + 1 < g.count) {
		size_t child = 2 * i + 1;
		if (child + 1 < g.count && before(&g.heap[child + 1], &g.heap[child]))
			child++;
		if (!before(&g.heap[child], &last))
			break;
		g.heap[i] = g.heap[child];
		i = child;
	}
	g.heap[i] = last;
	return first;
}

static const char *stamp(int64_t at_ms)
{
	int64_t s = at_ms / 1000;
	if (s != g.stamp_s) {
		time_t t = (time_t)s;
		struct tm tm;
		gmtime_r(&t, &tm);
		strftime(g.stamp, sizeof(g.stamp), g.exim ? "%Y-%m-%d %H:%M:%S" : "%b %e %H:%M:%S", &tm);
		g.stamp_s = s;
	}
	return g.stamp;
}

static void flush(int64_t until_ms)
{
	while (g.count && g.heap[0].at_ms <= until_ms && g.written < g.wanted) {
		struct line l = take();
		int n = printf("%s %s\n", stamp(l.at_ms), l.text);
		g.written += n > 0 ? (uint64_t)n : 0;
		free(l.text);
	}
}

__attribute__((format(printf, 2, 3))) static void say(int64_t at_ms, const char *form, ...)
{
	char text[LINE_MAX_OCTETS];
	struct line l = {.at_ms = at_ms, .order = g.order++};
	va_list arguments;
	va_start(arguments, form);
	vsnprintf(text, sizeof(text), form, arguments);
	va_end(arguments);
	l.text = strdup(text);
	if (!l.text)
		abort();
	put(&l);
}

/* ---- who and where ---- */

struct names {
	char id[32], peer[64], login[48], sender[48], to[48], relay[64], said[400];
	unsigned pid;
};

static void new_id(char *id, size_t size)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	uint64_t n = ++g.ids;
	if (g.short_ids) {
		snprintf(id, size, "1t%04x-%06x-%02x", (unsigned)(g.now_ms / 1000 % 65536), (unsigned)(n % (1U << 24)),
			 (unsigned)(n * 31 % 256));
		return;
	}
	if (g.exim) {
		snprintf(id, size, "1t%04x-%011x-%04x", (unsigned)(g.now_ms / 1000 % 65536), (unsigned)n,
			 (unsigned)(n * 31 % 65536));
		return;
	}
	memcpy(id, "4Xk0000000zABC", 15);
	for (int i = 9; i >= 3; i--, n /= 52)
		id[i] = digits[n % 52];
}

static void peer(char *out, size_t size, unsigned user, bool stolen)
{
	if (stolen)
		snprintf(out, size, "unknown[198.%u.%u.%u]", 18 + below(2), below(31), below(250) + 2);
	else
		snprintf(out, size, "dsl-%u.isp.example[10.%u.%u.%u]", user, user >> 8, user & 255, 3 + below(2));
}

static void someone(char *out, size_t size)
{
	snprintf(out, size, "user%u@customer%u.example", below(40), below(DOMAINS));
}

static void relay(struct names *n)
{
	static const char *const big[] = {"gmail-smtp-in.l.google.com", "outlook-com.olc.protection.outlook.com",
					  "mx00.emig.gmx.net", "mx01.t-online.de"};
	if (chance(45))
		snprintf(n->relay, sizeof(n->relay), g.exim ? "%s [192.0.2.%u]" : "%s[192.0.2.%u]", big[below(4)],
			 100 + below(9));
	else
		snprintf(n->relay, sizeof(n->relay),
			 g.exim ? "mx.customer%u.example [203.0.113.%u]" : "mx.customer%u.example[203.0.113.%u]",
			 below(DOMAINS), below(250) + 2);
}

static void refused(struct names *n, bool later)
{
	static const char *const now[] = {
		"550 5.7.1 Service unavailable, Client host [192.0.2.25] blocked using Spamhaus. To request removal "
		"from this list "
		"see https://www.spamhaus.org/query/ip/192.0.2.25 AS16012611",
		"550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet "
		"service provider "
		"since part of their network is on our block list (S3140).",
		"554 Service unavailable; Client host [192.0.2.25] blocked using Barracuda Reputation; "
		"http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.25",
		"554 IP=192.0.2.25 - A problem occurred. (Ask your postmaster for help or to contact "
		"tosa@rx.t-online.de to clarify.) (BL)",
		"550 5.1.1 User unknown",
		"550 5.1.1 The email account that you tried to reach does not exist."};
	static const char *const then[] = {
		"421 4.7.28 [192.0.2.25] Our system has detected an unusual rate of unsolicited mail originating from "
		"your IP address.",
		"451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. "
		"(S775)",
		"450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/customer.example.html",
		"452 4.2.2 Mailbox full"};
	snprintf(n->said, sizeof(n->said), "%s", later ? then[below(4)] : now[below(6)]);
}

/* ---- one message ---- */

static void postfix_delivery(int64_t at_ms, const struct names *n, int64_t delay_ms, const char *status)
{
	bool sent = status[0] == 's';
	char end[520];
	if (sent)
		snprintf(end, sizeof(end), "250 2.0.0 Ok: queued as %08X", below(1U << 30));
	else
		snprintf(end, sizeof(end), "host %s said: %s (in reply to RCPT TO command)", n->relay, n->said);
	say(at_ms,
	    "mail postfix/smtp[%u]: %s: to=<%s>, relay=%s:25, delay=%.1f, delays=0.1/0.01/0.4/%.1f, dsn=%s, status=%s "
	    "(%s)",
	    n->pid, n->id, n->to, n->relay, (double)delay_ms / 1000, (double)delay_ms / 2000,
	    sent               ? "2.0.0"
	    : status[0] == 'd' ? "4.7.0"
			       : "5.7.1",
	    status, end);
}

static void exim_delivery(int64_t at_ms, const struct names *n, int64_t delay_ms, const char *status)
{
	if (status[0] == 's')
		say(at_ms,
		    "%s => %s R=dnslookup T=remote_smtp H=%s X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 "
		    "Ok: "
		    "queued as %08X\" QT=%us DT=1s",
		    n->id, n->to, n->relay, below(1U << 30), (unsigned)(delay_ms / 1000));
	else
		say(at_ms,
		    "%s %s %s R=dnslookup T=remote_smtp%s H=%s: SMTP error from remote mail server after RCPT TO:<%s>: "
		    "%s",
		    n->id, status[0] == 'd' ? "==" : "**", n->to, status[0] == 'd' ? " defer (-44)" : "", n->relay,
		    n->to, n->said);
}

static int64_t recipient(int64_t at_ms, struct names *n, bool dirty)
{
	void (*deliver)(int64_t, const struct names *, int64_t, const char *) =
		g.exim ? exim_delivery : postfix_delivery;
	int64_t took = 400 + below(2500), wait = 300000 + below(600000);
	someone(n->to, sizeof(n->to));
	relay(n);
	if (chance(dirty ? 40 : 4)) {
		refused(n, false);
		deliver(at_ms + took, n, took, "bounced");
		return took;
	}
	if (!chance(7)) {
		deliver(at_ms + took, n, took, "sent");
		return took;
	}
	refused(n, true);
	deliver(at_ms + took, n, took, "deferred");
	deliver(at_ms + wait, n, wait, "sent");
	return wait;
}

static void postfix_submission(int64_t at_ms, struct names *n, unsigned count, unsigned size)
{
	unsigned pid = 2000 + below(40);
	say(at_ms - 300, "mail postfix/submission/smtpd[%u]: connect from %s", pid, n->peer);
	say(at_ms - 200,
	    "mail postfix/submission/smtpd[%u]: Anonymous TLS connection established from %s: TLSv1.3 with cipher "
	    "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) "
	    "server-digest SHA256",
	    pid, n->peer);
	say(at_ms, "mail postfix/submission/smtpd[%u]: %s: client=%s, sasl_method=PLAIN, sasl_username=%s", pid, n->id,
	    n->peer, n->login);
	say(at_ms + 20, "mail postfix/cleanup[%u]: %s: message-id=<%08x.%u@example.com>", 3000 + below(20), n->id,
	    below(1U << 30), below(9999));
	say(at_ms + 60, "mail postfix/qmgr[812]: %s: from=<%s>, size=%u, nrcpt=%u (queue active)", n->id, n->sender,
	    size, count);
	say(at_ms + 500,
	    "mail postfix/submission/smtpd[%u]: disconnect from %s ehlo=2 starttls=1 auth=1 mail=1 rcpt=%u data=1 "
	    "quit=1 commands=%u",
	    pid, n->peer, count, count + 7);
}

static void exim_submission(int64_t at_ms, const struct names *n, unsigned size)
{
	const char *bracket = strchr(n->peer, '[');
	say(at_ms,
	    "%s <= %s H=%.*s (laptop) %s:%u P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=dovecot_plain:%s "
	    "S=%u "
	    "id=%08x.%u@example.com T=\"Minutes of the meeting %u\" for %s",
	    n->id, n->sender, (int)(bracket - n->peer), n->peer, bracket, 1024 + below(60000), n->login, size,
	    below(1U << 30), below(9999), below(99), n->to);
}

static void submission(int64_t at_ms)
{
	struct names n = {.pid = 4000 + below(60)};
	bool stolen = chance(6);
	unsigned user = stolen ? below(STOLEN) : below(USERS), count = stolen       ? 1 + below(8)
								       : chance(25) ? 2 + below(6)
										    : 1;
	unsigned size = 900 + below(60000);
	int64_t last = 0;
	new_id(n.id, sizeof(n.id));
	peer(n.peer, sizeof(n.peer), user, stolen);
	snprintf(n.login, sizeof(n.login), "user%u@example.com", user);
	snprintf(n.sender, sizeof(n.sender), "%s", n.login);
	someone(n.to, sizeof(n.to));
	if (g.exim)
		exim_submission(at_ms, &n, size);
	else
		postfix_submission(at_ms, &n, count, size);
	for (unsigned i = 0; i < count; i++) {
		int64_t took = recipient(at_ms + 80, &n, stolen);
		last = took > last ? took : last;
	}
	if (g.exim)
		say(at_ms + last + 90, "%s Completed QT=%us", n.id, (unsigned)(last / 1000));
	else
		say(at_ms + last + 90, "mail postfix/qmgr[812]: %s: removed", n.id);
}

static void inbound(int64_t at_ms)
{
	struct names n = {0};
	unsigned pid = 5000 + below(40), user = below(USERS);
	new_id(n.id, sizeof(n.id));
	someone(n.sender, sizeof(n.sender));
	snprintf(n.peer, sizeof(n.peer), "mx%u.customer.example[203.0.113.%u]", below(99), 2 + below(250));
	if (g.exim) {
		say(at_ms,
		    "%s <= %s H=mx.customer.example [203.0.113.%u]:%u P=esmtps S=%u id=%08x@customer.example T=\"Re: "
		    "offer\" for "
		    "user%u@example.com",
		    n.id, n.sender, 2 + below(250), 1024 + below(60000), 900 + below(60000), below(1U << 30), user);
		say(at_ms + 90, "%s => user%u <user%u@example.com> R=local_user T=maildir_home", n.id, user, user);
		say(at_ms + 99, "%s Completed", n.id);
		return;
	}
	say(at_ms - 300, "mail postfix/smtpd[%u]: connect from %s", pid, n.peer);
	say(at_ms, "mail postfix/smtpd[%u]: %s: client=%s", pid, n.id, n.peer);
	say(at_ms + 20, "mail postfix/cleanup[%u]: %s: message-id=<%08x@customer.example>", 3000 + below(20), n.id,
	    below(1U << 30));
	say(at_ms + 60, "mail postfix/qmgr[812]: %s: from=<%s>, size=%u, nrcpt=1 (queue active)", n.id, n.sender,
	    900 + below(60000));
	say(at_ms + 150,
	    "mail postfix/lmtp[%u]: %s: to=<user%u@example.com>, relay=mail[private/dovecot-lmtp], delay=0.15, "
	    "delays=0.06/0/0.02/0.07, dsn=2.0.0, status=sent (250 2.0.0 <user%u@example.com> kJ2x%08x Saved)",
	    6000 + below(20), n.id, user, user, below(1U << 30));
	say(at_ms + 160, "mail postfix/qmgr[812]: %s: removed", n.id);
	say(at_ms + 400, "mail postfix/smtpd[%u]: disconnect from %s ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
	    pid, n.peer);
}

static void reject(int64_t at_ms)
{
	unsigned pid = 5000 + below(40), a = below(250) + 2, b = below(250);
	char from[48], to[48];
	someone(from, sizeof(from));
	someone(to, sizeof(to));
	if (g.exim) {
		say(at_ms,
		    "H=(User) [198.19.%u.%u]:%u F=<%s> rejected RCPT <%s>: 198.19.%u.%u is listed at zen.spamhaus.org",
		    b, a, 1024 + below(60000), from, to, b, a);
		return;
	}
	say(at_ms - 200, "mail postfix/smtpd[%u]: connect from unknown[198.19.%u.%u]", pid, b, a);
	say(at_ms,
	    "mail postfix/smtpd[%u]: NOQUEUE: reject: RCPT from unknown[198.19.%u.%u]: 554 5.7.1 Service unavailable; "
	    "Client host "
	    "[198.19.%u.%u] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/198.19.%u.%u; from=<%s> "
	    "to=<%s> "
	    "proto=ESMTP helo=<User>",
	    pid, b, a, b, a, b, a, from, to);
	say(at_ms + 200,
	    "mail postfix/smtpd[%u]: disconnect from unknown[198.19.%u.%u] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4",
	    pid, b, a);
}

int main(int argc, char **argv)
{
	static char buffer[1 << 20];
	if (argc != 5 || (strcmp(argv[1], "postfix") != 0 && strncmp(argv[1], "exim", 4) != 0)) {
		fputs("usage: logmake postfix|exim|exim-short OCTETS SEED START\n", stderr);
		return 64;
	}
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	g.exim = argv[1][0] == 'e';
	g.short_ids = strcmp(argv[1], "exim-short") == 0;
	g.wanted = strtoull(argv[2], NULL, 10);
	g.random = strtoull(argv[3], NULL, 10) * UINT64_C(0x9E3779B97F4A7C15) | 1;
	g.ids = strtoull(argv[3], NULL, 10) * 100000000;
	g.now_ms = strtoll(argv[4], NULL, 10) * 1000;
	g.stamp_s = -1;
	while (g.written < g.wanted) {
		g.now_ms += 1 + below(2 * 1000 / RATE);
		submission(g.now_ms);
		if (chance(35))
			inbound(g.now_ms + below(200));
		if (chance(52))
			reject(g.now_ms + below(200));
		flush(g.now_ms - 400);
	}
	return ferror(stdout) ? 74 : 0;
}
