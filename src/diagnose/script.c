/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of this host that sends: a web form, an uploaded mailer. Cron's and a shop's mail stay under the prior. */
#include "diagnose/detect.h"

static bool has_one_of(const char *name, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasestr(name, parts[i]))
			return true;
	return false;
}

static void place(const struct detect *d, struct candidate *c)
{
	static const char *const dropped[] = {"/tmp", "/upload", "/cache", "/.", "/dev/shm", "/images", "eval()'d"};
	static const char *const web[] = {"www",    "apache", "nginx", "httpd", "public_html",
					  "htdocs", ".php",   "vhost", "/html", "web"};
	const char *name = c->id->name;
	if (name[0] == '/' && has_one_of(name, dropped, sizeof(dropped) / sizeof(dropped[0])))
		signal_weigh(d, c, SIGNAL_dropped_file, strcasestr(name, ".php") ? 1 : 0.7, 1,
			     "it lies where uploads, pictures or temporary files lie");
	else if (has_one_of(name, web, sizeof(web) / sizeof(web[0])))
		signal_weigh(d, c, SIGNAL_web, 1, 1, "it belongs to a web server");
}

/* A form that sends "a copy to you": the site's own address gets each message beside a stranger. A shop's orders do so,
 * too; not by hundreds in an hour. */
static void form(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (b->messages >= 10 && b->pairs * 10 > b->messages * 4 && b->fresh * 10 > b->recipients * 8)
		signal_weigh(d, c, SIGNAL_copy_to_stranger, shape_log(b->peak, 3, 30), (double)b->pairs,
			     "%llu of %llu messages went to a stranger and to an address of this server",
			     (unsigned long long)b->pairs, (unsigned long long)b->messages);
}

static void few_places(const struct detect *d, struct candidate *c)
{
	if (c->id->seen.count >= 6)
		return;
	signal_weigh(d, c, SIGNAL_same_recipients, 1, c->id->seen.count, "it writes to the same %u recipients",
		     c->id->seen.count);
	against_add(d, c, "it writes to only %u recipients", c->id->seen.count);
}

bool script_by_loopback(const struct identity *id)
{
	struct addr a;
	return id->kind == IDENTITY_SCRIPT && id->name[0] != '/' && addr_parse(span_str(id->name), &a) == 0 &&
	       addr_kind(&a) == ADDR_LOOPBACK;
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (candidate_gateway(d, c) != GATEWAY_NO)
		return false; /* a proxy of this host, not a program */
	if (queue_users_smtp(&d->t->queue_users, c->id->host, c->id->name))
		return false; /* who arrives by SMTP, not a program */
	signal_prior(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	signal_senders(d, c);
	signal_text_of_many(d, c);
	place(d, c);
	form(d, c);
	few_places(d, c);
	signal_pace(d, c);
	signal_days(d, c);
	signal_limited(d, c);
	if (b->senders <= 1 && !b->foreign)
		against_add(d, c, "all of it has one envelope sender, of this server");
	return b->messages > 0;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	if (script_by_loopback(c->id))
		return words_printf(
			d->arena,
			"A program on this server that hands its mail over by SMTP, from %s without a login "
			"(%s), %s spam: %s recipients in %s",
			c->id->name, c->subject, running ? "sends" : "sent", words_count(recipients, b->recipients),
			words_span(time, b->last_ms - b->first_ms));
	return words_printf(d->arena, "%s on this server %s spam: %s recipients in %s", c->subject,
			    running ? "sends" : "sent", words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"stop the script: take away its read and execute rights, or disable the site",
	"hold its queued mail before it leaves: {hold}",
	"look for new files below that folder, and at the web server's log of these times",
	NULL,
};

const struct detector detect_script = {CAUSE_SCRIPT, IDENTITY_SCRIPT, weigh, fix, sentence};
