/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of weights: every signal is used by some kind, and no weight stands on the wrong side of 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/weights.h"

static void each_signal_has_a_row(void **state)
{
	for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
		unsigned rows = 0;
		for (unsigned k = 0; k < CAUSE_COUNT; k++)
			rows += signal_weight((enum cause)k, (enum signal)s)->sign != SIGN_NONE;
		if (rows == 0)
			print_message("no kind weighs %s\n", signal_text((enum signal)s));
		assert_true(rows > 0);
	}
}

static void signs_hold(void **state)
{
	for (unsigned k = 0; k < CAUSE_COUNT; k++) {
		for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
			const struct signal_weight *w = signal_weight((enum cause)k, (enum signal)s);
			if (w->sign == SIGN_ACCUSES)
				assert_true(w->weight >= 0);
			if (w->sign == SIGN_EXCUSES)
				assert_true(w->weight <= 0);
			if (w->sign == SIGN_NONE)
				assert_true(w->weight == 0 && !w->strange);
			if (w->strange)
				assert_int_equal(w->sign, SIGN_ACCUSES);
		}
	}
}

/* Innocent until something speaks for it. */
static void nothing_is_no_cause(void **state)
{
	assert_true(signal_weight(CAUSE_COMPROMISED_ACCOUNT, SIGNAL_prior)->weight < -2);
	assert_true(signal_weight(CAUSE_SCRIPT, SIGNAL_prior)->weight < -2);
	assert_true(signal_weight(CAUSE_BULK_MAIL, SIGNAL_prior)->weight < -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_signal_has_a_row),
		cmocka_unit_test(signs_hold),
		cmocka_unit_test(nothing_is_no_cause),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
