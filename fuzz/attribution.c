/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that look like fields, in the places of log lines that strangers fill: who sent what where stays the same. The first
 * two octets choose line and place; then each octet is itself, or from 128 on a word of the table. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "planted.h"

enum { TEXT_MAX = 4096, PLANTED_MAX = 1800 /* of a command that servers take */ };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = buf_make(PLANTED_MAX);
	char what[TEXT_MAX];
	struct planted *place;
	size_t line;
	if (size < 2 || data[0] >= planted_lines())
		return 0;
	line = data[0];
	place = planted_new(line, data[1] % planted_places(line));
	for (size_t i = 2; i < size; i++) {
		if (data[i] >= 0x80)
			buf_add_str(&text, planted_word((data[i] - 0x80U) % planted_words()));
		else
			buf_add_char(&text, (char)data[i]);
	}
	if (place && !text.error && !planted_holds(place, buf_span(&text), what, sizeof(what))) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
	planted_free(place);
	buf_release(&text);
	return 0;
}
