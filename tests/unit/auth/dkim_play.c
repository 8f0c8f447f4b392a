/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM verifications out of a script: for each line of JSON on standard input, {"message": base64, "now": seconds, "zone": {NAME:
 * [base64 of a TXT record] or null where the look-up fails}, "piece": octets}, one line {"verdicts": [...]}. For
 * tests/system/test_dkim.py. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/dkim.h"

enum { ARENA_MAX = 256 << 20 };

static struct span octets(const json_t *value, struct arena *arena)
{
	struct span text = span_of(json_string_value(value), json_string_length(value)), found;
	if (dkim_tags_base64(text, arena, &found) < 0)
		exit(1);
	return found;
}

static void answer(struct dkim *d, const json_t *zone, const char *name, struct arena *arena)
{
	struct span texts[DKIM_RECORDS_MAX];
	const json_t *found = json_object_get(zone, name), *one;
	struct dkim_answer a = {.kind = !found                ? DKIM_ANSWER_NO_NAME
					: json_is_null(found) ? DKIM_ANSWER_FAILED
							      : DKIM_ANSWER_RECORDS,
				.texts = texts};
	size_t i;
	json_array_foreach(found, i, one) if (a.count < DKIM_RECORDS_MAX) texts[a.count++] = octets(one, arena);
	if (dkim_answer(d, &a) < 0)
		exit(1);
}

static void feed(struct dkim *d, struct span body, size_t piece)
{
	for (size_t at = 0; at < body.len; at += piece)
		dkim_body(d, span_of(body.at + at, body.len - at < piece ? body.len - at : piece));
	dkim_body_end(d);
}

static json_t *told(const struct dkim_report *r)
{
	json_t *verdicts = json_array();
	for (size_t i = 0; i < r->count; i++) {
		const struct dkim_verdict *v = &r->verdicts[i];
		json_array_append_new(verdicts,
				      json_pack("{s:s, s:s?, s:b, s:i, s:b, s:i}", "result",
						dkim_result_text(v->result), "why", v->why, "intact", v->intact, "bits",
						(int)v->bits, "testing", v->testing, "notes", (int)v->note_count));
	}
	return json_pack("{s:o}", "verdicts", verdicts);
}

static json_t *play(const json_t *script)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct span head, body;
	size_t piece = (size_t)json_integer_value(json_object_get(script, "piece"));
	const char *name;
	struct dkim *d;
	json_t *said;
	int done;
	dkim_split(octets(json_object_get(script, "message"), &arena), &head, &body);
	if (dkim_begin(head, json_integer_value(json_object_get(script, "now")), &arena, &d) < 0)
		exit(1);
	feed(d, body, piece ? piece : body.len + 1);
	while ((done = dkim_step(d, &name)) == 0)
		answer(d, json_object_get(script, "zone"), name, &arena);
	if (done != 1)
		exit(1);
	said = told(dkim_report(d));
	dkim_free(d);
	arena_release(&arena);
	return said;
}

int main(void)
{
	json_error_t error;
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) > 0) {
		json_t *script = json_loads(line, 0, &error), *said;
		if (!script)
			return 1;
		said = play(script);
		json_dumpf(said, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(said);
		json_decref(script);
	}
	free(line);
	return 0;
}
