/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/conn.h"

#include <errno.h>
#include <unistd.h>

int conn_begin(const struct endpoint *to, int *ret_fd)
{
	struct sockaddr_storage sa;
	socklen_t len = endpoint_sockaddr(to, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), rc;
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS) {
		rc = -errno;
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int conn_outcome(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	if (error == 0 && getpeername(fd, (struct sockaddr *)&peer, &peer_len) < 0)
		return -EINPROGRESS;
	return -error;
}

int conn_read(int fd, void *at, size_t size)
{
	ssize_t n = recv(fd, at, size, 0);
	if (n > 0)
		return (int)n;
	if (n == 0)
		return -ECONNRESET;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int conn_write(int fd, struct span data)
{
	ssize_t n = send(fd, data.at, data.len, MSG_NOSIGNAL);
	if (n >= 0)
		return (int)n;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

void conn_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
