/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/loop.h"

enum { MS = 1000 };

/* A source with a pipe, and what came of it. */
struct one {
	struct loop_source source;
	struct loop *loop;
	struct one *other;
	int writer;
	int steps, stop_at; /* stop_at: loop_stop() at so many; 0: never */
	int64_t first_us, last_us;
	char got[16];
};

static void counted(struct one *o, int64_t now_us)
{
	o->first_us = o->steps++ ? o->first_us : now_us;
	o->last_us = now_us;
	if (o->steps == o->stop_at)
		loop_stop(o->loop);
}

static void count(struct loop_source *source, int64_t now_us)
{
	counted(source->owner, now_us);
}

static struct loop *loop(void)
{
	struct loop *l;
	assert_int_equal(loop_new(&l), 0);
	return l;
}

static struct one make(struct loop *l, void (*step)(struct loop_source *source, int64_t now_us))
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	return (struct one){
		.source = {.fd = fds[0], .events = LOOP_READ, .deadline_us = LOOP_NEVER, .step = step},
		.loop = l,
		.writer = fds[1],
	};
}

static void add(struct one *o)
{
	o->source.owner = o;
	assert_int_equal(loop_add(o->loop, &o->source), 0);
}

static void end(struct one *o)
{
	loop_remove(&o->source);
	if (o->source.fd >= 0)
		close(o->source.fd);
	if (o->writer >= 0)
		close(o->writer);
}

static void ready(struct one *o)
{
	assert_int_equal(write(o->writer, "x", 1), 1);
}

static void read_to_the_end(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner;
	size_t len = strlen(o->got);
	ssize_t n = read(source->fd, o->got + len, sizeof(o->got) - 1 - len);
	counted(o, now_us);
	if (n == 0)
		loop_stop(o->loop);
}

static void a_descriptor_is_stepped_when_it_is_ready(void **state)
{
	struct loop *l = loop();
	struct one o = make(l, read_to_the_end);
	(void)state;
	add(&o);
	assert_int_equal(write(o.writer, "ab", 2), 2);
	close(o.writer);
	o.writer = -1;
	assert_int_equal(loop_run(l), 0);
	assert_string_equal(o.got, "ab");
	assert_int_equal(o.steps, 2);
	end(&o);
	loop_free(l);
}

/* Each at its own time, and the earlier one first. */
static void deadlines_come_in_their_order(void **state)
{
	struct loop *l = loop();
	struct one late = make(l, count), early = make(l, count);
	int64_t now_us = loop_now_us(l);
	(void)state;
	late.source.deadline_us = now_us + 30 * MS;
	late.stop_at = 1;
	early.source.deadline_us = now_us + 10 * MS;
	early.stop_at = 1;
	add(&late);
	add(&early);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(early.steps, 1);
	assert_int_equal(late.steps, 0);
	assert_true(early.first_us >= early.source.deadline_us);
	loop_remove(&early.source);
	assert_int_equal(loop_run(l), 0);
	assert_true(late.first_us >= late.source.deadline_us);
	end(&late);
	end(&early);
	loop_free(l);
}

static void set_the_next(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner;
	counted(o, now_us);
	source->deadline_us = o->steps < 3 ? now_us + 2 * MS : LOOP_NEVER;
}

static void a_step_sets_the_next_deadline(void **state)
{
	struct loop *l = loop();
	struct one o = {.source = {.fd = -1, .step = set_the_next}, .loop = l, .writer = -1};
	(void)state;
	add(&o);
	assert_int_equal(loop_run(l), 0); /* until it waits for nothing any more */
	assert_int_equal(o.steps, 3);
	assert_true(o.last_us - o.first_us >= 4 * MS);
	end(&o);
	loop_free(l);
}

static void leave(struct loop_source *source, int64_t now_us)
{
	counted(source->owner, now_us);
	loop_remove(source);
}

static void none_left_ends_the_run(void **state)
{
	struct loop *l = loop();
	struct one a = make(l, leave), b = make(l, leave);
	(void)state;
	assert_int_equal(loop_run(l), 0);
	add(&a);
	add(&b);
	ready(&a);
	ready(&b);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(a.steps + b.steps, 2);
	end(&a);
	end(&b);
	loop_free(l);
}

static void remove_the_other(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner;
	counted(o, now_us);
	loop_remove(&o->other->source);
	loop_stop(o->loop);
}

/* Both are ready, and whichever comes first takes the other away. */
static void one_that_was_removed_is_not_stepped(void **state)
{
	struct loop *l = loop();
	struct one a = make(l, remove_the_other), b = make(l, remove_the_other);
	(void)state;
	a.other = &b;
	b.other = &a;
	add(&a);
	add(&b);
	ready(&a);
	ready(&b);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(a.steps + b.steps, 1);
	end(&a);
	end(&b);
	loop_free(l);
}

static void release_itself(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner;
	(void)now_us;
	end(o);
	free(o);
}

static void a_step_may_release_its_own_memory(void **state)
{
	struct loop *l = loop();
	struct one *o = calloc(1, sizeof(*o));
	(void)state;
	assert_non_null(o);
	*o = make(l, release_itself);
	add(o);
	ready(o);
	assert_int_equal(loop_run(l), 0);
	loop_free(l);
}

/* Three that never rest, one whose time comes, one that is ready once: each gets its turn. */
static void none_is_starved(void **state)
{
	struct loop *l = loop();
	struct one busy[3], timer = make(l, count), once = make(l, count);
	(void)state;
	for (size_t i = 0; i < 3; i++)
		busy[i] = make(l, count);
	for (size_t i = 0; i < 3; i++) {
		add(&busy[i]);
		ready(&busy[i]); /* and nobody reads it */
	}
	once.stop_at = 1;
	add(&once);
	ready(&once);
	assert_int_equal(loop_run(l), 0);
	for (size_t i = 0; i < 3; i++)
		assert_in_range(busy[i].steps, 0, 1);
	loop_remove(&once.source);
	timer.source.deadline_us = loop_now_us(l) + 5 * MS;
	timer.stop_at = 1;
	add(&timer);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(timer.steps, 1);
	assert_true(timer.first_us - timer.source.deadline_us < 1000 * MS);
	for (size_t i = 0; i < 3; i++) {
		assert_in_range(busy[i].steps, busy[0].steps - 1, busy[0].steps + 1);
		assert_true(busy[i].steps > 1);
		end(&busy[i]);
	}
	end(&timer);
	end(&once);
	loop_free(l);
}

static void turn_to_the_other(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner;
	counted(o, now_us);
	if (o->steps == 1) {
		close(source->fd);
		source->fd = o->other->source.fd;
		o->other->source.fd = -1;
	}
}

static void a_step_may_turn_to_another_descriptor(void **state)
{
	struct loop *l = loop();
	struct one o = make(l, turn_to_the_other), other = make(l, count);
	(void)state;
	o.other = &other;
	o.stop_at = 2;
	add(&o);
	ready(&o);
	ready(&other);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(o.steps, 2);
	end(&o);
	end(&other);
	loop_free(l);
}

/* The other's descriptor becomes another of the same number. */
static void renew_the_other(struct loop_source *source, int64_t now_us)
{
	struct one *o = source->owner, *other = o->other;
	int number = other->source.fd, fds[2];
	counted(o, now_us);
	close(number);
	close(other->writer);
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	if (fds[0] != number) {
		assert_int_equal(dup3(fds[0], number, O_CLOEXEC), number);
		close(fds[0]);
	}
	other->writer = fds[1];
	assert_int_equal(loop_update(&other->source), 0);
	source->deadline_us = LOOP_NEVER;
}

static void one_that_anothers_step_renewed_is_waited_for(void **state)
{
	struct loop *l = loop();
	struct one other = make(l, count);
	struct one o = {.source = {.fd = -1, .step = renew_the_other}, .loop = l, .writer = -1, .other = &other};
	(void)state;
	o.stop_at = 1;
	other.stop_at = 1;
	add(&other);
	add(&o);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(o.steps, 1);
	assert_int_equal(other.steps, 0);
	ready(&other);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(other.steps, 1);
	end(&o);
	end(&other);
	loop_free(l);
}

static void room_to_write_is_waited_for(void **state)
{
	struct loop *l = loop();
	struct one o = make(l, count);
	int reader = o.source.fd;
	(void)state;
	o.source.fd = o.writer;
	o.source.events = LOOP_WRITE;
	o.stop_at = 1;
	add(&o);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(o.steps, 1);
	loop_remove(&o.source);
	o.source.fd = reader;
	end(&o);
	loop_free(l);
}

static void turn_to_nothing(struct loop_source *source, int64_t now_us)
{
	counted(source->owner, now_us);
	close(source->fd); /* and forgets to say so in source->fd, against the contract */
	source->events = LOOP_READ | LOOP_WRITE;
}

static void what_cannot_be_waited_for_is_an_error(void **state)
{
	struct loop *l = loop();
	struct one file = {.source = {.events = LOOP_READ, .deadline_us = LOOP_NEVER, .step = count}, .loop = l};
	struct one o = make(l, turn_to_nothing);
	(void)state;
	file.writer = -1;
	file.source.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_true(file.source.fd >= 0);
	assert_int_equal(loop_add(l, &file.source), -EPERM);
	end(&file);
	add(&o);
	ready(&o);
	assert_int_equal(loop_run(l), -EBADF);
	assert_int_equal(o.steps, 1);
	o.source.fd = -1;
	end(&o);
	loop_free(l);
}

static void sources_may_outlive_their_loop(void **state)
{
	struct loop *l = loop();
	struct one o = make(l, count);
	(void)state;
	add(&o);
	loop_free(l);
	end(&o);
	assert_int_equal(o.steps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_stepped_when_it_is_ready),
		cmocka_unit_test(deadlines_come_in_their_order),
		cmocka_unit_test(a_step_sets_the_next_deadline),
		cmocka_unit_test(none_left_ends_the_run),
		cmocka_unit_test(one_that_was_removed_is_not_stepped),
		cmocka_unit_test(a_step_may_release_its_own_memory),
		cmocka_unit_test(none_is_starved),
		cmocka_unit_test(a_step_may_turn_to_another_descriptor),
		cmocka_unit_test(one_that_anothers_step_renewed_is_waited_for),
		cmocka_unit_test(room_to_write_is_waited_for),
		cmocka_unit_test(what_cannot_be_waited_for_is_an_error),
		cmocka_unit_test(sources_may_outlive_their_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
