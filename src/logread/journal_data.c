/* SPDX-License-Identifier: BSD-2-Clause */
/* The data of entries, and which entries are mail's. */
#include <errno.h>
#include <stdlib.h>

#include "logread/journal_data.h"

enum {
	KNOWN_BITS = 13,
	KNOWN_TEXT = 61,
	NAME_PACKED = 256 << 10, /* packed octets that give at least the name: zstd's blocks hold 128 KiB */
	NAME_OCTETS = 64,        /* systemd's names are no longer */
	OTHER = RECORD_FIELDS,   /* a field that no line is made of */
	LONG = UINT8_MAX,        /* the value does not fit in here, and is read where it is wanted */
};

/** One datum. */
struct known {
	uint8_t kind;
	bool of_mail;
	uint8_t len;
	char text[KNOWN_TEXT];
};

struct journal_data {
	uint64_t at[1 << KNOWN_BITS]; /* their places, 0: none; apart, as most of what is looked for is not there */
	struct known known[1 << KNOWN_BITS];
	uint64_t once_at; /* one that no other entry has: not worth a place */
	struct known once;
};

/* facility mail is 2 (RFC 5424, table 1); the others log under their own name with whatever facility */
static const char *const of_mail[] = {
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

struct journal_data *journal_data_new(void)
{
	return calloc(1, sizeof(struct journal_data));
}

void journal_data_free(struct journal_data *d)
{
	free(d);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/** A datum as it stands in the file. */
struct datum {
	struct span payload; /* "NAME=value", or packed */
	unsigned packed;     /* how; 0: not */
	bool once;           /* one entry has it */
};

/* @return 0; -EBADMSG: there is none, or not whole; -EPROTO: packed, and longer than any message */
static int datum_read(struct journal_file *f, uint64_t at, size_t most, struct datum *ret)
{
	const size_t head = f->compact ? DATA_HEAD_COMPACT : DATA_HEAD;
	const uint8_t *o;
	uint64_t size;
	if (at < f->header_size || at % 8 || !(o = journal_view_at(&f->view, at, head + 1)) ||
	    o[AT_TYPE] != OBJECT_DATA)
		return -EBADMSG;
	size = journal_u64(o + AT_SIZE);
	ret->packed = o[AT_FLAGS] & PACKED_ANY;
	ret->once = journal_u64(o + AT_DATA_ENTRIES) == 1;
	if (size <= head || at > f->view.size || size > f->view.size - at)
		return -EBADMSG;
	size -= head;
	if (ret->packed && size > JOURNAL_UNPACKED_MAX)
		return -EPROTO;
	if (!ret->packed || most < NAME_PACKED)
		size = least(size, ret->packed ? NAME_PACKED : most);
	o = journal_view_at(&f->view, at, head + (size_t)size);
	if (!o)
		return -EBADMSG;
	ret->payload = span_of(o + head, (size_t)size);
	return 0;
}

/* Its text, unpacked where it is packed; at most so many octets. @return as datum_read(); -EPROTO: it cannot be unpacked; -ENOMEM */
static int datum_text(struct journal_file *f, struct journal_unpack *unpack, uint64_t at, size_t most,
		      struct datum *ret)
{
	int r = datum_read(f, at, most, ret);
	if (r < 0 || !ret->packed)
		return r;
	r = journal_unpack(unpack, ret->packed, ret->payload, most, &ret->payload);
	return r == 0 || r == -ENOMEM ? r : -EPROTO;
}

/* Most fields are none of those that are looked for, which begin so. */
static bool may_be_wanted(struct span text)
{
	static const char first[] = "MSC", second[] = "HCP";
	return text.len > 1 && (text.at[0] == '_' ? memchr(second, text.at[1], sizeof(second) - 1)
						  : memchr(first, text.at[0], sizeof(first) - 1)) != NULL;
}

static void classify(struct known *k, struct span text)
{
	size_t name;
	*k = (struct known){.kind = OTHER};
	if (!may_be_wanted(text))
		return;
	name = span_find(text, '=');
	for (size_t i = 0; i < sizeof(of_mail) / sizeof(of_mail[0]); i++)
		k->of_mail |= span_equal(text, span_str(of_mail[i]));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_equal(span_of(text.at, name), span_str(fields[i].name)))
			k->kind = (uint8_t)fields[i].field;
	if (k->kind == OTHER || k->kind == RECORD_TEXT || name == text.len)
		return;
	text = span_from(text, name + 1);
	k->len = text.len > KNOWN_TEXT ? LONG : (uint8_t)text.len;
	if (k->len != LONG && k->len)
		memcpy(k->text, text.at, k->len);
}

/* What the datum is that stands there. @return as datum_text() */
static int know(struct journal_data *d, struct journal_file *f, struct journal_unpack *unpack, uint64_t at,
		const struct known **ret_known)
{
	size_t place = at * 0x9e3779b97f4a7c15U >> (64 - KNOWN_BITS);
	struct datum datum;
	int r;
	*ret_known = d->at[place] == at ? &d->known[place] : &d->once;
	if (d->at[place] == at || d->once_at == at)
		return 0;
	r = datum_text(f, unpack, at, NAME_OCTETS + 1 + KNOWN_TEXT + 1, &datum);
	if (r < 0)
		return r;
	if (datum.once) {
		d->once_at = at;
		classify(&d->once, datum.payload);
		return 0;
	}
	d->at[place] = at;
	classify(&d->known[place], datum.payload);
	*ret_known = &d->known[place];
	return 0;
}

static int add_value(struct journal_file *f, struct journal_unpack *unpack, uint64_t at, struct buf *out)
{
	struct datum datum;
	int r = datum_text(f, unpack, at, NAME_OCTETS + 1 + out->max, &datum);
	if (r == 0) {
		struct span value = span_from(datum.payload, span_find(datum.payload, '=') + 1);
		buf_add(out, span_of(value.at, value.len < out->max ? value.len : out->max));
	}
	return r;
}

static int take_field(struct journal_file *f, struct journal_unpack *unpack, uint64_t at, const struct known *k,
		      struct record *record)
{
	struct buf *out = k->len ? record_fill(record, k->kind) : NULL;
	if (!out)
		return 0;
	if (k->len == LONG)
		return add_value(f, unpack, at, out);
	buf_add(out, span_of(k->text, k->len));
	return 0;
}

static int take_text(struct journal_file *f, struct journal_unpack *unpack, uint64_t at, struct record *record)
{
	struct buf *out = record_fill(record, RECORD_TEXT);
	int r = at ? add_value(f, unpack, at, out) : 0;
	record->has[RECORD_TEXT] = out->len > 0;
	return r;
}

/** What is known of an entry. */
struct seen {
	uint64_t text_at; /* of its message; 0: none */
	bool mail;
	bool unread, unread_packed; /* a datum could not be read */
};

/* What is packed is long: a message, or what no line is made of. */
static bool is_lost(const struct seen *seen)
{
	if (seen->mail)
		return !seen->text_at && (seen->unread || seen->unread_packed);
	return seen->unread;
}

static int take_datum(struct journal_data *d, struct journal_file *f, struct journal_unpack *unpack, uint64_t at,
		      struct seen *seen, struct record *record)
{
	const struct known *k;
	int r = know(d, f, unpack, at, &k);
	if (r < 0) {
		seen->unread |= r != -EPROTO;
		seen->unread_packed |= r == -EPROTO;
		return r == -ENOMEM ? r : 0;
	}
	seen->mail |= k->of_mail;
	if (k->kind == RECORD_TEXT)
		seen->text_at = seen->text_at ? seen->text_at : at;
	else if (k->kind < RECORD_FIELDS && take_field(f, unpack, at, k, record) == -ENOMEM)
		return -ENOMEM;
	return 0;
}

int journal_data_take(struct journal_data *d, struct journal_file *f, struct journal_unpack *unpack,
		      struct record *record)
{
	const struct journal_entry *e = &f->entry;
	struct seen seen = {0};
	int r = 0;
	record_clear(record);
	for (size_t i = 0; i < e->count && r == 0; i++)
		r = take_datum(d, f, unpack, e->data[i], &seen, record);
	if (r < 0)
		return r;
	if (is_lost(&seen))
		return -EBADMSG;
	if (!seen.mail)
		return 0;
	record->time_us = e->realtime_us;
	r = take_text(f, unpack, seen.text_at, record);
	return r == 0 ? 1 : r == -ENOMEM ? r : -EBADMSG;
}
