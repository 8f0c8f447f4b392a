/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "diagnose/hash.h"
#include "diagnose/places.h"
#include "diagnose/system_users.h"

struct fixed_user { /* given out once and for all by the distribution */
	int32_t uid;
	const char *name;
};

static struct system_user *find(struct system_users *u, const char *host, int32_t uid)
{
	for (uint32_t i = 0; i < u->count; i++)
		if (u->at[i].uid == uid && u->at[i].host == host)
			return u->at + i;
	return NULL;
}

static void learn(struct system_users *u, const char *host, int32_t uid, struct span name)
{
	if (uid == MAIL_UID_NONE || name.len >= USER_NAME_SIZE || u->count == USERS_MAX || find(u, host, uid))
		return;
	struct system_user *s = &u->at[u->count++];
	*s = (struct system_user){.host = host, .uid = uid};
	memcpy(s->name, name.at, name.len);
}

/* "www-data", "www-data@mail.example.com" on that host. */
static struct span bare_name(const struct mail_message *m, const char *host)
{
	struct span domain = address_domain(m->user), local = m->user;
	local.len = span_find(m->user, '@');
	if (m->uid == MAIL_UID_NONE || domain.len == 0)
		return local.len < m->user.len ? m->user : local;
	/* what the mail system appends to a bare name: its host's name, or $myorigin */
	return places_of_host(host, domain) ? local : (struct span){NULL, 0};
}

static const char *fixed_name(int32_t uid)
{
	/* base-passwd of Debian; uidgid of Red Hat's setup package */
	static const struct fixed_user fixed[] = {{0, "root"}, {33, "www-data"}, {48, "apache"}};
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].uid == uid)
			return fixed[i].name;
	return NULL;
}

struct span system_user_of(struct system_users *u, const struct mail_message *m, const char *host,
			   char text[USER_TEXT_SIZE])
{
	if (m->uid == MAIL_UID_NONE)
		return m->user;
	const char *fixed = fixed_name(m->uid);
	if (fixed)
		return span_str(fixed);
	const struct system_user *known = find(u, host, m->uid);
	if (known)
		return span_str(known->name);
	struct span name = bare_name(m, host);
	bool exact = name.len > 0 && span_find(m->user, '@') == m->user.len;
	if (exact)
		learn(u, host, m->uid, name);
	if (name.len > 0)
		return name;
	(void)snprintf(text, USER_TEXT_SIZE, "uid %d", (int)m->uid);
	return span_str(text);
}
