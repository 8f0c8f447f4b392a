/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_RUN_H
#define OFFLIST_CHECK_RUN_H

#include "check/check.h"
#include "dns/network.h"
#include "verdict/belief.h"
#include "verdict/budget.h"
#include "verdict/hidden.h"

/* Inside of a run; only for the files of this room. */

enum {
	BLOCK_TARGETS = 4096, /* one length of reversed address fills segments; results of a block leave together */
	BLOCK_TARGETS_PACED = 256, /* where budgets make it slow: what an interruption loses */
	LANES_MAX = 2048,
	ROUTE_SERVERS = 4,
	GUILT_PROOF_AFTER_US = 300000, /* other lists may be silent for long: proof is sought beside them */
	TXT_MAX = 16,                  /* texts kept for one listing; the most seen are six */
};

/** A stage of a list: through the resolver first, then (rules 1, 5, 8) at the list's own servers. */
enum stage { STAGE_FIRST, STAGE_DIRECT, STAGE_COUNT };

enum cell_state { CELL_OTHER_KIND, CELL_TODO, CELL_SENT, CELL_DONE, CELL_NOT_ASKED };

/** One list's answer about one target of the block; what is not a plain "no" is in `kept`. */
struct cell {
	uint8_t state;
	uint8_t outcome; /* enum dns_outcome */
	uint8_t stage;   /* whose answer this is */
	int8_t why;      /* of CELL_NOT_ASKED */
	bool recheck;    /* STAGE_DIRECT asks it again */
	bool authoritative;
	bool first;    /* it holds the resolver's answer, whatever is under way */
	bool bare;     /* "no data" without an SOA, as filters say it */
	uint32_t kept; /* index + 1 in run->kept; 0: none */
	uint32_t latency_us;
};

struct kept {
	uint32_t a[BULK_A_MAX];
	uint16_t a_count;
	uint8_t txt_count;
	bool txt_asked, txt_plain /* without EDNS */;
	uint32_t ttl_s;
	int64_t removed_until_ms; /* 0: not removed */
	struct span txt[TXT_MAX]; /* in run->block_arena */
};

/** What the store holds of one list: loaded before the run, kept up to date by what the run finds out. */
struct memory {
	const struct list *list;
	struct store_belief system, hidden; /* expires_at_ms 0: none */
};

/** What the run found out, to be stored when nothing is asked. */
struct note {
	enum { NOTE_BELIEF, NOTE_HIDDEN, NOTE_REFUSAL } kind;
	enum stage stage; /* of NOTE_BELIEF: through the resolver, or the list's own servers */
	const struct list *list;
	struct store_belief belief; /* of NOTE_REFUSAL: `why` until expires_at_ms */
};

/** Queries leased from an operator's bucket. */
struct purse {
	const char *operator_name; /* key in the store */
	const struct list_terms *terms;
	uint32_t tokens;     /* leased, not used */
	uint32_t wanted;     /* by the lanes of this block, for the first lease */
	uint32_t due;        /* wanted of the bucket before the next question */
	int64_t retry_at_us; /* when the bucket may have more */
	bool empty;          /* not again in this run */
};

struct route {
	uint32_t server[ROUTE_SERVERS]; /* numbers of the bulk engine */
	uint32_t count, now;            /* `now`: the one that is asked */
};

enum servers_state { SERVERS_UNASKED, SERVERS_ASKED, SERVERS_FOUND, SERVERS_FAILED };

struct points { /* test points given out by the belief machine, asked or to be asked */
	struct belief_point at[BELIEF_POINTS_MAX];
	uint32_t todo, sent; /* bits by number */
};

enum second_question {
	SECOND_A, /* the listed point again, with EDNS: a filter may say that it is one (RFC 8914) */
	SECOND_TXT,
	SECOND_TXT_CLEAR,
	SECOND_APEX,
	SECOND_ABOVE,
	SECOND_BELOW,
	SECOND_DIRECT_ABOVE,
	SECOND_COUNT,
};

/** Why a list is looked at again; bits. */
enum second_reason {
	SECOND_OF_POINT = 1,  /* its listed test point did not come through the resolver */
	SECOND_OF_DIRECT = 2, /* the list itself shows it: is it one of rbldnsd's? */
	SECOND_OF_PROOF = 4,  /* it came through: would strict minimisation have hidden it? */
};

/** Second looks at a listed test point; kept for the run. */
struct second {
	uint8_t begun;        /* for these reasons */
	uint8_t todo, sent;   /* bits by question */
	uint32_t above_ttl_s; /* of the NXDOMAIN to the name above; 0: no cache can have kept it */
	struct second_looks looks;
};

/** Where a lane is (lane.c has what leads from one to another). While it is asked, the state says where. */
enum lane_state {
	LANE_OUT,      /* nothing is asked of it in this block */
	LANE_RESOLVER, /* test points and targets, through the resolver */
	LANE_RECHECK,  /* and single targets at the list's own servers, whose answers are looked at again */
	LANE_CONFIRM,  /* and the test points there: a second way */
	LANE_BESIDE,   /* and all of it there */
	LANE_DIRECT,   /* all of it there alone */
	LANE_TEXTS,    /* judged; texts of listings are under way */
	LANE_DONE,
	LANE_STATE_COUNT,
};

enum lane_event {
	LANE_LEFT_OUT,        /* a block begins without it */
	LANE_BEGUN,           /* or with it; for a control: it is needed */
	LANE_BEGUN_DIRECT,    /* or with it at its own servers */
	LANE_DOUBTED_TARGETS, /* what the resolver said of single targets is not enough */
	LANE_DOUBTED_POINT,   /* its listed test point is absent */
	LANE_DOUBTED_ALL,     /* the resolver's word is not enough, or does not come */
	LANE_JUDGED,
	LANE_TEXTS_IN,
	LANE_BROKEN_OFF,
	LANE_EVENT_COUNT,
};

/** A control is not of this run: its test point alone is asked where nothing else shows what the resolver is. */
enum lane_role { LANE_OWN, LANE_CONTROL, LANE_CONTROL_USED };
/** Rule 5: an earlier refusal holds from the next block on, or now. */
enum lane_hold { HOLD_NONE, HOLD_NEXT, HOLD_NOW };
/** Belief of an earlier run: the listed point alone is asked; one good look confirmed it. */
enum lane_trust { TRUST_NONE, TRUST_KEPT, TRUST_CONFIRMED };
/** An earlier run did not find its test point through this resolver. */
enum lane_past { PAST_UNKNOWN, PAST_HIDDEN };
/** The operator's budget: the purse was empty when it wanted to ask; it ended before the test points were answered. */
enum lane_supply { SUPPLY_OPEN, SUPPLY_WAITS, SUPPLY_ENDED };
/** What a plain "no" through the resolver says: nothing where the resolver may have made it. */
enum lane_no { NO_STANDS, NO_IN_DOUBT };

/** One list for one kind of target. */
struct lane {
	struct run *run;
	const struct list *list;
	struct memory *memory;
	enum belief_family family;
	struct dns_name zone;
	struct purse *purse;
	uint16_t number;
	uint8_t point_labels; /* of its listed test point, before the zone */
	enum why not_asked;   /* STATUS_WHY_NONE: it is asked */
	enum lane_role role;
	enum stage start; /* of the blocks to come: STAGE_DIRECT once its own servers judged it */

	enum lane_state state;
	enum lane_state asked; /* where it was asked at last in this block; LANE_OUT: nowhere */
	enum lane_hold hold;
	enum why held_why;
	enum lane_trust trust;
	enum lane_past past;
	enum lane_supply supply;
	enum lane_no no;
	struct second second;
	struct belief belief[STAGE_COUNT];
	struct points points[STAGE_COUNT];
	struct route route[STAGE_COUNT];
	uint32_t pending[STAGE_COUNT]; /* questions in flight */
	uint32_t next[STAGE_COUNT];    /* position in the order of targets */
	enum servers_state servers;
	enum dns_outcome servers_outcome;
	uint8_t servers_open; /* ways of finding them that are still under way */
	struct route parent;  /* servers of the zone above, which know the delegation */
	int64_t begun_us, servers_by_us;

	uint32_t texts_todo, texts_pending;
	uint32_t news;           /* answers since the last step, and what else it should look at */
	int64_t test_latency_us; /* of the last test point answered; -1: none */
	int64_t rows_of;         /* the block whose rows went to on_row */
	/* what stands, once settled: */
	enum stage stands; /* whose belief */
	enum belief_state belief_state;
	enum why why;
	struct cell *cells; /* one a target of the block */
};

/** Asked in this stage in this block. */
static inline bool lane_on(const struct lane *l, enum stage stage)
{
	return stage == STAGE_FIRST ? l->asked >= LANE_RESOLVER && l->asked <= LANE_BESIDE : l->asked >= LANE_RECHECK;
}

/** STAGE_DIRECT judges belief and asks everything; else only marked cells, or the test points. */
static inline bool lane_all_direct(const struct lane *l)
{
	return l->asked == LANE_BESIDE || l->asked == LANE_DIRECT;
}

static inline bool lane_confirms(const struct lane *l)
{
	return l->asked == LANE_CONFIRM;
}

/** Cells are final, texts may be under way. */
static inline bool lane_settled(const struct lane *l)
{
	return l->state == LANE_OUT || l->state >= LANE_TEXTS;
}

static inline bool lane_final(const struct lane *l)
{
	return l->state == LANE_OUT || l->state == LANE_DONE;
}

/** A name stands between the zone and its listed test point. */
static inline bool lane_deep(const struct lane *l)
{
	return l->point_labels > 1;
}

static inline bool second_begun(const struct lane *l)
{
	return l->second.begun & SECOND_OF_POINT;
}

/** Where a run is between two steps. */
enum run_phase { RUN_BETWEEN, RUN_ASKING, RUN_DONE };

struct subject { /* a target's name before a zone, in wire form without the root */
	uint8_t len;
	uint8_t wire[DNS_NAME_MAX];
};

/** What the lists showed of the resolver (guilt.c). */
struct guilt {
	bool known, control_sent, told;
	bool begun;     /* some list was looked at again */
	bool proved;    /* what the lists showed so far clears it */
	bool wary;      /* an earlier run did not find some list's test point */
	bool suspected; /* reason enough to ask lists without test points directly, before all is known */
	enum resolver_fault fault;
	enum resolver_product product;
	struct resolver_evidence evidence;
	char address[ENDPOINT_TEXT_SIZE];
	char sentence[400];
	struct check_fault report;
};

struct run {
	const struct check_config *config;
	const struct dns_network *network;
	bool lookups_failed; /* the resolver cannot be had */
	check_source_fn *source;
	void *source_arg;
	enum run_phase phase;
	struct lane *lanes;
	size_t lane_count;
	size_t own_count; /* lanes of the run; behind them stand those for control */
	struct purse *purses;
	size_t purse_count;
	int64_t purses_at_us;  /* when the store may be asked for more */
	int64_t held_since_us; /* another process writes to it since then; 0: none */
	bool own_buckets_told;
	struct memory *memories;
	size_t memory_count;
	struct note *notes;
	size_t note_count, note_size;
	struct route system_route;
	char system_text[ENDPOINT_TEXT_SIZE + 8]; /* key of belief kept for the resolver */
	char given_text[ENDPOINT_TEXT_SIZE];

	struct arena block_arena;
	struct target *targets;
	struct subject *subjects;
	uint32_t *order; /* targets by length of their reversed name: equal packets leave together */
	size_t target_count;
	bool health; /* no targets: the lists themselves are looked at */
	bool small;  /* targets are asked beside the test points, rows are reported as they settle */
	struct kept *kept;
	size_t kept_count, kept_size;
	struct cell *cells;

	int64_t now_us, wall_ms;
	uint64_t queries, queries_total /* answered */, queries_expected;
	uint64_t rows_by_status[STATUS_COUNT]; /* of this block, as lists settle */
	int64_t begun_us, progress_at_us, block_begun_us;
	int64_t tick_at_us;  /* timers of all lanes are looked at */
	int64_t timer_at_us; /* the next one is due */
	uint64_t count;      /* targets, 0: not known */
	size_t block_size;
	int64_t block, blocks_before; /* number of this one; done by an earlier run of the same sweep */
	char digest[24];              /* of the sweep; "": not one */
	uint32_t unsettled, waiting;  /* lanes not final, lanes without a verdict */
	uint32_t generation;          /* of the block: answers to an earlier one are dropped */
	struct guilt guilt;
	struct check_totals totals;
	int error;
};

/* lanes.c: which lists, their lanes and purses */
int lanes_make(struct run *r);
/** A block begins: what its lanes want. */
void purses_begin(struct run *r);
/** Fill the purses that were found empty. @return true: some lane may ask now. */
bool purses_fill(struct run *r);
/** The sooner of at_us and when it is worth to try again. */
int64_t purses_timer(const struct run *r, int64_t at_us);
/** Never asks the store. 0; -EAGAIN: purses_fill() first; -EDQUOT: not now. */
int purse_take(struct run *r, struct purse *p);
void purses_close(struct run *r);
bool plan_list_selected(const struct check_config *c, const struct list *l, enum why *ret_not_asked,
			const char **ret_left_out);
bool lane_fits(const struct lane *l, const struct target *t);
bool plan_list_fits(const struct list *l, const struct target *t, enum belief_family *ret_family);

/* lane.c */
/** To the state that this leads to; what cannot happen in the present one ends the program (assert). */
void lane_enter(struct lane *l, enum lane_event event);

/* ask.c: questions out, answers in */
void lane_ask(struct lane *l);
/** The NS question to the zone's parent, for servers.c. */
int lane_ask_parent(struct lane *l);
void run_answer(void *arg, const struct bulk_answer *answer);

/* What a question is about; it comes back with its answer. */
enum question_kind { ASK_TARGET, ASK_POINT, ASK_TXT, ASK_PARENT, ASK_SECOND, ASK_CONTROL };
enum {
	EDNS_OCTETS = 1232,     /* an answer that crosses every path in one piece (RFC 9715 4) */
	EDNS_TXT_OCTETS = 4096, /* rbldnsd drops what does not fit, without a word */
};
struct question {
	enum stage stage;
	enum question_kind kind;
	uint32_t index;
	const struct dns_name *name;
	uint16_t type, edns_octets;
};
/** Send one question at the stage's server, out of the operator's budget. 0; -EAGAIN: later; -EDQUOT: no budget. */
int lane_send(struct lane *l, const struct question *q);
int point_name(const struct lane *l, const struct belief_point *p, struct dns_name *name);

/* second.c: another look at a listed test point that the resolver does not show */
bool second_wanted(const struct lane *l);
void second_begin(struct lane *l);
/** More questions about this list (bits by enum second_question). */
void second_more(struct lane *l, uint8_t questions);
void second_ask(struct lane *l);
void second_answer(struct lane *l, uint32_t index, const struct bulk_answer *answer);
bool second_pending(const struct lane *l);
/** What is known of the list now, its own servers' word included. */
void second_looks_of(const struct lane *l, struct second_looks *ret_looks);

/* guilt.c: what follows of the resolver */
/** All evidence that is under way has come; true: it was not known before. */
bool guilt_settle(struct run *r);
/** Judge with what is known now: the time is over. */
void guilt_now(struct run *r);
/** The control question is under way: the run goes on for it. */
bool guilt_waits(const struct run *r);
void guilt_control_answer(struct run *r, const struct bulk_answer *answer);
/** A plain "no" of this list that came through the resolver may be the resolver's own, given what is known of it. */
bool guilt_doubts(const struct lane *l);
/** It is late and some lists are silent: does what is known make the resolver suspicious? */
void guilt_suspect(struct run *r);
/** Begin anew at the list's own servers: what was settled through the resolver is doubted. */
void lane_reopen(struct lane *l);
/** The list has no test point of its own that came through: its "no" hangs on the resolver. */
bool lane_unproven(const struct lane *l);
/** So, or its test point is none that strict minimisation would hide with the entries. */
bool lane_wants_proof(const struct lane *l);
/** What stands of a list that was judged through the resolver, given what the resolver is. */
void guilt_apply(struct lane *l);

/* servers.c: a zone's own servers, through the resolver and from the zone above at once */
void servers_ask(struct lane *l);
void servers_answer(struct lane *l, const struct bulk_answer *answer);

/* judge.c: what follows from the answers */
void lane_begin(struct lane *l);
/** Ask a list that is not of this run for its test point. */
void lane_begin_control(struct lane *l);
/** What stands of the list hangs on what the others show of the resolver. */
bool lane_hangs_on_resolver(const struct lane *l);
void lane_step(struct lane *l);
/** The sooner of at_us and the next time at which time alone moves this lane. */
int64_t lane_timer(const struct lane *l, int64_t at_us);
void lane_interrupt(struct lane *l);

/* cell.c: what stands for one target */
/** A "no" that looks unlike the list's own: "no data" where the list itself says that no name exists. */
bool cell_no_is_odd(const struct lane *l, const struct cell *cell);
/** An address of 127.0.0.0/8 came. */
bool cell_is_entry(const struct lane *l, const struct cell *cell);
/** Not listed, and nothing else to be said. */
bool cell_is_plain_no(const struct lane *l, const struct cell *cell);
void cell_finding(const struct lane *l, const struct cell *cell, struct finding *ret_finding);
struct kept *cell_kept(const struct lane *l, const struct cell *cell); /* NULL: none */

/* results.c: rows and results */
void results_lane(struct lane *l);
void results_block(struct run *r);

/* memory.c: what is stored of the lists */
/** That of this list; lanes of one list share it. NULL: out of memory. */
struct memory *memory_load(struct run *r, const struct list *l);
/** There is one, and it holds now. */
bool memory_holds(const struct run *r, const struct store_belief *b);
void memory_note(struct lane *l, const struct note *note);
/** To the store with all that was noted. */
void memory_save(struct run *r);

/* run.c */
int run_lookups(struct run *r);
/** A run without targets yet; 0 or negative errno with a line in err. */
int run_open(const struct check_config *config, const struct dns_network *network, int64_t now_us, int64_t wall_ms,
	     struct run **ret_run, struct error *err);
/** Lanes are begun: ask them. */
void run_begin(struct run *r);

#endif
