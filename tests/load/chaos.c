/* chaos.c: clients of the worst kind, for a web server or a Redis: they connect and go, stop in the middle of a request or
 * of an answer, close by a reset, read slowly, close one half, send byte by byte; and each that stays checks what it gets
 * to the byte. No server may answer wrongly, refuse, or reset who has not reset it.
 *
 *	chaos http|redis ADDRESS PORT SECONDS CLIENTS SEED DIRECTORY
 *
 * DIRECTORY: of the web server's files "small" and "large". Prints a line for each kind, and "error: ..." for what must
 * not be; exits with 1 then. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_SECONDS 30
#define KINDS 10

struct shared {
	unsigned long done[KINDS], errors;
};
struct body {
	char *data;
	size_t len;
};

static struct shared *shared;
static struct sockaddr_storage server;
static socklen_t server_len;
static uint64_t seed;
static unsigned client;
static time_t begin;
static struct body small, large;
static const char *doing = "";

static unsigned chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned) (seed % n);
}

static void error(const char *format, ...)
{
	va_list ap;
	char text[300];

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	__atomic_add_fetch(&shared->errors, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "error: at %ld s: client %u, %s: %s\n", (long) (time(NULL) - begin), client, doing, text);
}

static void pause_ms(unsigned ms)
{
	usleep(ms * 1000);
}

/* A new connection, or -1 after an error. */
static int go(void)
{
	struct timeval limit = { ANSWER_SECONDS, 0 };
	int fd = socket(server.ss_family, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *) &server, server_len) < 0) {
		error("connect: %s", strerror(errno));
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void reset(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

static void drop(int fd)
{
	if (chance(2))
		reset(fd);
	else
		close(fd);
}

static bool put(int fd, const void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = send(fd, (const char *) data + at, len - at, MSG_NOSIGNAL);

		if (n < 0) {
			error("send: %s", strerror(errno));
			return false;
		}
		at += (size_t) n;
	}
	return true;
}

static bool put_text(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* Exactly len bytes. */
static bool get(int fd, void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = recv(fd, (char *) data + at, len - at, 0);

		if (n <= 0) {
			error("after %zu of %zu bytes: %s", at, len, n ? strerror(errno) : "end of file");
			return false;
		}
		at += (size_t) n;
	}
	return true;
}

static bool get_end(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (n)
		error("instead of the end: %s", n < 0 ? strerror(errno) : "more data");
	return n == 0;
}

/* A line, without its end. */
static bool get_line(int fd, char *line, size_t size)
{
	size_t n = 0;

	for (;;) {
		if (!get(fd, &line[n], 1))
			return false;
		if (n && line[n] == '\n' && line[n - 1] == '\r') {
			line[n - 1] = '\0';
			return true;
		}
		if (++n == size) {
			error("a line without an end");
			return false;
		}
	}
}

/* ---- the web server ---- */

static void ask_http(char *to, size_t size, const struct body *b, bool last)
{
	snprintf(to, size, "GET /%s HTTP/1.1\r\nHost: x\r\n%s\r\n", b == &small ? "small" : "large",
		 last ? "Connection: close\r\n" : "");
}

/* slow: that many ms between pieces. */
static bool check_http(int fd, const struct body *b, unsigned slow)
{
	static char data[65536];
	char line[400];
	size_t len = 0;

	if (!get_line(fd, line, sizeof(line)))
		return false;
	if (strcmp(line, "HTTP/1.1 200 OK")) {
		error("answer %s", line);
		return false;
	}
	do {
		if (!get_line(fd, line, sizeof(line)))
			return false;
		if (!strncasecmp(line, "Content-Length: ", 16))
			len = strtoul(line + 16, NULL, 10);
	} while (*line);
	if (len != b->len) {
		error("%zu bytes announced", len);
		return false;
	}
	for (size_t at = 0, n; at < len; at += n) {
		n = len - at < sizeof(data) ? len - at : sizeof(data);
		if (!get(fd, data, n))
			return false;
		if (memcmp(data, b->data + at, n)) {
			error("other data at byte %zu", at);
			return false;
		}
		if (slow)
			pause_ms(slow);
	}
	return true;
}

static const struct body *some_body(void)
{
	return chance(8) ? &small : &large;
}

static void http(unsigned kind, int fd)
{
	const struct body *b = some_body();
	char text[2000] = "", part[200];
	unsigned n = 1 + chance(5);

	ask_http(text, sizeof(text), b, true);
	switch (kind) {
	case 0:
		doing = "http, closed by the server";
		if (put_text(fd, text) && check_http(fd, b, 0))
			get_end(fd);
		break;
	case 1:
		doing = "http, kept alive";
		ask_http(text, sizeof(text), b, false);
		for (unsigned i = 0; i < n; i++)
			if (!put_text(fd, text) || !check_http(fd, b, 0))
				break;
		break;
	case 2:
		doing = "http, half a request";
		put(fd, text, chance((unsigned) strlen(text)));
		drop(fd);
		return;
	case 3:
		doing = "http, half an answer";
		ask_http(text, sizeof(text), &large, true);
		if (put_text(fd, text))
			get(fd, text, chance(sizeof(text)));
		drop(fd);
		return;
	case 4:
		/* nginx gives up an answer that is not out when it notices, on Linux, too. */
		doing = "http, half closed";
		ask_http(text, sizeof(text), b = &small, true);
		if (put_text(fd, text) && !shutdown(fd, SHUT_WR) && check_http(fd, b, 0))
			get_end(fd);
		break;
	case 5:
		doing = "http, pipelined";
		*text = '\0';
		ask_http(part, sizeof(part), &small, false);
		for (unsigned i = 0; i < n; i++)
			strcat(text, part);
		if (put_text(fd, text))
			for (unsigned i = 0; i < n && check_http(fd, &small, 0); i++)
				;
		break;
	case 6:
		doing = "http, nothing";
		drop(fd);
		return;
	case 7:
		doing = "http, byte by byte";
		for (char *p = text; *p && put(fd, p, 1); p++)
			if (!chance(8))
				pause_ms(chance(5));
		if (check_http(fd, b, 0))
			get_end(fd);
		break;
	case 8:
		doing = "http, slowly";
		n = 4096;
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
		ask_http(text, sizeof(text), &large, true);
		if (put_text(fd, text) && check_http(fd, &large, 20 + chance(60)))
			get_end(fd);
		break;
	default:
		doing = "http, idle";
		pause_ms(chance(1000));
		break;
	}
	close(fd);
}

/* ---- Redis ---- */

static bool expect(int fd, const char *wanted)
{
	char line[200];

	if (!get_line(fd, line, sizeof(line)))
		return false;
	if (strcmp(line, wanted)) {
		error("answer %.60s, wanted %s", line, wanted);
		return false;
	}
	return true;
}

static bool set_value(int fd, const char *key, const struct body *v)
{
	char text[200];

	snprintf(text, sizeof(text), "*3\r\n$3\r\nSET\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen(key), key, v->len);
	return put_text(fd, text) && put(fd, v->data, v->len) && put_text(fd, "\r\n");
}

static bool get_value(int fd, const char *key, const struct body *v)
{
	static char data[1 << 20];
	char text[100], length[30];

	snprintf(text, sizeof(text), "GET %s\r\n", key);
	snprintf(length, sizeof(length), "$%zu", v->len);
	if (!put_text(fd, text) || !expect(fd, length) || !get(fd, data, v->len + 2))
		return false;
	if (memcmp(data, v->data, v->len)) {
		error("other data than were set");
		return false;
	}
	return true;
}

static void redis(unsigned kind, int fd)
{
	struct body v = { large.data + chance(1000), chance(20) ? chance(2000) : chance(400000) };
	char key[40], text[200];
	unsigned n = 1 + chance(100);

	snprintf(key, sizeof(key), "client:%u", client);
	switch (kind) {
	case 0:
	case 1:
		doing = "redis, set and get";
		n = 1 + n / 10;
		for (unsigned i = 0; i < n; i++)
			if (!set_value(fd, key, &v) || !expect(fd, "+OK") || !get_value(fd, key, &v))
				break;
		break;
	case 2:
		doing = "redis, half a command";
		snprintf(text, sizeof(text), "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$%zu\r\n", v.len + 10);
		if (put_text(fd, text))
			put(fd, v.data, v.len);
		drop(fd);
		return;
	case 3:
		doing = "redis, half an answer";
		v.len = 300000;
		if (set_value(fd, key, &v) && expect(fd, "+OK")) {
			snprintf(text, sizeof(text), "GET %s\r\nGET %s\r\n", key, key);
			if (put_text(fd, text))
				get(fd, text, chance(sizeof(text)));
		}
		drop(fd);
		return;
	case 4:
		doing = "redis, half closed";
		if (put_text(fd, "PING\r\nECHO half\r\n") && !shutdown(fd, SHUT_WR) && expect(fd, "+PONG") &&
		    expect(fd, "$4") && expect(fd, "half"))
			get_end(fd);
		break;
	case 5:
		doing = "redis, pipelined";
		snprintf(key, sizeof(key), "count:%u", client);
		snprintf(text, sizeof(text), "DEL %s\r\n", key);
		if (!put_text(fd, text) || !get_line(fd, text, sizeof(text)))
			break;
		snprintf(text, sizeof(text), "INCR %s\r\n", key);
		for (unsigned i = 0; i < n; i++)
			put_text(fd, text);
		for (unsigned i = 0; i < n; i++) {
			snprintf(text, sizeof(text), ":%u", i + 1);
			if (!expect(fd, text))
				break;
		}
		break;
	case 6:
		doing = "redis, nothing";
		drop(fd);
		return;
	case 7:
		doing = "redis, subscribed";
		snprintf(text, sizeof(text), "SUBSCRIBE news\r\n");
		if (put_text(fd, text) && expect(fd, "*3") && expect(fd, "$9") && expect(fd, "subscribe"))
			pause_ms(chance(200));
		drop(fd);
		return;
	case 8:
		doing = "redis, waiting";
		put_text(fd, "MULTI\r\nPING\r\n");
		if (chance(2))
			put_text(fd, "EXEC\r\nBLPOP nothing 0\r\n");
		pause_ms(chance(200));
		drop(fd);
		return;
	default:
		doing = "redis, idle";
		pause_ms(chance(1000));
		break;
	}
	close(fd);
}

static struct body load(const char *dir, const char *name)
{
	struct body b = { NULL, 0 };
	struct stat st;
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		perror(path);
		exit(2);
	}
	b.len = (size_t) st.st_size;
	b.data = mmap(NULL, b.len, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return b;
}

static int run(void (*talk)(unsigned, int), time_t end)
{
	while (time(NULL) < end) {
		unsigned kind = chance(KINDS);
		int fd;

		doing = "a new connection";
		fd = go();
		if (fd < 0)
			return 1;
		talk(kind, fd);
		__atomic_add_fetch(&shared->done[kind], 1, __ATOMIC_RELAXED);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *ai;
	void (*talk)(unsigned, int);
	unsigned long sum = 0;
	time_t end;

	if (argc != 8 || getaddrinfo(argv[2], argv[3], &hints, &ai)) {
		fprintf(stderr, "usage: chaos http|redis ADDRESS PORT SECONDS CLIENTS SEED DIRECTORY\n");
		return 2;
	}
	memcpy(&server, ai->ai_addr, ai->ai_addrlen);
	server_len = ai->ai_addrlen;
	talk = strcmp(argv[1], "http") ? redis : http;
	begin = time(NULL);
	end = begin + atol(argv[4]);
	small = load(argv[7], "small");
	large = load(argv[7], "large");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (client = 0; client < (unsigned) atoi(argv[5]); client++)
		if (fork() == 0) {
			seed = ((uint64_t) atol(argv[6]) << 16) + client + 1;
			for (int i = 0; i < 20; i++)
				chance(2);
			_exit(run(talk, end));
		}
	while (wait(NULL) > 0)
		;
	for (unsigned i = 0; i < KINDS; i++)
		sum += shared->done[i];
	printf("%s: %lu connections, %lu errors\n", argv[1], sum, shared->errors);
	return shared->errors != 0;
}
