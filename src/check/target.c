/* SPDX-License-Identifier: BSD-2-Clause */
/* What a user names, told apart by its form: address, prefix, name, mail address, URL. */
#include "check/target_parts.h"

#include <errno.h>
#include <stdio.h>

#include "base/ascii.h"

enum {
	TEXT_MAX = 4096,    /* octets of one target; longer URLs exist, but not in mail */
	LOCAL_PART_MAX = 64 /* RFC 5321 4.5.3.1.1 */
};

/** A host with a port: "example.com:25", "[2001:db8::1]:25". */
struct host {
	struct span name; /* without brackets and port */
	struct span port;
	bool bracket, has_port;
};

static int fault(struct span text, const char *why, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE];
	return error_set(err, -EINVAL, "%s: %s", target_shown(text, shown), why);
}

static bool starts_nocase(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && span_equal_nocase(span_of(s.at, n), span_of(with, n));
}

/** Put "[.]" "[:]" "[@]", as people defang what they report, back to the character itself, up to octet `end`. */
static int refang(struct span text, size_t end, struct arena *arena, struct span *ret_text)
{
	char *out = arena_alloc(arena, text.len + 1, 1);
	size_t n = 0;
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		bool here = i + 3 <= end && text.at[i] == '[' && text.at[i + 2] == ']';
		if (here && (text.at[i + 1] == '.' || text.at[i + 1] == ':' || text.at[i + 1] == '@'))
			i++, out[n++] = (char)text.at[i++];
		else
			out[n++] = (char)text.at[i];
	}
	*ret_text = span_of(out, n);
	return 0;
}

/** @return index of the first octet of `set`, or s.len. */
static size_t find_any(struct span s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] && strchr(set, s.at[i]))
			return i;
	return s.len;
}

static size_t count_of(struct span s, uint8_t octet)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == octet;
	return n;
}

static int set_addr(struct target *t)
{
	t->kind = t->addr.family == 4 ? TARGET_IP4 : TARGET_IP6;
	return 0;
}

/** The text of an address between brackets; RFC 5321 4.1.3 writes "IPv6:" in front of one. */
static int bracket_addr(struct span inside, struct addr *ret_addr, struct error *err)
{
	if (starts_nocase(inside, "IPv6:"))
		inside = span_from(inside, 5);
	if (span_find(inside, ':') < inside.len)
		return target_addr6(inside, ret_addr, err);
	return target_addr4(inside, ret_addr, err);
}

static int split_host(struct span text, struct host *ret_host, struct error *err)
{
	struct host h = {.name = text};
	struct span after = {0};
	size_t end;
	if (text.len && text.at[0] == '[') {
		end = span_find(text, ']');
		if (end == text.len)
			return fault(text, "the bracket is not closed", err);
		h.bracket = true;
		h.name = span_of(text.at + 1, end - 1);
		after = span_from(text, end + 1);
		if (after.len && after.at[0] != ':')
			return fault(text, "only a port may follow the bracket", err);
	} else {
		end = span_find(text, ':');
		h.name = span_of(text.at, end);
		after = span_from(text, end);
	}
	h.has_port = after.len > 0;
	h.port = span_from(after, 1);
	*ret_host = h;
	return 0;
}

/** The host of a mail address or URL: an address, or else a name. */
static int parse_host(const struct host *h, struct arena *arena, struct target *t, struct error *err)
{
	if (h->bracket)
		return bracket_addr(h->name, &t->addr, err);
	if (target_looks_ip4(h->name))
		return target_addr4(h->name, &t->addr, err);
	return target_domain(h->name, arena, t, err);
}

/** The host as it is shown: with brackets round an address where the form wants them. */
static void host_text(const struct target *t, bool always_bracket, char *out, size_t size)
{
	char text[ADDR_TEXT_SIZE];
	if (t->name) {
		snprintf(out, size, "%s", t->name);
		return;
	}
	addr_text(&t->addr, text);
	if (always_bracket)
		snprintf(out, size, t->addr.family == 4 ? "[%s]" : "[IPv6:%s]", text);
	else
		snprintf(out, size, t->addr.family == 4 ? "%s" : "[%s]", text);
}

/** Dot-string or quoted string (RFC 5321 4.1.2), with UTF-8 (RFC 6531); dots may stand anywhere, as some hosts allow. */
static const char *local_part_reason(struct span local)
{
	bool quoted = local.len >= 2 && local.at[0] == '"' && local.at[local.len - 1] == '"';
	if (local.len == 0)
		return "nothing stands before the @";
	if (local.len > LOCAL_PART_MAX)
		return "more than 64 octets stand before the @";
	if (!quoted && find_any(local, "()<>[]:;@\\,\" ") < local.len)
		return "not a mail address; write local@example.com alone";
	return NULL;
}

static int parse_email(struct span text, struct arena *arena, struct target *t, struct error *err)
{
	char host[sizeof("[IPv6:]") + 255];
	size_t at = text.len;
	struct host h;
	struct span local;
	const char *why;
	int r;
	while (text.at[at - 1] != '@')
		at--;
	local = span_of(text.at, at - 1);
	why = local_part_reason(local);
	if (why)
		return fault(text, why, err);
	if (at == text.len)
		return fault(text, "nothing stands after the @", err);
	r = split_host(span_from(text, at), &h, err);
	if (r < 0)
		return r;
	if (h.has_port)
		return fault(text, "a mail address has no port; leave it out", err);
	r = parse_host(&h, arena, t, err);
	if (r < 0)
		return r;
	host_text(t, true, host, sizeof(host));
	t->kind = TARGET_EMAIL;
	t->text = arena_printf(arena, "%.*s@%s", (int)local.len, (const char *)local.at, host);
	return t->text ? 0 : -ENOMEM;
}

static int url_port(struct span text, const struct host *h, unsigned usual, unsigned *ret_port, struct error *err)
{
	uint64_t port = usual;
	if (h->port.len && (ascii_parse_u64(h->port, UINT16_MAX, &port) < 0 || port == 0))
		return fault(text, "the port is not a number from 1 to 65535", err);
	*ret_port = (unsigned)port;
	return 0;
}

/* RFC 3986 3.2.1: what stands before the last '@' is a user name and password. */
static struct span without_userinfo(struct span authority)
{
	for (size_t i = authority.len; i; i--)
		if (authority.at[i - 1] == '@')
			return span_from(authority, i);
	return authority;
}

static bool is_scheme(struct span text, const char *plain, const char *defanged)
{
	return starts_nocase(text, plain) || starts_nocase(text, defanged);
}

/**
 * RFC 3986. User name and password are left out of what is shown and asked; so is the fragment, which no server sees.
 */
static int parse_url(struct span text, size_t colon, struct arena *arena, struct target *t, struct error *err)
{
	bool secure = is_scheme(text, "https:", "hxxps:");
	struct span rest = span_from(text, colon + 3), authority, path;
	char host[sizeof("[IPv6:]") + 255], port_text[8] = "";
	unsigned port = 0, usual = secure ? 443 : 80;
	struct host h;
	size_t end;
	int r;
	if (!secure && !is_scheme(text, "http:", "hxxp:"))
		return fault(text, "only http and https URLs are taken; write the host name alone", err);
	end = find_any(rest, "/?#\\");
	authority = without_userinfo(span_of(rest.at, end));
	path = span_from(rest, end);
	path.len = find_any(path, "#");
	if (authority.len == 0)
		return fault(text, "the URL has no host", err);
	r = split_host(authority, &h, err);
	if (r == 0)
		r = url_port(text, &h, usual, &port, err);
	if (r == 0)
		r = parse_host(&h, arena, t, err);
	if (r < 0)
		return r;
	if (port != usual)
		snprintf(port_text, sizeof(port_text), ":%u", port);
	host_text(t, false, host, sizeof(host));
	t->kind = TARGET_URL;
	t->text = arena_printf(arena, "%s://%s%s%s%.*s", secure ? "https" : "http", host, port_text,
			       path.len && path.at[0] != '?' ? "" : "/", (int)path.len,
			       path.len ? (const char *)path.at : "");
	return t->text ? 0 : -ENOMEM;
}

/** Something with a slash and no "://": a prefix, or a URL whose beginning is missing. */
static int parse_slash(struct span text, struct arena *arena, struct target *t, struct error *err)
{
	struct span left = span_of(text.at, span_find(text, '/'));
	char shown[TARGET_SHOWN_SIZE], out[PREFIX_TEXT_SIZE];
	int r;
	if (!target_looks_ip4(left) && count_of(left, ':') < 2)
		return error_set(err, -EINVAL, "%s: neither a prefix nor a URL; write http:// in front if it is a URL",
				 target_shown(text, shown));
	r = target_prefix(text, &t->prefix, err);
	if (r < 0)
		return r;
	prefix_text(&t->prefix, out);
	t->kind = TARGET_PREFIX;
	t->text = arena_copy(arena, span_str(out));
	return t->text ? 0 : -ENOMEM;
}

static int refuse_port(struct span text, struct span host, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE], name[TARGET_SHOWN_SIZE];
	return error_set(err, -EINVAL, "%s: blocklists know no ports; write %s", target_shown(text, shown),
			 target_shown(host, name));
}

static int parse_plain(struct span text, struct arena *arena, struct target *t, struct error *err)
{
	char out[ADDR_TEXT_SIZE];
	struct host h = {.name = text};
	int r = 0;
	if (text.at[0] == '[' || count_of(text, ':') == 1)
		r = split_host(text, &h, err);
	if (r < 0)
		return r;
	if (h.has_port)
		return refuse_port(text, h.name, err);
	if (!h.bracket && span_find(text, ':') < text.len)
		r = target_addr6(text, &t->addr, err);
	else
		r = parse_host(&h, arena, t, err);
	if (r < 0)
		return r;
	if (t->name) {
		t->kind = TARGET_DOMAIN;
		t->text = t->name;
		return 0;
	}
	set_addr(t);
	addr_text(&t->addr, out);
	t->text = arena_copy(arena, span_str(out));
	return t->text ? 0 : -ENOMEM;
}

static int check_text(struct span text, struct error *err)
{
	bool quoted = text.len && text.at[0] == '"';
	if (text.len == 0)
		return error_set(err, -EINVAL, "an empty target; write an address, a name, a mail address or a URL");
	if (text.len > TEXT_MAX)
		return fault(text, "longer than 4096 octets", err);
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] == 0x7f || (text.at[i] == ' ' && !quoted))
			return fault(text, "a blank or control character stands in it; write one target a word", err);
	return 0;
}

int target_parse(struct span text, struct arena *arena, struct target *ret_target, struct error *err)
{
	struct target t = {0};
	size_t scheme, at;
	int r;
	text = span_trim(text);
	r = check_text(text, err);
	if (r < 0)
		return r;
	t.given = arena_copy(arena, text);
	if (!t.given)
		return -ENOMEM;
	/* a path may hold brackets of its own; what comes before it is host and scheme */
	at = span_find(text, '/');
	if (at > 0 && at + 2 < text.len && text.at[at + 1] == '/')
		at += 2 + find_any(span_from(text, at + 2), "/?#");
	r = refang(text, at, arena, &text);
	if (r < 0)
		return r;
	scheme = span_find(text, ':');
	if (scheme + 2 < text.len && text.at[scheme + 1] == '/' && text.at[scheme + 2] == '/')
		r = parse_url(text, scheme, arena, &t, err);
	else if (span_find(text, '@') < text.len)
		r = parse_email(text, arena, &t, err);
	else if (span_find(text, '/') < text.len)
		r = parse_slash(text, arena, &t, err);
	else
		r = parse_plain(text, arena, &t, err);
	if (r == 0)
		*ret_target = t;
	return r;
}

const char *target_kind_text(enum target_kind k)
{
	static const char *const text[] = {"ip4", "ip6", "domain", "email", "url", "prefix"};
	return text[k];
}

/** Names that mean something inside one network only: every list would call them clear. */
static const char *local_name(const char *name)
{
	static const char *const table[][2] = {
		{"local", "a name for the local link (RFC 6762)"},
		{"localhost", "loopback (RFC 6761)"},
		{"onion", "a name that DNS does not have (RFC 7686)"},
		{"home.arpa", "a name for home networks (RFC 8375)"},
		{"internal", "a name for private networks"},
	};
	size_t len = strlen(name), n;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = strlen(table[i][0]);
		if (len > n && name[len - n - 1] == '.' && strcmp(name + len - n, table[i][0]) == 0)
			return table[i][1];
	}
	return NULL;
}

const char *target_unaskable(const struct target *t)
{
	const struct addr *a = t->kind == TARGET_PREFIX ? &t->prefix.addr : &t->addr;
	enum addr_kind kind;
	if (t->name)
		return local_name(t->name);
	kind = addr_kind(a);
	return kind == ADDR_PUBLIC || kind == ADDR_DOCUMENTATION ? NULL : addr_kind_text(kind);
}
