/* SPDX-License-Identifier: BSD-2-Clause */
/* Queue files of Postfix, put together here; real ones are compared with postcat by tests/system/test_audit_queue.py. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "mta/spool_postfix.h"

static struct spool_message message;

/* @return where it begins. */
static size_t put(struct buf *file, char type, const char *text)
{
	size_t at = file->len, len = strlen(text);
	buf_add_char(file, type);
	do {
		buf_add_char(file, (char)((len & 0x7f) | (len > 0x7f ? 0x80 : 0)));
		len >>= 7;
	} while (len);
	buf_add_str(file, text);
	return at;
}

static void put_size(struct buf *file, size_t octets, size_t at)
{
	char text[128];
	snprintf(text, sizeof(text), "%15zu %15zu %15d %15d %15zu", octets, at, 1, 0, octets);
	put(file, 'C', text);
}

/* @return why it is none; NULL: it is one, and `message` has it. */
static const char *read_pieces(const struct buf *file, size_t step)
{
	struct spool_postfix p = spool_postfix_begin();
	struct spool_record r;
	struct span all = buf_span(file), piece = {0};
	uint64_t at = 0;
	enum spool_progress got = SPOOL_WANTS;
	spool_message_clear(&message);
	message.id = span_str("4F00DD1");
	while (got == SPOOL_WANTS || got == SPOOL_RECORD) {
		if (got == SPOOL_WANTS) {
			at = p.at;
			piece = span_from(all, p.at);
			piece.len = piece.len > p.wanted + step ? p.wanted + step : piece.len;
		}
		got = spool_postfix_next(&p, piece, at, at + piece.len == all.len, &r);
		if (got == SPOOL_RECORD)
			spool_postfix_take(&message, &r);
	}
	spool_postfix_settle(&message);
	return got == SPOOL_FAULT ? p.why : NULL;
}

static void is(struct span text, const char *wanted)
{
	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.at, wanted, text.len);
}

static void put_envelope(struct buf *file)
{
	put(file, 'T', "1765000000 123456");
	put(file, 'A', "log_client_address=203.0.113.7");
	put(file, 'A', "client_address=127.0.0.1");
	put(file, 'A', "sasl_username=mallory@example.com");
	put(file, 'S', "bob@example.com");
	put(file, 'R', "a@example.net");
	put(file, 'D', "b@example.net");
	put(file, 'M', "");
}

static void message_of_a_login(void **state)
{
	struct buf file = buf_make(1 << 20);
	put_size(&file, 0, 1);
	size_t head = file.len;
	put_envelope(&file);
	size_t data = file.len;
	put(&file, 'N', "From: alice@example.com");
	put(&file, 'N', "Subject: a");
	put(&file, 'L', " long");
	put(&file, 'N', " one");
	put(&file, 'N', "");
	put(&file, 'N', "sasl_username: nobody");
	size_t end = file.len;
	put(&file, 'X', "");
	put(&file, 'R', "c@example.net");
	put(&file, 'E', "");
	/* the sizes, now that they are known: of fixed width */
	struct buf sizes = buf_make(1024);
	put_size(&sizes, end - data, data);
	assert_int_equal(sizes.len, head);
	memcpy(file.at, sizes.at, sizes.len);
	for (size_t step = 0; step < 300; step += 7) {
		assert_null(read_pieces(&file, step));
		is(message.login, "mallory@example.com");
		is(message.sender, "bob@example.com");
		is(message.client, "203.0.113.7");
		assert_int_equal(message.recipient_count, 2);
		is(message.recipients[1], "c@example.net");
		assert_int_equal(message.done_count, 1);
		assert_int_equal(message.arrived_s, 1765000000);
		assert_int_equal(message.size_octets, end - data);
		is(spool_message_fields(&message), "From: alice@example.com\nSubject: a\n long one\n");
	}
	buf_release(&sizes);
	buf_release(&file);
}

static void pointers(void **state)
{
	struct buf file = buf_make(1 << 20);
	char text[32];
	put(&file, 'S', "a@example.com");
	size_t pointer = put(&file, 'p', "              0"); /* a place for one */
	put(&file, 'R', "b@example.net");
	size_t back = file.len;
	put(&file, 'E', "");
	assert_null(read_pieces(&file, 0));
	assert_int_equal(message.recipient_count, 1);
	size_t more = put(&file, 'R', "c@example.net");
	snprintf(text, sizeof(text), "%15zu", back);
	put(&file, 'p', text);
	snprintf(text, sizeof(text), "%15zu", more);
	memcpy(file.at + pointer + 2, text, 15);
	assert_null(read_pieces(&file, 0));
	assert_int_equal(message.recipient_count, 1);
	is(message.recipients[0], "c@example.net");
	snprintf(text, sizeof(text), "%15d", 0);
	snprintf(text, sizeof(text), "%15zu", pointer); /* to itself */
	memcpy(file.at + pointer + 2, text, 15);
	assert_string_equal(read_pieces(&file, 0), "its pointers lead in a circle");
	buf_release(&file);
}

static void what_is_none(void **state)
{
	struct buf file = buf_make(1 << 21);
	put(&file, 'S', "a@example.com");
	assert_string_equal(read_pieces(&file, 0), "it ends in the middle");
	file.len -= 3;
	assert_string_equal(read_pieces(&file, 0), "it ends in the middle");
	buf_clear(&file);
	put(&file, 'S', "a@example.com");
	put(&file, '?', "what a later Postfix may write");
	assert_string_equal(read_pieces(&file, 0), "a record of an unknown type");
	buf_clear(&file);
	buf_add(&file, span_of("S\xff\xff\xff\xff\xff\x01", 7));
	assert_string_equal(read_pieces(&file, 0), "a record whose length is none");
	buf_clear(&file);
	buf_add(&file, span_of("S\xff\xff\xff\x7f", 5));
	assert_string_equal(read_pieces(&file, 0), "a record longer than Postfix writes them");
	buf_release(&file);
}

/* Whose program it was is told by the line with this file's id alone. */
static void users_of_programs(void **state)
{
	static const struct {
		const char *received, *more, *client;
		int64_t uid;
	} cases[] = {
		{"Received: by mx (Postfix, from userid 33)", "\tid 4F00DD1; Tue,  1 Dec 2026 12:00:00 +0000 (UTC)", "",
		 33},
		{"Received: by mx (Postfix, from userid 33)", "\tid 4F00DD2; Tue,  1 Dec 2026 12:00:00 +0000 (UTC)", "",
		 -1},
		{"Received: by mx (Postfix, from userid 33)", "\tid 4F00DD1; x", "log_client_address=192.0.2.1", -1},
		{"Received: from a (Postfix, from userid 33)", "\tid 4F00DD1; x", "", -1},
		{"Received: by mx (Postfix, from userid -1)", "\tid 4F00DD1; x", "", -1},
		{"Received: by mx (Postfix, from userid 33)", "", "", -1},
		{"X-Received: by mx (Postfix, from userid 33)", "\tid 4F00DD1; x", "", 34},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf file = buf_make(1 << 20);
		put(&file, 'A', cases[i].client);
		put(&file, 'S', "");
		put(&file, 'M', "");
		put(&file, 'N', "X-Spam: no");
		put(&file, 'N', cases[i].received);
		put(&file, 'N', cases[i].more);
		put(&file, 'N', "Received: by mx (Postfix, from userid 34)");
		put(&file, 'N', "\tid 4F00DD1; before");
		put(&file, 'N', "");
		put(&file, 'X', "");
		put(&file, 'E', "");
		assert_null(read_pieces(&file, 0));
		assert_int_equal(message.uid, cases[i].uid);
		assert_true(message.has_sender && message.sender.len == 0);
		buf_release(&file);
	}
}

static void reasons(void **state)
{
	static const char text[] = "<a@example.net>: connect to x: refused\nrecipient=a@example.net\nstatus=4.4.1\n"
				   "action=delayed\nreason=connect to x: refused\n\n"
				   "recipient=b@example.net\nreason=another\n\n";
	spool_message_clear(&message);
	spool_postfix_defer(&message, span_str(text));
	is(message.reason, "connect to x: refused");
	spool_message_clear(&message);
	spool_postfix_defer(&message, span_str("recipient=a"));
	assert_int_equal(message.reason.len, 0);
}

/* More than is kept is counted. */
static void many_recipients(void **state)
{
	struct buf file = buf_make(1 << 22);
	char text[64];
	put(&file, 'S', "a@example.com");
	for (int i = 0; i < 30000; i++) {
		snprintf(text, sizeof(text), "somebody-%d@example.net", i);
		put(&file, 'R', text);
	}
	put(&file, 'E', "");
	assert_null(read_pieces(&file, 1000));
	assert_int_equal(message.recipient_count, 30000);
	is(message.recipients[SPOOL_RECIPIENTS_KEPT - 1], "somebody-15@example.net");
	buf_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_of_a_login), cmocka_unit_test(pointers), cmocka_unit_test(what_is_none),
		cmocka_unit_test(users_of_programs),  cmocka_unit_test(reasons),  cmocka_unit_test(many_recipients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
