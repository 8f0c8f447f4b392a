/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "verdict/verdict.h"

#define VERDICT(name, word)
#define STATUS(name, word)
#define WHY(name, word, advice) {word, advice},
static const struct {
	const char *word, *advice;
} whys[] = {
#include "verdict/verdict_words.inc"
};

#define VERDICT(name, word)
#define STATUS(name, word) word,
#define WHY(name, word, advice)
static const char *const status_words[] = {
#include "verdict/verdict_words.inc"
};

#define VERDICT(name, word) word,
#define STATUS(name, word)
#define WHY(name, word, advice)
static const char *const verdict_words[] = {
#include "verdict/verdict_words.inc"
};

/* a refusal of a record is a why as it stands */
static_assert((int)STATUS_WHY_PUBLIC_RESOLVER == (int)WHY_PUBLIC_RESOLVER &&
		      (int)STATUS_WHY_GENERIC_PTR == (int)WHY_GENERIC_PTR &&
		      (int)STATUS_WHY_VOLUME == (int)WHY_VOLUME && (int)STATUS_WHY_KEY == (int)WHY_KEY &&
		      (int)STATUS_WHY_REGISTRATION == (int)WHY_REGISTRATION && (int)STATUS_WHY_TYPO == (int)WHY_TYPO,
	      "refusals stand first, in the order of enum refusal_why");

const char *status_text(enum status s)
{
	return (unsigned)s < STATUS_COUNT ? status_words[s] : "unknown";
}

static bool has_words(enum why w)
{
	return w >= 0 && w < STATUS_WHY_COUNT;
}

const char *status_why_text(enum why w)
{
	if (has_words(w) && !whys[w].word)
		return refusal_why_text((enum refusal_why)w);
	return has_words(w) ? whys[w].word : NULL;
}

const char *status_why_advice(enum why w)
{
	return has_words(w) ? whys[w].advice : NULL;
}

const char *verdict_text(enum verdict v)
{
	return (unsigned)v < VERDICT_COUNT ? verdict_words[v] : verdict_words[VERDICT_UNKNOWN];
}
