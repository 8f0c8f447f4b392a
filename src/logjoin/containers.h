/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_CONTAINERS_H
#define OFFLIST_LOGJOIN_CONTAINERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * A container's host name is its id and changes whenever it is made anew; the mail server in it, its queue and its history
 * are the same. Hosts that follow one another are one, under the first name; two that write at the same time, as in a
 * central log, are not.
 */

enum {
	CONTAINERS_MAX = 64,
	CONTAINER_NAME_MAX = 253,
	CONTAINER_OVERLAP_MS = 60000 /* the old one ends as the new begins */
};

/** All zero: none was seen yet. */
struct containers {
	struct container {
		char name[CONTAINER_NAME_MAX + 1];
		size_t len,
			stem; /* octets of the name that stay: of "mail-7d9c6b5f4-x2x8k" four; of "3f2a9c0d1e4b" none */
		int64_t first_ms;
		size_t server; /* the one whose name counts */
		bool current;  /* the last one of its server */
	} at[CONTAINERS_MAX];
	size_t count, last; /* the one of the line before */
};

/** Few hosts are: the rest need not be asked about. */
static inline bool containers_may_be(struct span host)
{
	return host.len == 12 || (host.len > 6 && host.at[host.len - 6] == '-');
}

/**
 * The name under which a host goes on.
 * @param at_ms  of the line, or of the one before it.
 * @return `host` itself, or a name that lives as long as *c.
 */
struct span containers_host(struct containers *c, struct span host, int64_t at_ms);

#endif
