/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of PHP that do nothing, and those that might. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/idle_script.h"

static void what_does_nothing(void **state)
{
	static const char *const idle[] = {
		"",
		"<?php",
		"<?php\n// Silence is golden.\n",
		"\xef\xbb\xbf<?php /* nothing */ # here\n?>\n",
		"<?php // a ?>",
		"<?php exit; ?>\n2026-11-24 a log's line",
		"<?PHP\ndie( 0 );",
		"<?php /**/ exit ?>x",
	};
	static const char *const other[] = {
		"<?php // a ?><?php hello();",
		"<?php hello();",
		"<?php exit(hello());",
		"<?php exit(1) + hello();",
		"<?php exitus();",
		"<?php /*/ */ hello(); /**/",
		"<?php // a\rhello();",
		"<?php ?>text",
		"text",
		"<?= hello() ?>",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
		if (!idle_script(span_str(idle[i]), true))
			fail_msg("%s", idle[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		if (idle_script(span_str(other[i]), true))
			fail_msg("%s", other[i]);
	/* what follows is not known */
	assert_false(idle_script(span_str("<?php // a long licence"), false));
	assert_false(idle_script(span_str("   "), false));
	assert_true(idle_script(span_str("<?php exit; ?>"), false));
}

static void names(void **state)
{
	(void)state;
	assert_true(idle_script_is_php(span_str("a.php")));
	assert_true(idle_script_is_php(span_str("a.PhtMl")));
	assert_false(idle_script_is_php(span_str(".php")));
	assert_false(idle_script_is_php(span_str("a.php.txt")));
	assert_false(idle_script_is_php(span_str("aphp")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_does_nothing), cmocka_unit_test(names)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
