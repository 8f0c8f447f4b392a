/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file of the journal. Its header names a chain of arrays, each greater than the one before, that hold where the
 * entries stand. Every offset and size is checked against the file and against the one before it: the chain cannot turn back.
 */
#include <errno.h>
#include <unistd.h>

#include "logread/journal_file.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct journal_id id_at(const uint8_t *at)
{
	struct journal_id id;
	memcpy(id.octets, at, sizeof(id.octets));
	return id;
}

static void read_header(struct journal_file *f, const uint8_t *h)
{
	uint64_t used = journal_u64(h + AT_ARENA_SIZE);
	f->archived = h[AT_STATE] == JOURNAL_ARCHIVED;
	f->seqnum_id = id_at(h + AT_SEQNUM_ID);
	f->first_array = journal_u64(h + AT_ENTRY_ARRAY);
	f->head_seqnum = journal_u64(h + AT_HEAD_SEQNUM);
	f->head_us = journal_u64(h + AT_HEAD_REALTIME);
	f->tail_us = journal_u64(h + AT_TAIL_REALTIME);
	f->n_entries = journal_u64(h + AT_N_ENTRIES);
	f->loss.short_file = used > f->view.size || f->view.size - used < f->header_size;
	f->loss.header = f->n_entries > f->view.size / JOURNAL_ENTRY_OCTETS;
	if (f->loss.header)
		f->n_entries = f->view.size / JOURNAL_ENTRY_OCTETS;
}

static int check_header(struct journal_file *f, const uint8_t *h, struct error *err)
{
	uint32_t needs = journal_u32(h + AT_INCOMPATIBLE);
	if (memcmp(h, JOURNAL_MARK, sizeof(JOURNAL_MARK) - 1) != 0)
		return error_set(err, -EBADMSG, "is no file of the journal");
	if (needs & ~(uint32_t)JOURNAL_KNOWN)
		return error_set(err, -EOPNOTSUPP,
				 "is in a newer form of the journal (0x%x) than is known here; "
				 "journalctl -o export --file FILE makes a text of it that can be read",
				 needs & ~(uint32_t)JOURNAL_KNOWN);
	f->header_size = journal_u64(h + AT_HEADER_SIZE);
	if (f->header_size < JOURNAL_HEADER_MIN || f->header_size > JOURNAL_HEADER_MAX)
		return error_set(err, -EBADMSG, "the header of this journal is damaged");
	f->compact = needs & JOURNAL_COMPACT;
	f->file_id = id_at(h + AT_FILE_ID);
	return 0;
}

int journal_file_open(struct journal_file *f, int fd, struct error *err)
{
	uint8_t header[JOURNAL_HEADER_MIN] = {0};
	struct stat st;
	int r;
	memset(f, 0, sizeof(*f));
	f->view.fd = fd;
	if (fstat(fd, &st) < 0)
		r = error_set(err, -errno, "%s", strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode) || st.st_size < JOURNAL_HEADER_MIN)
		r = error_set(err, -EBADMSG, "is too short for a file of the journal");
	else
		r = 0;
	if (r == 0) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
		f->view.size = (uint64_t)st.st_size;
		if (!journal_view_read(&f->view, 0, header, sizeof(header)))
			r = error_set(err, -EIO, "its header cannot be read");
	}
	if (r == 0)
		r = check_header(f, header, err);
	if (r < 0) {
		close(fd);
		f->view.fd = -1;
		return r;
	}
	read_header(f, header);
	return 0;
}

void journal_file_rest(struct journal_file *f)
{
	journal_view_release(&f->view);
}

void journal_file_close(struct journal_file *f)
{
	journal_file_rest(f);
	if (f->view.fd >= 0)
		close(f->view.fd);
	f->view.fd = -1;
}

bool journal_file_grown(struct journal_file *f)
{
	uint8_t header[JOURNAL_HEADER_MIN] = {0};
	struct stat st;
	if (f->view.fd < 0 || fstat(f->view.fd, &st) < 0)
		return false;
	f->view.size = (uint64_t)st.st_size;
	if (!journal_view_read(&f->view, 0, header, sizeof(header)))
		return false;
	read_header(f, header);
	if (f->taken >= f->n_entries)
		return false;
	journal_view_forget(&f->view);
	return true;
}

static size_t item_size(const struct journal_file *f)
{
	return f->compact ? sizeof(uint32_t) : sizeof(uint64_t);
}

/* @return whether there is an array at this place; it is the one being read then */
static bool open_array(struct journal_file *f, uint64_t at)
{
	uint8_t head[ARRAY_HEAD];
	uint64_t size;
	if (at <= f->array || at < f->header_size || at % 8 || !journal_view_read(&f->view, at, head, sizeof(head)))
		return false;
	size = journal_u64(head + AT_SIZE);
	if (head[AT_TYPE] != OBJECT_ENTRY_ARRAY || size <= ARRAY_HEAD)
		return false;
	f->array = at;
	f->array_items = (size - ARRAY_HEAD) / item_size(f);
	f->array_next = journal_u64(head + AT_NEXT_ARRAY);
	f->array_used = 0;
	return true;
}

/* The next one of the chain may have been linked since this one was opened. */
static bool next_array(struct journal_file *f)
{
	uint8_t head[ARRAY_HEAD];
	if (f->array && !f->array_next && journal_view_read(&f->view, f->array, head, sizeof(head)))
		f->array_next = journal_u64(head + AT_NEXT_ARRAY);
	return open_array(f, f->array ? f->array_next : f->first_array);
}

static void lose(struct journal_file *f, uint64_t entries)
{
	if (!f->loss.entries)
		f->loss.after_us = f->good_us;
	f->loss.entries += entries;
	f->loss.before_us = 0;
}

void journal_file_lose(struct journal_file *f)
{
	lose(f, 1);
}

/* Read on in the arrays. @return false: the end for now, or the chain is broken */
static bool fill_part(struct journal_file *f)
{
	uint8_t octets[JOURNAL_ARRAY_PART * sizeof(uint64_t)];
	uint64_t left = f->n_entries - f->taken, at;
	size_t n, size = item_size(f);
	if (f->taken >= f->n_entries)
		return false;
	if (f->array_used == f->array_items && !next_array(f)) {
		if (f->loss.header)
			f->taken = f->n_entries;
		else
			f->walk = f->entries_end;
		return false;
	}
	at = f->array + ARRAY_HEAD + f->array_used * size;
	n = (size_t)least(least(f->array_items - f->array_used, left), JOURNAL_ARRAY_PART);
	if (at < f->view.size && n > (f->view.size - at) / size)
		n = (size_t)((f->view.size - at) / size);
	if (!n || !journal_view_read(&f->view, at, octets, n * size)) {
		f->array_used = f->array_items; /* what the file's end has cut off; a later one may still be there */
		return fill_part(f);
	}
	for (size_t i = 0; i < n; i++)
		f->part[i] = f->compact ? journal_u32(octets + i * size) : journal_u64(octets + i * size);
	f->array_used += n;
	f->part_len = n;
	f->part_at = 0;
	return true;
}

void journal_file_pass(struct journal_file *f)
{
	while (fill_part(f)) {
		f->taken += f->part_len;
		f->part_at = f->part_len;
	}
}

/* @return whether a whole entry stands there, behind the one before; it is in f->entry then */
static bool read_entry(struct journal_file *f, uint64_t at)
{
	const size_t item = f->compact ? sizeof(uint32_t) : 2 * sizeof(uint64_t);
	struct journal_entry *e = &f->entry;
	const uint8_t *o;
	uint64_t size;
	if (at < f->entries_end || at % 8)
		return false;
	journal_view_here(&f->view, at);
	o = journal_view_at(&f->view, at, ENTRY_HEAD);
	if (!o || o[AT_TYPE] != OBJECT_ENTRY)
		return false;
	size = journal_u64(o + AT_SIZE);
	if (size < ENTRY_HEAD || size > ENTRY_HEAD + item * JOURNAL_ITEMS_MAX ||
	    !(o = journal_view_at(&f->view, at, size)))
		return false;
	e->seqnum = journal_u64(o + AT_SEQNUM);
	e->realtime_us = journal_u64(o + AT_REALTIME);
	e->monotonic_us = journal_u64(o + AT_MONOTONIC);
	e->boot = id_at(o + AT_BOOT_ID);
	e->xor_hash = journal_u64(o + AT_XOR_HASH);
	if (!e->seqnum || !e->realtime_us || e->realtime_us >> JOURNAL_TIME_BITS)
		return false;
	e->count = (size - ENTRY_HEAD) / item;
	for (size_t i = 0; i < e->count; i++)
		e->data[i] =
			f->compact ? journal_u32(o + ENTRY_HEAD + i * item) : journal_u64(o + ENTRY_HEAD + i * item);
	f->entries_end = at + size;
	return true;
}

/* It stands behind the one that comes after it: then it is not this one that is right. */
static bool is_astray(const struct journal_file *f, uint64_t at)
{
	uint64_t after = f->part_at < f->part_len ? f->part[f->part_at] : 0;
	return after && after < at && after >= f->entries_end;
}

/*
 * Without the chain: objects stand one behind the other, and each has its size. Where one is damaged the next is looked for.
 * @return the next entry's place; 0: there is none
 */
static uint64_t walk(struct journal_file *f)
{
	while (f->walk + ENTRY_HEAD <= f->view.size) {
		const uint64_t at = f->walk;
		const uint8_t *o;
		uint64_t size;
		journal_view_here(&f->view, at);
		o = journal_view_at(&f->view, at, OBJECT_HEAD);
		size = o ? journal_u64(o + AT_SIZE) : 0;
		if (!o || !o[AT_TYPE] || o[AT_TYPE] > OBJECT_LAST || size < OBJECT_HEAD || size > f->view.size - at) {
			f->walk += 8;
			continue;
		}
		f->walk += (size + 7) / 8 * 8;
		if (o[AT_TYPE] == OBJECT_ENTRY)
			return at;
	}
	return 0;
}

/* @return 1: an entry; 0: what stands where it should be is none; -1: the end, for now */
static int next_of_chain(struct journal_file *f)
{
	uint64_t at;
	if (f->part_at == f->part_len && !fill_part(f))
		return -1;
	f->taken++;
	at = f->part[f->part_at++];
	if (!is_astray(f, at) && read_entry(f, at))
		return 1;
	if (!f->loss.header)
		lose(f, 1);
	return 0;
}

static int next_of_walk(struct journal_file *f)
{
	uint64_t at = f->taken < f->n_entries ? walk(f) : 0;
	if (at && read_entry(f, at) && f->entry.seqnum > f->good_seqnum) {
		f->taken++;
		return 1;
	}
	if (at)
		return 0;
	if (f->taken < f->n_entries)
		lose(f, f->n_entries - f->taken);
	f->taken = f->n_entries;
	return -1;
}

int journal_file_next(struct journal_file *f)
{
	int r;
	for (;;) {
		r = f->walk ? -1 : next_of_chain(f);
		if (r < 0 && f->walk)
			r = next_of_walk(f);
		if (r < 0)
			return 0;
		if (r == 0)
			continue;
		f->good_us = f->entry.realtime_us;
		f->good_seqnum = f->entry.seqnum;
		if (f->loss.entries && !f->loss.before_us)
			f->loss.before_us = f->good_us;
		if (f->good_us >= f->from_us)
			return 1;
	}
}

void journal_file_begin(struct journal_file *f, uint64_t from_us)
{
	f->from_us = from_us;
	f->array = f->array_items = f->array_used = f->array_next = 0;
	f->part_at = f->part_len = 0;
	f->entries_end = f->header_size;
	f->taken = f->good_us = f->good_seqnum = f->walk = 0;
	f->loss.entries = f->loss.after_us = f->loss.before_us = 0;
}
