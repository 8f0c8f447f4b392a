/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CONFIG_SCHEMA_H
#define OFFLIST_CONFIG_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"

/* YAML into C structs by tables of rows: one grammar for offlist.yaml, the administrator's lists and data/. A reader goes
 * on after a fault, so that one run tells all of them, each as "FILE:LINE:COLUMN: key: what is wrong, what was expected".
 * Anchors, aliases, merge keys, tags, tabs and control characters are refused: records are read by people and by us only. */

enum {
	SCHEMA_FILE_OCTETS_MAX = 4 << 20, /* ten times all of data/lists */
	SCHEMA_DEPTH_MAX = 16,            /* our deepest record has six */
	SCHEMA_ITEMS_MAX = 8192,          /* of one list; all of data/lists has 400 records */
	SCHEMA_PAIRS_MAX = 512,           /* of one map of any keys: each is compared with each */
	SCHEMA_FAULTS_MAX = 100,          /* told one by one; a person mends those first */
	SCHEMA_ROWS_MAX = 64,             /* bits of `given` */
};

/** Line and column of a value, both from 1; line 0: not there. */
struct schema_place {
	int line, column;
};

/** First member of every struct whose schema says `seen`: what was given there, and where. */
struct schema_seen {
	uint64_t given;                /* bit i: row i was given and is good */
	const struct schema_place *at; /* by row; owned by the arena */
	struct schema_place start;     /* of the map itself */
};

struct schema_word {
	const char *text; /* NULL ends a table */
	int value;
};

/** Takes one scalar: false = not what is expected. Writes field, unless that is NULL (a check of a text row). */
typedef bool schema_accept_fn(struct span text, void *field);

enum schema_type {
	SCHEMA_TEXT,    /* const char *; accept() checks it */
	SCHEMA_INTEGER, /* int64_t, min..max */
	SCHEMA_REAL,    /* double, min..max */
	SCHEMA_BOOL,    /* bool */
	SCHEMA_DATE,    /* const char *: YYYY, YYYY-MM or YYYY-MM-DD */
	SCHEMA_WORD,    /* int: value of one of words */
	SCHEMA_WORDS,   /* uint32_t: a list of words, their values or-ed */
	SCHEMA_SCALAR,  /* what accept() writes */
	SCHEMA_TEXTS,   /* const char ** at offset, size_t at count_offset; accept() checks each */
	SCHEMA_MAP,     /* a struct of its own schema, in place; where accept() is set, one word may stand for it */
	SCHEMA_MAPS,    /* pointer to an array of such structs, size_t at count_offset */
	SCHEMA_PAIRS,   /* only as the single row of a schema: a map of any keys; struct schema_pair *, size_t */
};

struct schema_row {
	const char *key;
	enum schema_type type;
	size_t offset, count_offset;
	size_t places_offset; /* texts: struct schema_place * of the items; 0: not wanted */
	bool required;
	const struct schema_word *words;
	const struct schema *map;
	schema_accept_fn *accept;
	const char *expected;     /* "an address or ..." for accept() */
	double min, max;          /* both 0: not negative */
	const char *default_text; /* settings: what holds when it is absent; read like a given value */
	const char *help;         /* one sentence for the manual */
};

struct schema {
	const char *name; /* "a list record": what the map is called in messages */
	const struct schema_row *rows;
	size_t count;
	size_t size; /* of the struct */
	bool seen;   /* the struct begins with struct schema_seen */
};

struct schema_pair {
	const char *key, *value;
	struct schema_place at;
};

typedef void schema_fault_fn(void *arg, const char *line);

/** Where faults go: each to on_fault (may be NULL), the first also to err (may be NULL). */
struct schema_faults {
	schema_fault_fn *on_fault;
	void *arg;
	struct error *err;
	size_t count;
};

/** Tell a fault; `key` NULL: of the file as a whole. Line 0 of `at`: no place. */
void schema_fault(struct schema_faults *faults, const char *file, struct schema_place at, const char *key,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

/**
 * Read one YAML document into ret_struct (zeroed before by the caller; defaults may stand there).
 * @param text      borrowed for the call.
 * @param file      for messages.
 * @param arena     owns all that ret_struct points to.
 * @return 0; -EBADMSG: faults were told; ret_struct holds what was good; -ENOMEM: memory or the arena's maximum.
 */
int schema_read(const struct schema *schema, struct span text, const char *file, struct arena *arena,
		struct schema_faults *faults, void *ret_struct);

/**
 * The octets of a file, read whole.
 * @param ret_text  owned by the arena.
 * @param ret_mode  permission bits; may be NULL.
 * @return 0; the negative errno of opening or reading it; -EISDIR; -EFBIG: larger than SCHEMA_FILE_OCTETS_MAX; -ENOMEM.
 */
int schema_file(const char *path, struct arena *arena, struct span *ret_text, unsigned int *ret_mode);

/** Write the default texts of a table (nested ones included) into a struct. @return 0; -ENOMEM; -EINVAL: a bad table. */
int schema_defaults(const struct schema *schema, struct arena *arena, void *ret_struct);

/** Bit of the row called `key`; the tables are ours, so an unknown key is a mistake of the program. */
uint64_t schema_bit(const struct schema *schema, const char *key);
/** Place of that row's value in a struct with `seen`; the map's own where it was not given. */
struct schema_place schema_at(const struct schema *schema, const void *of, const char *key);

/** The word of a value; NULL: none. */
const char *schema_word_text(const struct schema_word *words, int value);

/** A real date: YYYY, YYYY-MM or YYYY-MM-DD. */
bool schema_date_valid(struct span text);

/** How many single-octet changes make b of a, ASCII case ignored; more than `limit` gives limit + 1. */
size_t schema_distance(struct span a, struct span b, size_t limit);

#endif
