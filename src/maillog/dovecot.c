/* SPDX-License-Identifier: BSD-2-Clause */
/* Dovecot 2.3 and 2.4: logins and passwords tried; the rest says nothing of outgoing mail. */
#include "base/ascii.h"
#include "maillog/format.h"

enum { LEVEL_MAX = 9 };

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && memcmp(s.at, with, n) == 0;
}

static bool claims(const struct log_line *l)
{
	static const char *const own[] = {"imap-login",
					  "pop3-login",
					  "submission-login",
					  "managesieve-login",
					  "auth",
					  "auth-worker",
					  "imap",
					  "pop3",
					  "lmtp",
					  "lda"};
	if (starts(l->program, "dovecot"))
		return true;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]);
	     i++) /* its own log file: "Nov 24 10:00:00 imap-login: Info: " */
		if (starts(l->program, own[i]) && !l->host.len &&
		    (starts(l->text, "Info: ") || starts(l->text, "Warning: ") || starts(l->text, "Error: ") ||
		     starts(l->text, "Debug: ") || starts(l->text, "Fatal: ")))
			return true;
	return false;
}

/* Value of "rip=" and the like, up to ',' or the end. */
static struct span value_of(struct span text, const char *key)
{
	struct span v;
	if (!part_value(text, key, &v))
		return v;
	v.len = span_find(v, ',');
	return part_address(v);
}

static enum line_result login(struct span text, bool good, struct mail_event *e)
{
	struct span rip = value_of(text, "rip=");
	e->kind = EVENT_LOGIN;
	e->good = good;
	e->login = value_of(text, "user=");
	e->method = value_of(text, "method=");
	if (addr_parse(rip, &e->client) < 0)
		e->client = (struct addr){0};
	return e->login.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result parse(const struct log_line *l, uint32_t want, struct mail_event *e)
{
	struct span text = l->text;
	const uint8_t *service;
	for (int i = 0; i < 2; i++) { /* "imap-login: Info: Login: ...", "Info: Login: ..." */
		size_t colon = span_find(text, ':');
		struct span word = span_of(text.at, colon);
		if (colon + 2 > text.len || memchr(word.at, '=', word.len) || starts(text, "Login: ") ||
		    starts(text, "Logged in: "))
			break;
		if (starts(text, "Disconnected") || starts(text, "Aborted"))
			break;
		text = span_from(text, colon + 2);
	}
	service = l->text.len ? memmem(l->text.at, l->text.len, "-login", 6) : NULL;
	if (!service && !memmem(l->program.at ? l->program.at : (const uint8_t *)"", l->program.len, "-login", 6))
		return LINE_QUIET;
	if (starts(text, "Login: ") || starts(text, "Logged in: "))
		return login(text, true, e);
	if (text.len && memmem(text.at, text.len, "auth failed", 11))
		return login(text, false, e);
	return LINE_QUIET;
}

const struct format_row format_dovecot = {FORMAT_DOVECOT, "dovecot", claims, parse};
