/* SPDX-License-Identifier: BSD-2-Clause */
/* The run: blocks of targets through all lanes, a step at a time: ask, judge, report, say when to come again. */
#include "check/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SMALL_TARGETS = 16, /* so few targets are asked beside the test points */
	TICK_US = 50000,    /* a person waits: so often all lanes are looked at, whatever else happens */
	PROGRESS_US = 100000,
	PROGRESS_SMALL_US = 20000, /* a person waits for a few lists: each one counts at once */
	BLOCK_ARENA_OCTETS = 64 << 20,
};

int run_lookups(struct run *r)
{
	struct error err;
	if (r->lookups_failed)
		return -ENETDOWN;
	if (r->network->lookups(r->network->arg, &err) == 0)
		return 0;
	r->lookups_failed = true;
	r->config->on_note(r->config->arg, err.text);
	return -ENETDOWN;
}

static int add_system(struct run *r, const struct endpoint *at)
{
	const struct bulk_server server = {.at = *at, .recursive = true};
	struct route *route = &r->system_route;
	int e;
	if (route->count == ROUTE_SERVERS)
		return 0;
	e = r->network->server(r->network->arg, &server, &route->server[route->count]);
	if (e == 0)
		route->count++;
	return e;
}

static int open_routes(struct run *r, struct error *err)
{
	const struct check_config *config = r->config;
	char text[ENDPOINT_TEXT_SIZE] = "none";
	int e = 0;
	if (config->mode == CHECK_GIVEN) {
		e = add_system(r, &config->given);
		endpoint_text(&config->given, text);
		snprintf(r->given_text, sizeof(r->given_text), "%s", text);
	} else if (config->mode != CHECK_DIRECT) {
		for (size_t i = 0; i < config->system_count && e == 0; i++)
			e = add_system(r, &config->system[i]);
		if (config->system_count)
			endpoint_text(&config->system[0], text);
	}
	snprintf(r->system_text, sizeof(r->system_text), "system %s", text);
	return e < 0 ? error_set(err, e, "cannot use the resolver %s", text) : 0;
}

int run_open(const struct check_config *config, const struct dns_network *network, int64_t now_us, int64_t wall_ms,
	     struct run **ret_run, struct error *err)
{
	struct run *r = calloc(1, sizeof(*r));
	int e;
	if (!r)
		return error_set(err, -ENOMEM, "out of memory");
	*r = (struct run){.config = config,
			  .network = network,
			  .block_arena = arena_make(BLOCK_ARENA_OCTETS),
			  .now_us = now_us,
			  .begun_us = now_us,
			  .timer_at_us = now_us,
			  .wall_ms = wall_ms};
	network->listen(network->arg, run_answer, r);
	e = open_routes(r, err);
	if (e == 0) {
		e = lanes_make(r);
		if (e < 0)
			error_set(err, e, "cannot prepare the lists");
	}
	if (e < 0)
		check_run_free(r, NULL);
	else
		*ret_run = r;
	return e;
}

struct run *check_run_free(struct run *r, struct check_totals *ret_totals)
{
	if (!r)
		return NULL;
	r->network->listen(r->network->arg, NULL, NULL);
	r->totals.queries += r->queries;
	r->totals.interrupted = r->totals.interrupted || *r->config->stop;
	if (ret_totals)
		*ret_totals = r->totals;
	memory_save(r);
	purses_close(r);
	arena_release(&r->block_arena);
	free(r->lanes);
	free(r->purses);
	free(r->memories);
	free(r->notes);
	free(r->targets);
	free(r->subjects);
	free(r->order);
	free(r->kept);
	free(r->cells);
	free(r);
	return NULL;
}

static void progress(struct run *r, bool last)
{
	const struct check_config *c = r->config;
	struct check_progress p = {.done = r->queries_total, .total = r->queries_expected, .left_ms = -1};
	double seconds = (double)(r->now_us - r->begun_us) / 1e6;
	if (!c->on_progress || (!last && r->now_us < r->progress_at_us))
		return;
	r->progress_at_us = r->now_us + (r->small ? PROGRESS_SMALL_US : PROGRESS_US);
	p.per_second = seconds > 0 ? (double)p.done / seconds : 0;
	if (p.total > p.done && p.per_second > 0)
		p.left_ms = (int64_t)((double)(p.total - p.done) / p.per_second * 1000);
	p.waiting = r->waiting;
	p.clear = (uint32_t)r->rows_by_status[STATUS_CLEAR];
	p.listed = (uint32_t)r->rows_by_status[STATUS_LISTED];
	p.cannot_tell = (uint32_t)(r->rows_by_status[STATUS_REFUSED] + r->rows_by_status[STATUS_BROKEN] +
				   r->rows_by_status[STATUS_UNREACHABLE]);
	c->on_progress(c->arg, &p);
}

/* One round over the lanes: those with news or timers are judged, those with work ask. */
static void round_lanes(struct run *r, bool tick)
{
	r->unsettled = r->waiting = 0;
	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *l = &r->lanes[i];
		if (lane_final(l)) {
			if (l->second.todo) /* of others' making (guilt.c), and turned away before */
				second_ask(l);
			continue;
		}
		lane_ask(l);
		if (l->news || tick || l->supply == SUPPLY_WAITS) {
			lane_step(l);
			if (!lane_final(l))
				lane_ask(
					l); /* the step may have opened the way for texts, or for the list's own servers */
		}
		if (lane_settled(l) && l->rows_of != r->block) {
			l->rows_of = r->block;
			results_lane(l);
		}
		r->unsettled += !lane_final(l);
		r->waiting += !lane_settled(l);
	}
}

static int64_t sooner(int64_t at_us, int64_t timer_us, int64_t now_us)
{
	return timer_us > now_us && timer_us < at_us ? timer_us : at_us;
}

/* When is the next step due, if no answer comes before? */
static int64_t next_timer(const struct run *r)
{
	int64_t at = r->small ? r->tick_at_us : INT64_MAX;
	for (size_t i = 0; i < r->lane_count; i++)
		if (!lane_final(&r->lanes[i]))
			at = lane_timer(&r->lanes[i], at);
	at = sooner(at, r->block_begun_us + GUILT_PROOF_AFTER_US, r->now_us);
	if (r->config->on_progress)
		at = sooner(at, r->progress_at_us, r->now_us);
	return purses_timer(r, at);
}

void run_begin(struct run *r)
{
	r->block_begun_us = r->now_us;
	r->tick_at_us = r->timer_at_us = r->now_us;
	r->phase = RUN_ASKING;
	purses_begin(r);
}

static bool over(struct run *r)
{
	if ((r->unsettled == 0 && !guilt_waits(r)) || r->error)
		return true;
	if (!*r->config->stop)
		return false;
	for (size_t i = 0; i < r->lane_count; i++)
		lane_interrupt(&r->lanes[i]);
	r->totals.interrupted = true;
	return true;
}

/* @return true: all lanes are final. */
static bool step_lanes(struct run *r)
{
	bool tick = r->now_us >= r->tick_at_us || r->now_us >= r->timer_at_us;
	if (tick)
		r->tick_at_us = r->now_us + TICK_US;
	purses_fill(r);
	round_lanes(r, tick);
	if (purses_fill(r)) /* some lane found its purse empty */
		round_lanes(r, false);
	if (guilt_settle(r)) /* lanes wait for it */
		round_lanes(r, true);
	progress(r, false);
	if (!over(r)) {
		r->timer_at_us = next_timer(r);
		return false;
	}
	guilt_now(r);
	progress(r, true);
	r->generation++;
	return true;
}

/* The name that stands before a zone: reversed address, or the name itself. */
static int subject_make(const struct target *t, struct subject *s)
{
	static const struct dns_name root = {.len = 1, .wire = {0}};
	struct dns_name name;
	int e = t->addr.family ? dns_name_reverse(&t->addr, &root, &name)
		: t->name      ? dns_name_parse(span_str(t->name), &name)
			       : -EINVAL;
	s->len = 0;
	if (e == 0) {
		s->len = (uint8_t)(name.len - 1);
		memcpy(s->wire, name.wire, s->len);
	}
	return e;
}

/* Counting sort: equal lengths stand together. */
static void order_make(struct run *r)
{
	uint32_t starts[DNS_NAME_MAX + 2] = {0};
	for (size_t t = 0; t < r->target_count; t++)
		starts[r->subjects[t].len + 1u]++;
	for (size_t n = 1; n < DNS_NAME_MAX + 2; n++)
		starts[n] += starts[n - 1];
	for (size_t t = 0; t < r->target_count; t++)
		r->order[starts[r->subjects[t].len]++] = (uint32_t)t;
}

/* Of a fleet, what an interrupt finds unread is left to --resume; of targets that somebody named, each gets its answer. */
static int block_read(struct run *r)
{
	int e = 0;
	r->target_count = 0;
	r->kept_count = 0;
	arena_release(&r->block_arena);
	while (r->target_count < r->block_size && !(r->config->fleet && *r->config->stop)) {
		struct target *t = &r->targets[r->target_count];
		e = r->source(r->source_arg, t);
		if (e < 0)
			break;
		subject_make(t, &r->subjects[r->target_count]);
		r->target_count++;
	}
	order_make(r);
	return e == -ENOENT ? 0 : e;
}

static bool paced(const struct run *r)
{
	for (size_t i = 0; i < r->own_count; i++)
		if (r->lanes[i].purse)
			return true;
	return false;
}

static int block_room(struct run *r)
{
	size_t size = r->block_size;
	r->targets = calloc(size, sizeof(*r->targets));
	r->subjects = calloc(size, sizeof(*r->subjects));
	r->order = calloc(size, sizeof(*r->order));
	r->cells = calloc(size * (r->lane_count ? r->lane_count : 1), sizeof(*r->cells));
	if (!r->targets || !r->subjects || !r->order || !r->cells)
		return -ENOMEM;
	for (size_t i = 0; i < r->lane_count; i++)
		r->lanes[i].cells = r->cells + i * size;
	return 0;
}

static void block_begin(struct run *r)
{
	r->small = !r->config->fleet && r->target_count <= SMALL_TARGETS;
	memset(r->rows_by_status, 0, sizeof(r->rows_by_status));
	for (size_t i = 0; i < r->lane_count; i++)
		lane_begin(&r->lanes[i]);
	run_begin(r);
}

/* A fingerprint of what is asked about what, so that --resume continues only the same sweep (FNV-1a). */
static uint64_t digest_add(uint64_t digest, const char *text)
{
	for (; *text; text++)
		digest = (digest ^ (uint8_t)*text) * 0x100000001b3u;
	return (digest ^ '\n') * 0x100000001b3u;
}

static void digest_make(struct run *r)
{
	uint64_t digest = 0xcbf29ce484222325u ^ r->count ^ (uint64_t)r->block_size << 40;
	for (size_t i = 0; i < r->own_count; i++)
		digest = digest_add(digest, r->lanes[i].list->zone);
	for (size_t t = 0; t < r->target_count; t++)
		digest = digest_add(digest, r->targets[t].text);
	snprintf(r->digest, sizeof(r->digest), "%016llx", (unsigned long long)digest);
}

static void totals_load(struct check_totals *t, const char *text)
{
	unsigned long long v[5 + STATUS_COUNT] = {0};
	char *end = NULL;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++, text = end)
		v[i] = strtoull(text, &end, 10);
	t->targets = v[0], t->listed = v[1], t->clear = v[2], t->unknown = v[3], t->queries = v[4];
	for (int i = 0; i < STATUS_COUNT; i++)
		t->by_status[i] = v[5 + i];
}

static void totals_save(const struct run *r)
{
	struct buf text = buf_make(1024);
	const struct check_totals *t = &r->totals;
	struct error ignored;
	buf_printf(&text, "%llu %llu %llu %llu %llu", (unsigned long long)t->targets, (unsigned long long)t->listed,
		   (unsigned long long)t->clear, (unsigned long long)t->unknown, (unsigned long long)t->queries);
	for (int i = 0; i < STATUS_COUNT; i++)
		buf_printf(&text, " %llu", (unsigned long long)t->by_status[i]);
	store_sweep_put(r->config->store, r->digest, r->wall_ms, r->block, buf_span(&text), &ignored);
	buf_release(&text);
}

/* With --resume: how many blocks of this very sweep were finished before. */
static int64_t blocks_done_before(struct run *r)
{
	struct buf text = buf_make(1024);
	struct error ignored;
	int64_t done = 0;
	if (r->config->resume && store_sweep_get(r->config->store, r->digest, &done, &text, &ignored) == 0) {
		totals_load(&r->totals, buf_text(&text));
		r->totals.resumed = true;
	}
	buf_release(&text);
	return r->totals.resumed ? done : 0;
}

static size_t block_size(const struct run *r)
{
	return r->config->fleet && !paced(r) ? BLOCK_TARGETS : BLOCK_TARGETS_PACED;
}

/* A sweep that came to its end need not be remembered. */
static void sweep_forget(const struct run *r)
{
	struct error ignored;
	if (r->digest[0] && !r->totals.interrupted && !*r->config->stop)
		store_sweep_drop(r->config->store, r->digest, &ignored);
}

/* The next block that no earlier run has done. */
static int next_block(struct run *r)
{
	int e;
	do {
		e = r->totals.interrupted ? -ENOENT : block_read(r);
		if (e < 0 || r->target_count == 0) {
			r->phase = RUN_DONE;
			return e == -ENOENT ? 0 : e;
		}
		if (r->block == 0 && r->config->fleet) {
			digest_make(r);
			r->blocks_before = blocks_done_before(r);
		}
	} while (r->block++ < r->blocks_before);
	block_begin(r);
	return 0;
}

static void block_end(struct run *r)
{
	r->phase = RUN_BETWEEN;
	r->timer_at_us = r->now_us;
	results_block(r);
	if (r->digest[0] && !r->totals.interrupted)
		totals_save(r);
}

int check_run_new(const struct check_config *config, const struct dns_network *network, check_source_fn *source,
		  void *source_arg, uint64_t count, int64_t now_us, int64_t wall_ms, struct run **ret_run,
		  struct error *err)
{
	struct run *r;
	int e = run_open(config, network, now_us, wall_ms, &r, err);
	if (e < 0)
		return e;
	r->source = source;
	r->source_arg = source_arg;
	r->count = count;
	r->block_size = block_size(r);
	r->queries_expected = count * r->own_count;
	e = block_room(r);
	if (e < 0) {
		check_run_free(r, NULL);
		return error_set(err, e, "out of memory");
	}
	*ret_run = r;
	return 0;
}

int64_t check_run_deadline_us(const struct run *r)
{
	return r->timer_at_us;
}

int check_run_step(struct run *r, int64_t now_us, int64_t wall_ms)
{
	int e = 0;
	r->now_us = now_us;
	r->wall_ms = wall_ms;
	if (r->phase == RUN_BETWEEN)
		e = next_block(r);
	if (r->phase == RUN_ASKING && step_lanes(r) && !r->error)
		block_end(r);
	if (e == 0 && r->error)
		e = r->error;
	if (e < 0)
		return e;
	if (r->phase == RUN_DONE)
		sweep_forget(r);
	return r->phase == RUN_DONE;
}
