/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines without a queue id: connections, passwords tried, warnings; the rest says nothing of a message. */
#include "base/ascii.h"
#include "logparse/postfix.h"

enum { QUIET_MAX = 14 };

/* How lines begin that are understood and kept by nobody, by their first octet. */
static const char *const quiet['z' + 1][QUIET_MAX] = {
	['A'] = {"ADMIN", "ALLOWLIST", "Anonymous TLS"},
	['B'] = {"BARE NEWLINE", "BDAT without", "BLACKLISTED", "BYPASS"},
	['C'] = {"COMMAND ", "CONNECT "},
	['D'] = {"DATA without", "DENYLISTED", "DISCONNECT", "DNSBL rank", "Deferred:"},
	['F'] = {"Fail;", "Force-expired:"},
	['H'] = {"HANGUP", "Host offered STARTTLS"},
	['I'] = {"Invalid TLS"},
	['M'] = {"Matched "},
	['N'] = {"NON-SMTP", "New ", "None;", "Neutral;"},
	['P'] = {"PASS ", "PREGREET", "Pass", "Peer ", "Permerror;", "Policy "},
	['R'] = {"Read ", "Received-SPF", "Renamed to", "Requeued:"},
	['S'] = {"SMTPS wrappermode", "SSL3 alert", "SSL_", "Server certificate", "Softfail;"},
	['T'] = {"TLS ", "TLSRPT", "Temperror;", "Trusted TLS"},
	['U'] = {"Untrusted TLS"},
	['V'] = {"Verified "},
	['W'] = {"WHITELIST", "Write "},
	['a'] = {"action=", "addr "},
	['b'] = {"bare "},
	['c'] = {"cache ", "cannot load Certification", "cannot set default OpenSSL", "certificate verification",
		 "client ", "close database", "closing ", "command ", "connect to "},
	['d'] = {"daemon started", "defer ", "delete ", "discarding EHLO", "disconnect"},
	['e'] = {"enabling PIX", "end of ", "entering STRESS"},
	['f'] = {"fingerprint="},
	['h'] = {"host "},
	['i'] = {"improper command", "initializing", "input attribute", "issuer="},
	['l'] = {"leaving STRESS", "looking for session", "looks like", "lost connection"},
	['m'] = {"mapping DSN", "max ", "maximal", "milter", "mynetworks"},
	['o'] = {"open "},
	['p'] = {"postfix-script", "postmaster", "prepend", "private/", "public/"},
	['r'] = {"rate ", "read ", "redirect", "refreshing the Postfix", "reject: connect from", "reload",
		 "remove session", "reporting", "rewrite stream"},
	['s'] = {"save session", "seed ", "send attr", "server features", "setting up TLS", "skipped", "skipping ",
		 "starting the Postfix", "statistics:", "status=", "stopping the Postfix", "subject=", "summary:"},
	['t'] = {"table ", "terminating on signal", "timeout after", "too many errors"},
	['u'] = {"uncaught", "using "},
	['v'] = {"vstream_"},
	['w'] = {"watchdog", "warming up", "write "},
};

/* A function's name: "smtp_get: EOF" */
static bool names_function(struct span text)
{
	size_t n = 0;
	while (n < text.len && (ascii_is_alpha(text.at[n]) || ascii_is_digit(text.at[n]) || text.at[n] == '_'))
		n++;
	return n > 3 && n < text.len && (text.at[n] == ':' || text.at[n] == ' ') && memchr(text.at, '_', n);
}

/* Verbose lines: "< NAME[IP]: EHLO x", "> ..", "smtp_get: EOF", "NAME[IP]:25: depth=1 verify=1". */
static bool is_verbose(struct span text)
{
	size_t n = span_find(text, ' ');
	if (text.len > 2 && (text.at[0] == '<' || text.at[0] == '>') && text.at[1] == ' ')
		return true;
	if (names_function(text))
		return true;
	return n > 4 && n < text.len && text.at[n - 1] == ':' && memchr(text.at, '[', n) && memchr(text.at, ']', n);
}

bool postfix_is_quiet(struct span text, uint32_t want)
{
	const unsigned int connection = span_starts(text, "connect from "),
			   gone = span_starts(text, "disconnect from "), secured = span_starts(text, "Anonymous TLS");
	const char *const *row;
	if (connection | gone | secured) /* which of them cannot be foreseen: one branch */
		return secured || !(want & WANT_CONNECTIONS);
	if (text.len == 0 || text.at[0] > 'z')
		return false;
	for (row = quiet[text.at[0]]; *row; row++) {
		size_t n = 1;
		while ((*row)[n] && n < text.len && text.at[n] == (uint8_t)(*row)[n])
			n++;
		if (!(*row)[n])
			return true;
	}
	return false;
}

/* "warning: NAME[IP]: SASL LOGIN authentication failed: reason, sasl_username=admin". */
static bool password(struct span text, struct mail_event *e)
{
	static const char words[] = ": SASL ", name[] = ", sasl_username=";
	const uint8_t *found = part_find(text, words), *user;
	struct span rest;
	if (!found || !part_find(part_from(text, found), " authentication ") ||
	    !part_find(part_before(text, found), "]") || memchr(text.at + 9, ' ', (size_t)(found - text.at) - 9))
		return false;
	postfix_client(span_from(part_before(text, found), 9), e);
	rest = span_from(part_from(text, found), sizeof(words) - 1);
	e->kind = EVENT_LOGIN;
	e->good = false;
	e->method = span_of(rest.at, span_find(rest, ' '));
	user = part_find(rest, name); /* the name that was tried goes on to the end, whatever it holds */
	if (user)
		e->login = span_from(part_from(rest, user), sizeof(name) - 1);
	if (span_equal(e->login, span_str("(unavailable)")))
		e->login = (struct span){NULL, 0};
	return true;
}

static enum line_result connection(struct span peer, enum mail_event_kind kind, struct mail_event *e)
{
	const uint8_t *end = part_find(peer, "]");
	e->kind = kind;
	postfix_client(end ? part_before(peer, end + 1) : peer, e);
	return LINE_EVENT;
}

static bool is_complaint(struct span text)
{
	return span_starts(text, "warning: ") || span_starts(text, "error: ") || span_starts(text, "fatal: ") ||
	       span_starts(text, "panic: ");
}

enum line_result postfix_note(enum postfix_daemon daemon, struct span text, struct mail_event *e)
{
	if (span_starts(text, "connect from "))
		return connection(span_from(text, 13), EVENT_CONNECT, e);
	if (span_starts(text, "disconnect from "))
		return connection(span_from(text, 16), EVENT_DISCONNECT, e);
	if (span_starts(text, "warning: ") && password(text, e))
		return LINE_EVENT;
	if (is_complaint(text)) {
		e->kind = EVENT_WARNING;
		e->reply = text;
		return LINE_EVENT;
	}
	if (span_starts(text, "proxy-"))
		return postfix_proxy(text, e);
	if (daemon == POSTFIX_TOOL && postfix_total(text, e))
		return LINE_EVENT;
	if (daemon == POSTFIX_QUIET || daemon == POSTFIX_OTHER || daemon == POSTFIX_TOOL || is_verbose(text))
		return LINE_QUIET;
	return LINE_UNKNOWN;
}
