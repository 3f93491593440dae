/*
 * client.c: clients that break the rules, each on one socket of a guest's (run-clients.sh):
 *
 *	cut SOCKET	comes again and again, and goes after the first byte of a small exchange, after the second, ...
 *	cut-shell SOCKET	the same with lines typed at a shell
 *	garbage SOCKET SEED	random bytes, with and without a HELLO before them; then the connection must be good again
 *	frames SOCKET SEED	thousands of whole frames: requests, and late, foreign and malformed messages; then a HELLO must be
 *			answered
 *	deaf SOCKET	lets programs print, opens their windows wide, asks, and reads nothing until it is ended
 *	deaf-shell SOCKET	the same at the shell
 *	mute SOCKET	says nothing until it is ended
 *	visits SOCKET N	comes N times, says nothing and goes at once
 *
 * Ends with status 0, or 1 and a line that says what the guest did wrong.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proto/frame.h"
#include "proto/msg.h"

#define PATIENCE_MS 60000
#define GARBAGE 400000
#define FRAMES 1500

static uint64_t seed;

static unsigned next_random(void)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned) (seed >> 33);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

static _Noreturn void give_up(const char *what)
{
	printf("%s\n", what);
	exit(1);
}

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	if (connect(s, (void *) &a, sizeof(a)))
		give_up("cannot connect");
	return s;
}

/* A frame at the end of buf. */
static void add(uint8_t *buf, size_t *at, uint16_t type, uint32_t session, const void *payload, int size)
{
	struct frame_header h = { .size = (uint32_t) size, .type = type, .session = session };

	frame_header_encode(&h, buf + *at);
	memcpy(buf + *at + FRAME_HEADER_SIZE, payload, (size_t) size);
	*at += FRAME_HEADER_SIZE + (size_t) size;
}

static void add_hello(uint8_t *buf, size_t *at)
{
	struct msg_hello hello = { .version = PROTO_VERSION };
	uint8_t payload[PROTO_HELLO_SIZE];

	for (unsigned i = 0; i < sizeof(hello.nonce); i++)
		hello.nonce[i] = (uint8_t) next_random();
	msg_hello_encode(&hello, payload, sizeof(payload));
	add(buf, at, MSG_HELLO, 0, payload, sizeof(payload));
}

static void add_exec(uint8_t *buf, size_t *at, uint32_t session, const char *line, uint32_t flags)
{
	struct msg_exec m = { .flags = flags, .source = EXEC_PATH, .path = "/bin/busybox", .cwd = "", .grants = GRANTS_DEFAULT };
	uint8_t payload[1024], items[512], none[4];
	struct msg_list_builder b;
	int size;

	msg_list_start(&b, items, sizeof(items));
	msg_list_add_string(&b, "busybox");
	msg_list_add_string(&b, "sh");
	msg_list_add_string(&b, "-c");
	msg_list_add_string(&b, line);
	msg_list_finish(&b, &m.argv);
	msg_list_start(&b, none, sizeof(none));
	msg_list_finish(&b, &m.env);
	m.calls = m.symbols = m.env;
	size = msg_exec_encode(&m, payload, sizeof(payload));
	if (size < 0)
		give_up("exec: does not fit");
	add(buf, at, MSG_EXEC, session, payload, size);
}

static void add_push(uint8_t *buf, size_t *at, uint32_t session)
{
	struct msg_push m = { .kind = PUSH_FILE, .mode = 0100644, .size = 4, .path = "/tmp/pushed" };
	uint8_t payload[256];

	add(buf, at, MSG_PUSH, session, payload, msg_push_encode(&m, payload, sizeof(payload)));
	add(buf, at, MSG_STDIN, session, "abcd", 4);
	add(buf, at, MSG_END, session, "", 1);
}

/* Sends all, and takes in (and forgets) what comes: -1 when the guest took nothing for long. */
static int send_all(int s, const uint8_t *p, size_t n)
{
	uint8_t in[4096];

	while (n > 0) {
		struct pollfd f = { s, POLLIN | POLLOUT, 0 };
		ssize_t k;

		if (poll(&f, 1, PATIENCE_MS) != 1)
			return -1;
		if (f.revents & POLLIN && recv(s, in, sizeof(in), MSG_DONTWAIT) == 0)
			return -1;
		k = send(s, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (k < 0 && errno != EAGAIN)
			return -1;
		if (k > 0) {
			p += k;
			n -= (size_t) k;
		}
	}
	return 0;
}

/* Reads on until a frame of this type with this payload's start has come. */
static int wait_for(int s, uint16_t type, const uint8_t start[FRAME_NONCE_SIZE], uint32_t size)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct frame_sync sync;
	uint8_t in[4096];
	size_t used;

	frame_sync_init(&sync, type, size, start);
	while (now_ms() < end) {
		struct pollfd f = { s, POLLIN, 0 };
		ssize_t n;

		if (poll(&f, 1, 1000) != 1)
			continue;
		n = recv(s, in, sizeof(in), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return -1;
		if (n > 0 && frame_sync_feed(&sync, in, (size_t) n, &used))
			return 0;
	}
	return -1;
}

/* Says HELLO until it is answered, as it may fall into what the guest skips. */
static int greet(int s)
{
	for (int i = 0; i < 2; i++) {
		uint8_t buf[FRAME_HEADER_SIZE + PROTO_HELLO_SIZE];
		size_t at = 0;

		add_hello(buf, &at);
		if (send_all(s, buf, at))
			return -1;
		if (wait_for(s, MSG_HELLO_OK, buf + FRAME_HEADER_SIZE, PROTO_HELLO_SIZE) == 0)
			return 0;
	}
	return -1;
}

static void cut(const char *path, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i <= n; i++) {
		int s = connect_to(path);

		if (i && send_all(s, bytes, i))
			give_up("the guest takes no bytes");
		close(s);
	}
	puts("done");
}

static void garbage(const char *path)
{
	static uint8_t bytes[FRAME_PAYLOAD_MAX];
	int s = connect_to(path);

	for (size_t sent = 0; sent < GARBAGE; sent += sizeof(bytes)) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t) next_random();
		/* Impossible at once: the stream is lost here, and not after a frame that never ends. */
		memset(bytes, 0xff, FRAME_HEADER_SIZE);
		if ((sent & sizeof(bytes)) && greet(s))
			give_up("no HELLO_OK after garbage");
		if (send_all(s, bytes, sizeof(bytes)))
			give_up("garbage is not taken");
	}
	if (greet(s))
		give_up("no HELLO_OK after garbage");
}

static void random_frame(uint8_t *buf, size_t *at)
{
	static const uint16_t types[] = { MSG_STATS, MSG_PS, MSG_EVENTS, MSG_CLOSE, MSG_STDIN, MSG_END, MSG_WINDOW, MSG_SIGNAL,
					  MSG_WINSIZE, MSG_PUSH, MSG_PULL, MSG_LIST, MSG_EXEC, MSG_BPF, MSG_KILL, 999, MSG_ENTRY };
	uint32_t session = 1 + next_random() % 40;
	uint8_t payload[64];

	switch (next_random() % 8) {
	case 0:
		add_exec(buf, at, session, "echo hello; cat; sleep 3", EXEC_STDIN);
		break;
	case 1:
		add_push(buf, at, session);
		break;
	case 2:
		add(buf, at, MSG_PULL, session, payload, msg_string_encode("/proc/meminfo", payload, sizeof(payload)));
		break;
	case 3:
		add(buf, at, MSG_STATS + 2 * (next_random() & 1), session, payload, 0);
		break;
	case 4:
		add(buf, at, MSG_CLOSE, session, payload, 0);
		break;
	default:
		for (unsigned i = 0; i < sizeof(payload); i++)
			payload[i] = (uint8_t) next_random();
		add(buf, at, types[next_random() % (sizeof(types) / sizeof(types[0]))], session, payload,
		    (int) (next_random() % sizeof(payload)));
	}
}

static void frames(const char *path)
{
	uint8_t buf[4096];
	int s = connect_to(path);

	if (greet(s))
		give_up("no HELLO_OK");
	for (unsigned i = 0; i < FRAMES; i++) {
		size_t at = 0;

		random_frame(buf, &at);
		if (send_all(s, buf, at))
			give_up("frames are not taken");
	}
	if (greet(s))
		give_up("no answer after many frames");
}

static void deaf(const char *path)
{
	struct msg_window w = { STREAM_STDOUT, 0x7fffffff };
	static uint8_t buf[65536];
	uint8_t payload[16];
	int s = connect_to(path);
	size_t at = 0;

	add_hello(buf, &at);
	for (unsigned i = 1; i <= 3; i++) {
		add_exec(buf, &at, i, "yes", 0);
		add(buf, &at, MSG_WINDOW, i, payload, msg_window_encode(&w, payload, sizeof(payload)));
	}
	for (unsigned i = 0; i < 500; i++)
		add(buf, &at, MSG_STATS, 100 + i, payload, 0);
	/* It may be that not all is taken: a guest that cannot answer asks for no more. */
	send(s, buf, at, MSG_DONTWAIT | MSG_NOSIGNAL);
	pause();
}

static void deaf_shell(const char *path)
{
	static const char line[] = "yes\n";

	send(connect_to(path), line, sizeof(line) - 1, MSG_NOSIGNAL);
	pause();
}

/* Slow enough for QEMU, which accepts the next only when it has seen this one go. */
static void visits(const char *path, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int s = connect_to(path);

		usleep(30000);
		close(s);
		usleep(30000);
	}
}

int main(int argc, char **argv)
{
	static const char typed[] = "ls -l /host\necho \"half";
	uint8_t buf[2048];
	size_t at = 0;

	if (argc < 3)
		return 2;
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	if (!strcmp(argv[1], "cut")) {
		add_hello(buf, &at);
		add(buf, &at, MSG_STATS, 1, "", 0);
		add_exec(buf, &at, 2, "cat", EXEC_STDIN);
		add(buf, &at, MSG_STDIN, 2, "line\n", 5);
		add_push(buf, &at, 3);
		cut(argv[2], buf, at);
	} else if (!strcmp(argv[1], "cut-shell")) {
		cut(argv[2], (const uint8_t *) typed, sizeof(typed) - 1);
	} else if (!strcmp(argv[1], "garbage")) {
		garbage(argv[2]);
	} else if (!strcmp(argv[1], "frames")) {
		frames(argv[2]);
	} else if (!strcmp(argv[1], "deaf")) {
		deaf(argv[2]);
	} else if (!strcmp(argv[1], "deaf-shell")) {
		deaf_shell(argv[2]);
	} else if (!strcmp(argv[1], "visits")) {
		visits(argv[2], (unsigned) seed);
	} else {
		connect_to(argv[2]);
		pause();
	}
	return 0;
}
