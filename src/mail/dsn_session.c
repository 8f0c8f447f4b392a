/* SPDX-License-Identifier: BSD-2-Clause */
/* Transcripts of SMTP sessions as Sendmail and others quote them: "<<< 550-5.7.1 ..." lines. A report beside them holds the
 * first line of such a reply alone, and the last one often says why. */
#include "base/ascii.h"
#include "mail/dsn_parts.h"

enum { SAME_OCTETS_MIN = 12 };

/* "550" of "550-text" and "550 text"; 0: no reply line. */
static unsigned int code_of(struct span line)
{
	if (line.len < 4 || line.at[0] < '4' || line.at[0] > '5' || !ascii_is_digit(line.at[1]) ||
	    !ascii_is_digit(line.at[2]) || (line.at[3] != ' ' && line.at[3] != '-'))
		return 0;
	return (unsigned int)(line.at[0] - '0') * 100 + (unsigned int)(line.at[1] - '0') * 10 +
	       (unsigned int)(line.at[2] - '0');
}

static void keep_reply(struct recipients *r, struct buf *reply)
{
	struct span text = span_trim(buf_span(reply));
	if (text.len && r->reply_count < DSN_REPLIES_MAX)
		r->replies[r->reply_count++] = dsn_keep(r, text);
	buf_clear(reply);
}

void dsn_session_read(struct span text, struct recipients *r)
{
	struct buf reply = buf_make(DSN_DIAGNOSTIC_OCTETS_MAX);
	struct span rest = text, line;
	for (int i = 0; i < DSN_LINES_MAX && header_line_next(&rest, &line); i++) {
		struct span said = span_trim(line);
		if (!span_begins_nocase(said, "<<< ")) {
			keep_reply(r, &reply);
			continue;
		}
		said = span_trim(span_from(said, 4));
		if (!code_of(said))
			continue;
		if (reply.len)
			buf_add_char(&reply, ' ');
		buf_add(&reply, said);
		if (said.at[3] == ' ')
			keep_reply(r, &reply);
	}
	keep_reply(r, &reply);
	buf_release(&reply);
}

/* Octets but blanks, where `b` begins with all of `a`. */
static size_t same_octets(struct span a, struct span b)
{
	size_t i = 0, j = 0, same = 0;
	while (a.len && (a.at[a.len - 1] == ')' || ascii_is_space(a.at[a.len - 1]))) /* "(reason: 550-text)" */
		a.len--;
	while (i < a.len && j < b.len) {
		if (ascii_is_space(a.at[i])) {
			i++;
		} else if (ascii_is_space(b.at[j])) {
			j++;
		} else if (a.at[i++] == b.at[j++]) {
			same++;
		} else {
			return 0;
		}
	}
	while (i < a.len && ascii_is_space(a.at[i]))
		i++;
	return i == a.len ? same : 0;
}

void dsn_session_complete(struct recipients *r, const struct recipients *words)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t j = 0; j < words->reply_count; j++) {
			struct span reply = words->replies[j];
			if (reply.len > r->at[i].diagnostic.len &&
			    same_octets(r->at[i].diagnostic, reply) >= SAME_OCTETS_MIN)
				r->at[i].diagnostic = reply;
		}
}
