/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix: postconf(1) where the machine has it, else main.cf with the defaults that matter here. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "mta/mta_settings.h"

enum { INSTANCES_MAX = 32, PATH_SIZE = 512, ORIGIN_SIZE = 160 };

/* what is asked of postconf; where it is missing, these defaults stand (postconf(5)) */
static const struct {
	const char *name, *usual;
} wanted[] = {
	{"inet_interfaces", "all"},
	{"proxy_interfaces", ""},
	{"smtp_bind_address", ""},
	{"smtp_bind_address6", ""},
	{"smtp_helo_name", "$myhostname"},
	{"myhostname", ""},
	{"mydomain", ""},
	{"myorigin", "$myhostname"},
	{"mydestination", "$myhostname, localhost.$mydomain, localhost"},
	{"relay_domains", ""},
	{"virtual_alias_maps", "$virtual_maps"},
	{"virtual_alias_domains", "$virtual_alias_maps"},
	{"virtual_mailbox_maps", ""},
	{"virtual_mailbox_domains", "$virtual_mailbox_maps"},
	{"relayhost", ""},
	{"mynetworks", ""},
	{"config_directory", "/etc/postfix"},
	{"queue_directory", "/var/spool/postfix"},
	{"multi_instance_directories", ""},
};

enum { WANTED_COUNT = sizeof(wanted) / sizeof(wanted[0]) };

static void add_lines(struct finder *f, struct span text, struct mta_settings *s)
{
	struct span line;
	struct mta_setting one;
	while (mta_settings_line_next(f, &text, &line))
		if (mta_setting_split(line, &one))
			mta_settings_set(s, one.name, one.value);
}

/** @return false where there is no postconf or it failed: then main.cf is read. */
static bool ask_postconf(struct finder *f, const char *folder, struct mta_settings *s)
{
	const char *argv[4 + WANTED_COUNT + 1] = {"postconf", "-x", "-c", folder};
	struct error why = {{0}};
	struct span text;
	int r;
	for (size_t i = 0; i < WANTED_COUNT; i++)
		argv[4 + i] = wanted[i].name;
	if (f->root[0])
		return false;
	r = finder_ask(f, argv, &text, &why);
	if (r < 0 && r != -ENOENT)
		finder_note(f, "postconf -c %s: %s; main.cf is read instead", folder, why.text);
	if (r < 0)
		return false;
	add_lines(f, text, s);
	return true;
}

/** Postfix's own default: the machine's name, and all but its first label. */
static void add_names(struct finder *f, struct mta_settings *s)
{
	char name[256] = "";
	struct span host = mta_settings_get(s, "myhostname");
	if (host.len == 0 && f->root[0] == '\0' && gethostname(name, sizeof(name) - 1) == 0)
		host = span_str(finder_copy(f, span_str(name)));
	mta_settings_set(s, span_str("myhostname"), host);
	if (!mta_settings_get(s, "mydomain").len)
		mta_settings_set(s, span_str("mydomain"), span_from(host, span_find(host, '.') + 1));
}

static void read_main_cf(struct finder *f, const char *folder, struct mta_settings *s)
{
	char path[PATH_SIZE];
	struct span text;
	snprintf(path, sizeof(path), "%s/main.cf", folder);
	if (finder_file(f, path, &text) < 0)
		return;
	for (size_t i = 0; i < WANTED_COUNT; i++)
		mta_settings_set(s, span_str(wanted[i].name), span_str(wanted[i].usual));
	add_lines(f, text, s);
	add_names(f, s);
}

static struct span value(struct finder *f, const struct mta_settings *s, const char *name)
{
	return mta_settings_expand(f, s, mta_settings_get(s, name));
}

static void add_addresses(struct finder *f, const struct mta_settings *s, const char *name, const char *instance)
{
	char origin[ORIGIN_SIZE];
	struct span rest = value(f, s, name), word;
	snprintf(origin, sizeof(origin), "%s of Postfix%s", name, instance);
	while (finder_word_next(&rest, " \t,", &word))
		finder_address_text(f, word, origin);
}

/** Is this table kept as a plain file from which its index is made? Then the names can be read there. */
static bool plain_table(struct span type)
{
	static const char *const types[] = {"hash", "texthash", "btree", "lmdb", "cdb", "dbm"};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (span_equal(type, span_str(types[i])))
			return true;
	return false;
}

static void add_table(struct finder *f, struct span word, const char *name)
{
	const char *table = finder_copy(f, word), *colon = strchr(table, ':');
	if (strncmp(table, "proxy:", 6) == 0) {
		table += 6;
		colon = strchr(table, ':');
	}
	if (table[0] == '/')
		finder_domain_file(f, table, name);
	else if (colon && plain_table(span_of(table, (size_t)(colon - table))))
		finder_domain_file(f, colon + 1, name);
	else if (colon)
		finder_note(f, "%s of Postfix: %s is not read; name its domains yourself", name, table);
}

static void add_domains(struct finder *f, const struct mta_settings *s, const char *name)
{
	struct span rest = value(f, s, name), word;
	while (finder_word_next(&rest, " \t,", &word)) {
		if (span_find(word, ':') < word.len || word.at[0] == '/')
			add_table(f, word, name);
		else
			finder_domain(f, word);
	}
}

/** master.cf(5): services bound to an address, and "-o smtp_bind_address=ADDRESS" of one. */
static void read_master_cf(struct finder *f, const char *folder, const char *instance)
{
	char path[PATH_SIZE], origin[ORIGIN_SIZE];
	struct span text, line, word;
	snprintf(path, sizeof(path), "%s/master.cf", folder);
	snprintf(origin, sizeof(origin), "master.cf of Postfix%s", instance);
	if (!finder_exists(f, path) || finder_file(f, path, &text) < 0)
		return;
	while (mta_settings_line_next(f, &text, &line)) {
		if (finder_word_next(&line, " \t", &word))
			finder_address_text(f, word, origin);
		/* "-o name=value" and "-o { name = value }" come to the same words */
		for (bool bind = false; finder_word_next(&line, " \t={}", &word);) {
			if (bind)
				finder_address_text(f, word, origin);
			bind = span_equal(word, span_str("smtp_bind_address")) ||
			       span_equal(word, span_str("smtp_bind_address6"));
		}
	}
}

static void read_instance(struct finder *f, const char *folder, struct mta_settings *s, bool primary)
{
	static const char *const addresses[] = {"smtp_bind_address", "smtp_bind_address6", "inet_interfaces",
						"proxy_interfaces"};
	static const char *const domains[] = {"mydestination", "virtual_mailbox_domains", "virtual_alias_domains",
					      "relay_domains"};
	char instance[ORIGIN_SIZE / 2] = "";
	if (!primary)
		snprintf(instance, sizeof(instance), " (%s)", folder);
	if (!ask_postconf(f, folder, s))
		read_main_cf(f, folder, s);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		add_addresses(f, s, addresses[i], instance);
	read_master_cf(f, folder, instance);
	finder_host_name(f, value(f, s, "smtp_helo_name"));
	finder_host_name(f, value(f, s, "myhostname"));
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		add_domains(f, s, domains[i]);
	finder_domain(f, value(f, s, "myorigin"));
	finder_smarthost(f, value(f, s, "relayhost"));
	finder_queue(f, value(f, s, "queue_directory"), primary ? NULL : folder);
	for (struct span rest = value(f, s, "mynetworks"), word; finder_word_next(&rest, " \t,", &word);)
		finder_network(f, word);
}

static void read_postfix(struct finder *f)
{
	struct mta_settings s = mta_settings_make(f), other;
	struct span rest, word;
	const char *folder;
	read_instance(f, "/etc/postfix", &s, true);
	rest = value(f, &s, "multi_instance_directories");
	for (size_t i = 0; i < INSTANCES_MAX && finder_word_next(&rest, " \t,", &word); i++) {
		folder = finder_copy(f, word);
		other = mta_settings_make(f);
		if (folder[0] == '/' && !f->error)
			read_instance(f, folder, &other, false);
	}
}

const struct mta_row mta_postfix = {MTA_POSTFIX,
				    "Postfix",
				    {"/etc/postfix/main.cf"},
				    {"/usr/sbin/postconf", "/usr/local/sbin/postconf"},
				    read_postfix};
