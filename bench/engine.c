/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bulk DNS engine alone: every address of a file against every zone of a file, as a sweep asks them (blocks of
 * addresses, inside a block by zone, then by the length of the reversed address). Prints one JSON object.
 *
 * usage: engine SERVER[:PORT] TARGETS ZONES [--repeat N] [--limit QUERIES] [--window N] [--no-segments]
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "dns/bulk.h"

enum { BLOCK = 4096, TARGETS_MAX = 1 << 20, ZONES_MAX = 1024 };

struct sweep {
	struct bulk *bulk;
	uint32_t server;
	struct dns_name *targets; /* reversed addresses, no zone */
	size_t target_count;
	struct dns_name *zones;
	size_t zone_count;
	uint64_t limit, queries, reported, outcomes[DNS_NETWORK + 1];
};

static void on_answer(void *arg, const struct bulk_answer *answer)
{
	struct sweep *s = arg;
	s->reported++;
	s->outcomes[answer->outcome]++;
}

static size_t read_lines(const char *path, struct dns_name *names, size_t max, bool reverse)
{
	static const struct dns_name root = {.len = 1};
	char line[300];
	size_t n = 0;
	FILE *f = fopen(path, "r");
	while (f && n < max && fgets(line, sizeof(line), f)) {
		struct span text = span_trim(span_str(line));
		struct addr a;
		int e = reverse ? addr_parse(text, &a) : dns_name_parse(text, &names[n]);
		if (e == 0 && reverse)
			e = dns_name_reverse(&a, &root, &names[n]);
		n += e == 0;
	}
	if (f)
		fclose(f);
	return n;
}

static int by_length(const void *a, const void *b)
{
	return ((const struct dns_name *)a)->len - ((const struct dns_name *)b)->len;
}

static int ask(struct sweep *s, const struct dns_name *target, const struct dns_name *zone)
{
	struct dns_name name;
	const struct bulk_question q = {.server = s->server, .type = DNS_A, .name = &name, .tag = s->queries};
	int e = dns_name_join(target, zone, &name);
	while (e == 0 && (e = bulk_ask(s->bulk, &q, clock_mono_us())) == -EAGAIN)
		e = bulk_wait(s->bulk, clock_mono_us() + 1000000);
	s->queries += e == 0;
	return e;
}

static int sweep(struct sweep *s)
{
	for (size_t block = 0; block < s->target_count; block += BLOCK) {
		size_t count = s->target_count - block < BLOCK ? s->target_count - block : BLOCK;
		qsort(s->targets + block, count, sizeof(*s->targets), by_length);
		for (size_t z = 0; z < s->zone_count; z++)
			for (size_t t = 0; t < count && s->queries < s->limit; t++) {
				int e = ask(s, &s->targets[block + t], &s->zones[z]);
				if (e < 0)
					return e;
			}
	}
	return 0;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The process's own; getrusage(2) counts what the parent had before exec as well. */
static long peak_rss_kib(void)
{
	static const char key[] = "VmHWM:";
	char line[128];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, sizeof(key) - 1) == 0)
			kib = strtol(line + sizeof(key) - 1, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static void print(const struct sweep *s, int64_t wall_us)
{
	const struct bulk_stats *stats = bulk_stats(s->bulk);
	struct rusage usage;
	double cpu;
	getrusage(RUSAGE_SELF, &usage);
	cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	printf("{\"queries\":%" PRIu64 ",\"reported\":%" PRIu64 ",\"listed\":%" PRIu64 ",\"clear\":%" PRIu64
	       ",\"unreachable\":%" PRIu64 ",\"resent\":%" PRIu64 ",\"wall_s\":%.3f,\"user_s\":%.3f,\"sys_s\":%.3f,"
	       "\"cpu_us_per_query\":%.3f,\"queries_per_s\":%.0f,\"peak_rss_kib\":%ld}\n",
	       s->queries, s->reported, s->outcomes[DNS_ANSWER], s->outcomes[DNS_NXDOMAIN] + s->outcomes[DNS_NODATA],
	       s->outcomes[DNS_TIMEOUT] + s->outcomes[DNS_NETWORK], stats->resent, (double)wall_us / 1e6,
	       seconds(usage.ru_utime), seconds(usage.ru_stime), cpu * 1e6 / (double)s->queries,
	       (double)s->queries * 1e6 / (double)wall_us, peak_rss_kib());
}

static int run(struct sweep *s, const struct bulk_server *server, struct bulk_config config, uint64_t repeat)
{
	int64_t start;
	int e;
	config.on_answer = on_answer;
	config.arg = s;
	e = bulk_new(&config, &s->bulk);
	if (e == 0)
		e = bulk_server(s->bulk, server, &s->server);
	start = clock_mono_us();
	for (uint64_t i = 0; e == 0 && i < repeat; i++)
		e = sweep(s);
	while (e == 0 && bulk_in_flight(s->bulk) > 0)
		e = bulk_wait(s->bulk, clock_mono_us() + 1000000);
	if (e == 0)
		print(s, clock_mono_us() - start);
	s->bulk = bulk_free(s->bulk);
	return e;
}

static int read_options(int argc, char **argv, struct bulk_config *config, uint64_t *repeat, uint64_t *limit)
{
	static const struct option options[] = {{"repeat", required_argument, NULL, 'r'},
						{"limit", required_argument, NULL, 'l'},
						{"window", required_argument, NULL, 'w'},
						{"no-segments", no_argument, NULL, 's'},
						{0}};
	uint64_t window;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 's') {
			config->no_segments = true;
		} else if (c == 'r') {
			if (ascii_parse_u64(span_str(optarg), UINT32_MAX, repeat) < 0)
				return -EINVAL;
		} else if (c == 'l') {
			if (ascii_parse_u64(span_str(optarg), UINT64_MAX, limit) < 0)
				return -EINVAL;
		} else if (c == 'w' && ascii_parse_u64(span_str(optarg), UINT16_MAX, &window) == 0) {
			config->window_max = (uint32_t)window;
		} else {
			return -EINVAL;
		}
	}
	return argc - optind == 3 ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct bulk_server server = {.recursive = true};
	struct bulk_config config = {0};
	struct sweep s = {.limit = UINT64_MAX};
	uint64_t repeat = 1;
	int e = read_options(argc, argv, &config, &repeat, &s.limit);
	if (e == 0)
		e = endpoint_parse(span_str(argv[optind]), 53, &server.at);
	if (e < 0) {
		fprintf(stderr,
			"usage: %s SERVER[:PORT] TARGETS ZONES [--repeat N] [--limit QUERIES] [--window N] "
			"[--no-segments]\n",
			argv[0]);
		return 64;
	}
	s.targets = calloc(TARGETS_MAX, sizeof(*s.targets));
	s.zones = calloc(ZONES_MAX, sizeof(*s.zones));
	if (s.targets && s.zones) {
		s.target_count = read_lines(argv[optind + 1], s.targets, TARGETS_MAX, true);
		s.zone_count = read_lines(argv[optind + 2], s.zones, ZONES_MAX, false);
		e = s.target_count && s.zone_count ? run(&s, &server, config, repeat) : -ENODATA;
	} else {
		e = -ENOMEM;
	}
	if (e < 0)
		fprintf(stderr, "engine: %s\n", strerror(-e));
	free(s.targets);
	free(s.zones);
	return e < 0 ? 74 : 0;
}
