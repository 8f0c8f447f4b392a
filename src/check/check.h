/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_CHECK_H
#define OFFLIST_CHECK_CHECK_H

#include <signal.h>

#include "lists/lists.h"
#include "check/target.h"
#include "dns/network.h"
#include "store/store.h"
#include "sys/trace.h"
#include "verdict/verdict.h"

/*
 * Step 1: ask every list about every target and judge. A run works through the targets in blocks; a block's results
 * leave when it is complete, so memory is one block and the engine's windows. Single lists of a small run are reported
 * as they settle (on_row), so that a person sees answers at once.
 *
 * Nothing here reads a clock or waits: questions leave through a dns_network, answers and time come in. Who drives it
 * waits for the network or for the deadline, whichever is first, and then calls the step.
 */

/** One list's row about one target. Texts live until the callback returns. */
struct check_row {
	const struct list *list;
	const struct finding *finding;
	const char *asked;      /* "system", "direct", "192.0.2.53" (the --resolver given); NULL: not asked */
	int64_t latency_us;     /* -1: no answer */
	const struct span *txt; /* the list's TXT for this target */
	size_t txt_count;
	const char *
		removed_until; /* RFC 3339: gone at the list, the resolver's cache shows it until then; NULL (rule 8) */
};

/** What is wrong with the resolver that the lists were asked through. */
struct check_fault {
	const char *kind;     /* "filters" ...: hidden_fault_text() */
	const char *address;  /* the resolver's */
	const char *sentence; /* "your resolver (192.0.2.53) removes 127.0.0.0/8 answers; ..." */
	const char *remedy;   /* what to set; NULL: not known */
};

struct check_result {
	const struct target *target;
	int64_t checked_at_ms;
	const char *resolver; /* "auto", "system", "direct", "192.0.2.53" */
	enum verdict verdict;
	struct verdict_tally tally;
	const struct check_row
		*rows; /* listed first (strongest impact first), then refused, unreachable, broken, clear, not asked */
	size_t row_count;
	const char *unaskable;           /* rule 6: why lists are not asked for it; NULL */
	bool only_neighbour;             /* every listing that counts is of a wider scope than the target */
	bool not_yours;                  /* the smarthost's address */
	const struct check_fault *fault; /* of the resolver; NULL: none was seen */
};

/** A plan's line: what a list would be asked and what its terms allow. */
struct check_plan_line {
	const struct list *list;
	uint64_t queries;
	int64_t duration_ms;  /* under its terms; INT64_MAX: longer than a day's allowance */
	const char *left_out; /* why it is not asked in this run (terms exclude sweeps, no key ...); NULL: asked */
};

struct check_totals { /* of a fleet: the summary object */
	uint64_t targets, listed, clear, unknown;
	uint64_t by_status[STATUS_COUNT]; /* rows */
	uint64_t clear_blocks;            /* of the clear ones, lists that could have listed the target */
	uint64_t queries;
	bool interrupted, resumed;
};

struct check_progress {
	uint64_t done, total; /* questions */
	double per_second;
	int64_t left_ms;                     /* estimated; -1: not known */
	uint32_t waiting;                    /* lists not settled in this block */
	uint32_t clear, listed, cannot_tell; /* rows settled in this block */
};

enum check_resolver { CHECK_AUTO, CHECK_SYSTEM, CHECK_DIRECT, CHECK_GIVEN };

struct check_config {
	const struct catalogue *catalogue;
	struct store *store; /* never NULL; in memory where there is no folder */
	enum check_resolver mode;
	struct endpoint given;         /* CHECK_GIVEN */
	const struct endpoint *system; /* the system's resolvers */
	size_t system_count;
	struct resolver_config recursion; /* libunbound */
	uint32_t budget_us;               /* for one list */
	struct verdict_rules rules;
	const char *const *skip; /* zones left out */
	size_t skip_count;
	const char *const *only; /* zones asked alone (`--list`); 0: all enabled */
	size_t only_count;
	bool fleet;       /* terms about sweeps apply; results that are clear are not reported */
	bool all_results; /* report clear ones too (-v) */
	bool resume;
	uint64_t seed;                     /* random test addresses */
	const volatile sig_atomic_t *stop; /* set by a signal: end cleanly with what is known */
	void (*on_row)(void *arg, const struct target *t,
		       const struct check_row *row); /* may be NULL; small runs only */
	void (*on_result)(void *arg, const struct check_result *result);
	void (*on_progress)(void *arg, const struct check_progress *progress); /* about ten a second; may be NULL */
	void (*on_fault)(void *arg, const struct check_fault *fault); /* at most once, before the first result */
	void (*on_note)(void *arg, const char *line);                 /* one sentence for people */
	void *arg;
	const struct trace *trace; /* NULL: nobody reads what happens inside */
};

/** Where targets come from: fills *ret_target (texts owned by the source until the next block), 0; -ENOENT at the end. */
typedef int check_source_fn(void *arg, struct target *ret_target);

struct run;

/**
 * A run over all targets of the source; nothing is asked yet.
 * @param network  for this run alone; closed after it.
 * @param count    number of targets if known (progress), 0 otherwise.
 * @return 0; -ENOMEM and the like with a line in err.
 */
int check_run_new(const struct check_config *config, const struct dns_network *network, check_source_fn *source,
		  void *source_arg, uint64_t count, int64_t now_us, int64_t wall_ms, struct run **ret_run,
		  struct error *err);
/**
 * After answers came, at the deadline, and when config->stop was set: judge, ask on, report.
 * @return 1: it is at its end; 0: not yet; -ENETDOWN and the like only where nothing could be asked at all.
 */
int check_run_step(struct run *r, int64_t now_us, int64_t wall_ms);
/** When the next step is due though no answer comes; INT64_MAX: not before one. */
int64_t check_run_deadline_us(const struct run *r);
/** @param ret_totals may be NULL; verdicts are there and in the results. */
struct run *check_run_free(struct run *r, struct check_totals *ret_totals);

/** The plan of a run over `count4` IPv4, `count6` IPv6 and `count_names` names, without asking anything. */
int check_plan(const struct check_config *config, uint64_t count4, uint64_t count6, uint64_t count_names,
	       void (*on_line)(void *arg, const struct check_plan_line *line), void *arg);

/**
 * Targets and what follows from them (rule 7): a name's registrable domain, its A and AAAA, with `mx` its exchangers'
 * addresses. What was derived carries `via`. All lookups leave at once; what has not come within budget_us is given up.
 * @param network  with the recursion of check_recursion(); only its lookups are used.
 * @return 0; -ENOMEM.
 */
struct expansion;
int check_expand_new(const struct check_config *config, const struct dns_network *network, const struct target *given,
		     size_t count, bool mx, int64_t now_us, struct expansion **ret_expansion);
/** @return true: nothing is waited for any more. */
bool check_expand_step(struct expansion *x, int64_t now_us);
int64_t check_expand_deadline_us(const struct expansion *x);
/**
 * @param ret_targets     room for `max`; each given target is followed by those derived from it; doubles are left out.
 * @param ret_incomplete  a lookup failed: something may be missing (told through on_note).
 * @return number of targets written, or -ENOSPC, -ENOMEM.
 */
int check_expand_targets(const struct expansion *x, struct arena *arena, struct target *ret_targets, size_t max,
			 bool *ret_incomplete);
struct expansion *check_expand_free(struct expansion *x);
/** How names are looked up: through the resolver that the run asks, or from the root in direct mode. */
struct resolver_config check_recursion(const struct check_config *config);

/** Health of a list through the resolver (`offlist lists test`). */
struct check_health {
	const struct list *list;
	enum status status; /* STATUS_CLEAR: to be believed */
	enum why why;
	const char *asked;
	int64_t latency_us;
};
/** A run that asks for the lists' test points alone; steps and end are those of any run. */
int check_health_new(const struct check_config *config, const struct dns_network *network, int64_t now_us,
		     int64_t wall_ms, struct run **ret_run, struct error *err);
/** After its last step. */
void check_health_report(const struct run *r, void (*on_list)(void *arg, const struct check_health *h), void *arg);

#endif
