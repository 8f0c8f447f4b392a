/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/limits.h"

#include "base/ascii.h"

enum { WORDS_LOOKED_AT = 400 }; /* octets: no server says more in such a reply */

static bool has(struct span text, const char *words)
{
	size_t n = strlen(words);
	for (size_t i = 0; i + n <= text.len; i++)
		if (ascii_lower(text.at[i]) == (uint8_t)words[0] &&
		    strncasecmp((const char *)text.at + i, words, n) == 0)
			return true;
	return false;
}

static bool has_any(struct span text, const char *const *words)
{
	if (text.len > WORDS_LOOKED_AT)
		text.len = WORDS_LOOKED_AT;
	for (; *words; words++)
		if (has(text, *words))
			return true;
	return false;
}

bool limits_exceeded(struct span reply, struct span status)
{
	static const char *const limits[] = {
		"exceeded the max",         /* cPanel: defers and failures, emails per hour */
		"outgoing mail hold",       /* cPanel */
		"outgoing mail suspend",    /* cPanel */
		"ratelimit",                /* rspamd, Exim */
		"rate limit",               /* anvil, postfwd, rspamd */
		"rate overlimit",           /* Hestia */
		"sending rate",             /* Exim's specification, ACLs after it */
		"sending limit",            /* ISPConfig, DirectAdmin */
		"quota exceeded",           /* policyd */
		"message quota",            /* policyd */
		"exceeded the daily",       /* Plesk */
		"exceeded your daily",      /* DirectAdmin */
		"exceeds your limit",       /* postfwd */
		"too many messages",        /* policyd, MailEnable */
		"too many emails",          /* DirectAdmin, CyberPanel */
		"too many recipients this", /* Exim's ACLs per hour or day */
		NULL,
	};
	static const char *const full[] = {"mailbox", "over quota", "disk quota", NULL};
	bool of_mailbox = span_equal(status, span_str("5.2.2")) || span_equal(status, span_str("4.2.2"));
	return reply.len > 0 && !of_mailbox && has_any(reply, limits) && !has_any(reply, full);
}

bool limits_unreached(const struct mail_delivery *d)
{
	static const char *const words[] = {
		"connection timed out", "network is unreachable",       "no route to host",    "operation timed out",
		"connect timeout",      "network error on destination", "host is unreachable", NULL,
	};
	return d->outcome != OUTCOME_SENT && !d->remote_reply && d->reply.len > 0 && has_any(d->reply, words);
}
