/* SPDX-License-Identifier: BSD-2-Clause */
/* "This server": which MTA, then its settings, then the machine's own interfaces and name. */
#include "mta/server.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include "mta/finder.h"

enum { INTERFACES_MAX = 512 };

static const struct mta_row *const rows[] = {&mta_postfix, &mta_exim, &mta_opensmtpd, &mta_sendmail};

static bool any_exists(const struct finder *f, const char *const *paths, size_t max)
{
	for (size_t i = 0; i < max && paths[i]; i++)
		if (finder_exists(f, paths[i]))
			return true;
	return false;
}

/** The one with settings and program; settings alone may be what a removed package left behind. */
static const struct mta_row *which(const struct finder *f)
{
	const struct mta_row *left = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!any_exists(f, rows[i]->files, sizeof(rows[i]->files) / sizeof(char *)))
			continue;
		if (any_exists(f, rows[i]->programs, sizeof(rows[i]->programs) / sizeof(char *)))
			return rows[i];
		if (!left)
			left = rows[i];
	}
	return left;
}

static void add_interfaces(struct finder *f, bool *ret_private4)
{
	const char *origin;
	*ret_private4 = false;
	for (size_t i = 0; i < f->interface_count; i++) {
		enum addr_kind kind = addr_kind(&f->interfaces[i].addr);
		origin = arena_printf(f->arena, "interface %s", f->interfaces[i].name);
		if (!origin)
			f->error = -ENOMEM;
		else
			finder_address(f, &f->interfaces[i].addr, origin);
		*ret_private4 |= f->interfaces[i].addr.family == 4 && (kind == ADDR_PRIVATE || kind == ADDR_SHARED);
	}
}

static bool has_ip4(const struct server *s)
{
	for (size_t i = 0; i < s->address_count; i++)
		if (s->addresses[i].addr.family == 4)
			return true;
	return false;
}

/** The machine's own name, where the MTA's settings name none: not what is said in HELO. */
static void add_machine_name(struct finder *f)
{
	char name[256] = "";
	struct span text;
	f->server.helo = f->server.host_name;
	if (!f->server.host_name && finder_exists(f, "/etc/mailname") && finder_file(f, "/etc/mailname", &text) == 0)
		finder_host_name(f, text);
	if (f->server.host_name)
		return;
	if (f->root[0] == '\0' && gethostname(name, sizeof(name) - 1) == 0)
		finder_host_name(f, span_str(name));
	else if (finder_exists(f, "/etc/hostname") && finder_file(f, "/etc/hostname", &text) == 0)
		finder_host_name(f, text);
}

int finder_prepare(struct finder *f)
{
	f->server.mta_name = "none found";
	f->server.addresses = arena_alloc(f->arena, FINDER_ADDRESSES_MAX, sizeof(*f->server.addresses));
	f->server.queues = arena_alloc(f->arena, FINDER_QUEUES_MAX, sizeof(*f->server.queues));
	f->server.domains = arena_alloc(f->arena, FINDER_DOMAINS_MAX, sizeof(*f->server.domains));
	f->notes = arena_alloc(f->arena, FINDER_NOTES_MAX, sizeof(*f->notes));
	f->server.networks = arena_alloc(f->arena, FINDER_NETWORKS_MAX, sizeof(*f->server.networks));
	return f->server.addresses && f->server.queues && f->server.networks && f->server.domains && f->notes ? 0
													      : -ENOMEM;
}

int server_find_among(const char *root, const struct trace *trace, const struct interface *interfaces, size_t count,
		      struct arena *arena, struct server *ret_server, const char ***ret_notes, size_t *ret_note_count)
{
	struct finder f = {
		.root = root, .trace = trace, .arena = arena, .interfaces = interfaces, .interface_count = count};
	const struct mta_row *row;
	bool private4;
	int r = finder_prepare(&f);
	if (r < 0)
		return r;
	row = which(&f);
	if (row) {
		f.server.mta = row->kind;
		f.server.mta_name = row->name;
		row->read(&f);
	}
	add_interfaces(&f, &private4);
	add_machine_name(&f);
	f.server.behind_nat = private4 && f.server.address_count == 0;
	if (private4 && !f.server.behind_nat && !has_ip4(&f.server))
		finder_note(&f, "its IPv4 addresses are private: which one receivers see is not known here");
	if (f.error < 0)
		return f.error;
	*ret_server = f.server;
	*ret_notes = f.notes;
	*ret_note_count = f.note_count;
	return 0;
}

static int machine_interfaces(struct arena *arena, struct interface *list, size_t *ret_count)
{
	struct ifaddrs *all;
	struct endpoint e;
	size_t count = 0;
	int r = 0;
	if (getifaddrs(&all) < 0)
		return -errno;
	for (struct ifaddrs *i = all; i && r == 0 && count < INTERFACES_MAX; i = i->ifa_next) {
		if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || endpoint_from_sockaddr(i->ifa_addr, &e) < 0)
			continue;
		list[count].addr = e.addr;
		list[count].name = arena_copy(arena, span_str(i->ifa_name));
		r = list[count++].name ? 0 : -ENOMEM;
	}
	freeifaddrs(all);
	*ret_count = count;
	return r;
}

int server_find(const char *root, const struct trace *trace, struct arena *arena, struct server *ret_server,
		const char ***ret_notes, size_t *ret_note_count)
{
	struct interface *list = arena_alloc(arena, INTERFACES_MAX, sizeof(*list));
	size_t count = 0;
	int r = list ? 0 : -ENOMEM;
	/* a tree that stands for another machine has none of this one's interfaces */
	if (r == 0 && root[0] == '\0')
		r = machine_interfaces(arena, list, &count);
	if (r == -ENOMEM)
		return r;
	return server_find_among(root, trace, list, count, arena, ret_server, ret_notes, ret_note_count);
}
