/*
 * net.c: an application whose kernel has no memory (nth.c) at the first allocation for a connection of its own over loopback, at the
 * second, and so on, until none is left to fail: each call either works or says why not, what arrives is right, nothing is lost,
 * and the next connection works. Prints a line a check.
 */
#define kmem_get_stats uio_k_kmem_get_stats
#define page_get_stats uio_k_page_get_stats
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "tests/faults/nth.h"
#undef PAGE_SIZE

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SIZE 4000
#define TCP_MS 60000	/* a lost segment is sent again after a second and more */
#define UDP_MS 300	/* a lost datagram is lost */

static char sent[SIZE], got[SIZE];
static int fds[8];
static unsigned fd_count;

static int keep(int fd)
{
	if (fd < 0)
		return -errno;
	fds[fd_count++] = fd;
	return fd;
}

/* Without lingering, so that no connection is left in TIME_WAIT. */
static void close_all(void)
{
	struct linger now = { 1, 0 };

	while (fd_count) {
		setsockopt(fds[--fd_count], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(fds[fd_count]);
	}
}

static int ready(int fd, short events, int ms)
{
	struct pollfd p = { fd, events, 0 };
	int error = 0, r = poll(&p, 1, ms);
	socklen_t n = sizeof(error);

	if (r < 0)
		return -errno;
	if (r == 0)
		return -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
	return -error;
}

/* Sends SIZE bytes (or one datagram of `piece`) from a to b. */
static int through(int a, int b, size_t piece, int ms)
{
	size_t total = ms == UDP_MS ? piece : SIZE, out = 0, in = 0;
	int r;

	memset(got, 0, total);
	while (in < total) {
		ssize_t n = out < total ? send(a, sent + out, total - out < piece ? total - out : piece, MSG_NOSIGNAL) : 0;

		if (n < 0 && errno != EAGAIN)
			return -errno;
		out += n > 0 ? (size_t) n : 0;
		r = ready(b, POLLIN, ms);
		if (r < 0)
			return r;
		n = recv(b, got + in, total - in, 0);
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n == 0)
			return -ECONNRESET;
		in += n > 0 ? (size_t) n : 0;
	}
	return memcmp(sent, got, total) ? -EILSEQ : 0;
}

static int stream(struct sockaddr *a, socklen_t len)
{
	struct epoll_event e = { EPOLLIN };
	int l = keep(socket(a->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0)), c, s, ep, r;

	if (l < 0)
		return l;
	if (bind(l, a, len) < 0 || listen(l, 4) < 0 || getsockname(l, a, &len) < 0)
		return -errno;
	c = keep(socket(a->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0));
	if (c < 0)
		return c;
	if (connect(c, a, len) < 0 && errno != EINPROGRESS)
		return -errno;
	r = ready(c, POLLOUT, TCP_MS);
	if (r == 0)
		r = ready(l, POLLIN, TCP_MS);
	if (r < 0)
		return r;
	s = keep(accept4(l, NULL, NULL, SOCK_NONBLOCK));
	if (s < 0)
		return s;
	ep = keep(epoll_create1(0));
	if (ep < 0)
		return ep;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, s, &e) < 0)
		return -errno;
	r = through(c, s, SIZE, TCP_MS);
	return r < 0 ? r : through(s, c, 1000, TCP_MS);
}

static int datagram(struct sockaddr *a, socklen_t len)
{
	int d = keep(socket(a->sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0)), c;

	if (d < 0)
		return d;
	if (bind(d, a, len) < 0 || getsockname(d, a, &len) < 0)
		return -errno;
	c = keep(socket(a->sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0));
	if (c < 0)
		return c;
	if (connect(c, a, len) < 0)
		return -errno;
	return through(c, d, SIZE, UDP_MS);
}

static int run(int (*with)(struct sockaddr *a, socklen_t len), int family)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} a;

	memset(&a, 0, sizeof(a));
	a.any.sa_family = (sa_family_t) family;
	if (family == AF_INET)
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (family == AF_INET6)
		a.in6.sin6_addr = in6addr_loopback;
	else
		strcpy(a.un.sun_path + 1, "here");
	return with(&a.any, family == AF_INET ? sizeof(a.in) : family == AF_INET6 ? sizeof(a.in6) : sizeof(a.un.sun_family) + 5);
}

struct state {
	uint64_t bytes, frames;
};

/* The bytes that the kernel's heap has handed out, and the frames that are free or the heap's. */
static struct state state(void)
{
	struct page_stats p;
	uint64_t frames;
	struct state s;

	kmem_get_stats(&s.bytes, &frames);
	page_get_stats(&p);
	s.frames = p.free + frames;
	return s;
}

static bool same(struct state a, struct state b)
{
	return a.bytes == b.bytes && a.frames == b.frames;
}

static bool is_told(int r)
{
	switch (-r) {
	case 0:
	case ENOMEM:
	case ENOBUFS:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ECONNABORTED:
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static void check(bool ok, const char *what, const char *name)
{
	printf("%sok - memory fails: %s: %s\n", ok ? "" : "not ", name, what);
}

static void every_nth(const char *name, int (*with)(struct sockaddr *a, socklen_t len), int family)
{
	struct state before, now;
	bool told = true, kept = true, failed = true;
	long n;
	int r = 0;

	/* What is made at first use. */
	for (unsigned i = 0; i < 3; i++) {
		r = run(with, family);
		close_all();
		usleep(300000);
	}
	before = state();
	for (n = 0; failed && n < 1000; ) {
		nth_arm(++n);
		r = run(with, family);
		failed = nth_disarm();
		close_all();
		if (!is_told(r)) {
			printf("# allocation %ld: %s\n", n, strerror(-r));
			told = false;
		}
		for (unsigned i = 0; i < 1000 && !same(now = state(), before); i++)
			usleep(10000);
		if (!same(now, before)) {
			printf("# allocation %ld (%s): %ld bytes and %ld frames\n", n, strerror(-r),
			       (long) (now.bytes - before.bytes), (long) (before.frames - now.frames));
			kept = false;
			before = now;
		}
	}
	check(told, "the caller is told why", name);
	check(kept, "nothing is lost", name);
	check(!failed && r == 0, "when none is left to fail it works", name);
	printf("# %ld failed, %s\n", n - 1, name);
	fflush(stdout);
}

int main(void)
{
	volatile char stack[65536];

	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Memory of our own must be there before. */
	for (unsigned i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 1;
	for (unsigned i = 0; i < SIZE; i++)
		sent[i] = (char) (i * 2654435761u >> 13);
	memset(got, 1, SIZE);
	every_nth("TCP", stream, AF_INET);
	every_nth("TCP over IPv6", stream, AF_INET6);
	every_nth("UDP", datagram, AF_INET);
	every_nth("UDP over IPv6", datagram, AF_INET6);
	every_nth("a local connection", stream, AF_UNIX);
	every_nth("a local datagram", datagram, AF_UNIX);
	printf("done\n");
	return 0;
}
