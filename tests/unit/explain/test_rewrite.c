/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations mended: single ones, and the law on two thousand that are made up: what goes is the entry with what
 * belongs to it, all else stays. The texts are read here by small readers of their own. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "explain/explain.h"

enum { CASES = 1000, WORDS_MAX = 512, ARENA_MAX = 64 << 20, TEXT_MAX = 1 << 16 };

#define KIND "class: block, query: [ip4, domain], sources: [{name: s}], "
#define OWN                                                                                                            \
	"operator: {name: Own}\nlists:\n- {zone: live.example, name: L, status: active, " KIND "\n"                    \
	"   answers: [{range: 127.0.0.2-127.0.0.9, meaning: m}],\n"                                                    \
	"   refusals: [{code: 127.255.255.254, why: volume, meaning: m}]}\n"                                           \
	"- {zone: dead.example, name: D, status: closed, " KIND "closed: {how: emptied}}\n"                            \
	"- {zone: gone.example, name: G, status: closed, " KIND "closed: {how: unreachable}}\n"

static struct site site;
static struct arena arena;

static int setup(void **state)
{
	site_init(&site);
	site_record(&site, "own.yaml", OWN);
	site_load(&site);
	return site.result;
}

static int teardown(void **state)
{
	site_release(&site);
	return 0;
}

static int begin(void **state)
{
	arena = arena_make(ARENA_MAX);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static struct explanation explained(const char *text)
{
	struct explanation x = {0};
	struct error err = {""};
	int rc = explain(site.catalogue, span_str(text), &arena, &x, &err);
	if (rc < 0)
		print_error("%s: %s", text, err.text);
	assert_int_equal(rc, 0);
	return x;
}

static void mended(const char *text, const char *instead)
{
	struct explanation x = explained(text);
	if (!x.instead)
		print_error("no text for: %s", text);
	assert_non_null(x.instead);
	assert_string_equal(x.instead, instead);
}

static void postfix_texts(void **state)
{
	static const char *const texts[][2] = {
		{"smtpd_recipient_restrictions = permit_mynetworks,\n    warn_if_reject reject_rbl_client "
		 "dead.example,\n"
		 "    reject_unauth_destination\n",
		 "smtpd_recipient_restrictions = permit_mynetworks,\n    reject_unauth_destination\n"},
		{"smtpd_recipient_restrictions = defer_if_reject\n reject, reject_rbl_client dead.example\n",
		 "smtpd_recipient_restrictions = defer_if_reject\n reject\n"},
		/* comments and empty lines do not end a parameter; ; begins no comment */
		{"smtpd_client_restrictions =\n  # sorbs\n\n  reject_rbl_client dead.example,\n# mine\n\n  permit\nx = "
		 "y\n",
		 "smtpd_client_restrictions =\n  # sorbs\n\n# mine\n\n  permit\nx = y\n"},
		{"smtpd_client_restrictions = reject_rbl_client\n# no\n  dead.example, permit\n",
		 "smtpd_client_restrictions =\n# no\n  permit\n"},
		/* the last one takes the comma before it along */
		{"smtpd_client_restrictions = permit_mynetworks,\n# c\n\tReject_RBL_Client dead.example\nx = y\n",
		 "smtpd_client_restrictions = permit_mynetworks\n# c\nx = y\n"},
		{"smtpd_client_restrictions = a, reject_rbl_client dead.example,reject_rbl_client gone.example,b",
		 "smtpd_client_restrictions = a, b"},
		{"smtpd_client_restrictions = reject_rbl_client dead.example\r\nx = y\r\n",
		 "smtpd_client_restrictions =\r\nx = y\r\n"},
		{"smtpd_helo_restrictions = a,\r\n\treject_rhsbl_helo dead.example,\r\n\tb\r\n",
		 "smtpd_helo_restrictions = a,\r\n\tb\r\n"},
		/* a filter is all that comes in */
		{"smtpd_client_restrictions = warn_if_reject\n# live\n reject_rbl_client live.example., permit\n",
		 "smtpd_client_restrictions = warn_if_reject\n# live\n reject_rbl_client live.example=127.0.0.[2..9], "
		 "permit\n"},
		{"submission inet n - y - - smtpd\n  -o smtpd_tls=yes -o smtpd_client_restrictions=a,reject_rbl_client,"
		 "dead.example -o x=y\n  -o smtpd_sender_restrictions=reject_rbl_client,gone.example\n",
		 "submission inet n - y - - smtpd\n  -o smtpd_tls=yes -o smtpd_client_restrictions=a -o x=y\n"
		 "  -o smtpd_sender_restrictions=\n"},
		{"strict = reject_rbl_client dead.example reject_rbl_client other.example\n",
		 "strict = reject_rbl_client other.example\n"},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		mended(texts[i][0], texts[i][1]);
}

/* What stands there is not the entry's alone: no text. */
static void postfix_by_hand(void **state)
{
	static const char *const texts[] = {
		"smtpd_recipient_restrictions = reject_unauth_destination, defer_if_reject reject_rbl_client "
		"dead.example\n",
		"smtpd_client_restrictions = defer_if_reject\n  warn_if_reject reject_rbl_client dead.example, "
		"reject\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct explanation x = explained(texts[i]);
		assert_int_equal(x.count, 1);
		assert_true(x.items[0].remove);
		assert_null(x.instead);
	}
}

static void exim_texts(void **state)
{
	static const char *const texts[][2] = {
		{"a:\n  deny message = listed\n    # old\n    dnslists = dead.example\n  deny domains = !+local\n  "
		 "accept\n",
		 "a:\n    # old\n  deny domains = !+local\n  accept\n"},
		{"deny\n  dnslists = dead.example : other.example : gone.example\n",
		 "deny\n  dnslists = other.example\n"},
		{"deny dnslists = other.example : \\\n  # c\n\n  dead.example\n  message = no\n",
		 "deny dnslists = other.example\n  # c\n\n  message = no\n"},
		{"deny dnslists = dead.example : \\\n    other.example : \\\n    gone.example : \\\n    "
		 "x.example\naccept\n",
		 "deny dnslists = \\\n    other.example : \\\n    x.example\naccept\n"},
		{"deny dnslists = a.example \\\n  : dead.example \\\n  : b.example \\  \n  : gone.example\naccept\n",
		 "deny dnslists = a.example \\\n  : b.example\naccept\n"},
		{"deny dnslists = <; dead.example ; other.example;gone.example\n",
		 "deny dnslists = <; other.example\n"},
		{"a:\n  warn dnslists = dead.example : +include_unknown : gone.example\n    add_header = X: y\n  "
		 "deny\n",
		 "a:\n  deny\n"},
		{"a:\n.ifdef X\n  drop dnslists = dead.example\n.endif\n  accept\n",
		 "a:\n.ifdef X\n.endif\n  accept\n"},
		{"CHECK_RCPT_IP_DNSBLS = dead.example:other.example\n", "CHECK_RCPT_IP_DNSBLS = other.example\n"},
		{"RBL_DNS_LIST==\\\n\tlive.example=127.0.0.2 : \\\n\tdead.example\n\nX==1\n",
		 "RBL_DNS_LIST==\\\n\tlive.example=127.0.0.2\n\nX==1\n"},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		mended(texts[i][0], texts[i][1]);
}

/* ---- made up ---- */

static uint32_t random_state;

static unsigned int pick(unsigned int count)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % count;
}

static const char *one_of(const char *const *words, size_t count)
{
	return words[pick((unsigned int)count)];
}
#define ONE_OF(words) one_of(words, sizeof(words) / sizeof(*(words)))

static const char *const zones[] = {"dead.example",  "gone.example", "dead.example", "live.example=127.0.0.2",
				    "other.example", "live.example", "unknown.net",  "DEAD.example."};

static bool is_dead(struct span zone)
{
	static const char *const dead[] = {"dead.example", "gone.example", "dead.example."};
	for (size_t i = 0; i < sizeof(dead) / sizeof(*dead); i++)
		if (span_equal_nocase(zone, span_str(dead[i])))
			return true;
	return false;
}

static void postfix_restriction(struct buf *out)
{
	static const char *const others[] = {"permit_mynetworks",
					     "permit_sasl_authenticated",
					     "reject_unauth_destination",
					     "reject_unknown_client_hostname",
					     "check_policy_service unix:private/policy",
					     "check_client_access hash:/etc/postfix/access",
					     "reject_non_fqdn_sender",
					     "permit",
					     "reject"};
	static const char *const lists[] = {"reject_rbl_client",   "reject_rhsbl_helo",   "reject_rhsbl_sender",
					    "reject_rhsbl_client", "permit_dnswl_client", "Reject_Rbl_Client"};
	static const char *const prefixes[] = {"warn_if_reject", "defer_if_reject"};
	static const char *const gaps[] = {" ", "  ", "\t", "\n\t", "\n  # dead.example\n  ", ",\n    "};
	if (pick(2)) {
		buf_add_str(out, ONE_OF(others));
		return;
	}
	if (pick(4) == 0)
		buf_printf(out, "%s%s", ONE_OF(prefixes), ONE_OF(gaps));
	buf_printf(out, "%s%s%s", ONE_OF(lists), ONE_OF(gaps), ONE_OF(zones));
}

static void postfix_list(struct buf *out, bool postscreen)
{
	static const char *const gaps[] = {
		", ",     ",\n    ",         " ", "\n\t", ",\n# reject_rbl_client gone.example\n\t", ",",
		"\n\n  ", ",\n  # , x\n\n  "};
	static const char *const weights[] = {"", "*2", "*-1", "*3"};
	buf_add_str(out, pick(3) ? " " : "\n  ");
	for (unsigned int i = 0, count = 1 + pick(6); i < count; i++) {
		if (i)
			buf_add_str(out, ONE_OF(gaps));
		if (postscreen)
			buf_printf(out, "%s%s", ONE_OF(zones), ONE_OF(weights));
		else
			postfix_restriction(out);
	}
	buf_add_str(out, pick(4) ? "\n" : ",\n");
}

static void postfix_text(struct buf *out)
{
	static const char *const names[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
					    "smtpd_recipient_restrictions", "smtpd_relay_restrictions"};
	static const char *const between[] = {"myhostname = mail.example.com\n", "# a comment\n", "\n",
					      "mynetworks = 127.0.0.0/8,\n  192.0.2.0/24\n"};
	for (unsigned int i = 0, count = 1 + pick(4); i < count; i++) {
		bool postscreen = pick(3) == 0;
		buf_add_str(out, ONE_OF(between));
		buf_printf(out, "%s =", postscreen ? "postscreen_dnsbl_sites" : ONE_OF(names));
		postfix_list(out, postscreen);
	}
	buf_add_str(out, ONE_OF(between));
}

/* What the program's reader sees: words of Postfix, lines of Exim. */
struct words {
	struct span at[WORDS_MAX];
	size_t count;
};

static void add_word(struct words *w, struct span word)
{
	assert_true(w->count < WORDS_MAX);
	w->at[w->count++] = word;
}

static struct span next_line(struct span *rest)
{
	size_t len = span_find(*rest, '\n');
	struct span line = span_of(rest->at, len);
	*rest = span_from(*rest, len + 1);
	return line;
}

/* Logical lines begin with "\1", so that a word which slips into another parameter shows. */
static void read_postfix(struct span text, struct words *w)
{
	static const char mark[] = "\1";
	w->count = 0;
	while (text.len) {
		struct span line = next_line(&text), words = span_trim(line);
		if (words.len == 0 || words.at[0] == '#')
			continue;
		if (line.at[0] != ' ' && line.at[0] != '\t')
			add_word(w, span_str(mark));
		for (size_t at = 0, from; at < line.len;) {
			while (at < line.len && memchr(" \t\r,", line.at[at], 4))
				at++;
			for (from = at; at < line.len && !memchr(" \t\r,", line.at[at], 4);)
				at++;
			if (at > from)
				add_word(w, span_of(line.at + from, at - from));
		}
	}
}

static struct span zone_of(struct span word)
{
	size_t equals = span_find(word, '='), star = span_find(word, '*');
	return span_of(word.at, equals < star ? equals : star);
}

static bool is_list_word(struct span word)
{
	char text[64] = "";
	if (word.len < sizeof(text))
		memcpy(text, word.at, word.len);
	ascii_lower_all(text);
	return strstr(text, "reject_rbl") || strstr(text, "reject_rhsbl") || strstr(text, "permit_dnswl");
}

static bool is_prefix(struct span word)
{
	return span_equal(word, span_str("warn_if_reject"));
}

/* Where the entry that goes ends, if one begins here: prefix, restriction and zone, or a zone of postscreen. */
static size_t dead_entry(const struct words *w, size_t i)
{
	size_t zone = i;
	bool permits = false;
	while (zone < w->count && is_prefix(w->at[zone]))
		zone++;
	if (zone < w->count && is_list_word(w->at[zone])) {
		permits = span_starts(w->at[zone], "permit");
		zone++;
	} else if (zone > i) {
		return i;
	}
	/* a list of the bad that lets in goes as well */
	permits |= zone < w->count && memmem(w->at[zone].at, w->at[zone].len, "*-", 2);
	return zone < w->count && (is_dead(zone_of(w->at[zone])) ||
				   (permits && span_equal_nocase(zone_of(w->at[zone]), span_str("live.example"))))
		       ? zone + 1
		       : i;
}

static bool same_word(struct span before, struct span after)
{
	struct span zone = zone_of(before);
	if (span_equal(before, after))
		return true;
	/* a filter was put in */
	return span_equal_nocase(zone, span_str("live.example")) && span_equal(zone, zone_of(after)) &&
	       memmem(after.at, after.len, "=127.0.0.", 9);
}

/* The law: word by word the same, but for the entries that go. */
static bool holds_postfix(const struct words *before, const struct words *after)
{
	size_t i = 0, k = 0;
	while (i < before->count) {
		size_t entry = dead_entry(before, i);
		if (entry > i) {
			i = entry;
			continue;
		}
		if (k == after->count || !same_word(before->at[i++], after->at[k++]))
			return false;
	}
	return k == after->count;
}

static struct span next_comment(struct span *rest)
{
	while (rest->len) {
		struct span line = next_line(rest);
		if (span_trim(line).len && span_trim(line).at[0] == '#')
			return line;
	}
	return (struct span){0};
}

static bool comments_stay(struct span before, struct span after)
{
	while (before.len || after.len)
		if (!span_equal(next_comment(&before), next_comment(&after)))
			return false;
	return true;
}

static void check(struct buf *text, void (*read)(struct span, struct words *),
		  bool (*holds)(const struct words *, const struct words *), unsigned int *mended_count)
{
	static struct words before, after;
	struct explanation x = {0}, again = {0};
	struct error err = {""};
	arena_release(&arena);
	arena = arena_make(ARENA_MAX);
	if (explain(site.catalogue, buf_span(text), &arena, &x, &err) < 0 || !x.instead)
		return;
	read(buf_span(text), &before);
	read(span_str(x.instead), &after);
	if (!holds(&before, &after) || !comments_stay(buf_span(text), span_str(x.instead))) {
		print_error("before:\n%s\nafter:\n%s\n", buf_text(text), x.instead);
		fail();
	}
	if (explain(site.catalogue, span_str(x.instead), &arena, &again, &err) == 0)
		assert_null(again.instead);
	++*mended_count;
}

static void the_law_of_postfix(void **state)
{
	struct buf text = buf_make(TEXT_MAX);
	unsigned int count = 0;
	random_state = 7;
	for (int i = 0; i < CASES; i++) {
		buf_clear(&text);
		postfix_text(&text);
		check(&text, read_postfix, holds_postfix, &count);
	}
	assert_true(count > CASES / 2);
	buf_release(&text);
}

/* ---- Exim ---- */

static void exim_lists(struct buf *out)
{
	static const char *const joints[] = {
		" : ",   ":",        " : \\\n      ", " \\\n      : ", " : \\\n  # dead.example\n\n      ",
		"\t:\t", " : \\  \n"};
	static const char *const keys[] = {"", "", "", "/$sender_address_domain", "=127.0.0.2,127.0.0.3", "&0.0.0.2"};
	for (unsigned int i = 0, count = 1 + pick(4); i < count; i++) {
		const char *zone = ONE_OF(zones);
		if (i)
			buf_add_str(out, ONE_OF(joints));
		buf_printf(out, "%s%s", zone, strchr(zone, '=') ? "" : ONE_OF(keys));
	}
}

static void exim_statement(struct buf *out)
{
	static const char *const names[] = {"deny", "warn", "accept", "drop", "defer", "require"};
	static const char *const others[] = {"hosts = +relay_from_hosts",
					     "domains = ! +local_domains : \\\n       ! example.org",
					     "! authenticated = *",
					     "message = listed at $dnslist_domain",
					     "set acl_m1 = ${eval:1+1}",
					     "senders = :",
					     "delay = 5s",
					     "condition = ${if def:h_x:}",
					     "# dead.example",
					     "endpass",
					     "log_message = $dnslist_text"};
	buf_printf(out, "  %s", ONE_OF(names));
	for (unsigned int i = 0, count = pick(5); i < count; i++) {
		buf_add_str(out, i || pick(3) == 0 ? "\n    " : "  ");
		if (pick(3)) {
			buf_add_str(out, ONE_OF(others));
		} else {
			buf_add_str(out, pick(6) ? "dnslists = " : "! dnslists = ");
			exim_lists(out);
		}
	}
	buf_add_char(out, '\n');
}

static void exim_text(struct buf *out)
{
	buf_add_str(out, "primary_hostname = mail.example.com\nbegin acl\ncheck:\n");
	for (unsigned int i = 0, count = 1 + pick(5); i < count; i++) {
		buf_add_str(out, pick(4) ? "" : pick(2) ? "\n" : "  # deny\n");
		exim_statement(out);
	}
	buf_add_str(out, pick(2) ? "  accept\nother:\n  deny\nbegin routers\n" : "  deny\n");
}

/* Exim's logical lines, a word each with its blanks made single; the items of dnslists with their separators as words. */
static void read_exim(struct span text, struct words *w)
{
	char *joined = NULL;
	size_t len = 0;
	w->count = 0;
	while (text.len) {
		struct span line = span_trim(next_line(&text));
		bool more;
		if (line.len == 0 || line.at[0] == '#')
			continue;
		joined = joined ? joined : arena_alloc(&arena, line.len + text.len + 2, 1);
		more = line.at[line.len - 1] == '\\';
		line.len -= more;
		for (size_t i = 0; i < line.len; i++)
			if (!memchr(" \t", line.at[i], 2))
				joined[len++] = (char)line.at[i];
			else if (len && joined[len - 1] != ' ')
				joined[len++] = ' ';
		if (more && text.len)
			continue;
		add_word(w, span_of(joined, len));
		joined = NULL;
		len = 0;
	}
}

static bool exim_begins(struct span line)
{
	static const char *const starts[] = {"deny", "warn", "accept", "drop", "defer", "require", "begin", "other:"};
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (span_starts(line, starts[i]))
			return true;
	return false;
}

static size_t statement_end(const struct words *w, size_t i)
{
	for (i++; i < w->count && !exim_begins(w->at[i]);)
		i++;
	return i;
}

static struct span list_value(struct span line)
{
	static const char word[] = "dnslists = ";
	const uint8_t *at = memmem(line.at, line.len, word, sizeof(word) - 1);
	return at ? span_from(line, (size_t)(at - line.at) + sizeof(word) - 1) : (struct span){0};
}

static struct span next_item(struct span *rest)
{
	size_t len = span_find(*rest, ':');
	struct span item = span_trim(span_of(rest->at, len));
	*rest = span_from(*rest, len + 1);
	return item;
}

static struct span item_zone(struct span item)
{
	size_t len = 0;
	while (len < item.len && !memchr("=&!/", item.at[len], 4))
		len++;
	return span_of(item.at, len);
}

static bool same_item(struct span before, struct span after)
{
	return span_equal(before, after) || (span_equal_nocase(item_zone(before), span_str("live.example")) &&
					     span_equal(item_zone(before), item_zone(after)));
}

/* Whether the line after is the line before, less dead lists; *ret_left tells whether any list is left. */
static bool same_line(struct span before, struct span after)
{
	struct span was = list_value(before), is = list_value(after);
	if (was.len == 0)
		return span_equal(before, after);
	if (is.len == 0 || !span_equal(span_of(before.at, before.len - was.len), span_of(after.at, after.len - is.len)))
		return false;
	while (was.len) {
		struct span item = next_item(&was);
		if (!is_dead(item_zone(item)) && (is.len == 0 || !same_item(item, next_item(&is))))
			return false;
	}
	return is.len == 0;
}

static bool all_dead(struct span value)
{
	bool any = value.len > 0;
	while (value.len)
		any &= is_dead(item_zone(next_item(&value)));
	return any;
}

/* A whole statement may go only where one of its lists can never say yes, and it is not there to say no. */
static bool may_go(const struct words *w, size_t from, size_t to)
{
	bool dead = false;
	for (size_t i = from; i < to; i++) {
		struct span value = list_value(w->at[i]);
		if (value.len && (memchr(w->at[i].at, '!', w->at[i].len - value.len) || !all_dead(value)))
			return false;
		if (span_equal(w->at[i], span_str("endpass")) || span_starts(w->at[i], "set ") ||
		    span_starts(w->at[i], "delay"))
			return dead; /* what stands behind the list is never come to */
		dead |= value.len > 0;
	}
	return dead && !span_starts(w->at[from], "require");
}

static bool holds_exim(const struct words *before, const struct words *after)
{
	size_t k = 0;
	for (size_t i = 0, end; i < before->count; i = end) {
		size_t at = i, here = k;
		end = statement_end(before, i);
		while (at < end && here < after->count && same_line(before->at[at], after->at[here])) {
			at++;
			here++;
		}
		if (at == end)
			k = here;
		else if (!may_go(before, i, end))
			return false;
	}
	return k == after->count;
}

static void the_law_of_exim(void **state)
{
	struct buf text = buf_make(TEXT_MAX);
	unsigned int count = 0;
	random_state = 11;
	for (int i = 0; i < CASES; i++) {
		buf_clear(&text);
		exim_text(&text);
		check(&text, read_exim, holds_exim, &count);
	}
	assert_true(count > CASES / 5);
	buf_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(postfix_texts),      TEST(postfix_by_hand), TEST(exim_texts),
		TEST(the_law_of_postfix), TEST(the_law_of_exim),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
