/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_EXPLAIN_H
#define OFFLIST_EXPLAIN_EXPLAIN_H

#include "lists/lists.h"

/* What an answer, a zone, an SMTP reply or lines of an old configuration say, read with the catalogue. Pure: nothing is
 * asked. No key ever stands in what comes out: a keyed zone is shown as in its record. */

enum {
	EXPLAIN_OCTETS_MAX = 1 << 20, /* of a text: the largest list files of checkers have some 10 KiB */
	EXPLAIN_ITEMS_MAX = 2048,
	EXPLAIN_REASONS_MAX = 8, /* one octet of bits */
};

enum explain_kind { EXPLAIN_ANSWER, EXPLAIN_ZONE, EXPLAIN_CONFIG, EXPLAIN_LOOKUP };

enum explain_outcome {                     /* of a look-up that is no listing */
		       OUTCOME_NOT_LISTED, /* the name is not there */
		       OUTCOME_NO_ANSWER,  /* nobody knows: the resolver or the list failed */
		       OUTCOME_NO_LISTING, /* an answer that no list gives */
		       OUTCOME_TEXT,       /* a list's words without its answer */
};

struct explain_note {
	bool wrong; /* something to mend; else it is only told */
	const char *text;
	struct explain_note *next;
};

struct explain_item {
	enum explain_kind kind;
	const char *zone;             /* as in the record, or as given; NULL: none is named */
	const struct list *list;      /* NULL: not in the catalogue */
	const char *given;            /* config: this part as it stands there */
	const char *syntax;           /* config: "postscreen_dnsbl_sites" ... */
	const char *asked;            /* answer, zone: the address or domain that the name asks about; NULL: none */
	enum explain_outcome outcome; /* lookup */
	const char *error;            /* lookup: what the tool said, the answer, or the text; NULL: nothing */
	bool has_code, refused;       /* refused: no listing, whatever the list */
	uint32_t code;
	const struct list_refusal *refusal;
	const struct list_answer *answers[EXPLAIN_REASONS_MAX];
	size_t answer_count;
	struct explain_note *notes;
	size_t line;         /* config: of the text, 1 the first */
	bool remove;         /* config: this part has to go */
	const char *instead; /* config: this part as it should be; NULL: leave it out, or change it by hand */
	struct explain_item *next;
};

struct explanation {
	struct explain_item *items;
	size_t count;
	bool wrong;          /* an item has something to mend, or its list is dead */
	bool config;         /* the text was configuration */
	bool lookups;        /* the text was output of a tool that looks names up */
	bool by_hand;        /* something has to change that no text is offered for */
	const char *instead; /* the whole text as it should be; NULL: nothing to mend, or by hand */
};

/**
 * @param text  outside octets, borrowed for the call.
 * @return 0; -EINVAL: nothing could be made of it (err); -E2BIG: too long (err); -ENOMEM.
 */
int explain(const struct catalogue *c, struct span text, struct arena *arena, struct explanation *ret_explanation,
	    struct error *err);

/** The program whose configuration the text is, where it is one that is not read here; NULL: none is seen. */
const char *explain_unread(struct span text);

#endif
