/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_canon.h"

#include "base/ascii.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* ---- fields ---- */

/* 3.4.2: unfolded, white space one blank and none at the ends. */
static void add_relaxed_value(struct span value, struct buf *out)
{
	bool blank = false, any = false;
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.at[i];
		if (c == '\n' || (c == '\r' && i + 1 < value.len && value.at[i + 1] == '\n'))
			continue;
		if (is_blank(c)) {
			blank = true;
			continue;
		}
		if (blank && any)
			buf_add_char(out, ' ');
		buf_add_char(out, (char)c);
		blank = false;
		any = true;
	}
}

static void add_simple(struct span field, struct buf *out)
{
	for (size_t i = 0; i < field.len; i++) {
		if (field.at[i] == '\n' && (i == 0 || field.at[i - 1] != '\r'))
			buf_add_char(out, '\r');
		buf_add_char(out, (char)field.at[i]);
	}
}

void dkim_canon_field(struct span field, bool relaxed, struct buf *out)
{
	size_t colon = span_find(field, ':'), end = colon;
	if (relaxed) {
		while (end && is_blank(field.at[end - 1]))
			end--;
		for (size_t i = 0; i < end; i++)
			buf_add_char(out, (char)ascii_lower(field.at[i]));
		buf_add_char(out, ':');
		add_relaxed_value(span_from(field, colon + 1), out);
	} else {
		add_simple(field, out);
	}
	buf_add_str(out, "\r\n");
}

/* ---- bodies ---- */

void dkim_canon_begin(struct dkim_canon *c, bool relaxed, uint64_t limit, dkim_canon_sink *sink, void *context)
{
	*c = (struct dkim_canon){.relaxed = relaxed, .limit = limit, .sink = sink, .context = context};
}

static void flush(struct dkim_canon *c)
{
	if (c->pending_len)
		c->sink(c->context, span_of(c->pending, c->pending_len));
	c->pending_len = 0;
}

static void put(struct dkim_canon *c, uint8_t octet)
{
	if (c->octets++ >= c->limit)
		return;
	c->pending[c->pending_len++] = octet;
	if (c->pending_len == sizeof(c->pending))
		flush(c);
}

static void put_line_end(struct dkim_canon *c)
{
	put(c, '\r');
	put(c, '\n');
}

/* Something stands in this line: the empty ones before it are no longer at the end. */
static void put_octet(struct dkim_canon *c, uint8_t octet)
{
	for (; c->empty_lines; c->empty_lines--)
		put_line_end(c);
	if (c->blank)
		put(c, ' ');
	c->blank = false;
	c->in_line = true;
	put(c, octet);
}

static void take_line_end(struct dkim_canon *c)
{
	c->blank = false; /* white space at the end of a line (3.4.4) */
	if (c->in_line)
		put_line_end(c);
	else
		c->empty_lines++;
	c->in_line = false;
}

static void take(struct dkim_canon *c, uint8_t octet)
{
	if (c->after_cr && octet != '\n')
		put_octet(c, '\r'); /* one alone is data */
	c->after_cr = octet == '\r';
	if (octet == '\r')
		return;
	if (octet == '\n')
		take_line_end(c);
	else if (c->relaxed && is_blank(octet))
		c->blank = true;
	else
		put_octet(c, octet);
}

void dkim_canon_feed(struct dkim_canon *c, struct span octets)
{
	for (size_t i = 0; i < octets.len; i++)
		take(c, octets.at[i]);
}

void dkim_canon_end(struct dkim_canon *c)
{
	if (c->after_cr)
		put_octet(c, '\r');
	/* a last line without its end gets one; an empty body is CRLF if simple (3.4.3), nothing if relaxed (3.4.4) */
	if (c->in_line || (!c->relaxed && c->octets == 0))
		put_line_end(c);
	c->in_line = false;
	c->after_cr = false;
	flush(c);
}
