/* sock_inet.c: TCP over loopback as epoll sees it, edge by edge. Everything here is true on Linux as well:
 * `gcc -D_GNU_SOURCE tests/guest/sock_inet.c && ./a.out` shows it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

static char buf[70000];

/* The events of the only ready descriptor; 0: there is none. */
static int ready(int ep)
{
	struct epoll_event ev[4];
	int n = epoll_wait(ep, ev, 4, 100);

	return n == 1 ? (int) ev[0].events : n ? -n : 0;
}

int main(void)
{
	struct sockaddr_in a = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM, 0), one = 1, ep = epoll_create1(0), c, s, n;

	signal(SIGPIPE, SIG_IGN);
	CHECK("a listener on loopback",
	      !bind(l, (void *) &a, sizeof a) && !listen(l, 200) && !getsockname(l, (void *) &a, &len));
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
	CHECK("is not ready", ready(ep) == 0);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	n = connect(c, (void *) &a, sizeof a);
	CHECK("a non-blocking connect is under way, or done", (n == -1 && errno == EINPROGRESS) || n == 0);
	CHECK("then the listener is", ready(ep) == EPOLLIN);
	s = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	CHECK("accept", s >= 0);
	e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
	CHECK("a new connection is writable", ready(ep) == EPOLLOUT);
	CHECK("which is told once", ready(ep) == 0);
	len = 4;
	CHECK("SO_ERROR says it is connected", !getsockopt(c, SOL_SOCKET, SO_ERROR, &n, &len) && n == 0);
	write(c, "hello", 5);
	CHECK("data are an edge", ready(ep) == (EPOLLIN | EPOLLOUT));
	CHECK("one", ready(ep) == 0);
	CHECK("a part is read", read(s, buf, 2) == 2);
	CHECK("which is no edge", ready(ep) == 0);
	CHECK("and the rest", read(s, buf, 20) == 3 && read(s, buf, 1) == -1 && errno == EAGAIN);
	CHECK("TCP_NODELAY", !setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, 4));
	long sum = 0;
	while ((n = write(s, buf, sizeof buf)) > 0)
		sum += n;
	CHECK("without a reader it fills up", n == -1 && errno == EAGAIN && sum > 100000);
	CHECK("which is no edge, either", ready(ep) == 0);
	long got = 0;
	while (got < sum) {
		n = read(c, buf, sizeof buf);
		if (n > 0)
			got += n;
		else if (errno == EAGAIN)
			usleep(1000);
		else
			break;
	}
	CHECK("all of it arrives", got == sum);
	n = ready(ep);
	CHECK("and room is one", n == EPOLLOUT);
	shutdown(c, SHUT_WR);
	n = ready(ep);
	CHECK("the other end's shutdown is another", n == (EPOLLIN | EPOLLOUT | EPOLLRDHUP));
	CHECK("and the end of file", read(s, buf, 1) == 0);
	close(c);
	ready(ep);
	n = write(s, "x", 1);
	usleep(10000);
	n = write(s, "x", 1);
	CHECK("writing to who has closed fails in the end", n == -1 && (errno == EPIPE || errno == ECONNRESET));
	close(s);
	a.sin_port = htons(1);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK("nobody listens: ECONNREFUSED", connect(c, (void *) &a, sizeof a) == -1 && errno == ECONNREFUSED);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(c, (void *) &a, sizeof a);
	e.events = EPOLLOUT;
	epoll_ctl(ep, EPOLL_CTL_ADD, c, &e);
	n = ready(ep);
	CHECK("for a non-blocking one epoll tells", n == (EPOLLOUT | EPOLLERR | EPOLLHUP));
	len = 4;
	CHECK("and SO_ERROR says why", !getsockopt(c, SOL_SOCKET, SO_ERROR, &n, &len) && n == ECONNREFUSED);
	return check_failed;
}
