/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict/verdict.h"

static const char *const status_words[STATUS_COUNT] = {
	[STATUS_LISTED] = "listed",           [STATUS_CLEAR] = "clear",
	[STATUS_REFUSED] = "refused",         [STATUS_BROKEN] = "broken",
	[STATUS_UNREACHABLE] = "unreachable", [STATUS_NOT_ASKED] = "not_asked",
};

static const struct {
	const char *word, *advice;
} whys[] = {
	[STATUS_WHY_PUBLIC_RESOLVER] = {"public_resolver",
					"It does not answer public or shared resolvers: use a resolver of your own, "
					"query the list directly (--resolver direct), or get a key."},
	[STATUS_WHY_GENERIC_PTR] = {"generic_ptr",
				    "It does not answer addresses with a generic reverse name: give your "
				    "resolver's address a PTR record of its own, or get a key."},
	[STATUS_WHY_VOLUME] = {"volume", "Your resolver's address sends it more queries than free use allows: query it "
					 "less often, use a resolver that is yours alone, or take the paid service."},
	[STATUS_WHY_KEY] = {"key",
			    "It does not accept the key: check the key in the key file and whether it has expired."},
	[STATUS_WHY_REGISTRATION] = {"registration", "It answers only registered addresses: register your resolver's "
						     "address with the operator; most lists do that for free."},
	[STATUS_WHY_TYPO] = {"typo", "It says that its name is misspelt in the query: correct the zone in the record."},
	[STATUS_WHY_NO_KEY] =
		{"no_key",
		 "It needs a key, and there is none: get one from the operator and put it into the key file."},
	[STATUS_WHY_BUDGET] =
		{"budget", "The query limit of its operator is reached: run this again later, or check fewer targets."},
	[STATUS_WHY_PART_OF] = {"part_of",
				"Another list that was queried includes all of it: nothing needs to be done."},
	[STATUS_WHY_INTERRUPTED] = {"interrupted", "The run was interrupted before it was queried: run it again."},
	[STATUS_WHY_TIMEOUT] = {"timeout", "No answer came in time: try again later; if most lists are like that, look "
					   "at your resolver and its way to the internet."},
	[STATUS_WHY_SERVFAIL] = {"servfail", "The resolver could not get an answer (SERVFAIL): try again later, or "
					     "query the list directly (--resolver direct)."},
	[STATUS_WHY_FORMERR] = {"formerr", "The server did not understand the query (FORMERR or NOTIMP): try another "
					   "resolver, or query the list directly (--resolver direct)."},
	[STATUS_WHY_LAME] = {"lame", "Its name server does not answer for the zone (lame delegation): try again later; "
				     "if it stays so, the list has been given up."},
	[STATUS_WHY_MALFORMED] = {"malformed",
				  "Only damaged answers came: try another resolver; something on the way may "
				  "change DNS packets."},
	[STATUS_WHY_NETWORK] = {"network",
				"The query could not be sent: check that this machine reaches the DNS server (route, "
				"firewall, is the server running)."},
	[STATUS_WHY_NO_TEST_POINT] = {"no_test_point",
				      "Its test point is missing: it may have been emptied or shut down. Do not rely "
				      "on it, and take it out of your mail server's settings."},
	[STATUS_WHY_LISTS_LOCALHOST] = {"lists_localhost",
					"It lists 127.0.0.1, which no working list does: do not rely on it, "
					"and take it out of your mail server's settings."},
	[STATUS_WHY_LISTS_THE_WORLD] = {"lists_the_world", "It lists everything, as lists do that were shut down: take "
							   "it out of your mail server's settings at once."},
	[STATUS_WHY_OUTSIDE_127] = {"outside_127",
				    "It answers with an address that is no list answer (outside 127.0.0.0/8): "
				    "its domain is parked, or your resolver rewrites answers; try another "
				    "resolver."},
	[STATUS_WHY_UNKNOWN_REFUSAL] =
		{"unknown_refusal", "It gives no reason; most often the query came from a public or shared resolver: "
				    "use one of your own, or query the list directly (--resolver direct)."},
	[STATUS_WHY_RESOLVER_FILTERS] =
		{"resolver_filters", "Your resolver hides its answers, or may hide them, so nothing is known of this "
				     "list. Mend the resolver, or query the lists directly (--resolver direct)."},
	[STATUS_WHY_RESOLVER_LIES] = {"resolver_lies", "The answer is your resolver's own, not the list's. Mend the "
						       "resolver, or query the lists directly (--resolver direct)."},
};

const char *status_text(enum status s)
{
	return (unsigned)s < STATUS_COUNT ? status_words[s] : "unknown";
}

static bool has_words(enum why w)
{
	return w >= 0 && (size_t)w < sizeof(whys) / sizeof(whys[0]);
}

const char *why_text(enum why w)
{
	return has_words(w) ? whys[w].word : NULL;
}

const char *why_advice(enum why w)
{
	return has_words(w) ? whys[w].advice : NULL;
}

const char *verdict_text(enum verdict v)
{
	switch (v) {
	case VERDICT_CLEAR:
		return "clear";
	case VERDICT_LISTED:
		return "listed";
	default:
		return "unknown";
	}
}
