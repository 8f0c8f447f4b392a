/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that several detectors share. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "diagnose/detect.h"

enum {
	TEXT_SIZE = 256,
	VOLUME_FLOOR = 5,
	NAMED_MIN = 30, /* recipients that are told apart */
	DAY_HOURS = 20,
	NIGHT_HOURS = 9,
	OTHERS_MIN = 50, /* messages that tell when a server is busy */
	DAY_MS = 86400000,
	HOUR_MS = 3600000,
	MAILING_HOURS = 12,
	TEXTS_MIN = 20,
};

static uint64_t at_most(uint64_t n, uint64_t most)
{
	return n < most ? n : most;
}

double ramp(double value, double from, double to, double weight)
{
	if (value <= from)
		return 0;
	return value >= to ? weight : weight * log(value / from) / log(to / from);
}

__attribute__((format(printf, 4, 0))) static void add(const struct detect *d, struct candidate *c,
						      struct cause_signal s, const char *format, va_list arguments)
{
	char text[TEXT_SIZE];
	if (fabs(s.weight) < 0.05 || c->signal_count == SIGNALS_MAX)
		return;
	if (d->arena) {
		(void)vsnprintf(text, sizeof(text), format, arguments);
		s.text = words_copy(d->arena, text);
	}
	c->odds += s.weight;
	c->signal[c->signal_count++] = s;
}

void signal_add(const struct detect *d, struct candidate *c, const char *name, double weight, double value,
		const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(d, c, (struct cause_signal){.name = name, .value = value, .weight = weight}, format, arguments);
	va_end(arguments);
}

void against_add(const struct detect *d, struct candidate *c, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;
	if (c->against_count == AGAINST_MAX || !d->arena)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	c->against[c->against_count++] = words_copy(d->arena, text);
}

double shape_log(double value, double from, double to)
{
	return ramp(value, from, to, 1);
}

double shape_flag(bool on)
{
	return on ? 1 : 0;
}

void signal_weigh(const struct detect *d, struct candidate *c, enum signal s, double shape, double value,
		  const char *format, ...)
{
	const struct signal_weight *w = signal_weight(c->kind, s);
	va_list arguments;
	shape = fmax(0, fmin(1, shape));
	c->shape[s] = shape;
	c->strange += w->strange ? shape : 0;
	va_start(arguments, format);
	add(d, c, (struct cause_signal){.name = signal_text(s), .value = value, .weight = w->weight * shape}, format,
	    arguments);
	va_end(arguments);
}

void signal_prior(const struct detect *d, struct candidate *c)
{
	signal_weigh(d, c, SIGNAL_prior, 1, 0, "most senders are honest");
}

/* No alibi for a login or a program: these have no row for it. */
static double few_failures(double share, uint64_t recipients)
{
	if (share < 0.02)
		return recipients >= 200 ? 1 : recipients >= 50 ? 0.75 : recipients >= 20 ? 0.35 : 0;
	return share < 0.05 && recipients >= 50 ? 0.35 : 0;
}

/* Kept lists fail for one or two in a hundred (Amazon SES reviews at 5 %); bought, guessed and stolen ones for ten and
 * more. Refusals for a listing are left out: they hit every sender of a listed server. */
void signal_failures(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t lost = burst_failed(b);
	double share = share_low(lost, b->recipients), spam = share_low(b->spam, b->recipients);
	signal_weigh(
		d, c, SIGNAL_failures, shape_log(share, 0.035, 0.22), share,
		"of %llu recipients %llu do not exist, %llu refused it as spam, %llu were returned by the relay host",
		(unsigned long long)b->recipients, (unsigned long long)b->unknown, (unsigned long long)b->spam,
		(unsigned long long)b->returned);
	signal_weigh(d, c, SIGNAL_refused_as_spam, shape_log(spam, 0.012, 0.12), spam,
		     "%llu of %llu recipients refused it as spam", (unsigned long long)b->spam,
		     (unsigned long long)b->recipients);
	double throttled = share_low(b->rate, b->recipients);
	signal_weigh(d, c, SIGNAL_throttled, shape_log(throttled, 0.05, 0.3), throttled,
		     "for %llu of %llu recipients it was slowed down for volume or reputation",
		     (unsigned long long)b->rate, (unsigned long long)b->recipients);
	/* what a listing kept out might have failed as well: no word for it */
	bool blind = (double)(b->rejected + b->deferred) > 0.1 * (double)b->recipients;
	double few =
		blind ? 0 : few_failures((double)lost / (double)(b->recipients ? b->recipients : 1), b->recipients);
	signal_weigh(d, c, SIGNAL_few_failures, few, (double)lost,
		     "only %llu of %llu recipients do not exist or refused it as spam", (unsigned long long)lost,
		     (unsigned long long)b->recipients);
	if (few > 0)
		against_add(d, c, "only %llu of %llu recipients do not exist or refused it as spam",
			    (unsigned long long)lost, (unsigned long long)b->recipients);
}

static void volume_alone(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_weigh(d, c, SIGNAL_volume, shape_log(b->peak, 60, 1000), b->peak,
		     "%u recipients in the busiest hour; the log has no earlier time of this sender to compare with",
		     b->peak);
	against_add(d, c, "the log has no earlier time of this sender to compare with");
}

void signal_volume(const struct detect *d, struct candidate *c, double few)
{
	const struct burst *b = &c->burst;
	uint32_t most = b->past ? b->past_most : b->letters_most; /* a stretch may hold its own time before */
	double usual = most > VOLUME_FLOOR ? most : VOLUME_FLOOR, count = (double)b->recipients;
	if (b->past || b->letters_most)
		signal_weigh(d, c, SIGNAL_growth, shape_log(b->peak / usual, 3, 40), b->peak / usual,
			     "%u recipients in the busiest hour; never more than %u in an hour before", b->peak, most);
	else if (b->silent)
		signal_weigh(d, c, SIGNAL_silent_before, shape_log(b->peak, 15, 200), b->peak,
			     "%u recipients in the busiest hour; hardly anything in the log before that", b->peak);
	else
		volume_alone(d, c);
	signal_weigh(d, c, SIGNAL_few_recipients,
		     count < few / 2 ? 1
		     : count < few   ? 0.4
				     : 0,
		     count, "only %llu recipients", (unsigned long long)b->recipients);
}

/* The share of its days that have mail: who goes slowly goes day by day, two mailings a week apart are two mailings. */
static double days_used(const struct identity *id, const struct burst *b)
{
	uint32_t days = 0, day = UINT32_MAX, all = b->last_hour / 24 - b->first_hour / 24 + 1;
	for (uint32_t i = 0; i < id->hour_count; i++) {
		if (id->hours[i].hour < b->first_hour || id->hours[i].hour > b->last_hour)
			continue;
		days += id->hours[i].hour / 24 != day;
		day = id->hours[i].hour / 24;
	}
	return share_of(days, all);
}

/* Who goes slowly: longer than a mailing takes, day by day, in one text, against the strongest day before. */
void signal_days(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double usual = b->past && b->past_day_most > VOLUME_FLOOR ? b->past_day_most : VOLUME_FLOOR;
	double each = (double)b->recipients / ceil((double)(b->last_ms - b->first_ms + 1) / DAY_MS);
	double alike = b->messages > 1 ? (double)b->alike / (double)(b->messages - 1) : 0;
	double longer = shape_log((double)(b->last_ms - b->first_ms) / HOUR_MS, MAILING_HOURS, 3 * MAILING_HOURS);
	longer *= fmax(0, fmin(1, (days_used(c->id, b) - 0.3) / 0.2));
	if (b->past || b->silent)
		signal_weigh(d, c, SIGNAL_daily_growth, shape_log(each / usual, 1.5, 8) * longer, each,
			     "%.0f recipients a day; at most %u in a day before", each, b->past_day_most);
	if (b->messages >= TEXTS_MIN)
		signal_weigh(d, c, SIGNAL_alike, (alike - 0.4) / 0.4, alike,
			     "%llu of %llu messages have the same length", (unsigned long long)b->alike + 1,
			     (unsigned long long)b->messages);
}

/* Hours with mail of all in it: people sleep, and mostly eat. */
static double awake(const struct burst *b)
{
	double hours = b->last_hour - b->first_hour + 1.0;
	return hours >= DAY_HOURS ? ((double)b->hours / hours - 0.6) / 0.3 : 0;
}

void signal_pace(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_weigh(d, c, SIGNAL_rapid, shape_log((double)b->rapid, 15, 150), (double)b->rapid,
		     "%llu messages followed the one before within seconds", (unsigned long long)b->rapid);
	signal_weigh(d, c, SIGNAL_one_text, shape_log((double)b->run, 20, 200), (double)b->run,
		     "%llu messages of the same length, one after the other, each to somebody else",
		     (unsigned long long)b->run);
	signal_weigh(d, c, SIGNAL_restless, awake(b), b->hours, "sent in %u of %u hours, without a pause at night",
		     b->hours, b->last_hour - b->first_hour + 1);
}

/* How busy the rest of the server is at these hours of the day: 1 as on average. */
static double others_awake(const struct tally *t, const struct identity *id, const struct burst *b)
{
	uint64_t day[24], all = 0, then = 0;
	uint32_t hours = b->last_hour - b->first_hour + 1;
	for (uint32_t i = 0; i < 24; i++)
		day[i] = t->by_hour[i];
	for (uint32_t i = 0; i < id->hour_count; i++)
		day[id->hours[i].hour % 24] -= at_most(id->hours[i].messages, day[id->hours[i].hour % 24]);
	for (uint32_t i = 0; i < 24; i++)
		all += day[i];
	for (uint32_t i = 0; i < hours && i < 24; i++)
		then += day[(b->first_hour + i) % 24];
	return all >= OTHERS_MIN && hours <= NIGHT_HOURS ? (double)then * 24 / (double)all / hours : 1;
}

void signal_off_hours(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double busy = others_awake(d->t, c->id, b);
	if (d->t->to_ms - d->t->from_ms >= DAY_MS)
		signal_weigh(d, c, SIGNAL_off_hours, (0.5 - busy) / 0.4, busy,
			     "sent at hours when others here hardly write");
}

void signal_limited(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_weigh(d, c, SIGNAL_limited, shape_log((double)b->limited + 1, 1, 20), (double)b->limited,
		     "this server's own limits stopped it %llu times", (unsigned long long)b->limited);
}

/* One or two sender domains may be served here where the log shows no mail for them; many are not. */
static double foreign_shape(const struct detect *d, const struct burst *b)
{
	if (b->foreign_domains >= 3)
		return 1;
	return d->t->places.domain_count > 0 && b->past ? 0.6 : 0.2;
}

/* A webmail or a web server has many senders at all times: where one of them has nearly all of a stretch, the others are
 * not what it is about. */
static uint64_t most_of_one(const struct identity *id, const struct burst *b)
{
	uint64_t most = 0;
	for (uint32_t i = 0; i < id->senders.count; i++) {
		const struct name_seen *s = id->senders.at + i;
		if (s->first_hour <= b->last_hour && s->last_hour >= b->first_hour && s->messages > most)
			most = s->messages;
	}
	return most;
}

static double others_share(const struct identity *id, const struct burst *b)
{
	uint64_t most = most_of_one(id, b);
	double share = b->messages ? (double)at_most(most, b->messages) / (double)b->messages : 0;
	return fmin(1, 2 * (1 - share));
}

void signal_senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (b->senders > b->past_senders_peak * 2)
		signal_weigh(d, c, SIGNAL_senders, shape_log(b->senders, 2, 20) * others_share(c->id, b), b->senders,
			     "%u envelope senders; never more than %u in an hour before", b->senders,
			     b->past_senders_peak);
	if (b->foreign_share >= 0.3)
		signal_weigh(d, c, SIGNAL_foreign_senders, foreign_shape(d, b) * b->foreign_share, b->foreign_share,
			     "%.0f %% of the messages have sender domains that are not served here",
			     b->foreign_share * 100);
}

/* People write letters of their own, a mailing has one name: one text under many names is a spam run's. No longer a run than
 * the mailing of one name among others' letters is that mailing. */
void signal_text_of_many(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t most = most_of_one(c->id, b), alike = b->alike > most ? b->alike - most : 0;
	uint64_t others = b->messages - at_most(most, b->messages);
	double share = others > 1 ? (double)alike / (double)(others - 1) : 0;
	double text = fmax(shape_log((double)(b->run > most ? b->run - most : 0), 20, 200),
			   b->messages >= TEXTS_MIN ? (share - 0.4) / 0.4 : 0);
	double names = shape_log(b->senders, 3, 20) * others_share(c->id, b);
	signal_weigh(d, c, SIGNAL_text_of_many, fmin(text, names), b->senders,
		     "one text went out under %u senders' names", b->senders);
}

/* Some write to new people all the time: an information desk, a shop. */
static double new_shape(const struct burst *b, double share)
{
	double usual = b->past ? fmin(1, 2.5 * (1 - b->past_fresh)) : 0.43;
	return fmin(1, (share - 0.7) / 0.2) * usual;
}

/* People write to the same people again, and kept lists to the same readers; spam goes to each address once. Beside a
 * thief the owner goes on. */
void signal_new_recipients(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	bool strange = b->rare_recipients >= NAMED_MIN && b->from_usual > 0 && b->unnamed == 0;
	uint64_t named = strange ? b->rare_recipients : b->recipients - at_most(b->unnamed, b->recipients);
	uint64_t fresh = strange ? b->rare_fresh : b->fresh;
	double share = named ? (double)fresh / (double)named : 0;
	if (named < NAMED_MIN || c->id->seen.full)
		return;
	signal_weigh(d, c, SIGNAL_new_recipients, new_shape(b, share), share,
		     "%llu of %llu recipients were never written to before", (unsigned long long)fresh,
		     (unsigned long long)named);
	if (share > 0.5)
		return;
	signal_weigh(d, c, SIGNAL_known_recipients, 1, share, "only %llu of %llu recipients were new to it",
		     (unsigned long long)fresh, (unsigned long long)named);
	against_add(d, c, "it had written to most of these recipients before");
}

/* More strangers than a person knows people. */
void signal_crowd(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t strangers = b->fresh + at_most(b->unnamed, b->recipients);
	signal_weigh(d, c, SIGNAL_crowd, shape_log((double)strangers, 150, 1500), (double)strangers,
		     "%llu recipients that were never written to before", (unsigned long long)strangers);
}

/* The host's own name, of which syslog may have the first part alone. */
static bool is_host_domain(const char *domain, const char *host)
{
	size_t len = strlen(host);
	if (strncasecmp(domain, host, len) != 0)
		return false;
	return domain[len] == '\0' || (domain[len] == '.' && strchr(domain + len + 1, '.'));
}

bool is_system_sender(const char *sender, const char *host)
{
	static const char *const users[] = {"www-data", "apache", "nginx", "httpd", "www", "nobody", "root", "daemon"};
	const char *at = strchr(sender, '@');
	size_t len = at ? (size_t)(at - sender) : strlen(sender);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		if (strlen(users[i]) == len && strncasecmp(sender, users[i], len) == 0)
			return true;
	return at && host[0] && is_host_domain(at + 1, host);
}
