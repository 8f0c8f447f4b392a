/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole run of check/ on a network and a clock that the input owns (tests/unit/check/scripted.h): how each question is
 * answered, when, and when a person breaks it off. Whatever comes, the run must end in time, with one result a target,
 * and say `listed` and `clear` only where answers were given that allow it.
 *
 * Input: mode, flags, number of targets, moment of the interruption, seed; then three octets a question.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "../tests/unit/check/scripted.h"

enum {
	NAMES = 1 << 14, /* slots for names that were asked for; the questions of one run are fewer */
	QUESTIONS_MAX = 6000,
	FLEET_MAX = 300,
	SMALL_MAX = 8,
	PERSON_WAITS_US = 2600000, /* budget, grace, and a text that is under way */
	FLEET_WAITS_US = 2000000000,
	HEAD = 5,
};

static const char lists[] =
	"operator: {name: fuzz}\n"
	"lists:\n"
	"- {zone: plain.example, name: p, class: block, query: [ip4, ip6], status: active, scope: address, impact: "
	"high,\n"
	"   terms: {rate: none}, sources: [{name: fuzz}]}\n"
	"- {zone: untested.example, name: u, class: block, query: [ip4], status: active, scope: address, impact: "
	"medium,\n"
	"   terms: {rate: none}, test: {ip4: none}, sources: [{name: fuzz}]}\n"
	"- {zone: white.example, name: w, class: white, query: [ip4], status: active, scope: address,\n"
	"   terms: {rate: none}, sources: [{name: fuzz}]}\n"
	"- {zone: refusing.example, name: r, class: block, query: [ip4], status: active, scope: address,\n"
	"   terms: {rate: none}, sources: [{name: fuzz}],\n"
	"   refusals: [{code: 127.255.255.254, why: public_resolver, meaning: m}, {code: 127.255.255.255, why: "
	"volume,\n"
	"   meaning: m}]}\n"
	"- {zone: slow.example, name: s, class: policy, query: [ip4], status: active, scope: address,\n"
	"   terms: {rate: 5, burst: 12}, sources: [{name: fuzz}]}\n"
	"- {zone: names.example, name: n, class: domain, query: [domain], status: active, scope: domain,\n"
	"   terms: {rate: none}, sources: [{name: fuzz}]}\n";
static const char *const zones[] = {"plain.example",    "untested.example", "white.example",
				    "refusing.example", "slow.example",     "names.example"};
static const char *const targets[SMALL_MAX] = {"198.51.100.1", "198.51.100.2", "2001:db8::1",       "shop.example",
					       "10.1.2.3",     "198.51.100.3", "mail.shop.example", "198.51.100.4"};

enum given { GIVEN_ENTRY = 1, GIVEN_NO = 2 };

struct given_name {
	uint64_t hash; /* 0: free */
	unsigned int given;
};

struct play {
	struct scripted net;
	struct span input;
	size_t at, questions;
	struct given_name names[NAMES];
	struct check_config config;
	struct arena arena;
	size_t target_count, next_target, result_count;
	volatile sig_atomic_t stop;
};

static uint64_t hash_of(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3u;
	return h | 1;
}

static struct given_name *name_of(struct play *p, const char *name)
{
	uint64_t h = hash_of(name);
	size_t i = h % NAMES;
	while (p->names[i].hash && p->names[i].hash != h)
		i = (i + 1) % NAMES;
	p->names[i].hash = h;
	return &p->names[i];
}

static uint8_t octet(struct play *p)
{
	return p->at < p->input.len ? p->input.at[p->at++] : 0;
}

static void record(struct scripted_reply *r, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	r->outcome = DNS_ANSWER;
	r->addrs[0] = (struct addr){.family = 4, .octets = {a, b, c, d}};
	r->texts[0] = "a text";
	r->names[0] = "ns.example";
	r->count = 1;
}

static void outcome(struct scripted_reply *r, uint8_t what)
{
	switch (what % 16) {
	case 0:
	case 1:
		break; /* NXDOMAIN */
	case 2:
		r->outcome = DNS_NODATA;
		break;
	case 3:
		r->outcome = DNS_NODATA;
		r->no_soa = true;
		break;
	case 4:
		r->no_soa = true;
		break;
	case 5:
		r->outcome = DNS_SERVFAIL;
		break;
	case 6:
		r->outcome = DNS_REFUSED;
		break;
	case 7:
		r->outcome = DNS_TIMEOUT;
		break;
	case 8:
		r->outcome = DNS_MALFORMED;
		break;
	case 9:
		r->outcome = DNS_NETWORK;
		break;
	case 10:
		r->ede = 15;
		break;
	case 11:
		record(r, 203, 0, 113, 80);
		break;
	case 12:
		record(r, 127, 255, 255, (uint8_t)(254 + what / 128));
		break;
	default:
		record(r, 127, 0, 0, 2);
	}
}

static void answer(void *arg, const struct scripted_question *q, struct scripted_reply *r)
{
	struct play *p = arg;
	uint8_t what = octet(p), late = octet(p), again = octet(p);
	if (++p->questions > QUESTIONS_MAX)
		abort();
	outcome(r, what);
	r->after_us = (int64_t)late * late * 40; /* up to 2.6 s, most of them short */
	r->ttl_s = again;
	if (q->type != DNS_A || q->where > SCRIPTED_DIRECT)
		return;
	if (r->outcome == DNS_ANSWER && r->addrs[0].octets[0] == 127)
		name_of(p, q->name)->given |= GIVEN_ENTRY;
	if (r->outcome == DNS_NXDOMAIN || r->outcome == DNS_NODATA)
		name_of(p, q->name)->given |= GIVEN_NO;
}

static void question_of(const struct target *t, const char *zone, char text[DNS_NAME_TEXT_SIZE])
{
	struct dns_name below, name;
	if (dns_name_parse(span_str(zone), &below) < 0)
		abort();
	if (t->addr.family) {
		if (dns_name_reverse(&t->addr, &below, &name) < 0)
			abort();
		dns_name_text(&name, text);
	} else {
		snprintf(text, DNS_NAME_TEXT_SIZE, "%s.%s", t->name, zone);
	}
}

/* Its own test point was shown, or it has none. */
static bool was_tested(struct play *p, const struct list *l, const struct target *t)
{
	char text[300];
	if (t->addr.family && !l->test.ip4)
		return true;
	snprintf(text, sizeof(text), "%s.%s", t->addr.family ? "2.0.0.127" : l->test.domain_listed, l->zone);
	return name_of(p, text)->given & GIVEN_ENTRY;
}

static void check_row(struct play *p, const struct target *t, const struct check_row *row)
{
	char text[DNS_NAME_TEXT_SIZE];
	unsigned int given;
	question_of(t, row->list->zone, text);
	given = name_of(p, text)->given;
	switch (row->finding->status) {
	case STATUS_LISTED:
		if (!(given & GIVEN_ENTRY) || !row->finding->reason_count || !was_tested(p, row->list, t))
			abort();
		break;
	case STATUS_CLEAR:
		if (!given || !was_tested(p, row->list, t))
			abort();
		break;
	case STATUS_NOT_ASKED:
		if (row->finding->why == STATUS_WHY_NONE || row->asked)
			abort();
		break;
	default:
		if (row->finding->why == STATUS_WHY_NONE)
			abort();
	}
}

static void on_result(void *arg, const struct check_result *result)
{
	struct play *p = arg;
	bool listed = false;
	p->result_count++;
	for (size_t i = 0; i < result->row_count; i++) {
		check_row(p, result->target, &result->rows[i]);
		listed = listed || result->rows[i].finding->status == STATUS_LISTED;
	}
	if (result->unaskable && (result->verdict != VERDICT_UNKNOWN || result->row_count))
		abort();
	if (result->verdict == VERDICT_LISTED && !listed)
		abort();
	if (result->verdict == VERDICT_CLEAR && !result->tally.by_status[STATUS_CLEAR] && !listed)
		abort();
}

static void on_note(void *arg, const char *line)
{
}

static int next_target(void *arg, struct target *ret_target)
{
	struct play *p = arg;
	struct error err;
	char text[CODE_TEXT_SIZE];
	size_t i = p->next_target;
	if (i == p->target_count)
		return -ENOENT;
	p->next_target++;
	list_code_text(0x0b000000u + (uint32_t)i * 7, text);
	if (target_parse(span_str(p->config.fleet ? text : targets[i]), &p->arena, ret_target, &err) < 0)
		abort();
	return 0;
}

/* Once: the lists stand in a file for as long as it takes to read them. */
static struct catalogue *the_lists(void)
{
	static struct catalogue *c;
	char dir[] = "/tmp/offlist-fuzz-XXXXXX", path[64];
	const struct catalogue_config config = {.lists_dir = dir};
	struct error err;
	FILE *f;
	if (c)
		return c;
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s/fuzz.yaml", dir);
	f = fopen(path, "w");
	if (!f || fputs(lists, f) < 0 || fclose(f) < 0 || catalogue_load(&config, NULL, NULL, &c, &err) < 0)
		abort();
	unlink(path);
	rmdir(dir);
	return c;
}

static void configure(struct play *p, const struct endpoint *system)
{
	uint8_t mode = octet(p), flags = octet(p), count = octet(p);
	bool fleet = flags & 1;
	p->target_count = fleet ? (size_t)count % FLEET_MAX + 1 : count % SMALL_MAX + 1u;
	p->config = (struct check_config){
		.catalogue = the_lists(),
		.mode = (enum check_resolver)(mode % 4),
		.given = *system,
		.system = system,
		.system_count = 1 + (flags >> 1 & 1u),
		.budget_us = 2000000,
		.rules = {.min_impact = (enum impact)(flags >> 2 & 1), .strict = flags >> 3 & 1},
		.only = zones,
		.only_count = sizeof(zones) / sizeof(zones[0]) - (flags >> 4 & 1u),
		.fleet = fleet,
		.all_results = true,
		.stop = &p->stop,
		.on_result = on_result,
		.on_note = on_note,
		.arg = p,
	};
	p->net.no_lookups = (flags >> 5) == 7;
	p->net.window = flags >> 6 ? 256 : 3;
}

static void play(struct play *p, uint8_t stop_at)
{
	int64_t begun_us = p->net.now_us, most_us = p->config.fleet ? FLEET_WAITS_US : PERSON_WAITS_US;
	int64_t until_us = begun_us + (stop_at ? stop_at * 10000 : most_us);
	struct check_totals totals;
	struct error err;
	struct run *r;
	int e;
	if (check_run_new(&p->config, &p->net.network, next_target, p, p->target_count, p->net.now_us, p->net.wall_ms,
			  &r, &err) < 0)
		abort();
	e = scripted_run(&p->net, r, until_us);
	if (e == 0 && stop_at) {
		p->stop = 1;
		e = scripted_run(&p->net, r, p->net.now_us + 1);
	}
	if (e != 1)
		abort(); /* it should have ended */
	for (size_t i = 0; i < r->lane_count; i++)
		for (int s = 0; s < STAGE_COUNT; s++)
			if (r->lanes[i].pending[s] > QUESTIONS_MAX)
				abort(); /* counted below nothing */
	check_run_free(r, &totals);
	if (!p->stop && (p->result_count != p->target_count || totals.interrupted))
		abort();
	if (totals.targets != p->result_count || totals.queries > p->questions)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct endpoint system[2] = {
		{.addr = {.family = 4, .octets = {192, 0, 2, 53}}, .port = 53},
		{.addr = {.family = 4, .octets = {192, 0, 2, 54}}, .port = 53},
	};
	struct play *p = calloc(1, sizeof(*p));
	struct error err;
	uint8_t stop_at;
	if (!p || size < HEAD) {
		free(p);
		return 0;
	}
	p->input = span_of(data, size);
	p->arena = arena_make(1 << 20);
	scripted_init(&p->net, answer, p);
	configure(p, system);
	stop_at = octet(p);
	p->config.seed = octet(p);
	if (store_open(NULL, &p->config.store, &err) < 0)
		abort();
	play(p, stop_at);
	store_free(p->config.store);
	scripted_release(&p->net);
	arena_release(&p->arena);
	free(p);
	return 0;
}
