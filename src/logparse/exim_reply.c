/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of receivers inside Exim's failure texts. */
#include "logparse/exim_reply.h"

#include "base/ascii.h"

/* After "host NAME [IP]" of 4.8x: ": reply". @return where the reply begins; NULL: no such text. */
static const uint8_t *old_host(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	struct exim_rest r = {at, end};
	struct span name = {0}, helo = {0};
	struct addr addr = {0};
	uint16_t port = 0;
	if (!exim_take(&r, "host "))
		return NULL;
	exim_host(&r, &name, &helo, &addr, &port);
	if (!addr.family || end - r.at < 2 || r.at[0] != ':' || r.at[1] != ' ')
		return NULL;
	e->relay_name = name;
	e->relay = addr;
	e->relay_port = port;
	return r.at + 2;
}

static bool is_reply(const uint8_t *at, const uint8_t *end)
{
	return end - at >= 3 && *at >= '2' && *at <= '5' && ascii_is_digit(at[1]) && ascii_is_digit(at[2]) &&
	       (end - at == 3 || at[3] == ' ' || at[3] == '-');
}

/*
 * "SMTP error from remote mail server after RCPT TO:<x@example.com>: 550 ..", "LMTP error after end of data: ..",
 * "PRDR error after DATA: .." (4.8x: "...: host mx.example.com [192.0.2.1]: 550 .."). The command that is quoted is
 * ours, with an address of somebody else's choice in it: "<a: 550 x>"@... So the address is passed over as one.
 */
static const uint8_t *remote_words(struct exim_rest r, struct mail_event *e)
{
	const uint8_t *at, *after;
	struct span address;
	if (!exim_take(&r, "SMTP error from remote mail") && !exim_take(&r, "LMTP error") &&
	    !exim_take(&r, "PRDR error"))
		return NULL;
	for (at = r.at; (at = exim_either(at, r.end, ':', '<')) < r.end;) {
		if (*at == '<')
			at = exim_address_at(at, r.end, &address);
		else if (r.end - at >= 2 && at[1] == ' ')
			break;
		else
			at++;
	}
	if (at == r.end)
		return NULL;
	at += 2;
	if (is_reply(at, r.end))
		return at;
	after = old_host(at, r.end, e);
	return after && is_reply(after, r.end) ? after : NULL;
}

void exim_failure_text(struct exim_rest *r, struct mail_event *e)
{
	const uint8_t *words;
	exim_skip_blanks(r);
	if (r->at < r->end && *r->at == ':')
		r->at++;
	exim_skip_blanks(r);
	words = remote_words(*r, e);
	if (words) {
		exim_reply(span_of(words, (size_t)(r->end - words)), e);
		e->remote_reply = true;
		return;
	}
	exim_reply(exim_rest_span(r), e);
	r->at = r->end;
}

void exim_next_hop(struct mail_event *e)
{
	static const char *const words[] = {" id=", "queued as "};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const uint8_t *end = e->reply.at + e->reply.len;
		const uint8_t *hit = memmem(e->reply.at, e->reply.len, words[i], strlen(words[i]));
		const uint8_t *to;
		if (!hit)
			continue;
		hit += strlen(words[i]);
		for (to = hit; to < end && (ascii_is_alpha(*to) || ascii_is_digit(*to) || *to == '-'); to++)
			;
		if (to - hit < 6 || to - hit > 32)
			continue;
		e->related = span_of(hit, (size_t)(to - hit));
		e->link = LINK_NEXT_HOP;
		return;
	}
}
