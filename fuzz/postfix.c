/* SPDX-License-Identifier: BSD-2-Clause */
/* format_postfix, as each kind of daemon: whatever a line says, no field of its event lies outside it. */
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	lines_parsed(&format_postfix, "postfix/smtpd", data, size);
	lines_parsed(&format_postfix, "postfix/cleanup", data, size);
	lines_parsed(&format_postfix, "postfix/qmgr", data, size);
	lines_parsed(&format_postfix, "postfix/smtp", data, size);
	lines_parsed(&format_postfix, "postfix/local", data, size);
	lines_parsed(&format_postfix, "postfix/bounce", data, size);
	lines_parsed(&format_postfix, "postfix/mydaemon", data, size);
	return 0;
}
