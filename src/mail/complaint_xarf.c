/* SPDX-License-Identifier: BSD-2-Clause */
/* XARF, version 3 (xarf.org: ReporterInfo, Report) and 4 (xarf_version, source_identifier, evidence). */
#include <errno.h>
#include <jansson.h>

#include "mail/complaint_parts.h"
#include "mail/mime_decode.h"

bool complaint_is_xarf(struct span json)
{
	return span_contains_nocase(json, "\"xarf_version\"") || span_contains_nocase(json, "\"xarf\"") ||
	       (span_contains_nocase(json, "\"reporterinfo\"") && span_contains_nocase(json, "\"report\""));
}

static struct span text_of(const json_t *object, const char *key, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *copy = text ? arena_copy(arena, span_str(text)) : NULL;
	return copy ? span_str(copy) : (struct span){0};
}

static void take(struct span *field, struct span value)
{
	if (!field->len)
		*field = value;
}

/* The payload of a sample or evidence: a message, in base64 where it says so. */
static struct span payload_of(const json_t *sample, struct arena *arena)
{
	struct span text = text_of(sample, "Payload", arena);
	bool base64 = json_is_true(json_object_get(sample, "Base64Encoded"));
	uint8_t *to;
	if (!text.len) {
		text = text_of(sample, "payload", arena);
		/* version 4 always encodes: what has no colon is no header */
		base64 = span_find(text, ':') == text.len;
	}
	if (!base64)
		return text;
	to = text.len ? arena_alloc(arena, text.len, 1) : NULL;
	return to ? span_of(to, mime_decode(&(struct mime_decoder){.encoding = MIME_BASE64}, text, to))
		  : (struct span){0};
}

static void read_object(const json_t *report, struct arena *arena, struct complaint *c)
{
	static const char *const types[] = {"ReportType", "type", "category"}, *const times[] = {"Date", "timestamp"},
				 *const sources[] = {"SourceIp", "source_identifier", "Source"};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		take(&c->type, text_of(report, types[i], arena));
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		take(&c->at, text_of(report, times[i], arena));
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		take(&c->address, text_of(report, sources[i], arena));
	take(&c->mail_from, text_of(report, "SmtpMailFromAddress", arena));
	take(&c->mail_from, text_of(report, "smtp_from", arena));
	take(&c->subject, text_of(report, "SmtpMessageSubject", arena));
	take(&c->subject, text_of(report, "subject", arena));
	take(&c->message_id, text_of(report, "message_id", arena));
}

int complaint_xarf(struct span json, struct arena *arena, struct complaint *c, struct span *ret_original)
{
	json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, NULL), *report, *samples;
	if (!root)
		return 0;
	report = json_object_get(root, "Report");
	report = json_is_object(report) ? report : root;
	read_object(report, arena, c);
	samples = json_object_get(report, "Samples");
	samples = json_is_array(samples) ? samples : json_object_get(report, "evidence");
	for (size_t i = 0; i < json_array_size(samples) && !ret_original->len; i++)
		*ret_original = payload_of(json_array_get(samples, i), arena);
	json_decref(root);
	return 1;
}
