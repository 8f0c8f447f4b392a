/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <stdlib.h>

#include "diagnose/burst.h"
#include "diagnose/hash.h"

enum {
	GAP_SHORT = 4, /* hours without that still belong to one stretch */
	GAP_LONG = 14, /* a night */
	PAST_HOURS_MIN = 4,
	PAST_MESSAGES_MIN = 8,
	PAST_LOOK_MAX = HOURS_KEPT_MAX,
	SILENT_HOURS_MIN = 20,
	DAY_HOURS = 24,
	SOME_HOURS = 6,
	LETTERS_LESS = 10, /* times fewer in an hour than in a burst */
	SLOW_HOURS = 8,    /* in fewer the strongest hours tell it all */
};

double share_low(uint64_t n, uint64_t of)
{
	const double z = 1.3;
	if (of == 0)
		return 0;
	double count = (double)of, p = (double)n / count, zz = z * z / count;
	double low = (p + zz / 2 - z * sqrt(p * (1 - p) / count + zz / (4 * count))) / (1 + zz);
	return low > 0 ? low : 0;
}

uint64_t burst_failed(const struct burst *b)
{
	uint64_t failed = b->unknown + b->spam + b->returned;
	return failed < b->recipients ? failed : b->recipients;
}

typedef uint32_t value_fn(const struct hour *h);

static uint32_t value_recipients(const struct hour *h)
{
	return h->recipients;
}
static uint32_t value_bad(const struct hour *h)
{
	return h->bad;
}
static uint32_t value_networks(const struct hour *h)
{
	return h->networks > 2 ? h->networks : 0;
}
static uint32_t value_run(const struct hour *h)
{
	return h->run;
}
static uint32_t value_other(const struct hour *h)
{
	return h->other + (h->senders > 2 ? h->senders : 0);
}

struct stretch {
	uint32_t from, to; /* indexes, both in it */
};

/* Around the strongest hour, as far as it stays above a tenth of it. */
static bool expand(const struct identity *id, value_fn *value, uint32_t gap, struct stretch *s)
{
	uint32_t top = 0, max = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (value(&id->hours[i]) > max) {
			max = value(&id->hours[i]);
			top = i;
		}
	if (max == 0)
		return false;
	uint32_t floor = max / 10 > 0 ? max / 10 : 1;
	*s = (struct stretch){top, top};
	for (uint32_t i = top; i-- > 0 && id->hours[s->from].hour - id->hours[i].hour <= gap;)
		if (value(&id->hours[i]) >= floor)
			s->from = i;
	for (uint32_t i = top + 1; i < id->hour_count && id->hours[i].hour - id->hours[s->to].hour <= gap; i++)
		if (value(&id->hours[i]) >= floor)
			s->to = i;
	return true;
}

static void add_hour(struct burst *b, const struct hour *h)
{
	b->messages += h->messages;
	b->recipients += h->recipients;
	b->fresh += h->fresh;
	b->bad += h->bad;
	b->unknown += h->unknown;
	b->spam += h->spam;
	b->listed += h->listed;
	b->rate += h->rate;
	b->deferred += h->deferred;
	b->rejected += h->rejected;
	b->other += h->other;
	b->rapid += h->rapid;
	b->switches += h->switches;
	b->run += h->run;
	b->sorted += h->sorted;
	b->alike += h->alike;
	b->waiting += h->waiting;
	b->held += h->held;
	b->unnamed += h->unnamed;
	b->limited += h->limited;
	b->returned += h->returned;
	b->pairs += h->pairs;
	b->by_login += h->by_login;
	b->hours += h->messages > 0;
	b->networks_sum += h->networks;
	b->peak = h->recipients > b->peak ? h->recipients : b->peak;
	b->networks_peak = h->networks > b->networks_peak ? h->networks : b->networks_peak;
	b->senders_peak = h->senders > b->senders_peak ? h->senders : b->senders_peak;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Days end where they do in UTC: a day's mail may fall into two, and counts for less then. */
static uint32_t strongest_day(const struct identity *id, uint32_t before)
{
	uint32_t most = 0, sum = 0;
	for (uint32_t i = 0; i < before; i++) {
		bool same = i > 0 && id->hours[i].hour / DAY_HOURS == id->hours[i - 1].hour / DAY_HOURS;
		sum = (same ? sum : 0) + id->hours[i].recipients;
		most = sum > most ? sum : most;
	}
	return most;
}

/* At first everybody is new. */
static double fresh_later(const struct identity *id, uint32_t before, uint64_t recipients)
{
	uint64_t seen = 0, later = 0, fresh = 0;
	for (uint32_t i = 0; i < before; i++) {
		seen += id->hours[i].recipients;
		if (seen * 2 <= recipients)
			continue;
		later += id->hours[i].recipients;
		fresh += id->hours[i].fresh;
	}
	return later ? (double)fresh / (double)later : 0;
}

static void add_past(const struct identity *id, uint32_t before, struct burst *b)
{
	uint32_t usual[PAST_LOOK_MAX], n = 0;
	uint64_t other = 0, bad = 0, by_login = 0;
	for (uint32_t i = 0; i < before && n < PAST_LOOK_MAX; i++) {
		const struct hour *h = id->hours + i;
		usual[n] = h->recipients;
		n += h->messages > 0;
		b->past_messages += h->messages;
		b->past_recipients += h->recipients;
		other += h->other;
		by_login += h->by_login;
		bad += h->bad;
		b->past_most = h->recipients > b->past_most ? h->recipients : b->past_most;
		if (h->networks > b->past_networks_peak)
			b->past_networks_peak = h->networks;
		if (h->senders > b->past_senders_peak)
			b->past_senders_peak = h->senders;
	}
	b->past_hours = n;
	b->past_day_most = strongest_day(id, before);
	b->past = n >= PAST_HOURS_MIN && b->past_messages >= PAST_MESSAGES_MIN;
	if (n == 0)
		return;
	qsort(usual, n, sizeof(usual[0]), by_number);
	b->past_usual = usual[n / 2];
	b->past_strong = usual[n * 19 / 20];
	b->past_other = b->past_messages ? (double)other / (double)b->past_messages : 0;
	b->past_fresh = fresh_later(id, before, b->past_recipients);
	b->past_by_login = b->past_messages ? (double)by_login / (double)b->past_messages : 0;
	b->past_bad = b->past_recipients ? (double)bad / (double)b->past_recipients : 0;
}

/* What is first seen in the hour before may be the burst's own first message. */
bool network_is_new(const struct network *w, uint32_t burst_hour)
{
	return w->known_hour + 1 >= burst_hour;
}

static bool is_in(const struct network *w, const struct burst *b)
{
	return w->messages > 0 && w->first_hour <= b->last_hour && w->last_hour >= b->first_hour;
}

/* "cms.example.com" is no stranger to a login at example.com: only who owns the domain gives out its names, and the server
 * looked whether the name leads back to the address. */
static bool is_of_own_domain(const struct identity *id, const struct network *w)
{
	struct span domain = address_domain(span_str(id->name));
	return id->kind == IDENTITY_LOGIN && domain.len > 0 && w->owner && w->owner == network_owner(domain);
}

/* A webmail's address is everybody's who reads mail there, the thief's as well: on this host, or on another one inside. */
static bool is_webmail(const struct ground *g, const struct network *w)
{
	enum addr_kind kind = addr_kind(&w->addr);
	return kind == ADDR_LOOPBACK || (places_inside_kind(g->places, &w->addr, kind) && shared_by_many(g->shared, w));
}

/* Whose network is it? Counts are of its whole time, as no network has hours of its own; of those that are hardly used
 * but in the burst that is the burst's. What is left came from where it always comes from. */
static void add_network(const struct identity *id, const struct ground *g, const struct network *w, struct burst *b)
{
	bool here = is_webmail(g, w), home = is_of_own_domain(id, w);
	b->networks++;
	b->from_here += here;
	b->settled += w->hours >= AT_HOME_HOURS && w->last_hour - w->first_hour >= DAY_HOURS;
	if (network_is_new(w, b->first_hour)) {
		b->networks_new++;
		b->from_new += w->messages;
	}
	if (!here && !home && w->usual_hour >= b->home_hour && !shared_before(g->shared, id, w, b->home_hour)) {
		b->from_rare += w->messages;
		b->rare_recipients += w->recipients;
		b->rare_fresh += w->fresh;
	}
}

static uint64_t at_most(uint64_t n, uint64_t most)
{
	return n < most ? n : most;
}

static void settle_networks(struct burst *b)
{
	if (b->networks < b->networks_peak) { /* more than there was room for */
		b->networks_new += b->networks_peak - b->networks;
		b->networks = b->networks_peak;
	}
	b->from_new = at_most(b->from_new, b->messages);
	b->from_rare = at_most(b->from_rare, b->messages);
	b->rare_recipients = at_most(b->rare_recipients, b->recipients);
	b->rare_fresh = at_most(b->rare_fresh, b->rare_recipients);
	b->rare_share = fmax(share_of(b->from_rare, b->messages), share_of(b->rare_recipients, b->recipients));
	uint64_t rest = b->networks ? b->messages - b->from_rare : 0;
	b->from_usual = b->from_here ? 0 : rest;
	b->from_here = b->from_here ? rest : 0;
}

/* Sorts them. */
static uint32_t count_distinct(uint32_t *numbers, uint32_t n)
{
	uint32_t count = 0;
	if (n > 0)
		qsort(numbers, n, sizeof(*numbers), by_number);
	for (uint32_t i = 0; i < n; i++)
		count += i == 0 || numbers[i] != numbers[i - 1];
	return count;
}

static void add_networks(const struct identity *id, const struct ground *g, struct burst *b)
{
	uint32_t *providers = malloc((id->network_count + 1) * sizeof(*providers)), n = 0;
	uint32_t *once = malloc((id->network_count + 1) * sizeof(*once)), m = 0;
	for (uint32_t i = 0; i < id->network_count; i++) {
		const struct network *w = id->networks + i;
		if (!is_in(w, b))
			continue;
		add_network(id, g, w, b);
		if (providers)
			providers[n++] = w->provider;
		if (once && w->hours == 1)
			once[m++] = w->provider;
	}
	b->providers += count_distinct(providers, n);
	b->providers_once += count_distinct(once, m);
	free(providers);
	free(once);
	/* what came before and after it may not have been in it */
	b->networks = (uint32_t)at_most(b->networks, b->networks_sum);
	b->providers = (uint32_t)at_most(b->providers, b->networks_sum);
	settle_networks(b);
}

static bool is_foreign(const struct identity *id, const struct places *p, const struct name_seen *s)
{
	struct span domain = address_domain(span_str(s->text)), own = address_domain(span_str(id->name));
	if (domain.len == 0 || places_own_hash(p, s->domain) || places_of_host(id->host, domain))
		return false;
	return id->kind != IDENTITY_LOGIN || !span_equal_nocase(domain, own);
}

static void add_senders(const struct identity *id, const struct places *p, struct burst *b)
{
	uint64_t messages = 0, foreign = 0, domains[NAMES_MAX];
	uint32_t n = 0;
	for (uint32_t i = 0; i < id->senders.count; i++) {
		const struct name_seen *s = id->senders.at + i;
		if (s->first_hour > b->last_hour || s->last_hour < b->first_hour)
			continue;
		b->senders++;
		messages += s->messages;
		if (is_foreign(id, p, s)) {
			bool known = false;
			for (uint32_t k = 0; k < n && !known; k++)
				known = domains[k] == s->domain;
			if (!known)
				domains[n++] = s->domain;
			b->foreign++;
			foreign += s->messages;
		}
	}
	b->foreign_domains = n;
	b->foreign_share = messages ? (double)foreign / (double)messages : 0;
	if (b->senders < b->senders_peak)
		b->senders = b->senders_peak;
}

/* Who began to write after the log did has no time before that. Single letters, and a day and more later a burst: then the
 * places of the letters are its own by some hours before that. Who goes slowly has no hour like that. */
static void find_letters(const struct identity *id, struct stretch s, struct burst *b)
{
	uint32_t top = s.from, first = id->hours[s.from].hour, hour, most = 0;
	for (uint32_t i = s.from; i <= s.to; i++)
		top = id->hours[i].recipients > id->hours[top].recipients ? i : top;
	hour = id->hours[top].hour;
	if (s.from > 0 || hour - first < DAY_HOURS)
		return;
	for (uint32_t i = 0; i < top && id->hours[i].hour + SOME_HOURS <= hour; i++)
		most = id->hours[i].recipients > most ? id->hours[i].recipients : most;
	if (most * LETTERS_LESS > id->hours[top].recipients)
		return;
	b->home_hour = hour - SOME_HOURS;
	b->letters_most = most;
}

static void measure(const struct identity *id, const struct ground *g, struct stretch s, struct burst *b)
{
	const struct hour *first = id->hours + s.from, *last = id->hours + s.to;
	*b = (struct burst){.first_hour = first->hour, .last_hour = last->hour, .home_hour = first->hour};
	find_letters(id, s, b);
	b->first_ms = (int64_t)first->hour * 3600000 + first->first_ms;
	b->last_ms = (int64_t)last->hour * 3600000 + last->last_ms;
	for (uint32_t i = s.from; i <= s.to; i++)
		add_hour(b, id->hours + i);
	add_networks(id, g, b);
	add_senders(id, g->places, b);
	add_past(id, s.from, b);
}

/* Does this hour outside the burst belong to the same trouble? Beside it the rest of a wave that the clock has cut; far
 * from it another wave. Either fails as the burst does, and is more than the identity's usual. */
static bool is_wave(const struct hour *h, const struct burst *b)
{
	bool beside = h->hour + 1 == b->first_hour || h->hour == b->last_hour + 1;
	uint64_t least = b->peak / (beside ? 50 : 10), usual = beside ? b->past_usual : 2 * (uint64_t)b->past_strong;
	return h->bad > 0 && h->recipients >= least && h->recipients > usual &&
	       (uint64_t)h->bad * b->recipients * 2 >= b->bad * h->recipients;
}

void burst_widen(const struct identity *id, const struct ground *g, struct burst *b)
{
	const struct burst core = *b;
	bool widened = false;
	for (uint32_t i = 0; i < id->hour_count; i++) {
		const struct hour *h = id->hours + i;
		if ((h->hour >= core.first_hour && h->hour <= core.last_hour) || !is_wave(h, &core))
			continue;
		int64_t first = (int64_t)h->hour * 3600000 + h->first_ms,
			last = (int64_t)h->hour * 3600000 + h->last_ms;
		add_hour(b, h);
		widened = true;
		if (h->hour < b->first_hour) {
			b->first_hour = h->hour;
			b->first_ms = first;
		} else if (h->hour > b->last_hour) {
			b->last_hour = h->hour;
			b->last_ms = last;
		}
	}
	if (!widened)
		return;
	b->networks = b->networks_new = b->settled = b->providers = b->providers_once = b->senders = b->foreign = 0;
	b->from_new = b->from_rare = b->from_here = b->rare_recipients = b->rare_fresh = 0;
	add_networks(id, g, b);
	add_senders(id, g->places, b);
}

/* The network with most of what was sent from where nobody here is at home, and which came after a past. */
static const struct network *strangest(const struct identity *id, const struct ground *g)
{
	const struct network *most = NULL;
	for (uint32_t i = 0; id->kind == IDENTITY_LOGIN && i < id->network_count; i++) {
		const struct network *w = id->networks + i;
		bool late = w->messages > 0 && w->hours >= SLOW_HOURS &&
			    w->first_hour >= hour_of(g->from_ms) + SILENT_HOURS_MIN;
		if (late && network_is_new(w, w->first_hour) && (!most || w->messages > most->messages) &&
		    addr_kind(&w->addr) != ADDR_LOOPBACK && !shared_before(g->shared, id, w, w->first_hour))
			most = w;
	}
	return most;
}

/* Who goes slowly makes no hour that stands out: all the time that it was sent from there. */
static bool since_a_stranger_came(const struct identity *id, const struct ground *g, struct stretch *s)
{
	const struct network *w = strangest(id, g);
	if (!w)
		return false;
	*s = (struct stretch){0, id->hour_count - 1};
	while (s->from < s->to && id->hours[s->from].hour < w->first_hour)
		s->from++;
	while (s->to > s->from && id->hours[s->to].hour > w->last_hour)
		s->to--;
	return true;
}

static size_t add_stretch(struct stretch done[BURSTS_MAX], size_t n, const struct stretch *s)
{
	for (size_t i = 0; i < n; i++)
		if (done[i].from == s->from && done[i].to == s->to)
			return n;
	done[n] = *s;
	return n + 1;
}

size_t bursts_find(const struct identity *id, const struct ground *g, struct burst bursts[BURSTS_MAX])
{
	static value_fn *const values[] = {value_recipients, value_bad, value_networks, value_other, value_run};
	static const uint32_t gaps[] = {GAP_SHORT, GAP_LONG, GAP_LONG, GAP_LONG, GAP_SHORT};
	struct stretch done[BURSTS_MAX] = {{0, 0}}, s;
	size_t n = 0;
	if (id->hour_count == 0)
		return 0;
	done[n++] = (struct stretch){0, id->hour_count - 1};
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		if (expand(id, values[v], gaps[v], &s))
			n = add_stretch(done, n, &s);
	if (since_a_stranger_came(id, g, &s))
		n = add_stretch(done, n, &s);
	for (size_t i = 0; i < n; i++) {
		measure(id, g, done[i], &bursts[i]);
		bursts[i].silent = !bursts[i].past && bursts[i].first_hour >= hour_of(g->from_ms) + SILENT_HOURS_MIN;
	}
	return n;
}
