/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading on behind the end. */
#include "maillog/source_internal.h"

void sources_follow_end(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		reader_free(s->inputs[i].follower);
}
