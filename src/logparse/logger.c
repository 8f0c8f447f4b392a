/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers say of themselves: lines that they dropped or folded. */
#include "base/ascii.h"
#include "logparse/format.h"

struct dropped {
	const char *program; /* begins so; "": any, or none */
	const char *before;  /* words up to the number; of a line that is not the logger's own they begin the text */
	const char *after;   /* words that must follow it */
};

static const struct dropped forms[] = {
	{"rsyslogd", "imuxsock lost ", " messages"},
	{"rsyslogd", "]: ", " messages lost due to rate-limiting"},
	{"rsyslogd", "imjournal: ", " messages lost due to rate-limiting"},
	{"rsyslogd", "imjournal lost ", " messages"},
	{"rsyslogd", "begin to drop messages due to rate-limiting", ""},
	{"systemd-journal", "Suppressed ", " messages from "},
	{"journal", "Suppressed ", " messages from "},
	{"", "last message repeated ", " times"},
	{"", "message repeated ", " times"},
};

static bool number_at(struct span text, uint64_t *ret_value, struct span *ret_after)
{
	size_t n = 0;
	while (n < text.len && n < 18 && ascii_is_digit(text.at[n]))
		n++;
	*ret_after = span_from(text, n);
	return n > 0 && ascii_parse_u64(span_of(text.at, n), UINT64_MAX / 2, ret_value) == 0;
}

static bool reads(const struct dropped *d, const struct log_line *l, uint64_t *ret_count)
{
	size_t n = strlen(d->before);
	const uint8_t *found = span_starts(l->text, d->before) ? l->text.at : NULL;
	struct span after;
	*ret_count = 1;
	if (!span_starts(l->program, d->program))
		return false;
	if (!found && *d->program)
		found = part_find(l->text, d->before);
	if (!found)
		return false;
	after = span_from(part_from(l->text, found), n);
	return !*d->after || (number_at(after, ret_count, &after) && span_starts(after, d->after));
}

enum line_result format_logger(const struct log_line *l, struct mail_event *ret_event)
{
	uint64_t count;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (reads(&forms[i], l, &count)) {
			event_begin(ret_event, l);
			ret_event->kind = EVENT_SUPPRESSED;
			ret_event->count = count;
			return LINE_EVENT;
		}
	return LINE_FOREIGN;
}
