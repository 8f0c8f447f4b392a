/* SPDX-License-Identifier: BSD-2-Clause */
/* What the messages of a queue come to: who is named, with which weight, and who is not. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "audit/backlog_reply.h"
#include "audit/backlog_tell.h"

#define LISTED                                                                                                         \
	"host mx.example.net[192.0.2.1] said: 450 4.7.1 Service unavailable; Client host [192.0.2.10] blocked "        \
	"using zen.spamhaus.org (in reply to RCPT TO command)"
#define GREY "host mx.example.net[192.0.2.1] said: 450 4.2.0 Greylisted, try again (in reply to RCPT TO command)"

enum { NOW_S = 1765000000 };

struct queue {
	struct arena arena;
	struct audits all;
	struct backlog backlog;
	struct catalogue *lists;
	struct receivers *receivers;
	struct backlog_queue q;
};

static int begin(void **state)
{
	const struct catalogue_config config = {0};
	struct queue *q = calloc(1, sizeof(*q));
	struct error err;
	assert_non_null(q);
	q->arena = arena_make(64 << 20);
	q->all.arena = &q->arena;
	q->all.config.root = "/nowhere";
	q->all.findings = arena_alloc(&q->arena, AUDIT_FINDINGS_MAX, sizeof(*q->all.findings));
	assert_int_equal(catalogue_load(&config, NULL, NULL, &q->lists, &err), 0);
	assert_int_equal(receivers_load(q->lists, NULL, NULL, NULL, &q->receivers, &err), 0);
	assert_int_equal(backlog_init(&q->backlog), 0);
	assert_int_equal(backlog_domain(&q->backlog, "Example.com"), 0);
	q->q = (struct backlog_queue){.mta = MTA_POSTFIX,
				      .name = "the queue",
				      .folder = "/var/spool/postfix",
				      .ours = true,
				      .domains_known = true,
				      .receivers = q->receivers,
				      .now_s = NOW_S};
	*state = q;
	return 0;
}

static int end(void **state)
{
	struct queue *q = *state;
	backlog_release(&q->backlog);
	receivers_free(q->receivers);
	catalogue_free(q->lists);
	arena_release(&q->arena);
	free(q);
	return 0;
}

struct kind {
	const char *login, *client, *sender, *to, *reason;
	enum spool_state state;
	int64_t uid, age_s;
};

/* `%d` in a text is the message's number. */
static struct span numbered(struct spool_message *m, const char *format, int number)
{
	char text[512];
	const char *at = format ? strstr(format, "%d") : NULL;
	if (!format)
		return (struct span){0};
	if (at)
		snprintf(text, sizeof(text), "%.*s%d%s", (int)(at - format), format, number, at + 2);
	else
		snprintf(text, sizeof(text), "%s", format);
	return spool_message_keep(m, span_str(text));
}

static void add(struct queue *q, int count, struct kind k)
{
	static struct spool_message m;
	for (int i = 0; i < count; i++) {
		spool_message_clear(&m);
		m.state = k.state;
		m.login = numbered(&m, k.login, i);
		m.client = numbered(&m, k.client, i);
		m.sender = numbered(&m, k.sender, i);
		m.reason = numbered(&m, k.reason, i);
		m.uid = k.uid ? k.uid : -1;
		m.arrived_s = NOW_S - k.age_s;
		spool_message_recipient(&m, numbered(&m, k.to ? k.to : "to%d@example.net", i));
		assert_int_equal(backlog_add(&q->backlog, &m, "deferred/A/A1"), 0);
	}
}

static void finds(struct queue *q, const char *id, const char *subject)
{
	backlog_tell(&q->all, &q->backlog, &q->q);
	assert_int_equal(q->all.error, 0);
	if (!id) {
		assert_int_equal(q->all.finding_count, 0);
		return;
	}
	assert_int_equal(q->all.finding_count, 1);
	assert_string_equal(q->all.findings[0].record->id, id);
	assert_string_equal(q->all.findings[0].subject, subject);
}

static bool has(const char *text, const char *words)
{
	return strstr(text, words) != NULL;
}

static void a_newsletter_is_no_crime(void **state)
{
	struct queue *q = *state;
	add(q, 200, (struct kind){"news@example.com", "192.0.2.7", "bounce+%d@example.com", .reason = GREY});
	finds(q, "queue.one_sender", "news@example.com");
	assert_int_equal(q->all.findings[0].record->severity, SEVERITY_LOW);
}

static void senders_of_other_domains(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){"mallory", "192.0.2.7", "bob%d@bank.example", .reason = GREY});
	add(q, 100, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com"});
	finds(q, "queue.login", "mallory");
	assert_true(has(q->all.findings[0].detail, "60 have a sender whose domain is not served here"));
}

static void where_domains_are_not_known(void **state)
{
	struct queue *q = *state;
	q->q.domains_known = false;
	add(q, 60, (struct kind){"mallory", "192.0.2.7", "bob%d@bank.example", .reason = GREY});
	finds(q, "queue.one_sender", "mallory");
}

static void many_addresses(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){"alice@example.com", "203.0.113.%d", "alice@example.com"});
	finds(q, "queue.login", "alice@example.com");
	assert_true(has(q->all.findings[0].detail, "handed in from 60 addresses"));
}

static void mail_for_us_accuses_no_client(void **state)
{
	struct queue *q = *state;
	add(q, 90, (struct kind){NULL, "198.51.100.7", "a@example.net", "user%d@EXAMPLE.com", GREY});
	finds(q, NULL, NULL);
}

static void few_are_nothing(void **state)
{
	struct queue *q = *state;
	add(q, 49, (struct kind){"mallory", "203.0.113.%d", "bob@bank.example", .reason = LISTED});
	finds(q, "queue.reputation", "zen.spamhaus.org");
}

static void a_list_that_has_this_server(void **state)
{
	struct queue *q = *state;
	add(q, 30,
	    (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com", .reason = LISTED, .age_s = 90000});
	add(q, 40, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com", .reason = GREY});
	finds(q, "queue.reputation", "zen.spamhaus.org");
	assert_true(has(q->all.findings[0].detail, "30 of the 70 messages"));
	assert_int_equal(q->all.findings[0].command_count, 0);
	assert_string_equal(q->all.findings[0].evidence[0], LISTED);
}

static void bounces(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){.to = "to%d@stranger.example", .reason = GREY});
	add(q, 200, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com"});
	finds(q, "queue.backscatter", "the queue");
}

static void bounces_to_our_own(void **state)
{
	struct queue *q = *state;
	add(q, 90, (struct kind){.to = "user%d@example.com", .reason = GREY});
	finds(q, NULL, NULL);
}

static void on_hold(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com", .state = SPOOL_HELD});
	finds(q, "queue.held", "the queue");
}

static void a_large_one_of_many(void **state)
{
	struct queue *q = *state;
	add(q, 100, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com", .age_s = 90000});
	add(q, 50, (struct kind){"user%d@example.com", "192.0.2.7", "user%d@example.com", .age_s = 60, .reason = GREY});
	finds(q, "queue.waiting", "the queue");
	assert_int_equal(q->all.findings[0].record->severity, SEVERITY_INFO);
	assert_true(has(q->all.findings[0].detail, "150 messages"));
	assert_true(has(q->all.findings[0].detail, "100 older than an hour, 100 older than a day"));
	assert_true(has(q->all.findings[0].evidence[0], "50 put off, as this one: " GREY));
}

/* A filter that hands mail back has everybody's. */
static void the_loopback_is_nobody(void **state)
{
	struct queue *q = *state;
	add(q, 90, (struct kind){NULL, "127.0.0.1", "bob@bank.example", .reason = LISTED});
	finds(q, "queue.reputation", "zen.spamhaus.org");
}

static void names_in_commands(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){"o'hara$(reboot)", "203.0.113.%d", "o@example.com"});
	finds(q, "queue.login", "o'hara$(reboot)");
	assert_int_equal(q->all.findings[0].command_count, 5);
	assert_true(has(q->all.findings[0].commands[0].text,
			"grep -qxF -e 'named_attribute: sasl_username=o'\\''hara$(reboot)'"));
}

static void names_that_no_command_may_hold(void **state)
{
	struct queue *q = *state;
	add(q, 60, (struct kind){"a\nreboot", "203.0.113.%d", "o@example.com"});
	finds(q, "queue.login", "a\nreboot");
	assert_int_equal(q->all.findings[0].command_count, 0);
}

static void other_instances(void **state)
{
	struct queue *q = *state;
	q->q.settings = "/etc/postfix-out";
	add(q, 60, (struct kind){"a", "203.0.113.%d", "o@example.com"});
	finds(q, "queue.login", "a");
	assert_true(has(q->all.findings[0].commands[0].text, "postqueue -c '/etc/postfix-out' -j"));
	assert_true(has(q->all.findings[0].commands[4].text, "postsuper -c '/etc/postfix-out' -d - hold"));
}

static void replies_in_reasons(void **state)
{
	static const struct {
		const char *reason, *relay, *status, *text;
		uint16_t code;
	} cases[] = {
		{"host mx.a.example[192.0.2.1] said: 450 4.7.1 no (in reply to RCPT TO command)", "mx.a.example",
		 "4.7.1", "no (in reply to RCPT TO command)", 450},
		{"host mx.a.example[192.0.2.1] refused to talk to me: 554-bad", "mx.a.example", "", "bad", 554},
		{"H=mx.a.example [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<a@b>: 421 4.7.0 wait",
		 "mx.a.example", "4.7.0", "wait", 421},
		{"H=mx.a.example [192.0.2.1]: SMTP error from remote mail server after end of data: 451 later",
		 "mx.a.example", "", "later", 451},
		{"connect to mx.a.example[192.0.2.1]:25: Connection refused", "", "",
		 "connect to mx.a.example[192.0.2.1]:25: Connection refused", 0},
		{"", "", "", "", 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct backlog_reply r = backlog_reply_of(span_str(cases[i].reason));
		assert_int_equal(r.code, cases[i].code);
		assert_true(span_equal(r.relay, span_str(cases[i].relay)));
		assert_true(span_equal(r.status, span_str(cases[i].status)));
		assert_true(span_equal(r.text, span_str(cases[i].text)));
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_newsletter_is_no_crime),
		CASE(senders_of_other_domains),
		CASE(where_domains_are_not_known),
		CASE(many_addresses),
		CASE(mail_for_us_accuses_no_client),
		CASE(few_are_nothing),
		CASE(a_list_that_has_this_server),
		CASE(bounces),
		CASE(bounces_to_our_own),
		CASE(on_hold),
		CASE(a_large_one_of_many),
		CASE(the_loopback_is_nobody),
		CASE(names_in_commands),
		CASE(names_that_no_command_may_hold),
		CASE(other_instances),
		cmocka_unit_test(replies_in_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
