/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as the kernel's table of connections: lines that are none are passed over, and it comes to an end. */
#include <stdlib.h>

#include "probe/connections.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);
	struct connection c;
	size_t count = 0;
	while (connection_next(&rest, &c)) {
		if ((c.local.addr.family != 4 && c.local.addr.family != 6) || c.remote.addr.family == 0)
			abort();
		count++;
	}
	if (rest.len || count > size)
		abort();
	return 0;
}
