/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/connections.h"

#include "base/ascii.h"

bool connection_is_mail_port(uint16_t port)
{
	return port == 25 || port == 465 || port == 587;
}

static bool word_next(struct span *rest, struct span *ret_word)
{
	size_t len = 0;
	while (rest->len && rest->at[0] == ' ')
		*rest = span_from(*rest, 1);
	while (len < rest->len && rest->at[len] != ' ')
		len++;
	*ret_word = span_of(rest->at, len);
	*rest = span_from(*rest, len);
	return len > 0;
}

static bool hex(struct span text, size_t digits, uint32_t *ret_value)
{
	*ret_value = 0;
	if (text.len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		uint8_t c = ascii_lower(text.at[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*ret_value = *ret_value << 4 | (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}

/* The kernel prints each four octets of an address as a number of this machine's byte order. */
static bool endpoint(struct span text, struct endpoint *ret)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */
	size_t digits = span_find(text, ':');
	uint32_t word;
	*ret = (struct endpoint){.addr.family = digits == 8 ? 4 : 6};
	if ((digits != 8 && digits != 32) || text.len != digits + 5)
		return false;
	for (size_t i = 0; i < digits / 8; i++) {
		if (!hex(span_from(text, 8 * i), 8, &word))
			return false;
		memcpy(ret->addr.octets + 4 * i, &word, sizeof(word));
	}
	if (!hex(span_from(text, digits + 1), 4, &word))
		return false;
	ret->port = (uint16_t)word;
	if (digits == 32 && memcmp(ret->addr.octets, mapped, sizeof(mapped)) == 0) {
		struct addr v4 = {.family = 4};
		memcpy(v4.octets, ret->addr.octets + 12, 4);
		ret->addr = v4;
	}
	return true;
}

/* include/net/tcp_states.h */
static enum connection_state state_of(uint32_t number)
{
	return number == 1    ? CONNECTION_OPEN
	       : number == 2  ? CONNECTION_OPENING
	       : number == 10 ? CONNECTION_LISTENS
			      : CONNECTION_CLOSING;
}

/* "0: 0100007F:0019 0200007F:8F4C 01 00000000:00000000 00:00000000 00000000 1000 0 12345 ..." */
static bool read_line(struct span line, struct connection *c)
{
	struct span word, state, uid;
	uint32_t number;
	uint64_t value;
	if (!word_next(&line, &word) || !word_next(&line, &word) || !endpoint(word, &c->local) ||
	    !word_next(&line, &word) || !endpoint(word, &c->remote))
		return false;
	if (!word_next(&line, &state) || state.len != 2 || !hex(state, 2, &number))
		return false;
	for (int i = 0; i < 3; i++)
		if (!word_next(&line, &word))
			return false;
	if (!word_next(&line, &uid) || ascii_parse_u64(uid, UINT32_MAX, &value) < 0)
		return false;
	c->state = state_of(number);
	c->uid = (uint32_t)value;
	return word_next(&line, &word) && word_next(&line, &word) && ascii_parse_u64(word, UINT64_MAX, &c->inode) == 0;
}

bool connection_next(struct span *rest, struct connection *ret_connection)
{
	while (rest->len) {
		struct span line = span_of(rest->at, span_find(*rest, '\n'));
		*rest = span_from(*rest, line.len + 1);
		if (read_line(line, ret_connection))
			return true;
	}
	return false;
}
