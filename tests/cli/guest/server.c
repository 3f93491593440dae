/*
 * server.c: the server that tests/cli/run-monitor.sh looks at while it holds connections of known states: accepts on TCP
 * port 80 (IPv4 and IPv6) and keeps what comes, unread; talks to itself over loopback; has named and connected AF_UNIX
 * sockets. Lines from its console:
 *
 *	loop N		N connections to itself: 2 N ends
 *	reads		reads and throws away what the kept connections have
 *	writes N	N bytes to the newest connection
 *	busy MS		computes for so many milliseconds
 *	read PATH N	reads N bytes from the file, in blocks of 4 KiB
 *	write PATH N	the same, writing
 *	quit
 *
 * Each is answered by "done WORD NUMBER".
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define KEEP_MAX 3000

static int kept[KEEP_MAX], kept_count;

static void keep(int fd)
{
	if (fd >= 0 && kept_count < KEEP_MAX)
		kept[kept_count++] = fd;
}

static int named(const char *path, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	strcpy(addr.sun_path, path);
	if (bind(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0)
		perror(path);
	if (type == SOCK_STREAM)
		listen(fd, 5);
	return fd;
}

static long loop(int listener, int n)
{
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int made = 0;

	for (int i = 0; i < n; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *) &self, sizeof(self)) < 0)
			break;
		keep(fd);
		keep(accept(listener, NULL, NULL));
		made++;
	}
	return made;
}

static long drain(void)
{
	static char buf[65536];
	long all = 0;

	for (int i = 0; i < kept_count; i++) {
		ssize_t n;

		while ((n = recv(kept[i], buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			all += n;
	}
	return all;
}

static long fill(long n)
{
	static char buf[1000];
	long done = 0;

	while (done < n) {
		ssize_t w = send(kept[kept_count - 1], buf, n - done < 1000 ? n - done : 1000, MSG_DONTWAIT);

		if (w <= 0)
			break;
		done += w;
	}
	return done;
}

static volatile unsigned long sum;

static long busy(long ms)
{
	clock_t until = clock() + ms * (CLOCKS_PER_SEC / 1000);

	while (clock() < until)
		for (int i = 0; i < 10000; i++)
			sum += i;
	return ms;
}

/* What a program calls through a gate. */
int compute(int ms)
{
	return (int) busy(ms);
}

static long file(const char *path, long n, int write_it)
{
	static char buf[4096];
	int fd = open(path, write_it ? O_CREAT | O_WRONLY | O_TRUNC : O_RDONLY, 0644);
	long done = 0;

	while (fd >= 0 && done < n) {
		ssize_t r = write_it ? write(fd, buf, sizeof(buf)) : read(fd, buf, sizeof(buf));

		if (r <= 0)
			break;
		done += r;
	}
	close(fd);
	return done;
}

int main(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = IN6ADDR_ANY_INIT };
	int listener = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), pair[2], one = 1;
	struct sockaddr_in port = { .sin_family = AF_INET, .sin_port = htons(5353) };
	struct pollfd fds[2] = { { listener, POLLIN, 0 }, { 0, POLLIN, 0 } };
	char line[256], word[16], path[200];

	setvbuf(stdout, NULL, _IOLBF, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *) &any, sizeof(any)) < 0 || listen(listener, 16) < 0 ||
	    bind(udp, (struct sockaddr *) &port, sizeof(port)) < 0)
		perror("bind");
	named("/listening", SOCK_STREAM);
	named("/datagrams", SOCK_DGRAM);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	printf("ready\n");
	for (;;) {
		long n = 0, r = -1;

		if (poll(fds, 2, -1) < 0)
			return 1;
		if (fds[0].revents)
			keep(accept(listener, NULL, NULL));
		if (!fds[1].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		*word = *path = 0;
		if (sscanf(line, "%15s %ld", word, &n) < 2)
			sscanf(line, "%15s %199s %ld", word, path, &n);
		if (!strcmp(word, "quit"))
			return 0;
		if (!strcmp(word, "loop"))
			r = loop(listener, (int) n);
		if (!strcmp(word, "reads"))
			r = drain();
		if (!strcmp(word, "writes"))
			r = fill(n);
		if (!strcmp(word, "busy"))
			r = busy(n);
		if (!strcmp(word, "read") || !strcmp(word, "write"))
			r = file(path, n, word[0] == 'w');
		printf("done %s %ld\n", word, r);
	}
}
