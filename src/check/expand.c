/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from a name: its registrable domain, its addresses, its exchangers' addresses (rule 7). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/check.h"
#include "dns/message.h"

enum { ADDRESSES_MAX = 16, EXCHANGERS_MAX = 8 }; /* of one name */

struct expansion;

struct lookup { /* one name whose addresses are wanted for a target */
	struct expansion *all;
	size_t given;
	uint16_t type;
	bool done;
};

struct found { /* addresses of one given target, in the order they came */
	struct addr addrs[ADDRESSES_MAX];
	size_t count;
};

struct expansion {
	const struct check_config *config;
	const struct target *given;
	const struct dns_network *network;
	int64_t until_us;
	size_t count; /* of given */
	struct found *found;
	struct lookup *lookups;
	size_t lookup_count, lookup_size, open;
	bool incomplete;
};

static void ask(struct expansion *x, size_t given, const struct dns_name *name, uint16_t type);

static void failed(struct expansion *x, const struct lookup *l, enum dns_outcome outcome)
{
	char line[400];
	x->incomplete = true;
	snprintf(line, sizeof(line), "%s: its %s could not be looked up (%s)", x->given[l->given].name,
		 l->type == DNS_MX ? "mail exchangers" : "addresses", dns_outcome_text(outcome));
	x->config->on_note(x->config->arg, line);
}

static void add_address(struct found *f, uint8_t family, struct span rdata)
{
	struct addr a = {.family = family};
	if (rdata.len != (family == 4 ? 4u : 16u) || f->count == ADDRESSES_MAX)
		return;
	memcpy(a.octets, rdata.at, rdata.len);
	for (size_t i = 0; i < f->count; i++)
		if (addr_equal(&f->addrs[i], &a))
			return;
	f->addrs[f->count++] = a;
}

static void ask_exchanger(struct expansion *x, size_t given, struct span rdata)
{
	struct dns_name name;
	if (resolver_rdata_name(rdata, 2, &name) < 0 || name.len <= 1)
		return; /* "." is the null MX of RFC 7505 */
	ask(x, given, &name, DNS_A);
	ask(x, given, &name, DNS_AAAA);
}

static void answered(void *arg, const struct resolver_answer *answer)
{
	struct lookup *l = arg;
	struct expansion *x = l->all;
	if (l->done)
		return;
	l->done = true;
	x->open--;
	if (answer->outcome != DNS_ANSWER && answer->outcome != DNS_NODATA && answer->outcome != DNS_NXDOMAIN) {
		failed(x, l, answer->outcome);
		return;
	}
	for (size_t i = 0; answer->outcome == DNS_ANSWER && i < answer->count; i++) {
		if (l->type == DNS_MX && i < EXCHANGERS_MAX)
			ask_exchanger(x, l->given, answer->rdata[i]);
		else if (l->type != DNS_MX)
			add_address(&x->found[l->given], l->type == DNS_A ? 4 : 6, answer->rdata[i]);
	}
}

static void ask(struct expansion *x, size_t given, const struct dns_name *name, uint16_t type)
{
	struct lookup *l;
	if (x->lookup_count == x->lookup_size)
		return;
	l = &x->lookups[x->lookup_count];
	*l = (struct lookup){.all = x, .given = given, .type = type};
	if (x->network->lookup(x->network->arg, name, type, answered, l) < 0) {
		failed(x, l, DNS_NETWORK);
		return;
	}
	x->lookup_count++;
	x->open++;
}

struct resolver_config check_recursion(const struct check_config *config)
{
	struct resolver_config how = config->recursion;
	if (config->mode == CHECK_GIVEN)
		how.forward = config->given;
	else if (config->mode != CHECK_DIRECT && config->system_count)
		how.forward = config->system[0];
	return how;
}

static void look_up(struct expansion *x, bool mx)
{
	const struct check_config *c = x->config;
	struct dns_name name;
	struct error err;
	if (x->network->lookups(x->network->arg, &err) < 0) {
		c->on_note(c->arg, err.text);
		x->incomplete = true;
		return;
	}
	for (size_t i = 0; i < x->count; i++) {
		if (!x->given[i].name || x->given[i].addr.family ||
		    dns_name_parse(span_str(x->given[i].name), &name) < 0)
			continue;
		ask(x, i, &name, DNS_A);
		ask(x, i, &name, DNS_AAAA);
		if (mx)
			ask(x, i, &name, DNS_MX);
	}
}

static bool present(const struct target *targets, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(targets[i].text, text) == 0)
			return true;
	return false;
}

static int add_derived(struct target *ret, size_t max, size_t *n, const char *text, const char *via,
		       struct arena *arena)
{
	struct target t;
	struct error err;
	int e = target_parse(span_str(text), arena, &t, &err);
	if (e < 0)
		return e == -ENOMEM ? e : 0;
	if (present(ret, *n, t.text))
		return 0;
	if (*n == max)
		return -ENOSPC;
	t.via = via;
	ret[(*n)++] = t;
	return 0;
}

static int collect(const struct expansion *x, size_t i, struct arena *arena, struct target *ret, size_t max, size_t *n)
{
	const struct target *t = &x->given[i];
	char text[ADDR_TEXT_SIZE];
	int e = 0;
	if (!present(ret, *n, t->text)) {
		if (*n == max)
			return -ENOSPC;
		ret[(*n)++] = *t;
	}
	if (t->name && t->registrable && (t->kind != TARGET_DOMAIN || strcmp(t->name, t->registrable) != 0))
		e = add_derived(ret, max, n, t->registrable, t->text, arena);
	if (t->kind == TARGET_URL && t->addr.family) {
		addr_text(&t->addr, text);
		e = add_derived(ret, max, n, text, t->text, arena);
	}
	for (size_t k = 0; k < x->found[i].count && e == 0; k++) {
		addr_text(&x->found[i].addrs[k], text);
		e = add_derived(ret, max, n, text, t->text, arena);
	}
	return e;
}

int check_expand_new(const struct check_config *config, const struct dns_network *network, const struct target *given,
		     size_t count, bool mx, int64_t now_us, struct expansion **ret_expansion)
{
	struct expansion *x = calloc(1, sizeof(*x));
	bool names = false;
	if (!x)
		return -ENOMEM;
	*x = (struct expansion){.config = config,
				.network = network,
				.given = given,
				.count = count,
				.until_us = now_us + config->budget_us,
				.lookup_size = count * (3 + 2 * EXCHANGERS_MAX)};
	x->found = calloc(count + 1, sizeof(*x->found));
	x->lookups = calloc(x->lookup_size + 1, sizeof(*x->lookups));
	if (!x->found || !x->lookups) {
		check_expand_free(x);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		names = names || given[i].name;
	if (names)
		look_up(x, mx);
	*ret_expansion = x;
	return 0;
}

bool check_expand_step(struct expansion *x, int64_t now_us)
{
	if (x->open && !*x->config->stop && now_us < x->until_us)
		return false;
	for (size_t i = 0; i < x->lookup_count; i++) {
		if (!x->lookups[i].done)
			failed(x, &x->lookups[i], DNS_TIMEOUT);
		x->lookups[i].done = true;
	}
	x->open = 0;
	return true;
}

int64_t check_expand_deadline_us(const struct expansion *x)
{
	return x->open ? x->until_us : 0;
}

int check_expand_targets(const struct expansion *x, struct arena *arena, struct target *ret_targets, size_t max,
			 bool *ret_incomplete)
{
	size_t n = 0;
	int e = 0;
	for (size_t i = 0; i < x->count && e == 0; i++)
		e = collect(x, i, arena, ret_targets, max, &n);
	*ret_incomplete = x->incomplete;
	return e < 0 ? e : (int)n;
}

struct expansion *check_expand_free(struct expansion *x)
{
	if (!x)
		return NULL;
	free(x->found);
	free(x->lookups);
	free(x);
	return NULL;
}
