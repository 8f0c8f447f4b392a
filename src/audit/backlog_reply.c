/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/backlog_reply.h"

#include "base/ascii.h"

/* What stands behind the words; empty: they do not stand there. */
static struct span behind(struct span text, const char *words)
{
	size_t len = strlen(words);
	const uint8_t *at = text.len ? memmem(text.at, text.len, words, len) : NULL;
	return at ? span_from(text, (size_t)(at - text.at) + len) : (struct span){0};
}

static struct span until(struct span text, const char *octets)
{
	size_t n = 0;
	while (n < text.len && !strchr(octets, text.at[n]))
		n++;
	return span_of(text.at, n);
}

/* "4.7.1" and blanks in front. */
static void take_status(struct backlog_reply *r)
{
	struct span word = until(r->text, " ");
	size_t dots = 0;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] != '.' && !ascii_is_digit(word.at[i]))
			return;
		dots += word.at[i] == '.';
	}
	if (dots != 2)
		return;
	r->status = word;
	r->text = span_trim(span_from(r->text, word.len));
}

static void take_code(struct backlog_reply *r, struct span said)
{
	uint64_t code;
	said = span_trim(said);
	if (said.len < 4 || (said.at[3] != ' ' && said.at[3] != '-') ||
	    ascii_parse_u64(span_of(said.at, 3), 599, &code) < 0)
		return;
	r->code = (uint16_t)code;
	r->text = span_trim(span_from(said, 4));
	take_status(r);
}

struct backlog_reply backlog_reply_of(struct span reason)
{
	struct backlog_reply r = {.text = reason};
	struct span said = behind(reason, "] said: "),
		    exim = behind(reason, "SMTP error from remote mail server after ");
	if (said.len == 0)
		said = behind(reason, "] refused to talk to me: ");
	if (said.len) {
		r.relay = until(behind(reason, "host "), "[ ");
		take_code(&r, said);
	} else if (exim.len) {
		r.relay = until(behind(reason, "H="), " [");
		/* "RCPT TO:<a@b>: 450 ..." or "end of data: 450 ..." */
		said = behind(exim, ">: ");
		take_code(&r, said.len ? said : behind(exim, ": "));
	}
	return r;
}
