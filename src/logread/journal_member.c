/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of a journal as one. They are opened as their time comes: mostly one is read, or a few (the system's, those of
 * users). Which of two entries is first is told as systemd tells it: by number where one journald wrote both, by the clock that
 * only goes forward within a boot, else by the time of day.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "logread/journal_member.h"
#include "logread/journal_search.h"

enum {
	MEMBERS_MAX = 16384,
	DESCRIPTORS_MAX = 256, /* files that are held open before their time comes: a rename does not lose them then */
};

static const uint64_t grace_us = UINT64_C(600) * 1000000; /* a clock that was set back a little */

static bool same_id(const struct journal_id *a, const struct journal_id *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

static void member_free(struct journal_member *m)
{
	if (!m->fault)
		journal_file_close(&m->file);
	journal_data_free(m->data);
	free(m->fault);
	free(m->path);
	free(m);
}

void journal_members_release(struct journal_members *s)
{
	for (size_t i = 0; i < s->count; i++)
		member_free(s->all[i]);
	free(s->all);
	free(s->open);
	*s = (struct journal_members){NULL};
}

/* Is it one of these? An inode may be given again when its file has gone, which is told by the file's id. */
static bool is_known(const struct journal_members *s, const struct journal_file *f)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct journal_file *other = &s->all[i]->file;
		if (other->ino == f->ino && other->dev == f->dev && same_id(&other->file_id, &f->file_id))
			return true;
	}
	return false;
}

/* The same without opening it: its inode is held, or its name has not changed. */
static bool is_known_name(const struct journal_members *s, const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0 || st.st_size == 0)
		return true; /* it has gone, or is just being made */
	for (size_t i = 0; i < s->count; i++) {
		const struct journal_member *m = s->all[i];
		bool same_name = strcmp(m->path, path) == 0;
		if (m->fault ? same_name
			     : m->file.ino == st.st_ino && m->file.dev == st.st_dev &&
				       (m->file.view.fd >= 0 || same_name))
			return true;
	}
	return false;
}

static int grow(struct journal_members *s)
{
	size_t room = s->room ? s->room * 2 : 16;
	struct journal_member **all, **open;
	if (s->count < s->room)
		return 0;
	all = reallocarray(s->all, room, sizeof(struct journal_member *));
	if (all)
		s->all = all;
	open = reallocarray(s->open, room, sizeof(struct journal_member *));
	if (open)
		s->open = open;
	if (!all || !open)
		return -ENOMEM;
	s->room = room;
	return 0;
}

static int open_file(struct journal_file *f, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, -errno, "%s", strerrordesc_np(errno));
	return journal_file_open(f, fd, err);
}

static int set_fault(struct journal_member *m, int r, const struct error *err)
{
	m->denied = r == -EACCES || r == -EPERM;
	m->fault = strdup(err->text);
	return m->fault ? 0 : -ENOMEM;
}

/* @return NULL: no memory */
static struct journal_member *member_new(const char *path)
{
	struct journal_member *m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->file.view.fd = -1;
	m->path = strdup(path);
	if (m->path)
		return m;
	free(m);
	return NULL;
}

/* Open it, or say why that cannot be. @return 1; 0: it is known; -ENOMEM */
static int member_open(const struct journal_members *s, struct journal_member *m)
{
	struct error err;
	int r = open_file(&m->file, m->path, &err);
	if (r < 0)
		return set_fault(m, r, &err) < 0 ? -ENOMEM : 1;
	if (is_known(s, &m->file))
		return 0;
	if (s->count >= DESCRIPTORS_MAX && m->file.archived)
		journal_file_close(&m->file);
	return 1;
}

int journal_members_add(struct journal_members *s, const char *path)
{
	struct journal_member *m;
	int r = 0;
	if (s->count >= MEMBERS_MAX || is_known_name(s, path))
		return 0;
	m = grow(s) == 0 ? member_new(path) : NULL;
	if (!m)
		return -ENOMEM;
	r = member_open(s, m);
	if (r == 1)
		s->all[s->count++] = m;
	else
		member_free(m);
	return r;
}

static int by_begin(const void *a, const void *b)
{
	const struct journal_member *x = *(struct journal_member *const *)a, *y = *(struct journal_member *const *)b;
	return (x->begins_us > y->begins_us) - (x->begins_us < y->begins_us);
}

/* The clock may have been set back: then a file that goes on from another has earlier times, and that one is first. */
static uint64_t begins(const struct journal_members *s, const struct journal_file *f)
{
	uint64_t us = f->head_us;
	for (size_t i = 0; i < s->count; i++) {
		const struct journal_file *other = &s->all[i]->file;
		if (!s->all[i]->fault && other->head_us < us && other->head_seqnum > f->head_seqnum &&
		    same_id(&other->seqnum_id, &f->seqnum_id))
			us = other->head_us;
	}
	return us;
}

void journal_members_order(struct journal_members *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->all[i]->fault)
			s->all[i]->begins_us = begins(s, &s->all[i]->file);
	qsort(s->all, s->count, sizeof(struct journal_member *), by_begin);
	s->next = 0;
}

void journal_members_begin(struct journal_members *s, uint64_t from_us)
{
	s->from_us = from_us;
	s->next = s->open_count = 0;
	for (size_t i = 0; i < s->count; i++)
		s->all[i]->begun = s->all[i]->waits = false;
}

/* It has no entry for now. What will not be written to any more is closed. */
static void rest(struct journal_members *s, struct journal_member *m)
{
	for (size_t i = 0; i < s->open_count; i++)
		if (s->open[i] == m)
			s->open[i] = s->open[--s->open_count];
	m->waits = true;
	if (m->file.archived)
		journal_file_close(&m->file);
	else
		journal_file_rest(&m->file);
	journal_data_free(m->data);
	m->data = NULL;
}

static int open_member(struct journal_members *s, struct journal_member *m)
{
	m->waits = false;
	if (!m->data && !(m->data = journal_data_new()))
		return -ENOMEM;
	s->open[s->open_count++] = m;
	if (journal_file_next(&m->file) == 0)
		rest(s, m);
	return 0;
}

/* Its time has come. */
static int begin(struct journal_members *s, struct journal_member *m)
{
	struct journal_id id = m->file.file_id;
	struct journal_file file = {.view = {.fd = -1}};
	struct error err;
	int r = 0;
	m->begun = true;
	if (m->file.archived && m->file.tail_us + grace_us < s->from_us)
		return 0;
	if (m->file.view.fd < 0) {
		r = open_file(&file, m->path, &err);
		if (r == 0 && !same_id(&file.file_id, &id)) {
			journal_file_close(&file);
			r = error_set(&err, -ESTALE, "was removed before it could be read");
		}
		if (r < 0)
			return set_fault(m, r, &err);
		m->file = file;
	}
	journal_file_begin(&m->file, s->from_us);
	if (journal_search_no_mail(&m->file))
		journal_file_pass(&m->file);
	return open_member(s, m);
}

/* @return whether the file's entry is before the other one's: below 0; 0: it is the same entry */
static int compare(const struct journal_file *a, const struct journal_file *b)
{
	const struct journal_entry *x = &a->entry, *y = &b->entry;
	if (x->seqnum != y->seqnum && same_id(&a->seqnum_id, &b->seqnum_id))
		return x->seqnum < y->seqnum ? -1 : 1;
	if (x->monotonic_us != y->monotonic_us && same_id(&x->boot, &y->boot))
		return x->monotonic_us < y->monotonic_us ? -1 : 1;
	if (x->realtime_us != y->realtime_us)
		return x->realtime_us < y->realtime_us ? -1 : 1;
	return (x->xor_hash > y->xor_hash) - (x->xor_hash < y->xor_hash);
}

static struct journal_member *least_of_open(const struct journal_members *s)
{
	struct journal_member *least = s->open_count ? s->open[0] : NULL;
	for (size_t i = 1; i < s->open_count; i++)
		if (compare(&s->open[i]->file, &least->file) < 0)
			least = s->open[i];
	return least;
}

int journal_members_first(struct journal_members *s, struct journal_member **ret_member)
{
	struct journal_member *first = least_of_open(s), *next;
	int r;
	while (s->next < s->count) {
		next = s->all[s->next];
		if (first && next->begins_us > first->file.entry.realtime_us)
			break;
		s->next++;
		if (next->begun || next->fault)
			continue;
		r = begin(s, next);
		if (r < 0)
			return r;
		first = least_of_open(s);
	}
	*ret_member = first;
	return 0;
}

void journal_members_advance(struct journal_members *s, struct journal_member *member)
{
	for (size_t i = s->open_count; s->open_count > 1 && i-- > 0;) {
		struct journal_member *other = s->open[i];
		if (other != member && compare(&other->file, &member->file) == 0 &&
		    same_id(&other->file.entry.boot, &member->file.entry.boot) && journal_file_next(&other->file) == 0)
			rest(s, other);
	}
	if (journal_file_next(&member->file) == 0)
		rest(s, member);
}

bool journal_members_grown(struct journal_members *s)
{
	bool grown = false;
	for (size_t i = 0; i < s->count; i++) {
		struct journal_member *m = s->all[i];
		if (m->fault || !m->waits || m->file.view.fd < 0 || !journal_file_grown(&m->file))
			continue;
		grown |= open_member(s, m) == 0 && !m->waits;
	}
	return grown;
}
