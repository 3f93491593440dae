/*
 * client.c: clients for the services: one that waits for the first answer, and one that asks a given number of times.
 * See server.h. For rates there are wrk and redis-benchmark.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/server.h"

#define FRESH_MS	20
#define CONNECTIONS_MAX 256
#define STALL_MS	5000

static const struct request requests[] = {
	{"nginx", "GET / HTTP/1.1\r\nHost: bench\r\n\r\n", "HTTP/1.1 200 ", "</html>\n"},
	{"redis", "*3\r\n$3\r\nSET\r\n$5\r\nbench\r\n$10\r\n0123456789\r\n", "+OK", "\r\n"},
	{"ssh", "SSH-2.0-bench\r\n", "SSH-2.0-", ""},
};

const struct request *request_of(const char *service)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(requests[i].service, service) == 0)
			return &requests[i];
	die(1, "bench: no service %s", service);
}

struct connection {
	int fd;
	bool asked;
	size_t have;
	char answer[2048];
};

static bool connection_open(struct connection *c, const struct endpoint *e)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)e->port)};
	int one = 1;

	c->asked = false;
	c->have = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	inet_pton(AF_INET, e->address, &to.sin_addr);
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
		close(c->fd);
		c->fd = -1;
		return false;
	}
	return true;
}

static void connection_close(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

enum step { STEP_WAIT, STEP_ANSWER, STEP_FAILED };

static bool starts_and_ends(const struct connection *c, const struct request *r)
{
	size_t begin = strlen(r->begin), end = strlen(r->end);

	return c->have >= begin + end && memcmp(c->answer, r->begin, begin) == 0 &&
	       memcmp(c->answer + c->have - end, r->end, end) == 0;
}

/* Asks if that is due, or takes what came. */
static enum step connection_step(struct connection *c, const struct request *r)
{
	ssize_t n;

	if (!c->asked) {
		c->have = 0;
		n = send(c->fd, r->text, strlen(r->text), MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return STEP_WAIT;
		c->asked = n == (ssize_t)strlen(r->text);
		return c->asked ? STEP_WAIT : STEP_FAILED;
	}
	n = recv(c->fd, c->answer + c->have, sizeof(c->answer) - c->have, 0);
	if (n < 0 && errno == EAGAIN)
		return STEP_WAIT;
	if (n <= 0)
		return STEP_FAILED;
	c->have += (size_t)n;
	if (starts_and_ends(c, r))
		return STEP_ANSWER;
	return c->have == sizeof(c->answer) ? STEP_FAILED : STEP_WAIT;
}

static bool server_ended(struct server *s)
{
	siginfo_t info = {0};

	return s->side != SIDE_UIO && waitid(P_PID, (id_t)s->child.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

uint64_t client_first(struct server *s, const struct request *r, unsigned timeout_ms)
{
	static struct connection all[CONNECTIONS_MAX];
	uint64_t now_ns = monotonic_ns(), next_ns = now_ns, end_ns = now_ns + timeout_ms * NS_PER_MS, answer_ns = 0;
	unsigned opened = 0;

	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		all[i].fd = -1;
	while (!answer_ns && now_ns < end_ns && !server_ended(s)) {
		struct pollfd fds[CONNECTIONS_MAX];

		if (now_ns >= next_ns) {
			struct connection *fresh = &all[opened++ % CONNECTIONS_MAX];

			connection_close(fresh);
			connection_open(fresh, &s->at);
			next_ns += FRESH_MS * NS_PER_MS;
		}
		for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
			fds[i] = (struct pollfd){.fd = all[i].fd, .events = all[i].asked ? POLLIN : POLLOUT};
		now_ns = monotonic_ns();
		poll(fds, CONNECTIONS_MAX, next_ns > now_ns ? (int)((next_ns - now_ns) / NS_PER_MS) + 1 : 0);
		for (unsigned i = 0; i < CONNECTIONS_MAX && !answer_ns; i++) {
			enum step step = fds[i].revents ? connection_step(&all[i], r) : STEP_WAIT;

			if (step == STEP_ANSWER)
				answer_ns = monotonic_ns();
			else if (step == STEP_FAILED)
				connection_close(&all[i]);
		}
		now_ns = monotonic_ns();
	}
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		connection_close(&all[i]);
	return answer_ns;
}

bool client_load(const struct endpoint *e, const struct request *r, unsigned connections, unsigned count)
{
	static struct connection all[CONNECTIONS_MAX];
	unsigned asked = 0, answered = 0;
	bool ok = connections <= CONNECTIONS_MAX;

	for (unsigned i = 0; ok && i < connections; i++)
		all[i].fd = -1;
	for (unsigned i = 0; ok && i < connections; i++)
		ok = connection_open(&all[i], e);
	while (ok && answered < count) {
		struct pollfd fds[CONNECTIONS_MAX];

		for (unsigned i = 0; i < connections; i++)
			fds[i] = (struct pollfd){
				.fd = all[i].asked || asked < count ? all[i].fd : -1,
				.events = all[i].asked ? POLLIN : POLLOUT,
			};
		if (poll(fds, connections, STALL_MS) <= 0)
			break;
		for (unsigned i = 0; ok && i < connections; i++) {
			bool was_asked = all[i].asked;
			enum step step = STEP_WAIT;

			if (fds[i].revents && (was_asked || asked < count))
				step = connection_step(&all[i], r);
			ok = step != STEP_FAILED;
			if (step == STEP_ANSWER) {
				answered++;
				all[i].asked = false;
				/* At once, without another look whether there is room. */
				if (asked < count)
					ok = connection_step(&all[i], r) != STEP_FAILED;
				asked += all[i].asked;
			} else {
				asked += all[i].asked && !was_asked;
			}
		}
	}
	for (unsigned i = 0; i < connections && i < CONNECTIONS_MAX; i++)
		connection_close(&all[i]);
	return ok && answered == count;
}
