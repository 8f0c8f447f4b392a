/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose an MX is: by its last two labels, however long the name is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "diagnose/trouble.h"

static uint32_t owner(const char *name)
{
	/* of its own length to the octet, so that nothing is read before or behind it */
	size_t len = strlen(name);
	uint8_t *text = malloc(len + 1);
	uint32_t hash;
	assert_non_null(text);
	memcpy(text, name, len);
	hash = trouble_receiver(span_of(text, len));
	free(text);
	return hash;
}

/* A label of this length and a dot before the name. */
static uint32_t owner_below(size_t len, const char *name)
{
	char text[256];
	memset(text, 'x', len);
	(void)snprintf(text + len, sizeof(text) - len, ".%s", name);
	return owner(text);
}

static void by_two_labels(void **state)
{
	static const char *const names[] = {"a.b",
					    "gmx.net",
					    "t-online.de",
					    "receiver.example",
					    "a-receiver-with-a-long-name.example",
					    "receiver.a-top-level-with-a-very-long-name"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t own = owner(names[i]);
		assert_int_not_equal(own, 0);
		for (size_t len = 0; len < 80; len++)
			assert_int_equal(owner_below(len, names[i]), own);
		assert_int_not_equal(owner_below(3, "other.example"), own);
	}
	assert_int_equal(owner_below(20, "mx.Receiver.Example"), owner("receiver.example"));
}

static void without_two_labels(void **state)
{
	assert_int_equal(owner(""), 0);
	assert_int_equal(trouble_receiver((struct span){NULL, 0}), 0);
	assert_int_equal(owner("a-name-without-a-dot-of-some-length"), owner("A-NAME-WITHOUT-A-DOT-OF-SOME-LENGTH"));
	assert_int_not_equal(owner("mail"), owner("other"));
	assert_int_not_equal(owner("one-label-of-some-length.example"), owner("two-label-of-some-length.example"));
	assert_int_equal(owner("mx.receiver.example."), owner("example."));
	assert_int_equal(owner("mx.receiver.example.."), owner("."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(by_two_labels), cmocka_unit_test(without_two_labels)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
