/*
 * http.h: an HTTP client for tests: one connection, blocking, that gives answers as they came. What goes wrong on the way
 * (a connection that ends, nothing for 30 seconds, an answer that is not HTTP) is printed, and an error.
 */
#ifndef TESTS_HTTP_H
#define TESTS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http {
	int fd;
	size_t at, have;
	char buffer[65536];
};

struct answer {
	int status;
	char *header; /* status line and fields, up to and with the empty line, 0-terminated */
	size_t header_size;
	char *body; /* decoded from chunks */
	size_t body_size;
	bool close; /* the server ends the connection after it */
};

/* address is HOST:PORT or [HOST]:PORT, numeric. A descriptor, or -1. */
int http_connect(const char *address);
/* 0 or -1. */
int http_send(struct http *http, const char *data, size_t size);
/* Reads one answer; to_head says that the request was HEAD. 0 and the memory (http_free), or -1. */
int http_receive(struct http *http, bool to_head, struct answer *ret_answer);
void http_free(struct answer *answer);

/* Reads until the server ends the connection. *ret_data is malloc'ed. Its size, or -1 (too, after 10 s without data). */
long http_receive_all(int fd, char **ret_data);

/* Takes the lines that begin with "Date:" out of a header, and makes the numbers of 20 digits (a boundary's) zeros. */
size_t http_plain(char *data, size_t size);

#endif
