/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>

#include "explain/explain.h"
#include "explain/explain_parts.h"
#include "explain/suggest.h"

#define OWN                                                                                                            \
	"operator: {name: Own}\nlists:\n"                                                                              \
	"- {zone: b.own.example, name: B, class: block, query: [ip4], status: active, sources: [{name: s}],\n"         \
	"   answers: [{code: 127.0.0.2, list: two, meaning: m}, {range: 127.0.0.4-127.0.0.5, meaning: four},\n"        \
	"     {code: 127.0.0.1, class: white, meaning: good}, {code: 127.0.0.30, list: thirty, meaning: m}],\n"        \
	"   refusals: [{code: 127.255.255.254, why: public_resolver, meaning: no public resolvers}]}\n"                \
	"- {zone: part.own.example, name: P, class: block, query: [ip4], status: active, sources: [{name: s}],\n"      \
	"   part_of: [b.own.example]}\n"                                                                               \
	"- {zone: w.own.example, name: W, class: white, query: [ip4], status: active, sources: [{name: s}],\n"         \
	"   answers: [{code: 127.0.0.3, class: white, meaning: good}]}\n"                                              \
	"- {zone: d.own.example, name: D, class: domain, query: [domain], status: active, sources: [{name: s}],\n"     \
	"   answers: [{bits: 127.0.0.8, meaning: eight}, {bits: 127.0.0.64, meaning: sixty-four}],\n"                  \
	"   refusals: [{code: 127.0.0.1, why: volume, meaning: too much}]}\n"                                          \
	"- {zone: m.own.example, name: M, class: block, query: [ip4], status: active, sources: [{name: s}],\n"         \
	"   more_codes: true, answers: [{code: 127.0.0.2, meaning: m}],\n"                                             \
	"   refusals: [{code: 127.0.0.255, why: volume, meaning: too much}]}\n"                                        \
	"- {zone: dead.own.example, name: X, class: block, query: [ip4], status: closed, since: 2020-02,\n"            \
	"   closed: {how: emptied, note: gone, instead: b.own.example}, sources: [{name: s}]}\n"                       \
	"- {zone: world.own.example, name: X, class: block, query: [ip4], status: closed,\n"                           \
	"   closed: {how: lists_the_world}, sources: [{name: s}]}\n"                                                   \
	"- {zone: '{key}.k.own.example', key: own, name: K, class: block, query: [ip4], status: active,\n"             \
	"   sources: [{name: s}], answers: [{code: 127.0.0.2, meaning: m}]}\n"

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
	arena = arena_make(64 << 20);
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
	assert_int_equal(explain(site.catalogue, span_str(text), &arena, &x, &err), 0);
	return x;
}

static void refused(const char *text, const char *part)
{
	struct explanation x;
	struct error err = {""};
	assert_int_equal(explain(site.catalogue, span_str(text), &arena, &x, &err), -EINVAL);
	assert_non_null(strstr(err.text, part));
}

static bool noted(const struct explain_item *item, const char *part)
{
	for (const struct explain_note *n = item->notes; n; n = n->next)
		if (strstr(n->text, part))
			return true;
	return false;
}

/* Configuration and what is to be written instead; NULL: nothing to mend. */
static struct explanation mended(const char *text, const char *instead)
{
	struct explanation x = explained(text);
	assert_true(x.config);
	assert_false(x.by_hand);
	if (instead)
		assert_string_equal(x.instead, instead);
	else
		assert_null(x.instead);
	return x;
}

/* Configuration of which no text is offered: the part to take out, NULL: something else is wrong. */
static struct explanation by_hand(const char *text, const char *part, size_t line)
{
	struct explanation x = explained(text);
	const struct explain_item *gone = x.items;
	assert_true(x.config && x.by_hand && x.wrong);
	assert_null(x.instead);
	while (gone && !gone->remove)
		gone = gone->next;
	assert_int_equal(gone != NULL, part != NULL);
	if (part) {
		assert_string_equal(gone->given, part);
		assert_int_equal(gone->line, line);
		assert_null(gone->instead);
	}
	return x;
}

static void zone_and_code(void **state)
{
	static const char *const texts[] = {"b.own.example 127.0.0.2", "127.0.0.2 b.own.example",
					    "B.OWN.example. 127.0.0.2", "2.0.0.127.b.own.example"};
	for (size_t i = 0; i < 4; i++) {
		struct explanation x = explained(texts[i]);
		assert_int_equal(x.count, 1);
		assert_int_equal(x.items->kind, EXPLAIN_ANSWER);
		assert_string_equal(x.items->zone, "b.own.example");
		assert_int_equal(x.items->answer_count, 1);
		assert_string_equal(x.items->answers[0]->list, "two");
		assert_false(x.wrong);
	}
}

static void codes_of_one_answer(void **state)
{
	struct explanation x = explained("d.own.example 127.0.0.72");
	assert_int_equal(x.items->answer_count, 2);
	x = explained("d.own.example 127.0.0.1");
	assert_true(x.items->refused);
	assert_int_equal(x.items->refusal->why, WHY_VOLUME);
	x = explained("w.own.example 127.255.255.250");
	assert_true(x.items->refused);
	assert_null(x.items->refusal);
	assert_true(noted(x.items, "not a listing"));
	x = explained("b.own.example 127.0.0.77");
	assert_true(noted(x.items, "meaning not known; it counts as class block"));
	x = explained("127.255.255.254");
	assert_null(x.items->zone);
	assert_true(x.items->refused);
}

static void names_asked(void **state)
{
	struct explanation x = explained("10.2.0.192.b.own.example has address 127.0.0.2");
	assert_string_equal(x.items->asked, "192.0.2.10");
	assert_int_equal(x.items->code, 0x7f000002);
	x = explained("mail.example.com.d.own.example");
	assert_int_equal(x.items->kind, EXPLAIN_ZONE);
	assert_string_equal(x.items->asked, "mail.example.com");
	x = explained("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.b.own.example");
	assert_string_equal(x.items->asked, "2001:db8::1");
	x = explained("10.2.0.192.secretkey.k.own.example 127.0.0.2");
	assert_string_equal(x.items->zone, "{key}.k.own.example");
	assert_string_equal(x.items->asked, "192.0.2.10");
}

static void zones_and_replies(void **state)
{
	struct explanation x = explained("dead.own.example");
	assert_true(x.wrong);
	assert_true(noted(x.items, "closed since 2020-02: gone"));
	assert_true(noted(x.items, "query b.own.example instead"));
	x = explained("world.own.example");
	assert_true(noted(x.items, "answers \"listed\" for every address"));
	x = explained(
		"550 5.7.1 Service unavailable; client [192.0.2.1] blocked using b.own.example; mail.example.net");
	assert_int_equal(x.count, 1);
	assert_string_equal(x.items->zone, "b.own.example");
	x = explained("554 5.7.1 Error: open resolver; https://www.spamhaus.org/returnc/pub/192.0.2.1/");
	assert_string_equal(x.items->zone, "zen.spamhaus.org");
	assert_true(x.items->refused);
	assert_true(noted(x.items, "the receiving server is refused, not you"));
	x = explained("550 rejected, see https://www.spamcop.net/bl.shtml?192.0.2.1");
	assert_string_equal(x.items->zone, "bl.spamcop.net");
}

/* What each tool writes where there is no listing, or no answer at all. */
static void look_ups_without_a_listing(void **state)
{
	static const struct {
		const char *text;
		enum explain_outcome outcome;
	} rows[] = {
		{";; resolution failed: ncache nxdomain\n; negative response, unsigned answer\n"
		 "; 10.2.0.192.b.own.example. 3600 IN \\-A\t;-$NXDOMAIN\n",
		 OUTCOME_NOT_LISTED},
		{";; ->>HEADER<<- opcode: QUERY; status: NXDOMAIN; id: 51210\n;; Flags: qr rd ra; QUERY: 1\n\n"
		 ";; QUESTION SECTION:\n;; 10.2.0.192.b.own.example.\t\tIN\tA\n\n;; AUTHORITY SECTION:\n"
		 "b.own.example.\t0\tIN\tSOA\tb.own.example. h.own.example. 1 3600 1800 3600 0\n\n;; Received 100 B\n",
		 OUTCOME_NOT_LISTED},
		{"10.2.0.192.b.own.example: resolve call failed: '10.2.0.192.b.own.example' not found",
		 OUTCOME_NOT_LISTED},
		{"10.2.0.192.b.own.example: resolve call failed: Name '10.2.0.192.b.own.example' does not have any RR "
		 "of "
		 "the requested type",
		 OUTCOME_NOT_LISTED},
		{"10.2.0.192.b.own.example: resolve call failed: DNSSEC validation failed: no-signature",
		 OUTCOME_NO_ANSWER},
		{"10.2.0.192.b.own.example: resolve call failed: All attempts to contact name servers or networks "
		 "failed",
		 OUTCOME_NO_ANSWER},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation x = explained(rows[i].text);
		assert_int_equal(x.count, 1);
		assert_int_equal(x.items->kind, EXPLAIN_LOOKUP);
		assert_string_equal(x.items->zone, "b.own.example");
		assert_string_equal(x.items->asked, "192.0.2.10");
		assert_int_equal(x.items->outcome, rows[i].outcome);
	}
}

/* dig +short NAME TXT: the text alone, and the list where it tells itself. */
static void texts_alone(void **state)
{
	static const struct {
		const char *text, *zone;
	} rows[] = {
		{"\"Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10\"\n", "bl.spamcop.net"},
		{"\"192.0.2.10 is on b.own.example.\"", "b.own.example"},
		{"\"v=spf1 -all\"\n", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation x = explained(rows[i].text);
		assert_true(x.lookups);
		assert_int_equal(x.count, 1);
		assert_int_equal(x.items->kind, EXPLAIN_LOOKUP);
		assert_int_equal(x.items->outcome, OUTCOME_TEXT);
		assert_true(rows[i].zone ? strcmp(x.items->zone, rows[i].zone) == 0 : !x.items->zone);
	}
	assert_int_equal(explained("\"https://www.spamcop.net/bl.shtml?192.0.2.1\"\n\n\"b.own.example\"\n").count, 2);
	/* a mail server's reply that somebody put in quotes */
	assert_false(explained("\"550 5.7.1 blocked using b.own.example\"").lookups);
}

static void nothing_known(void **state)
{
	refused("", "it holds nothing that offlist knows");
	refused("hello world", "it holds nothing");
	refused("no.such.example 127.0.0.2", "no list \"no.such.example\" in the catalogue");
	refused("127.0.0.2", "only together with its list");
	refused("....{{{", "it holds nothing");
}

static void postscreen(void **state)
{
	struct explanation x;
	mended("postscreen_dnsbl_sites = b.own.example=127.0.0.[2..5]*3", NULL);
	x = mended("postscreen_dnsbl_sites = b.own.example*3, dead.own.example*2", "postscreen_dnsbl_sites = "
										   "b.own.example=127.0.0.[2..5;30]*3");
	assert_true(noted(x.items, "without a filter it also takes 127.255.255.254"));
	assert_string_equal(x.items->syntax, "postscreen_dnsbl_sites");
	mended("postscreen_dnsbl_sites = dead.own.example*2,\n\t# b\n\tno.such.example\n\tw.own.example*-2\nx = y\n",
	       "postscreen_dnsbl_sites =\n\t# b\n\tno.such.example\n\tw.own.example*-2\nx = y\n");
	x = mended("postscreen_dnsbl_sites = b.own.example=127.0.0.[2..5]*-3 no.such.example",
		   "postscreen_dnsbl_sites = "
		   "no.such.example");
	assert_true(noted(x.items, "blocklist used as a whitelist"));
	x = mended("postscreen_dnsbl_sites = b.own.example=127.0.0.9",
		   "postscreen_dnsbl_sites = b.own.example=127.0.0.[2..5;30]");
	assert_true(noted(x.items, "takes none of the codes"));
	x = mended("postscreen_dnsbl_sites = b.own.example=127.0.0.[1..9]", "postscreen_dnsbl_sites = "
									    "b.own.example=127.0.0.[2..5;30]");
	assert_true(noted(x.items, "also takes whitelist answers"));
	x = mended("postscreen_dnsbl_sites = b.own.example=127.0.0.[2..5] part.own.example", NULL);
	assert_true(noted(x.items->next, "part of b.own.example"));
	/* what Postfix does not start with */
	static const char *const bad[] = {"b.own.example=127.0.0.x",   "b.own.example=127.0.0.[5..2]",
					  "b.own.example=127.0.0.2*x", "b.own.example*2=127.0.0.2",
					  "no.such.example=2",         "b.own.example=127.0.0.[2..300]",
					  "b.own.example=127.0.0.2*"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[128];
		snprintf(text, sizeof(text), "postscreen_dnsbl_sites = %s dead.own.example", bad[i]);
		assert_true(noted(by_hand(text, "dead.own.example", 1).items, "Postfix does not start with it"));
	}
}

static void postscreen_only_dead(void **state)
{
	struct explanation x = mended("postscreen_dnsbl_sites =\n w.own.example*2\n d.own.example\nx = y",
				      "postscreen_dnsbl_sites =\nx = y");
	assert_true(noted(x.items, "whitelist used as a blocklist"));
	assert_true(noted(x.items->next, "holds domains, but is queried with addresses"));
	/* a list with white codes among others is right where the filter takes those alone */
	x = mended("postscreen_dnsbl_sites = b.own.example=127.0.0.1*-2", NULL);
	assert_false(x.wrong);
	/* not in its own parameter, or with words in braces */
	mended(" -o postscreen_dnsbl_sites=dead.own.example\n", " -o postscreen_dnsbl_sites=\n");
	by_hand("postscreen_dnsbl_sites = { dead.own.example } dead.own.example\n", "dead.own.example", 1);
}

static void restrictions(void **state)
{
	mended("smtpd_client_restrictions = permit_mynetworks, reject_rbl_client dead.own.example, reject_rbl_client\n"
	       "  b.own.example=127.0.0.2, permit\n",
	       "smtpd_client_restrictions = permit_mynetworks, reject_rbl_client\n  b.own.example=127.0.0.2, permit\n");
	mended("smtpd_recipient_restrictions = permit_mynetworks,\n\treject_unauth_destination,\n"
	       "\treject_rbl_client dead.own.example,\n\tpermit\n",
	       "smtpd_recipient_restrictions = permit_mynetworks,\n\treject_unauth_destination,\n\tpermit\n");
	mended("smtpd_client_restrictions = reject_rbl_client dead.own.example\nx = y\n",
	       "smtpd_client_restrictions =\nx = y\n");
	mended("smtpd_sender_restrictions = permit_dnswl_client w.own.example=127.0.0.3", NULL);
	mended("# reject_rbl_client dead.own.example\nsmtpd_client_restrictions = reject_rbl_client "
	       "b.own.example=127.0.0.2",
	       NULL);
}

/* What stands around the entry is not known, or would not work without it. */
static void restrictions_by_hand(void **state)
{
	struct explanation x;
	by_hand("strict = reject_rbl_client dead.own.example\n", "reject_rbl_client dead.own.example", 1);
	by_hand("submission inet n - y - - smtpd\n  -o { smtpd_client_restrictions = reject_rbl_client "
		"dead.own.example }\n",
		"reject_rbl_client dead.own.example", 2);
	by_hand("192.0.2.0/24 reject_rbl_client dead.own.example\n", "reject_rbl_client dead.own.example", 1);
	/* the guard of the relay would be the name of a list */
	x = by_hand("smtpd_recipient_restrictions = reject_rbl_client, reject_unauth_destination\n", NULL, 0);
	assert_true(noted(x.items, "takes the next word, reject_unauth_destination, for its name"));
	/* the last word of a value, in all the places that a value may end */
	x = by_hand("smtpd_client_restrictions = permit_mynetworks, reject_rbl_client\n", NULL, 0);
	assert_true(noted(x.items, "no list is named behind it"));
	x = by_hand("smtpd_client_restrictions = warn_if_reject reject_rbl_client,\nsmtpd_helo_required = yes\n", NULL,
		    0);
	assert_true(noted(x.items, "no list is named behind it"));
	x = by_hand("s inet n - y - - smtpd\n  -o "
		    "smtpd_client_restrictions=permit_sasl_authenticated,reject_rhsbl_sender\n",
		    NULL, 0);
	assert_true(noted(x.items, "no list is named behind it"));
	x = by_hand("  warn_if_reject reject_rbl_client dead.own.example\n", "reject_rbl_client dead.own.example", 1);
	assert_true(noted(x.items, "warn_if_reject before it goes with it"));
	by_hand("postconf -e 'smtpd_client_restrictions = reject_rbl_client dead.own.example'\n",
		"reject_rbl_client dead.own.example", 1);
}

static void exim_by_hand(void **state)
{
	static const char *const texts[] = {
		/* what acts before the list is asked acts without it, too */
		"a:\n  warn set acl_m0 = 1\n    dnslists = dead.own.example\n  accept\n",
		"a:\n  deny ratelimit = 5 / 1m\n    dnslists = dead.own.example\n  accept\n",
		"a:\n  deny condition = ${run{/bin/x}}\n    dnslists = dead.own.example\n  accept\n",
		/* a condition that is never true says no here */
		"a:\n  require dnslists = dead.own.example\n  accept\n",
		"a:\n  accept domains = d\n    endpass\n    dnslists = dead.own.example\n  accept\n",
		/* unseen */
		"a:\n  deny MACRO\n    dnslists = dead.own.example\n  accept\n",
		"a:\n  deny\n.ifdef X\n    dnslists = dead.own.example\n.endif\n  accept\n",
		"a:\n  deny dnslists = ${if eq{a}{b}{dead.own.example}{b.own.example=127.0.0.2}}\n  accept\n",
		/* an ACL without a statement, a list that goes beside one that stays */
		"a:\n  deny dnslists = dead.own.example\nb:\n  accept\n",
		"a:\n  deny dnslists = dead.own.example\n    dnslists = b.own.example=127.0.0.2\n  accept\n",
		"CHECK_RCPT_IP_DNSBLS = dead.own.example\n",
	};
	struct explanation x;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		x = explained(texts[i]);
		assert_true(x.by_hand && x.wrong);
		assert_null(x.instead);
	}
	x = by_hand("a:\n  accept ! dnslists = dead.own.example : world.own.example\n  deny\n", "dead.own.example", 2);
	assert_true(noted(x.items, "it is negated") && noted(x.items->next, "it is negated"));
	x = by_hand("deny dnslists = dead.own.example\n", "dead.own.example", 1);
	assert_true(noted(x.items, "take out the whole statement"));
}

static void exim_filters(void **state)
{
	struct explanation x;
	mended("dnslists = b.own.example", "dnslists = b.own.example=127.0.0.2,127.0.0.4,127.0.0.5,127.0.0.30");
	mended("dnslists = b.own.example!=127.255.255.254", NULL);
	mended("dnslists = d.own.example&0.0.0.72/$sender_address_domain", NULL);
	x = mended("dnslists = d.own.example/$sender_address_domain",
		   "dnslists = d.own.example!=127.255.255.252,127.255.255.254,127.255.255.255,127.0.0.1/"
		   "$sender_address_domain");
	assert_true(noted(x.items, "which means \"I do not answer you\": too much"));
	/* addresses behind the slash */
	mended("dnslists = b.own.example=127.0.0.2/${lookup dnsdb{>; a=$sender_address_domain}}", NULL);
	mended("dnslists = no.such.example,b.own.example=127.0.0.2", NULL);
	x = mended("dnslists = w.own.example", NULL);
	assert_true(noted(x.items, "right where mail is accepted"));
	x = by_hand("deny dnslists = b.own.example=127.0.0.[2..4]\n", NULL, 0);
	assert_true(noted(x.items, "no ranges"));
}

/* A line that only writes to the log may look for refusals; one that refuses mail by them shuts the door. */
static void refusals_alone(void **state)
{
	assert_false(mended("smtpd_client_restrictions = warn_if_reject reject_rbl_client "
			    "b.own.example=127.255.255.[1..255]",
			    NULL)
			     .wrong);
	assert_false(mended("warn dnslists = b.own.example=127.255.255.254\n  log_message = refused\n", NULL).wrong);
	assert_true(noted(mended("smtpd_client_restrictions = reject_rbl_client b.own.example=127.255.255.254, permit",
				 "smtpd_client_restrictions = permit")
				  .items,
			  "all mail is refused"));
	assert_false(mended("smtpd_client_restrictions = permit_dnswl_client b.own.example=127.0.0.1", NULL).wrong);
}

/* The list may give what the record does not know. */
static void more_codes(void **state)
{
	struct explanation x = mended("postscreen_dnsbl_sites = m.own.example=127.0.0.9", NULL);
	assert_false(x.wrong);
	assert_true(noted(x.items, "the list gives others, too"));
	mended("postscreen_dnsbl_sites = m.own.example", "postscreen_dnsbl_sites = m.own.example=127.0.0.[2..254]");
}

static void filters_of_content(void **state)
{
	struct explanation x;
	x = by_hand("a { rbl = \"dead.own.example\"; }\nb { rbl = 'no.such.example' }\n", "rbl = \"dead.own.example\";",
		    1);
	assert_true(noted(x.items, "block { } around it"));
	x = mended("rbls { x { rbl = \"b.own.example\"; } y { rbl = \"b.own.example\"; returncodes { A = "
		   "\"127.0.0.2\"; } } }",
		   NULL);
	assert_true(x.wrong);
	assert_true(noted(x.items, "without returncodes"));
	assert_null(x.items->next->notes);
	x = mended("rbls { x { rbl = \"ebl.msbl.org\"; hash = \"sha1\"; returncodes { E = \"127.0.0.2\"; } } }", NULL);
	assert_false(x.wrong);
	by_hand("header A eval:check_rbl('a', 'dead.own.example.')\nscore A 1\n",
		"header A eval:check_rbl('a', 'dead.own.example.')", 1);
	x = mended("header A eval:check_rbl('a', 'b.own.example.')\n", NULL);
	assert_true(noted(x.items, "without a sub-test"));
	assert_false(mended("header A eval:check_rbl('a', 'b.own.example.', '127.0.0.2')\n", NULL).wrong);
	assert_false(mended("urirhssub A d.own.example. A 8\n", NULL).wrong);
	by_hand("score A 1\nurirhsbl A dead.own.example. A\n", "urirhsbl A dead.own.example. A", 2);
}

static void list_files(void **state)
{
	struct explanation x;
	by_hand("[rbl]\nserver=dead.own.example\n;server=w.own.example\nserver = no.such.example\n",
		"server=dead.own.example", 2);
	x = by_hand("# mine\n\"dead.own.example\"\nno.such.example # x\nw.own.example\n", "\"dead.own.example\"", 2);
	assert_true(noted(x.items->next->next, "whitelist used as a blocklist"));
	by_hand("dead.own.example\nworld.own.example", "dead.own.example", 1);
}

/* Of these no text is written: which list is asked, and what has to go. */
static void other_formats(void **state)
{
	static const struct {
		const char *text, *part, *syntax;
		size_t line;
	} rows[] = {
		{"dnl FEATURE(`dnsbl', `world.own.example')\nFEATURE(`dnsbl', `dead.own.example', `\"550 a, b\"')dnl\n",
		 "FEATURE(`dnsbl', `dead.own.example', `\"550 a, b\"')", "FEATURE(dnsbl)", 2},
		{"FEATURE(`enhdnsbl', `dead.own.example', `x', `t', `127.0.0.2.')\n",
		 "FEATURE(`enhdnsbl', `dead.own.example', `x', `t', `127.0.0.2.')", "FEATURE(enhdnsbl)", 1},
		{"exec rblsmtpd -a w.own.example -r'dead.own.example:no' qmail-smtpd\n", "-r'dead.own.example",
		 "rblsmtpd", 1},
		{"filter x proc-exec \"filter-dnsbl -m b.own.example dead.own.example\"\n", "dead.own.example",
		 "filter-dnsbl", 1},
		{"dns-blacklist-entry=dead.own.example\n", "dead.own.example", "dns-blacklist-entry", 1},
		{"@dnsbl_score = (\n 'dead.own.example', 3.25, 0, 'X',\n);\n", "dead.own.example", "policyd-weight", 2},
		{"[main]\nzones=b.own.example, dead.own.example\n", "dead.own.example", "Haraka zones", 2},
		{"zmprov mcf zimbraMtaRestrictionRBLs dead.own.example\n", "dead.own.example",
		 "zimbraMtaRestrictionRBLs", 1},
		{"zmprov mcf +zimbraMtaRestriction \"reject_rbl_client dead.own.example\"\n",
		 "reject_rbl_client dead.own.example", "reject_rbl_client", 1},
		{"postconf -e \"postscreen_dnsbl_sites = no.such.example*2, dead.own.example*2\"\n",
		 "dead.own.example*2", "postscreen_dnsbl_sites", 1},
		{"p:\n  postscreen_dnsbl_sites:\n  - no.such.example*2\n  - dead.own.example*2\n  x: y\n",
		 "dead.own.example*2", "postscreen_dnsbl_sites", 4},
		{"{\"postscreen_dnsbl_sites\": [\"b.own.example=127.0.0.[2..5]*2\", \"dead.own.example*2\"]}\n",
		 "dead.own.example*2", "postscreen_dnsbl_sites", 1},
		{"services.postfix.config.postscreen_dnsbl_sites = [ \"dead.own.example*2\" ];\n", "dead.own.example*2",
		 "postscreen_dnsbl_sites", 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanation x = by_hand(rows[i].text, rows[i].part, rows[i].line);
		const struct explain_item *gone = x.items;
		while (!gone->remove)
			gone = gone->next;
		assert_string_equal(gone->syntax, rows[i].syntax);
	}
}

static void unread_programs(void **state)
{
	refused("Add-IPBlockListProvider -Name X -LookupDomain dead.own.example\n", "Microsoft Exchange");
	refused("SMTP:\n\tDNSBLs:\n\t\t- dead.own.example\n", "mox");
	refused("check {\n  dnsbl {\n    dead.own.example { }\n  }\n}\n", "maddy");
	refused("[spam-filter.dnsbl.server.x]\nzone = \"dead.own.example\"\n", "Stalwart");
	refused("INSERT INTO hm_dnsbl VALUES ('dead.own.example')\n", "hMailServer");
	assert_null(explain_unread(span_str("550 blocked by DNSBLs: b.own.example")));
}

/* What is suggested would be right to the eye that looks for what is wrong. */
static void suggestions(void **state)
{
	for (size_t i = 0; suggest_program(i); i++) {
		struct buf text = buf_make(1 << 20);
		struct explanation x;
		assert_true(suggest_config(site.catalogue, suggest_program(i), &text));
		assert_null(strstr(buf_text(&text), "{key}"));
		assert_null(strstr(buf_text(&text), "dead.own.example"));
		x = explained(buf_text(&text));
		assert_true(x.config && x.count > 4);
		assert_false(x.wrong);
		buf_release(&text);
	}
}

static void keys_hidden(void **state)
{
	/* a text with another name in the key's place would ask nobody */
	struct explanation x =
		by_hand("postscreen_dnsbl_sites = secretkey.k.own.example dead.own.example", "dead.own.example", 1);
	assert_string_equal(x.items->given, "{key}.k.own.example");
	x = by_hand("smtpd_client_restrictions = reject_rbl_client k.own.example", NULL, 0);
	assert_true(noted(x.items, "needs your key"));
}

static void filter_forms(void **state)
{
	struct filter f;
	filter_parse(SYNTAX_POSTSCREEN, span_str("=127.0.[0;2].[2..11;30]"), &f);
	assert_true(filter_takes(&f, 0x7f00021e) && filter_takes(&f, 0x7f000002));
	assert_false(filter_takes(&f, 0x7f000102) || filter_takes(&f, 0x7f00000c) || filter_takes(&f, 0x7ffffffe));
	filter_parse(SYNTAX_EXIM, span_str("!=127.0.0.2,127.0.0.3"), &f);
	assert_true(filter_takes(&f, 0x7f000004) && !filter_takes(&f, 0x7f000003));
	filter_parse(SYNTAX_EXIM, span_str("&0.0.0.6"), &f);
	assert_true(filter_takes(&f, 0x7f000007) && !filter_takes(&f, 0x7f000004));
	static const char *const bad[] = {"=",           "=127.0.0",     "=127.0.0.256",   "=127.0.0.[2..",
					  "=127.0.0.[]", "=127.0.0.2.3", "=127.0.0.[5..x]"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		filter_parse(SYNTAX_POSTSCREEN, span_str(bad[i]), &f);
		assert_int_equal(f.kind, FILTER_UNREADABLE);
	}
}

static void limits(void **state)
{
	struct buf text = buf_make(8 << 20);
	struct explanation x;
	struct error err = {""};
	for (int i = 0; i < 3000; i++)
		buf_printf(&text, "reject_rbl_client a%d.example,", i);
	assert_int_equal(explain(site.catalogue, buf_span(&text), &arena, &x, &err), -E2BIG);
	buf_clear(&text);
	for (int i = 0; i < 200000; i++)
		buf_add_str(&text, "a.b.c.d ");
	assert_int_equal(explain(site.catalogue, buf_span(&text), &arena, &x, &err), -E2BIG);
	buf_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zone_and_code),
		TEST(codes_of_one_answer),
		TEST(names_asked),
		TEST(zones_and_replies),
		TEST(look_ups_without_a_listing),
		TEST(texts_alone),
		TEST(nothing_known),
		TEST(postscreen),
		TEST(postscreen_only_dead),
		TEST(restrictions),
		TEST(restrictions_by_hand),
		TEST(exim_by_hand),
		TEST(exim_filters),
		TEST(refusals_alone),
		TEST(more_codes),
		TEST(filters_of_content),
		TEST(list_files),
		TEST(other_formats),
		TEST(unread_programs),
		TEST(suggestions),
		TEST(keys_hidden),
		TEST(filter_forms),
		TEST(limits),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
