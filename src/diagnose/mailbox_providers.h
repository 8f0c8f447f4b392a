/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_MAILBOX_PROVIDERS_H
#define OFFLIST_DIAGNOSE_MAILBOX_PROVIDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Domains of which everybody can have a mailbox (data/mailbox_providers.def): nobody else serves them. */

enum { MAILBOX_PROVIDERS_MAX = 256 };

struct mailbox_providers {
	uint64_t hashes[MAILBOX_PROVIDERS_MAX]; /* hash_name(domain, 0); ascending */
	size_t count;
};

void mailbox_providers_init(struct mailbox_providers *p);
bool mailbox_providers_have(const struct mailbox_providers *p, uint64_t hash);

#endif
