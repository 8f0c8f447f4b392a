/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Print what is read of a journal: a line an entry of a mail program, then what is lost. For the comparison with journalctl.
 * usage: journal_lines [-f COUNT] PATH...   (-f: follow until so many lines came, or half a minute has gone)
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "logread/source.h"

enum { FOLLOW_US = 30 * 1000000 };

static void print(const struct log_line *line)
{
	printf("%" PRId64 "\t%.*s\t%.*s\t%" PRIu32 "\t%.*s\n", line->at_ms, (int)line->host.len, line->host.at,
	       (int)line->program.len, line->program.at, line->pid, (int)line->text.len, line->text.at);
}

static void follow(struct sources *s, int count)
{
	const struct log_line *line;
	int64_t end = clock_mono_us() + FOLLOW_US, now;
	while (count > 0 && (now = clock_mono_us()) < end) {
		int64_t wait = sources_follow_deadline_us(s) - now;
		struct pollfd p = {sources_follow_fd(s), POLLIN, 0};
		if (p.fd >= 0 && wait > 0)
			poll(&p, 1, (int)(wait / 1000) + 1);
		while (count > 0 && sources_follow(s, clock_mono_us(), clock_wall_ms(), &line) == 1) {
			print(line);
			fflush(stdout);
			count--;
		}
	}
}

static void print_lost(const struct sources *s)
{
	size_t count;
	const struct source_file *files = sources_files(s, &count);
	const struct source_gap *gaps;
	for (size_t i = 0; i < count; i++)
		if (files[i].fault)
			fprintf(stderr, "fault: %s\n", files[i].fault);
	gaps = sources_gaps(s, &count);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "lost: %s\n", gaps[i].why);
}

int main(int argc, char **argv)
{
	struct sources *s = sources_new(NULL, INT64_C(1795996800000));
	const struct log_line *line;
	struct error err = {""};
	int first = argc > 2 && strcmp(argv[1], "-f") == 0 ? 3 : 1, r = s ? 0 : -1;
	for (int i = first; i < argc && r == 0; i++)
		r = sources_add(s, argv[i], false, &err);
	if (r == 0 && first == 3)
		follow(s, (int)strtol(argv[2], NULL, 10));
	while (r == 0 && first == 1 && sources_next(s, &line) == 1)
		print(line);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	if (s)
		print_lost(s);
	sources_free(s);
	return r < 0;
}
