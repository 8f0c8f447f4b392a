/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a receiver's reply: classified, twice alike (the second time from what was kept), and folded. The first
 * octet parts the name of the relay from the reply. */
#include <stdlib.h>

#include "receivers/receivers.h"

enum { TEMPLATE_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct receivers *built_in(void)
{
	static struct receivers *r;
	static struct catalogue *c;
	const struct catalogue_config none = {0};
	if (!r &&
	    (catalogue_load(&none, NULL, NULL, &c, NULL) < 0 || receivers_load(c, NULL, NULL, NULL, &r, NULL) < 0))
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = size ? data[0] % 64 : 0;
	struct span all = size ? span_of(data + 1, size - 1) : span_str("");
	struct span relay = span_of(all.at, cut < all.len ? cut : 0), reply = span_from(all, relay.len);
	struct buf folded = buf_make(TEMPLATE_MAX);
	struct reply_match first, second;
	receivers_match(built_in(), relay, 0, (struct span){0}, reply, &first);
	receivers_match(built_in(), relay, 0, (struct span){0}, reply, &second);
	if (first.means != second.means || first.receiver != second.receiver || first.list != second.list ||
	    !span_equal(first.address, second.address) || !span_equal(first.url, second.url) ||
	    !span_equal(first.domain, second.domain) || !first.receiver_name || !second.receiver_name)
		abort();
	if (first.means == REPLY_LISTED_PUBLIC && !first.zone.len && !first.receiver)
		abort();
	reply_template(reply, &folded);
	buf_release(&folded);
	return 0;
}
