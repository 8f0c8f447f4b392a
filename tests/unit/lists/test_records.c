/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD        "operator: {name: Own}\nlists:\n"
#define WHOLE(zone) "- {zone: " zone ", name: N, class: block, query: [ip4], status: active, sources: [{name: s}]"

static void a_whole_record(void **state)
{
	static const char yaml[] =
		"operator:\n  name: Own\n  url: https://own.example/\n  notes: [of the operator]\n"
		"  terms: {per_day: 1000, rate: 0.5, public_resolvers: refused, commercial: forbidden}\n"
		"lists:\n- zone: bl.own.example\n  name: Own\n  class: policy\n  query: [ip4, ip6]\n  status: "
		"disputed\n"
		"  qualified: seldom asked\n  since: 2024-06\n  impact: high\n  scope: prefix24\n  suggests: [script]\n"
		"  terms: {burst: 10, rate: none, sweeps: forbidden, registration: required, note: n}\n"
		"  answers:\n"
		"  - code: 127.0.0.2\n    meaning: two\n"
		"  - range: 127.0.0.4-127.0.0.7\n    list: X\n    meaning: four\n    class: information\n    impact: "
		"low\n"
		"    scope: as\n    suggests: [malware, open_relay]\n"
		"    removal: {who: network_owner, first: [SBL]}\n"
		"  refusals:\n  - {range: 127.0.0.250-127.0.0.255, why: volume, meaning: too much}\n"
		"  test: {ip6: {}, answer: 127.0.0.99, note: n}\n"
		"  evidence: https://own.example/?q={target}\n"
		"  removal: {method: form, who: anyone, url: 'https://own.example/{ip}', address: a@own.example,\n"
		"    steps: [one, two], cooldown_s: 60, expires_after_s: 3600, paid: true, counts_removals: true, "
		"advice: no}\n"
		"  notes: [x]\n  sources: [{name: us, date: 2024}, {name: them}]\n";
	struct site s;
	const struct list *l;
	site_init(&s);
	site_record(&s, "own.yaml", yaml);
	site_load(&s);
	assert_string_equal(buf_text(&s.faults), "");
	l = catalogue_find(s.catalogue, "BL.own.example.");
	assert_non_null(l);
	assert_string_equal(l->operator_url, "https://own.example/");
	assert_string_equal(l->operator_notes.at[0], "of the operator");
	assert_int_equal(l->class, CLASS_POLICY);
	assert_int_equal(l->query, QUERY_IP4 | QUERY_IP6);
	assert_true(l->enabled);
	assert_string_equal(l->since, "2024-06");
	assert_int_equal(l->scope, SCOPE_PREFIX24);
	assert_int_equal(l->scope6, SCOPE_PREFIX64);
	assert_int_equal(l->terms.per_day, 1000);
	assert_true(l->terms.unlimited);
	assert_int_equal(l->terms.burst, 10);
	assert_int_equal(l->terms.public_resolvers, TERM_NO);
	assert_int_equal(l->terms.commercial, TERM_NO);
	assert_int_equal(l->terms.sweeps, TERM_NO);
	assert_true(l->terms.registration);
	assert_int_equal(l->answer_count, 2);
	assert_int_equal(l->answers[0].class, CLASS_POLICY);
	assert_int_equal(l->answers[0].impact, IMPACT_HIGH);
	assert_int_equal(l->answers[0].scope, SCOPE_PREFIX24);
	assert_int_equal(l->answers[0].suggests, 1 << CAUSE_SCRIPT);
	assert_int_equal(l->answers[0].removal.who, WHO_ANYONE);
	assert_int_equal(l->answers[0].own, 0);
	assert_int_equal(l->answers[1].class, CLASS_INFORMATION);
	assert_int_equal(l->answers[1].suggests, 1 << CAUSE_MALWARE | 1 << CAUSE_OPEN_RELAY);
	assert_int_equal(l->answers[1].removal.who, WHO_NETWORK_OWNER);
	assert_int_equal(l->answers[1].removal.method, REMOVAL_FORM);
	assert_string_equal(l->answers[1].removal.first.at[0], "SBL");
	assert_int_equal(l->answers[1].removal.cooldown_s, 60);
	assert_true(l->test.ip4 && l->test.ip6 && !l->test.domain);
	assert_int_equal(l->test.ip6_listed.family, 6);
	assert_int_equal(l->test.ip6_listed.octets[12], 127);
	assert_int_equal(l->test.ip6_listed.octets[15], 2);
	assert_int_equal(l->test.answer, 0x7f000063);
	assert_int_equal(l->source_count, 2);
	assert_null(l->sources[1].date);
	assert_int_equal(l->line, 7);
	site_release(&s);
}

static void defaults(void **state)
{
	struct site s;
	const struct list *l;
	site_init(&s);
	site_record(&s, "own.yaml",
		    HEAD WHOLE("bl.own.example") "}\n"
						 "- {zone: d.own.example, name: D, class: domain, query: [domain], "
						 "status: unverified, sources: [{name: s}]}\n"
						 "- {zone: t.own.example, name: T, class: block, query: [ip4, domain], "
						 "status: active, sources: [{name: s}],\n"
						 "   test: {ip4: {listed: 127.0.0.2, clear: none}, domain: none}}\n");
	site_load(&s);
	l = catalogue_find(s.catalogue, "bl.own.example");
	assert_int_equal(l->terms.per_day, -1);
	assert_true(l->terms.rate > 1.9 && l->terms.rate < 2.1);
	assert_int_equal(l->terms.burst, 300);
	assert_int_equal(l->removal.method, REMOVAL_UNKNOWN);
	assert_string_equal(removal_method_text(l->removal.method), "unknown");
	assert_int_equal(l->removal.who, WHO_UNKNOWN);
	assert_int_equal(l->removal.cooldown_s, -1);
	assert_int_equal(l->impact, IMPACT_LOW);
	assert_int_equal(l->scope, SCOPE_ADDRESS);
	assert_int_equal(l->test.ip4_clear.octets[3], 1);
	assert_false(l->test.ip6);
	l = catalogue_find(s.catalogue, "d.own.example");
	assert_false(l->enabled);
	assert_false(l->test.ip4);
	assert_string_equal(l->test.domain_listed, "test");
	assert_string_equal(l->test.domain_clear, "invalid");
	assert_int_equal(l->scope, SCOPE_DOMAIN);
	l = catalogue_find(s.catalogue, "t.own.example");
	assert_true(l->test.ip4);
	assert_int_equal(l->test.ip4_clear.family, 0);
	assert_false(l->test.domain);
	site_release(&s);
}

static void over_the_built_in(void **state)
{
	struct site s;
	struct catalogue *plain;
	const struct catalogue_config none = {0};
	const struct list *before, *l;
	struct error err;
	assert_int_equal(catalogue_load(&none, NULL, NULL, &plain, &err), 0);
	before = catalogue_find(plain, "list.dnswl.org");
	site_init(&s);
	site_record(&s, "own.yaml",
		    "lists:\n- zone: list.dnswl.org\n  status: unverified\n  class: score\n  impact: medium\n"
		    "  terms: {rate: none}\n  removal: {who: listed_host}\n");
	site_load(&s);
	assert_string_equal(buf_text(&s.faults), "");
	l = catalogue_find(s.catalogue, "list.dnswl.org");
	assert_int_equal(l->state, LIST_UNVERIFIED);
	assert_false(l->enabled);
	assert_true(l->terms.unlimited);
	assert_int_equal(l->terms.per_day, before->terms.per_day);
	assert_string_equal(l->name, before->name);
	assert_int_equal(l->answer_count, before->answer_count);
	/* what answers take from their list follows it */
	assert_int_equal(before->answers[0].class, CLASS_WHITE);
	assert_int_equal(l->answers[0].class, CLASS_SCORE);
	assert_int_equal(l->answers[0].impact, IMPACT_MEDIUM);
	assert_int_equal(l->answers[0].removal.who, WHO_LISTED_HOST);
	assert_int_equal(l->answers[0].removal.method, REMOVAL_NONE);
	assert_int_equal(catalogue_count(s.catalogue), catalogue_count(plain));
	for (size_t i = 1; i < catalogue_count(s.catalogue); i++)
		assert_true(strcmp(catalogue_at(s.catalogue, i - 1)->zone, catalogue_at(s.catalogue, i)->zone) < 0);
	catalogue_free(plain);
	site_release(&s);
}

static void enabled_by_the_settings(void **state)
{
	const char *const on[] = {"dnsbl.abyan.es"}, *const unknown[] = {"no.such.example"};
	struct catalogue_config config = {.enable = on, .enable_count = 1}, none = {0};
	struct catalogue *c;
	struct error err;
	const struct list *off = NULL;
	assert_int_equal(catalogue_load(&none, NULL, NULL, &c, &err), 0);
	for (size_t i = 0; i < catalogue_count(c) && !off; i++)
		if (catalogue_at(c, i)->state == LIST_UNVERIFIED)
			off = catalogue_at(c, i);
	assert_non_null(off);
	assert_false(off->enabled);
	catalogue_free(c);
	config.enable = &off->zone;
	assert_int_equal(catalogue_load(&config, NULL, NULL, &c, &err), 0);
	assert_true(catalogue_find(c, off->zone)->enabled);
	catalogue_free(c);
	config.enable = unknown;
	assert_int_equal(catalogue_load(&config, NULL, NULL, &c, &err), -EBADMSG);
	assert_string_equal(err.text, "check: enable: \"no.such.example\" is no zone of the catalogue");
}

static void not_whole(void **state)
{
	expect_faults("operator: {name: Own}\nlists:\n- zone: new.example\n",
		      "a.yaml:3:3: name: missing; a list that the catalogue does not have needs it\n"
		      "a.yaml:3:3: class: missing; a list that the catalogue does not have needs it\n"
		      "a.yaml:3:3: query: missing; a list that the catalogue does not have needs it\n"
		      "a.yaml:3:3: status: missing; a list that the catalogue does not have needs it\n"
		      "a.yaml:3:3: sources: missing; a list that the catalogue does not have needs it\n");
	expect_faults("lists:\n" WHOLE("new.example") "}\n",
		      "a.yaml:2:3: operator: missing in the file; a list that the catalogue does not have needs one\n");
	expect_faults("", "a.yaml:1:1: lists: missing in a file of lists\n");
	expect_faults(HEAD "- {name: x}\n", "a.yaml:3:3: zone: missing in a list record\n");
	expect_faults(HEAD "- {zone: list.dnswl.org, sources: []}\n",
		      "a.yaml:3:35: sources: is empty, expected at least one\n");
}

static void codes(void **state)
{
	expect_faults(
		HEAD WHOLE("new.example") ",\n  answers: [\n  {code: 128.0.0.2, meaning: m},\n"
					  "  {range: 127.0.0.5-127.0.0.4, meaning: m},\n"
					  "  {bits: 127.0.0.3, meaning: m},\n"
					  "  {octets: 127.0.*.256, meaning: m},\n"
					  "  {octets: \"*.0.0.1\", meaning: m},\n"
					  "  {meaning: m},\n"
					  "  {code: 127.0.0.2, bits: 127.0.0.2, meaning: m},\n"
					  "  {code: 127.0.0.9, meaning: m},\n"
					  "  {code: 127.0.0.9, meaning: m}],\n"
					  "  refusals: [{why: volume, meaning: m}, {code: 127.0.0.1, why: bored}]}\n",
		"a.yaml:5:10: code: \"128.0.0.2\", expected an address inside 127.0.0.0/8\n"
		"a.yaml:6:11: range: \"127.0.0.5-127.0.0.4\", expected 127.A.B.C-127.D.E.F, the lower one first\n"
		"a.yaml:7:10: bits: \"127.0.0.3\", expected an address inside 127.0.0.0/8 with one bit set in its last "
		"octet\n"
		"a.yaml:8:12: octets: \"127.0.*.256\", expected a pattern like 127.0.*.2\n"
		"a.yaml:9:12: octets: \"*.0.0.1\", expected a pattern like 127.0.*.2\n"
		"a.yaml:14:64: why: \"bored\", expected public_resolver, generic_ptr, volume, key, registration or "
		"typo\n"
		"a.yaml:14:41: meaning: missing in a refusal\n"
		"a.yaml:10:3: answers: 0 of code, range, bits and octets in one answer, expected one of them\n"
		"a.yaml:11:3: answers: 2 of code, range, bits and octets in one answer, expected one of them\n"
		"a.yaml:13:3: answers: the same code as the answer on line 12\n"
		"a.yaml:14:14: refusals: code or range, expected one of them in each refusal\n");
}

static void rules(void **state)
{
	expect_faults(HEAD "- {zone: BL.example, status: open}\n",
		      "a.yaml:3:10: zone: \"BL.example\", expected a zone in lower case, {key}. in front where a key "
		      "is part of "
		      "the name\n"
		      "a.yaml:3:30: status: \"open\", expected active, disputed, unverified, closed or fraudulent\n");
	expect_faults(
		HEAD WHOLE(
			"new.example") ", evidence: ftp://x, lookup: 'https://x/{zone}',\n"
				       "  removal: {address: nobody}, since: 2024-02-30, part_of: [a.b, new.example],\n"
				       "  closed: {instead: c.d}, key: k, zoen: x}\n",
		"a.yaml:3:108: evidence: \"ftp://x\", expected a URL with http:// or https://, holes only {target}, "
		"{ip} and "
		"{domain}\n"
		"a.yaml:3:125: lookup: \"https://x/{zone}\", expected a URL with http:// or https://, holes only "
		"{target}, "
		"{ip} and {domain}\n"
		"a.yaml:4:22: address: \"nobody\", expected a mail address\n"
		"a.yaml:4:38: since: \"2024-02-30\", expected a date: YYYY-MM-DD, YYYY-MM or YYYY\n"
		"a.yaml:5:35: zoen: unknown key in a list record, did you mean \"zone\"?\n"
		"a.yaml:5:32: key: without {key} in the zone\n"
		"a.yaml:5:11: closed: only for the status closed or fraudulent\n"
		"a.yaml:4:60: part_of: \"a.b\" is no zone of the catalogue\n"
		"a.yaml:4:59: part_of: goes in a circle: the list would hold itself\n"
		"a.yaml:5:21: instead: \"c.d\" is no zone of the catalogue\n");
	expect_faults(HEAD WHOLE("a.example") "}\n" WHOLE("'{key}.a.example'") ", key: k}\n",
		      "a.yaml:4:10: zone: \"{key}.a.example\" stands twice, also at a.yaml:3\n");
	expect_faults(HEAD WHOLE("'{key}.a.example'") "}\n",
		      "a.yaml:3:10: zone: has {key}, expected a key name under `key` as well\n");
	expect_faults(
		HEAD WHOLE("a.example") ", part_of: [b.example]}\n" WHOLE("b.example") ", part_of: [a.example]}\n",
		"a.yaml:3:105: part_of: goes in a circle: the list would hold itself\n"
		"a.yaml:4:105: part_of: goes in a circle: the list would hold itself\n");
}

static void twice_in_two_files(void **state)
{
	struct site s;
	site_init(&s);
	site_record(&s, "a.yaml", "lists: [{zone: list.dnswl.org, impact: low}]\n");
	site_record(&s, "b.yml", "lists: [{zone: list.dnswl.org, impact: high}]\n");
	site_record(&s, "c.yaml.bak", "not looked at: [");
	site_load(&s);
	assert_int_equal(s.result, -EBADMSG);
	assert_non_null(strstr(buf_text(&s.faults), "b.yml:1:16: zone: \"list.dnswl.org\" stands twice, also at "));
	site_release(&s);
}

static void unreadable(void **state)
{
	struct site s;
	site_init(&s);
	site_record(&s, "a.yaml", "lists: []\n");
	site_record(&s, "b.yaml", "lists: {}\n");
	char path[128];
	snprintf(path, sizeof(path), "%s/c.yaml", s.dir);
	assert_int_equal(mkdir(path, 0700), 0); /* root can be denied this one, too */
	site_load(&s);
	assert_int_equal(s.result, -EACCES);
	assert_string_equal(buf_text(&s.faults), "b.yaml:1:8: lists: is a map, expected a list\n"
						 "c.yaml: cannot be read: Is a directory\n");
	site_release(&s);
	site_init(&s);
	site_record(&s, "a.yaml", "lists: []\n");
	snprintf(path, sizeof(path), "%s/a.yaml", s.dir);
	chmod(path, 0);
	if (geteuid() != 0) {
		site_load(&s);
		assert_int_equal(s.result, -EACCES);
	}
	site_release(&s);
}

static void nothing_there(void **state)
{
	const struct catalogue_config config = {.lists_dir = "/nonexistent/lists.d", .key_file = "/nonexistent/keys"};
	struct catalogue *c = NULL;
	struct error err;
	assert_int_equal(catalogue_load(&config, NULL, NULL, &c, &err), 0);
	assert_true(catalogue_count(c) > 0);
	catalogue_free(c);
}

static void lint(void **state)
{
	struct site s;
	char good[128], bad[128], gone[128];
	const char *paths[3] = {good, bad, gone};
	site_init(&s);
	site_record(&s, "good.yaml", HEAD WHOLE("new.example") "}\n");
	site_record(&s, "bad.yaml", "lists: [{zone: 3}]\n");
	snprintf(good, sizeof(good), "%s/good.yaml", s.dir);
	snprintf(bad, sizeof(bad), "%s/bad.yaml", s.dir);
	snprintf(gone, sizeof(gone), "%s/gone.yaml", s.dir);
	assert_int_equal(catalogue_lint(paths, 1, NULL, NULL), 0);
	assert_int_equal(catalogue_lint(paths, 2, NULL, NULL), -EBADMSG);
	assert_int_equal(catalogue_lint(paths, 3, NULL, NULL), -ENOENT);
	site_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_record),
		cmocka_unit_test(defaults),
		cmocka_unit_test(over_the_built_in),
		cmocka_unit_test(enabled_by_the_settings),
		cmocka_unit_test(not_whole),
		cmocka_unit_test(codes),
		cmocka_unit_test(rules),
		cmocka_unit_test(twice_in_two_files),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(lint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
