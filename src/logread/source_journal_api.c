/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading libsystemd. */
#include <errno.h>
#include <stddef.h>

#include "logread/source_journal_api.h"
#include "sys/loaded.h"

static const struct loaded_symbol symbols[] = {
	{"sd_journal_open", offsetof(struct journal_api, open)},
	{"sd_journal_open_directory", offsetof(struct journal_api, open_directory)},
	{"sd_journal_close", offsetof(struct journal_api, close)},
	{"sd_journal_add_match", offsetof(struct journal_api, add_match)},
	{"sd_journal_add_disjunction", offsetof(struct journal_api, add_disjunction)},
	{"sd_journal_next", offsetof(struct journal_api, next)},
	{"sd_journal_seek_head", offsetof(struct journal_api, seek_head)},
	{"sd_journal_seek_realtime_usec", offsetof(struct journal_api, seek_realtime)},
	{"sd_journal_get_realtime_usec", offsetof(struct journal_api, get_realtime)},
	{"sd_journal_get_data", offsetof(struct journal_api, get_data)},
	{"sd_journal_get_fd", offsetof(struct journal_api, get_fd)},
	{"sd_journal_process", offsetof(struct journal_api, process)},
	{NULL},
};

static const struct loaded_library library = {"libsystemd", "libsystemd.so.0", symbols};

int journal_api_load(struct journal_api *ret_api, struct error *err)
{
	struct error why;
	int r = loaded_open(&library, ret_api, &ret_api->library, &why);
	if (r == -ELIBACC)
		return error_set(err, r, "the journal cannot be read: libsystemd is not installed");
	if (r < 0)
		return error_set(err, -ELIBACC, "the journal cannot be read: %s", why.text);
	return 0;
}
