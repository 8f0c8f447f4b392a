/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as what a server says, in pieces: the session comes to an end, and says only commands that it knows. */
#include <stdlib.h>

#include "smtp/smtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say(struct smtp_client *c)
{
	static const char *const commands[] = {"EHLO h\r\n", "HELO h\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<u@d>\r\n",
					       "QUIT\r\n"};
	struct span out = smtp_client_output(c);
	bool known = out.len == 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		known |= span_equal(out, span_str(commands[i]));
	if (!known)
		abort();
	smtp_client_sent(c, out.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct smtp_envelope envelope = {.helo = "h", .from = "<>", .to = "<u@d>"};
	struct smtp_client c;
	smtp_client_begin(&c, &envelope, 0);
	for (size_t at = 0; at < size;) {
		size_t piece = 1 + data[at] % 37U;
		if (piece > size - at)
			piece = size - at;
		smtp_client_input(&c, span_of(data + at, piece), 1);
		say(&c);
		at += piece;
	}
	smtp_client_closed(&c);
	if (!smtp_client_ended(&c) || (c.error == 0 && c.settled.code == 0))
		abort();
	if (c.error == 0 && c.settled_at == SMTP_RCPT && strnlen(c.settled.text, sizeof(c.settled.text)) < 3)
		abort();
	return 0;
}
