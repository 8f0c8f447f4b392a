/* SPDX-License-Identifier: BSD-2-Clause */
/* A log format as small as can be: lines of one program, which are understood and say nothing. */
#include "logparse/format.h"

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	return span_equal(name, span_str("trialmta")) ? CLAIM_YES : CLAIM_NO;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *ret_event)
{
	return LINE_QUIET;
}

const struct format_row format_trial_format = {FORMAT_TRIAL, program, NULL, parse};
