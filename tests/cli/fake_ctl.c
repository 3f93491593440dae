/*
 * fake_ctl.c: the guest's side of a control connection, for tests: sessions that run programs on the host, push, pull
 * and list in $FAKE_ROOT. See fake.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sha256.h"
#include "proto/grants.h"
#include "proto/msg.h"
#include "tests/cli/fake.h"

#define SESSIONS	16

struct session {
	struct port *port;	/* NULL: free */
	uint32_t id;
	pid_t pid;		/* EXEC */
	int in, out, err;	/* pipes of the program; in: also the file of a PUSH */
	uint64_t window[3];
	uint64_t deadline;	/* 0: none; in polls */
	bool timed_out;
	bool is_push;
	struct sha256 sha;
	uint64_t size;
	struct msg_push push;
	char path[600];
};

static struct session sessions[SESSIONS];
static uint8_t out[FRAME_PAYLOAD_MAX];
static uint64_t polls;

static void send_frame(struct port *port, uint16_t type, uint32_t session, const void *payload, int size)
{
	struct frame_header header = { .size = (uint32_t)size, .type = type, .session = session };
	uint8_t bytes[FRAME_MAX];
	size_t at = 0, total = FRAME_HEADER_SIZE + (size_t)size;

	if (size < 0 || port->client < 0)
		return;
	frame_header_encode(&header, bytes);
	if (size > 0)
		memcpy(bytes + FRAME_HEADER_SIZE, payload, (size_t)size);
	while (at < total) {
		ssize_t n = send(port->client, bytes + at, total - at, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

static void send_error(struct port *port, uint32_t session, int error, const char *text)
{
	struct msg_error m = { .error = (uint32_t)error, .text = text };

	send_frame(port, MSG_ERROR, session, out, msg_error_encode(&m, out, sizeof(out)));
}

static void session_end(struct session *s)
{
	if (s->pid > 0)
		kill(s->pid, SIGKILL);
	if (s->pid > 0)
		waitpid(s->pid, NULL, 0);
	if (s->in >= 0)
		close(s->in);
	if (s->out >= 0)
		close(s->out);
	if (s->err >= 0)
		close(s->err);
	s->port = NULL;
}

void ctl_reset(struct port *port)
{
	for (size_t i = 0; i < SESSIONS; i++)
		if (sessions[i].port == port)
			session_end(&sessions[i]);
}

static struct session *session_find(struct port *port, uint32_t id)
{
	for (size_t i = 0; i < SESSIONS; i++)
		if (sessions[i].port == port && sessions[i].id == id)
			return &sessions[i];
	return NULL;
}

static struct session *session_new(struct port *port, uint32_t id)
{
	for (size_t i = 0; i < SESSIONS; i++) {
		if (sessions[i].port)
			continue;
		sessions[i] = (struct session) { .port = port, .id = id, .in = -1, .out = -1, .err = -1,
						 .window = { 0, PROTO_WINDOW_START, PROTO_WINDOW_START } };
		return &sessions[i];
	}
	return NULL;
}

static void root_path(char *to, size_t size, const char *path)
{
	snprintf(to, size, "%s/%s", getenv("FAKE_ROOT"), path);
}

static void program_path(char *to, size_t size, const uint8_t sha256[32])
{
	char hex[65];

	sha256_hex(sha256, hex);
	snprintf(to, size, "%s/.programs/%s", getenv("FAKE_ROOT"), hex);
}

/* What the tests look at: grants, limits and bindings of an EXEC, as text. */
static void describe(const struct msg_exec *m, int fd)
{
	struct msg_symbol symbol;
	const char *name;
	struct msg_iter it;
	char grants[64];

	grants_format(m->grants, grants, sizeof(grants));
	dprintf(fd, "grants=%s cpu=%u memory=%llu timeout=%llu\n", grants, m->cpu_per_mille,
		(unsigned long long)m->memory_bytes, (unsigned long long)m->timeout_ns);
	msg_iter_start(&it, &m->calls);
	while (msg_next_string(&it, &name))
		dprintf(fd, "call=%s\n", name);
	msg_iter_start(&it, &m->symbols);
	while (msg_next_symbol(&it, &symbol))
		dprintf(fd, "symbol=%s address=%#llx size=%llu\n", symbol.name, (unsigned long long)symbol.address,
			(unsigned long long)symbol.size);
	msg_iter_start(&it, &m->env);
	while (msg_next_string(&it, &name))
		dprintf(fd, "env=%s\n", name);
}

static _Noreturn void child(const struct msg_exec *m, const char *path, const int *in, const int *outp, const int *errp)
{
	char *argv[64] = { 0 };
	struct msg_iter it;
	const char *word;
	size_t n = 0;

	dup2(in[0], 0);
	dup2(outp[1], 1);
	dup2(m->flags & EXEC_TTY ? outp[1] : errp[1], 2);
	msg_iter_start(&it, &m->argv);
	while (n < 63 && msg_next_string(&it, &word))
		argv[n++] = (char *)word;
	signal(SIGPIPE, SIG_DFL);
	if (strcmp(argv[0], "describe") == 0) {
		describe(m, 1);
		_exit(0);
	}
	if (chdir(getenv("FAKE_ROOT")) == 0)
		execv(path, argv);
	_exit(99);
}

static void start(struct session *s, const struct msg_exec *m, const char *path)
{
	int in[2], outp[2], errp[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(outp, O_CLOEXEC) < 0 || pipe2(errp, O_CLOEXEC) < 0)
		abort();
	s->pid = fork();
	if (s->pid == 0)
		child(m, path, in, outp, errp);
	close(in[0]);
	close(outp[1]);
	close(errp[1]);
	s->in = in[1];
	s->out = outp[0];
	s->err = errp[0];
	if (!(m->flags & EXEC_STDIN)) {
		close(s->in);
		s->in = -1;
	}
	if (m->timeout_ns)
		s->deadline = polls + 1 + m->timeout_ns / 20000000;
	send_frame(s->port, MSG_STARTED, s->id, out, msg_u32_encode((uint32_t)s->pid, out, sizeof(out)));
}

static void on_exec(struct port *port, const struct frame *frame)
{
	uint32_t id = frame->header.session;
	struct session *s;
	struct msg_exec m;
	char path[600];

	if (msg_exec_decode(frame->payload, frame->header.size, &m) < 0) {
		send_error(port, id, EBADMSG, "EXEC: malformed");
		return;
	}
	if (strcmp(m.path, "fault") == 0) {
		struct msg_exit e = { .status = 11, .reason = EXIT_FAULT,
				      .report = "fault: write to 0x40001004: no grant write\nrip 0x40001000" };

		send_frame(port, MSG_STARTED, id, out, msg_u32_encode(7, out, sizeof(out)));
		send_frame(port, MSG_EXIT, id, out, msg_exit_encode(&e, out, sizeof(out)));
		return;
	}
	if (m.source == EXEC_HASH)
		program_path(path, sizeof(path), m.sha256);
	else
		root_path(path, sizeof(path), m.path);
	if (strcmp(m.path, "describe") != 0 && access(path, F_OK) < 0) {
		if (m.source == EXEC_HASH)
			send_frame(port, MSG_NEED, id, m.sha256, 32);
		else
			send_error(port, id, ENOENT, "not found");
		return;
	}
	if (strcmp(m.path, "describe") != 0 && access(path, X_OK) < 0) {
		send_error(port, id, ENOEXEC, "not a program");
		return;
	}
	s = session_new(port, id);
	if (s)
		start(s, &m, path);
	else
		send_error(port, id, EAGAIN, "too many sessions");
}

static void on_push(struct port *port, const struct frame *frame)
{
	uint32_t id = frame->header.session;
	struct session *s = session_new(port, id);
	struct msg_push m;
	char path[600];

	if (!s || msg_push_decode(frame->payload, frame->header.size, &m) < 0) {
		send_error(port, id, EBADMSG, "PUSH: malformed");
		return;
	}
	s->is_push = true;
	s->push = m;
	s->push.path = NULL;
	sha256_init(&s->sha);
	if (m.kind == PUSH_PROGRAM) {
		root_path(path, sizeof(path), ".programs");
		mkdir(path, 0700);
		program_path(path, sizeof(path), m.sha256);
	} else {
		root_path(path, sizeof(path), m.path);
	}
	snprintf(s->path, sizeof(s->path), "%s", path);
	if (S_ISDIR(m.mode)) {
		mkdir(path, 0700);
		return;
	}
	s->in = open(path, O_WRONLY | O_CREAT | O_TRUNC, m.mode & 0777);
	if (s->in < 0) {
		send_error(port, id, errno, strerror(errno));
		session_end(s);
	}
}

static void push_end(struct session *s)
{
	uint8_t digest[32];

	sha256_final(&s->sha, digest);
	if (memcmp(digest, s->push.sha256, 32) != 0 || s->size != s->push.size) {
		unlink(s->path);
		send_error(s->port, s->id, EBADMSG, "the bytes are not those announced");
	} else {
		send_frame(s->port, MSG_OK, s->id, NULL, 0);
	}
	session_end(s);
}

static void on_stdin(struct session *s, const struct frame *frame)
{
	struct msg_window w = { .stream = STREAM_STDIN, .bytes = frame->header.size };

	if (s->is_push) {
		sha256_update(&s->sha, frame->payload, frame->header.size);
		s->size += frame->header.size;
	}
	if (s->in >= 0 && write(s->in, frame->payload, frame->header.size) < 0) {
		close(s->in);
		s->in = -1;
	}
	send_frame(s->port, MSG_WINDOW, s->id, out, msg_window_encode(&w, out, sizeof(out)));
}

static void send_entry(struct port *port, uint32_t id, const char *path, const char *name)
{
	struct stat st;
	struct msg_entry m = { .name = name, .target = "" };

	if (lstat(path, &st) < 0)
		return;
	m.mode = st.st_mode;
	m.size = (uint64_t)st.st_size;
	m.mtime_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000;
	send_frame(port, MSG_ENTRY, id, out, msg_entry_encode(&m, out, sizeof(out)));
}

static int peer_pid(const struct port *port)
{
	struct ucred who = { 0 };
	socklen_t size = sizeof(who);

	getsockopt(port->client, SOL_SOCKET, SO_PEERCRED, &who, &size);
	return who.pid;
}

static void send_made_entry(struct port *port, uint32_t id, uint32_t mode, const char *name, const char *target)
{
	struct msg_entry m = { .mode = mode, .name = name, .target = target };

	send_frame(port, MSG_ENTRY, id, out, msg_entry_encode(&m, out, sizeof(out)));
}

/* What no guest of ours says: paths below /hostile. True if it was one. */
static bool hostile_list(struct port *port, uint32_t id, const struct msg_path *m)
{
	char folder[200];

	if (strncmp(m->path, "/hostile/", 9) != 0)
		return false;
	if (m->flags & LIST_SELF) {
		send_made_entry(port, id, S_IFDIR | 0755, "hostile", "");
	} else if (strcmp(m->path, "/hostile/link") == 0) {
		/* A link out of the target, then a folder of its name, with a file. */
		send_made_entry(port, id, S_IFLNK | 0777, "a", getenv("FAKE_OUTSIDE"));
		send_made_entry(port, id, S_IFDIR | 0755, "a", "");
	} else if (strcmp(m->path, "/hostile/link/a") == 0) {
		send_made_entry(port, id, S_IFREG | 0644, "planted", "");
	} else if (strcmp(m->path, "/hostile/temporary") == 0) {
		/* A link where the client will put a file before it is complete. */
		snprintf(folder, sizeof(folder), "planted.%d.part", peer_pid(port));
		send_made_entry(port, id, S_IFLNK | 0777, folder, getenv("FAKE_OUTSIDE_FILE"));
		send_made_entry(port, id, S_IFREG | 0644, "planted", "");
	} else if (strcmp(m->path, "/hostile/error") == 0) {
		send_error(port, id, (int)0x80000000, "\033[31mred");
		return true;
	} else if (strcmp(m->path, "/hostile/endless") == 0) {
		memset(folder, 'x', sizeof(folder));
		folder[sizeof(folder) - 1] = '\0';
		for (long i = 0; i < 1000000 && port->client >= 0; i++)
			send_made_entry(port, id, S_IFREG | 0644, folder, "");
	}
	send_frame(port, MSG_OK, id, NULL, 0);
	return true;
}

static void on_list(struct port *port, const struct frame *frame)
{
	uint32_t id = frame->header.session;
	char path[600], child_path[900];
	const char *slash;
	struct msg_path m;
	struct dirent *e;
	DIR *dir;

	if (msg_path_decode(frame->payload, frame->header.size, &m) < 0) {
		send_error(port, id, EBADMSG, "LIST: malformed");
		return;
	}
	if (hostile_list(port, id, &m))
		return;
	root_path(path, sizeof(path), m.path);
	if (access(path, F_OK) < 0) {
		send_error(port, id, ENOENT, "no such file");
		return;
	}
	slash = strrchr(m.path, '/');
	if (m.flags & LIST_SELF)
		send_entry(port, id, path, slash && slash[1] ? slash + 1 : m.path);
	dir = m.flags & LIST_SELF ? NULL : opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(child_path, sizeof(child_path), "%s/%s", path, e->d_name);
		send_entry(port, id, child_path, e->d_name);
	}
	if (dir)
		closedir(dir);
	send_frame(port, MSG_OK, id, NULL, 0);
}

/* The client's windows are ignored here: it grants as it reads, and the socket holds the rest back. */
static void on_pull(struct port *port, const struct frame *frame)
{
	uint32_t id = frame->header.session;
	uint8_t bytes[8192], stream = STREAM_STDOUT;
	const char *name;
	char path[600];
	ssize_t n;
	int fd;

	if (msg_string_decode(frame->payload, frame->header.size, &name) < 0)
		return;
	root_path(path, sizeof(path), strncmp(name, "/hostile/", 9) == 0 ? "data" : name);
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		send_error(port, id, ENOENT, "no such file");
		return;
	}
	send_entry(port, id, path, name);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		send_frame(port, MSG_STDOUT, id, bytes, (int)n);
	close(fd);
	send_frame(port, MSG_END, id, &stream, 1);
	send_frame(port, MSG_OK, id, NULL, 0);
}

/* A guest that does the same in each second, and lets one pass from one request to the next. */
static void send_system(struct port *port, uint32_t id)
{
	static const struct {
		const char *name;
		uint64_t start, each;
	} values[] = {
		{ "memory_bytes", 64 << 20, 0 }, { "free_bytes", 48 << 20, 0 },
		{ "uptime_ns", 5000000000, 1000000000 }, { "app_cpu_ns", 1000000, 250000000 },
		{ "overlay_cpu_ns", 2000000, 125000000 }, { "idle_ns", 3000000, 625000000 },
		{ "9p_reads", 7, 3 }, { "9p_read_bytes", 70000, 12288 }, { "9p_writes", 0, 1 },
		{ "9p_write_bytes", 0, 100 }, { "9p_requests", 20, 10 }, { "net_rx_packets", 1, 40 },
		{ "net_rx_bytes", 60, 2500 }, { "net_tx_packets", 2, 20 }, { "net_tx_bytes", 120, 1500000 },
		{ "connections", 3, 0 }, { "something_new", 1, 1 },
	};
	struct msg_stats_row row = { .subject = STATS_SYSTEM, .pid = 0, .name = "system" };
	static unsigned requests;
	struct msg_list_builder b;
	uint8_t list[1024];

	msg_list_start(&b, list, sizeof(list));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		msg_list_add_number(&b, values[i].name, values[i].start + requests * values[i].each);
	requests++;
	msg_list_finish(&b, &row.values);
	send_frame(port, MSG_STATS_ROW, id, out, msg_stats_row_encode(&row, out, sizeof(out)));
}

static void on_stats(struct port *port, uint32_t id)
{
	struct msg_stats_row row = { .subject = STATS_APPLICATION, .pid = 1, .name = "fake" };
	struct msg_list_builder b;
	uint8_t list[256];

	send_system(port, id);
	msg_list_start(&b, list, sizeof(list));
	msg_list_add_number(&b, "memory_bytes", 123456);
	msg_list_add_number(&b, "cpu_ns", polls * 1000000);
	msg_list_add_number(&b, "threads", 2);
	msg_list_finish(&b, &row.values);
	send_frame(port, MSG_STATS_ROW, id, out, msg_stats_row_encode(&row, out, sizeof(out)));
	send_frame(port, MSG_OK, id, NULL, 0);
}

static void on_ps(struct port *port, uint32_t id)
{
	struct msg_ps_row row = { .pid = 1, .pgid = 1, .sid = 1, .state = 'S', .threads = 2, .name = "fake",
				  .command = "fake guest" };

	send_frame(port, MSG_PS_ROW, id, out, msg_ps_row_encode(&row, out, sizeof(out)));
	send_frame(port, MSG_OK, id, NULL, 0);
}

static void on_kill(struct port *port, const struct frame *frame)
{
	struct msg_kill m;

	if (msg_kill_decode(frame->payload, frame->header.size, &m) < 0 || m.pid != 1) {
		send_error(port, frame->header.session, ESRCH, "no such process");
		return;
	}
	send_frame(port, MSG_OK, frame->header.session, NULL, 0);
	if (m.signal != 0 && m.signal != SIGUSR1)
		fake_exit(128 + (int)m.signal);
}

static void on_hello(struct port *port, const struct frame *frame)
{
	struct msg_hello m;

	ctl_reset(port);
	if (msg_hello_decode(frame->payload, frame->header.size, &m) < 0)
		return;
	/* What an earlier client's session left half sent. */
	if (getenv("FAKE_GARBAGE") && send(port->client, "\1\2\3half a frame", 15, MSG_NOSIGNAL) < 0)
		return;
	if (getenv("FAKE_SILENT"))
		return;
	m.features = FEATURE_MPK;
	send_frame(port, MSG_HELLO_OK, 0, out, msg_hello_encode(&m, out, sizeof(out)));
}

static void to_session(struct session *s, const struct frame *frame)
{
	struct msg_window w;
	uint32_t signal;

	switch (frame->header.type) {
	case MSG_STDIN:
		on_stdin(s, frame);
		break;
	case MSG_END:
		if (s->is_push) {
			push_end(s);
		} else if (s->in >= 0) {
			close(s->in);
			s->in = -1;
		}
		break;
	case MSG_WINDOW:
		if (msg_window_decode(frame->payload, frame->header.size, &w) == 0)
			s->window[w.stream] += w.bytes;
		break;
	case MSG_SIGNAL:
		if (s->pid > 0 && msg_u32_decode(frame->payload, frame->header.size, &signal) == 0)
			kill(s->pid, (int)signal);
		break;
	case MSG_CLOSE:
		if (s->pid > 0)
			kill(s->pid, SIGHUP);
		break;
	}
}

void ctl_frame(struct port *port, const struct frame *frame)
{
	uint32_t id = frame->header.session;
	struct session *s = session_find(port, id);

	if (s) {
		to_session(s, frame);
		return;
	}
	switch (frame->header.type) {
	case MSG_HELLO:
		on_hello(port, frame);
		break;
	case MSG_EXEC:
		on_exec(port, frame);
		break;
	case MSG_PUSH:
		on_push(port, frame);
		break;
	case MSG_LIST:
		on_list(port, frame);
		break;
	case MSG_PULL:
		on_pull(port, frame);
		break;
	case MSG_STATS:
		on_stats(port, id);
		break;
	case MSG_PS:
		on_ps(port, id);
		break;
	case MSG_KILL:
		on_kill(port, frame);
		break;
	case MSG_CONSOLE_EOF:
		if (msg_u64_decode(frame->payload, frame->header.size, &console_eof) == 0)
			send_frame(port, MSG_OK, id, NULL, 0);
		break;
	case MSG_CONSOLE_WINSIZE:
		send_frame(port, MSG_OK, id, NULL, 0);
		break;
	}
}

size_t ctl_pollfds(struct pollfd *fds, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS; i++) {
		struct session *s = &sessions[i];

		if (!s->port || s->is_push || n + 2 > room)
			continue;
		fds[n++] = (struct pollfd) { .fd = s->window[1] ? s->out : -1, .events = POLLIN };
		fds[n++] = (struct pollfd) { .fd = s->window[2] ? s->err : -1, .events = POLLIN };
	}
	return n;
}

/* Moves what a program has written, as far as the window goes. */
static void forward(struct session *s, uint8_t stream, int *fd)
{
	uint8_t bytes[4096];
	struct pollfd p = { .fd = *fd, .events = POLLIN };
	size_t room = s->window[stream] < sizeof(bytes) ? s->window[stream] : sizeof(bytes);
	ssize_t n;

	if (*fd < 0 || room == 0 || poll(&p, 1, 0) <= 0)
		return;
	n = read(*fd, bytes, room);
	if (n > 0) {
		s->window[stream] -= (uint64_t)n;
		send_frame(s->port, stream == STREAM_STDOUT ? MSG_STDOUT : MSG_STDERR, s->id, bytes, (int)n);
		return;
	}
	close(*fd);
	*fd = -1;
	send_frame(s->port, MSG_END, s->id, &stream, 1);
}

void ctl_poll(void)
{
	polls++;
	for (size_t i = 0; i < SESSIONS; i++) {
		struct session *s = &sessions[i];
		struct msg_exit e = { .report = "" };
		int status;

		if (!s->port || s->pid <= 0)
			continue;
		if (s->deadline && polls > s->deadline && !s->timed_out) {
			s->timed_out = true;
			kill(s->pid, SIGKILL);
		}
		forward(s, STREAM_STDOUT, &s->out);
		forward(s, STREAM_STDERR, &s->err);
		if (s->out >= 0 || s->err >= 0 || waitpid(s->pid, &status, WNOHANG) != s->pid)
			continue;
		s->pid = 0;
		e.status = (uint32_t)status;
		e.reason = s->timed_out ? EXIT_TIMEOUT : EXIT_NORMAL;
		send_frame(s->port, MSG_EXIT, s->id, out, msg_exit_encode(&e, out, sizeof(out)));
		session_end(s);
	}
}
