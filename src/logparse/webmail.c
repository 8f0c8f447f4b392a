/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Webmail (Roundcube 1.x, by syslog or in its own files): the mail server sees 127.0.0.1, whoever reads mail in a browser
 * is known to the webmail alone. rcmail_sendmail.php and rcmail.php write the lines; rcube_utils::remote_ip() the address.
 */
#include "base/ascii.h"
#include "logparse/format.h"

static const char instance[] = "postfix"; /* it does not say which one it serves */

/* "<session> " and, in its own files, the ": " behind the stamp. */
static struct span skip_session(struct span text)
{
	if (span_starts(text, ": "))
		text = span_from(text, 2);
	if (text.len && text.at[0] == '<') {
		size_t end = span_find(text, '>');
		if (span_find(text, ' ') > end)
			text = span_from(text, end + 2);
	}
	return text;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (!name.len)
		return CLAIM_ASK;
	return span_starts(name, "roundcube") ? CLAIM_YES : CLAIM_NO;
}

/* Its own files: the stamp stands in brackets, a ':' follows. */
static bool claims(const struct log_line *l)
{
	struct span text = skip_session(l->text);
	return span_starts(l->text, ": ") &&
	       (span_starts(text, "User ") || span_starts(text, "Successful login for ") ||
		span_starts(text, "Failed login for "));
}

/* What stands behind the last `key` of a text. */
static struct span behind_last(struct span text, const char *key)
{
	const uint8_t *at = part_find_last(text, key);
	return at ? span_from(part_from(text, at), strlen(key)) : (struct span){NULL, 0};
}

static bool is_inner(const struct addr *a)
{
	enum addr_kind kind = addr_kind(a);
	return kind == ADDR_LOOPBACK || kind == ADDR_PRIVATE || kind == ADDR_UNIQUE_LOCAL || kind == ADDR_LINK_LOCAL;
}

/*
 * "203.0.113.9", "10.0.0.1(X-Real-IP: 203.0.113.9,X-Forwarded-For: 192.0.2.66, 203.0.113.9)": the peer, and what headers
 * say. A header counts where the peer is a proxy of our own, and of a list the last one, which that proxy has put there.
 */
static void take_client(struct span text, struct mail_event *e)
{
	size_t open = span_find(text, '(');
	struct span headers = span_from(text, open + 1), said;
	if (addr_parse(span_trim(span_of(text.at, open)), &e->client) < 0) {
		e->client = (struct addr){0};
		return;
	}
	if (!is_inner(&e->client) || !headers.len)
		return;
	if (headers.at[headers.len - 1] == ')')
		headers.len--;
	said = span_from(headers, 0);
	if (span_starts(said, "X-Real-IP: ")) {
		said = span_from(said, 11);
		said.len = span_find(said, ',');
	} else {
		const uint8_t *comma = memrchr(said.at, ',', said.len);
		said = comma ? span_from(part_from(said, comma), 1) : behind_last(said, ": ");
	}
	if (addr_parse(span_trim(said), &e->client) < 0)
		e->client = (struct addr){0};
}

/* "anna@example.com [203.0.113.9]; Message <id> for a@example.net, b@example.org; 250: 2.0.0 Ok: queued as ID": the recipients
 * are typed by whoever is logged in, the reply is our own server's. */
static enum line_result sent(struct span text, struct mail_event *e)
{
	const uint8_t *open = part_find(text, " ["), *close;
	struct span id = behind_last(text, " queued as ");
	size_t n = 0;
	if (!open || memchr(text.at, ' ', (size_t)(open - text.at)))
		return LINE_QUIET;
	close = part_find(part_from(text, open), "]; Message ");
	if (!close)
		return LINE_QUIET;
	while (n < id.len && (ascii_is_alpha(id.at[n]) || ascii_is_digit(id.at[n])))
		n++;
	e->kind = EVENT_ACCEPT;
	e->instance = span_str(instance);
	e->id = span_of(id.at, n);
	e->login = part_before(text, open);
	take_client(span_from(span_of(open, (size_t)(close - open)), 2), e);
	return e->id.len && e->client.family ? LINE_EVENT : LINE_QUIET;
}

/* "anna@example.com (ID: 5) from 203.0.113.9 in session ab", "x from 203.0.113.9 in session ab (error: 0)": the name that
 * was tried may hold any words. */
static enum line_result login(struct span text, bool good, struct mail_event *e)
{
	const uint8_t *session = part_find_last(text, " in session "), *from, *number;
	struct span name;
	if (!session)
		return LINE_QUIET;
	text = part_before(text, session);
	from = part_find_last(text, " from ");
	if (!from)
		return LINE_QUIET;
	name = part_before(text, from);
	number = good ? part_find_last(name, " (ID: ") : NULL;
	e->kind = EVENT_LOGIN;
	e->good = good;
	e->login = number ? part_before(name, number) : name;
	take_client(span_from(part_from(text, from), 6), e);
	return e->login.len && e->client.family ? LINE_EVENT : LINE_QUIET;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct span text = skip_session(l->text);
	event_begin(e, l);
	if (span_starts(text, "User "))
		return sent(span_from(text, 5), e);
	if (span_starts(text, "Successful login for "))
		return login(span_from(text, 21), true, e);
	if (span_starts(text, "Failed login for "))
		return login(span_from(text, 17), false, e);
	return LINE_QUIET;
}

const struct format_row format_webmail = {FORMAT_FILTER, program, claims, parse};
