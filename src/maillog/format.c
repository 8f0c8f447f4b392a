/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/format.h"

/* In the order in which they are asked: the most frequent first; formats told by shape alone after those with names. */
static const struct format_row *const formats[] = {&format_postfix,   &format_dovecot, &format_sendmail,
						   &format_opensmtpd, &format_filter,  &format_php,
						   &format_qmail,     &format_exim};

/* rsyslog and syslogd fold equal lines of any program: "message repeated 3 times: [ ...]". */
static bool is_repeated(struct span text)
{
	return text.len > 17 && text.at[0] == 'm' && span_starts(text, "message repeated ");
}

enum line_result format_parse(const struct log_line *l, uint32_t want, struct mail_event *ret_event)
{
	if (is_repeated(l->text))
		return format_logger(l, ret_event);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->claims(l)) {
			ret_event->format = formats[i]->format;
			return formats[i]->parse(l, want, ret_event);
		}
	return format_logger(l, ret_event);
}
