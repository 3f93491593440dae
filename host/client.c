/*
 * client.c: see client.h and docs/protocol.md, "Opening a connection".
 */
#include "host/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/audit.h"
#include "host/util.h"

#define OPEN_TIMEOUT_MS		10000
#define ANEW_MS			1200
#define TAKEN_MS		900	/* without an answer for so long: is the socket somebody else's? */
#define HELLO_INTERVAL_MS	500
#define LOCK_POLL_MS		20
#define BUSY_POLL_MS		100
#define READ_SIZE		65536
#define AHEAD_MAX		(64u << 20)	/* what a guest may say while it does not listen */
#define SEND_TIMEOUT_MS		60000	/* a guest that takes nothing for so long never will */

struct client {
	int fd;
	int lock;
	struct frame_parser parser;
	uint8_t frame[FRAME_MAX];
	uint8_t *in;		/* received, not yet parsed: [in_at, in_end) of in_room */
	size_t in_at, in_end, in_room;
	bool closed;		/* the socket is at its end */
	uint32_t features;
	uint32_t last_session;
};

int client_fd(const struct client *c)
{
	return c->fd;
}

uint32_t client_features(const struct client *c)
{
	return c->features;
}

uint32_t client_session(struct client *c)
{
	return ++c->last_session;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	close(c->fd);
	close(c->lock);
	free(c->in);
	free(c);
}

/* Takes in what the socket holds now. */
static void take_in(struct client *c)
{
	ssize_t n;

	if (c->in_at == c->in_end)
		c->in_at = c->in_end = 0;
	if (c->in_room - c->in_end < READ_SIZE) {
		if (c->in_end > c->in_at)
			memmove(c->in, c->in + c->in_at, c->in_end - c->in_at);
		c->in_end -= c->in_at;
		c->in_at = 0;
		if (c->in_room - c->in_end < READ_SIZE) {
			c->in_room = c->in_end + READ_SIZE;
			c->in = xrealloc(c->in, c->in_room);
		}
	}
	n = recv(c->fd, c->in + c->in_end, c->in_room - c->in_end, MSG_DONTWAIT);
	if (n > 0)
		c->in_end += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->closed = true;
}

static int send_bytes(struct client *c, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		struct pollfd p = { .fd = c->fd, .events = (short)(POLLOUT | (c->closed ? 0 : POLLIN)) };
		int ready = poll(&p, 1, SEND_TIMEOUT_MS);
		ssize_t n;

		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready == 0)
			return -ETIMEDOUT;
		if (c->in_end - c->in_at > AHEAD_MAX)
			return -EPROTO;
		if (p.revents & POLLIN)
			take_in(c);
		n = send(c->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return -ECONNRESET;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

int client_send(struct client *c, uint16_t type, uint32_t session, const void *payload, size_t size)
{
	struct frame_header header = { .size = (uint32_t)size, .type = type, .session = session };
	uint8_t bytes[FRAME_MAX];

	if (size > FRAME_PAYLOAD_MAX)
		return -EMSGSIZE;
	frame_header_encode(&header, bytes);
	if (size > 0)
		memcpy(bytes + FRAME_HEADER_SIZE, payload, size);
	return send_bytes(c, bytes, FRAME_HEADER_SIZE + size);
}

int client_send_encoded(struct client *c, uint16_t type, uint32_t session, const void *payload, int size)
{
	return size < 0 ? size : client_send(c, type, session, payload, (size_t)size);
}

int client_receive(struct client *c, int timeout_ms, struct frame *ret_frame)
{
	uint64_t start = monotonic_ns();

	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int left = timeout_ms;

		while (c->in_at < c->in_end) {
			size_t used;
			int r = frame_feed(&c->parser, c->in + c->in_at, c->in_end - c->in_at, &used, ret_frame);

			if (r < 0)
				return r;
			c->in_at += used;
			/* A HELLO_OK to a repeated HELLO comes late. */
			if (r > 0 && ret_frame->header.type != MSG_HELLO_OK && ret_frame->header.type != MSG_NOP)
				return 1;
		}
		if (c->closed)
			return -ECONNRESET;
		if (timeout_ms > 0) {
			uint64_t passed = (monotonic_ns() - start) / NS_PER_MS;

			left = passed >= (uint64_t)timeout_ms ? 0 : timeout_ms - (int)passed;
		}
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return -errno;
		if (p.revents == 0) {
			if (left == 0)
				return 0;
			continue;
		}
		take_in(c);
	}
}

/* Takes the lock of a free port, of `first` if it can be. Returns its number, -EAGAIN if all are taken, or another
 * errno. */
static int take_port(const struct vm *vm, unsigned first, int *ret_lock)
{
	int r = -EAGAIN;

	for (unsigned i = 0; i < PROTO_PORTS_MAX; i++) {
		unsigned port = (first + i) % PROTO_PORTS_MAX;
		char file[32];

		snprintf(file, sizeof(file), "ctl.%u.lock", port);
		r = vm_lock(vm, file);
		if (r >= 0) {
			*ret_lock = r;
			return (int)port;
		}
		if (r != -EAGAIN)
			break;
	}
	return r;
}

/*
 * Whether a client that knows nothing of our locks has the socket: QEMU accepts one at a time, and the others queue
 * behind it. unix(7), proc(5): /proc/net/unix has a line for each socket; the state, the 6th word, is 3 for one that is
 * connected and 2 for one that is not yet accepted. Without such a file the answer is no.
 */
static bool taken(const char *path)
{
	bool connected = false, waiting = false;
	char line[PATH_MAX + 128], *at;
	FILE *f = fopen("/proc/net/unix", "re");
	unsigned state;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		at = strchr(line, '/');
		if (!at || strcmp(at, path) || sscanf(line, "%*s %*s %*s %*s %*s %x", &state) != 1)
			continue;
		connected |= state == 3;
		waiting |= state == 2;
	}
	fclose(f);
	return connected && waiting;
}

/*
 * Says HELLO and skips to the HELLO_OK that answers it. Returns 0, -ETIMEDOUT, -ECONNRESET, or -EBUSY if somebody else
 * has the socket.
 *
 * Without an answer it connects anew from time to time: QEMU (7.2, hw/char/virtio-console.c, flush_buf()) that notices
 * only while it writes that the client before us is gone, stops the port's output for good, until it is closed once
 * more.
 */
static int synchronize(struct client *c, const char *path, uint64_t deadline_ns)
{
	struct msg_hello hello = { .version = PROTO_VERSION };
	struct frame_sync sync;
	uint8_t payload[PROTO_HELLO_SIZE];
	uint64_t next_hello = 0, anew_ns = ANEW_MS * NS_PER_MS, anew = monotonic_ns() + anew_ns;
	uint64_t look = monotonic_ns() + TAKEN_MS * NS_PER_MS;

	random_bytes(hello.nonce, sizeof(hello.nonce));
	frame_sync_init(&sync, MSG_HELLO_OK, PROTO_HELLO_SIZE, hello.nonce);
	msg_hello_encode(&hello, payload, sizeof(payload));
	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		uint64_t now = monotonic_ns();

		if (now >= deadline_ns)
			return taken(path) ? -EBUSY : -ETIMEDOUT;
		if (now >= look) {
			if (taken(path))
				return -EBUSY;
			look += TAKEN_MS * NS_PER_MS;
		}
		if (now >= anew) {
			close(c->fd);
			c->fd = unix_connect(path);
			if (c->fd < 0)
				return c->fd == -EAGAIN ? -EBUSY : c->fd;
			c->in_at = c->in_end = 0;
			next_hello = 0;
			anew_ns *= 2;
			anew = now + anew_ns;
		}
		if (now >= next_hello) {
			if (client_send(c, MSG_HELLO, 0, payload, sizeof(payload)) < 0)
				return -ECONNRESET;
			next_hello = now + HELLO_INTERVAL_MS * NS_PER_MS;
		}
		poll(&p, 1, 50);
		if (p.revents)
			take_in(c);
		while (c->in_at < c->in_end) {
			size_t used;
			int found = frame_sync_feed(&sync, c->in + c->in_at, c->in_end - c->in_at, &used);

			c->in_at += used;
			if (found)
				goto in_step;
		}
		if (c->closed)
			return -ECONNRESET;
	}

in_step:
	/* The rest of the payload follows; it was sent in one piece, so it is not long in coming. */
	while (c->in_end - c->in_at < PROTO_HELLO_SIZE - FRAME_NONCE_SIZE) {
		poll(&(struct pollfd) { .fd = c->fd, .events = POLLIN }, 1, 100);
		take_in(c);
		if (c->closed || monotonic_ns() >= deadline_ns)
			return -ECONNRESET;
	}
	memcpy(payload, hello.nonce, FRAME_NONCE_SIZE);
	memcpy(payload + FRAME_NONCE_SIZE, c->in + c->in_at, PROTO_HELLO_SIZE - FRAME_NONCE_SIZE);
	c->in_at += PROTO_HELLO_SIZE - FRAME_NONCE_SIZE;
	msg_hello_decode(payload, sizeof(payload), &hello);
	c->features = hello.features;
	return hello.version >= 1 ? 0 : -EPROTO;
}

/* Tries one port. Returns as synchronize() does. */
static int open_port(struct client *c, const struct vm *vm, int port, uint64_t deadline_ns)
{
	char file[32], *path;
	int r;

	snprintf(file, sizeof(file), "ctl.%d.sock", port);
	path = vm_socket(vm, file);
	frame_parser_init(&c->parser, c->frame);
	c->in_at = c->in_end = 0;
	c->closed = false;
	r = c->fd = unix_connect(path);
	if (r >= 0)
		r = synchronize(c, path, deadline_ns);
	else if (r == -EAGAIN)
		r = -EBUSY;	/* so many wait for it that QEMU's queue is full */
	if (r < 0 && c->fd >= 0)
		close(c->fd);
	free(path);
	return r;
}

static char *why_not(const struct vm *vm, int r)
{
	switch (r) {
	case -EAGAIN:
	case -EBUSY:
		return xasprintf("all %u control connections of '%s' are in use; "
				 "try again when one of its clients has ended", PROTO_PORTS_MAX, vm->name);
	case -ETIMEDOUT:
		return xasprintf("'%s' does not answer on its control port "
				 "(an image linked with -fno-overlay has none)", vm->name);
	case -ECONNRESET:
	case -EPROTO:
		return xasprintf("'%s' closed its control port: %s", vm->name, strerror(-r));
	default:
		return xasprintf("'%s' is gone: %s", vm->name, strerror(-r));
	}
}

int client_open(const struct vm *vm, int timeout_ms, struct client **ret_client, char **ret_text)
{
	uint64_t deadline = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
	struct client *c = xcalloc(1, sizeof(*c));
	unsigned first = 0;
	int r;

	do {
		r = take_port(vm, first, &c->lock);
		if (r == -EAGAIN)
			sleep_ms(LOCK_POLL_MS);
		if (r < 0)
			continue;
		first = (unsigned)r + 1;
		r = open_port(c, vm, r, deadline);
		if (r >= 0) {
			*ret_client = c;
			return 0;
		}
		close(c->lock);
		if (r == -EBUSY)
			sleep_ms(BUSY_POLL_MS);
	} while ((r == -EAGAIN || r == -EBUSY) && monotonic_ns() < deadline);
	*ret_text = why_not(vm, r);
	free(c->in);
	free(c);
	return r;
}

struct client *client_get(const struct vm *vm)
{
	struct client *c;
	char *text;

	if (client_open(vm, OPEN_TIMEOUT_MS, &c, &text) < 0)
		die(125, "%s", text);
	audit_note(vm, "connect", NULL);
	return c;
}
