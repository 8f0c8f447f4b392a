/* SPDX-License-Identifier: BSD-2-Clause */
/* Records that are JSON objects and no line of text (KumoMTA's, Stalwart's) to fields. */
#include "logread/source_flat.h"

#include <errno.h>

#include "base/ascii.h"
#include "logread/line.h"
#include "logread/source_json.h"

enum {
	DEPTH_MAX = 4,      /* objects in objects: KumoMTA's feedback_report has three */
	PATH_MAX_LEN = 200, /* octets of "outer.inner" */
	ITEMS_MAX = 10000,  /* of one list: recipients */
};

struct flat {
	struct buf *out;
	char path[PATH_MAX_LEN];
	size_t path_len;
};

/* The parts of an SMTP reply, as their numbers and texts stand in the object. */
struct reply {
	struct span code, content, status[3];
};

static int flat_object(struct flat *f, struct span text, int depth);

/* Keys come from whoever wrote the message where its header fields are logged. */
static void push_key(struct flat *f, struct span key)
{
	if (f->path_len && f->path_len < sizeof(f->path))
		f->path[f->path_len++] = '.';
	for (size_t i = 0; i < key.len && f->path_len < sizeof(f->path); i++) {
		uint8_t c = key.at[i];
		bool plain = ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_' || c == '@';
		f->path[f->path_len++] = plain ? (char)c : '?';
	}
}

static void begin_field(struct flat *f)
{
	buf_add_char(f->out, LINE_FIELD);
	buf_add(f->out, span_of(f->path, f->path_len));
	buf_add_char(f->out, '=');
}

static void add_value(struct flat *f, const struct json_member *m)
{
	size_t from = f->out->len;
	json_member_octets(m, f->out);
	for (size_t i = from; i < f->out->len; i++)
		if ((uint8_t)f->out->at[i] < ' ')
			f->out->at[i] = ' ';
}

static int flat_list(struct flat *f, struct span list, int depth)
{
	struct json_list l = {.text = list};
	struct json_member m;
	bool begun = false;
	int r = 0, n;
	for (n = 0; n < ITEMS_MAX && (r = json_list_next(&l, &m)) == 1; n++) {
		if (m.kind == JSON_TEXT || m.kind == JSON_NUMBER) {
			if (begun)
				buf_add_char(f->out, LINE_ITEM);
			else
				begin_field(f);
			begun = true;
			add_value(f, &m);
		} else if (m.raw.len && m.raw.at[0] == '{') {
			r = flat_object(f, m.raw, depth + 1);
			begun = false;
		}
		if (r < 0)
			return r;
	}
	return r < 0 ? r : 0;
}

static int flat_member(struct flat *f, const struct json_member *m, int depth)
{
	size_t outer = f->path_len;
	int r = 0;
	push_key(f, m->key);
	if (m->kind == JSON_TEXT || m->kind == JSON_NUMBER) {
		begin_field(f);
		add_value(f, m);
	} else if (m->kind == JSON_LIST) {
		r = flat_list(f, m->raw, depth);
	} else if (m->raw.len && m->raw.at[0] == '{') {
		r = flat_object(f, m->raw, depth + 1);
	} else if (!span_equal(m->raw, span_str("null"))) {
		begin_field(f);
		buf_add(f->out, m->raw);
	}
	f->path_len = outer;
	return r;
}

static void reply_status(struct reply *reply, struct span object)
{
	static const char *const names[] = {"class", "subject", "detail"};
	struct json_object o = {.text = object};
	struct json_member m;
	while (json_object_next(&o, &m) == 1)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (m.kind == JSON_NUMBER && span_equal(m.key, span_str(names[i])))
				reply->status[i] = m.raw;
}

static void reply_part(struct reply *reply, const struct json_member *m)
{
	if (m->kind == JSON_NUMBER && span_equal(m->key, span_str("code")))
		reply->code = m->raw;
	else if (m->kind == JSON_TEXT && span_equal(m->key, span_str("content")))
		reply->content = m->raw;
	else if (m->kind == JSON_NOTHING && span_equal(m->key, span_str("enhanced_code")))
		reply_status(reply, m->raw);
}

/* "550 5.7.1 words" */
static void reply_line(struct flat *f, const struct reply *reply)
{
	struct json_member content = {.kind = JSON_TEXT, .raw = reply->content};
	if (reply->code.len != 3 || !reply->content.at || !f->path_len)
		return;
	begin_field(f);
	buf_add(f->out, reply->code);
	for (int i = 0; i < 3 && reply->status[2].len; i++) {
		buf_add_char(f->out, i ? '.' : ' ');
		buf_add(f->out, reply->status[i]);
	}
	buf_add_char(f->out, ' ');
	add_value(f, &content);
}

static int flat_object(struct flat *f, struct span text, int depth)
{
	struct json_object o = {.text = text};
	struct reply reply = {0};
	struct json_member m;
	int r;
	if (depth > DEPTH_MAX)
		return 0;
	while ((r = json_object_next(&o, &m)) == 1) {
		reply_part(&reply, &m);
		r = flat_member(f, &m, depth);
		if (r < 0)
			return r;
	}
	reply_line(f, &reply);
	return r;
}

int source_flat(struct span object, struct buf *out)
{
	struct flat f = {.out = out};
	int r = flat_object(&f, object, 0);
	return out->error == -ENOMEM ? -ENOMEM : r;
}
