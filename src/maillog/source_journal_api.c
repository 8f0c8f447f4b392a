/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading libsystemd. */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "maillog/source_journal_api.h"

#define JOURNAL_LIBRARY "libsystemd.so.0"

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
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
	{"sd_journal_process", offsetof(struct journal_api, process)},
};

int journal_api_load(struct journal_api *ret_api, struct error *err)
{
	struct journal_api api = {.library = dlopen(JOURNAL_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)};
	void *function;
	if (!api.library)
		return error_set(err, -ELIBACC, "the journal cannot be read: libsystemd is not installed");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		function = dlsym(api.library, symbols[i].name);
		if (!function) {
			dlclose(api.library);
			return error_set(err, -ELIBACC, "the journal cannot be read: %s has no %s", JOURNAL_LIBRARY,
					 symbols[i].name);
		}
		/* POSIX lets an object pointer hold a function, ISO C has no cast for it */
		memcpy((char *)&api + symbols[i].offset, &function, sizeof(function));
	}
	*ret_api = api;
	return 0;
}
