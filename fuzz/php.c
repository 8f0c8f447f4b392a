/* SPDX-License-Identifier: BSD-2-Clause */
/* format_php: whatever a line says, no field of its event lies outside it. */
#include "line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		struct log_line l = {.raw = {rest.at, end}, .program = span_str("php"), .text = {rest.at, end}};
		struct mail_event e;
		if (format_php.claims(&l) && format_php.parse(&l, 0, WANT_CONNECTIONS, &e) == LINE_EVENT)
			event_inside(&e, l.raw);
		rest = span_from(rest, end + 1);
	}
	return 0;
}
