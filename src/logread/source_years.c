/* SPDX-License-Identifier: BSD-2-Clause */
/* In which year a file without years begins: its last stamp tells its end, and how often the months began anew its length. */
#include <unistd.h>

#include "logread/source_internal.h"

enum {
	SAMPLES = 96, /* places in the file: of ten years every sixth week */
	WINDOW = 4096,
	FAR_MONTHS = 6, /* as stamp.c takes it for another year */
};

/* The first whole line from an offset on. */
static struct span line_at(int fd, uint64_t offset, uint8_t window[WINDOW])
{
	ssize_t n = pread(fd, window, WINDOW, (off_t)offset);
	struct span text = span_of(window, n > 0 ? (size_t)n : 0);
	if (offset > 0)
		text = span_from(text, span_find(text, '\n') + 1);
	if (text.len && text.at[0] == '<')
		text = span_from(text, span_find(text, '>') + 1);
	return text;
}

int source_first_year(int fd, uint64_t size, const struct stamps *stamps)
{
	uint8_t window[WINDOW];
	int month = 0, years = 0, last_year = 0;
	for (uint64_t i = 0; i < SAMPLES; i++) {
		struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
		struct span text = line_at(fd, size / SAMPLES * i, window);
		size_t len;
		if (!text.len || stamp_read(&own, text, &len) == STAMP_NONE || !own.year) {
			if (i == 0)
				return 0;
			continue;
		}
		if (month - own.month >= FAR_MONTHS)
			years++;
		else if (month && own.month - month >= FAR_MONTHS)
			years--;
		month = own.month;
		last_year = own.year;
	}
	return years ? last_year - years : 0;
}
