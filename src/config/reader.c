/* SPDX-License-Identifier: BSD-2-Clause */
/* libyaml's events, with the parts of YAML that records do without refused: aliases (a "billion laughs" needs them),
 * anchors, tags, tabs, second documents. */
#include "config/reader.h"

#include <errno.h>

static void fault_at_octet(struct reader *r, struct span text, size_t offset, const char *what)
{
	struct schema_place at = {1, 1};
	for (size_t i = 0; i < offset && i < text.len; i++) {
		at.column++;
		if (text.at[i] == '\n')
			at = (struct schema_place){at.line + 1, 1};
	}
	schema_fault(r->faults, r->file, at, NULL, "%s", what);
}

/* Tabs look like blanks and are none to YAML; one fault a line. */
static void refuse_tabs(struct reader *r, struct span text)
{
	int line = 1;
	for (size_t from = 0; from < text.len; line++) {
		struct span rest = span_from(text, from);
		size_t end = span_find(rest, '\n'), tab = span_find(span_of(rest.at, end), '\t');
		if (tab < end)
			schema_fault(r->faults, r->file, (struct schema_place){line, (int)tab + 1}, NULL,
				     "a tab, expected blanks");
		from += end + 1;
	}
}

int reader_init(struct reader *r, struct span text, const char *file, struct arena *arena, struct schema_faults *faults)
{
	*r = (struct reader){.file = file, .arena = arena, .faults = faults};
	if (text.len > SCHEMA_FILE_OCTETS_MAX) {
		schema_fault(faults, file, (struct schema_place){0}, NULL, "larger than %d octets",
			     SCHEMA_FILE_OCTETS_MAX);
		return -EBADMSG;
	}
	if (!yaml_parser_initialize(&r->parser))
		return -ENOMEM;
	/* UTF-8 only: a byte order mark must not turn it into UTF-16 */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, text.len ? text.at : (const unsigned char *)"", text.len);
	refuse_tabs(r, text);
	return 0;
}

void reader_release(struct reader *r)
{
	if (r->have)
		yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
}

static void parser_fault(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct schema_place at = {(int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1};
	const char *problem = p->problem ? p->problem : "not YAML";
	if (p->error == YAML_MEMORY_ERROR) {
		r->error = -ENOMEM;
		return;
	}
	r->error = -EBADMSG;
	if (p->error == YAML_READER_ERROR) {
		struct span text =
			span_of(p->input.string.start, (size_t)(p->input.string.end - p->input.string.start));
		fault_at_octet(r, text, p->problem_offset, problem);
		return;
	}
	schema_fault(r->faults, r->file, at, NULL, "not YAML: %s%s%s", problem, p->context ? " " : "",
		     p->context ? p->context : "");
}

struct schema_place reader_place(const struct reader *r)
{
	return (struct schema_place){(int)r->event.start_mark.line + 1, (int)r->event.start_mark.column + 1};
}

struct span reader_scalar(const struct reader *r)
{
	return span_of(r->event.data.scalar.value, r->event.data.scalar.length);
}

/* Their names are not shown: in a key file they may be a part of the secret. */
static void refuse_decoration(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		schema_fault(r->faults, r->file, reader_place(r), NULL, "an anchor (&), expected the value alone");
	if (tag)
		schema_fault(r->faults, r->file, reader_place(r), NULL, "a tag (!), expected the value alone");
}

bool reader_pull(struct reader *r)
{
	const yaml_event_t *e = &r->event;
	if (r->error)
		return false;
	if (r->have)
		yaml_event_delete(&r->event);
	r->have = false;
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		parser_fault(r);
		return false;
	}
	r->have = true;
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		schema_fault(r->faults, r->file, reader_place(r), NULL, "an alias (*), expected the value written out");
		break;
	case YAML_SCALAR_EVENT:
		refuse_decoration(r, e->data.scalar.anchor, e->data.scalar.tag);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_decoration(r, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		r->depth++;
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_decoration(r, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		r->depth++;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		break;
	default:
		break;
	}
	if (r->depth > SCHEMA_DEPTH_MAX) {
		schema_fault(r->faults, r->file, reader_place(r), NULL, "more than %d levels deep", SCHEMA_DEPTH_MAX);
		r->error = -EBADMSG;
		return false;
	}
	return true;
}

void reader_skip(struct reader *r)
{
	int open = 0;
	do {
		switch (r->event.type) {
		case YAML_SEQUENCE_START_EVENT:
		case YAML_MAPPING_START_EVENT:
			open++;
			break;
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_END_EVENT:
			open--;
			break;
		default:
			break;
		}
	} while (open > 0 && reader_pull(r));
}

const char *reader_shown(struct span text, char shown[READER_SHOWN_SIZE])
{
	size_t n = text.len < READER_SHOWN_SIZE - 4 ? text.len : READER_SHOWN_SIZE - 4;
	for (size_t i = 0; i < n; i++)
		shown[i] = text.at[i] < 0x20 || text.at[i] == 0x7f ? '?' : (char)text.at[i];
	/* not in the middle of a character: whoever reads the message may insist on UTF-8 */
	while (n < text.len && n && (text.at[n] & 0xc0) == 0x80)
		n--;
	shown[n] = '\0';
	if (n < text.len)
		memcpy(shown + n, "...", sizeof("..."));
	return shown;
}
