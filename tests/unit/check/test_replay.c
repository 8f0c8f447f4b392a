/* SPDX-License-Identifier: BSD-2-Clause */
/* Each script of the folder is a test. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay.h"

static void replays(void **state)
{
	struct error err = {{0}};
	if (replay_file(*state, &err) < 0)
		fail_msg("%s", err.text);
}

static int is_replay(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && strcmp(dot, ".replay") == 0;
}

int main(int argc, char **argv)
{
	struct dirent **files = NULL;
	struct CMUnitTest *tests;
	int count = argc == 2 ? scandir(argv[1], &files, is_replay, alphasort) : -1, failed;
	tests = count > 0 ? calloc((size_t)count, sizeof(*tests)) : NULL;
	if (!tests) {
		fprintf(stderr, "usage: test_replay FOLDER\n");
		return 1;
	}
	for (int i = 0; i < count; i++) {
		char *path = NULL;
		if (asprintf(&path, "%s/%s", argv[1], files[i]->d_name) < 0)
			return 1;
		tests[i] = (struct CMUnitTest){.name = files[i]->d_name, .test_func = replays, .initial_state = path};
	}
	/* as cmocka_run_group_tests(), for a number that only this call knows */
	failed = _cmocka_run_group_tests("replays", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++) {
		free(tests[i].initial_state);
		free(files[i]);
	}
	free(files);
	free(tests);
	return failed;
}
