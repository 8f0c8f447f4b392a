/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_NET_CONN_H
#define OFFLIST_NET_CONN_H

#include "net/addr.h"

/* A TCP connection whose steps do not wait; the loop (net/loop.h) waits for its descriptor. */

/** Begin it; ready to write when it is there or failed. @return 0; -errno. */
int conn_begin(const struct endpoint *to, int *ret_fd);
/** Once it is ready to write. @return 0: it is there; -EINPROGRESS: not yet; -errno. */
int conn_outcome(int fd);
/** @return octets read; 0: none now; -ECONNRESET: it was closed; -errno. */
int conn_read(int fd, void *at, size_t size);
/** @return octets sent; 0: none now; -errno. */
int conn_write(int fd, struct span data);
/** -1 is taken. */
void conn_close(int fd);

#endif
