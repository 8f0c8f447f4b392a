/* SPDX-License-Identifier: BSD-2-Clause */
/* All patterns over one reply: those may fit whose words stand in it, PCRE2 says whether they do and what they capture. For
 * very many new replies vectorscan says better which may fit. Making its combined database takes a quarter of a second,
 * loading its C++ library some more. */
#include <dlfcn.h>
#include <errno.h>
#include <hs.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/ascii.h"
#include "catalogue/receivers_literals.h"
#include "catalogue/receivers_parts.h"

#define VECTORSCAN_LIBRARY "libhs.so.5"

enum {
	PATTERNS_OCTETS_MAX = 16 << 20,
	STEPS_MAX = 100000, /* of one match: a pattern that needs more is not worth its time */
	MESSAGE_SIZE = 128,
	CAPTURES_MAX = 64,
	COMBINE_AFTER = 30000, /* new replies; by their words they take about as much longer as the database does */
};

struct vectorscan_api {
	void *library;
	__typeof__(hs_compile_multi) *compile_multi;
	__typeof__(hs_free_compile_error) *free_compile_error;
	__typeof__(hs_free_database) *free_database;
	__typeof__(hs_alloc_scratch) *alloc_scratch;
	__typeof__(hs_free_scratch) *free_scratch;
	__typeof__(hs_scan) *scan;
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
	size_t hit_count;
	unsigned int scans;
	bool combine_tried;
	struct literal_index *literals;
	struct vectorscan_api api;
	hs_database_t *database; /* NULL: each pattern by itself */
	hs_scratch_t *scratch;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static bool load(struct vectorscan_api *api)
{
	static const struct {
		const char *name;
		size_t offset;
	} symbols[] = {
		{"hs_compile_multi", offsetof(struct vectorscan_api, compile_multi)},
		{"hs_free_compile_error", offsetof(struct vectorscan_api, free_compile_error)},
		{"hs_free_database", offsetof(struct vectorscan_api, free_database)},
		{"hs_alloc_scratch", offsetof(struct vectorscan_api, alloc_scratch)},
		{"hs_free_scratch", offsetof(struct vectorscan_api, free_scratch)},
		{"hs_scan", offsetof(struct vectorscan_api, scan)},
	};
	api->library = dlopen(VECTORSCAN_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	for (size_t i = 0; api->library && i < sizeof(symbols) / sizeof(*symbols); i++) {
		void *function = dlsym(api->library, symbols[i].name);
		if (!function)
			return false;
		/* POSIX lets an object pointer hold a function, ISO C has no cast for it */
		memcpy((char *)api + symbols[i].offset, &function, sizeof(function));
	}
	return api->library != NULL;
}

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

static int compile(struct scanner *s, struct buf *text, const char **expressions, unsigned int *flags,
		   unsigned int *ids)
{
	hs_compile_error_t *error = NULL;
	size_t at = 0;
	for (size_t i = 0; i < s->count; i++) {
		receiver_pattern_text(s->patterns[i].pattern.text, text);
		buf_add_char(text, '\0');
		/* what vectorscan cannot do it takes for wider: PCRE2 has the last word anyway */
		flags[i] = HS_FLAG_CASELESS | HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER;
		ids[i] = (unsigned int)i;
	}
	if (text->error)
		return text->error;
	for (size_t i = 0; i < s->count; i++) {
		expressions[i] = text->at + at;
		at += strlen(expressions[i]) + 1;
	}
	if (s->api.compile_multi(expressions, flags, ids, (unsigned int)s->count, HS_MODE_BLOCK, NULL, &s->database,
				 &error) != HS_SUCCESS)
		s->database = NULL;
	s->api.free_compile_error(error);
	if (s->database && s->api.alloc_scratch(s->database, &s->scratch) != HS_SUCCESS)
		return -ENOMEM;
	return 0;
}

int scanner_combine(struct scanner *s)
{
	struct buf text = buf_make(PATTERNS_OCTETS_MAX);
	const char **expressions = calloc(s->count, sizeof(*expressions));
	unsigned int *flags = calloc(s->count, sizeof(*flags)), *ids = calloc(s->count, sizeof(*ids));
	int rc = -ENOMEM;
	s->combine_tried = true;
	if (expressions && flags && ids && s->count)
		rc = load(&s->api) ? compile(s, &text, expressions, flags, ids) : 0;
	free(expressions);
	free(flags);
	free(ids);
	buf_release(&text);
	return rc;
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
	if (s->scratch)
		s->api.free_scratch(s->scratch);
	if (s->database)
		s->api.free_database(s->database);
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	literal_index_free(s->literals);
	free(s->patterns);
	free(s->hits);
	free(s);
}

bool scanner_is_combined(const struct scanner *s)
{
	return s->database && s->scratch;
}

static int on_hit(unsigned int id, unsigned long long from, unsigned long long to, unsigned int flags, void *arg)
{
	struct scanner *s = arg;
	if (s->hit_count < s->count)
		s->hits[s->hit_count++] = id;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;
	return *left < *right ? -1 : *left > *right;
}

static size_t without_repeats(uint32_t *hits, size_t count)
{
	size_t kept = 0;
	qsort(hits, count, sizeof(*hits), by_number);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || hits[i] != hits[i - 1])
			hits[kept++] = hits[i];
	return kept;
}

size_t scanner_scan(struct scanner *s, struct span text, const uint32_t **ret_hits)
{
	s->hit_count = 0;
	if (!s->combine_tried && s->scans++ >= COMBINE_AFTER)
		scanner_combine(s); /* where it fails, words are looked for as before */
	if (s->database && s->scratch) {
		s->api.scan(s->database, (const char *)text.at, (unsigned int)text.len, 0, s->scratch, on_hit, s);
		s->hit_count = without_repeats(s->hits, s->hit_count);
	} else {
		s->hit_count = literal_index_find(s->literals, text, s->hits);
	}
	*ret_hits = s->hits;
	return s->hit_count;
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
