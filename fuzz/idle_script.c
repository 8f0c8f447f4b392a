/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a file of PHP: what does nothing as a beginning does nothing as a whole. */
#include <stdlib.h>

#include "probe/idle_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size);
	idle_script_is_php(text);
	if (idle_script(text, false) && !idle_script(text, true))
		abort();
	return 0;
}
