/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/default_route.h"

#define HEAD "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

static void is_gateway(const char *text, const char *expected)
{
	char found[ADDR_TEXT_SIZE] = "none";
	struct addr a = default_route_parse(span_str(text));
	if (a.family)
		addr_text(&a, found);
	assert_string_equal(found, expected);
}

static void default_route(void **state)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	is_gateway(HEAD "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
			"eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
		   "172.17.0.1");
}

static void without_one(void **state)
{
	is_gateway("", "none");
	is_gateway(HEAD, "none");
	is_gateway("eth0\t00000000\t00000000\t0001\n", "none"); /* a route without a gateway */
	is_gateway("eth0\t00000000\t0100", "none");
	is_gateway("eth0\t00000000\tzz0011AC\n\n\t\t\t\n", "none");
	is_gateway("eth0\t000011AC\t010011AC", "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(default_route), cmocka_unit_test(without_one)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
