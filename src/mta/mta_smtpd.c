/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/mta_smtpd.h"

#include <errno.h>
#include <stdio.h>

#include "base/ascii.h"

enum { OPTIONS_MAX = 48, CLASSES_MAX = 24, WANTED_MAX = 64 };

static const char folder[] = "/etc/postfix";

static const char *const wanted[] = {
	"mynetworks",
	"inet_interfaces",
	"relay_domains",
	"smtpd_client_restrictions",
	"smtpd_helo_restrictions",
	"smtpd_sender_restrictions",
	"smtpd_relay_restrictions",
	"smtpd_recipient_restrictions",
	"smtpd_data_restrictions",
	"smtpd_end_of_data_restrictions",
	"smtpd_restriction_classes",
	"smtpd_authorized_xclient_hosts",
	"smtpd_client_connection_rate_limit",
	"smtpd_client_event_limit_exceptions",
};

enum { WANTED_COUNT = sizeof(wanted) / sizeof(*wanted) };

/* "smtp/inet/command": the last two parts are no part of the name, which may be an address. */
static bool split_key(struct span key, struct span *ret_service, struct span *ret_name)
{
	size_t slash = key.len;
	while (slash && key.at[slash - 1] != '/')
		slash--;
	if (slash == 0)
		return false;
	*ret_service = span_of(key.at, slash - 1);
	*ret_name = span_from(key, slash);
	return true;
}

static bool is_loopback_word(struct span word)
{
	struct addr a;
	if (word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']')
		word = span_of(word.at + 1, word.len - 2);
	if (addr_parse(word, &a) == 0)
		return addr_kind(&a) == ADDR_LOOPBACK;
	return span_equal_nocase(word, span_str("loopback-only")) || span_equal_nocase(word, span_str("localhost"));
}

/* The address before the port of "127.0.0.1:10025"; empty: inet_interfaces tells. */
static struct span bound_to(struct span service)
{
	size_t colon;
	service.len = span_find(service, '/');
	colon = service.len;
	while (colon && service.at[colon - 1] != ':')
		colon--;
	return colon ? span_of(service.at, colon - 1) : (struct span){NULL, 0};
}

static bool is_outside(const struct mta_smtpd *s, struct span service)
{
	struct span address = bound_to(service), rest, word;
	bool any = false;
	if (s->screened)
		return true;
	if (address.len)
		return !is_loopback_word(address);
	rest = mta_settings_get(&s->settings, "inet_interfaces");
	while (finder_word_next(&rest, " \t,", &word))
		any |= !is_loopback_word(word);
	return any;
}

static void take_lines(struct finder *f, struct span text, struct mta_settings *s)
{
	struct span line;
	struct mta_setting one;
	while (mta_settings_line_next(f, &text, &line))
		if (mta_setting_split(line, &one))
			mta_settings_set(s, one.name, one.value);
}

/* The arguments of one postconf: the service's options first. */
struct asking {
	const char *argv[4 + 2 * OPTIONS_MAX + WANTED_MAX + 1];
	size_t count;
};

static void add_options(struct finder *f, struct asking *q, struct span options, struct span service)
{
	struct span line, of, name;
	struct mta_setting one;
	size_t left = OPTIONS_MAX;
	while (left && mta_settings_line_next(f, &options, &line)) {
		if (!mta_setting_split(line, &one) || !split_key(one.name, &of, &name) || !span_equal(of, service))
			continue;
		q->argv[q->count++] = "-o";
		q->argv[q->count] = arena_printf(f->arena, "%.*s=%.*s", (int)name.len, (const char *)name.at,
						 (int)one.value.len, (const char *)one.value.at);
		if (!q->argv[q->count++])
			f->error = -ENOMEM;
		left--;
	}
	if (!left)
		finder_note(f, "Postfix: %.*s has more than %d options; the rest is left out", (int)service.len,
			    (const char *)service.at, OPTIONS_MAX);
}

static int ask(struct finder *f, struct asking *q, const char *const *names, size_t count, struct mta_settings *s,
	       struct error *why)
{
	struct span text;
	int r;
	for (size_t i = 0; i < count; i++)
		q->argv[q->count++] = names[i];
	q->argv[q->count] = NULL;
	r = f->error ? f->error : finder_ask(f, q->argv, &text, why);
	if (r == 0)
		take_lines(f, text, s);
	return r ? r : f->error;
}

/* The lists that smtpd_restriction_classes names are parameters of their own. */
static int ask_classes(struct finder *f, struct asking *q, struct mta_settings *s, struct error *why)
{
	const char *names[CLASSES_MAX];
	struct span rest = mta_settings_get(s, "smtpd_restriction_classes"), word;
	size_t count = 0;
	while (count < CLASSES_MAX && finder_word_next(&rest, " \t,", &word))
		names[count++] = finder_copy(f, word);
	return count ? ask(f, q, names, count, s, why) : 0;
}

static int read_service(struct finder *f, struct span options, struct span service, struct mta_smtpd *s,
			struct error *why)
{
	struct asking q = {.argv = {"postconf", "-x", "-c", folder}, .count = 4};
	size_t slash = service.len, own;
	int r;
	while (slash && service.at[slash - 1] != '/')
		slash--;
	s->screened = span_equal(span_from(service, slash), span_str("pass"));
	s->name = arena_printf(f->arena, "%.*s %.*s", (int)(slash ? slash - 1 : 0), (const char *)service.at,
			       (int)(service.len - slash), (const char *)service.at + slash);
	s->settings = mta_settings_make(f);
	if (!s->name)
		return -ENOMEM;
	add_options(f, &q, options, service);
	own = q.count;
	r = ask(f, &q, wanted, WANTED_COUNT, &s->settings, why);
	q.count = own;
	if (r == 0)
		r = ask_classes(f, &q, &s->settings, why);
	s->outside = is_outside(s, service);
	return r;
}

static bool runs_smtpd(struct span command)
{
	struct span word;
	if (!finder_word_next(&command, " \t", &word))
		return false;
	while (span_find(word, '/') < word.len)
		word = span_from(word, span_find(word, '/') + 1);
	return span_equal(word, span_str("smtpd"));
}

static int find_services(struct finder *f, struct span commands, struct span options, struct mta_smtpd *services,
			 size_t *ret_count, struct error *why)
{
	struct span line, service, name;
	struct mta_setting one;
	int r = 0;
	while (r == 0 && *ret_count < MTA_SMTPD_SERVICES_MAX && mta_settings_line_next(f, &commands, &line)) {
		if (!mta_setting_split(line, &one) || !split_key(one.name, &service, &name) || !runs_smtpd(one.value))
			continue;
		/* "smtp/inet": the type stays with the name */
		r = read_service(f, options, service, &services[*ret_count], why);
		*ret_count += r == 0;
	}
	return r ? r : f->error;
}

int mta_smtpd_find(struct finder *f, struct mta_smtpd **ret_services, size_t *ret_count, struct error *why)
{
	static const char *const commands_of[] = {"postconf", "-F", "-c", folder, "*/*/command", NULL};
	static const char *const options_of[] = {"postconf", "-P", "-c", folder, NULL};
	struct mta_smtpd *services = arena_alloc(f->arena, MTA_SMTPD_SERVICES_MAX, sizeof(*services));
	struct span commands, options;
	size_t count = 0;
	int r = services ? finder_ask(f, commands_of, &commands, why) : -ENOMEM;
	if (r == 0)
		r = finder_ask(f, options_of, &options, why);
	if (r == 0)
		r = find_services(f, commands, options, services, &count, why);
	if (r < 0)
		return r;
	*ret_services = services;
	*ret_count = count;
	return 0;
}

/* Exit status 1 without a word: it is not there (postmap(1)). */
int mta_smtpd_lookup(struct finder *f, const char *table, const char *key, struct span *ret_value)
{
	const char *const argv[] = {"postmap", "-c", folder, "-q", key, table, NULL};
	struct error why = {{0}};
	int r = finder_ask(f, argv, ret_value, &why);
	*ret_value = r == 0 ? span_trim(*ret_value) : (struct span){NULL, 0};
	return r == -EIO && strcmp(why.text, "exit status 1") == 0 ? 0 : r;
}

static const char *file_of(const char *table)
{
	static const char *const types[] = {"regexp:", "pcre:", "cidr:"};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strncmp(table, types[i], strlen(types[i])) == 0)
			return table + strlen(types[i]);
	return NULL;
}

int mta_smtpd_rows(struct finder *f, const char *table, struct span *ret_rows)
{
	const char *const argv[] = {"postmap", "-c", folder, "-s", table, NULL};
	struct error why = {{0}};
	const char *file = file_of(strncmp(table, "proxy:", 6) == 0 ? table + 6 : table);
	if (file && file[0] == '/')
		return finder_file(f, file, ret_rows);
	return finder_ask(f, argv, ret_rows, &why);
}
