/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VERDICT_HIDDEN_H
#define OFFLIST_VERDICT_HIDDEN_H

#include "verdict/belief.h"

/*
 * Whose fault is it that a listed test point does not come through a resolver: the list's, or the resolver's (the
 * exception of rule 1)? Many resolvers take addresses of 127.0.0.0/8 out of answers against DNS rebinding, and with them
 * every listing; others never ask for a name below one that does not exist, which rbldnsd's lists need. Pure.
 */

enum look {
	LOOK_NONE, /* not asked, or nothing came */
	LOOK_SHOWN,
	LOOK_NO_DATA, /* the name is there, without this type */
	LOOK_NO_NAME, /* NXDOMAIN */
	LOOK_FAILED,
};

/** What was seen of one list, beyond its answer to the listed test point. */
struct second_looks {
	enum point_answer listed; /* through the resolver */
	bool bare;                /* absent as "no data" without an SOA, as filters answer */
	bool no_name;             /* absent as NXDOMAIN */
	bool no_soa;              /* without the SOA that lets it be kept (RFC 2308 5) */
	bool no_passes;           /* a plain "no" came through for a name that is not listed */
	uint32_t errors;          /* extended DNS errors beside the listed point's answer, bit N for code N */
	enum look again;          /* the listed point's address, asked once more */
	enum look txt;            /* TXT of the listed point: rebinding filters look at addresses only */
	enum look txt_clear;      /* TXT of a name that is not listed: shown, it says nothing (a wildcard) */
	enum look apex;           /* the zone's own name */
	enum look above;          /* the name above the test point; rbldnsd answers NXDOMAIN */
	enum look below;          /* the listed point by another type, asked when the name above was denied */
	bool has_above;           /* there is one below the zone */
	enum look direct;         /* the listed point at the list's own servers */
	enum look direct_above;
};

enum hiding {
	HIDING_NO,      /* the resolver hides nothing of this list: what it said of it stands */
	HIDING_ANSWERS, /* it takes the addresses out of answers */
	HIDING_EITHER,  /* the one or the other: its text comes, its address is said not to exist */
	HIDING_NAMES,   /* the list shows what the resolver does not find: strict QNAME minimisation */
	HIDING_OLD,     /* so, but not for that reason: an old answer in its cache, or a block of this zone */
	HIDING_OPEN,    /* nothing else than the resolver's "no" is known */
};

enum hiding hiding_of(const struct second_looks *looks);

/** What is wrong with a resolver. */
enum resolver_fault {
	FAULT_NONE,
	FAULT_FILTERS,   /* takes answers of 127.0.0.0/8 out */
	FAULT_MINIMISES, /* strict QNAME minimisation */
	FAULT_EITHER,    /* one of these two */
	FAULT_HIDES,     /* shows no list's entry, or may minimise: not told apart */
	FAULT_NOTHING,   /* NXDOMAIN to everything */
	FAULT_LISTS,     /* an answer of 127.0.0.0/8 to everything */
	FAULT_REWRITES,  /* addresses of its own for names that do not exist */
	FAULT_FAILS,     /* SERVFAIL to everything */
	FAULT_REFUSES,   /* REFUSED to everything */
	FAULT_SILENT,
	FAULT_REFUSED,  /* most lists would not answer it */
	FAULT_UNPROVEN, /* nothing shows that it lets lists' answers pass, and a "not listed" hangs on that */
};

/** What all lists of a run showed of one resolver. */
struct resolver_evidence {
	uint32_t asked;              /* lists */
	uint32_t shown;              /* whose listed test point came through: it lets 127.0.0.0/8 pass */
	uint32_t shown_deep;         /* with a name between the zone and its test point, which minimising finds */
	uint32_t shown_below;        /* and stands below a name that does not exist: it does not minimise strictly */
	uint32_t shown_below_unkept; /* the same, but that NXDOMAIN had no SOA: a cache cannot have kept it */
	uint32_t answers, either, names, open;
	uint32_t changed;      /* lists that are shown, and were not found in an earlier run not long ago */
	uint32_t denied;       /* lists whose test point is said not to exist, and hidden maybe */
	uint32_t filtered;     /* of these, lists whose address alone is missing: a filter that answers NXDOMAIN */
	uint32_t cut_below;    /* shown, until the name above was denied: then nothing below it */
	uint32_t open_high;    /* operators of high impact among the open ones; they are not all emptied at once */
	uint32_t open_names;   /* open ones that strict minimisation would explain */
	uint32_t looked_above; /* lists whose name above was looked at */
	uint32_t open_kept;    /* open ones and those with a hidden name whose NXDOMAIN a cache may keep */
	uint32_t no_apex;      /* of the denied ones, those whose zone itself is said not to exist */
	uint32_t lists, rewrites, fails, refuses, silent, refused; /* lists by what went wrong */
	enum point_answer control;                                 /* a name that cannot exist, where it was asked */
	bool control_asked;
};

enum resolver_fault hidden_fault_of(const struct resolver_evidence *e);

/** Does that fault make a plain "no" worthless for lists that have no test point? */
bool hidden_fault_hides(enum resolver_fault fault);
/** Are "it lists the world", "an address outside 127.0.0.0/8" the resolver's words, not the list's? */
bool hidden_fault_lies(enum resolver_fault fault);

/**
 * Is an absent test point the list's own fault: may it be called emptied?
 * @param looks  of a list whose hiding is HIDING_OPEN.
 */
bool hidden_emptied(const struct second_looks *looks, const struct resolver_evidence *e);

/**
 * May a plain "no" of a list be the resolver's own?
 * @param looks  of the list; its test point came through, or it has none.
 */
bool hidden_no_is_doubtful(const struct second_looks *looks, enum resolver_fault fault,
			   const struct resolver_evidence *e);

/**
 * Does a "no" of this list hang on what the resolver is? It has no test point; or none that strict minimisation would
 * hide, where that would hide others of its entries (a label right below the zone, for names of several labels). Or some
 * test point was not found before and now is: unbound and BIND, minimising strictly, go one label further with every
 * question as long as they keep the answers, so that what was asked for often is shown, and only that.
 */
bool hidden_no_hangs_on_resolver(const struct second_looks *looks, const struct resolver_evidence *e);

/** The lists that were asked show that the resolver lets listings pass: 127.0.0.0/8, and below names that do not exist. */
bool hidden_is_proved(const struct resolver_evidence *e);

/** Would strict QNAME minimisation explain it? */
bool hidden_may_be_minimised(const struct second_looks *looks);

/** Test points come through now that did not in an earlier run: more of them than lists come back. */
bool hidden_shown_after(const struct resolver_evidence *e);

/** Names below one that does not exist come through: no strict minimisation. */
bool hidden_not_strict(const struct resolver_evidence *e);

/** "filters" ...; NULL for FAULT_NONE. */
const char *hidden_fault_text(enum resolver_fault fault);

/** What a resolver may be, as far as its way of hiding tells. */
enum resolver_product { PRODUCT_UNKNOWN, PRODUCT_UNBOUND, PRODUCT_DNSMASQ, PRODUCT_BIND, PRODUCT_KNOT };
enum resolver_product hidden_product_of(const struct second_looks *looks);

/** "removes answers of 127.0.0.0/8 ...": goes on behind "your resolver (ADDRESS) ". */
const char *hidden_fault_words(enum resolver_fault fault);
/** What to set, a sentence or more; NULL: nothing is known. */
const char *hidden_fault_remedy(enum resolver_fault fault, enum resolver_product product);

#endif
