/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_EXPLAIN_PARTS_H
#define OFFLIST_EXPLAIN_EXPLAIN_PARTS_H

#include "base/buf.h"
#include "explain/explain.h"

/* The room's own: configuration as entries with their place in the text. */

enum syntax {
	SYNTAX_POSTSCREEN,
	SYNTAX_RESTRICTION,
	SYNTAX_EXIM,
	SYNTAX_RSPAMD,
	SYNTAX_SPAMASSASSIN,
	SYNTAX_SERVER, /* check_rbl.ini: server=ZONE */
	SYNTAX_PLAIN,  /* a zone a line */
	SYNTAX_SENDMAIL,
	SYNTAX_COMMAND, /* rblsmtpd, filter-dnsbl, spamdyke */
	SYNTAX_POLICYD,
	SYNTAX_HARAKA,
};

enum asks { ASKS_ANYTHING, ASKS_ADDRESSES, ASKS_NAMES };
enum purpose { PURPOSE_UNKNOWN, PURPOSE_BLOCK, PURPOSE_WHITE };

struct entry {
	enum syntax syntax;
	enum asks asks;
	enum purpose purpose;
	bool weighted;           /* a score, not a refusal by itself */
	bool hashed;             /* rspamd: it asks with hashes */
	bool filtered;           /* it has a filter of a form that is not read here */
	struct span zone;        /* in the text */
	struct span filter;      /* with its operator; empty: none */
	struct span weight;      /* postscreen: "*3"; empty: none */
	struct span name;        /* SpamAssassin: of the rule */
	const char *keyword;     /* what shows the syntax */
	size_t start, end;       /* of the whole part, in octets of the text */
	size_t prefix;           /* Postfix: where words begin that go with it; else start */
	bool behind_defer;       /* Postfix: defer_if_reject stands before it */
	bool warns;              /* it refuses nothing: warn_if_reject stands among them, or Exim's warn */
	bool negated;            /* Exim: ! before the condition */
	bool nested;             /* Exim: inside ${...} */
	bool nameless;           /* Postfix: what stands in the name's place is another restriction */
	struct span home;        /* Postfix: the parameter that it stands in; empty: none is seen */
	size_t value, value_end; /* the whole value that it is one of; 0: none */
	const struct list *list; /* NULL: not in the catalogue */
	struct entry *next;
};

struct entries {
	struct arena *arena;
	struct span text; /* comments are blanks in it; places are those of the text given */
	struct entry *first, **last;
	size_t count;
	int error; /* -ENOMEM, -E2BIG; sticks */
};

/** Find all entries, in order. Entries that are none are not an error. */
void entries_find(struct entries *e);
struct entry *entries_add(struct entries *e, const struct entry *entry);
/** The single forms; each adds what it finds. */
void entries_find_postfix(struct entries *e);
void entries_find_exim(struct entries *e);
void entries_find_filters(struct entries *e); /* rspamd, SpamAssassin */
void entries_find_lines(struct entries *e);   /* list files of checkers */
void entries_find_more(struct entries *e);    /* Sendmail and others of which no text is written */

/** Where the line of octet `at` ends: at its newline or the end. */
size_t entry_line_end(struct span text, size_t at);
/** A copy with lines that begin with one of the marks made blank. @return -ENOMEM. */
int explain_blank_comments(struct arena *arena, struct span text, const char *marks, struct span *ret_text);
/** The next octet from `from` on where the word stands by itself, or text.len. */
size_t explain_find_word(struct span text, size_t from, const char *word);
size_t explain_skip_blanks(struct span text, size_t at); /* blanks and tabs */

/** What separates words of Postfix: blanks, line ends, commas. */
bool explain_postfix_separates(uint8_t c);
/** Where the logical line of octet `at` ends. Comments are blank in the text, for these three. */
size_t explain_postfix_value_end(struct span blank, size_t at);
size_t explain_exim_line_end(struct span blank, size_t at);
/** Where the next line begins that is not empty, from the beginning of one on; the end of the text: none. */
size_t explain_exim_line_next(struct span blank, size_t at);

/* The items of a list of Exim's, with what separates them. */
struct exim_items {
	struct span text; /* up to the end of the list */
	size_t at;
	uint8_t separator;
	size_t start, end; /* of the item, without blanks and line ends */
	size_t joint;      /* the separator behind it; the end of the list: none */
};
struct exim_items explain_exim_items_of(struct span blank, size_t at, size_t end);
bool explain_exim_next_item(struct exim_items *items);

/* What a filter takes: Postfix's 127.0.0.[2..11], Exim's =127.0.0.2,127.0.0.3 and &0.0.0.2. */
enum { FILTER_SETS_MAX = 32 };
struct code_set {
	uint32_t octet[4][8]; /* a bit a value */
};
struct filter {
	enum { FILTER_NONE, FILTER_SETS, FILTER_MASK, FILTER_UNREADABLE } kind;
	bool negated;
	size_t count;
	uint32_t masks[FILTER_SETS_MAX]; /* all bits of one of them */
	struct code_set sets[FILTER_SETS_MAX];
};
void filter_parse(enum syntax syntax, struct span text, struct filter *ret_filter);
bool filter_takes(const struct filter *f, uint32_t code);
/** Whether it takes any code of the row. */
bool filter_takes_answer(const struct filter *f, const struct list_answer *a);
/** Whether a pattern of octets has one of the list's refusals in it. */
bool filter_octet_refuses(const struct list *l, const struct list_answer *a);
/** A filter in that syntax that takes the list's answers of this purpose and no refusal; "" when there is none. */
void filter_write(struct buf *out, enum syntax syntax, const struct list *l, enum purpose purpose);

struct judged {
	const struct entry *entry;
	struct explain_item *item;
	bool changed;    /* something has to change */
	bool hand;       /* ... that the administrator alone can write */
	bool secret;     /* its zone has a key in it */
	const char *put; /* what comes into the text from put_from to put_to; NULL: nothing */
	size_t put_from, put_to;
};

/** Look an entry up. @return -ENOMEM. */
int entry_identify(const struct catalogue *c, struct arena *arena, struct entry *e, const char **ret_zone);
/** Fill an item's notes and what to write instead; all entries are identified. */
int judge_entry(const struct catalogue *c, const struct entries *all, struct judged *j);
void explain_item_note(struct arena *arena, struct explain_item *item, bool wrong, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/** What is to be said of a list that is closed, fraudulent, disputed or unverified. */
void explain_note_state(struct arena *arena, struct explain_item *item, const struct list *l);
#endif
