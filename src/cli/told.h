/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_TOLD_H
#define OFFLIST_CLI_TOLD_H

#include "base/buf.h"
#include "case/cause.h"

/* What a followed log has been told of, so that it is told once: kept as text between runs. */

enum { TOLD_MAX = 4096 };

struct told;
struct told *told_new(void);
void told_free(struct told *t);
/** Read what told_write() wrote; lines that are none are passed over. */
void told_read(struct told *t, struct span text);
void told_write(const struct told *t, struct buf *out);
/** Is there news: unknown yet, more certain by a word ("likely", "very likely", "certain"), or running again? Notes it. */
bool told_cause(struct told *t, const struct cause_row *c);
bool told_block(struct told *t, const struct private_block *b);

/** "certain", "very likely", "likely", "possible" */
const char *told_certainty(double confidence);

#endif
