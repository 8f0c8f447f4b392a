/* SPDX-License-Identifier: BSD-2-Clause */
/* Heads of lines: time stamps with the state that they leave, rules of zones. All spans lie in the line. */
#include "line.h"
#include "logread/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void head_inside(struct span raw, struct stamps *stamps)
{
	struct log_line l;
	line_read(raw, stamps, &l);
	span_inside(l.host, raw);
	span_inside(l.program, raw);
	span_inside(l.text, raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zone *zone = NULL;
	struct stamps stamps, utc = stamps_of(NULL, INT64_C(1795514400000));
	struct span rest = span_of(data, size);
	struct zone_rule rule;
	if (zone_new("Europe/Berlin", &zone) < 0)
		zone = NULL;
	stamps = stamps_of(zone, INT64_C(1795514400000));
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		head_inside(span_of(rest.at, end), &stamps);
		head_inside(span_of(rest.at, end), &utc);
		if (zone_rule_parse(span_of(rest.at, end), &rule) == 0)
			for (int64_t at = 0; at < INT64_C(4102444800); at += 86400 * 91)
				if (zone_rule_offset_s(&rule, at) < -90000 || zone_rule_offset_s(&rule, at) > 90000)
					abort();
		rest = span_from(rest, end + 1);
	}
	zone_free(zone);
	return 0;
}
