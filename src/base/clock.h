/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_CLOCK_H
#define OFFLIST_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic microseconds for waiting; wall-clock milliseconds (Unix epoch, UTC) for records. Engines take them as
 * arguments; only who waits reads the clock: commands, daemons, bulk_wait(). */
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void);

enum { CLOCK_TEXT_SIZE = sizeof("2026-11-24T12:00:00Z") + 8 };

/** Write wall_ms as RFC 3339 UTC with whole seconds ("2026-11-24T12:00:00Z"); from March of year 0 to 9999,
 * other times as "". */
void clock_text(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

#endif
