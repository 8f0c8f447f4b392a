/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_WEIGHTS_H
#define OFFLIST_DIAGNOSE_WEIGHTS_H

#include <stdbool.h>

#include "case/cause.h"

/*
 * What each signal is worth to each kind of cause: the rows of data/weights/signals.def, which tests/weights/fit makes
 * from labelled logs. A detector says how strong a signal is, from 0 (absent) to 1 (as strong as it gets); its weight
 * times that, in log-odds, speaks for the cause or against it. A signal without a row for a kind has no weight there.
 */

/* Every signal that has a row. A new one: a name here, rows in signals.def, and a detector that measures it. */
#define SIGNALS(X)                                                                                                     \
	X(prior)                                                                                                       \
	X(address_trick)                                                                                               \
	X(alike)                                                                                                       \
	X(backscatter_list)                                                                                            \
	X(batches)                                                                                                     \
	X(client_networks)                                                                                             \
	X(clients)                                                                                                     \
	X(copy_to_stranger)                                                                                            \
	X(crowd)                                                                                                       \
	X(daily_growth)                                                                                                \
	X(dropped_file)                                                                                                \
	X(failures)                                                                                                    \
	X(few_failures)                                                                                                \
	X(few_messages)                                                                                                \
	X(few_recipients)                                                                                              \
	X(few_refused)                                                                                                 \
	X(foreign_senders)                                                                                             \
	X(forged_senders)                                                                                              \
	X(gateway)                                                                                                     \
	X(growth)                                                                                                      \
	X(guessed_users)                                                                                               \
	X(guessed)                                                                                                     \
	X(host_sender)                                                                                                 \
	X(hurried)                                                                                                     \
	X(known_recipients)                                                                                            \
	X(limited)                                                                                                     \
	X(listed_then)                                                                                                 \
	X(login_from_new_network)                                                                                      \
	X(many_networks)                                                                                               \
	X(new_network)                                                                                                 \
	X(new_recipients)                                                                                              \
	X(no_reverse_name)                                                                                             \
	X(nobody_refused)                                                                                              \
	X(notices)                                                                                                     \
	X(off_hours)                                                                                                   \
	X(one_sender)                                                                                                  \
	X(one_text)                                                                                                    \
	X(opened)                                                                                                      \
	X(other_method)                                                                                                \
	X(other_name)                                                                                                  \
	X(other_own_sender)                                                                                            \
	X(others_refused)                                                                                              \
	X(own_name)                                                                                                    \
	X(own_senders)                                                                                                 \
	X(policy_listed)                                                                                               \
	X(probe)                                                                                                       \
	X(rapid)                                                                                                       \
	X(receivers)                                                                                                   \
	X(real_senders)                                                                                                \
	X(recipients)                                                                                                  \
	X(recipients_each)                                                                                             \
	X(refused)                                                                                                     \
	X(refused_as_spam)                                                                                             \
	X(refused_share)                                                                                               \
	X(restless)                                                                                                    \
	X(same_recipients)                                                                                             \
	X(sender_domains)                                                                                              \
	X(sender_is_not_login)                                                                                         \
	X(senders)                                                                                                     \
	X(several_ways)                                                                                                \
	X(shared_address)                                                                                              \
	X(silent_before)                                                                                               \
	X(sorted)                                                                                                      \
	X(steady)                                                                                                      \
	X(strange_network)                                                                                             \
	X(strangers)                                                                                                   \
	X(switches)                                                                                                    \
	X(text_of_many)                                                                                                \
	X(throttled)                                                                                                   \
	X(undeliverable)                                                                                               \
	X(usual_network)                                                                                               \
	X(usual_senders)                                                                                               \
	X(varied)                                                                                                      \
	X(volume)                                                                                                      \
	X(waiting)                                                                                                     \
	X(web)

enum signal {
#define X(name) SIGNAL_##name,
	SIGNALS(X)
#undef X
		SIGNAL_COUNT,
};

enum signal_sign {
	SIGN_NONE,    /* no row: this kind does not weigh it */
	SIGN_ACCUSES, /* its weight is never below 0 */
	SIGN_EXCUSES, /* never above 0 */
	SIGN_EITHER,
};

struct signal_weight {
	enum signal_sign sign;
	bool strange; /* the identity's owner would not do this: only a stranger explains it */
	double weight;
};

/** "client_networks". */
const char *signal_text(enum signal s);
/** Of a kind of cause; sign SIGN_NONE and weight 0 where it has no row. */
const struct signal_weight *signal_weight(enum cause kind, enum signal s);

#endif
