/* SPDX-License-Identifier: BSD-2-Clause */
/* format_qmail: whatever a line says, no field of its event lies outside it. */
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	lines_parsed(&format_qmail, "qmail", data, size);
	return 0;
}
