/* SPDX-License-Identifier: BSD-2-Clause */
/* What the MTA's own programs tell. */
#include <errno.h>

#include "mta/finder.h"
#include "net/loop.h"
#include "sys/program.h"

/* an MTA's program answers at once; one that does not must not hold up whoever waits for offlist */
enum { TIME_US = 5000000, OUTPUT_MAX = 256 * 1024, ERRORS_MAX = 1024 };

static void show(struct loop_source *source, const struct program *p)
{
	source->fd = program_fd(p);
	source->deadline_us = program_deadline_us(p);
}

static void step(struct loop_source *source, int64_t now_us)
{
	if (program_step(source->owner, now_us))
		loop_remove(source);
	else
		show(source, source->owner);
}

/* @return 0: it has ended, however */
static int run(struct loop *loop, const struct program_task *task, struct program **ret_program)
{
	struct loop_source source = {.events = LOOP_READ, .step = step};
	int r = program_start(task, loop_now_us(loop), ret_program);
	if (r < 0)
		return r;
	source.owner = *ret_program;
	show(&source, *ret_program);
	r = loop_add(loop, &source);
	if (r == 0)
		r = loop_run(loop);
	loop_remove(&source);
	return r;
}

/* @return 0 with its output, or what it failed for */
static int take_output(struct finder *f, const struct program *p, struct span *ret_output, struct error *why)
{
	const struct program_end *end = program_end(p);
	program_explain(p, why);
	if (end->error || end->status)
		return end->error ? end->error : -EIO;
	*ret_output = span_of(finder_copy(f, buf_span(&end->output)), f->error ? 0 : end->output.len);
	return f->error;
}

int finder_ask(struct finder *f, const char *const *argv, struct span *ret_output, struct error *why)
{
	const struct program_task task = {
		.argv = argv,
		.time_us = TIME_US,
		.output_max = OUTPUT_MAX,
		.errors_max = ERRORS_MAX,
		.trace = f->trace,
	};
	struct program *p = NULL;
	struct loop *loop = NULL;
	int r = loop_new(&loop);
	if (r == 0)
		r = run(loop, &task, &p);
	if (r == 0)
		r = take_output(f, p, ret_output, why);
	else
		error_set(why, r, "%s", strerrordesc_np(-r));
	program_free(p);
	loop_free(loop);
	return r;
}
