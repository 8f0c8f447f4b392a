/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_RECEIVERS_H
#define OFFLIST_RECEIVERS_RECEIVERS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "lists/lists.h"

/* The records of data/receivers/: what receivers' replies mean. Which patterns may fit is told by the words they ask for;
 * PCRE2 has the last word and takes the captures. */

enum reply_meaning {                       /* what the reply says of us */
		     REPLY_OTHER,          /* nothing about blocks: full mailbox, greylisting, policy of ours */
		     REPLY_LISTED_PRIVATE, /* the receiver's own list or reputation blocks our address, range or domain */
		     REPLY_LISTED_PUBLIC, /* a public list is named: `zone` */
		     REPLY_RATE,          /* throttled for reputation or volume */
		     REPLY_CONTENT,       /* this message was judged spam */
		     REPLY_IDENTITY,      /* PTR, SPF, DKIM, DMARC, HELO */
		     REPLY_UNKNOWN_USER,  /* no such mailbox: 5.1.1 and its like */
		     REPLY_RECEIVER_REFUSED, /* the list refuses the receiver's resolver (Spamhaus open resolver ...): it is not about us */
		     REPLY_UNKNOWN_BLOCK, /* block-like words that no record has */
		     REPLY_OWN_PROVIDER, /* the sender's own provider holds it back: its quota, its filter, its suspension */
};

enum reply_about { /* whom a refusal holds for */
		   ABOUT_UNTOLD,
		   ABOUT_ADDRESS,   /* the address, or the network around it */
		   ABOUT_DOMAIN,    /* a domain: of the sender, the HELO name, or a link */
		   ABOUT_MESSAGE,   /* this message */
		   ABOUT_RECIPIENT, /* the mailbox: it, its owner's wish or its own limits */
		   ABOUT_SENDER,    /* one sender's account */
		   ABOUT_RANGE,     /* the address's range, which is not to send mail directly */
};

struct receiver {         /* one record: one reply of one receiver */
	const char *name; /* "Microsoft Outlook.com (consumer)" */
	const char *id;   /* file and place: "microsoft.outlook_s3140" */
	enum reply_meaning means;
	const char *meaning;
	enum reply_about about;
	bool temporary;
	const char *removal_url; /* NULL: none known */
	const char *procedure;   /* NULL: none known */
	const char *feedback;    /* NULL */
	const char *source;
};

struct reply_match {
	enum reply_meaning means;
	enum reply_about about;
	const struct receiver *receiver; /* NULL: no record */
	const char *receiver_name;       /* of the record, of the MX, or the relay's registrable domain; never NULL */
	struct span address;             /* quoted in the reply: our address as the receiver sees it; empty: none */
	struct span domain;
	const struct list *list; /* named in the reply and in the catalogue */
	struct span zone;        /* as named; empty: none */
	struct span url;         /* first link in the reply; empty: none */
};

struct receivers;

/**
 * Built in, with `dir` (receivers.d, NULL: none) on top.
 * @param on_fault  NULL, or told every fault of every file, each one line "FILE:LINE:COLUMN: what, what was expected".
 */
int receivers_load(const struct catalogue *lists, const char *dir, catalogue_fault_fn *on_fault, void *arg,
		   struct receivers **ret, struct error *err);
void receivers_free(struct receivers *r);
/** Check files as receivers_load() would take them from `dir`. @return as catalogue_lint(). */
int receivers_lint(const char *const *paths, size_t count, catalogue_fault_fn *on_fault, void *arg);
/** Whether the octets look like a file of receivers rather than of lists. */
bool receiver_file_told(struct span text);

/**
 * Classify one reply. Joined multi-line replies may still hold their repeated codes ("550-5.7.1 [..] 550-5.7.1 ..."):
 * they are taken off first, into the receivers' own buffer. Not thread-safe; spans live until the next call.
 * Quick for what was seen before: replies are kept by their template (digits and addresses folded).
 * @param relay  name of the receiving host; empty: not known.
 */
void receivers_match(struct receivers *r, struct span relay, uint16_t code, struct span status, struct span reply,
		     struct reply_match *ret_match);
/** Begin to fetch from memory what receivers_match() will look at first. @param relay_hash  hash_name() of the relay. */
void receivers_fetch(const struct receivers *r, uint64_t relay_hash);
/**
 * Where to ask for removal, the address or domain of the reply filled in; without one, the page as it is without its
 * query. Owned by the arena. NULL: none known.
 */
const char *receivers_removal(struct arena *arena, const struct reply_match *m);
/** The first record that sends people to a page on this link's host. NULL: none. */
const struct receiver *receivers_of_page(const struct receivers *r, struct span link);
/** The reply with addresses, digits, ids and mail addresses folded: equal for replies that say the same. */
void reply_template(struct span reply, struct buf *out);
/** The registrable domain (public suffix list) inside a name in lower case, or all of it; empty for an address or a bare word. */
struct span receivers_registrable(const char *name);
const char *reply_meaning_text(enum reply_meaning m); /* "listed_private" */
const char *reply_about_text(enum reply_about a);     /* "domain"; NULL: untold */

#endif
