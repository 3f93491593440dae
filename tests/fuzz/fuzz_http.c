/*
 * fuzz_http.c: what a scraper, or anybody else who can reach the port, says to `uio metrics --listen`, in pieces of any length
 * and as slowly as it likes, and the port's name itself. Each client that waits for its answer gets one whole answer, whose
 * length is what its head says, and the counters only for the one path that has them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWER_MAX 65536
#define BODY	   "uio_up 1\n"

static const uint8_t *request;
static size_t request_left;
static unsigned piece, tick_ms, room;	/* of one read; of each look at the clock; that the client takes of the answer */
static unsigned clients, refusals;
static char told[ANSWER_MAX + 1];
static size_t told_size;
static uint64_t now;
static jmp_buf died;

static ssize_t read_piece(int fd, void *to, size_t n)
{
	n = n < piece ? n : piece;
	n = n < request_left ? n : request_left;
	memcpy(to, request, n);
	request += n;
	request_left -= n;
	return (ssize_t)n;
}

static ssize_t recv_piece(int fd, void *to, size_t n, int flags)
{
	return read_piece(fd, to, n);
}

static ssize_t send_piece(int fd, const void *from, size_t n, int flags)
{
	size_t fits = ANSWER_MAX - told_size;

	fits = fits < room ? fits : room;
	n = n < fits ? n : fits;
	if (!n) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(told + told_size, from, n);
	told_size += n;
	return (ssize_t)n;
}

static int accept_next(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	errno = refusals ? ECONNABORTED : EMFILE;
	if (refusals) {
		refusals--;
		return -1;
	}
	return clients-- ? 0 : -1;
}

static uint64_t fake_ns(void)
{
	return now += tick_ms * 1000000ull;
}

static _Noreturn void out(int status, const char *format, ...)
{
	longjmp(died, status);
}

#include "host/metrics.h"
#include "host/util.h"

#define read	      read_piece
#define recv	      recv_piece
#define send	      send_piece
#define accept4	      accept_next
#define monotonic_ns  fake_ns
#define die	      out
#define warn(...)     ((void)0)
#define shutdown(...) 0
#define close(...)    0
#define socket(...)   0
#define bind(...)     0
#define listen(...)   0
#define setsockopt(...) 0
#include "host/metrics_http.c"

static char *make(void *context, size_t *ret_size)
{
	*ret_size = strlen(BODY);
	return strdup(BODY);
}

static void must(bool cond)
{
	if (!cond)
		abort();
}

/* `asked`: what the client said, with its end. */
static void look(const char *asked)
{
	const char *body, *length;

	told[told_size] = '\0';
	body = strstr(told, "\r\n\r\n");
	length = strstr(told, "Content-Length: ");
	must(!strncmp(told, "HTTP/1.1 ", 9) && body && length && length < body);
	body += 4;
	if (!strncmp(asked, "HEAD ", 5) && !strncmp(told + 9, "200", 3))
		must(!*body);
	else
		must(strlen(body) == strtoul(length + 16, NULL, 10));
	if (!strncmp(told + 9, "200", 3))
		must(!strncmp(asked, "GET /metrics", 12) || !strncmp(asked, "HEAD /metrics", 13));
	else
		must(!strstr(told, BODY));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char where[64] = "127.0.0.1:9464", *asked;
	unsigned how;
	int status;

	if (size < 4)
		return 0;
	how = data[0];
	piece = 1 + data[1] * 40u;
	tick_ms = how & 2 ? data[2] : 0;
	room = how & 4 ? data[3] : ANSWER_MAX;
	data += 4;
	size -= 4;
	if (how & 1) { /* the operator's text */
		size_t n = size < sizeof(where) - 1 ? size : sizeof(where) - 1;

		memcpy(where, data, n);
		where[n] = '\0';
	}
	refusals = how >> 3 & 1;
	clients = 1;
	told_size = 0;
	request = data;
	request_left = size;
	asked = calloc(1, size + 1);
	memcpy(asked, data, size);
	status = setjmp(died);
	if (!status) {
		must(metrics_serve(where, make, NULL) == 125);
		if (!(how & 4))
			look(asked);
	}
	free(asked);
	return 0;
}
