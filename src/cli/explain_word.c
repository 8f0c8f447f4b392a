/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/explain_word.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/json.h"
#include "cli/explain_reply.h"
#include "cli/lists_text.h"
#include "cli/terminal.h"
#include "net/addr.h"
#include "view/view_list.h"

enum { WORD_OCTETS_MAX = 80, LINK_OCTETS_MAX = 400, FORM_SIZE = 128, LISTS_MAX = 40 };

/* RFC 3463 3: what the second and third number of a status say. */
static const struct {
	const char *subject, *meaning;
} subjects[] = {
	{"1", "the address of the recipient or the sender"},
	{"2", "the mailbox: full, closed, or not accepting mail"},
	{"3", "the receiver's mail system: full, or not able to accept this"},
	{"4", "the network or routing between the servers"},
	{"5", "the SMTP conversation itself"},
	{"6", "the content or form of the message"},
	{"7", "a rule of the receiver: security, policy, reputation or a block"},
};

static void say(struct buf *out, const struct context *c, const char *kind, struct span word, const char *text)
{
	struct json j = json_make(out);
	if (!c->json) {
		terminal_add(out, word);
		buf_add_char(out, '\n');
		terminal_fill(out, text, 2, c->width);
		return;
	}
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain/1");
	json_member_str(&j, "kind", kind);
	json_key(&j, "word");
	json_span(&j, word);
	json_member_str(&j, "meaning", text);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

static bool is_status(struct span text, struct span *ret_subject)
{
	size_t dots = 0;
	if (text.len < 5 || text.at[1] != '.')
		return false;
	*ret_subject = span_of(text.at + 2, span_find(span_from(text, 2), '.'));
	for (size_t at = 0; at < text.len; at++) {
		if (!ascii_is_digit(text.at[at]) && text.at[at] != '.')
			return false;
		dots += text.at[at] == '.';
	}
	return dots == 2;
}

/* "550", "550 5.7.1", "5.7.1" and nothing else. */
static bool bare_code(struct span text, uint8_t *ret_class, struct span *ret_subject)
{
	size_t at = 0;
	if (text.len < 3 || text.at[0] < '2' || text.at[0] > '5')
		return false;
	*ret_class = text.at[0];
	*ret_subject = (struct span){0};
	if (ascii_is_digit(text.at[1])) {
		if (!ascii_is_digit(text.at[2]) || (text.len > 3 && text.at[3] != ' ' && text.at[3] != '-'))
			return false;
		at = text.len > 4 ? 4 : text.len;
	}
	if (at == text.len)
		return true;
	return is_status(span_trim(span_from(text, at)), ret_subject);
}

bool cmd_explain_is_code(struct span text)
{
	struct span subject;
	uint8_t class;
	return bare_code(span_trim(text), &class, &subject);
}

static bool explain_code(struct buf *out, const struct context *c, struct span text)
{
	struct span subject;
	const char *about = NULL, *lasts;
	uint8_t class;
	if (!bare_code(text, &class, &subject))
		return false;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		if (span_equal(subject, span_str(subjects[i].subject)))
			about = subjects[i].meaning;
	lasts = class == '4'   ? "refused for now: the server tries again by itself"
		: class == '5' ? "refused for good: this message comes back to its sender"
			       : "accepted, or a step on the way";
	say(out, c, "code", text,
	    arena_printf(c->arena, "%s%s%s. A code alone does not say who refuses and why: the text after it does.",
			 lasts, about ? "; it is about " : "", about ? about : ""));
	return true;
}

static bool explain_address(struct buf *out, const struct context *c, struct span text)
{
	struct addr a;
	char name[ADDR_TEXT_SIZE];
	if (addr_parse(text, &a) < 0)
		return false;
	addr_text(&a, name);
	say(out, c, "address", text,
	    arena_printf(c->arena, "an address: `offlist check %s` checks it on the lists", name));
	return true;
}

/* The codes that receivers put into their replies, in the forms that they have there. */
static bool explain_receiver_code(struct buf *out, const struct context *c, struct receivers *r, struct span word)
{
	static const char *const forms[][2] = {{"550 5.7.1 (", ")"},  {"554 ", ""},  {"421 4.7.0 [", "]"},
					       {"550 5.7.1 [", "] "}, {"550 #", ""}, {"550 ", " x"}};
	char text[FORM_SIZE];
	bool digit = false;
	for (size_t i = 0; i < word.len; i++)
		digit |= ascii_is_digit(word.at[i]);
	for (size_t i = 0; digit && i < sizeof(forms) / sizeof(*forms); i++) {
		struct explain_reply reply = {.reply = word};
		snprintf(text, sizeof(text), "%s%.*s%s", forms[i][0], (int)word.len, (const char *)word.at,
			 forms[i][1]);
		receivers_match(r, (struct span){0}, 0, (struct span){0}, span_str(text), &reply.match);
		if (!reply.match.receiver || strncmp(reply.match.receiver->id, "common.", 7) == 0)
			continue;
		cmd_explain_reply_add(out, c, &reply);
		return true;
	}
	return false;
}

static bool explain_operator(struct buf *out, const struct context *c, const struct catalogue *catalogue,
			     struct span word)
{
	char *name = arena_copy(c->arena, word);
	size_t shown = 0;
	if (!name || word.len < 3)
		return false;
	for (size_t i = 0; i < catalogue_count(catalogue) && shown < LISTS_MAX; i++) {
		const struct list *l = catalogue_at(catalogue, i);
		if (!lists_is_named(l, name))
			continue;
		shown++;
		if (c->json)
			view_list(out, l);
		else
			buf_printf(out, "%s  %s (%s): %s, %s\n", l->zone, l->name, l->operator_name,
				   list_class_text(l->class), list_state_text(l->state));
	}
	if (shown && !c->json)
		buf_printf(out, "  one of them: offlist lists ZONE\n");
	return shown > 0;
}

/* A page where a receiver takes requests. */
static bool explain_page(struct buf *out, const struct context *c, struct receivers *r, struct span link)
{
	const struct receiver *known = receivers_of_page(r, link);
	if (!known)
		return false;
	say(out, c, "page", link,
	    arena_printf(c->arena, "the page of %s. %s%s%s", known->name, known->meaning, known->procedure ? " " : "",
			 known->procedure ? known->procedure : ""));
	return true;
}

bool cmd_explain_word(struct buf *out, const struct context *c, const struct catalogue *catalogue, struct receivers *r,
		      struct span text)
{
	text = span_trim(text);
	if (text.len > LINK_OCTETS_MAX)
		return false;
	if (explain_code(out, c, text) || explain_address(out, c, text) || explain_page(out, c, r, text))
		return true;
	if (text.len > WORD_OCTETS_MAX || span_find(text, ' ') < text.len)
		return false;
	return explain_receiver_code(out, c, r, text) || explain_operator(out, c, catalogue, text);
}
