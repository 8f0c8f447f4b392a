/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/drive_dkim.h"

#include <errno.h>

#include "cli/drive_lookup.h"

enum { RECORDS_MAX = 64, ARENA_MAX = 4 << 20 };

struct asking {
	struct drive_lookups lookups;
	struct arena *arena; /* owns the texts */
	struct dkim_answer answer;
	bool answered;
	int error;
};

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
	for (size_t i = 0; i < answer->count && a->answer.count < RECORDS_MAX; i++) {
		struct span text = resolver_rdata_text(answer->rdata[i], a->arena);
		if (!text.at)
			a->error = -ENOMEM;
		texts[a->answer.count++] = text;
	}
	a->answer.texts = texts;
}

/* @return 0, with the answer in `a`; negative errno. */
static int ask(struct asking *a, const char *name)
{
	int rc;
	a->answer = (struct dkim_answer){.kind = DKIM_ANSWER_FAILED};
	a->answered = false;
	rc = drive_lookup(&a->lookups, name, DNS_TXT, on_answer, a, &a->answered);
	if (rc == -EINVAL) {
		a->answer.kind = DKIM_ANSWER_NO_NAME;
		return 0;
	}
	return rc < 0 ? rc : a->error;
}

int drive_dkim(const struct check_config *config, struct dkim *d, struct error *err)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct asking a = {.arena = &arena};
	const char *name;
	int done = 0, rc = drive_lookups_open(config, &a.lookups, err);
	if (rc < 0)
		return rc;
	while (rc == 0 && (done = dkim_step(d, &name)) == 0) {
		rc = ask(&a, name);
		if (rc == 0)
			rc = dkim_answer(d, &a.answer);
	}
	rc = drive_lookups_close(&a.lookups, done < 0 ? done : rc, err);
	arena_release(&arena);
	return rc;
}

int drive_dkim_key(const struct check_config *config, const char *name, struct arena *arena,
		   struct dkim_answer *ret_answer, struct error *err)
{
	struct asking a = {.arena = arena};
	int rc = drive_lookups_open(config, &a.lookups, err);
	if (rc < 0)
		return rc;
	rc = drive_lookups_close(&a.lookups, ask(&a, name), err);
	if (rc == 0)
		*ret_answer = a.answer;
	return rc;
}
