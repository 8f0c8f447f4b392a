/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients outside that relay without a login: each guilty one beside an honest one that looks like it. */
#include <stdio.h>

#include "story.h"

static const char customer[] = "203.0.113.50";

static void refusals(struct story *s, uint32_t from_day, uint32_t to_day, uint32_t each_day)
{
	char client[32];
	for (uint32_t i = from_day * each_day; i < to_day * each_day; i++) {
		(void)snprintf(client, sizeof(client), "192.0.2.%u", 1 + i % 200);
		story_refuse_relay(s, (int64_t)i * DAY_S / each_day + 600, client);
	}
}

static void day_of_work(struct story *s, uint32_t day, uint32_t messages, const char *name)
{
	char sender[64];
	for (uint32_t i = 0; i < messages; i++) {
		(void)snprintf(sender, sizeof(sender), "staff%u@customer.example", story_any(s, 6));
		story_tell(s, &(struct told){.at_s = day * DAY_S + 8 * HOUR_S + i * (9 * HOUR_S / messages),
					     .client = customer,
					     .name = name,
					     .sender = sender,
					     .fate = story_kept(s)});
	}
}

static void a_customers_server(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 2);
	refusals(&s, 0, 2, 10);
	day_of_work(&s, 0, 20, "mail.customer.example");
	day_of_work(&s, 1, 20, "mail.customer.example");
	story_end(&s);
	assert_int_equal(s.report.cause_count, 0);
	assert_true(story_has_note(&s, "-m 203.0.113.50"));
	story_release(&s);
}

/* No stranger knocked in that week, and its provider named the line. */
static void a_customers_server_of_every_day(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t day = 0; day < 7; day++)
		day_of_work(&s, day, 40, "static-203-0-113-50.isp.example");
	assert_no_cause(&s);
}

/* Its quarterly letter: fifty times a day's mail, to people that it wrote to before, one in a hundred gone. */
static void a_customers_quarterly_letter(void **state)
{
	struct story s;
	story_begin(&s);
	refusals(&s, 0, 6, 8);
	for (uint32_t day = 0; day < 6; day++)
		day_of_work(&s, day, 30, "mail.customer.example");
	for (uint32_t i = 0; i < 1500; i++)
		story_tell(&s, &(struct told){.at_s = 5 * DAY_S + 10 * HOUR_S + i * 2,
					      .client = customer,
					      .name = "mail.customer.example",
					      .sender = "letter@customer.example",
					      .fate = story_kept(&s)});
	assert_no_cause(&s);
}

/* Refused on the first day; from the second on its mail passes, to each address once, and others still are refused. */
static void a_stranger_who_came_in(void **state)
{
	struct story s;
	story_begin(&s);
	story_person(&s, "alice@example.com", 6);
	refusals(&s, 0, 6, 12);
	for (uint32_t i = 0; i < 15; i++)
		story_refuse_relay(&s, 6 * HOUR_S + i * 300, customer);
	for (uint32_t i = 0; i < 375; i++)
		story_tell(&s, &(struct told){.at_s = DAY_S + i * (5 * DAY_S / 375),
					      .client = customer,
					      .sender = "billing@notice.example",
					      .fate = story_kept(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, customer);
	story_release(&s);
}

/* A new line, refused until somebody named it: others still are. */
static void a_customer_who_moved(void **state)
{
	struct story s;
	story_begin(&s);
	refusals(&s, 0, 4, 12);
	for (uint32_t i = 0; i < 15; i++)
		story_refuse_relay(&s, DAY_S + i * 300, customer);
	day_of_work(&s, 2, 30, "mail.customer.example");
	day_of_work(&s, 3, 30, "mail.customer.example");
	assert_no_cause(&s);
}

/* The same client was refused, and then everybody was let in. */
static void a_door_left_open(void **state)
{
	struct story s;
	story_begin(&s);
	refusals(&s, 0, 2, 12);
	for (uint32_t i = 0; i < 15; i++)
		story_refuse_relay(&s, DAY_S + i * 3000, "203.0.113.60");
	for (uint32_t i = 0; i < 60; i++)
		story_tell(&s, &(struct told){.at_s = 2 * DAY_S + i * 900,
					      .client = "203.0.113.60",
					      .sender = "s@far.example",
					      .fate = i % 5 ? TOLD_SENT : TOLD_UNKNOWN});
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "203.0.113.60");
	story_release(&s);
}

/* All recipients at one provider; the senders are forged, of our own domain. */
static void a_relay_to_one_domain(const char *sender_domain, uint32_t clients)
{
	struct story s;
	char to[64], sender[64], client[32];
	story_begin(&s);
	story_person(&s, "alice@example.com", 3);
	story_tell(&s, &(struct told){.client = "192.0.2.9",
				      .sender = "b@shop.example",
				      .to = "alice@example.com",
				      .fate = TOLD_HERE});
	for (uint32_t i = 0; i < 400; i++) {
		(void)snprintf(to, sizeof(to), "%u@mails.example", 100000 + i);
		(void)snprintf(sender, sizeof(sender), "rand%u@%s", i, sender_domain);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 8 + i % clients);
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i * 5,
					      .client = client,
					      .sender = sender,
					      .to = to,
					      .fate = i % 3 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "198.51.100.8");
	story_release(&s);
}

static void relays_to_one_domain(void **state)
{
	a_relay_to_one_domain("example.com", 1);
	a_relay_to_one_domain("far.example", 1);
	a_relay_to_one_domain("example.com", 5);
}

/* Others are refused, as they do not know the way round. */
static void a_relay_through_forged_addresses(bool bang, const char *sender)
{
	struct story s;
	char to[64], original[96];
	story_begin(&s);
	refusals(&s, 0, 3, 12);
	story_person(&s, "alice@example.com", 2);
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(to, sizeof(to), "j%u@d%u.example", i, i % 30);
		if (bang)
			(void)snprintf(original, sizeof(original), "d%u.example!j%u@example.com", i % 30, i);
		else
			(void)snprintf(original, sizeof(original), "j%u%%d%u.example@example.com", i, i % 30);
		story_tell(&s, &(struct told){.at_s = 2 * DAY_S + i * 6,
					      .client = "198.51.100.3",
					      .sender = sender,
					      .to = to,
					      .original = original,
					      .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "198.51.100.3");
	assert_non_null(strstr(s.report.causes[0].sentence, "addresses of this server"));
	story_release(&s);
}

static void relays_through_forged_addresses(void **state)
{
	a_relay_through_forged_addresses(false, "bank@far.example");
	a_relay_through_forged_addresses(true, "bank@far.example");
}

/* What we rewrote comes back as bounces: an empty sender. */
static void rewritten_addresses_that_come_back(void **state)
{
	struct story s;
	char to[64], original[96];
	story_begin(&s);
	for (uint32_t i = 0; i < 200; i++) {
		(void)snprintf(to, sizeof(to), "j%u@d%u.example", i, i % 30);
		(void)snprintf(original, sizeof(original), "SRS0=abcd=6E=d%u.example=j%u@example.com", i % 30, i);
		story_tell(&s, &(struct told){.at_s = i * 2000,
					      .client = story_client(i),
					      .sender = "",
					      .to = to,
					      .original = original,
					      .fate = i % 4 ? TOLD_SENT : TOLD_UNKNOWN});
	}
	assert_no_cause(&s);
}

/* Many clients, one to a few messages each. */
static void a_relay_for_a_botnet(void **state)
{
	struct story s;
	char sender[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(sender, sizeof(sender), "s%u@forged%u.example", i, i % 60);
		story_tell(&s, &(struct told){.at_s = DAY_S + i * 20,
					      .client = story_client(i),
					      .sender = sender,
					      .fate = story_dirty(&s)});
	}
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_OPEN_RELAY);
	story_release(&s);
}

/* Spam comes through the customer that may relay and through the open door: it is the door's client that is named. */
static void a_customer_beside_an_open_door(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t day = 0; day < 5; day++)
		day_of_work(&s, day, 200, "mail.customer.example");
	for (uint32_t i = 0; i < 150; i++)
		story_tell(&s, &(struct told){.at_s = 4 * DAY_S + i * 10,
					      .client = "198.51.100.77",
					      .sender = i % 2 ? "pay@forged.example" : "bank@other.example",
					      .fate = story_dirty(&s)});
	story_end(&s);
	assert_only_cause(&s, CAUSE_OPEN_RELAY, "198.51.100.77");
	assert_int_equal(s.report.causes[0].recipients, 150);
	story_release(&s);
}

/* A monitoring host outside: alarms to one pager, some hundred in one night. */
static void a_monitoring_host(void **state)
{
	struct story s;
	story_begin(&s);
	for (uint32_t i = 0; i < 400; i++)
		story_tell(&s, &(struct told){.at_s = i < 100 ? i * 1200 : 2 * DAY_S + i * 20,
					      .client = "203.0.113.99",
					      .sender = "nagios@monitor.example",
					      .to = i % 2 ? "team@pager.example" : "boss@pager.example"});
	assert_no_cause(&s);
}

/* Another site of our own, on a line whose name is the provider's. */
static void another_site(void **state)
{
	struct story s;
	char sender[64], to[64];
	story_begin(&s);
	refusals(&s, 0, 4, 6);
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(sender, sizeof(sender), "colleague%u@example.com", story_any(&s, 15));
		(void)snprintf(to, sizeof(to), "friend%u@known.example", story_any(&s, 80));
		story_tell(&s, &(struct told){.at_s = i / 75 * DAY_S + 8 * HOUR_S + i % 75 * 400,
					      .client = "203.0.113.150",
					      .name = "dsl-150.isp.example",
					      .sender = sender,
					      .to = i % 3 ? to : NULL,
					      .fate = story_kept(&s)});
	}
	assert_no_cause(&s);
}

/* The first server of a domain that we are a backup for fails for a night: all the world comes here at once. */
static void a_backup_in_need(void **state)
{
	struct story s;
	char to[64], sender[64], client[32];
	story_begin(&s);
	story_person(&s, "alice@example.com", 4);
	for (uint32_t i = 0; i < 400; i++) {
		(void)snprintf(to, sizeof(to), "box%u@customer.example", i % 12);
		(void)snprintf(sender, sizeof(sender), "s%u@d%u.example", i, i % 90);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + i % 60);
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i * 60,
					      .client = client,
					      .sender = sender,
					      .to = to,
					      .fate = i < 300 ? TOLD_WAITING : TOLD_SENT});
	}
	assert_no_cause(&s);
}

/* Strangers' mail for one domain goes through from the log's first day on, evenly: a backup server's work, unless everybody
 * can have a mailbox there. */
static void mail_for_a_domain(const char *domain, bool relay)
{
	struct story s;
	char to[64], sender[64], client[32];
	story_begin(&s);
	story_person(&s, "alice@example.com", 6);
	for (uint32_t i = 0; i < 1200; i++) {
		(void)snprintf(to, sizeof(to), "box%u@%s", i, domain);
		(void)snprintf(sender, sizeof(sender), "s%u@d%u.example", i, i % 300);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + i % 60);
		story_tell(&s, &(struct told){.at_s = i * 400,
					      .client = client,
					      .sender = sender,
					      .to = to,
					      .fate = i % 25 == 0 ? TOLD_UNKNOWN : TOLD_SENT});
	}
	if (!relay) {
		assert_no_cause(&s);
		return;
	}
	story_end(&s);
	assert_int_equal(s.report.cause_count, 1);
	assert_int_equal(s.report.causes[0].kind, CAUSE_OPEN_RELAY);
	story_release(&s);
}

static void nobodys_backup(void **state)
{
	mail_for_a_domain("customer.example", false);
	mail_for_a_domain("yahoo.co.jp", true);
	mail_for_a_domain("gmail.com", true);
}

/* Other servers of honest people that send through us: shops of sixty customers, and a house that forwards its people's mail
 * on. Both under many senders' domains, some of it refused, every day. */
static void servers_with_many_senders(void **state)
{
	struct story s;
	char sender[64];
	for (int forwards = 0; forwards < 2; forwards++) {
		story_begin(&s);
		for (uint32_t i = 0; i < 900; i++) {
			(void)snprintf(sender, sizeof(sender), "shop@customer%u.example", story_any(&s, 60));
			story_tell(&s, &(struct told){.at_s = i * 600,
						      .client = customer,
						      .name = "web7.hoster.example",
						      .sender = sender,
						      .to = forwards && i % 2 ? "boss.home@freemail.example" : NULL,
						      .fate = story_any(&s, 25) ? TOLD_SENT
							      : forwards        ? TOLD_SPAM
										: TOLD_UNKNOWN});
		}
		assert_no_cause(&s);
	}
}

/* The first server of a domain is away for a night and comes back at once: nothing waits here, and it goes to the same
 * mailboxes again and again. */
static void a_short_absence(void **state)
{
	struct story s;
	char to[64], sender[64], client[32];
	story_begin(&s);
	story_person(&s, "alice@example.com", 4);
	for (uint32_t i = 0; i < 200; i++) {
		(void)snprintf(to, sizeof(to), "box%u@customer.example", story_any(&s, 14));
		(void)snprintf(sender, sizeof(sender), "s%u@d%u.example", i, i % 90);
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + i % 60);
		story_tell(&s, &(struct told){.at_s = 3 * DAY_S + i * 60,
					      .client = client,
					      .sender = sender,
					      .to = to,
					      .fate = story_any(&s, 20) ? TOLD_SENT : TOLD_UNKNOWN});
	}
	assert_no_cause(&s);
}

/* Outgoing hosts of a provider that send for our own people, and telephones of one network. */
static void many_clients_of_one_owner(void **state)
{
	struct story s;
	char sender[64], client[32], name[64];
	story_begin(&s);
	for (uint32_t i = 0; i < 250; i++) {
		(void)snprintf(sender, sizeof(sender), "user%u@example.com", story_any(&s, 30));
		(void)snprintf(client, sizeof(client), "198.51.100.%u", 1 + story_any(&s, 250));
		(void)snprintf(name, sizeof(name), "mail-out%u.provider.example", story_any(&s, 99));
		story_tell(&s, &(struct told){.at_s = i / 125 * DAY_S + 8 * HOUR_S + i % 125 * 250,
					      .client = client,
					      .name = name,
					      .sender = sender,
					      .fate = story_kept(&s)});
	}
	assert_no_cause(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_customers_server),
		cmocka_unit_test(a_customers_server_of_every_day),
		cmocka_unit_test(a_customers_quarterly_letter),
		cmocka_unit_test(a_customer_who_moved),
		cmocka_unit_test(a_stranger_who_came_in),
		cmocka_unit_test(a_door_left_open),
		cmocka_unit_test(relays_to_one_domain),
		cmocka_unit_test(relays_through_forged_addresses),
		cmocka_unit_test(rewritten_addresses_that_come_back),
		cmocka_unit_test(a_relay_for_a_botnet),
		cmocka_unit_test(a_customer_beside_an_open_door),
		cmocka_unit_test(a_monitoring_host),
		cmocka_unit_test(another_site),
		cmocka_unit_test(a_backup_in_need),
		cmocka_unit_test(nobodys_backup),
		cmocka_unit_test(servers_with_many_senders),
		cmocka_unit_test(a_short_absence),
		cmocka_unit_test(many_clients_of_one_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
