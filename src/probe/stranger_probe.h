/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_STRANGER_PROBE_H
#define OFFLIST_PROBE_STRANGER_PROBE_H

#include "base/arena.h"
#include "net/vantage.h"
#include "smtp/smtp_client.h"

/*
 * A stranger tries to send through a server to somebody elsewhere: an SMTP session for each envelope form
 * (stranger_forms.inc), to the reply to RCPT. No message is given over, so that nothing is sent. An unknown address of a
 * domain that the server does serve is the control: where that is taken as well, the server takes everything, and its 250
 * says nothing.
 */

enum stranger_verdict {
	STRANGER_NOT_TRIED,
	STRANGER_REFUSED,
	STRANGER_TAKEN,  /* RCPT was answered with 2xx */
	STRANGER_LATER,  /* 4xx: greylisting, a screen, a fault: not told */
	STRANGER_DOMAIN, /* refused for the domain of the test, which does not exist: not told */
	STRANGER_SILENT, /* no reply, closed, 421, or refused before EHLO: we were shut out */
	STRANGER_NO_SMTP,
};

enum { STRANGER_PATH_MAX = 300, STRANGER_TRIES_MAX = 40 };

struct stranger_form {
	bool polite, plain;
	const char *from, *to, *catches;
};

struct stranger_try {
	const struct stranger_form *form; /* NULL: the control */
	char from[STRANGER_PATH_MAX], to[STRANGER_PATH_MAX];
	enum stranger_verdict verdict;
	enum smtp_stage at;
	struct smtp_reply reply;
	int error;
};

struct stranger_task {
	struct endpoint server;
	const struct vantage *vantage; /* NULL: from where we are */
	const char *helo;
	const char *elsewhere; /* the domain of the test */
	const char *host;      /* the server's name */
	const char *served;    /* a domain that it serves; NULL: not known, and then there is no control */
	const char *unknown;   /* a local part that nobody has */
	bool polite;           /* only the few */
	int64_t pace_us;       /* between sessions */
	int64_t budget_us;     /* for all of them */
};

struct stranger_report {
	const struct stranger_try *tries;
	size_t count;
	const struct stranger_try *control; /* NULL: it was not asked */
};

struct stranger_probe;

/** @param arena  owns it. @return NULL: no memory. */
struct stranger_probe *stranger_probe_new(const struct stranger_task *task, struct arena *arena, int64_t now_us);
int stranger_probe_fd(const struct stranger_probe *p);
unsigned int stranger_probe_events(const struct stranger_probe *p);
int64_t stranger_probe_deadline_us(const struct stranger_probe *p);
/** @return whether it has come to its end. */
bool stranger_probe_step(struct stranger_probe *p, int64_t now_us);
struct stranger_report stranger_probe_report(const struct stranger_probe *p);
/** Close what is open. NULL is taken. */
void stranger_probe_close(struct stranger_probe *p);

/** What a session came to; pure. */
enum stranger_verdict stranger_verdict_of(enum smtp_stage at, const struct smtp_reply *reply, int error);

#endif
