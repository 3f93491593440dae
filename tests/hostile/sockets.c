/* sockets.c WAY: the application listens on TCP port 7000 and on the abstract name "victim".
 *	foreign	every socket call on descriptors that are not this program's, without the grant `net`
 *	none	no network socket, raw frame or name of the application's without the grant `net`
 *	port	with it: the application's port and name cannot be taken, and no raw frames come with it */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PORT 7000

static void must_fail(const char *what, long r)
{
	if (r != -1)
		ESCAPED("%s gives %ld", what, r);
}

static void foreign(int fd)
{
	struct sockaddr_storage a = { .ss_family = AF_INET };
	struct iovec iov = { &a, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	socklen_t len = sizeof(a);
	int one = 1;

	must_fail("connect", connect(fd, (void *) &a, 16));
	must_fail("accept", accept(fd, (void *) &a, &len));
	must_fail("accept4", accept4(fd, NULL, NULL, SOCK_NONBLOCK));
	must_fail("bind", bind(fd, (void *) &a, 16));
	must_fail("listen", listen(fd, 1));
	must_fail("shutdown", shutdown(fd, SHUT_RDWR));
	must_fail("getsockname", getsockname(fd, (void *) &a, &len));
	must_fail("getpeername", getpeername(fd, (void *) &a, &len));
	must_fail("getsockopt", getsockopt(fd, SOL_SOCKET, SO_TYPE, &one, &len));
	must_fail("setsockopt", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, 4));
	must_fail("sendto", sendto(fd, "x", 1, MSG_DONTWAIT, NULL, 0));
	must_fail("recvfrom", recvfrom(fd, &one, 1, MSG_DONTWAIT, NULL, NULL));
	must_fail("sendmsg", sendmsg(fd, &m, MSG_DONTWAIT));
	must_fail("recvmsg", recvmsg(fd, &m, MSG_DONTWAIT));
	must_fail("close", close(fd));
	must_fail("dup", dup(fd));
	must_fail("ioctl", syscall(SYS_ioctl, fd, 0x5421, &one));
}

static int unix_to(const char *name, int len, int take)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(a.sun_path, name, len);
	return take ? bind(s, (void *) &a, 2 + len) : connect(s, (void *) &a, 2 + len);
}

static void take_port(int family, int type)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = IN6ADDR_ANY_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	static const unsigned addresses[] = { INADDR_ANY, INADDR_LOOPBACK };

	for (int i = 0; i < 4; i++) {
		int s = socket(family, type, 0), one = 1;

		if (i & 2) {
			setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
			setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, 4);
		}
		four.sin_addr.s_addr = htonl(addresses[i & 1]);
		if (family == AF_INET ? bind(s, (void *) &four, sizeof(four)) == 0 : bind(s, (void *) &six, sizeof(six)) == 0)
			if (listen(s, 1) == 0)
				ESCAPED("listens on the application's port (family %d, variant %d)", family, i);
		close(s);
	}
}

static void raw(void)
{
	must_fail("AF_PACKET", socket(AF_PACKET, SOCK_RAW, htons(3)));
	must_fail("AF_PACKET, datagrams", socket(AF_PACKET, SOCK_DGRAM, htons(3)));
	must_fail("raw IP", socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	must_fail("raw TCP", socket(AF_INET, SOCK_RAW, IPPROTO_TCP));
	must_fail("raw IPv6", socket(AF_INET6, SOCK_RAW, IPPROTO_RAW));
	must_fail("AF_XDP", socket(44, SOCK_RAW, 0));
	must_fail("AF_VSOCK", socket(40, SOCK_STREAM, 0));
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	if (!strcmp(way, "foreign"))
		for (int fd = 3; fd < 1024; fd++)
			foreign(fd);
	if (!strcmp(way, "none")) {
		for (int family = 2; family < 46; family++)
			for (int type = 1; type < 6; type++)
				must_fail("socket", socket(family, type, 0));
		must_fail("the application's name", unix_to("\0victim", 7, 0));
		raw();
	}
	if (!strcmp(way, "port")) {
		take_port(AF_INET, SOCK_STREAM);
		take_port(AF_INET6, SOCK_STREAM);
		must_fail("bind to the application's name", unix_to("\0victim", 7, 1));
		raw();
	}
	for (int fd = 3; fd < 20; fd++) {
		char path[32];
		int s;

		snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
		s = open(path, O_RDWR | O_NONBLOCK);
		if (s >= 0)
			ESCAPED("%s opened", path);
	}
	printf("way %s: refused\n", way);
	return hostile_escaped;
}
