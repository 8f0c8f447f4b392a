/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/loaded.h"

struct math {
	double (*cosine)(double);
	double (*root)(double);
	int kept;
};

static const struct loaded_symbol there[] = {
	{"cos", offsetof(struct math, cosine)},
	{"cbrt", offsetof(struct math, root)},
	{NULL},
};

static const struct loaded_symbol one_missing[] = {
	{"cos", offsetof(struct math, cosine)},
	{"no_such_function", offsetof(struct math, root)},
	{NULL},
};

static void functions_are_called_through_the_table(void **state)
{
	const struct loaded_library library = {"the mathematics library", "libm.so.6", there};
	struct math api = {.kept = 7};
	void *handle = NULL;
	(void)state;
	assert_int_equal(loaded_open(&library, &api, &handle, NULL), 0);
	assert_non_null(handle);
	assert_int_equal((int)api.cosine(0.0), 1);
	assert_int_equal((int)(api.root(27.0) + 0.5), 3);
	assert_int_equal(api.kept, 7);
	loaded_close(handle);
	assert_int_equal((int)api.cosine(0.0), 1); /* it stays in memory */
	loaded_close(NULL);
}

static void of_a_library_it_is_all_or_none(void **state)
{
	const struct loaded_library library = {"the mathematics library", "libm.so.6", one_missing};
	struct math api = {.kept = 7};
	struct error err;
	int mark;
	void *handle = &mark;
	(void)state;
	assert_int_equal(loaded_open(&library, &api, &handle, &err), -ELIBBAD);
	assert_string_equal(err.text, "libm.so.6 has no no_such_function");
	assert_null(api.cosine);
	assert_null(api.root);
	assert_int_equal(api.kept, 7);
	assert_ptr_equal(handle, &mark);
}

static void a_missing_library_is_named(void **state)
{
	const struct loaded_library library = {"libnowhere", "libnowhere.so.1", there};
	struct math api = {0};
	struct error err;
	void *handle;
	(void)state;
	assert_int_equal(loaded_open(&library, &api, &handle, &err), -ELIBACC);
	assert_memory_equal(err.text, "libnowhere cannot be loaded: libnowhere.so.1", 44);
	assert_null(api.cosine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_called_through_the_table),
		cmocka_unit_test(of_a_library_it_is_all_or_none),
		cmocka_unit_test(a_missing_library_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
