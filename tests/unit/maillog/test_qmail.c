/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(rows) rows_hold(&format_qmail, "qmail", rows, sizeof(rows) / sizeof(rows[0]))

static void queue(void **state)
{
	static const struct line_row rows[] = {
		{"new msg 270182", "quiet"},
		{"1157520813.485077 new msg 270182", "quiet"},
		{"info msg 270182: bytes 10712 from <john@example.com> qp 54945 uid 33",
		 "accept id=270182 related=54945 uid=33 local from=<john@example.com> size=10712"},
		{"1157520813.485077 info msg 7: bytes 1 from <> qp 5 uid 82",
		 "accept id=7 related=5 uid=82 from=<> size=1"},
		/* what stands in the sender is no field */
		{"info msg 7: bytes 1 from <a> qp 1 uid 0 <b@example.com> qp 5 uid 82",
		 "accept id=7 related=5 uid=82 from=<a> qp 1 uid 0 <b@example.com> size=1"},
		{"starting delivery 293: msg 7 to remote a@example.net",
		 "detail id=7 related=293 smtp to=a@example.net"},
		{"starting delivery 294: msg 7 to local bob@example.com",
		 "detail id=7 related=294 local-delivery to=bob@example.com"},
		{"end msg 7", "end id=7"},
		{"bounce msg 7 qp 22053", "link id=7 notice=22053"},
		{"status: local 0/10 remote 1/20", "quiet"},
		{"starting delivery 293: msg 7 to nowhere a", "unknown"},
		{"info msg 7: octets 1", "unknown"},
		{"words of no sense", "unknown"},
		{"warning: trouble opening local/1/2; will try again later",
		 "warning reply=warning: trouble opening local/1/2; will try again later"},
	};
	HOLD(rows);
}

static void outcomes(void **state)
{
	static const struct line_row rows[] = {
		{"delivery 293: success: 198.51.100.2_accepted_message./Remote_host_said:_250_2.0.0_ok_1_qp_2/",
		 "delivery related=293 sent relay-ip=198.51.100.2 code=250 status=2.0.0 said=250_2.0.0_ok_1_qp_2"},
		{"delivery 293: failure: "
		 "198.51.100.2_does_not_like_recipient./Remote_host_said:_550-5.7.1_blocked/550_x/"
		 "Giving_up_on_198.51.100.2./",
		 "delivery related=293 bounced relay-ip=198.51.100.2 code=550 status=5.7.1 "
		 "said=550-5.7.1_blocked/550_x"},
		{"delivery 293: deferral: "
		 "Connected_to_198.51.100.2_but_greeting_failed./Remote_host_said:_421_4.7.0_wait/",
		 "delivery related=293 deferred relay-ip=198.51.100.2 code=421 status=4.7.0 said=421_4.7.0_wait"},
		{"delivery 293: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/",
		 "delivery related=293 deferred status=4.4.1 "
		 "reply=Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/"},
		{"delivery 294: success: did_1+0+0/", "delivery related=294 sent reply=did_1+0+0/"},
		{"delivery 294: sideways: x", "unknown"},
		{"rblsmtpd: 198.51.100.77 pid 19597 451 http://list.example/?ip=198.51.100.77",
		 "refusal client=198.51.100.77 deferred code=451 reply=451 http://list.example/?ip=198.51.100.77"},
	};
	HOLD(rows);
}

static void without_a_head(void **state)
{
	static const struct line_row rows[] = {
		{"new msg 270182", "quiet"},
		{"end msg 7", "end id=7"},
		{"delivery 294: success: did_1+0+0/", "delivery related=294 sent reply=did_1+0+0/"},
		/* another program's words */
		{"delivery of goods", "foreign"},
		{"status: fine", "foreign"},
	};
	rows_hold(&format_qmail, "", rows, sizeof(rows) / sizeof(rows[0]));
}

static void cut_lines(void **state)
{
	static const char *const lines[] = {
		"1157520813.485077 info msg 270182: bytes 10712 from <john@example.com> qp 54945 uid 33",
		"delivery 293: failure: 198.51.100.2_x./Remote_host_said:_550_5.7.1_b/Giving_up_on_198.51.100.2./",
		"starting delivery 293: msg 7 to remote a@example.net",
		"bounce msg 7 qp 22053",
	};
	char words[1024] = "";
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t len = 0; len <= strlen(lines[i]); len++) {
			event_words(&format_qmail, "", span_of(lines[i], len), 0, words, sizeof(words));
			event_words(&format_qmail, "qmail", span_of(lines[i], len), 0, words, sizeof(words));
		}
	assert_string_equal(words, "link id=7 notice=22053");
}

/* vpopmail's logins; a name that was tried may hold the words of a good one. */
static void passwords(void **state)
{
	static const struct line_row rows[] = {
		{"vchkpw-submission: (LOGIN) login success bob@example.com:203.0.113.9",
		 "login client=203.0.113.9 login=bob@example.com good"},
		{"vchkpw-smtp: vpopmail user not found x login success bob@example.com:192.0.2.9:203.0.113.9",
		 "login client=203.0.113.9 login=x login success bob@example.com:192.0.2.9"},
		{"vchkpw-pop3: password fail bob@example.com:203.0.113.9",
		 "login client=203.0.113.9 login=bob@example.com"},
		{"vchkpw-smtp: password fail (pass: 'x') bob@example.com:203.0.113.9", "quiet"},
		{"vchkpw-smtp: (PLAIN) login success bob@example.com:", "quiet"},
	};
	(void)state;
	rows_hold(&format_qmail, "vpopmail", rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue),     cmocka_unit_test(outcomes),  cmocka_unit_test(without_a_head),
		cmocka_unit_test(passwords), cmocka_unit_test(cut_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
