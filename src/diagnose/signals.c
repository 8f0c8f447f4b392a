/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that several detectors share. The weights are log-odds; tests/simulator measures what they come to. */
#include <stdarg.h>
#include <stdio.h>

#include "diagnose/detect.h"

enum { TEXT_SIZE = 256, VOLUME_FLOOR = 5 };

double step_weight(double value, const struct step *steps, size_t count)
{
	double weight = 0;
	for (size_t i = 0; i < count && value >= steps[i].from; i++)
		weight = steps[i].weight;
	return weight;
}

void signal_add(const struct detect *d, struct candidate *c, const char *name, double weight, double value,
		const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;
	if (weight == 0 || c->signal_count == SIGNALS_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	c->odds += weight;
	c->signal[c->signal_count++] = (struct cause_signal){name, words_copy(d->arena, text), value, weight};
}

void against_add(const struct detect *d, struct candidate *c, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;
	if (c->against_count == AGAINST_MAX)
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

/* Kept lists fail for one or two in a hundred; bought, guessed and stolen ones for ten and more. */
void signal_failures(const struct detect *d, struct candidate *c)
{
	static const struct step unknown_steps[] = {{0.04, 1}, {0.08, 2}, {0.2, 3}};
	static const struct step blocked_steps[] = {{0.03, 1.2}, {0.1, 2}, {0.3, 2.8}};
	const struct burst *b = &c->burst;
	double unknown = share_low(b->unknown, b->recipients);
	/* not those for a listing: they hit every sender of a listed server */
	double blocked = share_low(b->spam, b->recipients);
	signal_add(d, c, "unknown_users", STEP_WEIGHT(unknown, unknown_steps), unknown,
		   "%llu of %llu recipients do not exist", (unsigned long long)b->unknown,
		   (unsigned long long)b->recipients);
	signal_add(d, c, "refused_as_spam", STEP_WEIGHT(blocked, blocked_steps), blocked,
		   "%llu of %llu refused as spam", (unsigned long long)b->spam, (unsigned long long)b->recipients);
	if (b->recipients >= 50 && (double)(b->unknown + b->spam) < 0.02 * (double)b->recipients) {
		signal_add(d, c, "few_failures", -1.5, (double)b->bad, "only %llu of %llu recipients failed",
			   (unsigned long long)b->bad, (unsigned long long)b->recipients);
		against_add(d, c, "only %llu of %llu recipients failed", (unsigned long long)b->bad,
			    (unsigned long long)b->recipients);
	}
}

/* Against the identity's own past where there is one; else against what one person writes. */
void signal_volume(const struct detect *d, struct candidate *c, double few)
{
	static const struct step past_steps[] = {{3, 0.7}, {8, 1.5}, {25, 2.3}, {80, 3}};
	static const struct step alone_steps[] = {{40, 0.5}, {120, 1}, {500, 1.7}, {2000, 2.3}};
	const struct burst *b = &c->burst;
	double usual = b->past_strong > VOLUME_FLOOR ? b->past_strong : VOLUME_FLOOR;
	if (b->past)
		signal_add(d, c, "growth", STEP_WEIGHT(b->peak / usual, past_steps), b->peak / usual,
			   "%u recipients in the strongest hour; %u in a strong one before", b->peak, b->past_strong);
	else
		signal_add(d, c, "volume", STEP_WEIGHT(b->peak, alone_steps), b->peak,
			   "%u recipients in the strongest hour; the log has no earlier time to compare with", b->peak);
	if (!b->past)
		against_add(d, c, "the log holds no earlier time of this sender to compare with");
	if ((double)b->recipients < few)
		signal_add(d, c, "few_recipients", b->recipients < few / 2 ? -3 : -1.2, (double)b->recipients,
			   "only %llu recipients", (unsigned long long)b->recipients);
}

void signal_senders(const struct detect *d, struct candidate *c)
{
	static const struct step senders_steps[] = {{4, 1}, {10, 1.8}, {40, 2.4}};
	const struct burst *b = &c->burst;
	if (b->senders > b->past_senders_peak * 2)
		signal_add(d, c, "senders", STEP_WEIGHT(b->senders, senders_steps), b->senders,
			   "%u envelope senders; at most %u in an hour before", b->senders, b->past_senders_peak);
	signal_add(d, c, "foreign_senders", b->foreign_share >= 0.5 && b->foreign ? 2 : 0, b->foreign_share,
		   "%.0f %% of messages under sender domains that are not served here", b->foreign_share * 100);
}
