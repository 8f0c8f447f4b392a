/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's tables tell the socket's inode; whose it is stands in /proc/PID/fd, which is looked through only when an
 * inode is new. */
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
	SOCKETS_MAX = 65536, /* over all samples */
	NET_NAME_SIZE = 64,
	TABLE_OCTETS_MAX = 64 << 20, /* 400,000 connections */
	ARENA_MAX = 64 << 20,
};

enum socket_owner { OWNER_WANTED = -1, OWNER_NONE = -2 };

struct seen_socket {
	uint64_t inode;
	int owner; /* index of a sender, or enum socket_owner */
	bool listens;
	struct endpoint remote;
	UT_hash_handle hh;
};

struct closed_connection {
	struct {
		struct addr local, remote; /* octets alone: no hole in it is hashed */
		uint8_t ports[4];
	} ends;
	UT_hash_handle hh;
};

struct sender_probe {
	const char *root;
	struct arena arena;
	struct sender *senders;
	size_t sender_count, socket_count, closed_count, wanted, hidden, unowned, samples;
	struct seen_socket *sockets;      /* by inode */
	struct closed_connection *closed; /* by both ends */
	pid_t *pids;
	size_t pid_count;
	struct buf table;
	bool full;
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

struct sender_probe *probe_free(struct sender_probe *p)
{
	if (!p)
		return NULL;
	HASH_CLEAR(hh, p->sockets);
	HASH_CLEAR(hh, p->closed);
	buf_release(&p->table);
	arena_release(&p->arena);
	free(p);
	return NULL;
}

/* ---- connections ---- */

static void note_closed(struct sender_probe *p, const struct connection *c)
{
	struct closed_connection *one, *known;
	if (p->closed_count == SOCKETS_MAX) {
		p->full = true;
		return;
	}
	one = arena_alloc(&p->arena, 1, sizeof(*one));
	if (!one) {
		p->error = -ENOMEM;
		return;
	}
	one->ends.local = c->local.addr;
	one->ends.remote = c->remote.addr;
	memcpy(one->ends.ports, &c->local.port, 2);
	memcpy(one->ends.ports + 2, &c->remote.port, 2);
	HASH_FIND(hh, p->closed, &one->ends, sizeof(one->ends), known);
	if (known)
		return;
	HASH_ADD(hh, p->closed, ends, sizeof(one->ends), one);
	p->closed_count++;
}

static void note_socket(struct sender_probe *p, const struct connection *c)
{
	struct seen_socket *one;
	HASH_FIND(hh, p->sockets, &c->inode, sizeof(c->inode), one);
	if (one)
		return;
	if (p->socket_count == SOCKETS_MAX) {
		p->full = true;
		return;
	}
	one = arena_alloc(&p->arena, 1, sizeof(*one));
	if (!one) {
		p->error = -ENOMEM;
		return;
	}
	*one = (struct seen_socket){.inode = c->inode,
				    .owner = OWNER_WANTED,
				    .listens = c->state == CONNECTION_LISTENS,
				    .remote = c->remote};
	HASH_ADD(hh, p->sockets, inode, sizeof(one->inode), one);
	p->socket_count++;
	p->wanted++;
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

/* @return its index; -1: it is gone, or there are too many. */
static int sender_of(struct sender_probe *p, pid_t pid)
{
	struct process process;
	int rc = process_read(p->root, pid, &p->arena, &process);
	if (rc == -ENOMEM)
		p->error = rc;
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < p->sender_count; i++)
		if (p->senders[i].process.pid == pid && p->senders[i].process.started_ticks == process.started_ticks)
			return (int)i;
	if (p->sender_count == SENDERS_MAX) {
		p->full = true;
		return -1;
	}
	p->senders[p->sender_count] = (struct sender){.process = process};
	find_ancestors(p, &p->senders[p->sender_count]);
	return (int)p->sender_count++;
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
	int owner;
	HASH_FIND(hh, p->sockets, &inode, sizeof(inode), one);
	if (!one || one->owner != OWNER_WANTED)
		return;
	owner = sender_of(p, pid);
	if (owner < 0)
		return;
	one->owner = owner;
	p->wanted--;
	if (one->listens) {
		p->senders[owner].listens = true;
	} else {
		p->senders[owner].connections++;
		add_remote(&p->senders[owner], &one->remote);
	}
}

static void find_owners(struct sender_probe *p)
{
	struct seen_socket *one, *next;
	size_t hidden = 0;
	for (size_t i = 0; i < p->pid_count && !p->error; i++)
		hidden += process_sockets(p->root, p->pids[i], on_socket, p) == -EACCES;
	p->hidden = hidden;
	HASH_ITER(hh, p->sockets, one, next)
	if (one->owner == OWNER_WANTED) { /* its process ended meanwhile, or may not be looked at */
		one->owner = OWNER_NONE;
		p->unowned += !one->listens;
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
	read_tables(p);
	if (p->wanted)
		find_owners(p);
	p->samples++;
	return p->error;
}

/* ---- which of them are mail servers ---- */

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

struct sender_report probe_report(struct sender_probe *p)
{
	for (size_t i = 0; i < p->sender_count; i++)
		p->senders[i].mail_server = is_mail_server(p, &p->senders[i]);
	return (struct sender_report){.senders = p->senders,
				      .count = p->sender_count,
				      .hidden = p->hidden,
				      .unowned = p->unowned,
				      .closed = p->closed_count,
				      .samples = p->samples,
				      .full = p->full};
}
