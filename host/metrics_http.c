/*
 * metrics_http.c: the small part of HTTP/1.1 that a scraper needs (RFC 9112): one GET a connection, answered in the
 * order of arrival. What a client sends and how long it takes are bounded; nothing that it sends is used but the path.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "host/metrics.h"
#include "host/util.h"

#define REQUEST_MAX    8192
#define CLIENT_SECONDS 5 /* for its whole request, and for each write of the answer */

static int listen_at(const char *where)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	const char *colon = strrchr(where, ':'), *port = colon ? colon + 1 : where;
	char host[INET_ADDRSTRLEN] = "127.0.0.1";
	int fd, one = 1;
	char *end;
	long n = strtol(port, &end, 10);

	if (colon && (size_t)(colon - where) < sizeof(host))
		snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	if ((colon && (size_t)(colon - where) >= sizeof(host)) || inet_pton(AF_INET, host, &addr.sin_addr) != 1 ||
	    *port < '0' || *port > '9' || *end || n < 1 || n > 65535)
		die(125, "--listen %s: it is [ADDRESS:]PORT, such as 127.0.0.1:9464", where);
	addr.sin_port = htons((uint16_t)n);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 16) < 0)
		die(125, "--listen %s: %s", where, strerror(errno));
	return fd;
}

/* Reads up to the empty line that ends a request's head. False: too long, too slow, or gone. */
static bool read_request(int fd, char *buf, size_t size)
{
	uint64_t until = monotonic_ns() + CLIENT_SECONDS * NS_PER_SEC;
	size_t have = 0;

	while (have < size - 1 && monotonic_ns() < until) {
		ssize_t n = read(fd, buf + have, size - 1 - have);

		if (n <= 0)
			return false;
		have += (size_t)n;
		buf[have] = '\0';
		if (strlen(buf) < have)
			return false;
		if (strstr(buf, "\r\n\r\n") || strstr(buf, "\n\n"))
			return true;
	}
	return false;
}

static void answer(int fd, const char *status, const char *more, const char *body, size_t size, bool head)
{
	char *text = xasprintf("HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
			       "Content-Length: %zu\r\nConnection: close\r\n%s\r\n",
			       status, size, more);

	if (send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) && !head)
		for (size_t done = 0; done < size;) {
			ssize_t n = send(fd, body + done, size - done, MSG_NOSIGNAL);

			if (n <= 0)
				break;
			done += (size_t)n;
		}
	free(text);
}

static void answer_text(int fd, const char *status, const char *more)
{
	char *body = xasprintf("%s\n", status);

	answer(fd, status, more, body, strlen(body), false);
	free(body);
}

/* "METHOD PATH[?QUERY] HTTP/1.x": cuts the line after each part. */
static bool split_line(char *line, char **ret_path)
{
	char *path, *version;

	line[strcspn(line, "\r\n")] = '\0';
	path = strchr(line, ' ');
	version = path ? strchr(path + 1, ' ') : NULL;
	if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0)
		return false;
	*path++ = *version++ = '\0';
	path[strcspn(path, "?")] = '\0';
	*ret_path = path;
	return true;
}

static void serve(int fd, char *(*make)(void *context, size_t *ret_size), void *context)
{
	char request[REQUEST_MAX], *method = request, *path, *body;
	struct timeval limit = { .tv_sec = CLIENT_SECONDS };
	bool head;
	size_t size;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!read_request(fd, request, sizeof(request)) || !split_line(request, &path)) {
		answer_text(fd, "400 Bad Request", "");
		return;
	}
	head = strcmp(method, "HEAD") == 0;
	if (!head && strcmp(method, "GET") != 0) {
		answer_text(fd, "405 Method Not Allowed", "Allow: GET, HEAD\r\n");
		return;
	}
	if (strcmp(path, "/metrics") != 0) {
		answer_text(fd, "404 Not Found", "");
		return;
	}
	body = make(context, &size);
	answer(fd, "200 OK", "", body, size, head);
	free(body);
}

/* Unread bytes would turn the end into a reset, and the answer would be lost with it: they are read, within limits. */
static void finish(int fd)
{
	struct timeval limit = { .tv_usec = 200000 };
	uint64_t until = monotonic_ns() + NS_PER_SEC;
	char rest[4096];

	shutdown(fd, SHUT_WR);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	while (monotonic_ns() < until && recv(fd, rest, sizeof(rest), 0) > 0)
		;
	close(fd);
}

int metrics_serve(const char *where, char *(*make)(void *context, size_t *ret_size), void *context)
{
	int listener = listen_at(where);

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			warn("--listen %s: %s", where, strerror(errno));
			return 125;
		}
		serve(fd, make, context);
		finish(fd);
	}
}
