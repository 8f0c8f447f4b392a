/* SPDX-License-Identifier: BSD-2-Clause */
#include "smtp/smtp_client.h"

#include <errno.h>
#include <stdio.h>

enum {
	/* Servers of one's own answer at once, or let strangers wait: postscreen for 6 s, others for up to 20. RFC 5321 section
	 * 4.5.3.2 has minutes, for mail that must get through. */
	REPLY_US = 25000000,
	QUIT_US = 2000000, /* its goodbye tells nothing */
};

const char *smtp_stage_text(enum smtp_stage stage)
{
	static const char *const names[] = {
		[SMTP_GREETING] = "the greeting",
		[SMTP_EHLO] = "EHLO",
		[SMTP_HELO] = "HELO",
		[SMTP_MAIL] = "MAIL",
		[SMTP_RCPT] = "RCPT",
		[SMTP_QUIT] = "QUIT",
		[SMTP_ENDED] = "QUIT",
	};
	return names[stage];
}

static void end(struct smtp_client *c, int error)
{
	if (c->stage != SMTP_QUIT && c->stage != SMTP_ENDED) {
		c->error = error;
		c->settled_at = c->stage;
	}
	c->stage = SMTP_ENDED;
	c->out_len = c->out_sent = 0;
	c->deadline_us = INT64_MAX;
}

static void say(struct smtp_client *c, enum smtp_stage stage, const char *command, const char *argument, int64_t now_us)
{
	int n = snprintf(c->out, sizeof(c->out), "%s%s\r\n", command, argument);
	if (n < 0 || (size_t)n >= sizeof(c->out) || strpbrk(argument, "\r\n")) {
		end(c, -E2BIG);
		return;
	}
	c->stage = stage;
	c->out_len = (size_t)n;
	c->out_sent = 0;
	c->deadline_us = now_us + (stage == SMTP_QUIT ? QUIT_US : REPLY_US);
}

static void settle(struct smtp_client *c, int64_t now_us)
{
	c->settled_at = c->stage;
	c->settled = c->reader.reply;
	say(c, SMTP_QUIT, "QUIT", "", now_us);
}

static void on_reply(struct smtp_client *c, int64_t now_us)
{
	unsigned int code = c->reader.reply.code;
	bool good = code / 100 == 2;
	switch (c->stage) {
	case SMTP_GREETING:
		if (good)
			say(c, SMTP_EHLO, "EHLO ", c->envelope->helo, now_us);
		else
			settle(c, now_us);
		break;
	case SMTP_EHLO:
	case SMTP_HELO:
		if (good)
			say(c, SMTP_MAIL, "MAIL FROM:", c->envelope->from, now_us);
		else if (c->stage == SMTP_EHLO && code / 100 == 5) /* RFC 5321 section 3.2: it does not know it */
			say(c, SMTP_HELO, "HELO ", c->envelope->helo, now_us);
		else
			settle(c, now_us);
		break;
	case SMTP_MAIL:
		if (good)
			say(c, SMTP_RCPT, "RCPT TO:", c->envelope->to, now_us);
		else
			settle(c, now_us);
		break;
	case SMTP_RCPT:
		settle(c, now_us);
		break;
	case SMTP_QUIT:
	case SMTP_ENDED:
		end(c, 0);
		break;
	}
}

void smtp_client_begin(struct smtp_client *c, const struct smtp_envelope *envelope, int64_t now_us)
{
	*c = (struct smtp_client){.envelope = envelope, .deadline_us = now_us + REPLY_US};
}

struct span smtp_client_output(const struct smtp_client *c)
{
	return c->out_sent < c->out_len ? span_of(c->out + c->out_sent, c->out_len - c->out_sent)
					: (struct span){NULL, 0};
}

void smtp_client_sent(struct smtp_client *c, size_t octets)
{
	c->out_sent += octets;
}

void smtp_client_input(struct smtp_client *c, struct span input, int64_t now_us)
{
	while (input.len && !smtp_client_ended(c)) {
		int rc = smtp_reader_add(&c->reader, &input);
		if (rc < 0)
			end(c, rc);
		else if (rc > 0)
			on_reply(c, now_us);
	}
}

void smtp_client_closed(struct smtp_client *c)
{
	if (!smtp_client_ended(c))
		end(c, -ECONNRESET);
}

void smtp_client_due(struct smtp_client *c, int64_t now_us)
{
	if (!smtp_client_ended(c) && now_us >= c->deadline_us)
		end(c, -ETIMEDOUT);
}
