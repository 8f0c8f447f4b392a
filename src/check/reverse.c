/* SPDX-License-Identifier: BSD-2-Clause */
/* PTR records of the targets, then the addresses of the names that they give. */
#include "check/reverse.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/message.h"

enum { ASKED_MAX = 256, NAMES_MAX = 8 }; /* targets; names of one address (RFC 7208 5.5 looks at ten) */

struct candidate { /* a name of an address */
	struct asked *of;
	struct dns_name name;
	bool done, leads_back;
	enum dns_outcome outcome;
};

struct asked { /* one address */
	struct reverse_run *run;
	struct addr addr;
	struct candidate names[NAMES_MAX], helo;
	size_t name_count;
	bool done;
	enum dns_outcome outcome;
};

struct reverse_run {
	const struct dns_network *network;
	struct dns_name helo; /* len 0: none */
	int64_t until_us;
	const volatile sig_atomic_t *stop;
	size_t open; /* lookups that have not answered */
	size_t count;
	struct asked asked[ASKED_MAX];
};

const char *reverse_state_text(enum reverse_state s)
{
	static const char *const words[] = {[REVERSE_UNKNOWN] = "unknown",
					    [REVERSE_NONE] = "none",
					    [REVERSE_MISMATCH] = "mismatch",
					    [REVERSE_CONFIRMED] = "confirmed"};
	return words[s];
}

static void on_addresses(void *arg, const struct resolver_answer *answer)
{
	struct candidate *c = arg;
	c->done = true;
	c->outcome = answer->outcome;
	c->of->run->open--;
	for (size_t i = 0; answer->outcome == DNS_ANSWER && i < answer->count; i++) {
		struct addr a;
		if (resolver_rdata_addr(answer->rdata[i], &a) == 0 && addr_equal(&a, &c->of->addr))
			c->leads_back = true;
	}
}

static void ask_addresses(struct candidate *c)
{
	struct reverse_run *run = c->of->run;
	uint16_t type = c->of->addr.family == 4 ? DNS_A : DNS_AAAA;
	if (run->network->lookup(run->network->arg, &c->name, type, on_addresses, c) == 0)
		run->open++;
	else
		*c = (struct candidate){.of = c->of, .name = c->name, .done = true, .outcome = DNS_NETWORK};
}

static void on_names(void *arg, const struct resolver_answer *answer)
{
	struct asked *a = arg;
	a->done = true;
	a->outcome = answer->outcome;
	a->run->open--;
	for (size_t i = 0; answer->outcome == DNS_ANSWER && i < answer->count && a->name_count < NAMES_MAX; i++) {
		struct candidate *c = &a->names[a->name_count];
		*c = (struct candidate){.of = a};
		if (resolver_rdata_name(answer->rdata[i], 0, &c->name) < 0)
			continue;
		a->name_count++;
		ask_addresses(c);
	}
}

static void ask_names(struct reverse_run *run, const struct addr *addr)
{
	const char *above = addr->family == 4 ? "in-addr.arpa" : "ip6.arpa"; /* RFC 1035 3.5, RFC 3596 2.5 */
	struct dns_name zone, name;
	struct asked *a = &run->asked[run->count];
	if (dns_name_parse(span_str(above), &zone) < 0 || dns_name_reverse(addr, &zone, &name) < 0)
		return;
	*a = (struct asked){.run = run, .addr = *addr, .outcome = DNS_NETWORK};
	run->count++;
	if (run->network->lookup(run->network->arg, &name, DNS_PTR, on_names, a) == 0)
		run->open++;
	else
		a->done = true;
	a->helo = (struct candidate){.of = a, .name = run->helo};
	if (run->helo.len)
		ask_addresses(&a->helo);
}

int reverse_begin(const struct check_config *config, const struct dns_network *network, const struct target *targets,
		  size_t count, const char *helo, int64_t now_us, struct reverse_run **ret_run, struct error *err)
{
	struct reverse_run *run = calloc(1, sizeof(*run));
	int e = run ? network->lookups(network->arg, err) : error_set(err, -ENOMEM, "out of memory");
	if (e < 0) {
		free(run);
		return e;
	}
	run->network = network;
	run->until_us = now_us + config->budget_us;
	run->stop = config->stop;
	if (!helo || dns_name_parse(span_str(helo), &run->helo) < 0)
		run->helo.len = 0;
	for (size_t i = 0; i < count && run->count < ASKED_MAX; i++)
		if ((targets[i].kind == TARGET_IP4 || targets[i].kind == TARGET_IP6) && !target_unaskable(&targets[i]))
			ask_names(run, &targets[i].addr);
	*ret_run = run;
	return 0;
}

struct reverse_run *reverse_free(struct reverse_run *run)
{
	free(run);
	return NULL;
}

bool reverse_step(const struct reverse_run *run, int64_t now_us)
{
	return !run->open || *run->stop || now_us >= run->until_us;
}

int64_t reverse_deadline_us(const struct reverse_run *run)
{
	return run->open ? run->until_us : 0;
}

static bool said(enum dns_outcome outcome)
{
	return outcome == DNS_ANSWER || outcome == DNS_NODATA || outcome == DNS_NXDOMAIN;
}

/* What one name tells; a name that could not be looked up tells nothing. */
static enum reverse_state judge(const struct candidate *c)
{
	if (c->leads_back)
		return REVERSE_CONFIRMED;
	return c->done && said(c->outcome) ? REVERSE_MISMATCH : REVERSE_UNKNOWN;
}

static void judge_names(const struct asked *a, struct reverse *ret)
{
	const struct candidate *best = a->name_count ? &a->names[0] : NULL;
	bool doubt = false;
	for (size_t i = 0; i < a->name_count; i++) {
		enum reverse_state s = judge(&a->names[i]);
		doubt = doubt || s == REVERSE_UNKNOWN;
		if (s == REVERSE_CONFIRMED && judge(best) != REVERSE_CONFIRMED)
			best = &a->names[i];
	}
	if (!a->done || !said(a->outcome))
		ret->state = REVERSE_UNKNOWN;
	else if (!best)
		ret->state = REVERSE_NONE;
	else
		ret->state = judge(best) == REVERSE_CONFIRMED ? REVERSE_CONFIRMED
			     : doubt                          ? REVERSE_UNKNOWN
							      : REVERSE_MISMATCH;
	if (best)
		dns_name_text(&best->name, ret->name);
}

bool reverse_get(const struct reverse_run *run, const struct target *target, struct reverse *ret_reverse)
{
	*ret_reverse = (struct reverse){.state = REVERSE_UNKNOWN};
	for (size_t i = 0; i < run->count; i++) {
		if (!addr_equal(&run->asked[i].addr, &target->addr))
			continue;
		judge_names(&run->asked[i], ret_reverse);
		if (run->helo.len)
			ret_reverse->helo = judge(&run->asked[i].helo);
		return true;
	}
	return false;
}
