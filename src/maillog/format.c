/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/format.h"

static const struct format_row *const formats[] = {NULL};

enum line_result format_parse(const struct log_line *l, uint32_t want, struct mail_event *ret_event)
{
	for (size_t i = 0; formats[i]; i++)
		if (formats[i]->claims(l))
			return formats[i]->parse(l, want, ret_event);
	return LINE_FOREIGN;
}
