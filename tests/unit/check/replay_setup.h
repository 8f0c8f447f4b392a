/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_CHECK_REPLAY_SETUP_H
#define OFFLIST_TESTS_CHECK_REPLAY_SETUP_H

#include "scripted.h"

/* Inside of the replays: the world of one of them, and its words. */

enum { REPLAY_WORDS_MAX = 64, REPLAY_RULES_MAX = 256, REPLAY_LISTS_MAX = 64, REPLAY_ASKED_MAX = 200000 };

struct replay_rule {        /* what questions of this form are answered; the last one that fits counts */
	int where;          /* enum scripted_where; -1: any */
	struct addr server; /* family 0: any */
	char name[300];     /* one "*" stands for anything, also for nothing */
	int type;           /* 0: any */
	struct scripted_reply reply;
};

struct replay_asked {
	enum scripted_where where;
	struct addr server;
	char name[DNS_NAME_TEXT_SIZE];
	uint16_t type;
};

struct replay_row {
	char target[200], zone[200], text[600]; /* of one: "listed why=... asked=..." */
	enum status status;
	enum why why;
	struct replay_row *next;
};

struct replay_result {
	char target[200], via[200], unaskable[100], fault[40];
	enum verdict verdict;
	int monitor;
	struct replay_row *rows;
	struct replay_result *next;
};

struct replay {
	const char *path;
	int line;
	struct error *err;
	struct scripted net;
	struct arena arena;
	struct replay_rule *rules;
	size_t rule_count;
	struct replay_asked *asked;
	size_t asked_count, asked_total;
	/* lists */
	struct buf records; /* YAML of the operator under way */
	char lists_dir[64];
	int operators;
	const char *zones[REPLAY_LISTS_MAX];
	size_t zone_count;
	const char *only[REPLAY_LISTS_MAX];
	const char *operator_name;
	struct catalogue *catalogue;
	const char **skip;
	/* the run */
	struct check_config config;
	struct endpoint system[ROUTE_SERVERS];
	struct store *store;
	volatile sig_atomic_t stop;
	struct target *targets;
	size_t target_count, target_size, next_target;
	bool health, ended, incomplete;
	int64_t begun_us, took_us;
	struct run *run;
	struct check_totals totals;
	/* what came of it */
	struct replay_result *results;
	struct buf notes, events; /* a line each */
	struct trace trace;
	char fault[40];
};

/** "FILE:LINE: ..." in err. @return -EINVAL */
int replay_fail(struct replay *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** "300ms", "2s", "5m", "3h". */
int replay_time(struct replay *p, const char *text, int64_t *ret_us);
/** "key=VALUE" among the words: VALUE; NULL: none. */
const char *replay_value(char **words, size_t count, const char *key);

/* replay_setup.c: a line of these changes the world; 0 or negative with a line in err */
int replay_list(struct replay *p, char **words, size_t count);
int replay_operator(struct replay *p, char **words, size_t count);
int replay_config(struct replay *p, char **words, size_t count);
int replay_targets(struct replay *p, char **words, size_t count);
int replay_answer(struct replay *p, char **words, size_t count);
int replay_entry(struct replay *p, char **words, size_t count);
int replay_kept(struct replay *p, char **words, size_t count);
/** The catalogue is loaded, the store opened: before the first line that needs them. */
int replay_prepare(struct replay *p);
void replay_reply(void *arg, const struct scripted_question *q, struct scripted_reply *ret_reply);
/** Of a rule or an expectation: "system", "direct", "192.0.2.1", "lookup" ... */
int replay_where(struct replay *p, const char *word, int *ret_where, struct addr *ret_server);
int replay_type(struct replay *p, const char *word, int *ret_type);
bool replay_fits(const char *pattern, const char *name);

/* replay_expect.c */
int replay_expect(struct replay *p, char **words, size_t count);

#endif
