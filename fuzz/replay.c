/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over the files of its corpus folder: what was found once stays found with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);
	size_t size;
	if (!f || !data) {
		fprintf(stderr, "%s: cannot be read\n", path);
		free(data);
		if (f)
			fclose(f);
		return 1;
	}
	size = fread(data, 1, 1 << 20, f);
	fclose(f);
	/* an exact copy, so that the sanitizer sees a read past the end */
	data = realloc(data, size ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	char path[4096];
	int failed = 0, count = 0;
	if (!dir) {
		fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
		return 64;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		failed += replay(path);
		count++;
	}
	closedir(dir);
	printf("%d inputs replayed\n", count);
	return failed || count == 0;
}
