/* SPDX-License-Identifier: BSD-2-Clause */
/* The shapes of bounces in words: who is the recipient, and which text is the reply. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "mail/dsn.h"

#define DAEMON "From: MAILER-DAEMON@mx.example.com\nSubject: failure notice\n\n"
#define EXIM                                                                                                           \
	"From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nSubject: Mail delivery failed\n\n"                 \
	"A message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) " \
	"failed:\n\n"

static struct arena arena;

static int begin(void **state)
{
	arena = arena_make((size_t)256 << 20);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

/* Addresses in order, a blank between them; `part` stands in the first reply. */
static void reads(const char *text, const char *recipients, const char *part)
{
	char found[1024] = "";
	struct dsn dsn;
	assert_int_equal(dsn_read(span_str(text), &arena, &dsn), 0);
	for (size_t i = 0; i < dsn.recipient_count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%.*s", i ? " " : "",
			 (int)dsn.recipients[i].recipient.len, (const char *)dsn.recipients[i].recipient.at);
	if (strcmp(found, recipients) != 0)
		fail_msg("\"%s\", expected \"%s\" in: %s", found, recipients, text);
	if (part && !memmem(dsn.recipients[0].diagnostic.at, dsn.recipients[0].diagnostic.len, part, strlen(part)))
		fail_msg("\"%.*s\" lacks \"%s\"", (int)dsn.recipients[0].diagnostic.len,
			 (const char *)dsn.recipients[0].diagnostic.at, part);
}

/* Exchange puts the receiver and a hash before its reply, below words that tell less. */
static void exchange(void **state)
{
	reads("From: postmaster@corp.example.com\nSubject: Undeliverable: hi\n\nDelivery has failed to these "
	      "recipients or "
	      "groups:\n\none@example.net\nYour message wasn't delivered due to a permission or security issue.\n\nThe "
	      "following organization rejected your message: mx.example.net.\n\nDiagnostic information for "
	      "administrators:\n\nGenerating server: EXCH01.corp.example.com\n\none@example.net\nmx.example.net #550 "
	      "5.7.1 Client host [192.0.2.10] blocked using bl.example.org ##\n\nOriginal message "
	      "headers:\n\nReceived: from "
	      "EXCH01 by EXCH01\n",
	      "one@example.net", "blocked using bl.example.org");
	reads("From: postmaster@corp.example.com\nSubject: Undeliverable: hi\n\nDelivery has failed to these "
	      "recipients or "
	      "distribution lists:\n\none@example.net\nYour message wasn't delivered.\n\nDiagnostic information for "
	      "administrators:\n\nGenerating server: EXCH01\n\none@example.net\nmx.example.net #<mx.example.net #5.7.1 "
	      "smtp;550 5.7.1 blocked using bl.example.org> #SMTP#\n",
	      "one@example.net", "blocked using bl.example.org");
}

static void addresses_before_the_words(void **state)
{
	reads(DAEMON "There's a problem with the address(es).\n\n<one@example.net>:\nthe folder is full.\n",
	      "one@example.net", "folder is full");
	reads(DAEMON "He is not one of us.\n\n<one@example.net>:\nno mailbox (#5.1.1)\n\n<two@example.net>:\nneither\n",
	      "one@example.net two@example.net", "#5.1.1");
	reads(DAEMON "Intended recipient: one@example.net\n\nThe mail met an error.\n", "one@example.net", NULL);
	reads(DAEMON "Mailbox full: <one@example.net>\nUnable to deliver mail.\n", "one@example.net", NULL);
	reads(DAEMON "|--- Failed addresses follow: ---|\n one@example.net ... unknown host\n", "one@example.net",
	      "unknown host");
	reads(DAEMON "one@example.net - no such user here.\n", "one@example.net", "no such user");
	reads(DAEMON "Error-for:  one@example.net\nError-Code: 0\nError-Text: 554 looping\n", "one@example.net",
	      "554 looping");
}

static void addresses_in_other_places(void **state)
{
	reads(EXIM "  an undisclosed address\n    (generated from one@example.net)\n    550-5.7.1 low reputation\n",
	      "one@example.net", "550-5.7.1 low reputation");
	reads(DAEMON "Your message has delivery problems\nto local user one.\n(Originally addressed to "
		     "one@example.net)\n\nUser not known\n",
	      "one@example.net", "User not known");
	reads(DAEMON "Your message\n\ndid not reach the following recipient(s):\n\n"
		     "c=US;a= ;p=X;o=Y;dda:SMTP=one@example.net; on Fri, 4 Oct\n    The name is not recognized\n",
	      "one@example.net", "not recognized");
	reads(DAEMON "The following recipient(s) could not be reached:\n\n\tRecipient: [SMTP:one@example.net]\n"
		     "\tReason: 550 mailbox unavailable\n",
	      "one@example.net", "550 mailbox");
	reads(DAEMON "The following message, addressed to 'one@example.net',\nfailed because nobody came\n",
	      "one@example.net", NULL);
	reads("From: MAILER-DAEMON@example.net\nSubject: Mail Delivery Problem\n\nYour mail to the following "
	      "recipients "
	      "could not be delivered because they are not accepting mail from a@example.com:\n\tscreenname\n",
	      "screenname@example.net", NULL);
	reads("From: MAILER-DAEMON@example.net\nSubject: x\nContent-Type: text/html\n\n<html><body><p>Your message "
	      "wasn&#39;t delivered to<br>&lt;one@example.net&gt;: 550 no such user</p></body></html>\n",
	      "one@example.net", "550 no such user");
}

/* What stands in a reply or beside it is no recipient. */
static void others_are_no_recipients(void **state)
{
	reads(EXIM "  one@example.net\n    host mx.example.net [198.51.100.25]\n    SMTP error after MAIL "
		   "FROM:<a@example.com>:\n    550 5.7.1 <a@example.com> your server is on our list\n",
	      "one@example.net", "your server is on our list");
	reads(DAEMON "It could not be delivered.\n\n<one@example.net>: host mx.example.net[198.51.100.25] said: 550 "
		     "5.7.1\n    <one@example.net>: Recipient address rejected: listed (in reply to RCPT TO command)\n",
	      "one@example.net", "Recipient address rejected: listed");
	reads(DAEMON "Undeliverable Address: one@example.net\n\nReason: over quota.\n\nSystem Contact: "
		     "postmaster@example.net\n",
	      "one@example.net", "over quota");
	reads(EXIM
	      "A message sent by\n\n  <a@example.com>\n\ncould not be delivered.\n\n  one@example.net\n    refused\n",
	      "one@example.net", "refused");
	reads(DAEMON "an email from-us@example.com addressed to email address :\n-- one@example.net\ncould not be "
		     "delivered. -- 4.4.4 busy\n",
	      "one@example.net", NULL);
}

#define TRANSCRIPT                                                                                                     \
	"   ----- The following addresses had permanent fatal errors -----\n<one@example.net>\n    (reason: "          \
	"550-5.7.1 "                                                                                                   \
	"[192.0.2.10      19] this message is)\n\n   ----- Transcript of session follows -----\n... while talking to " \
	"mx.example.net.:\n>>> DATA\n<<< 550-5.7.1 [192.0.2.10      19] this message is\n<<< 550-5.7.1 likely "        \
	"suspicious\n<<< 550 5.7.1 see our page\n554 5.0.0 Service unavailable\n"

static void a_reply_of_many_lines_is_whole(void **state)
{
	reads("From: MAILER-DAEMON@mx.example.com\nSubject: Returned mail\nContent-Type: multipart/report; "
	      "report-type=delivery-status; boundary=b\n\n--b\n\n" TRANSCRIPT
	      "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: "
	      "RFC822; one@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: SMTP; 550-5.7.1 [192.0.2.10    "
	      "  "
	      "19] this message is\n\n--b--\n",
	      "one@example.net", "likely suspicious 550 5.7.1 see our page");
	reads("From: MAILER-DAEMON@mx.example.com\nSubject: Returned mail\n\n" TRANSCRIPT, "one@example.net",
	      "see our page");
}

static void a_bounce_sent_on_is_found(void **state)
{
	reads("From: a@example.com\nSubject: why is this?\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nWhy?\n\n"
	      "--o\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example.com\nSubject: failed\nContent-Type: "
	      "multipart/report; boundary=i\n\n--i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; m\n\n"
	      "Final-Recipient: rfc822; one@example.net\nAction: failed\nDiagnostic-Code: smtp; 554 no\n\n--i--\n\n"
	      "--o--\n",
	      "one@example.net", "554 no");
}

/* Subjects in other languages and encodings; a delay is none of a failure. */
static void heads_and_delays(void **state)
{
	struct dsn dsn;
	reads("From: gateway@example.net\nSubject: =?utf-8?B?RGVsaXZlcnkgZmFpbHVyZQ==?=\n\nYour message could not be "
	      "delivered to the following recipients:\n\none@example.net\n",
	      "one@example.net", NULL);
	assert_int_equal(
		dsn_read(span_str(DAEMON "Delivery to this address\n\"one@example.net\"\nhas been postponed due "
					 "to a full mailbox.\n"),
			 &arena, &dsn),
		0);
	assert_int_equal(dsn.recipient_count, 1);
	assert_true(span_equal(dsn.recipients[0].action, span_str("delayed")));
	assert_int_equal(dsn_read_words(span_str("Delivery has failed to these recipients or groups:\n\n"
						 "one@example.net (one@example.net)\n\nRemote Server returned '550 "
						 "5.7.1 refused'\n"),
					&arena, &dsn),
			 0);
	assert_int_equal(dsn.recipient_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exchange),
		TEST(addresses_before_the_words),
		TEST(addresses_in_other_places),
		TEST(others_are_no_recipients),
		TEST(a_reply_of_many_lines_is_whole),
		TEST(a_bounce_sent_on_is_found),
		TEST(heads_and_delays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
