/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows of a journal file. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "logread/journal_view.h"

/* @return octets that were read: fewer at the file's end, or at a bad place of the disk */
static size_t read_some(int fd, uint64_t at, uint8_t *out, size_t len)
{
	size_t have = 0;
	while (have < len) {
		ssize_t n = pread(fd, out + have, len - have, (off_t)(at + have));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return have;
}

bool journal_view_read(const struct journal_view *v, uint64_t at, void *out, size_t len)
{
	return at <= v->size && len <= v->size - at && read_some(v->fd, at, out, len) == len;
}

static const uint8_t *spot(struct journal_view *v, uint64_t at, size_t len)
{
	if (v->spot_at != at || v->spot_len < len) {
		v->spot_at = at;
		v->spot_len = read_some(v->fd, at, v->spot, len < VIEW_SPOT ? VIEW_SPOT : sizeof(v->spot));
	}
	return v->spot_len >= len ? v->spot : NULL;
}

static const uint8_t *large(struct journal_view *v, uint64_t at, size_t len)
{
	if (v->large_size < len) {
		free(v->large);
		v->large = malloc(len);
		v->large_size = v->large ? len : 0;
	}
	return v->large && read_some(v->fd, at, v->large, len) == len ? v->large : NULL;
}

static const uint8_t *in_window(struct journal_view *v, uint64_t at, size_t len)
{
	const uint64_t number = at / VIEW_WINDOW + 1;
	struct journal_window *w = &v->windows[number % VIEW_WINDOWS];
	const size_t from = (size_t)(at % VIEW_WINDOW);
	if (w->number != number) {
		if (number > v->here || number + VIEW_WINDOWS <= v->here)
			return spot(v, at, len);
		w->number = number;
		w->len = read_some(v->fd, (number - 1) * VIEW_WINDOW, w->octets, sizeof(w->octets));
	}
	return from + len <= w->len ? w->octets + from : NULL;
}

const uint8_t *journal_view_at(struct journal_view *v, uint64_t at, size_t len)
{
	if (at > v->size || len > v->size - at)
		return NULL;
	if (len > VIEW_SLACK)
		return large(v, at, len);
	if (!v->windows)
		v->windows = calloc(VIEW_WINDOWS, sizeof(*v->windows));
	return v->windows ? in_window(v, at, len) : NULL;
}

void journal_view_forget(struct journal_view *v)
{
	for (size_t i = 0; v->windows && i < VIEW_WINDOWS; i++)
		v->windows[i].number = 0;
	v->spot_len = 0;
}

void journal_view_release(struct journal_view *v)
{
	free(v->windows);
	free(v->large);
	v->windows = NULL;
	v->large = NULL;
	v->large_size = 0;
	v->here = 0;
	v->spot_len = 0;
}
