/* SPDX-License-Identifier: BSD-2-Clause */
/* PHP's mail.log (mail.log=FILE or syslog): "mail() on [/var/www/x.php:12]: To: a@example.net -- Headers: ... -- Subject: ...".
 * (php.net, ini setting mail.log; main/mail.c writes it.) */
#include "base/ascii.h"
#include "logparse/format.h"

static const char head[] = "mail() on [";

/* PHP writes under any program's name. */
static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	return CLAIM_ASK;
}

static bool claims(const struct log_line *l)
{
	return l->text.len >= sizeof(head) - 1 && memcmp(l->text.at, head, sizeof(head) - 1) == 0;
}

/* "PATH:LINE", "PATH(3) : eval()'d code:1": the path, which may hold a colon itself. */
static struct span path_of(struct span place)
{
	const uint8_t *eval = place.len ? memmem(place.at, place.len, ") : eval()'d code", 17) : NULL;
	size_t n = eval ? (size_t)(eval - place.at) : place.len;
	if (eval) {
		while (n && ascii_is_digit(place.at[n - 1]))
			n--;
		return n > 1 && place.at[n - 1] == '(' ? span_of(place.at, n - 1) : place;
	}
	while (n && ascii_is_digit(place.at[n - 1]))
		n--;
	return n > 1 && n < place.len && place.at[n - 1] == ':' ? span_of(place.at, n - 1) : place;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct span rest = span_from(l->text, sizeof(head) - 1), to;
	const uint8_t *end = part_find(rest, "]: To: "), *stop;
	if (!end)
		return LINE_UNKNOWN;
	event_begin(e, l);
	e->kind = EVENT_SUBMIT;
	e->local = true;
	e->script = path_of(span_of(rest.at, (size_t)(end - rest.at)));
	to = span_of(end + 7, (size_t)(rest.at + rest.len - end) - 7);
	stop = memmem(to.at, to.len, " -- ", 4);
	to.len = stop ? (size_t)(stop - to.at) : to.len;
	e->recipient = span_trim(to); /* may be a list, with names */
	return LINE_EVENT;
}

const struct format_row format_php = {FORMAT_PHP, program, claims, parse};
