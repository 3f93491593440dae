/* http.c: see http.h. */
#define _GNU_SOURCE
#include "http.h"

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int http_connect(const char *address)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *info;
	struct timeval limit = {30, 0};
	char host[128], *port;
	int fd, one = 1;

	snprintf(host, sizeof(host), "%s", address + (*address == '['));
	port = strrchr(host, ':');
	if (!port)
		return -1;
	*port++ = '\0';
	host[strcspn(host, "]")] = '\0';
	if (getaddrinfo(host, port, &hints, &info) != 0)
		return -1;
	fd = socket(info->ai_family, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, info->ai_addr, info->ai_addrlen) < 0) {
		perror("connect");
		close(fd);
		fd = -1;
	}
	freeaddrinfo(info);
	return fd;
}

int http_send(struct http *http, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = send(http->fd, data, size, MSG_NOSIGNAL);

		if (n <= 0) {
			perror("send");
			return -1;
		}
		data += n;
		size -= n;
	}
	return 0;
}

static int fill(struct http *http)
{
	ssize_t n = recv(http->fd, http->buffer, sizeof(http->buffer), 0);

	http->at = 0;
	http->have = n > 0 ? n : 0;
	if (n < 0)
		perror("recv");
	return n > 0 ? 0 : -1;
}

static int next_byte(struct http *http)
{
	if (http->at == http->have && fill(http) < 0)
		return -1;
	return (unsigned char)http->buffer[http->at++];
}

struct text {
	char *data;
	size_t size, room;
};

static void append(struct text *text, const char *data, size_t size)
{
	if (text->room - text->size <= size) {
		text->room = (text->size + size) * 2 + 4096;
		text->data = realloc(text->data, text->room);
		if (!text->data)
			abort();
	}
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

static int take(struct http *http, struct text *to, size_t size)
{
	while (size > 0) {
		size_t n;

		if (http->at == http->have && fill(http) < 0)
			return -1;
		n = http->have - http->at < size ? http->have - http->at : size;
		append(to, http->buffer + http->at, n);
		http->at += n;
		size -= n;
	}
	return 0;
}

static int take_line(struct http *http, struct text *to)
{
	int byte;

	do {
		char c;

		byte = next_byte(http);
		if (byte < 0)
			return -1;
		c = (char)byte;
		append(to, &c, 1);
	} while (byte != '\n');
	return 0;
}

static int take_chunks(struct http *http, struct text *body)
{
	size_t size;

	do {
		struct text line = {0};

		if (take_line(http, &line) < 0) {
			free(line.data);
			return -1;
		}
		size = strtoul(line.data, NULL, 16);
		free(line.data);
		if (take(http, body, size) < 0 || next_byte(http) != '\r' || next_byte(http) != '\n')
			return -1;
	} while (size > 0);
	return 0;
}

static int take_answer(struct http *http, bool to_head, struct answer *answer, struct text *header, struct text *body)
{
	const char *length;

	do {
		size_t before = header->size;

		if (take_line(http, header) < 0)
			return -1;
		if (header->size - before == 2 && header->data[before] == '\r')
			break;
	} while (header->size < 65536);
	if (sscanf(header->data, "HTTP/1.%*d %d", &answer->status) != 1)
		return -1;
	append(body, "", 0);
	answer->close = strcasestr(header->data, "\r\nConnection: close") != NULL;
	if (to_head || answer->status == 304 || answer->status == 204 || answer->status < 200)
		return 0;
	if (strcasestr(header->data, "\r\nTransfer-Encoding: chunked"))
		return take_chunks(http, body);
	length = strcasestr(header->data, "\r\nContent-Length: ");
	return length ? take(http, body, strtoul(length + 18, NULL, 10)) : -1;
}

int http_receive(struct http *http, bool to_head, struct answer *ret_answer)
{
	struct text header = {0}, body = {0};
	struct answer answer = {0};

	if (take_answer(http, to_head, &answer, &header, &body) < 0) {
		printf("# no whole answer: %.200s\n", header.data ? header.data : "");
		free(header.data);
		free(body.data);
		return -1;
	}
	answer.header = header.data;
	answer.header_size = header.size;
	answer.body = body.data;
	answer.body_size = body.size;
	*ret_answer = answer;
	return 0;
}

void http_free(struct answer *answer)
{
	free(answer->header);
	free(answer->body);
	*answer = (struct answer){0};
}

long http_receive_all(int fd, char **ret_data)
{
	struct timeval limit = {10, 0};
	struct text text = {0};
	static char buffer[65536];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	append(&text, "", 0);
	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		append(&text, buffer, n);
	if (n < 0) {
		perror("recv");
		printf("# so far: %.300s\n", text.data);
		free(text.data);
		return -1;
	}
	*ret_data = text.data;
	return (long)text.size;
}

size_t http_plain(char *data, size_t size)
{
	size_t to = 0, digits = 0;

	for (size_t i = 0; i < size;) {
		if ((i == 0 || data[i - 1] == '\n') && size - i > 5 && strncasecmp(data + i, "Date:", 5) == 0) {
			const char *end = memchr(data + i, '\n', size - i);

			i = end ? (size_t)(end - data) + 1 : size;
			continue;
		}
		digits = isdigit((unsigned char)data[i]) ? digits + 1 : 0;
		data[to++] = data[i++];
		if (digits == 20)
			memset(data + to - 20, '0', 20);
	}
	return to;
}
