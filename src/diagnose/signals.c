/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that several detectors share. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "diagnose/detect.h"

enum { TEXT_SIZE = 256, VOLUME_FLOOR = 5 };

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

void signal_strange(const struct detect *d, struct candidate *c, const char *name, double weight, double value,
		    const char *format, ...)
{
	va_list arguments;
	c->strange += weight;
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
	c->strange += w->strange ? w->weight * shape : 0;
	va_start(arguments, format);
	add(d, c, (struct cause_signal){.name = signal_text(s), .value = value, .weight = w->weight * shape}, format,
	    arguments);
	va_end(arguments);
}

void signal_prior(const struct detect *d, struct candidate *c)
{
	signal_weigh(d, c, SIGNAL_prior, 1, 0, "most senders are honest");
}

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
	uint64_t lost = b->unknown + b->spam;
	double failed = (double)lost, share = share_low(lost, b->recipients), spam = share_low(b->spam, b->recipients);
	signal_weigh(d, c, SIGNAL_failures, shape_log(share, 0.035, 0.22), share,
		     "of %llu recipients %llu do not exist and %llu refused it as spam",
		     (unsigned long long)b->recipients, (unsigned long long)b->unknown, (unsigned long long)b->spam);
	signal_weigh(d, c, SIGNAL_refused_as_spam, shape_log(spam, 0.012, 0.12), spam, "%llu of %llu refused as spam",
		     (unsigned long long)b->spam, (unsigned long long)b->recipients);
	double throttled = share_low(b->rate, b->recipients);
	signal_weigh(d, c, SIGNAL_throttled, shape_log(throttled, 0.05, 0.3), throttled,
		     "%llu of %llu throttled for volume or reputation", (unsigned long long)b->rate,
		     (unsigned long long)b->recipients);
	/* what a listing kept out might have failed as well: no word for it */
	bool blind = (double)(b->rejected + b->deferred) > 0.1 * (double)b->recipients;
	double few = blind ? 0 : few_failures(failed / (double)(b->recipients ? b->recipients : 1), b->recipients);
	signal_weigh(d, c, SIGNAL_few_failures, few, failed,
		     "only %llu of %llu recipients do not exist or refused it as spam", (unsigned long long)lost,
		     (unsigned long long)b->recipients);
	if (few > 0)
		against_add(d, c, "only %llu of %llu recipients do not exist or refused it as spam",
			    (unsigned long long)lost, (unsigned long long)b->recipients);
}

static void volume_alone(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_weigh(d, c, SIGNAL_volume, shape_log(b->peak, 40, 1000), b->peak,
		     "%u recipients in the strongest hour; the log has no earlier time to compare with", b->peak);
	against_add(d, c, "the log holds no earlier time of this sender to compare with");
}

void signal_volume(const struct detect *d, struct candidate *c, double few)
{
	const struct burst *b = &c->burst;
	double usual = b->past_strong > VOLUME_FLOOR ? b->past_strong : VOLUME_FLOOR;
	double grown = shape_log(b->peak / usual, 2.5, 30), count = (double)b->recipients;
	if (b->past)
		signal_weigh(d, c, SIGNAL_growth, grown, b->peak / usual,
			     "%u recipients in the strongest hour; %u in a strong one before", b->peak, b->past_strong);
	else if (b->silent)
		signal_weigh(d, c, SIGNAL_silent_before, grown, b->peak,
			     "%u recipients in the strongest hour; next to nothing in all the log before", b->peak);
	else
		volume_alone(d, c);
	signal_weigh(d, c, SIGNAL_few_recipients,
		     count < few / 2 ? 1
		     : count < few   ? 0.4
				     : 0,
		     count, "only %llu recipients", (unsigned long long)b->recipients);
}

/* One or two sender domains may be served here where the log shows no mail for them; many are not. */
static double foreign_shape(const struct detect *d, const struct burst *b)
{
	if (b->foreign_domains >= 3)
		return 1;
	return d->t->places.domain_count > 0 && b->past ? 0.6 : 0.2;
}

void signal_senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (b->senders > b->past_senders_peak * 2)
		signal_weigh(d, c, SIGNAL_senders, shape_log(b->senders, 2, 20), b->senders,
			     "%u envelope senders; at most %u in an hour before", b->senders, b->past_senders_peak);
	if (b->foreign_share >= 0.3)
		signal_weigh(d, c, SIGNAL_foreign_senders, foreign_shape(d, b) * b->foreign_share, b->foreign_share,
			     "%.0f %% of messages under sender domains that are not served here",
			     b->foreign_share * 100);
}

/* People write to the same people again, and kept lists to the same readers; spam goes to each address once. */
void signal_new_recipients(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double share = b->recipients ? (double)b->fresh / (double)b->recipients : 0;
	if (b->recipients < 30 || c->id->seen.full)
		return;
	if (share >= 0.9)
		signal_weigh(d, c, SIGNAL_new_recipients, b->past ? 1 : 0.43, share,
			     "%llu of %llu recipients were never written to before", (unsigned long long)b->fresh,
			     (unsigned long long)b->recipients);
	if (share > 0.5)
		return;
	signal_weigh(d, c, SIGNAL_known_recipients, 1, share, "only %llu of %llu recipients were new to it",
		     (unsigned long long)b->fresh, (unsigned long long)b->recipients);
	against_add(d, c, "it had written to most of these recipients before");
}

double list_like(const char *name)
{
	static const char *const sure[] = {"news",      "letter",     "mailing", "bulletin", "campaign", "kampagne",
					   "marketing", "promo",      "angebot", "aktion",   "offer",    "rundbrief",
					   "werbung",   "boletin",    "oferta",  "publicid", "annonce",  "digest",
					   "infolette", "circulaire", "phplist", "mailman",  "announce", "subscri"};
	static const char *const perhaps[] = {"noreply", "no-reply", "info",  "aktuell", "shop", "club",
					      "bounce",  "list",     "sales", "crm",     "deal"};
	for (size_t i = 0; i < sizeof(sure) / sizeof(sure[0]); i++)
		if (strcasestr(name, sure[i]))
			return 1;
	for (size_t i = 0; i < sizeof(perhaps) / sizeof(perhaps[0]); i++)
		if (strcasestr(name, perhaps[i]))
			return 0.5;
	return 0;
}

bool is_system_sender(const char *sender, const char *host)
{
	static const char *const users[] = {"www-data", "apache", "nginx", "httpd", "www", "nobody", "root", "daemon"};
	const char *at = strchr(sender, '@');
	size_t len = at ? (size_t)(at - sender) : strlen(sender);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		if (strlen(users[i]) == len && strncasecmp(sender, users[i], len) == 0)
			return true;
	return at && host[0] && strcasecmp(at + 1, host) == 0;
}
