/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal (sd-journal(3)). libsystemd is loaded at the first use: a start of the program does not pay for it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "logread/source_journal.h"
#include "logread/source_journal_api.h"
#include "sys/loaded.h"

struct journal {
	struct journal_api api;
	sd_journal *journal;
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
	struct journal_api api;
	struct journal *j;
	int r = journal_api_load(&api, err);
	if (r < 0)
		return r;
	j = calloc(1, sizeof(*j));
	if (!j) {
		loaded_close(api.library);
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
	loaded_close(j->api.library);
	free(j);
}

int journal_seek(struct journal *j, int64_t from_ms)
{
	return j->api.seek_realtime(j->journal, from_ms > 0 ? (uint64_t)from_ms * 1000 : 0);
}

int journal_fd(struct journal *j)
{
	int fd = j->api.get_fd(j->journal);
	return fd >= 0 ? fd : -1;
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
