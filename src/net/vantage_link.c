/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/vantage_link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stddef.h>
#include <unistd.h>

enum { REQUEST_MAX = 512, REPLY_MAX = 4096 };

struct request {
	union {
		struct nlmsghdr head;
		uint8_t octets[REQUEST_MAX];
	};
};

/* Room behind what is there; the requests of this file are far smaller than it. */
static void *extend(struct request *q, size_t octets)
{
	void *at = q->octets + q->head.nlmsg_len;
	q->head.nlmsg_len += (uint32_t)NLMSG_ALIGN(octets);
	return at;
}

static struct request begin(uint16_t type, uint16_t flags)
{
	struct request q = {.octets = {0}};
	q.head = (struct nlmsghdr){.nlmsg_len = NLMSG_HDRLEN,
				   .nlmsg_type = type,
				   .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)};
	return q;
}

static struct rtattr *open_attribute(struct request *q, uint16_t type)
{
	struct rtattr *a = extend(q, sizeof(*a));
	*a = (struct rtattr){.rta_len = sizeof(*a), .rta_type = type};
	return a;
}

static void close_attribute(const struct request *q, struct rtattr *a)
{
	a->rta_len = (uint16_t)(q->octets + q->head.nlmsg_len - (uint8_t *)a);
}

static void add(struct request *q, uint16_t type, const void *data, size_t octets)
{
	struct rtattr *a = open_attribute(q, type);
	memcpy(extend(q, octets), data, octets);
	a->rta_len = (uint16_t)(sizeof(*a) + octets);
}

static int wait_for_reply(int fd)
{
	union {
		struct nlmsghdr head;
		uint8_t octets[REPLY_MAX];
	} reply;
	ssize_t n = recv(fd, &reply, sizeof(reply), 0);
	struct nlmsgerr error;
	if (n < 0)
		return -errno;
	if ((size_t)n < NLMSG_LENGTH(sizeof(error)) || reply.head.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	memcpy(&error, NLMSG_DATA(&reply.head), sizeof(error));
	return error.error;
}

/* The kernel answers within the call that sends. */
static int ask(const struct request *q)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc = 0;
	if (fd < 0)
		return -errno;
	if (send(fd, q->octets, q->head.nlmsg_len, 0) < 0)
		rc = -errno;
	else
		rc = wait_for_reply(fd);
	close(fd);
	return rc;
}

int vantage_link_pair(const char *name, const char *peer, int peer_namespace)
{
	struct request q = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct rtattr *info, *data, *other;
	extend(&q, sizeof(struct ifinfomsg));
	add(&q, IFLA_IFNAME, name, strlen(name) + 1);
	info = open_attribute(&q, IFLA_LINKINFO);
	add(&q, IFLA_INFO_KIND, "veth", sizeof("veth") - 1);
	data = open_attribute(&q, IFLA_INFO_DATA);
	other = open_attribute(&q, VETH_INFO_PEER);
	extend(&q, sizeof(struct ifinfomsg));
	add(&q, IFLA_IFNAME, peer, strlen(peer) + 1);
	add(&q, IFLA_NET_NS_FD, &peer_namespace, sizeof(peer_namespace));
	close_attribute(&q, other);
	close_attribute(&q, data);
	close_attribute(&q, info);
	return ask(&q);
}

int vantage_link_up(const char *name)
{
	struct request q = begin(RTM_NEWLINK, 0);
	struct ifinfomsg *m = extend(&q, sizeof(*m));
	m->ifi_index = (int)if_nametoindex(name);
	m->ifi_flags = m->ifi_change = IFF_UP;
	return m->ifi_index ? ask(&q) : -ENODEV;
}

int vantage_link_address(const char *name, const struct addr *a)
{
	struct request q = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *m = extend(&q, sizeof(*m));
	*m = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = if_nametoindex(name)};
	add(&q, IFA_LOCAL, a->octets, 4);
	add(&q, IFA_ADDRESS, a->octets, 4);
	return ask(&q);
}

int vantage_link_route(const char *name, const struct addr *to)
{
	struct request q = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	struct rtmsg *m = extend(&q, sizeof(*m));
	int index = (int)if_nametoindex(name);
	*m = (struct rtmsg){.rtm_family = AF_INET,
			    .rtm_dst_len = to ? 32 : 0,
			    .rtm_table = RT_TABLE_MAIN,
			    .rtm_protocol = RTPROT_STATIC,
			    .rtm_scope = RT_SCOPE_LINK,
			    .rtm_type = RTN_UNICAST};
	if (to)
		add(&q, RTA_DST, to->octets, 4);
	add(&q, RTA_OIF, &index, sizeof(index));
	return ask(&q);
}
