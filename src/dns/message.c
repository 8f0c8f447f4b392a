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
	OPCODE_MASK = 0x7800,
	RCODE_MASK = 0x000f,
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
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

struct record {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl_s;
	struct span rdata;
	size_t rdata_at; /* offset in the message, for names inside */
};

static int read_record(struct cursor *c, struct record *ret)
{
	if (read_name(c, &ret->owner) < 0)
		return -EBADMSG;
	ret->type = cursor_u16(c);
	ret->class = cursor_u16(c);
	ret->ttl_s = cursor_u32(c);
	if (ret->ttl_s > INT32_MAX)
		ret->ttl_s = 0; /* RFC 2181 8 */
	uint16_t len = cursor_u16(c);
	ret->rdata_at = c->pos;
	ret->rdata = cursor_take(c, len);
	return c->error;
}

static struct dns_header read_header(struct cursor *c)
{
	struct dns_header h;
	h.id = cursor_u16(c);
	h.flags = cursor_u16(c);
	h.questions = cursor_u16(c);
	h.answers = cursor_u16(c);
	h.authorities = cursor_u16(c);
	h.additionals = cursor_u16(c);
	return h;
}

/* Is this the echo of our question? A refusing server may leave the section out altogether. */
static int check_question(struct cursor *c, const struct dns_header *h, const struct dns_name *name, uint16_t type)
{
	struct span echo;
	uint16_t rcode = h->flags & RCODE_MASK;
	if (h->questions == 0 && h->answers == 0 && rcode != 0 && rcode != 3)
		return 0;
	if (h->questions != 1)
		return -ENOMSG;
	echo = cursor_take(c, name->len);
	if (c->error || !span_equal_nocase(echo, span_of(name->wire, name->len)))
		return -ENOMSG;
	return cursor_u16(c) == type && cursor_u16(c) == CLASS_IN && !c->error ? 0 : -ENOMSG;
}

static void least_ttl(struct bulk_answer *answer, uint32_t ttl_s)
{
	if (answer->ttl_s == 0 || ttl_s < answer->ttl_s)
		answer->ttl_s = ttl_s;
}

/* Walk the answer section along CNAMEs; records of the type at the end of the chain are counted. */
static int read_answers(struct cursor *c, unsigned count, const struct dns_name *name, uint16_t type,
			struct bulk_answer *answer, unsigned *ret_found)
{
	struct dns_name want = *name;
	struct record r;
	int cnames = 0;
	*ret_found = 0;
	for (unsigned i = 0; i < count && i < RECORDS_MAX; i++) {
		if (read_record(c, &r) < 0)
			return -EBADMSG;
		if (r.class != CLASS_IN || !dns_name_equal(&r.owner, &want))
			continue;
		if (r.type == TYPE_CNAME && type != TYPE_CNAME) {
			struct cursor inside = *c;
			inside.pos = r.rdata_at;
			if (++cnames > CNAMES_MAX || read_name(&inside, &want) < 0)
				return -EBADMSG;
			least_ttl(answer, r.ttl_s);
		} else if (r.type == type) {
			if (type == DNS_A && r.rdata.len != 4)
				return -EBADMSG;
			if (type == DNS_A && answer->a_count < BULK_A_MAX)
				answer->a[answer->a_count++] = (uint32_t)r.rdata.at[0] << 24 |
							       (uint32_t)r.rdata.at[1] << 16 |
							       (uint32_t)r.rdata.at[2] << 8 | r.rdata.at[3];
			least_ttl(answer, r.ttl_s);
			++*ret_found;
		}
	}
	return c->error;
}

/* The authority section of an answer without records: SOA tells how long "no" holds (RFC 2308 5), NS alone is a
 * referral (RFC 2308 2.2). */
static void read_authority(struct cursor *c, unsigned count, struct bulk_answer *answer, bool *ret_soa, bool *ret_ns)
{
	struct record r;
	struct dns_name skip;
	*ret_soa = *ret_ns = false;
	for (unsigned i = 0; i < count && i < RECORDS_MAX && read_record(c, &r) == 0; i++) {
		*ret_ns = *ret_ns || r.type == DNS_NS;
		if (r.type != DNS_SOA)
			continue;
		struct cursor inside = *c;
		inside.pos = r.rdata_at;
		*ret_soa = true;
		if (read_name(&inside, &skip) < 0 || read_name(&inside, &skip) < 0)
			continue;
		cursor_take(&inside, 16);
		uint32_t minimum = cursor_u32(&inside);
		if (!inside.error)
			answer->ttl_s = minimum < r.ttl_s ? minimum : r.ttl_s;
	}
}

static enum dns_outcome outcome_of_rcode(uint16_t rcode)
{
	switch (rcode) {
	case 1: /* FORMERR */
	case 4: /* NOTIMP */
		return DNS_FORMERR;
	case 3:
		return DNS_NXDOMAIN;
	case 5: /* REFUSED */
		return DNS_REFUSED;
	default:
		return DNS_SERVFAIL;
	}
}

int dns_message_read(struct span message, uint16_t id, const struct dns_name *name, uint16_t type, bool recursive,
		     struct bulk_answer *ret_answer)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	uint16_t rcode = h.flags & RCODE_MASK;
	unsigned found = 0;
	bool soa = false, ns = false;
	if (c.error)
		return message.len >= 2 && (message.at[0] << 8 | message.at[1]) == id ? -EBADMSG : -ENOMSG;
	if (h.id != id || !(h.flags & DNS_FLAG_QR) || h.flags & OPCODE_MASK || check_question(&c, &h, name, type) < 0)
		return -ENOMSG;
	if (h.flags & DNS_FLAG_TC)
		return -EMSGSIZE;
	ret_answer->a_count = 0;
	ret_answer->ttl_s = 0;
	ret_answer->authoritative = h.flags & DNS_FLAG_AA;
	if (rcode != 0 && rcode != 3) {
		ret_answer->outcome = outcome_of_rcode(rcode);
		return 0;
	}
	if (read_answers(&c, h.answers, name, type, ret_answer, &found) < 0)
		return -EBADMSG;
	if (found == 0)
		read_authority(&c, h.authorities, ret_answer, &soa, &ns);
	if (!recursive && !ret_answer->authoritative && (found || !soa)) {
		ret_answer->outcome = DNS_LAME;
		return 0;
	}
	ret_answer->outcome = found ? DNS_ANSWER : rcode == 3 ? DNS_NXDOMAIN : DNS_NODATA;
	return 0;
}

int dns_message_txt(struct span message, struct buf *out, size_t max_texts, struct span *ret_texts)
{
	struct cursor c = cursor_of(message);
	struct dns_header h = read_header(&c);
	struct dns_name skip;
	struct record r;
	size_t count = 0, starts[16];
	for (unsigned i = 0; i < h.questions && i < RECORDS_MAX; i++) {
		if (read_name(&c, &skip) < 0)
			return -EBADMSG;
		cursor_take(&c, 4);
	}
	max_texts = max_texts > 16 ? 16 : max_texts;
	for (unsigned i = 0; i < h.answers && i < RECORDS_MAX && count < max_texts; i++) {
		if (c.error || read_record(&c, &r) < 0)
			return -EBADMSG;
		if (r.type != DNS_TXT || r.class != CLASS_IN)
			continue;
		starts[count] = out->len;
		for (struct cursor t = cursor_of(r.rdata); cursor_left(&t);)
			buf_add(out, cursor_take(&t, cursor_u8(&t)));
		ret_texts[count].len = out->len - starts[count];
		count++;
	}
	if (out->error || c.error)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) /* the buffer may have moved while it grew */
		ret_texts[i].at = (const uint8_t *)out->at + starts[i];
	return (int)count;
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
	return texts[outcome];
}
