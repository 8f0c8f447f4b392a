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
	whole_hold(some, "4F00000001 login " ALICE " | a@example.net delivered | 2 more waiting\n");
	whole_hold(never, "4F00000001 client client=203.0.113.9\n");
	whole_hold(ended, "4F00000001 login " ALICE " | a@example.net delivered\n");
	whole_hold(older, "4F00000001 unknown from=<alice@example.com> | a@example.net delivered\n");
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
	whole_hold(header, "4F00000001 login " ALICE " | a@example.net delivered | b@example.net delivered\n");
	whole_hold(released, "4F00000001 login " ALICE " | a@example.net delivered\n");
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
	whole_hold(held,
		   "4F00000001 login " ALICE " | a@example.net held said=450 4.7.1 later | b@example.net delivered"
		   " | 1 more held\n");
	whole_hold(removed,
		   "4F00000001 login " ALICE " | a@example.net delivered | b@example.net removed said=450 4.7.1 later"
		   " | 1 more removed\n");
	whole_hold(expired, "4F00000001 login " ALICE " | a@example.net expired said=450 4.7.1 later"
			    " | 1 more expired\n");
}

/* postsuper -d ALL, -h ALL: only how many there were. */
static void all_at_once(void **state)
{
	static const char *const removed[] = {ACCEPTED("4F00000001"),
					      QUEUED("4F00000001", "1"),
					      ACCEPTED("4F00000002"),
					      QUEUED("4F00000002", "2"),
					      AT("02", "postsuper") "4F00000001: removed",
					      AT("02", "postsuper") "Deleted: 1 message",
					      AT("03", "postsuper") "Deleted: 1 message",
					      NULL};
	static const char *const held[] = {ACCEPTED("4F00000001"),
					   QUEUED("4F00000001", "1"),
					   ACCEPTED("4F00000002"),
					   QUEUED("4F00000002", "2"),
					   AT("02", "postsuper") "Placed on hold: 2 messages",
					   NULL};
	/* -d ALL deferred, or a part of what is there: which one, nobody knows */
	static const char *const some[] = {ACCEPTED("4F00000001"),
					   QUEUED("4F00000001", "1"),
					   ACCEPTED("4F00000002"),
					   QUEUED("4F00000002", "2"),
					   AT("02", "postsuper") "Deleted: 1 message",
					   NULL};
	whole_hold(removed,
		   "4F00000001 login " ALICE " | 1 more removed\n4F00000002 login " ALICE " | 2 more removed\n");
	whole_hold(held, "4F00000001 login " ALICE " | 1 more held\n4F00000002 login " ALICE " | 2 more held\n");
	whole_hold(some, "4F00000001 login " ALICE " | 1 more waiting\n4F00000002 login " ALICE " | 2 more waiting\n");
}

#define EXIM(time, words) "2026-11-24 10:00:" time " 1tEXAM-00000000aaa-1x9B " words
#define EXIM_ALICE        "1tEXAM-00000000aaa-1x9B login " ALICE
#define EXIM_IN                                                                                                        \
	EXIM("00",                                                                                                     \
	     "<= alice@example.com H=pc [203.0.113.9] P=esmtpsa A=plain:alice@example.com S=9 for x@example.net "      \
	     "y@example.net")

static void exims_administrator(void **state)
{
	static const char *const frozen[] = {EXIM_IN, EXIM("01", "frozen by root"), NULL};
	static const char *const thawed[] = {EXIM_IN, EXIM("01", "Frozen (delivery error message)"),
					     EXIM("02", "Unfrozen by errmsg timer"), NULL};
	static const char *const removed[] = {EXIM_IN, EXIM("01", "removed by root"), EXIM("01", "Completed"), NULL};
	static const char *const marked[] = {EXIM_IN, EXIM("01", "recipient <z@example.net> added by root"),
					     EXIM("02", "address <x@example.net> marked delivered by root"), NULL};
	static const char *const returned[] = {EXIM_IN, EXIM("01", "cancelled by root"), EXIM("02", "Completed"), NULL};
	static const char *const unknown[] = {
		EXIM("00", "<= alice@example.com H=pc [203.0.113.9] P=esmtpsa A=plain:alice@example.com S=9"), NULL};
	whole_hold(frozen, EXIM_ALICE " | 2 more held\n");
	whole_hold(thawed, EXIM_ALICE " | 2 more waiting\n");
	whole_hold(removed, EXIM_ALICE " | 2 more removed\n");
	whole_hold(marked, EXIM_ALICE " | z@example.net waiting | x@example.net removed | 1 more waiting\n");
	whole_hold(returned, EXIM_ALICE " | 2 more expired\n");
	whole_hold(unknown, EXIM_ALICE " | 1 more waiting\n");
}

#define SENDMAIL(words)  "Nov 24 10:00:00 mx sendmail[9]: 4AOA0000000070: " words
#define OPENSMTPD(words) "Nov 24 10:00:00 mx smtpd[9]: " words

static void sendmail_and_opensmtpd(void **state)
{
	static const char in[] = SENDMAIL("from=<a@example.com>, size=9, class=0, nrcpts=2, msgid=<m@x>, proto=ESMTP, "
					  "daemon=MTA, relay=pc [203.0.113.9]");
	static const char *const queued[] = {
		in, SENDMAIL("to=<x@example.net>,<y@example.net>, delay=00:00:00, mailer=esmtp, pri=1, stat=queued"),
		SENDMAIL("quarantine=look at it"), NULL};
	static const char *const released[] = {in, SENDMAIL("quarantine=look at it"), SENDMAIL("unquarantine"), NULL};
	static const char *const envelopes[] = {
		OPENSMTPD("7a1b2c3d4e5f6071 smtp connected address=203.0.113.9 host=pc"),
		OPENSMTPD("7a1b2c3d4e5f6071 smtp message msgid=0a1b2c3d size=9 nrcpt=3 proto=ESMTP"),
		OPENSMTPD("7a1b2c3d4e5f6071 smtp envelope evpid=0a1b2c3d00000001 from=<a@example.com> "
			  "to=<x@example.net>"),
		OPENSMTPD("7a1b2c3d4e5f6071 smtp envelope evpid=0a1b2c3d00000002 from=<a@example.com> "
			  "to=<y@example.net>"),
		OPENSMTPD("7a1b2c3d4e5f6071 smtp envelope evpid=0a1b2c3d00000003 from=<a@example.com> "
			  "to=<z@example.net>"),
		OPENSMTPD(
			"7a1b2c3d4e5f6072 mta delivery evpid=0a1b2c3d00000001 from=<a@example.com> to=<x@example.net> "
			"rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.2 (mx.example.net)\" delay=0s result=\"Ok\" "
			"stat=\"250 ok\""),
		OPENSMTPD("relay: Remove for 0a1b2c3d00000002: from=<a@example.com>, to=<y@example.net>, rcpt=<->, "
			  "delay=6s, "
			  "stat=Removed by administrator"),
		NULL};
	whole_hold(queued, "4AOA0000000070 client client=203.0.113.9 from=<a@example.com> | x@example.net held | "
			   "y@example.net held\n");
	whole_hold(released, "4AOA0000000070 client client=203.0.113.9 from=<a@example.com> | 2 more waiting\n");
	whole_hold(envelopes, "0a1b2c3d client client=203.0.113.9 from=<a@example.com> | x@example.net delivered | "
			      "y@example.net removed reply=Removed by administrator | z@example.net waiting\n");
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
	whole_hold(again,
		   "4F00000002 login " ALICE " | a@example.net delivered | b@example.net delivered | 1 more waiting\n");
	whole_hold(older, "4F00000002 unknown from=<alice@example.com> | b@example.net delivered\n");
	whole_hold(scanned, "4F00000002 login " ALICE " | a@example.net delivered | b@example.net delivered\n");
	whole_hold(late, "4F00000002 login " ALICE " | a@example.net delivered\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_and_waiting),    cmocka_unit_test(held_by_a_rule),
		cmocka_unit_test(by_the_administrator),    cmocka_unit_test(all_at_once),
		cmocka_unit_test(exims_administrator),     cmocka_unit_test(sendmail_and_opensmtpd),
		cmocka_unit_test(the_same_under_a_new_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
