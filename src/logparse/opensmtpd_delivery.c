/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenSMTPD: fields, and what became of an envelope. (usr.sbin/smtpd/mta.c and mda.c name them.) */
#include "logparse/opensmtpd.h"

#include "base/ascii.h"

enum { KEY_MAX = 16 };

bool opensmtpd_hex(struct span s, size_t len)
{
	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!ascii_is_digit(s.at[i]) && (s.at[i] < 'a' || s.at[i] > 'f'))
			return false;
	return s.len == len || (!ascii_is_digit(s.at[len]) && !ascii_is_alpha(s.at[len]));
}

bool opensmtpd_key(const struct opensmtpd_field *f, const char *key)
{
	return f->key.len == strlen(key) && memcmp(f->key.at, key, f->key.len) == 0;
}

/* Octets of an address at the front of s, whose local part may be quoted, up to the '>'; s.len: none follows. */
static size_t address_len(struct span s)
{
	size_t quoted = part_quoted(s), end = span_find(span_from(s, quoted), '>');
	return quoted + end;
}

/* Where the value at the front of s ends, and what stands round it. */
static size_t value_len(struct span s, size_t *ret_around)
{
	size_t end;
	*ret_around = 0;
	if (s.len && (s.at[0] == '"' || s.at[0] == '<')) {
		struct span inside = span_from(s, 1);
		end = s.at[0] == '"' ? span_find(inside, '"') : address_len(inside);
		if (end + 1 < s.len) {
			*ret_around = 1;
			return end;
		}
	}
	end = span_find(s, ' ');
	/* relay=192.0.2.1 (mx.example.net) */
	if (end + 1 < s.len && s.at[end + 1] == '(') {
		struct span name = span_from(s, end + 1);
		size_t close = span_find(name, ')');
		if (close < span_find(name, ' '))
			end += close + 2;
	}
	return end;
}

/* "KEY=" off the front of *rest, with the blanks and commas before it. @return false: none stands there. */
static bool take_key(struct span *rest, struct span *ret_key)
{
	struct span s = *rest;
	size_t n = 0;
	while (s.len && (s.at[0] == ' ' || s.at[0] == ','))
		s = span_from(s, 1);
	while (n < s.len && n < KEY_MAX && ascii_is_alpha(s.at[n]))
		n++;
	if (n == 0 || n >= s.len || s.at[n] != '=')
		return false;
	*ret_key = span_of(s.at, n);
	*rest = span_from(s, n + 1);
	return true;
}

bool opensmtpd_next(struct span *rest, struct opensmtpd_field *ret_field)
{
	struct span s = *rest;
	size_t around, len;
	if (!take_key(&s, &ret_field->key))
		return false;
	if (opensmtpd_key(ret_field, "stat")) {
		if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
			s = span_of(s.at + 1, s.len - 2);
		ret_field->value = s;
		*rest = (struct span){0};
		return true;
	}
	len = value_len(s, &around);
	ret_field->value = len ? span_of(s.at + around, len) : (struct span){0};
	if (!around && len && s.at[len - 1] == ',')
		ret_field->value.len--;
	*rest = span_from(s, len + 2 * around);
	return true;
}

/* "3s", "1h2m3s", "1d2h" */
static uint32_t delay_ms(struct span s)
{
	uint64_t total = 0, number = 0;
	for (size_t i = 0; i < s.len && i < 24; i++) {
		uint8_t c = s.at[i];
		uint64_t unit = 0;
		if (ascii_is_digit(c) && number < 100000000) {
			number = number * 10 + c - '0';
			continue;
		}
		unit = c == 's' ? 1 : c == 'm' ? 60 : c == 'h' ? 3600 : c == 'd' ? 86400 : 0;
		if (!unit)
			return 0;
		total += number * unit * 1000;
		number = 0;
	}
	return total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
}

/* "192.0.2.1 (mx.example.net)", "[2001:db8::1] (..)", "mx.example.net" */
static void read_relay(struct span value, struct mail_event *e)
{
	size_t blank = span_find(value, ' ');
	struct span address = span_of(value.at, blank), name = span_from(value, blank + 2);
	if (address.len > 2 && address.at[0] == '[' && address.at[address.len - 1] == ']')
		address = span_of(address.at + 1, address.len - 2);
	if (span_starts(address, "IPv6:"))
		address = span_from(address, 5);
	if (addr_parse(address, &e->relay) < 0)
		name = address;
	else if (name.len && name.at[name.len - 1] == ')')
		name.len--;
	e->relay_name = name;
}

static enum mail_outcome outcome_of(struct span result, bool *ret_known)
{
	*ret_known = true;
	if (span_starts(result, "Ok"))
		return OUTCOME_SENT;
	if (span_starts(result, "TempFail"))
		return OUTCOME_DEFERRED;
	if (span_starts(result, "Expire"))
		return OUTCOME_EXPIRED;
	*ret_known = span_starts(result, "PermFail") || span_starts(result, "Loop") || span_starts(result, "Remove");
	return span_starts(result, "Remove") ? OUTCOME_REMOVED : OUTCOME_BOUNCED;
}

static void take_field(const struct opensmtpd_field *f, struct span *result, struct mail_event *e)
{
	if (opensmtpd_key(f, "evpid")) {
		e->id = opensmtpd_hex(f->value, OPENSMTPD_SESSION_LEN) ? span_of(f->value.at, OPENSMTPD_MESSAGE_LEN)
								       : (struct span){0};
	} else if (opensmtpd_key(f, "from")) {
		e->sender = f->value;
		e->has_sender = true;
	} else if (opensmtpd_key(f, "to")) {
		e->recipient = f->value;
	} else if (opensmtpd_key(f, "rcpt")) { /* as it was before aliases; "-": the same */
		e->original = f->value;
	} else if (opensmtpd_key(f, "relay")) {
		read_relay(f->value, e);
	} else if (opensmtpd_key(f, "delay")) {
		e->delay_ms = delay_ms(f->value);
	} else if (opensmtpd_key(f, "result")) {
		*result = f->value;
	} else if (opensmtpd_key(f, "stat")) {
		e->reply = f->value;
	}
}

enum line_result opensmtpd_delivery(struct span rest, struct span result, enum mail_transport transport,
				    struct mail_event *e)
{
	struct opensmtpd_field f;
	bool known;
	e->kind = EVENT_DELIVERY;
	e->transport = transport;
	while (opensmtpd_next(&rest, &f))
		take_field(&f, &result, e);
	e->outcome = outcome_of(result, &known);
	if (!known || !e->id.len || !e->recipient.len)
		return LINE_UNKNOWN;
	if (span_equal(e->original, span_str("-")) || span_equal_nocase(e->original, e->recipient))
		e->original = (struct span){0};
	e->forwarded = e->original.len && transport == TRANSPORT_SMTP;
	e->related = (struct span){0}; /* the session is of our client side */
	part_reply(e->reply, &e->code, &e->status);
	e->remote_reply = transport == TRANSPORT_SMTP && e->code;
	return LINE_EVENT;
}
