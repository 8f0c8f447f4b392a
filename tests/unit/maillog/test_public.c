/* SPDX-License-Identifier: BSD-2-Clause */
/* Public logs, where they are there: no line of a mail program stays without being understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>

#include "maillog/format.h"

enum { PATH_SIZE = 4096, FILE_MAX = 4 << 20 };

struct tally {
	size_t files, lines, by_result[LINE_UNKNOWN + 1];
	size_t flags, accepts, deliveries, ends; /* records with "<=", .. and what was made of them */
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

static void read_line(struct span raw, struct stamps *stamps, struct tally *t)
{
	struct log_line l;
	struct mail_event e = {.uid = MAIL_UID_NONE};
	enum line_result result;
	line_read(raw, stamps, &l);
	result = format_parse(&l, 0, &e);
	t->lines++;
	t->by_result[result]++;
	if (result == LINE_UNKNOWN)
		print_message("not understood: %.*s\n", (int)raw.len, (const char *)raw.at);
	t->accepts += result == LINE_EVENT && e.kind == EVENT_ACCEPT;
	t->deliveries += result == LINE_EVENT && e.kind == EVENT_DELIVERY;
	t->ends += result == LINE_EVENT && e.kind == EVENT_END;
}

static void read_file(const char *path, struct tally *t)
{
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
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
			read_line(span_of(rest.at, end), &stamps, t);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exims_own_tests),
		cmocka_unit_test(attack_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
