/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, prefixes and endpoints: what is read is written back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size);
	struct addr a, a2;
	struct prefix p, p2;
	struct endpoint e, e2;
	char out[ENDPOINT_TEXT_SIZE];
	if (addr_parse(text, &a) == 0) {
		addr_text(&a, out);
		if (addr_parse(span_str(out), &a2) < 0 || !addr_equal(&a, &a2))
			abort();
		addr_kind_text(addr_kind(&a));
	}
	if (prefix_parse(text, &p) == 0) {
		prefix_text(&p, out);
		if (prefix_parse(span_str(out), &p2) < 0 || !addr_equal(&p.addr, &p2.addr) || p.bits != p2.bits ||
		    !prefix_contains(&p, &p.addr))
			abort();
	}
	if (endpoint_parse(text, 53, &e) == 0) {
		endpoint_text(&e, out);
		if (endpoint_parse(span_str(out), 53, &e2) < 0 || !addr_equal(&e.addr, &e2.addr) || e.port != e2.port)
			abort();
	}
	return 0;
}
