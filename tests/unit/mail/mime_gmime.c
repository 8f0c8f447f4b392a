/* SPDX-License-Identifier: BSD-2-Clause */
/* usage: mime_gmime [FILE...]     (without: file names from standard input, one a line)
 * Each message as this program reads it and as GMime does: for each file "ours" and "gmime" with the leaves of both,
 * TYPE:OCTETS:SUM of the decoded text, those of attached messages among them. For tests/system/test_mime.py. */
#include <ctype.h>
#include <gmime/gmime.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/mime.h"

enum { NESTED_MAX = 4, FILE_OCTETS_MAX = 32 << 20, OUT_OCTETS_MAX = 1 << 20 };

/* GMime leaves blanks at the end of a quoted-printable line, which RFC 2045 6.7 (3) has taken away. */
static bool ends_line(struct span text, size_t at)
{
	while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\t'))
		at++;
	return at == text.len || text.at[at] == '\n' || text.at[at] == '\r';
}

static void add_leaf(struct buf *out, struct span type, struct span text)
{
	uint64_t sum = 0xcbf29ce484222325U;
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++)
		if ((text.at[i] != ' ' && text.at[i] != '\t') || !ends_line(text, i)) {
			sum = (sum ^ text.at[i]) * 0x100000001b3U;
			len++;
		}
	buf_add_str(out, out->len ? " " : "");
	for (size_t i = 0; i < type.len; i++)
		buf_add_char(out, (char)tolower(type.at[i]));
	buf_printf(out, ":%zu:%016" PRIx64, len, sum);
}

/* ---- ours ---- */

struct reading {
	struct buf *out;
	struct buf text, type;
	enum mime_kind kinds[MIME_DEPTH_MAX + 2];
	unsigned int open, nested;
};

static void read_ours(struct span message, unsigned int nested, struct buf *out);

static int begin(void *context, const struct mime_part *part)
{
	struct reading *r = context;
	r->kinds[r->open++] = part->kind;
	buf_clear(&r->text);
	buf_clear(&r->type);
	buf_add(&r->type, part->type);
	return 0;
}

static int octets(void *context, struct span decoded)
{
	struct reading *r = context;
	buf_add(&r->text, decoded);
	return r->text.error;
}

static int end(void *context)
{
	struct reading *r = context;
	if (r->kinds[--r->open] != MIME_PART)
		return 0;
	if (span_begins_nocase(buf_span(&r->type), "message/rfc822") && r->nested < NESTED_MAX)
		read_ours(buf_span(&r->text), r->nested + 1, r->out);
	else
		add_leaf(r->out, buf_span(&r->type), buf_span(&r->text));
	return 0;
}

static void read_ours(struct span message, unsigned int nested, struct buf *out)
{
	static const struct mime_events events = {begin, octets, end};
	struct reading r = {.out = out, .text = buf_make(FILE_OCTETS_MAX), .type = buf_make(1000), .nested = nested};
	struct mime_reader m;
	mime_init(&m, &events, &r);
	mime_feed(&m, message);
	if (mime_end(&m) < 0 || m.cut)
		buf_add_str(out, " cut");
	mime_release(&m);
	buf_release(&r.text);
	buf_release(&r.type);
}

/* ---- GMime's ---- */

static void read_gmime(GMimeObject *object, unsigned int nested, struct buf *out)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *name = g_mime_content_type_get_mime_type(type);
	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
			read_gmime(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), nested, out);
	} else if (GMIME_IS_MESSAGE_PART(object) && g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)) &&
		   nested < NESTED_MAX) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		if (g_mime_message_get_mime_part(inner))
			read_gmime(g_mime_message_get_mime_part(inner), nested + 1, out);
	} else {
		GMimeStream *stream = g_mime_stream_mem_new();
		GMimeDataWrapper *content = GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
		GByteArray *octets;
		if (content)
			g_mime_data_wrapper_write_to_stream(content, stream);
		octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
		add_leaf(out, span_str(name), span_of(octets->data, octets->len));
		g_object_unref(stream);
	}
	g_free(name);
}

static void by_gmime(struct span message, struct buf *out)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)message.at, message.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *read;
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	read = g_mime_parser_construct_message(parser, NULL);
	if (read && g_mime_message_get_mime_part(read))
		read_gmime(g_mime_message_get_mime_part(read), 0, out);
	if (read)
		g_object_unref(read);
	g_object_unref(parser);
	g_object_unref(stream);
}

static int compare(const char *path, char *room)
{
	struct buf ours = buf_make(OUT_OCTETS_MAX), theirs = buf_make(OUT_OCTETS_MAX);
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(room, 1, FILE_OCTETS_MAX, f) : 0;
	if (!f) {
		perror(path);
		return 1;
	}
	fclose(f);
	read_ours(span_of(room, len), 0, &ours);
	by_gmime(span_of(room, len), &theirs);
	printf("%s\tours\t%s\n%s\tgmime\t%s\n", path, buf_text(&ours), path, buf_text(&theirs));
	buf_release(&ours);
	buf_release(&theirs);
	return 0;
}

int main(int argc, char **argv)
{
	char *room = malloc(FILE_OCTETS_MAX), path[4096];
	int failed = !room;
	g_mime_init();
	for (int i = 1; i < argc && !failed; i++)
		failed = compare(argv[i], room);
	while (argc < 2 && !failed && fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = '\0';
		failed = compare(path, room);
	}
	g_mime_shutdown();
	free(room);
	return failed;
}
