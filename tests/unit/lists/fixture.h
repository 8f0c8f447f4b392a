/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_LISTS_FIXTURE_H
#define OFFLIST_TESTS_LISTS_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "lists/lists.h"

/* A folder of records and a key file, thrown away after the test. */
struct site {
	char dir[64], keys[96];
	struct buf faults; /* a line each; "DIR/" is cut */
	struct catalogue *catalogue;
	int result;
	struct error err;
};

void site_init(struct site *s);
void site_release(struct site *s);
void site_record(struct site *s, const char *name, const char *text);
void site_keys(struct site *s, const char *text, unsigned int mode);
void site_load(struct site *s);

/* What loading one file of that text tells; "" and a catalogue when it is clean. */
void expect_faults(const char *text, const char *faults);

#endif
