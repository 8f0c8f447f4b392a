/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/stranger_probe.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "net/conn.h"
#include "net/loop.h"

enum {
	SILENT_MAX = 3, /* one after another: we are shut out, and more of it would look like an attack */
	CONNECT_US = 5000000,
	READ_OCTETS = 4096,
	READS_MAX = 64, /* a step; what comes faster waits for the next */
	TO_LITERAL_SIZE = ADDR_TEXT_SIZE + 16,
};

static const struct stranger_form forms[] = {
#define FORM(polite, plain, from, to, catches) {polite, plain, from, to, catches},
#include "probe/stranger_forms.inc"
};

enum { FORM_COUNT = sizeof(forms) / sizeof(*forms) };
_Static_assert((int)FORM_COUNT < (int)STRANGER_TRIES_MAX, "the control wants a place too");

struct stranger_probe {
	struct stranger_task task;
	struct stranger_try tries[STRANGER_TRIES_MAX];
	size_t count, at;
	bool has_control;
	struct smtp_envelope envelope;
	struct smtp_client client;
	int fd; /* -1: none is open */
	bool connected;
	int64_t next_us, end_us;
	size_t silent;
};

static const char *place(const struct stranger_task *t, char what, char literal[TO_LITERAL_SIZE])
{
	char text[ADDR_TEXT_SIZE];
	switch (what) {
	case 'D':
		return t->elsewhere;
	case 'H':
		return t->host;
	case 'L':
		return t->served;
	case 'I':
		addr_text(&t->server.addr, text);
		snprintf(literal, TO_LITERAL_SIZE, "[%s%s]", t->server.addr.family == 6 ? "IPv6:" : "", text);
		return literal;
	default:
		return "%";
	}
}

/* @return false: something that it names is not known, or it is too long */
static bool fill(const struct stranger_task *t, const char *form, char path[STRANGER_PATH_MAX])
{
	struct buf out = buf_make(STRANGER_PATH_MAX - 1);
	char literal[TO_LITERAL_SIZE];
	bool good = true;
	for (; *form && good; form++) {
		const char *text = *form == '%' && form[1] ? place(t, *++form, literal) : NULL;
		if (text)
			buf_add_str(&out, text);
		else if (*form == 'L' && form[-1] == '%')
			good = false;
		else
			buf_add_char(&out, *form);
	}
	snprintf(path, STRANGER_PATH_MAX, "%s", buf_text(&out));
	good &= out.error == 0;
	buf_release(&out);
	return good;
}

struct stranger_probe *stranger_probe_new(const struct stranger_task *task, struct arena *arena, int64_t now_us)
{
	struct stranger_probe *p = arena_alloc(arena, 1, sizeof(*p));
	if (!p)
		return NULL;
	p->task = *task;
	p->fd = -1;
	p->next_us = now_us;
	p->end_us = now_us + task->budget_us;
	for (size_t i = 0; i < FORM_COUNT; i++) {
		struct stranger_try *t = &p->tries[p->count];
		if (task->polite && !forms[i].polite)
			continue;
		t->form = &forms[i];
		p->count += fill(task, forms[i].from, t->from) && fill(task, forms[i].to, t->to);
	}
	return p;
}

/* "4.7.1 Relay access denied" with 454 is Postfix's refusal of relaying; others keep strangers waiting with 450 and 451. */
static enum stranger_verdict judge_refusal(enum smtp_stage at, const struct smtp_reply *reply)
{
	const unsigned int *e = reply->enhanced;
	/* X.1.2 and X.1.8: a domain that does not exist; X.1.10, X.7.27: it takes no mail (RFC 3463, RFC 7505) */
	bool domain = (e[1] == 1 && (e[2] == 2 || e[2] == 8 || e[2] == 10)) || (e[1] == 7 && e[2] == 27);
	if (reply->code == 421)
		return STRANGER_SILENT;
	if (domain)
		return STRANGER_DOMAIN;
	if (reply->code / 100 == 4)
		return reply->code == 454 && e[1] == 7 && at == SMTP_RCPT ? STRANGER_REFUSED : STRANGER_LATER;
	return at == SMTP_RCPT || at == SMTP_MAIL ? STRANGER_REFUSED : STRANGER_SILENT;
}

enum stranger_verdict stranger_verdict_of(enum smtp_stage at, const struct smtp_reply *reply, int error)
{
	if (error == -EBADMSG)
		return STRANGER_NO_SMTP;
	if (error == -E2BIG)
		return STRANGER_NOT_TRIED;
	if (error || reply->code == 0)
		return STRANGER_SILENT;
	if (reply->code / 100 == 2)
		return at == SMTP_RCPT ? STRANGER_TAKEN : STRANGER_NO_SMTP;
	return judge_refusal(at, reply);
}

static bool any_taken(const struct stranger_probe *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->tries[i].verdict == STRANGER_TAKEN)
			return true;
	return false;
}

/* Behind the last form, and only where something was taken. */
static void add_control(struct stranger_probe *p)
{
	struct stranger_try *t = &p->tries[p->count];
	if (p->has_control || !p->task.served || !any_taken(p))
		return;
	snprintf(t->from, sizeof(t->from), "<u@%s>", p->task.elsewhere);
	snprintf(t->to, sizeof(t->to), "<%s@%s>", p->task.unknown, p->task.served);
	p->has_control = true;
	p->count++;
}

static void end_try(struct stranger_probe *p, int error, int64_t now_us)
{
	struct stranger_try *t = &p->tries[p->at];
	conn_close(p->fd);
	p->fd = -1;
	t->at = p->client.settled_at;
	t->reply = p->client.settled;
	t->error = error;
	t->verdict = stranger_verdict_of(t->at, &t->reply, error);
	p->silent = t->verdict == STRANGER_SILENT ? p->silent + 1 : 0;
	if (!p->connected)
		p->silent =
			SILENT_MAX; /* nobody listens there, or a firewall is before it: the next would fare no better */
	p->next_us = now_us + p->task.pace_us;
	p->at++;
	if (p->at == p->count)
		add_control(p);
}

static void begin_try(struct stranger_probe *p, int64_t now_us)
{
	const struct stranger_try *t = &p->tries[p->at];
	int rc = p->task.vantage ? vantage_connect(p->task.vantage, &p->task.server, &p->fd)
				 : conn_begin(&p->task.server, &p->fd);
	p->envelope = (struct smtp_envelope){.helo = p->task.helo, .from = t->from, .to = t->to};
	p->connected = false;
	smtp_client_begin(&p->client, &p->envelope, now_us);
	p->client.deadline_us = now_us + CONNECT_US;
	if (rc < 0) {
		p->fd = -1;
		end_try(p, rc, now_us);
	}
}

/* @return 0; -errno: the connection is over */
static int exchange(struct stranger_probe *p, int64_t now_us)
{
	uint8_t octets[READ_OCTETS];
	struct span out;
	int n = 1;
	for (size_t i = 0; i < READS_MAX && n > 0 && !smtp_client_ended(&p->client); i++) {
		n = conn_read(p->fd, octets, sizeof(octets));
		if (n > 0)
			smtp_client_input(&p->client, span_of(octets, (size_t)n), now_us);
	}
	out = smtp_client_output(&p->client);
	if (n < 0 || out.len == 0)
		return n < 0 ? n : 0;
	n = conn_write(p->fd, out);
	if (n > 0)
		smtp_client_sent(&p->client, (size_t)n);
	return n < 0 ? n : 0;
}

/* @return 0; -errno: the connection is over, or never came */
static int connect_and_talk(struct stranger_probe *p, int64_t now_us)
{
	int rc = p->connected ? 0 : conn_outcome(p->fd);
	if (rc == -EINPROGRESS)
		return 0;
	if (rc < 0)
		return rc;
	if (!p->connected)
		smtp_client_begin(&p->client, &p->envelope, now_us);
	p->connected = true;
	return exchange(p, now_us);
}

static void go_on(struct stranger_probe *p, int64_t now_us)
{
	int rc = connect_and_talk(p, now_us);
	if (rc < 0)
		smtp_client_closed(&p->client);
	smtp_client_due(&p->client, now_us);
	if (smtp_client_ended(&p->client))
		end_try(p, rc < 0 && p->client.error ? rc : p->client.error, now_us);
}

bool stranger_probe_step(struct stranger_probe *p, int64_t now_us)
{
	if (p->fd >= 0)
		go_on(p, now_us);
	if (p->at == p->count || p->silent == SILENT_MAX || (now_us >= p->end_us && !any_taken(p))) {
		stranger_probe_close(p);
		return true;
	}
	if (p->fd < 0 && now_us >= p->next_us)
		begin_try(p, now_us);
	return p->at == p->count || p->silent == SILENT_MAX;
}

int stranger_probe_fd(const struct stranger_probe *p)
{
	return p->fd;
}

unsigned int stranger_probe_events(const struct stranger_probe *p)
{
	bool writes = !p->connected || smtp_client_output(&p->client).len;
	return LOOP_READ | (writes ? (unsigned int)LOOP_WRITE : 0);
}

int64_t stranger_probe_deadline_us(const struct stranger_probe *p)
{
	return p->fd >= 0 ? p->client.deadline_us : p->next_us;
}

struct stranger_report stranger_probe_report(const struct stranger_probe *p)
{
	size_t forms_tried = p->count - p->has_control;
	return (struct stranger_report){
		.tries = p->tries, .count = forms_tried, .control = p->has_control ? &p->tries[forms_tried] : NULL};
}

void stranger_probe_close(struct stranger_probe *p)
{
	if (p)
		conn_close(p->fd);
	if (p)
		p->fd = -1;
}
