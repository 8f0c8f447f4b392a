/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/terminal.h"

enum { LINE_MAX_OCTETS = 4096 }; /* a complaint is one line; longer ones are cut */

static char last[LINE_MAX_OCTETS];

const char *complain_last(void)
{
	return last;
}

int complain(int status, const char *format, ...)
{
	char text[LINE_MAX_OCTETS];
	struct buf line = buf_make((size_t)5 * LINE_MAX_OCTETS);
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	terminal_add_str(&line, text);
	fprintf(stderr, "offlist: %s\n", buf_text(&line));
	snprintf(last, sizeof(last), "%s", buf_text(&line));
	buf_release(&line);
	return status;
}

int complain_status(int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return EXIT_PERMISSION;
	case -EBADMSG:
	case -ENOENT:
		return EXIT_CONFIGURATION;
	case -EINVAL:
		return EXIT_USAGE;
	case -ENETDOWN:
	case -ENETUNREACH:
	case -ETIMEDOUT:
		return EXIT_CANNOT_TELL;
	default:
		return EXIT_IO;
	}
}
