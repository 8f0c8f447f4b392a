/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/drive_lookup.h"

#include <errno.h>

#include "base/clock.h"
#include "cli/stop.h"
#include "dns/network.h"

enum { LOOK_US = 50000 }; /* the stop flag is looked at this often */
static const int64_t budget_us = 20 * INT64_C(1000000);

int drive_lookups_open(const struct check_config *config, struct drive_lookups *ret_lookups, struct error *err)
{
	const struct dns_network_config how = {.budget_us = config->budget_us, .recursion = check_recursion(config)};
	struct dns_network *n = NULL;
	int rc = dns_network_open(&how, &n);
	if (rc < 0)
		return error_set(err, rc, "no sockets: %s", strerror(-rc));
	rc = n->lookups(n->arg, err);
	if (rc < 0) {
		dns_network_close(n);
		return rc;
	}
	*ret_lookups = (struct drive_lookups){n, clock_mono_us() + budget_us};
	return 0;
}

int drive_lookups_close(struct drive_lookups *l, int rc, struct error *err)
{
	l->network = dns_network_close(l->network);
	return rc < 0 ? error_set(err, rc, "the DNS cannot be asked: %s", strerror(-rc)) : rc;
}

int drive_lookup(struct drive_lookups *l, const char *text, uint16_t type, resolver_fn *fn, void *arg,
		 const bool *answered)
{
	struct dns_name name;
	int64_t now_us = clock_mono_us();
	int rc;
	if (dns_name_parse(span_str(text), &name) < 0)
		return -EINVAL;
	if (now_us >= l->end_us || stop_wanted())
		return 0;
	rc = l->network->lookup(l->network->arg, &name, type, fn, arg);
	while (rc == 0 && !*answered && now_us < l->end_us && !stop_wanted()) {
		rc = dns_network_wait(l->network, l->end_us < now_us + LOOK_US ? l->end_us : now_us + LOOK_US);
		rc = rc == -EINTR || rc > 0 ? 0 : rc;
		now_us = clock_mono_us();
	}
	if (rc < 0)
		return rc;
	if (!*answered)
		l->end_us = 0;
	return *answered;
}
