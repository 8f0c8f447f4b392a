/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/drive_dkim.h"

#include <errno.h>

#include "base/clock.h"
#include "cli/stop.h"
#include "dns/network.h"

enum { RECORDS_MAX = 64, LOOK_US = 50000, ARENA_MAX = 4 << 20 };
static const int64_t budget_us = 20 * INT64_C(1000000);

struct asking {
	struct dns_network *network;
	struct arena *arena; /* owns the texts */
	struct dkim_answer answer;
	int64_t end_us;
	bool answered;
	int error;
};

/* Strings of one TXT record, put together without anything between (RFC 6376 3.6.2.2). */
static struct span joined(struct asking *a, struct span rdata)
{
	char *text = arena_alloc(a->arena, rdata.len + 1, 1);
	size_t len = 0;
	if (!text) {
		a->error = -ENOMEM;
		return (struct span){0};
	}
	while (rdata.len && rdata.at[0] < rdata.len) {
		memcpy(text + len, rdata.at + 1, rdata.at[0]);
		len += rdata.at[0];
		rdata = span_from(rdata, 1 + (size_t)rdata.at[0]);
	}
	return span_of(text, len);
}

static void on_answer(void *arg, const struct resolver_answer *answer)
{
	struct asking *a = arg;
	struct span *texts = arena_alloc(a->arena, RECORDS_MAX, sizeof(*texts));
	a->answered = true;
	a->answer.kind = answer->bogus                                                    ? DKIM_ANSWER_FAILED
			 : answer->outcome == DNS_NXDOMAIN                                ? DKIM_ANSWER_NO_NAME
			 : answer->outcome == DNS_ANSWER || answer->outcome == DNS_NODATA ? DKIM_ANSWER_RECORDS
											  : DKIM_ANSWER_FAILED;
	if (!texts)
		a->error = -ENOMEM;
	if (!texts || a->answer.kind != DKIM_ANSWER_RECORDS || answer->outcome != DNS_ANSWER)
		return;
	for (size_t i = 0; i < answer->count && a->answer.count < RECORDS_MAX; i++)
		texts[a->answer.count++] = joined(a, answer->rdata[i]);
	a->answer.texts = texts;
}

/* @return 0, with the answer in `a`; negative errno. */
static int ask(struct asking *a, const char *text)
{
	struct dns_name name;
	int64_t now_us = clock_mono_us();
	int rc;
	a->answer = (struct dkim_answer){.kind = DKIM_ANSWER_FAILED};
	a->answered = false;
	if (dns_name_parse(span_str(text), &name) < 0) {
		a->answer.kind = DKIM_ANSWER_NO_NAME; /* such a name cannot exist */
		return 0;
	}
	if (now_us >= a->end_us || stop_wanted())
		return 0;
	rc = a->network->lookup(a->network->arg, &name, DNS_TXT, on_answer, a);
	while (rc == 0 && !a->answered && now_us < a->end_us && !stop_wanted()) {
		rc = dns_network_wait(a->network, a->end_us < now_us + LOOK_US ? a->end_us : now_us + LOOK_US);
		rc = rc == -EINTR || rc > 0 ? 0 : rc;
		now_us = clock_mono_us();
	}
	if (rc == 0 && !a->answered)
		a->end_us = 0; /* an answer that comes late has nowhere to go: nothing more is asked */
	return rc < 0 ? rc : a->error;
}

static int open_network(const struct check_config *config, struct asking *a, struct error *err)
{
	const struct dns_network_config how = {.budget_us = config->budget_us, .recursion = check_recursion(config)};
	int rc = dns_network_open(&how, &a->network);
	if (rc < 0)
		return error_set(err, rc, "no sockets: %s", strerror(-rc));
	a->end_us = clock_mono_us() + budget_us;
	rc = a->network->lookups(a->network->arg, err);
	if (rc < 0)
		dns_network_close(a->network);
	return rc;
}

static int ended(struct asking *a, int rc, struct error *err)
{
	dns_network_close(a->network);
	return rc < 0 ? error_set(err, rc, "the DNS cannot be asked: %s", strerror(-rc)) : 0;
}

int drive_dkim(const struct check_config *config, struct dkim *d, struct error *err)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct asking a = {.arena = &arena};
	const char *name;
	int done = 0, rc = open_network(config, &a, err);
	if (rc < 0)
		return rc;
	while (rc == 0 && (done = dkim_step(d, &name)) == 0) {
		rc = ask(&a, name);
		if (rc == 0)
			rc = dkim_answer(d, &a.answer);
	}
	rc = ended(&a, done < 0 ? done : rc, err);
	arena_release(&arena);
	return rc;
}

int drive_dkim_key(const struct check_config *config, const char *name, struct arena *arena,
		   struct dkim_answer *ret_answer, struct error *err)
{
	struct asking a = {.arena = arena};
	int rc = open_network(config, &a, err);
	if (rc < 0)
		return rc;
	rc = ended(&a, ask(&a, name), err);
	if (rc == 0)
		*ret_answer = a.answer;
	return rc;
}
