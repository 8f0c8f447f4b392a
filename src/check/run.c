/* SPDX-License-Identifier: BSD-2-Clause */
/* The run: blocks of targets through all lanes, one loop that sends, waits, judges and reports. */
#include "check/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum {
	SMALL_TARGETS = 16, /* so few targets are asked beside the test points */
	TICK_US = 50000,    /* timers of lanes and the stop flag are looked at this often */
	PROGRESS_US = 100000,
	PROGRESS_SMALL_US = 20000, /* a person waits for a few lists: each one counts at once */
	BLOCK_ARENA_OCTETS = 64 << 20,
};

int run_resolver(struct run *r)
{
	struct error err;
	if (r->resolver)
		return 0;
	if (r->resolver_failed)
		return -ENETDOWN;
	if (resolver_new(&r->config->recursion, &r->resolver, &err) < 0) {
		r->resolver_failed = true;
		r->config->on_note(r->config->arg, err.text);
		return -ENETDOWN;
	}
	return 0;
}

static int add_system(struct run *r, const struct endpoint *at)
{
	const struct bulk_server server = {.at = *at, .recursive = true};
	struct route *route = &r->system_route;
	int e;
	if (route->count == ROUTE_SERVERS)
		return 0;
	e = bulk_server(r->bulk, &server, &route->server[route->count]);
	if (e == 0)
		route->count++;
	return e;
}

int run_open(const struct check_config *config, struct run *r, struct error *err)
{
	const struct bulk_config bulk = {.budget_us = config->budget_us, .on_answer = run_answer, .arg = r};
	char text[ENDPOINT_TEXT_SIZE] = "none";
	int e;
	*r = (struct run){.config = config, .block_arena = arena_make(BLOCK_ARENA_OCTETS)};
	r->now_us = r->begun_us = clock_mono_us();
	r->wall_ms = clock_wall_ms();
	e = bulk_new(&bulk, &r->bulk);
	if (e < 0)
		return error_set(err, e, "out of memory");
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
	if (e < 0)
		return error_set(err, e, "cannot use the resolver %s", text);
	snprintf(r->system_text, sizeof(r->system_text), "system %s", text);
	e = lanes_make(r);
	return e < 0 ? error_set(err, e, "cannot prepare the lists") : 0;
}

void run_close(struct run *r)
{
	purses_close(r);
	r->resolver = resolver_free(r->resolver);
	r->bulk = bulk_free(r->bulk);
	arena_release(&r->block_arena);
	free(r->lanes);
	free(r->purses);
	free(r->targets);
	free(r->subjects);
	free(r->order);
	free(r->kept);
	free(r->cells);
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
		if (l->final)
			continue;
		lane_ask(l);
		if (l->touched || tick || l->starved) {
			lane_step(l);
			if (!l->final)
				lane_ask(
					l); /* the step may have opened the way for texts, or for the list's own servers */
		}
		if (l->settled && !l->reported) {
			l->reported = true;
			results_lane(l);
		}
		r->unsettled += !l->final;
		r->waiting += !l->settled;
	}
}

static void wait_for_answers(struct run *r, int64_t tick_at)
{
	int fd = r->resolver ? resolver_fd(r->resolver) : -1;
	int e = bulk_wait(r->bulk, fd, tick_at);
	if (e == 1)
		resolver_process(r->resolver);
	else if (e < 0 && e != -EINTR)
		r->error = e;
	r->now_us = clock_mono_us();
}

void run_work(struct run *r)
{
	int64_t tick_at = r->now_us;
	bool tick;
	r->block_begun_us = r->now_us;
	purse_lease_all(r);
	for (;;) {
		tick = r->now_us >= tick_at;
		if (tick) {
			tick_at = r->now_us + TICK_US;
			r->wall_ms = clock_wall_ms();
		}
		round_lanes(r, tick);
		if (guilt_settle(r)) /* lanes wait for it */
			round_lanes(r, true);
		progress(r, false);
		if ((r->unsettled == 0 && !guilt_waits(r)) || r->error)
			break;
		if (*r->config->stop) {
			for (size_t i = 0; i < r->lane_count; i++)
				lane_interrupt(&r->lanes[i]);
			r->totals.interrupted = true;
			break;
		}
		wait_for_answers(r, tick_at);
	}
	guilt_now(r);
	progress(r, true);
	r->generation++;
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

static int block_read(struct run *r, size_t size, check_source_fn *source, void *source_arg)
{
	int e = 0;
	r->target_count = 0;
	r->kept_count = 0;
	arena_release(&r->block_arena);
	while (r->target_count < size && !*r->config->stop) {
		struct target *t = &r->targets[r->target_count];
		e = source(source_arg, t);
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

static int block_room(struct run *r, size_t size)
{
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

static void block_work(struct run *r)
{
	r->small = !r->config->fleet && r->target_count <= SMALL_TARGETS;
	memset(r->rows_by_status, 0, sizeof(r->rows_by_status));
	for (size_t i = 0; i < r->lane_count; i++) {
		r->lanes[i].reported = false;
		lane_begin(&r->lanes[i]);
	}
	run_work(r);
}

/* A fingerprint of what is asked about what, so that --resume continues only the same sweep (FNV-1a). */
static uint64_t digest_add(uint64_t digest, const char *text)
{
	for (; *text; text++)
		digest = (digest ^ (uint8_t)*text) * 0x100000001b3u;
	return (digest ^ '\n') * 0x100000001b3u;
}

static void digest_make(const struct run *r, uint64_t count, size_t size, char text[24])
{
	uint64_t digest = 0xcbf29ce484222325u ^ count ^ (uint64_t)size << 40;
	for (size_t i = 0; i < r->own_count; i++)
		digest = digest_add(digest, r->lanes[i].list->zone);
	for (size_t t = 0; t < r->target_count; t++)
		digest = digest_add(digest, r->targets[t].text);
	snprintf(text, 24, "%016llx", (unsigned long long)digest);
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

static void totals_save(struct run *r, const char *digest, int64_t blocks)
{
	struct buf text = buf_make(1024);
	const struct check_totals *t = &r->totals;
	struct error ignored;
	buf_printf(&text, "%llu %llu %llu %llu %llu", (unsigned long long)t->targets, (unsigned long long)t->listed,
		   (unsigned long long)t->clear, (unsigned long long)t->unknown, (unsigned long long)t->queries);
	for (int i = 0; i < STATUS_COUNT; i++)
		buf_printf(&text, " %llu", (unsigned long long)t->by_status[i]);
	store_sweep_put(r->config->store, digest, r->wall_ms, blocks, buf_span(&text), &ignored);
	buf_release(&text);
}

/* With --resume: how many blocks of this very sweep were finished before. */
static int64_t blocks_done_before(struct run *r, const char *digest)
{
	struct buf text = buf_make(1024);
	struct error ignored;
	int64_t done = 0;
	if (r->config->resume && store_sweep_get(r->config->store, digest, &done, &text, &ignored) == 0) {
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
static void sweep_forget(struct run *r, const char *digest)
{
	struct error ignored;
	if (digest[0] && !r->totals.interrupted && !*r->config->stop)
		store_sweep_drop(r->config->store, digest, &ignored);
}

static int run_blocks(struct run *r, check_source_fn *source, void *source_arg, uint64_t count)
{
	size_t size = block_size(r);
	int64_t skip = 0, number = 0;
	char digest[24] = "";
	int e = block_room(r, size);
	r->queries_expected = count * r->own_count;
	while (e == 0 && !r->totals.interrupted) {
		e = block_read(r, size, source, source_arg);
		if (e < 0 || r->target_count == 0)
			break;
		if (number == 0 && r->config->fleet) {
			digest_make(r, count, size, digest);
			skip = blocks_done_before(r, digest);
		}
		if (number++ < skip)
			continue;
		block_work(r);
		if (r->error)
			return r->error;
		results_block(r);
		if (digest[0] && !r->totals.interrupted)
			totals_save(r, digest, number);
		r->now_us = clock_mono_us();
	}
	if (e == 0)
		sweep_forget(r, digest);
	return e;
}

int check_run(const struct check_config *config, check_source_fn *source, void *source_arg, uint64_t count,
	      struct check_totals *ret_totals, struct error *err)
{
	struct run *r = calloc(1, sizeof(*r));
	int e;
	if (!r)
		return error_set(err, -ENOMEM, "out of memory");
	e = run_open(config, r, err);
	if (e == 0) {
		e = run_blocks(r, source, source_arg, count);
		if (e < 0)
			error_set(err, e, "the run broke off: %s", strerror(-e));
	}
	r->totals.queries += r->queries;
	r->totals.interrupted = r->totals.interrupted || *config->stop;
	*ret_totals = r->totals;
	run_close(r);
	free(r);
	return e;
}
