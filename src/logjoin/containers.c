/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/containers.h"

#include "base/ascii.h"

enum {
	DOCKER_ID = 12,        /* hexadecimal digits of an id that docker and podman make the host name */
	POD_SUFFIX = 5,        /* Kubernetes' random suffix */
	TEMPLATE_HASH_MIN = 8, /* and the hash of a deployment's template before it */
	TEMPLATE_HASH_MAX = 10,
};

static bool is_docker(struct span host)
{
	bool digit = false, letter = false;
	if (host.len != DOCKER_ID)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		digit |= ascii_is_digit(host.at[i]);
		letter |= host.at[i] >= 'a' && host.at[i] <= 'f';
		if (!ascii_is_digit(host.at[i]) && (host.at[i] < 'a' || host.at[i] > 'f'))
			return false;
	}
	return digit && letter;
}

/* Words of Kubernetes' own alphabet, which has neither vowels nor what looks like them (k8s.io/apimachinery, util/rand). */
static bool is_random(struct span word, size_t min, size_t max)
{
	if (word.len < min || word.len > max)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!memchr("bcdfghjklmnpqrstvwxz2456789", word.at[i], 27))
			return false;
	return true;
}

/* Where the last '-' stands; 0: nowhere, or first. */
static size_t last_dash(struct span text)
{
	size_t i = text.len;
	while (i > 0 && text.at[i - 1] != '-')
		i--;
	return i > 1 ? i - 1 : 0;
}

/* "mail-7d9c6b5f4-x2x8k", of a daemon set "mail-x2x8k": octets of "mail"; 0: it is no pod's name. */
static size_t pod_stem(struct span host)
{
	size_t dash = last_dash(host), before = last_dash(span_of(host.at, dash));
	struct span suffix = span_from(host, dash + 1);
	bool digit = false;
	if (!dash || !is_random(suffix, POD_SUFFIX, POD_SUFFIX))
		return 0;
	if (before && is_random(span_of(host.at + before + 1, dash - before - 1), TEMPLATE_HASH_MIN, TEMPLATE_HASH_MAX))
		return before;
	for (size_t i = 0; i < suffix.len; i++)
		digit |= ascii_is_digit(suffix.at[i]);
	return digit ? dash : 0;
}

static struct span name_of(const struct container *k)
{
	return span_of((const uint8_t *)k->name, k->len);
}

/* A name that was seen before and is not its server's last one: both write now. It is a server of its own from now on. */
static void part(struct containers *c, size_t i, int64_t at_ms)
{
	struct container *k = &c->at[i];
	for (size_t n = 0; n < c->count; n++) {
		struct container *other = &c->at[n];
		if (n == i || other->server != k->server || !other->current)
			continue;
		if (at_ms <= other->first_ms + CONTAINER_OVERLAP_MS)
			return;
		other->server = n;
		k->current = true;
		return;
	}
}

/* The one that a new container takes the place of: the only one of its kind; c->count: there is none, or several. */
static size_t earlier_of(const struct containers *c, const struct container *k)
{
	size_t found = c->count, servers = 0;
	for (size_t n = 0; n < c->count; n++) {
		const struct container *other = &c->at[n];
		if (!other->current || other->stem != k->stem || memcmp(other->name, k->name, k->stem) != 0)
			continue;
		servers++;
		found = n;
	}
	return servers == 1 ? found : c->count;
}

static size_t add(struct containers *c, struct span host, size_t stem, int64_t at_ms)
{
	struct container *k = &c->at[c->count];
	size_t earlier;
	*k = (struct container){.len = host.len, .stem = stem, .first_ms = at_ms, .server = c->count, .current = true};
	memcpy(k->name, host.at, host.len);
	earlier = earlier_of(c, k);
	if (earlier < c->count) {
		k->server = c->at[earlier].server;
		c->at[earlier].current = false;
	}
	return c->count++;
}

struct span containers_host(struct containers *c, struct span host, int64_t at_ms)
{
	size_t i = c->last, stem = 0;
	if (c->count == 0 || !span_equal(name_of(&c->at[i]), host)) {
		if (!is_docker(host) && !(stem = pod_stem(host)))
			return host;
		for (i = 0; i < c->count && !span_equal(name_of(&c->at[i]), host); i++)
			;
		if (i == c->count && (c->count == CONTAINERS_MAX || host.len > CONTAINER_NAME_MAX))
			return host;
		if (i == c->count)
			i = add(c, host, stem, at_ms);
		c->last = i;
	}
	if (!c->at[i].current)
		part(c, i, at_ms);
	return name_of(&c->at[c->at[i].server]);
}
