/* SPDX-License-Identifier: BSD-2-Clause */
/* From options, settings and state to what a diagnosis starts from. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ascii.h"
#include "cli/context.h"
#include "cli/diagnose_command.h"
#include "sys/files.h"

enum {
	NETWORKS_MAX = 4096,
	TOP_MAX = 1000000,
};
/* an older check tells nothing of today's listings */
static const int64_t check_age_max_ms = INT64_C(14) * 86400000;

static int add_network(struct prefix *networks, size_t *count, struct span text, const char *where, int status)
{
	struct prefix p;
	int r = prefix_parse(text, &p);
	if (r < 0)
		return complain(status, "%s %.*s: %s", where, (int)text.len, (const char *)text.at,
				r == -EDOM ? "host bits are set behind the prefix" : "no address and no CIDR");
	if (*count >= NETWORKS_MAX)
		return complain(status, "%s: more than %d networks", where, NETWORKS_MAX);
	networks[(*count)++] = p;
	return EXIT_NOTHING;
}

static int given_networks(struct diagnose_command *k, struct prefix *networks, size_t *count)
{
	const struct options *o = k->c->options;
	for (size_t i = 0; i < options_count(o, "mynetworks"); i++) {
		struct span rest = span_str(options_nth(o, "mynetworks", i));
		while (rest.len) {
			size_t n = span_find(rest, ',');
			struct span one = span_trim(span_of(rest.at, n));
			int status =
				one.len ? add_network(networks, count, one, "--mynetworks", EXIT_USAGE) : EXIT_NOTHING;
			if (status != EXIT_NOTHING)
				return status;
			rest = span_from(rest, n + 1);
		}
	}
	return EXIT_NOTHING;
}

/* The mail server's own setting. A log that was named may be another machine's: private ranges are inside there as well. */
static int own_networks(struct diagnose_command *k, struct prefix *networks, size_t *count)
{
	static const char *const private[] = {"10.0.0.0/8",  "172.16.0.0/12", "192.168.0.0/16",
					      "127.0.0.0/8", "::1/128",       "fc00::/7"};
	int status = log_input_server(&k->input);
	const struct server *own = &k->input.server;
	if (status != EXIT_NOTHING || own->network_count == 0)
		return status;
	for (size_t i = 0; i < own->network_count && *count < NETWORKS_MAX; i++)
		networks[(*count)++] = own->networks[i];
	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]) && !k->input.own; i++)
		add_network(networks, count, span_str(private[i]), "private ranges", EXIT_USAGE);
	return EXIT_NOTHING;
}

static int choose_networks(struct diagnose_command *k)
{
	struct prefix *networks = arena_alloc(k->c->arena, NETWORKS_MAX, sizeof(*networks));
	size_t count = 0;
	int status;
	if (!networks)
		return complain(EXIT_IO, "out of memory");
	status = given_networks(k, networks, &count);
	if (status == EXIT_NOTHING && !options_has(k->c->options, "mynetworks"))
		status = own_networks(k, networks, &count);
	k->options.mynetworks = networks;
	k->options.mynetwork_count = count;
	return status;
}

static int given_check(struct diagnose_command *k, const char *path)
{
	struct buf text = buf_make(CHECK_READ_OCTETS_MAX);
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	struct error err = {{0}};
	int r = standard ? files_read_open(STDIN_FILENO, 0, &text, NULL, &err) : files_read(path, 0, &text, NULL, &err);
	int status = EXIT_NOTHING;
	if (r < 0)
		status = complain(r == -EACCES ? EXIT_PERMISSION : EXIT_IO, "--check %s: %s", name, err.text);
	else if ((r = listings_read(buf_span(&text), name, k->c->arena, &k->listings, &err)) < 0)
		status = complain(r == -EBADMSG ? EXIT_USAGE : EXIT_IO, "--check %s", err.text);
	buf_release(&text);
	return status;
}

/* The last check of one target, where the state has it; a kept one that cannot be read is as good as none. */
static void kept_check(struct diagnose_command *k, const char *target)
{
	struct buf text = buf_make(CHECK_READ_OCTETS_MAX);
	int64_t at_ms = 0;
	if (store_check_get(k->store, target, &text, &at_ms, NULL) == 0 && k->input.now_ms - at_ms < check_age_max_ms)
		listings_read(buf_span(&text), "the last check", k->c->arena, &k->listings, NULL);
	buf_release(&text);
}

static int kept_checks(struct diagnose_command *k)
{
	const struct settings *s = &k->c->settings;
	const struct server *own = &k->input.server;
	int status = log_input_server(&k->input);
	if (status != EXIT_NOTHING || !k->store)
		return status;
	for (size_t i = 0; i < s->address_count; i++)
		kept_check(k, s->addresses[i]);
	for (size_t i = 0; i < own->address_count && s->address_count == 0; i++) {
		char text[ADDR_TEXT_SIZE];
		addr_text(&own->addresses[i].addr, text);
		kept_check(k, text);
	}
	if (own->host_name)
		kept_check(k, own->host_name);
	for (size_t i = 0; i < own->domain_count; i++)
		kept_check(k, own->domains[i]);
	return EXIT_NOTHING;
}

static int choose_listings(struct diagnose_command *k)
{
	const struct options *o = k->c->options;
	int status = EXIT_NOTHING;
	k->listings.checked_ms = CASE_TIME_NONE;
	for (size_t i = 0; i < options_count(o, "check") && status == EXIT_NOTHING; i++)
		status = given_check(k, options_nth(o, "check", i));
	if (status == EXIT_NOTHING && !options_has(o, "check"))
		status = kept_checks(k);
	k->options.listings = k->listings.at;
	k->options.listing_count = k->listings.count;
	k->options.listings_known = k->listings.checks > 0;
	return status;
}

static int choose_explain(struct diagnose_command *k)
{
	const struct options *o = k->c->options;
	for (size_t i = 0; i < options_count(o, "explain"); i++) {
		const char *word = options_nth(o, "explain", i);
		for (unsigned c = 0; c < CAUSE_COUNT; c++)
			if (strcmp(word, "all") == 0 || strcmp(word, cause_text((enum cause)c)) == 0)
				k->view.of.explain |= 1u << c;
	}
	return EXIT_NOTHING;
}

static int choose_top(struct diagnose_command *k)
{
	const char *text = options_value(k->c->options, "top");
	uint64_t n = 0;
	if (text && (ascii_parse_u64(span_str(text), TOP_MAX, &n) < 0 || n == 0))
		return complain(EXIT_USAGE, "--top %s: not a number from 1 to %d", text, TOP_MAX);
	k->view.of.top = (size_t)n;
	return EXIT_NOTHING;
}

static int choose_receivers(struct diagnose_command *k)
{
	int status = context_catalogue(k->c, &k->catalogue);
	if (status == EXIT_NOTHING)
		status = context_receivers(k->c, k->catalogue, &k->receivers);
	if (status != EXIT_NOTHING)
		return status;
	k->options.receivers = k->receivers;
	return EXIT_NOTHING;
}

static bool utf8_wanted(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = getenv(names[i]);
		if (text && *text)
			return strcasestr(text, "UTF-8") || strcasestr(text, "utf8");
	}
	return false;
}

int diagnose_setup(struct diagnose_command *k)
{
	int status = choose_top(k);
	k->options.now_ms = k->input.now_ms;
	k->options.own_server = k->input.own;
	k->options.listed_at_ms = CASE_TIME_NONE;
	if (status == EXIT_NOTHING)
		status = choose_explain(k);
	if (status == EXIT_NOTHING)
		status = log_input_moment(&k->input, "listed-at", false, true, &k->options.listed_at_ms);
	if (status == EXIT_NOTHING)
		status = choose_networks(k);
	if (status == EXIT_NOTHING)
		status = choose_listings(k);
	if (status == EXIT_NOTHING)
		status = choose_receivers(k);
	k->view.of.unparsed = options_has(k->c->options, "unparsed");
	k->view.now_ms = k->input.now_ms;
	k->view.of.listed_at_ms = k->options.listed_at_ms;
	k->view.of.listings = k->options.listings;
	k->view.of.listing_count = k->options.listing_count;
	k->view.of.listings_known = k->options.listings_known;
	k->view.width = k->c->width;
	k->view.height = k->c->height;
	k->view.terminal = k->c->terminal;
	k->view.colour = k->c->colour;
	k->view.utf8 = utf8_wanted();
	return status;
}
