/* SPDX-License-Identifier: BSD-2-Clause */
/* Records with fields to lines. */
#include <errno.h>
#include <inttypes.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "logread/source_record.h"

enum {
	FIELD_MAX = 4096,
	RAW_MAX = LOG_LINE_MAX + 3 * FIELD_MAX,
	SECONDS_DIGITS = 10, /* of seconds since 1970, 2001 to 2286 */
};

/* journald's names (systemd.journal-fields(7)); docker's json-file; rsyslog's and syslog-ng's properties and macros; what
 * log shippers call the same */
static const struct {
	const char *name;
	enum record_field field;
} names[] = {
	{"MESSAGE", RECORD_TEXT},
	{"log", RECORD_TEXT},
	{"message", RECORD_TEXT},
	{"_raw", RECORD_TEXT}, /* Splunk */
	{"msg", RECORD_TEXT},
	{"MSG", RECORD_TEXT},
	{"short_message", RECORD_TEXT}, /* GELF */
	{"textPayload", RECORD_TEXT},   /* Google's */
	{"line", RECORD_TEXT},          /* Loki's logcli -o jsonl */
	{"__REALTIME_TIMESTAMP", RECORD_TIME_US},
	{"_HOSTNAME", RECORD_HOST},
	{"host", RECORD_HOST},
	{"hostname", RECORD_HOST},
	{"HOST", RECORD_HOST},
	{"HOSTNAME", RECORD_HOST},
	{"logsource", RECORD_HOST},
	{"syslog_hostname", RECORD_HOST},
	{"SYSLOG_IDENTIFIER", RECORD_PROGRAM},
	{"program", RECORD_PROGRAM},
	{"PROGRAM", RECORD_PROGRAM},
	{"programname", RECORD_PROGRAM},
	{"ident", RECORD_PROGRAM},
	{"appname", RECORD_PROGRAM},
	{"app-name", RECORD_PROGRAM},
	{"app_name", RECORD_PROGRAM},
	{"APP-NAME", RECORD_PROGRAM},
	{"syslog_identifier", RECORD_PROGRAM},
	{"syslog_program", RECORD_PROGRAM},
	{"application_name", RECORD_PROGRAM},
	{"_application_name", RECORD_PROGRAM},
	{"tag", RECORD_TAG},
	{"syslogtag", RECORD_TAG},
	{"syslog-tag", RECORD_TAG},
	{"MSGHDR", RECORD_TAG},
	{"_COMM", RECORD_COMMAND},
	{"SYSLOG_PID", RECORD_SYSLOG_PID},
	{"_PID", RECORD_PID},
	{"pid", RECORD_PID},
	{"PID", RECORD_PID},
	{"procid", RECORD_PID},
	{"syslog_pid", RECORD_PID},
	{"time", RECORD_TIME},
	{"timestamp", RECORD_TIME},
	{"@timestamp", RECORD_TIME},
	{"timereported", RECORD_TIME},
	{"timegenerated", RECORD_TIME},
	{"TIMESTAMP", RECORD_TIME},
	{"ISODATE", RECORD_TIME},
	{"DATE", RECORD_TIME},
	{"date", RECORD_TIME},
	{"UNIXTIME", RECORD_TIME},
	{"createdAt", RECORD_TIME}, /* Stalwart */
	{"event_time", RECORD_TIME_FINE},
	{"CONTAINER_ID", RECORD_CONTAINER},
	{"stream", RECORD_CONTAINER},
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
	r->time_us = 0;
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

/* A number since 1970: seconds, or by its length milli-, micro- or nanoseconds; what stands behind a point is left off. */
static int64_t epoch_of(struct span text)
{
	static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
	size_t digits = 0;
	uint64_t value, fraction = 0;
	while (digits < text.len && ascii_is_digit(text.at[digits]))
		digits++;
	if (digits < SECONDS_DIGITS || digits > SECONDS_DIGITS + 9 || (digits - SECONDS_DIGITS) % 3 ||
	    (digits < text.len && text.at[digits] != '.') ||
	    ascii_parse_u64(span_of(text.at, digits), INT64_MAX, &value) < 0)
		return STAMP_NONE;
	if (digits == SECONDS_DIGITS && text.len > digits + 3)
		ascii_parse_u64(span_of(text.at + digits + 1, 3), 999, &fraction);
	int64_t unit = per_second[(digits - SECONDS_DIGITS) / 3];
	return unit == 1 ? (int64_t)value * 1000 + (int64_t)fraction : (int64_t)value / (unit / 1000);
}

int64_t record_time(const struct record *r, struct stamps *stamps)
{
	struct stamps own = stamps_of(stamps->zone, stamps->written_ms);
	enum record_field text = r->has[RECORD_TIME_FINE] ? RECORD_TIME_FINE : RECORD_TIME;
	int64_t at_ms;
	uint64_t us;
	size_t len;
	if (r->time_us)
		return (int64_t)(r->time_us / 1000);
	if (r->has[RECORD_TIME_US] && ascii_parse_u64(buf_span(&r->field[RECORD_TIME_US]), INT64_MAX, &us) == 0)
		return (int64_t)(us / 1000);
	if (!r->has[text])
		return STAMP_NONE;
	at_ms = epoch_of(buf_span(&r->field[text]));
	return at_ms == STAMP_NONE ? stamp_read(&own, buf_span(&r->field[text]), &len) : at_ms;
}

struct tag {
	struct span program;
	uint32_t pid; /* 0: none */
	bool closed;  /* with a number or a ':', which no other kind of tag has */
};

/* "postfix/smtpd[123]:", "postfix/smtpd[123]: ", "dovecot:", "sendmail". Another text (fluentd's "kube.var.log") tells no
 * program: its name is empty. */
static struct tag tag_of(struct span text)
{
	struct tag tag = {{NULL, 0}, 0, false};
	const size_t whole = text.len;
	size_t open = span_find(text, '[');
	uint64_t pid = 0;
	while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == ':'))
		text.len--;
	if (open < text.len && text.at[text.len - 1] == ']' &&
	    ascii_parse_u64(span_of(text.at + open + 1, text.len - open - 2), UINT32_MAX, &pid) == 0)
		text.len = open;
	if (span_find(text, ' ') < text.len || span_find(text, '.') < text.len)
		return tag;
	tag.program = text;
	tag.pid = (uint32_t)pid;
	tag.closed = text.len < whole;
	return tag;
}

/* The longer name: rsyslog's programname ends before the first '/' ("postfix"), syslogtag has the daemon as well. */
static struct span program_of(const struct record *r)
{
	struct span program = buf_span(&r->field[RECORD_PROGRAM]);
	struct tag tag = tag_of(buf_span(&r->field[RECORD_TAG]));
	if (!program.len)
		program = buf_span(&r->field[RECORD_COMMAND]);
	if (!program.len)
		return tag.closed ? tag.program : program;
	return tag.program.len > program.len && span_begins(tag.program, program) ? tag.program : program;
}

static uint32_t pid_of(const struct record *r)
{
	uint64_t pid = 0;
	if (r->has[RECORD_SYSLOG_PID] && ascii_parse_u64(buf_span(&r->field[RECORD_SYSLOG_PID]), UINT32_MAX, &pid) == 0)
		return (uint32_t)pid;
	if (r->has[RECORD_PID] && ascii_parse_u64(buf_span(&r->field[RECORD_PID]), UINT32_MAX, &pid) == 0)
		return (uint32_t)pid;
	return tag_of(buf_span(&r->field[RECORD_TAG])).pid;
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
	char text[CLOCK_TEXT_SIZE + 4];
	size_t len;
	int ms = (int)((at_ms % 1000 + 1000) % 1000);
	if (at_ms == STAMP_NONE)
		return;
	clock_text(at_ms, text);
	len = strlen(text);
	if (!len)
		return;
	memcpy(text + len - 1,
	       (char[]){'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10), 'Z', ' '}, 6);
	buf_add(raw, span_of(text, len + 5));
}

static void add_pid(struct buf *raw, uint32_t pid)
{
	char text[] = "[4294967295]";
	size_t at = sizeof(text) - 2;
	for (; pid; pid /= 10)
		text[--at] = (char)('0' + pid % 10);
	text[--at] = '[';
	buf_add(raw, span_of(text + at, sizeof(text) - 1 - at));
}

static int line_of_fields(struct record *r, int64_t at_ms, struct span program, struct log_line *ret_line)
{
	struct buf *raw = &r->raw;
	struct span host = buf_span(&r->field[RECORD_HOST]), text = buf_span(&r->field[RECORD_TEXT]);
	uint32_t pid = pid_of(r);
	size_t host_at, program_at, text_at;
	while (text.len && text.at[0] == ' ') /* RFC 3164: the blank behind the tag belongs to the text */
		text = span_from(text, 1);
	buf_clear(raw);
	add_time(raw, at_ms);
	if (!host.len)
		host = span_str("-");
	add(raw, host, &host_at);
	buf_add_char(raw, ' ');
	add(raw, program, &program_at);
	if (pid)
		add_pid(raw, pid);
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
	struct span program = program_of(r);
	int64_t at_ms = record_time(r, stamps);
	flatten(&r->field[RECORD_TEXT]);
	if (r->field[RECORD_TEXT].error == -ENOMEM)
		return -ENOMEM;
	if (!r->field[RECORD_TEXT].len)
		return 0;
	if (program.len && !r->has[RECORD_CONTAINER])
		return line_of_fields(r, at_ms, program, ret_line);
	line_of_text(r, at_ms, stamps, ret_line);
	return 1;
}
