/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_TEXT_H
#define OFFLIST_CLI_TEXT_H

#include "cli/check_report.h"

/* Parts of the text format, each in a file of its own; only for the files text_*.c and out_text.c. */

enum text_style { STYLE_PLAIN, STYLE_BOLD, STYLE_BAD, STYLE_DOUBT, STYLE_GOOD, STYLE_DIM };

/** Add text in a style (colour only where the report has it). Outside text is escaped. */
void text_styled(struct report *r, enum text_style style, const char *text);
/** Fill "label text" into lines; further lines stand under the text. `label` may be "". */
void text_entry(struct report *r, unsigned indent, const char *label, const char *text);

enum text_group { GROUP_LISTED, GROUP_POLICY, GROUP_LOW, GROUP_NONE };
/** Under which heading a listed row stands. */
enum text_group text_group_of(const struct report *r, const struct check_row *row);

/** A listing in full: what it means, its evidence, what it covers, what it suggests. */
void text_listing(struct report *r, const struct target *t, const struct check_row *row);
/** How to get off: one entry a listed row of the group, what to do first once above them. */
void text_removals(struct report *r, const struct check_result *result, enum text_group group);
/** Lists that gave no answer to be believed, by reason. */
void text_no_answers(struct report *r, const struct check_result *result);
/** "clear on 49 lists, 9 not asked: 5 need a key"; each of them with --verbose. */
void text_rest(struct report *r, const struct check_result *result);

/** "Your resolver (192.0.2.53) removes ..." with what to set. */
void text_resolver_fault(struct report *r, const struct check_fault *fault);

const char *text_status_words(enum status s); /* "would not answer us" */
/** "192.0.2.10 (from example.com)" with where it was found. */
void text_target_name(struct report *r, const struct target *t);

/* text_fold.c: a fleet on a terminal, by list and range */
struct fold;
struct fold *fold_new(void);
struct fold *fold_free(struct fold *f);
/** Put a target under a heading. @return 0; -ENOMEM. */
int fold_add(struct fold *f, const char *heading, const struct target *t);
void fold_write(struct report *r, const struct fold *f, enum text_style style);

#endif
