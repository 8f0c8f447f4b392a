/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file's first octets say of it. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "logread/source_blocks.h"
#include "logread/source_internal.h"

enum {
	SNIFF_OCTETS = 4096,
	STRANGE_OF = 20, /* a log has one strange octet of so many at most */
};

static int sniff_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static bool is_control(uint8_t c)
{
	return c && c < 0x20 && !ascii_is_space(c) && c != 0x1b;
}

/* No NUL in it but for a hole that a crash left, which is at the beginning or small. */
static bool is_text(struct span text)
{
	size_t nuls = 0, controls = 0;
	for (size_t i = 0; i < text.len; i++) {
		nuls += text.at[i] == 0;
		controls += is_control(text.at[i]);
	}
	return controls * STRANGE_OF <= text.len && (!nuls || text.at[0] == 0 || nuls * STRANGE_OF <= text.len);
}

static bool is_journal(struct span text)
{
	static const char mark[] = "LPKSHHRH";
	return memcmp(text.at, mark, text.len < sizeof(mark) - 1 ? text.len : sizeof(mark) - 1) == 0;
}

bool source_looks_like_log(const char *path)
{
	struct blocks *b;
	struct span first;
	bool is;
	int fd = sniff_open(path);
	if (fd < 0)
		return errno == EACCES; /* that it cannot be read is worth telling */
	if (blocks_open(fd, false, SNIFF_OCTETS, &b) < 0)
		return false;
	is = blocks_next(b, &first) == 1;
	if (is) {
		first = span_of(first.at, first.len < SNIFF_OCTETS ? first.len : SNIFF_OCTETS);
		is = is_text(first) && !is_journal(first);
	}
	blocks_free(b);
	return is;
}
