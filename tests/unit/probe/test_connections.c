/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/connections.h"

static const char table[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	"   0: 00000000:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21001 1 0 100 0\n"
	"   1: 0A0200C0:9C40 0B0200C0:0019 01 00000000:00000000 02:000A 00000000  1000        0 21002 1 0 20 4 30\n"
	"garbage\n"
	"   2: 0A0200C0:9C41 0B0200C0:0019 06 00000000:00000000 03:00001 00000000     0        0 0 3 0\n"
	"   3: 0A0200C0:9C42 0B0200C0:01D1 02 00000000:00000000 03:00001 00000000    33        0 18446744073709551615 "
	"2\n"
	"   4: 0A0200C0:9C42 0B0200C0:0019 01 00000000:00000000 03:00001 00000000    33        0";

static void is_endpoint(const struct endpoint *e, const char *text)
{
	char found[ENDPOINT_TEXT_SIZE];
	endpoint_text(e, found);
	assert_string_equal(found, text);
}

/* The table of a machine whose least octet comes first, as nearly all are. */
static void lines_of_the_kernel(void **state)
{
	struct span rest = span_str(table);
	struct connection c;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	assert_true(connection_next(&rest, &c));
	assert_int_equal(c.state, CONNECTION_LISTENS);
	is_endpoint(&c.local, "0.0.0.0:25");
	assert_true(connection_next(&rest, &c));
	is_endpoint(&c.local, "192.0.2.10:40000");
	is_endpoint(&c.remote, "192.0.2.11:25");
	assert_int_equal(c.state, CONNECTION_OPEN);
	assert_int_equal(c.uid, 1000);
	assert_int_equal(c.inode, 21002);
	assert_true(connection_next(&rest, &c));
	assert_int_equal(c.state, CONNECTION_CLOSING);
	assert_int_equal(c.inode, 0);
	assert_true(connection_next(&rest, &c));
	is_endpoint(&c.remote, "192.0.2.11:465");
	assert_int_equal(c.state, CONNECTION_OPENING);
	assert_true(c.inode == UINT64_MAX);
	assert_false(connection_next(&rest, &c)); /* the last one is cut */
}

static void six_and_mapped(void **state)
{
	struct span rest = span_str(
		"0: B80D0120000000000000000001000000:0019 B80D0120000000000000000002000000:ABCD 01 0:0 0:0 0 0 0 7 1\n"
		"1: 0000000000000000FFFF00000A0200C0:1234 0000000000000000FFFF00000B0200C0:0019 01 0:0 0:0 0 0 0 8 "
		"1\n");
	struct connection c;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	assert_true(connection_next(&rest, &c));
	is_endpoint(&c.local, "[2001:db8::1]:25");
	is_endpoint(&c.remote, "[2001:db8::2]:43981");
	assert_true(connection_next(&rest, &c));
	is_endpoint(&c.remote, "192.0.2.11:25");
}

static void ports(void **state)
{
	assert_true(connection_is_mail_port(25) && connection_is_mail_port(465) && connection_is_mail_port(587));
	assert_false(connection_is_mail_port(26) || connection_is_mail_port(0) || connection_is_mail_port(993));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_kernel),
		cmocka_unit_test(six_and_mapped),
		cmocka_unit_test(ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
