/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a log's senders look like to the detectors: each identity's stretches with the strength of every signal, one JSON
 * object a line, whether they are causes or not. tests/weights/fit learns from it.
 *
 * usage: candidates [--tz ZONE] [--mynetworks CIDR]... FILE...
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "diagnose/candidates.h"

enum { GIVEN_MAX = 64, LINE_MAX_OCTETS = 1 << 16, ARENA_MAX = 256 << 20 };

struct command {
	const char *zone;
	struct prefix networks[GIVEN_MAX];
	size_t network_count;
	int first_file;
};

static bool read_arguments(int argc, char **argv, struct command *ret_command)
{
	struct command k = {.zone = "UTC", .first_file = 1};
	for (; k.first_file + 1 < argc && strncmp(argv[k.first_file], "--", 2) == 0; k.first_file += 2) {
		const char *value = argv[k.first_file + 1];
		if (strcmp(argv[k.first_file], "--tz") == 0)
			k.zone = value;
		else if (strcmp(argv[k.first_file], "--mynetworks") != 0 || k.network_count == GIVEN_MAX ||
			 prefix_parse(span_str(value), &k.networks[k.network_count++]) < 0)
			return false;
	}
	*ret_command = k;
	return k.first_file < argc;
}

static void print_candidate(void *arg, const struct candidate *c, size_t stretch)
{
	struct buf out = buf_make(LINE_MAX_OCTETS);
	struct json j = json_make(&out);
	json_begin(&j, '{');
	json_member_str(&j, "kind", cause_text(c->kind));
	json_member_str(&j, "subject", c->id->name);
	json_member_str(&j, "host", c->id->host);
	json_key(&j, "identity");
	json_int(&j, c->id->kind);
	json_key(&j, "stretch");
	json_int(&j, (int64_t)stretch);
	json_key(&j, "from_ms");
	json_int(&j, c->burst.first_ms);
	json_key(&j, "to_ms");
	json_int(&j, c->burst.last_ms);
	json_key(&j, "recipients");
	json_int(&j, (int64_t)c->burst.recipients);
	json_key(&j, "odds");
	json_real(&j, c->odds, 3);
	json_key(&j, "signals");
	json_begin(&j, '{');
	for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
		if (c->shape[s] == 0)
			continue;
		json_key(&j, signal_text((enum signal)s));
		json_real(&j, c->shape[s], 4);
	}
	json_end(&j, '}');
	json_end(&j, '}');
	if (out.error == 0)
		puts(buf_text(&out));
	buf_release(&out);
}

static int weigh(struct sources *sources, const struct diagnose_options *o)
{
	struct diagnosis *d = diagnosis_new(o);
	struct mail_sink sink = diagnosis_sink(d);
	struct maillog *m = maillog_new(sources, &sink);
	struct arena arena = arena_make(ARENA_MAX);
	struct log_coverage coverage = {0};
	struct diagnose_report report;
	int rc = d && m ? maillog_read(m, &coverage) : -1;
	if (rc == 0)
		rc = diagnosis_finish(d, &coverage, &arena, &report);
	if (rc == 0)
		rc = diagnosis_candidates(d, &coverage, print_candidate, NULL);
	maillog_free(m);
	diagnosis_free(d);
	arena_release(&arena);
	return rc;
}

static int run(const struct command *k, char **files)
{
	struct catalogue *lists = NULL;
	struct receivers *receivers = NULL;
	struct zone *zone = NULL;
	struct error err = {{0}};
	struct catalogue_config config = {0};
	int rc = catalogue_load(&config, NULL, NULL, &lists, &err);
	if (rc == 0)
		rc = receivers_load(lists, NULL, NULL, NULL, &receivers, &err);
	if (rc == 0)
		rc = zone_new(k->zone, &zone);
	struct sources *sources = rc == 0 ? sources_new(zone, INT64_C(1796000000000)) : NULL;
	for (; sources && rc == 0 && *files; files++)
		rc = sources_add(sources, *files, false, &err);
	const struct diagnose_options o = {.mynetworks = k->networks,
					   .mynetwork_count = k->network_count,
					   .listed_at_ms = CASE_TIME_NONE,
					   .receivers = receivers};
	if (sources && rc == 0)
		rc = weigh(sources, &o);
	if (rc != 0)
		fprintf(stderr, "candidates: %s (%d)\n", err.text, rc);
	sources_free(sources);
	zone_free(zone);
	receivers_free(receivers);
	catalogue_free(lists);
	return rc == 0 && sources ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct command k;
	if (!read_arguments(argc, argv, &k)) {
		fprintf(stderr, "usage: candidates [--tz ZONE] [--mynetworks CIDR]... FILE...\n");
		return 64;
	}
	return run(&k, argv + k.first_file);
}
