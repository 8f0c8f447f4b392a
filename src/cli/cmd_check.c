/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist check: step 1. */
#include "cli/commands.h"

static const struct option_row check_options[] = {
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]",
	 "where to ask: the system's resolver, each list's own "
	 "servers, one resolver, or what works (auto)"},
	{'f', "file", "FILE", NULL, "read targets from FILE, one a line; - is standard input"},
	{'F', "format", "FORMAT", "text|json|csv|nagios|prometheus", "how to print"},
	{'v', "verbose", NULL, NULL, "print clear and not asked lists, and clear targets of a fleet"},
	{'m', "min-impact", "IMPACT", "low|medium|high", "a listing below it does not make a target listed (medium)"},
	{0, "skip", "ZONE", NULL, "leave this list out; may be given several times"},
	{'l', "list", "ZONE", NULL, "ask only this list; may be given several times"},
	{0, "strict", NULL, NULL, "lists that need a key or registration which is not there count as well"},
	{0, "mx", NULL, NULL, "check the addresses of a domain's mail exchangers as well"},
	{0, "ip", "ADDR", NULL, "this server's public address, where it is behind NAT; may be given several times"},
	{'n', "dry-run", NULL, NULL, "print the plan: queries of each list, what its terms allow, how long it takes"},
	{0, "resume", NULL, NULL, "go on with the same fleet where the last run was interrupted"},
	{'t', "timeout", "SECONDS", NULL, "time for one list (2)"},
	{0},
};

static int run_check(struct context *c)
{
	return complain(EXIT_CANNOT_TELL, "check is not there yet");
}

const struct command command_check = {
	.name = "check",
	.arguments = "[TARGET...]",
	.summary = "Ask blocklists about addresses, domains, mail addresses and URLs.",
	.details = "A TARGET is an IPv4 or IPv6 address, a CIDR, a name, a mail address or a URL. "
		   "Without one: this server, its public addresses, host name and the domains its MTA serves.\n"
		   "A CIDR, or more than 256 targets, is a fleet: listed and unknown targets are printed, and totals.",
	.options = check_options,
	.needs_settings = true,
	.run = run_check,
};
