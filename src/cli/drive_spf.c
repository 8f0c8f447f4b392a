/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/drive_spf.h"

#include <errno.h>
#include <strings.h>

#include "cli/drive_lookup.h"

enum { RECORDS_MAX = 512, ARENA_MAX = 16 << 20 };

struct asking {
	struct spf *spf;
	struct arena arena; /* of one answer */
	bool answered;
	int error;
	enum spf_type type;
};

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
			texts[to->count] = resolver_rdata_text(rdata, &a->arena);
			a->error = texts[to->count++].at ? a->error : -ENOMEM;
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

/* @return 0: it is answered; negative errno. What comes too late, or is not asked any more, has failed. */
static int ask(struct drive_lookups *l, struct asking *a, const struct spf_question *q)
{
	static const uint16_t types[] = {DNS_TXT, DNS_A, DNS_AAAA, DNS_MX, DNS_PTR};
	int rc;
	a->answered = false;
	a->type = q->type;
	rc = drive_lookup(l, q->name, types[q->type], on_answer, a, &a->answered);
	if (rc == -EINVAL)
		return answer_with(a->spf, SPF_ANSWER_NO_NAME, NULL);
	if (rc == 0)
		return answer_with(a->spf, SPF_ANSWER_FAILED, NULL);
	return rc < 0 ? rc : a->error;
}

static int steps(struct drive_lookups *l, struct spf *s, const struct spf_instead *instead)
{
	struct asking a = {.spf = s};
	struct spf_question q;
	int done = 0, rc = 0;
	while (rc == 0 && (done = spf_step(s, &q)) == 0) {
		if (instead && q.type == SPF_TYPE_TXT && strcasecmp(q.name, instead->domain) == 0)
			rc = answer_with(s, SPF_ANSWER_RECORDS, &instead->record);
		else
			rc = ask(l, &a, &q);
	}
	return rc < 0 ? rc : done < 0 ? done : 0;
}

int drive_spf(const struct check_config *config, struct spf *s, const struct spf_instead *instead, struct error *err)
{
	struct drive_lookups l;
	int rc = drive_lookups_open(config, &l, err);
	return rc < 0 ? rc : drive_lookups_close(&l, steps(&l, s, instead), err);
}
