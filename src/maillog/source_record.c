/* SPDX-License-Identifier: BSD-2-Clause */
/* Records with fields to lines. */
#include <errno.h>
#include <inttypes.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "maillog/source_record.h"

enum { FIELD_MAX = 4096, RAW_MAX = LOG_LINE_MAX + 3 * FIELD_MAX };

/* journald's names (systemd.journal-fields(7)); docker's json-file; what log shippers call the same */
static const struct {
	const char *name;
	enum record_field field;
} names[] = {
	{"MESSAGE", RECORD_TEXT},     {"__REALTIME_TIMESTAMP", RECORD_TIME_US},
	{"_HOSTNAME", RECORD_HOST},   {"SYSLOG_IDENTIFIER", RECORD_PROGRAM},
	{"_COMM", RECORD_COMMAND},    {"SYSLOG_PID", RECORD_SYSLOG_PID},
	{"_PID", RECORD_PID},         {"CONTAINER_ID", RECORD_CONTAINER},
	{"log", RECORD_TEXT},         {"time", RECORD_TIME},
	{"stream", RECORD_CONTAINER}, {"message", RECORD_TEXT},
	{"msg", RECORD_TEXT},         {"timestamp", RECORD_TIME},
	{"@timestamp", RECORD_TIME},  {"host", RECORD_HOST},
	{"hostname", RECORD_HOST},    {"program", RECORD_PROGRAM},
	{"ident", RECORD_PROGRAM},    {"appname", RECORD_PROGRAM},
	{"pid", RECORD_PID},
};

void record_init(struct record *r)
{
	*r = (struct record){.raw = buf_make(RAW_MAX)};
	for (int i = 0; i < RECORD_FIELDS; i++)
		r->field[i] = buf_make(i == RECORD_TEXT ? LOG_LINE_MAX : FIELD_MAX);
}

void record_release(struct record *r)
{
	for (int i = 0; i < RECORD_FIELDS; i++)
		buf_release(&r->field[i]);
	buf_release(&r->raw);
}

void record_clear(struct record *r)
{
	for (int i = 0; i < RECORD_FIELDS; i++) {
		buf_clear(&r->field[i]);
		r->has[i] = false;
	}
}

enum record_field record_field_of(struct span name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_equal(name, span_str(names[i].name)))
			return names[i].field;
	return RECORD_FIELDS;
}

struct buf *record_fill(struct record *r, enum record_field field)
{
	if (field >= RECORD_FIELDS || r->has[field])
		return NULL;
	buf_clear(&r->field[field]);
	r->has[field] = true;
	return &r->field[field];
}

static int64_t time_of(const struct record *r, struct stamps *stamps)
{
	struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
	uint64_t us;
	size_t len;
	if (r->has[RECORD_TIME_US] && ascii_parse_u64(buf_span(&r->field[RECORD_TIME_US]), INT64_MAX, &us) == 0)
		return (int64_t)(us / 1000);
	return r->has[RECORD_TIME] ? stamp_read(&own, buf_span(&r->field[RECORD_TIME]), &len) : STAMP_NONE;
}

static uint32_t pid_of(const struct record *r)
{
	uint64_t pid = 0;
	if (r->has[RECORD_SYSLOG_PID] && ascii_parse_u64(buf_span(&r->field[RECORD_SYSLOG_PID]), UINT32_MAX, &pid) == 0)
		return (uint32_t)pid;
	if (r->has[RECORD_PID] && ascii_parse_u64(buf_span(&r->field[RECORD_PID]), UINT32_MAX, &pid) == 0)
		return (uint32_t)pid;
	return 0;
}

/* A record is one line: line ends inside it (a trace of PHP) become blanks, those at its end are left off. */
static void flatten(struct buf *text)
{
	while (text->len && (text->at[text->len - 1] == '\n' || text->at[text->len - 1] == '\r'))
		text->len--;
	for (size_t i = 0; i < text->len; i++)
		if (text->at[i] == '\n')
			text->at[i] = ' ';
}

/* The text has the head: a container's output, or a shipper that gives whole lines. */
static void line_of_text(struct record *r, int64_t at_ms, struct stamps *stamps, struct log_line *ret_line)
{
	line_read(buf_span(&r->field[RECORD_TEXT]), stamps, ret_line);
	/* the time outside is whole and in UTC; that inside may lack year and zone */
	if (at_ms != STAMP_NONE)
		ret_line->at_ms = at_ms;
	if (!ret_line->host.len && r->has[RECORD_HOST])
		ret_line->host = buf_span(&r->field[RECORD_HOST]);
}

static struct span add(struct buf *raw, struct span part, size_t *ret_at)
{
	*ret_at = raw->len;
	buf_add(raw, part);
	return part;
}

static void add_time(struct buf *raw, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE];
	size_t len;
	if (at_ms == STAMP_NONE)
		return;
	clock_text(at_ms, text);
	len = strlen(text);
	if (len)
		buf_printf(raw, "%.*s.%03dZ ", (int)len - 1, text, (int)(at_ms % 1000));
}

static int line_of_fields(struct record *r, int64_t at_ms, struct span program, struct log_line *ret_line)
{
	struct buf *raw = &r->raw;
	struct span host = buf_span(&r->field[RECORD_HOST]), text = buf_span(&r->field[RECORD_TEXT]);
	uint32_t pid = pid_of(r);
	size_t host_at, program_at, text_at;
	buf_clear(raw);
	add_time(raw, at_ms);
	if (!host.len)
		host = span_str("-");
	add(raw, host, &host_at);
	buf_add_char(raw, ' ');
	add(raw, program, &program_at);
	if (pid)
		buf_printf(raw, "[%" PRIu32 "]", pid);
	buf_add_str(raw, ": ");
	add(raw, text, &text_at);
	if (raw->error)
		return raw->error;
	*ret_line = (struct log_line){
		.raw = buf_span(raw),
		.at_ms = at_ms,
		.host = span_of(raw->at + host_at, r->has[RECORD_HOST] ? host.len : 0),
		.program = span_of(raw->at + program_at, program.len),
		.pid = pid,
		.text = span_of(raw->at + text_at, text.len),
	};
	return 1;
}

int record_line(struct record *r, struct stamps *stamps, struct log_line *ret_line)
{
	struct span program = buf_span(&r->field[RECORD_PROGRAM]);
	int64_t at_ms = time_of(r, stamps);
	flatten(&r->field[RECORD_TEXT]);
	if (r->field[RECORD_TEXT].error == -ENOMEM)
		return -ENOMEM;
	if (!r->field[RECORD_TEXT].len)
		return 0;
	if (!program.len)
		program = buf_span(&r->field[RECORD_COMMAND]);
	if (program.len && !r->has[RECORD_CONTAINER])
		return line_of_fields(r, at_ms, program, ret_line);
	line_of_text(r, at_ms, stamps, ret_line);
	return 1;
}
