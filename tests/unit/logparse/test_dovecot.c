/* SPDX-License-Identifier: BSD-2-Clause */
/* Dovecot 2.2 to 2.4 and content filters, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(format, program, rows) rows_hold(&format, program, rows, sizeof(rows) / sizeof((rows)[0]))

static void logins(void **state)
{
	static const struct line_row rows[] = {
		{"imap-login: Login: user=<bob@example.com>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.10, mpid=1, "
		 "TLS",
		 "login client=198.51.100.9 login=bob@example.com method=PLAIN good"},
		{"submission-login: Logged in: user=<bob>, method=PLAIN, rip=2001:db8::9, lip=192.0.2.10, mpid=1, TLS",
		 "login client=2001:db8::9 login=bob method=PLAIN good"},
		{"pop3-login: Info: Login: user=<bob>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.10",
		 "login client=198.51.100.9 login=bob method=PLAIN good"},
		{"imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<bob>, method=PLAIN, "
		 "rip=198.51.100.9, "
		 "lip=192.0.2.10, TLS: Disconnected, session=<a>",
		 "login client=198.51.100.9 login=bob method=PLAIN"},
		{"imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed): "
		 "user=<bob>, "
		 "method=PLAIN, rip=198.51.100.9, lip=192.0.2.10, TLS, session=<a>",
		 "login client=198.51.100.9 login=bob method=PLAIN"},
		{"imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip=198.51.100.9, lip=192.0.2.10",
		 "login client=198.51.100.9"},
		/* a name that is a line of its own */
		{"imap-login: Disconnected (auth failed, 1 attempts): user=<x>, rip=192.0.2.66, y>, method=PLAIN, "
		 "rip=198.51.100.9, lip=192.0.2.10",
		 "login client=198.51.100.9 login=x>, rip=192.0.2.66, y method=PLAIN"},
		{"imap-login: Disconnected (no auth attempts in 0 secs): user=<(auth failed, 1>, rip=198.51.100.9, "
		 "lip=192.0.2.10",
		 "quiet"},
		{"imap-login: Disconnected (no auth attempts in 5 secs): user=<>, rip=198.51.100.9, lip=192.0.2.10",
		 "quiet"},
	};
	HOLD(format_dovecot, "dovecot", rows);
}

static void passwords(void **state)
{
	static const struct line_row rows[] = {
		{"auth-worker(12): sql(bob@example.com,198.51.100.9,<abc>): Password mismatch",
		 "login client=198.51.100.9 login=bob@example.com"},
		{"auth-worker(12): conn unix:auth-worker (pid=1,uid=2): auth-worker<5>: pam(bob,2001:db8::9): "
		 "pam_authenticate() failed: Authentication failure (Password mismatch?)",
		 "login client=2001:db8::9 login=bob"},
		{"auth: passwd-file(a,b,198.51.100.9): unknown user (SHA1 of given password: 21bd12)",
		 "login client=198.51.100.9 login=a,b"},
		{"auth: ldap(dog,198.51.100.9,): invalid credentials", "login client=198.51.100.9 login=dog"},
		{"auth: Error: sql(bob,198.51.100.9): connection to database lost", "quiet"},
		{"auth(bob@example.com,198.51.100.9,sasl:login)<abc>: Info: sql: Password mismatch",
		 "login client=198.51.100.9 login=bob@example.com"},
		{"auth(bob,198.51.100.9)<abc>: Debug: sql: query: SELECT", "quiet"},
		{"auth: sql(bob): Password mismatch", "quiet"},
		{"master: Warning: Killed with signal 15", "quiet"},
	};
	static const struct line_row pam[] = {
		{"pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot "
		 "ruser=rhost=192.0.2.66 "
		 "rhost=198.51.100.9  user=bob",
		 "login client=198.51.100.9 login=rhost=192.0.2.66"},
	};
	HOLD(format_dovecot, "dovecot", rows);
	HOLD(format_dovecot, "auth", pam);
}

static void forwards(void **state)
{
	static const struct line_row rows[] = {
		{"lmtp(bob@example.com)<123><abc>: sieve: msgid=<x@example.net>: forwarded to <c@example.org>",
		 "link msgid=x@example.net to=c@example.org orig=bob@example.com"},
		{"lda(bob): Info: sieve: msgid=<x@example.net>: redirect action: forwarded to <c@example.org>",
		 "link msgid=x@example.net to=c@example.org orig=bob"},
		{"lmtp(12, bob@example.com): abc: sieve: msgid=<x: forwarded to <f@example.org>@example.net>: stored "
		 "mail into "
		 "mailbox 'INBOX'",
		 "quiet"},
		{"lmtp(bob)<1><a>: msgid=<x@example.net>: saved mail to INBOX", "quiet"},
		{"imap(bob)<1><a>: Logged out in=1 out=2", "quiet"},
	};
	HOLD(format_dovecot, "dovecot", rows);
}

/* Its own log file: a line is Dovecot's only where a level says so. */
static void own_file(void **state)
{
	static const struct line_row rows[] = {
		{"imap-login: Info: Login: user=<bob>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.10",
		 "login client=198.51.100.9 login=bob method=PLAIN good"},
		{"imap-login: Login: user=<bob>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.10", "foreign"},
		{"1tEXAM-00000000abc-1x9B Completed", "foreign"},
		{"", "foreign"},
	};
	HOLD(format_dovecot, "", rows);
}

static void filters(void **state)
{
	static const struct line_row amavis[] = {
		{"(00012-01) Passed CLEAN {RelayedOutbound}, LOCAL [198.51.100.7]:1234 [192.0.2.66] <a@example.com> -> "
		 "<b@example.net>,<c@example.net>, Queue-ID: 4F1D2A3B, Message-ID: <x, Hits: 0, queued_as: "
		 "FORGED1@example.com>, "
		 "mail_id: abc, Hits: -1.2, size: 1234, queued_as: 5A5A5A5A, 500 ms",
		 "link id=4F1D2A3B next-hop=5A5A5A5A client=198.51.100.7 from=<a@example.com>"},
		{"(00012-01) Passed CLEAN {RelayedInbound}, [IPv6:2001:db8::7]:1234 <\"a> -> <b>, Queue-ID: "
		 "FORGED1\"@example.com> "
		 "-> <b@example.net>, Queue-ID: 4F1D2A3B, Message-ID: <x@example.com>, mail_id: a, Hits: 1, size: 1, "
		 "queued_as: 5A5A5A5A, 5 ms",
		 "link id=4F1D2A3B next-hop=5A5A5A5A client=2001:db8::7 from=<\"a> -> <b>, Queue-ID: "
		 "FORGED1\"@example.com>"},
		{"(00012-01) Blocked SPAM {DiscardedOutbound}, [198.51.100.7]:1234 <a@example.com> -> <b@example.net>, "
		 "Queue-ID: "
		 "4F1D2A3B, Message-ID: <x@example.com>, mail_id: abc, Hits: 12, size: 1, 500 ms",
		 "accept id=4F1D2A3B client=198.51.100.7 from=<a@example.com>"},
		{"(00012-01) Passed CLEAN, <a@example.com> -> <b@example.net>, Hits: 1, queued_as: 5A5A5A5A", "quiet"},
		{"starting. /usr/sbin/amavisd at mx", "quiet"},
		{"", "quiet"},
	};
	static const struct line_row rspamd[] = {
		{"<abc123>; task; rspamd_task_write_log: id: <m@example.com>, qid: <4F1D2A3B>, ip: 198.51.100.7, "
		 "user: alice@example.com, from: <a@example.com>, (default: F (no action): [-0.10/15.00] [A(0.1){user: "
		 "x;}])",
		 "accept id=4F1D2A3B client=198.51.100.7 login=alice@example.com from=<a@example.com> "
		 "msgid=m@example.com"},
		{"<abc123>; proxy; rspamd_task_write_log: id: <m>, qid: <4F1D2A3B>, ip: 2001:db8::7, from: <>, "
		 "(default: F",
		 "accept id=4F1D2A3B client=2001:db8::7 from=<> msgid=m"},
		{"<abc123>; task; rspamd_task_write_log: id: <m>, ip: 198.51.100.7, (default: F", "quiet"},
		{"<abc123>; lua; settings.lua:1: apply static settings", "quiet"},
	};
	static const struct line_row scanner[] = {
		{"Requeue: 4F1D2A3B.A1B2C to 5A5A5A5A", "link id=4F1D2A3B requeue=5A5A5A5A"},
		{"New Batch: Scanning 1 messages, 1234 bytes", "quiet"},
	};
	HOLD(format_filter, "amavis", amavis);
	HOLD(format_filter, "rspamd", rspamd);
	HOLD(format_filter, "MailScanner", scanner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins),   cmocka_unit_test(passwords), cmocka_unit_test(forwards),
		cmocka_unit_test(own_file), cmocka_unit_test(filters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
