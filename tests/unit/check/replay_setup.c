/* SPDX-License-Identifier: BSD-2-Clause */
/* The world of a replay: its lists, settings, targets and answers. */
#include "replay_setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/ascii.h"

static const char *const outcomes[] = {
	[DNS_ANSWER] = "ANSWER",     [DNS_NODATA] = "NODATA",       [DNS_NXDOMAIN] = "NXDOMAIN",
	[DNS_SERVFAIL] = "SERVFAIL", [DNS_REFUSED] = "REFUSED",     [DNS_FORMERR] = "FORMERR",
	[DNS_LAME] = "LAME",         [DNS_MALFORMED] = "MALFORMED", [DNS_TIMEOUT] = "TIMEOUT",
	[DNS_NETWORK] = "NETWORK",
};

bool replay_fits(const char *pattern, const char *name)
{
	const char *star = strchr(pattern, '*');
	size_t before = star ? (size_t)(star - pattern) : 0, after = star ? strlen(star + 1) : 0, len = strlen(name);
	if (!star)
		return strcasecmp(pattern, name) == 0;
	return len >= before + after && strncasecmp(pattern, name, before) == 0 &&
	       strcasecmp(name + len - after, star + 1) == 0;
}

int replay_where(struct replay *p, const char *word, int *ret_where, struct addr *ret_server)
{
	static const char *const words[] = {"system", "direct", "lookup", "servers", "parent"};
	*ret_server = (struct addr){.family = 0};
	*ret_where = -1;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			*ret_where = (int)i;
	if (*ret_where < 0 && strcmp(word, "any") != 0 && addr_parse(span_str(word), ret_server) < 0)
		return replay_fail(p, "%s: neither system, direct, lookup, servers, parent, any nor an address", word);
	return 0;
}

int replay_type(struct replay *p, const char *word, int *ret_type)
{
	static const struct {
		const char *word;
		int type;
	} types[] = {{"any", 0},       {"A", DNS_A},     {"NS", DNS_NS},     {"MX", DNS_MX},
		     {"TXT", DNS_TXT}, {"PTR", DNS_PTR}, {"AAAA", DNS_AAAA}, {"rare", -1}};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, word) == 0) {
			*ret_type = types[i].type;
			return 0;
		}
	return replay_fail(p, "%s: no type", word);
}

static bool of_type(int wanted, uint16_t type)
{
	if (wanted == -1)
		return type != DNS_A && type != DNS_NS && type != DNS_TXT && type != DNS_AAAA && type != DNS_MX;
	return wanted == 0 || wanted == type;
}

void replay_reply(void *arg, const struct scripted_question *q, struct scripted_reply *ret_reply)
{
	struct replay *p = arg;
	struct replay_asked *a;
	p->asked_total++;
	if (p->asked_count < REPLAY_ASKED_MAX) {
		a = &p->asked[p->asked_count++];
		*a = (struct replay_asked){.where = q->where, .server = q->server.addr, .type = q->type};
		snprintf(a->name, sizeof(a->name), "%s", q->name);
	}
	if (q->where == SCRIPTED_SERVERS || q->where == SCRIPTED_PARENT)
		ret_reply->outcome = DNS_SERVFAIL;
	for (size_t i = p->rule_count; i-- > 0;) {
		const struct replay_rule *r = &p->rules[i];
		if ((r->where >= 0 && r->where != (int)q->where) || !of_type(r->type, q->type) ||
		    !replay_fits(r->name, q->name) || (r->server.family && !addr_equal(&r->server, &q->server.addr)))
			continue;
		*ret_reply = r->reply;
		return;
	}
}

/* "192.0.2.1", "mx.example", "ns.example/192.0.2.1", a text with an underscore for each blank */
static int add_record(struct replay *p, struct scripted_reply *r, int type, char *word)
{
	char *slash = strchr(word, '/');
	size_t i = r->count;
	if (i == SCRIPTED_RECORDS_MAX)
		return replay_fail(p, "more than %d records", SCRIPTED_RECORDS_MAX);
	r->count++;
	if (type == DNS_TXT) {
		for (char *c = word; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		r->texts[i] = arena_copy(&p->arena, span_str(word));
		return 0;
	}
	if (addr_parse(span_str(word), &r->addrs[i]) == 0)
		return 0;
	if (slash)
		*slash = '\0';
	r->names[i] = arena_copy(&p->arena, span_str(word));
	if (slash && addr_parse(span_str(slash + 1), &r->addrs[i]) < 0)
		return replay_fail(p, "%s: not an address", slash + 1);
	return 0;
}

static int outcome_of(const char *word)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i], word) == 0)
			return (int)i;
	return -1;
}

static int reply_word(struct replay *p, struct replay_rule *rule, char *word)
{
	struct scripted_reply *r = &rule->reply;
	int outcome = outcome_of(word);
	if (outcome >= 0) {
		r->outcome = (enum dns_outcome)outcome;
		return 0;
	}
	if (strncmp(word, "after=", 6) == 0)
		return replay_time(p, word + 6, &r->after_us);
	if (strncmp(word, "ttl=", 4) == 0) {
		r->ttl_s = (uint32_t)strtoul(word + 4, NULL, 10);
		return 0;
	}
	if (strncmp(word, "ede=", 4) == 0) {
		r->ede = (uint16_t)strtoul(word + 4, NULL, 10);
		return 0;
	}
	if (strcmp(word, "nosoa") == 0) {
		r->no_soa = true;
		return 0;
	}
	r->outcome = DNS_ANSWER;
	return add_record(p, r, rule->type, word);
}

/* answer WHERE NAME TYPE OUTCOME|RECORD... [after=TIME] [ttl=SECONDS] [ede=CODE] [nosoa] */
int replay_answer(struct replay *p, char **words, size_t count)
{
	struct replay_rule *r = &p->rules[p->rule_count];
	int e;
	if (count < 5)
		return replay_fail(p, "answer WHERE NAME TYPE OUTCOME|RECORD...");
	if (p->rule_count == REPLAY_RULES_MAX)
		return replay_fail(p, "too many answers");
	*r = (struct replay_rule){
		.reply = {.outcome = DNS_NXDOMAIN, .after_us = 10000, .ttl_s = 300},
	};
	snprintf(r->name, sizeof(r->name), "%s", words[2]);
	e = replay_where(p, words[1], &r->where, &r->server);
	if (e == 0)
		e = replay_type(p, words[3], &r->type);
	for (size_t i = 4; i < count && e == 0; i++)
		e = reply_word(p, r, words[i]);
	p->rule_count += e == 0;
	return e;
}

/* entry WHERE NAME [ADDRESS]: a name that is there with this address (127.0.0.2), and with no other type */
int replay_entry(struct replay *p, char **words, size_t count)
{
	char any[] = "any", nodata[] = "NODATA", a[] = "A", address[] = "127.0.0.2";
	char *nothing[] = {words[0], words[1], words[2], any, nodata};
	char *listed[] = {words[0], words[1], words[2], a, count > 3 ? words[3] : address};
	int e = count < 3 ? replay_fail(p, "entry WHERE NAME [ADDRESS]") : replay_answer(p, nothing, 5);
	return e < 0 ? e : replay_answer(p, listed, 5);
}

static int write_operator(struct replay *p)
{
	char path[128];
	FILE *f;
	if (p->records.len == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%d.yaml", p->lists_dir, p->operators++);
	f = fopen(path, "w");
	if (!f || fputs(buf_text(&p->records), f) < 0 || fclose(f) < 0)
		return replay_fail(p, "%s: cannot be written", path);
	buf_clear(&p->records);
	return 0;
}

int replay_operator(struct replay *p, char **words, size_t count)
{
	if (count != 2)
		return replay_fail(p, "operator NAME");
	p->operator_name = arena_copy(&p->arena, span_str(words[1]));
	return write_operator(p);
}

/* list ZONE [KEY: VALUE, ...]: the rest is a record's keys, in YAML's flow form */
int replay_list(struct replay *p, char **words, size_t count)
{
	static const char *const defaults[] = {"class: block", "query: [ip4]", "status: active", "scope: address",
					       "terms: {rate: none}"};
	struct buf rest = buf_make(4096);
	int e = 0;
	if (count < 2 || p->zone_count == REPLAY_LISTS_MAX || p->catalogue)
		return replay_fail(p, "list ZONE [KEY: VALUE, ...], before the first run");
	for (size_t i = 2; i < count; i++)
		buf_printf(&rest, "%s ", words[i]);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		char key[16];
		snprintf(key, sizeof(key), "%.*s:", (int)strcspn(defaults[i], ":"), defaults[i]);
		if (!strstr(buf_text(&rest), key))
			buf_printf(&rest, "%s%s", rest.len ? ", " : "", defaults[i]);
	}
	if (!p->operator_name)
		e = write_operator(p);
	if (p->records.len == 0)
		buf_printf(&p->records, "operator: {name: \"%s\"}\nlists:\n",
			   p->operator_name ? p->operator_name : words[1]);
	buf_printf(&p->records, "- {zone: \"%s\", name: \"%s\", sources: [{name: replay}], %s}\n", words[1], words[1],
		   buf_text(&rest));
	p->zones[p->zone_count++] = arena_copy(&p->arena, span_str(words[1]));
	buf_release(&rest);
	return e;
}

static bool of_replay(const struct replay *p, const char *zone)
{
	for (size_t i = 0; i < p->zone_count; i++)
		if (strcmp(p->zones[i], zone) == 0)
			return true;
	return false;
}

static void on_fault(void *arg, const char *line)
{
	struct replay *p = arg;
	replay_fail(p, "%s", line);
}

/* The built-in lists are left out: what they are today must not decide. */
static int load_catalogue(struct replay *p)
{
	const struct catalogue_config config = {.lists_dir = p->lists_dir};
	struct error err;
	size_t count, n = 0;
	if (write_operator(p) < 0 || catalogue_load(&config, on_fault, p, &p->catalogue, &err) < 0)
		return -EINVAL;
	count = catalogue_count(p->catalogue);
	p->skip = calloc(count, sizeof(*p->skip));
	for (size_t i = 0; i < count && p->skip; i++)
		if (!of_replay(p, catalogue_at(p->catalogue, i)->zone))
			p->skip[n++] = catalogue_at(p->catalogue, i)->zone;
	p->config.catalogue = p->catalogue;
	p->config.skip = p->skip;
	p->config.skip_count = n;
	return p->skip ? 0 : -ENOMEM;
}

int replay_prepare(struct replay *p)
{
	struct error err = {{0}};
	if (p->catalogue)
		return 0;
	if (store_open(NULL, &p->store, &err) < 0)
		return replay_fail(p, "%s", err.text);
	p->config.store = p->store;
	return load_catalogue(p);
}

static int config_mode(struct replay *p, const char *mode)
{
	struct check_config *c = &p->config;
	if (strcmp(mode, "auto") == 0)
		c->mode = CHECK_AUTO;
	else if (strcmp(mode, "system") == 0)
		c->mode = CHECK_SYSTEM;
	else if (strcmp(mode, "direct") == 0)
		c->mode = CHECK_DIRECT;
	else if (addr_parse(span_str(mode), &c->given.addr) == 0)
		c->mode = CHECK_GIVEN;
	else
		return replay_fail(p, "%s: neither auto, system, direct nor an address", mode);
	c->given.port = 53;
	return 0;
}

static int config_impact(struct replay *p, const char *word)
{
	for (int i = IMPACT_LOW; i <= IMPACT_HIGH; i++)
		if (strcmp(impact_text((enum impact)i), word) == 0) {
			p->config.rules.min_impact = (enum impact)i;
			return 0;
		}
	return replay_fail(p, "%s: no impact", word);
}

static int config_only(struct replay *p, const char *zone)
{
	if (p->config.only_count == REPLAY_LISTS_MAX)
		return replay_fail(p, "only=%s: too many", zone);
	p->only[p->config.only_count++] = arena_copy(&p->arena, span_str(zone));
	p->config.only = p->only;
	return 0;
}

/* A second resolver behind the first. */
static int config_system(struct replay *p, const char *address)
{
	struct endpoint *at = &p->system[p->config.system_count];
	if (p->config.system_count == ROUTE_SERVERS || addr_parse(span_str(address), &at->addr) < 0)
		return replay_fail(p, "system=%s: no address, or too many", address);
	at->port = 53;
	p->config.system_count++;
	return 0;
}

static int config_word(struct replay *p, char *word)
{
	struct check_config *c = &p->config;
	char *value = strchr(word, '=');
	int64_t us;
	int e = 0;
	if (value)
		*value++ = '\0';
	if (strcmp(word, "fleet") == 0)
		c->fleet = true;
	else if (strcmp(word, "strict") == 0)
		c->rules.strict = true;
	else if (strcmp(word, "all") == 0)
		c->all_results = true;
	else if (strcmp(word, "resume") == 0)
		c->resume = true;
	else if (strcmp(word, "no-lookups") == 0)
		p->net.no_lookups = true;
	else if (strcmp(word, "go") == 0)
		p->stop = 0;
	else if (!value)
		return replay_fail(p, "%s: no setting", word);
	else if (strcmp(word, "mode") == 0)
		return config_mode(p, value);
	else if (strcmp(word, "min-impact") == 0)
		return config_impact(p, value);
	else if (strcmp(word, "only") == 0)
		return config_only(p, value);
	else if (strcmp(word, "system") == 0)
		return config_system(p, value);
	else if (strcmp(word, "seed") == 0)
		c->seed = strtoull(value, NULL, 10);
	else if (strcmp(word, "window") == 0)
		p->net.window = strtoul(value, NULL, 10);
	else if (strcmp(word, "budget") == 0) {
		e = replay_time(p, value, &us);
		c->budget_us = (uint32_t)us;
	} else
		return replay_fail(p, "%s: no setting", word);
	return e;
}

int replay_config(struct replay *p, char **words, size_t count)
{
	int e = 0;
	for (size_t i = 1; i < count && e == 0; i++)
		e = config_word(p, words[i]);
	return e;
}

static int add_target(struct replay *p, const char *text)
{
	struct error err;
	if (p->target_count == p->target_size) {
		size_t size = p->target_size ? p->target_size * 2 : 64;
		struct target *more = realloc(p->targets, size * sizeof(*more));
		if (!more)
			return -ENOMEM;
		p->targets = more;
		p->target_size = size;
	}
	if (target_parse(span_str(text), &p->arena, &p->targets[p->target_count], &err) < 0)
		return replay_fail(p, "%s", err.text);
	p->target_count++;
	return 0;
}

/* targets TEXT...; targets 11.0.0.0 + 100000: so many addresses from there */
int replay_targets(struct replay *p, char **words, size_t count)
{
	struct addr first;
	int e = 0;
	if (count == 4 && strcmp(words[2], "+") == 0 && addr_parse(span_str(words[1]), &first) == 0) {
		uint32_t from = (uint32_t)first.octets[0] << 24 | (uint32_t)first.octets[1] << 16 |
				(uint32_t)first.octets[2] << 8 | first.octets[3];
		unsigned long n = strtoul(words[3], NULL, 10);
		for (unsigned long i = 0; i < n && e == 0; i++) {
			char text[CODE_TEXT_SIZE];
			list_code_text(from + (uint32_t)i, text);
			e = add_target(p, text);
		}
		return e;
	}
	for (size_t i = 1; i < count && e == 0; i++)
		e = add_target(p, words[i]);
	return e;
}

static int kept_state(struct replay *p, const char *word, int *ret_state)
{
	static const char *const words[] = {"asking", "good", "refused", "broken", "unreachable"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0) {
			*ret_state = (int)i;
			return 0;
		}
	return replay_fail(p, "%s: no state of belief", word);
}

/*
 * What an earlier run left:
 * kept belief KEY ZONE STATE age=TIME for=TIME   (KEY with an underscore for each blank: system_192.0.2.53:53)
 * kept refusal ZONE WHY for=TIME
 */
int replay_kept(struct replay *p, char **words, size_t count)
{
	const char *age = replay_value(words, count, "age"), *lasts = replay_value(words, count, "for");
	struct store_belief b = {.why = -1};
	struct error err = {{0}};
	int64_t age_us = 0, for_us = 0;
	int e = replay_prepare(p);
	if (e == 0 && age)
		e = replay_time(p, age, &age_us);
	if (e == 0 && lasts)
		e = replay_time(p, lasts, &for_us);
	if (e < 0)
		return e;
	b.judged_at_ms = p->net.wall_ms - age_us / 1000;
	b.expires_at_ms = b.judged_at_ms + for_us / 1000;
	if (count >= 5 && strcmp(words[1], "belief") == 0) {
		for (char *c = words[2]; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		e = kept_state(p, words[4], &b.state);
		if (e == 0 && store_belief_put(p->store, words[2], words[3], &b, &err) < 0)
			e = replay_fail(p, "%s", err.text);
		return e;
	}
	if (count < 4 || strcmp(words[1], "refusal") != 0)
		return replay_fail(p, "kept belief KEY ZONE STATE age= for=, or kept refusal ZONE WHY for=");
	for (int why = 0; why < STATUS_WHY_COUNT; why++)
		if (strcmp(status_why_text((enum why)why), words[3]) == 0) {
			e = store_refusal_put(p->store, words[2], why, p->net.wall_ms + for_us / 1000, &err);
			return e < 0 ? replay_fail(p, "%s", err.text) : 0;
		}
	return replay_fail(p, "%s: no reason", words[3]);
}
