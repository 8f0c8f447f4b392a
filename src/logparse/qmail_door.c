/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who comes to qmail's door. qmail-send knows no client and no login; the programs before its queue do, and name no
 * message: Plesk's relaylock, smtp_auth and cmd5checkpw, spamdyke, the chkuser patch, s/qmail's qmail-smtpd, the qlog
 * patch. They write one line for each recipient, before the message is queued. HELO, sender and recipient are a
 * stranger's: where words of theirs could be taken for the line's own, nothing is read.
 */
#include "logparse/qmail.h"

#include "base/ascii.h"

/* What stands between two words, each of which is there once. */
static bool between(struct span text, const char *before, const char *behind, struct span *ret_value)
{
	const uint8_t *from = part_find(text, before), *to = behind ? part_find(text, behind) : text.at + text.len;
	size_t skip = strlen(before);
	if (!from || !to || to < from + skip || from != part_find_last(text, before) ||
	    (behind && to != part_find_last(text, behind)))
		return false;
	*ret_value = span_of(from + skip, (size_t)(to - from) - skip);
	return true;
}

/* What stands behind the last `key`; it is taken off the text. */
static bool take_last(struct span *text, const char *key, struct span *ret_value)
{
	const uint8_t *at = part_find_last(*text, key);
	if (!at)
		return false;
	*ret_value = span_from(part_from(*text, at), strlen(key));
	*text = part_before(*text, at);
	return true;
}

static bool take_word(struct span *text, const char *word)
{
	if (!span_starts(*text, word))
		return false;
	*text = span_from(*text, strlen(word));
	return true;
}

static bool is_word(struct span s)
{
	return s.len && span_find(s, ' ') == s.len;
}

static bool read_client(struct span s, struct mail_event *e)
{
	if (addr_parse(s, &e->client) == 0)
		return true;
	e->client = (struct addr){0};
	return false;
}

/* The sender whose message comes next; an empty one is nobody's. */
static enum line_result envelope(struct span sender, struct mail_event *e)
{
	e->kind = EVENT_ENVELOPE;
	e->has_sender = true;
	e->sender = sender;
	return e->client.family ? LINE_EVENT : LINE_QUIET;
}

static enum line_result refusal(struct span words, enum mail_outcome outcome, struct mail_event *e)
{
	e->kind = EVENT_REFUSAL;
	e->outcome = outcome;
	e->reply = words;
	return LINE_EVENT;
}

/* ---- Plesk ---- */

/* "/var/qmail/bin/relaylock: mail from 203.0.113.9:4711 (host.example.net)" */
static enum line_result relaylock(struct span text, struct mail_event *e)
{
	static const char words[] = "relaylock: mail from ";
	const uint8_t *at = part_find(text, words), *colon;
	struct span peer = at ? span_from(part_from(text, at), sizeof(words) - 1) : text, name;
	size_t blank = span_find(peer, ' ');
	colon = at ? part_find_last(span_of(peer.at, blank), ":") : NULL;
	if (!colon || !read_client(part_before(peer, colon), e))
		return LINE_QUIET;
	name = span_from(peer, blank);
	if (take_word(&name, " (") && name.len > 1 && name.at[name.len - 1] == ')')
		e->client_name = span_of(name.at, name.len - 1);
	e->kind = EVENT_CONNECT;
	return LINE_EVENT;
}

/* "unknown@host.example.net [203.0.113.9]", "(null)@..", "unknown@ [203.0.113.9]", "host.example.net [203.0.113.9]" */
static bool plesk_peer(struct span peer, struct mail_event *e)
{
	size_t blank = span_find(peer, ' ');
	struct span name = span_of(peer.at, blank), address = span_from(peer, blank);
	size_t at = span_find(name, '@');
	if (!take_word(&address, " [") || !address.len || address.at[address.len - 1] != ']')
		return false;
	e->client_name = at < name.len ? span_from(name, at + 1) : name;
	address.len--;
	return read_client(address, e);
}

/* "office", and behind it "/var/qmail/mailnames/example.com/office": the domain stands in the mailbox's path alone. */
static bool take_mailbox(struct span path, struct mail_event *e)
{
	static const char mailnames[] = "/mailnames/";
	const uint8_t *at = part_find_last(path, mailnames);
	struct span box = at ? span_trim(span_from(part_from(path, at), sizeof(mailnames) - 1)) : path;
	size_t slash = span_find(box, '/');
	if (!at)
		return !path.len;
	if (!is_word(box) || !span_equal_nocase(span_from(box, slash + 1), e->login))
		return false;
	e->login_domain = span_of(box.at, slash);
	return slash > 0;
}

/* "SMTP user office : /var/qmail/mailnames/example.com/office logged in from unknown@ [203.0.113.9]",
 * "SMTP user office@example.com : logged in from host.example.net [203.0.113.9]",
 * "SMTP user office@example.com: logged in from host.example.net [203.0.113.9]" */
static enum line_result plesk_login(struct span text, struct mail_event *e)
{
	struct span peer, path;
	size_t colon;
	if (!take_last(&text, "logged in from ", &peer) || !plesk_peer(peer, e))
		return LINE_QUIET;
	colon = span_find(text, ':');
	e->login = span_trim(span_of(text.at, colon));
	path = span_trim(span_from(text, colon + 1));
	if (colon == text.len || !is_word(e->login))
		return LINE_QUIET;
	if (span_find(e->login, '@') == e->login.len && !take_mailbox(path, e))
		return LINE_QUIET;
	e->kind = EVENT_LOGIN;
	e->good = e->of_login = true;
	return LINE_EVENT;
}

/* "FAILED: office - password incorrect from host.example.net [203.0.113.9]": the name may hold any words. */
static enum line_result plesk_failure(struct span text, struct mail_event *e)
{
	struct span peer, words;
	if (!take_last(&text, " from ", &peer) || !plesk_peer(peer, e) ||
	    !take_last(&text, " - password incorrect", &words) || !text.len)
		return LINE_QUIET;
	e->kind = EVENT_LOGIN;
	e->login = text;
	return LINE_EVENT;
}

/* smtp_auth, and cmd5checkpw for CRAM-MD5 */
static enum line_result plesk(struct span text, struct mail_event *e)
{
	take_word(&text, "smtp_auth: ");
	if (take_word(&text, "SMTP user "))
		return plesk_login(text, e);
	return take_word(&text, "FAILED: ") ? plesk_failure(text, e) : LINE_QUIET;
}

/* ---- spamdyke: "ALLOWED from: a@example.com to: b@example.net origin_ip: 203.0.113.9 origin_rdns: host.example.net
 * auth: a@example.com encryption: TLS", and " reason: .." behind it. The login is set once the password was right ---- */

/* The fields behind the recipient, from the last one on: what stands before them is a stranger's. */
static bool spamdyke_fields(struct span *text, struct span *ret_login, struct mail_event *e)
{
	struct span encryption, name, address;
	if (!take_last(text, " encryption: ", &encryption) || !is_word(encryption) ||
	    !take_last(text, " auth: ", ret_login) || !take_last(text, " origin_rdns: ", &name) ||
	    !take_last(text, " origin_ip: ", &address) || !read_client(address, e))
		return false;
	if (is_word(name) && !span_equal(name, span_str("(unknown)")))
		e->client_name = name;
	return true;
}

static enum line_result spamdyke(struct span text, struct mail_event *e)
{
	struct span word = span_of(text.at, span_find(text, ' ')), rest = span_from(text, word.len), reason, login, to;
	bool allowed = span_equal(word, span_str("ALLOWED"));
	if (!take_word(&rest, " from: "))
		return LINE_QUIET;
	if (take_last(&rest, " reason: ", &reason) && allowed && !span_equal(reason, span_str("(empty)")))
		return LINE_QUIET;
	if (!spamdyke_fields(&rest, &login, e) || !between(rest, " to: ", NULL, &to))
		return LINE_QUIET;
	e->recipient = to;
	if (span_starts(word, "DENIED_"))
		return refusal(word, part_find(word, "GRAYLIST") ? OUTCOME_DEFERRED : OUTCOME_BOUNCED, e);
	if (!allowed)
		return LINE_QUIET;
	if (is_word(login) && !span_equal(login, span_str("(unknown)")))
		e->login = login;
	return envelope(span_of(rest.at, (size_t)(to.at - rest.at) - strlen(" to: ")), e);
}

/* ---- chkuser: "CHKUSER relaying rcpt: from <sender:login:id> remote <helo:host:203.0.113.9> rcpt <recipient> : words".
 * Where the login stands a name that the client's own identd gave may stand as well: only who may relay is believed,
 * and only an address ---- */

static bool chkuser_from(struct span from, bool relaying, struct mail_event *e)
{
	size_t first = span_find(from, ':'), second;
	struct span rest = span_from(from, first + 1), login;
	second = span_find(rest, ':');
	login = span_of(rest.at, second);
	if (first == from.len || second == rest.len ||
	    span_find(span_from(rest, second + 1), ':') + second + 1 < rest.len)
		return false;
	e->sender = span_of(from.at, first);
	if (relaying && is_word(login) && span_find(login, '@') < login.len)
		e->login = login;
	return true;
}

static enum line_result chkuser(struct span text, struct mail_event *e)
{
	struct span from, remote, address;
	bool relaying = span_starts(text, "relaying rcpt: ");
	if (!between(text, ": from <", "> remote <", &from) || !between(text, "> remote <", "> rcpt <", &remote) ||
	    !take_last(&remote, ":", &address) || !read_client(address, e) || !chkuser_from(from, relaying, e))
		return LINE_QUIET;
	if (span_starts(text, "rejected ") || span_starts(text, "must auth"))
		return refusal(text, OUTCOME_BOUNCED, e);
	return relaying || span_starts(text, "accepted ") ? envelope(e->sender, e) : LINE_QUIET;
}

/* ---- s/qmail: "pid 7 Accept::AUTH::plain P:ESMTPSA S:203.0.113.9:host H:helo F:sender T:recipient ?~ 'login'"; before
 * 4.0 without H:, F: and T:, and with "?= 'login'", once, when the password was given ---- */

static bool sqmail_client(struct span *text, struct mail_event *e)
{
	size_t blank = span_find(*text, ' ');
	struct span word = span_of(text->at, blank);
	*text = span_from(*text, blank);
	return take_word(&word, "S:") && take_last(&word, ":", &e->client_name) && /* a name has no ':' */
	       read_client(word, e);
}

static enum line_result sqmail_login(struct span text, struct span login, struct mail_event *e)
{
	if (!span_starts(text, "Accept::AUTH::") || !is_word(login))
		return LINE_QUIET;
	e->kind = EVENT_LOGIN;
	e->good = e->of_login = true;
	e->login = login;
	return LINE_EVENT;
}

/* What stands in '' at the end, behind a mark. */
static bool take_quoted(struct span *text, const char *mark, struct span *ret_value)
{
	if (!text->len || text->at[text->len - 1] != '\'' || !take_last(text, mark, ret_value) || !ret_value->len)
		return false;
	ret_value->len--;
	return true;
}

static enum line_result sqmail(struct span text, struct mail_event *e)
{
	struct span rest = span_from(text, span_find(text, ' ')), login = {NULL, 0}, sender;
	bool auth = span_starts(text, "Accept::AUTH::");
	if (!take_word(&rest, " P:"))
		return LINE_QUIET;
	rest = span_from(rest, span_find(rest, ' ') + 1);
	if (auth && !take_quoted(&rest, " ?~ '", &login) && !take_quoted(&rest, " ?= '", &login))
		return LINE_QUIET;
	if (!sqmail_client(&rest, e))
		return LINE_QUIET;
	if (span_starts(text, "Reject::"))
		return refusal(text, OUTCOME_BOUNCED, e);
	if (auth && !rest.len)
		return sqmail_login(text, login, e);
	if (!span_starts(text, "Accept::") || !between(rest, " F:", " T:", &sender))
		return LINE_QUIET;
	if (is_word(login))
		e->login = login;
	return envelope(sender, e);
}

/* ---- the qlog patch: "qlogenvelope: result=accepted code=250 .. mailfrom=a@example.com rcptto=.. relay=yes ..
 * authuser=LOGIN authtype=plain .. remoteip=203.0.113.9 ..". authuser= is the name that was tried last: it is a login
 * where it may relay ---- */

/* Fields stand in one order, and what a stranger fills stands before `relay`. */
static bool qlog_field(struct span *text, const char *key, struct span *ret_value)
{
	if (!take_last(text, key, ret_value))
		return false;
	ret_value->len = span_find(*ret_value, ' ');
	return true;
}

static enum line_result qlog(struct span text, struct mail_event *e)
{
	struct span host, address, type, login, relay, sender;
	bool accepted = take_word(&text, "result=accepted ");
	if (!qlog_field(&text, " remotehost=", &host) || !qlog_field(&text, " remoteip=", &address) ||
	    !qlog_field(&text, " authtype=", &type) || !qlog_field(&text, " authuser=", &login) ||
	    !qlog_field(&text, " relay=", &relay) || !between(text, " mailfrom=", " rcptto=", &sender) ||
	    !read_client(address, e))
		return LINE_QUIET;
	e->client_name = host;
	if (!accepted)
		return refusal(text, OUTCOME_BOUNCED, e);
	if (span_equal(relay, span_str("yes")) && type.len)
		e->login = login;
	return envelope(sender, e);
}

/* ---- whose line it is ---- */

enum qmail_door qmail_door_program(struct span name)
{
	static const struct {
		const char *name;
		enum qmail_door door;
	} programs[] = {{"relaylock", QMAIL_DOOR_RELAYLOCK}, {"/var/qmail/bin/relaylock", QMAIL_DOOR_RELAYLOCK},
			{"smtp_auth", QMAIL_DOOR_PLESK},     {"/var/qmail/bin/smtp_auth", QMAIL_DOOR_PLESK},
			{"cmd5checkpw", QMAIL_DOOR_PLESK},   {"/var/qmail/bin/cmd5checkpw", QMAIL_DOOR_PLESK},
			{"spamdyke", QMAIL_DOOR_SPAMDYKE}};
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (span_equal(name, span_str(programs[i].name)))
			return programs[i].door;
	return QMAIL_DOOR_NONE;
}

bool qmail_door_claims(struct span text)
{
	return span_starts(text, "CHKUSER ") || span_starts(text, "qlogenvelope: ") ||
	       span_starts(text, "qlogreceived: ") || span_starts(text, "qmail-smtpd: pid ");
}

/* "pid 7 Accept::..", "Accept::.." */
static bool take_pid(struct span *text)
{
	size_t n = 0;
	struct span rest = *text;
	if (!take_word(&rest, "pid "))
		return span_starts(*text, "Accept::") || span_starts(*text, "Reject::");
	while (n < rest.len && ascii_is_digit(rest.at[n]))
		n++;
	rest = span_from(rest, n + 1);
	if (!span_starts(rest, "Accept::") && !span_starts(rest, "Reject::"))
		return false;
	*text = rest;
	return true;
}

static enum line_result of_smtpd(struct span text, struct mail_event *e)
{
	if (take_word(&text, "CHKUSER "))
		return chkuser(text, e);
	if (take_word(&text, "qlogenvelope: "))
		return qlog(text, e);
	if (take_word(&text, "qlogreceived: "))
		return LINE_QUIET; /* what the lines before it have said, when it is queued */
	take_word(&text, "qmail-smtpd: ");
	return take_pid(&text) ? sqmail(text, e) : LINE_FOREIGN;
}

enum line_result qmail_door(enum qmail_door program, struct span text, struct mail_event *e)
{
	switch (program) {
	case QMAIL_DOOR_RELAYLOCK:
		return relaylock(text, e);
	case QMAIL_DOOR_PLESK:
		return plesk(text, e);
	case QMAIL_DOOR_SPAMDYKE:
		return spamdyke(text, e);
	case QMAIL_DOOR_NONE:
		break;
	}
	return of_smtpd(text, e);
}
