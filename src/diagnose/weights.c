/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/weights.h"

static const char *const names[SIGNAL_COUNT] = {
#define X(name) [SIGNAL_##name] = #name,
	SIGNALS(X)
#undef X
};

static const struct signal_weight weights[CAUSE_COUNT][SIGNAL_COUNT] = {
#define WEIGHT(kind, name, sign, who, expected, fitted)                                                                \
	[CAUSE_##kind][SIGNAL_##name] = {SIGN_##sign, WHO_##who, fitted},
#define WHO_ANYONE  false
#define WHO_STRANGE true
#include "signals.def"
};

const char *signal_text(enum signal s)
{
	return names[s];
}

const struct signal_weight *signal_weight(enum cause kind, enum signal s)
{
	return &weights[kind][s];
}
