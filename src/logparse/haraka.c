/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Haraka (seen of 3.3.4; logger.js, connection.js, outbound/hmail.js):
 * "[NOTICE] [UUID.1] [core] sender <..> code=CONT", as logfmt or JSON where
 * log.ini says so. A connection is a UUID, its messages UUID.1, UUID.2, the
 * parts that each is sent in, one a domain, UUID.1.1, UUID.1.2. The login is
 * told by auth_proxy and auth_vpopmaild alone. "delivered" names the domain and
 * how many recipients it was: join_haraka.c finds which. The words of a client
 * in a reply are quoted (connection.js, stringify()), an address stands between
 * < and > as the client wrote it.
 */
#include "base/ascii.h"
#include "logparse/format.h"

enum {
	UUID_LEN = 36,
	UUID_KEPT = 14, /* from here on it is unique enough, and short enough for a
                     message's key */
};

/* The three forms in one. */
struct entry {
	struct span uuid;   /* without the part's number of an outbound line, which is
                         in `part` */
	struct span origin; /* "core", "outbound", a plugin */
	struct span said;   /* all that it says, where the fields are part of the text */
	struct span words;  /* "sender <a@example.com>" */
	struct span fields; /* code=CONT msg="", or fields of the reader */
	struct span part;
	bool session; /* the id is a connection's */
};

/* ---- fields ---- */

/* `key=value key="value with \" in it"`, or what the reader made of JSON. */
static bool next_field(struct span *rest, struct span *ret_key, struct span *ret_value)
{
	size_t end, equals;
	if (rest->len && rest->at[0] == LINE_FIELD)
		return line_field_next(rest, ret_key, ret_value);
	while (rest->len && span_find(*rest, '=') > span_find(*rest, ' ')) /* a word: "delivered file=" */
		*rest = span_from(*rest, span_find(*rest, ' ') + 1);
	equals = span_find(*rest, '=');
	if (equals == rest->len)
		return false;
	*ret_key = span_of(rest->at, equals);
	*rest = span_from(*rest, equals + 1);
	if (!rest->len || rest->at[0] != '"') {
		end = span_find(*rest, ' ');
		*ret_value = span_of(rest->at, end);
		*rest = span_from(*rest, end);
		return true;
	}
	for (end = 1; end < rest->len && rest->at[end] != '"'; end++)
		end += rest->at[end] == '\\';
	end = end < rest->len ? end : rest->len;
	*ret_value = span_of(rest->at + 1, end - 1);
	*rest = span_from(*rest, end + 1);
	return true;
}

static struct span field(const struct entry *e, const char *wanted)
{
	struct span rest = e->fields, key, value;
	while (next_field(&rest, &key, &value))
		if (span_equal(key, span_str(wanted)))
			return value;
	return (struct span){0};
}

/* ---- the head ---- */

/* "[word] " */
static bool take_bracket(struct span *rest, struct span *ret_word)
{
	size_t end = span_find(*rest, ']');
	if (!rest->len || rest->at[0] != '[' || end == rest->len)
		return false;
	*ret_word = span_of(rest->at + 1, end - 1);
	*rest = span_from(*rest, end + 2);
	return true;
}

static bool is_uuid(struct span s)
{
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (i >= s.len || (dash ? s.at[i] != '-' : !ascii_is_digit(s.at[i]) && !ascii_is_alpha(s.at[i])))
			return false;
	}
	return s.len == UUID_LEN || s.at[UUID_LEN] == '.';
}

static bool begins_field(struct span s)
{
	size_t n = 0;
	while (n < s.len && (ascii_is_alpha(s.at[n]) || s.at[n] == '_'))
		n++;
	return n && n < s.len && s.at[n] == '=';
}

/* Where the fields begin behind the words: at the first "key=" that the address
 * does not hold. */
static void split_words(struct entry *e)
{
	size_t at = span_find(e->words, '<'), end = 0;
	if (span_starts(e->words, "sender <") || span_starts(e->words, "recipient <"))
		end = at + 1 + part_quoted(span_from(e->words, at + 1));
	while (end < e->words.len &&
	       !((end == 0 || e->words.at[end - 1] == ' ') && begins_field(span_from(e->words, end))))
		end++;
	e->fields = span_from(e->words, end);
	e->words = span_trim(span_of(e->words.at, end));
}

static bool take_fields(struct span text, struct entry *e)
{
	struct span rest = text, level, origin, words;
	e->fields = text;
	level = field(e, "level");
	e->uuid = field(e, "uuid");
	origin = field(e, "origin");
	words = field(e, "message");
	if (!level.len || !e->uuid.len || !origin.len || !words.at)
		return false;
	e->origin = origin;
	e->said = e->words = words;
	for (int i = 0; i < 4; i++)
		next_field(&rest, &level, &words);
	e->fields = rest;
	return true;
}

/* The number behind the last '.' of an outbound line is the part's. */
static void take_part(struct entry *e)
{
	const uint8_t *dot = e->uuid.len > UUID_LEN ? memrchr(e->uuid.at, '.', e->uuid.len) : NULL;
	e->session = e->uuid.len == UUID_LEN;
	if (!dot || !span_equal(e->origin, span_str("outbound")))
		return;
	e->part = span_from(part_from(e->uuid, dot), 1);
	e->uuid = part_before(e->uuid, dot);
}

static bool read_entry(struct span text, struct entry *e)
{
	struct span level;
	*e = (struct entry){0};
	if (span_starts(text, "level=") || (text.len && text.at[0] == LINE_FIELD)) {
		if (!take_fields(text, e))
			return false;
	} else {
		if (!take_bracket(&text, &level) || !take_bracket(&text, &e->uuid) || !take_bracket(&text, &e->origin))
			return false;
		e->said = e->words = span_trim(text);
		split_words(e);
	}
	take_part(e);
	return is_uuid(e->uuid) || span_equal(e->uuid, span_str("-"));
}

/* A program without a name, "haraka" (its syslog plugin), or "node" and
 * whatever the unit is called. */
static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (span_equal_nocase(name, span_str("haraka")))
		return CLAIM_YES;
	return !name.len || span_equal(name, span_str("node")) ? CLAIM_ASK : CLAIM_NO;
}

static bool is_level(struct span text)
{
	static const char *const levels[] = {"[NOTICE] [", "[INFO] [",     "[WARN] [", "[ERROR] [",
					     "[DEBUG] [",  "[PROTOCOL] [", "[CRIT] [", "[ALERT] [",
					     "[EMERG] [",  "[DATA] [",     "level="};
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (span_starts(text, levels[i]))
			return true;
	return text.len && text.at[0] == LINE_FIELD;
}

static bool claims(const struct log_line *l)
{
	struct entry e;
	return is_level(l->text) && read_entry(l->text, &e);
}

/* ---- what lines say ---- */

/* "sender <..>", "recipient <..> rejected: 550": what stands between < and >,
 * and what behind. */
static bool take_address(struct span words, const char *before, struct span *ret_address, struct span *ret_rest)
{
	size_t end;
	if (!span_starts(words, before))
		return false;
	words = span_from(words, strlen(before));
	end = part_quoted(words);
	end += span_find(span_from(words, end), '>');
	if (end >= words.len)
		return false;
	*ret_address = span_of(words.at, end);
	*ret_rest = span_from(words, end + 1);
	return true;
}

static void set_reply(struct mail_event *e, struct span reply, bool remote)
{
	e->reply = reply;
	part_reply(reply, &e->code, &e->status);
	e->remote_reply = remote && e->code;
}

/* A hook's answer: OK and CONT are good; DENY.. is for good, DENYSOFT.. for
 * now. */
static bool is_good(const struct entry *n)
{
	struct span code = field(n, "code");
	return span_equal(code, span_str("OK")) || span_equal(code, span_str("CONT")) ||
	       span_equal(code, span_str("OK_HOLD"));
}

static enum line_result refused(const struct entry *n, struct mail_event *e)
{
	e->kind = EVENT_REFUSAL;
	e->related = e->id.len ? span_of(e->id.at, UUID_LEN - UUID_KEPT) : e->related;
	e->id = (struct span){0};
	e->outcome = span_starts(field(n, "code"), "DENYSOFT") ? OUTCOME_DEFERRED : OUTCOME_BOUNCED;
	set_reply(e, field(n, "msg"), false);
	return LINE_EVENT;
}

static enum line_result sender(const struct entry *n, struct span address, struct mail_event *e)
{
	e->sender = address;
	e->has_sender = true;
	e->kind = EVENT_DETAIL;
	return is_good(n) ? LINE_EVENT : refused(n, e);
}

/* One recipient more; that it is refused by default is not told here (code=OK),
 * but when the connection ends. */
static enum line_result recipient(const struct entry *n, struct span address, struct mail_event *e)
{
	e->recipient = address;
	e->kind = EVENT_CHANGE;
	e->outcome = OUTCOME_WAITING;
	return is_good(n) ? LINE_EVENT : refused(n, e);
}

static uint64_t number(struct span text, uint64_t max)
{
	uint64_t n;
	return ascii_parse_u64(text, max, &n) == 0 ? n : 0;
}

/* "3/0/1": how many are good, put off, refused. */
static uint32_t count_good(struct span text)
{
	return (uint32_t)number(span_of(text.at, span_find(text, '/')), UINT32_MAX);
}

static enum line_result message(const struct entry *n, struct mail_event *e)
{
	if (!is_good(n))
		return refused(n, e);
	e->kind = EVENT_DETAIL;
	e->message_id = part_address(field(n, "mid"));
	e->size = number(field(n, "size"), UINT64_MAX);
	e->recipients = count_good(field(n, "rcpts"));
	return LINE_EVENT;
}

/* Taken: into the queue of our own, or (any other words) by the server that the
 * queue plugin gave it to. */
static enum line_result queue(const struct entry *n, struct mail_event *e)
{
	struct span words = field(n, "msg");
	if (span_equal(field(n, "code"), span_str("CONT")))
		return LINE_QUIET;
	if (!is_good(n))
		return refused(n, e);
	e->kind = EVENT_ACCEPT;
	e->related = span_of(e->id.at, UUID_LEN - UUID_KEPT);
	if (span_starts(words, "Message Queued"))
		return LINE_EVENT;
	e->outcome = OUTCOME_SENT;
	e->transport = TRANSPORT_SMTP;
	set_reply(e, words, true);
	return LINE_EVENT;
}

/* The quotes of logfmt are escaped. */
static struct span without_quotes(struct span s)
{
	if (span_starts(s, "\\\"") && s.len >= 4)
		return span_of(s.at + 2, s.len - 4);
	return span_starts(s, "\"") && s.len >= 2 ? span_of(s.at + 1, s.len - 2) : s;
}

/* "AUTH user="bob" host="192.0.2.5" success=true": the name comes from the
 * client, and what is told of it stands last. */
static enum line_result login(struct span text, bool has_host, struct mail_event *e)
{
	static const char before[] = "AUTH user=";
	const uint8_t *end = part_find_last(text, " success="), *host;
	struct span name;
	if (!span_starts(text, before) || !end || end < text.at + sizeof(before) - 1)
		return LINE_QUIET;
	name = span_from(part_before(text, end), sizeof(before) - 1);
	host = has_host ? part_find_last(name, " host=") : NULL;
	e->kind = EVENT_LOGIN;
	e->login = without_quotes(host ? part_before(name, host) : name);
	e->good = span_equal(span_from(part_from(text, end), 9), span_str("true"));
	return e->login.len ? LINE_EVENT : LINE_QUIET;
}

static bool tells_login(struct span plugin)
{
	return span_equal(plugin, span_str("auth/auth_proxy")) || span_equal(plugin, span_str("auth/auth_vpopmaild"));
}

/*
 * The default refusal of a recipient is told by nothing but the last reply.
 * relay=Y: this client was let through by a login or its address, and which is
 * told by few plugins.
 */
static enum line_result disconnected(const struct entry *n, uint32_t want, struct mail_event *e)
{
	static const char refusal[] = "550 I cannot deliver mail for ";
	struct span last = field(n, "lr");
	e->kind = EVENT_DISCONNECT;
	e->count = number(field(n, "txns"), UINT32_MAX);
	e->good = span_equal(field(n, "relay"), span_str("Y"));
	if (addr_parse(field(n, "ip"), &e->client) < 0)
		e->client = (struct addr){0};
	if (e->good || !span_starts(last, refusal))
		return e->good || want & WANT_CONNECTIONS ? LINE_EVENT : LINE_QUIET;
	e->kind = EVENT_REFUSAL;
	e->outcome = OUTCOME_BOUNCED;
	e->helo = field(n, "helo");
	set_reply(e, last, false);
	e->recipient = part_address(span_from(last, sizeof(refusal) - 1));
	return LINE_EVENT;
}

static enum line_result connection(const struct entry *n, uint32_t want, struct mail_event *e)
{
	e->related = e->id;
	e->id = (struct span){0};
	if (span_equal(n->words, span_str("connect"))) {
		e->kind = EVENT_CONNECT;
		if (addr_parse(field(n, "ip"), &e->client) < 0)
			e->client = (struct addr){0};
		return LINE_EVENT;
	}
	if (span_equal(n->words, span_str("disconnect")))
		return disconnected(n, want, e);
	if (tells_login(n->origin))
		return login(n->said, span_equal(n->origin, span_str("auth/auth_proxy")), e);
	if (span_starts(n->origin, "auth/") && span_starts(n->said, "delaying for ")) {
		e->kind = EVENT_LOGIN; /* a wrong password, of a name that is not told */
		return LINE_EVENT;
	}
	return LINE_QUIET;
}

static enum line_result transaction(const struct entry *n, struct mail_event *e)
{
	struct span address, rest;
	if (!span_equal(n->origin, span_str("core")))
		return LINE_QUIET;
	if (take_address(n->words, "sender <", &address, &rest))
		return sender(n, address, e);
	if (take_address(n->words, "recipient <", &address, &rest))
		return recipient(n, address, e);
	if (span_equal(n->words, span_str("message")))
		return message(n, e);
	return span_equal(n->words, span_str("queue")) ? queue(n, e) : LINE_QUIET;
}

/* ---- what was sent ---- */

static uint32_t delay_ms(struct span seconds)
{
	uint64_t whole = number(span_of(seconds.at, span_find(seconds, '.')), UINT32_MAX / 1000);
	return (uint32_t)whole * 1000;
}

static enum line_result delivered(const struct entry *n, struct mail_event *e)
{
	uint64_t port = number(field(n, "port"), UINT16_MAX);
	bool is_lmtp = span_equal(field(n, "mode"), span_str("LMTP"));
	e->outcome = OUTCOME_SENT;
	e->transport = is_lmtp ? TRANSPORT_LOCAL : TRANSPORT_SMTP;
	e->recipient = field(n, "domain");
	e->count = count_good(field(n, "rcpts"));
	e->relay_name = field(n, "host");
	if (addr_parse(field(n, "ip"), &e->relay) < 0)
		e->relay = (struct addr){0};
	e->relay_port = (uint16_t)port;
	e->delay_ms = delay_ms(field(n, "delay"));
	e->reply = field(n, "response");
	e->remote_reply = true;
	return e->recipient.len ? LINE_EVENT : LINE_UNKNOWN;
}

static enum line_result failed(struct span words, enum mail_outcome outcome, struct mail_event *e)
{
	static const char *const before[] = {"Too many failures (", "Upstream error: "};
	e->outcome = outcome;
	e->transport = TRANSPORT_SMTP;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		if (!span_starts(words, before[i]))
			continue;
		words = span_from(words, strlen(before[i]));
		if (i == 0)
			e->outcome = OUTCOME_EXPIRED;
	}
	set_reply(e, words, true);
	return LINE_EVENT;
}

/* Of the recipients that one line names after the other: told already. */
static bool is_told(struct span words)
{
	return span_starts(words, "Some recipients failed: <") || span_starts(words, "Some recipients temp failed: <");
}

static enum line_result outbound(const struct entry *n, struct mail_event *e)
{
	struct span rest, words = n->said;
	const uint8_t *reason;
	e->kind = EVENT_DELIVERY;
	e->related = n->part;
	if (take_address(words, "recipient <", &e->recipient, &rest)) {
		bool put_off = span_starts(rest, " deferred: ");
		return put_off || span_starts(rest, " rejected: ")
			       ? failed(span_from(rest, 11), put_off ? OUTCOME_DEFERRED : OUTCOME_BOUNCED, e)
			       : LINE_QUIET;
	}
	if (span_starts(words, "bouncing mail: "))
		return is_told(span_from(words, 15)) ? LINE_QUIET : failed(span_from(words, 15), OUTCOME_BOUNCED, e);
	reason = span_starts(words, "Temp failing ") ? part_find(words, " seconds: ") : NULL;
	if (reason) {
		rest = span_from(part_from(words, reason), 10);
		return is_told(rest) ? LINE_QUIET : failed(rest, OUTCOME_DEFERRED, e);
	}
	return field(n, "rcpts").len && field(n, "domain").len ? delivered(n, e) : LINE_QUIET;
}

/* "Created transaction: UUID": a notice of its own, mostly; plugins make mail
 * so too. */
static enum line_result created(const struct entry *n, struct mail_event *e)
{
	struct span id = n->said;
	if (!span_starts(id, "Created transaction: ") || !is_uuid(span_from(id, 21)))
		return LINE_QUIET;
	e->id = span_from(id, 21 + UUID_KEPT);
	e->kind = EVENT_ACCEPT;
	e->local = e->has_sender = true;
	return LINE_EVENT;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct entry n;
	if (!is_level(l->text) || !read_entry(l->text, &n))
		return LINE_QUIET; /* "loglevel: INFO", a plugin's own words */
	event_begin(e, l);
	if (n.uuid.len == 1)
		return created(&n, e);
	e->id = span_from(n.uuid, UUID_KEPT);
	if (n.part.len)
		return outbound(&n, e);
	return n.session ? connection(&n, want, e) : transaction(&n, e);
}

const struct format_row format_haraka = {FORMAT_HARAKA, program, claims, parse};
