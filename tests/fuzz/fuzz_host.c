/*
 * fuzz_host.c: the host's side of a control connection with a guest that has been taken over: whatever it answers, uio's
 * requests come to an end, and `uio cp` changes nothing outside of its target. The input chooses a request and says what
 * the guest has sent: frames of good and bad messages.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/bpf.h"
#include "host/bpf_image.h"
#include "host/copy.h"
#include "host/exec.h"
#include "host/request.h"
#include "host/stats.h"
#include "host/util.h"

/* All is said beforehand, and nobody reads: where the client would wait, the time for it is over. */
static int poll_at_once(struct pollfd *p, nfds_t n, int ms)
{
	return poll(p, n, 0);
}

/* Its structure is its own. */
#define poll poll_at_once
#include "host/client.c"
#undef poll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static char work[64], outside[80], target[80], object[80];
static int offered = -1; /* the connection of a request that opens one itself */
static uint8_t sent[180000];

static uint32_t take(struct input *in, unsigned bytes)
{
	uint32_t v = 0;

	while (bytes-- && in->left) {
		v = v << 8 | *in->at++;
		in->left--;
	}
	return v;
}

/* What the client's functions ask of the rest of the host. */
char *vm_socket(const struct vm *vm, const char *file)
{
	return xstrdup(file);
}

int vm_lock(const struct vm *vm, const char *file)
{
	return offered < 0 ? -EAGAIN : dup(offered);
}

int unix_connect(const char *path)
{
	return offered < 0 ? -ENOENT : dup(offered);
}

void audit_note(const struct vm *vm, const char *event, ...)
{
}

const char *vm_string(const struct vm *vm, const char *key)
{
	return "/nowhere/image";
}

char *bpf_image_types(const struct vm *vm)
{
	return xstrdup(object);
}

int bpf_image_add(const struct vm *vm, const char *object, struct msg_list_builder *list, char **ret_text)
{
	return 0;
}

static const char *string(struct input *in)
{
	static char made[4][300];
	static unsigned next;
	static const char *const usual[] = { "a", "b", "..", ".", "a/b", "", "/", "cpu_ns", "memory_bytes", "name", "ready", outside };
	unsigned n = take(in, 1), len = 0;
	char *to = made[next++ % 4];

	if (n < 200)
		return usual[n % (sizeof(usual) / sizeof(usual[0]))];
	while (in->left && *in->at && len < 290)
		to[len++] = (char)take(in, 1);
	take(in, 1);
	to[len] = '\0';
	return to;
}

static int message(struct input *in, uint8_t *to, size_t room, uint16_t *ret_type)
{
	static const uint32_t modes[] = { 0100644, 0040755, 0120777, 0010644 };
	uint8_t list[600];
	struct msg_list_builder b;
	struct msg_list values;
	unsigned kind = take(in, 1), count = take(in, 1) % 6;

	msg_list_start(&b, list, sizeof(list));
	switch (kind % 12) {
	case 0: {
		struct msg_stats_row m = { .subject = (uint8_t)(take(in, 1) & 3), .pid = take(in, 1), .name = string(in) };

		while (count--)
			msg_list_add_number(&b, string(in), (uint64_t)take(in, 4) << 32);
		msg_list_finish(&b, &m.values);
		*ret_type = MSG_STATS_ROW;
		return msg_stats_row_encode(&m, to, room);
	}
	case 1: {
		struct msg_ps_row m = { .pid = take(in, 1), .state = (uint8_t)take(in, 1), .grants = take(in, 2), .cpu_ns = UINT64_MAX,
					.name = string(in), .command = string(in) };

		*ret_type = MSG_PS_ROW;
		return msg_ps_row_encode(&m, to, room);
	}
	case 2:
	case 3: {
		struct msg_entry m = { .mode = modes[take(in, 1) & 3], .mtime_ns = take(in, 4), .name = string(in), .target = string(in) };

		*ret_type = MSG_ENTRY;
		return msg_entry_encode(&m, to, room);
	}
	case 4: {
		struct msg_error m = { .error = take(in, kind & 16 ? 4 : 1), .text = string(in) };

		*ret_type = MSG_ERROR;
		return msg_error_encode(&m, to, room);
	}
	case 5: {
		struct msg_event m = { .name = string(in) };

		while (count--)
			msg_list_add_pair(&b, string(in), string(in));
		msg_list_finish(&b, &m.values);
		*ret_type = kind & 16 ? MSG_EVENT : MSG_BPF_ROW;
		return msg_event_encode(&m, to, room);
	}
	case 6: {
		struct msg_exit m = { .status = take(in, 2), .reason = (uint8_t)(take(in, 1) % 6), .report = string(in) };

		*ret_type = MSG_EXIT;
		return msg_exit_encode(&m, to, room);
	}
	case 7: {
		if (kind & 128) { /* a file that the host has, or nobody's */
			uint8_t digest[SHA256_SIZE] = { 0 };
			uint64_t bytes;

			if (count)
				copy_hash(object, digest, &bytes);
			*ret_type = MSG_NEED;
			memcpy(to, digest, sizeof(digest));
			return sizeof(digest);
		}
		struct msg_window m = { .stream = (uint8_t)(take(in, 1) & 3), .bytes = take(in, 4) };

		*ret_type = MSG_WINDOW;
		return msg_window_encode(&m, to, room);
	}
	case 8:
	case 9:
		*ret_type = MSG_OK;
		return 0;
	case 10:
		*ret_type = MSG_STARTED;
		return msg_u32_encode(take(in, 1), to, room);
	default: { /* any type, with the input's bytes */
		static const uint16_t types[] = { MSG_STDOUT, MSG_STDERR, MSG_END, MSG_NEED, MSG_OK, MSG_ENTRY, MSG_ERROR, MSG_EXIT,
						  MSG_STATS_ROW, MSG_BPF_ROW };
		int n = 0;

		*ret_type = types[take(in, 1) % 10];
		for (count = take(in, 1); count && in->left; count--)
			to[n++] = (uint8_t)take(in, 1);
		return n;
	}
	}
	(void)values;
}

/* Everything that the guest will ever say, in the socket's buffer before the client asks. */
static void say(struct input *in, int fd)
{
	size_t used = 0;
	uint32_t session = 1;

	while (in->left && used < sizeof(sent) - 3000) {
		struct frame_header h = { .session = session };
		int n = message(in, sent + used + FRAME_HEADER_SIZE, 2000, &h.type);
		unsigned how = take(in, 1);

		if (n < 0)
			continue;
		h.size = (uint32_t)n + (how == 0xff);
		if ((how & 0xf0) == 0xe0)
			h.session = how & 15;
		frame_header_encode(&h, sent + used);
		used += FRAME_HEADER_SIZE + (size_t)n;
		if (h.type == MSG_OK || h.type == MSG_ERROR || h.type == MSG_NEED)
			session++; /* the next request's */
	}
	if (write(fd, sent, used) < 0)
		abort();
	shutdown(fd, SHUT_WR);
}

static void remove_all(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	struct dirent *e;
	DIR *d;

	if (fd >= 0 && (d = fdopendir(fd))) {
		while ((e = readdir(d)))
			if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
				remove_all(fd, e->d_name);
		closedir(d);
	}
	if (unlinkat(dir, name, 0) < 0)
		unlinkat(dir, name, AT_REMOVEDIR);
}

static void prepare(void)
{
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	snprintf(work, sizeof(work), "%s/uio-fuzz-%d", tmp, (int)getpid());
	snprintf(outside, sizeof(outside), "%s/outside", work);
	snprintf(target, sizeof(target), "%s/target", work);
	snprintf(object, sizeof(object), "%s/object", work);
	mkdir(work, 0700);
	mkdir(outside, 0700);
	close(open(object, O_CREAT | O_WRONLY, 0600));
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "r", stdin))
		abort();
}

/* `outside` is as it was, and in `work` there is nothing but the two folders and the object. */
static void must_be_untouched(void)
{
	static const char *const known[] = { ".", "..", "outside", "target", "object" };
	struct dirent *e;
	DIR *d = opendir(work);
	struct stat st;

	while ((e = readdir(d))) {
		bool good = false;

		for (size_t i = 0; i < 5; i++)
			good |= strcmp(e->d_name, known[i]) == 0;
		if (!good) {
			fprintf(stderr, "%s was written\n", e->d_name);
			abort();
		}
	}
	closedir(d);
	d = opendir(outside);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			fprintf(stderr, "outside/%s was written\n", e->d_name);
			abort();
		}
	closedir(d);
	if (stat(outside, &st) < 0 || (st.st_mode & 0777) != 0700)
		abort();
}

static void bpf_row_seen(const struct msg_event *row, void *context)
{
	uint8_t bytes[16];

	bpf_number(row, "cpu_ns");
	bpf_bytes(bpf_text(row, "name"), bytes, sizeof(bytes));
}

static void bpf_other_seen(uint32_t session, const struct msg_event *row, void *context)
{
	bpf_row_seen(row, context);
}

static void ask(struct client *c, unsigned how)
{
	static const struct vm vm = { 0 };
	struct bpf_call call = { .client = c, .vm = &vm, .other = how & 64 ? bpf_other_seen : NULL };
	struct msg_exec exec = { .path = "a", .cwd = "", .argv = { (const uint8_t *)"\1\0a\0", 4, 1 } };
	struct exec_result result = { 0 };
	char *text = NULL;
	cJSON *rows = NULL;

	switch (how % 8) {
	case 0:
		stats_get(c, &rows, &text);
		break;
	case 1:
		if (how & 32) {
			offered = c->fd;
			request_kill(&vm, how, 9, 0, &text);
			offered = -1;
		} else {
			processes_get(c, &rows, &text);
		}
		break;
	case 2:
	case 3:
	case 4:
		copy_from_guest(c, "/a", target, &text);
		break;
	case 5:
		copy_to_guest(c, "/etc/hostname", "/tmp", &text);
		break;
	case 6:
		if (how & 32)
			bpf_request(&call, bpf_row_seen, NULL, &text, "load", "object", bpf_hash(&call, object), "pin", NULL, NULL);
		else
			bpf_request(&call, bpf_row_seen, NULL, &text, "list", NULL);
		break;
	default:
		exec_run(c, &exec, &result);
		free(result.text);
		free(result.report);
	}
	if (rows)
		free(cJSON_Print(rows));
	cJSON_Delete(rows);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned how = take(&in, 1);
	struct client *c = xcalloc(1, sizeof(*c));
	int pair[2];

	if (!work[0])
		prepare();
	if (how & 16)
		mkdir(target, 0700);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		abort();
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int));
	say(&in, pair[1]);
	c->fd = pair[0];
	c->lock = dup(pair[1]); /* closed with it */
	frame_parser_init(&c->parser, c->frame);
	ask(c, how);
	close(pair[1]);
	client_close(c);
	must_be_untouched();
	remove_all(AT_FDCWD, target);
	return 0;
}
