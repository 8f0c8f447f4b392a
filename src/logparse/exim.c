/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim's main and reject log, own files and through syslog: which kind of record a line is. */
#include "logparse/exim.h"

#include "base/ascii.h"

enum { STAMP_LEN = 19 }; /* "2026-11-24 10:00:00" */

/* Eight octets against eight of a shape, in which '0' is any digit; `room` has 'v' (0x76) there, 0x7f elsewhere: what differs
 * by more than 9, or by more than nothing, comes to have its high bit set. */
static uint64_t unlike(const uint8_t *at, const char *shape, const char *room)
{
	uint64_t octets = octets_load8(at) ^ octets_load8(shape);
	return (octets | (octets + octets_load8(room))) & UINT64_C(0x8080808080808080);
}

static bool stamp_at(struct span s)
{
	if (s.len < STAMP_LEN || s.at[4] != '-' || s.at[10] != ' ')
		return false;
	return (unlike(s.at, "0000-00-", "vvvv\x7fvv\x7f") | unlike(s.at + 8, "00 00:00", "vv\x7fvv\x7fvv") |
		unlike(s.at + 11, "00:00:00", "vv\x7fvv\x7fvv")) == 0;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (!name.len)
		return CLAIM_ASK;
	return span_starts(name, "exim") ? CLAIM_YES : CLAIM_NO;
}

/* Exim's own file has no program name: told by its stamp. What other programs write that way is claimed before. */
static bool claims(const struct log_line *l)
{
	return stamp_at(l->raw) && l->text.len && l->text.at != l->raw.at && *l->text.at != '#';
}

/* Nobody else writes such an id behind such a stamp, and nearly all lines have one; that it is a stamp has been seen where
 * the line's head was read. @return the octets of the id, which are this format's kind of line. */
static uint32_t sure(const struct log_line *l)
{
	bool stamped = l->raw.len > STAMP_LEN && l->raw.at[4] == '-' && l->raw.at[10] == ' ';
	return stamped ? (uint32_t)exim_id(l->text) : 0;
}

/* Through syslog Exim writes its own stamp again (syslog_timestamp). */
static void skip_stamp(struct exim_rest *r)
{
	if (!stamp_at(exim_rest_span(r)))
		return;
	r->at += STAMP_LEN;
	if (r->at < r->end && *r->at == '.')
		for (r->at++; r->at < r->end && ascii_is_digit(*r->at); r->at++)
			;
	exim_skip_blanks(r);
	if (r->end - r->at > 5 && (*r->at == '+' || *r->at == '-') && ascii_is_digit(r->at[1]) && r->at[5] == ' ')
		r->at += 6;
}

/* "[1234] " (+pid). An address in brackets is not it. */
static void skip_pid(struct exim_rest *r, struct mail_event *e)
{
	uint64_t pid;
	const uint8_t *close;
	if (r->end - r->at < 4 || *r->at != '[')
		return;
	close = memchr(r->at, ']', r->end - r->at > 12 ? 12 : (size_t)(r->end - r->at));
	if (!close || close + 1 >= r->end || close[1] != ' ' ||
	    ascii_parse_u64(span_of(r->at + 1, (size_t)(close - r->at - 1)), UINT32_MAX, &pid) < 0)
		return;
	e->pid = (uint32_t)pid;
	r->at = close + 2;
}

/* "[1\3] " and "[2/3] ": a record that was too long for syslog. @return false: not its beginning. */
static bool skip_part(struct exim_rest *r)
{
	const uint8_t *at = r->at + 1;
	bool first;
	if (r->end - r->at < 6 || *r->at != '[' || !ascii_is_digit(*at))
		return true;
	first = *at == '1' && !ascii_is_digit(at[1]);
	while (at < r->end && ascii_is_digit(*at))
		at++;
	if (at >= r->end || (*at != '\\' && *at != '/'))
		return true;
	for (at++; at < r->end && ascii_is_digit(*at); at++)
		;
	if (r->end - at < 2 || at[0] != ']' || at[1] != ' ')
		return true;
	r->at = at + 2;
	return first;
}

static uint32_t flag_of(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

#define FLAG(a, b) ((uint32_t)(a) << 8 | (b))

/* The records of one message: "ID flag ..". */
static enum line_result parse_message(struct exim_rest *r, uint32_t want, struct mail_event *e)
{
	struct span flag = exim_rest_span(r);
	if (flag.len >= 3 && flag.at[2] == ' ') {
		r->at += 3;
		switch (flag_of(flag.at)) {
		case FLAG('<', '='):
		case FLAG('(', '='): /* accepted, the client was told otherwise (fakereject) */
			return exim_arrival(r, e);
		case FLAG('=', '>'):
		case FLAG('-', '>'):
		case FLAG('>', '>'):
		case FLAG('*', '>'):
		case FLAG('*', '*'):
		case FLAG('=', '='):
			return exim_delivery(r, flag, e);
		}
		r->at -= 3;
	}
	if (span_starts(flag, "Completed")) {
		e->kind = EVENT_END;
		return LINE_EVENT;
	}
	return exim_other(r, want, e);
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *ret_event)
{
	struct exim_rest r = exim_rest_of(l->text);
	size_t id = kind ? kind : exim_id(l->text);
	event_begin(ret_event, l);
	if (!id && r.at < r.end && (ascii_is_digit(*r.at) || *r.at == '[')) {
		if (!skip_part(&r))
			return LINE_QUIET;
		skip_stamp(&r);
		skip_pid(&r, ret_event);
		id = exim_id(exim_rest_span(&r));
	}
	if (!id) {
		enum line_result result = exim_other(&r, want, ret_event);
		return result == LINE_FOREIGN && l->program.len ? LINE_QUIET : result;
	}
	ret_event->id = span_of(r.at, id);
	r.at += id;
	exim_skip_blanks(&r);
	return parse_message(&r, want, ret_event);
}

const struct format_row format_exim = {FORMAT_EXIM, program, claims, parse, sure};
