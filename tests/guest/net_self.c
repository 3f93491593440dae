/* net_self.c: TCP and UDP over loopback, IPv4 and IPv6: what a socket's operations answer, and that nothing is left
 * behind. Runs without a network device, too. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"

static struct sockaddr_storage addr;
static socklen_t addr_len;

static int listener(int family, int type)
{
	int fd = socket(family, type, 0), one = 1;

	memset(&addr, 0, sizeof(addr));
	addr.ss_family = (sa_family_t) family;
	addr_len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (family == AF_INET)
		((struct sockaddr_in *) &addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *) &addr)->sin6_addr = in6addr_loopback;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *) &addr, addr_len) < 0 || (type == SOCK_STREAM && listen(fd, 128) < 0) ||
	    getsockname(fd, (struct sockaddr *) &addr, &addr_len) < 0)
		return -1;
	return fd;
}

static int connected(int l, int *ret_peer)
{
	int fd = socket(addr.ss_family, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *) &addr, addr_len) < 0)
		return -1;
	*ret_peer = accept(l, NULL, NULL);
	return fd;
}

static unsigned events(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 };

	poll(&p, 1, 0);
	return (unsigned) p.revents;
}

static void *echo(void *arg)
{
	int fd = (int) (long) arg;
	static char buf[70000];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0, w; done < n; done += w)
			if ((w = write(fd, buf + done, (size_t) (n - done))) <= 0)
				return NULL;
	close(fd);
	return NULL;
}

static void *reader(void *arg)
{
	int fd = (int) (long) arg;
	unsigned char buf[4096];
	unsigned long at = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			if (buf[i] != (unsigned char) (at * 2654435761U >> 24))
				return (void *) -1L;
	close(fd);
	return (void *) at;
}

#define MUCH (8u << 20)

static void streams(int family)
{
	const char *name = family == AF_INET ? "ipv4" : "ipv6";
	int l = listener(family, SOCK_STREAM), a, b, value;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	struct linger hard = { 1, 0 };
	unsigned char *much;
	pthread_t thread;
	char buf[64];
	void *got;

	printf("# %s\n", name);
	CHECK("listen", l >= 0);
	a = connected(l, &b);
	CHECK("connect and accept", a >= 0 && b >= 0);
	CHECK("names agree", getpeername(b, (struct sockaddr *) &peer, &len) == 0 && peer.ss_family == family);
	CHECK("nothing to read yet, room to write", events(a) == POLLOUT && events(b) == POLLOUT);
	CHECK("data arrive", write(a, "hello", 5) == 5 && events(b) == (POLLIN | POLLOUT));
	CHECK("FIONREAD counts them", ioctl(b, FIONREAD, &value) == 0 && value == 5);
	CHECK("MSG_PEEK leaves them", recv(b, buf, sizeof(buf), MSG_PEEK) == 5 && read(b, buf, 2) == 2);
	CHECK("the rest comes next", read(b, buf, sizeof(buf)) == 3 && memcmp(buf, "llo", 3) == 0);
	CHECK("MSG_DONTWAIT", recv(b, buf, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	CHECK("a bad pointer", write(a, (void *) 8, 5) < 0 && errno == EFAULT);
	CHECK("the other direction", send(b, "back", 4, 0) == 4 && recv(a, buf, sizeof(buf), 0) == 4);
	CHECK("shutdown ends the stream", shutdown(a, SHUT_WR) == 0 && read(b, buf, 1) == 0);
	CHECK("and is seen by poll", events(b) == (POLLIN | POLLOUT | POLLRDHUP));
	CHECK("no more can be written", send(a, "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE);
	CHECK("the other half is open still", write(b, "late", 4) == 4 && read(a, buf, sizeof(buf)) == 4);
	close(b);
	CHECK("end", read(a, buf, 1) == 0);
	close(a);

	a = connected(l, &b);
	much = malloc(MUCH);
	for (unsigned i = 0; i < MUCH; i++)
		much[i] = (unsigned char) (i * 2654435761U >> 24);
	pthread_create(&thread, NULL, reader, (void *) (long) b);
	for (size_t done = 0; done < MUCH;) {
		ssize_t n = write(a, much + done, MUCH - done);

		if (n <= 0)
			break;
		done += (size_t) n;
	}
	close(a);
	pthread_join(thread, &got);
	CHECK("8 MiB arrive as they were", (unsigned long) got == MUCH);
	free(much);

	a = connected(l, &b);
	fcntl(a, F_SETFL, O_NONBLOCK);
	for (size_t sent = 0;; sent += sizeof(buf))
		if (write(a, buf, sizeof(buf)) < 0)
			break;
	CHECK("a full stream says so", errno == EAGAIN && !(events(a) & POLLOUT));
	{
		static char sink[65536];
		size_t total = 0;
		ssize_t n;

		while ((n = recv(b, sink, sizeof(sink), MSG_DONTWAIT)) > 0)
			total += (size_t) n;
		CHECK("what was read makes room", total > 100000);
		usleep(100000);
		CHECK("which poll tells", events(a) & POLLOUT);
	}
	setsockopt(a, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(a);
	usleep(10000);
	while ((value = (int) recv(b, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		;
	CHECK("an abortive close resets", value < 0 && errno == ECONNRESET);
	close(b);

	a = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK("a fresh stream", events(a) == (POLLOUT | POLLHUP));
	value = connect(a, (struct sockaddr *) &addr, addr_len);
	CHECK("connect without waiting", value == 0 || errno == EINPROGRESS);
	usleep(10000);
	CHECK("is writable when it is there", events(a) == POLLOUT);
	len = sizeof(value);
	CHECK("without an error", getsockopt(a, SOL_SOCKET, SO_ERROR, &value, &len) == 0 && value == 0);
	value = 1;
	CHECK("TCP_NODELAY", setsockopt(a, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
	value = 0;
	CHECK("is remembered", getsockopt(a, IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0 && value == 1);
	close(a);
	b = accept(l, NULL, NULL);
	CHECK("accepted though closed", b >= 0 && read(b, buf, 1) == 0);
	close(b);

	close(l);
	a = socket(family, SOCK_STREAM, 0);
	CHECK("nobody listens", connect(a, (struct sockaddr *) &addr, addr_len) < 0 && errno == ECONNREFUSED);
	close(a);
	l = socket(family, SOCK_STREAM, 0);
	value = 1;
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
	CHECK("the address can be used again", bind(l, (struct sockaddr *) &addr, addr_len) == 0 && listen(l, 5) == 0);
	a = socket(family, SOCK_STREAM, 0);
	setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
	CHECK("but not twice", (bind(a, (struct sockaddr *) &addr, addr_len) < 0 || listen(a, 5) < 0) && errno == EADDRINUSE);
	close(a);
	close(l);
}

static void datagrams(int family)
{
	int a = listener(family, SOCK_DGRAM), b = socket(family, SOCK_DGRAM, 0);
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	static char big[60000], got[60000];
	char buf[16];

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char) (i * 7);
	CHECK("sendto", sendto(b, "ping", 4, 0, (struct sockaddr *) &addr, addr_len) == 4);
	CHECK("recvfrom", recvfrom(a, buf, sizeof(buf), 0, (struct sockaddr *) &from, &len) == 4 && memcmp(buf, "ping", 4) == 0);
	CHECK("answer", sendto(a, "pong!", 5, 0, (struct sockaddr *) &from, len) == 5);
	CHECK("is cut, and says so", recv(b, buf, 2, MSG_TRUNC) == 5);
	CHECK("connected", connect(b, (struct sockaddr *) &addr, addr_len) == 0 && send(b, big, sizeof(big), 0) == sizeof(big));
	CHECK("a large one is whole", recv(a, got, sizeof(got), 0) == sizeof(big) && memcmp(big, got, sizeof(big)) == 0);
	CHECK("an empty one is one", send(b, "", 0, 0) == 0 && recv(a, buf, sizeof(buf), 0) == 0);
	CHECK("none waits", recv(a, buf, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	CHECK("too large", send(b, big, sizeof(big), 0) > 0 && sendto(b, big, 70000, 0, NULL, 0) < 0 && errno == EMSGSIZE);
	close(a);
	close(b);
}

static long free_kib(void)
{
	struct sysinfo s;

	sysinfo(&s);
	return (long) (s.freeram * s.mem_unit / 1024);
}

static void cycles(int family, int count)
{
	int l = listener(family, SOCK_STREAM), bad = 0, a, b;
	char buf[8];

	for (int i = 0; i < count; i++) {
		a = connected(l, &b);
		if (a < 0 || b < 0 || write(a, "ping", 4) != 4 || read(b, buf, 8) != 4)
			bad++;
		if (i % 3 == 0)
			write(b, "unread", 6);
		close(i % 2 ? a : b);
		close(i % 2 ? b : a);
	}
	CHECK("connections come and go", bad == 0);
	close(l);
}

/* Data for who already waits in close(), which ends when what it has sent is read. */
static void *write_then_read(void *arg)
{
	static char bytes[60000];
	int fd = (int) (long) arg;

	usleep(10000);
	send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
	usleep(5000);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	close(fd);
	return NULL;
}

static void lingering(int count)
{
	static char much[400000];
	int l = listener(AF_INET, SOCK_STREAM), a, b;
	struct linger linger = { 1, 20 };
	pthread_t thread;

	while (count--) {
		a = connected(l, &b);
		setsockopt(b, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		send(b, much, sizeof(much), MSG_DONTWAIT);
		pthread_create(&thread, NULL, write_then_read, (void *) (long) a);
		close(b);
		pthread_join(thread, NULL);
	}
	close(l);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	long before;
	int l, a, b;

	streams(AF_INET);
	streams(AF_INET6);
	datagrams(AF_INET);
	datagrams(AF_INET6);
	l = listener(AF_INET, SOCK_STREAM);
	a = connected(l, &b);
	pthread_create(&thread, NULL, echo, (void *) (long) b);
	write(a, "x", 1);
	shutdown(a, SHUT_WR);
	pthread_join(thread, NULL);
	close(a);
	close(l);
	cycles(AF_INET, 2000);
	before = free_kib();
	cycles(AF_INET, 3000);
	cycles(AF_INET6, 1000);
	printf("# memory: %ld KiB before, %ld KiB after\n", before, free_kib());
	CHECK("memory comes back", free_kib() > before - 512);
	lingering(1);
	before = free_kib();
	lingering(40);
	printf("# memory: %ld KiB before, %ld KiB after\n", before, free_kib());
	CHECK("nothing is left of what comes while close() waits", free_kib() > before - 512);
	return check_failed;
}
