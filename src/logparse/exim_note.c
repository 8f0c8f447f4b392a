/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exim's main log is open to words: "logwrite" in an ACL or filter, "log_message", and hundreds of its own sentences.
 * Words are no gap. What must be understood are records: a flag, fields (H= F= R= T= ..), an id. A text that has the
 * shape of one and was read by no parser is unknown, and is counted.
 */
#include "logparse/exim.h"

#include "base/ascii.h"

struct sentence {
	const char *begins;
	enum line_result result;
};

/* Exim's own sentences, source: its specification and the logs of its tests. LINE_EVENT: a warning. */
static const struct sentence sentences[] = {
	{"Authentication-Results:", LINE_QUIET},
	{"Completed", LINE_QUIET},
	{"Connection from ", LINE_EVENT}, /* refused: too many connections */
	{"DANE ", LINE_QUIET},
	{"DKIM: ", LINE_QUIET},
	{"End ", LINE_QUIET},
	{"ETRN ", LINE_QUIET},
	{"ATRN ", LINE_QUIET},
	{"EXPN ", LINE_QUIET},
	{"Error while reading message", LINE_QUIET},
	{"Failed to ", LINE_EVENT},
	{"PRDR ", LINE_QUIET},
	{"SMTP ", LINE_QUIET},
	{"Spool file ", LINE_EVENT},
	{"spool ", LINE_EVENT},
	{"Start ", LINE_QUIET},
	{"TLS ", LINE_QUIET},
	{"Tainted ", LINE_EVENT},
	{"VRFY ", LINE_QUIET},
	{"Warning: ", LINE_EVENT},
	{"daemon: ", LINE_EVENT},
	{"exim ", LINE_QUIET}, /* "exim 4.96 daemon started: .." */
	{"failed to ", LINE_EVENT},
	{"ignoring AUTH=", LINE_QUIET},
	{"listen ", LINE_QUIET},
	{"message abandoned", LINE_QUIET},
	{"moved from ", LINE_QUIET},
	{"no IP address found for host ", LINE_QUIET},
	{"no host name found for IP address ", LINE_QUIET},
	{"no immediate delivery", LINE_QUIET},
	{"original recipients ignored", LINE_QUIET},
	{"pid ", LINE_QUIET}, /* "pid 1234: SIGHUP received: re-exec daemon" */
	{"queue run: ", LINE_QUIET},
	{"recipient verify ", LINE_QUIET},
	{"sender verify ", LINE_QUIET},
	{"socket bind() ", LINE_EVENT},
	{"timed out while ", LINE_QUIET},
	{"too many ", LINE_EVENT},
	{"unable to ", LINE_EVENT},
	{"unexpected disconnection ", LINE_QUIET},
	{"using queue ", LINE_QUIET},
};

/* Sentences that begin with a name: "login authenticator failed H=..", "r1 router: ..", "remote_smtp transport ..". */
static const char *const second_words[] = {"authenticator ", "router: ",        "router ",
					   "transport ",     "acl condition: ", "SSL verify error: "};

static bool known_sentence(struct span text, enum line_result *ret_result)
{
	struct exim_rest r = exim_rest_of(text);
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (text.at[0] != (uint8_t)sentences[i].begins[0] || !span_starts(text, sentences[i].begins))
			continue;
		*ret_result = sentences[i].result;
		return true;
	}
	exim_token(&r);
	exim_skip_blanks(&r);
	for (size_t i = 0; i < sizeof(second_words) / sizeof(second_words[0]); i++)
		if (span_starts(exim_rest_span(&r), second_words[i])) {
			*ret_result = LINE_QUIET;
			return true;
		}
	return false;
}

/* "<=", "=>" and what a later Exim may put there: one to three octets of punctuation. */
static bool flag_like(struct span token)
{
	if (token.len == 0 || token.len > 3)
		return false;
	for (size_t i = 0; i < token.len; i++)
		if (!memchr("<>=*-+~!?|#@^%&:", token.at[i], 16))
			return false;
	return token.len > 1 || memchr("<>=*", token.at[0], 4);
}

static bool field_like(struct span token)
{
	return token.len > 2 && token.at[1] == '=' && memchr("FHRTPUCA", token.at[0], 8);
}

/* What may have been meant as an id: "1abcde-00000-AB". */
static bool id_like(struct span token)
{
	bool dash = false;
	for (size_t i = 0; i < token.len; i++) {
		if (token.at[i] == '-')
			dash = true;
		else if (!ascii_is_alpha(token.at[i]) && !ascii_is_digit(token.at[i]))
			return false;
	}
	return dash && token.len >= 10 && token.len <= 32;
}

/* Has it the shape of a record: a flag where flags stand, two fields, octets that string_printing() never lets through? */
static bool record_like(struct span text, bool id)
{
	struct exim_rest r = exim_rest_of(text);
	bool flag_here = id;
	int fields = 0;
	for (int i = 0; i < 64; i++) {
		struct span token = exim_token(&r);
		if (token.len == 0)
			break;
		if (flag_here && flag_like(token))
			return true;
		flag_here = i == 0 && !id && id_like(token);
		fields += field_like(token);
		for (size_t j = 0; j < token.len; j++)
			if (token.at[j] < ' ' && token.at[j] != '\t')
				return true;
	}
	return fields > 1;
}

enum line_result exim_note(struct span text, struct mail_event *e)
{
	enum line_result result;
	if (text.len == 0)
		return LINE_QUIET;
	if (known_sentence(text, &result)) {
		e->kind = EVENT_WARNING;
		e->reply = text;
		return result;
	}
	if (record_like(text, e->id.len > 0))
		return LINE_UNKNOWN;
	/* in a file of Exim's form without an id: may be another program's altogether */
	return e->id.len ? LINE_QUIET : LINE_FOREIGN;
}
