/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "verdict/belief.h"

enum { RANDOM_LABEL_LEN = 16 };

/* The /8s of IPv4 in which some part is special-purpose (IANA registry); 224 and above are not public either. */
static const uint8_t special_8s[] = {0, 10, 100, 127, 169, 172, 192, 198, 203};
enum { PUBLIC_8S = 224 - sizeof(special_8s), STRATUM_8S = PUBLIC_8S / BELIEF_RANDOM_MAX };

/* What IANA gave to the registries: /12s, so that a list of unallocated space is not taken for one of the world. */
static const uint16_t registry_12s[BELIEF_RANDOM_MAX] = {
	0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00, 0x2410, 0x2630, 0x2a10,
};

/* splitmix64 (Steele et al. 2014): any seed is a good one, each number follows from seed and place alone. */
static uint64_t mix(uint64_t seed, uint64_t place)
{
	uint64_t x = seed + (place + 1) * 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

static uint8_t public_8(unsigned index)
{
	unsigned octet = index;
	for (size_t i = 0; i < sizeof(special_8s); i++)
		octet += octet >= special_8s[i];
	return (uint8_t)octet;
}

/* One /8 out of each of eight shares of the space, beginning at a place that the seed says. */
static void random_ip4(const struct belief *b, int i, struct addr *a)
{
	uint64_t start = mix(b->seed, 0), r = mix(b->seed, (uint64_t)i + 1);
	unsigned index = (unsigned)(start % PUBLIC_8S) + (unsigned)i * STRATUM_8S + (unsigned)(r >> 32) % STRATUM_8S;
	a->family = 4;
	a->octets[0] = public_8(index % PUBLIC_8S);
	a->octets[1] = (uint8_t)r;
	a->octets[2] = (uint8_t)(r >> 8);
	a->octets[3] = (uint8_t)(1 + (r >> 16) % 254);
}

static void random_ip6(const struct belief *b, int i, struct addr *a)
{
	uint64_t start = mix(b->seed, 0), high = mix(b->seed, 2 * (uint64_t)i + 1),
		 low = mix(b->seed, 2 * (uint64_t)i + 2);
	unsigned top = registry_12s[(start + (unsigned)i) % BELIEF_RANDOM_MAX] | (unsigned)(high >> 60);
	a->family = 6;
	a->octets[0] = (uint8_t)(top >> 8);
	a->octets[1] = (uint8_t)top;
	for (int k = 0; k < 6; k++)
		a->octets[2 + k] = (uint8_t)(high >> (8 * k));
	for (int k = 0; k < 8; k++)
		a->octets[8 + k] = (uint8_t)(low >> (8 * k));
}

static void random_label(const struct belief *b, int i, char *label)
{
	for (int k = 0; k < RANDOM_LABEL_LEN; k++)
		label[k] = (char)('a' + mix(b->seed, (uint64_t)i * RANDOM_LABEL_LEN + (uint64_t)k) % 26);
	label[RANDOM_LABEL_LEN] = '\0';
}

static void random_point(const struct belief *b, int i, struct belief_point *p)
{
	if (b->family == BELIEF_IP4)
		random_ip4(b, i, &p->addr);
	else if (b->family == BELIEF_IP6)
		random_ip6(b, i, &p->addr);
	else
		random_label(b, i, p->label);
}

/* RFC 5782 2.4 gives IPv6 lists the point ::ffff:127.0.0.2, which addr_parse() reads as IPv4; here it is a name of 32
 * nibbles. */
static void as_ip6(struct addr *a)
{
	if (a->family != 4)
		return;
	struct addr mapped = {.family = 6, .octets[10] = 0xff, .octets[11] = 0xff};
	memcpy(mapped.octets + 12, a->octets, 4);
	*a = mapped;
}

/* @return false: the record has no such point. */
static bool test_point(const struct belief *b, int number, struct belief_point *p)
{
	const struct list_test *t = &b->list->test;
	bool listed = number == BELIEF_LISTED_NUMBER;
	if (b->family == BELIEF_DOMAIN) {
		const char *label = !t->domain ? NULL : listed ? t->domain_listed : t->domain_clear;
		if (!label || strlen(label) >= sizeof(p->label))
			return false;
		(void)snprintf(p->label, sizeof(p->label), "%s", label);
		return true;
	}
	if (b->family == BELIEF_IP4 && t->ip4)
		p->addr = listed ? t->ip4_listed : t->ip4_clear;
	if (b->family == BELIEF_IP6 && t->ip6) {
		p->addr = listed ? t->ip6_listed : t->ip6_clear;
		as_ip6(&p->addr);
	}
	return p->addr.family != 0;
}

void belief_init(struct belief *b, const struct list *l, enum belief_family family, uint64_t seed)
{
	*b = (struct belief){
		.list = l,
		.family = family,
		.state = BELIEF_ASKING,
		.why = STATUS_WHY_NONE,
		.seed = seed,
		.worst = BELIEF_GOOD,
		.worst_why = STATUS_WHY_NONE,
	};
}

/* The first random point goes out at once, another one only when all before it came back listed. */
static bool may_ask_random(const struct belief *b, int i)
{
	return i == 0 || (i < BELIEF_RANDOM_MAX && !b->random_done && b->random_listed == i);
}

/* Skips the points that the list does not have. */
static bool peek(struct belief *b, struct belief_point *p)
{
	for (; b->next < BELIEF_RANDOM_NUMBER; b->next++) {
		*p = (struct belief_point){.number = b->next};
		if (test_point(b, b->next, p))
			return true;
	}
	*p = (struct belief_point){.number = b->next};
	if (!may_ask_random(b, b->next - BELIEF_RANDOM_NUMBER))
		return false;
	random_point(b, b->next - BELIEF_RANDOM_NUMBER, p);
	return true;
}

bool belief_next(struct belief *b, struct belief_point *ret_point)
{
	struct belief_point p;
	if (b->state != BELIEF_ASKING || !peek(b, &p))
		return false;
	b->out |= 1U << b->next++;
	b->asked++;
	*ret_point = p;
	return true;
}

/* The order in which a fault counts where points differ (rule 1); lower is first. */
static int rank(enum belief_state state)
{
	switch (state) {
	case BELIEF_REFUSED:
		return 0;
	case BELIEF_UNREACHABLE:
		return 1;
	case BELIEF_BROKEN:
		return 2;
	default:
		return 3;
	}
}

static void spoil(struct belief *b, enum belief_state state, enum why why)
{
	b->random_done = true; /* more of them could not make it good again */
	/* among equals the lower reason, so that the order of arrival decides nothing */
	if (rank(state) < rank(b->worst) || (state == b->worst && why < b->worst_why)) {
		b->worst = state;
		b->worst_why = why;
	}
}

static bool has_address(const struct bulk_answer *answer, uint32_t address)
{
	for (size_t i = 0; i < answer->a_count; i++)
		if (answer->a[i] == address)
			return true;
	return false;
}

/* Servers turn the order of a set round, so the smallest address stands for it. */
static uint32_t smallest(const struct bulk_answer *answer)
{
	uint32_t min = answer->a[0];
	for (size_t i = 1; i < answer->a_count; i++)
		if (answer->a[i] < min)
			min = answer->a[i];
	return min;
}

static void feed_random(struct belief *b, bool present, const struct bulk_answer *answer)
{
	if (!present || (b->random_listed > 0 && smallest(answer) != b->random_answer)) {
		b->random_done = true;
		return;
	}
	b->random_answer = smallest(answer);
	if (++b->random_listed == BELIEF_RANDOM_MAX)
		spoil(b, BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD);
}

/* What the finding on the listed point says of the way it came. */
static enum point_answer seen_of(const struct finding *f, bool present, const struct bulk_answer *answer)
{
	if (present || (f->status == STATUS_REFUSED && answer->outcome == DNS_ANSWER))
		return POINT_SHOWN;
	if (f->status == STATUS_BROKEN)
		return POINT_ELSEWHERE;
	if (f->status == STATUS_REFUSED)
		return POINT_REFUSED;
	if (f->status != STATUS_UNREACHABLE)
		return POINT_ABSENT;
	return f->why == STATUS_WHY_TIMEOUT || f->why == STATUS_WHY_NETWORK ? POINT_NONE : POINT_FAILED;
}

static void note(struct belief *b, int number, const struct finding *f, bool present, const struct bulk_answer *answer)
{
	b->by_code = b->by_code || (f->status == STATUS_REFUSED && answer->outcome == DNS_ANSWER);
	if (number != BELIEF_LISTED_NUMBER) {
		b->no_passes = b->no_passes || (f->status == STATUS_CLEAR && !present);
		b->no_data_passes =
			b->no_data_passes || (f->status == STATUS_CLEAR && !present && answer->outcome == DNS_NODATA);
		return;
	}
	b->listed = seen_of(f, present, answer);
	b->listed_bare = answer->outcome == DNS_NODATA && answer->ttl_s == 0;
	b->listed_no_name = answer->outcome == DNS_NXDOMAIN;
	b->listed_no_soa = answer->ttl_s == 0;
}

static void feed_answer(struct belief *b, int number, const struct bulk_answer *answer)
{
	struct finding f;
	status_of_answer(b->list, answer, &f);
	/* The answer that the record promises for the test point is right even where the code refuses elsewhere. */
	uint32_t promised = b->list->test.answer;
	if (number == BELIEF_LISTED_NUMBER && promised && answer->outcome == DNS_ANSWER &&
	    has_address(answer, promised)) {
		b->listed = POINT_SHOWN;
		return;
	}
	bool present = f.status == STATUS_LISTED || f.reason_count > 0; /* white and score lists answer, too */
	note(b, number, &f, present, answer);
	if (f.status == STATUS_REFUSED)
		spoil(b, BELIEF_REFUSED, f.why);
	else if (f.status == STATUS_UNREACHABLE)
		spoil(b, BELIEF_UNREACHABLE, f.why);
	else if (f.status == STATUS_BROKEN)
		spoil(b, BELIEF_BROKEN, f.why);
	else if (number >= BELIEF_RANDOM_NUMBER)
		feed_random(b, present, answer);
	else if (number == BELIEF_LISTED_NUMBER && !present)
		spoil(b, BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT);
	else if (number == BELIEF_CLEAR_NUMBER && present)
		spoil(b, BELIEF_BROKEN,
		      b->family == BELIEF_DOMAIN ? STATUS_WHY_LISTS_THE_WORLD : STATUS_WHY_LISTS_LOCALHOST);
}

void belief_feed(struct belief *b, int number, const struct bulk_answer *answer)
{
	if (b->state != BELIEF_ASKING || number < 0 || number >= BELIEF_POINTS_MAX)
		return;
	uint32_t bit = 1U << number;
	if (!(b->out & bit) || (b->in & bit))
		return;
	b->in |= bit;
	b->fed++;
	feed_answer(b, number, answer);

	struct belief_point more;
	bool complete = b->in == b->out && !peek(b, &more);
	if (complete || b->worst == BELIEF_REFUSED) { /* nothing counts before a refusal */
		b->state = b->worst;
		b->why = b->worst_why;
	}
}

const char *belief_text(enum belief_state state)
{
	static const char *const words[] = {
		[BELIEF_ASKING] = "asking",           [BELIEF_GOOD] = "good",
		[BELIEF_REFUSED] = "refused",         [BELIEF_BROKEN] = "broken",
		[BELIEF_UNREACHABLE] = "unreachable",
	};
	return words[state];
}

int64_t belief_lifetime_ms(enum belief_state state)
{
	switch (state) {
	case BELIEF_GOOD:
	case BELIEF_REFUSED:
		return 3600000;
	case BELIEF_BROKEN:
		return 600000;
	default:
		return 0;
	}
}

void belief_apply(enum belief_state state, enum why why, struct finding *finding)
{
	static const enum status as_status[] = {
		[BELIEF_REFUSED] = STATUS_REFUSED,
		[BELIEF_BROKEN] = STATUS_BROKEN,
		[BELIEF_UNREACHABLE] = STATUS_UNREACHABLE,
	};
	static const enum belief_state as_state[STATUS_COUNT] = {
		[STATUS_LISTED] = BELIEF_GOOD,
		[STATUS_CLEAR] = BELIEF_GOOD,
		[STATUS_REFUSED] = BELIEF_REFUSED,
		[STATUS_BROKEN] = BELIEF_BROKEN,
		[STATUS_UNREACHABLE] = BELIEF_UNREACHABLE,
		[STATUS_NOT_ASKED] = BELIEF_GOOD,
	};
	if (finding->status == STATUS_NOT_ASKED || rank(state) >= rank(as_state[finding->status]))
		return;
	finding->status = as_status[state];
	finding->why = why;
	finding->reason_count = 0; /* what a list says that is not believed is no reason */
}
