/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_SENDMAIL_H
#define OFFLIST_LOGPARSE_SENDMAIL_H

#include "logparse/format.h"

/* What Sendmail's parsers share: records are "key=value, key=value", with addresses of others' choice in the values. */

struct sendmail_field {
	struct span key, value;
	bool broken; /* brackets or quotes have no partner: the value was cut at the first ", " */
};

/**
 * The next field of *rest. A value ends at ", " outside <> and quotes, so that no address can put in a field of its own.
 * @return false: no "key=" stands there.
 */
bool sendmail_next(struct span *rest, struct sendmail_field *ret_field);
/** "name. [192.0.2.1] (may be forged)", "[IPv6:2001:db8::1]", "localhost": the name without its last dot. */
void sendmail_peer(struct span text, struct span *ret_name, struct addr *ret_addr);
bool sendmail_key(const struct sendmail_field *f, const char *key);
/** Where `what` stands first / last; s.len: nowhere. */
size_t sendmail_first(struct span s, const char *what);
size_t sendmail_last(struct span s, const char *what);
/** A queue id: letters and digits, a digit among them. */
bool sendmail_id(struct span s);

/** "from=<..>, size=.., nrcpts=.., relay=..". */
enum line_result sendmail_arrival(struct span text, struct mail_event *e);
/** "to=<..>,<..>, ctladdr=.., delay=.., mailer=.., relay=.., dsn=.., stat=..". */
enum line_result sendmail_delivery(struct span text, struct mail_event *e);
/** "AUTH=server, ..", "AUTH failure (..): ..". */
enum line_result sendmail_login(struct span text, struct mail_event *e);
/** "ruleset=check_rcpt, arg1=.., relay=.., reject=..", "Milter: ..", "<user@example.com>... User unknown"; LINE_UNKNOWN: none. */
enum line_result sendmail_refusal(struct span text, struct mail_event *e);
/** Sentences; `queued`: of a message's record. */
enum line_result sendmail_note(struct span text, uint32_t want, struct mail_event *e);

#endif
