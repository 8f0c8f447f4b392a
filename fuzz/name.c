/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names: text to wire and back gives the same name. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "dns/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct addr reversed = {.family = 6};
	struct dns_name name, again, out;
	char text[DNS_NAME_TEXT_SIZE];
	if (dns_name_parse(span_of(data, size), &name) < 0)
		return 0;
	dns_name_text(&name, text);
	if (dns_name_parse(span_str(text), &again) < 0 || again.len != name.len ||
	    memcmp(again.wire, name.wire, name.len) != 0)
		abort();
	if (!dns_name_equal(&name, &again) || !dns_name_under(&name, &again))
		abort();
	if (dns_name_reverse(&reversed, &name, &out) == 0 && !dns_name_under(&out, &name))
		abort();
	if (dns_name_join(&name, &again, &out) == 0 && !dns_name_under(&out, &name))
		abort();
	return 0;
}
