/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings: one row each, with default and help. The manual page and completion are made from this table. */
#include "config/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/ascii.h"

/* Only the form is looked at here: addresses belong to the room net, which this one must not know. */
static bool is_address(struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char octets[16];
	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET, copy, octets) == 1 || inet_pton(AF_INET6, copy, octets) == 1;
}

static bool accept_address(struct span text, void *field)
{
	return is_address(text);
}

static bool accept_resolver(struct span text, void *field)
{
	struct span host = text, port = {0};
	uint64_t number;
	size_t close = span_find(text, ']'), colon = span_find(text, ':');
	if (span_equal(text, span_str("auto")) || span_equal(text, span_str("system")) ||
	    span_equal(text, span_str("direct")) || is_address(text))
		return true;
	if (text.at[0] == '[' && close + 1 < text.len && text.at[close + 1] == ':') {
		host = span_of(text.at + 1, close - 1);
		port = span_from(text, close + 2);
	} else if (colon < text.len) {
		host = span_of(text.at, colon);
		port = span_from(text, colon + 1);
	}
	return is_address(host) && ascii_parse_u64(port, 65535, &number) == 0 && number > 0;
}

static bool accept_path(struct span text, void *field)
{
	return text.at[0] == '/';
}

static bool accept_anchor(struct span text, void *field)
{
	return text.at[0] == '/' || span_equal(text, span_str("none"));
}

static bool accept_impact(struct span text, void *field)
{
	return span_equal(text, span_str("low")) || span_equal(text, span_str("medium")) ||
	       span_equal(text, span_str("high"));
}

static bool accept_zone(struct span text, void *field)
{
	bool dot = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && !memchr("-_.{}", c, 5))
			return false;
		dot |= c == '.';
	}
	return dot && text.len < 254;
}

#define AT(member) .offset = offsetof(struct settings, member)
#define PATH       .type = SCHEMA_TEXT, .accept = accept_path, .expected = "an absolute path"
#define ZONES(list, number)                                                                                            \
	.type = SCHEMA_TEXTS, AT(list), .count_offset = offsetof(struct settings, number), .accept = accept_zone,      \
	.expected = "the name of a zone"

static const struct schema_row dns_rows[] = {
	{"resolver", SCHEMA_TEXT, AT(dns.resolver), .accept = accept_resolver, .default_text = "auto",
	 .expected = "auto, system, direct or ADDRESS[:PORT]",
	 .help = "Where queries go: auto begins with the system's resolver and turns to a list's own servers where the "
		 "refusal or the fault is the resolver's; system and direct use only the one or the other; "
		 "ADDRESS[:PORT] uses that resolver."},
	{"root_hints", PATH, AT(dns.root_hints),
	 .help = "File of root name servers, in the form of named.root. Absent: the built-in ones."},
	{"trust_anchor", SCHEMA_TEXT, AT(dns.trust_anchor), .accept = accept_anchor,
	 .expected = "an absolute path or none",
	 .help = "File with the DNSSEC trust anchor of the root; none switches validation off. Absent: the system's."},
	{"resolv_conf", PATH, AT(dns.resolv_conf), .default_text = "/etc/resolv.conf",
	 .help = "File that names the system's resolvers."},
	{"budget_s", SCHEMA_REAL, AT(dns.budget_s), .min = 0.1, .max = 60, .default_text = "2",
	 .help = "Seconds that one list may take before it counts as unreachable."},
};

static const struct schema_row check_rows[] = {
	{"min_impact", SCHEMA_TEXT, AT(check.min_impact), .accept = accept_impact, .default_text = "medium",
	 .expected = "low, medium or high", .help = "Listings of this impact and above make the verdict listed."},
	{"skip", ZONES(check.skip, check.skip_count), .help = "Zones that are never queried."},
	{"enable", ZONES(check.enable, check.enable_count),
	 .help = "Zones to query although they are not queried by default (unverified ones)."},
	{"strict", SCHEMA_BOOL, AT(check.strict), .default_text = "false",
	 .help = "Whether a list that needs a key or a registration which is not there makes the verdict unknown."},
};

/* their members are places in struct settings, so the maps have no structs of their own */
static const struct schema dns_map = {"dns", dns_rows, sizeof(dns_rows) / sizeof(*dns_rows), sizeof(struct settings)};
static const struct schema check_map = {"check", check_rows, sizeof(check_rows) / sizeof(*check_rows),
					sizeof(struct settings)};

static const struct schema_row rows[] = {
	{"dns", SCHEMA_MAP, .map = &dns_map, .help = "How lists are queried."},
	{"check", SCHEMA_MAP, .map = &check_map, .help = "How offlist check judges the answers."},
	{"addresses", SCHEMA_TEXTS, AT(addresses), .count_offset = offsetof(struct settings, address_count),
	 .accept = accept_address, .expected = "an IPv4 or IPv6 address",
	 .help = "The public addresses of this server; used instead of what is found on it."},
	{"lists_dir", PATH, AT(lists_dir), .default_text = "/etc/offlist/lists.d",
	 .help = "Folder with list records of your own (*.yaml), see offlist-lists(5)."},
	{"receivers_dir", PATH, AT(receivers_dir), .default_text = "/etc/offlist/receivers.d",
	 .help = "Folder with records of your own of what receivers' replies mean (*.yaml)."},
	{"key_file", PATH, AT(key_file), .default_text = "/etc/offlist/keys.yaml",
	 .help = "File with the keys of lists that need one: a map of key name to key, readable by root and a group "
		 "only."},
	{"state", PATH, AT(state), .help = "State folder. Absent: /var/lib/offlist, or $XDG_STATE_HOME/offlist."},
};

const struct schema *settings_schema(void)
{
	static const struct schema schema = {"the settings", rows, sizeof(rows) / sizeof(*rows),
					     sizeof(struct settings)};
	return &schema;
}

int settings_read(struct span text, const char *file, struct arena *arena, struct schema_faults *faults,
		  struct settings *ret_settings)
{
	struct settings settings = {0};
	int rc = schema_defaults(settings_schema(), arena, &settings);
	if (rc == 0)
		rc = schema_read(settings_schema(), text, file, arena, faults, &settings);
	if (rc == 0)
		*ret_settings = settings;
	return rc;
}

static int unreadable(const char *path, int rc, bool required, struct error *err)
{
	if (rc == -ENOENT)
		return required ? error_set(err, rc, "%s: there is no such file", path) : 0;
	if (rc == -ENOMEM)
		return error_set(err, rc, "%s: out of memory", path);
	if (rc == -EFBIG)
		return error_set(err, -EBADMSG, "%s: larger than %d octets", path, SCHEMA_FILE_OCTETS_MAX);
	return error_set(err, -EACCES, "%s: cannot be read: %s", path, strerror(-rc));
}

int settings_load_all(const char *path, bool required, struct arena *arena, struct schema_faults *faults,
		      struct settings *ret_settings)
{
	struct span text = {0};
	int rc = schema_file(path, arena, &text, NULL);
	if (rc < 0)
		rc = unreadable(path, rc, required, faults->err);
	if (rc < 0)
		return rc;
	rc = settings_read(text, path, arena, faults, ret_settings);
	return rc == -ENOMEM ? error_set(faults->err, rc, "%s: out of memory", path) : rc;
}

int settings_load(const char *path, bool required, struct arena *arena, struct settings *ret_settings,
		  struct error *err)
{
	struct schema_faults faults = {.err = err};
	int rc = settings_load_all(path, required, arena, &faults, ret_settings);
	if (err && faults.count > 1) {
		size_t len = strlen(err->text);
		snprintf(err->text + len, sizeof(err->text) - len, " (and %zu more)", faults.count - 1);
	}
	return rc;
}
