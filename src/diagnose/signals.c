/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that several detectors share. The weights are log-odds; tests/simulator measures what they come to. */
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

void signal_prior(const struct detect *d, struct candidate *c, double odds)
{
	signal_add(d, c, "prior", odds, 0, "most senders are honest");
}

static double few_failures(double share, uint64_t recipients)
{
	if (share < 0.02)
		return recipients >= 200 ? -2 : recipients >= 50 ? -1.5 : recipients >= 20 ? -0.7 : 0;
	return share < 0.05 && recipients >= 50 ? -0.7 : 0;
}

/* Kept lists fail for one or two in a hundred (Amazon SES reviews at 5 %); bought, guessed and stolen ones for ten and
 * more. Refusals for a listing are left out: they hit every sender of a listed server. */
void signal_failures(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t lost = b->unknown + b->spam;
	double failed = (double)lost, share = share_low(lost, b->recipients), spam = share_low(b->spam, b->recipients);
	signal_add(d, c, "failures", ramp(share, 0.035, 0.22, 3.2), share,
		   "of %llu recipients %llu do not exist and %llu refused it as spam",
		   (unsigned long long)b->recipients, (unsigned long long)b->unknown, (unsigned long long)b->spam);
	signal_add(d, c, "refused_as_spam", ramp(spam, 0.012, 0.12, 2), spam, "%llu of %llu refused as spam",
		   (unsigned long long)b->spam, (unsigned long long)b->recipients);
	double throttled = share_low(b->rate, b->recipients);
	signal_add(d, c, "throttled", ramp(throttled, 0.05, 0.3, 0.8), throttled,
		   "%llu of %llu throttled for volume or reputation", (unsigned long long)b->rate,
		   (unsigned long long)b->recipients);
	/* what a listing kept out might have failed as well: no word for it */
	bool blind = (double)(b->rejected + b->deferred) > 0.1 * (double)b->recipients;
	double none = blind ? 0 : few_failures(failed / (double)(b->recipients ? b->recipients : 1), b->recipients);
	signal_add(d, c, "few_failures", none, failed,
		   "only %llu of %llu recipients do not exist or refused it as spam", (unsigned long long)lost,
		   (unsigned long long)b->recipients);
	if (none < 0)
		against_add(d, c, "only %llu of %llu recipients do not exist or refused it as spam",
			    (unsigned long long)lost, (unsigned long long)b->recipients);
}

static void volume_alone(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_add(d, c, "volume", ramp(b->peak, 40, 1000, 1.8), b->peak,
		   "%u recipients in the strongest hour; the log has no earlier time to compare with", b->peak);
	against_add(d, c, "the log holds no earlier time of this sender to compare with");
}

void signal_volume(const struct detect *d, struct candidate *c, double few)
{
	const struct burst *b = &c->burst;
	double usual = b->past_strong > VOLUME_FLOOR ? b->past_strong : VOLUME_FLOOR;
	if (b->past)
		signal_add(d, c, "growth", ramp(b->peak / usual, 2.5, 30, 2.5), b->peak / usual,
			   "%u recipients in the strongest hour; %u in a strong one before", b->peak, b->past_strong);
	else if (b->silent)
		signal_add(d, c, "silent_before", ramp(b->peak / usual, 2.5, 30, 2.5), b->peak,
			   "%u recipients in the strongest hour; next to nothing in all the log before", b->peak);
	else
		volume_alone(d, c);
	if ((double)b->recipients < few)
		signal_add(d, c, "few_recipients", b->recipients < few / 2 ? -3 : -1.2, (double)b->recipients,
			   "only %llu recipients", (unsigned long long)b->recipients);
}

/* One or two sender domains may be served here where the log shows no mail for them; many are not. */
static double foreign_weight(const struct detect *d, const struct burst *b)
{
	if (b->foreign_domains >= 3)
		return 2;
	return d->t->places.domain_count > 0 && b->past ? 1.2 : 0.4;
}

void signal_senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (b->senders > b->past_senders_peak * 2)
		signal_strange(d, c, "senders", ramp(b->senders, 2, 20, 2), b->senders,
			       "%u envelope senders; at most %u in an hour before", b->senders, b->past_senders_peak);
	if (b->foreign_share >= 0.3)
		signal_strange(d, c, "foreign_senders", foreign_weight(d, b) * b->foreign_share, b->foreign_share,
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
		signal_add(d, c, "new_recipients", b->past ? 0.7 : 0.3, share,
			   "%llu of %llu recipients were never written to before", (unsigned long long)b->fresh,
			   (unsigned long long)b->recipients);
	if (share > 0.5)
		return;
	signal_add(d, c, "known_recipients", -1.5, share, "only %llu of %llu recipients were new to it",
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
