/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { PACKET = 512, DELAYED_MAX = 256 };

struct delayed {
	int64_t at_us;
	struct sockaddr_storage to;
	socklen_t to_len;
	size_t len;
	uint8_t packet[PACKET];
};

static bool chance(struct peer *p, unsigned int percent)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 17;
	p->random ^= p->random << 5;
	return p->random % 100 < percent;
}

/* Turn a question into its answer. @return octets */
static size_t answer_to(struct peer *p, uint8_t *m, size_t len, bool over_tcp)
{
	unsigned int id = (unsigned int)(m[0] << 8 | m[1]) & 1023, seen = p->seen[id]++;
	bool listed = (m[12 + m[12]] & 1) != 0; /* the last digit of the first label */
	m[2] = (uint8_t)(0x80 | (p->script.no_authority ? 0 : 0x04) | (m[2] & 1));
	m[3] = listed ? 0 : 3;
	if (p->script.rcode && (!p->script.rcode_tries || seen < p->script.rcode_tries)) {
		m[3] = (uint8_t)p->script.rcode;
		return len;
	}
	if (p->script.malformed || (p->script.malformed_once && seen == 0)) {
		m[7] = 1; /* an answer that is not there */
		m[3] = 0;
		return len;
	}
	if (p->script.truncated && !over_tcp) {
		m[2] |= 2;
		return len;
	}
	if (listed) {
		static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 2};
		m[7] = 1;
		memcpy(m + len, record, sizeof(record));
		len += sizeof(record);
	}
	return len;
}

static void send_answer(struct peer *p, const struct delayed *d)
{
	uint8_t forged[PACKET];
	for (unsigned int i = 0; i < (p->script.copies ? p->script.copies : 1); i++) {
		if (chance(p, p->script.loss_percent))
			continue;
		memcpy(forged, d->packet, d->len);
		if (p->script.wrong_id_first) {
			forged[0] ^= 0x55;
			sendto(p->udp, forged, d->len, 0, (const struct sockaddr *)&d->to, d->to_len);
		}
		if (p->script.wrong_question_first) {
			forged[0] = d->packet[0];
			forged[13] = 'x';
			sendto(p->udp, forged, d->len, 0, (const struct sockaddr *)&d->to, d->to_len);
		}
		sendto(p->udp, d->packet, d->len, 0, (const struct sockaddr *)&d->to, d->to_len);
	}
}

static void serve_udp(struct peer *p, struct delayed *queue, size_t *count)
{
	for (;;) {
		struct delayed *d = &queue[*count];
		ssize_t n;
		if (*count == DELAYED_MAX)
			return;
		d->to_len = sizeof(d->to);
		n = recvfrom(p->udp, d->packet, PACKET - 32, MSG_DONTWAIT, (struct sockaddr *)&d->to, &d->to_len);
		if (n < 0)
			return;
		p->questions++;
		if (p->script.silent || chance(p, p->script.loss_percent))
			continue;
		if (p->script.silent_tries) {
			uint8_t *seen = &p->seen[(d->packet[0] << 8 | d->packet[1]) & 1023];
			if ((*seen)++ < p->script.silent_tries)
				continue;
		}
		d->len = answer_to(p, d->packet, (size_t)n, false);
		d->at_us = clock_mono_us() + p->script.delay_us;
		++*count;
	}
}

static void serve_tcp(struct peer *p)
{
	uint8_t m[2 + PACKET];
	size_t len;
	int fd = accept(p->tcp, NULL, NULL);
	if (fd < 0)
		return;
	p->tcp_questions++;
	if (!p->script.tcp_refuses && recv(fd, m, 2, MSG_WAITALL) == 2) {
		len = (size_t)m[0] << 8 | m[1];
		if (len < PACKET - 32 && recv(fd, m + 2, len, MSG_WAITALL) == (ssize_t)len) {
			len = answer_to(p, m + 2, len, true);
			m[0] = (uint8_t)(len >> 8);
			m[1] = (uint8_t)len;
			if (p->script.tcp_silent)
				usleep(300000);
			else if (send(fd, m, 1, MSG_NOSIGNAL) == 1) { /* in two parts */
				usleep(1000);
				send(fd, m + 1, 1 + len, MSG_NOSIGNAL);
			}
		}
	}
	close(fd);
}

static void *peer_run(void *arg)
{
	struct peer *p = arg;
	struct delayed *queue = calloc(DELAYED_MAX + 1, sizeof(*queue));
	size_t count = 0;
	while (queue && !p->stop) {
		struct pollfd fds[] = {{p->udp, POLLIN, 0}, {p->tcp, POLLIN, 0}};
		size_t kept = 0;
		poll(fds, 2, count ? 1 : 20);
		if (fds[1].revents)
			serve_tcp(p);
		serve_udp(p, queue, &count);
		for (size_t i = 0; i < count; i++) {
			if (queue[i].at_us <= clock_mono_us())
				send_answer(p, &queue[i]);
			else if (kept++ != i)
				queue[kept - 1] = queue[i];
		}
		count = kept;
	}
	free(queue);
	return NULL;
}

void peer_start(struct peer *p, const char *address, const struct peer_script *script)
{
	struct sockaddr_storage sa;
	socklen_t len;
	*p = (struct peer){.script = *script, .random = 20261124};
	if (addr_parse(span_str(address), &p->at.addr) < 0)
		abort();
	for (int tries = 0; tries < 20; tries++) { /* one port number, free for both */
		p->at.port = 0;
		len = endpoint_sockaddr(&p->at, &sa);
		p->udp = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (p->udp < 0 || bind(p->udp, (struct sockaddr *)&sa, len) < 0)
			abort();
		getsockname(p->udp, (struct sockaddr *)&sa, &len);
		endpoint_from_sockaddr((struct sockaddr *)&sa, &p->at);
		p->tcp = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (p->tcp >= 0 && bind(p->tcp, (struct sockaddr *)&sa, len) == 0 && listen(p->tcp, 64) == 0)
			break;
		close(p->tcp);
		close(p->udp);
	}
	if (pthread_create(&p->thread, NULL, peer_run, p) != 0)
		abort();
}

void peer_stop(struct peer *p)
{
	p->stop = true;
	pthread_join(p->thread, NULL);
	close(p->udp);
	close(p->tcp);
}
