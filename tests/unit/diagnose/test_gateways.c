/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside addresses: machines that send, and gateways behind which the world stands. */
#include <stdio.h>

#include "story.h"

/* The world's mail for us, all from one address. */
static void incoming(struct story *s, const char *client, uint32_t messages)
{
	char sender[64], to[64];
	for (uint32_t i = 0; i < messages; i++) {
		(void)snprintf(sender, sizeof(sender), "b%u@shop%u.example", i, i % 30);
		(void)snprintf(to, sizeof(to), "user%u@example.com", i % 7);
		story_tell(s,
			   &(struct told){
				   .at_s = i * 600, .client = client, .sender = sender, .to = to, .fate = TOLD_HERE});
	}
}

static void spam(struct story *s, const char *client, int64_t at_s, uint32_t messages)
{
	char sender[64];
	for (uint32_t i = 0; i < messages; i++) {
		(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, i % 40);
		story_tell(s,
			   &(struct told){
				   .at_s = at_s + i * 5, .client = client, .sender = sender, .fate = story_dirty(s)});
	}
}

static void a_gateway_that_brings_the_world(void **state)
{
	static const char *const gateways[] = {"192.168.7.33", "10.244.3.17", "fd00:1::25"};
	for (size_t i = 0; i < sizeof(gateways) / sizeof(gateways[0]); i++) {
		struct story s;
		story_begin(&s);
		incoming(&s, gateways[i], 300);
		spam(&s, gateways[i], 2 * DAY_S, 200);
		story_end(&s);
		assert_only_cause(&s, CAUSE_OPEN_RELAY, gateways[i]);
		assert_non_null(strstr(s.report.causes[0].sentence, "gateway"));
		story_release(&s);
	}
}

/* Nothing is known of it but its number. */
static void a_gateway_by_its_number(void **state)
{
	static const char *const gateways[] = {"172.17.0.1", "192.168.1.1", "10.0.0.1", "192.168.178.254", "fd00:d::1"};
	for (size_t i = 0; i < sizeof(gateways) / sizeof(gateways[0]); i++) {
		struct story s;
		story_begin(&s);
		story_person(&s, "alice@example.com", 2);
		spam(&s, gateways[i], 2 * DAY_S, 200);
		story_end(&s);
		assert_only_cause(&s, CAUSE_OPEN_RELAY, gateways[i]);
		assert_true(s.report.causes[0].against_count > 0);
		story_release(&s);
	}
}

static void password(struct story *s, uint32_t user, int64_t at_s, bool good)
{
	char login[32];
	(void)snprintf(login, sizeof(login), "user%u", user);
	struct mail_event e = {.kind = EVENT_LOGIN,
			       .format = FORMAT_POSTFIX,
			       .at_ms = s->from_ms + at_s * 1000,
			       .host = span_str("mail.example.com"),
			       .uid = MAIL_UID_NONE,
			       .login = span_str(login),
			       .good = good};
	assert_int_equal(addr_parse(span_str("172.20.0.9"), &e.client), 0);
	s->sink.event(s->sink.arg, &e, &(struct line_copy){0, ++s->line, e.at_ms, span_str("a password")});
}

/* An office's people behind one address mistype their passwords, and one of its machines is infected. */
static void people_who_mistype(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 2);
	for (uint32_t i = 0; i < 40; i++) {
		password(&s, i, i * 600, true);
		password(&s, i, 40 * 600 + i * 600, false);
	}
	spam(&s, "172.20.0.9", 2 * DAY_S, 200);
	story_end(&s);
	assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "172.20.0.9");
	story_release(&s);
}

static void a_gateway_by_guessed_passwords(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 2);
	for (uint32_t i = 0; i < 40; i++)
		password(&s, i, i * 60, false);
	spam(&s, "172.20.0.9", 2 * DAY_S, 200);
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "172.20.0.9");
	story_release(&s);
}

/* The honest ones: the world's mail comes in through it, and people and a shop behind it send. */
static void an_honest_gateway(void **state)
{
	struct story s;
	story_begin(&s);
	incoming(&s, "172.17.0.1", 400);
	for (uint32_t i = 0; i < 200; i++)
		story_tell(&s, &(struct told){.at_s = i * 1300,
					      .client = "172.17.0.1",
					      .sender = i % 3 ? "shop@example.com" : "office@example.com",
					      .fate = story_kept(&s)});
	assert_no_cause(&s);
}

static void an_infected_machine(void **state)
{
	struct story s;
	story_begin(&s);
	incoming(&s, "192.0.2.8", 300);
	for (uint32_t i = 0; i < 30; i++)
		story_tell(&s, &(struct told){.at_s = i * 5000,
					      .client = "192.168.7.33",
					      .sender = "petra@example.com",
					      .to = "friend@known.example"});
	spam(&s, "192.168.7.33", 2 * DAY_S, 200);
	story_end(&s);
	assert_only_cause(&s, CAUSE_INFECTED_CLIENT, "192.168.7.33");
	story_release(&s);
}

/* A ticket system answers everybody who writes to it, spammers with forged senders too: a sixth is unknown, every day. */
static void a_ticket_system(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 700; i++)
		story_tell(&s, &(struct told){.at_s = i * 800,
					      .client = "192.168.3.20",
					      .sender = "support@example.com",
					      .fate = i % 6 ? TOLD_SENT : TOLD_UNKNOWN});
	assert_no_cause(&s);
}

/* Shops of customers on one web server inside: domains that nobody here has a mailbox of, and one mailing a month. */
static void a_customers_web_server(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 900; i++) {
		(void)snprintf(sender, sizeof(sender), "shop@customer%u.example", i % 25);
		story_tell(&s, &(struct told){.at_s = i * 600,
					      .client = "10.1.2.30",
					      .sender = sender,
					      .fate = story_any(&s, 40) ? TOLD_SENT : TOLD_UNKNOWN});
	}
	for (uint32_t i = 0; i < 1200; i++)
		story_tell(&s, &(struct told){.at_s = 5 * DAY_S + i * 2,
					      .client = "10.1.2.30",
					      .sender = "shop@customer3.example",
					      .fate = story_any(&s, 25) ? TOLD_SENT : TOLD_UNKNOWN});
	assert_no_cause(&s);
}

/* A school behind one address, each under its own name; a term's letter to all parents. */
static void a_school(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 1500; i++) {
		(void)snprintf(sender, sizeof(sender), "pupil%u@example.com", story_any(&s, 90));
		story_tell(&s, &(struct told){.at_s = i < 900 ? i * 500 : 5 * DAY_S + i * 3,
					      .client = "10.0.0.1",
					      .sender = i < 900 ? sender : "office@example.com",
					      .fate = story_kept(&s)});
	}
	assert_no_cause(&s);
}

/* A scanner and a monitoring host. */
static void devices(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 400; i++) {
		story_tell(&s, &(struct told){.at_s = i * 900,
					      .client = "192.168.1.60",
					      .sender = "scanner@example.com",
					      .to = i % 4 ? "anna@example.com" : "tax@office.example",
					      .fate = i % 4 ? TOLD_HERE : TOLD_SENT});
		story_tell(&s, &(struct told){.at_s = i < 40 ? i * 9000 : 4 * DAY_S + i * 15,
					      .client = "192.168.1.9",
					      .sender = "icinga@monitor.example",
					      .to = i % 2 ? "team@pager.example" : "boss@pager.example"});
	}
	assert_no_cause(&s);
}

/* Three stolen passwords of a hundred, all used at the webmail: the accounts are the trouble, not its container. */
static void a_webmail_with_stolen_accounts(void **state)
{
	struct story s;
	char login[32];
	story_begin(&s);
	for (uint32_t i = 0; i < 1000; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 50);
		story_tell(&s, &(struct told){.at_s = i * 300, .client = "172.18.0.6", .login = login});
	}
	for (uint32_t i = 0; i < 600; i++) {
		(void)snprintf(login, sizeof(login), "user%u@example.com", i % 3);
		story_tell(&s, &(struct told){.at_s = 4 * DAY_S + i * 4,
					      .client = "172.18.0.6",
					      .login = login,
					      .sender = "pay@forged.example",
					      .fate = story_dirty(&s)});
	}
	story_end(&s);
	for (size_t i = 0; i < s.report.cause_count; i++)
		assert_int_equal(s.report.causes[i].kind, CAUSE_COMPROMISED_ACCOUNT);
	assert_int_equal(s.report.cause_count, 3);
	story_release(&s);
}

/* Names are made up by spam programs as well: behind a gateway stands the world, and that writes to us, too. */
static void a_machine_of_many_names(void **state)
{
	struct story s;
	char helo[32], sender[64];
	for (int gateway = 0; gateway < 2; gateway++) {
		story_begin(&s);
		story_person(&s, "alice@example.com", 2);
		for (uint32_t i = 0; i < 200; i++) {
			bool in = gateway && i % 10 == 0;
			(void)snprintf(helo, sizeof(helo), "host%u.example", i % 30);
			(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, i % 40);
			story_tell(&s, &(struct told){.at_s = 2 * DAY_S + i * 5,
						      .client = "10.20.3.114",
						      .helo = helo,
						      .sender = sender,
						      .to = in ? "alice@example.com" : NULL,
						      .fate = in ? TOLD_HERE : story_dirty(&s)});
		}
		story_end(&s);
		assert_only_cause(&s, gateway ? CAUSE_OPEN_RELAY : CAUSE_INFECTED_CLIENT, "10.20.3.114");
		story_release(&s);
	}
}

/* A proxy on this host that does not say whose connection it hands on; a contact form that speaks SMTP to it. */
static void what_comes_from_loopback(void **state)
{
	struct story s;
	char helo[32], sender[64];
	for (int proxy = 0; proxy < 2; proxy++) {
		story_begin(&s);
		story_person(&s, "alice@example.com", 2);
		for (uint32_t i = 0; i < 200; i++) {
			(void)snprintf(helo, sizeof(helo), "host%u.example", i % 30);
			(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, i % 40);
			story_tell(&s, &(struct told){.at_s = 2 * DAY_S + i * 5,
						      .client = "127.0.0.1",
						      .helo = proxy ? helo : "localhost",
						      .sender = sender,
						      .fate = story_dirty(&s)});
		}
		story_end(&s);
		assert_only_cause(&s, proxy ? CAUSE_OPEN_RELAY : CAUSE_SCRIPT, "127.0.0.1");
		story_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_that_brings_the_world),
		cmocka_unit_test(a_gateway_by_its_number),
		cmocka_unit_test(a_gateway_by_guessed_passwords),
		cmocka_unit_test(people_who_mistype),
		cmocka_unit_test(an_honest_gateway),
		cmocka_unit_test(an_infected_machine),
		cmocka_unit_test(a_ticket_system),
		cmocka_unit_test(a_customers_web_server),
		cmocka_unit_test(a_school),
		cmocka_unit_test(devices),
		cmocka_unit_test(a_machine_of_many_names),
		cmocka_unit_test(what_comes_from_loopback),
		cmocka_unit_test(a_webmail_with_stolen_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
