/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <stdio.h>

#include <errno.h>

static struct catalogue *built_in;

static int load(void **state)
{
	const struct catalogue_config none = {0};
	struct error err;
	return catalogue_load(&none, NULL, NULL, &built_in, &err);
}

static int unload(void **state)
{
	built_in = catalogue_free(built_in);
	return 0;
}

static void match_forms(void **state)
{
	static const struct list_answer rows[] = {
		{.match = MATCH_RANGE, .first = 0x7f000002, .last = 0x7f000002, .meaning = "two"},
		{.match = MATCH_RANGE, .first = 0x7f000004, .last = 0x7f000007, .meaning = "four"},
		{.match = MATCH_OCTETS, .first = 0x7f010002, .last = 0xffff00ff, .meaning = "pattern"},
	};
	static const struct list_refusal refusals[] = {{.first = 0x7f0000fa, .last = 0x7f0000ff, .why = WHY_VOLUME}};
	const struct list l = {.answers = rows, .answer_count = 3, .refusals = refusals, .refusal_count = 1};
	size_t at = 0;
	assert_ptr_equal(list_answer_find(&l, 0x7f000002, &at), &rows[0]);
	assert_null(list_answer_find(&l, 0x7f000002, &at));
	assert_ptr_equal(list_answer_find(&l, 0x7f000006, NULL), &rows[1]);
	assert_ptr_equal(list_answer_find(&l, 0x7f012302, NULL), &rows[2]);
	assert_null(list_answer_find(&l, 0x7f012303, NULL));
	assert_null(list_answer_find(&l, 0x7f000008, NULL));
	assert_ptr_equal(list_refusal_find(&l, 0x7f0000fb), &refusals[0]);
	assert_null(list_refusal_find(&l, 0x7f0000f9));
}

static void match_bits(void **state)
{
	static const struct list_answer rows[] = {
		{.match = MATCH_BIT, .first = 8, .last = 0x7f000000},
		{.match = MATCH_RANGE, .first = 0x7f000001, .last = 0x7f0000ff},
		{.match = MATCH_BIT, .first = 64, .last = 0x7f000000},
	};
	const struct list l = {.answers = rows, .answer_count = 3};
	size_t at = 0;
	assert_ptr_equal(list_answer_find(&l, 0x7f000048, &at), &rows[0]);
	assert_ptr_equal(list_answer_find(&l, 0x7f000048, &at), &rows[2]);
	assert_null(list_answer_find(&l, 0x7f000048, &at));
	at = 0;
	assert_ptr_equal(list_answer_find(&l, 0x7f000010, &at), &rows[1]);
	assert_null(list_answer_find(&l, 0x7f000010, &at));
	assert_null(list_answer_find(&l, 0x7f000108, NULL));
}

static void templates(void **state)
{
	struct arena arena = arena_make(1 << 20);
	assert_null(list_template(&arena, NULL, "192.0.2.1"));
	assert_string_equal(list_template(&arena, "https://x.example/?a={ip}&b={target}", "192.0.2.1"),
			    "https://x.example/?a=192.0.2.1&b=192.0.2.1");
	assert_string_equal(list_template(&arena, "https://x.example/{domain}", "a b/\"?&#\xc3\xa4"),
			    "https://x.example/a%20b%2F%22%3F%26%23%C3%A4");
	assert_string_equal(list_template(&arena, "https://x.example/{ip}", "2001:db8::1"),
			    "https://x.example/2001%3Adb8%3A%3A1");
	assert_string_equal(list_template(&arena, "https://x.example/", "y"), "https://x.example/");
	arena_release(&arena);
}

static void words(void **state)
{
	assert_string_equal(list_class_text(CLASS_INFORMATION), "information");
	assert_string_equal(list_state_text(LIST_FRAUDULENT), "fraudulent");
	assert_string_equal(impact_text(IMPACT_MEDIUM), "medium");
	assert_string_equal(scope_text(SCOPE_PREFIX64), "prefix");
	assert_string_equal(scope_text(SCOPE_AS), "as");
	assert_string_equal(refusal_why_text(WHY_GENERIC_PTR), "generic_ptr");
	assert_string_equal(cause_text(CAUSE_POLICY_LISTING), "policy_listing");
	assert_string_equal(cause_text(CAUSE_COMPROMISED_ACCOUNT), "compromised_account");
	assert_string_equal(removal_method_text(REMOVAL_VISIT), "visit");
	assert_string_equal(removal_who_text(WHO_NETWORK_OWNER), "network_owner");
}

static void dnswl_octets(void **state)
{
	const struct list *l = catalogue_find(built_in, "list.dnswl.org");
	assert_non_null(l);
	assert_int_equal(l->class, CLASS_WHITE);
	assert_string_equal(list_answer_find(l, 0x7f000502, NULL)->list, "trust medium");
	assert_string_equal(list_answer_find(l, 0x7f000f00, NULL)->list, "trust none");
	assert_int_equal(list_refusal_find(l, 0x7f0000ff)->why, WHY_VOLUME);
	assert_int_equal(list_refusal_find(l, 0x7f000a03)->why, WHY_VOLUME); /* what heavy askers get of everybody */
	assert_int_equal(l->test.answer, 0x7f000a00);                        /* but its test entry is right */
	assert_null(list_refusal_find(l, 0x7f000903));
}

static const struct list *list(const char *zone)
{
	const struct list *l = catalogue_find(built_in, zone);
	assert_non_null(l);
	return l;
}

static void zen_codes(void **state)
{
	static const struct {
		uint32_t code;
		const char *sub_list;
		enum list_class class;
	} rows[] = {{0x7f000002, "SBL", CLASS_BLOCK},  {0x7f000003, "CSS", CLASS_BLOCK},
		    {0x7f000004, "XBL", CLASS_BLOCK},  {0x7f000007, "XBL", CLASS_BLOCK},
		    {0x7f000009, "DROP", CLASS_BLOCK}, {0x7f00000b, "PBL", CLASS_POLICY}};
	const struct list *l = list("zen.spamhaus.org");
	assert_int_equal(l->impact, IMPACT_HIGH);
	assert_true(l->query == (QUERY_IP4 | QUERY_IP6) && l->enabled);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct list_answer *a = list_answer_find(l, rows[i].code, NULL);
		assert_non_null(a);
		assert_memory_equal(a->list, rows[i].sub_list, 3);
		assert_int_equal(a->class, rows[i].class);
	}
	assert_int_equal(list_answer_find(l, 0x7f00000a, NULL)->class, CLASS_POLICY);
	assert_int_equal(list_refusal_find(l, 0x7ffffffe)->why, WHY_PUBLIC_RESOLVER);
	assert_int_equal(list_refusal_find(l, 0x7fffffff)->why, WHY_VOLUME);
	assert_int_equal(list_refusal_find(l, 0x7ffffffc)->why, WHY_TYPO);
	assert_string_equal(list("anykey.zen.dq.spamhaus.net")->zone, "{key}.zen.dq.spamhaus.net");
	assert_string_equal(list("sbl.spamhaus.org")->part_of.at[0], "zen.spamhaus.org");
}

static void surbl_bits(void **state)
{
	const struct list *l = list("multi.surbl.org");
	size_t at = 0;
	const struct list_answer *a = list_answer_find(l, 0x7f000048, &at), *b = list_answer_find(l, 0x7f000048, &at);
	assert_int_equal(a->first + b->first, 72);
	assert_null(list_answer_find(l, 0x7f000048, &at));
	assert_non_null(list_refusal_find(l, 0x7f000001));
}

/* It lists 127.0.0.1 itself, as white. */
static void hostkarma(void **state)
{
	const struct list *l = list("hostkarma.junkemailfilter.com");
	assert_true(l->query & QUERY_IP4 && l->query & (QUERY_DOMAIN | QUERY_REGISTRABLE));
	assert_int_equal(list_answer_find(l, 0x7f000001, NULL)->class, CLASS_WHITE);
	assert_int_equal(list_answer_find(l, 0x7f000002, NULL)->impact, IMPACT_MEDIUM);
	assert_int_equal(l->test.ip4_clear.family, 0);
	assert_int_equal(l->state, LIST_DISPUTED);
}

static void dead_ones(void **state)
{
	const struct list *l = list("dnsbl.sorbs.net");
	assert_int_equal(l->state, LIST_CLOSED);
	assert_string_equal(l->since, "2024-06-05");
	assert_string_equal(l->closed_how, "emptied");
	assert_false(l->enabled);
}

static void found_by_name(void **state)
{
	const struct list *l = catalogue_find(built_in, "list.dnswl.org");
	assert_ptr_equal(catalogue_find(built_in, "LIST.dnswl.ORG."), l);
	assert_null(catalogue_find(built_in, "dnswl.org"));
	assert_null(catalogue_find(built_in, ""));
	assert_null(catalogue_find(built_in, "."));
	assert_null(catalogue_at(built_in, catalogue_count(built_in)));
	for (size_t i = 0; i < catalogue_count(built_in); i++)
		assert_ptr_equal(catalogue_find(built_in, catalogue_at(built_in, i)->zone), catalogue_at(built_in, i));
}

#define KEYED                                                                                                          \
	"operator: {name: Own}\nlists:\n- {zone: '{key}.k.example', key: own_key, name: N, class: block, query: "      \
	"[ip4],"                                                                                                       \
	" status: active, sources: [{name: s}]}\n- {zone: '{key}.m.example', key: other, name: N, class: block,"       \
	" query: [ip4], status: active, sources: [{name: s}]}\n"

static void keyed(void **state)
{
	char text[] = "a ABCdefg1234.k.example b abcdEFG1234, abcdefg12 x";
	const struct list *l;
	struct site s;
	site_init(&s);
	site_record(&s, "k.yaml", KEYED);
	site_keys(&s, "own_key: abcdefg1234\nother: abcdefg12\n", 0640);
	site_load(&s);
	assert_string_equal(buf_text(&s.faults), "");
	l = catalogue_find(s.catalogue, "abcdefg1234.k.example");
	assert_non_null(l);
	assert_ptr_equal(l, catalogue_find(s.catalogue, "{key}.k.example"));
	assert_ptr_equal(l, catalogue_find(s.catalogue, "k.example"));
	assert_string_equal(catalogue_query_zone(s.catalogue, l), "abcdefg1234.k.example");
	assert_string_equal(catalogue_query_zone(s.catalogue, catalogue_find(s.catalogue, "list.dnswl.org")),
			    "list.dnswl.org");
	catalogue_redact(s.catalogue, text);
	assert_string_equal(text, "a {key}.k.example b {key}, {key} x");
	site_release(&s);
	site_init(&s);
	site_record(&s, "k.yaml", KEYED);
	site_load(&s);
	assert_null(catalogue_query_zone(s.catalogue, catalogue_find(s.catalogue, "k.example")));
	site_release(&s);
}

static void key_faults(void **state)
{
	struct site s;
	site_init(&s);
	site_record(&s, "k.yaml", KEYED);
	site_keys(&s, "own_key: no.label\nsecretsecret: own_key\nother: 1234\n", 0644);
	site_load(&s);
	assert_int_equal(s.result, -EBADMSG);
	assert_string_equal(buf_text(&s.faults),
			    "keys: has mode 0644, expected nothing for others (chmod 0640)\n"
			    "keys:1:1: own_key: not a key, expected 5 to 63 letters, digits, hyphens and underscores\n"
			    "keys:2:1: no list needs a key of this name (offlist lists shows them)\n"
			    "keys:3:1: other: not a key, expected 5 to 63 letters, digits, hyphens and underscores\n");
	site_release(&s);
}

/* No fault of the key file shows any of its values. */
static void keys_stay_secret(void **state)
{
	static const char *const files[] = {"own_key: [topsecret]\n",
					    "own_key: {topsecret: a}\n",
					    "own_key: &topsecret x\n",
					    "own_key: *topsecret\n",
					    "own_key: !topsecret x\n",
					    "own_key: \"topsecret\n",
					    "own_key: topsecret: b\n",
					    "- topsecret\n",
					    "topsecret\n",
					    "topsecret: own_key\n",
					    "own_key: topsecret x\n"};
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct site s;
		site_init(&s);
		site_record(&s, "k.yaml", KEYED);
		site_keys(&s, files[i], 0600);
		site_load(&s);
		assert_int_equal(s.result, -EBADMSG);
		assert_null(strstr(buf_text(&s.faults), "topsecret"));
		assert_null(strstr(s.err.text, "topsecret"));
		site_release(&s);
	}
}

/* A key that is not in our key file, in all forms that its zone is written in. */
static void keys_of_others_are_hidden(void **state)
{
	static const char *const rows[][2] = {
		{"blocked using abcdefghij.zen.dq.spamhaus.net; x", "blocked using {key}.zen.dq.spamhaus.net; x"},
		{"10.2.0.192.abcdefghij.zen.dq.spamhaus.net.", "10.2.0.192.{key}.zen.dq.spamhaus.net."},
		{"10.2.0.192.ABCDEFGHIJ.ZEN.DQ.SPAMHAUS.NET", "10.2.0.192.{key}.ZEN.DQ.SPAMHAUS.NET"},
		{"abcdefghij.zEn.dQ.Spamhaus.Net", "{key}.zEn.dQ.Spamhaus.Net"},
		{"abcdefghij\\.combined\\.mail\\.abusix\\.zone$", "{key}\\.combined\\.mail\\.abusix\\.zone$"},
		{"?q=abcdefghij%2Ecombined%2Email%2Eabusix%2Ezone&", "?q={key}%2Ecombined%2Email%2Eabusix%2Ezone&"},
		{"abcdefghij[.]dbl[.]dq[.]spamhaus[.]net", "{key}[.]dbl[.]dq[.]spamhaus[.]net"},
		{"abcdefghij\\046zen\\046dq\\046spamhaus\\046net", "{key}\\046zen\\046dq\\046spamhaus\\046net"},
		{"a.abcdefghij.zen.dq.spamhaus.net,b.klmnopqrst.zen.dq.spamhaus.net",
		 "a.{key}.zen.dq.spamhaus.net,b.{key}.zen.dq.spamhaus.net"},
		/* zones of the same operators that no record has */
		{"x._email.aip3vf63ilrphalpkvbhzzvnie.hbl.dq.spamhaus.net", "x._email.{key}.hbl.dq.spamhaus.net"},
		{"aip3vf63ilrphalpkvbhzzvnie[.]new[.]mail[.]abusix[.]zone", "{key}[.]new[.]mail[.]abusix[.]zone"},
		{"mail.example.new.mail.abusix.zone", "mail.example.new.mail.abusix.zone"},
		/* none is there */
		{"10.2.0.192.zen.dq.spamhaus.net", "10.2.0.192.zen.dq.spamhaus.net"},
		{"{key}.zen.dq.spamhaus.net zen.dq.spamhaus.net", "{key}.zen.dq.spamhaus.net zen.dq.spamhaus.net"},
		{"mail.example.zen.spamhaus.org", "mail.example.zen.spamhaus.org"},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[256];
		snprintf(text, sizeof(text), "%s", rows[i][0]);
		catalogue_redact(built_in, text);
		assert_string_equal(text, rows[i][1]);
	}
}

/* What every record must be for the rest of the program. */
static void every_list(void **state)
{
	for (size_t i = 0; i < catalogue_count(built_in); i++) {
		const struct list *l = catalogue_at(built_in, i);
		assert_true(*l->name && *l->operator_name && l->file && l->line > 0 && l->source_count > 0);
		assert_true(l->enabled == (l->state <= LIST_DISPUTED && l->query != 0));
		for (size_t j = 0; j < l->answer_count; j++)
			assert_true(*l->answers[j].meaning && l->answers[j].first > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(match_forms),
		cmocka_unit_test(match_bits),
		cmocka_unit_test(templates),
		cmocka_unit_test(words),
		cmocka_unit_test(dnswl_octets),
		cmocka_unit_test(found_by_name),
		cmocka_unit_test(keyed),
		cmocka_unit_test(key_faults),
		cmocka_unit_test(keys_stay_secret),
		cmocka_unit_test(keys_of_others_are_hidden),
		cmocka_unit_test(every_list),
		cmocka_unit_test(zen_codes),
		cmocka_unit_test(surbl_bits),
		cmocka_unit_test(hostkarma),
		cmocka_unit_test(dead_ones),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
