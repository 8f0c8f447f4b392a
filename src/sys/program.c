/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program is first read to the end of its output, then its exit is waited for a little while. At a limit its whole
 * group is killed. It is waited for (waitpid) only at the very end: until then its process id cannot become another's.
 */
#include "sys/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/program_spawn.h"

enum {
	LINGER_US = 200000,  /* an exit is waited for so long after the end of the output */
	KILLED_US = 2000000, /* and after a kill: in the midst of a disk's or network's work it does not die */
	NO_PIDFD_US = 5000,  /* where the system has none to tell of an exit, it is looked for so often */
	PIECE_OCTETS = 4096,
	PIECES_A_STEP = 16, /* of each output: what a pipe holds; others want their turn */
	KIB = 1024,
	SIGNALS_FROM = 128, /* exit statuses of shells */
};

enum program_state {
	PROGRAM_SPEAKS, /* its output has not ended */
	PROGRAM_LEAVES, /* it has: the exit is to come */
	PROGRAM_KILLED, /* its exit is to come as well */
	PROGRAM_ENDED,
};

/* One of its two outputs, as far as it was read. */
struct stream {
	int fd; /* -1: it has ended */
	struct buf *into;
	bool cut; /* what is above the maximum is thrown away, else it is -E2BIG */
};

struct program {
	enum program_state state;
	pid_t pid;
	int epoll, pidfd; /* pidfd -1: none */
	struct stream output, errors;
	int64_t begun_us, stepped_us, deadline_us;
	const struct trace *trace;
	struct program_end end;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int watch(struct program *p, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* @param ret_writer  the program's end of the pipe */
static int stream_open(struct program *p, struct stream *s, int *ret_writer)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	s->fd = fds[0];
	*ret_writer = fds[1];
	return fcntl(s->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : watch(p, s->fd);
}

/* What has come; its end closes it. @return 0; -E2BIG; -ENOMEM; -EIO */
static int stream_read(struct stream *s)
{
	char piece[PIECE_OCTETS];
	for (int i = 0; i < PIECES_A_STEP && s->fd >= 0; i++) {
		ssize_t n = read(s->fd, piece, sizeof(piece));
		size_t room = s->into->max - s->into->len;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -EIO;
		if (n == 0)
			close_fd(&s->fd);
		buf_add(s->into, span_of(piece, s->cut && (size_t)n > room ? room : (size_t)n));
		if (s->into->error)
			return s->into->error;
	}
	return 0;
}

static int start(struct program *p, const struct program_task *task)
{
	int writers[2] = {-1, -1}, r;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	r = p->epoll < 0 ? -errno : stream_open(p, &p->output, &writers[0]);
	if (r == 0)
		r = stream_open(p, &p->errors, &writers[1]);
	if (r == 0)
		p->pid = program_spawn(task->argv, task->input, writers);
	for (size_t i = 0; i < 2; i++)
		close_fd(&writers[i]); /* else its end would not be seen */
	if (r < 0 || p->pid < 0)
		return r < 0 ? r : (int)p->pid;
	p->pidfd = pidfd_open(p->pid, 0);
	return 0;
}

int program_start(const struct program_task *task, int64_t now_us, struct program **ret_program)
{
	struct program *p = calloc(1, sizeof(*p));
	int r;
	if (!p)
		return -ENOMEM;
	*p = (struct program){
		.pid = -1,
		.epoll = -1,
		.pidfd = -1,
		.output = {.fd = -1, .into = &p->end.output},
		.errors = {.fd = -1, .into = &p->end.errors, .cut = true},
		.begun_us = now_us,
		.deadline_us = now_us + task->time_us,
		.trace = task->trace,
		.end = {.output = buf_make(task->output_max), .errors = buf_make(task->errors_max)},
	};
	r = start(p, task);
	trace_event(p->trace, "sys", "program_start", TRACE_TEXT("name", task->argv[0]), TRACE_NUMBER("pid", p->pid),
		    TRACE_TEXT("error", r < 0 ? strerrorname_np(-r) : "none"));
	if (r < 0) {
		program_free(p);
		return r;
	}
	*ret_program = p;
	return 0;
}

int program_fd(const struct program *p)
{
	return p->epoll;
}

int64_t program_deadline_us(const struct program *p)
{
	int64_t look_us = p->stepped_us + NO_PIDFD_US;
	return p->state == PROGRAM_SPEAKS || p->pidfd >= 0 || look_us > p->deadline_us ? p->deadline_us : look_us;
}

/* From now on its exit is what is waited for. */
static void await_exit(struct program *p, enum program_state state, int64_t until_us)
{
	if (p->state == PROGRAM_SPEAKS && p->pidfd >= 0 && watch(p, p->pidfd) < 0)
		close_fd(&p->pidfd);
	p->state = state;
	p->deadline_us = until_us;
}

static void kill_group(struct program *p, int error, int64_t now_us)
{
	kill(-p->pid, SIGKILL);
	stream_read(&p->errors); /* what it said last */
	close_fd(&p->output.fd);
	close_fd(&p->errors.fd);
	p->end.error = error;
	await_exit(p, PROGRAM_KILLED, now_us + KILLED_US);
}

static bool has_exited(const struct program *p)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == p->pid;
}

static void finish(struct program *p, int64_t now_us)
{
	int status = 0;
	stream_read(&p->errors);
	if (waitpid(p->pid, &status, WNOHANG) == p->pid)
		p->pid = -1;
	p->end.status = WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALS_FROM + WTERMSIG(status);
	p->state = PROGRAM_ENDED;
	trace_event(p->trace, "sys", "program_end",
		    TRACE_TEXT("error", p->end.error ? strerrorname_np(-p->end.error) : "none"),
		    TRACE_NUMBER("status", p->end.status), TRACE_NUMBER("took_us", now_us - p->begun_us),
		    TRACE_NUMBER("output", (int64_t)p->end.output.len), TRACE_SPAN("errors", buf_span(&p->end.errors)));
}

/* The exit has come, or is not waited for any longer. */
static void step_exit(struct program *p, int64_t now_us)
{
	if (has_exited(p) || (p->state == PROGRAM_KILLED && now_us >= p->deadline_us))
		finish(p, now_us);
	else if (now_us >= p->deadline_us)
		kill_group(p, -ETIMEDOUT, now_us);
}

bool program_step(struct program *p, int64_t now_us)
{
	int r;
	if (p->state == PROGRAM_ENDED)
		return true;
	p->stepped_us = now_us;
	r = stream_read(&p->output);
	if (r == 0)
		r = stream_read(&p->errors);
	if (p->state == PROGRAM_SPEAKS) {
		if (r < 0)
			kill_group(p, r, now_us);
		else if (p->output.fd < 0)
			await_exit(p, PROGRAM_LEAVES, now_us + LINGER_US);
		else if (now_us >= p->deadline_us)
			kill_group(p, -ETIMEDOUT, now_us);
	}
	if (p->state != PROGRAM_SPEAKS)
		step_exit(p, now_us);
	return p->state == PROGRAM_ENDED;
}

const struct program_end *program_end(const struct program *p)
{
	return &p->end;
}

void program_explain(const struct program *p, struct error *why)
{
	const struct program_end *end = &p->end;
	struct span first = span_trim(buf_span(&end->errors));
	char what[64] = "";
	first.len = span_find(first, '\n');
	if (end->error == -ETIMEDOUT)
		snprintf(what, sizeof(what), "it did not end in time");
	else if (end->error == -E2BIG)
		snprintf(what, sizeof(what), "more than %zu KiB of output", end->output.max / KIB);
	else if (end->error)
		snprintf(what, sizeof(what), "%s", strerrordesc_np(-end->error));
	else if (end->status > SIGNALS_FROM)
		snprintf(what, sizeof(what), "ended by signal %d", end->status - SIGNALS_FROM);
	else if (end->status)
		snprintf(what, sizeof(what), "exit status %d", end->status);
	if (!what[0])
		first.len = 0;
	error_set(why, 0, "%s%s%.*s", what, first.len ? ": " : "", (int)first.len, (const char *)first.at);
}

void program_free(struct program *p)
{
	if (!p)
		return;
	if (p->pid > 0 && p->state != PROGRAM_ENDED) {
		kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close_fd(&p->output.fd);
	close_fd(&p->errors.fd);
	close_fd(&p->pidfd);
	close_fd(&p->epoll);
	buf_release(&p->end.output);
	buf_release(&p->end.errors);
	free(p);
}
