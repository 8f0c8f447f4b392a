/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers say of themselves: lines that they dropped. */
#include "base/ascii.h"
#include "maillog/format.h"

struct dropped {
	const char *before; /* words up to the number */
	const char *after;  /* words that must follow it */
};

static const struct dropped forms[] = {
	{"imuxsock lost ", " messages"}, {"Suppressed ", " messages"},
	{"Missed ", " kernel messages"}, {"last message repeated ", " times"},
	{"message repeated ", " times"}, {"begin to drop messages due to rate-limiting", ""},
};

static bool number_at(struct span text, uint64_t *ret_value, struct span *ret_after)
{
	size_t n = 0;
	while (n < text.len && n < 18 && ascii_is_digit(text.at[n]))
		n++;
	*ret_after = span_from(text, n);
	return n > 0 && ascii_parse_u64(span_of(text.at, n), UINT64_MAX / 2, ret_value) == 0;
}

enum line_result format_logger(const struct log_line *l, struct mail_event *ret_event)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t n = strlen(forms[i].before), m = strlen(forms[i].after);
		const uint8_t *found = l->text.len >= n ? memmem(l->text.at, l->text.len, forms[i].before, n) : NULL;
		struct span after;
		uint64_t count = 1;
		if (!found)
			continue;
		after = span_of(found + n, (size_t)(l->text.at + l->text.len - found) - n);
		if (m &&
		    (!number_at(after, &count, &after) || after.len < m || memcmp(after.at, forms[i].after, m) != 0))
			continue;
		ret_event->kind = EVENT_SUPPRESSED;
		ret_event->count = count;
		return LINE_EVENT;
	}
	return LINE_FOREIGN;
}
