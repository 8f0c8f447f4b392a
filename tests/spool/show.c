/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the readers of mta/ make of queue files, for tests that ask the mail servers' own programs the same.
 * usage: show records FILE      the records of a queue file of Postfix, as `postcat -od` prints them
 *        show postfix|exim|opensmtpd|sendmail FOLDER      a JSON object for each message of the queue
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "mta/spool_files.h"
#include "mta/spool_postfix.h"
#include "mta/spool_walk.h"

static int show_records(const char *path)
{
	struct spool_postfix p = spool_postfix_begin();
	struct spool_piece piece;
	struct spool_record r;
	enum spool_progress got = SPOOL_WANTS;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || spool_piece_init(&piece) < 0) {
		perror(path);
		return 1;
	}
	while (got == SPOOL_RECORD || got == SPOOL_WANTS) {
		if (got == SPOOL_WANTS && spool_piece_read(&piece, fd, p.at, p.wanted) < 0)
			break;
		got = spool_postfix_next(&p, span_of(piece.octets, piece.len), piece.at, piece.to_end, &r);
		if (got == SPOOL_RECORD) {
			printf("%9llu %3d ", (unsigned long long)r.offset, r.type);
			fwrite(r.text.at, 1, r.text.len, stdout);
			putchar('\n');
		}
	}
	close(fd);
	spool_piece_release(&piece);
	if (got != SPOOL_DONE)
		fprintf(stderr, "%s: %s\n", path, p.why ? p.why : "not to be read");
	return got != SPOOL_DONE;
}

static void key_span(struct json *j, const char *key, struct span text)
{
	json_key(j, key);
	json_span(j, text);
}

static void key_int(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

static void add_message(struct json *j, const struct spool_message *m, const char *file)
{
	static const char *const states[] = {"waits", "deferred", "held"};
	json_begin(j, '{');
	json_member_str(j, "file", file);
	json_member_str(j, "state", states[m->state]);
	key_span(j, "id", m->id);
	key_span(j, "sender", m->sender);
	key_span(j, "login", m->login);
	key_span(j, "client", m->client);
	key_span(j, "user", m->user);
	key_span(j, "reason", m->reason);
	key_int(j, "uid", m->uid);
	key_int(j, "count", m->recipient_count);
	key_int(j, "done", m->done_count);
	key_int(j, "arrived", m->arrived_s);
	key_int(j, "size", (int64_t)m->size_octets);
	json_key(j, "recipients");
	json_begin(j, '[');
	for (uint32_t i = 0; i < m->recipient_count && i < SPOOL_RECIPIENTS_KEPT; i++)
		json_span(j, m->recipients[i]);
	json_end(j, ']');
	key_span(j, "fields", spool_message_fields(m));
	json_end(j, '}');
}

static int show_queue(enum mta_kind mta, const char *folder)
{
	struct spool_walk *w = NULL;
	enum spool_step got;
	int rc = spool_walk_new(mta, folder, &w);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", folder, strerror(-rc));
		return 1;
	}
	while ((got = spool_walk_next(w)) != SPOOL_STEP_END) {
		struct buf out = buf_make(1 << 20);
		struct json j = json_make(&out);
		if (got == SPOOL_STEP_MESSAGE) {
			add_message(&j, spool_walk_message(w), spool_walk_file(w));
			puts(buf_text(&out));
		}
		buf_release(&out);
	}
	if (spool_walk_missed(w)->files)
		printf("{\"missed\":%zu,\"first\":\"%s\",\"why\":\"%s\"}\n", spool_walk_missed(w)->files,
		       spool_walk_missed(w)->first, spool_walk_missed(w)->why);
	spool_walk_free(w);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum mta_kind mta;
	} known[] = {
		{"postfix", MTA_POSTFIX}, {"exim", MTA_EXIM}, {"opensmtpd", MTA_OPENSMTPD}, {"sendmail", MTA_SENDMAIL}};
	if (argc == 3 && strcmp(argv[1], "records") == 0)
		return show_records(argv[2]);
	for (size_t i = 0; argc == 3 && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(argv[1], known[i].name) == 0)
			return show_queue(known[i].mta, argv[2]);
	fprintf(stderr, "usage: show records FILE | show postfix|exim|opensmtpd|sendmail FOLDER\n");
	return 64;
}
