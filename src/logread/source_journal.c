/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal: which files it is made of, and what of it could not be read. The files are read directly: through libsystemd an
 * entry costs some forty times what its line costs in a text file, and a damaged file ends without a word.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/ascii.h"
#include "logread/journal_member.h"
#include "logread/source_journal.h"
#include "logread/stamp.h"
#include "sys/files.h"

enum {
	PLACES_MAX = 256, /* folders: one a machine, or a namespace of journald */
	ID_DIGITS = 32,
	EVENTS_OCTETS = 16384,
	READS_MAX = 64,
};

struct place {
	char *folder;
	char *name; /* this file alone; NULL: all */
};

struct journal {
	struct place places[PLACES_MAX];
	size_t place_count;
	struct journal_members members;
	struct journal_unpack *unpack;
	struct journal_member *given; /* whose entry was given */
	int inotify;                  /* -1: nobody asked */
};

bool journal_is_file(const char *path)
{
	char mark[sizeof(JOURNAL_MARK) - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool is = fd >= 0 && pread(fd, mark, sizeof(mark), 0) == sizeof(mark) &&
		  memcmp(mark, JOURNAL_MARK, sizeof(mark)) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

static bool is_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && dot != name && (strcmp(dot, ".journal") == 0 || strcmp(dot, ".journal~") == 0);
}

/* A machine's id, and behind it the namespace's name where it is not the usual one. */
bool journal_is_machine(const char *name)
{
	size_t n = 0;
	while (n < ID_DIGITS && (ascii_is_digit((uint8_t)name[n]) || (name[n] >= 'a' && name[n] <= 'f')))
		n++;
	return n == ID_DIGITS && (name[n] == '\0' || name[n] == '.');
}

static int add_place(struct journal *j, const char *folder, const char *name)
{
	struct place *p = &j->places[j->place_count];
	if (j->place_count == PLACES_MAX)
		return 0;
	p->folder = strdup(folder);
	p->name = name ? strdup(name) : NULL;
	if (!p->folder || (name && !p->name)) {
		free(p->folder);
		free(p->name);
		return -ENOMEM;
	}
	j->place_count++;
	return 0;
}

/* The folders of machines in this one. @param id  of this machine alone; "": of all. @return 0; -errno */
static int add_machines(struct journal *j, const char *folder, const char *id)
{
	char full[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int r = dir ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir)))
		if (journal_is_machine(entry->d_name) && strncmp(entry->d_name, id, strlen(id)) == 0 &&
		    snprintf(full, sizeof(full), "%s/%s", folder, entry->d_name) < (int)sizeof(full))
			r = add_place(j, full, NULL);
	if (dir)
		closedir(dir);
	return r;
}

static int add_own_machine(struct journal *j)
{
	static const char *const folders[] = {"/var/log/journal", "/run/log/journal"};
	struct buf id = buf_make(256);
	int r = 0;
	if (files_read("/etc/machine-id", FILES_REGULAR | FILES_CUT, &id, NULL, NULL) < 0 || id.len < ID_DIGITS)
		buf_clear(&id);
	else
		id.at[ID_DIGITS] = '\0';
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r != -ENOMEM; i++)
		r = add_machines(j, folders[i], id.len ? buf_text(&id) : "");
	buf_release(&id);
	return r == -ENOMEM ? r : 0;
}

static int add_file_place(struct journal *j, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + (slash == path) : 1,
		     slash ? path : ".") >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	return add_place(j, folder, slash ? slash + 1 : path);
}

static int add_places(struct journal *j, const char *path)
{
	struct stat st;
	int r;
	if (!path)
		return add_own_machine(j);
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return add_file_place(j, path);
	r = add_place(j, path, NULL);
	return r < 0 ? r : add_machines(j, path, "");
}

static bool holds(const char *folder, int depth)
{
	char full[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	bool is = false;
	while (dir && !is && (entry = readdir(dir))) {
		bool machine = depth == 0 && journal_is_machine(entry->d_name);
		if ((machine || is_name(entry->d_name)) &&
		    snprintf(full, sizeof(full), "%s/%s", folder, entry->d_name) < (int)sizeof(full))
			is = machine ? holds(full, 1) : journal_is_file(full);
	}
	if (dir)
		closedir(dir);
	return is;
}

bool journal_in(const char *folder)
{
	return holds(folder, 0);
}

static int look_into(struct journal *j, const struct place *p, bool *ret_added)
{
	char full[PATH_MAX];
	struct dirent *entry;
	DIR *dir = p->name ? NULL : opendir(p->folder);
	int r = 0;
	if (p->name && snprintf(full, sizeof(full), "%s/%s", p->folder, p->name) < (int)sizeof(full))
		r = journal_members_add(&j->members, full);
	*ret_added |= r > 0;
	while (dir && r >= 0 && (entry = readdir(dir)))
		if (is_name(entry->d_name) &&
		    snprintf(full, sizeof(full), "%s/%s", p->folder, entry->d_name) < (int)sizeof(full)) {
			r = journal_members_add(&j->members, full);
			*ret_added |= r > 0;
		}
	if (dir)
		closedir(dir);
	return r < 0 ? r : 0;
}

/* Take what files there are that were not there before. @return 0; -ENOMEM */
static int scan(struct journal *j)
{
	bool added = false;
	int r = 0;
	for (size_t i = 0; i < j->place_count && r == 0; i++)
		r = look_into(j, &j->places[i], &added);
	if (added)
		journal_members_order(&j->members);
	return r;
}

/* @return 0: there is a file that can be read; -errno with the line */
static int check_any(const struct journal *j, const char *path, struct error *err)
{
	const struct journal_member *fault = NULL;
	for (size_t i = 0; i < j->members.count; i++) {
		const struct journal_member *m = j->members.all[i];
		if (!m->fault)
			return 0;
		if (!fault || m->denied)
			fault = m;
	}
	if (!fault)
		return error_set(err, -ENOENT, "there is no file of the journal in %s",
				 path ? path : "/var/log/journal");
	if (!fault->denied && path && strcmp(path, fault->path) == 0)
		return error_set(err, -EBADMSG, "%s", fault->fault); /* whoever asked names it */
	if (!fault->denied)
		return error_set(err, -EBADMSG, "%s: %s", fault->path, fault->fault);
	return error_set(err, -EACCES, "%s: may not be read by this user; try as root, or in the group systemd-journal",
			 fault->path);
}

int journal_open(const char *path, struct journal **ret_journal, struct error *err)
{
	struct journal *j = calloc(1, sizeof(*j));
	int r;
	if (!j)
		return -ENOMEM;
	j->inotify = -1;
	j->unpack = journal_unpack_new();
	r = j->unpack ? add_places(j, path) : -ENOMEM;
	if (r < 0 && r != -ENOMEM)
		error_set(err, r, "%s: %s", path ? path : "the journal", strerrordesc_np(-r));
	if (r == 0)
		r = scan(j);
	if (r == 0)
		r = check_any(j, path, err);
	if (r < 0) {
		journal_free(j);
		return r;
	}
	*ret_journal = j;
	return 0;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	journal_members_release(&j->members);
	for (size_t i = 0; i < j->place_count; i++) {
		free(j->places[i].folder);
		free(j->places[i].name);
	}
	journal_unpack_free(j->unpack);
	if (j->inotify >= 0)
		close(j->inotify);
	free(j);
}

int journal_seek(struct journal *j, int64_t from_ms)
{
	j->given = NULL;
	journal_members_begin(&j->members, from_ms > 0 ? (uint64_t)from_ms * 1000 : 0);
	return 0;
}

int journal_fd(struct journal *j)
{
	/* journald writes into a mapping, which no event tells of, and then sets the file's size to what it is */
	const uint32_t events = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
	if (j->inotify >= 0)
		return j->inotify;
	j->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	for (size_t i = 0; i < j->place_count && j->inotify >= 0; i++)
		inotify_add_watch(j->inotify, j->places[i].folder, events);
	return j->inotify;
}

/* Take what has come. @return whether names may have come: an event says so, or nothing says why it is time to look */
static bool names_came(struct journal *j)
{
	char events[EVENTS_OCTETS];
	uint32_t seen = 0;
	ssize_t n;
	for (int i = 0; i < READS_MAX && j->inotify >= 0 && (n = read(j->inotify, events, sizeof(events))) > 0; i++)
		for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)n;) {
			struct inotify_event event;
			memcpy(&event, events + at, sizeof(event));
			seen |= event.mask;
			at += sizeof(event) + event.len;
		}
	return !seen || (seen & (IN_CREATE | IN_MOVED_TO | IN_Q_OVERFLOW));
}

/* All was read: has more come? @return 1; 0; -ENOMEM */
static int look_for_more(struct journal *j)
{
	bool grown, names = names_came(j);
	size_t count = j->members.count;
	int r = names ? scan(j) : 0;
	grown = journal_members_grown(&j->members);
	return r < 0 ? r : grown || j->members.count > count;
}

static int first_member(struct journal *j, struct journal_member **ret_member)
{
	int r = journal_members_first(&j->members, ret_member);
	if (r < 0 || *ret_member)
		return r;
	r = look_for_more(j);
	return r == 1 ? journal_members_first(&j->members, ret_member) : r;
}

int journal_next(struct journal *j, struct record *record)
{
	struct journal_member *m;
	int r;
	for (;;) {
		if (j->given)
			journal_members_advance(&j->members, j->given);
		j->given = NULL;
		r = first_member(j, &m);
		if (r < 0 || !m)
			return r;
		j->given = m;
		r = journal_data_take(m->data, &m->file, j->unpack, record);
		if (r == 1 || r == -ENOMEM)
			return r;
		if (r < 0)
			journal_file_lose(&m->file);
	}
}

int journal_any(struct journal *j, struct error *err)
{
	struct record record;
	int r;
	record_init(&record);
	r = journal_next(j, &record);
	record_release(&record);
	if (r == 0)
		return error_set(err, -ENOENT,
				 "the journal has no entry of a mail program that may be read here "
				 "(as root, or in the group systemd-journal, more may be seen)");
	return r < 0 ? r : 0;
}

static int64_t ms_of(uint64_t us)
{
	return us ? (int64_t)(us / 1000) : STAMP_NONE;
}

/* @return whether anything of this file is lost */
static bool gap_of(const struct journal_member *m, const char *missing, struct journal_gap *ret_gap)
{
	const struct journal_loss *loss = &m->file.loss;
	const char *why = missing ? missing : loss->short_file ? "the file ends in the middle" : "the file is damaged";
	*ret_gap = (struct journal_gap){.from_ms = STAMP_NONE, .to_ms = STAMP_NONE};
	if (m->fault) {
		snprintf(ret_gap->why, sizeof(ret_gap->why), "%s: %s", m->path,
			 m->denied ? "may not be read by this user" : m->fault);
	} else if (m->begun && loss->header) {
		snprintf(ret_gap->why, sizeof(ret_gap->why),
			 "%s: its header is damaged, so that nobody knows how many entries are missing", m->path);
	} else if (m->begun && loss->entries) {
		snprintf(ret_gap->why, sizeof(ret_gap->why), "%s: %llu of %llu entries cannot be read: %s%s", m->path,
			 (unsigned long long)loss->entries, (unsigned long long)m->file.n_entries, why,
			 missing ? " is not installed" : "");
		ret_gap->from_ms = ms_of(loss->after_us);
		ret_gap->to_ms = ms_of(loss->before_us);
	}
	return ret_gap->why[0];
}

bool journal_gap(const struct journal *j, size_t number, struct journal_gap *ret_gap)
{
	const char *missing = journal_unpack_missing(j->unpack);
	for (size_t i = 0; i < j->members.count; i++)
		if (gap_of(j->members.all[i], missing, ret_gap) && number-- == 0)
			return true;
	return false;
}
