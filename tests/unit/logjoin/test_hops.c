/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters that hand a message back: it is counted once, and is whose it was before; two messages stay two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "whole_words.h"

#define AT(time, daemon)       "Nov 24 10:00:" time " mx postfix/" daemon "[100]: "
#define LOGIN(time, id)        AT(time, "smtpd") id ": client=pc[203.0.113.9], sasl_method=PLAIN, sasl_username=alice"
#define STRANGER(time, id)     AT(time, "smtpd") id ": client=mx.example.org[198.51.100.7]"
#define LOOPBACK(time, id)     AT(time, "smtpd") id ": client=localhost[127.0.0.1]"
#define PICKUP(time, id)       AT(time, "pickup") id ": uid=115 from=<a@example.com>"
#define TEXT(time, id)         AT(time, "cleanup") id ": message-id=<m1@example.com>"
#define QUEUE(time, id, count) AT(time, "qmgr") id ": from=<a@example.com>, size=900, nrcpt=" count " (queue active)"
#define END(time, id)          AT(time, "qmgr") id ": removed"
#define PIPED(time, id, to)                                                                                            \
	AT(time, "pipe")                                                                                               \
	id ": to=<" to ">, relay=spamassassin, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "                       \
	   "(delivered via spamassassin service)"
#define SENT(time, id, to)                                                                                             \
	AT(time, "smtp")                                                                                               \
	id ": to=<" to ">, relay=mx.example.net[198.51.100.2]:25, delay=2, delays=0/0/1/1, "                           \
	   "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
#define FILTERED(time, id, to, relay, reply)                                                                           \
	AT(time, "smtp")                                                                                               \
	id ": to=<" to ">, relay=" relay ", delay=2, delays=0/0/1/1, dsn=2.0.0, status=sent (" reply ")"
#define MAILBOX(time, id, to)                                                                                          \
	AT(time, "lmtp")                                                                                               \
	id ": to=<" to ">, relay=mx[private/dovecot-lmtp], delay=0.4, delays=0.2/0/0/0.2, "                            \
	   "dsn=2.0.0, status=sent (250 2.0.0 <" to "> abc Saved)"
#define ALICE "client=203.0.113.9 login=alice from=<a@example.com>"

static void pipe_and_pickup(void **state)
{
	static const char *const login[] = {LOGIN("00", "4F00000001"),
					    TEXT("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "2"),
					    PICKUP("01", "4F00000002"),
					    PIPED("01", "4F00000001", "x@example.net"),
					    PIPED("01", "4F00000001", "y@example.net"),
					    END("01", "4F00000001"),
					    TEXT("01", "4F00000002"),
					    QUEUE("01", "4F00000002", "2"),
					    SENT("02", "4F00000002", "x@example.net"),
					    SENT("02", "4F00000002", "y@example.net"),
					    END("02", "4F00000002"),
					    NULL};
	/* the client of what is relayed is not lost; each recipient goes through the pipe alone */
	static const char *const relayed[] = {STRANGER("00", "4F00000001"),
					      TEXT("00", "4F00000001"),
					      QUEUE("00", "4F00000001", "2"),
					      PIPED("01", "4F00000001", "x@example.net"),
					      PICKUP("01", "4F00000002"),
					      TEXT("01", "4F00000002"),
					      PIPED("01", "4F00000001", "y@example.net"),
					      END("01", "4F00000001"),
					      PICKUP("02", "4F00000003"),
					      TEXT("02", "4F00000003"),
					      QUEUE("02", "4F00000002", "1"),
					      QUEUE("02", "4F00000003", "1"),
					      SENT("03", "4F00000002", "x@example.net"),
					      END("03", "4F00000002"),
					      SENT("03", "4F00000003", "y@example.net"),
					      END("03", "4F00000003"),
					      NULL};
	/* it still waits behind the filter */
	static const char *const waiting[] = {LOGIN("00", "4F00000001"),
					      TEXT("00", "4F00000001"),
					      QUEUE("00", "4F00000001", "1"),
					      PIPED("01", "4F00000001", "x@example.net"),
					      END("01", "4F00000001"),
					      PICKUP("01", "4F00000002"),
					      TEXT("01", "4F00000002"),
					      QUEUE("01", "4F00000002", "1"),
					      NULL};
	whole_hold(login, "4F00000002 login " ALICE " | x@example.net delivered | y@example.net delivered\n"
			  "4F00000001 login " ALICE " | x@example.net delivered hop | y@example.net delivered hop\n");
	whole_hold(relayed,
		   "4F00000002 client client=198.51.100.7 from=<a@example.com> | x@example.net delivered\n"
		   "4F00000003 client client=198.51.100.7 from=<a@example.com> | y@example.net delivered\n"
		   "4F00000001 client client=198.51.100.7 from=<a@example.com> | x@example.net delivered hop | "
		   "y@example.net delivered hop\n");
	whole_hold(waiting, "4F00000001 login " ALICE " | x@example.net delivered hop\n"
			    "4F00000002 login " ALICE " | 1 more waiting\n");
}

/* What a filter answers of its own, by LMTP or SMTP, with or without an id that is nobody's. */
static void answers_without_an_id(void **state)
{
	static const char *const relays[][3] = {
		{"lmtp", "127.0.0.1[127.0.0.1]:10023", "250 2.5.0 OK (2C225C6817C7EEE1483)"},
		{"smtp", "127.0.0.1[127.0.0.1]:10025", "250 2.0.0 Ok"},
		{"smtp", "192.168.7.2[192.168.7.2]:10024", "250 OK, sent 6925A1B2_123"},
		{"smtp", "127.0.0.1[127.0.0.1]:10024", "250 Ok: queued as spampd-1234"},
		{"smtp", "203.0.113.1[203.0.113.1]:10024", "250 2.0.0 Ok: queued as ABC123456"},
	};
	for (size_t i = 0; i < sizeof(relays) / sizeof(relays[0]); i++) {
		char delivery[512], back[128];
		bool public = relays[i][1][0] == '2';
		const char *lines[] = {LOGIN("00", "4F00000001"),
				       TEXT("00", "4F00000001"),
				       QUEUE("00", "4F00000001", "1"),
				       back,
				       TEXT("01", "4F00000002"),
				       QUEUE("01", "4F00000002", "1"),
				       delivery,
				       END("01", "4F00000001"),
				       SENT("02", "4F00000002", "x@example.net"),
				       END("02", "4F00000002"),
				       NULL};
		snprintf(delivery, sizeof(delivery),
			 "Nov 24 10:00:01 mx postfix/%s[100]: 4F00000001: to=<x@example.net>, relay=%s, delay=1, "
			 "delays=0/0/0/1, dsn=2.0.0, status=sent (%s)",
			 relays[i][0], relays[i][1], relays[i][2]);
		snprintf(back, sizeof(back), "Nov 24 10:00:01 mx postfix/smtpd[100]: 4F00000002: client=%s",
			 public ? "filter[203.0.113.1]" : "localhost[127.0.0.1]");
		whole_hold(lines, public ? "4F00000001 login " ALICE " | x@example.net delivered hop\n"
					   "4F00000002 login " ALICE " | x@example.net delivered\n"
					 : "4F00000002 login " ALICE " | x@example.net delivered\n"
					   "4F00000001 login " ALICE " | x@example.net delivered hop\n");
	}
}

/* The filter names the client of the outside (XFORWARD). */
static void client_by_xforward(void **state)
{
	static const char *const lines[] = {
		STRANGER("00", "4F00000001"),
		TEXT("00", "4F00000001"),
		QUEUE("00", "4F00000001", "1"),
		AT("01", "smtpd") "4F00000002: client=localhost[127.0.0.1], orig_client=mx.example.org[198.51.100.7]",
		TEXT("01", "4F00000002"),
		QUEUE("01", "4F00000002", "1"),
		AT("01", "lmtp") "4F00000001: to=<bob@example.com>, relay=127.0.0.1[127.0.0.1]:10023, delay=1, "
				 "delays=0/0/0/1, dsn=2.5.0, status=sent (250 2.5.0 OK (2C225C6817C7EEE1483))",
		END("01", "4F00000001"),
		MAILBOX("02", "4F00000002", "bob@example.com"),
		END("02", "4F00000002"),
		NULL};
	whole_hold(lines, "4F00000001 client client=198.51.100.7 from=<a@example.com> | bob@example.com delivered hop\n"
			  "4F00000002 client client=198.51.100.7 from=<a@example.com> | bob@example.com delivered\n");
}

/* A filter before the queue: the login stands in a line without an id, the id in what the filter said. Of another client of
 * the same process it tells nothing. */
static void login_before_the_queue(void **state)
{
	static const char login[] =
		AT("00", "submission/smtpd") "NOQUEUE: client=pc[203.0.113.9], sasl_method=PLAIN, sasl_username=alice";
	static const char accepted[] =
		AT("01",
		   "submission/smtpd") "proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 "
				       "2.0.0 Ok: queued as 4F00000002; from=<a@example.com> to=<x@example.net> "
				       "proto=ESMTP helo=<pc>";
	char back[128];
	const char *lines[] = {login,
			       back,
			       TEXT("01", "4F00000002"),
			       QUEUE("01", "4F00000002", "1"),
			       accepted,
			       SENT("02", "4F00000002", "x@example.net"),
			       END("02", "4F00000002"),
			       NULL};
	(void)state;
	for (int other = 0; other < 2; other++) {
		snprintf(back, sizeof(back),
			 AT("01", "smtpd") "4F00000002: client=localhost[127.0.0.1], orig_client=pc[203.0.113.%d]",
			 other ? 77 : 9);
		whole_hold(lines, other ? "4F00000002 client client=203.0.113.77 from=<a@example.com> | x@example.net "
					  "delivered\n"
					: "4F00000002 login " ALICE " | x@example.net delivered\n");
	}
}

/* One filter behind another; neither names an id. */
static void two_filters(void **state)
{
	static const char *const lines[] = {
		LOGIN("00", "4F00000001"),
		TEXT("00", "4F00000001"),
		QUEUE("00", "4F00000001", "1"),
		LOOPBACK("01", "4F00000002"),
		TEXT("01", "4F00000002"),
		QUEUE("01", "4F00000002", "1"),
		FILTERED("01", "4F00000001", "x@example.net", "127.0.0.1[127.0.0.1]:10024", "250 Ok"),
		END("01", "4F00000001"),
		LOOPBACK("02", "4F00000003"),
		TEXT("02", "4F00000003"),
		QUEUE("02", "4F00000003", "1"),
		FILTERED("02", "4F00000002", "x@example.net", "127.0.0.1[127.0.0.1]:10026", "250 Ok"),
		END("02", "4F00000002"),
		SENT("03", "4F00000003", "x@example.net"),
		END("03", "4F00000003"),
		NULL};
	whole_hold(lines, "4F00000003 login " ALICE " | x@example.net delivered\n"
			  "4F00000001 login " ALICE " | x@example.net delivered hop\n"
			  "4F00000002 login " ALICE " | x@example.net delivered hop\n");
}

/* Two messages with one Message-ID are two. */
static void sent_twice(void **state)
{
	/* to a mailbox, twice by the same program */
	static const char *const mailbox[] = {PICKUP("00", "4F00000001"),
					      TEXT("00", "4F00000001"),
					      QUEUE("00", "4F00000001", "1"),
					      PICKUP("00", "4F00000002"),
					      TEXT("00", "4F00000002"),
					      QUEUE("00", "4F00000002", "1"),
					      MAILBOX("01", "4F00000001", "bob@example.com"),
					      END("01", "4F00000001"),
					      MAILBOX("01", "4F00000002", "bob@example.com"),
					      END("01", "4F00000002"),
					      NULL};
	/* an hour later, when nothing of the first is left to wait for */
	static const char *const later[] = {
		LOOPBACK("00", "4F00000001"),
		TEXT("00", "4F00000001"),
		QUEUE("00", "4F00000001", "2"),
		PIPED("01", "4F00000001", "x@example.net"),
		"Nov 24 11:00:00 mx postfix/smtpd[100]: 4F00000002: client=localhost[127.0.0.1]",
		"Nov 24 11:00:00 mx postfix/cleanup[100]: 4F00000002: message-id=<m1@example.com>",
		"Nov 24 11:00:00 mx postfix/qmgr[100]: 4F00000002: from=<a@example.com>, size=900, "
		"nrcpt=1 (queue active)",
		"Nov 24 11:00:01 mx postfix/smtp[100]: 4F00000002: to=<x@example.net>, "
		"relay=mx.example.net[198.51.100.2]:25, delay=2, delays=0/0/1/1, dsn=2.0.0, "
		"status=sent (250 2.0.0 Ok)",
		NULL};
	whole_hold(mailbox, "4F00000001 local user=a@example.com from=<a@example.com> | bob@example.com delivered\n"
			    "4F00000002 local user=a@example.com from=<a@example.com> | bob@example.com delivered\n");
	whole_hold(
		later,
		"4F00000001 client client=127.0.0.1 from=<a@example.com> | x@example.net delivered | 1 more waiting\n"
		"4F00000002 client client=127.0.0.1 from=<a@example.com> | x@example.net delivered\n");
}

/* Each of two with one Message-ID goes through the filter. */
static void twice_through_the_filter(void **state)
{
	static const char *const lines[] = {LOGIN("00", "4F00000001"),
					    TEXT("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "1"),
					    PIPED("00", "4F00000001", "x@example.net"),
					    END("00", "4F00000001"),
					    PICKUP("00", "4F00000002"),
					    TEXT("00", "4F00000002"),
					    QUEUE("00", "4F00000002", "1"),
					    LOGIN("01", "4F00000003"),
					    TEXT("01", "4F00000003"),
					    QUEUE("01", "4F00000003", "1"),
					    PIPED("01", "4F00000003", "x@example.net"),
					    END("01", "4F00000003"),
					    PICKUP("02", "4F00000004"),
					    TEXT("02", "4F00000004"),
					    QUEUE("02", "4F00000004", "1"),
					    SENT("03", "4F00000002", "x@example.net"),
					    END("03", "4F00000002"),
					    SENT("03", "4F00000004", "x@example.net"),
					    END("03", "4F00000004"),
					    NULL};
	whole_hold(lines, "4F00000002 login " ALICE " | x@example.net delivered\n"
			  "4F00000004 login " ALICE " | x@example.net delivered\n"
			  "4F00000001 login " ALICE " | x@example.net delivered hop\n"
			  "4F00000003 login " ALICE " | x@example.net delivered hop\n");
}

/* A list sends one on to many, of whom one was a recipient as well. */
static void list_explosion(void **state)
{
	static const char *const lines[] = {
		STRANGER("00", "4F00000001"),
		TEXT("00", "4F00000001"),
		QUEUE("00", "4F00000001", "2"),
		AT("01",
		   "local") "4F00000001: to=<list@example.com>, relay=local, delay=0.4, delays=0.2/0/0/0.2, "
			    "dsn=2.0.0, status=sent (delivered to command: /usr/lib/mailman/mail/mailman post list)",
		MAILBOX("01", "4F00000001", "bob@example.com"),
		END("01", "4F00000001"),
		LOOPBACK("02", "4F00000002"),
		TEXT("02", "4F00000002"),
		AT("02", "qmgr") "4F00000002: from=<list-bounces@example.com>, size=900, nrcpt=2 (queue active)",
		MAILBOX("03", "4F00000002", "bob@example.com"),
		SENT("03", "4F00000002", "x@example.net"),
		END("03", "4F00000002"),
		NULL};
	whole_hold(
		lines,
		"4F00000001 client client=198.51.100.7 from=<a@example.com> | list@example.com delivered | "
		"bob@example.com delivered\n"
		"4F00000002 client client=198.51.100.7 from=<list-bounces@example.com> forward-of=list@example.com | "
		"bob@example.com delivered forwarded of=list@example.com | x@example.net delivered forwarded "
		"of=list@example.com\n");
}

/* Two devices inside that know one Message-ID only: the second's mail is no forward of the first's. */
static void one_id_of_two_devices(void **state)
{
	static const char *const lines[] = {AT("00", "smtpd") "4F00000001: client=ups1[192.168.1.5]",
					    TEXT("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "1"),
					    MAILBOX("01", "4F00000001", "bob@example.com"),
					    END("01", "4F00000001"),
					    AT("02", "smtpd") "4F00000002: client=ups2[192.168.1.6]",
					    TEXT("02", "4F00000002"),
					    QUEUE("02", "4F00000002", "1"),
					    SENT("03", "4F00000002", "x@example.net"),
					    END("03", "4F00000002"),
					    NULL};
	whole_hold(lines, "4F00000001 client client=192.168.1.5 from=<a@example.com> | bob@example.com delivered\n"
			  "4F00000002 client client=192.168.1.6 from=<a@example.com> | x@example.net delivered\n");
}

/* A letter with one Message-ID for all, a message for each recipient. */
static void one_text_in_several_messages(void **state)
{
	static const char *const lines[] = {LOOPBACK("00", "4F00000001"),
					    TEXT("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "1"),
					    LOOPBACK("00", "4F00000002"),
					    TEXT("00", "4F00000002"),
					    QUEUE("00", "4F00000002", "1"),
					    SENT("01", "4F00000001", "x@example.net"),
					    END("01", "4F00000001"),
					    SENT("01", "4F00000002", "y@example.net"),
					    END("01", "4F00000002"),
					    NULL};
	whole_hold(lines, "4F00000001 client client=127.0.0.1 from=<a@example.com> | x@example.net delivered\n"
			  "4F00000002 client client=127.0.0.1 from=<a@example.com> | y@example.net delivered\n");
}

/* Two rules of the logger write each line, one after the other or in blocks; one of a message that was deferred. */
static void each_line_twice(void **state)
{
	static const char *const once[] = {LOGIN("00", "4F00000001"),
					   TEXT("00", "4F00000001"),
					   QUEUE("00", "4F00000001", "2"),
					   SENT("01", "4F00000001", "x@example.net"),
					   SENT("01", "4F00000001", "y@example.net"),
					   END("01", "4F00000001")};
	enum { LINES = sizeof(once) / sizeof(once[0]) };
	const char *pairs[2 * LINES + 1] = {NULL}, *blocks[2 * LINES + 1] = {NULL};
	for (size_t i = 0; i < LINES; i++) {
		pairs[2 * i] = pairs[2 * i + 1] = once[i];
		blocks[i] = blocks[LINES + i] = once[i];
	}
	whole_hold(pairs, "4F00000001 login " ALICE " | x@example.net delivered | y@example.net delivered\n");
	whole_hold(blocks, "4F00000001 login " ALICE " | x@example.net delivered | y@example.net delivered\n");
}

/* "removed" stands before what was delivered: many threads wrote the log. */
static void lines_in_any_order(void **state)
{
	static const char *const lines[] = {LOGIN("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "2"),
					    SENT("00", "4F00000001", "x@example.net"),
					    END("00", "4F00000001"),
					    SENT("00", "4F00000001", "y@example.net"),
					    NULL};
	whole_hold(lines, "4F00000001 login " ALICE " | x@example.net delivered | y@example.net delivered\n");
}

/* A receiver sends something back under the Message-ID it has got: a list's copy, a forgery of the sender, a bounce of its own.
 * It is that server's, whatever it says, and what it was sent is no hop. */
static void back_from_the_receiver(void **state)
{
	static const char *const senders[] = {"list-bounces@example.net", "a@example.com", ""};
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		char queued[256], expected[512];
		const char *lines[] = {LOGIN("00", "4F00000001"),
				       TEXT("00", "4F00000001"),
				       QUEUE("00", "4F00000001", "2"),
				       SENT("01", "4F00000001", "list@example.net"),
				       AT("02", "smtpd") "4F00000002: client=mx.example.net[198.51.100.2]",
				       TEXT("02", "4F00000002"),
				       queued,
				       MAILBOX("03", "4F00000002", "bob@example.com"),
				       END("03", "4F00000002"),
				       NULL};
		snprintf(queued, sizeof(queued),
			 AT("02", "qmgr") "4F00000002: from=<%s>, size=900, nrcpt=1 (queue active)", senders[i]);
		snprintf(expected, sizeof(expected),
			 "4F00000002 client client=198.51.100.2 from=<%s> | bob@example.com delivered\n"
			 "4F00000001 login " ALICE " | list@example.net delivered | 1 more waiting\n",
			 senders[i]);
		whole_hold(lines, expected);
	}
}

/* The same while none of its recipients is done with: alice's sender and as many recipients tell nothing. */
static void back_and_waiting(void **state)
{
	static const char *const lines[] = {LOGIN("00", "4F00000001"),
					    TEXT("00", "4F00000001"),
					    QUEUE("00", "4F00000001", "2"),
					    SENT("01", "4F00000001", "x@example.net"),
					    AT("01", "smtpd") "4F00000002: client=mx.example.net[198.51.100.2]",
					    TEXT("01", "4F00000002"),
					    QUEUE("01", "4F00000002", "1"),
					    NULL};
	whole_hold(lines, "4F00000001 login " ALICE " | x@example.net delivered | 1 more waiting\n"
			  "4F00000002 client client=198.51.100.2 from=<a@example.com> | 1 more waiting\n");
}

#define ALICES  "4F00000001 login " ALICE " | x@example.net delivered\n"
#define ROBERTS "4F00000002 client client=198.51.100.7 from=<a@example.com> | bob@example.com delivered\n"
/* Whoever takes a message may name any id, one of ours that is another's message too. */
static void receiver_names_an_id(void **state)
{
	static const char *const relays[] = {"mx.example.net[198.51.100.2]:25", "127.0.0.1[127.0.0.1]:2525",
					     "relay[192.168.7.2]:25"};
	for (size_t i = 0; i < sizeof(relays) / sizeof(relays[0]); i++) {
		char sent[256];
		const char *before[] = {STRANGER("00", "4F00000002"),
					QUEUE("00", "4F00000002", "1"),
					LOGIN("01", "4F00000001"),
					QUEUE("01", "4F00000001", "1"),
					sent,
					END("01", "4F00000001"),
					MAILBOX("02", "4F00000002", "bob@example.com"),
					END("02", "4F00000002"),
					NULL};
		const char *after[] = {LOGIN("01", "4F00000001"),
				       QUEUE("01", "4F00000001", "1"),
				       sent,
				       END("01", "4F00000001"),
				       STRANGER("02", "4F00000002"),
				       QUEUE("02", "4F00000002", "1"),
				       MAILBOX("02", "4F00000002", "bob@example.com"),
				       END("02", "4F00000002"),
				       NULL};
		snprintf(sent, sizeof(sent),
			 AT("01", "smtp") "4F00000001: to=<x@example.net>, relay=%s, delay=2, delays=0/0/1/1, "
					  "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F00000002)",
			 relays[i]);
		whole_hold(before, ALICES ROBERTS);
		whole_hold(after, i == 0 ? ALICES ROBERTS : ROBERTS ALICES);
	}
}

#define EXIM_IN(time, id, from)                                                                                        \
	"2026-11-24 10:00:" time " 1tEXAM-00000000" id "-1x9B <= a@example.com " from " S=900 id=m1@example.com for "  \
	"x@example.net"
#define EXIM_OUT(time, id, way) "2026-11-24 10:00:" time " 1tEXAM-00000000" id "-1x9B => x@example.net " way
#define EXIM_END(time, id)      "2026-11-24 10:00:" time " 1tEXAM-00000000" id "-1x9B Completed"

static void exim_filters(void **state)
{
	static const char *const ways[][2] = {
		{"H=localhost [127.0.0.1] P=esmtp",
		 "R=filter T=filter_smtp H=127.0.0.1 [127.0.0.1] C=\"250 2.0.0 Ok\""},
		{"H=localhost [127.0.0.1] P=esmtp",
		 "R=filter T=filter_smtp H=127.0.0.1 [127.0.0.1] C=\"250 OK id=1tEXAM-00000000bbb-1x9B\""},
		{"U=mail P=spam-scanned", "R=spamcheck T=spamcheck"},
	};
	static const bool names_id[] = {false, true, false};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char back[256], through[256];
		const char *lines[] = {
			EXIM_IN("00", "aaa", "H=pc [203.0.113.9] P=esmtpsa A=plain:alice"),
			back,
			through,
			EXIM_END("01", "aaa"),
			EXIM_OUT("02", "bbb", "R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.2]"),
			EXIM_END("02", "bbb"),
			NULL};
		snprintf(back, sizeof(back), EXIM_IN("01", "bbb", "%s"), ways[i][0]);
		snprintf(through, sizeof(through), EXIM_OUT("01", "aaa", "%s"), ways[i][1]);
		whole_hold(lines, names_id[i]
					  ? "1tEXAM-00000000aaa-1x9B login " ALICE " | x@example.net delivered hop\n"
					    "1tEXAM-00000000bbb-1x9B login " ALICE " | x@example.net delivered\n"
					  : "1tEXAM-00000000bbb-1x9B login " ALICE " | x@example.net delivered\n"
					    "1tEXAM-00000000aaa-1x9B login " ALICE " | x@example.net delivered hop\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipe_and_pickup),
		cmocka_unit_test(answers_without_an_id),
		cmocka_unit_test(client_by_xforward),
		cmocka_unit_test(two_filters),
		cmocka_unit_test(sent_twice),
		cmocka_unit_test(twice_through_the_filter),
		cmocka_unit_test(list_explosion),
		cmocka_unit_test(one_text_in_several_messages),
		cmocka_unit_test(each_line_twice),
		cmocka_unit_test(lines_in_any_order),
		cmocka_unit_test(exim_filters),
		cmocka_unit_test(one_id_of_two_devices),
		cmocka_unit_test(back_from_the_receiver),
		cmocka_unit_test(back_and_waiting),
		cmocka_unit_test(receiver_names_an_id),
		cmocka_unit_test(login_before_the_queue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
