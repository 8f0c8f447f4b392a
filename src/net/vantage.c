/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/vantage.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "net/conn.h"
#include "net/vantage_link.h"

static const char own_namespace[] = "/proc/thread-self/ns/net";

/* Of 198.18.0.0/15 (RFC 2544). Always the same: who lets strangers wait (greylisting) knows it again at the next run. */
static const struct addr stranger = {.family = 4, .octets = {198, 19, 25, 25}};

/* In the new namespace: the pair, and all that is to be done on this side of it. */
static int furnish_there(const struct vantage *v, const char *name)
{
	int rc = vantage_link_pair("offlist", name, v->here);
	if (rc == 0)
		rc = vantage_link_address("offlist", &v->addr);
	if (rc == 0)
		rc = vantage_link_up("offlist");
	if (rc == 0)
		rc = vantage_link_route("offlist", NULL);
	return rc;
}

static int furnish_here(const struct vantage *v, const char *name)
{
	int rc = vantage_link_up(name);
	return rc ? rc : vantage_link_route(name, &v->addr);
}

/* The thread is in the namespace `here` again at its end, whatever happened. */
static int make(struct vantage *v)
{
	char name[IF_NAMESIZE];
	int rc;
	snprintf(name, sizeof(name), "offlist%d", (int)getpid());
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	v->there = open(own_namespace, O_RDONLY | O_CLOEXEC);
	rc = v->there < 0 ? -errno : furnish_there(v, name);
	if (setns(v->here, CLONE_NEWNET) < 0)
		return -errno;
	return rc ? rc : furnish_here(v, name);
}

int vantage_open(struct vantage *ret_vantage, struct error *why)
{
	struct vantage v = {.here = open(own_namespace, O_RDONLY | O_CLOEXEC), .there = -1, .addr = stranger};
	int rc = v.here < 0 ? -errno : make(&v);
	if (rc < 0) {
		error_set(why, rc, "a network namespace of our own could not be made: %s", strerrordesc_np(-rc));
		vantage_close(&v);
		return rc;
	}
	*ret_vantage = v;
	return 0;
}

int vantage_connect(const struct vantage *v, const struct endpoint *to, int *ret_fd)
{
	int rc;
	if (setns(v->there, CLONE_NEWNET) < 0)
		return -errno;
	rc = conn_begin(to, ret_fd);
	if (setns(v->here, CLONE_NEWNET) < 0)
		return -errno;
	return rc;
}

void vantage_close(struct vantage *v)
{
	if (v->addr.family == 0)
		return;
	if (v->here >= 0)
		close(v->here);
	if (v->there >= 0)
		close(v->there);
	*v = (struct vantage){.here = -1, .there = -1};
}

static bool may_be_reached(const struct ifaddrs *i, struct addr *ret_addr)
{
	struct endpoint e;
	enum addr_kind kind;
	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || endpoint_from_sockaddr(i->ifa_addr, &e) < 0)
		return false;
	kind = addr_kind(&e.addr);
	*ret_addr = e.addr;
	return e.addr.family == 4 && kind != ADDR_LOOPBACK && kind != ADDR_LINK_LOCAL;
}

static bool is_public(const struct addr *a)
{
	enum addr_kind kind = addr_kind(a);
	return kind == ADDR_PUBLIC || kind == ADDR_DOCUMENTATION;
}

size_t vantage_targets(struct addr *list, size_t max)
{
	struct ifaddrs *all;
	size_t count = 0;
	if (getifaddrs(&all) < 0)
		return 0;
	for (int wanted = 1; wanted >= 0; wanted--)
		for (struct ifaddrs *i = all; i && count < max; i = i->ifa_next) {
			struct addr a;
			if (may_be_reached(i, &a) && is_public(&a) == wanted)
				list[count++] = a;
		}
	freeifaddrs(all);
	return count;
}
