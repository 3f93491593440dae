/* chat.c: a chat server: what one client writes, all others read. An ordinary Linux program, with nothing of uIO in it; one
 * thread, epoll, IPv6 and IPv4 by one socket. What an operator looks into are its variables and say().
 *
 *	uio-cc -O2 -g -o chat chat.c
 *	uio run -d --name chat -p 7000:7000 ./chat
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7000
#define CLIENTS_MAX 100

struct client {
	int fd;
	size_t used;	/* bytes of a line that is not yet whole */
	char line[200];
};

struct client *clients[CLIENTS_MAX];
unsigned clients_now;
unsigned long lines_total, dropped_total;

/* Sends a line to everybody but `from`, which may be NULL. A client that does not keep up loses lines, not the others. */
void say(const struct client *from, const char *format, ...)
{
	char text[256];
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (length >= (int) sizeof(text))
		length = sizeof(text) - 1;
	lines_total++;
	for (unsigned i = 0; i < clients_now; i++)
		if (clients[i] != from && send(clients[i]->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) != length)
			dropped_total++;
}

static void come(int listener, int epoll)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct client *c = NULL;

	if (fd < 0)
		return;
	if (clients_now < CLIENTS_MAX)
		c = calloc(1, sizeof(*c));
	if (!c || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ EPOLLIN, { .ptr = c } }) < 0) {
		free(c);
		close(fd);
		return;
	}
	c->fd = fd;
	clients[clients_now++] = c;
	say(c, "* somebody comes, %u are here\n", clients_now);
}

static void leave(struct client *c)
{
	for (unsigned i = 0; i < clients_now; i++)
		if (clients[i] == c)
			clients[i] = clients[--clients_now];
	close(c->fd);
	free(c);
	say(NULL, "* somebody leaves, %u are here\n", clients_now);
}

static void hear(struct client *c)
{
	ssize_t got = recv(c->fd, c->line + c->used, sizeof(c->line) - c->used, MSG_DONTWAIT);
	char *end;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		leave(c);
		return;
	}
	c->used += got;
	/* A line that is too long goes out in pieces. */
	while ((end = memchr(c->line, '\n', c->used)) || c->used == sizeof(c->line)) {
		size_t length = end ? (size_t) (end - c->line) + 1 : c->used;

		say(c, "%.*s", (int) length, c->line);
		c->used -= length;
		memmove(c->line, c->line + length, c->used);
	}
}

int main(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = in6addr_any };
	int listener = socket(AF_INET6, SOCK_STREAM, 0);
	int epoll = epoll_create1(0);
	struct epoll_event event = { EPOLLIN, { .ptr = NULL } };

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener, (struct sockaddr *) &any, sizeof(any)) < 0 || listen(listener, 16) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
		perror("chat");
		return 1;
	}
	printf("chat: listening on port %d\n", PORT);
	fflush(stdout);
	for (;;) {
		if (epoll_wait(epoll, &event, 1, -1) != 1)
			continue;
		if (event.data.ptr)
			hear(event.data.ptr);
		else
			come(listener, epoll);
	}
}
