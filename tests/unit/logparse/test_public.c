/* SPDX-License-Identifier: BSD-2-Clause */
/* Public logs, where they are there: no line of a mail program stays without being understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "logparse/format.h"

enum { PATH_SIZE = 4096, FILE_MAX = 4 << 20 };

struct tally {
	size_t files, lines, by_result[LINE_UNKNOWN + 1];
	size_t flags, accepts, deliveries, ends, refusals, logins; /* records with "<=", .. and what was made of them */
};

static bool data_path(const char *name, char path[PATH_SIZE])
{
	const char *data = getenv("OFFLIST_DATA"), *source = getenv("OFFLIST_SOURCE");
	FILE *f;
	if (data)
		snprintf(path, PATH_SIZE, "%s/logs/%s", data, name);
	else
		snprintf(path, PATH_SIZE, "%s/../shared/data/logs/%s", source ? source : ".", name);
	f = fopen(path, "r");
	if (f)
		fclose(f);
	return f != NULL;
}

static void read_line(struct span raw, struct stamps *stamps, struct formats *formats, struct tally *t)
{
	struct log_line l;
	struct mail_event e;
	enum line_result result;
	line_read(raw, stamps, &l);
	result = format_parse(formats, &l, 0, &e);
	t->lines++;
	t->by_result[result]++;
	if (result == LINE_UNKNOWN)
		print_message("not understood: %.*s\n", (int)raw.len, (const char *)raw.at);
	t->accepts += result == LINE_EVENT && e.kind == EVENT_ACCEPT;
	t->deliveries += result == LINE_EVENT && e.kind == EVENT_DELIVERY;
	t->ends += result == LINE_EVENT &&
		   (e.kind == EVENT_END ||
		    (e.kind == EVENT_CHANGE && e.outcome == OUTCOME_REMOVED && e.id.len && e.format == FORMAT_POSTFIX));
	t->refusals += result == LINE_EVENT && e.kind == EVENT_REFUSAL;
	t->logins += result == LINE_EVENT && e.kind == EVENT_LOGIN;
}

static void read_file(const char *path, struct tally *t)
{
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	uint8_t *text = malloc(FILE_MAX);
	FILE *f = fopen(path, "r");
	struct span rest;
	assert_non_null(text);
	assert_non_null(f);
	rest = span_of(text, fread(text, 1, FILE_MAX, f));
	fclose(f);
	t->files++;
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		if (*rest.at != '#') /* fail2ban's comments */
			read_line(span_of(rest.at, end), &stamps, &formats, t);
		rest = span_from(rest, end + 1);
	}
	free(text);
}

static bool read_folder(const char *name, struct tally *t)
{
	char path[PATH_SIZE], file[PATH_SIZE + 256];
	struct dirent *entry;
	DIR *dir;
	if (!data_path(name, path))
		return false;
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		read_file(file, t);
	}
	closedir(dir);
	return true;
}

static void exims_own_tests(void **state)
{
	struct tally t = {0};
	if (!read_folder("exim/log", &t) || !read_folder("exim/rejectlog", &t))
		skip();
	assert_int_equal(t.by_result[LINE_UNKNOWN], 0);
	/* counted with grep: lines whose id is followed by the flag */
	assert_in_range(t.accepts, 3251, 3251 + 10);
	assert_in_range(t.deliveries, 4452, 4452 + 10);
	assert_in_range(t.ends, 2499, 2499);
}

static void attack_lines(void **state)
{
	static const char *const files[] = {"fail2ban/exim",
					    "fail2ban/exim-spam",
					    "fail2ban/qmail",
					    "fail2ban/sendmail-auth",
					    "fail2ban/sendmail-reject",
					    "crowdsec/exim-bf/exim-bf.log",
					    "crowdsec/exim-logs/exim-logs.log",
					    "crowdsec/exim-spam/exim-spam.log"};
	struct tally t = {0};
	char path[PATH_SIZE];
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (data_path(files[i], path))
			read_file(path, &t);
	if (!t.files)
		skip();
	assert_int_equal(t.by_result[LINE_UNKNOWN], 0);
	assert_in_range(t.by_result[LINE_EVENT], 50, t.lines);
}

/* Messages of Postfix without heads: "data: "TEXT"" in a file named after the daemon. */
static void read_grok(const char *path, const char *name, struct tally *t)
{
	char text[8192], raw[9000], program[64];
	FILE *f = fopen(path, "r");
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct formats formats = {0};
	size_t n = 0;
	assert_non_null(f);
	snprintf(program, sizeof(program), "%.*s", (int)strcspn(name, "_"), name);
	while (fgets(text, sizeof(text), f)) {
		if (strncmp(text, "data: ", 6) != 0)
			continue;
		for (const char *p = text + 7; *p && p[1] && p[1] != '\n'; p++)
			text[n++] = *p == '\\' && p[1] ? *++p : *p;
		text[n] = '\0';
		n = (size_t)snprintf(raw, sizeof(raw), "Nov 24 10:00:00 mx postfix/%s[1]: %s", program, text);
		read_line(span_of(raw, n), &stamps, &formats, t);
		break;
	}
	fclose(f);
	t->files++;
}

static void postfix_messages(void **state)
{
	char path[PATH_SIZE], file[PATH_SIZE + 256];
	struct tally t = {0};
	struct dirent *entry;
	DIR *dir;
	if (!data_path("postfix-grok", path))
		skip();
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		read_grok(file, entry->d_name, &t);
	}
	closedir(dir);
	assert_int_equal(t.by_result[LINE_UNKNOWN], 0);
	assert_int_equal(t.by_result[LINE_FOREIGN], 0);
	/* counted with grep: "to=.. status=sent, deferred, bounced", ": removed", "reject: " */
	assert_int_equal(t.deliveries, 21);
	assert_int_equal(t.ends, 2);
	assert_int_equal(t.refusals, 14);
}

/* Every line of Postfix and Dovecot in others' collections of attacks is understood as theirs. */
static void postfix_attacks(void **state)
{
	static const char *const files[] = {"fail2ban/postfix",
					    "fail2ban/dovecot",
					    "crowdsec/postfix-logs/postfix-logs.log",
					    "crowdsec/postfix-relay/postfix-spam.log",
					    "crowdsec/postfix-helo/postfix-spam.log",
					    "crowdsec/postfix-spam/postfix-spam.log",
					    "crowdsec/postfix-non-smtp/postfix-non-smtp.log",
					    "crowdsec/postfix-sasl-bf/postfix-sasl-bf.log",
					    "crowdsec/postfix-honeypot-users/postfix-honeypot-users.log",
					    "crowdsec/postscreen-logs/postscreen-logs.log",
					    "crowdsec/dovecot-logs/dovecot-logs.log",
					    "crowdsec/dovecot-spam/dovecot-spam.log",
					    "crowdsec/mailscanner-logs/mailscanner-logs.log"};
	struct tally t = {0};
	char path[PATH_SIZE];
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (data_path(files[i], path))
			read_file(path, &t);
	if (t.files < sizeof(files) / sizeof(files[0]))
		skip();
	assert_int_equal(t.by_result[LINE_UNKNOWN], 0);
	/* counted with grep: "ID: reject: "; "SASL X authentication", "(auth failed, ", "Password mismatch" and the like */
	assert_int_equal(t.refusals, 36);
	assert_int_equal(t.logins, 31 + 65);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exims_own_tests),
		cmocka_unit_test(attack_lines),
		cmocka_unit_test(postfix_messages),
		cmocka_unit_test(postfix_attacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
