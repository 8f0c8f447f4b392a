/* SPDX-License-Identifier: BSD-2-Clause */
/* SPF evaluations out of a script: for each line of JSON on standard input, {"ip", "domain", "sender", "helo", "receiver", "zone":
 * {NAME: {"TXT": [...], "A": [...]}}, "fails": [NAME]}, one line {"result", "explanation", "problem", "lookups", "voids",
 * "questions"}. For tests/system/test_spf.py. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf.h"

enum { RECORDS_MAX = 64, QUESTIONS_MAX = 2 * SPF_QUESTIONS_MAX };

static const char *const types[] = {"TXT", "A", "AAAA", "MX", "PTR"};

static struct span text(const json_t *of, const char *key)
{
	const json_t *value = json_object_get(of, key);
	return span_of(json_string_value(value), json_string_length(value));
}

static void answer(struct spf *s, const json_t *script, const struct spf_question *q)
{
	const json_t *name = json_object_get(json_object_get(script, "zone"), q->name);
	const json_t *records = json_object_get(name, types[q->type]), *fails = json_object_get(script, "fails"), *one;
	struct span texts[RECORDS_MAX];
	struct addr addrs[RECORDS_MAX];
	struct spf_answer a = {.kind = name ? SPF_ANSWER_RECORDS : SPF_ANSWER_NO_NAME};
	size_t i;
	json_array_foreach(fails, i, one) if (strcmp(json_string_value(one), q->name) == 0) a.kind = SPF_ANSWER_FAILED;
	json_array_foreach(records, i, one)
	{
		struct span value = span_of(json_string_value(one), json_string_length(one));
		if (a.kind == SPF_ANSWER_FAILED || a.count == RECORDS_MAX)
			break;
		if (q->type == SPF_TYPE_A || q->type == SPF_TYPE_AAAA)
			a.count += addr_parse(value, &addrs[a.count]) == 0;
		else
			texts[a.count++] = value;
	}
	if (q->type == SPF_TYPE_A || q->type == SPF_TYPE_AAAA)
		a.addrs = addrs;
	else
		a.texts = texts;
	if (spf_answer(s, &a) < 0)
		exit(1);
}

static json_t *play(const json_t *script)
{
	struct arena arena = arena_make((size_t)256 << 20);
	struct spf_query query = {.domain = text(script, "domain"),
				  .sender = text(script, "sender"),
				  .helo = text(script, "helo"),
				  .receiver = text(script, "receiver")};
	struct spf_question question;
	const struct spf_report *r;
	struct spf *s;
	json_t *said;
	int done, questions = 0;
	if (addr_parse(text(script, "ip"), &query.ip) < 0 || spf_begin(&query, &arena, &s) < 0)
		exit(1);
	while ((done = spf_step(s, &question)) == 0 && questions++ < QUESTIONS_MAX)
		answer(s, script, &question);
	if (done != 1)
		exit(1);
	r = spf_report(s);
	said = json_pack("{s:s, s:s?, s:s?, s:i, s:i, s:i}", "result", spf_result_text(r->result), "explanation",
			 r->explanation, "problem", r->problem, "lookups", (int)r->lookups, "voids", (int)r->voids,
			 "questions", questions);
	arena_release(&arena);
	return said;
}

int main(void)
{
	json_error_t error;
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) > 0) {
		json_t *script = json_loads(line, JSON_ALLOW_NUL, &error), *said;
		if (!script) {
			fprintf(stderr, "%s\n", error.text);
			return 1;
		}
		said = play(script);
		json_dumpf(said, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(said);
		json_decref(script);
	}
	free(line);
	return 0;
}
