/* SPDX-License-Identifier: BSD-2-Clause */
/* Print what is read of a journal: a line an entry of a mail program, then what is lost. For the comparison with journalctl. */
#include <inttypes.h>
#include <stdio.h>

#include "logread/source.h"

int main(int argc, char **argv)
{
	struct sources *s = sources_new(NULL, INT64_C(1795996800000));
	const struct source_file *files;
	const struct source_gap *gaps;
	const struct log_line *line;
	struct error err = {""};
	size_t count;
	int r = s ? 0 : -1;
	for (int i = 1; i < argc && r == 0; i++)
		r = sources_add(s, argv[i], false, &err);
	while (r == 0 && sources_next(s, &line) == 1)
		printf("%" PRId64 "\t%.*s\t%.*s\t%" PRIu32 "\t%.*s\n", line->at_ms, (int)line->host.len, line->host.at,
		       (int)line->program.len, line->program.at, line->pid, (int)line->text.len, line->text.at);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	files = s ? sources_files(s, &count) : NULL;
	for (size_t i = 0; files && i < count; i++)
		if (files[i].fault)
			fprintf(stderr, "fault: %s\n", files[i].fault);
	gaps = s ? sources_gaps(s, &count) : NULL;
	for (size_t i = 0; gaps && i < count; i++)
		fprintf(stderr, "lost: %s\n", gaps[i].why);
	sources_free(s);
	return r < 0;
}
