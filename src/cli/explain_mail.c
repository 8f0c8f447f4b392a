/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist explain: a message, or an mbox of bounces and complaints in any mix. */
#include "cli/explain_mail.h"

#include <errno.h>

#include "cli/explain_complaint.h"
#include "cli/explain_reply.h"
#include "mail/dsn.h"

struct reading {
	struct buf *out;
	struct context *c;
	struct receivers *receivers;
	const char *name;
	size_t messages, other, first_other; /* numbers begin at 1 */
	int status;
};

/* @return whether to go on. */
static bool read_one(struct reading *r, struct span message)
{
	int status = EXIT_NOTHING, rc;
	r->messages++;
	if (cmd_explain_complaint(r->out, r->c, message, &status)) {
		if (status == EXIT_NOTHING || status == EXIT_FINDINGS)
			r->status = r->status == EXIT_NOTHING ? status : r->status;
		else
			r->status = status;
		return r->status == EXIT_NOTHING || r->status == EXIT_FINDINGS;
	}
	rc = cmd_explain_bounce(r->out, r->c, r->receivers, message);
	if (rc < 0) {
		r->status = complain(rc == -E2BIG ? EXIT_USAGE : EXIT_IO, "%s: %s", r->name, strerror(-rc));
		return false;
	}
	if (rc == 0 && r->other++ == 0)
		r->first_other = r->messages;
	return true;
}

int cmd_explain_mail(struct buf *out, struct context *c, struct receivers *receivers, struct span text,
		     const char *name)
{
	struct reading r = {.out = out, .c = c, .receivers = receivers, .name = name};
	struct span rest = text, message;
	bool more = true;
	while (more && r.messages < DSN_MESSAGES_MAX && !out->error && dsn_mbox_next(&rest, &message))
		more = read_one(&r, message);
	if (!more)
		return r.status;
	if (r.other == r.messages)
		return complain(EXIT_USAGE,
				"%s: no bounce and no complaint in %zu message%s, or none that is understood", name,
				r.messages, r.messages == 1 ? "" : "s");
	if (r.other == 1)
		complain(EXIT_NOTHING, "%s: message %zu of %zu is no bounce and no complaint, or not understood", name,
			 r.first_other, r.messages);
	else if (r.other)
		complain(EXIT_NOTHING,
			 "%s: message %zu and %zu more of %zu are no bounces and no complaints, or not understood",
			 name, r.first_other, r.other - 1, r.messages);
	return r.status;
}
