/* SPDX-License-Identifier: BSD-2-Clause */
/* The list that a reply names is the list it is told as: every list that lives, in the words of many mail servers. */
#include "fixture.h"

#include <stdio.h>

#include "explain/explain.h"
#include "receivers/receivers.h"

static struct site site;
static struct receivers *receivers;

static int setup(void **state)
{
	struct error err;
	site_init(&site);
	site_load(&site);
	assert_int_equal(receivers_load(site.catalogue, NULL, NULL, NULL, &receivers, &err), 0);
	return site.result;
}

static int teardown(void **state)
{
	receivers_free(receivers);
	site_release(&site);
	return 0;
}

/* %s is the zone; each of another mail server or filter. */
static const char *const wordings[] = {
	"554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using %s; see the page of the list",
	"550 5.7.1 Service unavailable; client [192.0.2.10] blocked using %s",
	"521 5.7.1 Service unavailable; client [192.0.2.10] blocked using %s=127.0.0.2",
	"454 4.7.1 Service unavailable; Helo command [mail.example.com] blocked using %s",
	"550 192.0.2.10 is listed at %s (127.0.0.2: spam source)",
	"550 Rejected message because 192.0.2.10 is in a black list at %s",
	"550 rejected because 192.0.2.10 is blacklisted at %s",
	"550 5.7.1 Rejected: 192.0.2.10 listed at %s",
	"550 5.7.1 Mail from 192.0.2.10 refused by blackhole site %s",
	"553 5.3.0 Mail from 192.0.2.10 rejected, see RBL server %s",
	"550 5.7.1 192.0.2.10 has been blocked by %s",
	"550 5.7.1 The IP address was rejected by the Realtime Block List provider %s.",
	"550 5.7.1 Connecting host [192.0.2.10] is listed by the lookup site '%s.'.",
	"451 Blocked by %s, rblsmtpd",
	"550 host [192.0.2.10] is listed on %s",
	"554 5.7.1 Client 192.0.2.10 found in DNSBL: %s",
	"554 5.7.1 Spam message rejected; matched RBL %s",
	"550-\"JunkMail rejected - mail.example.com [192.0.2.10]:41234 is in an RBL on %s, see their page\"",
	"571 Email from 192.0.2.10 is currently blocked by %s.",
	"591 your host [192.0.2.10] is blacklisted by %s. No mail will be accepted",
	"554 Policy violation. Your host 192.0.2.10 was found in the DNS Blacklist at %s",
	"550 Rejected due to DNSBL server response (%s - 192.0.2.10)",
	"550 5.7.1 192.0.2.10 blocked (%s)",
	"550-IP 192.0.2.10 is blacklisted (%s). Help at our page",
	"554 Refused. Your IP address is listed in the RBL at %s",
	"501 5.7.1 <someone@example.net>... Sender refused by the DNSBL %s",
	"550 5.7.1 Email blocked by %s",
};

static void name_of(char *to, size_t size, const struct list *l, const char *key)
{
	const char *hole = strstr(l->zone, "{key}.");
	const char *rest = hole ? hole + strlen("{key}.") : l->zone;
	snprintf(to, size, "%s%s", hole ? key : "", rest);
}

/* A list of names is about a domain, or where it holds hashes of mail addresses, about a sender. */
static bool is_about(const struct reply_match *m, const struct list *l)
{
	return m->about == (l->query == QUERY_EMAIL_HASH ? ABOUT_SENDER : ABOUT_DOMAIN);
}

static size_t wrong(const struct list *l, const char *key)
{
	size_t faults = 0;
	char zone[300], reply[600];
	bool names = l->class == CLASS_DOMAIN || l->class == CLASS_URL || !(l->query & (QUERY_IP4 | QUERY_IP6));
	name_of(zone, sizeof(zone), l, key);
	for (size_t i = 0; i < sizeof(wordings) / sizeof(*wordings); i++) {
		struct reply_match m;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(reply, sizeof(reply), wordings[i], zone);
#pragma GCC diagnostic pop
		receivers_match(receivers, (struct span){0}, 0, (struct span){0}, span_str(reply), &m);
		if (m.means == REPLY_LISTED_PUBLIC && m.list == l && (is_about(&m, l) || !names))
			continue;
		print_error("%s: %s, %s\n", reply, reply_meaning_text(m.means), m.list ? m.list->zone : "no list");
		faults++;
	}
	return faults;
}

static void every_list_in_every_wording(void **state)
{
	size_t faults = 0, tried = 0;
	for (size_t i = 0; i < catalogue_count(site.catalogue); i++) {
		const struct list *l = catalogue_at(site.catalogue, i);
		/* where the same zone is asked with and without a key, without one it is the other */
		if (!l->enabled || l->class == CLASS_WHITE)
			continue;
		faults += wrong(l, l->key ? "abcdefghijklmnopqrstuvwxyz." : "");
		tried++;
	}
	assert_true(tried > 60);
	assert_int_equal(faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_list_in_every_wording)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
