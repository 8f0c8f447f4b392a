/* SPDX-License-Identifier: BSD-2-Clause */
#include "receivers/receivers_literals.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"

enum { DEPTH_MAX = 50 };

/* ---- what an expression asks for ---- */

/* A choice of words, of which one is there. */
struct choice_of_words {
	struct literals words; /* none: nothing is known */
	size_t shortest;
};

struct reader {
	const char *at;
	int depth;
	bool lost; /* something stands there that is not known here */
};

static void offer(struct choice_of_words *best, const struct choice_of_words *other)
{
	if (other->words.count && (!best->words.count || other->shortest > best->shortest ||
				   (other->shortest == best->shortest && other->words.count < best->words.count)))
		*best = *other;
}

/* Octets that follow each other. */
struct run {
	struct literal word;
};

static void end_run(struct run *run, struct choice_of_words *best)
{
	if (run->word.len >= LITERAL_OCTETS_MIN) {
		const struct choice_of_words one = {.words = {.at = {run->word}, .count = 1},
						    .shortest = run->word.len};
		offer(best, &one);
	}
	run->word.len = 0;
}

static void add_octet(struct run *run, char c)
{
	if (run->word.len < LITERAL_OCTETS_MAX)
		run->word.text[run->word.len++] = (char)ascii_lower((uint8_t)c);
}

/* How often: a '?', '*', '+' or "{m,n}" behind what it counts, with the '?' or '+' that it may have. */
struct quantity {
	bool there, may_be_none;
};

static struct quantity read_quantity(struct reader *r)
{
	struct quantity q = {.there = true};
	if (*r->at == '{') {
		const char *digits = r->at + 1, *close = strchr(r->at, '}');
		size_t len = strspn(digits, "0123456789,");
		r->lost |= !close || !ascii_is_digit((uint8_t)*digits) || digits + len != close;
		q.may_be_none = *digits == '0';
		r->at = close ? close + 1 : r->at + strlen(r->at);
	} else if (*r->at == '?' || *r->at == '*' || *r->at == '+') {
		q.may_be_none = *r->at++ != '+';
	} else {
		q.there = false;
		return q;
	}
	if (*r->at == '?' || *r->at == '+')
		r->at++;
	return q;
}

/* "[^]a-z[:digit:]\]]"; `at` stands behind its '['. */
static void skip_class(struct reader *r)
{
	r->at += *r->at == '^';
	r->at += *r->at == ']';
	while (*r->at && *r->at != ']') {
		if (*r->at == '\\') {
			r->lost |= strchr("QEcNopPx", r->at[1]) !=
				   NULL; /* r->at[1] may be the end: that is lost as well */
			r->at += r->at[1] ? 2 : 1;
		} else if (*r->at == '[' && (r->at[1] == ':' || r->at[1] == '.' || r->at[1] == '=')) {
			const char *close = strchr(r->at + 2, ']');
			r->at = close ? close + 1 : r->at + strlen(r->at);
		} else {
			r->at++;
		}
	}
	r->lost |= !*r->at;
	r->at += *r->at == ']';
}

static void read_branches(struct reader *r, struct choice_of_words *ret);

/* Behind '(': "?:", "?P<name>" and "?<name>" are passed over. @return false: what it holds need not stand in the text. */
static bool open_group(struct reader *r)
{
	const char *close;
	if (*r->at == '*')
		r->lost = true;
	if (*r->at != '?')
		return true;
	r->at++;
	if (*r->at == ':') {
		r->at++;
		return true;
	}
	if (*r->at == '=' || *r->at == '!') {
		r->at++;
		return false;
	}
	if (*r->at == '<' && (r->at[1] == '=' || r->at[1] == '!')) {
		r->at += 2;
		return false;
	}
	r->at += *r->at == 'P';
	close = *r->at == '<' ? strchr(r->at, '>') : NULL;
	r->lost |= !close;
	r->at = close ? close + 1 : r->at;
	return true;
}

static void read_group(struct reader *r, struct choice_of_words *best)
{
	bool stands_there = open_group(r);
	struct choice_of_words inside;
	if (r->depth++ >= DEPTH_MAX)
		r->lost = true;
	if (r->lost)
		return;
	read_branches(r, &inside);
	r->depth--;
	r->lost |= *r->at != ')';
	if (r->lost)
		return;
	r->at++;
	if (!read_quantity(r).may_be_none && stands_there)
		offer(best, &inside);
}

/* @return whether it is one octet that stands for itself. */
static bool read_escape(struct reader *r, char *ret_octet)
{
	*ret_octet = *r->at;
	if (!*r->at || (uint8_t)*r->at >= 0x80)
		r->lost = true;
	else if (ascii_is_alpha((uint8_t)*r->at) || ascii_is_digit((uint8_t)*r->at))
		r->lost |= !strchr("dDwWsSbB", *r->at);
	r->at += *r->at != '\0';
	return !ascii_is_alpha((uint8_t)*ret_octet);
}

static void read_octet(struct reader *r, char c, struct run *run, struct choice_of_words *best)
{
	struct quantity q = read_quantity(r);
	if (!q.may_be_none)
		add_octet(run, c);
	if (q.there)
		end_run(run, best);
}

static void read_other(struct reader *r, struct run *run, struct choice_of_words *best)
{
	char c = *r->at++;
	switch (c) {
	case '(':
		end_run(run, best);
		read_group(r, best);
		return;
	case '[':
		skip_class(r);
		break;
	case '\\':
		if (read_escape(r, &c)) {
			read_octet(r, c, run, best);
			return;
		}
		break;
	case '.':
	case '^':
	case '$':
		break;
	case '{':
	case '?':
	case '*':
	case '+':
		r->lost = true;
		return;
	default:
		read_octet(r, c, run, best);
		return;
	}
	end_run(run, best);
	read_quantity(r);
}

static void read_branch(struct reader *r, struct choice_of_words *ret)
{
	struct run run = {.word = {.len = 0}};
	ret->words.count = 0;
	while (*r->at && *r->at != '|' && *r->at != ')' && !r->lost)
		read_other(r, &run, ret);
	end_run(&run, ret);
}

static void read_branches(struct reader *r, struct choice_of_words *ret)
{
	bool known = true;
	ret->words.count = 0;
	ret->shortest = SIZE_MAX;
	for (;;) {
		struct choice_of_words one;
		read_branch(r, &one);
		known &= one.words.count && ret->words.count + one.words.count <= LITERALS_MAX;
		for (size_t i = 0; known && i < one.words.count; i++)
			ret->words.at[ret->words.count++] = one.words.at[i];
		if (known && one.shortest < ret->shortest)
			ret->shortest = one.shortest;
		if (*r->at != '|' || r->lost)
			break;
		r->at++;
	}
	if (!known)
		ret->words.count = 0;
}

size_t literals_of(const char *expression, struct literals *ret_literals)
{
	struct reader r = {.at = expression};
	struct choice_of_words all;
	read_branches(&r, &all);
	*ret_literals = all.words;
	if (r.lost || *r.at)
		ret_literals->count = 0;
	return ret_literals->count;
}

/* ---- finding them ---- */

enum { BUCKETS = 4096, NO_ENTRY = UINT16_MAX };

struct entry {
	struct literal word;
	uint16_t next; /* in the bucket of its first three octets */
	uint32_t pattern;
};

struct literal_index {
	uint16_t buckets[BUCKETS];
	struct entry *entries;
	size_t count, room;
	uint64_t *always, *found; /* bit i: pattern i */
	size_t words;
};

struct literal_index *literal_index_new(size_t pattern_count)
{
	struct literal_index *x = calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	x->words = pattern_count / 64 + 1;
	x->always = calloc(x->words, sizeof(*x->always));
	x->found = calloc(x->words, sizeof(*x->found));
	memset(x->buckets, 0xff, sizeof(x->buckets)); /* NO_ENTRY */
	if (x->always && x->found)
		return x;
	literal_index_free(x);
	return NULL;
}

void literal_index_free(struct literal_index *x)
{
	if (!x)
		return;
	free(x->entries);
	free(x->always);
	free(x->found);
	free(x);
}

static uint32_t three(uint8_t a, uint8_t b, uint8_t c)
{
	return (uint32_t)a << 16 | (uint32_t)b << 8 | c;
}

static size_t bucket_of(uint32_t three_octets)
{
	return (three_octets * UINT32_C(0x9e3779b1)) >> 20; /* 12 bits */
}

static int add(struct literal_index *x, uint32_t number, const struct literal *word)
{
	const uint8_t *text = (const uint8_t *)word->text;
	size_t bucket = bucket_of(three(text[0], text[1], text[2]));
	if (x->count == x->room) {
		size_t room = x->room ? 2 * x->room : 512;
		struct entry *more = realloc(x->entries, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		x->entries = more;
		x->room = room;
	}
	x->entries[x->count] = (struct entry){*word, x->buckets[bucket], number};
	x->buckets[bucket] = (uint16_t)x->count++;
	return 0;
}

int literal_index_add(struct literal_index *x, uint32_t number, const struct literals *words)
{
	int rc = 0;
	if (words->count == 0 || x->count + words->count >= NO_ENTRY) {
		x->always[number / 64] |= UINT64_C(1) << number % 64;
		return 0;
	}
	for (size_t i = 0; i < words->count && rc == 0; i++)
		rc = add(x, number, &words->at[i]);
	return rc;
}

static bool stands_at(const struct literal *word, struct span rest)
{
	if (rest.len < word->len)
		return false;
	for (size_t i = LITERAL_OCTETS_MIN; i < word->len; i++)
		if (ascii_lower(rest.at[i]) != (uint8_t)word->text[i])
			return false;
	return true;
}

static void look(struct literal_index *x, uint32_t octets, struct span rest)
{
	for (size_t i = x->buckets[bucket_of(octets)]; i != NO_ENTRY; i = x->entries[i].next) {
		const struct entry *e = &x->entries[i];
		const uint8_t *text = (const uint8_t *)e->word.text;
		if (three(text[0], text[1], text[2]) == octets && stands_at(&e->word, rest))
			x->found[e->pattern / 64] |= UINT64_C(1) << e->pattern % 64;
	}
}

size_t literal_index_find(struct literal_index *x, struct span text, uint32_t *ret_numbers)
{
	uint32_t octets = 0;
	size_t count = 0;
	memcpy(x->found, x->always, x->words * sizeof(*x->found));
	for (size_t i = 0; i < text.len; i++) {
		octets = (octets << 8 | ascii_lower(text.at[i])) & 0xffffff;
		if (i >= 2 && x->buckets[bucket_of(octets)] != NO_ENTRY)
			look(x, octets, span_from(text, i - 2));
	}
	for (size_t i = 0; i < x->words; i++)
		for (uint64_t bits = x->found[i]; bits; bits &= bits - 1)
			ret_numbers[count++] = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(bits);
	return count;
}
