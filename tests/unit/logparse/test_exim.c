/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event_words.h"

#define HOLD(rows) rows_hold(&format_exim, "", rows, sizeof(rows) / sizeof(rows[0]))
#define S          "1tEXAM-0000vi-3f"        /* to 4.96 */
#define L          "1tEXAM-00000000abc-1x9B" /* from 4.97 */
#define B          "1tEXAN-00000000abd-0zzz"

static void arrivals(void **state)
{
	static const struct line_row rows[] = {
		{S " <= bob@example.com U=bob P=local S=6281 T=\"Logistics Info\" for alice@example.net",
		 "accept id=" S " user=bob local from=<bob@example.com> subject=Logistics Info size=6281 rcpts=1 "
		 "to=alice@example.net"},
		{L " <= alice@example.com H=(laptop) [203.0.113.5]:52100 I=[192.0.2.1]:587 P=esmtpsa "
		   "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no SNI=\"mx.example.com\" A=dovecot_login:alice@example.com "
		   "S=2201 "
		   "M8S=8 RT=0.5s id=abc@example.com T=\"Invoice for \\\"you\\\" A=plain:mallory [9.9.9.9]\" "
		   "from <x@example.com> for a@example.net \"b c\"@example.net",
		 "accept id=" L " client=203.0.113.5 helo=laptop login=alice@example.com method=dovecot_login "
		 "from=<alice@example.com> msgid=abc@example.com subject=Invoice for \\\"you\\\" A=plain:mallory "
		 "[9.9.9.9] "
		 "size=2201 rcpts=2"},
		{L " <= a@example.net H=mx.example.net [2001:db8::7]:41000 P=esmtps K S=900 DKIM=example.net "
		   "id=1@example.net",
		 "accept id=" L
		 " client=2001:db8::7 name=mx.example.net from=<a@example.net> msgid=1@example.net size=900"},
		{L " <= <> R=" S " U=Debian-exim P=local S=1700 T=\"Mail delivery failed\" for a@example.net",
		 "accept id=" L " notice=" S
		 " user=Debian-exim local from=<> subject=Mail delivery failed size=1700 rcpts=1 "
		 "to=a@example.net"},
		{L " <= a@example.com H=h.example.net (x) [198.51.100.7] U=root P=esmtpa A=cram S=1",
		 "accept id=" L
		 " client=198.51.100.7 name=h.example.net helo=x login=cram method=cram from=<a@example.com> size=1"},
		{L " <= a@example.com H=localhost (x) [127.0.0.1]:4 U=bob P=esmtp A=plain:bob:a@example.com S=1",
		 "accept id=" L
		 " client=127.0.0.1 name=localhost helo=x login=bob method=plain user=bob from=<a@example.com> "
		 "size=1"},
		{L " <= \"a b\"@example.com H=([192.0.2.9]) [198.51.100.7] P=smtp S=1",
		 "accept id=" L " client=198.51.100.7 helo=[192.0.2.9] from=<\"a b\"@example.com> size=1"},
		{L " (= a@example.com U=bob P=local-smtp S=5",
		 "accept id=" L " user=bob local from=<a@example.com> size=5"},
		/* a HELO that looks like a field's end: the last address is the client's */
		{L " <= a@example.com H=(x) [127.0.0.1] (y) [198.51.100.7]:9 P=smtp S=1 T=\"z) [192.0.2.66] P=local\"",
		 "accept id=" L " client=198.51.100.7 helo=x) [127.0.0.1] (y from=<a@example.com> "
		 "subject=z) [192.0.2.66] P=local size=1"},
		{L " <= ", "unknown"},
		{L " <=", "unknown"},
	};
	HOLD(rows);
}

/* What the client wrote holds words like fields: who brought the message is told by Exim's own alone. */
static void forged_arrivals(void **state)
{
#define FORGED "U=root P=local A=dovecot_login:ceo@example.com S=9 "
	static const struct line_row rows[] = {
		/* Message-ID, with and without a domain; in new versions of Exim's own making */
		{L " <= a@example.net H=h.example.net (c) [203.0.113.7] P=esmtp S=382 id=\"x " FORGED
		   "\"@example.net for b@example.org",
		 "accept id=" L " client=203.0.113.7 name=h.example.net helo=c from=<a@example.net> msgid=\"x " FORGED
		 "\"@example.net size=382 rcpts=1 to=b@example.org"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtp S=382 id=\"x " FORGED "\"",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> msgid=\"x " FORGED "\" size=382"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtp S=382 id*=1@example.com T=\"A=b\"",
		 "accept id=" L
		 " client=203.0.113.7 helo=c from=<a@example.net> msgid=1@example.com subject=A=b size=382"},
		/* sender, subject, recipient, the sender before it was rewritten */
		{L " <= \"x " FORGED "\"@example.net H=(c) [203.0.113.7] P=esmtp S=3",
		 "accept id=" L " client=203.0.113.7 helo=c from=<\"x " FORGED "\"@example.net> size=3"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtp S=3 T=\"\\\" " FORGED "\" from <\"" FORGED
		   "\"@example.net> for \"" FORGED "\"@example.org",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> subject=\\\" " FORGED
		 " size=3 rcpts=1 to=\"" FORGED "\"@example.org"},
		/* what his ident server says; TLS names in quotes, as up to 4.95 */
		{L " <= a@example.net H=(c) [203.0.113.7] U=x A=plain:ceo P=local P=esmtp S=3",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> size=3"},
		{L
		 " <= a@example.net H=(c) [203.0.113.7] P=esmtps SNI=\"x\" A=plain:ceo S=1 id=q\" S=3 id=1@example.net",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> msgid=q\" size=1"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtps SNI=\"x\" A=plain:ceo CV=y\" S=3",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> size=3"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtps DN=\"x\" A=plain:ceo SNI=\"y\" S=3",
		 "accept id=" L " client=203.0.113.7 helo=c from=<a@example.net> size=3"},
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtpsa DN=\"/CN=x y\" SNI=\"z\" A=plain:bob S=3",
		 "accept id=" L " client=203.0.113.7 helo=c login=bob method=plain from=<a@example.net> size=3"},
		/* the driver with which he says he was known elsewhere stands behind his login */
		{L " <= a@example.net H=(c) [203.0.113.7] P=esmtpa A=plain:bob:\"x A=plain:ceo\"@example.net S=3",
		 "accept id=" L " client=203.0.113.7 helo=c login=bob method=plain from=<a@example.net> size=3"},
	};
	HOLD(rows);
#undef FORGED
}

/* As Exim 4.96 wrote them: an address without its quotes and in small letters before the one that was given. */
static void unquoted_recipients(void **state)
{
	static const struct line_row rows[] = {
		{S " ** y p=local@example.com <y\\ P=local@example.com>: Unknown user",
		 "delivery id=" S " bounced to=y\\ P=local@example.com reply=Unknown user"},
		{S " => q h=evil x@example.net <q\\ H=evil\\ x@example.net> R=dnslookup T=remote_smtp H=mx.example.net "
		   "[198.51.100.25] K C=\"250 2.0.0 Ok\"",
		 "delivery id=" S
		 " sent smtp to=q\\ H=evil\\ x@example.net relay=mx.example.net relay-ip=198.51.100.25 code=250 "
		 "status=2.0.0 said=250 2.0.0 Ok"},
		{S " ** gone1 h=evil [192.0.2.9]: 550 5.7.1 blocked@example.net <\"gone1 H=evil [192.0.2.9]: 550 5.7.1 "
		   "blocked\"@example.net> R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.25]: SMTP error from "
		   "remote mail "
		   "server after RCPT TO:<\"gone1 H=evil [192.0.2.9]: 550 5.7.1 blocked\"@example.net>: 554 5.7.1 no",
		 "delivery id=" S " bounced smtp to=\"gone1 H=evil [192.0.2.9]: 550 5.7.1 blocked\"@example.net "
		 "relay=mx.example.net relay-ip=198.51.100.25 code=554 status=5.7.1 said=554 5.7.1 no"},
		{S " <= x\\ P=local\\ U=root@far.example H=(c) [192.0.2.67]:54474 P=esmtp S=254 id=plain T=\"s\" for "
		   "b@example.com \"z P=q\"@example.com y\\ P=local@example.com",
		 "accept id=" S
		 " client=192.0.2.67 helo=c from=<x\\ P=local\\ U=root@far.example> msgid=plain subject=s size=254 "
		 "rcpts=3"},
	};
	HOLD(rows);
}

static void deliveries(void **state)
{
	static const struct line_row rows[] = {
		{S
		 " => a@example.net R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.2]:25 X=TLS1.2:C:256 CV=yes "
		 "DN=\"/C=DE/CN=mx example\" K C=\"250 2.0.0 OK id=1 T=forged\" QT=3s DT=2s",
		 "delivery id=" S
		 " sent smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 port=25 delay=3000 "
		 "code=250 status=2.0.0 said=250 2.0.0 OK id=1 T=forged"},
		{S " -> b@example.net R=d T=s H=mx.example.net [198.51.100.2]* C=\"250 OK\" QT=1m2.5s",
		 "delivery id=" S
		 " sent smtp to=b@example.net relay=mx.example.net relay-ip=198.51.100.2 delay=62500 code=250 "
		 "said=250 OK"},
		{S " >> b@example.net P=<a@example.com> R=d T=s H=mx.example.net [2001:db8::2]:25 C=\"250 OK\"",
		 "delivery id=" S
		 " sent smtp to=b@example.net relay=mx.example.net relay-ip=2001:db8::2 port=25 code=250 "
		 "said=250 OK"},
		{S " *> b@example.net R=d T=s H=mx.example.net [192.0.2.2]",
		 "delivery id=" S " discarded smtp to=b@example.net relay=mx.example.net relay-ip=192.0.2.2"},
		/* of a mailbox the name alone is shown */
		{S " => bob <bob@example.com> R=local_user T=mail_spool",
		 "delivery id=" S " sent local-delivery to=bob@example.com"},
		{S " => bob <info@example.com> F=<x@example.org> P=<x@example.org> R=v T=dovecot_virtual_delivery "
		   "C=\"250 2.0.0 <bob> Saved\" S=12",
		 "delivery id=" S " from=<x@example.org> sent local-delivery to=info@example.com code=250 status=2.0.0 "
		 "said=250 2.0.0 <bob> Saved"},
		/* sent on by an alias */
		{S " => c@example.org <info@example.com> R=d T=s H=mx.example.org [192.0.2.3] C=\"250 OK\"",
		 "delivery id=" S " sent smtp forwarded to=c@example.org orig=info@example.com relay=mx.example.org "
		 "relay-ip=192.0.2.3 code=250 said=250 OK"},
		{S " => c@example.org (bob@example.com) <info@example.com> R=d T=s H=mx.example.org [192.0.2.3]",
		 "delivery id=" S " sent smtp forwarded to=c@example.org orig=info@example.com relay=mx.example.org "
		 "relay-ip=192.0.2.3"},
		{S " => bob@example.com <info@example.com> R=l T=maildir",
		 "delivery id=" S " sent local-delivery to=bob@example.com orig=info@example.com"},
		{S " => |/usr/bin/vacation -a bob <bob@example.com> R=f T=address_pipe",
		 "delivery id=" S " sent pipe to=bob@example.com"},
		{S " => /var/mail/a (b@example.com) <a@example.com> R=f T=address_file",
		 "delivery id=" S " sent local-delivery to=a@example.com"},
		{S " => :blackhole: <a@example.com> R=dead", "delivery id=" S " discarded to=a@example.com"},
		{S " => a@example.net R=d T=s H=127.0.0.1 [127.0.0.1]:10025 C=\"250 OK id=" B "\"",
		 "delivery id=" S " next-hop=" B
		 " sent smtp to=a@example.net relay=127.0.0.1 relay-ip=127.0.0.1 port=10025 "
		 "code=250 said=250 OK id=" B},
		{S " Completed", "end id=" S},
		{L " Completed QT=2s", "end id=" L},
		{S " => ", "unknown"},
	};
	HOLD(rows);
}

static void failures(void **state)
{
	static const struct line_row rows[] = {
		{S " ** a@example.net R=d T=remote_smtp H=mx.example.net [198.51.100.2] X=TLS1.2:C:256 CV=yes: SMTP "
		   "error from remote "
		   "mail server after RCPT TO:<a@example.net>: 550 5.7.1 [192.0.2.1] is listed",
		 "delivery id=" S
		 " bounced smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 code=550 status=5.7.1 "
		 "said=550 5.7.1 [192.0.2.1] is listed"},
		{S " ** a@example.net R=d T=s H=mx.example.net [198.51.100.2] : SMTP error from remote mail server "
		   "after pipelined "
		   "end of data: 554-5.7.1 Spam\\n554 5.7.1 go away: host x [192.0.2.8]: 250 OK",
		 "delivery id=" S
		 " bounced smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 code=554 status=5.7.1 "
		 "said=554-5.7.1 Spam\\n554 5.7.1 go away: host x [192.0.2.8]: 250 OK"},
		/* 4.8x */
		{S
		 " ** a@example.net F=<b@example.com> R=d T=remote_smtp: SMTP error from remote mail server after RCPT "
		 "TO:<a@example.net>: host mx.example.net [198.51.100.2]: 550 No such user",
		 "delivery id=" S " from=<b@example.com> bounced smtp to=a@example.net relay=mx.example.net "
		 "relay-ip=198.51.100.2 code=550 said=550 No such user"},
		{S " == a@example.net R=d T=s defer (-46) H=mx.example.net [198.51.100.2]:25: SMTP error from remote "
		   "mail server "
		   "after RCPT TO:<a@example.net>: 451 4.7.1 Greylisted",
		 "delivery id=" S
		 " deferred smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 port=25 code=451 "
		 "status=4.7.1 said=451 4.7.1 Greylisted"},
		{S " == a@example.net R=d T=s defer (-44): SMTP error from remote mail server after RCPT "
		   "TO:<a@example.net>: host "
		   "mx.example.net [198.51.100.2]: 450 wait",
		 "delivery id=" S
		 " deferred smtp to=a@example.net relay=mx.example.net relay-ip=198.51.100.2 code=450 said=450 wait"},
		{S " == a@example.net R=d T=remote_smtp defer (110): Connection timed out",
		 "delivery id=" S " deferred smtp to=a@example.net reply=Connection timed out"},
		{S " == a@example.net routing defer (-51): retry time not reached",
		 "delivery id=" S " deferred to=a@example.net reply=retry time not reached"},
		{S " == bob <bob@example.com> R=l T=lmtp defer (0): LMTP error after RCPT TO:<bob@example.com>: 452 "
		   "4.2.2 Full",
		 "delivery id=" S
		 " deferred local-delivery to=bob@example.com code=452 status=4.2.2 said=452 4.2.2 Full"},
		{S " ** a@example.net: retry timeout exceeded",
		 "delivery id=" S " expired to=a@example.net reply=retry timeout exceeded"},
		{S " ** a@example.net R=d T=s: retry timeout exceeded",
		 "delivery id=" S " expired local-delivery to=a@example.net reply=retry timeout exceeded"},
		{S " ** nobody@example.com R=u: Unknown user",
		 "delivery id=" S " bounced to=nobody@example.com reply=Unknown user"},
		{S " ** c@example.org <info@example.com> R=d T=s H=mx.example.org [192.0.2.3]: SMTP error from remote "
		   "mail server after "
		   "end of data: 550 spam",
		 "delivery id=" S " bounced smtp forwarded to=c@example.org orig=info@example.com relay=mx.example.org "
		 "relay-ip=192.0.2.3 code=550 said=550 spam"},
		/* what stands in the quoted command is no reply */
		{S
		 " ** \"x: 250 OK\"@example.net R=d T=s H=m [192.0.2.3]: SMTP error from remote mail server after RCPT "
		 "TO:<\"x>: 250 OK\"@example.net>: 550 no",
		 "delivery id=" S
		 " bounced smtp to=\"x: 250 OK\"@example.net relay=m relay-ip=192.0.2.3 code=550 said=550 no"},
		{S " H=mx.example.net [198.51.100.2]: SMTP error from remote mail server after initial connection: 554 "
		   "5.7.1 blocked",
		 "warning id=" S
		 " relay=mx.example.net relay-ip=198.51.100.2 code=554 status=5.7.1 said=554 5.7.1 blocked"},
		{S " H=mx.example.net [198.51.100.2] Connection timed out",
		 "warning id=" S " relay=mx.example.net relay-ip=198.51.100.2 reply=Connection timed out"},
	};
	HOLD(rows);
}

static void refusals(void **state)
{
	static const struct line_row rows[] = {
		{"H=h.example.net (x) [198.51.100.7]:43 I=[192.0.2.1]:25 X=T:C:256 CV=no F=<s@example.net> rejected "
		 "RCPT "
		 "<t@example.com>: relay not permitted",
		 "refusal client=198.51.100.7 name=h.example.net helo=x from=<s@example.net> bounced to=t@example.com "
		 "reply=relay "
		 "not permitted"},
		{"H=(x) [198.51.100.7] F=<> temporarily rejected RCPT <\"a>: b\"@example.com>: 451 4.7.1 later",
		 "refusal client=198.51.100.7 helo=x from=<> deferred to=\"a>: b\"@example.com code=451 status=4.7.1 "
		 "reply=451 "
		 "4.7.1 later"},
		{"H=(x) [198.51.100.7] F=s@example.net rejected RCPT t@example.com: relay not permitted",
		 "refusal client=198.51.100.7 helo=x from=<s@example.net> bounced to=t@example.com reply=relay not "
		 "permitted"},
		{"H=(x) [203.0.113.69] X=T:C:256 F=<n@example.com> A=dovecot_login:out@example.com rejected RCPT "
		 "<t@example.net>: "
		 "rate overlimit = 83.6 / 1h",
		 "refusal client=203.0.113.69 helo=x login=out@example.com method=dovecot_login from=<n@example.com> "
		 "bounced "
		 "to=t@example.net reply=rate overlimit = 83.6 / 1h"},
		{L " H=(x) [198.51.100.7] F=<s@example.net> rejected after DATA: H=(y) [192.0.2.1] A=plain:root",
		 "refusal id=" L
		 " client=198.51.100.7 helo=x from=<s@example.net> bounced reply=H=(y) [192.0.2.1] A=plain:root"},
		{"H=[198.51.100.7]:9 rejected connection in \"connect\" ACL: go: away",
		 "refusal client=198.51.100.7 bounced reply=go: away"},
		{"H=[198.51.100.7]:9 dropped by 'connect' ACL: banned",
		 "refusal client=198.51.100.7 bounced reply=banned"},
		{"rejected EHLO from h.example.net [198.51.100.7]: syntactically invalid argument(s): _",
		 "refusal client=198.51.100.7 name=h.example.net bounced reply=syntactically invalid argument(s): _"},
		{"rejected MAIL from [198.51.100.7]: no HELO/EHLO given",
		 "refusal client=198.51.100.7 bounced reply=no HELO/EHLO given"},
		{"U=www-data F=<www@example.com> rejected RCPT <a@b>",
		 "refusal user=www-data from=<www@example.com> bounced to=a@b "
		 "reply=rejected RCPT <a@b>"},
		{"H=(x) [198.51.100.7] F=<s@example.net> RCPT <t@example.com>: discarded by RCPT ACL",
		 "refusal client=198.51.100.7 helo=x from=<s@example.net> discarded to=t@example.com reply=discarded "
		 "by RCPT ACL"},
		{"SMTP call from h.example.net [198.51.100.7]:5 dropped: too many syntax or protocol errors (last "
		 "command was \"x H=(y) "
		 "[192.0.2.1]\")",
		 "refusal client=198.51.100.7 name=h.example.net bounced reply=SMTP call from h.example.net "
		 "[198.51.100.7]:5 "
		 "dropped: too many syntax or protocol errors (last command was \"x H=(y) [192.0.2.1]\")"},
		{"SMTP protocol error in \"AUTH\" H=(y) [192.0.2.66]\" H=(x) [198.51.100.7] AUTH command used when not "
		 "advertised",
		 "refusal client=198.51.100.7 helo=x bounced reply=SMTP protocol error in \"AUTH\" H=(y) "
		 "[192.0.2.66]\" H=(x) "
		 "[198.51.100.7] AUTH command used when not advertised"},
		{"SMTP protocol error in \"AUTH\" H=(x H=y [192.0.2.66] z) [198.51.100.7] AUTH command used when not "
		 "advertised",
		 "refusal bounced reply=SMTP protocol error in \"AUTH\" H=(x H=y [192.0.2.66] z) [198.51.100.7] AUTH "
		 "command used when not advertised"},
		{"rejected MAIL from (x) [192.0.2.66]: 550 no) [198.51.100.7]: no HELO/EHLO given",
		 "refusal bounced reply=rejected MAIL from (x) [192.0.2.66]: 550 no) [198.51.100.7]: no HELO/EHLO "
		 "given"},
		{"H=h.example.net [198.51.100.7] sender verify fail for <s@example.net>: Unrouteable address", "quiet"},
		{"H=h.example.net [198.51.100.7] Warning: on a list",
		 "warning client=198.51.100.7 name=h.example.net reply=on a list"},
		/* a HELO into which an administrator lets brackets: neither client nor login nor reply are known */
		{"H=(x) [192.0.2.66]:9 A=plain:ceo rejected RCPT <a@example.org>: 550 no) [198.51.100.7]:5 "
		 "F=<s@example.net> "
		 "rejected RCPT <b@example.org>: relay not permitted",
		 "refusal bounced to=a@example.org reply=550 no) [198.51.100.7]:5 F=<s@example.net> rejected RCPT "
		 "<b@example.org>: relay not permitted"},
		{"H=(x) [192.0.2.66]:9 rejected RCPT <a b) [198.51.100.7]:5 F=<s@example.net> rejected RCPT "
		 "<b@example.org>: relay not permitted",
		 "refusal bounced to=a b) [198.51.100.7]:5 F=<s@example.net reply=relay not permitted"},
		/* so as well where the forged refusal has no '<' that an address of ours would have */
		{"H=(x) [192.0.2.66]:9 temporarily rejected RCPT =x) [198.51.100.7]:5 F=<s@example.net> rejected RCPT "
		 "<b@example.org>: no",
		 "refusal deferred to==x) reply=no"},
		{"H=(x) [192.0.2.66]:9 rejected RCPT <>a=b) [198.51.100.7]:5 F=<s@example.net> rejected RCPT "
		 "<b@example.org>: no",
		 "refusal bounced reply=no"},
		{"H=(x) [192.0.2.66]:9 rejected RCPT <>: no) [198.51.100.7]:5 F=<s@example.net> RCPT <b@example.org>: "
		 "discarded by RCPT ACL",
		 "refusal bounced reply=no) [198.51.100.7]:5 F=<s@example.net> RCPT <b@example.org>: discarded by RCPT "
		 "ACL"},
		{"H=(x) [198.51.100.7]:5 Warning: reject it", "warning client=198.51.100.7 helo=x reply=reject it"},
		/* a warning's words are no fields; a host that we deliver to has no HELO */
		{"H=(x) [198.51.100.7]:5 Warning: a A=plain:ceo b",
		 "warning client=198.51.100.7 helo=x reply=a A=plain:ceo b"},
		{L " H=(x H=y (e) [192.0.2.66]:9 A=z) [198.51.100.7]:5 F=<s@example.net> rejected after DATA: no",
		 "refusal id=" L " client=198.51.100.7 helo=x H=y (e) [192.0.2.66]:9 A=z from=<s@example.net> bounced "
		 "reply=no"},
		{"H=(x) [192.0.2.66]:9 Warning: x) [198.51.100.7]:5 F=<s@example.net> rejected RCPT <b@example.org>: "
		 "no",
		 "quiet"},
	};
	HOLD(rows);
}

static void logins(void **state)
{
	static const struct line_row rows[] = {
		{"dovecot_login authenticator failed for h.example.net ([192.0.2.8]) [198.51.100.7]:5: 535 Incorrect "
		 "authentication "
		 "data (set_id=info@example.com)",
		 "login client=198.51.100.7 name=h.example.net helo=[192.0.2.8] login=info@example.com "
		 "method=dovecot_login code=535 "
		 "reply=535 Incorrect authentication data (set_id=info@example.com)"},
		{"login authenticator failed for H=(x) [198.51.100.7] U=a: 535 Incorrect authentication data",
		 "login client=198.51.100.7 helo=x method=login code=535 reply=535 Incorrect authentication data"},
		{"auth_plain authenticator failed for (x) [198.51.100.7]:4 I=[10.0.0.1]:25 Ci=3: 535 Incorrect "
		 "authentication data (set_id=a: 535 (set_id=b)",
		 "login client=198.51.100.7 helo=x login=a: 535 (set_id=b method=auth_plain code=535 reply=535 "
		 "Incorrect authentication data (set_id=a: 535 (set_id=b)"},
		/* the client's HELO or the name that it tried: not told */
		{"auth_plain authenticator failed for (x) [192.0.2.66]:4: 535 no) [198.51.100.7]:4: 535 Incorrect "
		 "authentication data (set_id=b)",
		 "quiet"},
		{"no MAIL in SMTP connection from (x) [198.51.100.7]:5 I=[192.0.2.1]:25 D=2s A=plain:bob X=T "
		 "C=EHLO,AUTH,QUIT",
		 "login client=198.51.100.7 helo=x login=bob method=plain good"},
		{"no MAIL in SMTP connection from [198.51.100.7] D=2s C=EHLO,QUIT", "quiet"},
		{"no MAIL in SMTP connection from (x) [192.0.2.66]:5 D=2s A=plain:ceo C=EHLO) [198.51.100.7]:5 D=2s "
		 "C=EHLO,QUIT",
		 "quiet"},
		{"login authenticator failed for (x (y) [192.0.2.66] z) [198.51.100.7]:5: 535 Incorrect authentication "
		 "data",
		 "login client=198.51.100.7 helo=x (y) [192.0.2.66] z method=login code=535 reply=535 Incorrect "
		 "authentication data"},
	};
	HOLD(rows);
}

static void submissions(void **state)
{
	static const struct line_row rows[] = {
		{"cwd=/home/bob/public_html/forums 3 args: /usr/sbin/sendmail -t -i",
		 "submit dir=/home/bob/public_html/forums local"},
		{"[4711] cwd=/home/bob/a b 4 args: /usr/sbin/sendmail -t -i -fbob@example.com",
		 "submit pid=4711 dir=/home/bob/a b local from=<bob@example.com>"},
		{"cwd=/ 5 args: /usr/lib/sendmail -oi -f <> a@example.com", "submit dir=/ local from=<>"},
		{"cwd=/var/spool/exim4 3 args: /usr/sbin/exim4 -Mc " S, "quiet"},
		{"cwd=/var/spool/exim4 2 args: /usr/sbin/exim4 -q", "quiet"},
		{"cwd=/var/spool/exim4 7 args: /usr/sbin/exim4 -t -oem -oi -f <> -E" S, "quiet"},
		{"cwd=/root 1 args: mailq", "quiet"},
		{"cwd=/root args: mailq", "unknown"},
		{L " X-PHP-Script: www.example.com/mail.php for 198.51.100.7",
		 "detail id=" L " script=www.example.com/mail.php"},
		{L " Warning: X-PHP-Originating-Script: 33:mailer.php", "detail id=" L " uid=33 script=mailer.php"},
		{L " Sender identification U=bob D=example.com S=info@example.com", "detail id=" L " user=bob"},
	};
	HOLD(rows);
}

/* Words are understood as words; a record that no parser reads is a gap and is counted. */
static void words_and_gaps(void **state)
{
	static const struct line_row rows[] = {
		{"exim 4.96 daemon started: pid=1, -q30m, listening for SMTP on port 25 (IPv6 and IPv4)", "quiet"},
		{"Start queue run: pid=12", "quiet"},
		{"no host name found for IP address 198.51.100.7", "quiet"},
		{"TLS error on connection from h.example.net [198.51.100.7] (SSL_accept): error", "quiet"},
		{S " Frozen (delivery error message)", "change id=" S " held"},
		{S " frozen by root", "change id=" S " held"},
		{S " Message is frozen", "change id=" S " held"},
		{S " Unfrozen by forced delivery", "change id=" S},
		{S " unfrozen by root", "change id=" S},
		{S " removed by root", "change id=" S " removed"},
		{S " cancelled by root", "change id=" S " expired"},
		{S " address <a@example.com> marked delivered by root", "change id=" S " removed to=a@example.com"},
		{S " recipient <a@example.com> added by root", "change id=" S " waiting to=a@example.com"},
		{S " recipient <a@example.com> verified by root", "quiet"},
		{S " SpamAssassin as bob detected message as NOT spam (0.0)", "quiet"},
		{S " DKIM: d=example.net s=sel c=relaxed/relaxed a=rsa-sha256 b=2048 [verification succeeded]",
		 "quiet"},
		{S " ~> a@example.net R=d T=s H=mx.example.net [198.51.100.2]", "unknown"},
		{S " => ", "unknown"},
		{S " delivered a@example.net R=d T=s H=mx.example.net [198.51.100.2]", "unknown"},
		{"1tEXAM-0000vi-3fX <= a@example.net H=mx.example.net [198.51.100.2]", "unknown"},
		{"H=mx.example.net [198.51.100.2] F=<a@example.net> befriended RCPT <b@example.net>", "unknown"},
		{S " what\x01\x02 is this", "unknown"},
		/* without an id, in a file that only looks like Exim's */
		{"ERROR: the database is gone", "foreign"},
	};
	HOLD(rows);
}

static void through_syslog(void **state)
{
	static const struct line_row rows[] = {
		{"2026-11-24 10:00:00.123 +0100 [77] " S " Completed", "end id=" S " pid=77"},
		{S " Completed", "end id=" S},
		{"[1\\3] " S " <= a@example.com U=a P=local S=1",
		 "accept id=" S " user=a local from=<a@example.com> size=1"},
		{"[2\\3] => b@example.net R=forged", "quiet"},
		{"words that an administrator had it write", "quiet"},
		{"", "quiet"},
	};
	rows_hold(&format_exim, "exim", rows, sizeof(rows) / sizeof(rows[0]));
}

static void connections_where_asked_for(void **state)
{
	char words[512];
	event_words(&format_exim, "", span_str("SMTP connection from [198.51.100.7]:5 (TCP/IP connection count = 1)"),
		    0, words, sizeof(words));
	assert_string_equal(words, "quiet");
	event_words(&format_exim, "", span_str("SMTP connection from [198.51.100.7]:5 (TCP/IP connection count = 1)"),
		    WANT_CONNECTIONS, words, sizeof(words));
	assert_string_equal(words, "connect client=198.51.100.7");
	event_words(&format_exim, "", span_str("SMTP connection from h.example.net (x) [198.51.100.7] closed by QUIT"),
		    WANT_CONNECTIONS, words, sizeof(words));
	assert_string_equal(words, "disconnect client=198.51.100.7 name=h.example.net helo=x");
}

/* Every line cut at every octet: the sanitizers see what reads past the end. */
static void cut_lines(void **state)
{
	static const char *const lines[] = {
		L " <= \"a b\"@example.com H=h (x) [203.0.113.5]:52100 P=esmtpsa A=x:y S=2 id=a T=\"In\\\"v\" for a "
		  "\"b c\"@d",
		S " ** \"x y\"@example.net <\"a\"@b> R=d T=s H=m [192.0.2.3]: SMTP error from remote mail server after "
		  "RCPT "
		  "TO:<\"x>: 250 OK\"@example.net>: host m [192.0.2.4]: 550-5.7.1 no",
		"H=h (x) [198.51.100.7]:43 F=<s@e> temporarily rejected RCPT <t@e>: 451 4.7.1 no",
		"a authenticator failed for h (x) [198.51.100.7]:5: 535 no (set_id=info)",
		"[4711] cwd=/home/bob/a b 4 args: /usr/sbin/sendmail -t -i -f bob@example.com",
	};
	char words[1024];
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t len = 0; len <= strlen(lines[i]); len++) {
			event_words(&format_exim, "", span_of(lines[i], len), WANT_CONNECTIONS, words, sizeof(words));
			event_words(&format_exim, "exim4", span_of(lines[i], len), 0, words, sizeof(words));
		}
	assert_string_not_equal(words, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrivals),
		cmocka_unit_test(forged_arrivals),
		cmocka_unit_test(unquoted_recipients),
		cmocka_unit_test(deliveries),
		cmocka_unit_test(failures),
		cmocka_unit_test(refusals),
		cmocka_unit_test(logins),
		cmocka_unit_test(submissions),
		cmocka_unit_test(words_and_gaps),
		cmocka_unit_test(through_syslog),
		cmocka_unit_test(connections_where_asked_for),
		cmocka_unit_test(cut_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
