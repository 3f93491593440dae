/*
 * copy.c: pushing to the guest. See copy.h; the other way is in copy_pull.c.
 */
#include "host/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/copy_internal.h"
#include "host/request.h"
#include "host/util.h"

int copy_hash(const char *path, uint8_t digest[SHA256_SIZE], uint64_t *ret_size)
{
	char buf[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sha256 sha;
	uint64_t size = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	sha256_init(&sha);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		sha256_update(&sha, buf, (size_t)n);
		size += (uint64_t)n;
	}
	n = n < 0 ? -errno : 0;
	close(fd);
	if (n < 0)
		return (int)n;
	sha256_final(&sha, digest);
	*ret_size = size;
	return 0;
}

/* Waits for the answer or for window. Returns 1 when the session ended well, 0 to go on, or a negative errno. */
static int push_answer(struct client *c, uint32_t session, int timeout_ms, uint64_t *window, char **ret_text)
{
	struct frame frame;
	struct msg_window more;
	int r = client_receive(c, timeout_ms, &frame);

	if (r < 0) {
		*ret_text = xstrdup("the guest is gone");
		return r;
	}
	if (r == 0 || frame.header.session != session)
		return 0;
	if (frame.header.type == MSG_OK)
		return 1;
	if (frame.header.type == MSG_ERROR)
		return request_error(&frame, ret_text);
	if (frame.header.type == MSG_WINDOW && msg_window_decode(frame.payload, frame.header.size, &more) == 0)
		*window += more.bytes;
	return 0;
}

/* The bytes come from fd, or from memory when fd is -1. */
static int push(struct client *c, const struct msg_push *m, int fd, const char *memory, char **ret_text)
{
	uint8_t payload[FRAME_PAYLOAD_MAX], stream = STREAM_STDIN;
	uint32_t session = client_session(c);
	uint64_t window = PROTO_WINDOW_START, left = m->size;
	int r = client_send_encoded(c, MSG_PUSH, session, payload, msg_push_encode(m, payload, sizeof(payload)));

	while (r >= 0 && left > 0) {
		size_t n = left < sizeof(payload) ? left : sizeof(payload);
		ssize_t got;

		/* Wait only when nothing may be sent; but always notice an ERROR early. */
		r = push_answer(c, session, window == 0 ? -1 : 0, &window, ret_text);
		if (r != 0)
			return r < 0 ? r : 0;
		if (window == 0)
			continue;
		if (n > window)
			n = window;
		if (fd < 0) {
			memcpy(payload, memory + (m->size - left), n);
			got = (ssize_t)n;
		} else {
			got = read(fd, payload, n);
		}
		if (got <= 0) {
			*ret_text = xasprintf("%s: the file became shorter while it was read", m->path);
			return -EIO;
		}
		r = client_send(c, MSG_STDIN, session, payload, (size_t)got);
		left -= (uint64_t)got;
		window -= (uint64_t)got;
	}
	if (r >= 0)
		r = client_send(c, MSG_END, session, &stream, 1);
	while (r == 0)
		r = push_answer(c, session, -1, &window, ret_text);
	if (r < 0 && !*ret_text)
		*ret_text = xasprintf("%s: %s", m->path, strerror(-r));
	return r < 0 ? r : 0;
}

static int push_file(struct client *c, struct msg_push *m, const char *path, char **ret_text)
{
	int fd, r = copy_hash(path, m->sha256, &m->size);

	*ret_text = NULL;
	if (r < 0) {
		*ret_text = xasprintf("%s: %s", path, strerror(-r));
		return r;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		*ret_text = xasprintf("%s: %s", path, strerror(errno));
		return -errno;
	}
	r = push(c, m, fd, NULL, ret_text);
	close(fd);
	return r;
}

int copy_push_program(struct client *c, const char *path, char **ret_text)
{
	const char *slash = strrchr(path, '/');
	struct msg_push m = { .kind = PUSH_PROGRAM, .mode = S_IFREG | 0755, .path = slash ? slash + 1 : path };

	return push_file(c, &m, path, ret_text);
}

static int push_memory(struct client *c, struct msg_push *m, const char *bytes, size_t size, char **ret_text)
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, bytes, size);
	sha256_final(&sha, m->sha256);
	m->size = size;
	*ret_text = NULL;
	return push(c, m, -1, bytes, ret_text);
}

static int push_tree(struct client *c, const char *from, const char *to, char **ret_text)
{
	DIR *dir = opendir(from);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		r = -errno;
		*ret_text = xasprintf("%s: %s", from, strerror(-r));
		return r;
	}
	while (r == 0 && (e = readdir(dir))) {
		char *a, *b;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		a = xasprintf("%s/%s", from, e->d_name);
		b = xasprintf("%s/%s", to, e->d_name);
		r = copy_push_any(c, a, b, ret_text);
		free(a);
		free(b);
	}
	closedir(dir);
	return r;
}

int copy_push_any(struct client *c, const char *from, const char *to, char **ret_text)
{
	char target[PATH_MAX];
	struct msg_push m = { .kind = PUSH_FILE, .path = to };
	struct stat st;
	ssize_t n;
	int r;

	if (lstat(from, &st) < 0) {
		r = -errno;
		*ret_text = xasprintf("%s: %s", from, strerror(-r));
		return r;
	}
	m.mode = st.st_mode;
	m.mtime_ns = (uint64_t)st.st_mtim.tv_sec * NS_PER_SEC + (uint64_t)st.st_mtim.tv_nsec;
	if (S_ISREG(st.st_mode))
		return push_file(c, &m, from, ret_text);
	if (S_ISDIR(st.st_mode)) {
		r = push_memory(c, &m, "", 0, ret_text);
		return r < 0 ? r : push_tree(c, from, to, ret_text);
	}
	if (S_ISLNK(st.st_mode) && (n = readlink(from, target, sizeof(target))) > 0)
		return push_memory(c, &m, target, (size_t)n, ret_text);
	*ret_text = xasprintf("%s: neither a file, a folder nor a symbolic link", from);
	return -EINVAL;
}
