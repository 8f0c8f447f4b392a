/* SPDX-License-Identifier: BSD-2-Clause */
/* From options and settings to the configuration of a check. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>

#include "cli/check_command.h"
#include "cli/nearest.h"

static int resolver_mode(struct context *c, struct check_config *config)
{
	const char *given = options_value(c->options, "resolver");
	const char *text = given ? given : c->settings.dns.resolver;
	int status = given ? EXIT_USAGE : EXIT_CONFIGURATION;
	if (!text || strcmp(text, "auto") == 0)
		config->mode = CHECK_AUTO;
	else if (strcmp(text, "system") == 0)
		config->mode = CHECK_SYSTEM;
	else if (strcmp(text, "direct") == 0)
		config->mode = CHECK_DIRECT;
	else if (endpoint_parse(span_str(text), 53, &config->given) == 0)
		config->mode = CHECK_GIVEN;
	else
		return complain(status, "%s %s: not auto, system, direct, an address or ADDR:PORT",
				given ? "--resolver" : "dns.resolver", text);
	return EXIT_NOTHING;
}

static int time_for_a_list(struct context *c, struct check_config *config)
{
	const char *text = options_value(c->options, "timeout");
	double seconds = c->settings.dns.budget_s;
	char *end = NULL;
	if (text) {
		seconds = strtod(text, &end);
		if (!*text || *end || !(seconds >= 0.1 && seconds <= 60))
			return complain(EXIT_USAGE, "--timeout %s: not a number of seconds from 0.1 to 60", text);
	}
	config->budget_us = (uint32_t)(seconds * 1000000);
	return EXIT_NOTHING;
}

int cmd_check_resolver_config(struct context *c, struct check_config *config,
			      struct endpoint system[SYSTEM_RESOLVERS_MAX])
{
	const struct settings *s = &c->settings;
	size_t count = 0;
	int status = resolver_mode(c, config), e;
	if (status == EXIT_NOTHING)
		status = time_for_a_list(c, config);
	if (status != EXIT_NOTHING)
		return status;
	config->trace = c->trace;
	config->recursion.root_hints = s->dns.root_hints;
	config->recursion.trust_anchor = s->dns.trust_anchor;
	if (s->dns.trust_anchor && strcmp(s->dns.trust_anchor, "none") == 0)
		config->recursion.trust_anchor = "";
	if (getrandom(&config->seed, sizeof(config->seed), 0) != sizeof(config->seed))
		return complain(EXIT_IO, "no random numbers: %s", strerror(errno));
	config->system = system;
	if (config->mode != CHECK_AUTO && config->mode != CHECK_SYSTEM)
		return EXIT_NOTHING;
	e = resolver_system(s->dns.resolv_conf ? s->dns.resolv_conf : "/etc/resolv.conf", system, SYSTEM_RESOLVERS_MAX,
			    &count);
	if (e == -EACCES)
		return complain(EXIT_PERMISSION, "%s: %s", s->dns.resolv_conf, strerror(-e));
	if (e < 0 && config->mode == CHECK_SYSTEM)
		return complain(EXIT_CANNOT_TELL, "%s: %s; say which resolver: --resolver ADDR", s->dns.resolv_conf,
				strerror(-e));
	config->system_count = e < 0 ? 0 : count;
	return EXIT_NOTHING;
}

/* The record's own spelling of a zone that was named; NULL, told: no list has it. */
static const struct list *zone_named(struct check_command *k, const char *zone, const char *where, int status)
{
	const struct list *l = catalogue_find(k->catalogue, zone);
	struct nearest near = nearest_to(zone);
	if (l)
		return l;
	for (size_t i = 0; i < catalogue_count(k->catalogue); i++)
		nearest_try(&near, catalogue_at(k->catalogue, i)->zone);
	if (near.name)
		complain(status, "%s %s: no list of that zone; did you mean %s?", where, zone, near.name);
	else
		complain(status, "%s %s: no list of that zone; offlist lists shows them", where, zone);
	return NULL;
}

static int skipped(struct check_command *k)
{
	const struct options *o = k->c->options;
	const struct settings *s = &k->c->settings;
	size_t given = options_count(o, "skip"), n = 0;
	const char **zones = arena_alloc(k->c->arena, given + s->check.skip_count + 1, sizeof(const char *));
	if (!zones)
		return complain(EXIT_IO, "out of memory");
	for (size_t i = 0; i < given; i++) {
		const struct list *l = zone_named(k, options_nth(o, "skip", i), "--skip", EXIT_USAGE);
		if (!l)
			return EXIT_USAGE;
		zones[n++] = l->zone;
	}
	for (size_t i = 0; i < s->check.skip_count; i++) {
		const struct list *l = zone_named(k, s->check.skip[i], "check.skip", EXIT_CONFIGURATION);
		if (!l)
			return EXIT_CONFIGURATION;
		zones[n++] = l->zone;
	}
	k->config.skip = zones;
	k->config.skip_count = n;
	return EXIT_NOTHING;
}

static int asked_alone(struct check_command *k)
{
	const struct options *o = k->c->options;
	size_t given = options_count(o, "list");
	const char **zones = arena_alloc(k->c->arena, given + 1, sizeof(const char *));
	if (!zones)
		return complain(EXIT_IO, "out of memory");
	for (size_t i = 0; i < given; i++) {
		const struct list *l = zone_named(k, options_nth(o, "list", i), "--list", EXIT_USAGE);
		if (!l)
			return EXIT_USAGE;
		if (l->query == 0)
			return complain(EXIT_USAGE,
					"--list %s: it cannot be queried (%s); offlist explain %s tells more", l->zone,
					list_state_text(l->state), l->zone);
		zones[i] = l->zone;
	}
	k->config.only = zones;
	k->config.only_count = given;
	return EXIT_NOTHING;
}

int cmd_check_rules_config(struct check_command *k)
{
	const char *impact = options_value(k->c->options, "min-impact");
	int status;
	if (!impact)
		impact = k->c->settings.check.min_impact;
	k->config.rules.min_impact = IMPACT_MEDIUM;
	for (int i = IMPACT_LOW; impact && i <= IMPACT_HIGH; i++)
		if (strcmp(impact, impact_text((enum impact)i)) == 0)
			k->config.rules.min_impact = (enum impact)i;
	k->config.rules.strict = k->c->settings.check.strict || options_has(k->c->options, "strict");
	status = skipped(k);
	return status == EXIT_NOTHING ? asked_alone(k) : status;
}
