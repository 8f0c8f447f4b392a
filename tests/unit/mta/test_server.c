/* SPDX-License-Identifier: BSD-2-Clause */
/* Small trees of settings, one a mail server; the folder that holds them is the argument. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mta/finder.h"
#include "mta/mta_settings.h"

static const char *trees;

struct found {
	struct arena arena;
	struct server server;
	const char **notes;
	size_t note_count;
	char text[4096]; /* "ADDRESS origin\n" ... */
};

static struct interface interface(const char *name, const char *text)
{
	struct interface i = {.name = name};
	assert_int_equal(addr_parse(span_str(text), &i.addr), 0);
	return i;
}

static void find(struct found *f, const char *tree, const struct interface *interfaces, size_t count)
{
	char root[1024], text[ADDR_TEXT_SIZE];
	size_t at = 0;
	f->arena = arena_make(64 << 20);
	snprintf(root, sizeof(root), "%s/%s", trees, tree);
	assert_int_equal(
		server_find_among(root, NULL, interfaces, count, &f->arena, &f->server, &f->notes, &f->note_count), 0);
	f->text[0] = '\0';
	for (size_t i = 0; i < f->server.address_count && at < sizeof(f->text); i++) {
		addr_text(&f->server.addresses[i].addr, text);
		at += (size_t)snprintf(f->text + at, sizeof(f->text) - at, "%s %s\n", text,
				       f->server.addresses[i].origin);
	}
}

static void domains_are(const struct found *f, const char *want)
{
	char text[4096] = "";
	size_t at = 0;
	for (size_t i = 0; i < f->server.domain_count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? " " : "", f->server.domains[i]);
	assert_string_equal(text, want);
}

static void networks_are(const struct found *f, const char *want)
{
	char text[1024] = "", one[PREFIX_TEXT_SIZE];
	size_t at = 0;
	for (size_t i = 0; i < f->server.network_count && at < sizeof(text); i++) {
		prefix_text(&f->server.networks[i], one);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? " " : "", one);
	}
	assert_string_equal(text, want);
}

static void postfix_with_two_instances(void **state)
{
	struct found f;
	const struct interface machine[] = {interface("eth0", "192.0.2.10"), interface("eth0", "192.0.2.12"),
					    interface("lo", "127.0.0.1"), interface("eth1", "10.0.0.1")};
	find(&f, "postfix", machine, 4);
	assert_int_equal(f.server.mta, MTA_POSTFIX);
	assert_string_equal(f.server.mta_name, "Postfix");
	assert_string_equal(f.server.host_name, "mail.example.com");
	assert_string_equal(f.server.helo, "mail.example.com");
	assert_string_equal(f.server.smarthost, "smtp.example.net");
	assert_false(f.server.behind_nat);
	networks_are(&f, "127.0.0.0/8 ::1/128 2001:db8:1::/48 192.0.2.0/24");
	assert_string_equal(f.text, "192.0.2.11 smtp_bind_address of Postfix\n"
				    "192.0.2.10 inet_interfaces of Postfix, inet_interfaces of Postfix "
				    "(/etc/postfix-out), interface eth0\n"
				    "2001:db8::10 inet_interfaces of Postfix\n"
				    "203.0.113.5 proxy_interfaces of Postfix\n"
				    "203.0.113.7 master.cf of Postfix\n"
				    "198.51.100.9 master.cf of Postfix\n"
				    "2001:db8::9 master.cf of Postfix\n"
				    "198.51.100.20 smtp_bind_address of Postfix (/etc/postfix-out)\n"
				    "2001:db8::20 smtp_bind_address6 of Postfix (/etc/postfix-out)\n"
				    "192.0.2.12 interface eth0\n");
	domains_are(&f, "mail.example.com shop.example.com blog.example.org alias.example.org relayed.example.net "
			"out.example.com");
	assert_int_equal(f.note_count, 1);
	assert_string_equal(f.notes[0], "virtual_mailbox_domains of Postfix: mysql:/etc/postfix/mysql.cf is not read; "
					"name its domains yourself");
	arena_release(&f.arena);
}

static void postfix_of_few_words(void **state)
{
	struct found f;
	const struct interface machine[] = {interface("eth0", "10.0.0.1"), interface("eth0", "fe80::1")};
	find(&f, "postfix_default", machine, 2);
	assert_string_equal(f.server.host_name, "host.example.org");
	assert_null(f.server.smarthost);
	assert_true(f.server.behind_nat);
	assert_int_equal(f.server.address_count, 0);
	domains_are(&f, "one.example.org two.example.org host.example.org");
	assert_int_equal(f.note_count, 1);
	assert_string_equal(f.notes[0], "virtual_mailbox_domains: /etc/postfix/gone is not there");
	arena_release(&f.arena);
}

static void exim_as_debian_configures_it(void **state)
{
	struct found f;
	find(&f, "exim_debian", NULL, 0);
	assert_int_equal(f.server.mta, MTA_EXIM);
	assert_string_equal(f.server.host_name, "mail.example.com");
	assert_string_equal(f.server.smarthost, "smtp.example.net");
	assert_string_equal(f.text,
			    "192.0.2.30 dc_local_interfaces of Exim\n2001:db8::30 dc_local_interfaces of Exim\n");
	domains_are(&f, "example.com shop.example.org relayed.example.net");
	networks_are(&f, "198.51.100.0/24 10.0.0.0/8");
	assert_int_equal(f.note_count, 0);
	arena_release(&f.arena);
}

static void exim_by_its_own_file(void **state)
{
	struct found f;
	find(&f, "exim", NULL, 0);
	assert_string_equal(f.server.host_name, "mx.example.com");
	assert_string_equal(f.server.smarthost, "smtp.example.net");
	assert_string_equal(f.text, "192.0.2.40 local_interfaces of Exim\n192.0.2.41 local_interfaces of Exim\n"
				    "192.0.2.42 interface of an Exim transport\n"
				    "2001:db8::42 interface of an Exim transport\n");
	domains_are(&f, "mx.example.com example.com hosted.example.org other.example.org folder.example.org "
			"relayed.example.net");
	assert_int_equal(f.note_count, 2);
	assert_non_null(strstr(f.notes[0], "interface of an Exim transport is computed"));
	assert_non_null(strstr(f.notes[1], "mysql;SELECT is not read"));
	arena_release(&f.arena);
}

static void sendmail_by_its_cf(void **state)
{
	struct found f;
	find(&f, "sendmail", NULL, 0);
	assert_int_equal(f.server.mta, MTA_SENDMAIL);
	assert_string_equal(f.server.host_name, "mail.example.com");
	assert_string_equal(f.server.smarthost, "smtp.example.net");
	assert_string_equal(f.text, "192.0.2.50 DaemonPortOptions of Sendmail\n"
				    "2001:db8::50 ClientPortOptions of Sendmail\n");
	domains_are(&f, "class.example.com example.com shop.example.com virtual.example.org hosted.example.org");
	assert_int_equal(f.note_count, 0);
	arena_release(&f.arena);
}

static void opensmtpd_by_its_rules(void **state)
{
	struct found f;
	find(&f, "opensmtpd", NULL, 0);
	assert_int_equal(f.server.mta, MTA_OPENSMTPD);
	assert_string_equal(f.server.host_name, "mail.example.com");
	assert_string_equal(f.server.smarthost, "smtp.example.net");
	assert_string_equal(f.text, "192.0.2.60 listen on of OpenSMTPD\n192.0.2.62 listen on of OpenSMTPD\n"
				    "192.0.2.61 relay src of OpenSMTPD\n2001:db8::61 relay src of OpenSMTPD\n");
	domains_are(&f, "example.com one.example.com two.example.com hosted.example.org inline.example.org "
			"inline2.example.org");
	assert_int_equal(f.note_count, 1);
	assert_string_equal(f.notes[0], "table <sql> of OpenSMTPD is not read; name its domains yourself");
	arena_release(&f.arena);
}

static void a_machine_without_an_mta(void **state)
{
	struct found f;
	const struct interface machine[] = {interface("eth0", "10.0.0.1"), interface("eth0", "2001:db8::1")};
	find(&f, "none", machine, 2);
	assert_int_equal(f.server.mta, MTA_NONE);
	assert_string_equal(f.server.mta_name, "none found");
	assert_string_equal(f.server.host_name, "host.example.com");
	assert_null(f.server.helo);
	assert_string_equal(f.text, "2001:db8::1 interface eth0\n");
	assert_false(f.server.behind_nat);
	assert_int_equal(f.note_count, 1); /* IPv4 is private */
	arena_release(&f.arena);
	find(&f, "nothing-here", NULL, 0);
	assert_null(f.server.host_name);
	assert_false(f.server.behind_nat);
	arena_release(&f.arena);
}

static void this_machine_is_looked_at(void **state)
{
	struct arena arena = arena_make(64 << 20);
	struct server s;
	const char **notes;
	size_t count;
	assert_int_equal(server_find("", NULL, &arena, &s, &notes, &count), 0);
	assert_non_null(s.mta_name);
	arena_release(&arena);
}

static void smarthost_is(const char *text, const char *want)
{
	struct arena arena = arena_make(1 << 16);
	struct finder f = {.root = "", .arena = &arena};
	finder_smarthost(&f, span_str(text));
	if (want)
		assert_string_equal(f.server.smarthost, want);
	else
		assert_null(f.server.smarthost);
	arena_release(&arena);
}

static void smarthosts_have_many_forms(void **state)
{
	smarthost_is("", NULL);
	smarthost_is("smtp.example.net", "smtp.example.net");
	smarthost_is("smtp.example.net:587", "smtp.example.net");
	smarthost_is("[smtp.example.net]:587, [other.example]", "smtp.example.net");
	smarthost_is("[2001:db8::1]:25", "2001:db8::1");
	smarthost_is("[ipv6:2001:db8::1]", "2001:db8::1");
	smarthost_is("smtp.example.net::587", "smtp.example.net");
	smarthost_is("smtps://user@smtp.example.net", "smtp.example.net");
	smarthost_is("[", NULL);
}

static void values_go_round_only_so_deep(void **state)
{
	struct arena arena = arena_make(8 << 20);
	struct finder f = {.root = "", .arena = &arena};
	struct mta_settings s = mta_settings_make(&f);
	struct span v;
	mta_settings_set(&s, span_str("a"), span_str("$b$b$b$b"));
	mta_settings_set(&s, span_str("b"), span_str("$a$a$a$a"));
	mta_settings_set(&s, span_str("c"), span_str("x${d}y$(d)z$none.$"));
	mta_settings_set(&s, span_str("d"), span_str("1"));
	mta_settings_expand(&f, &s, span_str("$a"));
	v = mta_settings_expand(&f, &s, span_str("$c"));
	assert_true(span_equal(v, span_str("x1y1z.")));
	arena_release(&arena);
}

static void programs_of_an_mta_are_asked(void **state)
{
	const char *const echo[] = {"echo", "$HOME; exit 1", NULL}, *const no[] = {"no-such-program", NULL};
	const char *const fails[] = {"cat", "/nowhere/to\033be", NULL}, *const endless[] = {"yes", NULL};
	struct error why = {{0}};
	struct arena arena = arena_make(1 << 20);
	struct finder f = {.root = "", .arena = &arena};
	struct span out;
	assert_int_equal(finder_ask(&f, echo, &out, &why), 0);
	assert_true(span_equal(out, span_str("$HOME; exit 1\n")));
	assert_int_equal(finder_ask(&f, no, &out, &why), -ENOENT);
	assert_int_equal(finder_ask(&f, fails, &out, &why), -EIO);
	assert_string_equal(why.text, "exit status 1: cat: '/nowhere/to'$'\\033''be': No such file or directory");
	assert_int_equal(finder_ask(&f, endless, &out, &why), -E2BIG);
	assert_string_equal(why.text, "more than 256 KiB of output");
	arena_release(&arena);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(postfix_with_two_instances),   cmocka_unit_test(postfix_of_few_words),
		cmocka_unit_test(exim_as_debian_configures_it), cmocka_unit_test(exim_by_its_own_file),
		cmocka_unit_test(sendmail_by_its_cf),           cmocka_unit_test(opensmtpd_by_its_rules),
		cmocka_unit_test(a_machine_without_an_mta),     cmocka_unit_test(this_machine_is_looked_at),
		cmocka_unit_test(smarthosts_have_many_forms),   cmocka_unit_test(values_go_round_only_so_deep),
		cmocka_unit_test(programs_of_an_mta_are_asked),
	};
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 64;
	}
	trees = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
