/* SPDX-License-Identifier: BSD-2-Clause */
/* --log, --tz, --since, --until, and the reading. */
#include "cli/log_input.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/moment.h"
#include "cli/options.h"
#include "cli/stop.h"

enum {
	BETWEEN_LINES_US = 100000,
	SILENT_US = 300000,
	BAR_COLUMNS = 20,
	LINES_BETWEEN_LOOKS = 100000,
	PIECE_OCTETS = 65536
};

static int exit_of_input(int error)
{
	return error == -EACCES || error == -EPERM ? EXIT_PERMISSION : EXIT_IO;
}

int log_input_moment(struct log_input *in, const char *option, bool end, bool zone_needed, int64_t *ret_ms)
{
	const char *text = options_value(in->c->options, option);
	const struct moment_rules rules = {
		.zone = in->zone, .zone_needed = zone_needed && !in->zone_given, .now_ms = in->now_ms, .end = end};
	struct error err = {{0}};
	if (text && moment_parse(text, &rules, ret_ms, &err) < 0)
		return complain(EXIT_USAGE, "--%s %s", option, err.text);
	return EXIT_NOTHING;
}

static int choose_zone(struct log_input *in)
{
	const char *name = options_value(in->c->options, "tz");
	int r = zone_new(name ? name : "local", &in->zone);
	in->zone_given = name != NULL;
	if (r == -ENOMEM)
		return complain(EXIT_IO, "out of memory");
	if (r < 0)
		return complain(EXIT_USAGE, "--tz %s: no time zone; write UTC, +01:00 or a name such as Europe/Berlin",
				name ? name : "local");
	return EXIT_NOTHING;
}

static int choose_window(struct log_input *in)
{
	int status = log_input_moment(in, "since", false, false, &in->from_ms);
	if (status == EXIT_NOTHING)
		status = log_input_moment(in, "until", true, false, &in->to_ms);
	if (status != EXIT_NOTHING)
		return status;
	if (in->from_ms != STAMP_NONE && in->to_ms != STAMP_NONE && in->from_ms > in->to_ms)
		return complain(EXIT_USAGE, "--since %s lies after --until %s", options_value(in->c->options, "since"),
				options_value(in->c->options, "until"));
	sources_window(in->sources, in->from_ms, in->to_ms);
	return EXIT_NOTHING;
}

int log_input_server(struct log_input *in)
{
	const char **notes = NULL;
	size_t note_count = 0;
	if (in->server_known)
		return EXIT_NOTHING;
	if (server_find("", in->c->trace, in->c->arena, &in->server, &notes, &note_count) < 0)
		return complain(EXIT_IO, "out of memory");
	in->server_known = true;
	return EXIT_NOTHING;
}

static int add_own(struct log_input *in)
{
	struct error err = {{0}};
	int status = log_input_server(in), r;
	if (status != EXIT_NOTHING)
		return status;
	in->own = true;
	r = sources_add_own(in->sources, "", in->server.mta_name, &err);
	if (r == -ENOENT)
		return complain(EXIT_CANNOT_TELL, "%s", err.text);
	return r < 0 ? complain(exit_of_input(r), "%s", err.text) : EXIT_NOTHING;
}

static int add_given(struct log_input *in)
{
	/* followed over days and across restarts: what was rotated away meanwhile belongs to it */
	bool rotations = options_has(in->c->options, "follow");
	for (size_t i = 0; i < options_count(in->c->options, "log"); i++) {
		struct error err = {{0}};
		int r = sources_add(in->sources, options_nth(in->c->options, "log", i), rotations, &err);
		if (r < 0)
			return complain(exit_of_input(r), "%s", err.text);
	}
	return EXIT_NOTHING;
}

int log_input_files(const struct context *c, int from)
{
	static const struct option_row rows[] = {LOG_INPUT_OPTIONS, {0}};
	const struct option_row *const tables[] = {rows, NULL};
	const struct option_row *row = options_row(tables, span_str("log"));
	struct error err;
	for (int i = from; i < c->argc; i++)
		if (options_add(c->options, row, c->argv[i], &err) < 0)
			return complain(EXIT_USAGE, "%s", err.text);
	return EXIT_NOTHING;
}

int log_input_open(struct log_input *in, struct context *c)
{
	int status;
	*in = (struct log_input){.c = c, .now_ms = clock_wall_ms(), .from_ms = STAMP_NONE, .to_ms = STAMP_NONE};
	in->progress = progress_make(false);
	in->progress.on &= !c->trace;
	status = choose_zone(in);
	if (status != EXIT_NOTHING)
		return status;
	in->sources = sources_new(in->zone, in->now_ms);
	if (!in->sources)
		return complain(EXIT_IO, "out of memory");
	sources_trace(in->sources, c->trace);
	status = choose_window(in);
	if (status == EXIT_NOTHING)
		status = options_has(c->options, "log") ? add_given(in) : add_own(in);
	return status;
}

void log_input_release(struct log_input *in)
{
	sources_free(in->sources);
	zone_free(in->zone);
	in->sources = NULL;
	in->zone = NULL;
}

static void show(struct log_input *in, int64_t now_us)
{
	uint64_t done = 0, total = 0;
	char text[128];
	double seconds = (double)(now_us - in->began_us) / 1e6, rate;
	unsigned filled;
	sources_progress(in->sources, &done, &total);
	rate = seconds > 0 ? (double)done / 1e6 / seconds : 0;
	if (total == 0) {
		snprintf(text, sizeof(text), "reading: %.0f MB, %.0f MB/s", (double)done / 1e6, rate);
	} else {
		filled = done >= total ? BAR_COLUMNS : (unsigned)((double)done * BAR_COLUMNS / (double)total);
		snprintf(text, sizeof(text), "[%.*s%*s] %.0f of %.0f MB, %.0f MB/s", (int)filled,
			 "####################", (int)(BAR_COLUMNS - filled), "", (double)done / 1e6,
			 (double)total / 1e6, rate);
	}
	progress_line(&in->progress, text);
}

static bool on_progress(void *arg)
{
	struct log_input *in = arg;
	int64_t now_us;
	if (stop_wanted())
		return true;
	if (!in->progress.on)
		return false;
	now_us = clock_mono_us();
	if (now_us - in->began_us > SILENT_US && now_us - in->shown_us > BETWEEN_LINES_US) {
		in->shown_us = now_us;
		show(in, now_us);
	}
	return false;
}

/* One file of many that cannot be read is a hole; when it was all there is, the answer is its fault. */
static int nothing_read(const struct log_coverage *c)
{
	if (c->file_count == 0 || c->lines)
		return EXIT_NOTHING;
	for (size_t i = 0; i < c->file_count; i++)
		if (!c->files[i].fault)
			return EXIT_NOTHING;
	for (size_t i = 0; i < c->file_count; i++)
		if (c->files[i].denied)
			return complain(EXIT_PERMISSION,
					"%s: may not be read by this user; try as root, or in the group adm",
					c->files[i].name);
	return complain(EXIT_IO, "%s: %s", c->files[0].name, c->files[0].fault);
}

int log_input_read(struct log_input *in, struct maillog *m, struct log_coverage *ret_coverage)
{
	int r;
	in->began_us = clock_mono_us();
	maillog_on_progress(m, on_progress, in);
	r = maillog_read(m, ret_coverage);
	progress_hide(&in->progress);
	if (r == -EINTR) {
		in->stopped = true;
		complain(0, "interrupted; the rest of the log was not read");
	} else if (r < 0) {
		return complain(EXIT_IO, "reading the log: %s", strerror(-r));
	}
	return nothing_read(ret_coverage);
}

int log_input_lines(struct log_input *in, void (*on_line)(void *arg, const struct log_line *l), void *arg)
{
	struct log_coverage coverage = {0};
	const struct log_line *l;
	int r;
	in->began_us = clock_mono_us();
	while ((r = sources_next(in->sources, &l)) > 0) {
		on_line(arg, l);
		if (++coverage.lines % LINES_BETWEEN_LOOKS == 0 && on_progress(in)) {
			in->stopped = true;
			break;
		}
	}
	progress_hide(&in->progress);
	if (r < 0)
		return complain(EXIT_IO, "reading the log: %s", strerror(-r));
	coverage.files = sources_files(in->sources, &coverage.file_count);
	return nothing_read(&coverage);
}

int log_input_again(struct log_input *in)
{
	struct context *c = in->c;
	log_input_release(in);
	lseek(STDIN_FILENO, 0, SEEK_SET); /* a pipe was put into a file by log_input_keep() */
	return log_input_open(in, c);
}

/* @param open  octets since the last line end. */
static bool is_endless(const char *piece, size_t len, size_t *open)
{
	*open = memchr(piece, '\n', len) ? 0 : *open + len;
	return *open > 2 * (size_t)LOG_LINE_END_MAX;
}

/* All of standard input into a file without a name, which takes its place. */
static int spool(void)
{
	FILE *f = tmpfile();
	char piece[PIECE_OCTETS];
	ssize_t n = 0;
	bool good = f != NULL;
	size_t open = 0;
	while (good && (n = read(STDIN_FILENO, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR && !stop_wanted())
			continue;
		good = n > 0 && fwrite(piece, 1, (size_t)n, f) == (size_t)n;
		if (good && is_endless(piece, (size_t)n, &open))
			break; /* what reads it then says so */
	}
	good = good && fflush(f) == 0 && lseek(fileno(f), 0, SEEK_SET) == 0 && dup2(fileno(f), STDIN_FILENO) >= 0;
	if (!good)
		complain(0, "standard input: %s", strerror(errno));
	if (f)
		fclose(f);
	return good ? EXIT_NOTHING : EXIT_IO;
}

int log_input_keep(struct context *c)
{
	for (size_t i = 0; i < options_count(c->options, "log"); i++)
		if (strcmp(options_nth(c->options, "log", i), "-") == 0)
			return lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 ? EXIT_NOTHING : spool();
	return EXIT_NOTHING;
}
