/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dovecot 2.2 to 2.4, by syslog ("dovecot: imap-login: Login: ..") or in its own file ("imap-login: Info: Login: ..").
 * Of use are passwords tried, and mail that a user's Sieve script sent on. What a client writes as user name stands in
 * quotes or <> and ends where Dovecot's next word follows.
 */
#include "base/ascii.h"
#include "logparse/format.h"

enum { SERVICE_MAX = 256, PARTS_MAX = 4, SESSION_LABEL_MAX = 3 };

static const char *const services[] = {"imap-login",
				       "pop3-login",
				       "submission-login",
				       "managesieve-login",
				       "auth",
				       "imap",
				       "pop3",
				       "lmtp",
				       "lda",
				       "master",
				       "log",
				       "anvil",
				       "doveadm",
				       "submission",
				       "managesieve",
				       "indexer",
				       "stats",
				       "config",
				       "ssl-params",
				       "replicator",
				       "director",
				       "deliver",
				       "dict",
				       "imap-hibernate",
				       "local",
				       "quota",
				       "dovecot-auth",
				       "dovecot"};
static const char *const levels[] = {"Info: ", "Warning: ", "Error: ", "Debug: ", "Fatal: ", "Panic: "};

/* "auth-worker(123)", "lmtp(bob@example.com)<12><tag>", "imap-login". */
static bool is_service(struct span word)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		size_t n = strlen(services[i]);
		if (span_starts(word, services[i]) &&
		    (word.len == n || word.at[n] == '(' || word.at[n] == '<' || word.at[n] == '-'))
			return true;
	}
	return false;
}

static bool skip_level(struct span *text)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (span_starts(*text, levels[i])) {
			*text = span_from(*text, strlen(levels[i]));
			return true;
		}
	return false;
}

/* "SERVICE: " at the start of *text; it is taken off. */
static bool take_service(struct span *text, struct span *ret_service)
{
	struct span head = *text;
	const uint8_t *end;
	if (!head.len || !ascii_is_alpha(head.at[0]) ||
	    ascii_is_upper(head.at[0])) /* records of other programs, nearly all */
		return false;
	if (head.len > SERVICE_MAX)
		head.len = SERVICE_MAX;
	end = part_find(head, ": ");
	if (!end || !is_service(part_before(head, end)))
		return false;
	*ret_service = part_before(head, end);
	*text = span_from(part_from(*text, end), 2);
	return true;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (span_starts(name, "dovecot"))
		return CLAIM_YES;
	return !name.len || is_service(name) ? CLAIM_ASK : CLAIM_NO;
}

/* Its own file has no program in the head, or the service stands there; a level always follows. */
static bool claims(const struct log_line *l)
{
	struct span text = l->text, service;
	if (l->host.len)
		return span_equal(l->program, span_str("auth")) && span_starts(text, "pam_unix(dovecot");
	if (l->program.len)
		return is_service(l->program) && (skip_level(&text) || span_starts(text, "pam_unix(dovecot"));
	return take_service(&text, &service) && (skip_level(&text) || span_starts(text, "pam_unix(dovecot"));
}

/* ---- logins ---- */

/* "KEY<value>, " or "KEYvalue, ": the last place, as the name that was tried stands before the others. */
static struct span value_of(struct span text, const char *key)
{
	struct span v;
	const uint8_t *found = part_find_last(text, key), *end;
	if (!found)
		return (struct span){NULL, 0};
	v = span_from(part_from(text, found), strlen(key));
	end = part_find(v, ",");
	return end ? part_before(v, end) : v;
}

/* "user=<NAME>, method=..": up to the last ">, " which a field follows, as the name that was tried may hold any of them. */
static struct span user_of(struct span text)
{
	static const char *const after[] = {">, method=", ">, rip=", ">, lip=", ">, rport=", ">, TLS", ">, secured"};
	const uint8_t *found = part_find(text, "user=<"), *end = NULL;
	struct span v;
	if (!found)
		return (struct span){NULL, 0};
	v = span_from(part_from(text, found), 6);
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		const uint8_t *at = part_find_last(v, after[i]);
		end = at && (!end || at > end) ? at : end;
	}
	return end ? part_before(v, end) : span_of(v.at, span_find(v, '>'));
}

static enum line_result login(struct span text, bool good, struct mail_event *e)
{
	e->kind = EVENT_LOGIN;
	e->good = good;
	e->login = user_of(text);
	e->method = value_of(text, ", method=");
	if (addr_parse(value_of(text, ", rip="), &e->client) < 0 &&
	    addr_parse(value_of(text, ": rip="), &e->client) < 0)
		e->client = (struct addr){0};
	return e->login.len || (!good && e->client.family) ? LINE_EVENT : LINE_QUIET;
}

static enum line_result login_service(struct span text, struct mail_event *e)
{
	if (span_starts(text, "Login: ") || span_starts(text, "Logged in: "))
		return login(text, true, e);
	/* the name that was tried comes after these words */
	return part_find(span_of(text.at, span_find(text, '<')), "(auth failed, ") ? login(text, false, e) : LINE_QUIET;
}

/* "sql(NAME,IP,<session>): Password mismatch", after "conn unix:auth-worker (..): auth-worker<5>: " or not. */
static bool credentials(struct span text, struct mail_event *e)
{
	static const char *const drivers[] = {"sql(",    "pam(",     "passwd-file(",   "ldap(",
					      "passwd(", "shadow(",  "static(",        "oauth2(",
					      "lua(",    "bsdauth(", "checkpassword(", "vpopmail("};
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		const uint8_t *end, *comma;
		struct span name;
		if (!span_starts(text, drivers[i]))
			continue;
		name = span_from(text, strlen(drivers[i]));
		end = part_find(name, "): ");
		if (!end)
			return false;
		name = part_before(name, end);
		if (name.len && name.at[name.len - 1] == '>') { /* ",<session>" */
			comma = part_find_last(name, ",<");
			name = comma ? part_before(name, comma) : name;
		} else if (name.len && name.at[name.len - 1] == ',') {
			name.len--;
		}
		comma = part_find_last(name, ",");
		if (!comma || addr_parse(span_from(part_from(name, comma), 1), &e->client) < 0)
			return false;
		e->login = part_before(name, comma);
		return true;
	}
	return false;
}

/* 2.4: "auth(NAME,IP,sasl:login)<session>: sql: Password mismatch". */
static bool named_by_service(struct span service, struct mail_event *e)
{
	struct span inside = span_from(service, 5);
	const uint8_t *close = part_find_last(inside, ")");
	if (!span_starts(service, "auth(") || !close)
		return false;
	inside = part_before(inside, close);
	for (int i = 0; i < PARTS_MAX; i++) {
		const uint8_t *comma = part_find_last(inside, ",");
		if (!comma)
			return false;
		if (addr_parse(span_from(part_from(inside, comma), 1), &e->client) == 0) {
			e->login = part_before(inside, comma);
			return true;
		}
		inside = part_before(inside, comma);
	}
	return false;
}

static bool is_refused(struct span text)
{
	static const char *const words[] = {": unknown user", "assword mismatch", "uthentication failure",
					    "invalid credentials", "User not known"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (part_find(text, words[i]))
			return true;
	return false;
}

/* "pam_unix(dovecot:auth): authentication failure; .. ruser=NAME rhost=IP  user=NAME" */
static enum line_result pam(struct span text, struct mail_event *e)
{
	const uint8_t *name = part_find(text, " ruser="), *host = part_find_last(text, " rhost=");
	struct span rest;
	if (!part_find(text, "authentication failure") || !name || !host || host < name)
		return LINE_QUIET;
	if (part_find(text, " rhost=") != host)
		return LINE_QUIET; /* the name that was tried holds these words: which of them are whose is not told */
	e->kind = EVENT_LOGIN;
	e->login = span_from(span_of(name, (size_t)(host - name)), 7);
	rest = span_from(part_from(text, host), 7);
	if (addr_parse(span_of(rest.at, span_find(rest, ' ')), &e->client) < 0)
		e->client = (struct addr){0};
	return LINE_EVENT;
}

/* "conn unix:auth-worker (pid=1,uid=2)", "auth-worker<5>": what may stand before a driver's words. What stands anywhere else
 * behind a colon may be the name that was tried. */
static bool names_worker(struct span part)
{
	return span_starts(part, "conn ") || span_starts(part, "auth") || span_starts(part, "worker");
}

static enum line_result auth_service(struct span service, struct span text, struct mail_event *e)
{
	if (named_by_service(service, e)) {
		e->kind = EVENT_LOGIN;
		return is_refused(text) ? LINE_EVENT : LINE_QUIET;
	}
	for (int i = 0; i < PARTS_MAX; i++) {
		const uint8_t *next;
		if (span_starts(text, "pam_unix("))
			return pam(text, e);
		if (credentials(text, e)) {
			e->kind = EVENT_LOGIN;
			return is_refused(text) ? LINE_EVENT : LINE_QUIET;
		}
		next = part_find(text, ": ");
		if (!next || !names_worker(part_before(text, next)))
			return LINE_QUIET;
		text = span_from(part_from(text, next), 2);
	}
	return LINE_QUIET;
}

/* ---- delivery: "sieve: msgid=<..>: forwarded to <ADDRESS>" ---- */

/* The user in "lmtp(bob@example.com)<123><tag>", "lda(bob)", 2.2's "lmtp(123, bob)". */
static struct span user_in(struct span service)
{
	size_t open = span_find(service, '('), close;
	struct span user = span_from(service, open + 1);
	const uint8_t *comma;
	close = span_find(user, ')');
	user.len = close < user.len ? close : 0;
	comma = part_find_last(user, ", ");
	return comma ? span_from(part_from(user, comma), 2) : user;
}

static enum line_result delivery(struct span service, struct span text, struct mail_event *e)
{
	static const char message[] = "msgid=", forwarded[] = " forwarded to <";
	const uint8_t *id = part_find(text, message), *to = part_find_last(text, forwarded);
	struct span rest;
	if (!part_find(text, "sieve: ") || !id || !to || to < id || text.at[text.len - 1] != '>')
		return LINE_QUIET;
	rest = span_from(span_of(id, (size_t)(to - id)), sizeof(message) - 1);
	to = part_find_last(rest, ">:") ? to : NULL; /* "msgid=<..>: redirect action:" */
	if (!to)
		return LINE_QUIET;
	e->kind = EVENT_LINK;
	e->link = LINK_FORWARD;
	e->message_id = part_address(span_of(rest.at, (size_t)(part_find_last(rest, ">:") - rest.at) + 1));
	e->original = user_in(service);
	rest = span_from(part_from(text, to), sizeof(forwarded) - 1);
	e->recipient = span_of(rest.at, rest.len - 1);
	return LINE_EVENT;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct span text = l->text, service = l->program;
	event_begin(e, l);
	for (int i = 0; i < SESSION_LABEL_MAX; i++) {
		skip_level(&text);
		if (!take_service(&text, &service))
			break;
	}
	skip_level(&text);
	if (part_find(service, "-login"))
		return login_service(text, e);
	if (span_starts(service, "auth") || span_starts(service, "dovecot-auth") || span_starts(text, "pam_unix("))
		return auth_service(service, text, e);
	if (span_starts(service, "lmtp") || span_starts(service, "lda") || span_starts(service, "deliver") ||
	    span_starts(service, "local"))
		return delivery(service, text, e);
	return LINE_QUIET;
}

const struct format_row format_dovecot = {FORMAT_DOVECOT, program, claims, parse};
