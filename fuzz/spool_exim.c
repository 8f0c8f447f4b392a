/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a spool file of Exim, its journal and its message log: it comes to an end within its bounds. */
#include <stdlib.h>

#include "mta/spool_exim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spool_message m;
	struct span text = span_of(data, size);
	spool_message_clear(&m);
	if (!spool_exim_read(&m, text, text) && !m.has_sender)
		abort();
	if (m.head_len > size || m.text_len > sizeof(m.texts))
		abort();
	spool_message_clear(&m);
	spool_exim_log(&m, text);
	return 0;
}
