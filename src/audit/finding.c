/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/finding.h"

#include <string.h>

#include "audit/finding_file.h"

const struct finding_record *finding_record(const char *id)
{
	for (size_t i = 0; i < findings_builtin_count; i++)
		if (strcmp(findings_builtin[i].id, id) == 0)
			return &findings_builtin[i];
	return NULL;
}

const char *finding_severity_text(enum severity severity)
{
	return schema_word_text(finding_severities, (int)severity);
}
