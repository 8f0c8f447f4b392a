/* SPDX-License-Identifier: BSD-2-Clause */
/* Replays: a script's lines, one after another. */
#include "replay.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check/reverse.h"
#include "replay_setup.h"

enum { LINE_MAX_OCTETS = 2048, ARENA_OCTETS = 256 << 20 };

int replay_fail(struct replay *p, const char *format, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return error_set(p->err, -EINVAL, "%s:%d: %s", p->path, p->line, text);
}

int replay_time(struct replay *p, const char *text, int64_t *ret_us)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", INT64_C(3600000000)}};
	char *unit;
	int64_t n = strtoll(text, &unit, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && unit != text; i++)
		if (strcmp(units[i].unit, unit) == 0) {
			*ret_us = n * units[i].us;
			return 0;
		}
	return replay_fail(p, "%s: no time; write 300ms, 2s, 5m or 3h", text);
}

const char *replay_value(char **words, size_t count, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i < count; i++)
		if (strncmp(words[i], key, n) == 0 && words[i][n] == '=')
			return words[i] + n + 1;
	return NULL;
}

static void forget_results(struct replay *p)
{
	while (p->results) {
		struct replay_result *r = p->results;
		while (r->rows) {
			struct replay_row *row = r->rows;
			r->rows = row->next;
			free(row);
		}
		p->results = r->next;
		free(r);
	}
	p->asked_count = p->asked_total = 0;
	p->fault[0] = '\0';
	buf_clear(&p->notes);
	buf_clear(&p->events);
}

static struct replay_result *add_result(struct replay *p, const char *target)
{
	struct replay_result *r = calloc(1, sizeof(*r));
	if (!r)
		abort();
	snprintf(r->target, sizeof(r->target), "%s", target);
	r->next = p->results;
	p->results = r;
	return r;
}

static void add_row(struct replay_result *result, const char *zone, enum status status, enum why why, const char *asked,
		    const char *more)
{
	struct replay_row *row = calloc(1, sizeof(*row));
	if (!row)
		abort();
	row->status = status;
	row->why = why;
	snprintf(row->zone, sizeof(row->zone), "%s", zone);
	snprintf(row->text, sizeof(row->text), "%s why=%s asked=%s%s", status_text(status),
		 why == STATUS_WHY_NONE ? "none" : status_why_text(why), asked ? asked : "none", more);
	row->next = result->rows;
	result->rows = row;
}

static void row_more(const struct check_row *row, struct buf *more)
{
	const struct finding *f = row->finding;
	char code[CODE_TEXT_SIZE];
	buf_printf(more, " impact=%s", impact_text(f->impact));
	for (size_t i = 0; i < f->reason_count; i++) {
		list_code_text(f->reasons[i].code, code);
		buf_printf(more, " code=%s scope=%s", code, scope_text(f->reasons[i].scope));
	}
	if (row->removed_until)
		buf_printf(more, " removed=%s", row->removed_until);
	for (size_t i = 0; i < row->txt_count; i++) {
		buf_add_str(more, " txt=");
		for (size_t k = 0; k < row->txt[i].len; k++)
			buf_add_char(more, row->txt[i].at[k] == ' ' ? '_' : (char)row->txt[i].at[k]);
	}
	if (row->latency_us >= 0)
		buf_add_str(more, " answered");
}

static void on_result(void *arg, const struct check_result *given)
{
	struct replay *p = arg;
	struct replay_result *r = add_result(p, given->target->text);
	r->verdict = given->verdict;
	r->monitor = verdict_nagios(&given->tally, given->only_neighbour);
	snprintf(r->via, sizeof(r->via), "%s", given->target->via ? given->target->via : "");
	snprintf(r->unaskable, sizeof(r->unaskable), "%s", given->unaskable ? given->unaskable : "");
	snprintf(r->fault, sizeof(r->fault), "%s", given->fault ? given->fault->kind : "none");
	for (size_t i = 0; i < given->row_count; i++) {
		const struct check_row *row = &given->rows[i];
		struct buf more = buf_make(4096);
		row_more(row, &more);
		add_row(r, row->list->zone, row->finding->status, row->finding->why, row->asked, buf_text(&more));
		buf_release(&more);
	}
}

static void on_fault(void *arg, const struct check_fault *fault)
{
	struct replay *p = arg;
	snprintf(p->fault, sizeof(p->fault), "%s", fault->kind);
}

static void on_note(void *arg, const char *line)
{
	struct replay *p = arg;
	buf_printf(&p->notes, "%s\n", line);
}

static void on_event(void *arg, struct span line)
{
	struct replay *p = arg;
	buf_add(&p->events, line);
	buf_add_char(&p->events, '\n');
}

static void on_health(void *arg, const struct check_health *h)
{
	struct replay *p = arg;
	add_row(p->results ? p->results : add_result(p, "health"), h->list->zone, h->status, h->why, h->asked,
		h->latency_us >= 0 ? " answered" : "");
}

static int next_target(void *arg, struct target *ret_target)
{
	struct replay *p = arg;
	if (p->next_target == p->target_count)
		return -ENOENT;
	*ret_target = p->targets[p->next_target++];
	return 0;
}

static int begin(struct replay *p)
{
	struct error err = {{0}};
	int e = replay_prepare(p);
	if (e < 0 || p->run)
		return e;
	forget_results(p);
	p->next_target = 0;
	p->ended = false;
	e = p->health ? check_health_new(&p->config, &p->net.network, p->net.now_us, p->net.wall_ms, &p->run, &err)
		      : check_run_new(&p->config, &p->net.network, next_target, p, p->target_count, p->net.now_us,
				      p->net.wall_ms, &p->run, &err);
	p->begun_us = p->net.now_us;
	return e < 0 ? replay_fail(p, "%s", err.text) : 0;
}

static int end(struct replay *p)
{
	if (p->health)
		check_health_report(p->run, on_health, p);
	p->run = check_run_free(p->run, &p->totals);
	scripted_release(&p->net);
	p->ended = true;
	p->took_us = p->net.now_us - p->begun_us;
	return 0;
}

/* run: to the end; run 300ms: for so long; health: the same without targets */
static int run(struct replay *p, char **words, size_t count)
{
	int64_t for_us = 0;
	int e;
	p->health = p->run ? p->health : strcmp(words[0], "health") == 0;
	e = begin(p);
	if (e == 0 && count > 1)
		e = replay_time(p, words[1], &for_us);
	if (e < 0)
		return e;
	e = scripted_run(&p->net, p->run, count > 1 ? p->net.now_us + for_us : INT64_MAX);
	if (e < 0)
		return replay_fail(p, "the run ended with %s", strerror(-e));
	return e == 1 ? end(p) : 0;
}

static int pass(struct replay *p, char **words, size_t count)
{
	int64_t us;
	int e = count == 2 ? replay_time(p, words[1], &us) : replay_fail(p, "pass TIME");
	if (e == 0)
		scripted_pass(&p->net, p->net.now_us + us);
	return e;
}

static int stop(struct replay *p, char **words, size_t count)
{
	p->stop = 1;
	return 0;
}

/* expand [mx]: the targets and what follows from them */
static int expand(struct replay *p, char **words, size_t count)
{
	enum { MORE = 64 };
	struct target *all = calloc(p->target_count + MORE, sizeof(*all));
	struct expansion *x = NULL;
	int n = replay_prepare(p);
	if (n == 0)
		n = all ? check_expand_new(&p->config, &p->net.network, p->targets, p->target_count, count > 1,
					   p->net.now_us, &x)
			: -ENOMEM;
	while (n == 0 && !check_expand_step(x, p->net.now_us)) {
		int64_t next = scripted_next_us(&p->net), due = check_expand_deadline_us(x);
		scripted_pass(&p->net, next < due ? next : due);
	}
	if (n == 0)
		n = check_expand_targets(x, &p->arena, all, p->target_count + MORE, &p->incomplete);
	check_expand_free(x);
	scripted_release(&p->net);
	if (n < 0) {
		free(all);
		return replay_fail(p, "expanding: %s", strerror(-n));
	}
	free(p->targets);
	p->targets = all;
	p->target_size = p->target_count + MORE;
	p->target_count = (size_t)n;
	return 0;
}

static const struct {
	const char *word;
	int (*act)(struct replay *p, char **words, size_t count);
} actions[] = {
	{"list", replay_list},
	{"operator", replay_operator},
	{"config", replay_config},
	{"targets", replay_targets},
	{"answer", replay_answer},
	{"entry", replay_entry},
	{"kept", replay_kept},
	{"run", run},
	{"health", run},
	{"pass", pass},
	{"stop", stop},
	{"expand", expand},
	{"expect", replay_expect},
};

static int act(struct replay *p, char *line)
{
	char *words[REPLAY_WORDS_MAX], *rest = NULL;
	size_t count = 0;
	for (char *word = strtok_r(line, " \t\r\n", &rest); word && word[0] != '#';
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		if (count == REPLAY_WORDS_MAX)
			return replay_fail(p, "too many words");
		words[count++] = word;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]) && count; i++)
		if (strcmp(actions[i].word, words[0]) == 0)
			return actions[i].act(p, words, count);
	return count ? replay_fail(p, "%s: no such line", words[0]) : 0;
}

static int play(struct replay *p, FILE *f)
{
	char line[LINE_MAX_OCTETS];
	int e = 0;
	while (e == 0 && fgets(line, sizeof(line), f)) {
		p->line++;
		e = act(p, line);
	}
	return e;
}

static void remove_lists(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

static void release(struct replay *p)
{
	check_run_free(p->run, NULL);
	scripted_release(&p->net);
	forget_results(p);
	store_free(p->store);
	catalogue_free(p->catalogue);
	remove_lists(p->lists_dir);
	buf_release(&p->records);
	buf_release(&p->notes);
	buf_release(&p->events);
	arena_release(&p->arena);
	free(p->rules);
	free(p->asked);
	free(p->targets);
	free(p->skip);
	free(p);
}

static void defaults(struct replay *p)
{
	p->arena = arena_make(ARENA_OCTETS);
	p->records = buf_make(1 << 16);
	p->notes = buf_make(1 << 16);
	p->events = buf_make(64 << 20);
	p->trace = (struct trace){.write = on_event, .arg = p};
	p->rules = calloc(REPLAY_RULES_MAX, sizeof(*p->rules));
	p->asked = calloc(REPLAY_ASKED_MAX, sizeof(*p->asked));
	if (!p->rules || !p->asked)
		abort();
	p->system[0] = (struct endpoint){.addr = {.family = 4, .octets = {192, 0, 2, 53}}, .port = 53};
	p->config = (struct check_config){
		.system = p->system,
		.system_count = 1,
		.budget_us = 2000000,
		.rules = {.min_impact = IMPACT_MEDIUM},
		.seed = 1,
		.stop = &p->stop,
		.on_result = on_result,
		.on_fault = on_fault,
		.on_note = on_note,
		.arg = p,
		.trace = &p->trace,
	};
	scripted_init(&p->net, replay_reply, p);
}

int replay_file(const char *path, struct error *err)
{
	struct replay *p = calloc(1, sizeof(*p));
	FILE *f = fopen(path, "r");
	int e;
	if (!p || !f) {
		free(p);
		if (f)
			fclose(f);
		return error_set(err, -ENOENT, "%s: cannot be read", path);
	}
	p->path = path;
	p->err = err;
	defaults(p);
	snprintf(p->lists_dir, sizeof(p->lists_dir), "/tmp/offlist-replay-XXXXXX");
	e = mkdtemp(p->lists_dir) ? play(p, f) : replay_fail(p, "no folder in /tmp");
	fclose(f);
	release(p);
	return e;
}
