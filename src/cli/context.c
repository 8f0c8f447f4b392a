/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue in commands. */
#include "cli/context.h"

#include <errno.h>

#include "base/buf.h"
#include "cli/nearest.h"
#include "cli/output.h"

static void tell(void *arg, const char *line)
{
	complain(EXIT_CONFIGURATION, "%s", line);
}

int context_catalogue(const struct context *c, struct catalogue **ret_catalogue)
{
	const struct catalogue_config config = {
		.lists_dir = c->settings.lists_dir,
		.key_file = c->settings.key_file,
		.enable = c->settings.check.enable,
		.enable_count = c->settings.check.enable_count,
	};
	struct error err = {""};
	int rc = catalogue_load(&config, tell, NULL, ret_catalogue, &err);
	if (rc == -ENOMEM)
		complain(EXIT_IO, "%s", err.text);
	return rc < 0 ? complain_status(rc) : EXIT_NOTHING;
}

int context_receivers(const struct context *c, const struct catalogue *lists, struct receivers **ret_receivers)
{
	struct error err = {""};
	int rc = receivers_load(lists, c->settings.receivers_dir, tell, NULL, ret_receivers, &err);
	if (rc == -ENOMEM)
		complain(EXIT_IO, "%s", err.text);
	return rc < 0 ? complain_status(rc) : EXIT_NOTHING;
}

int output_redacted(const struct catalogue *c, struct buf *out)
{
	int rc = out->error;
	if (rc == 0 && out->at) {
		catalogue_redact(c, out->at);
		rc = output_write(span_str(out->at));
	}
	buf_release(out);
	return rc;
}

int complain_of_zone(const struct catalogue *c, const char *zone)
{
	struct nearest near = nearest_to(zone);
	char shown[256];
	snprintf(shown, sizeof(shown), "%s", zone);
	catalogue_redact(c, shown);
	for (size_t i = 0; i < catalogue_count(c); i++)
		nearest_try(&near, catalogue_at(c, i)->zone);
	if (near.name)
		return complain(EXIT_USAGE, "no list \"%s\" in the catalogue; did you mean %s?", shown, near.name);
	return complain(EXIT_USAGE, "no list \"%s\" in the catalogue; offlist lists prints them", shown);
}
