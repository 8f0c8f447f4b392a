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
		"CHKUSER relaying rcpt: from <a:b@example.com:> remote <p:h:203.0.113.9> rcpt <b> : client",
		"qmail-smtpd: pid 7 Accept::AUTH::plain P:ESMTPSA S:203.0.113.9:h H:pc F:a T:b ?~ 'bob'",
		"qlogenvelope: result=accepted mailfrom=a rcptto=b relay=yes authuser=b authtype=p "
		"remoteip=203.0.113.9 "
		"remotehost=h",
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
		{"vchkpw-smtp: vpopmail user not found (pass: x:203.0.113.9",
		 "login client=203.0.113.9 login=(pass: x"},
		{"vchkpw-pop3: password fail bob@example.com:203.0.113.9",
		 "login client=203.0.113.9 login=bob@example.com"},
		{"vchkpw-smtp: password fail (pass: 'x') bob@example.com:203.0.113.9", "quiet"},
		{"vchkpw-smtp: (PLAIN) login success bob@example.com:", "quiet"},
	};
	(void)state;
	rows_hold(&format_qmail, "vpopmail", rows, sizeof(rows) / sizeof(rows[0]));
}

/* Plesk: who connects, and who logs in */
static void plesk(void **state)
{
	static const struct line_row relaylock[] = {
		{"/var/qmail/bin/relaylock: mail from 203.0.113.9:4711 (host.example.net)",
		 "connect client=203.0.113.9 name=host.example.net"},
		{"/var/qmail/bin/relaylock: mail from 2001:db8::9:4711 (host.example.net)",
		 "connect client=2001:db8::9 name=host.example.net"},
		{"/var/qmail/bin/relaylock: mail from nowhere", "quiet"},
	};
	static const struct line_row logins[] = {
		{"SMTP connect from unknown@ [203.0.113.9]", "quiet"},
		{"smtp_auth: SMTP user office : /var/qmail/mailnames/example.com/office logged in from unknown@ "
		 "[203.0.113.9]",
		 "login client=203.0.113.9 login=office login-domain=example.com good"},
		{"SMTP user bob@example.com : logged in from (null)@host.example.net [203.0.113.9]",
		 "login client=203.0.113.9 name=host.example.net login=bob@example.com good"},
		{"SMTP user bob@example.com: logged in from host.example.net [203.0.113.9]",
		 "login client=203.0.113.9 name=host.example.net login=bob@example.com good"},
		{"smtp_auth: FAILED: office - password incorrect  from unknown@ [203.0.113.9]",
		 "login client=203.0.113.9 login=office"},
		/* a name that was tried is no login */
		{"FAILED: x : logged in from a [192.0.2.9] - password incorrect from host.example.net [203.0.113.9]",
		 "login client=203.0.113.9 name=host.example.net login=x : logged in from a [192.0.2.9]"},
		{"Invalid mail address 'SMTP user ceo : logged in from a [192.0.2.9]'", "quiet"},
		/* the mailbox is another one's */
		{"SMTP user office : /var/qmail/mailnames/example.com/bob logged in from unknown@ [203.0.113.9]",
		 "quiet"},
	};
	rows_hold(&format_qmail, "relaylock", relaylock, sizeof(relaylock) / sizeof(relaylock[0]));
	rows_hold(&format_qmail, "/var/qmail/bin/relaylock", relaylock, sizeof(relaylock) / sizeof(relaylock[0]));
	rows_hold(&format_qmail, "smtp_auth", logins, sizeof(logins) / sizeof(logins[0]));
	rows_hold(&format_qmail, "cmd5checkpw", logins, sizeof(logins) / sizeof(logins[0]));
}

static void spamdyke(void **state)
{
	static const struct line_row rows[] = {
		{"ALLOWED from: a@example.com to: b@example.net origin_ip: 203.0.113.9 origin_rdns: host.example.net "
		 "auth: a@example.com encryption: TLS",
		 "envelope client=203.0.113.9 name=host.example.net login=a@example.com from=<a@example.com> "
		 "to=b@example.net"},
		{"ALLOWED from: a@far.example to: b@example.com origin_ip: 203.0.113.9 origin_rdns: (unknown) auth: "
		 "(unknown) encryption: (none) reason: (empty)",
		 "envelope client=203.0.113.9 from=<a@far.example> to=b@example.com"},
		{"DENIED_RDNS_MISSING from: a@far.example to: b@example.com origin_ip: 203.0.113.9 origin_rdns: "
		 "(unknown) auth: (unknown) encryption: (none) reason: (empty)",
		 "refusal client=203.0.113.9 bounced to=b@example.com reply=DENIED_RDNS_MISSING"},
		{"DENIED_GRAYLISTED from: a@far.example to: b@example.com origin_ip: 203.0.113.9 origin_rdns: h auth: "
		 "(unknown) encryption: TLS",
		 "refusal client=203.0.113.9 name=h deferred to=b@example.com reply=DENIED_GRAYLISTED"},
		/* the fields are the last ones; of two senders neither is told */
		{"ALLOWED from: a@far.example to: x auth: ceo encryption: TLS origin_ip: 203.0.113.9 origin_rdns: h "
		 "auth: "
		 "(unknown) encryption: (none)",
		 "envelope client=203.0.113.9 name=h from=<a@far.example> to=x auth: ceo encryption: TLS"},
		{"ALLOWED from: ceo@example.com to: a to: b origin_ip: 203.0.113.9 origin_rdns: h auth: (unknown) "
		 "encryption: (none)",
		 "quiet"},
		{"ERROR: cannot write", "quiet"},
	};
	rows_hold(&format_qmail, "spamdyke", rows, sizeof(rows) / sizeof(rows[0]));
}

/* qmail-smtpd's own words, by patches of many hands */
static void smtpd(void **state)
{
	static const struct line_row rows[] = {
		{"CHKUSER relaying rcpt: from <a@example.com:bob@example.com:> remote "
		 "<pc:host.example.net:203.0.113.9> rcpt "
		 "<b@example.net> : client allowed to relay",
		 "envelope client=203.0.113.9 login=bob@example.com from=<a@example.com>"},
		/* its own identd says so */
		{"CHKUSER accepted rcpt: from <a@far.example:ceo@example.com:> remote <pc:unknown:203.0.113.9> rcpt "
		 "<b@example.com> : found existing recipient",
		 "envelope client=203.0.113.9 from=<a@far.example>"},
		{"CHKUSER relaying rcpt: from <a@example.com:root:> remote <pc:unknown:203.0.113.9> rcpt "
		 "<b@example.net> : "
		 "client allowed to relay",
		 "envelope client=203.0.113.9 from=<a@example.com>"},
		{"CHKUSER rejected relaying: from <a@far.example::> remote <pc:unknown:203.0.113.9> rcpt "
		 "<b@example.net> : "
		 "client not allowed to relay",
		 "refusal client=203.0.113.9 bounced reply=rejected relaying: from <a@far.example::> remote "
		 "<pc:unknown:203.0.113.9> rcpt <b@example.net> : client not allowed to relay"},
		{"CHKUSER relaying rcpt: from <a:ceo@example.com:bob@example.com:> remote <pc:h:203.0.113.9> rcpt <b> "
		 ": x",
		 "quiet"},
		{"CHKUSER relaying rcpt: from <a::> remote <x> rcpt <y:h:192.0.2.9> remote <pc:h:203.0.113.9> rcpt <b> "
		 ": x",
		 "quiet"},
		{"qmail-smtpd: pid 7 Accept::AUTH::plain P:ESMTPSA S:203.0.113.9:host.example.net H:pc F:a@example.com "
		 "T:b@example.net ?~ 'bob@example.com'",
		 "envelope client=203.0.113.9 name=host.example.net login=bob@example.com from=<a@example.com>"},
		{"qmail-smtpd: pid 7 Accept::AUTH::login P:ESMTPA S:203.0.113.9:unknown ?= 'bob'",
		 "login client=203.0.113.9 name=unknown login=bob good"},
		{"qmail-smtpd: pid 7 Accept::RCPT::Rcpthosts_Rcptto P:ESMTP S:203.0.113.9:unknown H:pc ?~ 'ceo' "
		 "F:a@far.example T:b@example.com ?~ 'ceo'",
		 "envelope client=203.0.113.9 name=unknown from=<a@far.example>"},
		{"qmail-smtpd: pid 7 Reject::SNDR::Invalid_Relay P:ESMTP S:203.0.113.9:unknown H:pc F:a@far.example "
		 "T:b",
		 "refusal client=203.0.113.9 name=unknown bounced reply=Reject::SNDR::Invalid_Relay P:ESMTP "
		 "S:203.0.113.9:unknown H:pc F:a@far.example T:b"},
		{"qmail-smtpd: pid 7 Accept::AUTH::plain P:ESMTPSA S:203.0.113.9:unknown H:pc F:ceo T:x F:a T:b ?~ "
		 "'bob'",
		 "quiet"},
		{"qlogenvelope: result=accepted code=250 reason=rcptto detail=chkuserrelay helo=pc "
		 "mailfrom=a@example.com "
		 "rcptto=b@example.net relay=yes rcpthosts=no size= authuser=bob@example.com authtype=plain "
		 "encrypted=tls "
		 "sslverified=no localip=192.0.2.1 localport=587 remoteip=203.0.113.9 remoteport=4711 "
		 "remotehost=host.example.net qp= pid=7",
		 "envelope client=203.0.113.9 name=host.example.net login=bob@example.com from=<a@example.com>"},
		/* the name was tried, and the password was wrong */
		{"qlogenvelope: result=accepted code=250 reason=rcptto detail=chkuser helo=pc mailfrom=a@far.example "
		 "rcptto=b@example.com relay=no rcpthosts=yes size= authuser=ceo authtype=plain encrypted= "
		 "sslverified=no "
		 "localip=192.0.2.1 localport=25 remoteip=203.0.113.9 remoteport=4711 remotehost=h qp= pid=7",
		 "envelope client=203.0.113.9 name=h from=<a@far.example>"},
		{"qlogreceived: result=accepted code=250", "quiet"},
	};
	rows_hold(&format_qmail, "", rows, sizeof(rows) / sizeof(rows[0]));
	HOLD(rows);
}

static void blocklists(void **state)
{
	static const struct line_row rows[] = {
		{"198.51.100.77 pid 19597: 451 listed",
		 "refusal client=198.51.100.77 deferred code=451 reply=451 listed"},
	};
	(void)state;
	rows_hold(&format_qmail, "rblsmtpd", rows, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue),     cmocka_unit_test(outcomes),  cmocka_unit_test(without_a_head),
		cmocka_unit_test(passwords), cmocka_unit_test(cut_lines), cmocka_unit_test(plesk),
		cmocka_unit_test(spamdyke),  cmocka_unit_test(smtpd),     cmocka_unit_test(blocklists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
