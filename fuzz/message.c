/* SPDX-License-Identifier: BSD-2-Clause */
/* Responses: the whole input as a response to 2.0.0.127.bl.example, with the id that it names itself. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "dns/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(struct span message, uint16_t id, uint16_t type, bool recursive)
{
	struct bulk_answer answer = {.outcome = (enum dns_outcome)99};
	struct dns_name name;
	int r;
	if (dns_name_parse(span_str("2.0.0.127.bl.example"), &name) < 0)
		abort();
	r = dns_message_read(message, id, &name, type, recursive, &answer);
	if (r != 0 && r != -EBADMSG && r != -ENOMSG && r != -EMSGSIZE)
		abort();
	if (r == 0 && (answer.outcome > DNS_LAME || answer.a_count > BULK_A_MAX ||
		       (type == DNS_A && answer.outcome == DNS_ANSWER && answer.a_count == 0)))
		abort();
	dns_outcome_text(answer.outcome);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = span_of(data, size), texts[4];
	uint16_t id = size >= 2 ? (uint16_t)(data[0] << 8 | data[1]) : 0;
	struct buf out = buf_make(1000);
	int n;
	read_as(message, id, DNS_A, true);
	read_as(message, id, DNS_TXT, false);
	n = dns_message_txt(message, &out, 4, texts);
	for (int i = 0; i < n; i++)
		if (texts[i].len && (texts[i].at < (const uint8_t *)out.at ||
				     texts[i].at + texts[i].len > (const uint8_t *)out.at + out.len))
			abort();
	dns_message_errors(message);
	buf_release(&out);
	return 0;
}
