/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard output and its failures. */
#include "cli/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"

static int failed; /* the first failure, negative errno */
static bool used;

static int note(int error)
{
	if (!failed)
		failed = error ? -error : -EIO;
	return failed;
}

int output_write(struct span text)
{
	if (failed)
		return failed;
	used = used || text.len;
	errno = 0;
	if (text.len && fwrite(text.at, 1, text.len, stdout) != text.len)
		return note(errno);
	return fflush(stdout) ? note(errno) : 0;
}

bool output_used(void)
{
	return used;
}

/* stdio forgets why an earlier write failed; a pipe without a reader still shows it. */
static bool reader_is_gone(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};
	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

int output_close(int status)
{
	errno = 0;
	if (ferror(stdout))
		note(EIO);
	if (fclose(stdout) != 0 && errno != EBADF)
		note(errno);
	if (!failed)
		return status;
	if (failed == -EPIPE || reader_is_gone()) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return complain(EXIT_IO, "standard output: %s", strerror(-failed));
}
