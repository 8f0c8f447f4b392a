/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_ZONE_RULE_H
#define OFFLIST_LOGREAD_ZONE_RULE_H

#include "base/span.h"

/* The rule at the end of a zone file (RFC 8536 3.3), of the times after its last transition: "CET-1CEST,M3.5.0,M10.5.0/3"
 * (POSIX, the variable TZ). */

struct zone_date {
	uint8_t kind; /* 'M' month, week, day of the week; 'J' day 1 to 365 without 29 February; 'n' day 0 to 365 */
	int month, week, day;
	int32_t at_s; /* local time of the change, seconds of the day; may be of another day */
};

struct zone_rule {
	int32_t standard_s, summer_s; /* seconds to add to UTC */
	bool has_summer;
	struct zone_date begins, ends; /* of summer time */
};

/** @return 0; -EINVAL: no such rule. */
int zone_rule_parse(struct span text, struct zone_rule *ret_rule);
/** Seconds to add to UTC at this UTC time. */
int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s);
/** Days from 1970-01-01 (proleptic Gregorian calendar). */
int64_t zone_days(int year, int month, int day);
/** Year of a day from 1970-01-01. */
int zone_year(int64_t day);

#endif
