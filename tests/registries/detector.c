/* SPDX-License-Identifier: BSD-2-Clause */
/* A detector that is sure of every login. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	signal_add(d, c, "trial", 12, 1, "it is a login");
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	return words_printf(d->arena, "%s is on trial", c->subject);
}

static const char *const fix[] = {"nothing", NULL};

const struct detector detect_trial = {CAUSE_TRIAL, IDENTITY_LOGIN, weigh, fix, sentence};
