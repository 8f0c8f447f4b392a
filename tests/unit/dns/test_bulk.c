/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lateness.h"
#include "peer.h"

enum { QUESTIONS_MAX = 20000 };

/* What came back, by tag. */
struct results {
	struct bulk *bulk;
	uint32_t server;
	uint8_t reported[QUESTIONS_MAX], outcome[QUESTIONS_MAX], tries[QUESTIONS_MAX];
	uint32_t a[QUESTIONS_MAX];
	size_t total;
	uint32_t latency_max_us;
};

static void on_answer(void *arg, const struct bulk_answer *answer)
{
	struct results *r = arg;
	assert_true(answer->tag < QUESTIONS_MAX);
	assert_int_equal(answer->server, r->server);
	r->reported[answer->tag]++;
	r->outcome[answer->tag] = (uint8_t)answer->outcome;
	r->tries[answer->tag] = answer->tries;
	r->a[answer->tag] = answer->a_count ? answer->a[0] : 0;
	if (answer->latency_us > r->latency_max_us)
		r->latency_max_us = answer->latency_us;
	r->total++;
}

static struct results *results_new(const struct endpoint *at, bool recursive, struct bulk_config config)
{
	struct results *r = calloc(1, sizeof(*r));
	const struct bulk_server server = {.at = *at, .recursive = recursive};
	assert_non_null(r);
	config.on_answer = on_answer;
	config.arg = r;
	assert_int_equal(bulk_new(&config, &r->bulk), 0);
	assert_int_equal(bulk_server(r->bulk, &server, &r->server), 0);
	return r;
}

static void results_free(struct results *r)
{
	bulk_free(r->bulk);
	free(r);
}

static int ask(struct results *r, uint32_t n)
{
	struct dns_name name;
	char text[40];
	struct bulk_question q = {.server = r->server, .type = DNS_A, .name = &name, .tag = n};
	snprintf(text, sizeof(text), "%u.bl.example", n);
	assert_int_equal(dns_name_parse(span_str(text), &name), 0);
	return bulk_ask(r->bulk, &q, clock_mono_us());
}

/* Ask 0 .. count-1, wait for all. @return how long it took */
static int64_t ask_all(struct results *r, uint32_t count)
{
	int64_t start = clock_mono_us();
	uint32_t next = 0;
	while (r->total < count) {
		int e = 0;
		while (next < count && e == 0) {
			e = ask(r, next);
			next += e == 0;
		}
		assert_true(e == 0 || e == -EAGAIN);
		assert_int_equal(bulk_wait(r->bulk, clock_mono_us() + 1000000), 0);
		assert_true(clock_mono_us() - start < 60000000);
	}
	assert_int_equal(bulk_in_flight(r->bulk), 0);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(r->reported[i], 1);
	return clock_mono_us() - start;
}

static void assert_right(const struct results *r, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(r->outcome[i], i % 2 ? DNS_ANSWER : DNS_NXDOMAIN);
		assert_int_equal(r->a[i], i % 2 ? 0x7f000002 : 0);
	}
}

static void assert_all(const struct results *r, uint32_t count, enum dns_outcome outcome)
{
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(r->outcome[i], outcome);
}

/* One run against a server of that script. @return results, to be freed */
static struct results *run(const struct peer_script *script, uint32_t count, struct bulk_config config,
			   int64_t *ret_took_us, struct bulk_stats *ret_stats)
{
	struct peer p;
	struct results *r;
	int64_t took;
	peer_start(&p, "127.0.0.1", script);
	r = results_new(&p.at, true, config);
	took = ask_all(r, count);
	if (ret_took_us)
		*ret_took_us = took;
	if (ret_stats)
		*ret_stats = *bulk_stats(r->bulk);
	peer_stop(&p);
	return r;
}

static void all_questions_are_reported_once(void **state)
{
	struct bulk_stats stats;
	struct results *r = run(&(struct peer_script){0}, QUESTIONS_MAX, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, QUESTIONS_MAX);
	assert_int_equal(stats.asked, QUESTIONS_MAX);
	assert_int_equal(stats.answered, QUESTIONS_MAX);
	assert_int_equal(stats.timeouts, 0);
	results_free(r);
}

static void works_without_segments(void **state)
{
	struct results *r = run(&(struct peer_script){0}, 2000, (struct bulk_config){.no_segments = true}, NULL, NULL);
	assert_right(r, 2000);
	results_free(r);
}

static void works_over_ipv6(void **state)
{
	struct peer p;
	struct results *r;
	peer_start(&p, "::1", &(struct peer_script){0});
	r = results_new(&p.at, false, (struct bulk_config){0});
	ask_all(r, 500);
	assert_right(r, 500);
	results_free(r);
	peer_stop(&p);
}

static void loss_changes_no_outcome(void **state)
{
	struct bulk_stats stats;
	struct results *r = run(&(struct peer_script){.loss_percent = 30}, 100, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, 100);
	assert_true(stats.resent > 0);
	results_free(r);
}

static void doubles_are_ignored(void **state)
{
	struct bulk_stats stats;
	struct results *r = run(&(struct peer_script){.copies = 3}, 1000, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, 1000);
	assert_true(stats.spoofed > 1000);
	results_free(r);
}

/* Slower than the first resends: late and double answers, then resends stop. */
static void slow_servers_are_waited_for(void **state)
{
	struct bulk_stats stats;
	struct results *r = run(&(struct peer_script){.delay_us = 250000}, 400, (struct bulk_config){.window_max = 40},
				NULL, &stats);
	assert_right(r, 400);
	assert_true(stats.resent < 250); /* two each while it is not known, few afterwards */
	results_free(r);
}

static void forged_ids_lose(void **state)
{
	struct bulk_stats stats;
	struct results *r =
		run(&(struct peer_script){.wrong_id_first = true}, 500, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, 500);
	assert_true(stats.spoofed >= 490);
	results_free(r);
}

static void forged_questions_lose(void **state)
{
	struct bulk_stats stats;
	struct results *r =
		run(&(struct peer_script){.wrong_question_first = true}, 500, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, 500);
	assert_true(stats.spoofed >= 490);
	results_free(r);
}

static void truncated_answers_come_by_tcp(void **state)
{
	struct bulk_stats stats;
	struct results *r = run(&(struct peer_script){.truncated = true}, 100, (struct bulk_config){0}, NULL, &stats);
	assert_right(r, 100);
	assert_int_equal(stats.tcp, 100);
	results_free(r);
}

static void tcp_keeps_the_budget(void **state)
{
	int64_t took;
	struct results *r = run(&(struct peer_script){.truncated = true, .tcp_silent = true}, 20,
				(struct bulk_config){.budget_us = 500000}, &took, NULL);
	for (uint32_t i = 0; i < 20; i++)
		assert_true(r->outcome[i] == DNS_TIMEOUT || r->outcome[i] == DNS_NETWORK);
	assert_true(lateness_allows(took, 700000));
	results_free(r);
	r = run(&(struct peer_script){.truncated = true, .tcp_refuses = true}, 20, (struct bulk_config){0}, &took,
		NULL);
	assert_all(r, 20, DNS_NETWORK);
	assert_true(lateness_allows(took, 1500000));
	results_free(r);
}

static void errors_are_kept_apart(void **state)
{
	static const struct {
		unsigned int rcode;
		enum dns_outcome outcome;
		int64_t most_us;
		uint8_t tries;
	} rows[] = {{5, DNS_REFUSED, 90000, 1},
		    {1, DNS_FORMERR, 90000, 1},
		    {4, DNS_FORMERR, 90000, 1},
		    {2, DNS_SERVFAIL, 400000, 3}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t took;
		struct results *r =
			run(&(struct peer_script){.rcode = rows[i].rcode}, 10, (struct bulk_config){0}, &took, NULL);
		assert_all(r, 10, rows[i].outcome);
		assert_int_equal(r->tries[3], rows[i].tries);
		assert_true(lateness_allows(took, rows[i].most_us));
		results_free(r);
	}
}

static void a_passing_servfail_is_forgotten(void **state)
{
	struct results *r =
		run(&(struct peer_script){.rcode = 2, .rcode_tries = 1}, 20, (struct bulk_config){0}, NULL, NULL);
	assert_right(r, 20);
	results_free(r);
}

static void lame_servers_are_told(void **state)
{
	struct peer p;
	struct results *r;
	peer_start(&p, "127.0.0.1", &(struct peer_script){.no_authority = true});
	r = results_new(&p.at, false, (struct bulk_config){0});
	ask_all(r, 10);
	assert_all(r, 10, DNS_LAME);
	results_free(r);
	peer_stop(&p);
}

static void broken_answers_are_the_last_resort(void **state)
{
	int64_t took;
	struct results *r = run(&(struct peer_script){.malformed_once = true}, 20, (struct bulk_config){0}, NULL, NULL);
	assert_right(r, 20);
	results_free(r);
	r = run(&(struct peer_script){.malformed = true}, 5, (struct bulk_config){.budget_us = 400000}, &took, NULL);
	assert_all(r, 5, DNS_MALFORMED);
	assert_true(took >= 400000);
	results_free(r);
}

static void silence_lasts_the_budget(void **state)
{
	int64_t took;
	struct results *r = run(&(struct peer_script){.silent = true}, 200, (struct bulk_config){0}, &took, NULL);
	assert_all(r, 200, DNS_TIMEOUT);
	assert_true(took >= 2000000 && lateness_allows(took, 2100000 + 400000)); /* 200 do not fit the window at once */
	assert_true(r->tries[0] >= 12);
	results_free(r);
	r = run(&(struct peer_script){.silent = true}, 60, (struct bulk_config){0}, &took, NULL);
	assert_true(took >= 2000000 && lateness_allows(took, 2100000));
	results_free(r);
}

static void closed_ports_are_told(void **state)
{
	struct peer p;
	struct results *r;
	int64_t took;
	peer_start(&p, "127.0.0.1", &(struct peer_script){0});
	peer_stop(&p); /* its port is free now */
	r = results_new(&p.at, true, (struct bulk_config){0});
	took = ask_all(r, 70);
	assert_all(r, 70, DNS_NETWORK);
	assert_true(r->tries[0] >= 6 && lateness_allows(took, 1500000));
	results_free(r);
}

static void a_server_that_comes_back_is_heard(void **state)
{
	struct results *r = run(&(struct peer_script){.silent_tries = 4}, 20, (struct bulk_config){0}, NULL, NULL);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(r->outcome[i], i % 2 ? DNS_ANSWER : DNS_NXDOMAIN);
	results_free(r);
}

static void no_route_is_told(void **state)
{
	struct results *r;
	struct endpoint at;
	/* connect() itself is refused: a limited broadcast address */
	assert_int_equal(endpoint_parse(span_str("255.255.255.255:53"), 53, &at), 0);
	r = results_new(&at, true, (struct bulk_config){0});
	ask_all(r, 10);
	assert_all(r, 10, DNS_NETWORK);
	results_free(r);
}

static void a_full_window_says_so(void **state)
{
	struct peer p;
	struct results *r;
	uint32_t n = 0;
	int e;
	peer_start(&p, "127.0.0.1", &(struct peer_script){.silent = true});
	r = results_new(&p.at, true, (struct bulk_config){.window_max = 10, .budget_us = 100000});
	while ((e = ask(r, n)) == 0)
		n++;
	assert_int_equal(e, -EAGAIN);
	assert_int_equal(n, 10);
	assert_int_equal(bulk_in_flight(r->bulk), 10);
	while (r->total < 10)
		assert_int_equal(bulk_wait(r->bulk, clock_mono_us() + 1000000), 0);
	assert_int_equal(ask(r, n), 0);
	results_free(r); /* with a question in flight */
	r = results_new(&p.at, true, (struct bulk_config){.in_flight_max = 7});
	for (n = 0; (e = ask(r, n)) == 0; n++)
		;
	assert_int_equal(n, 7);
	results_free(r);
	peer_stop(&p);
}

/* So many in flight at one server that random ids meet all the time. */
static void ids_do_not_collide(void **state)
{
	struct peer p;
	struct results *r;
	uint32_t n = 0;
	peer_start(&p, "127.0.0.1", &(struct peer_script){0});
	r = results_new(&p.at, true, (struct bulk_config){.in_flight_max = QUESTIONS_MAX, .window_max = QUESTIONS_MAX});
	for (; n < 128; n++)
		assert_int_equal(ask(r, n), 0);
	while (r->total < 128)
		bulk_wait(r->bulk, clock_mono_us() + 1000000);
	ask_all(r, 0);
	for (; n < QUESTIONS_MAX; n++) {
		int e = ask(r, n);
		if (e == -EAGAIN && r->total < QUESTIONS_MAX)
			bulk_wait(r->bulk, clock_mono_us() + 1000000), n--;
	}
	while (r->total < QUESTIONS_MAX)
		bulk_wait(r->bulk, clock_mono_us() + 1000000);
	for (n = 0; n < QUESTIONS_MAX; n++)
		assert_int_equal(r->reported[n], 1);
	results_free(r);
	peer_stop(&p);
}

static void servers_are_told_apart(void **state)
{
	struct peer p;
	struct results *r;
	uint32_t again;
	struct bulk_server server;
	struct dns_name name;
	peer_start(&p, "127.0.0.1", &(struct peer_script){0});
	r = results_new(&p.at, true, (struct bulk_config){0});
	server = (struct bulk_server){.at = p.at, .recursive = true};
	assert_int_equal(bulk_server(r->bulk, &server, &again), 0);
	assert_int_equal(again, r->server);
	server.recursive = false;
	assert_int_equal(bulk_server(r->bulk, &server, &again), 0);
	assert_int_not_equal(again, r->server);
	assert_int_equal(dns_name_parse(span_str("a"), &name), 0);
	assert_int_equal(bulk_ask(r->bulk, &(struct bulk_question){.server = 9, .type = DNS_A, .name = &name}, 1),
			 -EINVAL);
	for (uint16_t port = 1; again < 4095; port++) {
		server.at.port = port;
		assert_int_equal(bulk_server(r->bulk, &server, &again), 0);
	}
	server.at.port = 65535;
	assert_int_equal(bulk_server(r->bulk, &server, &again), -ENOSPC);
	results_free(r);
	peer_stop(&p);
}

/* More servers than the process may have descriptors: idle sockets make room. */
static void descriptors_are_shared(void **state)
{
	struct peer p;
	struct results *r;
	struct rlimit old, low;
	peer_start(&p, "0.0.0.0", &(struct peer_script){.silent = true});
	r = results_new(&p.at, true, (struct bulk_config){.budget_us = 20000});
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)dup(0);
	close((int)low.rlim_cur);
	low.rlim_cur += 3; /* three sockets */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (uint32_t i = 0; i < 12; i++) {
		struct bulk_server server = {.at = p.at};
		server.at.addr = (struct addr){.family = 4, .octets = {127, 0, 0, (uint8_t)(i + 1)}};
		assert_int_equal(bulk_server(r->bulk, &server, &r->server), 0);
		assert_int_equal(ask(r, i), 0);
		while (!r->reported[i])
			assert_int_equal(bulk_wait(r->bulk, clock_mono_us() + 100000), 0);
		assert_int_equal(r->outcome[i], DNS_TIMEOUT);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	results_free(r);
	peer_stop(&p);
}

/* A dead server leaves the others their share, and the caller hears of room. */
static void a_dead_server_takes_a_part(void **state)
{
	struct peer dead, alive;
	struct results *r;
	struct bulk_server server;
	uint32_t n = 0, dead_server;
	int64_t start;
	peer_start(&dead, "127.0.0.1", &(struct peer_script){.silent = true});
	peer_start(&alive, "127.0.0.1", &(struct peer_script){0});
	r = results_new(&alive.at, true, (struct bulk_config){.in_flight_max = 400, .window_max = 40});
	server = (struct bulk_server){.at = dead.at, .recursive = true};
	assert_int_equal(bulk_server(r->bulk, &server, &dead_server), 0);
	r->server = dead_server;
	for (start = clock_mono_us(); clock_mono_us() < start + 1200000;) {
		while (ask(r, n) == 0)
			n++;
		assert_int_equal(bulk_wait(r->bulk, start + 1200000), 0);
	}
	assert_true(n > 80 && n < 180); /* a window and a fourth of all */
	r->server = dead_server - 1;
	assert_int_equal(ask(r, QUESTIONS_MAX - 1), 0);
	start = clock_mono_us();
	while (!r->reported[QUESTIONS_MAX - 1])
		assert_int_equal(bulk_wait(r->bulk, clock_mono_us() + 100000), 0);
	assert_true(lateness_allows(clock_mono_us() - start, 100000));
	results_free(r);
	peer_stop(&dead);
	peer_stop(&alive);
}

static void nothing(int signal_number)
{
}

static void the_wait_ends_for_others(void **state)
{
	struct peer p;
	struct results *r;
	int fds[2];
	int64_t start;
	/* again and again: one signal may come while the loop is not waiting */
	struct itimerval timer = {.it_value = {.tv_usec = 50000}, .it_interval = {.tv_usec = 50000}}, none = {0};
	struct sigaction action = {.sa_handler = nothing};
	peer_start(&p, "127.0.0.1", &(struct peer_script){.silent = true});
	r = results_new(&p.at, true, (struct bulk_config){0});
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(ask(r, 0), 0);
	start = clock_mono_us();
	assert_int_equal(bulk_watch(r->bulk, fds[0]), 0);
	assert_int_equal(bulk_wait(r->bulk, start + 1000000), 1);
	assert_int_equal(bulk_watch(r->bulk, -1), 0);
	assert_int_equal(bulk_wait(r->bulk, start + 50000), 0); /* no longer watched */
	assert_true(lateness_allows(clock_mono_us() - start, 100000));
	close(fds[0]);
	close(fds[1]);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	start = clock_mono_us();
	while (bulk_wait(r->bulk, clock_mono_us() + 1000000) != -EINTR)
		assert_true(lateness_allows(clock_mono_us() - start, 900000));
	setitimer(ITIMER_REAL, &none, NULL);
	results_free(r);
	peer_stop(&p);
}

/* Who has other things to wait for steps the engine himself. */
static void it_is_stepped_by_descriptor_and_deadline(void **state)
{
	struct peer p;
	struct results *r;
	int64_t start = clock_mono_us(), now = start;
	int steps = 0;
	peer_start(&p, "127.0.0.1", &(struct peer_script){.loss_percent = 20});
	r = results_new(&p.at, true, (struct bulk_config){0});
	assert_int_equal(bulk_deadline_us(r->bulk), INT64_MAX);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(ask(r, i), 0);
	assert_true(bulk_deadline_us(r->bulk) < now + 100000); /* they are to be sent */
	while (r->total < 100 && now - start < 60000000) {
		struct pollfd fd = {.fd = bulk_fd(r->bulk), .events = POLLIN};
		int64_t left_us = bulk_deadline_us(r->bulk) - now;
		assert_true(poll(&fd, 1, left_us > 0 ? (int)(left_us / 1000 + 1) : 0) >= 0);
		now = clock_mono_us();
		assert_int_equal(bulk_step(r->bulk, now), 0);
		steps++;
	}
	assert_right(r, 100);
	assert_true(bulk_stats(r->bulk)->resent > 0);
	assert_true(steps < 5000); /* it slept in between */
	assert_int_equal(bulk_deadline_us(r->bulk), INT64_MAX);
	results_free(r);
	peer_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_questions_are_reported_once),
		cmocka_unit_test(works_without_segments),
		cmocka_unit_test(works_over_ipv6),
		cmocka_unit_test(loss_changes_no_outcome),
		cmocka_unit_test(doubles_are_ignored),
		cmocka_unit_test(slow_servers_are_waited_for),
		cmocka_unit_test(forged_ids_lose),
		cmocka_unit_test(forged_questions_lose),
		cmocka_unit_test(truncated_answers_come_by_tcp),
		cmocka_unit_test(tcp_keeps_the_budget),
		cmocka_unit_test(errors_are_kept_apart),
		cmocka_unit_test(a_passing_servfail_is_forgotten),
		cmocka_unit_test(lame_servers_are_told),
		cmocka_unit_test(broken_answers_are_the_last_resort),
		cmocka_unit_test(silence_lasts_the_budget),
		cmocka_unit_test(closed_ports_are_told),
		cmocka_unit_test(a_server_that_comes_back_is_heard),
		cmocka_unit_test(no_route_is_told),
		cmocka_unit_test(a_full_window_says_so),
		cmocka_unit_test(ids_do_not_collide),
		cmocka_unit_test(servers_are_told_apart),
		cmocka_unit_test(descriptors_are_shared),
		cmocka_unit_test(a_dead_server_takes_a_part),
		cmocka_unit_test(the_wait_ends_for_others),
		cmocka_unit_test(it_is_stepped_by_descriptor_and_deadline),
	};
	lateness_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
