/* kernel_bomb.c WAY: makes the kernel hold memory for it, without end: pipes full of data, descriptors, files, folders,
 * locks, queued signals, zombies, arguments. Each ends with an error before others notice. */
#include "hostile.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int no_more(const char *what, long n)
{
	printf("%s: no more after %ld: errno %d\n", what, n, errno);
	return 0;
}

static int pipes(void)
{
	static char data[65536];
	long n = 0;

	for (;; n++) {
		int p[2];

		if (pipe(p) < 0)
			return no_more("pipes", n);
		fcntl(p[1], F_SETFL, O_NONBLOCK);
		fcntl(p[1], F_SETPIPE_SZ, 1 << 24);
		while (write(p[1], data, sizeof(data)) > 0)
			;
	}
}

static int sockets(void)
{
	static char data[65536];
	long n = 0;

	for (;; n++) {
		int s[2], size = 1 << 24;

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
			return no_more("sockets", n);
		setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		for (int i = 0; i < 2; i++) {
			fcntl(s[i], F_SETFL, O_NONBLOCK);
			while (write(s[i], data, sizeof(data)) > 0)
				;
		}
	}
}

/* Descriptors on their way hold sockets that hold descriptors. */
static int passed(void)
{
	long n = 0;

	for (; n < 100000; n++) {
		char control[CMSG_SPACE(2 * sizeof(int))] = { 0 }, byte = 0;
		struct iovec iov = { &byte, 1 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		int s[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
			break;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(2 * sizeof(int));
		memcpy(CMSG_DATA(c), s, sizeof(s));
		if (sendmsg(s[0], &m, MSG_DONTWAIT) < 0)
			break;
		close(s[0]);
		close(s[1]);
	}
	if (n == 100000)
		ESCAPED("100,000 sockets on their way");
	no_more("passed descriptors", n);
	return hostile_escaped;
}

static int epolls(void)
{
	long n = 0;

	for (;; n++) {
		struct epoll_event e = { .events = EPOLLIN };
		int fd = epoll_create1(0);

		if (fd < 0)
			break;
		/* A chain, and a circle. */
		for (int i = 0; i < 8; i++)
			epoll_ctl(fd, EPOLL_CTL_ADD, fd - 1 - i, &e);
		epoll_ctl(fd - 1, EPOLL_CTL_ADD, fd, &e);
		epoll_wait(fd, &e, 1, 0);
	}
	return no_more("epolls", n);
}

static int descriptors(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	long n = 0;

	setrlimit(RLIMIT_NOFILE, &all);
	while (dup(1) >= 0)
		n++;
	return no_more("descriptors", n);
}

static int files(void)
{
	long n = 0;
	char name[64];

	mkdir("/tmp/files", 0700);
	for (;; n++) {
		int fd;

		snprintf(name, sizeof(name), "/tmp/files/%ld-%050ld", n, n);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			break;
		close(fd);
		if (n > 10000) /* as many as there is time for: the limit is bytes */
			break;
	}
	no_more("files", n);
	while (n >= 0) {
		snprintf(name, sizeof(name), "/tmp/files/%ld-%050ld", n, n);
		unlink(name);
		n--;
	}
	rmdir("/tmp/files");
	return hostile_escaped;
}

static int bytes(void)
{
	static char data[65536];
	int fd = open("/tmp/bytes", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long n = 0, r;

	memset(data, 1, sizeof(data));
	while ((r = write(fd, data, sizeof(data))) > 0)
		n += r;
	no_more("bytes", n);
	if (ftruncate(fd, 1L << 62) == 0 && pwrite(fd, "x", 1, (1L << 62) - 1) == 1)
		ESCAPED("a file of 4 EiB");
	close(fd);
	unlink("/tmp/bytes");
	return hostile_escaped;
}

static int folders(void)
{
	long n = 0;

	if (chdir("/tmp") < 0)
		return 99;
	while (n < 20000 && mkdir("d", 0700) == 0 && chdir("d") == 0)
		n++;
	no_more("folders", n);
	while (chdir("..") == 0 && rmdir("d") == 0)
		;
	return 0;
}

static int locks(void)
{
	int fd = open("/tmp/locks", O_RDWR | O_CREAT, 0600);
	long n = 0;

	for (;; n++) {
		struct flock l = { .l_type = n & 1 ? F_RDLCK : F_WRLCK, .l_start = 4 * n, .l_len = 1 };

		if (fcntl(fd, F_SETLK, &l) < 0)
			break;
		if (n > 200000) {
			ESCAPED("200,000 locks");
			break;
		}
	}
	unlink("/tmp/locks");
	no_more("locks", n);
	return hostile_escaped;
}

static int signals(void)
{
	union sigval v = { 0 };
	sigset_t all;
	long n = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (sigqueue(getpid(), SIGRTMIN + 3, v) == 0)
		if (++n > 200000) {
			ESCAPED("200,000 signals");
			break;
		}
	no_more("signals", n);
	return hostile_escaped;
}

static int zombies(void)
{
	long n = 0;

	for (;; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			break;
		if (n > 20000) {
			ESCAPED("20,000 zombies");
			break;
		}
	}
	no_more("zombies", n);
	return hostile_escaped;
}

static int arguments(void)
{
	static char text[100000];
	static char *argv[100000];

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 99999; i++)
		argv[i] = text;
	execv("/proc/self/exe", argv);
	return no_more("arguments", 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} ways[] = {
		{ "pipes", pipes }, { "sockets", sockets }, { "passed", passed }, { "epolls", epolls }, { "descriptors", descriptors }, { "files", files }, { "bytes", bytes }, { "folders", folders },
		{ "locks", locks }, { "signals", signals }, { "zombies", zombies }, { "arguments", arguments },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, argv[1]))
			return ways[i].fn();
	return 99;
}
