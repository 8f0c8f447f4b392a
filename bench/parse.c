/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heads and parsers alone, one thread: every line of a log is read and parsed, nothing is joined. Prints one JSON object;
 * `mb_s` is 10^6 octets a second of processor time, `scan_mb_s` the same for the search of line ends alone: the bound.
 *
 * usage: parse FILE    (logmake postfix 200000000 1 1795514400 > FILE)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "logparse/format.h"

enum { ROUNDS = 5 };

/* Time of this process alone: others may use the machine. */
static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool read_log(const char *path, struct span *ret_log)
{
	FILE *f = fopen(path, "rb");
	long end = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	uint8_t *text = NULL;
	if (end >= 0 && fseek(f, 0, SEEK_SET) == 0)
		text = malloc((size_t)end + 1);
	if (text)
		*ret_log = span_of(text, fread(text, 1, (size_t)end, f));
	if (f)
		fclose(f);
	return text;
}

struct tally {
	uint64_t lines, scanned, by_result[LINE_UNKNOWN + 1];
};

static void parse_all(struct span rest, struct tally *t)
{
	struct stamps stamps = stamps_of(NULL, INT64_C(1795600800000));
	struct formats formats = {0};
	while (rest.len) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.at) : rest.len;
		struct mail_event e;
		struct log_line line;
		line_read(span_of(rest.at, len), &stamps, &line);
		t->by_result[format_parse(&formats, &line, 0, &e)]++;
		t->lines++;
		rest = span_from(rest, len + 1);
	}
}

static uint64_t scan_all(struct span rest)
{
	uint64_t lines = 0;
	while (rest.len) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		lines++;
		rest = span_from(rest, end ? (size_t)(end - rest.at) + 1 : rest.len);
	}
	return lines;
}

static double rate(size_t octets, int64_t us)
{
	return us > 0 ? (double)octets / (double)us : 0;
}

int main(int argc, char **argv)
{
	struct span log = {NULL, 0};
	struct tally t = {0};
	double best = 0, scan = 0;
	if (argc != 2 || !read_log(argv[1], &log)) {
		fprintf(stderr, "usage: parse FILE\n");
		return 1;
	}
	for (int i = 0; i < ROUNDS; i++) { /* the best of several: the machine is shared */
		int64_t start = cpu_us(), middle, stop;
		t = (struct tally){.lines = 0};
		t.scanned = scan_all(log);
		middle = cpu_us();
		parse_all(log, &t);
		stop = cpu_us();
		if (rate(log.len, middle - start) > scan)
			scan = rate(log.len, middle - start);
		if (rate(log.len, stop - middle) > best)
			best = rate(log.len, stop - middle);
	}
	printf("{\"schema\": \"offlist.bench.parse/1\", \"octets\": %zu, \"lines\": %" PRIu64 ", \"mb_s\": %.0f, "
	       "\"scan_mb_s\": %.0f, \"events\": %" PRIu64 ", \"quiet\": %" PRIu64 ", \"foreign\": %" PRIu64
	       ", \"unknown\": %" PRIu64 "}\n",
	       log.len, t.scanned, best, scan, t.by_result[LINE_EVENT], t.by_result[LINE_QUIET],
	       t.by_result[LINE_FOREIGN], t.by_result[LINE_UNKNOWN]);
	free((void *)(uintptr_t)log.at);
	return 0;
}
