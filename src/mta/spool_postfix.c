/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/spool_postfix.h"

#include "base/ascii.h"
#include "mail/header.h"

enum {
	RECORD_OCTETS_MAX = 1 << 20, /* Postfix cuts lines at 2048 (line_length_limit); attributes have some hundred */
	LENGTH_OCTETS_MAX = 5,       /* seven bits each: more than an int holds */
	BACKWARD_MAX = 256,          /* a change of a milter leads back once; a circle has to end */
};

/* rec_type(3) of Postfix 3.11 */
static const char envelope_types[] = "CTcFILSDRO/WAKfd>reVPp<ionwmME";
static const char content_types[] = "LNpwXE";

static bool is_known(const struct spool_postfix *p, uint8_t type)
{
	const char *types = p->part == SPOOL_HEADER || p->part == SPOOL_BODY ? content_types : envelope_types;
	return type && strchr(types, type);
}

static enum spool_progress fault(struct spool_postfix *p, const char *why)
{
	p->why = why;
	return SPOOL_FAULT;
}

static enum spool_progress wants(struct spool_postfix *p, size_t octets, bool to_end)
{
	if (to_end)
		return fault(p, "it ends in the middle");
	p->wanted = octets;
	return SPOOL_WANTS;
}

/* Up to `count` numbers of fixed width (C), or one (p). @return how many there are. */
static size_t numbers(struct span text, uint64_t *to, size_t count)
{
	size_t n = 0;
	while (n < count) {
		text = span_trim(text);
		size_t len = 0;
		while (len < text.len && !ascii_is_space(text.at[len]))
			len++;
		if (ascii_parse_u64(span_of(text.at, len), INT64_MAX, &to[n]) < 0)
			break;
		n++;
		text = span_from(text, len);
	}
	return n;
}

/* postcat's is_header(): a name, blanks, a colon. */
static bool is_field(struct span line)
{
	size_t at = 0;
	while (at < line.len && line.at[at] > ' ' && line.at[at] < 127 && line.at[at] != ':')
		at++;
	if (at == 0)
		return false;
	while (at < line.len && (line.at[at] == ' ' || line.at[at] == '\t'))
		at++;
	return at < line.len && line.at[at] == ':';
}

static enum spool_progress go_to(struct spool_postfix *p, uint64_t to)
{
	if (to < p->at && ++p->backward > BACKWARD_MAX)
		return fault(p, "its pointers lead in a circle");
	p->at = to;
	return SPOOL_RECORD;
}

/* Of a line of the message: with the first that is no field the rest is gone over. @return SPOOL_WANTS: a header's. */
static enum spool_progress line(struct spool_postfix *p, const struct spool_record *r)
{
	bool blank = r->text.len && (r->text.at[0] == ' ' || r->text.at[0] == '\t');
	if (p->part != SPOOL_HEADER)
		return SPOOL_RECORD;
	if (p->previous == 'L' || blank || is_field(r->text))
		return SPOOL_WANTS;
	p->part = SPOOL_BODY;
	return p->told ? go_to(p, p->data_at + p->data_octets) : SPOOL_RECORD;
}

static enum spool_progress follow(struct spool_postfix *p, struct span text)
{
	uint64_t to;
	if (numbers(text, &to, 1) != 1)
		return fault(p, "a pointer leads nowhere");
	return to ? go_to(p, to) : SPOOL_RECORD; /* 0: a place kept for one */
}

/* What a record does to what is read next. @return SPOOL_RECORD: on; SPOOL_WANTS: it is shown. */
static enum spool_progress enter(struct spool_postfix *p, const struct spool_record *r)
{
	uint64_t sizes[2];
	bool content = p->part == SPOOL_HEADER || p->part == SPOOL_BODY;
	switch (r->type) {
	case 'p':
		return follow(p, r->text);
	case 'w':
		return SPOOL_RECORD;
	case 'M':
		p->part = SPOOL_HEADER;
		return SPOOL_WANTS;
	case 'X':
		p->part = SPOOL_EXTRACTED;
		return SPOOL_WANTS;
	case 'E':
		return content ? fault(p, "its end stands in the message") : SPOOL_DONE;
	case 'C':
		if (!p->told && numbers(r->text, sizes, 2) == 2 && sizes[1] > 0 && sizes[0] < INT64_MAX - sizes[1]) {
			p->told = true;
			p->data_octets = sizes[0];
			p->data_at = sizes[1];
		}
		return SPOOL_WANTS;
	default:
		return content ? line(p, r) : SPOOL_WANTS;
	}
}

/* @return SPOOL_RECORD with the record as it lies there; SPOOL_WANTS; SPOOL_FAULT */
static enum spool_progress read_record(struct spool_postfix *p, struct span piece, bool to_end, struct spool_record *r)
{
	size_t len = 0, at = 1;
	if (piece.len == 0)
		return wants(p, 1, to_end);
	if (!is_known(p, piece.at[0]))
		return fault(p, "a record of an unknown type");
	for (unsigned int shift = 0;; shift += 7, at++) {
		if (at > LENGTH_OCTETS_MAX)
			return fault(p, "a record whose length is none");
		if (at >= piece.len)
			return wants(p, at + 1, to_end);
		len |= (size_t)(piece.at[at] & 0x7f) << shift;
		if (!(piece.at[at] & 0x80))
			break;
	}
	at++;
	if (len > RECORD_OCTETS_MAX)
		return fault(p, "a record longer than Postfix writes them");
	if (len > piece.len - at)
		return wants(p, at + len, to_end);
	*r = (struct spool_record){p->at, piece.at[0], p->part, span_of(piece.at + at, len)};
	p->at += at + len;
	return SPOOL_RECORD;
}

enum spool_progress spool_postfix_next(struct spool_postfix *p, struct span piece, uint64_t piece_at, bool to_end,
				       struct spool_record *ret_record)
{
	for (;;) {
		bool here = p->at >= piece_at && p->at - piece_at <= piece.len;
		if (!here && to_end && p->at > piece_at)
			return fault(p, "it leads behind its end");
		struct span rest = here ? span_from(piece, (size_t)(p->at - piece_at)) : (struct span){0};
		enum spool_progress got = read_record(p, rest, here && to_end, ret_record);
		if (got == SPOOL_RECORD)
			got = enter(p, ret_record);
		else
			return got;
		if (got == SPOOL_FAULT || got == SPOOL_DONE)
			return got;
		if (ret_record->type != 'p' && ret_record->type != 'w')
			p->previous = ret_record->type;
		if (got == SPOOL_WANTS)
			return SPOOL_RECORD;
	}
}

/* ---- what they say ---- */

static void take_attribute(struct spool_message *m, struct span text)
{
	size_t equals = text.len ? span_find(text, '=') : 0;
	struct span name = span_of(text.at, equals), value = span_from(text, equals + 1);
	if (value.len == 0)
		return;
	if (span_equal(name, span_str("sasl_username")))
		m->login = spool_message_keep(m, value);
	else if (span_equal(value, span_str("unknown")))
		return;
	else if (span_equal(name, span_str("log_client_address")))
		m->client = spool_message_keep(m, value); /* behind a filter: XFORWARD's, the client of the first hop */
	else if (span_equal(name, span_str("client_address")) && m->client.len == 0)
		m->client = spool_message_keep(m, value);
	else if (span_equal(name, span_str("log_client_name")))
		m->client_name = spool_message_keep(m, value);
}

static void take_line(struct spool_message *m, const struct spool_record *r)
{
	spool_message_head(m, r->text);
	if (r->type == 'N')
		spool_message_head(m, span_str("\n"));
}

void spool_postfix_take(struct spool_message *m, const struct spool_record *r)
{
	uint64_t sizes[5] = {0};
	if (r->part == SPOOL_HEADER) {
		take_line(m, r);
		return;
	}
	switch (r->type) {
	case 'C': /* the fifth: octets of the message without what separates the records (Postfix 3.0 and later) */
		m->size_octets = numbers(r->text, sizes, 5) == 5 && sizes[4] ? sizes[4] : sizes[0];
		break;
	case 'T': {
		struct span seconds = span_trim(r->text);
		size_t len = 0;
		while (len < seconds.len && ascii_is_digit(seconds.at[len]))
			len++;
		if (ascii_parse_u64(span_of(seconds.at, len), INT64_MAX, &sizes[0]) == 0)
			m->arrived_s = (int64_t)sizes[0];
		break;
	}
	case 'S':
		m->sender = spool_message_keep(m, r->text);
		m->has_sender = true;
		break;
	case 'R':
		spool_message_recipient(m, r->text);
		break;
	case 'D':
		m->done_count++;
		break;
	case 'A':
		take_attribute(m, r->text);
		break;
	default:
		break;
	}
}

/* "by HOST (Postfix, from userid 33)", then the id of this very file: no message knows it before it lies there. */
static bool pickup_line(struct span value, struct span id, uint64_t *ret_uid)
{
	static const char from[] = "(Postfix, from userid ", with[] = "id ";
	struct span rest;
	const uint8_t *at;
	size_t end;
	if (!span_starts(value, "by "))
		return false;
	at = memmem(value.at, value.len, from, sizeof(from) - 1);
	if (!at)
		return false;
	rest = span_from(value, (size_t)(at - value.at) + sizeof(from) - 1);
	end = span_find(rest, ')');
	if (ascii_parse_u64(span_of(rest.at, end), UINT32_MAX, ret_uid) < 0)
		return false;
	rest = span_trim(span_from(rest, end + 1));
	if (!span_starts(rest, with))
		return false;
	rest = span_from(rest, sizeof(with) - 1);
	return id.len && span_equal(span_of(rest.at, span_find(rest, ';')), id);
}

void spool_postfix_settle(struct spool_message *m)
{
	struct arena arena = arena_make(SPOOL_HEAD_OCTETS * 4);
	struct span received;
	uint64_t uid;
	if (m->client.len == 0 && m->login.len == 0 && m->uid < 0) {
		received = header_field(spool_message_fields(m), "received", &arena);
		if (pickup_line(span_trim(received), m->id, &uid))
			m->uid = (int64_t)uid;
	}
	arena_release(&arena);
}

void spool_postfix_defer(struct spool_message *m, struct span text)
{
	struct span line;
	while (m->reason.len == 0 && header_line_next(&text, &line))
		if (span_starts(line, "reason="))
			m->reason = spool_message_keep(m, span_from(line, strlen("reason=")));
}
