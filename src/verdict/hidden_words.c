/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a resolver, in words, with the setting that mends it. */
#include "verdict/hidden.h"

#define BLIND "; your mail server's own DNSBL checks are blind too"

const char *hidden_fault_words(enum resolver_fault fault)
{
	static const char *const words[] = {
		[FAULT_FILTERS] = "removes 127.0.0.0/8 answers" BLIND,
		[FAULT_MINIMISES] =
			"does strict QNAME minimisation and so finds no listing on lists that rbldnsd serves" BLIND,
		[FAULT_EITHER] =
			"hides listings: it removes 127.0.0.0/8 answers or does strict QNAME minimisation" BLIND,
		[FAULT_HIDES] = "shows no test point of some lists, and it cannot be told whether those lists are "
				"empty or it hides them; it may do strict QNAME minimisation, and then your mail "
				"server's own DNSBL checks are blind too",
		[FAULT_NOTHING] = "answers that no name exists (NXDOMAIN), whatever the query" BLIND,
		[FAULT_LISTS] =
			"answers as if every name were listed; your mail server may refuse all mail because of it",
		[FAULT_REWRITES] = "answers with addresses of its own where a name does not exist; your mail server's "
				   "own DNSBL checks are wrong too",
		[FAULT_FAILS] = "fails on every query (SERVFAIL)" BLIND,
		[FAULT_REFUSES] = "refuses every query (REFUSED)" BLIND,
		[FAULT_SILENT] = "does not answer" BLIND,
		[FAULT_REFUSED] = "is refused by most lists" BLIND,
		[FAULT_UNPROVEN] = "does not prove that it lets listings through (it may remove 127.0.0.0/8 answers, "
				   "or do strict QNAME minimisation); what seems clear through it may be listed",
	};
	return (size_t)fault < sizeof(words) / sizeof(words[0]) ? words[fault] : NULL;
}

static const char *remedy_of_filter(enum resolver_product product)
{
	switch (product) {
	case PRODUCT_UNBOUND:
		return "Let it pass: in unbound (also OPNsense, pfSense) private-domain: \"ZONE\" for each list, or "
		       "take "
		       "127.0.0.0/8 out of private-address; in an old dnsmasq (also OpenWrt) rebind-domain-ok=/ZONE/.";
	case PRODUCT_DNSMASQ:
		return "Let it pass: in dnsmasq (also OpenWrt, Pi-hole) rebind-domain-ok=/ZONE/ for each list, or "
		       "rebind-localhost-ok for all of 127.0.0.0/8.";
	case PRODUCT_BIND:
		return "Let it pass: in BIND deny-answer-addresses { ... } except-from { \"ZONE\"; } with each list, "
		       "or "
		       "without 127.0.0.0/8.";
	case PRODUCT_KNOT:
		return "Let it pass: in Knot Resolver remove the module 'rebinding' (version 6: rebinding-protection: "
		       "false).";
	default:
		return "Let it pass, by its setting against DNS rebinding: unbound private-domain: \"ZONE\"; dnsmasq, "
		       "OpenWrt, Pi-hole rebind-domain-ok=/ZONE/ or rebind-localhost-ok; BIND deny-answer-addresses "
		       "with except-from; Knot Resolver without the module 'rebinding'; PowerDNS Recursor without the "
		       "Lua or RPZ rule for it; a router with the lists as exceptions to its rebind protection. Or "
		       "give the mail server a resolver of its own.";
	}
}

const char *hidden_fault_remedy(enum resolver_fault fault, enum resolver_product product)
{
	switch (fault) {
	case FAULT_FILTERS:
		return remedy_of_filter(product);
	case FAULT_EITHER:
		return "Set: unbound private-domain: \"ZONE\" for each list, qname-minimisation-strict: no; BIND "
		       "qname-minimization relaxed; no RPZ rule for 127.0.0.0/8; dnsmasq rebind-localhost-ok; a router "
		       "with the lists as exceptions to its rebind protection.";
	case FAULT_MINIMISES:
	case FAULT_HIDES:
		return "Set: unbound qname-minimisation-strict: no; BIND qname-minimization relaxed; PowerDNS Recursor "
		       "nothing-below-nxdomain=dnssec.";
	case FAULT_NOTHING:
	case FAULT_LISTS:
	case FAULT_REWRITES:
		return "Give the mail server a recursive resolver of its own, without a filter in front of it.";
	case FAULT_FAILS:
	case FAULT_REFUSES:
	case FAULT_SILENT:
		return "Check that it is running, that it serves this machine, and that it reaches the internet.";
	case FAULT_UNPROVEN:
		return "Query the lists directly (--resolver direct), or together with lists that have a test point.";
	case FAULT_REFUSED:
		return "Use a recursive resolver of your own, not a public or shared one.";
	default:
		return NULL;
	}
}
