/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mta/mta_programs.h"

/* Where Debian's packages put what speaks to other servers. */
static void those_of_mail_servers(void **state)
{
	static const char *const known[] = {
		"/usr/lib/postfix/sbin/smtp",
		"/usr/lib/postfix/sbin/lmtp",
		"/usr/sbin/exim4",
		"/usr/lib/courier/courier/modules/esmtp/courieresmtp",
		"/usr/lib/nullmailer/smtp",
		"/usr/libexec/sendmail/sendmail",
		"/usr/sbin/smtpd",
		"/usr/sbin/dma",
		"/usr/bin/msmtp",
		"/usr/sbin/ssmtp",
		"/var/qmail/bin/qmail-remote",
	};
	static const char *const others[] = {
		"",
		"/usr/lib/postfix/sbin",
		"/tmp/usr/lib/postfix/sbin/smtp",
		"/usr/sbin/exim4x",
		"/usr/sbin/exim4/x",
		"/var/www/exim4",
		"/usr/bin/php8.2",
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!mta_program_known(known[i]))
			fail_msg("%s", known[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (mta_program_known(others[i]))
			fail_msg("%s", others[i]);
}

static void those_that_run_what_others_wrote(void **state)
{
	static const char *const interpreters[] = {"/usr/bin/python3.11", "/usr/bin/perl", "/usr/sbin/php-fpm8.2",
						   "php", "/usr/local/bin/node"};
	static const char *const others[] = {"", "/usr/sbin/exim4", "/usr/bin/perlbug", "/opt/nodeserver"};
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters); i++)
		if (!mta_program_interprets(interpreters[i]))
			fail_msg("%s", interpreters[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (mta_program_interprets(others[i]))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_mail_servers),
		cmocka_unit_test(those_that_run_what_others_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
