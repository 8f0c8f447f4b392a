/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS as far as it is known: each question once. */
#include <errno.h>
#include <string.h>

#include "auth/spf_parts.h"
#include "base/ascii.h"

static struct spf_lookup *find(struct spf *s, struct span name, enum spf_type type)
{
	for (size_t i = 0; i < s->lookup_count; i++)
		if (s->lookups[i]->type == type && span_equal_nocase(span_str(s->lookups[i]->name), name))
			return s->lookups[i];
	return NULL;
}

enum spf_got spf_look_up(struct spf *s, struct span name, enum spf_type type, const struct spf_answer **ret_answer)
{
	struct spf_lookup *known;
	char *text;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	known = find(s, name, type);
	if (known && known->answered) {
		*ret_answer = &known->answer;
		return SPF_GOT;
	}
	if (!known && s->lookup_count == SPF_QUESTIONS_MAX)
		return SPF_LIMIT;
	if (!known) {
		text = arena_copy(s->arena, name);
		known = arena_alloc(s->arena, 1, sizeof(*known));
		if (!text || !known) {
			s->error = -ENOMEM;
			return SPF_WAIT;
		}
		ascii_lower_all(text);
		*known = (struct spf_lookup){.name = text, .type = type};
		s->lookups[s->lookup_count++] = known;
	}
	s->wanted = known;
	return SPF_WAIT;
}

int spf_answer(struct spf *s, const struct spf_answer *answer)
{
	struct spf_lookup *l = s->wanted;
	struct span *texts = NULL;
	struct addr *addrs = NULL;
	if (!l)
		return 0;
	l->answer = (struct spf_answer){.kind = answer->kind, .count = answer->count};
	if (answer->texts && !(texts = arena_alloc(s->arena, answer->count + 1, sizeof(*texts))))
		return -ENOMEM;
	for (size_t i = 0; texts && i < answer->count; i++) {
		const char *copy = arena_copy(s->arena, answer->texts[i]);
		if (!copy)
			return -ENOMEM;
		texts[i] = span_of(copy, answer->texts[i].len);
	}
	if (answer->addrs && !(addrs = arena_alloc(s->arena, answer->count + 1, sizeof(*addrs))))
		return -ENOMEM;
	if (addrs)
		memcpy(addrs, answer->addrs, answer->count * sizeof(*addrs));
	l->answer.texts = texts;
	l->answer.addrs = addrs;
	l->answered = true;
	s->wanted = NULL;
	return 0;
}

bool spf_count_void(struct spf *s, const struct spf_answer *answer)
{
	s->report.voids += answer->kind != SPF_ANSWER_FAILED && answer->count == 0;
	return s->report.voids <= SPF_VOID_LOOKUPS_MAX;
}

static void reverse_name(const struct addr *a, struct buf *out)
{
	if (a->family == 4) {
		buf_printf(out, "%u.%u.%u.%u.in-addr.arpa", a->octets[3], a->octets[2], a->octets[1], a->octets[0]);
		return;
	}
	for (int i = 31; i >= 0; i--)
		buf_printf(out, "%x.", i & 1 ? a->octets[i / 2] & 15 : a->octets[i / 2] >> 4);
	buf_add_str(out, "ip6.arpa");
}

static bool leads_back(const struct spf *s, const struct spf_answer *answer)
{
	for (size_t i = 0; answer->kind == SPF_ANSWER_RECORDS && i < answer->count; i++)
		if (answer->addrs && addr_equal(&answer->addrs[i], &s->query.ip))
			return true;
	return false;
}

enum spf_got spf_validated(struct spf *s, struct span *ret_names, size_t *ret_count)
{
	struct buf name = buf_make(SPF_NAME_MAX);
	const struct spf_answer *pointers, *addresses;
	enum spf_got got;
	reverse_name(&s->query.ip, &name);
	got = spf_look_up(s, buf_span(&name), SPF_TYPE_PTR, &pointers);
	buf_release(&name);
	*ret_count = 0;
	if (got == SPF_GOT)
		spf_count_void(s, pointers);
	for (size_t i = 0; got == SPF_GOT && i < pointers->count && i < SPF_NAMES_MAX; i++) {
		if (!spf_domain_valid(pointers->texts[i]))
			continue;
		got = spf_look_up(s, pointers->texts[i], s->query.ip.family == 4 ? SPF_TYPE_A : SPF_TYPE_AAAA,
				  &addresses);
		if (got == SPF_GOT)
			spf_count_void(s, addresses);
		if (got == SPF_GOT && leads_back(s, addresses))
			ret_names[(*ret_count)++] = pointers->texts[i];
	}
	return got;
}
