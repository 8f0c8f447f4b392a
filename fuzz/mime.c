/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a message, whole and in pieces: the same events, properly nested, within the limits. The first octet tells how
 * long the pieces are. */
#include <stdlib.h>

#include "mail/mime.h"

enum { OPEN_MAX = MIME_DEPTH_MAX + 2 };

struct heard {
	uint64_t sum;
	size_t octets, parts;
	enum mime_kind kinds[OPEN_MAX];
	unsigned int open;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct heard *h, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		h->sum = (h->sum ^ text.at[i]) * 0x100000001b3U;
}

static int begin(void *context, const struct mime_part *part)
{
	struct heard *h = context;
	if (h->open == OPEN_MAX || (h->open && h->kinds[h->open - 1] != MIME_MULTIPART) || part->depth > h->open)
		abort();
	if ((part->kind == MIME_PREAMBLE || part->kind == MIME_EPILOGUE) && h->open == 0)
		abort();
	h->kinds[h->open++] = part->kind;
	h->parts += part->kind == MIME_PART || part->kind == MIME_MULTIPART;
	add(h, span_str("begin"));
	add(h, part->type);
	add(h, part->head);
	return 0;
}

static int octets(void *context, struct span decoded)
{
	struct heard *h = context;
	if (h->open == 0 || h->kinds[h->open - 1] == MIME_MULTIPART || decoded.len == 0)
		abort();
	h->octets += decoded.len;
	add(h, decoded);
	return 0;
}

static int end(void *context)
{
	struct heard *h = context;
	if (h->open-- == 0)
		abort();
	add(h, span_str("end"));
	return 0;
}

static struct heard read_in_pieces(struct span message, size_t piece, unsigned int *ret_cut)
{
	static const struct mime_events events = {begin, octets, end};
	struct heard h = {0};
	struct mime_reader m;
	mime_init(&m, &events, &h);
	while (message.len && mime_feed(&m, span_of(message.at, message.len < piece ? message.len : piece)) == 0)
		message = span_from(message, piece);
	if (mime_end(&m) == 0 && (h.open || h.parts == 0 || h.parts > MIME_PARTS_MAX))
		abort();
	*ret_cut = m.cut;
	mime_release(&m);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = size ? span_of(data + 1, size - 1) : (struct span){0};
	unsigned int cut, cut_in_pieces;
	struct heard whole = read_in_pieces(message, message.len + 1, &cut);
	struct heard pieces = read_in_pieces(message, size ? data[0] % 61 + 1U : 1, &cut_in_pieces);
	if (whole.sum != pieces.sum || whole.octets != pieces.octets || whole.octets > size || cut != cut_in_pieces)
		abort();
	return 0;
}
