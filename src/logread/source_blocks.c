/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain files are read, not mapped: a mapped log that is truncated under us (copytruncate) would end the program.
 * Unpacking runs a bounded ring of blocks ahead of the reader.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logread/source_blocks.h"
#include "logread/source_unpack.h"

enum { RING_BLOCKS = 4 };

struct ring {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t *block[RING_BLOCKS];
	size_t len[RING_BLOCKS];
	unsigned int taken, filled; /* blocks ever; their difference is what waits */
	bool held;                  /* the reader looks at block taken - 1 */
	bool done, stop;
};

struct blocks {
	int fd;
	uint8_t *data;  /* BLOCK_OCTETS; plain, or unpacked without a thread */
	size_t len;     /* the first block, read by blocks_open() */
	uint64_t taken; /* plain: octets read */
	uint64_t limit;
	bool regular; /* a file, no pipe or device */
	struct unpack *unpack;
	struct ring *ring;
	struct span memory;
	struct blocks_state state;
};

/* @return octets; 0: the end; -errno */
static ssize_t read_some(int fd, uint8_t *out, size_t size)
{
	ssize_t n;
	do
		n = read(fd, out, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* A full block where the packing gives one: the reader is woken once a block. */
static size_t unpack_block(struct unpack *u, uint8_t *out)
{
	size_t len = 0;
	ssize_t n = 1;
	while (n > 0 && len < BLOCK_OCTETS) {
		n = u->kind->read(u, out + len, BLOCK_OCTETS - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0 && !u->fault)
			u->fault = strerrordesc_np((int)-n);
	}
	return len;
}

static void *unpack_ahead(void *arg)
{
	struct blocks *b = arg;
	struct ring *r = b->ring;
	unsigned int at;
	size_t len;
	pthread_mutex_lock(&r->lock);
	while (!r->stop && !r->done) {
		if (r->filled - r->taken + (r->held ? 1 : 0) >= RING_BLOCKS) {
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		at = r->filled % RING_BLOCKS;
		pthread_mutex_unlock(&r->lock);
		len = unpack_block(b->unpack, r->block[at]);
		pthread_mutex_lock(&r->lock);
		r->len[at] = len;
		if (len)
			r->filled++;
		r->done = len < BLOCK_OCTETS;
		pthread_cond_signal(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Signals are the caller's affair: none is taken by the thread. */
static int thread_start(struct blocks *b)
{
	sigset_t all, before;
	int r;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&b->ring->thread, NULL, unpack_ahead, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static void ring_release(struct blocks *b)
{
	for (int i = 0; i < RING_BLOCKS; i++)
		free(b->ring->block[i]);
	pthread_cond_destroy(&b->ring->changed);
	pthread_mutex_destroy(&b->ring->lock);
	free(b->ring);
	b->ring = NULL;
}

/* Without a thread (none to be had, or not asked for) unpacking is done in place. */
static int ring_start(struct blocks *b)
{
	bool whole = true;
	b->ring = calloc(1, sizeof(*b->ring));
	if (!b->ring)
		return -ENOMEM;
	pthread_mutex_init(&b->ring->lock, NULL);
	pthread_cond_init(&b->ring->changed, NULL);
	for (int i = 0; i < RING_BLOCKS; i++) {
		b->ring->block[i] = malloc(BLOCK_OCTETS);
		whole = whole && b->ring->block[i];
	}
	if (!whole || thread_start(b) < 0) {
		ring_release(b);
		return whole ? 0 : -ENOMEM;
	}
	return 0;
}

static uint32_t le32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static int packed_begin(struct blocks *b, const struct unpack_kind *kind, bool thread)
{
	int r = unpack_open(kind, b->fd, span_of(b->data, b->len), &b->unpack);
	if (r < 0)
		return r;
	b->state.packed = true;
	if (kind == &unpack_gzip && b->len >= 8) /* RFC 1952, 2.3.1: MTIME */
		b->state.packed_ms = (int64_t)le32(b->data + 4) * 1000;
	b->len = 0;
	if (thread)
		r = ring_start(b);
	if (b->ring) {
		free(b->data);
		b->data = NULL;
	}
	return r;
}

/* A pipe may give its first octets one by one: enough for the magic are waited for. */
static int first_read(struct blocks *b)
{
	ssize_t n = 1;
	b->data = malloc(BLOCK_OCTETS);
	if (!b->data)
		return -ENOMEM;
	while (n > 0 && b->len < UNPACK_MAGIC_MAX) {
		n = read_some(b->fd, b->data + b->len, BLOCK_OCTETS - b->len);
		if (n < 0)
			return (int)n;
		b->len += (size_t)n;
	}
	b->state.stored = b->len;
	return 0;
}

int blocks_open(int fd, bool thread, uint64_t limit, struct blocks **ret_blocks)
{
	struct blocks *b = calloc(1, sizeof(*b));
	const struct unpack_kind *kind;
	struct stat st;
	int r;
	if (!b) {
		close(fd);
		return -ENOMEM;
	}
	b->fd = fd;
	b->limit = limit;
	b->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	r = first_read(b);
	kind = r == 0 ? unpack_kind_of(span_of(b->data, b->len)) : NULL;
	if (kind)
		r = packed_begin(b, kind, thread);
	if (r < 0) {
		blocks_free(b);
		return r;
	}
	*ret_blocks = b;
	return 0;
}

int blocks_of_memory(struct span text, struct blocks **ret_blocks)
{
	struct blocks *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->fd = -1;
	b->memory = text;
	*ret_blocks = b;
	return 0;
}

void blocks_free(struct blocks *b)
{
	if (!b)
		return;
	if (b->ring) {
		pthread_mutex_lock(&b->ring->lock);
		b->ring->stop = true;
		pthread_cond_signal(&b->ring->changed);
		pthread_mutex_unlock(&b->ring->lock);
		pthread_join(b->ring->thread, NULL);
		ring_release(b);
	}
	unpack_free(b->unpack);
	free(b->data);
	if (b->fd >= 0)
		close(b->fd);
	free(b);
}

static int ring_next(struct ring *r, struct span *ret_block)
{
	bool got;
	pthread_mutex_lock(&r->lock);
	if (r->held) {
		r->held = false;
		pthread_cond_signal(&r->changed);
	}
	while (r->filled == r->taken && !r->done)
		pthread_cond_wait(&r->changed, &r->lock);
	got = r->filled != r->taken;
	if (got) {
		*ret_block = span_of(r->block[r->taken % RING_BLOCKS], r->len[r->taken % RING_BLOCKS]);
		r->taken++;
		r->held = true;
	}
	pthread_mutex_unlock(&r->lock);
	return got;
}

static int plain_next(struct blocks *b, struct span *ret_block)
{
	uint64_t left = b->limit > b->taken ? b->limit - b->taken : 0;
	ssize_t n = (ssize_t)b->len;
	b->len = 0;
	if (n == 0 && b->data)
		n = read_some(b->fd, b->data, left < BLOCK_OCTETS ? (size_t)left : BLOCK_OCTETS);
	if (n < 0)
		b->state.fault = strerrordesc_np((int)-n);
	if (n <= 0)
		return 0;
	b->taken += (uint64_t)n;
	b->state.stored = b->taken;
	*ret_block = span_of(b->data, (size_t)n);
	return 1;
}

int blocks_next(struct blocks *b, struct span *ret_block)
{
	if (b->ring)
		return ring_next(b->ring, ret_block);
	if (b->unpack) {
		*ret_block = span_of(b->data, unpack_block(b->unpack, b->data));
		return ret_block->len > 0;
	}
	if (b->fd >= 0)
		return plain_next(b, ret_block);
	*ret_block = b->memory;
	b->memory.len = 0;
	return ret_block->len > 0;
}

int blocks_seek(struct blocks *b, uint64_t offset)
{
	if (b->unpack || b->fd < 0)
		return -ESPIPE;
	if (lseek(b->fd, (off_t)offset, SEEK_SET) < 0)
		return -errno;
	b->len = 0;
	b->taken = offset;
	return 0;
}

struct blocks_state blocks_state(struct blocks *b)
{
	if (b->ring)
		pthread_mutex_lock(&b->ring->lock);
	if (b->unpack) {
		b->state.stored = b->unpack->stored;
		/* while the thread runs, its findings are not settled */
		if (!b->ring || (b->ring->done && b->ring->filled == b->ring->taken)) {
			b->state.cut = b->unpack->cut;
			b->state.fault = b->unpack->fault;
		}
	}
	if (b->ring)
		pthread_mutex_unlock(&b->ring->lock);
	return b->state;
}

int blocks_fd(const struct blocks *b)
{
	return b->fd;
}

bool blocks_end(const struct blocks *b)
{
	return !b->unpack && (b->fd < 0 || b->regular);
}
