/* SPDX-License-Identifier: BSD-2-Clause */
/* What containers and log shippers put around a line. */
#include <errno.h>

#include "logread/source_columns.h"
#include "logread/source_flat.h"
#include "logread/source_json.h"
#include "logread/source_unwrap.h"

enum {
	NAME_MAX_OCTETS = 128, /* of a container; docker's own limit is 128 */
	LAYERS_MAX = 3,        /* compose over a stamp over the line; no more is known */
	PREFIX_MAX = 300,      /* octets of a path that grep writes before a line */
	PREFIX_ENDS_MAX = 24,  /* places where it may end that are looked at */
	STAMP_MIN = 20,        /* "2026-11-24T12:00:00Z" */
	STAMP_MAX = 40,
};

void unwrap_init(struct unwrap *u)
{
	*u = (struct unwrap){.piece = buf_make(LOG_LINE_MAX),
			     .piece_ms = STAMP_NONE,
			     .column = buf_make(LOG_LINE_MAX),
			     .flat = buf_make(LOG_LINE_MAX)};
	record_init(&u->record);
	record_init(&u->inner);
}

void unwrap_release(struct unwrap *u)
{
	record_release(&u->record);
	record_release(&u->inner);
	buf_release(&u->piece);
	buf_release(&u->column);
	buf_release(&u->flat);
}

/* "\x1b[36m" */
static size_t colour_len(struct span l, size_t at)
{
	size_t n = at;
	if (n + 2 > l.len || l.at[n] != 0x1b || l.at[n + 1] != '[')
		return 0;
	for (n += 2; n < l.len && (ascii_is_digit(l.at[n]) || l.at[n] == ';'); n++)
		;
	return n < l.len && l.at[n] == 'm' ? n + 1 - at : 0;
}

static bool name_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '_' || c == '.' || c == '-';
}

/* "name-1   | ". @return octets of it; 0: it does not stand there. */
static size_t compose_len(struct span l)
{
	size_t at = colour_len(l, 0), name = at;
	while (at < l.len && at - name < NAME_MAX_OCTETS && name_octet(l.at[at]))
		at++;
	if (at == name)
		return 0;
	while (at < l.len && at - name < NAME_MAX_OCTETS && l.at[at] == ' ')
		at++;
	if (at + 1 >= l.len || l.at[at] != '|')
		return 0;
	at++;
	at += colour_len(l, at);
	return at < l.len && l.at[at] == ' ' ? at + 1 : 0;
}

/* Does a line that has a time of its own begin here? */
static bool stamped(struct span l, const struct stamps *stamps)
{
	struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
	size_t len;
	if (l.len < 16)
		return false;
	if (l.at[0] == '{' || l.at[0] == '<')
		return true;
	return stamp_read(&own, l, &len) != STAMP_NONE;
}

/* "12:", "12-", "12\t" */
static size_t number_len(struct span l)
{
	size_t n = 0;
	while (n < l.len && ascii_is_digit(l.at[n]))
		n++;
	return n && n < l.len && (l.at[n] == ':' || l.at[n] == '-' || l.at[n] == '\t') ? n + 1 : 0;
}

/* "/var/log/mail.log:", "mail.log.1-12-": a path without a blank; a stamp follows no earlier ':' or '-' of it. */
static size_t path_len(struct span l, const struct stamps *stamps)
{
	int ends = 0;
	for (size_t i = 1; i < l.len && i < PREFIX_MAX && l.at[i] != ' ' && ends < PREFIX_ENDS_MAX; i++) {
		size_t number;
		if (l.at[i] != ':' && l.at[i] != '-')
			continue;
		ends++;
		number = number_len(span_from(l, i + 1));
		if (stamped(span_from(l, i + 1), stamps))
			return i + 1;
		if (number && stamped(span_from(l, i + 1 + number), stamps))
			return i + 1 + number;
	}
	return 0;
}

/* "pod container ": what stern puts before a line, with or without the container. */
static size_t pod_len(struct span l, const struct stamps *stamps)
{
	size_t n = 0;
	for (int words = 0; words < 2 && n < PREFIX_MAX; words++) {
		size_t from = n;
		while (n < l.len && name_octet(l.at[n]))
			n++;
		if (n == from || n >= l.len || l.at[n] != ' ')
			return 0;
		n++;
		if (stamped(span_from(l, n), stamps))
			return n;
	}
	return 0;
}

/* What grep, cat -n, kubectl, stern and people put before lines that have a stamp of their own. */
static size_t prefix_len(struct span l, const struct stamps *stamps)
{
	size_t n = 0;
	if (l.len < STAMP_MIN || stamped(l, stamps))
		return 0;
	if (span_starts(l, "[pod/")) {
		n = span_find(l, ']') + 2;
		return n < PREFIX_MAX && n < l.len ? n : 0;
	}
	while (n < l.len && n < PREFIX_MAX && (l.at[n] == ' ' || l.at[n] == '\t' || l.at[n] == '>'))
		n++;
	n += number_len(span_from(l, n));
	if (n && stamped(span_from(l, n), stamps))
		return n;
	n = path_len(l, stamps);
	return n ? n : pod_len(l, stamps);
}

struct layer {
	size_t len;    /* octets to take off */
	int64_t at_ms; /* STAMP_NONE: it has no time */
	bool partial;  /* CRI: the line goes on */
};

/* docker's and CRI's stamp: RFC 3339 up to a blank, then what only they have */
static bool stamp_layer(struct span l, const struct stamps *stamps, struct layer *ret_layer)
{
	struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
	size_t head = l.len < STAMP_MAX ? l.len : STAMP_MAX, len, blank = span_find(span_of(l.at, head), ' ');
	struct span rest = span_from(l, blank + 1);
	struct layer found = {.len = blank + 1};
	if (blank < STAMP_MIN || blank >= head || l.at[4] != '-' || l.at[10] != 'T')
		return false;
	if (rest.len >= 9 && memcmp(rest.at, "std", 3) == 0 && rest.at[6] == ' ' && rest.at[8] == ' ' &&
	    (rest.at[7] == 'F' || rest.at[7] == 'P')) {
		found.len += 9;
		found.partial = rest.at[7] == 'P';
	} else if (!stamped(rest, stamps)) {
		return false;
	}
	found.at_ms = stamp_read(&own, l, &len);
	if (found.at_ms == STAMP_NONE || len != blank)
		return false;
	*ret_layer = found;
	return true;
}

static int piece_add(struct unwrap *u, struct span text, int64_t at_ms)
{
	size_t room = LOG_LINE_MAX - u->piece.len;
	if (!u->piece.len)
		u->piece_ms = at_ms;
	if (text.len > room)
		text.len = room;
	buf_add(&u->piece, text);
	return u->piece.error;
}

/* The line with the pieces that came before it. It lies in the record's text, as `piece` takes new ones. */
static int line_of(struct unwrap *u, struct span text, int64_t at_ms, struct stamps *stamps, struct log_line *ret_line)
{
	struct buf *whole;
	int r;
	if (u->piece.len) {
		r = piece_add(u, text, at_ms);
		if (r < 0)
			return r;
		record_clear(&u->record);
		whole = record_fill(&u->record, RECORD_TEXT);
		buf_add(whole, buf_span(&u->piece));
		buf_clear(&u->piece);
		if (whole->error)
			return whole->error;
		text = buf_span(whole);
		at_ms = u->piece_ms;
	}
	line_read(text, stamps, ret_line);
	if (at_ms != STAMP_NONE)
		ret_line->at_ms = at_ms;
	return 1;
}

static bool is_one_of(struct span key, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(key, span_str(words[i])))
			return true;
	return false;
}

/* An object in an object, as Beats and Elasticsearch have them: {"host":{"name":".."},"process":{"name":"..","pid":1}}.
 * @return the field that a member of it fills; RECORD_FIELDS: none. */
static enum record_field inner_field(struct span outer, struct span key)
{
	static const char *const names[] = {"name", "hostname", "program"};
	if (!is_one_of(key, names, sizeof(names) / sizeof(names[0])))
		return record_field_of(key);
	return span_equal(outer, span_str("host"))      ? RECORD_HOST
	       : span_equal(outer, span_str("process")) ? RECORD_PROGRAM
							: record_field_of(key);
}

static int json_member(struct unwrap *u, const struct json_member *m, enum record_field field)
{
	struct buf *out = m->kind == JSON_NOTHING && field != RECORD_TEXT ? NULL : record_fill(&u->record, field);
	if (out)
		json_member_octets(m, out);
	return out && out->error == -ENOMEM ? -ENOMEM : 0;
}

/* @return 0; -EBADMSG; -ENOMEM */
static int json_inner(struct unwrap *u, const struct json_member *outer)
{
	static const char *const known[] = {"host", "process", "log", "syslog", "_source", "fields", "result"};
	struct json_object o = {.text = outer->raw};
	struct json_member m;
	int r = 0;
	if (!is_one_of(outer->key, known, sizeof(known) / sizeof(known[0])))
		return 0;
	while (r == 0 && (r = json_object_next(&o, &m)) == 1)
		r = m.kind == JSON_NOTHING ? 0 : json_member(u, &m, inner_field(outer->key, m.key));
	return r;
}

/* @return 1; 0: no object, or none that has a text; -ENOMEM */
static int json_record(struct unwrap *u, struct span raw)
{
	struct json_object o = {.text = raw};
	struct json_member m;
	int r;
	record_clear(&u->record);
	while ((r = json_object_next(&o, &m)) == 1) {
		if (m.kind == JSON_NOTHING && m.raw.len && m.raw.at[0] == '{')
			r = json_inner(u, &m);
		else
			r = json_member(u, &m, record_field_of(m.key));
		if (r == -ENOMEM)
			return r;
	}
	return r == 0 && u->record.has[RECORD_TEXT];
}

/* docker's json-file cuts long lines: only the last piece ends with LF. */
static bool docker_piece(const struct record *r)
{
	const struct buf *text = &r->field[RECORD_TEXT];
	static const char *const streams[] = {"stdout", "stderr"};
	struct span stream = buf_span(&r->field[RECORD_CONTAINER]);
	return text->len && text->at[text->len - 1] != '\n' &&
	       (span_equal(stream, span_str(streams[0])) || span_equal(stream, span_str(streams[1])));
}

static int json_line(struct unwrap *u, struct stamps *stamps, struct log_line *ret_line)
{
	struct record *rec = &u->record;
	struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
	struct buf text;
	size_t len;
	int64_t at_ms;
	int r;
	if (!docker_piece(rec) && !u->piece.len)
		return record_line(rec, stamps, ret_line);
	at_ms = stamp_read(&own, buf_span(&rec->field[RECORD_TIME]), &len);
	if (docker_piece(rec))
		return piece_add(u, buf_span(&rec->field[RECORD_TEXT]), at_ms);
	/* line_of() uses the record's text itself */
	text = rec->field[RECORD_TEXT];
	rec->field[RECORD_TEXT] = buf_make(LOG_LINE_MAX);
	if (text.len)
		text.len--;
	r = line_of(u, buf_span(&text), at_ms, stamps, ret_line);
	buf_release(&text);
	return r;
}

static int64_t flat_time(struct unwrap *u, struct stamps *stamps)
{
	struct span rest = buf_span(&u->flat), key, value;
	record_clear(&u->inner);
	while (line_field_next(&rest, &key, &value)) {
		enum record_field field = record_field_of(key);
		bool is_time = field == RECORD_TIME || field == RECORD_TIME_FINE;
		struct buf *out = is_time && value.len <= STAMP_MAX ? record_fill(&u->inner, field) : NULL;
		if (out)
			buf_add(out, value);
	}
	return record_time(&u->inner, stamps);
}

/* What is left is an object that no shipper made: a mail server's own record. */
static int flatten(struct unwrap *u, struct stamps *stamps, struct log_line *l)
{
	int r;
	if (!l->text.len || l->text.at[0] != '{')
		return 1;
	buf_clear(&u->flat);
	r = source_flat(l->text, &u->flat);
	if (r < 0)
		return r == -ENOMEM ? r : 1;
	if (l->at_ms == STAMP_NONE)
		l->at_ms = flat_time(u, stamps);
	if (u->flat.len)
		l->text = buf_span(&u->flat);
	return 1;
}

/* A line's colours, where a terminal's text was kept. */
static struct span colourless(struct span l)
{
	enum { END_MAX = 8 }; /* "\x1b[0m", "\x1b[39;49m" */
	l = span_from(l, colour_len(l, 0));
	for (size_t n = 3; n <= END_MAX && n <= l.len && l.at[l.len - 1] == 'm'; n++)
		if (colour_len(l, l.len - n) == n)
			return span_of(l.at, l.len - n);
	return l;
}

/* What is outermost around a line. @return whether there is anything; nothing more is known behind a table. */
static bool layer_around(struct unwrap *u, struct span *raw, const struct stamps *stamps, struct layer *ret_layer)
{
	struct layer layer = {.at_ms = STAMP_NONE};
	size_t compose = compose_len(*raw);
	if (raw->at[0] == 0x1b && !compose)
		*raw = colourless(*raw);
	if (!stamp_layer(*raw, stamps, &layer))
		layer.len = compose;
	if (!layer.len && columns_line(*raw, stamps, &u->column, raw))
		return false;
	if (!layer.len)
		layer.len = prefix_len(*raw, stamps);
	*ret_layer = layer;
	return layer.len > 0;
}

static int read_line(struct unwrap *u, struct lines *l, struct span raw, struct stamps *stamps,
		     struct log_line *ret_line)
{
	int64_t at_ms = STAMP_NONE;
	struct layer layer;
	int r;
	if (u->exporting || export_begins(raw))
		return export_line(u, l, raw, stamps, ret_line);
	for (int i = 0; i < LAYERS_MAX && raw.len; i++) {
		if (raw.at[0] == '{') {
			r = json_record(u, raw);
			if (r != 0)
				return r < 0 ? r : json_line(u, stamps, ret_line);
		}
		if (!layer_around(u, &raw, stamps, &layer))
			break;
		raw = span_from(raw, layer.len);
		if (at_ms == STAMP_NONE)
			at_ms = layer.at_ms;
		if (layer.partial)
			return piece_add(u, raw, at_ms);
	}
	return raw.len || u->piece.len ? line_of(u, raw, at_ms, stamps, ret_line) : 0;
}

int unwrap_line(struct unwrap *u, struct lines *l, struct span raw, struct stamps *stamps, struct log_line *ret_line)
{
	int r = read_line(u, l, raw, stamps, ret_line);
	return r == 1 ? flatten(u, stamps, ret_line) : r;
}

int unwrap_end(struct unwrap *u, struct stamps *stamps, struct log_line *ret_line)
{
	if (u->exporting) {
		u->exporting = false;
		return record_line(&u->record, stamps, ret_line);
	}
	return u->piece.len ? line_of(u, (struct span){NULL, 0}, STAMP_NONE, stamps, ret_line) : 0;
}
