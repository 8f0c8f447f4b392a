/* SPDX-License-Identifier: BSD-2-Clause */
/* All patterns over one reply: those may fit whose words stand in it, PCRE2 says whether they do and what they capture. */
#include <errno.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/ascii.h"
#include "receivers/receivers_literals.h"
#include "receivers/reply.h"

enum {
	PATTERNS_OCTETS_MAX = 16 << 20,
	STEPS_MAX = 100000, /* of one match: a pattern that needs more is not worth its time */
	MESSAGE_SIZE = 128,
	CAPTURES_MAX = 64,
};

struct compiled {
	struct scan_pattern pattern;
	pcre2_code *code; /* NULL: not needed yet, or faulty */
	bool tried;
};

struct scanner {
	struct compiled *patterns;
	size_t count;
	uint32_t *hits;
	struct literal_index *literals;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* Octets that stand for themselves: what brackets, counts and classes hold is left out. */
static size_t weight_of(const char *pattern)
{
	size_t weight = 0;
	for (const char *at = pattern; *at; at++) {
		if (*at == '[' || *at == '{') {
			const char *end = strchr(at + 1, *at == '[' ? ']' : '}');
			at = end ? end : at;
		} else if (*at == '\\' && at[1]) {
			at++;
			weight += !ascii_is_alpha((uint8_t)*at);
		} else if (!strchr("^$.|?*+()", *at)) {
			weight++;
		}
	}
	return weight;
}

static int add_literals(struct scanner *s, uint32_t number)
{
	struct buf text = buf_make(PATTERNS_OCTETS_MAX);
	struct literals words = {.count = 0};
	receiver_pattern_text(s->patterns[number].pattern.text, &text);
	if (!text.error)
		literals_of(buf_text(&text), &words);
	buf_release(&text);
	return literal_index_add(s->literals, number, &words);
}

static int fill(struct scanner *s, const struct receiver_records *records)
{
	int rc = 0;
	for (size_t i = 0; i < records->count; i++)
		for (size_t j = 0; j < records->at[i]->patterns.count && rc == 0; j++) {
			const char *text = records->at[i]->patterns.at[j];
			s->patterns[s->count].pattern = (struct scan_pattern){records->at[i], i, text, weight_of(text)};
			rc = add_literals(s, (uint32_t)s->count++);
		}
	return rc;
}

int scanner_new(const struct receiver_records *records, struct scanner **ret_scanner)
{
	struct scanner *s = calloc(1, sizeof(*s));
	size_t count = 0;
	int rc = -ENOMEM;
	for (size_t i = 0; i < records->count; i++)
		count += records->at[i]->patterns.count;
	if (s) {
		s->patterns = calloc(count + 1, sizeof(*s->patterns));
		s->hits = calloc(count + 1, sizeof(*s->hits));
		s->data = pcre2_match_data_create(CAPTURES_MAX, NULL);
		s->context = pcre2_match_context_create(NULL);
		s->literals = literal_index_new(count);
	}
	if (s && s->patterns && s->hits && s->data && s->context && s->literals) {
		pcre2_set_match_limit(s->context, STEPS_MAX);
		rc = fill(s, records);
	}
	if (rc < 0) {
		scanner_free(s);
		return rc;
	}
	*ret_scanner = s;
	return 0;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->patterns && i < s->count; i++)
		pcre2_code_free(s->patterns[i].code);
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	literal_index_free(s->literals);
	free(s->patterns);
	free(s->hits);
	free(s);
}

size_t scanner_scan(struct scanner *s, struct span text, const uint32_t **ret_hits)
{
	*ret_hits = s->hits;
	return literal_index_find(s->literals, text, s->hits);
}

const struct scan_pattern *scanner_pattern(const struct scanner *s, uint32_t number)
{
	return &s->patterns[number].pattern;
}

/* A name may stand in several branches: the one that took part counts. */
static struct span group(const pcre2_code *code, const PCRE2_SIZE *ends, int pairs, struct span text, const char *name)
{
	PCRE2_SPTR first, last;
	int size = pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &first, &last);
	for (PCRE2_SPTR at = first; size > 0 && at <= last; at += size) {
		int n = at[0] << 8 | at[1];
		if (n < pairs && ends[2 * n] != PCRE2_UNSET && ends[2 * n + 1] > ends[2 * n])
			return span_of(text.at + ends[2 * n], ends[2 * n + 1] - ends[2 * n]);
	}
	return (struct span){0};
}

bool scanner_capture(struct scanner *s, uint32_t number, struct span text, struct scan_captures *ret_captures)
{
	struct compiled *p = &s->patterns[number];
	char message[MESSAGE_SIZE];
	const PCRE2_SIZE *ends;
	size_t offset;
	int pairs;
	if (!p->tried)
		p->code = receiver_pattern_compile(p->pattern.text, message, sizeof(message), &offset);
	p->tried = true;
	if (!p->code)
		return false;
	pairs = pcre2_match(p->code, text.at, text.len, 0, 0, s->data, s->context);
	if (pairs < 0)
		return false;
	ends = pcre2_get_ovector_pointer(s->data);
	*ret_captures = (struct scan_captures){
		.address = group(p->code, ends, pairs ? pairs : CAPTURES_MAX, text, "address"),
		.domain = group(p->code, ends, pairs ? pairs : CAPTURES_MAX, text, "domain"),
		.zone = group(p->code, ends, pairs ? pairs : CAPTURES_MAX, text, "zone"),
	};
	return true;
}
