/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_OPENSMTPD_H
#define OFFLIST_LOGPARSE_OPENSMTPD_H

#include "logparse/format.h"

enum {
	OPENSMTPD_SESSION_LEN = 16, /* hexadecimal digits of a session or envelope */
	OPENSMTPD_MESSAGE_LEN = 8,  /* of a message: the first of its envelopes' digits */
};

struct opensmtpd_field {
	struct span key, value; /* without quotes or <> */
};

/** @return whether a text begins with `len` hexadecimal digits and no more. */
bool opensmtpd_hex(struct span s, size_t len);
/**
 * The next "key=value" of *rest (from 5.9 with blanks, before with ", " between). stat= is last and takes all that is left:
 * it is the receiver's text. @return false: no field stands there.
 */
bool opensmtpd_next(struct span *rest, struct opensmtpd_field *ret_field);
bool opensmtpd_key(const struct opensmtpd_field *f, const char *key);
/** The fields of a delivery: "evpid=.. from=<..> to=<..> rcpt=<..> .. relay=.. delay=.. result=.. stat=..". */
enum line_result opensmtpd_delivery(struct span rest, struct span result, enum mail_transport transport,
				    struct mail_event *e);
/** Up to 5.8: "smtp-in: Accepted message ..", "relay: Ok for ..", "delivery: ..". */
enum line_result opensmtpd_old(struct span text, uint32_t want, struct mail_event *e);

#endif
