/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/spool.h"

void spool_message_clear(struct spool_message *m)
{
	const struct span none = {0};
	m->state = SPOOL_WAITS;
	m->id = m->sender = m->login = m->client = m->client_name = m->user = m->reason = none;
	m->uid = -1;
	m->recipient_count = m->done_count = 0;
	m->arrived_s = 0;
	m->size_octets = 0;
	m->has_sender = false;
	m->text_len = m->head_len = 0;
}

struct span spool_message_keep(struct spool_message *m, struct span text)
{
	uint8_t *to = m->texts + m->text_len;
	size_t len = text.len < SPOOL_TEXT_MAX ? text.len : SPOOL_TEXT_MAX;
	if (len > sizeof(m->texts) - m->text_len)
		len = sizeof(m->texts) - m->text_len;
	if (len == 0)
		return (struct span){0};
	memcpy(to, text.at, len);
	m->text_len += len;
	return span_of(to, len);
}

void spool_message_recipient(struct spool_message *m, struct span address)
{
	if (m->recipient_count < SPOOL_RECIPIENTS_KEPT)
		m->recipients[m->recipient_count] = spool_message_keep(m, address);
	m->recipient_count++;
}

void spool_message_head(struct spool_message *m, struct span piece)
{
	size_t len = sizeof(m->head) - m->head_len;
	if (len > piece.len)
		len = piece.len;
	if (len == 0)
		return;
	memcpy(m->head + m->head_len, piece.at, len);
	m->head_len += len;
}
