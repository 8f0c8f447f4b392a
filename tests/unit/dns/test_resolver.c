/* SPDX-License-Identifier: BSD-2-Clause */
/* The resolver against a DNS server of a few lines on loopback, which this test itself plays between its polls. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "base/clock.h"
#include "dns/resolver.h"

enum { RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5, MUTE = 99, PATIENCE_US = 10000000, PATH_SIZE = 64 };

struct record {
	const char *name;
	uint16_t type;
	int rcode;          /* or MUTE */
	const char *values; /* blank between values: addresses or names; NULL: none */
};

static const struct record records[] = {
	{"host.zone.test", DNS_A, 0, "192.0.2.1 192.0.2.2"},
	{"host.zone.test", DNS_AAAA, 0, "2001:db8::1"},
	{"fail.zone.test", DNS_A, RCODE_SERVFAIL, NULL},
	{"refused.zone.test", DNS_A, RCODE_REFUSED, NULL},
	{"mute.zone.test", DNS_A, MUTE, NULL},
	{"1.2.0.192.in-addr.arpa", DNS_PTR, 0, "host.zone.test"},
	{"zone.test", DNS_NS, 0, "ns1.zone.test ns2.zone.test gone.zone.test"},
	{"ns1.zone.test", DNS_A, 0, "192.0.2.53"},
	{"ns1.zone.test", DNS_AAAA, 0, "2001:db8::53"},
	{"ns2.zone.test", DNS_A, 0, "192.0.2.54 192.0.2.53"},
	{"dnsbl.inside.zone.test", DNS_A, 0, "127.0.0.2"},
	{"lost.test", DNS_NS, 0, "gone.zone.test"},
	{"broken.test", DNS_NS, RCODE_SERVFAIL, NULL},
};

struct world {
	int fd; /* the server's socket */
	struct resolver *resolver;
};

static struct dns_name name(const char *text)
{
	struct dns_name n;
	assert_int_equal(dns_name_parse(span_str(text), &n), 0);
	return n;
}

static const struct record *find(const struct dns_name *q, uint16_t type, bool *ret_exists)
{
	struct dns_name n;
	const struct record *exact = NULL;
	*ret_exists = false;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		n = name(records[i].name);
		*ret_exists |= dns_name_under(&n, q);
		if (dns_name_equal(q, &n) && records[i].type == type)
			exact = &records[i];
	}
	return exact;
}

/** Append the RDATA of `value` with its length in front. */
static size_t put_rdata(uint8_t *out, uint16_t type, const char *value)
{
	struct dns_name n;
	size_t len;
	if (type == DNS_A || type == DNS_AAAA) {
		len = type == DNS_A ? 4 : 16;
		assert_int_equal(inet_pton(type == DNS_A ? AF_INET : AF_INET6, value, out + 2), 1);
	} else {
		n = name(value);
		len = n.len;
		memcpy(out + 2, n.wire, len);
	}
	out[0] = 0;
	out[1] = (uint8_t)len;
	return len + 2;
}

static size_t put_answers(uint8_t *packet, size_t at, const struct record *r)
{
	static const uint8_t fixed[] = {0xc0, 12, 0, 0, 0, 1, 0, 0, 1, 44}; /* owner, type, IN, TTL 300 */
	char values[256], *save = NULL;
	snprintf(values, sizeof(values), "%s", r->values ? r->values : "");
	for (char *v = strtok_r(values, " ", &save); v; v = strtok_r(NULL, " ", &save)) {
		memcpy(packet + at, fixed, sizeof(fixed));
		packet[at + 3] = (uint8_t)r->type;
		at += sizeof(fixed);
		at += put_rdata(packet + at, r->type, v);
		packet[7]++;
	}
	return at;
}

static void serve(struct world *w)
{
	uint8_t p[1500];
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof(peer);
	ssize_t n = recvfrom(w->fd, p, 512, 0, (struct sockaddr *)&peer, &peer_len);
	struct dns_name q = {0};
	const struct record *r;
	uint16_t type;
	bool exists;
	size_t at = 12;
	if (n < 17)
		return;
	while (p[at])
		at += p[at] + 1u;
	at++;
	q.len = (uint8_t)(at - 12);
	memcpy(q.wire, p + 12, q.len);
	type = (uint16_t)(p[at] << 8 | p[at + 1]);
	at += 4;
	r = find(&q, type, &exists);
	if (r && r->rcode == MUTE)
		return;
	p[2] = 0x81;
	p[3] = (uint8_t)(0x80 | (r ? r->rcode : exists ? 0 : RCODE_NXDOMAIN));
	memset(p + 6, 0, 6);
	if (r)
		at = put_answers(p, at, r);
	assert_true(sendto(w->fd, p, at, 0, (struct sockaddr *)&peer, peer_len) == (ssize_t)at);
}

/** Play the server and the poll loop until *done, or for so long. */
static void run(struct world *w, const bool *done, int64_t patience_us)
{
	int64_t end = clock_mono_us() + patience_us;
	while (!*done && clock_mono_us() < end) {
		struct pollfd fds[] = {{.fd = w->fd, .events = POLLIN},
				       {.fd = resolver_fd(w->resolver), .events = POLLIN}};
		poll(fds, 2, 50);
		if (fds[0].revents)
			serve(w);
		if (fds[1].revents)
			assert_int_equal(resolver_step(w->resolver, clock_mono_us()), 0);
	}
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct resolver_config config = {.trust_anchor = "",
					 .forward = {.addr = {.family = 4, .octets = {127, 0, 0, 1}}}};
	socklen_t len = sizeof(sa);
	struct error err = {""};
	int r;
	w->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(w->fd, (struct sockaddr *)&sa, &len), 0);
	config.forward.port = ntohs(sa.sin_port);
	r = resolver_new(&config, &w->resolver, &err);
	if (r < 0 && r != -ELIBACC)
		fail_msg("%s", err.text);
	if (r == -ELIBACC)
		printf("skipped: %s\n", err.text);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	w->resolver = resolver_free(w->resolver);
	close(w->fd);
	free(w);
	return 0;
}

struct got {
	bool done;
	int calls;
	enum dns_outcome outcome;
	uint32_t ttl_s;
	size_t count;
	struct addr addr[8];
	struct dns_name name;
	struct endpoint servers[16];
};

static void on_answer(void *arg, const struct resolver_answer *a)
{
	struct got *g = arg;
	g->done = true;
	g->calls++;
	g->outcome = a->outcome;
	g->ttl_s = a->ttl_s;
	g->count = a->count;
	for (size_t i = 0; i < a->count && i < 8; i++)
		resolver_rdata_addr(a->rdata[i], &g->addr[i]);
	if (a->count)
		resolver_rdata_name(a->rdata[0], 0, &g->name);
}

static struct got ask(struct world *w, const char *text, uint16_t type)
{
	struct got g = {0};
	struct dns_name n = name(text);
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_ask(w->resolver, &n, type, on_answer, &g), 0);
	assert_false(g.done);
	run(w, &g.done, PATIENCE_US);
	assert_int_equal(g.calls, 1);
	assert_int_equal(resolver_in_flight(w->resolver), 0);
	return g;
}

static void outcomes_are_kept_apart(void **state)
{
	struct got g = ask(*state, "host.zone.test", DNS_A);
	struct dns_name host = name("host.zone.test");
	assert_int_equal(g.outcome, DNS_ANSWER);
	assert_int_equal(g.count, 2);
	assert_int_equal(g.addr[0].family, 4);
	assert_in_range(g.ttl_s, 1, 300);
	g = ask(*state, "host.zone.test", DNS_AAAA);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.addr[0].family, 6);
	g = ask(*state, "host.zone.test", DNS_MX);
	assert_int_equal(g.outcome, DNS_NODATA);
	assert_int_equal(g.count, 0);
	assert_int_equal(ask(*state, "none.zone.test", DNS_A).outcome, DNS_NXDOMAIN);
	assert_int_equal(ask(*state, "fail.zone.test", DNS_A).outcome, DNS_SERVFAIL);
	/* a forwarder's refusal is not the name's: libunbound found nobody who would answer */
	assert_int_equal(ask(*state, "refused.zone.test", DNS_A).outcome, DNS_SERVFAIL);
	g = ask(*state, "1.2.0.192.in-addr.arpa", DNS_PTR);
	assert_int_equal(g.outcome, DNS_ANSWER);
	assert_true(dns_name_equal(&g.name, &host));
}

static void dropped_lookups_are_silent(void **state)
{
	struct world *w = *state;
	struct got g = {0}, other = {0};
	struct dns_name mute = name("mute.zone.test"), host = name("host.zone.test");
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_ask(w->resolver, &host, DNS_A, on_answer, &g), 0);
	assert_int_equal(resolver_ask(w->resolver, &host, DNS_AAAA, on_answer, &other), 0);
	assert_int_equal(resolver_ask(w->resolver, &mute, DNS_A, on_answer, &other), 0);
	resolver_drop(w->resolver, &g);
	run(w, &other.done, PATIENCE_US);
	run(w, &g.done, 100000);
	assert_int_equal(other.calls, 1);
	assert_int_equal(g.calls, 0);
	/* the mute one is still out: teardown drops it */
	assert_int_equal(resolver_in_flight(w->resolver), 1);
}

static void on_servers(void *arg, enum dns_outcome outcome, const struct endpoint *servers, size_t count)
{
	struct got *g = arg;
	g->done = true;
	g->calls++;
	g->outcome = outcome;
	g->count = count;
	memcpy(g->servers, servers, count * sizeof(*servers));
}

static struct got servers(struct world *w, const char *text, size_t max)
{
	struct got g = {0};
	struct dns_name zone = name(text);
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_zone_servers(w->resolver, &zone, max, on_servers, &g), 0);
	run(w, &g.done, PATIENCE_US);
	assert_int_equal(g.calls, 1);
	return g;
}

static void a_zone_has_its_servers(void **state)
{
	struct got g = servers(*state, "zone.test", 16);
	assert_int_equal(g.outcome, DNS_ANSWER);
	assert_int_equal(g.count, 3); /* 192.0.2.53 is named twice */
	assert_int_equal(g.servers[0].addr.family, 4);
	assert_int_equal(g.servers[1].addr.family, 4);
	assert_int_equal(g.servers[2].addr.family, 6);
	assert_int_equal(g.servers[0].port, 53);
	g = servers(*state, "zone.test", 2);
	assert_int_equal(g.count, 2);
	assert_int_equal(g.servers[1].addr.family, 4);
}

static void a_dropped_search_is_silent(void **state)
{
	struct world *w = *state;
	struct got g = {0}, other = {0};
	struct dns_name zone = name("zone.test"), none = name("none.test");
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_zone_servers(w->resolver, &zone, 4, on_servers, &g), 0);
	resolver_drop(w->resolver, &g);
	assert_int_equal(resolver_in_flight(w->resolver), 0);
	assert_int_equal(resolver_zone_servers(w->resolver, &none, 4, on_servers, &other), 0);
	run(w, &other.done, PATIENCE_US);
	run(w, &g.done, 50000);
	assert_int_equal(g.calls, 0);
	assert_int_equal(other.calls, 1);
	/* one is still searching when the resolver goes */
	assert_int_equal(resolver_zone_servers(w->resolver, &zone, 4, on_servers, &g), 0);
}

static void the_zone_above_is_found_by_climbing(void **state)
{
	struct world *w = *state;
	struct got g = {0};
	struct dns_name zone = name("dnsbl.inside.zone.test"), top = name("test"), root = name(".");
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_parent_servers(w->resolver, &zone, 16, on_servers, &g), 0); /* NODATA, NS */
	run(w, &g.done, PATIENCE_US);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.outcome, DNS_ANSWER);
	assert_int_equal(g.count, 3);
	assert_int_equal(resolver_parent_servers(w->resolver, &top, 16, on_servers, &g), -EINVAL);
	assert_int_equal(resolver_parent_servers(w->resolver, &root, 16, on_servers, &g), -EINVAL);
	g = servers(w, "dnsbl.inside.zone.test", 16); /* its own NS set alone */
	assert_int_equal(g.outcome, DNS_NODATA);
	assert_int_equal(g.count, 0);
	assert_int_equal(servers(w, "lost.test", 16).outcome, DNS_NXDOMAIN);
	assert_int_equal(servers(w, "broken.test", 16).outcome, DNS_SERVFAIL);
}

/** Every thread but this one blocks SIGINT (bit 1 of SigBlk): Ctrl-C must wake the caller's poll. */
static void signals_reach_the_caller(void **state)
{
	char path[64], line[256];
	unsigned long long blocked = 0;
	struct dirent *entry;
	size_t threads = 0;
	DIR *tasks;
	FILE *status;
	ask(*state, "host.zone.test", DNS_A);
	tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	while ((entry = readdir(tasks))) {
		if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", entry->d_name);
		status = fopen(path, "r");
		while (status && fgets(line, sizeof(line), status))
			if (strncmp(line, "SigBlk:", 7) == 0)
				blocked = strtoull(line + 7, NULL, 16);
		if (status)
			fclose(status);
		assert_int_equal(blocked >> 1 & 1, 1);
		threads++;
	}
	closedir(tasks);
	assert_true(threads >= 1);
}

/** A new file with this text; the caller unlinks it. */
static const char *file_of(char path[PATH_SIZE], const char *text)
{
	int fd;
	snprintf(path, PATH_SIZE, "/tmp/offlist-resolver-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void settings_that_are_wrong_are_told(void **state)
{
	struct world *w = *state;
	struct resolver_config config = {.root_hints = "/nonexistent/hints", .trust_anchor = ""};
	struct resolver *r = NULL;
	struct error err;
	char path[PATH_SIZE], hints[PATH_SIZE];
	if (!w->resolver)
		skip();
	assert_int_equal(resolver_new(&config, &r, &err), -ENOENT);
	assert_string_equal(err.text,
			    "/nonexistent/hints: the root hints file cannot be read: No such file or directory");
	config = (struct resolver_config){.trust_anchor = "/nonexistent/key"};
	assert_int_equal(resolver_new(&config, &r, &err), -ENOENT);
	assert_null(r);
	config.trust_anchor = file_of(path, "garbage ((( here\n");
	assert_int_equal(resolver_new(&config, &r, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a trust anchor file"));
	unlink(path);
	config.trust_anchor = file_of(path, "");
	assert_int_equal(resolver_new(&config, &r, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is empty"));
	unlink(path);
	config = (struct resolver_config){.trust_anchor = "", .root_hints = file_of(path, "garbage ((( here\n")};
	assert_int_equal(resolver_new(&config, &r, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a root hints file"));
	/* good hints are not blamed for the anchor, whenever libunbound reads them */
	config.root_hints = file_of(hints, ". 3600 IN NS ns.example.\nns.example. 3600 IN A 192.0.2.1\n");
	config.trust_anchor = path;
	assert_int_equal(resolver_new(&config, &r, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a trust anchor file"));
	unlink(hints);
	unlink(path);
	assert_null(r);
	config = (struct resolver_config){0};
	assert_int_equal(resolver_new(&config, &r, &err), 0);
	assert_null(resolver_free(r));
	assert_null(resolver_free(NULL));
}

static void rdata_is_checked(void **state)
{
	struct dns_name n;
	struct addr a;
	assert_int_equal(resolver_rdata_name(span_of("\0\x0a\2mx\0", 6), 2, &n), 0);
	assert_int_equal(n.len, 4);
	assert_int_equal(resolver_rdata_name(span_of("\0", 1), 0, &n), 0);
	assert_int_equal(resolver_rdata_name(span_of("", 0), 0, &n), -EBADMSG);
	assert_int_equal(resolver_rdata_name(span_of("\2mx", 3), 0, &n), -EBADMSG);
	assert_int_equal(resolver_rdata_name(span_of("\5mx\0", 4), 0, &n), -EBADMSG);
	assert_int_equal(resolver_rdata_name(span_of("\2mx\0x", 5), 0, &n), -EBADMSG);
	assert_int_equal(resolver_rdata_name(span_of("\xc0\x0c", 2), 0, &n), -EBADMSG);
	assert_int_equal(resolver_rdata_addr(span_of("\x7f\0\0\2", 4), &a), 0);
	assert_int_equal(a.octets[3], 2);
	assert_int_equal(resolver_rdata_addr(span_of("\x7f\0\0", 3), &a), -EBADMSG);
}

static void system_file(const char *text, struct endpoint *servers_out, size_t max, size_t *count)
{
	char path[PATH_SIZE];
	assert_int_equal(resolver_system(file_of(path, text), servers_out, max, count), 0);
	unlink(path);
}

static void the_systems_resolvers_are_read(void **state)
{
	struct endpoint s[3];
	char text[ENDPOINT_TEXT_SIZE];
	size_t count;
	system_file("# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameservers 192.0.2.8\n"
		    "nameserver\t fe80::1%eth0  # router\nnameserver not.an.address\n nameserver 2001:db8::1\n"
		    "nameserver 192.0.2.4",
		    s, 3, &count);
	assert_int_equal(count, 3);
	addr_text(&s[0].addr, text);
	assert_string_equal(text, "192.0.2.1");
	addr_text(&s[1].addr, text);
	assert_string_equal(text, "fe80::1");
	addr_text(&s[2].addr, text);
	assert_string_equal(text, "2001:db8::1");
	assert_int_equal(s[2].port, 53);
	system_file("", s, 3, &count);
	assert_int_equal(count, 1);
	addr_text(&s[0].addr, text);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(resolver_system("/nonexistent/resolv.conf", s, 3, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(resolver_system("/", s, 3, &count), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_is_checked),
		cmocka_unit_test(the_systems_resolvers_are_read),
		cmocka_unit_test_setup_teardown(outcomes_are_kept_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped_lookups_are_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_zone_has_its_servers, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dropped_search_is_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(the_zone_above_is_found_by_climbing, setup, teardown),
		cmocka_unit_test_setup_teardown(signals_reach_the_caller, setup, teardown),
		cmocka_unit_test_setup_teardown(settings_that_are_wrong_are_told, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
