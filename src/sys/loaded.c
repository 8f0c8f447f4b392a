/* SPDX-License-Identifier: BSD-2-Clause */
#include "sys/loaded.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* All functions, in the order of the table. @return the name of the first that is missing; NULL: none */
static const char *find_all(void *handle, const struct loaded_symbol *symbols, void *api)
{
	for (const struct loaded_symbol *s = symbols; s->name; s++) {
		void *function = dlsym(handle, s->name);
		if (!function)
			return s->name;
		/* POSIX lets an object pointer hold a function, ISO C has no cast for it */
		memcpy((char *)api + s->offset, &function, sizeof(function));
	}
	return NULL;
}

static void forget_all(const struct loaded_symbol *symbols, void *api)
{
	for (const struct loaded_symbol *s = symbols; s->name; s++)
		memset((char *)api + s->offset, 0, sizeof(void *));
}

int loaded_open(const struct loaded_library *library, void *api, void **ret_handle, struct error *err)
{
	void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const char *missing;
	if (!handle)
		return error_set(err, -ELIBACC, "%s cannot be loaded: %s", library->name, dlerror());
	missing = find_all(handle, library->symbols, api);
	if (missing) {
		forget_all(library->symbols, api);
		dlclose(handle);
		return error_set(err, -ELIBBAD, "%s has no %s", library->file, missing);
	}
	*ret_handle = handle;
	return 0;
}

void loaded_close(void *handle)
{
	if (handle)
		dlclose(handle);
}
