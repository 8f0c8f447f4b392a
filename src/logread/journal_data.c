/* SPDX-License-Identifier: BSD-2-Clause */
/* The data of entries, and which entries are mail's. */
#include <errno.h>
#include <stdlib.h>

#include "logread/journal_data.h"

enum {
	KNOWN_BITS = 13,
	KNOWN_TEXT = 61,
	NAME_PACKED = 256 << 10, /* packed octets that give at least the name: zstd's blocks hold 128 KiB */
	DATUM_OCTETS = 256,      /* what is looked at first: most are no longer */
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

#define TEXT(text)                                                                                                     \
	{                                                                                                              \
		(const uint8_t *)(text), sizeof(text) - 1                                                              \
	}

/* facility mail is 2 (RFC 5424, table 1); the others log under their own name with whatever facility */
static const struct span of_mail[] = {
	TEXT("SYSLOG_FACILITY=2"),
	TEXT("SYSLOG_IDENTIFIER=exim"),
	TEXT("SYSLOG_IDENTIFIER=exim4"),
	TEXT("SYSLOG_IDENTIFIER=sendmail"),
	TEXT("SYSLOG_IDENTIFIER=sm-mta"),
	TEXT("_COMM=exim4"),
	TEXT("_COMM=exim"),
	TEXT("SYSLOG_IDENTIFIER=smtpd"),
	TEXT("SYSLOG_IDENTIFIER=dovecot"),
	TEXT("_COMM=smtpd"),
	TEXT("SYSLOG_IDENTIFIER=rspamd"),
	TEXT("SYSLOG_IDENTIFIER=amavis"),
	TEXT("SYSLOG_IDENTIFIER=qmail"),
	TEXT("SYSLOG_IDENTIFIER=php"),
};

/* what is taken of an entry */
static const struct {
	struct span name;
	enum record_field field;
} fields[] = {
	{TEXT("MESSAGE="), RECORD_TEXT},
	{TEXT("_HOSTNAME="), RECORD_HOST},
	{TEXT("SYSLOG_IDENTIFIER="), RECORD_PROGRAM},
	{TEXT("_COMM="), RECORD_COMMAND},
	{TEXT("SYSLOG_PID="), RECORD_SYSLOG_PID},
	{TEXT("_PID="), RECORD_PID},
	{TEXT("CONTAINER_ID="), RECORD_CONTAINER},
};

bool journal_data_is_mail(struct span text)
{
	for (size_t i = 0; i < sizeof(of_mail) / sizeof(of_mail[0]); i++)
		if (span_equal(text, of_mail[i]))
			return true;
	return false;
}

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

/* The beginning of the object there, at most DATUM_OCTETS. @return NULL: it is no datum that lies in the file */
static const uint8_t *datum_begin(struct journal_file *f, uint64_t at, size_t head, size_t *ret_have,
				  uint64_t *ret_size)
{
	const uint8_t *o;
	size_t have = at < f->view.size ? (size_t)least(f->view.size - at, DATUM_OCTETS) : 0;
	if (at < f->header_size || at % 8 || have <= head)
		return NULL;
	o = journal_view_at(&f->view, at, have);
	*ret_have = have;
	*ret_size = o ? journal_u64(o + AT_SIZE) : 0;
	return o && o[AT_TYPE] == OBJECT_DATA && *ret_size > head && *ret_size <= f->view.size - at ? o : NULL;
}

/* @return 0; -EBADMSG: there is none, or not whole; -EPROTO: packed, and longer than any message */
static int datum_read(struct journal_file *f, uint64_t at, size_t most, struct datum *ret)
{
	const size_t head = f->compact ? DATA_HEAD_COMPACT : DATA_HEAD;
	uint64_t size;
	size_t have;
	const uint8_t *o = datum_begin(f, at, head, &have, &size);
	if (!o)
		return -EBADMSG;
	ret->packed = o[AT_FLAGS] & PACKED_ANY;
	ret->once = journal_u64(o + AT_DATA_ENTRIES) == 1;
	size -= head;
	if (ret->packed && size > JOURNAL_UNPACKED_MAX)
		return -EPROTO;
	if (!ret->packed || most < NAME_PACKED)
		size = least(size, ret->packed ? NAME_PACKED : most);
	if (head + size > have)
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
	k->kind = OTHER;
	k->of_mail = false;
	k->len = 0;
	if (!may_be_wanted(text))
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && k->kind == OTHER; i++)
		if (span_begins(text, fields[i].name)) {
			k->kind = (uint8_t)fields[i].field;
			k->len = (uint8_t)fields[i].name.len;
		}
	if (k->kind == RECORD_TEXT)
		return;
	k->of_mail = journal_data_is_mail(text);
	text = k->kind == OTHER ? (struct span){NULL, 0} : span_from(text, k->len);
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
