/* SPDX-License-Identifier: BSD-2-Clause */
/* format_stalwart: whatever a line says, no field of its event lies outside it. */
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	lines_parsed(&format_stalwart, "", data, size);
	return 0;
}
