/* SPDX-License-Identifier: BSD-2-Clause */
/* Output formats against results made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/check_report.h"
#include "cli/text.h"

static const struct list_answer xbl = {
	.list = "XBL",
	.meaning = "an infected machine",
	.class = CLASS_BLOCK,
	.impact = IMPACT_HIGH,
	.removal = {.method = REMOVAL_SELF_SERVICE,
		    .who = WHO_LISTED_HOST,
		    .url = "https://bl.example/remove?ip={ip}",
		    .cooldown_s = -1,
		    .expires_after_s = 604800,
		    .steps = {.at = (const char *const[]){"Clean it."}, .count = 1},
		    .counts_removals = true,
		    .advice = "Be patient."},
};
static const struct list zen = {.zone = "zen.example",
				.name = "Zen, \"big\"",
				.class = CLASS_BLOCK,
				.impact = IMPACT_HIGH,
				.evidence = "https://bl.example/?q={target}",
				.lookup = "https://bl.example/"};
static const struct list wide = {.zone = "wide.example",
				 .name = "Wide",
				 .class = CLASS_BLOCK,
				 .removal = {.method = REMOVAL_UNKNOWN, .cooldown_s = -1, .expires_after_s = -1}};
static const struct list silent = {.zone = "silent.example",
				   .name = "Silent",
				   .class = CLASS_BLOCK,
				   .impact = IMPACT_HIGH,
				   .lookup = "https://silent.example/"};
static const struct list quiet = {.zone = "quiet.example", .name = "Quiet", .class = CLASS_BLOCK};
static const struct list keyed = {.zone = "{key}.keyed.example", .name = "Keyed", .class = CLASS_BLOCK, .key = "k"};
static const struct list range = {
	.zone = "pbl.example",
	.name = "PBL",
	.class = CLASS_POLICY,
	.removal = {.method = REMOVAL_FORM, .url = "https://pbl.example/", .cooldown_s = -1, .expires_after_s = -1}};

static const struct finding listed = {.status = STATUS_LISTED,
				      .why = STATUS_WHY_NONE,
				      .impact = IMPACT_HIGH,
				      .reason_count = 1,
				      .reasons = {{.code = 0x7f000004,
						   .answer = &xbl,
						   .class = CLASS_BLOCK,
						   .impact = IMPACT_HIGH,
						   .scope = SCOPE_ADDRESS,
						   .suggests = 1u << CAUSE_INFECTED_CLIENT | 1u << CAUSE_SCRIPT}}};
static const struct finding neighbours = {
	.status = STATUS_LISTED,
	.why = STATUS_WHY_NONE,
	.impact = IMPACT_LOW,
	.reason_count = 1,
	.reasons = {{.code = 0x7f000002, .class = CLASS_BLOCK, .scope = SCOPE_PREFIX24}}};
static const struct finding by_policy = {
	.status = STATUS_LISTED,
	.why = STATUS_WHY_NONE,
	.impact = IMPACT_HIGH,
	.reason_count = 1,
	.reasons = {{.code = 0x7f00000a, .class = CLASS_POLICY, .impact = IMPACT_HIGH, .scope = SCOPE_ADDRESS}}};
static const struct finding refused = {.status = STATUS_REFUSED, .why = STATUS_WHY_VOLUME, .impact = IMPACT_HIGH};
static const struct finding clear = {.status = STATUS_CLEAR, .why = STATUS_WHY_NONE};
static const struct finding no_key = {.status = STATUS_NOT_ASKED, .why = STATUS_WHY_NO_KEY};

static const struct span txt[] = {{(const uint8_t *)"see \033[2J\xff\"", 10}};

static const struct check_row rows[] = {
	{.list = &zen, .finding = &listed, .asked = "system", .latency_us = 12345, .txt = txt, .txt_count = 1},
	{.list = &range, .finding = &by_policy, .asked = "system", .latency_us = 1000},
	{.list = &wide, .finding = &neighbours, .asked = "direct", .latency_us = 900},
	{.list = &silent, .finding = &refused, .asked = "system", .latency_us = -1},
	{.list = &quiet, .finding = &clear, .asked = "system", .latency_us = 2000},
	{.list = &keyed, .finding = &no_key, .latency_us = -1},
};

static struct target target = {
	.kind = TARGET_IP4, .text = "192.0.2.10", .given = "192.0.2.10", .addr = {4, {192, 0, 2, 10}}};

static struct check_result result_of(size_t count)
{
	return (struct check_result){
		.target = &target,
		.checked_at_ms = INT64_C(1795528340303),
		.resolver = "auto",
		.verdict = VERDICT_LISTED,
		.tally = {.clear_blocks = 1,
			  .by_status = {[STATUS_LISTED] = 3,
					[STATUS_CLEAR] = 1,
					[STATUS_REFUSED] = 1,
					[STATUS_NOT_ASKED] = 1},
			  .asked = 5,
			  .without_answer = 1,
			  .listed = true,
			  .strongest = IMPACT_HIGH},
		.rows = rows,
		.row_count = count,
	};
}

static struct report report;

static const char *printed(const struct report_format *format, const struct check_result *result, bool fleet)
{
	const struct check_totals totals = {.targets = 1,
					    .listed = result->verdict == VERDICT_LISTED,
					    .by_status = {[STATUS_LISTED] = 3},
					    .queries = 5};
	report_init(&report, format);
	report.fleet = fleet;
	report.now = "2026-11-24T12:00:00Z";
	report.resolver = "auto";
	report_begin(&report);
	report_result(&report, result);
	report_end(&report, &totals);
	assert_int_equal(report.out.error, 0);
	return buf_text(&report.out);
}

static void json_keeps_the_contract(void **state)
{
	struct check_result result = result_of(1);
	assert_string_equal(
		printed(&report_json, &result, false),
		"{\"schema\":\"offlist.check/1\",\"target\":\"192.0.2.10\",\"kind\":\"ip4\",\"via\":null,"
		"\"checked_at\":\"2026-11-24T13:52:20Z\",\"resolver\":\"auto\",\"verdict\":\"listed\","
		"\"summary\":{\"listed\":3,\"clear\":1,\"refused\":1,\"broken\":0,\"unreachable\":0,\"not_asked\":1},"
		"\"lists\":[{\"zone\":\"zen.example\",\"name\":\"Zen, \\\"big\\\"\",\"class\":\"block\","
		"\"status\":\"listed\",\"why\":null,\"asked\":\"system\",\"answers\":[\"127.0.0.4\"],"
		"\"reasons\":[{\"code\":\"127.0.0.4\",\"class\":\"block\",\"list\":\"XBL\","
		"\"meaning\":\"an infected machine\",\"impact\":\"high\",\"scope\":{\"kind\":\"address\","
		"\"value\":\"192.0.2.10\",\"neighbour\":false},\"suggests\":[\"script\",\"infected_client\"]}],"
		"\"txt\":[\"see \\u001b[2J\xef\xbf\xbd\\\"\"],\"evidence_url\":\"https://bl.example/?q=192.0.2.10\","
		"\"lookup_url\":\"https://bl.example/\",\"impact\":\"high\",\"latency_ms\":12.3,"
		"\"removal\":{\"method\":\"self_service\",\"who\":\"listed_host\","
		"\"url\":\"https://bl.example/remove?ip=192.0.2.10\",\"expires_after_s\":604800,"
		"\"advice\":\"Be patient.\",\"address\":null,\"first\":[],\"steps\":[\"Clean it.\"],"
		"\"cooldown_s\":null,\"paid\":false,\"counts_removals\":true}}]}\n");
	assert_int_equal(report.status, 1);
	report_release(&report);
}

static void json_ends_a_fleet_with_its_totals(void **state)
{
	struct check_result result = result_of(0);
	const char *text = printed(&report_json, &result, true);
	assert_string_equal(strchr(text, '\n') + 1,
			    "{\"schema\":\"offlist.check.summary/1\",\"checked_at\":\"2026-11-24T12:00:00Z\","
			    "\"resolver\":\"auto\",\"targets\":1,\"listed\":1,\"clear\":0,\"unknown\":0,"
			    "\"answers\":{\"listed\":3,\"clear\":0,\"refused\":0,\"broken\":0,\"unreachable\":0,"
			    "\"not_asked\":0},\"queries\":5,\"interrupted\":false,\"resumed\":false}\n");
	report_release(&report);
}

static void json_says_what_is_wide_and_what_is_not_asked(void **state)
{
	struct check_result result = result_of(6);
	const char *text;
	target.origin = "given with --ip";
	result.not_yours = true;
	text = printed(&report_json, &result, false);
	target.origin = NULL;
	assert_non_null(strstr(text, "\"list\":null,\"meaning\":\"meaning not known\",\"impact\":\"low\","
				     "\"scope\":{\"kind\":\"prefix\",\"value\":\"192.0.2.0/24\",\"neighbour\":true}"));
	assert_non_null(strstr(text, "\"status\":\"refused\",\"why\":\"volume\",\"asked\":\"system\",\"answers\":[],"
				     "\"reasons\":[],\"txt\":[],\"evidence_url\":null,"
				     "\"lookup_url\":\"https://silent.example/\",\"impact\":\"high\","
				     "\"latency_ms\":null,\"removal\":null}"));
	assert_non_null(strstr(text, "{\"zone\":\"{key}.keyed.example\",\"name\":\"Keyed\",\"class\":\"block\","
				     "\"status\":\"not_asked\",\"why\":\"no_key\",\"asked\":null"));
	assert_non_null(strstr(text, "],\"origin\":\"given with --ip\",\"not_yours\":true}\n"));
	report_release(&report);
}

static void csv_is_quoted(void **state)
{
	struct check_result result = result_of(1);
	struct target odd = {.kind = TARGET_EMAIL, .text = "=a\"@b.example", .name = "b.example"};
	assert_string_equal(printed(&report_csv, &result, false),
			    "target,kind,via,verdict,zone,status,why,class,impact,codes,meaning,asked,latency_ms,"
			    "checked_at\r\n192.0.2.10,ip4,,listed,zen.example,listed,,block,high,127.0.0.4,"
			    "an infected machine,system,12.3,2026-11-24T13:52:20Z\r\n");
	report_release(&report);
	result = result_of(0);
	result.target = &odd;
	result.verdict = VERDICT_UNKNOWN;
	result.unaskable = "private (RFC 1918)";
	assert_string_equal(strchr(printed(&report_csv, &result, false), '\n') + 1,
			    "\"'=a\"\"@b.example\",email,,unknown,,,private (RFC 1918),,,,,,,2026-11-24T13:52:20Z\r\n");
	report_release(&report);
}

static void nagios_is_one_line(void **state)
{
	struct check_result result = result_of(6);
	assert_string_equal(printed(&report_nagios, &result, false),
			    "OFFLIST CRITICAL - 192.0.2.10 listed on 3: Zen, \"big\", PBL, Wide | listed=3;;;0 "
			    "clear=1;;;0 no_answer=1;;;0 not_asked=1;;;0\n"
			    "192.0.2.10: Zen, \"big\" (high impact) https://bl.example/?q=192.0.2.10\n"
			    "192.0.2.10: PBL (high impact)\n"
			    "192.0.2.10: Wide (low impact)\n");
	assert_int_equal(report.status, 2);
	report_release(&report);
	result.only_neighbour = true;
	assert_non_null(strstr(printed(&report_nagios, &result, false), "OFFLIST WARNING - "));
	assert_int_equal(report.status, 1);
	report_release(&report);
	result = result_of(0);
	result.tally = (struct verdict_tally){0};
	result.verdict = VERDICT_UNKNOWN;
	result.unaskable = "private (RFC 1918)";
	assert_string_equal(printed(&report_nagios, &result, false),
			    "OFFLIST UNKNOWN - 192.0.2.10 not checked: private (RFC 1918) | listed=0;;;0 "
			    "clear=0;;;0 no_answer=0;;;0 not_asked=0;;;0\n");
	assert_int_equal(report.status, 3);
	report_release(&report);
	result.unaskable = NULL;
	result.verdict = VERDICT_CLEAR;
	result.tally.asked = 57;
	result.tally.by_status[STATUS_CLEAR] = 57;
	result.tally.clear_blocks = 57;
	assert_string_equal(printed(&report_nagios, &result, false),
			    "OFFLIST OK - clear on 57 blocklists | listed=0;;;0 "
			    "clear=57;;;0 no_answer=0;;;0 not_asked=0;;;0\n");
	assert_int_equal(report.status, 0);
	report_release(&report);
}

static void administrators_set_how_many_listings_matter(void **state)
{
	static const struct {
		uint64_t warning, critical;
		int status;
	} told[] = {{1, 4, 1}, {1, 3, 2}, {4, 0, 0}, {0, 3, 2}, {3, 0, 1}};
	struct check_result result = result_of(6);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		report_init(&report, &report_nagios);
		report.warning = told[i].warning;
		report.critical = told[i].critical;
		report_begin(&report);
		report_result(&report, &result);
		assert_int_equal(report_end(&report, &(struct check_totals){.targets = 1}), told[i].status);
		if (told[i].status == 0)
			assert_non_null(strstr(buf_text(&report.out), "OFFLIST OK - listed on 3, fewer than you asked "
								      "to hear of; clear on 1 blocklists | listed=3"));
		report_release(&report);
	}
	report_init(&report, &report_nagios);
	report.critical = 4;
	report_begin(&report);
	result.verdict = VERDICT_UNKNOWN;
	report_result(&report, &result);
	assert_int_equal(report_end(&report, &(struct check_totals){.targets = 1}), 3);
	report_release(&report);
}

/* Then: listed on one, clear on two, one silent. Now: what was clear is listed, what was listed is clear. */
static void changes_are_between_two_answers(void **state)
{
	static const char then[] =
		"{\"schema\":\"offlist.check/1\",\"checked_at\":\"2026-11-23T10:00:00Z\",\"lists\":["
		"{\"zone\":\"quiet.example\",\"status\":\"listed\"},{\"zone\":\"zen.example\",\"status\":\"clear\"},"
		"{\"zone\":\"pbl.example\",\"status\":\"unreachable\"},{\"zone\":\"silent.example\",\"status\":"
		"\"listed\"}]}";
	struct check_result result = result_of(6);
	struct arena arena = arena_make(1 << 20);
	struct changes changes;
	const char *text;
	assert_true(changes_read(span_str(then), &result, &arena, &changes));
	assert_int_equal(changes.listed.count, 1);
	assert_ptr_equal(changes.listed.at[0], &zen);
	assert_int_equal(changes.removed.count, 1);
	assert_ptr_equal(changes.removed.at[0], &quiet);
	report_init(&report, &report_text);
	report.changes = &changes;
	report_begin(&report);
	report_result(&report, &result);
	text = buf_text(&report.out);
	assert_non_null(strstr(text, "LISTED on 3 lists\n"
				     "  Zen, \"big\": listed since the check of 2026-11-23 10:00:00 UTC\n"
				     "  Quiet: removed since the check of 2026-11-23 10:00:00 UTC\n"));
	report_release(&report);
	report_init(&report, &report_json);
	report.changes = &changes;
	report_begin(&report);
	report_result(&report, &result);
	assert_non_null(strstr(buf_text(&report.out), "\"changes\":{\"since\":\"2026-11-23T10:00:00Z\","
						      "\"listed\":[\"zen.example\"],\"removed\":[\"quiet.example\"]}"));
	report_release(&report);
	assert_false(changes_read(span_str("{\"schema\":\"offlist.check/1\"}"), &result, &arena, &changes));
	assert_false(changes_read(span_str("no object"), &result, &arena, &changes));
	arena_release(&arena);
}

static void names_of_the_address_are_told(void **state)
{
	static const struct {
		struct reverse reverse;
		const char *text, *json;
	} told[] = {
		{{.state = REVERSE_CONFIRMED, .name = "mx.example.com", .helo = REVERSE_MISMATCH},
		 "reverse name mx.example.com, which leads back to it\n"
		 "  your server says mail.example.com in HELO, a name that does not lead to this\n  address\n",
		 "\"reverse\":{\"state\":\"confirmed\",\"name\":\"mx.example.com\",\"helo\":\"mail.example.com\","
		 "\"helo_state\":\"mismatch\"}"},
		{{.state = REVERSE_MISMATCH, .name = "mx.example.com", .helo = REVERSE_CONFIRMED},
		 "reverse name mx.example.com does not lead back to it: many receivers refuse",
		 "\"state\":\"mismatch\""},
		{{.state = REVERSE_NONE, .helo = REVERSE_UNKNOWN},
		 "it has no reverse name (PTR): many receivers refuse",
		 "\"state\":\"none\",\"name\":null"},
		{{.state = REVERSE_UNKNOWN},
		 "its reverse name (PTR) could not be looked up\n",
		 "\"state\":\"unknown\""},
		{{.state = REVERSE_UNKNOWN, .name = "mx.example.com"},
		 "reverse name mx.example.com; whether it leads back could not be looked up\n",
		 "\"state\":\"unknown\",\"name\":\"mx.example.com\""},
	};
	static const struct report_format *const formats[] = {&report_text, &report_json};
	struct check_result result = result_of(1);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]) * 2; i++) {
		report_init(&report, formats[i % 2]);
		report.reverse = &told[i / 2].reverse;
		report.helo = "mail.example.com";
		report_begin(&report);
		report_result(&report, &result);
		assert_non_null(strstr(buf_text(&report.out), i % 2 ? told[i / 2].json : told[i / 2].text));
		report_release(&report);
	}
}

static void prometheus_groups_and_escapes(void **state)
{
	struct check_result result = result_of(1);
	struct target odd = {.kind = TARGET_EMAIL, .text = "a\\b\"c\n@d.example", .name = "d.example"};
	const char *text;
	result.target = &odd;
	text = printed(&report_prometheus, &result, false);
	assert_non_null(strstr(text, "# TYPE offlist_listed gauge\nofflist_listed{target=\"a\\\\b\\\"c\\n@d.example\","
				     "zone=\"zen.example\",impact=\"high\"} 1\n# HELP offlist_status "));
	assert_non_null(strstr(text, "offlist_verdict{target=\"a\\\\b\\\"c\\n@d.example\",verdict=\"listed\"} 1\n"));
	assert_non_null(strstr(text, "} 1795528340.303\n"));
	report_release(&report);
	result = result_of(6);
	text = printed(&report_prometheus, &result, false);
	assert_null(strstr(text, "offlist_listed{target=\"192.0.2.10\",zone=\"silent.example\""));
	assert_non_null(strstr(text, "zone=\"silent.example\",status=\"refused\"} 1\n"));
	report_release(&report);
}

static void text_says_what_to_do(void **state)
{
	struct check_result result = result_of(6);
	assert_string_equal(printed(&report_text, &result, false),
			    "192.0.2.10: LISTED on 3 lists\n"
			    "  Zen, \"big\"  zen.example, high impact\n"
			    "    means     XBL: an infected machine (127.0.0.4)\n"
			    "    they say  see \\x1b[2J\xef\xbf\xbd\"\n"
			    "    evidence  https://bl.example/?q=192.0.2.10\n"
			    "    points to a script on the web server; or an infected client\n"
			    "\n"
			    "  Removal\n"
			    "  First run `offlist diagnose`: asking while it still sends gets you listed\n"
			    "  again, and some lists count removals.\n"
			    "  Zen, \"big\"\n"
			    "    remove it at https://bl.example/remove?ip=192.0.2.10 (ask from the listed\n"
			    "    host)\n"
			    "    the listing ends by itself 7 days after the last event\n"
			    "    first step: Clean it.\n"
			    "    it counts how often you ask: ask only when the cause is gone\n"
			    "    Be patient.\n"
			    "\n"
			    "  By policy: receivers refuse mail that comes directly from here\n"
			    "  PBL  pbl.example, high impact\n"
			    "    means     meaning not known (127.0.0.10)\n"
			    "  Send through your provider's mail server with a login. If this is a mail\n"
			    "  server with an address of its own, give it a PTR record and ask for removal:\n"
			    "  PBL\n"
			    "    ask with the form at https://pbl.example/ (anyone may ask)\n"
			    "\n"
			    "  Listed, but hardly anyone refuses mail for it\n"
			    "  Wide  wide.example, low impact\n"
			    "    means     meaning not known (127.0.0.2)\n"
			    "    affects   192.0.2.0/24, not this address alone: a neighbour's fault, unless\n"
			    "              the whole range is yours\n"
			    "\n"
			    "  Could not tell\n"
			    "    1 refused to answer: Your resolver's address sends it more queries than free\n"
			    "    use allows: query it less often, use a resolver that is yours alone, or take\n"
			    "    the paid service.\n"
			    "      Silent, silent.example, high impact: look it up at https://silent.example/\n"
			    "\n"
			    "  clear on 1 blocklist, 1 not queried: 1 needs a key\n"
			    "\n");
	report_release(&report);
}

static void text_ends_with_where_to_go_on(void **state)
{
	const struct check_totals totals = {.targets = 2};
	struct check_result result = result_of(1), unknown = result_of(0);
	report_init(&report, &report_text);
	report.own_server = report.quiet = true;
	report_begin(&report);
	unknown.verdict = VERDICT_UNKNOWN;
	unknown.tally = (struct verdict_tally){.asked = 9, .without_answer = 5, .left_out = 3};
	unknown.tally.by_status[STATUS_UNREACHABLE] = 2;
	unknown.tally.by_status[STATUS_CLEAR] = 4;
	report_result(&report, &unknown);
	assert_int_equal(report.out.len, 0); /* quiet: what is listed only */
	report_result(&report, &result);
	report_end(&report, &totals);
	assert_non_null(strstr(buf_text(&report.out), "\n1 of 2 LISTED, 1 unknown. Next: offlist diagnose\n"));
	report_release(&report);
	report_init(&report, &report_text);
	report_begin(&report);
	report_result(&report, &unknown);
	assert_non_null(
		strstr(buf_text(&report.out), "UNKNOWN: 2 of 6 lists gave no usable answer, 3 were not queried\n"));
	report_release(&report);
}

/* The resolver's fault is said once, in every format, and each stays what it is. */
static void every_format_names_the_resolver(void **state)
{
	const struct check_fault fault = {.kind = "filters",
					  .address = "192.0.2.53",
					  .sentence = "your resolver (192.0.2.53) removes answers",
					  .remedy = "Let it pass."};
	static const struct report_format *const formats[] = {&report_text, &report_json, &report_csv, &report_nagios,
							      &report_prometheus};
	const struct check_totals totals = {.targets = 1};
	struct check_result result = result_of(1);
	result.fault = &fault;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *first;
		report_init(&report, formats[i]);
		report.resolver = "auto";
		report_begin(&report);
		report_fault(&report, &fault);
		report_result(&report, &result);
		report_end(&report, &totals);
		first = strstr(buf_text(&report.out), fault.sentence);
		assert_non_null(first);
		assert_null(strstr(first + 1, fault.sentence));
		assert_non_null(strstr(first, "Let it pass."));
		report_release(&report);
	}
}

static void text_folds_a_fleet(void **state)
{
	const struct check_totals totals = {.targets = 1024, .listed = 4, .clear = 1020, .queries = 2048};
	struct check_result result = result_of(1);
	struct target one = target;
	static const uint8_t at[] = {3, 7, 8, 9};
	report_init(&report, &report_text);
	report.fleet = report.fold = true;
	report_begin(&report);
	result.target = &one;
	for (size_t i = 0; i < sizeof(at); i++) {
		one.addr.octets[3] = at[i];
		report_result(&report, &result);
	}
	assert_int_equal(report_end(&report, &totals), 1);
	assert_string_equal(buf_text(&report.out), "Zen, \"big\" (zen.example, high impact): 4\n"
						   "  192.0.2.0/24 (4): .3, .7-.9\n"
						   "1024 targets: 4 listed, 1020 clear, 0 unknown; 2048 queries.\n");
	report_release(&report);
}

static void colour_only_where_wanted(void **state)
{
	struct check_result result = result_of(1);
	assert_null(strchr(printed(&report_text, &result, false), '\033'));
	report_release(&report);
	report_init(&report, &report_text);
	report.colour = true;
	report_begin(&report);
	report_result(&report, &result);
	assert_non_null(strstr(buf_text(&report.out), "\033[1;31mLISTED\033[0m"));
	report_release(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_keeps_the_contract),
		cmocka_unit_test(json_ends_a_fleet_with_its_totals),
		cmocka_unit_test(json_says_what_is_wide_and_what_is_not_asked),
		cmocka_unit_test(csv_is_quoted),
		cmocka_unit_test(nagios_is_one_line),
		cmocka_unit_test(administrators_set_how_many_listings_matter),
		cmocka_unit_test(changes_are_between_two_answers),
		cmocka_unit_test(names_of_the_address_are_told),
		cmocka_unit_test(prometheus_groups_and_escapes),
		cmocka_unit_test(text_says_what_to_do),
		cmocka_unit_test(text_ends_with_where_to_go_on),
		cmocka_unit_test(every_format_names_the_resolver),
		cmocka_unit_test(text_folds_a_fleet),
		cmocka_unit_test(colour_only_where_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
