/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for the steps of check/. */
#include "cli/drive.h"

#include <errno.h>

#include "base/clock.h"

enum { LOOK_US = 50000 }; /* the stop flag is looked at this often: a signal may come while nobody waits */

static int open_network(const struct check_config *config, struct resolver_config recursion,
			struct dns_network **ret_network, struct error *err)
{
	const struct dns_network_config how = {.budget_us = config->budget_us, .recursion = recursion};
	int e = dns_network_open(&how, ret_network);
	return e < 0 ? error_set(err, e, "no sockets: %s", strerror(-e)) : 0;
}

/* @return 0; negative errno: waiting is not possible. */
static int wait_until(struct dns_network *n, int64_t deadline_us)
{
	int64_t look_us = clock_mono_us() + LOOK_US;
	int e = dns_network_wait(n, deadline_us < look_us ? deadline_us : look_us);
	return e < 0 && e != -EINTR ? e : 0;
}

static int steps(struct dns_network *n, struct run *r, struct error *err)
{
	int e = 0;
	while (e == 0) {
		e = check_run_step(r, clock_mono_us(), clock_wall_ms());
		if (e == 0)
			e = wait_until(n, check_run_deadline_us(r));
	}
	return e < 0 ? error_set(err, e, "the run broke off: %s", strerror(-e)) : 0;
}

int drive_run(const struct check_config *config, check_source_fn *source, void *source_arg, uint64_t count,
	      struct check_totals *ret_totals, struct error *err)
{
	struct dns_network *n = NULL;
	struct run *r = NULL;
	int e = open_network(config, config->recursion, &n, err);
	if (e == 0)
		e = check_run_new(config, n, source, source_arg, count, clock_mono_us(), clock_wall_ms(), &r, err);
	if (e == 0)
		e = steps(n, r, err);
	check_run_free(r, ret_totals);
	dns_network_close(n);
	return e;
}

int drive_health(const struct check_config *config, void (*on_list)(void *arg, const struct check_health *h), void *arg,
		 struct error *err)
{
	struct dns_network *n = NULL;
	struct run *r = NULL;
	int e = open_network(config, config->recursion, &n, err);
	if (e == 0)
		e = check_health_new(config, n, clock_mono_us(), clock_wall_ms(), &r, err);
	if (e == 0)
		e = steps(n, r, err);
	if (e == 0)
		check_health_report(r, on_list, arg);
	check_run_free(r, NULL);
	dns_network_close(n);
	return e;
}

int drive_expansion(const struct check_config *config, const struct target *given, size_t count, bool mx,
		    struct arena *arena, struct target *ret_targets, size_t max, bool *ret_incomplete)
{
	struct dns_network *n = NULL;
	struct expansion *x = NULL;
	struct error err;
	int e = open_network(config, check_recursion(config), &n, &err);
	if (e == 0)
		e = check_expand_new(config, n, given, count, mx, clock_mono_us(), &x);
	while (e == 0 && !check_expand_step(x, clock_mono_us()))
		e = wait_until(n, check_expand_deadline_us(x));
	if (e == 0)
		e = check_expand_targets(x, arena, ret_targets, max, ret_incomplete);
	check_expand_free(x);
	dns_network_close(n);
	return e;
}

void drive_reverse(struct dns_network *network, const struct reverse_run *reverse)
{
	while (!reverse_step(reverse, clock_mono_us()))
		if (wait_until(network, reverse_deadline_us(reverse)) < 0)
			break;
}
