/* SPDX-License-Identifier: BSD-2-Clause */
/* The address that receivers quote, from one run to another. */
#include "cli/quoted.h"

#include "cli/command.h"

static const char fact[] = "quoted_address";
static const int64_t age_max_ms = INT64_C(30) * 86400000;

void quoted_keep(struct store *s, const char *address, int64_t now_ms)
{
	struct error err = {{0}};
	if (s && address && store_fact_put(s, fact, now_ms, span_str(address), &err) < 0)
		complain(0, "%s", err.text);
}

bool quoted_known(struct store *s, int64_t now_ms, struct addr *ret_addr)
{
	struct buf text = buf_make(256);
	struct addr a = {0};
	int64_t at_ms = 0;
	bool known = s && store_fact_get(s, fact, &text, &at_ms, NULL) == 0 && now_ms - at_ms < age_max_ms &&
		     addr_parse(buf_span(&text), &a) == 0 &&
		     (addr_kind(&a) == ADDR_PUBLIC || addr_kind(&a) == ADDR_DOCUMENTATION);
	buf_release(&text);
	if (known)
		*ret_addr = a;
	return known;
}
