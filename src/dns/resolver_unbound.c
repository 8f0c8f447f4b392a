/* SPDX-License-Identifier: BSD-2-Clause */
/* libunbound: loading it, and the settings of a context. */
#include "dns/resolver_unbound.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/loaded.h"

/* IANA's root trust anchors, KSK-2017 and KSK-2024 (https://data.iana.org/root-anchors/root-anchors.xml) */
static const char *const root_keys[] = {
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

/* where distributions keep a current one (Debian's dns-root-data, unbound's own) */
static const char *const anchor_files[] = {"/usr/share/dns/root.key", "/var/lib/unbound/root.key",
					   "/etc/unbound/root.key"};

static const struct loaded_symbol symbols[] = {
	{"ub_ctx_create", offsetof(struct unbound_api, ctx_create)},
	{"ub_ctx_delete", offsetof(struct unbound_api, ctx_delete)},
	{"ub_ctx_set_option", offsetof(struct unbound_api, ctx_set_option)},
	{"ub_ctx_set_fwd", offsetof(struct unbound_api, ctx_set_fwd)},
	{"ub_ctx_add_ta", offsetof(struct unbound_api, ctx_add_ta)},
	{"ub_ctx_add_ta_file", offsetof(struct unbound_api, ctx_add_ta_file)},
	{"ub_ctx_debugout", offsetof(struct unbound_api, ctx_debugout)},
	{"ub_ctx_async", offsetof(struct unbound_api, ctx_async)},
	{"ub_ctx_zone_remove", offsetof(struct unbound_api, ctx_zone_remove)},
	{"ub_fd", offsetof(struct unbound_api, fd)},
	{"ub_process", offsetof(struct unbound_api, process)},
	{"ub_resolve_async", offsetof(struct unbound_api, resolve_async)},
	{"ub_resolve_free", offsetof(struct unbound_api, resolve_free)},
	{"ub_strerror", offsetof(struct unbound_api, strerror)},
	{NULL},
};

static const struct loaded_library library = {"libunbound", "libunbound.so.8", symbols};

int unbound_load(struct unbound_api *ret_api, struct error *err)
{
	return loaded_open(&library, ret_api, &ret_api->library, err) < 0 ? -ELIBACC : 0;
}

/** Has this machine an IPv6 address that reaches past its link? Without one every IPv6 try would be time lost. */
static bool machine_has_ip6(void)
{
	struct ifaddrs *list;
	struct sockaddr_in6 sa;
	bool found = false;
	if (getifaddrs(&list) < 0)
		return false;
	for (struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET6)
			continue;
		memcpy(&sa, i->ifa_addr, sizeof(sa));
		found = !IN6_IS_ADDR_LOOPBACK(&sa.sin6_addr) && !IN6_IS_ADDR_LINKLOCAL(&sa.sin6_addr);
	}
	freeifaddrs(list);
	return found;
}

static int check_file(const char *path, const char *what, struct error *err)
{
	struct stat st;
	int r;
	if (access(path, R_OK) < 0 || stat(path, &st) < 0) {
		r = -errno;
		return error_set(err, r, "%s: %s cannot be read: %s", path, what, strerrordesc_np(-r));
	}
	/* libunbound would take an empty file of keys for the wish to do without DNSSEC */
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return error_set(err, -EINVAL, "%s: %s is empty", path, what);
	return 0;
}

static int check(const struct unbound_api *api, int code, const char *what, struct error *err)
{
	if (code == UB_NOERROR)
		return 0;
	return error_set(err, code == UB_NOMEM ? -ENOMEM : -EINVAL, "libunbound: %s: %s", what, api->strerror(code));
}

/** The root's trust anchor: the file named, the distribution's, or what is compiled in. */
static int set_anchor(const struct unbound_api *api, struct ub_ctx *ctx, const char *file, struct error *err)
{
	int r = 0;
	if (file && !*file)
		return check(api, api->ctx_set_option(ctx, "module-config:", "iterator"), "module-config", err);
	if (file) {
		r = check_file(file, "the trust anchor", err);
		return r < 0 ? r : check(api, api->ctx_add_ta_file(ctx, file), file, err);
	}
	for (size_t i = 0; i < sizeof(anchor_files) / sizeof(anchor_files[0]); i++)
		if (access(anchor_files[i], R_OK) == 0)
			return check(api, api->ctx_add_ta_file(ctx, anchor_files[i]), anchor_files[i], err);
	for (size_t i = 0; r == 0 && i < sizeof(root_keys) / sizeof(root_keys[0]); i++)
		r = check(api, api->ctx_add_ta(ctx, root_keys[i]), "the root's trust anchor", err);
	return r;
}

static int set_options(const struct unbound_api *api, struct ub_ctx *ctx, const struct resolver_config *config,
		       struct error *err)
{
	bool ip6 = config->forward.addr.family == 6 || machine_has_ip6();
	const char *const options[][2] = {
		/* documentation and private ranges are DNS like any other: lists and laboratories use them */
		{"unblock-lan-zones:", "yes"},
		/* a list or resolver may be served on this very machine */
		{"do-not-query-localhost:", "no"},
		{"do-ip6:", ip6 ? "yes" : "no"},
		{"root-hints:", config->root_hints},
	};
	int r = 0;
	for (size_t i = 0; r == 0 && i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i][1])
			r = check(api, api->ctx_set_option(ctx, options[i][0], options[i][1]), options[i][0], err);
	return r;
}

static int set_forward(const struct unbound_api *api, struct ub_ctx *ctx, const struct endpoint *forward,
		       struct error *err)
{
	char text[ADDR_TEXT_SIZE], at[ADDR_TEXT_SIZE + sizeof("@65535")];
	if (!forward->addr.family)
		return 0;
	addr_text(&forward->addr, text);
	snprintf(at, sizeof(at), "%s@%u", text, forward->port ? forward->port : 53u);
	return check(api, api->ctx_set_fwd(ctx, at), at, err);
}

int unbound_hints_error(const char *root_hints, struct error *err)
{
	return error_set(err, -EINVAL, "%s: not a root hints file (NS, A and AAAA records of the root's servers)",
			 root_hints);
}

/** Does libunbound take the hints where nothing else is set? It does as well where it reads them only in its thread. */
static bool takes_hints(const struct unbound_api *api, const char *root_hints)
{
	struct ub_ctx *ctx = api->ctx_create();
	bool taken;
	if (!ctx)
		return true;
	api->ctx_debugout(ctx, NULL);
	taken = api->ctx_set_option(ctx, "root-hints:", root_hints) == UB_NOERROR &&
		api->ctx_zone_remove(ctx, "test.") == UB_NOERROR;
	api->ctx_delete(ctx);
	return taken;
}

/** The end of the setting failed, and libunbound does not say at which file: up to 1.17 it reads only the trust anchor
 * there, newer ones the root hints too. */
static int files_error(const struct unbound_api *api, const struct resolver_config *config, int code, struct error *err)
{
	if (config->root_hints && !takes_hints(api, config->root_hints))
		return unbound_hints_error(config->root_hints, err);
	if (config->trust_anchor && *config->trust_anchor)
		return error_set(err, -EINVAL, "%s: not a trust anchor file (DS or DNSKEY records, one a line)",
				 config->trust_anchor);
	return check(api, code, "settings", err);
}

int unbound_context(const struct unbound_api *api, const struct resolver_config *config, struct ub_ctx **ret_ctx,
		    struct error *err)
{
	struct ub_ctx *ctx = api->ctx_create();
	int r = 0, code;
	if (!ctx)
		return -ENOMEM;
	api->ctx_debugout(ctx, NULL); /* rooms below the steps do not print */
	if (config->root_hints)
		r = check_file(config->root_hints, "the root hints file", err);
	if (r == 0)
		r = set_options(api, ctx, config, err);
	if (r == 0)
		r = set_anchor(api, ctx, config->trust_anchor, err);
	if (r == 0)
		r = set_forward(api, ctx, &config->forward, err);
	/* a thread, not a process: a forked child would share descriptors and outlive a killed parent */
	if (r == 0)
		r = check(api, api->ctx_async(ctx, 1), "thread", err);
	/* its built-in answer for test. would hide a laboratory's. Last: this call reads the files and ends the setting */
	if (r == 0 && (code = api->ctx_zone_remove(ctx, "test.")) != UB_NOERROR)
		r = files_error(api, config, code, err);
	if (r < 0)
		api->ctx_delete(ctx);
	else
		*ret_ctx = ctx;
	return r;
}
