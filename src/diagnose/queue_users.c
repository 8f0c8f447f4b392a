/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/queue_users.h"

#include <stdio.h>

#include "diagnose/hash.h"
#include "diagnose/places.h"
#include "diagnose/system_users.h"

enum {
	BY_SMTP_MIN = 3, /* messages of logins and clients: fewer may be of a program that wrote in a person's name */
	BY_SMTP_SHARE = 20,
	OUTSIDE_MIN = 5, /* messages from outside, of as many domains, to so many people */
	DOMAINS_MIN = 3,
	PEOPLE_MIN = 3,
};

static struct queue_user *find(struct queue_users *u, const char *host, int32_t uid)
{
	for (uint32_t i = 0; i < u->count; i++)
		if (u->at[i].uid == uid && u->at[i].host == host)
			return &u->at[i];
	return NULL;
}

static uint64_t bit_of(struct span name)
{
	return UINT64_C(1) << (hash_name(name, 0) >> 58);
}

void queue_users_note(struct queue_users *u, const char *host, const struct mail_message *m, bool inward)
{
	struct queue_user *q;
	if (m->format != FORMAT_QMAIL || m->uid == MAIL_UID_NONE)
		return;
	q = find(u, host, m->uid);
	if (!q && u->count < QUEUE_USERS_MAX) {
		q = &u->at[u->count++];
		*q = (struct queue_user){.host = host, .uid = m->uid};
	}
	if (!q)
		return;
	q->messages++;
	q->by_smtp += m->origin == ORIGIN_LOGIN || m->origin == ORIGIN_CLIENT;
	if (!inward)
		return;
	q->from_outside++;
	q->outside_domains |= bit_of(address_domain(m->sender));
	for (size_t i = 0; i < m->delivery_count; i++)
		q->people_here |= bit_of(m->deliveries[i].recipient);
}

static bool is_smtp(const struct queue_user *q)
{
	if (q->by_smtp >= BY_SMTP_MIN && (uint64_t)q->by_smtp * BY_SMTP_SHARE >= q->messages)
		return true;
	return q->from_outside >= OUTSIDE_MIN && places_count_bits(q->outside_domains) >= DOMAINS_MIN &&
	       places_count_bits(q->people_here) >= PEOPLE_MIN;
}

bool queue_users_smtp(const struct queue_users *u, const char *host, const char *name)
{
	for (uint32_t i = 0; i < u->count; i++) {
		char text[USER_TEXT_SIZE];
		(void)snprintf(text, sizeof(text), "uid %d", (int)u->at[i].uid);
		if (u->at[i].host == host && strcmp(text, name) == 0)
			return is_smtp(&u->at[i]);
	}
	return false;
}
