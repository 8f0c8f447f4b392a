/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS queries and responses as bytes (RFC 1035 4.1). Pure. */
#include "dns/message.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/cursor.h"

enum {
	HEADER_OCTETS = 12,
	POINTERS_MAX = 64, /* of one name: more of them would need labels that fit no name */
	CNAMES_MAX = 8,
	RECORDS_MAX = 512, /* of one response; RFC 1035 allows 65,535, no list needs a hundred */
	CLASS_IN = 1,
	TYPE_CNAME = 5,
	TYPE_OPT = 41,
	OPTION_EDE = 15, /* RFC 8914 2 */
	OPCODE_MASK = 0x7800,
	RCODE_MASK = 0x000f,
	RCODE_NOERROR = 0,
	RCODE_NXDOMAIN = 3,
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

size_t dns_message_query(uint16_t id, bool recursive, const struct dns_name *name, uint16_t type, uint8_t *out)
{
	memset(out, 0, HEADER_OCTETS);
	put16(out, id);
	if (recursive)
		out[2] = DNS_FLAG_RD >> 8;
	out[5] = 1; /* one question */
	memcpy(out + HEADER_OCTETS, name->wire, name->len);
	put16(out + HEADER_OCTETS + name->len, type);
	put16(out + HEADER_OCTETS + name->len + 2, CLASS_IN);
	return HEADER_OCTETS + (size_t)name->len + 4;
}

size_t dns_message_add_opt(uint8_t *out, size_t len, uint16_t octets)
{
	memset(out + len, 0,
	       DNS_OPT_OCTETS); /* owner is the root; no extended RCODE, version 0, no flags, no options */
	put16(out + len + 1, TYPE_OPT);
	put16(out + len + 3, octets);
	put16(out + 10, (uint16_t)(get16(out + 10) + 1)); /* one more additional record */
	return DNS_OPT_OCTETS;
}

/* A name that may be compressed (RFC 1035 4.1.4); the cursor ends behind it. Pointers must go backwards. */
static int read_name(struct cursor *c, struct dns_name *ret_name)
{
	struct cursor at = *c;
	size_t limit = c->pos;
	bool jumped = false;
	ret_name->len = 0;
	for (int pointers = 0; !at.error;) {
		uint8_t len = cursor_u8(&at);
		if (at.error)
			break;
		if ((len & 0xc0) == 0xc0) {
			size_t target = (size_t)(len & 0x3f) << 8 | cursor_u8(&at);
			if (!jumped)
				c->pos = at.pos;
			jumped = true;
			if (at.error || target >= limit || ++pointers > POINTERS_MAX)
				return -EBADMSG;
			limit = at.pos = target;
			continue;
		}
		if (len & 0xc0 || ret_name->len + len + 1u > DNS_NAME_MAX)
			return -EBADMSG;
		struct span label = cursor_take(&at, len);
		if (at.error)
			break;
		ret_name->wire[ret_name->len++] = len;
		if (len == 0) {
			if (!jumped)
				c->pos = at.pos;
			return 0;
		}
		memcpy(ret_name->wire + ret_name->len, label.at, len);
		ret_name->len = (uint8_t)(ret_name->len + len);
	}
	return -EBADMSG;
}

/* Past a name without following its pointers. */
static void skip_name(struct cursor *c)
{
	while (!c->error && c->pos < c->data.len) {
		uint8_t len = c->data.at[c->pos];
		if (len & 0xc0) {
			if ((len & 0xc0) != 0xc0)
				c->error = -EBADMSG;
			cursor_take(c, 2);
			return;
		}
		cursor_take(c, len + 1u);
		if (len == 0)
			return;
	}
	cursor_take(c, 1); /* an overrun, if nothing was wrong before */
}

struct record {
	uint16_t type, class;
	uint32_t ttl_s;
	struct span rdata;
	size_t owner_at, rdata_at; /* offsets in the message, for names */
};

static int read_record(struct cursor *c, struct record *ret)
{
	struct span fixed;
	ret->owner_at = c->pos;
	skip_name(c);
	fixed = cursor_take(c, 10);
	if (c->error)
		return -EBADMSG;
	ret->type = get16(fixed.at);
	ret->class = get16(fixed.at + 2);
	ret->ttl_s = (uint32_t)get16(fixed.at + 4) << 16 | get16(fixed.at + 6);
	if (ret->ttl_s > INT32_MAX)
		ret->ttl_s = 0; /* RFC 2181 8 */
	ret->rdata_at = c->pos;
	ret->rdata = cursor_take(c, get16(fixed.at + 8));
	return c->error ? -EBADMSG : 0;
}

/* A name somewhere in a message. */
static int name_at(const struct cursor *c, size_t pos, struct dns_name *ret_name)
{
	struct cursor at = *c;
	at.pos = pos;
	return read_name(&at, ret_name);
}

static struct dns_header read_header(struct cursor *c)
{
	struct span at = cursor_take(c, HEADER_OCTETS);
	if (c->error)
		return (struct dns_header){0};
	return (struct dns_header){
		.id = get16(at.at),
		.flags = get16(at.at + 2),
		.questions = get16(at.at + 4),
		.answers = get16(at.at + 6),
		.authorities = get16(at.at + 8),
		.additionals = get16(at.at + 10),
	};
}

/* Is this the echo of our question? A refusing server may leave the section out altogether. */
static int check_question(struct cursor *c, const struct dns_header *h, const struct dns_name *name, uint16_t type)
{
	struct dns_name echo;
	uint16_t rcode = h->flags & RCODE_MASK, echo_type, echo_class;
	bool same;
	if (h->questions == 0 && h->answers == 0 && rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN)
		return 0;
	if (h->questions != 1)
		return -ENOMSG;
	same = cursor_left(c) >= name->len && memcmp(c->data.at + c->pos, name->wire, name->len) == 0;
	if (same)
		cursor_take(c, name->len);
	else if (read_name(c, &echo) < 0)
		return -EBADMSG;
	echo_type = cursor_u16(c);
	echo_class = cursor_u16(c);
	if (c->error)
		return -EBADMSG;
	same = same || dns_name_equal(&echo, name);
	return same && echo_type == type && echo_class == CLASS_IN ? 0 : -ENOMSG;
}

/* What the answer section holds for the question. */
struct found {
	unsigned int records, cnames;
	uint32_t ttl_s; /* the smallest on the way; UINT32_MAX: nothing found */
};

static int take_record(const struct record *r, uint16_t type, struct found *found, struct bulk_answer *answer)
{
	const uint8_t *a = r->rdata.at;
	if (type == DNS_A && r->rdata.len != 4)
		return -EBADMSG;
	if (type == DNS_A && answer->a_count < BULK_A_MAX)
		answer->a[answer->a_count++] =
			(uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | (uint32_t)a[3];
	found->records++;
	return 0;
}

/* Walk the answer section once, following CNAMEs from `want`; records of the type at the end of the chain count. */
static int walk_answers(struct cursor *c, unsigned int count, struct dns_name *want, uint16_t type, struct found *found,
			struct bulk_answer *answer)
{
	struct dns_name owner;
	struct record r;
	for (unsigned int i = 0; i < count; i++) {
		if (i == RECORDS_MAX || read_record(c, &r) < 0)
			return -EBADMSG;
		if (name_at(c, r.owner_at, &owner) < 0)
			return -EBADMSG;
		if (r.class != CLASS_IN || !dns_name_equal(&owner, want))
			continue;
		if (r.type == type) {
			if (take_record(&r, type, found, answer) < 0)
				return -EBADMSG;
		} else if (r.type == TYPE_CNAME) {
			if (++found->cnames > CNAMES_MAX || name_at(c, r.rdata_at, want) < 0)
				return -EBADMSG;
		} else {
			continue;
		}
		if (r.ttl_s < found->ttl_s)
			found->ttl_s = r.ttl_s;
	}
	return c->error;
}

/* Servers need not put a chain in order, so the section is walked again while that leads further. */
static int read_answers(struct cursor *c, unsigned int count, const struct dns_name *name, uint16_t type,
			struct found *found, struct bulk_answer *answer)
{
	struct cursor start = *c;
	struct dns_name want;
	unsigned int before;
	want.len = name->len;
	memcpy(want.wire, name->wire, name->len);
	do {
		before = found->cnames;
		*c = start;
		if (walk_answers(c, count, &want, type, found, answer) < 0)
			return -EBADMSG;
	} while (found->records == 0 && found->cnames > before);
	return 0;
}

/* The authority section of an answer without records: SOA tells how long "no" holds (RFC 2308 5), NS alone is a
 * referral (RFC 2308 2.2). */
static int read_authority(struct cursor *c, unsigned int count, uint32_t *ret_ttl_s, bool *ret_referral)
{
	struct record r;
	bool soa = false, ns = false;
	for (unsigned int i = 0; i < count; i++) {
		struct cursor inside;
		uint32_t minimum;
		if (i == RECORDS_MAX || read_record(c, &r) < 0)
			return -EBADMSG;
		ns = ns || r.type == DNS_NS;
		if (r.type != DNS_SOA)
			continue;
		soa = true;
		inside = *c;
		inside.pos = r.rdata_at;
		skip_name(&inside);
		skip_name(&inside);
		cursor_take(&inside, 16); /* serial, refresh, retry, expire */
		minimum = cursor_u32(&inside);
		if (inside.error || inside.pos != c->pos)
			return -EBADMSG;
		*ret_ttl_s = minimum < r.ttl_s ? minimum : r.ttl_s;
	}
	*ret_referral = ns && !soa;
	return 0;
}

static enum dns_outcome outcome_of_rcode(uint16_t rcode)
{
	switch (rcode) {
	case 1: /* FORMERR */
	case 4: /* NOTIMP */
		return DNS_FORMERR;
	case 5: /* REFUSED */
		return DNS_REFUSED;
	case 9: /* NOTAUTH */
		return DNS_LAME;
	default:
		return DNS_SERVFAIL;
	}
}

/* NOERROR and NXDOMAIN: what the sections say. */
static int read_sections(struct cursor *c, const struct dns_header *h, const struct dns_name *name, uint16_t type,
			 bool recursive, struct bulk_answer *answer)
{
	bool nxdomain = (h->flags & RCODE_MASK) == RCODE_NXDOMAIN, referral = false;
	struct found found = {.ttl_s = UINT32_MAX};
	if (read_answers(c, h->answers, name, type, &found, answer) < 0)
		return -EBADMSG;
	if (found.records == 0) {
		found.ttl_s = 0;
		if (read_authority(c, h->authorities, &found.ttl_s, &referral) < 0)
			return -EBADMSG;
	} else if (nxdomain) {
		return -EBADMSG; /* it is there and it is not: neither can be believed */
	}
	answer->ttl_s = found.ttl_s;
	/* a resolver that offers no recursion hands out referrals too: not a "no" */
	if (recursive ? referral && !(h->flags & (DNS_FLAG_AA | DNS_FLAG_RA)) : !(h->flags & DNS_FLAG_AA))
		answer->outcome = DNS_LAME;
	else
		answer->outcome = found.records ? DNS_ANSWER : nxdomain ? DNS_NXDOMAIN : DNS_NODATA;
	return 0;
}

int dns_message_read(struct span message, uint16_t id, const struct dns_name *name, uint16_t type, bool recursive,
		     struct bulk_answer *ret_answer)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	uint16_t rcode = h.flags & RCODE_MASK;
	int e;
	if (c.error)
		return message.len >= 2 && get16(message.at) == id ? -EBADMSG : -ENOMSG;
	if (h.id != id || !(h.flags & DNS_FLAG_QR) || h.flags & OPCODE_MASK)
		return -ENOMSG;
	e = check_question(&c, &h, name, type);
	if (e < 0)
		return e;
	if (h.flags & DNS_FLAG_TC)
		return -EMSGSIZE;
	ret_answer->a_count = 0;
	ret_answer->ttl_s = 0;
	ret_answer->authoritative = h.flags & DNS_FLAG_AA;
	if (rcode == RCODE_NOERROR || rcode == RCODE_NXDOMAIN)
		return read_sections(&c, &h, name, type, recursive, ret_answer);
	ret_answer->outcome = outcome_of_rcode(rcode);
	return 0;
}

static void skip_questions(struct cursor *c, const struct dns_header *h)
{
	for (unsigned int i = 0; i < h->questions && i < RECORDS_MAX; i++) {
		skip_name(c);
		cursor_take(c, 4);
	}
}

/* The strings of one TXT record, joined (RFC 1035 3.3.14). */
static int join_strings(struct span rdata, struct buf *out)
{
	struct cursor c = cursor_of(rdata);
	while (cursor_left(&c) > 0)
		buf_add(out, cursor_take(&c, cursor_u8(&c)));
	return c.error ? c.error : out->error ? -EBADMSG : 0;
}

int dns_message_txt(struct span message, struct buf *out, size_t max_texts, struct span *ret_texts)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	struct record r;
	size_t count = 0, start = out->len;
	skip_questions(&c, &h);
	for (unsigned int i = 0; i < h.answers && i < RECORDS_MAX && count < max_texts; i++) {
		size_t before = out->len;
		if (read_record(&c, &r) < 0)
			return -EBADMSG;
		if (r.type != DNS_TXT || r.class != CLASS_IN)
			continue;
		if (join_strings(r.rdata, out) < 0)
			return -EBADMSG;
		ret_texts[count++].len = out->len - before;
	}
	if (c.error)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) { /* only now: the buffer moves while it grows */
		ret_texts[i].at = ret_texts[i].len ? (const uint8_t *)out->at + start : NULL;
		start += ret_texts[i].len;
	}
	return (int)count;
}

/* The options of one OPT record (RFC 6891 6.1.2). */
static uint32_t read_options(struct span rdata)
{
	struct cursor c = cursor_of(rdata);
	uint32_t errors = 0;
	while (cursor_left(&c) >= 4) {
		uint16_t code = cursor_u16(&c);
		struct span option = cursor_take(&c, cursor_u16(&c));
		if (c.error)
			break;
		if (code == OPTION_EDE && option.len >= 2 && get16(option.at) < 32)
			errors |= 1u << get16(option.at);
	}
	return errors;
}

uint32_t dns_message_errors(struct span message)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	unsigned int count = (unsigned int)h.answers + h.authorities + h.additionals;
	struct record r;
	uint32_t errors = 0;
	skip_questions(&c, &h);
	for (unsigned int i = 0; i < count && i < RECORDS_MAX && read_record(&c, &r) == 0; i++)
		if (r.type == TYPE_OPT)
			errors |= read_options(r.rdata);
	return errors;
}

const char *dns_outcome_text(enum dns_outcome outcome)
{
	static const char *const texts[] = {
		[DNS_ANSWER] = "an answer",
		[DNS_NODATA] = "no data",
		[DNS_NXDOMAIN] = "no such name (NXDOMAIN)",
		[DNS_SERVFAIL] = "SERVFAIL",
		[DNS_REFUSED] = "REFUSED",
		[DNS_FORMERR] = "FORMERR",
		[DNS_LAME] = "a server that does not serve the zone",
		[DNS_MALFORMED] = "a malformed answer",
		[DNS_TIMEOUT] = "no answer in time",
		[DNS_NETWORK] = "the network did not carry the question",
	};
	return (size_t)outcome < sizeof(texts) / sizeof(texts[0]) ? texts[outcome] : "unknown";
}

/* Does one of the names own this record? */
static bool owned(const struct dns_name *owner, const struct dns_name *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (dns_name_equal(owner, &names[i]))
			return true;
	return false;
}

static void add_server_name(const struct cursor *c, const struct record *r, struct dns_delegation *d)
{
	if (d->name_count < DNS_DELEGATION_MAX && name_at(c, r->rdata_at, &d->names[d->name_count]) == 0)
		d->name_count++;
}

static void add_server_address(const struct record *r, struct dns_delegation *d)
{
	bool ip4 = r->type == DNS_A && r->rdata.len == 4, ip6 = r->type == DNS_AAAA && r->rdata.len == 16;
	if (d->addr_count < DNS_DELEGATION_MAX && (ip4 || ip6)) {
		struct addr *a = &d->addrs[d->addr_count++];
		*a = (struct addr){.family = ip4 ? 4 : 6};
		memcpy(a->octets, r->rdata.at, r->rdata.len);
	}
}

/* One pass over all records: the zone's NS names (glue: false), or the addresses of these names (glue: true). */
static int walk_delegation(struct span message, const struct dns_name *zone, struct dns_delegation *d, bool glue)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	unsigned count = (unsigned)h.answers + h.authorities + h.additionals;
	struct dns_name owner;
	struct record r;
	skip_questions(&c, &h);
	for (unsigned i = 0; i < count && i < RECORDS_MAX; i++) {
		if (read_record(&c, &r) < 0 || name_at(&c, r.owner_at, &owner) < 0)
			return -EBADMSG;
		if (!glue && r.type == DNS_NS && dns_name_equal(&owner, zone))
			add_server_name(&c, &r, d);
		else if (glue && owned(&owner, d->names, d->name_count))
			add_server_address(&r, d);
	}
	return 0;
}

int dns_message_delegation(struct span message, const struct dns_name *zone, struct dns_delegation *ret)
{
	struct dns_delegation d = {.name_count = 0, .addr_count = 0};
	int e = walk_delegation(message, zone, &d, false);
	if (e == 0 && d.name_count)
		e = walk_delegation(message, zone, &d, true);
	if (e == 0)
		*ret = d;
	return e;
}
