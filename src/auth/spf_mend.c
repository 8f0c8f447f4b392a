/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_mend.h"

#include <errno.h>

#include "auth/spf.h"
#include "base/ascii.h"

static bool ends_record(struct span term)
{
	if (term.len && strchr("+-~?", term.at[0]))
		term = span_from(term, 1);
	return span_equal_nocase(term, span_str("all")) || span_begins_nocase(term, "redirect=");
}

int spf_mend_add(struct span record, const struct addr *address, struct buf *out)
{
	char text[ADDR_TEXT_SIZE];
	size_t at = 6;
	if (!spf_is_record(record))
		return -EINVAL;
	while (at < record.len) {
		struct span rest = span_from(record, at);
		if (record.at[at] != ' ' && ends_record(span_of(rest.at, span_find(rest, ' '))))
			break;
		at += record.at[at] == ' ' ? 1 : span_find(rest, ' ');
	}
	addr_text(address, text);
	buf_add(out, span_trim(span_of(record.at, at)));
	buf_printf(out, " ip%u:%s", address->family, text);
	if (at < record.len) {
		buf_add_char(out, ' ');
		buf_add(out, span_from(record, at));
	}
	return out->error;
}
