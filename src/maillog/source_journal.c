/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal (sd-journal(3)). libsystemd is loaded at the first use: a start of the program does not pay for it. */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "maillog/source_journal.h"

#define JOURNAL_LIBRARY "libsystemd.so.0"

struct journal_api {
	void *library;
	int (*open)(sd_journal **, int);
	int (*open_directory)(sd_journal **, const char *, int);
	void (*close)(sd_journal *);
	int (*add_match)(sd_journal *, const void *, size_t);
	int (*add_disjunction)(sd_journal *);
	int (*next)(sd_journal *);
	int (*seek_head)(sd_journal *);
	int (*seek_realtime)(sd_journal *, uint64_t);
	int (*seek_cursor)(sd_journal *, const char *);
	int (*test_cursor)(sd_journal *, const char *);
	int (*get_cursor)(sd_journal *, char **);
	int (*get_realtime)(sd_journal *, uint64_t *);
	int (*get_data)(sd_journal *, const char *, const void **, size_t *);
	int (*process)(sd_journal *);
};

struct journal {
	struct journal_api api;
	sd_journal *journal;
};

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
	{"sd_journal_open", offsetof(struct journal_api, open)},
	{"sd_journal_open_directory", offsetof(struct journal_api, open_directory)},
	{"sd_journal_close", offsetof(struct journal_api, close)},
	{"sd_journal_add_match", offsetof(struct journal_api, add_match)},
	{"sd_journal_add_disjunction", offsetof(struct journal_api, add_disjunction)},
	{"sd_journal_next", offsetof(struct journal_api, next)},
	{"sd_journal_seek_head", offsetof(struct journal_api, seek_head)},
	{"sd_journal_seek_realtime_usec", offsetof(struct journal_api, seek_realtime)},
	{"sd_journal_seek_cursor", offsetof(struct journal_api, seek_cursor)},
	{"sd_journal_test_cursor", offsetof(struct journal_api, test_cursor)},
	{"sd_journal_get_cursor", offsetof(struct journal_api, get_cursor)},
	{"sd_journal_get_realtime_usec", offsetof(struct journal_api, get_realtime)},
	{"sd_journal_get_data", offsetof(struct journal_api, get_data)},
	{"sd_journal_process", offsetof(struct journal_api, process)},
};

/* facility mail is 2 (RFC 5424, table 1); the others log under their own name with whatever facility */
static const char *const matches[] = {
	"SYSLOG_FACILITY=2",
	"SYSLOG_IDENTIFIER=exim",
	"SYSLOG_IDENTIFIER=exim4",
	"SYSLOG_IDENTIFIER=sendmail",
	"SYSLOG_IDENTIFIER=sm-mta",
	"_COMM=exim4",
	"_COMM=exim",
	"SYSLOG_IDENTIFIER=smtpd",
	"SYSLOG_IDENTIFIER=dovecot",
	"_COMM=smtpd",
	"SYSLOG_IDENTIFIER=rspamd",
	"SYSLOG_IDENTIFIER=amavis",
	"SYSLOG_IDENTIFIER=qmail",
	"SYSLOG_IDENTIFIER=php",
};

/* what is taken of an entry */
static const struct {
	const char *name;
	enum record_field field;
} fields[] = {
	{"MESSAGE", RECORD_TEXT},           {"_HOSTNAME", RECORD_HOST},        {"SYSLOG_IDENTIFIER", RECORD_PROGRAM},
	{"_COMM", RECORD_COMMAND},          {"SYSLOG_PID", RECORD_SYSLOG_PID}, {"_PID", RECORD_PID},
	{"CONTAINER_ID", RECORD_CONTAINER},
};

static int api_load(struct journal_api *ret_api, struct error *err)
{
	struct journal_api api = {.library = dlopen(JOURNAL_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)};
	void *function;
	if (!api.library)
		return error_set(err, -ELIBACC, "the journal cannot be read: libsystemd is not installed");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		function = dlsym(api.library, symbols[i].name);
		if (!function) {
			dlclose(api.library);
			return error_set(err, -ELIBACC, "the journal cannot be read: %s has no %s", JOURNAL_LIBRARY,
					 symbols[i].name);
		}
		/* POSIX lets an object pointer hold a function, ISO C has no cast for it */
		memcpy((char *)&api + symbols[i].offset, &function, sizeof(function));
	}
	*ret_api = api;
	/* for readers of the code that do not follow memcpy(): all are set */
	return api.open && api.open_directory && api.close ? 0 : -ELIBACC;
}

static int match(struct journal *j)
{
	int r = 0;
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]) && r >= 0; i++) {
		r = j->api.add_match(j->journal, matches[i], 0);
		if (r >= 0)
			r = j->api.add_disjunction(j->journal);
	}
	return r;
}

static int open_matched(struct journal *j, const char *folder, struct error *err)
{
	int r = folder ? j->api.open_directory(&j->journal, folder, 0)
		       : j->api.open(&j->journal, SD_JOURNAL_LOCAL_ONLY);
	if (r >= 0)
		r = match(j);
	if (r >= 0)
		r = j->api.seek_head(j->journal);
	if (r >= 0)
		r = j->api.next(j->journal);
	if (r < 0)
		return error_set(err, r, "the journal cannot be read: %s", strerrordesc_np(-r));
	if (r == 0)
		return error_set(err, -ENOENT,
				 "the journal has no entry of a mail program that may be read here "
				 "(as root, or in the group systemd-journal, more may be seen)");
	r = j->api.seek_head(j->journal);
	return r < 0 ? r : 0;
}

int journal_open(const char *folder, struct journal **ret_journal, struct error *err)
{
	struct journal_api api = {NULL};
	struct journal *j;
	int r = api_load(&api, err);
	if (r < 0)
		return r;
	j = calloc(1, sizeof(*j));
	if (!j) {
		dlclose(api.library);
		return -ENOMEM;
	}
	j->api = api;
	r = open_matched(j, folder, err);
	if (r < 0) {
		journal_free(j);
		return r;
	}
	*ret_journal = j;
	return 0;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	if (j->journal)
		j->api.close(j->journal);
	dlclose(j->api.library);
	free(j);
}

int journal_seek(struct journal *j, int64_t from_ms)
{
	return j->api.seek_realtime(j->journal, from_ms > 0 ? (uint64_t)from_ms * 1000 : 0);
}

int journal_resume(struct journal *j, const char *position)
{
	int r = j->api.seek_cursor(j->journal, position);
	if (r >= 0)
		r = j->api.next(j->journal);
	if (r < 0)
		return r;
	/* the seek goes to the nearest entry where that one is gone: then nothing may be passed over */
	if (r == 0 || j->api.test_cursor(j->journal, position) <= 0) {
		j->api.seek_head(j->journal);
		return -ENOENT;
	}
	return 0;
}

static void take(struct journal *j, const char *name, struct buf *out)
{
	const void *data;
	size_t len, head = strlen(name) + 1;
	if (!out || j->api.get_data(j->journal, name, &data, &len) < 0 || len < head)
		return;
	len -= head;
	buf_add(out, span_of((const uint8_t *)data + head, len < out->max ? len : out->max));
}

int journal_next(struct journal *j, struct record *record)
{
	uint64_t us;
	int r;
	j->api.process(j->journal); /* files that came since: rotation */
	r = j->api.next(j->journal);
	if (r <= 0)
		return r;
	record_clear(record);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		take(j, fields[i].name, record_fill(record, fields[i].field));
		record->has[fields[i].field] = record->field[fields[i].field].len > 0;
	}
	if (j->api.get_realtime(j->journal, &us) >= 0)
		buf_printf(record_fill(record, RECORD_TIME_US), "%" PRIu64, us);
	return 1;
}

int journal_position(struct journal *j, struct buf *out)
{
	char *text = NULL;
	int r = j->api.get_cursor(j->journal, &text);
	if (r < 0)
		return r;
	buf_add_str(out, text);
	free(text);
	return 0;
}
