/*
 * http_many.c: clients that are many, or slow.
 *
 *	http_many A open N PATH		N connections are open at once; each asks, and twice again while all are open
 *	http_many A byte PATH FILE	the request comes byte by byte; the answer must be FILE
 *	http_many A slow PATH FILE	the answer is read little by little, through a small window; it must be FILE
 *
 * A is HOST:PORT or [HOST]:PORT. Prints what was had, "N open, N answers, N wrong", or "N bytes, as they should be".
 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MANY_MAX = 4096, BETWEEN_CONNECTIONS_US = 4000, SLOW_PIECE = 65536, SLOW_PAUSE_US = 5000, BYTE_PAUSE_US = 3000 };

static struct http http;
static const char *address;

static int ask(int fd, const char *path, struct answer *ret_answer)
{
	char request[1024];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", path);

	http.fd = fd;
	http.at = http.have = 0;
	if (http_send(&http, request, n) < 0)
		return -1;
	return http_receive(&http, false, ret_answer);
}

static int open_many(int n, const char *path)
{
	static int fds[MANY_MAX];
	struct rlimit limit = {MANY_MAX + 64, MANY_MAX + 64};
	struct answer first = {0}, answer;
	int opened = 0, answers = 0, wrong = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < n; i++) {
			int at = round == 1 ? n - 1 - i : i;

			if (round == 0) {
				/* QEMU's user network loses connections that come at one instant. */
				usleep(BETWEEN_CONNECTIONS_US);
				fds[at] = http_connect(address);
				opened += fds[at] >= 0;
			}
			if (fds[at] < 0 || ask(fds[at], path, &answer) < 0) {
				wrong++;
				continue;
			}
			answers++;
			if (first.body_size == 0)
				first = answer;
			else
				wrong += answer.status != 200 || answer.body_size != first.body_size ||
					 memcmp(answer.body, first.body, first.body_size) != 0;
			if (answer.body != first.body)
				http_free(&answer);
		}
	}
	printf("%d open, %d answers, %d wrong\n", opened, answers, wrong);
	return wrong != 0;
}

static int is_file(const char *body, size_t size, const char *name)
{
	FILE *file = fopen(name, "r");
	char *data = malloc(size + 1);
	int same;

	if (!file || !data)
		return 0;
	same = fread(data, 1, size + 1, file) == size && memcmp(data, body, size) == 0;
	fclose(file);
	free(data);
	return same;
}

static int finish(const struct answer *answer, const char *name)
{
	if (answer->status != 200 || !is_file(answer->body, answer->body_size, name)) {
		printf("status %d, %zu bytes, not those of %s\n", answer->status, answer->body_size, name);
		return 1;
	}
	printf("%zu bytes, as they should be\n", answer->body_size);
	return 0;
}

static int byte_by_byte(const char *path, const char *name)
{
	struct answer answer;
	char request[1024];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", path);

	http.fd = http_connect(address);
	for (int i = 0; i < n; i++) {
		if (http_send(&http, request + i, 1) < 0)
			return 1;
		usleep(BYTE_PAUSE_US);
	}
	if (http_receive(&http, false, &answer) < 0)
		return 1;
	return finish(&answer, name);
}

static int slowly(const char *path, const char *name)
{
	static char piece[SLOW_PIECE];
	char request[1024], *data = NULL, *body;
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", path);
	struct answer answer = {.status = 200};
	size_t have = 0;
	ssize_t got;
	int fd = http_connect(address), size = 32768;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	http.fd = fd;
	if (http_send(&http, request, n) < 0)
		return 1;
	sleep(1);
	while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
		data = realloc(data, have + got + 1);
		memcpy(data + have, piece, got);
		have += got;
		data[have] = '\0';
		usleep(SLOW_PAUSE_US);
	}
	body = data ? strstr(data, "\r\n\r\n") : NULL;
	if (!body || strncmp(data, "HTTP/1.1 200", 12) != 0) {
		printf("%zu bytes: %.200s\n", have, data ? data : "");
		return 1;
	}
	answer.body = body + 4;
	answer.body_size = have - (body + 4 - data);
	return finish(&answer, name);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	address = argv[1];
	if (strcmp(argv[2], "open") == 0 && atoi(argv[3]) <= MANY_MAX)
		return open_many(atoi(argv[3]), argv[4]);
	if (strcmp(argv[2], "byte") == 0)
		return byte_by_byte(argv[3], argv[4]);
	if (strcmp(argv[2], "slow") == 0)
		return slowly(argv[3], argv[4]);
	return 2;
}
