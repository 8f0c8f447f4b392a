/* SPDX-License-Identifier: BSD-2-Clause */
#include "smtp/smtp_reply.h"

#include <errno.h>

#include "base/ascii.h"

enum { CODE_DIGITS = 3, ENHANCED_DIGITS_MAX = 3 };

/* "5.7.1 " behind the code: class, subject, detail (RFC 2034 section 4) */
static void read_enhanced(struct smtp_reply *reply, struct span text)
{
	unsigned int parts[3] = {0};
	size_t at = 0;
	for (size_t i = 0; i < 3; i++) {
		size_t from = at;
		while (at < text.len && at - from < ENHANCED_DIGITS_MAX && ascii_is_digit(text.at[at]))
			parts[i] = parts[i] * 10 + (text.at[at++] - (unsigned int)'0');
		if (at == from || (i < 2 && (at >= text.len || text.at[at++] != '.')))
			return;
	}
	if ((at == text.len || text.at[at] == ' ') && parts[0] == reply->code / 100)
		memcpy(reply->enhanced, parts, sizeof(parts));
}

/* Three digits, and behind them nothing, a blank or "-". @return the code; 0: it is no reply */
static unsigned int read_code(const char *line, size_t len)
{
	unsigned int code = 0;
	if (len < CODE_DIGITS)
		return 0;
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (!ascii_is_digit((uint8_t)line[i]))
			return 0;
		code = code * 10 + (unsigned int)(line[i] - '0');
	}
	if (len > CODE_DIGITS && line[CODE_DIGITS] != ' ' && line[CODE_DIGITS] != '-')
		return 0;
	return code >= 200 && code <= 599 ? code : 0;
}

static void keep_line(struct smtp_reply *reply, unsigned int code, const char *line, size_t len)
{
	*reply = (struct smtp_reply){.code = code};
	for (size_t i = 0; i < len; i++)
		reply->text[i] = (char)(line[i] >= ' ' && line[i] <= '~' ? line[i] : '?');
	if (len > CODE_DIGITS)
		read_enhanced(reply, span_of(reply->text + CODE_DIGITS + 1, len - CODE_DIGITS - 1));
}

/* @return 1: it was the last line */
static int end_line(struct smtp_reader *r)
{
	size_t len = r->len;
	unsigned int code;
	r->len = 0;
	if (len && r->line[len - 1] == '\r')
		len--;
	code = read_code(r->line, len);
	if (code == 0 || ++r->lines > SMTP_REPLY_LINES_MAX)
		return -EBADMSG;
	if (len > CODE_DIGITS && r->line[CODE_DIGITS] == '-')
		return 0;
	r->lines = 0;
	keep_line(&r->reply, code, r->line, len);
	return 1;
}

int smtp_reader_add(struct smtp_reader *r, struct span *input)
{
	while (input->len) {
		char c = (char)input->at[0];
		int rc;
		*input = span_from(*input, 1);
		if (c != '\n') {
			if (r->len < SMTP_LINE_MAX)
				r->line[r->len++] = c;
			continue;
		}
		rc = end_line(r);
		if (rc)
			return rc;
	}
	return 0;
}
