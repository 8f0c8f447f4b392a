/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in the queue: what still waits, and what rules and the administrator do to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "whole_words.h"

#define AT(time, daemon) "Nov 24 10:00:" time " mx postfix/" daemon "[100]: "
#define ACCEPTED(id)                                                                                                   \
	AT("00", "submission/smtpd")                                                                                   \
	id ": client=pc[203.0.113.9], sasl_method=PLAIN, sasl_username=alice@example.com",                             \
		AT("00", "cleanup") id ": message-id=<" id "@example.com>"
#define QUEUED(id, count) AT("00", "qmgr") id ": from=<alice@example.com>, size=900, nrcpt=" count " (queue active)"
#define DEFERRED(id, to)                                                                                               \
	AT("01", "smtp")                                                                                               \
	id ": to=<" to ">, relay=mx.example.net[198.51.100.2]:25, delay=1, delays=0/0/1/0, "                           \
	   "dsn=4.7.1, status=deferred (host mx.example.net[198.51.100.2] said: 450 4.7.1 later)"
#define SENT(id, to)                                                                                                   \
	AT("02", "smtp")                                                                                               \
	id ": to=<" to ">, relay=mx.example.net[198.51.100.2]:25, delay=2, delays=0/0/1/1, "                           \
	   "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
#define ALICE "client=203.0.113.9 login=alice@example.com from=<alice@example.com>"

static void accepted_and_waiting(void **state)
{
	static const char *const none[] = {ACCEPTED("4F00000001"), QUEUED("4F00000001", "10"), NULL};
	static const char *const some[] = {ACCEPTED("4F00000001"), QUEUED("4F00000001", "3"),
					   SENT("4F00000001", "a@example.net"), NULL};
	/* the client went away before its text had come: no queue took it */
	static const char *const never[] = {AT("00", "smtpd") "4F00000001: client=pc[203.0.113.9]", NULL};
	/* it left the queue: the log lacks a line, and nothing waits */
	static const char *const ended[] = {ACCEPTED("4F00000001"), QUEUED("4F00000001", "2"),
					    SENT("4F00000001", "a@example.net"), AT("03", "qmgr") "4F00000001: removed",
					    NULL};
	/* it came before the log begins: nobody knows how many of its recipients were done with by then */
	static const char *const older[] = {QUEUED("4F00000001", "20"), SENT("4F00000001", "a@example.net"), NULL};
	static const char *const unseen[] = {QUEUED("4F00000001", "20"), NULL};
	whole_hold(none, "4F00000001 login " ALICE " | 10 more waiting\n");
	whole_hold(some, "4F00000001 login " ALICE " | a@example.net sent | 2 more waiting\n");
	whole_hold(never, "4F00000001 client client=203.0.113.9\n");
	whole_hold(ended, "4F00000001 login " ALICE " | a@example.net sent\n");
	whole_hold(older, "4F00000001 unknown from=<alice@example.com> | a@example.net sent\n");
	whole_hold(unseen, "4F00000001 unknown from=<alice@example.com> | 20 more waiting\n");
}

#define HELD_BY_RULE(id, to)                                                                                           \
	AT("00", "submission/smtpd")                                                                                   \
	id ": hold: RCPT from pc[203.0.113.9]: <alice@example.com>: SASL login name "                                  \
	   "account under review; from=<alice@example.com> to=<" to                                                    \
	   "> proto=ESMTP helo=<pc> sasl_method=PLAIN sasl_username=alice@example.com"

static void held_by_a_rule(void **state)
{
	/* the first line has no id yet; qmgr never sees the message */
	static const char *const access[] = {HELD_BY_RULE("NOQUEUE", "a@example.net"), ACCEPTED("4F00000001"),
					     HELD_BY_RULE("4F00000001", "b@example.net"), NULL};
	/* another process' line, and another client's */
	static const char *const others[] = {
		"Nov 24 10:00:00 mx postfix/smtpd[101]: NOQUEUE: hold: RCPT from pc[203.0.113.9]: <a>: x; from=<a> "
		"to=<b>",
		AT("00", "smtpd") "NOQUEUE: hold: RCPT from pc[203.0.113.8]: <a>: x; from=<a> to=<b>",
		ACCEPTED("4F00000001"), NULL};
	static const char *const header[] = {
		ACCEPTED("4F00000001"),
		AT("00", "cleanup") "4F00000001: hold: header Subject: money from pc[203.0.113.9]; "
				    "from=<alice@example.com> to=<list@example.com> proto=ESMTP helo=<pc>",
		AT("01", "postsuper") "4F00000001: released from hold",
		QUEUED("4F00000001", "2"),
		SENT("4F00000001", "a@example.net"),
		SENT("4F00000001", "b@example.net"),
		AT("02", "qmgr") "4F00000001: removed",
		NULL};
	static const char *const released[] = {HELD_BY_RULE("NOQUEUE", "a@example.net"),
					       ACCEPTED("4F00000001"),
					       AT("01", "postsuper") "4F00000001: released from hold",
					       QUEUED("4F00000001", "1"),
					       SENT("4F00000001", "a@example.net"),
					       NULL};
	whole_hold(access, "4F00000001 login " ALICE " | a@example.net held | b@example.net held\n");
	whole_hold(others, "4F00000001 login client=203.0.113.9 login=alice@example.com\n");
	whole_hold(header, "4F00000001 login " ALICE " | a@example.net sent | b@example.net sent\n");
	whole_hold(released, "4F00000001 login " ALICE " | a@example.net sent\n");
}

static void by_the_administrator(void **state)
{
	static const char *const held[] = {ACCEPTED("4F00000001"),
					   QUEUED("4F00000001", "3"),
					   DEFERRED("4F00000001", "a@example.net"),
					   AT("02", "postsuper") "4F00000001: placed on hold",
					   SENT("4F00000001", "b@example.net"),
					   NULL};
	static const char *const removed[] = {ACCEPTED("4F00000001"),
					      QUEUED("4F00000001", "3"),
					      SENT("4F00000001", "a@example.net"),
					      DEFERRED("4F00000001", "b@example.net"),
					      AT("02", "postsuper") "4F00000001: removed",
					      NULL};
	static const char *const expired[] = {
		ACCEPTED("4F00000001"),
		QUEUED("4F00000001", "2"),
		DEFERRED("4F00000001", "a@example.net"),
		AT("02", "postsuper") "4F00000001: placed on hold",
		AT("03", "postsuper") "4F00000001: expired",
		AT("03", "qmgr") "4F00000001: from=<alice@example.com>, status=force-expired, returned to sender",
		AT("03", "qmgr") "4F00000001: removed",
		NULL};
	whole_hold(held, "4F00000001 login " ALICE " | a@example.net held said=450 4.7.1 later | b@example.net sent"
			 " | 1 more held\n");
	whole_hold(removed,
		   "4F00000001 login " ALICE " | a@example.net sent | b@example.net removed said=450 4.7.1 later"
		   " | 1 more removed\n");
	whole_hold(expired, "4F00000001 login " ALICE " | a@example.net expired said=450 4.7.1 later"
			    " | 1 more expired\n");
}

static void the_same_under_a_new_id(void **state)
{
	static const char *const again[] = {
		ACCEPTED("4F00000001"),
		QUEUED("4F00000001", "3"),
		SENT("4F00000001", "a@example.net"),
		DEFERRED("4F00000001", "b@example.net"),
		AT("01", "postsuper") "4F00000001: placed on hold",
		AT("02", "postsuper") "4F00000001: requeued",
		AT("02", "pickup") "4F00000002: uid=100 from=<alice@example.com> orig_id=4F00000001",
		AT("02", "cleanup") "4F00000002: message-id=<4F00000001@example.com>",
		QUEUED("4F00000002", "2"),
		SENT("4F00000002", "b@example.net"),
		NULL};
	/* its arrival is not in the log: no program of this host sent it */
	static const char *const older[] = {
		AT("02", "pickup") "4F00000002: uid=100 from=<alice@example.com> orig_id=4F00000001",
		QUEUED("4F00000002", "1"), SENT("4F00000002", "b@example.net"), NULL};
	static const char *const scanned[] = {
		ACCEPTED("4F00000001"),
		AT("00",
		   "cleanup") "4F00000001: hold: header Received: from pc (pc[203.0.113.9]) from pc[203.0.113.9]; "
			      "from=<alice@example.com> to=<a@example.net> proto=ESMTP helo=<pc>",
		"Nov 24 10:00:01 mx MailScanner[7]: Requeue: 4F00000001.A1B2C to 4F00000002",
		QUEUED("4F00000002", "2"),
		SENT("4F00000002", "a@example.net"),
		SENT("4F00000002", "b@example.net"),
		AT("02", "qmgr") "4F00000002: removed",
		NULL};
	/* the scanner's line comes late */
	static const char *const late[] = {
		ACCEPTED("4F00000001"),
		AT("00",
		   "cleanup") "4F00000001: hold: header Received: from pc (pc[203.0.113.9]) from pc[203.0.113.9]; "
			      "from=<alice@example.com> to=<a@example.net> proto=ESMTP helo=<pc>",
		QUEUED("4F00000002", "1"),
		"Nov 24 10:00:01 mx MailScanner[7]: Requeue: 4F00000001.A1B2C to 4F00000002",
		SENT("4F00000002", "a@example.net"),
		NULL};
	whole_hold(again, "4F00000002 login " ALICE " | a@example.net sent | b@example.net sent | 1 more waiting\n");
	whole_hold(older, "4F00000002 unknown from=<alice@example.com> | b@example.net sent\n");
	whole_hold(scanned, "4F00000002 login " ALICE " | a@example.net sent | b@example.net sent\n");
	whole_hold(late, "4F00000002 login " ALICE " | a@example.net sent\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_and_waiting),
		cmocka_unit_test(held_by_a_rule),
		cmocka_unit_test(by_the_administrator),
		cmocka_unit_test(the_same_under_a_new_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
