/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands for one owner's messages. They ask each queue file what it says, as this program did: never the sender, which
 * anybody may write. First they are held, by a list that is kept; what is removed later is what that list has and is held.
 */
#include <errno.h>

#include "audit/backlog_tell.h"
#include "base/buf.h"
#include "net/addr.h"

enum { ADVICE_MAX = 8192, OPTION_MAX = 512 };

/* In single quotes for a shell; @return false: it holds what no command line should. */
static bool add_quoted(struct buf *out, struct span text)
{
	buf_add_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < ' ' || text.at[i] == 127)
			return false;
		if (text.at[i] == '\'')
			buf_add_str(out, "'\\''");
		else
			buf_add_char(out, (char)text.at[i]);
	}
	buf_add_char(out, '\'');
	return true;
}

static struct span joined(struct audits *all, const char *words, struct span text)
{
	char *line = arena_printf(all->arena, "%s%.*s", words, (int)text.len, (const char *)text.at);
	if (!line)
		all->error = -ENOMEM;
	return span_str(line);
}

/* Says the id of a queue file that is the owner's: a pipe that the list of ids goes through. */
static bool add_postfix_test(struct audits *all, struct buf *out, const struct backlog *b, const char *c,
			     const struct backlog_owner *owner)
{
	struct span name = backlog_name(b, owner->name);
	switch (owner->kind) {
	case BACKLOG_LOGIN:
		buf_printf(out, "postcat%s -qe \"$id\" | grep -qxF -e ", c);
		return add_quoted(out, joined(all, "named_attribute: sasl_username=", name));
	case BACKLOG_CLIENT: /* those who log in from there are others */
		buf_printf(out,
			   "e=$(postcat%s -qe \"$id\"); case $e in *'named_attribute: sasl_username='*) false;; "
			   "*) echo \"$e\" | grep -qxF -e ",
			   c);
		if (!add_quoted(out, joined(all, "named_attribute: log_client_address=", name)))
			return false;
		buf_add_str(out, ";; esac");
		return true;
	case BACKLOG_USER: /* the id stands in pickup's own line alone */
		buf_printf(out,
			   "postcat%s -qh \"$id\" | grep -A1 -F '(Postfix, from userid %lld)' | grep -q \"^.id $id;\"",
			   c, (long long)owner->uid);
		return true;
	default:
		return false;
	}
}

static void command(struct audits *all, const char *what, struct buf *line)
{
	if (line->error)
		all->error = line->error;
	else
		audit_command(all, what, arena_copy(all->arena, buf_span(line)));
	buf_clear(line);
}

static void advise_postfix(struct audits *all, const struct backlog *b, const struct backlog_queue *q,
			   const struct backlog_owner *owner)
{
	struct buf option = buf_make(OPTION_MAX), line = buf_make(ADVICE_MAX);
	const char *c;
	bool good = true;
	if (q->settings) {
		buf_add_str(&option, " -c ");
		good = add_quoted(&option, span_str(q->settings));
	}
	c = buf_text(&option);
	buf_printf(&line,
		   "postqueue%s -j | sed -n 's/^{\"queue_name\": \"[a-z]*\", \"queue_id\": "
		   "\"\\([0-9A-Za-z]*\\)\".*/\\1/p' | while read -r id; do { ",
		   c);
	good &= add_postfix_test(all, &line, b, c, owner) && !option.error;
	buf_printf(&line, "; } && echo \"$id\"; done > held.ids; postsuper%s -h - < held.ids", c);
	if (good) {
		command(all, "hold", &line);
		buf_printf(&line, "postcat%s -qbh \"$(head -n 1 held.ids)\"", c);
		command(all, "look", &line);
		buf_printf(&line, "postsuper%s -H - < held.ids", c);
		command(all, "release", &line);
		buf_printf(&line, "while read -r id; do postcat%s -q \"$id\"; done < held.ids > held.txt", c);
		command(all, "keep", &line);
		buf_printf(&line, "postsuper%s -d - hold < held.ids", c);
		command(all, "remove", &line);
	}
	buf_release(&option);
	buf_release(&line);
}

/*
 * Names the spool files (-H) that are the owner's. Their own lines begin with a dash, or stand second; those of a header never
 * begin with a dash, nor do what follows of a long field.
 */
static bool add_exim_test(struct audits *all, struct buf *out, const struct backlog *b, const char *input,
			  const struct backlog_owner *owner)
{
	struct span name = backlog_name(b, owner->name);
	struct addr a;
	switch (owner->kind) {
	case BACKLOG_LOGIN: /* a user's own program has one as well: there is no host then */
		buf_add_str(out, "grep -rlxF --include='*-H' -e ");
		if (!add_quoted(out, joined(all, "--auth_id ", name)))
			return false;
		buf_add_str(out, " -e ");
		if (!add_quoted(out, joined(all, "-auth_id ", name)))
			return false;
		buf_printf(out, " %s | xargs -r grep -l -e '^-*host_address '", input);
		return true;
	case BACKLOG_CLIENT:
		if (addr_parse(name, &a) < 0)
			return false;
		buf_add_str(out, "grep -rl --include='*-H' -e '^-*host_address \\[");
		for (size_t i = 0; i < name.len; i++)
			buf_printf(out, "%s%c", name.at[i] == '.' ? "\\" : "", name.at[i]);
		buf_printf(out, "\\]:' %s | xargs -r grep -L -e '^-*auth_id '", input);
		return true;
	case BACKLOG_USER:
		buf_printf(out,
			   "find %s -name '*-H' -exec awk 'FNR == 2 && $(NF - 1) == %lld { print FILENAME }' {} + | "
			   "xargs -r grep -L -e '^-*host_address ' -e '^-localerror$'",
			   input, (long long)owner->uid);
		return true;
	default:
		return false;
	}
}

static void advise_exim(struct audits *all, const struct backlog *b, const struct backlog_queue *q,
			const struct backlog_owner *owner)
{
	struct buf line = buf_make(ADVICE_MAX), input = buf_make(OPTION_MAX);
	bool good = add_quoted(&input, joined(all, q->folder, span_str("/input")));
	good &= add_exim_test(all, &line, b, buf_text(&input), owner) && !input.error;
	buf_add_str(&line, " | sed 's|.*/||; s|-H$||' > held.ids; xargs -r exim -Mf < held.ids");
	if (good) {
		command(all, "hold", &line);
		buf_add_str(&line, "exim -Mvc \"$(head -n 1 held.ids)\"");
		command(all, "look", &line);
		buf_add_str(&line, "xargs -r exim -Mt < held.ids");
		command(all, "release", &line);
		buf_add_str(&line,
			    "while read -r id; do exim -Mvh \"$id\"; exim -Mvb \"$id\"; done < held.ids > held.txt");
		command(all, "keep", &line);
		buf_add_str(&line,
			    "exim -bpr | awk '/ [*][*][*] frozen [*][*][*]$/ { print $3 }' | grep -xF -f held.ids | "
			    "xargs -r exim -Mrm");
		command(all, "remove", &line);
	}
	buf_release(&line);
	buf_release(&input);
}

void backlog_advise(struct audits *all, const struct backlog *b, const struct backlog_queue *q,
		    const struct backlog_owner *owner)
{
	if (q->ours && q->mta == MTA_POSTFIX)
		advise_postfix(all, b, q, owner);
	else if (q->ours && q->mta == MTA_EXIM)
		advise_exim(all, b, q, owner);
}
