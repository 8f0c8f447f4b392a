/* SPDX-License-Identifier: BSD-2-Clause */
/* What a replay expects. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "replay_setup.h"

static const struct replay_result *result_of(const struct replay *p, const char *target)
{
	for (const struct replay_result *r = p->results; r; r = r->next)
		if (strcasecmp(r->target, target) == 0)
			return r;
	return NULL;
}

static const struct replay_row *row_of(const struct replay *p, const char *target, const char *zone)
{
	const struct replay_result *r = result_of(p, target);
	for (const struct replay_row *row = r ? r->rows : NULL; row; row = row->next)
		if (strcasecmp(row->zone, zone) == 0)
			return row;
	return NULL;
}

/* Each word stands in the text as one. */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

/* row TARGET ZONE STATUS [why=] [asked=] [impact=] [code=] [scope=] [removed=] [txt=] [answered] */
static int expect_row(struct replay *p, char **words, size_t count)
{
	const struct replay_row *row;
	if (count < 4)
		return replay_fail(p, "expect row TARGET ZONE WORD...");
	row = row_of(p, words[1], words[2]);
	if (!row)
		return replay_fail(p, "no row of %s about %s", words[2], words[1]);
	for (size_t i = 3; i < count; i++)
		if (!has_word(row->text, words[i]))
			return replay_fail(p, "%s about %s: expected %s, it is: %s", words[2], words[1], words[i],
					   row->text);
	return 0;
}

static int expect_no_row(struct replay *p, char **words, size_t count)
{
	const struct replay_row *row = count == 3 ? row_of(p, words[1], words[2]) : NULL;
	return row ? replay_fail(p, "%s about %s: expected no row, it is: %s", words[2], words[1], row->text) : 0;
}

/* result TARGET VERDICT [monitor=N] [unaskable=yes|no] [fault=KIND] [via=TARGET] */
static int expect_result(struct replay *p, char **words, size_t count)
{
	const struct replay_result *r = count > 2 ? result_of(p, words[1]) : NULL;
	const char *monitor = replay_value(words, count, "monitor"), *fault = replay_value(words, count, "fault"),
		   *unaskable = replay_value(words, count, "unaskable"), *via = replay_value(words, count, "via");
	char status[16];
	if (!r)
		return replay_fail(p, "no result for %s", count > 1 ? words[1] : "nothing");
	if (strcmp(verdict_text(r->verdict), words[2]) != 0)
		return replay_fail(p, "%s: expected %s, it is %s", words[1], words[2], verdict_text(r->verdict));
	(void)snprintf(status, sizeof(status), "%d", r->monitor);
	if (monitor && strcmp(monitor, status) != 0)
		return replay_fail(p, "%s: expected monitor=%s, it is %d", words[1], monitor, r->monitor);
	if (fault && strcmp(fault, r->fault) != 0)
		return replay_fail(p, "%s: expected fault=%s, it is %s", words[1], fault, r->fault);
	if (unaskable && (strcmp(unaskable, "yes") == 0) != (r->unaskable[0] != '\0'))
		return replay_fail(p, "%s: expected unaskable=%s", words[1], unaskable);
	if (via && strcmp(via, r->via) != 0)
		return replay_fail(p, "%s: expected via=%s, it is %s", words[1], via, r->via);
	return 0;
}

static int expect_no_result(struct replay *p, char **words, size_t count)
{
	return count == 2 && result_of(p, words[1]) ? replay_fail(p, "%s: a result came", words[1]) : 0;
}

static int count_asked(struct replay *p, char **words, size_t count, size_t *ret_count)
{
	struct addr server;
	int where, type, e;
	if (count < 4)
		return replay_fail(p, "expect asked WHERE NAME TYPE [times=N]");
	e = replay_where(p, words[1], &where, &server);
	if (e == 0)
		e = replay_type(p, words[3], &type);
	*ret_count = 0;
	for (size_t i = 0; e == 0 && i < p->asked_count; i++) {
		const struct replay_asked *a = &p->asked[i];
		bool rare = a->type != DNS_A && a->type != DNS_NS && a->type != DNS_TXT && a->type != DNS_AAAA &&
			    a->type != DNS_MX;
		if ((where < 0 || (int)a->where == where) && replay_fits(words[2], a->name) &&
		    (type == -1 ? rare : type == 0 || a->type == type) &&
		    (server.family == 0 || addr_equal(&server, &a->server)))
			++*ret_count;
	}
	return e;
}

static int expect_asked(struct replay *p, char **words, size_t count)
{
	const char *times = replay_value(words, count, "times");
	size_t n;
	int e = count_asked(p, words, count, &n);
	if (e == 0 && (times ? n != strtoul(times, NULL, 10) : n == 0))
		return replay_fail(p, "%s %s %s: expected %s times, asked %zu times", words[1], words[2], words[3],
				   times ? times : "1 or more", n);
	return e;
}

static int expect_not_asked(struct replay *p, char **words, size_t count)
{
	size_t n;
	int e = count_asked(p, words, count, &n);
	return e == 0 && n ? replay_fail(p, "%s %s %s: asked %zu times", words[1], words[2], words[3], n) : e;
}

/* time FROM TO: how long the run took */
static int expect_time(struct replay *p, char **words, size_t count)
{
	int64_t from, to;
	if (count != 3 || replay_time(p, words[1], &from) < 0 || replay_time(p, words[2], &to) < 0)
		return replay_fail(p, "expect time FROM TO");
	if (p->took_us < from || p->took_us > to)
		return replay_fail(p, "it took %lld ms", (long long)p->took_us / 1000);
	return 0;
}

static int expect_ended(struct replay *p, char **words, size_t count)
{
	return p->ended ? 0 : replay_fail(p, "the run goes on");
}

static int expect_running(struct replay *p, char **words, size_t count)
{
	return p->run ? 0 : replay_fail(p, "the run has ended");
}

/* totals KEY=N... */
static int expect_totals(struct replay *p, char **words, size_t count)
{
	const struct check_totals *t = &p->totals;
	const struct {
		const char *key;
		uint64_t value;
	} values[] = {{"targets", t->targets}, {"listed", t->listed},   {"clear", t->clear},
		      {"unknown", t->unknown}, {"queries", t->queries}, {"interrupted", t->interrupted},
		      {"resumed", t->resumed}};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *text = replay_value(words, count, values[i].key);
		if (text && strtoull(text, NULL, 10) != values[i].value)
			return replay_fail(p, "expected %s=%s, it is %llu", values[i].key, text,
					   (unsigned long long)values[i].value);
	}
	return 0;
}

static int expect_fault(struct replay *p, char **words, size_t count)
{
	const char *fault = p->fault[0] ? p->fault : "none";
	if (count != 2 || strcmp(words[1], fault) != 0)
		return replay_fail(p, "expected fault %s, it is %s", count > 1 ? words[1] : "", fault);
	return 0;
}

/* lane ZONE STATE...: the states that it went through, in this order, and no others; the first kind of target that is asked
 * of the list */
static int expect_lane(struct replay *p, char **words, size_t count)
{
	char zone[320], was[600] = "", expected[600] = "";
	const char *line = buf_text(&p->events);
	snprintf(zone, sizeof(zone), " zone=%s ", count > 1 ? words[1] : "");
	for (size_t i = 2; i < count; i++)
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), " %s", words[i]);
	for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
		const char *at = strstr(line, zone), *to = strstr(line, " to=");
		if (at && at < end && to && to < end && sizeof(was) - strlen(was) > 20)
			snprintf(was + strlen(was), sizeof(was) - strlen(was), " %.*s", (int)strcspn(to + 4, " \n"),
				 to + 4);
	}
	return strcmp(was, expected) == 0 ? 0 : replay_fail(p, "%s went through:%s", words[1], was);
}

static int expect_note(struct replay *p, char **words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!strstr(buf_text(&p->notes), words[i]))
			return replay_fail(p, "no note has %s; they are: %s", words[i], buf_text(&p->notes));
	return 0;
}

/* targets TEXT...: these and no others */
static int expect_targets(struct replay *p, char **words, size_t count)
{
	if (p->target_count != count - 1)
		return replay_fail(p, "%zu targets", p->target_count);
	for (size_t i = 1; i < count; i++)
		if (strcmp(p->targets[i - 1].text, words[i]) != 0)
			return replay_fail(p, "target %zu is %s", i, p->targets[i - 1].text);
	return 0;
}

static int expect_incomplete(struct replay *p, char **words, size_t count)
{
	return p->incomplete ? 0 : replay_fail(p, "all lookups were answered");
}

/* stored belief KEY ZONE STATE; stored refusal ZONE WHY: STATE and WHY may be `none` */
static int expect_stored(struct replay *p, char **words, size_t count)
{
	static const char *const states[] = {"asking", "good", "refused", "broken", "unreachable"};
	const char *is = "none";
	struct store_belief b;
	struct error err;
	int64_t until;
	int why;
	if (count == 5 && strcmp(words[1], "belief") == 0) {
		for (char *c = words[2]; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		if (store_belief_get(p->store, words[2], words[3], &b, &err) == 0)
			is = states[b.state];
	} else if (count == 4 && strcmp(words[1], "refusal") == 0) {
		if (store_refusal_get(p->store, words[2], p->net.wall_ms, &why, &until, &err) == 0)
			is = status_why_text((enum why)why);
	} else {
		return replay_fail(p, "expect stored belief KEY ZONE STATE, or stored refusal ZONE WHY");
	}
	return strcmp(is, words[count - 1]) == 0 ? 0 : replay_fail(p, "stored is: %s", is);
}

static const struct {
	const char *word;
	int (*expect)(struct replay *p, char **words, size_t count);
} expectations[] = {
	{"row", expect_row},
	{"no-row", expect_no_row},
	{"result", expect_result},
	{"no-result", expect_no_result},
	{"asked", expect_asked},
	{"not-asked", expect_not_asked},
	{"time", expect_time},
	{"ended", expect_ended},
	{"running", expect_running},
	{"totals", expect_totals},
	{"fault", expect_fault},
	{"note", expect_note},
	{"targets", expect_targets},
	{"stored", expect_stored},
	{"incomplete", expect_incomplete},
	{"lane", expect_lane},
};

int replay_expect(struct replay *p, char **words, size_t count)
{
	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]) && count > 1; i++)
		if (strcmp(expectations[i].word, words[1]) == 0)
			return expectations[i].expect(p, words + 1, count - 1);
	return replay_fail(p, "expect %s: no such expectation", count > 1 ? words[1] : "");
}
