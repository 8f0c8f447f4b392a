/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_POSTFIX_H
#define OFFLIST_LOGPARSE_POSTFIX_H

#include "logparse/format.h"

/* The files of the Postfix reader. `rest` is a line's text after "ID: ". */

enum postfix_daemon {
	POSTFIX_OTHER, /* a name that is not in the table: told by the text alone */
	POSTFIX_SMTPD, /* postscreen too */
	POSTFIX_PICKUP,
	POSTFIX_CLEANUP,
	POSTFIX_QMGR,
	POSTFIX_SMTP,
	POSTFIX_LMTP,
	POSTFIX_LOCAL,
	POSTFIX_PIPE,
	POSTFIX_ERROR, /* error, retry */
	POSTFIX_DISCARD,
	POSTFIX_BOUNCE,
	POSTFIX_TOOL,  /* postsuper, sendmail, postdrop */
	POSTFIX_QUIET, /* daemons that say nothing of single messages */
};

/** "client=NAME[IP], sasl_method=, ..": smtpd took a message. */
enum line_result postfix_arrival(struct span rest, struct mail_event *e);
/** "uid=33 from=<www-data>": pickup took a message from a local program. */
enum line_result postfix_pickup(struct span rest, struct mail_event *e);
/** "message-id=<..>", and what header_checks and body_checks did. */
enum line_result postfix_cleanup(struct span rest, struct mail_event *e);
/** "to=<..>, relay=.., status=.. (..)", and what delivery agents say besides. */
enum line_result postfix_delivery(enum postfix_daemon daemon, struct span rest, struct mail_event *e);
/** "ACTION: STAGE from NAME[IP]: REPLY; from=<> to=<> proto= helo=<>", with or without a queue id before it. */
enum line_result postfix_action(struct span rest, struct mail_event *e);
/** "proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as ID; from=<> ..": what a filter before the queue said; the id
 * is that of the message behind it. */
enum line_result postfix_proxy(struct span text, struct mail_event *e);
/** "placed on hold", "released from hold", "removed": what postsuper did to a message. false: something else. */
bool postfix_admin(struct span rest, struct mail_event *e);
/** "Deleted: 3 messages": how many postsuper did that to; of those that ALL named this is the only line. */
bool postfix_total(struct span text, struct mail_event *e);
/** Lines without a queue id: is it one of those, most of a log, that begin with words which tell enough? */
bool postfix_is_quiet(struct span text, uint32_t want);
/** The others. */
enum line_result postfix_note(enum postfix_daemon daemon, struct span text, struct mail_event *e);

/* ---- postfix_words.c: what these files share ---- */

/** The queue id behind `words`, at the last place where they stand: words before it may be somebody else's. */
struct span postfix_id_after(struct span text, const char *words);
/** Fields of "from=<> to=<> proto= helo=<> sasl_method= sasl_username=". */
void postfix_envelope(struct span tail, struct mail_event *e);
/** What follows the addresses of "from=<> to=<> ..". */
struct span postfix_past_envelope(struct span tail);
/** Where "; from=<" and so on begin. @return NULL: nowhere. */
const uint8_t *postfix_envelope_at(struct span text);
/** Client of an event; "unknown" is no name. */
void postfix_client(struct span peer, struct mail_event *e);

#endif
