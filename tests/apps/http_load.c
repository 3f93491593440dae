/*
 * http_load.c: a load of HTTP requests that loses nothing unseen.
 *
 *	http_load HOST PORT PATH KEPT FRESH SECONDS
 *
 * KEPT connections ask again and again, FRESH ask once and are made anew. Every answer must be complete, have status 200,
 * and agree with itself: its header `X-Generation: N` and its body's first line `generation N`. Generations never go
 * back, neither on a connection nor for a connection that is made later. A connection that ends before its answer counts
 * as a lost request, unless the server announced it (`Connection: close`).
 *
 * Prints "requests N lost N wrong N connections N slowest N ms generations FIRST..LAST behind N": `behind` are the answers of the last
 * second that were not of the last generation. Exit status 0 if nothing was lost, wrong or behind.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, ANSWER_MAX = 16384, ANSWER_TIME_MS = 10000, PAUSE_MS = 2 };

struct connection {
	int fd;
	bool kept;
	bool connecting;
	int generation;	    /* of its last answer, or the newest at the time that it was made */
	size_t have;	    /* bytes of the answer */
	long asked_ms, next_ms; /* next_ms: when to ask again; 0 while an answer is due */
	char answer[ANSWER_MAX + 1];
};

static struct sockaddr_in server;
static struct connection connections[CONNECTIONS_MAX];
static long requests, lost, wrong, made, end_ms, slowest_ms;
static int first_generation = -1, newest;
static const char *path;
static long answers_of_last_second[2]; /* of the newest generation, of others */

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void complain(const char *what, const struct connection *c)
{
	if (lost + wrong < 10)
		printf("# %s on a %s connection after %ld ms, errno %d (%s): %.*s\n", what, c->kept ? "kept" : "fresh",
		       now_ms() - c->asked_ms, errno, strerror(errno), (int)(c->have > 400 ? 400 : c->have), c->answer);
}

static void make(struct connection *c)
{
	int one = 1;

	if (c->fd >= 0)
		close(c->fd);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->connecting = connect(c->fd, (struct sockaddr *)&server, sizeof(server)) < 0;
	if (c->connecting && errno != EINPROGRESS) {
		perror("http_load: connect");
		exit(2);
	}
	c->generation = newest;
	made++;
	c->have = 0;
	c->asked_ms = now_ms();
	c->next_ms = 0;
}

static void ask(struct connection *c)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n", path,
			 c->kept ? "" : "Connection: close\r\n");

	c->have = 0;
	c->asked_ms = now_ms();
	c->next_ms = 0;
	requests++;
	if (send(c->fd, text, n, MSG_NOSIGNAL) != n) {
		complain("a request could not be sent", c);
		lost++;
		make(c);
	}
}

static void later(struct connection *c)
{
	c->next_ms = now_ms() + PAUSE_MS;
}

/* 0: more is to come; 1: a good answer; -1: a wrong one. */
static int judge(struct connection *c, bool *ret_close)
{
	char *body, *length, *header;
	int said, is;

	c->answer[c->have] = '\0';
	body = strstr(c->answer, "\r\n\r\n");
	if (!body)
		return c->have == ANSWER_MAX ? -1 : 0;
	*body = '\0';
	length = strcasestr(c->answer, "\r\nContent-Length: ");
	header = strcasestr(c->answer, "\r\nX-Generation: ");
	*ret_close = strcasestr(c->answer, "\r\nConnection: close") != NULL;
	*body = '\r';
	body += 4;
	if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0 || !length || !header)
		return -1;
	if (c->have - (size_t)(body - c->answer) < strtoul(length + 18, NULL, 10))
		return 0;
	said = atoi(header + 16);
	if (sscanf(body, "generation %d", &is) != 1 || said != is || is < c->generation)
		return -1;
	c->generation = is;
	if (is > newest)
		newest = is;
	if (first_generation < 0)
		first_generation = is;
	if (now_ms() > end_ms - 1000)
		answers_of_last_second[is != newest]++;
	return 1;
}

static void readable(struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->have, ANSWER_MAX - c->have, 0);
	bool closing = false;
	int verdict;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		complain("no answer, or a connection that ends unannounced", c);
		lost++;
		make(c);
		return;
	}
	c->have += n;
	verdict = judge(c, &closing);
	if (verdict == 0)
		return;
	if (now_ms() - c->asked_ms > slowest_ms)
		slowest_ms = now_ms() - c->asked_ms;
	if (verdict < 0) {
		complain("a wrong answer", c);
		wrong++;
	}
	if (verdict < 0 || !c->kept || closing)
		make(c);
	else
		later(c);
}

static void attend(struct connection *c, short events)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (c->connecting && (events & (POLLOUT | POLLERR | POLLHUP))) {
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		errno = error;
		c->connecting = false;
		if (error) {
			complain("no connection", c);
			lost++;
			make(c);
		} else {
			ask(c);
		}
	} else if (!c->connecting && (events & (POLLIN | POLLERR | POLLHUP))) {
		readable(c);
	} else if (!c->connecting && c->next_ms && now_ms() >= c->next_ms) {
		ask(c);
	} else if (c->next_ms == 0 && now_ms() - c->asked_ms > ANSWER_TIME_MS) {
		errno = 0;
		complain("no answer in time", c);
		lost++;
		make(c);
	}
}

int main(int argc, char **argv)
{
	struct pollfd fds[CONNECTIONS_MAX];
	int kept, n;

	if (argc != 7)
		return 2;
	server.sin_family = AF_INET;
	server.sin_port = htons(atoi(argv[2]));
	path = argv[3];
	kept = atoi(argv[4]);
	n = kept + atoi(argv[5]);
	if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 || n < 1 || n > CONNECTIONS_MAX)
		return 2;
	end_ms = now_ms() + (long)(atof(argv[6]) * 1000);
	for (int i = 0; i < n; i++) {
		connections[i].fd = -1;
		connections[i].kept = i < kept;
		make(&connections[i]);
		/* QEMU's user network loses connections that come at one instant. */
		usleep(20000);
	}
	while (now_ms() < end_ms) {
		for (int i = 0; i < n; i++)
			fds[i] = (struct pollfd){connections[i].fd, connections[i].connecting ? POLLOUT : POLLIN, 0};
		poll(fds, n, PAUSE_MS);
		for (int i = 0; i < n; i++)
			attend(&connections[i], fds[i].revents);
	}
	printf("requests %ld lost %ld wrong %ld connections %ld slowest %ld ms generations %d..%d behind %ld\n", requests, lost, wrong,
	       made, slowest_ms, first_generation, newest, answers_of_last_second[1]);
	return lost || wrong || answers_of_last_second[1] || answers_of_last_second[0] == 0;
}
