/* SPDX-License-Identifier: BSD-2-Clause */
/* A diagnosis made by hand, as JSON and as text; what it starts from: times, listings; and its timeline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>

#include "cli/check_read.h"
#include "cli/diagnose_view.h"
#include "cli/moment.h"
#include "cli/quantity.h"
#include "cli/timeline.h"

#define AT INT64_C(1795528800000) /* 2026-11-24T14:00:00Z */
enum { HOUR = 3600000 };

static const struct cause_evidence evidence[] = {
	{"accepted with this login", AT, "mail.log:12345",
	 "client=x[203.0.113.9] \033]0;owned\007 \xff, sasl_username=a"},
	{"refused", AT + 1000, "mail.log:12346", NULL},
};
static const char *against[] = {"The login was used from its usual network, too."};
static const char *fix[] = {"Change the password.", "Hold its queue."};
static const struct cause_signal signals[] = {{"client_networks", "31 networks in the hour; 1 before", 31, 2.5},
					      {"usual_client", "one of them is its own", 1, -0.5}};
static const uint32_t hours[] = {0, 0, 0, 0, 3, 4, 2, 9021, 1};
static const struct cause_row causes[] = {
	{.kind = CAUSE_COMPROMISED_ACCOUNT,
	 .subject = "alice@example.com",
	 .host = "mx\0331",
	 .sentence = "alice@example.com's password is being used by strangers: 9,021 recipients in 43 minutes",
	 .confidence = 0.97,
	 .first_at_ms = AT,
	 .last_at_ms = AT + 43 * 60000,
	 .running = true,
	 .messages = 412,
	 .recipients = 9021,
	 .rejected = 3120,
	 .deferred = 12,
	 .unknown_users = 2000,
	 .normal_per_hour = 4,
	 .evidence = evidence,
	 .evidence_count = 2,
	 .against = against,
	 .against_count = 1,
	 .fix = fix,
	 .fix_count = 2,
	 .signals = signals,
	 .signal_count = 2,
	 .hours_from_ms = AT - 7 * HOUR,
	 .hours = hours,
	 .hour_count = sizeof(hours) / sizeof(hours[0])},
	{.kind = CAUSE_SCRIPT,
	 .subject = "/var/www/form.php",
	 .sentence = "/var/www/form.php sent spam",
	 .confidence = 0.6,
	 .first_at_ms = AT - 20 * HOUR,
	 .last_at_ms = AT - 10 * HOUR},
};
static const struct private_block blocks[] = {
	{.receiver = "Microsoft",
	 .reply = "550 5.7.1 [192.0.2.10] blocked \033[2J",
	 .meaning = "its own list blocks the address",
	 .first_at_ms = AT,
	 .last_at_ms = AT + HOUR,
	 .count = 7,
	 .removal_url = "https://removal.example/",
	 .source = "mail.log:99"},
};
static const char *notes[] = {"12 failed logins from 3 networks."};
static const char *unsure[] = {"mail.log.3.gz is missing"};
static const struct source_file files[] = {
	{.name = "mail\033.log", .first_ms = AT - HOUR, .last_ms = AT, .lines = 100, .octets = 12000}};
static const struct source_gap gaps[] = {{AT - HOUR, STAMP_NONE, "mail.log.3.gz is missing"}};
static const struct log_coverage coverage = {.from_ms = AT - HOUR,
					     .to_ms = AT + HOUR,
					     .files = files,
					     .file_count = 1,
					     .gaps = gaps,
					     .gap_count = 1,
					     .lines = 120,
					     .mail_lines = 100,
					     .unparsed = 5,
					     .suppressed = 52,
					     .by_format = {[FORMAT_POSTFIX] = 100}};
static const struct unparsed_shape shapes[] = {{"postfix/smtp", "odd # line", 5, "odd 1 line\033", 0, 17}};

static struct diagnose_report found(void)
{
	return (struct diagnose_report){.from_ms = AT - HOUR,
					.to_ms = AT + HOUR,
					.mail = {500, 10000, 6000, 3200, 800},
					.causes = causes,
					.cause_count = 2,
					.blocks = blocks,
					.block_count = 1,
					.not_ours = blocks,
					.not_ours_count = 1,
					.notes = notes,
					.note_count = 1,
					.quoted_address = "192.0.2.10"};
}

static struct buf out;

static struct diagnose_view view_of(const struct diagnose_report *r)
{
	return (struct diagnose_view){.of = {.report = r, .coverage = &coverage, .listed_at_ms = CASE_TIME_NONE},
				      .width = 80,
				      .now_ms = AT + HOUR};
}

static json_t *as_json(const struct diagnose_view *v)
{
	json_error_t fault;
	json_t *object;
	out = buf_make(1 << 20);
	view_diagnosis(&v->of, &out);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.at[out.len - 1], '\n');
	object = json_loads(buf_text(&out), 0, &fault);
	assert_non_null(object);
	buf_release(&out);
	return object;
}

static const char *as_text(const struct diagnose_view *v)
{
	buf_release(&out);
	out = buf_make(1 << 20);
	diagnose_text(v, &out);
	assert_int_equal(out.error, 0);
	return buf_text(&out);
}

static const char *text_at(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void json_has_the_contract(void **state)
{
	static const char *const top[] = {"schema",         "window",   "mail",    "causes",
					  "private_blocks", "findings", "coverage"};
	static const char *const of_cause[] = {"kind",     "subject",  "confidence", "first_at",
					       "last_at",  "messages", "recipients", "rejected",
					       "evidence", "against",  "fix",        "running"};
	const struct diagnose_report r = found();
	struct diagnose_view v = view_of(&r);
	json_t *o = as_json(&v), *c, *b;
	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++)
		assert_non_null(json_object_get(o, top[i]));
	assert_string_equal(text_at(o, "schema"), "offlist.diagnose/1");
	assert_string_equal(text_at(json_object_get(o, "window"), "from"), "2026-11-24T13:00:00Z");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "mail"), "rejected")), 3200);
	assert_int_equal(json_array_size(json_object_get(o, "findings")), 0);
	c = json_array_get(json_object_get(o, "causes"), 0);
	for (size_t i = 0; i < sizeof(of_cause) / sizeof(of_cause[0]); i++)
		assert_non_null(json_object_get(c, of_cause[i]));
	assert_string_equal(text_at(c, "kind"), "compromised_account");
	assert_true(json_real_value(json_object_get(c, "confidence")) > 0.96);
	assert_true(json_is_true(json_object_get(c, "running")));
	assert_null(json_object_get(c, "signals"));
	b = json_array_get(json_object_get(c, "evidence"), 0);
	assert_string_equal(text_at(b, "source"), "mail.log:12345");
	assert_non_null(strstr(text_at(b, "line"), "\xef\xbf\xbd"));
	b = json_array_get(json_object_get(o, "private_blocks"), 0);
	assert_int_equal(json_integer_value(json_object_get(b, "count")), 7);
	assert_string_equal(text_at(b, "removal_url"), "https://removal.example/");
	b = json_object_get(o, "coverage");
	assert_true(json_is_string(json_array_get(json_object_get(b, "files"), 0)));
	assert_int_equal(json_integer_value(json_object_get(b, "suppressed")), 52);
	assert_true(json_real_value(json_object_get(b, "unparsed_share")) > 0.049);
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(b, "gaps"), 0), "to")));
	assert_true(json_is_null(json_object_get(o, "listings")));
	json_decref(o);
}

static void json_shows_what_is_asked(void **state)
{
	const struct diagnose_report r = found();
	const struct case_listing listing = {.target = "192.0.2.10", .zone = "zen.example", .checked_ms = AT};
	struct diagnose_view v = view_of(&r);
	json_t *o, *c;
	v.of.explain = 1u << CAUSE_COMPROMISED_ACCOUNT;
	v.of.top = 1;
	v.of.unparsed = true;
	v.of.shapes = shapes;
	v.of.shape_count = 1;
	v.of.listings = &listing;
	v.of.listing_count = 1;
	v.of.listings_known = true;
	o = as_json(&v);
	assert_int_equal(json_array_size(json_object_get(o, "causes")), 1);
	c = json_array_get(json_object_get(o, "causes"), 0);
	assert_int_equal(json_array_size(json_object_get(c, "signals")), 2);
	assert_true(json_real_value(json_object_get(json_array_get(json_object_get(c, "signals"), 1), "weight")) < 0);
	c = json_array_get(json_object_get(o, "unparsed"), 0);
	assert_int_equal(json_integer_value(json_object_get(c, "count")), 5);
	assert_non_null(strstr(text_at(c, "source"), ":17"));
	c = json_array_get(json_object_get(o, "listings"), 0);
	assert_string_equal(text_at(c, "zone"), "zen.example");
	json_decref(o);
}

static void exit_statuses(void **state)
{
	static const struct finding_record high = {.severity = SEVERITY_HIGH}, low = {.severity = SEVERITY_LOW};
	struct audit_finding on_server = {.record = &low};
	struct audits server = {.findings = &on_server, .finding_count = 1};
	struct diagnose_report r = found();
	struct diagnose_view v = {.of.report = &r};
	assert_int_equal(diagnose_exit(&v), 1);
	r.cause_count = 0;
	assert_int_equal(diagnose_exit(&v), 1);
	r.block_count = 0;
	assert_int_equal(diagnose_exit(&v), 0);
	v.of.server = &server;
	assert_int_equal(diagnose_exit(&v), 0);
	r.unsure = unsure;
	r.unsure_count = 1;
	assert_int_equal(diagnose_exit(&v), 2);
	on_server.record = &high;
	assert_int_equal(diagnose_exit(&v), 1);
	v.of.server = NULL;
	r.cause_count = 1;
	assert_int_equal(diagnose_exit(&v), 1);
}

static void text_says_it_in_order(void **state)
{
	const struct diagnose_report r = found();
	const struct diagnose_view v = view_of(&r);
	const char *text = as_text(&v);
	static const char *const order[] = {"password is being used",
					    "certain",
					    "compromised account alice@example.com",
					    "9,021 recipients",
					    "usual before: 4 recipients an hour",
					    "still active",
					    "log scale",
					    "accepted with this login",
					    "against",
					    "Change the password",
					    "No longer active",
					    "/var/www/form.php sent spam",
					    "; likely",
					    ", ended",
					    "Receivers that block this server",
					    "7 times",
					    "https://removal.example/",
					    "Not about this server",
					    "Also seen",
					    "12 failed logins",
					    "read",
					    "dropped by the logger"};
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *at = strstr(text, order[i]);
		if (!at)
			fail_msg("%s is not there or not in its place:\n%s", order[i], buf_text(&out));
		else
			text = at;
	}
	assert_null(strstr(buf_text(&out), "31 networks"));
}

static void text_moves_no_cursor(void **state)
{
	const struct diagnose_report r = found();
	struct diagnose_view v = view_of(&r);
	v.of.unparsed = true;
	v.of.shapes = shapes;
	v.of.shape_count = 1;
	v.of.explain = UINT32_MAX;
	as_text(&v);
	for (size_t i = 0; i < out.len; i++)
		assert_true((uint8_t)out.at[i] >= 0x20 || out.at[i] == '\n');
	assert_non_null(strstr(out.at, "\\x1b"));
	assert_non_null(strstr(out.at, "+2.50 client_networks"));
	assert_non_null(strstr(out.at, "-0.50 usual_client"));
}

static void text_of_nothing(void **state)
{
	struct diagnose_report r = {.from_ms = AT, .to_ms = AT};
	const struct diagnose_view v = view_of(&r);
	assert_non_null(strstr(as_text(&v), "no reason for a listing"));
	r.unsure = unsure;
	r.unsure_count = 1;
	assert_non_null(strstr(as_text(&v), "cannot rule one out"));
	assert_non_null(strstr(buf_text(&out), "mail.log.3.gz is missing"));
}

static void timelines(void **state)
{
	struct timeline t = {AT, hours, sizeof(hours) / sizeof(hours[0])};
	struct timeline_drawn drawn;
	uint32_t many[1000] = {0};
	buf_release(&out);
	out = buf_make(1 << 16);
	timeline_draw(&out, &t, 60, false, &drawn);
	assert_string_equal(buf_text(&out), "  ..."
					    "@.");
	assert_int_equal(drawn.peak, 9021);
	assert_int_equal(drawn.peak_ms, AT + 7 * HOUR);
	assert_int_equal(drawn.from_ms, AT + 2 * HOUR);
	buf_clear(&out);
	timeline_draw(&out, &t, 60, true, &drawn);
	assert_non_null(strstr(buf_text(&out), "\xe2\x96\x88"));
	for (size_t i = 0; i < 1000; i++)
		many[i] = (uint32_t)i + 1;
	t = (struct timeline){AT, many, 1000};
	buf_clear(&out);
	timeline_draw(&out, &t, 60, false, &drawn);
	assert_true(out.len <= 60);
	assert_int_equal(drawn.step, 17);
	assert_int_equal(timeline_level(0, 10), 0);
	assert_int_equal(timeline_level(1, 1), TIMELINE_LEVELS);
	assert_int_equal(timeline_level(1, UINT32_MAX), 1);
	for (uint32_t n = 1; n < 10000; n++)
		assert_true(timeline_level(n, 10000) >= timeline_level(n - 1, 10000));
}

static int64_t moment(const char *text, bool end)
{
	const struct moment_rules rules = {.now_ms = AT + 1800000, .end = end};
	struct error err;
	int64_t ms = 0;
	return moment_parse(text, &rules, &ms, &err) < 0 ? INT64_MIN : ms;
}

static void moments(void **state)
{
	static const char *const bad[] = {"",
					  "2026",
					  "2026-13-01",
					  "2026-02-29",
					  "2026-11-24T",
					  "2026-11-24 25:00",
					  "2026-11-24T12:00:00+",
					  "2026-11-24T12:00:00Zx",
					  "h",
					  "-2h",
					  "2 h",
					  "tomorrow",
					  "2026-11-24 12:00:00.",
					  "99999999999999999999h"};
	struct moment_rules rules = {.zone_needed = true, .now_ms = AT};
	struct error err;
	int64_t ms;
	assert_int_equal(moment("2026-11-24T14:00:00Z", false), AT);
	assert_int_equal(moment("2026-11-24T15:00:00.25+01:00", false), AT);
	assert_int_equal(moment("2026-11-24 09:30:00 -0430", false), AT);
	assert_int_equal(moment("2026-11-24 14:00", false), AT);
	assert_int_equal(moment("2024-02-29", false), INT64_C(1709164800000));
	assert_int_equal(moment("2026-11-24", false), AT - 14 * HOUR);
	assert_int_equal(moment("2026-11-24", true), AT + 10 * HOUR - 1);
	assert_int_equal(moment("today", false), AT - 14 * HOUR);
	assert_int_equal(moment("yesterday", false), AT - 38 * HOUR);
	assert_int_equal(moment("yesterday", true), AT - 14 * HOUR - 1);
	assert_int_equal(moment("30m", false), AT);
	assert_int_equal(moment("1d", false), AT + 1800000 - 24 * HOUR);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment(bad[i], false) != INT64_MIN)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(moment_parse("2026-11-24 14:00", &rules, &ms, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--tz"));
	assert_int_equal(moment_parse("2026-11-24 14:00Z", &rules, &ms, &err), 0);
	assert_int_equal(zone_new("Europe/Berlin", (struct zone **)(uintptr_t)&rules.zone), 0);
	rules.zone_needed = false;
	assert_int_equal(moment_parse("2026-11-24 15:00", &rules, &ms, &err), 0);
	assert_int_equal(ms, AT);
	assert_int_equal(moment_parse("today", &rules, &ms, &err), 0);
	assert_int_equal(ms, AT - 15 * HOUR);
	zone_free((struct zone *)(uintptr_t)rules.zone);
}

static int read_check(const char *text, struct check_listings *l, struct arena *arena, struct error *err)
{
	*l = (struct check_listings){.checked_ms = CASE_TIME_NONE};
	return listings_read(span_str(text), "check.json", arena, l, err);
}

static void listings_of_a_check(void **state)
{
	static const char good[] =
		"{\"schema\":\"offlist.check/1\",\"target\":\"192.0.2.10\",\"checked_at\":\"2026-11-24T14:00:00Z\","
		"\"lists\":[{\"zone\":\"zen.example\",\"name\":\"Zen\",\"class\":\"block\",\"status\":\"listed\","
		"\"impact\":\"high\",\"reasons\":["
		"{\"code\":\"127.0.0.4\",\"class\":\"block\",\"list\":\"XBL\",\"meaning\":\"infected\",\"impact\":"
		"\"high\","
		"\"scope\":{\"neighbour\":false},\"suggests\":[\"infected_client\",\"nonsense\"]},"
		"{\"code\":\"127.0.0.10\",\"class\":\"policy\",\"impact\":\"low\",\"scope\":{\"neighbour\":true}},"
		"{\"code\":\"127.0.0.99\",\"class\":\"white\"}]},"
		"{\"zone\":\"clear.example\",\"status\":\"clear\"}]}\n"
		"{\"schema\":\"offlist.check/1\",\n \"target\":\"example.com\",\"lists\":[]}\n"
		"{\"schema\":\"offlist.check.summary/1\",\"listed\":1}\n";
	struct arena arena = arena_make(1 << 20);
	struct check_listings l;
	struct error err = {{0}};
	assert_int_equal(read_check(good, &l, &arena, &err), 0);
	assert_int_equal(l.checks, 2);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.checked_ms, AT);
	assert_string_equal(l.at[0].list, "XBL");
	assert_int_equal(l.at[0].suggests, 1u << CAUSE_INFECTED_CLIENT);
	assert_int_equal(l.at[0].impact, IMPACT_HIGH);
	assert_false(l.at[0].neighbour);
	assert_int_equal(l.at[1].class, CLASS_POLICY);
	assert_true(l.at[1].neighbour);
	assert_int_equal(l.at[1].from_ms, CASE_TIME_NONE);
	arena_release(&arena);
}

static void not_a_check(void **state)
{
	static const char *const bad[] = {"",
					  "  \n",
					  "x",
					  "[]",
					  "{}",
					  "{\"schema\":\"offlist.check/1\"}",
					  "{\"schema\":\"offlist.check/2\",\"target\":\"a\"}",
					  "{\"schema\":\"offlist.check/1\",\"target\":\"a\",\"checked_at\":\"soon\"}"};
	struct arena arena = arena_make(1 << 20);
	struct check_listings l;
	struct error err;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_check(bad[i], &l, &arena, &err), -EBADMSG);
	assert_int_equal(read_check("{\"schema\":\"offlist.check/1\",\"target\":\"a\"}\n\n{\"oops", &l, &arena, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "check.json:3:"));
	arena_release(&arena);
}

static const char *counted(void (*write)(struct buf *, uint64_t), uint64_t n)
{
	buf_release(&out);
	out = buf_make(1 << 10);
	write(&out, n);
	return buf_text(&out);
}

static void quantities(void **state)
{
	assert_string_equal(counted(quantity_count, 0), "0");
	assert_string_equal(counted(quantity_count, 999), "999");
	assert_string_equal(counted(quantity_count, 1000), "1,000");
	assert_string_equal(counted(quantity_count, 1234567), "1,234,567");
	assert_string_equal(counted(quantity_octets, 812), "812 B");
	assert_string_equal(counted(quantity_octets, 1440), "1.4 kB");
	assert_string_equal(counted(quantity_octets, 999999), "1.0 MB");
	assert_string_equal(counted(quantity_octets, 12000000000), "12 GB");
	buf_clear(&out);
	quantity_of(&out, 1, "recipient");
	quantity_of(&out, 2, "recipient");
	quantity_share(&out, 0, 5);
	quantity_share(&out, 1, 1000);
	quantity_share(&out, 35, 100);
	quantity_span(&out, 43 * 60000);
	quantity_span(&out, 3 * 86400000);
	quantity_moment(&out, STAMP_NONE);
	assert_string_equal(buf_text(&out), "1 recipient2 recipientsnoneunder 1 %35 %43 minutes3 days?");
}

static int tidy(void **state)
{
	buf_release(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_the_contract),
		cmocka_unit_test(json_shows_what_is_asked),
		cmocka_unit_test(exit_statuses),
		cmocka_unit_test(text_says_it_in_order),
		cmocka_unit_test(text_moves_no_cursor),
		cmocka_unit_test(text_of_nothing),
		cmocka_unit_test(timelines),
		cmocka_unit_test(moments),
		cmocka_unit_test(listings_of_a_check),
		cmocka_unit_test(not_a_check),
		cmocka_unit_test(quantities),
	};
	return cmocka_run_group_tests(tests, NULL, tidy);
}
