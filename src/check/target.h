/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_TARGET_H
#define OFFLIST_CHECK_TARGET_H

#include "base/arena.h"
#include "base/error.h"
#include "net/addr.h"

/* What a user may name: address, CIDR, name, mail address, URL (rule 7). Pure. */

enum target_kind { TARGET_IP4, TARGET_IP6, TARGET_DOMAIN, TARGET_EMAIL, TARGET_URL, TARGET_PREFIX };

struct target {
	enum target_kind kind;
	const char *text; /* as it is shown and put in JSON "target" (addresses canonical, names lower-case A-labels) */
	const char *given;    /* as the user wrote it */
	const char *via;      /* the target it was derived from, NULL: given itself */
	struct addr addr;     /* IP4, IP6 */
	struct prefix prefix; /* PREFIX */
	const char *name; /* DOMAIN; EMAIL's and URL's host: A-label; NULL where the URL's host is an address (addr) */
	const char *registrable; /* registrable domain of name (public suffix list); NULL: none */
	const char *unicode;     /* U-label form of name for people; NULL: the same */
	const char *origin;      /* for this server's own addresses, where it was found; NULL */
};

/**
 * @return 0; -EINVAL with one line: what is wrong and what to write instead (e.g. "192.0.2.300: not an IPv4 address:
 * 300 is above 255", "192.0.2.1/24: host bits are set; write 192.0.2.0/24"); -ENOMEM.
 */
int target_parse(struct span text, struct arena *arena, struct target *ret_target, struct error *err);

const char *target_kind_text(enum target_kind k); /* "ip4" "ip6" "domain" "email" "url" "prefix" */

/** NULL if lists may be asked for it; else why not ("private (RFC 1918)"): rule 6. */
const char *target_unaskable(const struct target *t);

#endif
