/* SPDX-License-Identifier: BSD-2-Clause */
/* Listings of queues for programs: Postfix's postqueue -j, OpenSMTPD's smtpctl show queue. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/ascii.h"
#include "cli/explain_paste.h"

enum {
	/* ID|source|agent|flags|sender|recipient|destination|created|expires|tried|retries|state|until|reply (smtpctl.c) */
	SMTPCTL_RECIPIENT = 6,
	SMTPCTL_REPLY = 13,
	SMTPCTL_ID_OCTETS = 16,
};

static struct span kept(const json_t *object, const char *key, struct arena *arena, int *error)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *copy = text ? arena_copy(arena, span_str(text)) : NULL;
	if (text && !copy)
		*error = -ENOMEM;
	return copy ? span_str(copy) : (struct span){0};
}

static void add(struct paste *paste, struct span reply, struct span recipient)
{
	const struct paste_piece piece = {.reply = reply, .recipient = recipient, .relay = paste_relay(reply)};
	if (reply.len && paste->count < PASTE_PIECES_MAX)
		paste->at[paste->count++] = piece;
}

static int add_recipients(struct paste *paste, const json_t *message, struct arena *arena)
{
	const json_t *all = json_object_get(message, "recipients");
	int error = 0;
	for (size_t i = 0; i < json_array_size(all) && !error; i++) {
		const json_t *one = json_array_get(all, i);
		struct span reply = kept(one, "delay_reason", arena, &error);
		add(paste, reply, kept(one, "address", arena, &error));
	}
	return error;
}

bool paste_is_json_queue(struct span text)
{
	static const char word[] = "\"queue_id\"";
	text = span_trim(text);
	return text.len && text.at[0] == '{' && memmem(text.at, text.len, word, sizeof(word) - 1);
}

int paste_split_json(struct span text, struct arena *arena, struct paste *paste)
{
	int rc = 0;
	text = span_trim(text);
	while (text.len && rc == 0 && paste->count < PASTE_PIECES_MAX) {
		json_error_t err;
		json_t *message = json_loadb((const char *)text.at, text.len, JSON_DISABLE_EOF_CHECK, &err);
		if (!message)
			break; /* cut at the end: what stands before it is told */
		rc = add_recipients(paste, message, arena);
		json_decref(message);
		text = span_trim(span_from(text, (size_t)err.position));
	}
	return rc;
}

/* The field of that number; empty: there are fewer. The reply, which is the last, may hold bars of its own. */
static struct span field_of(struct span line, size_t number)
{
	for (size_t i = 0; i < number; i++)
		line = span_from(line, span_find(line, '|') + 1);
	return number == SMTPCTL_REPLY ? line : span_of(line.at, span_find(line, '|'));
}

bool paste_is_smtpctl(struct span line)
{
	struct span id = field_of(line, 0), agent = field_of(line, 2);
	if (id.len != SMTPCTL_ID_OCTETS || !(span_equal(agent, span_str("mta")) || span_equal(agent, span_str("mda")) ||
					     span_equal(agent, span_str("mdq"))))
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!ascii_is_digit(id.at[i]) && !(id.at[i] >= 'a' && id.at[i] <= 'f'))
			return false;
	return true;
}

void paste_smtpctl(struct span line, struct paste *paste)
{
	add(paste, span_trim(field_of(line, SMTPCTL_REPLY)), field_of(line, SMTPCTL_RECIPIENT));
}

static bool is_exim_queue(struct span line)
{
	size_t at = 0, dash;
	while (at < line.len && (ascii_is_digit(line.at[at]) || ascii_is_space(line.at[at])))
		at++;
	if (at == 0 || at >= line.len || !memchr("mhdw", line.at[at], 4) || span_find(line, '<') == line.len)
		return false;
	dash = span_find(line, '-');
	return dash >= 6 && dash + 7 < line.len && span_find(span_from(line, dash + 1), '-') <= 11;
}

/* qmail-qread: "1 Dec 2026 04:00:00 GMT  #1234  1555  <a@example.com>", before it the recipients' states. */
static bool is_qmail_queue(struct span line)
{
	static const char zone[] = " GMT  #";
	const uint8_t *at = line.len ? memmem(line.at, line.len, zone, sizeof(zone) - 1) : NULL;
	struct span rest = at ? span_from(line, (size_t)(at - line.at) + sizeof(zone) - 1) : (struct span){0};
	return rest.len && ascii_is_digit(line.at[0]) && ascii_is_digit(rest.at[0]) && memchr(rest.at, '<', rest.len);
}

static bool ends(struct span line, const char *word)
{
	size_t len = strlen(word);
	return line.len >= len && memcmp(line.at + line.len - len, word, len) == 0;
}

const char *paste_without_replies(struct span line)
{
	struct span text = span_trim(line);
	if (is_exim_queue(line))
		return "a listing of Exim's queue holds no replies; exim -Mvl ID shows those of one message";
	if (is_qmail_queue(line))
		return "a listing of qmail's queue holds no replies; its log has them (delivery N: deferral: ...)";
	/* Postfix, Sendmail (one line a queue), qmail-qstat */
	if (span_equal(text, span_str("Mail queue is empty")) ||
	    (text.len && text.at[0] == '/' && ends(text, " is empty")) ||
	    span_equal(text, span_str("messages in queue: 0")))
		return "this queue is empty: nothing waits, so there is no reply in it; what was refused for good is "
		       "in the "
		       "log (offlist diagnose)";
	if (ends(text, "Queue report unavailable - mail system is down"))
		return "postqueue has made no listing: Postfix is not running";
	return NULL;
}
