/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_ERROR_H
#define OFFLIST_BASE_ERROR_H

/** One line for a person: what is wrong, where, what to do. Written where a failure is understood, printed once. */
struct error {
	char text[512];
};

/**
 * Set the line (cut at its size, control characters shown as '?').
 * @param err   may be NULL.
 * @param code  negative errno, given back.
 * @return code, so that `return error_set(err, -EINVAL, ...)` reads well.
 */
int error_set(struct error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
