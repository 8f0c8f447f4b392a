/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_SYSTEM_USERS_H
#define OFFLIST_DIAGNOSE_SYSTEM_USERS_H

#include "logjoin/mail_message.h"

/* Names of system users. Postfix logs the uid and the envelope sender, and the sender is anything that the program
 * says (sendmail -f): only a bare name, or one at this host's own name, is taken for the user's, and is learnt. */

enum { USERS_MAX = 512, USER_NAME_SIZE = 64 };

struct system_user {
	const char *host;
	int32_t uid;
	char name[USER_NAME_SIZE];
};

struct system_users {
	struct system_user at[USERS_MAX];
	uint32_t count;
};

enum { USER_TEXT_SIZE = USER_NAME_SIZE };
/** The user's name, else "uid 33". @param text  room that the answer may lie in. Empty: the message tells neither. */
struct span system_user_of(struct system_users *u, const struct mail_message *m, const char *host,
			   char text[USER_TEXT_SIZE]);

#endif
