/* sock_unix.c: sockets of the family AF_UNIX, as pairs, by path and by abstract name. Everything here is true on Linux
 * as well: `gcc -D_GNU_SOURCE tests/guest/sock_unix.c && ./a.out` shows it. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))
#define PATH		   "/tmp/uio-test.sock"

static char big[1 << 20], back[1 << 20], buf[256];

static short state(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	poll(&p, 1, 0);
	return p.revents;
}

static void *write_big(void *arg)
{
	return (void *) write(*(int *) arg, big, sizeof(big));
}

static volatile sig_atomic_t pipes;
static void count_pipe(int signo)
{
	pipes++;
}

static void pairs(void)
{
	int s[2], t[2], n;
	pthread_t thread;
	void *sent;
	size_t got = 0;
	struct timeval tv = { 0, 50000 };

	CHECK("a pair of streams", !socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	CHECK("is writable and not readable", state(s[0]) == POLLOUT);
	CHECK("bytes go one way", write(s[0], "hello", 5) == 5 && state(s[1]) == (POLLIN | POLLOUT));
	CHECK("FIONREAD counts them", !ioctl(s[1], FIONREAD, &n) && n == 5);
	CHECK("peeking leaves them", recv(s[1], buf, 3, MSG_PEEK) == 3 && recv(s[1], buf, 256, MSG_PEEK) == 5);
	CHECK("and they are read", read(s[1], buf, 256) == 5 && !memcmp(buf, "hello", 5));
	CHECK("and the other",
	      send(s[1], "you", 3, 0) == 3 && recv(s[0], buf, 2, 0) == 2 && recv(s[0], buf, 2, 0) == 1);
	CHECK("nothing is there: EAGAIN with MSG_DONTWAIT", FAILS(recv(s[0], buf, 1, MSG_DONTWAIT), EAGAIN));
	n = 1;
	CHECK("and with FIONBIO", !ioctl(s[0], FIONBIO, &n) && FAILS(read(s[0], buf, 1), EAGAIN));
	n = 0;
	CHECK("which goes off again", !ioctl(s[0], FIONBIO, &n) && !(fcntl(s[0], F_GETFL) & O_NONBLOCK));
	CHECK("a time limit ends a wait",
	      !setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) && FAILS(read(s[0], buf, 1), EAGAIN));
	CHECK("two writes are one read", write(s[0], "ab", 2) == 2 && write(s[0], "cd", 2) == 2 &&
						 recv(s[1], buf, 3, MSG_WAITALL) == 3 && read(s[1], buf, 9) == 1);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char) (i * 7 + i / 1000);
	pthread_create(&thread, NULL, write_big, &s[0]);
	while (got < sizeof(back)) {
		ssize_t r = read(s[1], back + got, sizeof(back) - got);
		if (r <= 0)
			break;
		got += (size_t) r;
	}
	pthread_join(thread, &sent);
	CHECK("a megabyte goes through with one write",
	      (size_t) sent == sizeof(big) && !memcmp(big, back, sizeof(big)));
	pthread_create(&thread, NULL, write_big, &s[0]);
	CHECK("and comes with one receive with MSG_WAITALL",
	      recv(s[1], back, sizeof(back), MSG_WAITALL) == sizeof(back) && !memcmp(big, back, sizeof(big)));
	pthread_join(thread, &sent);
	CHECK("without a reader a socket fills up", ({
		      ssize_t r, sum = 0;
		      while ((r = send(s[0], big, 5000, MSG_DONTWAIT)) > 0)
			      sum += r;
		      r == -1 && errno == EAGAIN &&sum > 50000 && state(s[0]) == 0;
	      }));
	while (recv(s[1], back, sizeof(back), MSG_DONTWAIT) > 0)
		;
	CHECK("and is writable again when that is read", state(s[0]) == POLLOUT);
	CHECK("a time limit ends a wait for room", ({
		      ssize_t r;
		      setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
		      while ((r = send(s[0], big, 5000, 0)) == 5000)
			      ;
		      (r == -1 && errno == EAGAIN) || r > 0;
	      }));
	while (recv(s[1], back, sizeof(back), MSG_DONTWAIT) > 0)
		;
	CHECK("shutdown for writing is the other end's end of file",
	      !shutdown(s[0], SHUT_WR) && read(s[1], buf, 1) == 0);
	CHECK("which poll tells", state(s[1]) == (POLLIN | POLLOUT | POLLRDHUP));
	CHECK("the other way stays open", write(s[1], "x", 1) == 1 && read(s[0], buf, 9) == 1);
	signal(SIGPIPE, count_pipe);
	CHECK("writing then is EPIPE and SIGPIPE", FAILS(write(s[0], "x", 1), EPIPE) && pipes == 1);
	CHECK("also for send", FAILS(send(s[0], "x", 1, 0), EPIPE) && pipes == 2);
	CHECK("but not with MSG_NOSIGNAL", FAILS(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE) && pipes == 2);
	write(s[1], "left", 4);
	close(s[1]);
	CHECK("what was written before a close can be read", read(s[0], buf, 9) == 4 && read(s[0], buf, 9) == 0);
	CHECK("a closed end is HUP", state(s[0]) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
	close(s[0]);
	CHECK("data that is thrown away resets the connection",
	      !socketpair(AF_UNIX, SOCK_STREAM, 0, s) && write(s[0], "x", 1) == 1 && !close(s[1]) &&
		      FAILS(read(s[0], buf, 1), ECONNRESET) && read(s[0], buf, 1) == 0);
	close(s[0]);
	CHECK("a pair of datagram sockets keeps messages apart",
	      !socketpair(AF_UNIX, SOCK_DGRAM, 0, s) && write(s[0], "one", 3) == 3 && write(s[0], "three", 5) == 5 &&
		      read(s[1], buf, 256) == 3 && read(s[1], buf, 256) == 5);
	CHECK("and empty ones", write(s[0], "", 0) == 0 && state(s[1]) & POLLIN && recv(s[1], buf, 9, 0) == 0);
	CHECK("and cuts them off", write(s[0], "long one", 8) == 8 && read(s[1], buf, 4) == 4 &&
					   FAILS(recv(s[1], buf, 9, MSG_DONTWAIT), EAGAIN));
	CHECK("MSG_TRUNC tells the true length", write(s[0], "long one", 8) == 8 && recv(s[1], buf, 4, MSG_TRUNC) == 8);
	CHECK("too long is EMSGSIZE", FAILS(send(s[0], big, sizeof(big), 0), EMSGSIZE));
	close(s[0]);
	CHECK("without the other end ECONNREFUSED", FAILS(send(s[1], "x", 1, 0), ECONNREFUSED));
	CHECK("and then ENOTCONN", FAILS(send(s[1], "x", 1, 0), ENOTCONN));
	close(s[1]);
	CHECK("seqpacket has messages and an end", !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) &&
							   write(s[0], "one", 3) == 3 && write(s[0], "two", 3) == 3 &&
							   read(s[1], buf, 99) == 3 && !close(s[0]) &&
							   read(s[1], buf, 99) == 3 && read(s[1], buf, 99) == 0);
	CHECK("SOCK_CLOEXEC is kept", fcntl(s[1], F_GETFD) == FD_CLOEXEC);
	close(s[1]);
	CHECK("no pair of AF_INET", FAILS(socketpair(AF_INET, SOCK_STREAM, 0, t), EOPNOTSUPP));
	CHECK("no unknown family", FAILS(socketpair(77, SOCK_STREAM, 0, t), EAFNOSUPPORT) &&
					   FAILS(socket(77, SOCK_STREAM, 0), EAFNOSUPPORT));
	CHECK("no unknown type or protocol", FAILS(socketpair(AF_UNIX, 9, 0, t), ESOCKTNOSUPPORT) &&
						     FAILS(socketpair(AF_UNIX, SOCK_STREAM, 9, t), EPROTONOSUPPORT));
}

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};
#define RIGHTS            \
	((union control){ \
		.head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } })

static void messages(void)
{
	struct iovec out[2] = { { "ab", 2 }, { "cde", 3 } }, in[2] = { { buf, 3 }, { buf + 100, 100 } };
	struct msghdr m = { .msg_iov = out, .msg_iovlen = 2 }, r = { .msg_iov = in, .msg_iovlen = 2 };
	struct mmsghdr many[3] = { { .msg_hdr = m }, { .msg_hdr = m }, { .msg_hdr = m } };
	int s[2], p[2], fd;
	union control control = RIGHTS;
	struct stat st;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	CHECK("sendmsg gathers", sendmsg(s[0], &m, 0) == 5);
	CHECK("recvmsg scatters",
	      recvmsg(s[1], &r, 0) == 5 && !memcmp(buf, "abc", 3) && !memcmp(buf + 100, "de", 2) && !r.msg_flags);
	r.msg_iovlen = 1;
	CHECK("and tells what was cut off",
	      sendmsg(s[0], &m, 0) == 5 && recvmsg(s[1], &r, 0) == 3 && r.msg_flags == MSG_TRUNC);
	CHECK("sendmmsg sends several", sendmmsg(s[0], many, 3, 0) == 3 && many[2].msg_len == 5);
	for (int i = 0; i < 3; i++)
		many[i].msg_hdr = (struct msghdr){ .msg_iov = in, .msg_iovlen = 2 };
	CHECK("recvmmsg receives those there are",
	      recvmmsg(s[1], many, 3, MSG_WAITFORONE, NULL) == 3 && many[2].msg_len == 5);
	CHECK("a bad address is EFAULT", FAILS(send(s[0], (void *) 8, 4, 0), EFAULT));
	CHECK("writev and readv", writev(s[0], out, 2) == 5 && readv(s[1], in, 2) == 5);
	close(s[0]);
	close(s[1]);

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	pipe(p);
	memcpy(CMSG_DATA(&control.head), &p[1], sizeof(int));
	m.msg_control = &control;
	m.msg_controllen = sizeof(control);
	CHECK("a descriptor is sent", sendmsg(s[0], &m, 0) == 5);
	close(p[1]);
	memset(&control, 0, sizeof(control));
	r = (struct msghdr){
		.msg_iov = in, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	CHECK("and received", recvmsg(s[1], &r, MSG_CMSG_CLOEXEC) == 5 && control.head.cmsg_type == SCM_RIGHTS &&
				      control.head.cmsg_len == CMSG_LEN(sizeof(int)) && !(r.msg_flags & MSG_CTRUNC));
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	CHECK("it is the same file", write(fd, "pipe", 4) == 4 && read(p[0], buf, 9) == 4);
	CHECK("with the flag asked for", fcntl(fd, F_GETFD) == FD_CLOEXEC);
	control.head = RIGHTS.head;
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	sendmsg(s[0], &m, 0);
	close(fd);
	CHECK("a plain read drops it", read(s[1], buf, 9) == 5 && read(p[0], buf, 9) == 0);
	control.head = RIGHTS.head;
	fd = 999;
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	CHECK("a bad descriptor is EBADF", FAILS(sendmsg(s[0], &m, 0), EBADF));
	CHECK("fstat says it is a socket", !fstat(s[0], &st) && S_ISSOCK(st.st_mode));
	CHECK("no seeking", FAILS(lseek(s[0], 0, SEEK_SET), ESPIPE));
	fd = open("/tmp/uio-test.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
	write(fd, big, 100000);
	lseek(fd, 0, SEEK_SET);
	CHECK("sendfile sends a file", sendfile(s[0], fd, NULL, 100000) == 100000 &&
					       recv(s[1], back, 100000, MSG_WAITALL) == 100000 &&
					       !memcmp(big, back, 100000));
	shutdown(s[1], SHUT_RD);
	pipes = 0;
	CHECK("and raises SIGPIPE where nobody reads",
	      FAILS(sendfile(s[0], fd, &(off_t){ 0 }, 10), EPIPE) && pipes == 1);
	close(fd);
	unlink("/tmp/uio-test.data");
	close(s[0]);
	close(s[1]);
	CHECK("not a socket: ENOTSOCK", FAILS(send(p[0], "", 1, 0), ENOTSOCK) && FAILS(listen(p[0], 1), ENOTSOCK));
	CHECK("not open: EBADF", FAILS(send(999, "", 1, 0), EBADF) && FAILS(accept(999, NULL, NULL), EBADF));
	close(p[0]);
}

static int option(int fd, int name)
{
	int n = -1;
	socklen_t len = sizeof(n);

	return getsockopt(fd, SOL_SOCKET, name, &n, &len) || len != 4 ? -1 : n;
}

static void options(void)
{
	int s[2], one = 1;
	struct timeval tv = { 3, 500000 }, got = { 0 };
	struct ucred cred = { 0 };
	socklen_t len = sizeof(got);

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	CHECK("type, family, protocol", option(s[0], SO_TYPE) == SOCK_STREAM && option(s[0], SO_DOMAIN) == AF_UNIX &&
						option(s[0], SO_PROTOCOL) == 0);
	CHECK("no error, not listening", option(s[0], SO_ERROR) == 0 && option(s[0], SO_ACCEPTCONN) == 0);
	CHECK("flags are kept", option(s[0], SO_KEEPALIVE) == 0 &&
					!setsockopt(s[0], SOL_SOCKET, SO_KEEPALIVE, &one, 4) &&
					option(s[0], SO_KEEPALIVE) == 1);
	CHECK("time limits are kept", !setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) &&
					      !getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len) &&
					      got.tv_sec == 3 && got.tv_usec == 500000);
	one = 20000;
	CHECK("buffers are doubled",
	      !setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &one, 4) && option(s[0], SO_SNDBUF) == 40000);
	CHECK("unknown ones are refused", FAILS(setsockopt(s[0], SOL_SOCKET, 999, &one, 4), ENOPROTOOPT) &&
						  option(s[0], 999) == -1 && errno == ENOPROTOOPT);
	CHECK("other levels, too", FAILS(setsockopt(s[0], 6, 1, &one, 4), EOPNOTSUPP));
	CHECK("a short value is refused", FAILS(setsockopt(s[0], SOL_SOCKET, SO_KEEPALIVE, &one, 1), EINVAL));
	len = sizeof(cred);
	CHECK("the peer is this process",
	      !getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &len) && cred.pid == getpid());
	close(s[0]);
	close(s[1]);
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, path, strlen(path));
	return a;
}

static int client(const void *a, socklen_t len, int type)
{
	int fd = socket(AF_UNIX, type, 0);

	if (connect(fd, a, len) == 0)
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

static void *connect_later(void *arg)
{
	struct sockaddr_un a = address(PATH);
	struct timespec ts = { 0, 50000000 };

	nanosleep(&ts, NULL);
	int fd = client(&a, sizeof(a), SOCK_STREAM);
	write(fd, "later", 5);
	close(fd);
	return NULL;
}

static void names(void)
{
	struct sockaddr_un a = address(PATH), got;
	struct {
		sa_family_t family;
		char name[6];
	} abstract = { AF_UNIX, "\0uiot" };
	socklen_t len = sizeof(got);
	struct stat st;
	int l, c, s, d;
	pthread_t thread;

	unlink(PATH);
	l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK("nobody there: ENOENT", client(&a, sizeof(a), SOCK_STREAM) == -1 && errno == ENOENT);
	CHECK("listening needs a name", FAILS(listen(l, 5), EINVAL));
	CHECK("bind makes a node", !bind(l, (void *) &a, sizeof(a)) && !stat(PATH, &st) && S_ISSOCK(st.st_mode));
	CHECK("which is no file to open", FAILS(open(PATH, O_RDWR), ENXIO));
	CHECK("a bound socket is not bound again", FAILS(bind(l, (void *) &abstract, sizeof(abstract)), EINVAL));
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK("nor another one there", FAILS(bind(s, (void *) &a, sizeof(a)), EADDRINUSE));
	CHECK("no listener: ECONNREFUSED", FAILS(connect(s, (void *) &a, sizeof(a)), ECONNREFUSED));
	CHECK("an idle socket is HUP", state(s) == (POLLOUT | POLLHUP));
	CHECK("not connected: ENOTCONN and EINVAL", FAILS(send(s, "x", 1, 0), ENOTCONN) &&
							    FAILS(recv(s, buf, 1, 0), EINVAL) &&
							    FAILS(getpeername(s, (void *) &got, &len), ENOTCONN));
	CHECK("not listening: EINVAL", FAILS(accept(s, NULL, NULL), EINVAL));
	CHECK("listen", !listen(l, 1) && option(l, SO_ACCEPTCONN) == 1 && state(l) == 0);
	CHECK("the wrong type: EPROTOTYPE", client(&a, sizeof(a), SOCK_SEQPACKET) == -1 && errno == EPROTOTYPE);
	CHECK("connect does not wait for accept", !connect(s, (void *) &a, sizeof(a)) && state(l) == POLLIN);
	CHECK("twice is EISCONN", FAILS(connect(s, (void *) &a, sizeof(a)), EISCONN));
	CHECK("and data may go already", write(s, "early", 5) == 5);
	c = accept4(l, (void *) &got, &len, SOCK_NONBLOCK);
	CHECK("accept gives an unnamed peer", c >= 0 && len == sizeof(sa_family_t) && got.sun_family == AF_UNIX);
	CHECK("with SOCK_NONBLOCK as asked", fcntl(c, F_GETFL) & O_NONBLOCK);
	CHECK("and the data", read(c, buf, 99) == 5 && FAILS(read(c, buf, 1), EAGAIN));
	len = sizeof(got);
	CHECK("getpeername is the listener's name",
	      !getpeername(s, (void *) &got, &len) && !strcmp(got.sun_path, PATH) &&
		      len == offsetof(struct sockaddr_un, sun_path) + strlen(PATH) + 1);
	len = sizeof(got);
	CHECK("getsockname, too", !getsockname(c, (void *) &got, &len) && !strcmp(got.sun_path, PATH));
	len = 4;
	CHECK("a short buffer gets a part and the whole length", !getsockname(c, (void *) &got, &len) && len > 4);
	close(c);
	close(s);
	fcntl(l, F_SETFL, O_NONBLOCK);
	CHECK("nothing to accept: EAGAIN", FAILS(accept(l, NULL, NULL), EAGAIN));
	s = client(&a, sizeof(a), SOCK_STREAM);
	c = client(&a, sizeof(a), SOCK_STREAM);
	d = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK("a full queue is EAGAIN", s >= 0 && c >= 0 && FAILS(connect(d, (void *) &a, sizeof(a)), EAGAIN));
	close(accept(l, NULL, NULL));
	CHECK("until one is taken", !connect(d, (void *) &a, sizeof(a)));
	close(s);
	close(d);
	close(accept(l, NULL, NULL));
	close(accept(l, NULL, NULL));
	close(c);
	fcntl(l, F_SETFL, 0);
	pthread_create(&thread, NULL, connect_later, NULL);
	c = accept(l, NULL, NULL);
	CHECK("accept waits for a connection", c >= 0 && recv(c, buf, 5, MSG_WAITALL) == 5 && !memcmp(buf, "later", 5));
	pthread_join(thread, NULL);
	close(c);
	s = client(&a, sizeof(a), SOCK_STREAM);
	close(l);
	CHECK("a listener that goes resets what it did not accept", FAILS(read(s, buf, 1), ECONNRESET));
	close(s);
	CHECK("its node stays", client(&a, sizeof(a), SOCK_STREAM) == -1 && errno == ECONNREFUSED && !unlink(PATH));

	l = socket(AF_UNIX, SOCK_DGRAM, 0);
	s = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK("an abstract name", !bind(l, (void *) &abstract, sizeof(abstract)) &&
					  FAILS(bind(s, (void *) &abstract, sizeof(abstract)), EADDRINUSE));
	CHECK("datagrams find it", sendto(s, "x", 1, 0, (void *) &abstract, sizeof(abstract)) == 1);
	len = sizeof(got);
	CHECK("from an unnamed socket", recvfrom(l, buf, 9, 0, (void *) &got, &len) == 1 && len == 0);
	CHECK("bind without a name chooses one",
	      !bind(s, (void *) &abstract, sizeof(sa_family_t)) &&
		      sendto(s, "x", 1, 0, (void *) &abstract, sizeof(abstract)) == 1);
	len = sizeof(got);
	CHECK("by which it can be answered",
	      recvfrom(l, buf, 9, 0, (void *) &got, &len) == 1 && len == sizeof(sa_family_t) + 6 &&
		      sendto(l, "yz", 2, 0, (void *) &got, len) == 2 && read(s, buf, 9) == 2);
	CHECK("a connected one needs no address",
	      !connect(s, (void *) &abstract, sizeof(abstract)) && write(s, "q", 1) == 1 && read(l, buf, 9) == 1);
	CHECK("and hears nobody else", ({
		      int o = socket(AF_UNIX, SOCK_DGRAM, 0);
		      int r = FAILS(sendto(o, "x", 1, 0, (void *) &got, len), EPERM);
		      close(o);
		      r;
	      }));
	close(l);
	CHECK("a name is free when its socket is closed",
	      FAILS(write(s, "x", 1), ECONNREFUSED) && client(&abstract, sizeof(abstract), SOCK_DGRAM) == -1 &&
		      errno == ECONNREFUSED);
	close(s);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK("bad addresses are EINVAL",
	      FAILS(bind(s, (void *) &a, 1), EINVAL) && FAILS(bind(s, (void *) &a, 200), EINVAL) &&
		      FAILS(connect(s, (void *) &(struct sockaddr_un){ .sun_family = 5 }, 20), EINVAL));
	close(s);
}

int main(void)
{
	pairs();
	messages();
	options();
	names();
	return check_failed;
}
