/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/idle_script.h"

#include <string.h>

#include "base/ascii.h"

/* Past a comment that begins here. @return false: none does. */
static bool skip_comment(struct span *s)
{
	size_t at = 2;
	if (span_starts(*s, "/*")) {
		while (at < s->len && !(s->at[at] == '/' && s->at[at - 1] == '*' && at > 2))
			at++;
		*s = span_from(*s, at + 1);
		return true;
	}
	if (!span_starts(*s, "//") && !span_starts(*s, "#"))
		return false;
	/* the end tag ends it as well */
	for (at = 0; at < s->len && s->at[at] != '\n' && s->at[at] != '\r' && !span_starts(span_from(*s, at), "?>");)
		at++;
	*s = span_from(*s, at);
	return true;
}

static void skip_blanks(struct span *s)
{
	while (s->len && ascii_is_space(s->at[0]))
		*s = span_from(*s, 1);
}

/* "exit;", "die(0);", "exit ?>" */
static bool exits(struct span s)
{
	size_t word = span_begins_nocase(s, "exit") ? 4 : span_begins_nocase(s, "die") ? 3 : 0;
	if (!word)
		return false;
	s = span_from(s, word);
	skip_blanks(&s);
	if (span_starts(s, "(")) {
		s = span_from(s, 1);
		while (s.len && (ascii_is_space(s.at[0]) || ascii_is_digit(s.at[0])))
			s = span_from(s, 1);
		if (!span_starts(s, ")"))
			return false;
		s = span_from(s, 1);
		skip_blanks(&s);
	}
	return span_starts(s, ";") || span_starts(s, "?>");
}

bool idle_script(struct span head, bool whole)
{
	if (span_starts(head, "\xef\xbb\xbf"))
		head = span_from(head, 3);
	skip_blanks(&head);
	if (head.len == 0)
		return whole;
	if (!span_begins_nocase(head, "<?php"))
		return false;
	head = span_from(head, 5);
	do
		skip_blanks(&head);
	while (skip_comment(&head));
	if (exits(head))
		return true;
	if (span_starts(head, "?>")) {
		head = span_from(head, 2);
		skip_blanks(&head);
	}
	return whole && head.len == 0;
}

bool idle_script_is_php(struct span name)
{
	static const char *const endings[] = {".php",  ".php3",  ".php4", ".php5", ".php7",
					      ".php8", ".phtml", ".pht",  ".phar"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		struct span ending = span_str(endings[i]);
		if (name.len > ending.len && span_equal_nocase(span_from(name, name.len - ending.len), ending))
			return true;
	}
	return false;
}
