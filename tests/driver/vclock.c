// SPDX-License-Identifier: BSD-2-Clause
/*
 * A clock that the scenario sets, for programs that know nothing of it. The dynamic linker loads this library into
 * every process of a scenario's world (/etc/ld.so.preload, so set-uid programs too). Inside, the time of day is what
 * the page CLOCK_FILE says: it runs on at a set pace, and the driver jumps it over the hours in which nothing
 * happens. What a server computes from the time (queue ids, delays, retries, log stamps) is then of one piece.
 *
 * syslog(3) goes into LOG_FILE, stamped in the writer: no logger stands between that could stamp it late.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_FILE      "/run/vclock"
#define KEY_FILE        "/etc/ssl/own.key"
#define LOG_FILE        "/run/vlog"
#define EXPORT          __attribute__((visibility("default")))
#define NS              1000000000LL
#define LINE_MAX_OCTETS 8192
/* an address of this network never answers (RFC 2544's, which nobody routes): what is sent there is lost */
#define SILENT_NET     0xc6120000U
#define SILENT_MASK    0xfffe0000U
#define SILENT_WAIT_NS (30 * NS)

/* The page: the driver writes it between two odd values of seq. */
struct page {
	volatile uint32_t seq;
	volatile uint32_t pace_permille;
	volatile int64_t real_ns; /* CLOCK_MONOTONIC at the last setting */
	volatile int64_t virtual_ns;
	volatile int64_t born_ns; /* the real time of day when the world began */
	volatile uint64_t
		inode_base; /* a new file system counts inodes from 1, one in use does not: queue ids show it */
};

static struct page *page;
static bool monotonic_too;
static int log_fd = -1;
static char log_ident[64];
static int log_options;
static int log_facility = LOG_MAIL;

static int64_t raw(clockid_t which)
{
	struct timespec ts;
	syscall(SYS_clock_gettime, which, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

__attribute__((constructor)) static void begin(void)
{
	int fd = open(CLOCK_FILE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *at = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		page = at;
	/* Exim makes its ids of the monotonic clock, OpenSMTPD's timers run on it */
	const char *name = program_invocation_short_name;
	monotonic_too =
		strcmp(name, "exim4") == 0 || strcmp(name, "sendmail") == 0 || secure_getenv("VCLOCK_MONOTONIC");
}

/* @return virtual nanoseconds since the epoch */
static int64_t now_ns(void)
{
	if (!page)
		return raw(CLOCK_REALTIME);
	for (;;) {
		uint32_t seq = page->seq;
		__sync_synchronize();
		int64_t real = page->real_ns, virtual = page->virtual_ns;
		uint32_t pace = page->pace_permille;
		__sync_synchronize();
		if (!(seq & 1) && seq == page->seq)
			return virtual + (raw(CLOCK_MONOTONIC) - real) / 1000 * pace;
	}
}

EXPORT time_t time(time_t *out)
{
	time_t now = (time_t)(now_ns() / NS);
	if (out)
		*out = now;
	return now;
}

EXPORT int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	(void)zone;
	int64_t now = now_ns();
	*tv = (struct timeval){.tv_sec = now / NS, .tv_usec = now % NS / 1000};
	return 0;
}

EXPORT int clock_gettime(clockid_t which, struct timespec *ts)
{
	bool ours = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE ||
		    (monotonic_too &&
		     (which == CLOCK_MONOTONIC || which == CLOCK_MONOTONIC_COARSE || which == CLOCK_BOOTTIME));
	if (!ours || !page)
		return (int)syscall(SYS_clock_gettime, which, ts);
	int64_t now = now_ns();
	*ts = (struct timespec){.tv_sec = now / NS, .tv_nsec = now % NS};
	return 0;
}

/* -- files: a stamp that the kernel gave since the world began becomes the present -- */

static void fix(struct timespec *ts)
{
	if (page && ts->tv_sec * NS >= page->born_ns - NS) {
		int64_t now = now_ns();
		*ts = (struct timespec){.tv_sec = now / NS, .tv_nsec = 0};
	}
}

static int fixed(int result, struct stat *st)
{
	int saved = errno;
	if (result == 0) {
		fix(&st->st_mtim);
		fix(&st->st_ctim);
		fix(&st->st_atim);
		st->st_ino += page ? page->inode_base : 0;
	}
	errno = saved;
	return result;
}

static int stat_at(int folder, const char *path, struct stat *st, int flags)
{
	return fixed((int)syscall(SYS_newfstatat, folder, path, st, flags), st);
}

EXPORT int fstat(int fd, struct stat *st)
{
	return fixed((int)syscall(SYS_fstat, fd, st), st);
}

EXPORT int stat(const char *restrict path, struct stat *restrict st)
{
	return stat_at(AT_FDCWD, path, st, 0);
}

EXPORT int lstat(const char *restrict path, struct stat *restrict st)
{
	return stat_at(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

EXPORT int fstatat(int folder, const char *restrict path, struct stat *restrict st, int flags)
{
	return stat_at(folder, path, st, flags);
}

/* the names that programs with large files ask for; the structures are the same on 64 bits */
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "a system of 64 bits");
EXPORT int fstat64(int fd, struct stat64 *st)
{
	return fstat(fd, (struct stat *)st);
}

EXPORT int stat64(const char *restrict path, struct stat64 *restrict st)
{
	return stat_at(AT_FDCWD, path, (struct stat *)st, 0);
}

EXPORT int lstat64(const char *restrict path, struct stat64 *restrict st)
{
	return stat_at(AT_FDCWD, path, (struct stat *)st, AT_SYMLINK_NOFOLLOW);
}

EXPORT int fstatat64(int folder, const char *restrict path, struct stat64 *restrict st, int flags)
{
	return stat_at(folder, path, (struct stat *)st, flags);
}

/* -- the network -- */

static bool silent(const struct sockaddr *to)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)to;
	return to && to->sa_family == AF_INET && (ntohl(in->sin_addr.s_addr) & SILENT_MASK) == SILENT_NET;
}

/* Nagle's algorithm against delayed acknowledgements costs 40 ms a session that a real network does not show. */
static int prompt(int fd)
{
	int saved = errno, on = 1;
	if (page && fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	errno = saved;
	return fd;
}

EXPORT int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict octets)
{
	return prompt((int)syscall(SYS_accept, fd, from, octets));
}

EXPORT int accept4(int fd, struct sockaddr *restrict from, socklen_t *restrict octets, int flags)
{
	return prompt((int)syscall(SYS_accept4, fd, from, octets, flags));
}

EXPORT int connect(int fd, const struct sockaddr *to, socklen_t octets)
{
	if (page && silent(to)) {
		__sync_fetch_and_add(&page->virtual_ns, SILENT_WAIT_NS);
		errno = ETIMEDOUT;
		return -1;
	}
	prompt(fd);
	return (int)syscall(SYS_connect, fd, to, octets);
}

/* -- syslog(3) -- */

static bool still_open(void)
{
	struct stat st, wanted;
	return log_fd >= 0 && syscall(SYS_fstat, log_fd, &st) == 0 &&
	       (syscall(SYS_newfstatat, AT_FDCWD, LOG_FILE, &wanted, 0) != 0 ||
		(st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev));
}

/* A high descriptor: servers hand low ones on by number. */
static void open_log(void)
{
	if (still_open())
		return;
	int fd = open(LOG_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return;
	log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 512);
	if (log_fd < 0)
		log_fd = fd;
	else
		close(fd);
}

EXPORT void openlog(const char *ident, int options, int facility)
{
	snprintf(log_ident, sizeof log_ident, "%s", ident ? ident : "");
	log_options = options;
	if (facility)
		log_facility = facility;
	open_log();
}

EXPORT void closelog(void)
{
}

static void put(int priority, const char *format, va_list args)
{
	char line[LINE_MAX_OCTETS];
	int saved = errno;
	if (!(priority & LOG_FACMASK))
		priority |= log_facility;
	const char *ident = log_ident[0] ? log_ident : program_invocation_short_name;
	int64_t now = now_ns();
	int used = snprintf(line, sizeof line, "%lld %d %s", (long long)now, priority, ident);
	if (log_options & LOG_PID)
		used += snprintf(line + used, sizeof line - (size_t)used, "[%d]", (int)getpid());
	used += snprintf(line + used, sizeof line - (size_t)used, ": ");
	errno = saved;
	int text = vsnprintf(line + used, sizeof line - (size_t)used - 1, format, args);
	used += text < 0 ? 0 : text;
	if (used > (int)sizeof line - 2)
		used = (int)sizeof line - 2;
	for (int i = 0; i < used; i++)
		if (line[i] == '\n')
			line[i] = ' ';
	line[used++] = '\n';
	open_log();
	if (log_fd >= 0 && write(log_fd, line, (size_t)used) < 0)
		log_fd = -1;
	errno = saved;
}

EXPORT void vsyslog(int priority, const char *format, va_list args)
{
	put(priority, format, args);
}

EXPORT void syslog(int priority, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	put(priority, format, args);
	va_end(args);
}

/* what _FORTIFY_SOURCE makes of them */
EXPORT void __vsyslog_chk(int priority, int flag, const char *format, va_list args);
EXPORT void __syslog_chk(int priority, int flag, const char *format, ...);

EXPORT void __vsyslog_chk(int priority, int flag, const char *format, va_list args)
{
	(void)flag;
	put(priority, format, args);
}

EXPORT void __syslog_chk(int priority, int flag, const char *format, ...)
{
	(void)flag;
	va_list args;
	va_start(args, format);
	put(priority, format, args);
	va_end(args);
}

/* -- OpenSMTPD 6.8 keeps TLS keys in a process of their own in a way that OpenSSL 3 no longer knows: every handshake
 * fails ("missing private key"). The key itself, read before it locks itself in, is put in place of the name of one. -- */

#define KEY_MAX_OCTETS 16384
static char key_text[KEY_MAX_OCTETS];

__attribute__((constructor)) static void read_key(void)
{
	int fd = secure_getenv("VCLOCK_MONOTONIC") ? open(KEY_FILE, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	ssize_t got = read(fd, key_text, sizeof key_text - 1);
	key_text[got > 0 ? got : 0] = '\0';
	close(fd);
}

EXPORT int SSL_CTX_use_PrivateKey(void *context, void *key);

EXPORT int SSL_CTX_use_PrivateKey(void *context, void *key)
{
	int (*use)(void *, void *) = dlsym(RTLD_NEXT, "SSL_CTX_use_PrivateKey");
	void *(*memory)(const void *, int) = dlsym(RTLD_DEFAULT, "BIO_new_mem_buf");
	void *(*read_pem)(void *, void **, void *, void *) = dlsym(RTLD_DEFAULT, "PEM_read_bio_PrivateKey");
	if (!use)
		return 0;
	if (key_text[0] && memory && read_pem) {
		void *own = read_pem(memory(key_text, -1), NULL, NULL, NULL);
		if (own)
			key = own;
	}
	return use(context, key);
}
