/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_COMPLAINT_PARTS_H
#define OFFLIST_MAIL_COMPLAINT_PARTS_H

#include "mail/complaint.h"

/* The room's own: parts of complaints. */

/** The first word, without marks around it. */
struct span complaint_word(struct span text);
/** "192.0.2.10", "2001:db8::1": by its form; the address room is none of this one's. */
bool complaint_is_address(struct span text);
/** The first public address in the text. Empty: none. */
struct span complaint_any_address(struct span text);
/** Which Received line of the head our server wrote: host, queue id, time, who was logged in; and the fields of scripts. */
void complaint_hops(struct span head, struct arena *arena, struct complaint *c);
bool complaint_is_xarf(struct span json);
/** @param ret_original  the message or its head, where a sample has it. @return 0 or 1 as complaint_read(); -ENOMEM. */
int complaint_xarf(struct span json, struct arena *arena, struct complaint *c, struct span *ret_original);

#endif
