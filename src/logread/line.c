/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/line.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"

enum {
	HOST_MAX = 255,
	PROGRAM_MAX = 128,
	PID_DIGITS_MAX = 10,
	PRIORITY_MAX = 24, /* "<191>", "<local7.warning>" */
	CONTAINER_LEN = 12,
	CONTAINER_MIN = 8, /* "docker/x" */
	INNER_MIN = 16,    /* octets of a line with a stamp */
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

#ifdef __SSE2__
/* A bit for each of sixteen octets that may end a program's name. */
static uint32_t name_ends(const uint8_t *at)
{
	const __m128i blank = _mm_set1_epi8(' '), bracket = _mm_set1_epi8('['), colon = _mm_set1_epi8(':');
	__m128i w = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(w, blank), _mm_cmpeq_epi8(w, bracket));
	return (uint32_t)_mm_movemask_epi8(_mm_or_si128(hit, _mm_cmpeq_epi8(w, colon)));
}
#endif

__attribute__((noinline)) static size_t program_end_slowly(struct span s)
{
	size_t n = 0;
	while (n < s.len && n <= PROGRAM_MAX && s.at[n] != ' ' && s.at[n] != '[' && s.at[n] != ':')
		n++;
	return n;
}

/* Where a program's name ends: the first blank, '[' or ':'. */
static inline size_t program_end(struct span s)
{
#ifdef __SSE2__
	if (s.len >= 32) { /* few names are longer */
		uint32_t bits = name_ends(s.at) | name_ends(s.at + 16) << 16;
		if (bits)
			return (size_t)__builtin_ctz(bits);
	}
#endif
	return program_end_slowly(s);
}

/* As take_pid(), of any length. */
__attribute__((noinline)) static size_t take_pid_slowly(struct span s, uint32_t *ret_pid)
{
	size_t end = 0;
	while (end < s.len && end <= PID_DIGITS_MAX && ascii_is_digit(s.at[end]))
		end++;
	*ret_pid = number_of(span_of(s.at, end));
	return end < s.len && s.at[end] == ']' ? end : 0;
}

/* "123]" at the start of s. @return octets up to the ']'; 0: it is no number in brackets. */
static inline size_t take_pid(struct span s, uint32_t *ret_pid)
{
	size_t end = s.len > 8 ? ascii_digits8(s.at, ret_pid) : 8;
	if (end == 8)
		return take_pid_slowly(s, ret_pid);
	return s.at[end] == ']' ? end : 0;
}

/* "program[123]: text" or "program: text" at the start of s. `strict`: the process number must stand there. */
static bool take_program(struct span s, bool strict, struct log_line *l)
{
	size_t n = program_end(s), end;
	if (n == 0 || n >= s.len || n > PROGRAM_MAX || s.at[n] == ' ')
		return false;
	if (s.at[n] == ':') {
		if (strict || (n + 1 < s.len && s.at[n + 1] != ' '))
			return false;
		l->program = span_of(s.at, n);
		l->text = span_from(s, n + 2);
		return true;
	}
	end = n + 1 + take_pid(span_from(s, n + 1), &l->pid);
	if (end == n + 1 || (end + 1 < s.len && s.at[end + 1] != ':')) {
		l->pid = 0;
		return false;
	}
	l->program = span_of(s.at, n);
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

/* "<=", "=>", "->", ">>", "*>", "**", "==" or what comes to be one begins with these. */
static inline bool begins_flag(uint8_t c)
{
	const uint64_t first =
		UINT64_C(1) << '<' | UINT64_C(1) << '=' | UINT64_C(1) << '>' | UINT64_C(1) << '-' | UINT64_C(1) << '*';
	return c < 64 && first >> c & 1;
}

/* "1tEXAM-00000000abc-1x9B => ..": a record of Exim's own file, whose flag stands where a program would; or "Completed". */
static bool is_exim_record(struct span s)
{
	size_t len = 16;
	if (s.len > 26 && s.at[6] == '-' && s.at[18] == '-')
		len = 23;
	else if (s.len <= 19 || s.at[6] != '-' || s.at[13] != '-')
		return false;
	if (s.at[len] != ' ')
		return false;
	if (begins_flag(s.at[len + 1]) && s.at[len + 3] == ' ')
		return true;
	return s.len == len + 10 && memcmp(s.at + len + 1, "Completed", 9) == 0 && program_end(s) == len;
}

/* What follows the host. */
static void read_program(struct span rest, struct log_line *l)
{
	if (!take_program(rest, false, l) && !take_program(skip_facility(rest), false, l))
		l->text = rest;
}

/* What follows the stamp in logs that programs write themselves: what looks like "host program:" may be their words. */
static void read_own(struct span rest, struct log_line *l)
{
	struct span host;
	if (is_exim_record(rest) || take_program(rest, true, l))
		return;
	if (rest.len && rest.at[0] == '[') { /* Exim's log_selector +pid */
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
	if (take_program(rest, true, l) || take_program(skip_facility(rest), true, l))
		l->host = host;
}

/* "INFO", "[NOTICE]": how grave the line is, in logs of programs that write no host (Stalwart, Haraka). */
static bool is_level(struct span word)
{
	static const char *const levels[] = {"INFO",  "NOTICE", "WARN",  "ERROR", "DEBUG",
					     "TRACE", "CRIT",   "ALERT", "EMERG", "PROTOCOL"};
	if (word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']')
		word = span_of(word.at + 1, word.len - 2);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (span_equal(word, span_str(levels[i])))
			return true;
	return false;
}

/* What follows the stamp in a log that syslog writes. @return octets of l->raw up to the host's end; 0: there is no host
 * that is told without a look at what follows. */
static size_t read_syslog(struct span rest, struct log_line *l)
{
	struct span host;
	if (take_program(rest, false, l))
		return 0;
	host = word_of(&rest, HOST_MAX);
	if (host.len > HOST_MAX || !host.len || host.at[host.len - 1] == ':' || is_level(host))
		return 0;
	l->host = host;
	read_program(skip_blanks(rest), l);
	return rest.len ? (size_t)(rest.at - l->raw.at) : 0;
}

/* @return as read_syslog() */
static size_t read_rest(struct span rest, bool own, struct log_line *l)
{
	rest = skip_blanks(skip_priority(skip_blanks(rest)));
	l->text = rest;
	if (!own)
		return read_syslog(rest, l);
	read_own(rest, l);
	return 0;
}

/* What the program said, behind what else the logger put before it. */
static void finish_text(struct log_line *l)
{
	l->text = skip_message_id(l->program.len ? skip_blanks(l->text) : l->text);
}

/* The lines of one second mostly begin with the same octets, up to the host or at least up to the end of the stamp. */
static void keep_head(struct stamps *stamps, size_t stamp_end, size_t host_end, bool own, const struct log_line *l)
{
	struct line_head *h = &stamps->head;
	size_t len = host_end ? host_end + 1 : stamp_end + 1;
	if (len > sizeof(h->text) || len >= l->raw.len)
		return;
	memcpy(h->text, l->raw.at, len);
	h->len = len;
	h->own = own;
	h->host_len = host_end ? l->host.len : 0;
	h->host_at = host_end - h->host_len;
}

static bool read_kept(struct span raw, const struct stamps *stamps, struct log_line *l)
{
	const struct line_head *h = &stamps->head;
	if (!h->len || raw.len <= h->len || !span_begins(raw, span_of(h->text, h->len)))
		return false;
	if (h->host_len) {
		l->host = span_of(raw.at + h->host_at, h->host_len);
		read_program(skip_blanks(span_from(raw, h->len)), l);
	} else {
		if (raw.at[h->len] == '+' || raw.at[h->len] == '-') /* a zone, which belongs to the stamp */
			return false;
		read_rest(span_from(raw, h->len), h->own, l);
	}
	l->at_ms = stamps->kept_ms;
	finish_text(l);
	return true;
}

/* A log that a program writes itself, told by its stamp. */
static bool is_own(struct span stamp, size_t len)
{
	return stamp.at[0] == '@' || (ascii_is_digit(stamp.at[2]) && stamp.at[4] != '-' && stamp.at[4] != ' ') ||
	       (len > 10 && stamp.at[10] == ' ' && stamp.at[4] == '-');
}

static void read_anew(struct span raw, struct stamps *stamps, struct log_line *l)
{
	struct span stamp = skip_priority(raw);
	bool is_5424 = false;
	size_t len = 0, host_end;
	if (stamp.len > 2 && stamp.at[0] == '1' && stamp.at[1] == ' ' && ascii_is_digit(stamp.at[2])) {
		is_5424 = true;
		stamp = span_from(stamp, 2);
	}
	l->at_ms = stamp_read(stamps, stamp, &len);
	if (l->at_ms == STAMP_NONE)
		return;
	if (is_5424) {
		read_5424(span_from(stamp, len), l);
		return;
	}
	if (stamp.at[0] == '[') {
		l->text = skip_blanks(span_from(stamp, len));
		return;
	}
	host_end = read_rest(span_from(stamp, len), is_own(stamp, len), l);
	finish_text(l);
	if (stamp_is_kept(stamps, stamp))
		keep_head(stamps, (size_t)(stamp.at - raw.at) + len, host_end, is_own(stamp, len), l);
}

/* docker's syslog driver names the container: the first twelve digits of its id, or "docker/NAME" (--log-opt tag). */
static bool is_container(struct span program)
{
	if (span_starts(program, "docker/"))
		return true;
	for (size_t i = 0; i < program.len; i++)
		if (!ascii_is_digit(program.at[i]) && (program.at[i] < 'a' || program.at[i] > 'f'))
			return false;
	return program.len == CONTAINER_LEN;
}

/* The container's own line has a whole head: that one counts, and the time outside. */
static void read_inner(struct stamps *stamps, struct log_line *l)
{
	struct log_line inner = {.raw = l->text, .text = l->text};
	read_anew(l->text, stamps, &inner);
	if (inner.at_ms == STAMP_NONE || !inner.program.len || !inner.host.len)
		return;
	inner.raw = l->raw;
	inner.at_ms = l->at_ms;
	*l = inner;
}

void line_read(struct span raw, struct stamps *stamps, struct log_line *ret_line)
{
	*ret_line = (struct log_line){.raw = raw, .text = raw};
	if (!read_kept(raw, stamps, ret_line))
		read_anew(raw, stamps, ret_line);
	if (ret_line->program.len >= CONTAINER_MIN && ret_line->text.len > INNER_MIN && is_container(ret_line->program))
		read_inner(stamps, ret_line);
}

bool line_field_next(struct span *rest, struct span *ret_key, struct span *ret_value)
{
	size_t end, equals;
	if (!rest->len || rest->at[0] != LINE_FIELD)
		return false;
	*rest = span_from(*rest, 1);
	end = span_find(*rest, LINE_FIELD);
	equals = span_find(span_of(rest->at, end), '=');
	*ret_key = span_of(rest->at, equals);
	equals += equals < end;
	*ret_value = span_of(rest->at + equals, end - equals); /* one that is empty has a place too */
	*rest = span_from(*rest, end);
	return true;
}
