/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/drive_spf.h"

#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "cli/stop.h"
#include "dns/network.h"

enum { RECORDS_MAX = 512, LOOK_US = 50000, ARENA_MAX = 16 << 20 };
static const int64_t budget_us = 20 * INT64_C(1000000);

struct asking {
	struct spf *spf;
	struct arena arena; /* of one answer */
	bool answered;
	int error;
	enum spf_type type;
};

/* Strings of one TXT record, put together (RFC 7208 3.3). */
static struct span joined(struct asking *a, struct span rdata)
{
	char *text = arena_alloc(&a->arena, rdata.len + 1, 1);
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

static struct span name_in(struct asking *a, struct span rdata, size_t offset)
{
	char text[DNS_NAME_TEXT_SIZE];
	const char *copy;
	struct dns_name name;
	if (resolver_rdata_name(rdata, offset, &name) < 0)
		return (struct span){0};
	dns_name_text(&name, text);
	copy = arena_copy(&a->arena, span_str(text));
	if (!copy)
		a->error = -ENOMEM;
	return span_str(copy);
}

static void take(struct asking *a, const struct resolver_answer *answer, struct spf_answer *to)
{
	struct span *texts = arena_alloc(&a->arena, RECORDS_MAX, sizeof(*texts));
	struct addr *addrs = arena_alloc(&a->arena, RECORDS_MAX, sizeof(*addrs));
	if (!texts || !addrs) {
		a->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < answer->count && to->count < RECORDS_MAX; i++) {
		struct span rdata = answer->rdata[i];
		switch (a->type) {
		case SPF_TYPE_TXT:
			texts[to->count++] = joined(a, rdata);
			break;
		case SPF_TYPE_MX:
		case SPF_TYPE_PTR:
			texts[to->count++] = name_in(a, rdata, a->type == SPF_TYPE_MX ? 2 : 0);
			break;
		default:
			to->count += resolver_rdata_addr(rdata, &addrs[to->count]) == 0;
			break;
		}
	}
	if (a->type == SPF_TYPE_A || a->type == SPF_TYPE_AAAA)
		to->addrs = addrs;
	else
		to->texts = texts;
}

static void on_answer(void *arg, const struct resolver_answer *answer)
{
	struct asking *a = arg;
	struct spf_answer to = {.kind = answer->outcome == DNS_NXDOMAIN ? SPF_ANSWER_NO_NAME
					: answer->outcome == DNS_ANSWER || answer->outcome == DNS_NODATA
						? SPF_ANSWER_RECORDS
						: SPF_ANSWER_FAILED};
	a->arena = arena_make(ARENA_MAX);
	if (answer->outcome == DNS_ANSWER && !answer->bogus)
		take(a, answer, &to);
	if (answer->bogus)
		to.kind = SPF_ANSWER_FAILED;
	if (!a->error)
		a->error = spf_answer(a->spf, &to);
	arena_release(&a->arena);
	a->answered = true;
}

static int answer_with(struct spf *s, enum spf_answer_kind kind, const struct span *text)
{
	return spf_answer(s, &(struct spf_answer){.kind = kind, .count = text != NULL, .texts = text});
}

static int ask(struct dns_network *n, struct asking *a, const struct spf_question *q, int64_t end_us)
{
	static const uint16_t types[] = {DNS_TXT, DNS_A, DNS_AAAA, DNS_MX, DNS_PTR};
	struct dns_name name;
	int64_t now_us = clock_mono_us();
	int rc;
	if (dns_name_parse(span_str(q->name), &name) < 0)
		return answer_with(a->spf, SPF_ANSWER_NO_NAME, NULL); /* such a name cannot exist */
	a->answered = false;
	a->type = q->type;
	rc = n->lookup(n->arg, &name, types[q->type], on_answer, a);
	while (rc == 0 && !a->answered && now_us < end_us && !stop_wanted()) {
		rc = dns_network_wait(n, end_us < now_us + LOOK_US ? end_us : now_us + LOOK_US);
		rc = rc == -EINTR || rc > 0 ? 0 : rc;
		now_us = clock_mono_us();
	}
	if (rc == 0 && !a->answered)
		return -ETIMEDOUT;
	return rc < 0 ? rc : a->error;
}

static int steps(struct dns_network *network, struct spf *s, const struct spf_instead *instead)
{
	struct asking a = {.spf = s};
	struct spf_question q;
	int64_t end_us = clock_mono_us() + budget_us;
	int done = 0, rc = 0;
	bool late = false;
	while (rc == 0 && (done = spf_step(s, &q)) == 0) {
		if (instead && q.type == SPF_TYPE_TXT && strcasecmp(q.name, instead->domain) == 0)
			rc = answer_with(s, SPF_ANSWER_RECORDS, &instead->record);
		else if (late || stop_wanted())
			rc = answer_with(s, SPF_ANSWER_FAILED, NULL);
		else
			rc = ask(network, &a, &q, end_us);
		if (rc == -ETIMEDOUT) {
			late = true;
			rc = answer_with(s, SPF_ANSWER_FAILED, NULL);
		}
	}
	return rc < 0 ? rc : done < 0 ? done : 0;
}

int drive_spf(const struct check_config *config, struct spf *s, const struct spf_instead *instead, struct error *err)
{
	const struct dns_network_config how = {.budget_us = config->budget_us, .recursion = check_recursion(config)};
	struct dns_network *n = NULL;
	int rc = dns_network_open(&how, &n);
	if (rc < 0)
		return error_set(err, rc, "no sockets: %s", strerror(-rc));
	rc = n->lookups(n->arg, err);
	if (rc == 0) {
		rc = steps(n, s, instead);
		if (rc < 0)
			error_set(err, rc, "the DNS cannot be asked: %s", strerror(-rc));
	}
	dns_network_close(n);
	return rc;
}
