/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/holds.h"

#include "logparse/format.h"

/* So many messages are needed before their share says something; below, only what is wholly absent does. */
enum { MESSAGES_FEW = 10, REFUSALS_FEW = 5 };

static bool is_server(enum mail_format f)
{
	return f == FORMAT_POSTFIX || f == FORMAT_EXIM || f == FORMAT_SENDMAIL || f == FORMAT_OPENSMTPD ||
	       f == FORMAT_QMAIL || f == FORMAT_KUMOMTA || f == FORMAT_HARAKA || f == FORMAT_STALWART;
}

void holds_quiet(struct log_holds *h, enum mail_format format)
{
	h->others += is_server(format);
}

/* By a table: what a line is cannot be foreseen, and the join branches on it right after. */
void holds_event(struct log_holds *h, const struct mail_event *e)
{
	static const uint8_t lines[] = {
		[EVENT_ACCEPT] = HOLDS_ARRIVALS,     [EVENT_DETAIL] = HOLDS_DETAILS,
		[EVENT_DELIVERY] = HOLDS_DELIVERIES, [EVENT_END] = HOLDS_ENDS,
		[EVENT_REFUSAL] = HOLDS_REFUSALS,    [EVENT_WOULD_REFUSE] = HOLDS_REFUSALS,
		[EVENT_LOGIN] = HOLDS_REFUSALS,      [EVENT_SUPPRESSED] = HOLDS_OTHERS,
	};
	bool is_login = e->kind == EVENT_LOGIN && e->good; /* else a failed one */
	h->lines[is_login ? HOLDS_OTHERS : lines[e->kind]] += is_server(e->format);
}

/* @return whether one left, or could have. */
static bool has_outgoing(const struct mail_message *m)
{
	for (size_t i = 0; i < m->delivery_count; i++)
		if (m->deliveries[i].transport != TRANSPORT_LOCAL)
			return true;
	return false;
}

void holds_message(struct log_holds *h, const struct mail_message *m)
{
	bool arrived = m->origin != ORIGIN_UNKNOWN, outgoing = has_outgoing(m);
	if (m->format == FORMAT_QMAIL && !outgoing)
		arrived = true; /* qmail never tells who handed it over, and of what stays here it does not matter */
	if (m->origin == ORIGIN_NOTICE || (m->has_sender && m->sender.len == 0))
		return; /* made here: not every notice's arrival is logged */
	if (m->delivery_count > 0)
		*(arrived ? &h->whole : &h->no_arrival) += 1;
	else if (arrived && !m->ended)
		*(m->recipients ? &h->waiting : &h->no_outcome) += 1;
}

/* The part that is `few` of most messages. */
static bool most(uint64_t few, uint64_t whole)
{
	return few >= MESSAGES_FEW && few > whole;
}

/* Of a log that holds nothing of the queue. */
static enum log_lack lack_of_messages(const struct log_holds *h, uint64_t mail_lines)
{
	if (h->refusals + h->others == 0)
		return mail_lines ? LACK_SERVER : LACK_NOTHING;
	return h->others == 0 && h->refusals >= REFUSALS_FEW ? LACK_MESSAGES : LACK_NOTHING;
}

enum log_lack holds_lack(const struct log_holds *h, uint64_t mail_lines)
{
	const uint64_t queue = h->details + h->ends, refused = h->refusals;
	if (h->arrivals + h->deliveries + queue == 0)
		return lack_of_messages(h, mail_lines);
	if (h->arrivals + h->deliveries == 0)
		return LACK_BOTH;
	if (h->no_arrival && (h->arrivals == 0 || most(h->no_arrival, h->whole)))
		return LACK_ARRIVALS;
	if (h->arrivals > refused && h->deliveries + h->ends == 0)
		return h->waiting > h->no_outcome ? LACK_TRIES : LACK_DELIVERIES;
	return h->no_outcome > refused && most(h->no_outcome - refused, h->whole) ? LACK_DELIVERIES : LACK_NOTHING;
}

const char *log_lack_text(enum log_lack lack)
{
	static const char *const texts[] = {
		NULL, "mail server", "messages", "arrivals", "deliveries", "arrivals and deliveries", "deliveries"};
	return texts[lack];
}
