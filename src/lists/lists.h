/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_LISTS_H
#define OFFLIST_LISTS_LISTS_H

#include "base/arena.h"
#include "base/error.h"
#include "net/addr.h"

/* The records of data/lists/ (form and meaning of each field: data/lists/README.md), compiled in, with the
 * administrator's /etc/offlist/lists.d on top. Texts are never NULL unless said; strings live as long as the catalogue. */

enum list_class { CLASS_BLOCK, CLASS_POLICY, CLASS_DOMAIN, CLASS_URL, CLASS_WHITE, CLASS_SCORE, CLASS_INFORMATION };
enum list_state { LIST_ACTIVE, LIST_DISPUTED, LIST_UNVERIFIED, LIST_CLOSED, LIST_FRAUDULENT };
enum impact { IMPACT_LOW, IMPACT_MEDIUM, IMPACT_HIGH };
enum scope_kind { SCOPE_ADDRESS, SCOPE_PREFIX24, SCOPE_PREFIX64, SCOPE_ALLOCATION, SCOPE_AS, SCOPE_DOMAIN, SCOPE_URL };
enum refusal_why { WHY_PUBLIC_RESOLVER, WHY_GENERIC_PTR, WHY_VOLUME, WHY_KEY, WHY_REGISTRATION, WHY_TYPO };
enum query_kind { /* bits */
		  QUERY_IP4 = 1,
		  QUERY_IP6 = 2,
		  QUERY_DOMAIN = 4,
		  QUERY_REGISTRABLE = 8,
		  QUERY_URL = 16,
		  QUERY_EMAIL_HASH = 32,
		  QUERY_URL_HASH = 64,
};
enum cause { /* used as bits 1 << cause */
#define CAUSE(name, word, people) CAUSE_##name,
#include "lists/causes.inc"
	     CAUSE_COUNT,
};
enum removal_method {
	REMOVAL_NONE,
	REMOVAL_SELF_SERVICE,
	REMOVAL_FORM,
	REMOVAL_EMAIL,
	REMOVAL_AUTOMATIC,
	REMOVAL_VISIT,
	REMOVAL_TICKET
};
enum removal_who { WHO_ANYONE, WHO_LISTED_HOST, WHO_NETWORK_OWNER, WHO_DOMAIN_OWNER, WHO_UNKNOWN };
enum removal_unknown { REMOVAL_UNKNOWN = -1 };
enum term { TERM_UNKNOWN, TERM_YES, TERM_NO };

struct texts {
	const char *const *at;
	size_t count;
};

struct removal {
	int method; /* enum removal_method, or REMOVAL_UNKNOWN */
	enum removal_who who;
	const char *url, *address; /* NULL: none */
	struct texts first, steps;
	int64_t cooldown_s, expires_after_s; /* -1: not known */
	bool paid, counts_removals;
	const char *advice; /* NULL: none */
};

/* What an answer says for itself; what it does not is the list's. */
enum answer_own {
	OWN_CLASS = 1,
	OWN_IMPACT = 2,
	OWN_SCOPE = 4,
	OWN_SUGGESTS = 8,
	OWN_REMOVAL = 256 /* and above: its keys */
};

struct list_answer {
	enum { MATCH_RANGE, MATCH_BIT, MATCH_OCTETS } match;
	/* host byte order; range: first to last; bit: first = the bit, last = the address without its last octet;
	 * octets: first = value, last = mask */
	uint32_t first, last;
	const char *list; /* sub-list; NULL: none */
	const char *meaning;
	enum list_class class;
	enum impact impact;
	enum scope_kind scope;  /* without OWN_SCOPE: the list's; scope6 of the list then holds for IPv6 targets */
	uint32_t suggests;      /* bits 1 << enum cause */
	struct removal removal; /* complete: the list's with this answer's keys put over it */
	uint32_t own;           /* bits of enum answer_own */
};

struct list_refusal {
	uint32_t first, last;
	enum refusal_why why;
	const char *meaning;
};

struct list_test {
	bool ip4, ip6, domain;             /* has such test points */
	struct addr ip4_listed, ip4_clear; /* family 0: `none` */
	struct addr ip6_listed, ip6_clear;
	const char *domain_listed, *domain_clear; /* NULL: none */
	uint32_t answer;                          /* 0: any inside 127.0.0.0/8 */
	const char *note;                         /* NULL: none */
};

struct list_terms {
	int64_t per_day; /* -1: not stated */
	bool unlimited;  /* rate: none */
	double rate;     /* queries a second after the burst */
	int64_t burst;
	enum term public_resolvers, commercial, sweeps;
	bool registration;
	const char *note; /* NULL: none */
};

struct list_source {
	const char *name;
	const char *date; /* NULL: undated */
};

struct list {
	const char *zone;                                /* with {key}. for keyed ones */
	const char *key;                                 /* name of the key it needs; NULL: none */
	const char *name, *operator_name, *operator_url; /* operator_url NULL: none */
	struct texts operator_notes;
	enum list_class class;
	uint32_t query; /* bits of enum query_kind */
	enum list_state state;
	const char *qualified, *since;                         /* NULL: none */
	const char *closed_how, *closed_note, *closed_instead; /* NULL: none */
	const struct list_answer *answers;
	size_t answer_count;
	bool more_codes; /* it gives codes that are not among the answers */
	const struct list_refusal *refusals;
	size_t refusal_count;
	struct list_test test;
	enum scope_kind scope, scope6;
	struct texts part_of;
	enum impact impact;
	uint32_t suggests;
	struct list_terms terms;
	const char *evidence, *lookup; /* templates, NULL: none */
	struct texts
		pages; /* beginnings of links, without scheme and "www.", that speak of this list among its operator's */
	struct removal removal;
	struct texts notes;
	const struct list_source *sources;
	size_t source_count;
	bool enabled;     /* asked by default: active or disputed, or turned on by the administrator */
	const char *file; /* where the record stands, for messages */
	int line;
};

struct catalogue;

struct catalogue_config {
	const char *lists_dir;     /* NULL: none; a directory that is not there is none */
	const char *key_file;      /* NULL: none; a file that is not there is none */
	const char *const *enable; /* zones turned on by the settings; one that no list has is a fault */
	size_t enable_count;
};

/**
 * The built-in records with the administrator's on top. All faults of all files are reported, each one line
 * "FILE:LINE:COLUMN: what, what was expected", through on_fault (may be NULL) ; the first one also in err.
 * @return 0; -EACCES: a file is there and cannot be read (exit 77); -EBADMSG: a fault in a file (exit 78); -ENOMEM.
 */
typedef void catalogue_fault_fn(void *arg, const char *line);
int catalogue_load(const struct catalogue_config *config, catalogue_fault_fn *on_fault, void *arg,
		   struct catalogue **ret_catalogue, struct error *err);
struct catalogue *catalogue_free(struct catalogue *c);

/**
 * Check files as catalogue_load() would take them from lists_dir, all together, and tell their faults.
 * @return 0; -EBADMSG: faults; the negative errno of the first file that cannot be read (told as well); -ENOMEM.
 */
int catalogue_lint(const char *const *paths, size_t count, catalogue_fault_fn *on_fault, void *arg);

size_t catalogue_count(const struct catalogue *c);
const struct list *catalogue_at(const struct catalogue *c, size_t i); /* ordered by zone */
/**
 * By zone; case and a dot at the end are ignored. A keyed list is found as `{key}.zone`, as `zone` and with any label in
 * the key's place. NULL: none.
 */
const struct list *catalogue_find(const struct catalogue *c, const char *zone);
/** The zone to ask: `{key}` filled in. NULL: the key is not there. Never show it: show list->zone. */
const char *catalogue_query_zone(const struct catalogue *c, const struct list *l);
/** Replace every key in text by "{key}", in place (output, logs, errors). */
void catalogue_redact(const struct catalogue *c, char *text);

/** The row that explains an answer address, NULL: unknown code. For bitmask lists call again with *state until NULL. */
const struct list_answer *list_answer_find(const struct list *l, uint32_t address, size_t *state);
const struct list_refusal *list_refusal_find(const struct list *l, uint32_t address);

enum { CODE_TEXT_SIZE = 16, MATCH_TEXT_SIZE = 32 };
/** "127.0.0.4" of a code in host byte order. */
void list_code_text(uint32_t code, char text[CODE_TEXT_SIZE]);
/** The key of the record ("code", "range", "bits", "octets") and its value as a record has it. */
const char *list_answer_form(const struct list_answer *a, char text[MATCH_TEXT_SIZE]);
/** The same of a refusal: "code" or "range". */
const char *list_refusal_form(const struct list_refusal *r, char text[MATCH_TEXT_SIZE]);

/** Fill {target} {ip} {domain} of a template; percent-encoded. Owned by the arena. NULL for NULL. */
const char *list_template(struct arena *arena, const char *template_text, const char *target);

/** Whether its entries are entries of the other as well (`part_of` of its record). */
bool list_is_part_of(const struct list *l, const struct list *whole);
/** Whether what it lists is a name (domain, host, mail address), not a client's address. */
bool list_holds_names(const struct list *l);

const char *list_class_text(enum list_class v); /* "block" ... the words of the records */
const char *list_state_text(enum list_state v);
const char *impact_text(enum impact v);
const char *scope_word(enum scope_kind v); /* as in the records: "prefix24" ... */
const char *scope_text(enum scope_kind v); /* "address", "prefix", "allocation", "as", "domain", "url" */
const char *refusal_why_text(enum refusal_why v);
const char *cause_text(enum cause v);
const char *cause_for_people(enum cause v); /* "a stolen mail account" */
const char *removal_method_text(int v);     /* "unknown" for REMOVAL_UNKNOWN */
const char *removal_who_text(enum removal_who v);

#endif
