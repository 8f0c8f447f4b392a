/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines in, parts out. The line end before a boundary is the boundary's (RFC 2046 5.1.1), so each is held back for a line. */
#include "mail/mime.h"

#include <errno.h>

enum { DECODED_AT_ONCE = 4096, FIELDS_OCTETS_MAX = 64 << 10, BOUNDARY_OCTETS_MAX = 998 /* RFC 5322 2.1.1 */ };

void mime_init(struct mime_reader *m, const struct mime_events *events, void *context)
{
	*m = (struct mime_reader){.events = events,
				  .context = context,
				  .head = buf_make(MIME_HEAD_OCTETS_MAX),
				  .line = buf_make(MIME_LINE_OCTETS_MAX)};
	for (size_t i = 0; i < MIME_DEPTH_MAX; i++)
		m->levels[i].boundary = buf_make(BOUNDARY_OCTETS_MAX);
}

void mime_release(struct mime_reader *m)
{
	buf_release(&m->head);
	buf_release(&m->line);
	for (size_t i = 0; i < MIME_DEPTH_MAX; i++)
		buf_release(&m->levels[i].boundary);
}

static void say_begin(struct mime_reader *m, const struct mime_part *part)
{
	m->decoder = (struct mime_decoder){.encoding = part->encoding};
	if (!m->error && m->events->begin)
		m->error = m->events->begin(m->context, part);
}

static void say_octets(struct mime_reader *m, struct span octets)
{
	if (!m->error && octets.len && m->events->octets)
		m->error = m->events->octets(m->context, octets);
}

static void say_end(struct mime_reader *m)
{
	if (!m->error && m->events->end)
		m->error = m->events->end(m->context);
}

/* ---- what is in a part ---- */

static void decode(struct mime_reader *m, struct span text)
{
	uint8_t octets[DECODED_AT_ONCE + MIME_DECODE_CARRY_MAX];
	if (m->decoder.encoding == MIME_IDENTITY) {
		say_octets(m, text);
		return;
	}
	while (text.len) {
		struct span some = span_of(text.at, text.len < DECODED_AT_ONCE ? text.len : DECODED_AT_ONCE);
		say_octets(m, span_of(octets, mime_decode(&m->decoder, some, octets)));
		text = span_from(text, some.len);
	}
}

static void end_part(struct mime_reader *m)
{
	uint8_t octets[MIME_DECODE_CARRY_MAX];
	if (!m->open)
		return;
	say_octets(m, span_of(octets, mime_decode_end(&m->decoder, octets)));
	say_end(m);
	m->open = false;
}

/* What stands around the parts of a multipart begins with its first octet. */
static void begin_around(struct mime_reader *m)
{
	struct mime_part part = {.kind = m->levels[m->depth - 1].closed ? MIME_EPILOGUE : MIME_PREAMBLE,
				 .depth = m->depth,
				 .type = span_str("text/plain")};
	say_begin(m, &part);
	m->open = true;
}

static void add_text(struct mime_reader *m, struct span text)
{
	if (!m->open && (m->ending_len || text.len))
		begin_around(m);
	decode(m, span_of(m->ending, m->ending_len));
	m->ending_len = 0;
	decode(m, text);
}

/* ---- heads ---- */

/* @return whether it has one that can be kept. */
static bool keep_boundary(struct mime_reader *m, struct span type, struct arena *fields)
{
	struct span boundary = header_parameter(type, "boundary", fields);
	struct mime_level *level;
	if (m->depth == MIME_DEPTH_MAX) {
		m->cut |= MIME_CUT_DEPTH;
		return false;
	}
	if (boundary.len == 0 || boundary.len > BOUNDARY_OCTETS_MAX)
		return false;
	level = &m->levels[m->depth];
	buf_clear(&level->boundary);
	buf_add(&level->boundary, boundary);
	level->digest = span_begins_nocase(type, "multipart/digest");
	level->closed = false;
	if (level->boundary.error)
		m->error = -ENOMEM;
	return !level->boundary.error;
}

/* "type/subtype"; what is something else is as if it were not told (RFC 2045 5.2). */
static struct span media_type(const struct mime_reader *m, struct span field)
{
	size_t len = 0;
	while (len < field.len && field.at[len] != ';' && field.at[len] > ' ')
		len++;
	if (span_find(span_of(field.at, len), '/') < len)
		return span_of(field.at, len);
	return span_str(!len && m->depth && m->levels[m->depth - 1].digest ? "message/rfc822" : "text/plain");
}

static void end_head(struct mime_reader *m)
{
	struct arena fields = arena_make(FIELDS_OCTETS_MAX);
	struct span head = buf_span(&m->head), type = header_field(head, "content-type", &fields);
	struct mime_part part = {.kind = MIME_PART, .depth = m->depth, .head = head};
	bool multipart = span_begins_nocase(type, "multipart/") && keep_boundary(m, type, &fields);
	part.type = media_type(m, type);
	if (multipart)
		part.kind = MIME_MULTIPART;
	else
		part.encoding = mime_encoding_of(header_field(head, "content-transfer-encoding", &fields));
	m->parts++;
	say_begin(m, &part);
	m->open = !multipart;
	m->depth += multipart;
	m->state = MIME_IN_BODY;
	m->ending_len = 0;
	arena_release(&fields);
	buf_clear(&m->head);
}

static void begin_head(struct mime_reader *m)
{
	if (m->parts >= MIME_PARTS_MAX) {
		m->cut |= MIME_CUT_PARTS;
		m->state = MIME_BETWEEN;
		return;
	}
	m->state = MIME_IN_HEAD;
}

static void add_head(struct mime_reader *m, struct span text, struct span ending)
{
	if (m->head.len + text.len + ending.len > MIME_HEAD_OCTETS_MAX) {
		m->cut |= MIME_CUT_HEAD;
		return;
	}
	buf_add(&m->head, text);
	buf_add(&m->head, ending);
	if (m->head.error)
		m->error = m->head.error;
}

/* ---- lines ---- */

/* "--boundary" and blanks, or "--boundary--" whatever follows. */
static bool is_boundary(struct span line, struct span boundary, bool *ret_last)
{
	line = span_from(line, 2);
	if (!span_begins(line, boundary))
		return false;
	line = span_from(line, boundary.len);
	*ret_last = span_starts(line, "--");
	return *ret_last || span_trim(line).len == 0;
}

static void end_level(struct mime_reader *m)
{
	end_part(m);
	m->depth--;
	say_end(m);
}

/* The innermost whose boundary it is; those inside it that never ended have now. */
static bool take_boundary(struct mime_reader *m, struct span line)
{
	bool last = false;
	unsigned int at = m->depth;
	while (at && (m->levels[at - 1].closed || !is_boundary(line, buf_span(&m->levels[at - 1].boundary), &last)))
		at--;
	if (at == 0)
		return false;
	if (m->state == MIME_IN_HEAD)
		end_head(m);
	end_part(m);
	while (m->depth > at)
		end_level(m);
	m->ending_len = 0;
	m->levels[at - 1].closed = last;
	m->state = MIME_IN_BODY;
	if (!last)
		begin_head(m);
	return true;
}

/* A head that nothing ends but the boundary which it tells itself. */
static void end_head_by(struct mime_reader *m, struct span line)
{
	struct arena fields = arena_make(FIELDS_OCTETS_MAX);
	struct span type = header_field(buf_span(&m->head), "content-type", &fields);
	struct span boundary = header_parameter(type, "boundary", &fields);
	bool last;
	if (boundary.len && span_begins_nocase(type, "multipart/") && is_boundary(line, boundary, &last))
		end_head(m);
	arena_release(&fields);
}

static void take_line(struct mime_reader *m, struct span text, struct span ending)
{
	bool begins = !m->in_line, dashes = begins && span_starts(text, "--");
	m->in_line = ending.len == 0;
	if (dashes && m->state == MIME_IN_HEAD)
		end_head_by(m, text);
	if (dashes && m->depth && take_boundary(m, text))
		return;
	if (m->state == MIME_IN_HEAD) {
		if (begins && ending.len && span_trim(text).len == 0)
			end_head(m);
		else
			add_head(m, text, ending);
	} else if (m->state == MIME_IN_BODY) {
		add_text(m, text);
		memcpy(m->ending, ending.at ? ending.at : (const uint8_t *)"", ending.len);
		m->ending_len = (unsigned int)ending.len;
	}
}

/* What was kept of a line, and what came now. */
static void take_kept(struct mime_reader *m, struct span text, struct span ending)
{
	if (m->line.len == 0) {
		take_line(m, text, ending);
		return;
	}
	buf_add(&m->line, text);
	if (m->line.error)
		m->error = m->line.error;
	else
		take_line(m, buf_span(&m->line), ending);
	buf_clear(&m->line);
}

/* A line whose end is not here. */
static void keep(struct mime_reader *m, struct span text)
{
	buf_add(&m->line, text);
	if (m->line.error)
		m->error = m->line.error;
}

static size_t find_line_end(struct span octets)
{
	size_t at = 0;
	while (at < octets.len && octets.at[at] != '\n' && octets.at[at] != '\r')
		at++;
	return at;
}

/* @return octets of the line and its end that were taken. */
static size_t feed_line(struct mime_reader *m, struct span octets)
{
	size_t len = find_line_end(octets), room = MIME_LINE_OCTETS_MAX - m->line.len;
	bool crlf = len + 1 < octets.len && octets.at[len] == '\r' && octets.at[len + 1] == '\n';
	if (len > room) {
		take_kept(m, span_of(octets.at, room), (struct span){0});
		return room;
	}
	if (len == octets.len || (len + 1 == octets.len && octets.at[len] == '\r')) {
		keep(m, span_of(octets.at, len));
		m->after_cr = len < octets.len;
		return octets.len;
	}
	take_kept(m, span_of(octets.at, len), span_of(octets.at + len, crlf ? 2 : 1));
	return len + 1 + crlf;
}

int mime_feed(struct mime_reader *m, struct span octets)
{
	if (m->after_cr && octets.len && !m->error) {
		bool lf = octets.at[0] == '\n';
		m->after_cr = false;
		take_kept(m, (struct span){0}, span_str(lf ? "\r\n" : "\r"));
		octets = span_from(octets, lf);
	}
	while (octets.len && !m->error)
		octets = span_from(octets, feed_line(m, octets));
	return m->error;
}

int mime_end(struct mime_reader *m)
{
	if (m->after_cr || m->line.len)
		take_kept(m, (struct span){0}, span_str(m->after_cr ? "\r" : ""));
	m->after_cr = false;
	if (m->state == MIME_IN_HEAD && (m->head.len || m->depth == 0))
		end_head(m); /* behind a boundary with nothing is no part */
	if (m->open)
		add_text(m, (struct span){0}); /* the last line end is the message's */
	end_part(m);
	while (m->depth)
		end_level(m);
	return m->error;
}
