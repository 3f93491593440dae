/* sock_tcp.c: TCP and UDP over loopback, where programs lean on what Linux does: ports used again, resets, half-closed
 * connections, buffers' sizes, flags of a call, errors that come by ICMP. Everything here is true on Linux as well. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

static struct sockaddr_in at = { AF_INET, 0, { 0 } };
static char buf[400000], back[400000];
static volatile int signals;

static void on_signal(int sig)
{
	signals++;
}

static int listener(void)
{
	int l = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof at;

	at = (struct sockaddr_in){ AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	bind(l, (void *) &at, sizeof at);
	listen(l, 16);
	getsockname(l, (void *) &at, &len);
	return l;
}

/* from: a port of one's own, or 0. */
static int dial(int from)
{
	struct sockaddr_in own = { AF_INET, htons(from), { htonl(INADDR_LOOPBACK) } };
	int c = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if ((from && bind(c, (void *) &own, sizeof own)) || connect(c, (void *) &at, sizeof at)) {
		close(c);
		return -1;
	}
	return c;
}

static void pair(int l, int *c, int *s)
{
	*c = dial(0);
	*s = accept(l, NULL, NULL);
}

static int port_of(int fd)
{
	struct sockaddr_in own;
	socklen_t len = sizeof own;

	getsockname(fd, (void *) &own, &len);
	return ntohs(own.sin_port);
}

static void reset(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
	close(fd);
}

static int option(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof v;

	return getsockopt(fd, level, name, &v, &len) ? -1 : v;
}

static void times_and_resets(int l)
{
	int c, s, port, ok = 1, i;
	struct pollfd p;

	pair(l, &c, &s);
	port = port_of(c);
	for (i = 0; i < 5 && ok; i++) {
		close(s); /* first: it is in TIME_WAIT then */
		ok = recv(c, buf, 1, 0) == 0;
		close(c);
		usleep(20000);
		c = dial(port);
		s = accept(l, NULL, NULL);
		ok = ok && c >= 0 && s >= 0 && send(c, "x", 1, 0) == 1 && recv(s, buf, 1, 0) == 1;
	}
	CHECK("a port can be used again while its last connection is in TIME_WAIT", ok);
	close(c);
	close(s);

	pair(l, &c, &s);
	reset(c);
	p = (struct pollfd){ s, POLLIN | POLLOUT | POLLRDHUP, 0 };
	poll(&p, 1, 1000);
	CHECK("a reset is an error and an end",
	      p.revents == (POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP) && recv(s, buf, 1, 0) == -1 && errno == ECONNRESET);
	CHECK("which is told once", recv(s, buf, 1, 0) == 0 && send(s, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	close(s);

	/* Data that come to who has closed are answered by a reset. */
	pair(l, &c, &s);
	close(c);
	usleep(20000);
	CHECK("writing to who has closed works once", send(s, "x", 1, MSG_NOSIGNAL) == 1);
	usleep(50000);
	CHECK("then the reset, after an end of file, is EPIPE", option(s, SOL_SOCKET, SO_ERROR) == EPIPE);
	CHECK("and the end of file is there still", recv(s, buf, 1, 0) == 0);
	close(s);
}

static void *read_slowly(void *arg)
{
	int c = *(int *) arg;
	ssize_t n, at = 0;

	while ((n = recv(c, back + at, 5000, 0)) > 0) {
		at += n;
		usleep(1000);
	}
	return (void *) (n ? -1 : at);
}

static void halves(int l)
{
	int c, s, small = 16384;
	struct linger linger = { 1, 20 };
	pthread_t reader;
	struct pollfd p;
	void *got;

	pair(l, &c, &s);
	setsockopt(c, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	pthread_create(&reader, NULL, read_slowly, &c);
	CHECK("more than the window", send(s, buf, sizeof buf, 0) == sizeof buf);
	close(s);
	pthread_join(reader, &got);
	CHECK("arrives, to the byte, though its sender has closed", (long) got == sizeof buf && !memcmp(buf, back, sizeof buf));
	close(c);

	pair(l, &c, &s);
	setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	send(s, buf, sizeof buf / 4, 0);
	pthread_create(&reader, NULL, read_slowly, &c);
	close(s);
	pthread_join(reader, &got);
	CHECK("so does what close() waits for", (long) got == sizeof buf / 4);
	close(c);

	pair(l, &c, &s);
	CHECK("one half is closed", !shutdown(c, SHUT_WR) && recv(s, back, 1, 0) == 0);
	CHECK("the other is not", send(s, "half", 4, 0) == 4 && recv(c, back, 10, 0) == 4);
	signals = 0;
	CHECK("writing into the closed one is EPIPE", send(c, "x", 1, 0) == -1 && errno == EPIPE);
	CHECK("and SIGPIPE", signals == 1);
	CHECK("but not with MSG_NOSIGNAL", send(c, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE && signals == 1);
	p = (struct pollfd){ s, POLLIN | POLLOUT | POLLRDHUP, 0 };
	CHECK("poll tells the half", poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLOUT | POLLRDHUP));
	shutdown(s, SHUT_WR);
	usleep(20000);
	CHECK("and both", poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
	close(c);
	close(s);

	pair(l, &c, &s);
	shutdown(s, SHUT_RD);
	CHECK("a closed reading half reads as the end", recv(s, back, 1, 0) == 0);
	CHECK("shutdown of what is not connected is ENOTCONN", shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_WR) == -1 && errno == ENOTCONN);
	close(c);
	close(s);
}

/* The same flags for a stream and for datagrams. */
static void flags_of_calls(int l)
{
	struct timeval brief = { 0, 50000 };
	int c, s, n, kind, sp[2];
	struct msghdr m = { 0 };
	struct iovec v[2];

	for (kind = 0; kind < 2; kind++) {
		if (kind)
			socketpair(AF_UNIX, SOCK_STREAM, 0, sp), c = sp[0], s = sp[1];
		else
			pair(l, &c, &s);
		printf("# %s stream\n", kind ? "AF_UNIX" : "TCP");
		CHECK("MSG_DONTWAIT does not", recv(s, back, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
		send(c, "abcdef", 6, 0);
		usleep(20000);
		CHECK("MSG_PEEK leaves it", recv(s, back, 3, MSG_PEEK) == 3 && recv(s, back, 10, MSG_PEEK) == 6 && !memcmp(back, "abcdef", 6));
		n = 0;
		CHECK("FIONREAD counts it", !ioctl(s, FIONREAD, &n) && n == 6);
		setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
		CHECK("MSG_WAITALL waits, up to the time limit", recv(s, back, 10, MSG_WAITALL) == 6);
		CHECK("and nothing in the time is EAGAIN", recv(s, back, 10, 0) == -1 && errno == EAGAIN);
		send(c, "0123456789", 10, 0);
		v[0] = (struct iovec){ back, 4 };
		v[1] = (struct iovec){ back + 100, 6 };
		m.msg_iov = v;
		m.msg_iovlen = 2;
		CHECK("pieces are filled in order", recvmsg(s, &m, MSG_WAITALL) == 10 && !memcmp(back + 100, "456789", 6) && !m.msg_flags);
		if (!kind) {
			send(c, "0123456789", 10, 0);
			CHECK("MSG_TRUNC throws a stream's data away", recv(s, NULL, 6, MSG_TRUNC | MSG_WAITALL) == 6 &&
								       recv(s, back, 10, 0) == 4 && !memcmp(back, "6789", 4));
		}
		close(c);
		CHECK("the end stays the end", recv(s, back, 1, MSG_PEEK) == 0 && recv(s, back, 1, 0) == 0 && recv(s, back, 1, 0) == 0);
		close(s);
	}
}

static void datagrams(void)
{
	struct sockaddr_in to = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0), n;
	socklen_t len = sizeof to;
	struct iovec v = { back, 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct pollfd p;

	bind(b, (void *) &to, sizeof to);
	getsockname(b, (void *) &to, &len);
	connect(a, (void *) &to, sizeof to);
	send(a, "12345", 5, 0);
	usleep(20000);
	CHECK("a peek at a datagram", recv(b, back, 3, MSG_PEEK) == 3);
	CHECK("tells its length with MSG_TRUNC", recv(b, back, 3, MSG_PEEK | MSG_TRUNC) == 5);
	CHECK("what does not fit is lost, and said to be", recvmsg(b, &m, 0) == 3 && m.msg_flags == MSG_TRUNC);
	CHECK("so that nothing is left", recv(b, back, 3, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	send(a, "", 0, 0);
	usleep(20000);
	CHECK("an empty one is one", recv(b, back, 3, 0) == 0);
	n = 0;
	CHECK("too long a one is EMSGSIZE", send(a, buf, 70000, 0) == -1 && errno == EMSGSIZE);
	close(b);
	CHECK("to a closed port: the first goes", send(a, "x", 1, 0) == 1);
	usleep(50000);
	p = (struct pollfd){ a, POLLIN | POLLOUT, 0 };
	CHECK("poll tells of the answer", poll(&p, 1, 0) == 1 && p.revents & POLLERR);
	CHECK("which is ECONNREFUSED", send(a, "x", 1, 0) == -1 && errno == ECONNREFUSED);
	usleep(50000);
	CHECK("once", send(a, "x", 1, 0) == 1);
	usleep(50000);
	CHECK("for who receives, too", recv(a, back, 1, 0) == -1 && errno == ECONNREFUSED);
	CHECK("and waits", send(a, "x", 1, 0) == 1 && recv(a, back, 1, 0) == -1 && errno == ECONNREFUSED);
	close(a);
	a = socket(AF_INET, SOCK_DGRAM, 0);
	sendto(a, "x", 1, 0, (void *) &to, sizeof to);
	usleep(50000);
	CHECK("who is not connected does not hear of it", sendto(a, "x", 1, 0, (void *) &to, sizeof to) == 1);
	close(a);
}

static void options(int l)
{
	int c, s, n;
	struct tcp_info info;
	socklen_t len = sizeof info;
	long small, large;

	pair(l, &c, &s);
	n = 20000;
	CHECK("a buffer reads back doubled", !setsockopt(c, SOL_SOCKET, SO_SNDBUF, &n, sizeof n) && option(c, SOL_SOCKET, SO_SNDBUF) == 40000 &&
						     !setsockopt(c, SOL_SOCKET, SO_RCVBUF, &n, sizeof n) && option(c, SOL_SOCKET, SO_RCVBUF) == 40000);
	n = 1;
	CHECK("or as the least", !setsockopt(c, SOL_SOCKET, SO_RCVBUF, &n, sizeof n) && option(c, SOL_SOCKET, SO_RCVBUF) == 2304);
	memset(&info, 0, sizeof info);
	CHECK("TCP_INFO", !getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &len) && info.tcpi_state == TCP_ESTABLISHED &&
				  info.tcpi_snd_mss >= 536 && info.tcpi_snd_cwnd && info.tcpi_rto);
	len = sizeof info;
	CHECK("of a listener", !getsockopt(l, IPPROTO_TCP, TCP_INFO, &info, &len) && info.tcpi_state == TCP_LISTEN);
	n = 30;
	CHECK("keepalive times", !setsockopt(c, IPPROTO_TCP, TCP_KEEPIDLE, &n, 4) && option(c, IPPROTO_TCP, TCP_KEEPIDLE) == 30 &&
					 !setsockopt(c, IPPROTO_TCP, TCP_KEEPINTVL, &n, 4) && option(c, IPPROTO_TCP, TCP_KEEPINTVL) == 30 &&
					 !setsockopt(c, IPPROTO_TCP, TCP_KEEPCNT, &n, 4) && option(c, IPPROTO_TCP, TCP_KEEPCNT) == 30);
	n = 0;
	CHECK("of which 0 is none", setsockopt(c, IPPROTO_TCP, TCP_KEEPIDLE, &n, 4) == -1 && errno == EINVAL);
	close(c);
	close(s);

	/* What can be written while nobody reads. */
	pair(l, &c, &s);
	fcntl(c, F_SETFL, O_NONBLOCK);
	for (large = 0; (n = send(c, buf, 16384, 0)) > 0;)
		large += n;
	close(c);
	close(s);
	pair(l, &c, &s);
	n = 8192;
	setsockopt(c, SOL_SOCKET, SO_SNDBUF, &n, 4);
	setsockopt(s, SOL_SOCKET, SO_RCVBUF, &n, 4);
	fcntl(c, F_SETFL, O_NONBLOCK);
	for (small = 0; (n = send(c, buf, 16384, 0)) > 0;)
		small += n;
	CHECK("smaller buffers hold less", small > 0 && small < large / 2);
	printf("# %ld bytes and %ld\n", large, small);
	close(c);
	close(s);
}

static void interfaces(void)
{
	struct ifreq r[4] = { 0 };
	struct ifconf conf = { .ifc_len = sizeof r, .ifc_req = r };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), un = socket(AF_UNIX, SOCK_DGRAM, 0), one;

	CHECK("SIOCGIFCONF lists lo first", !ioctl(fd, SIOCGIFCONF, &conf) && conf.ifc_len >= (int) sizeof *r && !strcmp(r[0].ifr_name, "lo") &&
						    ((struct sockaddr_in *) &r[0].ifr_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	CHECK("it is up, and a loopback", !ioctl(fd, SIOCGIFFLAGS, r) && (r->ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING)) == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
	CHECK("with a netmask", !ioctl(fd, SIOCGIFNETMASK, r) && ((struct sockaddr_in *) &r->ifr_netmask)->sin_addr.s_addr == htonl(0xff000000));
	CHECK("an AF_UNIX socket knows the index", !ioctl(un, SIOCGIFINDEX, r) && (one = r->ifr_ifindex) == 1);
	CHECK("and the name of an index", !ioctl(un, SIOCGIFNAME, r) && !strcmp(r->ifr_name, "lo"));
	strcpy(r->ifr_name, "none0");
	CHECK("no such interface", ioctl(fd, SIOCGIFFLAGS, r) == -1 && errno == ENODEV);
}

static void *read_later(void *arg)
{
	usleep(50000);
	return (void *) (long) read(*(int *) arg, back, 10);
}

static void pipes(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET }, got[2];
	int fd[2], ep = epoll_create1(0), r, w;
	pthread_t reader;
	void *n;

	pipe2(fd, O_NONBLOCK);
	r = fd[0], w = fd[1];
	epoll_ctl(ep, EPOLL_CTL_ADD, r, &ev);
	write(w, "abcdef", 6);
	CHECK("data in a pipe are an edge", epoll_wait(ep, got, 2, 0) == 1);
	CHECK("reading a part of them is none", read(r, back, 2) == 2 && epoll_wait(ep, got, 2, 20) == 0);
	write(w, "x", 1);
	CHECK("more data are", epoll_wait(ep, got, 2, 0) == 1);
	read(r, back, 100);
	ev.events = EPOLLOUT | EPOLLET;
	epoll_ctl(ep, EPOLL_CTL_ADD, w, &ev);
	CHECK("the writing end is ready", epoll_wait(ep, got, 2, 0) == 1 && got[0].events == EPOLLOUT);
	write(w, "x", 1);
	read(r, back, 100);
	epoll_ctl(ep, EPOLL_CTL_DEL, w, &ev);
	fcntl(r, F_SETFL, 0);
	pthread_create(&reader, NULL, read_later, &r);
	usleep(1000);
	write(w, "abc", 3);
	pthread_join(reader, &n);
	CHECK("a blocked reader gets what is written", (long) n == 3);
	close(w);
	CHECK("then the end", read(r, back, 1) == 0);
}

int main(void)
{
	int l;

	signal(SIGPIPE, on_signal);
	alarm(100);
	for (unsigned i = 0; i < sizeof buf; i++)
		buf[i] = (char) (i * 7 + i / 253);
	l = listener();
	times_and_resets(l);
	halves(l);
	flags_of_calls(l);
	datagrams();
	options(l);
	interfaces();
	pipes();
	return check_failed;
}
