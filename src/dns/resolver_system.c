/* SPDX-License-Identifier: BSD-2-Clause */
/* resolv.conf(5), as far as it names servers. */
#include <errno.h>

#include "base/ascii.h"
#include "dns/resolver.h"
#include "sys/files.h"

enum { FILE_MAX = 65536 /* octets read; its lines that matter stand in the first few hundred */ };

/** "nameserver ADDRESS"; a zone index ("fe80::1%eth0") is dropped, an endpoint has no place for it. */
static bool read_line(struct span line, struct endpoint *ret_server)
{
	static const char keyword[] = "nameserver";
	const size_t n = sizeof(keyword) - 1;
	struct span value;
	size_t end = 0;
	line = span_trim(line);
	if (line.len <= n || memcmp(line.at, keyword, n) != 0 || !ascii_is_space(line.at[n]))
		return false;
	value = span_trim(span_from(line, n));
	while (end < value.len && !ascii_is_space(value.at[end]) && value.at[end] != '%')
		end++;
	ret_server->port = 53;
	return addr_parse(span_of(value.at, end), &ret_server->addr) == 0;
}

int resolver_system(const char *path, struct endpoint *ret_servers, size_t max, size_t *ret_count)
{
	struct buf text = buf_make(FILE_MAX);
	struct endpoint server = {0};
	struct span rest;
	size_t count = 0, end;
	int r = files_read(path, FILES_CUT, &text, NULL, NULL);
	if (r < 0 && r != -ENOENT) {
		buf_release(&text);
		return r;
	}
	for (rest = buf_span(&text); rest.len && count < max; rest = span_from(rest, end + 1)) {
		end = span_find(rest, '\n');
		if (read_line(span_of(rest.at, end), &server))
			ret_servers[count++] = server;
	}
	buf_release(&text);
	if (count == 0 && max > 0)
		ret_servers[count++] = (struct endpoint){.addr = {.family = 4, .octets = {127, 0, 0, 1}}, .port = 53};
	*ret_count = count;
	return 0;
}
