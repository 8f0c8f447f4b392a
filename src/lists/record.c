/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of a record (data/lists/README.md), a row a key, and the forms of its values. */
#include "lists/record.h"

#include "base/ascii.h"
#include "lists/record_words.h"

enum { ZONE_OCTETS_MAX = 253, LABEL_OCTETS_MAX = 63 }; /* RFC 1035 2.3.4 */

static const char KEY_LABEL[] = "{key}.";

const char *record_plain_zone(const char *zone)
{
	return strncmp(zone, KEY_LABEL, sizeof(KEY_LABEL) - 1) == 0 ? zone + sizeof(KEY_LABEL) - 1 : zone;
}

/* Lower case, digits, '_', and '-' inside. */
static bool is_label(struct span text)
{
	if (text.len == 0 || text.len > LABEL_OCTETS_MAX || text.at[0] == '-' || text.at[text.len - 1] == '-')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= 'a' && text.at[i] <= 'z') && !ascii_is_digit(text.at[i]) &&
		    !memchr("_-", text.at[i], 2))
			return false;
	return true;
}

bool record_zone_valid(struct span text)
{
	size_t labels = 0;
	if (text.len > sizeof(KEY_LABEL) - 1 && memcmp(text.at, KEY_LABEL, sizeof(KEY_LABEL) - 1) == 0)
		text = span_from(text, sizeof(KEY_LABEL) - 1);
	if (text.len == 0 || text.len > ZONE_OCTETS_MAX || text.at[text.len - 1] == '.')
		return false;
	for (; text.len; labels++) {
		struct span label = span_of(text.at, span_find(text, '.'));
		if (!is_label(label))
			return false;
		text = span_from(text, label.len + 1);
	}
	return labels > 1;
}

bool record_code(struct span text, uint32_t *ret_code)
{
	struct addr a;
	if (addr_parse(text, &a) < 0 || a.family != 4 || a.octets[0] != 127)
		return false;
	*ret_code =
		(uint32_t)a.octets[0] << 24 | (uint32_t)a.octets[1] << 16 | (uint32_t)a.octets[2] << 8 | a.octets[3];
	return true;
}

static bool accept_zone(struct span text, void *field)
{
	return record_zone_valid(text);
}

static bool accept_key_name(struct span text, void *field)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= 'a' && text.at[i] <= 'z') && !ascii_is_digit(text.at[i]) && text.at[i] != '_')
			return false;
	return true;
}

static bool parse_range(struct span text, uint32_t *first, uint32_t *last)
{
	size_t dash = span_find(text, '-');
	return dash < text.len && record_code(span_of(text.at, dash), first) &&
	       record_code(span_from(text, dash + 1), last) && *first < *last;
}

static bool accept_answer_code(struct span text, void *field)
{
	struct list_answer *a = field;
	a->match = MATCH_RANGE;
	return record_code(text, &a->first) && (a->last = a->first, true);
}

static bool accept_answer_range(struct span text, void *field)
{
	struct list_answer *a = field;
	a->match = MATCH_RANGE;
	return parse_range(text, &a->first, &a->last);
}

static bool accept_answer_bits(struct span text, void *field)
{
	struct list_answer *a = field;
	uint32_t code, bit;
	if (!record_code(text, &code))
		return false;
	bit = code & 0xff;
	if (bit == 0 || bit & (bit - 1))
		return false;
	a->match = MATCH_BIT;
	a->first = bit;
	a->last = code & ~UINT32_C(0xff);
	return true;
}

static bool accept_answer_octets(struct span text, void *field)
{
	struct list_answer *a = field;
	a->match = MATCH_OCTETS;
	a->first = a->last = 0;
	for (int i = 0; i < 4; i++) {
		size_t end = span_find(text, '.');
		struct span octet = span_of(text.at, end);
		uint64_t value = 0;
		bool any = span_equal(octet, span_str("*"));
		if ((end < text.len) != (i < 3) || (i == 0 && any))
			return false;
		if (!any && (ascii_parse_u64(octet, 255, &value) < 0 || (octet.len > 1 && octet.at[0] == '0')))
			return false;
		a->first = a->first << 8 | (uint32_t)value;
		a->last = a->last << 8 | (any ? 0 : 0xff);
		text = span_from(text, end + 1);
	}
	return a->first >> 24 == 127;
}

static bool accept_refusal_code(struct span text, void *field)
{
	struct list_refusal *r = field;
	return record_code(text, &r->first) && (r->last = r->first, true);
}

static bool accept_refusal_range(struct span text, void *field)
{
	struct list_refusal *r = field;
	return parse_range(text, &r->first, &r->last);
}

static bool accept_code(struct span text, void *field)
{
	return record_code(text, field);
}

static bool accept_no_point(struct span text, void *field)
{
	struct record_point *p = field;
	p->none = span_equal(text, span_str("none"));
	return p->none;
}

static bool accept_no_domain_point(struct span text, void *field)
{
	struct record_domain_point *p = field;
	p->none = span_equal(text, span_str("none"));
	return p->none;
}

static bool accept_ip4(struct span text, void *field)
{
	struct addr a = {0};
	if (!span_equal(text, span_str("none")) && (addr_parse(text, &a) < 0 || a.family != 4))
		return false;
	*(struct addr *)field = a;
	return true;
}

/* Test points over IPv6 are IPv4-mapped (RFC 5782 section 5), which addr_parse() makes IPv4: they are asked as IPv6. */
static bool accept_ip6(struct span text, void *field)
{
	struct addr a = {0}, mapped = {.family = 6, .octets = {[10] = 0xff, [11] = 0xff}};
	if (!span_equal(text, span_str("none")) && (span_find(text, ':') == text.len || addr_parse(text, &a) < 0))
		return false;
	memcpy(mapped.octets + 12, a.octets, 4);
	*(struct addr *)field = a.family == 4 ? mapped : a;
	return true;
}

static bool accept_rate(struct span text, void *field)
{
	struct list_terms *terms = field;
	uint64_t whole, part = 0;
	size_t dot = span_find(text, '.');
	double scale = 1;
	terms->unlimited = span_equal(text, span_str("none"));
	if (terms->unlimited)
		return true;
	if (ascii_parse_u64(span_of(text.at, dot), 1000000, &whole) < 0 ||
	    (dot < text.len && ascii_parse_u64(span_from(text, dot + 1), 999999, &part) < 0))
		return false;
	for (size_t i = dot + 1; i < text.len; i++)
		scale *= 10;
	terms->rate = (double)whole + (double)part / scale;
	return terms->rate > 0;
}

static bool begins(struct span text, const char *word)
{
	return text.len >= strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

/* What is filled in when the page is shown. */
static bool is_hole(struct span text)
{
	return begins(text, "{target}") || begins(text, "{ip}") || begins(text, "{domain}");
}

/* http or https, a host, no blanks, no holes but ours */
bool record_url_valid(struct span text)
{
	size_t start = begins(text, "https://") ? 8 : begins(text, "http://") ? 7 : 0;
	if (!start || start >= text.len || !(ascii_is_alpha(text.at[start]) || ascii_is_digit(text.at[start])))
		return false;
	for (size_t i = start; i < text.len; i++) {
		if (text.at[i] <= ' ' || memchr("\"<>\\^`|", text.at[i], 7))
			return false;
		if (text.at[i] == '{' && !is_hole(span_from(text, i)))
			return false;
	}
	return true;
}

bool record_mailbox_valid(struct span text)
{
	size_t at = span_find(text, '@');
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ')
			return false;
	return at > 0 && at + 1 < text.len;
}

static bool accept_url(struct span text, void *field)
{
	return record_url_valid(text);
}

static bool accept_mailbox(struct span text, void *field)
{
	return record_mailbox_valid(text);
}

/* its versions lay braces in macros out in two ways */
/* clang-format off */
#define COUNT(rows)    (sizeof(rows) / sizeof(*(rows)))
#define AT(member)     .offset = offsetof(struct OF, member)
#define NUMBER(member) .count_offset = offsetof(struct OF, member)
#define TEXT(name, member) {name, SCHEMA_TEXT, AT(member)}
#define TEXT_LIST(name, member) {name, SCHEMA_TEXTS, AT(member.at), NUMBER(member.count)}
#define WORD(name, member, table) {name, SCHEMA_WORD, AT(member), .words = table}
#define SCALAR(name, member, function, what) {name, SCHEMA_SCALAR, AT(member), .accept = function, .expected = what}
#define URL(name, member) {name, SCHEMA_TEXT, AT(member), .accept = accept_url, \
	.expected = "a URL with http:// or https://, holes only {target}, {ip} and {domain}"}
/* clang-format on */
#define CODE  "an address inside 127.0.0.0/8"
#define RANGE "127.A.B.C-127.D.E.F, the lower one first"

/* clang-format off */
#define OF record_removal
static const struct schema_row removal_rows[] = {
	[REMOVAL_ROW_METHOD] = WORD("method", v.method, catalogue_words_method),
	[REMOVAL_ROW_WHO] = WORD("who", v.who, catalogue_words_who),
	[REMOVAL_ROW_URL] = URL("url", v.url),
	[REMOVAL_ROW_ADDRESS] = {"address", SCHEMA_TEXT, AT(v.address), .accept = accept_mailbox,
				 .expected = "a mail address"},
	[REMOVAL_ROW_FIRST] = TEXT_LIST("first", v.first),
	[REMOVAL_ROW_STEPS] = TEXT_LIST("steps", v.steps),
	[REMOVAL_ROW_COOLDOWN] = {"cooldown_s", SCHEMA_INTEGER, AT(v.cooldown_s)},
	[REMOVAL_ROW_EXPIRES] = {"expires_after_s", SCHEMA_INTEGER, AT(v.expires_after_s)},
	[REMOVAL_ROW_PAID] = {"paid", SCHEMA_BOOL, AT(v.paid)},
	[REMOVAL_ROW_COUNTS] = {"counts_removals", SCHEMA_BOOL, AT(v.counts_removals)},
	[REMOVAL_ROW_ADVICE] = TEXT("advice", v.advice),
};
static const struct schema removal_schema = {"removal", removal_rows, COUNT(removal_rows), sizeof(struct OF), true};
#undef OF

#define OF record_terms
static const struct schema_row terms_rows[] = {
	[TERMS_ROW_PER_DAY] = {"per_day", SCHEMA_INTEGER, AT(v.per_day), .min = 1, .max = 1e12},
	[TERMS_ROW_RATE] = SCALAR("rate", v, accept_rate, "queries a second, above 0, or none"),
	[TERMS_ROW_BURST] = {"burst", SCHEMA_INTEGER, AT(v.burst), .min = 1, .max = 1e9},
	[TERMS_ROW_RESOLVERS] = WORD("public_resolvers", v.public_resolvers, catalogue_words_resolver),
	[TERMS_ROW_REGISTRATION] = WORD("registration", registration, catalogue_words_registration),
	[TERMS_ROW_COMMERCIAL] = WORD("commercial", v.commercial, catalogue_words_permission),
	[TERMS_ROW_SWEEPS] = WORD("sweeps", v.sweeps, catalogue_words_permission),
	[TERMS_ROW_NOTE] = TEXT("note", v.note),
};
static const struct schema terms_schema = {"terms", terms_rows, COUNT(terms_rows), sizeof(struct OF), true};
#undef OF

#define OF record_answer
static const struct schema_row answer_rows[] = {
	[ANSWER_ROW_CODE] = SCALAR("code", v, accept_answer_code, CODE),
	[ANSWER_ROW_RANGE] = SCALAR("range", v, accept_answer_range, RANGE),
	[ANSWER_ROW_BITS] = SCALAR("bits", v, accept_answer_bits, CODE " with one bit set in its last octet"),
	[ANSWER_ROW_OCTETS] = SCALAR("octets", v, accept_answer_octets, "a pattern like 127.0.*.2"),
	[ANSWER_ROW_LIST] = TEXT("list", v.list),
	[ANSWER_ROW_MEANING] = {"meaning", SCHEMA_TEXT, AT(v.meaning), .required = true},
	[ANSWER_ROW_CLASS] = WORD("class", v.class, catalogue_words_class),
	[ANSWER_ROW_IMPACT] = WORD("impact", v.impact, catalogue_words_impact),
	[ANSWER_ROW_SCOPE] = WORD("scope", v.scope, catalogue_words_scope),
	[ANSWER_ROW_SUGGESTS] = {"suggests", SCHEMA_WORDS, AT(v.suggests), .words = catalogue_words_cause},
	[ANSWER_ROW_REMOVAL] = {"removal", SCHEMA_MAP, AT(removal), .map = &removal_schema},
};
const struct schema record_answer_schema = {"an answer", answer_rows, COUNT(answer_rows), sizeof(struct OF), true};
#undef OF

#define OF record_refusal
static const struct schema_row refusal_rows[] = {
	[REFUSAL_ROW_CODE] = SCALAR("code", v, accept_refusal_code, CODE),
	[REFUSAL_ROW_RANGE] = SCALAR("range", v, accept_refusal_range, RANGE),
	[REFUSAL_ROW_WHY] = {"why", SCHEMA_WORD, AT(v.why), .words = catalogue_words_why, .required = true},
	[REFUSAL_ROW_MEANING] = {"meaning", SCHEMA_TEXT, AT(v.meaning), .required = true},
};
const struct schema record_refusal_schema = {"a refusal", refusal_rows, COUNT(refusal_rows), sizeof(struct OF), true};
#undef OF

#define OF record_point
static const struct schema_row ip4_rows[] = {
	[POINT_ROW_LISTED] = SCALAR("listed", listed, accept_ip4, "an IPv4 address or none"),
	[POINT_ROW_CLEAR] = SCALAR("clear", clear, accept_ip4, "an IPv4 address or none"),
};
static const struct schema_row ip6_rows[] = {
	[POINT_ROW_LISTED] = SCALAR("listed", listed, accept_ip6, "an IPv6 address or none"),
	[POINT_ROW_CLEAR] = SCALAR("clear", clear, accept_ip6, "an IPv6 address or none"),
};
static const struct schema ip4_schema = {"test points", ip4_rows, COUNT(ip4_rows), sizeof(struct OF), true};
static const struct schema ip6_schema = {"test points", ip6_rows, COUNT(ip6_rows), sizeof(struct OF), true};
#undef OF

#define OF record_domain_point
static const struct schema_row domain_rows[] = {
	[POINT_ROW_LISTED] = TEXT("listed", listed),
	[POINT_ROW_CLEAR] = TEXT("clear", clear),
};
static const struct schema domain_schema = {"test points", domain_rows, COUNT(domain_rows), sizeof(struct OF), true};
#undef OF

#define OF record_test
#define POINTS(name, member, schema, no)                                                                                   \
	{name, SCHEMA_MAP, AT(member), .map = &schema, .accept = no, .expected = "none or test points"}
static const struct schema_row test_rows[] = {
	[TEST_ROW_IP4] = POINTS("ip4", ip4, ip4_schema, accept_no_point),
	[TEST_ROW_IP6] = POINTS("ip6", ip6, ip6_schema, accept_no_point),
	[TEST_ROW_DOMAIN] = POINTS("domain", domain, domain_schema, accept_no_domain_point),
	[TEST_ROW_ANSWER] = SCALAR("answer", answer, accept_code, CODE),
	[TEST_ROW_NOTE] = TEXT("note", note),
};
static const struct schema test_schema = {"test", test_rows, COUNT(test_rows), sizeof(struct OF), true};
#undef OF

#define OF record_closed
static const struct schema_row closed_rows[] = {
	[CLOSED_ROW_HOW] = WORD("how", how, catalogue_words_closed),
	[CLOSED_ROW_NOTE] = TEXT("note", note),
	[CLOSED_ROW_INSTEAD] = {"instead", SCHEMA_TEXT, AT(instead), .accept = accept_zone, .expected = "a zone"},
};
static const struct schema closed_schema = {"closed", closed_rows, COUNT(closed_rows), sizeof(struct OF), true};
#undef OF

#define OF record_source
static const struct schema_row source_rows[] = {
	{"name", SCHEMA_TEXT, AT(v.name), .required = true},
	{"date", SCHEMA_DATE, AT(v.date)},
};
static const struct schema source_schema = {"a source", source_rows, COUNT(source_rows), sizeof(struct OF), true};
#undef OF

#define OF record
static const struct schema_row record_rows[] = {
	[RECORD_ROW_ZONE] = {"zone", SCHEMA_TEXT, AT(v.zone), .required = true, .accept = accept_zone,
			     .expected = "a zone in lower case, {key}. in front where a key is part of the name"},
	[RECORD_ROW_KEY] = {"key", SCHEMA_TEXT, AT(v.key), .accept = accept_key_name,
			    .expected = "a name of lower-case letters, digits and _"},
	[RECORD_ROW_NAME] = TEXT("name", v.name),
	[RECORD_ROW_CLASS] = WORD("class", v.class, catalogue_words_class),
	[RECORD_ROW_QUERY] = {"query", SCHEMA_WORDS, AT(v.query), .words = catalogue_words_query},
	[RECORD_ROW_STATUS] = WORD("status", v.state, catalogue_words_state),
	[RECORD_ROW_QUALIFIED] = TEXT("qualified", v.qualified),
	[RECORD_ROW_SINCE] = {"since", SCHEMA_DATE, AT(v.since)},
	[RECORD_ROW_CLOSED] = {"closed", SCHEMA_MAP, AT(closed), .map = &closed_schema},
	[RECORD_ROW_ANSWERS] = {"answers", SCHEMA_MAPS, AT(answers), NUMBER(answer_count), .map = &record_answer_schema},
	[RECORD_ROW_MORE_CODES] = {"more_codes", SCHEMA_BOOL, AT(v.more_codes)},
	[RECORD_ROW_REFUSALS] = {"refusals", SCHEMA_MAPS, AT(refusals), NUMBER(refusal_count),
				 .map = &record_refusal_schema},
	[RECORD_ROW_TEST] = {"test", SCHEMA_MAP, AT(test), .map = &test_schema},
	[RECORD_ROW_SCOPE] = WORD("scope", v.scope, catalogue_words_scope),
	[RECORD_ROW_SCOPE6] = WORD("scope6", v.scope6, catalogue_words_scope),
	[RECORD_ROW_PART_OF] = {"part_of", SCHEMA_TEXTS, AT(v.part_of.at), NUMBER(v.part_of.count),
				.places_offset = offsetof(struct OF, part_of_at), .accept = accept_zone,
				.expected = "a zone"},
	[RECORD_ROW_IMPACT] = WORD("impact", v.impact, catalogue_words_impact),
	[RECORD_ROW_SUGGESTS] = {"suggests", SCHEMA_WORDS, AT(v.suggests), .words = catalogue_words_cause},
	[RECORD_ROW_TERMS] = {"terms", SCHEMA_MAP, AT(terms), .map = &terms_schema},
	[RECORD_ROW_EVIDENCE] = URL("evidence", v.evidence),
	[RECORD_ROW_LOOKUP] = URL("lookup", v.lookup),
	[RECORD_ROW_PAGES] = TEXT_LIST("pages", v.pages),
	[RECORD_ROW_REMOVAL] = {"removal", SCHEMA_MAP, AT(removal), .map = &removal_schema},
	[RECORD_ROW_NOTES] = TEXT_LIST("notes", v.notes),
	[RECORD_ROW_SOURCES] = {"sources", SCHEMA_MAPS, AT(sources), NUMBER(source_count), .map = &source_schema},
};
const struct schema record_schema = {"a list record", record_rows, COUNT(record_rows), sizeof(struct OF), true};
#undef OF

#define OF record_operator
static const struct schema_row operator_rows[] = {
	{"name", SCHEMA_TEXT, AT(name), .required = true},
	URL("url", url),
	TEXT_LIST("notes", notes),
	{"terms", SCHEMA_MAP, AT(terms), .map = &terms_schema},
};
static const struct schema operator_schema = {"operator", operator_rows, COUNT(operator_rows), sizeof(struct OF), true};
#undef OF

#define OF record_file
static const struct schema_row file_rows[] = {
	[FILE_ROW_OPERATOR] = {"operator", SCHEMA_MAP, AT(operator), .map = &operator_schema},
	[FILE_ROW_LISTS] = {"lists", SCHEMA_MAPS, AT(lists), NUMBER(list_count), .map = &record_schema, .required = true},
};
const struct schema record_file_schema = {"a file of lists", file_rows, COUNT(file_rows), sizeof(struct OF), true};
#undef OF
