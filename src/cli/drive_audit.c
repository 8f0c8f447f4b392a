/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for the steps of audit/. */
#include "cli/drive_audit.h"

#include <errno.h>

#include "cli/stop.h"
#include "net/loop.h"

struct running {
	struct audits *all;
	struct loop *loop;
	struct dns_network *network;
	struct loop_source due, signals, dns;
	struct loop_source *ready; /* one an audit */
	int error;
};

/* What each waits for may have changed with any step. */
static void look_again(struct running *r)
{
	for (size_t i = 0; i < r->all->count && !r->error; i++) {
		const struct audit *a = &r->all->at[i];
		int before = r->ready[i].fd;
		r->ready[i].fd = a->ended ? -1 : a->fd;
		r->ready[i].events = a->events;
		if (before >= 0 || r->ready[i].fd >= 0)
			r->error = loop_update(&r->ready[i]);
	}
	r->due.deadline_us = audits_deadline_us(r->all);
	if (!r->error)
		r->error = loop_update(&r->due);
	if (r->network && !r->error) {
		r->dns.deadline_us = dns_network_deadline_us(r->network);
		r->error = loop_update(&r->dns);
	}
	if (r->error)
		loop_stop(r->loop);
}

static void on_due(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	if (audits_step(r->all, now_us) || stop_wanted())
		loop_stop(r->loop);
	else
		look_again(r);
}

static void on_ready(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	r->all->at[source - r->ready].ready = true;
	on_due(source, now_us);
}

/* Answers make their audits due. */
static void on_dns(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	int rc = dns_network_step(r->network, now_us);
	if (rc < 0) {
		r->error = rc;
		loop_stop(r->loop);
	} else {
		on_due(source, now_us);
	}
}

static void on_signal(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	(void)now_us;
	loop_stop(r->loop);
}

static int add_sources(struct running *r, struct arena *arena)
{
	int rc;
	r->ready = arena_alloc(arena, r->all->count, sizeof(*r->ready));
	if (!r->ready)
		return -ENOMEM;
	r->due = (struct loop_source){.fd = -1, .step = on_due, .owner = r};
	r->signals = (struct loop_source){
		.fd = stop_fd(), .events = LOOP_READ, .deadline_us = LOOP_NEVER, .step = on_signal, .owner = r};
	rc = loop_add(r->loop, &r->due);
	if (rc == 0)
		rc = loop_add(r->loop, &r->signals);
	if (rc == 0 && r->network) {
		r->dns = (struct loop_source){
			.fd = dns_network_fd(r->network), .events = LOOP_READ, .step = on_dns, .owner = r};
		rc = loop_add(r->loop, &r->dns);
	}
	for (size_t i = 0; i < r->all->count && rc == 0; i++) {
		r->ready[i] = (struct loop_source){.fd = -1, .deadline_us = LOOP_NEVER, .step = on_ready, .owner = r};
		rc = loop_add(r->loop, &r->ready[i]);
	}
	return rc;
}

/* Without a way to look anything up, those that need it say so. */
static void open_network(struct running *r, const struct dns_network_config *dns)
{
	struct error ignored;
	if (!dns || dns_network_open(dns, &r->network) < 0)
		return;
	if (r->network->lookups(r->network->arg, &ignored) < 0)
		r->network = dns_network_close(r->network);
	r->all->config.network = r->network;
}

int drive_audits(struct audits *all, const struct audit_row *const *rows, size_t count,
		 const struct dns_network_config *dns, struct arena *arena)
{
	struct running r = {.all = all};
	int rc = loop_new(&r.loop);
	open_network(&r, dns);
	if (rc == 0)
		rc = audits_begin(all, rows, count, arena, loop_now_us(r.loop));
	if (rc == 0)
		rc = add_sources(&r, arena);
	if (rc == 0)
		rc = loop_run(r.loop);
	if (rc == 0)
		rc = r.error;
	if (rc == 0)
		audits_interrupt(all);
	loop_free(r.loop);
	dns_network_close(r.network);
	all->config.network = NULL;
	audits_settle(all);
	return rc ? rc : all->error;
}
