/*
 * copy_pull.c: pulling from the guest, and where a copy goes. See copy.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/copy.h"
#include "host/copy_internal.h"
#include "host/request.h"
#include "host/util.h"

#define DEPTH_MAX	64

struct entry {
	uint32_t mode;
	uint64_t mtime_ns;
	char *name, *target;
};

struct listing {
	struct entry *entries;
	size_t count;
};

static void add_entry(const struct frame *frame, void *context)
{
	struct listing *l = context;
	struct msg_entry m;

	if (frame->header.type != MSG_ENTRY || msg_entry_decode(frame->payload, frame->header.size, &m) < 0)
		return;
	/* The guest chooses these names: none may lead out of the target folder. */
	if (!m.name[0] || strchr(m.name, '/') || strcmp(m.name, ".") == 0 || strcmp(m.name, "..") == 0)
		if (l->count != 0 || strcmp(m.name, "/") != 0)
			return;
	l->entries = xrealloc(l->entries, (l->count + 1) * sizeof(*l->entries));
	l->entries[l->count++] = (struct entry) { .mode = m.mode, .mtime_ns = m.mtime_ns, .name = xstrdup(m.name),
						  .target = xstrdup(m.target) };
}

static void listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->entries[i].name);
		free(l->entries[i].target);
	}
	free(l->entries);
}

static int list(struct client *c, const char *path, uint32_t flags, struct listing *ret_listing, char **ret_text)
{
	struct msg_path m = { .flags = flags, .path = path };
	uint8_t payload[PATH_MAX + 16];
	int r;

	*ret_listing = (struct listing) { 0 };
	r = request(c, MSG_LIST, payload, msg_path_encode(&m, payload, sizeof(payload)), add_entry, ret_listing,
		    ret_text);
	if (r < 0)
		listing_free(ret_listing);
	return r;
}

/* Mode of a path in the guest, or 0 if there is none. */
static uint32_t guest_mode(struct client *c, const char *path)
{
	struct listing l;
	char *text = NULL;
	uint32_t mode = 0;

	if (list(c, path, LIST_SELF, &l, &text) < 0) {
		free(text);
		return 0;
	}
	if (l.count > 0)
		mode = l.entries[0].mode;
	listing_free(&l);
	return mode;
}

/* The bytes of one PULL session into fd. */
static int pull_bytes(struct client *c, uint32_t session, int fd, char **ret_text)
{
	struct frame frame;
	int r;

	for (;;) {
		r = client_receive(c, -1, &frame);
		if (r < 0) {
			*ret_text = xstrdup("the guest is gone");
			return r;
		}
		if (frame.header.session != session)
			continue;
		if (frame.header.type == MSG_OK)
			return 0;
		if (frame.header.type == MSG_ERROR)
			return request_error(&frame, ret_text);
		if (frame.header.type == MSG_STDOUT) {
			struct msg_window window = { .stream = STREAM_STDOUT, .bytes = frame.header.size };
			uint8_t payload[8];

			r = write_all(fd, frame.payload, frame.header.size);
			if (r == 0 && frame.header.size > 0)
				r = client_send_encoded(c, MSG_WINDOW, session, payload,
							msg_window_encode(&window, payload, sizeof(payload)));
			if (r < 0) {
				*ret_text = xstrdup(strerror(-r));
				return r;
			}
		}
	}
}

static int pull_file(struct client *c, const char *from, const char *to, const struct entry *entry, char **ret_text)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW } };
	char *temp = xasprintf("%s.%ld.part", to, (long)getpid());
	uint32_t session = client_session(c);
	uint8_t payload[PATH_MAX + 16];
	int fd, r;

	/* A link of this name, which the guest may have sent before, is not followed. */
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode & 0777);
	r = fd < 0 ? -errno : 0;
	if (r == 0)
		r = client_send_encoded(c, MSG_PULL, session, payload,
					msg_string_encode(from, payload, sizeof(payload)));
	if (r < 0)
		*ret_text = xasprintf("%s: %s", to, strerror(-r));
	else
		r = pull_bytes(c, session, fd, ret_text);
	times[1].tv_sec = (time_t)(entry->mtime_ns / NS_PER_SEC);
	times[1].tv_nsec = (long)(entry->mtime_ns % NS_PER_SEC);
	if (r == 0)
		futimens(fd, times);
	if (fd >= 0)
		close(fd);
	if (r == 0 && rename(temp, to) < 0) {
		r = -errno;
		*ret_text = xasprintf("%s: %s", to, strerror(-r));
	}
	if (r < 0)
		unlink(temp);
	free(temp);
	return r;
}

static int pull_any(struct client *c, const char *from, const char *to, const struct entry *entry, int depth,
		    char **ret_text)
{
	struct listing l;
	struct stat st;
	int r;

	if (S_ISREG(entry->mode))
		return pull_file(c, from, to, entry, ret_text);
	if (S_ISLNK(entry->mode)) {
		unlink(to);
		r = symlink(entry->target, to) < 0 ? -errno : 0;
		if (r < 0)
			*ret_text = xasprintf("%s: %s", to, strerror(-r));
		return r;
	}
	if (!S_ISDIR(entry->mode)) {
		warn("%s: left out, it is neither a file, a folder nor a symbolic link", from);
		return 0;
	}
	if (depth > DEPTH_MAX) {
		*ret_text = xasprintf("%s: more than %d folders deep", from, DEPTH_MAX);
		return -ELOOP;
	}
	if (mkdir(to, 0777) < 0 && errno != EEXIST) {
		r = -errno;
		*ret_text = xasprintf("%s: %s", to, strerror(-r));
		return r;
	}
	/* A link that the guest has sent before must not lead out of the target folder; the user's own may. */
	if (depth > 0 && (lstat(to, &st) < 0 || !S_ISDIR(st.st_mode))) {
		*ret_text = xasprintf("%s: in the way, it is no folder", to);
		return -ENOTDIR;
	}
	r = list(c, from, 0, &l, ret_text);
	if (r < 0)
		return r;
	for (size_t i = 0; i < l.count && r == 0; i++) {
		char *a = xasprintf("%s/%s", strcmp(from, "/") == 0 ? "" : from, l.entries[i].name);
		char *b = xasprintf("%s/%s", to, l.entries[i].name);

		r = pull_any(c, a, b, &l.entries[i], depth + 1, ret_text);
		free(a);
		free(b);
	}
	listing_free(&l);
	return r;
}

/* The last component, without slashes at the end. The caller frees. */
static char *last_name(const char *path)
{
	size_t end = strlen(path);
	size_t start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	return xasprintf("%.*s", (int)(end - start), path + start);
}

/* Where `from` goes: into the folder `to` under its own name, or to `to` itself. The caller frees. */
static char *destination(const char *from, const char *to, bool to_is_folder)
{
	char *name = last_name(from);
	size_t len = strlen(to);
	char *path;

	if (to_is_folder && name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		path = xasprintf("%s%s%s", to, len > 0 && to[len - 1] == '/' ? "" : "/", name);
	else
		path = xstrdup(to);
	free(name);
	return path;
}

int copy_to_guest(struct client *c, const char *from, const char *to, char **ret_text)
{
	char *path = destination(from, to, S_ISDIR(guest_mode(c, to)));
	int r = copy_push_any(c, from, path, ret_text);

	free(path);
	return r;
}

int copy_from_guest(struct client *c, const char *from, const char *to, char **ret_text)
{
	struct listing self;
	struct stat st;
	char *path;
	int r = list(c, from, LIST_SELF, &self, ret_text);

	if (r < 0)
		return r;
	if (self.count == 0) {
		*ret_text = xasprintf("%s: the guest gave no answer", from);
		return -EPROTO;
	}
	path = destination(from, to, stat(to, &st) == 0 && S_ISDIR(st.st_mode));
	r = pull_any(c, from, path, &self.entries[0], 0, ret_text);
	free(path);
	listing_free(&self);
	return r;
}
