/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/fate.h"
#include "diagnose/limits.h"

static bool is_status(const struct mail_delivery *d, const char *status)
{
	return span_equal(d->status, span_str(status));
}

/* RFC 3463 3.2: bad mailbox, its syntax, moved; bad domain; 5.1.10 is RFC 7505's null MX. */
static bool is_unknown_status(const struct mail_delivery *d)
{
	return is_status(d, "5.1.1") || is_status(d, "5.1.2") || is_status(d, "5.1.3") || is_status(d, "5.1.6") ||
	       is_status(d, "5.1.10") || is_status(d, "5.4.4");
}

static void fate_of_reply(struct receivers *r, const struct mail_delivery *d, struct fate *f)
{
	receivers_match(r, d->relay_name, d->code, d->status, d->reply, &f->match);
	f->matched = true;
	switch (f->match.means) {
	case REPLY_UNKNOWN_USER:
		f->unknown = true;
		break;
	case REPLY_CONTENT:
		f->spam = true;
		break;
	case REPLY_LISTED_PRIVATE:
	case REPLY_LISTED_PUBLIC:
	case REPLY_UNKNOWN_BLOCK:
		f->domain_listed = f->match.about == ABOUT_DOMAIN ||
				   (f->match.means == REPLY_LISTED_PUBLIC && f->match.about == ABOUT_SENDER);
		f->listed = !f->domain_listed;
		break;
	case REPLY_RATE:
		f->rate = true;
		break;
	case REPLY_IDENTITY:
		f->identity = true;
		break;
	default:
		break;
	}
}

static bool is_permanent(const struct mail_delivery *d)
{
	return d->code / 100 == 5 || (d->code == 0 && d->status.len > 0 && d->status.at[0] == '5');
}

static bool is_failed(enum mail_outcome o)
{
	return o == OUTCOME_BOUNCED || o == OUTCOME_EXPIRED || o == OUTCOME_DEFERRED;
}

/* "554 Transaction failed": of the message, not of its recipient (RFC 3463: X.2, mailbox; X.1, address), nor of its size. */
static bool is_untold(const struct mail_delivery *d, const struct fate *f)
{
	bool of_recipient = d->status.len > 2 && (d->status.at[2] == '1' || d->status.at[2] == '2');
	return f->rejected && !f->unknown && f->matched && f->match.means == REPLY_OTHER && !f->match.receiver &&
	       !of_recipient && !is_status(d, "5.3.4") && d->code != 552;
}

/* The words say more than the status does. */
static bool says_other(const struct fate *f)
{
	return f->listed || f->domain_listed || f->spam || f->rate || f->identity;
}

static void fate_of_failure(struct receivers *r, const struct mail_delivery *d, struct fate *f)
{
	bool failed = is_failed(d->outcome);
	f->rejected = d->outcome == OUTCOME_BOUNCED && d->remote_reply && is_permanent(d);
	if (failed && d->reply.len > 0 && d->remote_reply && r)
		fate_of_reply(r, d, f);
	f->limited = failed && !d->remote_reply && limits_exceeded(d->reply, d->status);
	if (failed && !f->deferred && !says_other(f) && is_unknown_status(d))
		f->unknown = true;
	f->untold = is_untold(d, f);
	f->bad = f->unknown || f->spam || f->listed;
}

void fate_of(struct receivers *r, const struct mail_delivery *d, struct fate *ret_fate)
{
	struct fate *f = ret_fate;
	f->outcome = d->outcome;
	f->delivered = d->outcome == OUTCOME_SENT;
	f->deferred = d->outcome == OUTCOME_DEFERRED;
	f->rejected = f->unknown = f->spam = f->listed = f->domain_listed = f->rate = f->identity = f->bad =
		f->matched = f->limited = f->untold = false;
	if (!f->delivered)
		fate_of_failure(r, d, f);
}
