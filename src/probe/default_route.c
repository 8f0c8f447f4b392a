/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/default_route.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "sys/files.h"

enum { ROUTES_OCTETS_MAX = 1 << 20, COLUMNS = 3 };

/* Eight hexadecimal digits: the four octets as a number of this machine's (proc_net(5)). */
static bool parse_hex(struct span text, uint32_t *ret_value)
{
	uint32_t value = 0;
	if (text.len != 8)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i] | 0x20;
		unsigned int digit = c >= 'a' && c <= 'f' ? c - 'a' + 10U : c - (unsigned int)'0';
		if (digit > 15)
			return false;
		value = value << 4 | digit;
	}
	*ret_value = value;
	return true;
}

/* Interface, destination, gateway. */
static size_t split(struct span line, struct span columns[COLUMNS])
{
	size_t count = 0;
	while (count < COLUMNS && line.len) {
		size_t end = span_find(line, '\t');
		columns[count++] = span_trim(span_of(line.at, end));
		line = span_from(line, end + 1);
	}
	return count;
}

struct addr default_route_parse(struct span routes)
{
	struct addr found = {0};
	while (routes.len) {
		size_t end = span_find(routes, '\n');
		struct span columns[COLUMNS];
		uint32_t destination, gateway;
		if (split(span_of(routes.at, end), columns) == COLUMNS && parse_hex(columns[1], &destination) &&
		    parse_hex(columns[2], &gateway) && destination == 0 && gateway != 0) {
			found.family = 4;
			memcpy(found.octets, &gateway, sizeof(gateway));
			return found;
		}
		routes = span_from(routes, end + 1);
	}
	return found;
}

/* Docker and Podman leave a file; what else starts containers seldom publishes ports through a proxy. */
static bool is_container(const char *root)
{
	static const char *const marks[] = {"/.dockerenv", "/run/.containerenv"};
	char path[PATH_MAX];
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (snprintf(path, sizeof(path), "%s%s", root, marks[i]) < PATH_MAX && access(path, F_OK) == 0)
			return true;
	return false;
}

struct addr default_route_of_container(const char *root)
{
	struct buf text = buf_make(ROUTES_OCTETS_MAX);
	struct addr found = {0};
	char path[PATH_MAX];
	if (is_container(root) && snprintf(path, sizeof(path), "%s/proc/net/route", root) < PATH_MAX &&
	    files_read(path, 0, &text, NULL, NULL) == 0)
		found = default_route_parse(buf_span(&text));
	buf_release(&text);
	return found;
}
