/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_FINDER_H
#define OFFLIST_MTA_FINDER_H

#include "mta/server.h"

/*
 * What the files of this room share: a server in the making. Its error sticks (-ENOMEM), so that the readers of
 * settings are straight lines; what cannot be read becomes a note.
 */

enum {
	FINDER_ADDRESSES_MAX = 512,
	FINDER_DOMAINS_MAX = 4096,
	FINDER_NETWORKS_MAX = 1024,
	FINDER_QUEUES_MAX = 32,
	FINDER_NOTES_MAX = 32,
	FINDER_FILE_MAX = 1 << 20, /* octets of a settings file or map that are read */
};

struct interface {
	const char *name;
	struct addr addr;
};

struct finder {
	const char *root;          /* "" or a directory that stands for "/" */
	const struct trace *trace; /* may be NULL */
	struct arena *arena;
	const struct interface *interfaces;
	size_t interface_count;
	struct server server;
	const char **notes;
	size_t note_count;
	int error;
};

/** One MTA: how it is recognised and who reads its settings. */
struct mta_row {
	enum mta_kind kind;
	const char *name;
	const char *files[6];    /* settings; one of them is enough */
	const char *programs[4]; /* one of them beside the settings makes it certain */
	void (*read)(struct finder *f);
};

extern const struct mta_row mta_postfix, mta_exim, mta_sendmail, mta_opensmtpd;

/** server_find() with the interfaces given. */
int server_find_among(const char *root, const struct trace *trace, const struct interface *interfaces, size_t count,
		      struct arena *arena, struct server *ret_server, const char ***ret_notes, size_t *ret_note_count);

/** Room for what is found: one with root, trace and arena set is made ready for the functions below. @return 0; -ENOMEM. */
int finder_prepare(struct finder *f);

void finder_note(struct finder *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Copies into the arena; "" (and the error kept) when memory is used up. */
const char *finder_copy(struct finder *f, struct span text);

/** Public and documentation addresses are kept, others left out. A second origin is added to the first. */
void finder_address(struct finder *f, const struct addr *a, const char *origin);
/** An address in text, brackets and "port" left off; anything else (host names, "all") is passed over. */
void finder_address_text(struct finder *f, struct span text, const char *origin);
/** A domain served here; what is no public name (localhost, one label, patterns) is passed over. */
void finder_domain(struct finder *f, struct span name);
/** "192.0.2.0/24", "[2001:db8::]/32", an address; anything else (tables, "!", host names) is passed over. */
void finder_network(struct finder *f, struct span text);
void finder_host_name(struct finder *f, struct span name);
/** "[mail.example.net]:587", "mail.example.net::587", "smtp+tls://label@mail.example.net:587": the host is kept. */
void finder_smarthost(struct finder *f, struct span text);

/** A queue's folder; what is no absolute path is passed over. @param settings  of another instance; NULL: the usual ones. */
void finder_queue(struct finder *f, struct span path, const char *settings);

bool finder_is_name(struct span text);

/** @return 0; -ENOENT; -EACCES ... (noted, except -ENOENT). The text lies in the arena. */
int finder_file(struct finder *f, const char *path, struct span *ret_text);
bool finder_exists(const struct finder *f, const char *path);
/** Each line's first word (up to blank or ':') of a map or list file is a domain. `what` names the setting. */
void finder_domain_file(struct finder *f, const char *path, const char *what);

/** Take the next line off `rest` (without its end). False: none left. */
bool finder_line_next(struct span *rest, struct span *ret_line);
/** Take the next word off `rest`, split at any octet of `separators`. False: none left. */
bool finder_word_next(struct span *rest, const char *separators, struct span *ret_word);

/**
 * What a program of the MTA says of its settings; 5 s, 256 KiB.
 * @param why  what it failed for, in its own words where it has any.
 * @return 0 with its output (in the arena); -ENOENT: not there; -ETIMEDOUT; -EIO: it failed; -E2BIG.
 */
int finder_ask(struct finder *f, const char *const *argv, struct span *ret_output, struct error *why);

#endif
