/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail: the lines of sendmail.cf that name addresses, classes of names, the smart host (its Operations Guide, 5). */
#include "base/ascii.h"
#include "mta/finder.h"

static const char *const cf = "/etc/mail/sendmail.cf";
static const char *const local_names = "/etc/mail/local-host-names";

/** "Name=MTA-v4, Family=inet, Addr=192.0.2.1": the address of a port option. */
static void add_port_option(struct finder *f, struct span rest, const char *origin)
{
	struct span word, value;
	size_t equal;
	while (finder_word_next(&rest, " \t,", &word)) {
		equal = span_find(word, '=');
		value = span_from(word, equal + 1);
		/* sendmail looks at the first letter of a key only */
		if (value.len && ascii_lower(word.at[0]) == 'a')
			finder_address_text(f, value, origin);
	}
}

static void read_option(struct finder *f, struct span line)
{
	static const char *const options[] = {"ClientPortOptions", "DaemonPortOptions"};
	struct span rest = span_from(line, 1), name;
	size_t equal = span_find(rest, '=');
	name = span_trim(span_of(rest.at, equal));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (span_equal_nocase(name, span_str(options[i])))
			add_port_option(f, span_from(rest, equal + 1),
					i == 0 ? "ClientPortOptions of Sendmail" : "DaemonPortOptions of Sendmail");
}

/** The name of a class or macro after its letter: one octet, or {long}. */
static struct span split_name(struct span line, struct span *ret_rest)
{
	size_t end;
	if (line.len > 1 && line.at[1] == '{') {
		end = span_find(line, '}');
		*ret_rest = span_from(line, end + 1);
		return span_of(line.at + 2, end - 2);
	}
	*ret_rest = span_from(line, 2);
	return line.len > 1 ? span_of(line.at + 1, 1) : (struct span){NULL, 0};
}

static bool is_domain_class(struct span name)
{
	return span_equal(name, span_str("w")) || span_equal(name, span_str("VirtHost"));
}

/** "Fw-o /etc/mail/local-host-names %[^\#]": the file of a class. */
static void add_class_file(struct finder *f, struct span rest)
{
	struct span word;
	const char *path;
	while (finder_word_next(&rest, " \t", &word)) {
		if (word.at[0] != '/')
			continue;
		path = finder_copy(f, word);
		if (finder_exists(f, path))
			finder_domain_file(f, path, "a class of Sendmail");
		return;
	}
}

/** "esmtp:[smtp.example.net]": the mailer is left off. */
static void add_smarthost(struct finder *f, struct span value)
{
	size_t colon = span_find(value, ':'), bracket = span_find(value, '[');
	finder_smarthost(f, colon < value.len && (colon < bracket || bracket == value.len) ? span_from(value, colon + 1)
											   : value);
}

static void read_line(struct finder *f, struct span line)
{
	struct span rest, word, name;
	if (line.len < 2)
		return;
	if (line.at[0] == 'O') {
		read_option(f, line);
		return;
	}
	name = split_name(line, &rest);
	rest = span_trim(rest);
	if (line.at[0] == 'C' && is_domain_class(name)) {
		while (finder_word_next(&rest, " \t", &word))
			finder_domain(f, word);
	} else if (line.at[0] == 'F' && is_domain_class(name)) {
		add_class_file(f, rest);
	} else if (line.at[0] == 'D' && span_equal(name, span_str("S"))) {
		add_smarthost(f, rest);
	} else if (line.at[0] == 'D' && span_equal(name, span_str("j"))) {
		finder_host_name(f, rest);
	}
}

static void read_sendmail(struct finder *f)
{
	struct span text, line;
	if (finder_exists(f, cf) && finder_file(f, cf, &text) == 0)
		while (finder_line_next(&text, &line))
			read_line(f, line);
	if (finder_exists(f, local_names))
		finder_domain_file(f, local_names, "local-host-names");
}

const struct mta_row mta_sendmail = {
	MTA_SENDMAIL,
	"Sendmail",
	{"/etc/mail/sendmail.cf"},
	{"/usr/lib/sm.bin/sendmail", "/usr/libexec/sendmail-mta", "/usr/sbin/sendmail.sendmail", "/usr/sbin/sendmail"},
	read_sendmail,
};
