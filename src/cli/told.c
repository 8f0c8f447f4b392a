/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of causes and blocks with how certain they were: a line each, "RUNNING CERTAINTY NAME", its octets in hex. */
#include "cli/told.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "logquery/top.h"

enum { CERTAINTY = 0, RUNNING = 1, CERTAINTIES = 4, NAME_OCTETS_MAX = 4096 };

struct told {
	struct top *names;
};

struct told *told_new(void)
{
	struct told *t = calloc(1, sizeof(*t));
	if (t)
		t->names = top_new(TOLD_MAX);
	if (t && !t->names) {
		free(t);
		return NULL;
	}
	return t;
}

void told_free(struct told *t)
{
	if (!t)
		return;
	top_free(t->names);
	free(t);
}

static unsigned certainty(double confidence)
{
	return confidence >= 0.95 ? 3 : confidence >= 0.8 ? 2 : confidence >= 0.5 ? 1 : 0;
}

const char *told_certainty(double confidence)
{
	static const char *const words[CERTAINTIES] = {"possible", "likely", "very likely", "certain"};
	return words[certainty(confidence)];
}

static int hex(uint8_t c)
{
	return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_line(struct told *t, struct span line)
{
	uint8_t name[TOP_KEY_MAX];
	size_t n = 0;
	struct top_entry *e;
	if (line.len < 6 || !ascii_is_digit(line.at[0]) || !ascii_is_digit(line.at[2]))
		return;
	for (size_t i = 4; i + 1 < line.len && n < sizeof(name); i += 2) {
		int high = hex(line.at[i]), low = hex(line.at[i + 1]);
		if (high < 0 || low < 0)
			return;
		name[n++] = (uint8_t)(high << 4 | low);
	}
	e = top_add(t->names, span_of(name, n), 1);
	if (!e)
		return;
	e->values[RUNNING] = line.at[0] == '1';
	e->values[CERTAINTY] = (uint64_t)(line.at[2] - '0');
}

void told_read(struct told *t, struct span text)
{
	while (text.len) {
		size_t n = span_find(text, '\n');
		read_line(t, span_of(text.at, n));
		text = span_from(text, n + 1);
	}
}

void told_write(const struct told *t, struct buf *out)
{
	size_t count;
	const struct top_entry *const *rows = top_sorted(t->names, TOP_BY_NAME, &count);
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%d %d ", rows[i]->values[RUNNING] != 0, (int)(rows[i]->values[CERTAINTY] % 10));
		for (size_t o = 0; o < rows[i]->key.len; o++)
			buf_printf(out, "%02x", rows[i]->key.at[o]);
		buf_add_char(out, '\n');
	}
}

static bool news(struct told *t, const struct buf *name, unsigned how_certain, bool running)
{
	struct top_entry *e = top_add(t->names, buf_span(name), 1);
	bool new;
	if (!e)
		return true;
	new = e->count == 1 || how_certain > e->values[CERTAINTY] || (running && !e->values[RUNNING]);
	if (how_certain > e->values[CERTAINTY])
		e->values[CERTAINTY] = how_certain;
	e->values[RUNNING] = running;
	return new;
}

bool told_cause(struct told *t, const struct cause_row *c)
{
	struct buf name = buf_make(NAME_OCTETS_MAX);
	bool new;
	buf_printf(&name, "%s %s %s", cause_text(c->kind), c->host ? c->host : "", c->subject);
	new = news(t, &name, certainty(c->confidence), c->running);
	buf_release(&name);
	return new;
}

bool told_block(struct told *t, const struct private_block *b)
{
	struct buf name = buf_make(NAME_OCTETS_MAX);
	bool new;
	buf_printf(&name, "block %s %s", b->receiver ? b->receiver : "", b->meaning ? b->meaning : b->reply);
	new = news(t, &name, 0, true);
	buf_release(&name);
	return new;
}
