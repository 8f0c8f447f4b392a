/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_QMAIL_H
#define OFFLIST_LOGPARSE_QMAIL_H

#include "logparse/format.h"

/* What stands at the door before qmail's queue (qmail_door.c). */

enum qmail_door { QMAIL_DOOR_NONE, QMAIL_DOOR_RELAYLOCK, QMAIL_DOOR_PLESK, QMAIL_DOOR_SPAMDYKE };

/** Which of the door's own programs is this? */
enum qmail_door qmail_door_program(struct span name);
/** Is this line, of a log without programs, of the door? */
bool qmail_door_claims(struct span text);
/** @param text  without splogger's stamp. @param e  begun. @return LINE_FOREIGN: it is not of the door. */
enum line_result qmail_door(enum qmail_door program, struct span text, struct mail_event *e);

#endif
