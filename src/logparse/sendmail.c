/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail: daemon (sm-mta, sendmail), submission (sendmail, sm-msp-queue). Both write "QID: key=value, ..". */
#include "logparse/sendmail.h"

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	return span_starts(name, "sendmail") || span_starts(name, "sm-") ? CLAIM_YES : CLAIM_NO;
}

/* "QID: " or "NOQUEUE: " off the front */
static struct span take_id(struct span text, struct mail_event *e)
{
	size_t colon = sendmail_first(span_of(text.at, text.len < 32 ? text.len : 32), ": ");
	struct span id = span_of(text.at, colon);
	if (colon >= text.len)
		return text;
	if (span_starts(text, "NOQUEUE: "))
		return span_from(text, 9);
	if (!sendmail_id(id))
		return text;
	e->id = id;
	return span_from(text, colon + 2);
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *ret_event)
{
	struct span text;
	enum line_result result;
	event_begin(ret_event, l);
	text = take_id(l->text, ret_event);
	if (ret_event->id.len && span_starts(text, "from="))
		return sendmail_arrival(text, ret_event);
	if (ret_event->id.len && span_starts(text, "to="))
		return sendmail_delivery(text, ret_event);
	if (span_starts(text, "AUTH=") || span_starts(text, "AUTH failure"))
		return sendmail_login(text, ret_event);
	result = sendmail_refusal(text, ret_event);
	return result == LINE_UNKNOWN ? sendmail_note(text, want, ret_event) : result;
}

const struct format_row format_sendmail = {FORMAT_SENDMAIL, program, NULL, parse};
