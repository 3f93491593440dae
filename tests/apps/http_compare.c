/*
 * http_compare.c: two servers answer alike.
 *
 *	http_compare files A B <PATHS	each path of the standard input, over connections that are kept
 *	http_compare gzip A B <PATHS	the same, asked for with Accept-Encoding: gzip; bodies are compared as they come
 *	http_compare raw A B FILE...	each file's bytes are sent as they are, and all read until the server ends
 *
 * A and B are HOST:PORT. Whole headers and bodies must agree but for the date. Prints what differs, and for `files` at the
 * end "N compared, N bytes, N differ"; for `raw` "ok - raw: NAME" or "not ok - raw: NAME" for each.
 */
#define _GNU_SOURCE
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *address[2];
static struct http http[2];
static const char *encoding = "";

static void show(const char *server, const char *data, size_t size)
{
	printf("# from %s, %zu bytes:\n", server, size);
	for (size_t i = 0; i < size && i < 1500; i++) {
		if (i == 0 || data[i - 1] == '\n')
			printf("#   ");
		putchar(data[i] >= ' ' || data[i] == '\n' ? data[i] : '.');
	}
	printf("\n");
}

static int ask_for(const char *path, struct answer answers[2])
{
	char request[8192];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n", path, encoding);

	for (int i = 0; i < 2; i++) {
		if (http[i].fd < 0) {
			http[i] = (struct http){.fd = http_connect(address[i])};
			if (http[i].fd < 0)
				return -1;
		}
		if (http_send(&http[i], request, n) < 0)
			return -1;
	}
	for (int i = 0; i < 2; i++) {
		if (http_receive(&http[i], false, &answers[i]) < 0)
			return -1;
		if (answers[i].close) {
			close(http[i].fd);
			http[i].fd = -1;
		}
	}
	return 0;
}

/* What a server may answer with a connection that ends after so many requests is its own affair. */
static size_t comparable(struct answer *answer)
{
	char *line = strcasestr(answer->header, "\r\nConnection: ");

	if (line) {
		char *end = strstr(line + 2, "\r\n");

		memmove(line, end, answer->header_size - (end - answer->header) + 1);
		answer->header_size -= end - line;
	}
	return http_plain(answer->header, answer->header_size);
}

static int compare_files(void)
{
	static char path[4096];
	long compared = 0, differ = 0;
	unsigned long long bytes = 0;

	http[0].fd = http[1].fd = -1;
	while (fgets(path, sizeof(path), stdin)) {
		struct answer answers[2] = {0};
		size_t size[2];

		path[strcspn(path, "\n")] = '\0';
		if (ask_for(path, answers) < 0) {
			printf("# %s: no answers\n", path);
			return 1;
		}
		size[0] = comparable(&answers[0]);
		size[1] = comparable(&answers[1]);
		if (answers[0].status != 200 || size[0] != size[1] || memcmp(answers[0].header, answers[1].header, size[0]) != 0 ||
		    answers[0].body_size != answers[1].body_size ||
		    memcmp(answers[0].body, answers[1].body, answers[0].body_size) != 0) {
			if (differ++ < 3) {
				printf("# %s\n", path);
				show(address[0], answers[0].header, size[0]);
				show(address[1], answers[1].header, size[1]);
			}
		}
		compared++;
		bytes += answers[0].body_size;
		http_free(&answers[0]);
		http_free(&answers[1]);
	}
	printf("%ld compared, %llu bytes, %ld differ\n", compared, bytes, differ);
	return differ != 0;
}

static char *read_file(const char *name, size_t *ret_size)
{
	static char data[4 << 20];
	FILE *file = fopen(name, "r");

	if (!file) {
		perror(name);
		exit(2);
	}
	*ret_size = fread(data, 1, sizeof(data), file);
	fclose(file);
	return data;
}

static int compare_raw(const char *name)
{
	char *data[2] = {NULL, NULL};
	long size[2] = {-1, -1};
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	int same;

	for (int i = 0; i < 2; i++) {
		time_t start = time(NULL);
		struct http once = {.fd = http_connect(address[i])};
		size_t n;
		char *request = read_file(name, &n);

		/* A server that refuses may end the connection before all was sent. */
		if (once.fd >= 0) {
			http_send(&once, request, n);
			size[i] = http_receive_all(once.fd, &data[i]);
		}
		close(once.fd);
		if (time(NULL) - start > 2)
			printf("# %s: %s took %ld s\n", base, address[i], (long)(time(NULL) - start));
	}
	if (size[0] > 0)
		size[0] = (long)http_plain(data[0], size[0]);
	if (size[1] > 0)
		size[1] = (long)http_plain(data[1], size[1]);
	same = size[0] > 0 && size[0] == size[1] && memcmp(data[0], data[1], size[0]) == 0;
	printf("%s - raw: %s\n", same ? "ok" : "not ok", base);
	if (!same) {
		show(address[0], data[0] ? data[0] : "", size[0] > 0 ? size[0] : 0);
		show(address[1], data[1] ? data[1] : "", size[1] > 0 ? size[1] : 0);
	}
	free(data[0]);
	free(data[1]);
	return !same;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc < 4)
		return 2;
	address[0] = argv[2];
	address[1] = argv[3];
	if (strcmp(argv[1], "gzip") == 0)
		encoding = "Accept-Encoding: gzip\r\n";
	if (strcmp(argv[1], "files") == 0 || *encoding)
		return compare_files();
	for (int i = 4; i < argc; i++)
		bad |= compare_raw(argv[i]);
	return bad;
}
