/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that records use, in both directions. */
#include "lists/record_words.h"

#include <assert.h>

const struct schema_word catalogue_words_class[] = {
	{"block", CLASS_BLOCK}, {"policy", CLASS_POLICY}, {"domain", CLASS_DOMAIN},           {"url", CLASS_URL},
	{"white", CLASS_WHITE}, {"score", CLASS_SCORE},   {"information", CLASS_INFORMATION}, {0}};
const struct schema_word catalogue_words_state[] = {{"active", LIST_ACTIVE},         {"disputed", LIST_DISPUTED},
						    {"unverified", LIST_UNVERIFIED}, {"closed", LIST_CLOSED},
						    {"fraudulent", LIST_FRAUDULENT}, {0}};
const struct schema_word catalogue_words_impact[] = {
	{"low", IMPACT_LOW}, {"medium", IMPACT_MEDIUM}, {"high", IMPACT_HIGH}, {0}};
const struct schema_word catalogue_words_scope[] = {{"address", SCOPE_ADDRESS},
						    {"prefix24", SCOPE_PREFIX24},
						    {"prefix64", SCOPE_PREFIX64},
						    {"allocation", SCOPE_ALLOCATION},
						    {"as", SCOPE_AS},
						    {"domain", SCOPE_DOMAIN},
						    {"url", SCOPE_URL},
						    {0}};
const struct schema_word catalogue_words_why[] = {{"public_resolver", WHY_PUBLIC_RESOLVER},
						  {"generic_ptr", WHY_GENERIC_PTR},
						  {"volume", WHY_VOLUME},
						  {"key", WHY_KEY},
						  {"registration", WHY_REGISTRATION},
						  {"typo", WHY_TYPO},
						  {0}};
const struct schema_word catalogue_words_query[] = {{"ip4", QUERY_IP4},           {"ip6", QUERY_IP6},
						    {"domain", QUERY_DOMAIN},     {"registrable", QUERY_REGISTRABLE},
						    {"url", QUERY_URL},           {"email_hash", QUERY_EMAIL_HASH},
						    {"url_hash", QUERY_URL_HASH}, {0}};
const struct schema_word catalogue_words_cause[] = {
#define CAUSE(name, word, people) {word, 1 << CAUSE_##name},
#include "lists/causes.inc"
	{0}};
static_assert(CAUSE_COUNT < 31, "a cause has a bit of an int");
const struct schema_word catalogue_words_method[] = {
	{"none", REMOVAL_NONE},           {"self_service", REMOVAL_SELF_SERVICE},
	{"form", REMOVAL_FORM},           {"email", REMOVAL_EMAIL},
	{"automatic", REMOVAL_AUTOMATIC}, {"visit", REMOVAL_VISIT},
	{"ticket", REMOVAL_TICKET},       {0}};
const struct schema_word catalogue_words_who[] = {{"anyone", WHO_ANYONE},
						  {"listed_host", WHO_LISTED_HOST},
						  {"network_owner", WHO_NETWORK_OWNER},
						  {"domain_owner", WHO_DOMAIN_OWNER},
						  {0}};
const struct schema_word catalogue_words_closed[] = {{"emptied", 0},     {"lists_the_world", 1}, {"parked", 2},
						     {"unreachable", 3}, {"unknown", 4},         {0}};
const struct schema_word catalogue_words_resolver[] = {
	{"allowed", TERM_YES}, {"refused", TERM_NO}, {"unknown", TERM_UNKNOWN}, {0}};
const struct schema_word catalogue_words_permission[] = {
	{"allowed", TERM_YES}, {"forbidden", TERM_NO}, {"unknown", TERM_UNKNOWN}, {0}};
const struct schema_word catalogue_words_registration[] = {{"none", 0}, {"required", 1}, {0}};

static const char *text_of(const struct schema_word *words, int value)
{
	const char *text = schema_word_text(words, value);
	return text ? text : "unknown";
}

const char *list_class_text(enum list_class v)
{
	return text_of(catalogue_words_class, (int)v);
}

const char *list_state_text(enum list_state v)
{
	return text_of(catalogue_words_state, (int)v);
}

const char *impact_text(enum impact v)
{
	return text_of(catalogue_words_impact, (int)v);
}

const char *scope_word(enum scope_kind v)
{
	return text_of(catalogue_words_scope, (int)v);
}

const char *scope_text(enum scope_kind v)
{
	/* both prefixes are one word to readers of answers */
	return v == SCOPE_PREFIX24 || v == SCOPE_PREFIX64 ? "prefix" : text_of(catalogue_words_scope, (int)v);
}

const char *refusal_why_text(enum refusal_why v)
{
	return text_of(catalogue_words_why, (int)v);
}

const char *cause_text(enum cause v)
{
	return v < CAUSE_COUNT ? text_of(catalogue_words_cause, 1 << v) : "unknown";
}

const char *cause_for_people(enum cause v)
{
	static const char *const words[CAUSE_COUNT] = {
#define CAUSE(name, word, people) people,
#include "lists/causes.inc"
	};
	return v < CAUSE_COUNT ? words[v] : "unknown";
}

const char *removal_method_text(int v)
{
	return text_of(catalogue_words_method, v);
}

const char *removal_who_text(enum removal_who v)
{
	return text_of(catalogue_words_who, (int)v);
}
