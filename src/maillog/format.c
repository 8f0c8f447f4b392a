/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/format.h"

/* In the order in which they are asked: the most frequent first; formats told by shape alone after those with names. */
static const struct format_row *const formats[] = {&format_postfix,   &format_dovecot, &format_sendmail,
						   &format_opensmtpd, &format_php,     &format_qmail,
						   &format_exim};

enum line_result format_parse(const struct log_line *l, uint32_t want, struct mail_event *ret_event)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->claims(l)) {
			ret_event->format = formats[i]->format;
			return formats[i]->parse(l, want, ret_event);
		}
	return format_logger(l, ret_event);
}
