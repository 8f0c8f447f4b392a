/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_TARGETS_H
#define OFFLIST_CLI_TARGETS_H

#include "check/check.h"

/*
 * The targets of a check, each once. An address takes 24 octets and its text is made when it is asked for, so that a
 * file of a million addresses and a /8 are no matter of memory.
 */
enum {
	TARGETS_FLEET = 256,         /* more are a fleet, as a CIDR is */
	TARGETS_PREFIX6_MAX = 65536, /* /64s of an IPv6 prefix */
	TARGETS_TEXTS = 8192,        /* texts of addresses that live at a time: over one block of check_run() */
};

struct target_item {
	struct addr addr; /* of an address */
	uint32_t full;    /* 0: an address with nothing else to it; else index + 1 in `fulls` */
};

struct target_prefix {
	struct prefix prefix;
	bool inside; /* another one holds it */
};

struct targets {
	struct arena arena;
	struct target_item *items;
	size_t count, size;
	struct target *fulls;
	size_t full_count, full_size;
	uint32_t *slots; /* index + 1 in items, by hash */
	size_t slot_count;
	struct target_prefix *prefixes;
	size_t prefix_count, prefix_size;
	struct prefix *sorted; /* those that no other holds, ordered; targets_finish() */
	size_t sorted_count;
	uint64_t count4, count6, count_names;
	/* the source's position */
	size_t at_item, at_prefix;
	uint64_t at_address;
	char (*texts)[PREFIX_TEXT_SIZE];
	size_t at_text;
};

void targets_init(struct targets *t);
void targets_release(struct targets *t);
/** @return 0; -EINVAL with what is wrong; -E2BIG: an IPv6 prefix of too many /64s; -ENOMEM. */
int targets_add_text(struct targets *t, struct span text, struct error *err);
/** A target with its `via` or `origin`; its texts are not copied. */
int targets_add(struct targets *t, const struct target *target);
/**
 * One target a line, "#" and ";" begin a comment, empty lines do not count; path "-" is standard input. INI files as
 * dnsbl_exporter reads them ("[targets]", "server=NAME") are taken as well. Every bad line is told, "FILE:LINE: what", through on_fault.
 * @return 0; -EINVAL: bad lines; another negative errno: it cannot be read, with a line in err.
 */
typedef void targets_fault_fn(void *arg, const char *line);
int targets_add_file(struct targets *t, const char *path, targets_fault_fn *on_fault, void *arg, struct error *err);
bool targets_fleet(const struct targets *t);
/** All are added: leave out what a prefix holds, count. 0; -ENOMEM. */
int targets_finish(struct targets *t);
uint64_t targets_total(const struct targets *t);
/** A check_source_fn; arg is the targets. */
int targets_next(void *arg, struct target *ret_target);
/** Those that are no prefix, as an array in the targets' arena; NULL when memory is used up. */
struct target *targets_array(struct targets *t);
/** Forget all items (to put the expanded ones in their place). */
void targets_clear_items(struct targets *t);

#endif
