/* SPDX-License-Identifier: BSD-2-Clause */
/* What the messages of a queue come to. */
#include "audit/backlog_tell.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/backlog_reply.h"
#include "audit/backlog_top.h"
#include "base/clock.h"
#include "probe/users.h"

enum {
	OWNER_MIN = 50,       /* messages; a smaller queue is looked through by eye */
	OWNER_SHARE_PCT = 25, /* of the queue: some may share it */
	BOUNCES_MIN = 50,
	BOUNCES_SHARE_PCT = 20,
	REPUTATION_MIN = 20,
	REPUTATION_SHARE_PCT = 10,
	REPUTATION_GROUPS = 16, /* receivers and lists that are told apart; more are not told */
	WAITING_MIN = 100,
	HELD_MIN = 50,
	HELD_SHARE_PCT = 20,
	REFUSED_PCT = 20,    /* of an owner's messages that wait with a reason: receivers call them spam */
	ADDRESSES_MANY = 10, /* a person has a telephone and two offices */
	DETAIL_MAX = 8192,
	SHOWN_MAX = 100, /* octets of a sender or subject */
};

struct telling {
	struct audits *all;
	const struct backlog *b;
	const struct backlog_queue *q;
	enum reply_meaning *meanings; /* of each reason, by number */
	const char **blockers;        /* of each that is about reputation: the list that it names, or the receiver */
	struct buf out;
};

static bool is_share(size_t part, size_t of, size_t percent)
{
	return part * 100 >= of * percent;
}

/* ---- words ---- */

static void add_shown(struct buf *out, struct span text)
{
	bool cut = text.len > SHOWN_MAX;
	buf_add(out, cut ? span_of(text.at, SHOWN_MAX) : text);
	if (cut)
		buf_add_str(out, "...");
}

static void add_tops(struct telling *t, const char *label, uint32_t owner, enum backlog_field field)
{
	struct backlog_tops tops;
	if (backlog_top(t->b, owner, field, &tops) < 0) {
		t->all->error = -ENOMEM;
		return;
	}
	if (tops.count == 0)
		return;
	buf_printf(&t->out, "; %s: ", label);
	for (size_t i = 0; i < tops.count; i++) {
		struct span text = backlog_name(t->b, tops.at[i].number);
		buf_add_str(&t->out, i ? ", " : "");
		if (field == BACKLOG_SENDERS)
			buf_add_char(&t->out, '<');
		add_shown(&t->out, text.len || field == BACKLOG_SENDERS ? text : span_str("(none)"));
		buf_printf(&t->out, "%s (%zu)", field == BACKLOG_SENDERS ? ">" : "", tops.at[i].count);
	}
	if (tops.distinct > tops.count)
		buf_printf(&t->out, " and %zu more", tops.distinct - tops.count);
}

static const char *kept(struct telling *t)
{
	const char *text = t->out.error ? NULL : arena_copy(t->all->arena, buf_span(&t->out));
	if (!text)
		t->all->error = -ENOMEM;
	buf_clear(&t->out);
	return text;
}

static void add_since(struct buf *out, int64_t oldest_s)
{
	char since[CLOCK_TEXT_SIZE];
	clock_text(oldest_s * 1000, since);
	if (oldest_s)
		buf_printf(out, ", the oldest since %s", since);
}

static const char *owner_text(struct telling *t, const struct backlog_owner *o)
{
	struct span name = backlog_name(t->b, o->name);
	const char *user = o->kind == BACKLOG_USER ? process_user(t->all->config.root, (uint32_t)o->uid, t->all->arena)
						   : arena_copy(t->all->arena, name);
	switch (o->kind) {
	case BACKLOG_LOCAL:
		return "programs of this machine";
	case BACKLOG_BOUNCES:
		return "the mail server itself (bounces)";
	case BACKLOG_NOBODY:
		return "not told";
	default:
		if (!user)
			t->all->error = -ENOMEM;
		return user ? user : "";
	}
}

static size_t add_reasons(struct telling *t, uint32_t owner, const char **evidence, size_t count)
{
	struct backlog_tops tops;
	if (backlog_top(t->b, owner, BACKLOG_REASONS, &tops) < 0)
		t->all->error = -ENOMEM;
	for (size_t i = 0; i < tops.count && count < AUDIT_EVIDENCE_MAX; i++) {
		struct span text = t->b->reasons[tops.at[i].number].text;
		buf_printf(&t->out, "%zu put off, as this one: ", tops.at[i].count);
		buf_add(&t->out, text);
		evidence[count++] = kept(t);
	}
	return count;
}

static size_t add_files(struct telling *t, const struct backlog_owner *o, const char **evidence)
{
	for (size_t i = 0; i < o->file_count; i++) {
		buf_add_str(&t->out, "queue file ");
		buf_add(&t->out, backlog_name(t->b, o->files[i]));
		evidence[i] = kept(t);
	}
	return o->file_count;
}

/* ---- one owner has much of it ---- */

/* What is told of how many of the owner's messages. */
struct marks {
	size_t reasoned, refused, foreign;
	struct backlog_tops clients;
};

static bool says_spam(enum reply_meaning means)
{
	return means == REPLY_LISTED_PRIVATE || means == REPLY_LISTED_PUBLIC || means == REPLY_CONTENT ||
	       means == REPLY_RATE;
}

/* A sender in a domain that is neither the login's nor served here. */
static bool is_foreign(const struct telling *t, struct span login, struct span sender)
{
	struct span domain = backlog_domain_of(sender), own = backlog_domain_of(login);
	if (domain.len == 0 || span_equal_nocase(domain, own) || backlog_serves(t->b, domain))
		return false;
	return own.len || t->q->domains_known;
}

static struct marks marks_of(struct telling *t, uint32_t number)
{
	const struct backlog_owner *o = &t->b->owners[number];
	struct span login = o->kind == BACKLOG_LOGIN ? backlog_name(t->b, o->name) : (struct span){0};
	struct marks m = {0};
	for (size_t i = 0; i < t->b->count; i++) {
		const struct backlog_row *row = &t->b->rows[i];
		if (row->owner != number)
			continue;
		m.reasoned += row->reason != 0;
		m.refused += row->reason && says_spam(t->meanings[row->reason]);
		m.foreign += is_foreign(t, login, backlog_name(t->b, row->sender));
	}
	if (backlog_top(t->b, number, BACKLOG_CLIENTS, &m.clients) < 0)
		t->all->error = -ENOMEM;
	return m;
}

static bool add_marks(struct telling *t, const struct backlog_owner *o, const struct marks *m)
{
	size_t before = t->out.len;
	if (m->refused && is_share(m->refused, m->reasoned, REFUSED_PCT))
		buf_printf(&t->out, "; receivers put off %zu of them as spam, or for this server's name with them",
			   m->refused);
	if (m->foreign && is_share(m->foreign, o->count, 50))
		buf_printf(&t->out, "; %zu have a sender whose domain is not served here", m->foreign);
	if (o->kind == BACKLOG_LOGIN && m->clients.distinct >= ADDRESSES_MANY)
		buf_printf(&t->out, "; handed in from %zu addresses", m->clients.distinct);
	return t->out.len > before;
}

static const char *detail_of(struct telling *t, uint32_t number, const char **ret_id)
{
	static const char *const ids[] = {
		[BACKLOG_LOGIN] = "queue.login", [BACKLOG_CLIENT] = "queue.client", [BACKLOG_USER] = "queue.user"};
	static const char *const by[] = {[BACKLOG_LOGIN] = "this login",
					 [BACKLOG_CLIENT] = "this client, without a login",
					 [BACKLOG_USER] = "programs of this user"};
	const struct backlog_owner *o = &t->b->owners[number];
	struct marks m = marks_of(t, number);
	buf_printf(&t->out, "%zu of the %zu messages (%zu %%) in %s were handed in by %s", o->count, t->b->count,
		   o->count * 100 / t->b->count, t->q->name, by[o->kind]);
	buf_printf(&t->out, ", for %llu recipients", (unsigned long long)o->recipients);
	if (o->held)
		buf_printf(&t->out, ", %zu of them on hold", o->held);
	add_since(&t->out, o->oldest_s);
	*ret_id = add_marks(t, o, &m) ? ids[o->kind] : "queue.one_sender";
	if (o->kind == BACKLOG_LOGIN)
		add_tops(t, "handed in from", number, BACKLOG_CLIENTS);
	add_tops(t, "scripts that their headers name", number, BACKLOG_SCRIPTS);
	add_tops(t, "envelope senders", number, BACKLOG_SENDERS);
	add_tops(t, "subjects", number, BACKLOG_SUBJECTS);
	return kept(t);
}

static bool is_named(enum backlog_kind kind)
{
	return kind == BACKLOG_LOGIN || kind == BACKLOG_CLIENT || kind == BACKLOG_USER;
}

static void tell_owner(struct telling *t, uint32_t number)
{
	const struct backlog_owner *o = &t->b->owners[number];
	const char *evidence[AUDIT_EVIDENCE_MAX], *id, *detail;
	/* what a client brings for us is not what gets us listed */
	size_t counted = o->kind == BACKLOG_CLIENT ? o->outside : o->count, count;
	if (!is_named(o->kind) || counted < OWNER_MIN || !is_share(counted, t->b->count, OWNER_SHARE_PCT))
		return;
	detail = detail_of(t, number, &id);
	count = add_files(t, o, evidence);
	count = add_reasons(t, number, evidence, count);
	audit_found(t->all, id, owner_text(t, o), detail, evidence, count);
	backlog_advise(t->all, t->b, t->q, o);
}

/* ---- all of it ---- */

static void tell_bounces(struct telling *t)
{
	const char *evidence[AUDIT_EVIDENCE_MAX];
	for (uint32_t i = 1; i < t->b->owner_count; i++) {
		const struct backlog_owner *o = &t->b->owners[i];
		if (o->kind != BACKLOG_BOUNCES || o->outside < BOUNCES_MIN ||
		    !is_share(o->outside, t->b->count, BOUNCES_SHARE_PCT))
			continue;
		buf_printf(&t->out, "%zu of the %zu messages in %s are bounces of its own to domains not served here",
			   o->outside, t->b->count, t->q->name);
		add_since(&t->out, o->oldest_s);
		add_tops(t, "subjects", i, BACKLOG_SUBJECTS);
		const char *detail = kept(t);
		size_t count = add_files(t, o, evidence);
		count = add_reasons(t, i, evidence, count);
		audit_found(t->all, "queue.backscatter", t->q->name, detail, evidence, count);
	}
}

static void tell_held(struct telling *t)
{
	if (t->b->held < HELD_MIN || !is_share(t->b->held, t->b->count, HELD_SHARE_PCT))
		return;
	buf_printf(&t->out, "%zu of the %zu messages in %s are on hold", t->b->held, t->b->count, t->q->name);
	audit_found(t->all, "queue.held", t->q->name, kept(t), NULL, 0);
}

/* ---- refused for this server's name ---- */

struct group {
	const char *blocker;
	size_t count;
	uint32_t reason;
	int64_t oldest_s;
};

static size_t gather(const struct telling *t, struct group *groups)
{
	size_t count = 0;
	for (size_t i = 0; i < t->b->count; i++) {
		const struct backlog_row *row = &t->b->rows[i];
		const char *blocker = t->blockers[row->reason];
		size_t at = 0;
		while (blocker && at < count && strcmp(groups[at].blocker, blocker) != 0)
			at++;
		if (!blocker || at == REPUTATION_GROUPS)
			continue;
		if (at == count)
			groups[count++] = (struct group){.blocker = blocker, .reason = row->reason};
		groups[at].count++;
		if (row->arrived_s && (!groups[at].oldest_s || row->arrived_s < groups[at].oldest_s))
			groups[at].oldest_s = row->arrived_s;
	}
	return count;
}

static void tell_reputation(struct telling *t)
{
	struct group groups[REPUTATION_GROUPS];
	size_t count = gather(t, groups);
	for (size_t i = 0; i < count && !t->all->error; i++) {
		const struct group *g = &groups[i];
		const char *evidence[1], *detail;
		if (g->count < REPUTATION_MIN || !is_share(g->count, t->b->count, REPUTATION_SHARE_PCT))
			continue;
		buf_printf(&t->out, "%zu of the %zu messages in %s were put off for this server's name", g->count,
			   t->b->count, t->q->name);
		add_since(&t->out, g->oldest_s);
		detail = kept(t);
		buf_add(&t->out, t->b->reasons[g->reason].text);
		evidence[0] = kept(t);
		audit_found(t->all, "queue.reputation", g->blocker, detail, evidence, 1);
	}
}

static const char *copied(struct telling *t, struct span text)
{
	const char *copy = arena_copy(t->all->arena, text);
	if (!copy)
		t->all->error = -ENOMEM;
	return copy;
}

static void find_meanings(struct telling *t)
{
	for (size_t i = 1; i < t->b->reason_count && t->q->receivers && !t->all->error; i++) {
		struct reply_match match;
		struct backlog_reply r = backlog_reply_of(t->b->reasons[i].text);
		receivers_match(t->q->receivers, r.relay, r.code, r.status, r.text, &match);
		t->meanings[i] = match.means;
		if (match.means == REPLY_LISTED_PUBLIC)
			t->blockers[i] = copied(t, match.zone.len ? match.zone : span_str(match.receiver_name));
		else if (match.means == REPLY_LISTED_PRIVATE)
			t->blockers[i] = copied(t, span_str(match.receiver_name));
	}
}

/* ---- a large one of which nothing else is to be said ---- */

static void add_owners(struct telling *t)
{
	struct backlog_tops tops;
	if (backlog_top(t->b, 0, BACKLOG_OWNERS, &tops) < 0)
		t->all->error = -ENOMEM;
	for (size_t i = 0; i < tops.count; i++) {
		buf_add_str(&t->out, i ? ", " : "; handed in by ");
		buf_add_str(&t->out, owner_text(t, &t->b->owners[tops.at[i].number]));
		buf_printf(&t->out, " (%zu)", tops.at[i].count);
	}
	if (tops.distinct > tops.count)
		buf_printf(&t->out, " and %zu more", tops.distinct - tops.count);
}

static void tell_waiting(struct telling *t)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} ages[] = {{3600, "an hour"}, {86400, "a day"}};
	const char *evidence[AUDIT_EVIDENCE_MAX], *detail;
	size_t count;
	if (t->b->count < WAITING_MIN)
		return;
	buf_printf(&t->out, "%zu messages in %s", t->b->count, t->q->name);
	add_since(&t->out, t->b->oldest_s);
	for (size_t a = 0; a < sizeof(ages) / sizeof(*ages) && t->q->now_s; a++) {
		count = 0;
		for (size_t i = 0; i < t->b->count; i++)
			count += t->b->rows[i].arrived_s && t->b->rows[i].arrived_s + ages[a].seconds < t->q->now_s;
		buf_printf(&t->out, ", %zu older than %s", count, ages[a].text);
	}
	add_owners(t);
	add_tops(t, "envelope senders", 0, BACKLOG_SENDERS);
	add_tops(t, "subjects", 0, BACKLOG_SUBJECTS);
	detail = kept(t);
	count = add_reasons(t, 0, evidence, 0);
	audit_found(t->all, "queue.waiting", t->q->name, detail, evidence, count);
}

const char *backlog_sum(struct audits *all, const struct backlog *b, const struct backlog_queue *q)
{
	struct buf out = buf_make(DETAIL_MAX);
	char *text;
	buf_printf(&out, "%s: %zu message%s", q->name, b->count, b->count == 1 ? "" : "s");
	if (b->held)
		buf_printf(&out, ", %zu on hold", b->held);
	add_since(&out, b->oldest_s);
	text = out.error ? NULL : arena_copy(all->arena, buf_span(&out));
	if (!text)
		all->error = -ENOMEM;
	buf_release(&out);
	return text;
}

void backlog_tell(struct audits *all, const struct backlog *b, const struct backlog_queue *q)
{
	struct telling t = {.all = all, .b = b, .q = q, .out = buf_make(DETAIL_MAX)};
	size_t before = all->finding_count;
	t.meanings = calloc(b->reason_count, sizeof(*t.meanings));
	t.blockers = calloc(b->reason_count, sizeof(*t.blockers));
	if (!t.meanings || !t.blockers)
		all->error = -ENOMEM;
	else
		find_meanings(&t);
	for (uint32_t i = 1; i < b->owner_count && !all->error; i++)
		tell_owner(&t, i);
	if (!all->error)
		tell_bounces(&t);
	if (!all->error && all->finding_count == before) /* else it is told why, above */
		tell_reputation(&t);
	if (!all->error)
		tell_held(&t);
	if (!all->error && all->finding_count == before)
		tell_waiting(&t);
	buf_release(&t.out);
	free(t.meanings);
	free(t.blockers);
}
