/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/mta_programs.h"

#include <string.h>

#include "base/ascii.h"

/* A folder ends with "/", and stands for all below it. Debian's, Red Hat's and the projects' own places. */
static const char *const programs[] = {
	"/usr/lib/postfix/sbin/",
	"/usr/lib/postfix/bin/",
	"/usr/libexec/postfix/",
	"/usr/local/libexec/postfix/",
	"/usr/sbin/exim",
	"/usr/sbin/exim4",
	"/usr/lib/exim4/exim4",
	"/usr/exim/bin/exim",
	"/usr/local/exim/bin/",
	"/usr/local/sbin/exim",
	"/usr/libexec/sendmail/",
	"/usr/lib/sm.bin/",
	"/usr/sbin/sendmail.sendmail",
	"/usr/sbin/sendmail-mta",
	"/usr/sbin/smtpd",
	"/usr/local/sbin/smtpd",
	"/usr/libexec/opensmtpd/",
	"/usr/bin/smtp",
	"/var/qmail/bin/",
	"/usr/sbin/qmail-remote",
	"/usr/lib/qmail/",
	"/usr/lib/courier/",
	"/usr/lib/nullmailer/",
	"/usr/libexec/nullmailer/",
	"/usr/sbin/nullmailer-send",
	"/usr/bin/msmtp",
	"/usr/bin/esmtp",
	"/usr/sbin/ssmtp",
	"/usr/sbin/dma",
	"/usr/lib/dma/",
	"/opt/kumomta/sbin/",
	"/opt/stalwart/bin/",
	"/opt/stalwart-mail/bin/",
	"/usr/local/bin/maddy",
	"/usr/bin/maddy",
	"/opt/zimbra/common/libexec/",
	"/opt/zimbra/common/sbin/",
	"/opt/pmta/bin/",
	"/usr/sbin/pmtad",
};

bool mta_program_known(const char *exe)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		size_t len = strlen(programs[i]);
		if (programs[i][len - 1] == '/' ? strncmp(exe, programs[i], len) == 0 : strcmp(exe, programs[i]) == 0)
			return true;
	}
	return false;
}

/* "python3.11" is "python" and a version. */
bool mta_program_interprets(const char *exe)
{
	static const char *const names[] = {"python", "perl",    "php",  "php-fpm", "php-cgi", "lsphp",
					    "node",   "nodejs",  "ruby", "java",    "bash",    "dash",
					    "sh",     "busybox", "deno", "bun",     "lua"};
	const char *name = strrchr(exe, '/') ? strrchr(exe, '/') + 1 : exe;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = strlen(names[i]);
		if (strncmp(name, names[i], len) != 0)
			continue;
		while (ascii_is_digit((uint8_t)name[len]) || name[len] == '.' || name[len] == '-')
			len++;
		if (name[len] == '\0')
			return true;
	}
	return false;
}
