/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets that the user names, and this server where none is named (rule 7). */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/check_command.h"
#include "cli/drive.h"
#include "cli/quoted.h"
#include "mta/server.h"

enum { FAULTS_SHOWN = 20, EXPANDED_MAX = 16384 };

static void tell_line(void *arg, const char *line)
{
	size_t *count = arg;
	if ((*count)++ < FAULTS_SHOWN)
		complain(0, "%s", line);
}

static int read_files(struct check_command *k)
{
	const struct options *o = k->c->options;
	size_t faults = 0;
	int bad = 0;
	for (size_t i = 0; i < options_count(o, "file"); i++) {
		struct error err = {{0}};
		int e = targets_add_file(&k->targets, options_nth(o, "file", i), tell_line, &faults, &err);
		if (e == -EACCES)
			return complain(EXIT_PERMISSION, "%s", err.text);
		if (e < 0 && e != -EINVAL)
			return complain(EXIT_IO, "%s", err.text);
		bad |= e;
	}
	if (faults > FAULTS_SHOWN)
		complain(0, "and %zu more lines like these", faults - FAULTS_SHOWN);
	return bad ? EXIT_USAGE : EXIT_NOTHING;
}

/* Names get their registrable domain and addresses; doubles fall together. */
static int expand(struct check_command *k)
{
	struct targets *t = &k->targets;
	struct target *given = targets_array(t);
	struct target *all = calloc(EXPANDED_MAX, sizeof(*all));
	size_t count = t->count;
	int n = given && all ? drive_expansion(&k->config, given, count, options_has(k->c->options, "mx"), &t->arena,
					       all, EXPANDED_MAX, &k->incomplete)
			     : -ENOMEM;
	targets_clear_items(t);
	for (int i = 0; i < n; i++)
		if (targets_add(t, &all[i]) < 0)
			n = -ENOMEM;
	free(all);
	if (n == -ENOSPC)
		return complain(EXIT_USAGE, "the names lead to more than %d targets; give fewer at a time",
				EXPANDED_MAX);
	return n < 0 ? complain(EXIT_IO, "out of memory") : EXIT_NOTHING;
}

static int settle(struct check_command *k, bool fleet)
{
	int status = EXIT_NOTHING;
	k->config.fleet = fleet;
	if (!fleet && !options_has(k->c->options, "dry-run"))
		status = expand(k);
	if (status == EXIT_NOTHING && targets_finish(&k->targets) < 0)
		status = complain(EXIT_IO, "out of memory");
	return status;
}

int cmd_check_given_targets(struct check_command *k)
{
	struct context *c = k->c;
	int status;
	if (options_has(c->options, "ip"))
		return complain(EXIT_USAGE, "--ip names this server's address and goes without TARGET and --file");
	for (int i = 0; i < c->argc; i++) {
		struct error err = {{0}};
		int e = targets_add_text(&k->targets, span_str(c->argv[i]), &err);
		if (e == -ENOMEM)
			return complain(EXIT_IO, "out of memory");
		if (e < 0)
			return complain(EXIT_USAGE, "%s", err.text);
	}
	status = read_files(k);
	if (status != EXIT_NOTHING)
		return status;
	if (k->targets.count == 0 && k->targets.prefix_count == 0)
		return complain(EXIT_USAGE, "no target in the file");
	return settle(k, targets_fleet(&k->targets));
}

static int add_own(struct check_command *k, const char *text, const char *origin, const char *where)
{
	struct targets *t = &k->targets;
	struct target target;
	struct error err = {{0}};
	int e = target_parse(span_str(text), &t->arena, &target, &err);
	if (e == -EINVAL && where)
		return complain(strcmp(where, "--ip") == 0 ? EXIT_USAGE : EXIT_CONFIGURATION, "%s: %s", where,
				err.text);
	if (e < 0)
		return EXIT_NOTHING; /* a name of the machine that is no name: nothing to ask */
	if (where && target.kind != TARGET_IP4 && target.kind != TARGET_IP6)
		return complain(strcmp(where, "--ip") == 0 ? EXIT_USAGE : EXIT_CONFIGURATION, "%s %s: not an address",
				where, text);
	target.origin = origin;
	return targets_add(t, &target) < 0 ? complain(EXIT_IO, "out of memory") : EXIT_NOTHING;
}

/* What the user says stands above all that is found. */
static int said_addresses(struct check_command *k)
{
	const struct settings *s = &k->c->settings;
	size_t given = options_count(k->c->options, "ip");
	int status = EXIT_NOTHING;
	for (size_t i = 0; i < given && status == EXIT_NOTHING; i++)
		status = add_own(k, options_nth(k->c->options, "ip", i), "given with --ip", "--ip");
	for (size_t i = 0; i < s->address_count && status == EXIT_NOTHING; i++)
		status = add_own(k, s->addresses[i], "addresses in the settings", "addresses");
	return status;
}

/* "[mail.example.net]:587" -> "mail.example.net" */
static const char *smarthost_target(const char *text, struct arena *arena)
{
	struct span s = span_str(text);
	size_t end;
	if (s.len && s.at[0] == '[') {
		end = span_find(s, ']');
		return arena_copy(arena, span_of(s.at + 1, end - 1));
	}
	end = span_find(s, ':');
	if (span_find(span_from(s, end + 1), ':') < s.len - end - 1)
		end = s.len; /* an IPv6 address */
	return arena_copy(arena, span_of(s.at, end));
}

static int add_found(struct check_command *k, const struct server *server)
{
	char text[ADDR_TEXT_SIZE];
	struct addr quoted;
	int status = EXIT_NOTHING;
	for (size_t i = 0; i < server->address_count && status == EXIT_NOTHING && k->c->settings.address_count == 0;
	     i++) {
		addr_text(&server->addresses[i].addr, text);
		status = add_own(k, text, server->addresses[i].origin, NULL);
	}
	if (status == EXIT_NOTHING && k->c->settings.address_count == 0 &&
	    quoted_known(k->store, clock_wall_ms(), &quoted)) {
		addr_text(&quoted, text);
		status = add_own(k, text, "quoted by receivers in your log", NULL);
	}
	if (status == EXIT_NOTHING && server->host_name)
		status = add_own(k, server->host_name, "the host's name", NULL);
	for (size_t i = 0; i < server->domain_count && status == EXIT_NOTHING; i++)
		status = add_own(k, server->domains[i], "a domain served here", NULL);
	if (status == EXIT_NOTHING && server->smarthost) {
		k->smarthost = smarthost_target(server->smarthost, &k->targets.arena);
		if (k->smarthost)
			status = add_own(k, k->smarthost, "the smarthost", NULL);
	}
	return status;
}

int cmd_check_own_targets(struct check_command *k)
{
	struct server server = {0};
	struct addr quoted;
	const char **notes = NULL;
	size_t note_count = 0;
	int status = said_addresses(k);
	if (status != EXIT_NOTHING)
		return status;
	if (server_find("", k->c->trace, &k->targets.arena, &server, &notes, &note_count) < 0)
		return complain(EXIT_IO, "out of memory");
	for (size_t i = 0; i < note_count; i++)
		cmd_check_note(k, notes[i]);
	if (k->targets.count == 0 && server.address_count == 0 && !quoted_known(k->store, clock_wall_ms(), &quoted))
		return complain(EXIT_CANNOT_TELL,
				server.behind_nat ? "this server is behind NAT: its own addresses are private; say "
						    "which public address its mail comes from: offlist check --ip ADDR"
						  : "no public address was found on this server; say which one its "
						    "mail comes from: offlist check --ip ADDR");
	k->helo = server.helo;
	status = add_found(k, &server);
	return status == EXIT_NOTHING ? settle(k, false) : status;
}
