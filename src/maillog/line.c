/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/line.h"

#include "base/ascii.h"

enum {
	HOST_MAX = 255,
	PROGRAM_MAX = 128,
	PID_DIGITS_MAX = 10,
	PRIORITY_MAX = 24, /* "<191>", "<local7.warning>" */
	FIELDS_5424 = 5,   /* host, program, process, message id, structured data */
};

static struct span skip_blanks(struct span s)
{
	while (s.len && s.at[0] == ' ')
		s = span_from(s, 1);
	return s;
}

/* "<22>", "<mail.info>". */
static struct span skip_priority(struct span s)
{
	size_t end;
	if (!s.len || s.at[0] != '<')
		return s;
	for (end = 1; end < s.len && end < PRIORITY_MAX && s.at[end] != '>'; end++)
		if (!ascii_is_alpha(s.at[end]) && !ascii_is_digit(s.at[end]) && s.at[end] != '.')
			return s;
	return end < s.len && s.at[end] == '>' ? span_from(s, end + 1) : s;
}

static struct span word_of(struct span *rest, size_t max)
{
	size_t n = 0;
	struct span word;
	while (n < rest->len && rest->at[n] != ' ' && n <= max)
		n++;
	word = span_of(rest->at, n);
	*rest = span_from(*rest, n);
	return word;
}

static uint32_t number_of(struct span s)
{
	uint64_t value = 0;
	return s.len && s.len <= PID_DIGITS_MAX && ascii_parse_u64(s, UINT32_MAX, &value) == 0 ? (uint32_t)value : 0;
}

/* "program[123]: text" or "program: text" at the start of s. `strict`: the process number must stand there. */
static bool take_program(struct span s, bool strict, struct log_line *l)
{
	size_t n = 0, end;
	while (n < s.len && n < PROGRAM_MAX && s.at[n] != ' ' && s.at[n] != '[' && s.at[n] != ':')
		n++;
	if (n == 0 || n >= s.len)
		return false;
	if (s.at[n] == ':') {
		if (strict || (n + 1 < s.len && s.at[n + 1] != ' '))
			return false;
		l->program = span_of(s.at, n);
		l->text = span_from(s, n + 2);
		return true;
	}
	if (s.at[n] != '[')
		return false;
	for (end = n + 1; end < s.len && end - n <= PID_DIGITS_MAX + 1 && ascii_is_digit(s.at[end]); end++)
		;
	if (end == n + 1 || end >= s.len || s.at[end] != ']' || (end + 1 < s.len && s.at[end + 1] != ':'))
		return false;
	l->program = span_of(s.at, n);
	l->pid = number_of(span_of(s.at + n + 1, end - n - 1));
	l->text = span_from(s, end + 3);
	return true;
}

/* AIX and busybox write "mail:info " or "mail.info " before the program. */
static struct span skip_facility(struct span s)
{
	size_t n = span_find(s, ' ');
	if (n > PRIORITY_MAX || n < 6 || memcmp(s.at, "mail", 4) != 0 ||
	    (s.at[4] != '.' && s.at[4] != ':' && s.at[4] != '|'))
		return (struct span){NULL, 0};
	return skip_blanks(span_from(s, n));
}

/* Solaris puts "[ID 197553 mail.info] " before the text. */
static struct span skip_message_id(struct span s)
{
	size_t end;
	if (s.len < 5 || memcmp(s.at, "[ID ", 4) != 0)
		return s;
	end = span_find(s, ']');
	return end < s.len && end < 40 ? span_from(s, end + 2) : s;
}

/* RFC 5424 6.3: "-" or [..] elements; in their values ']' is escaped. */
static struct span skip_structured(struct span s)
{
	bool quoted = false;
	if (s.len && s.at[0] == '-')
		return span_from(s, 1);
	while (s.len && s.at[0] == '[') {
		size_t i;
		for (i = 1; i < s.len && (quoted || s.at[i] != ']'); i++) {
			if (quoted && s.at[i] == '\\')
				i++;
			else if (s.at[i] == '"')
				quoted = !quoted;
		}
		s = span_from(s, i + 1);
	}
	return s;
}

static void read_5424(struct span rest, struct log_line *l)
{
	struct span field[FIELDS_5424 - 1];
	for (size_t i = 0; i < FIELDS_5424 - 1; i++) {
		rest = skip_blanks(rest);
		field[i] = word_of(&rest, HOST_MAX);
		if (field[i].len == 1 && field[i].at[0] == '-')
			field[i].len = 0;
	}
	l->host = field[0];
	l->program = field[1];
	l->pid = number_of(field[2]);
	rest = skip_blanks(skip_structured(skip_blanks(rest)));
	if (rest.len >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
		rest = span_from(rest, 3);
	l->text = rest;
}

/* "1tEXAM-00000000abc-1x9B => ..": a record of Exim's own file, whose flag stands where a program would. */
static bool is_exim_record(struct span s)
{
	size_t len = 16;
	if (s.len > 26 && s.at[6] == '-' && s.at[18] == '-')
		len = 23;
	else if (s.len <= 19 || s.at[6] != '-' || s.at[13] != '-')
		return false;
	return s.at[len] == ' ' && memchr("<=>-*", s.at[len + 1], 5) && s.at[len + 3] == ' ';
}

/* `blank`: a stamp as in logs that programs write themselves: what looks like "host program:" may be their words. */
static void read_syslog(struct span rest, bool blank, struct log_line *l)
{
	struct span host;
	if ((blank && is_exim_record(rest)) || take_program(rest, blank, l))
		return;
	if (blank && rest.len && rest.at[0] == '[') { /* Exim's log_selector +pid */
		size_t end = span_find(rest, ']');
		uint32_t pid = end < rest.len ? number_of(span_of(rest.at + 1, end - 1)) : 0;
		if (pid) {
			l->pid = pid;
			l->text = skip_blanks(span_from(rest, end + 1));
		}
		return;
	}
	host = word_of(&rest, HOST_MAX);
	rest = skip_blanks(rest);
	if (host.len > HOST_MAX || (host.len && host.at[host.len - 1] == ':'))
		return;
	if (take_program(rest, blank, l) || take_program(skip_facility(rest), blank, l))
		l->host = host;
	else if (!blank) {
		l->host = host;
		l->text = rest;
	}
}

void line_read(struct span raw, struct stamps *stamps, struct log_line *ret_line)
{
	struct span rest = skip_priority(raw);
	bool is_5424 = false, blank;
	size_t len = 0;
	*ret_line = (struct log_line){.raw = raw, .text = raw};
	if (rest.len > 2 && rest.at[0] == '1' && rest.at[1] == ' ' && ascii_is_digit(rest.at[2])) {
		is_5424 = true;
		rest = span_from(rest, 2);
	}
	ret_line->at_ms = stamp_read(stamps, rest, &len);
	if (ret_line->at_ms == STAMP_NONE)
		return;
	blank = rest.at[0] == '@' || (ascii_is_digit(rest.at[0]) && rest.at[4] != '-' && rest.at[4] != ' ') ||
		(len > 10 && rest.at[10] == ' ' && rest.at[4] == '-');
	if (is_5424) {
		read_5424(span_from(rest, len), ret_line);
		return;
	}
	if (rest.at[0] == '[') {
		ret_line->text = skip_blanks(span_from(rest, len));
		return;
	}
	rest = skip_blanks(skip_priority(skip_blanks(span_from(rest, len))));
	ret_line->text = rest;
	read_syslog(rest, blank, ret_line);
	ret_line->text = skip_message_id(ret_line->program.len ? skip_blanks(ret_line->text) : ret_line->text);
}
