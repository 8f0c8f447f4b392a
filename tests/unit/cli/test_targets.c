/* SPDX-License-Identifier: BSD-2-Clause */
/* The set of targets: each once, CIDRs as a stream. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/targets.h"

static struct targets set;
static struct error err;

static int setup(void **state)
{
	targets_init(&set);
	return 0;
}

static int teardown(void **state)
{
	targets_release(&set);
	return 0;
}

static int add(const char *text)
{
	return targets_add_text(&set, span_str(text), &err);
}

static void next_is(const char *text, enum target_kind kind)
{
	struct target t;
	assert_int_equal(targets_next(&set, &t), 0);
	assert_string_equal(t.text, text);
	assert_int_equal(t.kind, kind);
}

static void ends(void)
{
	struct target t;
	assert_int_equal(targets_next(&set, &t), -ENOENT);
}

static void each_target_comes_once(void **state)
{
	assert_int_equal(add("192.0.2.1"), 0);
	assert_int_equal(add("192.0.2.1"), 0);
	assert_int_equal(add("192.0.2.1/32"), 0);
	assert_int_equal(add("Example.COM"), 0);
	assert_int_equal(add("example.com."), 0);
	assert_int_equal(add("2001:DB8::1"), 0);
	assert_int_equal(add("2001:db8:0::1"), 0);
	assert_false(targets_fleet(&set));
	assert_int_equal(targets_finish(&set), 0);
	assert_int_equal(targets_total(&set), 3);
	next_is("192.0.2.1", TARGET_IP4);
	next_is("example.com", TARGET_DOMAIN);
	next_is("2001:db8::1", TARGET_IP6);
	ends();
}

static void prefixes_hold_what_lies_in_them(void **state)
{
	assert_int_equal(add("192.0.2.9"), 0);
	assert_int_equal(add("192.0.2.6/31"), 0);
	assert_int_equal(add("192.0.2.4/30"), 0);
	assert_int_equal(add("192.0.2.5"), 0);
	assert_int_equal(add("192.0.2.4/30"), 0);
	assert_true(targets_fleet(&set));
	assert_int_equal(targets_finish(&set), 0);
	assert_int_equal(set.count4, 5);
	next_is("192.0.2.9", TARGET_IP4);
	next_is("192.0.2.4", TARGET_IP4);
	next_is("192.0.2.5", TARGET_IP4);
	next_is("192.0.2.6", TARGET_IP4);
	next_is("192.0.2.7", TARGET_IP4);
	ends();
}

static void a_big_prefix_costs_no_memory(void **state)
{
	struct target t;
	assert_int_equal(add("10.0.0.0/8"), 0);
	assert_int_equal(targets_finish(&set), 0);
	assert_int_equal(targets_total(&set), 1 << 24);
	for (int i = 0; i < 70000; i++)
		assert_int_equal(targets_next(&set, &t), 0);
	assert_string_equal(t.text, "10.1.17.111");
	assert_int_equal(set.arena.used < 100000, 1);
}

static void ipv6_prefixes_are_64s(void **state)
{
	assert_int_equal(add("2001:db8:0:8::/62"), 0);
	assert_int_equal(add("2001:db8:1::5:0/112"), 0);
	assert_int_equal(add("2001:db8::/32"), -E2BIG);
	assert_string_equal(err.text, "2001:db8::/32: 4294967296 networks of /64; at most 65536 are checked");
	assert_int_equal(add("::/0"), -E2BIG);
	assert_int_equal(targets_finish(&set), 0);
	assert_int_equal(set.count6, 5);
	next_is("2001:db8:0:8::/64", TARGET_PREFIX);
	next_is("2001:db8:0:9::/64", TARGET_PREFIX);
	next_is("2001:db8:0:a::/64", TARGET_PREFIX);
	next_is("2001:db8:0:b::/64", TARGET_PREFIX);
	next_is("2001:db8:1::/64", TARGET_PREFIX);
	ends();
}

static void many_are_a_fleet(void **state)
{
	char text[32];
	for (int i = 0; i < 257; i++) {
		assert_false(targets_fleet(&set));
		snprintf(text, sizeof(text), "198.51.%d.%d", 100 + i / 256, i % 256);
		assert_int_equal(add(text), 0);
	}
	assert_true(targets_fleet(&set));
}

static char faults[4096];

static void on_fault(void *arg, const char *line)
{
	size_t n = strlen(faults);
	snprintf(faults + n, sizeof(faults) - n, "%s\n", line);
}

static void files_are_read_line_by_line(void **state)
{
	char path[] = "/tmp/offlist-targets-XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = "# all of ours\n\n 192.0.2.1 # mail\r\nexample.com\n192.0.2.300\n"
				   "http://example.com/#part\n192.0.2.1\nbad host\n2001:db8::/16\n\0x\nlast.example";
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	faults[0] = '\0';
	assert_int_equal(targets_add_file(&set, path, on_fault, NULL, &err), -EINVAL);
	assert_int_equal(set.count, 4);
	assert_non_null(strstr(faults, ":5: 192.0.2.300: not an IPv4 address: 300 is above 255\n"));
	assert_non_null(strstr(faults, ":8: "));
	assert_non_null(strstr(faults, ":9: 2001:db8::/16"));
	assert_non_null(strstr(faults, ":10: "));
	unlink(path);
	assert_int_equal(targets_add_file(&set, path, on_fault, NULL, &err), -ENOENT);
}

static void ini_files_of_targets_are_read(void **state)
{
	char path[] = "/tmp/offlist-targets-XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = "; ours\n[targets]\nserver=192.0.2.1\nServer = mail.example.com ; the old one\n"
				   "servers.example.com\nserver=\n[rbl]\nserver=zen.spamhaus.org\n";
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	faults[0] = '\0';
	assert_int_equal(targets_add_file(&set, path, on_fault, NULL, &err), -EINVAL);
	unlink(path);
	assert_int_equal(set.count, 3);
	assert_non_null(strstr(faults, ":6: "));
	assert_non_null(strstr(faults, ":7: [rbl] holds no targets; [targets] does\n"));
	assert_int_equal(targets_finish(&set), 0);
	next_is("192.0.2.1", TARGET_IP4);
	next_is("mail.example.com", TARGET_DOMAIN);
	next_is("servers.example.com", TARGET_DOMAIN);
	ends();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_target_comes_once, setup, teardown),
		cmocka_unit_test_setup_teardown(prefixes_hold_what_lies_in_them, setup, teardown),
		cmocka_unit_test_setup_teardown(a_big_prefix_costs_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(ipv6_prefixes_are_64s, setup, teardown),
		cmocka_unit_test_setup_teardown(many_are_a_fleet, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_read_line_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(ini_files_of_targets_are_read, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
