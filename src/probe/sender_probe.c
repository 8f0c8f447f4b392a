/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's tables tell the socket's inode; whose it is stands in /proc/PID/fd, which is looked through only when an
 * inode is new. What the last sample no longer saw is forgotten, so that a long watch takes no more memory than a short one. */
#include "probe/sender_probe.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "mta/mta_programs.h"
#include "sys/files.h"

/* uthash's own functions fall through cases without saying so */
#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned)hash_octets(span_of(key, len), 0))
#include <uthash.h>

enum {
	PIDS_MAX = 65536,
	SPACES_MAX = 512, /* network namespaces */
	SENDERS_MAX = 512,
	SOCKETS_MAX = 65536, /* of one sample */
	NET_NAME_SIZE = 64,
	TABLE_OCTETS_MAX = 64 << 20, /* 400,000 connections */
	ARENA_MAX = 64 << 20,
};

struct ends {
	struct addr local, remote; /* octets alone: no hole in it is hashed */
	uint8_t ports[4];
};

struct seen_socket {
	uint64_t inode;
	struct ends ends;
	struct endpoint remote;
	bool listens, wanted; /* wanted: whose it is is not known yet */
	uint64_t sample;      /* the last one that saw it */
	UT_hash_handle hh, by_ends;
};

struct closed_connection {
	struct ends ends;
	uint64_t sample;
	UT_hash_handle hh;
};

struct sender_probe {
	const char *root;
	struct arena arena; /* of the senders */
	struct sender *senders;
	size_t sender_count, wanted, missed;
	uint64_t samples;
	struct seen_socket *sockets, *by_ends; /* by inode, and the open ones by their ends */
	struct closed_connection *closed;
	pid_t *pids;
	size_t pid_count;
	struct buf table;
	bool server, full;
	int error;
};

int probe_new(const char *root, struct sender_probe **ret_probe)
{
	struct sender_probe *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->root = root;
	p->arena = arena_make(ARENA_MAX);
	p->table = buf_make(TABLE_OCTETS_MAX);
	p->senders = arena_alloc(&p->arena, SENDERS_MAX, sizeof(*p->senders));
	p->pids = arena_alloc(&p->arena, PIDS_MAX, sizeof(*p->pids));
	if (!p->senders || !p->pids) {
		probe_free(p);
		return -ENOMEM;
	}
	*ret_probe = p;
	return 0;
}

/* What this sample has not seen. */
static void forget(struct sender_probe *p)
{
	struct seen_socket *socket, *next_socket;
	struct closed_connection *closed, *next_closed;
	HASH_ITER(hh, p->sockets, socket, next_socket)
	if (socket->sample != p->samples) {
		if (!socket->listens)
			HASH_DELETE(by_ends, p->by_ends, socket);
		HASH_DEL(p->sockets, socket);
		free(socket);
	}
	HASH_ITER(hh, p->closed, closed, next_closed)
	if (closed->sample != p->samples) {
		HASH_DEL(p->closed, closed);
		free(closed);
	}
}

struct sender_probe *probe_free(struct sender_probe *p)
{
	if (!p)
		return NULL;
	p->samples++; /* all are of an earlier one */
	forget(p);
	buf_release(&p->table);
	arena_release(&p->arena);
	free(p);
	return NULL;
}

/* ---- connections ---- */

static struct ends ends_of(const struct connection *c)
{
	struct ends e = {.local = c->local.addr, .remote = c->remote.addr};
	memcpy(e.ports, &c->local.port, 2);
	memcpy(e.ports + 2, &c->remote.port, 2);
	return e;
}

/* @return room for one more of a table with `count`; NULL: there are too many, or memory is used up. */
static void *room_for(struct sender_probe *p, size_t count, size_t size)
{
	void *room = count < SOCKETS_MAX ? calloc(1, size) : NULL;
	p->full |= count >= SOCKETS_MAX;
	if (!room && count < SOCKETS_MAX)
		p->error = -ENOMEM;
	return room;
}

/* One that was not seen open, though it was opened since the first sample, has been missed. */
static void note_closed(struct sender_probe *p, const struct connection *c)
{
	struct ends ends = ends_of(c);
	struct closed_connection *one;
	struct seen_socket *open;
	HASH_FIND(hh, p->closed, &ends, sizeof(ends), one);
	if (!one) {
		one = room_for(p, HASH_COUNT(p->closed), sizeof(*one));
		if (!one)
			return;
		one->ends = ends;
		HASH_ADD(hh, p->closed, ends, sizeof(ends), one);
		HASH_FIND(by_ends, p->by_ends, &ends, sizeof(ends), open);
		p->missed += p->samples > 1 && !open;
	}
	one->sample = p->samples;
}

static void note_socket(struct sender_probe *p, const struct connection *c)
{
	struct seen_socket *one;
	HASH_FIND(hh, p->sockets, &c->inode, sizeof(c->inode), one);
	if (!one) {
		one = room_for(p, HASH_COUNT(p->sockets), sizeof(*one));
		if (!one)
			return;
		one->inode = c->inode;
		one->ends = ends_of(c);
		one->remote = c->remote;
		one->listens = c->state == CONNECTION_LISTENS;
		one->wanted = true;
		HASH_ADD(hh, p->sockets, inode, sizeof(one->inode), one);
		if (!one->listens)
			HASH_ADD(by_ends, p->by_ends, ends, sizeof(one->ends), one);
		p->wanted++;
	}
	one->sample = p->samples;
}

/* To itself a machine sends by any of its addresses. */
static bool stays_here(const struct connection *c)
{
	return addr_kind(&c->remote.addr) == ADDR_LOOPBACK || addr_equal(&c->remote.addr, &c->local.addr);
}

/* @return whether there was one: the process may be gone, the machine may have no such addresses. */
static bool read_table(struct sender_probe *p, pid_t pid, const char *name)
{
	char path[PATH_MAX];
	struct connection c;
	struct span rest;
	snprintf(path, sizeof(path), "%s/proc/%d/net/%s", p->root, (int)pid, name);
	buf_clear(&p->table);
	if (files_read(path, FILES_CUT, &p->table, NULL, NULL) < 0)
		return false;
	rest = buf_span(&p->table);
	while (!p->error && connection_next(&rest, &c)) {
		bool listens = c.state == CONNECTION_LISTENS;
		if (!connection_is_mail_port(listens ? c.local.port : c.remote.port) || (!listens && stays_here(&c)))
			continue;
		if (c.inode)
			note_socket(p, &c);
		else if (!listens)
			note_closed(p, &c);
	}
	return true;
}

/* Each network namespace once. */
static void read_tables(struct sender_probe *p)
{
	char(*names)[NET_NAME_SIZE] = calloc(SPACES_MAX, NET_NAME_SIZE), name[NET_NAME_SIZE];
	size_t count = 0, at;
	if (!names)
		p->error = -ENOMEM;
	for (size_t i = 0; names && i < p->pid_count && !p->error; i++) {
		if (process_net(p->root, p->pids[i], name, sizeof(name)) < 0)
			continue;
		for (at = 0; at < count && strcmp(names[at], name) != 0;)
			at++;
		if (at < count)
			continue;
		if (count == SPACES_MAX) {
			p->full = true;
			break;
		}
		if (!read_table(p, p->pids[i], "tcp"))
			continue; /* another of that namespace will do */
		memcpy(names[count++], name, sizeof(name));
		read_table(p, p->pids[i], "tcp6");
	}
	free(names);
}

/* ---- whose they are ---- */

static void find_ancestors(struct sender_probe *p, struct sender *s)
{
	struct arena scratch = arena_make(1 << 20);
	struct process parent = s->process;
	while (s->ancestor_count < SENDER_ANCESTORS_MAX && parent.parent > 1) {
		s->ancestors[s->ancestor_count++] = parent.parent;
		if (process_read(p->root, parent.parent, &scratch, &parent) < 0)
			break;
	}
	arena_release(&scratch);
}

static bool is_mail_server(const struct sender_probe *p, const struct sender *s)
{
	if (!s->process.deleted && mta_program_known(s->process.exe))
		return true;
	for (size_t i = 0; i < p->sender_count; i++) {
		const struct sender *other = &p->senders[i];
		if (!other->listens)
			continue;
		if (other == s || (strcmp(other->process.exe, s->process.exe) == 0 && s->process.exe[0] &&
				   !s->process.deleted && !mta_program_interprets(s->process.exe)))
			return true;
		for (size_t a = 0; a < s->ancestor_count; a++)
			if (s->ancestors[a] == other->process.pid)
				return true;
	}
	return false;
}

static struct sender *known(struct sender_probe *p, const struct process *process)
{
	for (size_t i = 0; i < p->sender_count; i++)
		if (p->senders[i].process.pid == process->pid &&
		    p->senders[i].process.started_ticks == process->started_ticks)
			return &p->senders[i];
	return NULL;
}

static struct sender *keep(struct sender_probe *p, const struct sender *new)
{
	struct sender *s = &p->senders[p->sender_count];
	if (p->sender_count == SENDERS_MAX) {
		p->full = true;
		return NULL;
	}
	*s = *new;
	if (process_read(p->root, new->process.pid, &p->arena, &s->process) < 0)
		return NULL; /* gone meanwhile */
	p->sender_count++;
	return s;
}

/* A mail server's processes come and go by the thousand: of them only those that listen are kept.
 * @return 0; -ENOENT: it is gone. */
static int sender_of(struct sender_probe *p, pid_t pid, bool listens, struct sender **ret_sender)
{
	struct arena scratch = arena_make(1 << 20);
	struct sender new = {0};
	int rc = process_read(p->root, pid, &scratch, &new.process);
	*ret_sender = rc == 0 ? known(p, &new.process) : NULL;
	if (rc == 0 && !*ret_sender) {
		bool server;
		find_ancestors(p, &new);
		server = is_mail_server(p, &new);
		p->server |= server;
		if (listens || !server)
			*ret_sender = keep(p, &new);
	}
	arena_release(&scratch);
	return rc;
}

static void add_remote(struct sender *s, const struct endpoint *remote)
{
	for (size_t i = 0; i < s->remote_count; i++)
		if (addr_equal(&s->remotes[i].addr, &remote->addr) && s->remotes[i].port == remote->port)
			return;
	if (s->remote_count == SENDER_REMOTES_MAX)
		s->more_remotes = true;
	else
		s->remotes[s->remote_count++] = *remote;
}

static void on_socket(void *arg, pid_t pid, uint64_t inode)
{
	struct sender_probe *p = arg;
	struct seen_socket *one;
	struct sender *owner;
	HASH_FIND(hh, p->sockets, &inode, sizeof(inode), one);
	if (!one || !one->wanted || sender_of(p, pid, one->listens, &owner) < 0)
		return;
	one->wanted = false;
	p->wanted--;
	p->server |= one->listens;
	if (owner && one->listens) {
		owner->listens = true;
	} else if (owner) {
		owner->connections++;
		add_remote(owner, &one->remote);
	}
}

/* What nobody has: its process ended meanwhile, or may not be looked at. */
static void find_owners(struct sender_probe *p)
{
	struct seen_socket *one, *next;
	for (size_t i = 0; i < p->pid_count && !p->error; i++)
		process_sockets(p->root, p->pids[i], on_socket, p);
	HASH_ITER(hh, p->sockets, one, next)
	if (one->wanted) {
		one->wanted = false;
		p->missed += !one->listens;
	}
	p->wanted = 0;
}

int probe_sample(struct sender_probe *p)
{
	ssize_t count = process_list(p->root, p->pids, PIDS_MAX);
	if (count < 0)
		return (int)count;
	p->full |= count > PIDS_MAX;
	p->pid_count = count > PIDS_MAX ? PIDS_MAX : (size_t)count;
	p->samples++;
	read_tables(p);
	if (p->wanted)
		find_owners(p);
	forget(p);
	return p->error;
}

struct sender_report probe_report(struct sender_probe *p)
{
	for (size_t i = 0; i < p->sender_count; i++)
		p->senders[i].mail_server = is_mail_server(p, &p->senders[i]);
	return (struct sender_report){.senders = p->senders,
				      .count = p->sender_count,
				      .missed = p->missed,
				      .server = p->server,
				      .full = p->full};
}
