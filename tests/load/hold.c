/* hold.c: a server that takes connections and lets them wait. Port 80: what comes is not read before somebody connects to
 * port 81; then it is read to the end, and a line with the number of bytes and their sum goes back. Port 83: sends PATTERN
 * bytes to each. Port 82: sends back what comes, at any time. Port 84: the guest ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATTERN 300000

enum kind { SINK, GO, ECHO, SOURCE, END };
struct peer {
	int fd, port;		/* port: of a listener */
	enum kind kind;
	unsigned long bytes, sum;
};

static int ep, holding = 1;
static struct peer *sinks[4096];
static unsigned sink_count;
static char buf[16384];

static struct peer *add(int fd, enum kind kind, int port, unsigned events)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct epoll_event ev = { events, { .ptr = p } };

	*p = (struct peer){ fd, port, kind, 0, 0 };
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	return p;
}

static void drop(struct peer *p)
{
	close(p->fd);
	free(p);
}

static void accept_all(struct peer *l)
{
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct peer *p = add(fd, l->kind, 0, l->kind == SOURCE ? EPOLLOUT : l->kind == SINK && holding ? 0 : EPOLLIN);

		if (l->kind == SINK)
			sinks[sink_count++] = p;
		if (l->kind == END)
			exit(0);
		if (l->kind == GO) {
			holding = 0;
			for (unsigned i = 0; i < sink_count; i++) {
				struct epoll_event ev = { EPOLLIN, { .ptr = sinks[i] } };

				epoll_ctl(ep, EPOLL_CTL_MOD, sinks[i]->fd, &ev);
			}
		}
	}
}

static void sink(struct peer *p)
{
	ssize_t n = read(p->fd, buf, sizeof(buf));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		p->bytes += (unsigned long) n;
		for (ssize_t i = 0; i < n; i++)
			p->sum += (uint8_t) buf[i];
		return;
	}
	if (n == 0)
		write(p->fd, buf, (size_t) sprintf(buf, "%lu %lu\n", p->bytes, p->sum));
	else
		printf("error: %s after %lu bytes\n", strerror(errno), p->bytes);
	drop(p);
}

static void source(struct peer *p)
{
	size_t n = PATTERN - p->bytes < sizeof(buf) ? PATTERN - p->bytes : sizeof(buf);
	ssize_t r;

	for (size_t i = 0; i < n; i++)
		buf[i] = (char) ((p->bytes + i) % 251);
	r = write(p->fd, buf, n);
	if (r > 0)
		p->bytes += (unsigned long) r;
	else if (r < 0 && errno != EAGAIN) {
		printf("error: %s after %lu bytes sent\n", strerror(errno), p->bytes);
		p->bytes = PATTERN;
	}
	if (p->bytes == PATTERN) {
		struct epoll_event ev = { EPOLLIN, { .ptr = p } };

		p->kind = ECHO; /* until the other side closes */
		epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &ev);
	}
}

int main(void)
{
	struct epoll_event ev[64];
	int one = 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ep = epoll_create1(0);
	for (int i = SINK; i <= END; i++) {
		struct sockaddr_in a = { AF_INET, htons((uint16_t) (80 + i)), { 0 } };
		int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(l, (void *) &a, sizeof(a)) || listen(l, 1024))
			return 1;
		add(l, (enum kind) i, 80 + i, EPOLLIN);
	}
	puts("ready");
	for (;;) {
		int n = epoll_wait(ep, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			struct peer *p = ev[i].data.ptr;
			ssize_t r;

			if (p->port)
				accept_all(p);
			else if (p->kind == SINK)
				sink(p);
			else if (p->kind == SOURCE)
				source(p);
			else if ((r = read(p->fd, buf, sizeof(buf))) > 0)
				write(p->fd, buf, (size_t) r);
			else
				drop(p);
		}
	}
}
