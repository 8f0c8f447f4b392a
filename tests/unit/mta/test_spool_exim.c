/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim's spool files as 4.96 wrote them, and what might stand in others. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "mta/spool_exim.h"

static struct spool_message m;

static void is(struct span text, const char *wanted)
{
	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.at, wanted, text.len);
}

static const char *read_text(const char *text, const char *journal)
{
	spool_message_clear(&m);
	return spool_exim_read(&m, span_str(text), span_str(journal));
}

static void of_a_client(void **state)
{
	assert_null(read_text("1xYNwL-00000A-1f-H\nDebian-exim 4201 4201\n<bob@example.com>\n1796131837 0\n"
			      "--helo_name pc.example.com\n-host_address [203.0.113.7]:34880\n-host_auth plain\n"
			      "-aclm 0 9\ntwo\nlines\n--auth_id mallory@example.com\n"
			      "YN ok1@example.net\nNN ok2@example.net\n4\nlater1@example.net\nok1@EXAMPLE.net\n"
			      "\"odd one\"@example.net orcpt 5,3#2\nok2@example.net\n\n"
			      "011  Subject: x\n016* X-Old: replaced\n010  To: later\n",
			      "later9@example.net\n"));
	is(m.login, "mallory@example.com");
	is(m.client, "203.0.113.7");
	is(m.sender, "bob@example.com");
	assert_int_equal(m.uid, -1);
	assert_int_equal(m.user.len, 0);
	assert_int_equal(m.state, SPOOL_DEFERRED);
	assert_int_equal(m.arrived_s, 1796131837);
	assert_int_equal(m.recipient_count, 2);
	assert_int_equal(m.done_count, 2);
	is(m.recipients[1], "\"odd one\"@example.net");
	is(spool_message_fields(&m), "Subject: x\nTo: later\n");
}

static void served_since(void **state)
{
	assert_null(
		read_text("1xYNwL-00000A-1f-H\na b 33 33\n<>\n1796131837 0\n-frozen 1796131900\n-deliver_firsttime\n"
			  "XX\n2\na@example.net\nb@example.net\n\n",
			  "a@example.net\n"));
	assert_int_equal(m.recipient_count, 1);
	is(m.recipients[0], "b@example.net");
	assert_int_equal(m.state, SPOOL_HELD);
}

/* A program's user has an auth_id, too; what Exim writes itself is nobody's. */
static void of_a_program(void **state)
{
	static const char head[] = "1xYNwL-00000A-1f-H\nwww-data 33 0\n<>\n1 0\n-ident www-data\n-auth_id www-data\n";
	char text[512];
	snprintf(text, sizeof(text), "%s-deliver_firsttime\n-local\nXX\n1\na@example.net\n\n", head);
	assert_null(read_text(text, ""));
	is(m.user, "www-data");
	assert_int_equal(m.uid, 33);
	assert_int_equal(m.login.len, 0);
	assert_int_equal(m.state, SPOOL_WAITS);
	snprintf(text, sizeof(text), "%s-localerror\nXX\n1\na@example.net\n\n", head);
	assert_null(read_text(text, ""));
	assert_int_equal(m.uid, -1);
}

/* As they were written before 4.9x. */
static void addresses_with_dots(void **state)
{
	static const struct {
		const char *written, *address;
	} cases[] = {
		{"192.0.2.1.34880", "192.0.2.1"},
		{"2001:db8::1.25", "2001:db8::1"},
		{"192.0.2.1", "192.0.2.1"},
		{"[2001:db8::1]:25", "2001:db8::1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[512];
		snprintf(text, sizeof(text), "1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\n-host_address %s\nXX\n0\n\n",
			 cases[i].written);
		assert_null(read_text(text, ""));
		is(m.client, cases[i].address);
	}
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "it ends in the middle"},
		{"hello\n", "it does not begin with its own name"},
		{"1xYNwL-00000A-1f-H\na 1 1\nbob\n", "it has no sender"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\nsoon\n", "it has no time"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\n-aclm 0 99\nx\n", "it ends in the middle"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\n-aclm x y\nx\n", "a variable without a length"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nYY\n", "those who were served are not to be told"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nYY a\n", "it ends in the middle"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nXX\nmany\n", "the number of its recipients is none"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nXX\n2\na@b\n", "it ends in the middle"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nXX\n1\na@b\nx\n", "its header does not stand where it should"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nXX\n1\na@b\n\nSubject: x\n", "a header field without a length"},
		{"1xYNwL-00000A-1f-H\na 1 1\n<>\n1 0\nXX\n1\na@b\n\n099  Subject: x\n", "it ends in the middle"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *why = read_text(cases[i].text, "");
		assert_non_null(why);
		assert_string_equal(why, cases[i].why);
	}
}

static void reasons(void **state)
{
	spool_message_clear(&m);
	spool_exim_log(
		&m, span_str("2026-12-01 13:30:37 Received from bob@example.com\n"
			     "2026-12-01 13:30:37 a@b R=mail T=out defer (-44) H=mx [192.0.2.1]: SMTP error: 450 no\n"
			     "2026-12-01 13:30:37 a@b routing defer (-52): retry time not reached\n"
			     "2026-12-01 13:30:37 a@b defer (unfinished"));
	is(m.reason, "H=mx [192.0.2.1]: SMTP error: 450 no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_client),         cmocka_unit_test(served_since), cmocka_unit_test(of_a_program),
		cmocka_unit_test(addresses_with_dots), cmocka_unit_test(what_is_none), cmocka_unit_test(reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
