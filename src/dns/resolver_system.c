/* SPDX-License-Identifier: BSD-2-Clause */
/* resolv.conf(5), as far as it names servers. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "dns/resolver.h"

enum { FILE_MAX = 65536 /* octets read; its lines that matter stand in the first few hundred */ };

static int read_file(const char *path, uint8_t *data, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 1;
	int r = 0;
	if (fd < 0)
		return -errno;
	while (n > 0 && len < FILE_MAX) {
		n = read(fd, data + len, FILE_MAX - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0)
			r = -errno;
	}
	close(fd);
	*ret_len = len;
	return r;
}

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
	uint8_t data[FILE_MAX];
	struct endpoint server = {0};
	struct span rest;
	size_t len = 0, count = 0, end;
	int r = read_file(path, data, &len);
	if (r < 0 && r != -ENOENT)
		return r;
	for (rest = span_of(data, len); rest.len && count < max; rest = span_from(rest, end + 1)) {
		end = span_find(rest, '\n');
		if (read_line(span_of(rest.at, end), &server))
			ret_servers[count++] = server;
	}
	if (count == 0 && max > 0)
		ret_servers[count++] = (struct endpoint){.addr = {.family = 4, .octets = {127, 0, 0, 1}}, .port = 53};
	*ret_count = count;
	return 0;
}
