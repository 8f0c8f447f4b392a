/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages taken apart: whatever the pieces in which they come, the same parts. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/mime.h"

enum { TOLD_MAX = 1 << 20 };

struct telling {
	struct buf told;
	struct mime_reader m;
	int answer; /* of the events */
};

static const char *const kinds[] = {"part", "multipart", "preamble", "epilogue"};

static int begin(void *context, const struct mime_part *part)
{
	struct telling *t = context;
	buf_printf(&t->told, "(%s %.*s ", kinds[part->kind], (int)part->type.len, (const char *)part->type.at);
	return t->answer;
}

static int octets(void *context, struct span decoded)
{
	buf_add(&((struct telling *)context)->told, decoded);
	return 0;
}

static int end(void *context)
{
	buf_add_str(&((struct telling *)context)->told, ")");
	return 0;
}

static const struct mime_events events = {begin, octets, end};

static int tell(struct telling *t, const char *message, size_t piece)
{
	size_t len = strlen(message);
	*t = (struct telling){.told = buf_make(TOLD_MAX), .answer = t->answer};
	mime_init(&t->m, &events, t);
	for (size_t at = 0; at < len; at += piece)
		mime_feed(&t->m, span_of(message + at, len - at < piece ? len - at : piece));
	return mime_end(&t->m);
}

static void release(struct telling *t)
{
	mime_release(&t->m);
	buf_release(&t->told);
}

static void reads(const char *message, const char *told)
{
	for (size_t piece = 1; piece < 40; piece++) {
		struct telling t = {0};
		assert_int_equal(tell(&t, message, piece), 0);
		assert_string_equal(buf_text(&t.told), told);
		assert_int_equal(t.m.cut, 0);
		release(&t);
	}
}

#define MIXED(boundary) "Content-Type: multipart/mixed; boundary=\"" boundary "\"\r\n"

static void one_part(void **state)
{
	reads("Subject: a\r\n\r\nhello\r\nyou\r\n", "(part text/plain hello\r\nyou\r\n)");
	reads("Subject: a\n\nhello", "(part text/plain hello)");
	reads("Subject: a\r\rhello\ryou", "(part text/plain hello\ryou)");
	reads("", "(part text/plain )");
	reads("Subject: no body", "(part text/plain )");
	reads("\r\nno head", "(part text/plain no head)");
	reads("Content-Type: text\r\n\r\nx", "(part text/plain x)");
	reads("Content-type:\r\n TEXT/html; charset=x\r\n\r\nx", "(part TEXT/html x)");
}

/* RFC 2046 5.1.1: the line end before a boundary is the boundary's. */
static void multiparts(void **state)
{
	reads(MIXED("b") "\r\nbefore\r\n--b\r\n\r\none\r\n\r\n--b \r\nContent-Type: "
			 "a/b\r\n\r\ntwo\r\n--b--\r\nafter\r\n",
	      "(multipart multipart/mixed (preamble text/plain before)(part text/plain one\r\n)(part a/b two)"
	      "(epilogue text/plain after\r\n))");
	/* an inner one that never ends; a boundary that begins like another */
	reads(MIXED("b") "\r\n--b\r\n" MIXED("bb") "\r\n--bb\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--bbb\r\n--b--",
	      "(multipart multipart/mixed (multipart multipart/mixed (part text/plain one))"
	      "(part text/plain two\r\n--bbb))");
	/* the same boundary twice: the inner one's is the inner one's */
	reads(MIXED("b") "\r\n--b\r\n" MIXED("b") "\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--",
	      "(multipart multipart/mixed (multipart multipart/mixed (part text/plain one))(part text/plain two))");
	reads("Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: a\n\nb\n--d--\n",
	      "(multipart multipart/digest (part message/rfc822 Subject: a\n\nb))");
}

static void malformed(void **state)
{
	/* without a boundary, or one that never comes */
	reads("Content-Type: multipart/mixed\n\nx\n", "(part multipart/mixed x\n)");
	reads(MIXED("b") "\r\nx\r\n", "(multipart multipart/mixed (preamble text/plain x\r\n))");
	/* a head that its boundary ends */
	reads(MIXED("b") "--b\r\nContent-Type: a/b\r\n--b\r\n\r\nx\r\n--b\r\n",
	      "(multipart multipart/mixed (part a/b )(part text/plain x))");
	/* a line of dashes in a head is none of a boundary */
	reads("Subject: x\r\n--b\r\n\r\nx", "(part text/plain x)");
}

static void encodings(void **state)
{
	reads("Content-Transfer-Encoding: base64\n\naGVs\nbG8sIHlvdQ==\nand a footer\n",
	      "(part text/plain hello, you)");
	reads("Content-Transfer-Encoding: Quoted-Printable\n\nd=C3=A9j=c3=a0=\n vu =  \n!\t \nend=",
	      "(part text/plain d\xc3\xa9j\xc3\xa0 vu !\nend)");
	reads("Content-Transfer-Encoding: quoted-printable\n\n1=2 =3 =G1 ==41=\r\nx=\ry=4",
	      "(part text/plain 1=2 =3 =G1 =Axy=4)");
	/* RFC 2045 6.4: that of a multipart says nothing */
	reads("Content-Transfer-Encoding: base64\n" MIXED("b") "\n--b\n\nplain\n--b--",
	      "(multipart multipart/mixed (part text/plain plain))");
}

static char *repeated(const char *text, size_t count)
{
	size_t len = strlen(text);
	char *all = malloc(len * count + 1);
	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		memcpy(all + i * len, text, len);
	all[len * count] = '\0';
	return all;
}

/* What is over a limit is left out, said, and the rest is there. */
static void limits(void **state)
{
	char *lines = repeated("X-Field: 0123456789\n", 10000), *parts = repeated("\n--b\n\nx", MIME_PARTS_MAX + 5);
	char *line = repeated("0123456789", 5000), *message = malloc(1 << 20);
	struct telling t = {0};
	assert_non_null(message);
	snprintf(message, 1 << 20, "Content-Type: a/b\n%s\nbody", lines);
	assert_int_equal(tell(&t, message, 1000), 0);
	assert_string_equal(buf_text(&t.told), "(part a/b body)");
	assert_int_equal(t.m.cut, MIME_CUT_HEAD);
	release(&t);
	snprintf(message, 1 << 20, MIXED("b") "\n%s\n--b--\nafter", parts);
	assert_int_equal(tell(&t, message, 1000), 0);
	assert_int_equal(t.m.parts, MIME_PARTS_MAX);
	assert_int_equal(t.m.cut, MIME_CUT_PARTS);
	release(&t);
	snprintf(message, 1 << 20, "\n%s\n", line);
	assert_int_equal(tell(&t, message, 77), 0);
	assert_int_equal(t.told.len, strlen("(part text/plain )") + 50001);
	release(&t);
	message[0] = '\0';
	for (int i = 0; i < MIME_DEPTH_MAX + 2; i++)
		snprintf(message + strlen(message), 200, MIXED("b%d") "\n--b%d\n", i, i);
	assert_int_equal(tell(&t, message, 50), 0);
	assert_int_equal(t.m.cut, MIME_CUT_DEPTH);
	release(&t);
	free(lines);
	free(parts);
	free(line);
	free(message);
}

static void an_event_ends_it(void **state)
{
	struct telling t = {.answer = -ECANCELED};
	assert_int_equal(tell(&t, "\nx\n", 1), -ECANCELED);
	assert_string_equal(buf_text(&t.told), "(part text/plain ");
	release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_part),  cmocka_unit_test(multiparts), cmocka_unit_test(malformed),
		cmocka_unit_test(encodings), cmocka_unit_test(limits),     cmocka_unit_test(an_event_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
