/* SPDX-License-Identifier: BSD-2-Clause */
/* "window", "coverage" and "unparsed", the same in every answer about a log. */
#include "view/view_coverage.h"

#include "base/buf.h"
#include "base/clock.h"

enum { PLACE_OCTETS_MAX = 1 << 16 };

void view_time(struct json *j, const char *key, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE] = "";
	if (at_ms != STAMP_NONE)
		clock_text(at_ms, text);
	json_member_str(j, key, text[0] ? text : NULL);
}

void view_window(struct json *j, int64_t from_ms, int64_t to_ms)
{
	json_key(j, "window");
	json_begin(j, '{');
	view_time(j, "from", from_ms);
	view_time(j, "to", to_ms);
	json_end(j, '}');
}

static void member_count(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_int(j, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static double unparsed_share(const struct log_coverage *c)
{
	return c->mail_lines ? (double)c->unparsed / (double)c->mail_lines : 0;
}

static void file_details(struct json *j, const struct log_coverage *c)
{
	json_key(j, "file_details");
	json_begin(j, '[');
	for (size_t i = 0; i < c->file_count; i++) {
		const struct source_file *f = &c->files[i];
		json_begin(j, '{');
		json_member_str(j, "name", f->name);
		view_time(j, "from", f->first_ms);
		view_time(j, "to", f->last_ms);
		member_count(j, "lines", f->lines);
		member_count(j, "octets", f->octets);
		json_member_bool(j, "cut", f->cut);
		json_member_str(j, "fault", f->fault);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void gaps(struct json *j, const struct log_coverage *c)
{
	json_key(j, "gaps");
	json_begin(j, '[');
	for (size_t i = 0; i < c->gap_count; i++) {
		json_begin(j, '{');
		view_time(j, "from", c->gaps[i].from_ms);
		view_time(j, "to", c->gaps[i].to_ms);
		json_member_str(j, "why", c->gaps[i].why);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void formats(struct json *j, const struct log_coverage *c)
{
	json_key(j, "formats");
	json_begin(j, '{');
	for (unsigned f = 0; f < FORMAT_COUNT; f++)
		if (c->by_format[f])
			member_count(j, mail_format_text((enum mail_format)f), c->by_format[f]);
	json_end(j, '}');
}

/* Of what was done to ALL: how many messages, and of how many it is not known which ones they were. */
static void by_all(struct json *j, const struct log_coverage *c)
{
	json_key(j, "by_all");
	json_begin(j, '{');
	member_count(j, "removed", c->removed.messages);
	member_count(j, "held", c->held.messages);
	member_count(j, "released", c->released.messages);
	member_count(j, "unknown", c->removed.unknown + c->held.unknown + c->released.unknown);
	json_end(j, '}');
}

void view_coverage(struct json *j, const struct log_coverage *c)
{
	json_key(j, "coverage");
	json_begin(j, '{');
	json_key(j, "files");
	json_begin(j, '[');
	for (size_t i = 0; i < c->file_count; i++)
		json_str(j, c->files[i].name);
	json_end(j, ']');
	gaps(j, c);
	member_count(j, "suppressed", c->suppressed);
	json_key(j, "unparsed_share");
	json_real(j, unparsed_share(c), 6);
	member_count(j, "lines", c->lines);
	member_count(j, "mail_lines", c->mail_lines);
	member_count(j, "unparsed", c->unparsed);
	member_count(j, "long_lines", c->long_lines);
	member_count(j, "messages_cut", c->early);
	json_member_str(j, "lacks", log_lack_text(holds_lack(&c->holds, c->mail_lines)));
	json_member_str(j, "not_read_yet", c->unread);
	formats(j, c);
	by_all(j, c);
	file_details(j, c);
	json_end(j, '}');
}

static const char *file_name(const struct log_coverage *c, uint32_t source)
{
	return source < c->file_count ? c->files[source].name : "?";
}

static void place(struct buf *out, const struct log_coverage *c, const struct unparsed_shape *s)
{
	buf_add_str(out, file_name(c, s->source));
	buf_printf(out, ":%llu", (unsigned long long)s->number);
}

void view_unparsed(struct json *j, const struct log_coverage *c, const struct unparsed_shape *shapes, size_t count)
{
	json_key(j, "unparsed");
	json_begin(j, '[');
	for (size_t i = 0; i < count; i++) {
		struct buf where = buf_make(PLACE_OCTETS_MAX);
		place(&where, c, &shapes[i]);
		json_begin(j, '{');
		json_member_str(j, "program", shapes[i].program);
		json_member_str(j, "shape", shapes[i].shape);
		member_count(j, "count", shapes[i].count);
		json_member_str(j, "example", shapes[i].example);
		json_member_str(j, "source", buf_text(&where));
		json_end(j, '}');
		buf_release(&where);
	}
	json_end(j, ']');
}
