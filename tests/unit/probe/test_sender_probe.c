/* SPDX-License-Identifier: BSD-2-Clause */
/* A /proc of the test's own: which process holds what, and which of them is the mail server. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/sender_probe.h"

#define HOST_NET "net:[1]"

static char root[] = "/tmp/offlist-probe-XXXXXX";

static void put(const char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(const char *text, const char *format, ...)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/", root);
	va_list args;
	va_start(args, format);
	vsnprintf(path + len, sizeof(path) - (size_t)len, format, args);
	va_end(args);
	for (char *p = path + len; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	if (text[0] == '>') { /* a link */
		unlink(path);
		assert_int_equal(symlink(text + 1, path), 0);
		return;
	}
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void process(int pid, int parent, int uid, const char *exe, const char *net)
{
	char text[512];
	snprintf(text, sizeof(text), "Name:\tx\nPPid:\t%d\nUid:\t0\t%d\t%d\t%d\n", parent, uid, uid, uid);
	put(text, "proc/%d/status", pid);
	snprintf(text, sizeof(text), "%d (a) b) S %d 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 %d77 23\n", pid,
		 parent, pid);
	put(text, "proc/%d/stat", pid);
	snprintf(text, sizeof(text), ">%s", exe);
	put(text, "proc/%d/exe", pid);
	put(">/var/tmp", "proc/%d/cwd", pid);
	put("name\n", "proc/%d/comm", pid);
	put("a command", "proc/%d/cmdline", pid);
	put("0::/system.slice/x.service\n", "proc/%d/cgroup", pid);
	snprintf(text, sizeof(text), ">%s", net);
	put(text, "proc/%d/ns/net", pid);
	put(">/dev/null", "proc/%d/fd/0", pid);
}

static void holds(int pid, int inode)
{
	char text[64];
	snprintf(text, sizeof(text), ">socket:[%d]", inode);
	put(text, "proc/%d/fd/%d", pid, inode);
}

static const struct sender *of(const struct sender_report *r, int pid)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->senders[i].process.pid == pid)
			return &r->senders[i];
	return NULL;
}

#define LINE(local, remote, state, inode) " 1: " local " " remote " " state " 0:0 0:0 0 0 0 " inode " 1\n"

static void whose_they_are(void **state)
{
	struct sender_probe *p;
	struct sender_report r;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	process(10, 1, 0, "/usr/lib/postfix/sbin/master", HOST_NET);
	process(11, 10, 100, "/usr/lib/postfix/sbin/smtp", HOST_NET);
	process(20, 1, 33, "/var/www/x (deleted)", HOST_NET);
	process(30, 1, 0, "/usr/bin/python3.11", "net:[2]"); /* a mail server in a container, and a child of it */
	process(31, 30, 0, "/usr/bin/python3.11", "net:[2]");
	process(32, 1, 0, "/usr/bin/python3.11", "net:[2]");
	holds(10, 100);
	holds(11, 101);
	holds(20, 102);
	holds(30, 103);
	holds(31, 104);
	holds(32, 105);
	put(LINE("00000000:0019", "00000000:0000", "0A", "100") LINE("0A0200C0:8000", "0B0200C0:0019", "01", "101")
		    LINE("0A0200C0:8001", "0B0200C0:0019", "01", "102")
			    LINE("0A0200C0:8002", "0B0200C0:0019", "06", "0")
				    LINE("0100007F:8003", "0100007F:0019", "01", "999")
					    LINE("0A0200C0:8004", "0A0200C0:0019", "01", "998")
						    LINE("0A0200C0:8005", "0B0200C0:0050", "01", "997")
							    LINE("0A0200C0:8006", "0B0200C0:0019", "02", "996"),
	    "proc/10/net/tcp");
	put(LINE("00000000:0019", "00000000:0000", "0A", "103") LINE("0A0200C0:8000", "0B0200C0:0019", "01", "104")
		    LINE("0A0200C0:8001", "0B0200C0:0019", "01", "105"),
	    "proc/30/net/tcp");
	assert_int_equal(probe_new(root, &p), 0);
	assert_int_equal(probe_sample(p), 0);
	assert_int_equal(probe_sample(p), 0);
	r = probe_report(p);
	assert_int_equal(r.missed, 1); /* 996 has no process; what was closed before the first look is not counted */
	assert_true(r.server);
	assert_false(r.full);
	assert_true(of(&r, 10)->mail_server && of(&r, 30)->mail_server);
	assert_null(of(&r, 11)); /* those that only send for the mail server are not kept */
	assert_true(!of(&r, 31) || of(&r, 31)->mail_server);
	assert_false(of(&r, 32)->mail_server); /* the same interpreter is not the same program */
	assert_false(of(&r, 20)->mail_server);
	assert_true(of(&r, 20)->process.deleted);
	assert_string_equal(of(&r, 20)->process.exe, "/var/www/x");
	assert_string_equal(of(&r, 20)->process.unit, "x.service");
	assert_int_equal(of(&r, 20)->process.uid, 33);
	assert_int_equal(of(&r, 20)->process.started_ticks, 2077);
	assert_int_equal(of(&r, 20)->connections, 1);
	assert_int_equal(of(&r, 20)->remotes[0].port, 25);
	/* a connection seen open is over, another came and went between two looks */
	put(LINE("00000000:0019", "00000000:0000", "0A", "100") LINE("0A0200C0:8001", "0B0200C0:0019", "06", "0")
		    LINE("0A0200C0:9001", "0B0200C0:0019", "06", "0"),
	    "proc/10/net/tcp");
	assert_int_equal(probe_sample(p), 0);
	assert_int_equal(probe_sample(p), 0);
	assert_int_equal(probe_report(p).missed, 2);
	probe_free(p);
}

/* An upgrade while it runs: the file is another one, but it is there. */
static void a_server_that_was_upgraded(void **state)
{
	struct sender_probe *p;
	struct sender_report r;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	process(11, 10, 100, "/usr/lib/postfix/sbin/smtp (deleted)", HOST_NET);
	put(LINE("0A0200C0:8000", "0B0200C0:0019", "01", "101"), "proc/10/net/tcp");
	for (int upgraded = 0; upgraded < 2; upgraded++) {
		if (upgraded)
			put("", "proc/11/root/usr/lib/postfix/sbin/smtp");
		assert_int_equal(probe_new(root, &p), 0);
		assert_int_equal(probe_sample(p), 0);
		r = probe_report(p);
		assert_int_equal(of(&r, 11) == NULL, upgraded);
		assert_true(upgraded || of(&r, 11)->process.deleted);
		probe_free(p);
	}
}

static void no_proc(void **state)
{
	struct sender_probe *p;
	assert_int_equal(probe_new("/nonexistent", &p), 0);
	assert_int_equal(probe_sample(p), -ENOENT);
	probe_free(p);
}

static int begin(void **state)
{
	return mkdtemp(root) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int end(void **state)
{
	return nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_they_are),
		cmocka_unit_test(a_server_that_was_upgraded),
		cmocka_unit_test(no_proc),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
