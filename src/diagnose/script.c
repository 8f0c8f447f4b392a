/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of this host that sends: a web form, an uploaded mailer. Cron's and a shop's mail stay under the prior. */
#include "diagnose/detect.h"

static void place(const struct detect *d, struct candidate *c)
{
	static const char *const dropped[] = {"/tmp", "/upload", "/cache", "/.", "/dev/shm"};
	static const char *const web[] = {"www",         "apache", "nginx", "httpd",
					  "public_html", "htdocs", ".php",  "php-fpm"};
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (strstr(c->id->name, dropped[i])) {
			signal_add(d, c, "dropped_file", 1.5, 1, "it lies where uploads and temporary files lie");
			break;
		}
	for (size_t i = 0; i < sizeof(web) / sizeof(web[0]); i++)
		if (strstr(c->id->name, web[i])) {
			signal_add(d, c, "web", 0.6, 1, "it belongs to a web server");
			break;
		}
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step domain_steps[] = {{10, 0.5}, {30, 1}};
	const struct burst *b = &c->burst;
	signal_prior(d, c, -4);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_senders(d, c);
	place(d, c);
	if (b->recipients >= 30 && b->fresh * 10 > b->recipients * 8)
		signal_add(d, c, "new_recipients", STEP_WEIGHT(c->id->domains.count, domain_steps), (double)b->fresh,
			   "%llu of %llu recipients were never written to before, in %u domains",
			   (unsigned long long)b->fresh, (unsigned long long)b->recipients, c->id->domains.count);
	if (c->id->client.family && b->senders <= 1 && !b->foreign) {
		signal_add(d, c, "one_own_sender", -2.5, b->senders, "all of it under one address that is served here");
		against_add(d, c, "all of it is under one address that is served here");
	}
	if (c->id->seen.count < 6) {
		signal_add(d, c, "same_recipients", -3, c->id->seen.count, "it writes to the same %u recipients",
			   c->id->seen.count);
		against_add(d, c, "it writes to no more than %u recipients", c->id->seen.count);
	}
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "%s on this server %s spam: %s recipients in %s", c->subject,
			    running ? "sends" : "sent", words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"stop the script: take its execute and read rights, or disable the site",
	"hold its queued mail before it leaves: offlist fix plan",
	"look at newly written files below that folder and at the web server's log at these times",
	NULL,
};

const struct detector detect_script = {CAUSE_SCRIPT, IDENTITY_SCRIPT, weigh, fix, sentence};
