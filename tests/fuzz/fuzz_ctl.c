/*
 * fuzz_ctl.c: a control connection: the bytes of a client, good frames and bad ones, over the guest's sessions with real files
 * and programs that the input plays: they read, write and end when it says. What goes out must be whole frames; when the
 * client is gone and the programs have ended, nothing may be left.
 */
#include "drivers/virtio_9p.h"
#include "drivers/virtio_console.h"
#include "fs/console.h"
#include "fs/cpiofs.h"
#include "fs/dev.h"
#include "fs/ninep.h"
#include "fs/proc.h"
#include "fs/tty.h"
#include "fs/vmfile.h"
#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lib/sha256.h"
#include "linux/process.h"
#include "linux/signal.h"
#include "overlay/cache.h"
#include "overlay/ctl.h"
#include "overlay/domain.h"
#include "overlay/events.h"
#include "overlay/session.h"
#include "overlay/stats.h"
#include "proto/frame.h"
#include "tests/fuzz/kernel_host.h"

_Noreturn void abort(void);
int dprintf(int fd, const char *format, ...);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROGRAMS 4
#define FILES_MAX 100

static struct input in;
static uint8_t sent[FRAME_MAX + 64];	/* what the client sends next */
static size_t sent_at, sent_len, room;
static unsigned generation;
static bool gone, host_open, inside;	/* inside: a program runs, the world stands still */
static struct frame_parser answers;
static uint8_t answer[FRAME_MAX];
static struct {
	struct program p;
	struct file *stdio[3];
	bool alive;
} programs[PROGRAMS];

/* The rest of the guest. */

struct boot_info boot_info;
struct process *process_app, app;
const struct file_ops dev_fops, fifo_fops;
const struct vm_file_ops *vm_file_ops, vfs_vm_ops;
const struct tty_jobs *tty_jobs;
struct list program_list = LIST_INIT(program_list);
const struct domain domain_mpk, *domain = &domain_mpk;

void cpio_unpack(const void *image, size_t size)
{
}

void dev_populate(void)
{
}

int ninep_create(const char *tag, struct mount **ret)
{
	return -ENOENT;
}

int p9_transport_find(const char *tag, struct p9_transport **ret)
{
	return -ENOENT;
}

int procfs_create(struct mount **ret)
{
	return -ENOENT;
}

uint64_t vm_reserve_pages(void)
{
	return 100;
}

long tty_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	return -ENOTTY;
}

void console_set_end(uint64_t bytes)
{
}

int ctl_bpf(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	return -ENOSYS;
}

void ports_kick(void)
{
}

int signal_send(struct process *p, int signo)
{
	return 0;
}

int signal_send_group(int pgid, int signo)
{
	return 0;
}

struct process *process_find(int pid)
{
	static struct process programs_first;

	return pid == 1 ? &app : program_find(pid) ? &programs_first : NULL;
}

bool stats_next(struct stats *s)
{
	if (++s->pid > 1)
		return false;
	s->subject = (enum stats_subject) s->pid;
	s->name[0] = '\0';
	s->count = 2;
	s->names = "cpu_ns\0memory_bytes";
	return true;
}

bool stats_next_process(int pid, struct msg_ps_row *ret, char *command, size_t size)
{
	*ret = (struct msg_ps_row){ .pid = (uint32_t) pid + 1, .state = 'R', .name = "a", .command = command };
	command[0] = '\0';
	return pid < 3;
}

struct program *program_find(int pid)
{
	for (unsigned i = 0; i < PROGRAMS; i++)
		if (programs[i].alive && programs[i].p.pid == pid)
			return &programs[i].p;
	return NULL;
}

int program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret)
{
	for (unsigned i = 0; i < PROGRAMS; i++) {
		if (programs[i].alive)
			continue;
		for (char *const *a = spec->argv; *a; a++)
			(void) strlen(*a);
		for (size_t k = 0; k < spec->binding_count; k++)
			(void) strlen(spec->bindings[k].name);
		programs[i].p = (struct program){ .pid = 10 + (int) i, .ended = spec->ended, .ctx = spec->ctx };
		programs[i].alive = true;
		for (unsigned k = 0; k < 3; k++)
			programs[i].stdio[k] = file_get(spec->stdio[k]);
		*ret = &programs[i].p;
		return 0;
	}
	error[0] = '!';
	error[1] = '\0';
	return -ENOMEM;
}

static void end_program(unsigned i, enum exit_reason reason, const char *report)
{
	if (!programs[i].alive)
		return;
	for (unsigned k = 0; k < 3; k++)
		file_put(programs[i].stdio[k]);
	programs[i].p.ended(programs[i].p.ctx, 3 << 8, reason, report);
	programs[i].alive = false;
}

void program_kill(struct program *p, enum exit_reason reason)
{
}

int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg, struct thread **ret)
{
	fn(arg);
	return 0;
}

/* The port. */

unsigned vport_nr(const struct vport *p)
{
	return 0;
}

const char *vport_name(const struct vport *p)
{
	return "uio.ctl.0";
}

unsigned vport_generation(const struct vport *p)
{
	return generation;
}

bool vport_host_open(const struct vport *p)
{
	return host_open;
}

size_t vport_writable(struct vport *p)
{
	return room;
}

size_t vport_write(struct vport *p, const void *buf, size_t n)
{
	const uint8_t *at = buf;
	size_t left = n = MIN(n, room), used;
	struct frame f;

	room -= n;
	while (left) {
		int r = frame_feed(&answers, at, left, &used, &f);

		if (r < 0 || (r > 0 && !strcmp(msg_type_name(f.header.type), "?")))
			abort();
		at += used;
		left -= used;
	}
	return n;
}

/* The client. */

static void send_frame(uint16_t type, uint32_t session, const uint8_t *payload, size_t size)
{
	struct frame_header h = { .size = (uint32_t) size, .type = type, .session = session };

	frame_header_encode(&h, sent);
	if (payload != sent + FRAME_HEADER_SIZE)
		memcpy(sent + FRAME_HEADER_SIZE, payload, size);
	sent_at = 0;
	sent_len = FRAME_HEADER_SIZE + size;
}

static void hash_of_abc(uint8_t digest[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, "abc", 3);
	sha256_final(&s, digest);
}

static const char *path(unsigned n)
{
	static const char *const paths[] = { "/tmp/a", "/tmp/b", "/etc/passwd", "/tmp", "/tmp/d", "/tmp/d/e", "b", "/" };

	return paths[n % 8];
}

static void send_exec(uint32_t session)
{
	uint8_t lists[4][64];
	unsigned how = take(&in, 1);
	struct msg_exec m = { .flags = how & 3, .source = how >> 2 & 1, .path = path(take(&in, 1)), .cwd = how & 8 ? "/tmp" : "",
			      .rows = (uint16_t) (how >> 4), .cols = 80, .grants = take(&in, 1) };
	struct msg_symbol symbol = { "main", 0x40001000, 10, how & 16 ? 2 : 1 };
	struct msg_list_builder b;
	int r;

	msg_list_start(&b, lists[0], 64);
	msg_list_add_string(&b, "a");
	msg_list_finish(&b, &m.argv);
	msg_list_start(&b, lists[1], 64);
	msg_list_add_symbol(&b, &symbol);
	msg_list_finish(&b, &m.symbols);
	if (how & 32) {
		msg_list_start(&b, lists[2], 64);
		msg_list_add_string(&b, "main");
		msg_list_finish(&b, &m.calls);
	}
	hash_of_abc(m.sha256);
	r = msg_exec_encode(&m, sent + FRAME_HEADER_SIZE, FRAME_PAYLOAD_MAX);
	send_frame(MSG_EXEC, session, sent + FRAME_HEADER_SIZE, (size_t) r);
}

static void send_push(uint32_t session)
{
	static const uint32_t modes[] = { 0100644, 0120777, 0040755, 0010644 };
	unsigned how = take(&in, 1);
	struct msg_push m = { .kind = how & 1, .mode = modes[how >> 1 & 3], .size = how & 8 ? take(&in, 3) : 3,
			      .path = path(take(&in, 1)) };
	int r;

	hash_of_abc(m.sha256);
	r = msg_push_encode(&m, sent + FRAME_HEADER_SIZE, FRAME_PAYLOAD_MAX);
	send_frame(MSG_PUSH, session, sent + FRAME_HEADER_SIZE, (size_t) r);
}

static void send_path(uint32_t session)
{
	unsigned how = take(&in, 1);
	struct msg_path m = { .flags = how & 1, .path = path(how >> 2) };
	int r = how & 2 ? msg_path_encode(&m, sent + FRAME_HEADER_SIZE, FRAME_PAYLOAD_MAX) :
			  msg_string_encode(m.path, sent + FRAME_HEADER_SIZE, FRAME_PAYLOAD_MAX);

	send_frame(how & 2 ? MSG_LIST : MSG_PULL, session, sent + FRAME_HEADER_SIZE, (size_t) r);
}

static void send_window(uint32_t session)
{
	struct msg_window m = { .stream = (uint8_t) (take(&in, 1) & 3), .bytes = take(&in, 2) + 1 };
	uint8_t buf[8];

	send_frame(MSG_WINDOW, session, buf, (size_t) msg_window_encode(&m, buf, sizeof(buf)));
}

/* Any type, with the input's bytes. */
static void send_any(uint32_t session)
{
	static const uint8_t types[] = { MSG_STDIN, MSG_STDIN, MSG_END, MSG_CLOSE, MSG_SIGNAL, MSG_WINSIZE, MSG_STATS, MSG_PS, MSG_EVENTS,
					 MSG_KILL, MSG_BPF, MSG_CONSOLE_EOF, MSG_CONSOLE_WINSIZE, MSG_PING, MSG_HELLO, MSG_EXEC,
					 MSG_PUSH, MSG_NOP, MSG_WINDOW };
	unsigned which = take(&in, 1), n = take(&in, 1);
	uint8_t payload[5000];
	size_t size = n & 0x80 ? (n & 0x7f) * 36 : n;

	for (size_t i = 0; i < size; i++)
		payload[i] = (uint8_t) (in.left ? take(&in, 1) : i);
	send_frame(types[which % sizeof(types)], session, payload, size);
}

static void send_hello(void)
{
	uint8_t payload[PROTO_HELLO_SIZE] = { 1 };
	struct msg_hello m = { .version = 1 };

	msg_hello_encode(&m, payload, sizeof(payload));
	send_frame(MSG_HELLO, 0, payload, sizeof(payload));
}

static void play_program(unsigned how)
{
	static uint8_t buf[6000];
	unsigned i = how % PROGRAMS, fd = take(&in, 1) % 3;
	size_t n = take(&in, 1) * 20;
	struct iter it;

	if (!programs[i].alive)
		return;
	inside = true;
	iter_init_kernel(&it, buf, n);
	switch (how >> 2 & 3) {
	case 0:
		programs[i].stdio[0]->flags |= O_NONBLOCK;
		file_read(programs[i].stdio[0], &it, FILE_POS);
		break;
	case 1:
	case 2:
		programs[i].stdio[fd]->flags |= how & 16 ? O_NONBLOCK : 0;
		file_write(programs[i].stdio[fd], &it, FILE_POS);
		break;
	default:
		end_program(i, how >> 4 & 3, how & 64 ? "a\nfault" : "");
	}
	inside = false;
}

static void step(void)
{
	unsigned op = take(&in, 1);
	uint32_t session = op >> 4 & 3;

	switch (op & 15) {
	case 0:
		send_exec(session);
		break;
	case 1:
		send_push(session);
		break;
	case 2:
		send_path(session);
		break;
	case 3:
		send_window(session);
		break;
	case 4:
		send_frame(MSG_STDIN, session, (const uint8_t *) "abc", 3);
		break;
	case 5:
	case 6:
		send_any(session);
		break;
	case 7:
		send_hello();
		break;
	case 8:
		play_program(take(&in, 1));
		break;
	case 9:
		room += take(&in, 2);
		break;
	case 10:
		host_now_ns += NSEC_PER_SEC;
		ctl_exec_reap();
		break;
	case 11:
		event_program(EVENT_REFUSED, &programs[0].p, "net");
		break;
	case 12: /* bytes that are no frame */
		for (sent_len = 0, sent_at = 0; sent_len < session * 10 + 1;)
			sent[sent_len++] = (uint8_t) take(&in, 1);
		break;
	case 13:
		host_fail_at = host_allocations + 1 + session;
		break;
	default:
		room += 20000;
	}
}

/* Goes on until the client has something to say. */
static void world(void)
{
	while (in.left && sent_at == sent_len)
		step();
	if (!in.left) {
		host_open = false;
		gone = true;
	}
}

size_t vport_read(struct vport *p, void *buf, size_t n)
{
	if (sent_at == sent_len)
		world();
	n = MIN(n, sent_len - sent_at);
	memcpy(buf, sent + sent_at, n);
	sent_at += n;
	return n;
}

bool host_waits(void)
{
	if (inside)
		return false;
	if (in.left)
		step();
	else
		world();
	return true;
}

void host_looks(void)
{
}

/* Removes what clients left in the file system, temporary files for whose removal there was no memory, too. */
static struct vnode *cleaned;
static int remove_entry(void *ctx, const char *name, const struct vattr *a, const char *target)
{
	static const char *const kept[] = { "etc", "proc", "tmp", "root" };

	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		if (cleaned == vfs_root && !strcmp(name, kept[i]))
			return 0;
	if (vfs_unlink(&session_view, cleaned, name) < 0)
		vfs_rmdir(&session_view, cleaned, name);
	return 0;
}

static void clean_folder(const char *folder)
{
	if (vfs_walk(&session_view, NULL, folder, 0, &cleaned) < 0)
		return;
	session_list(cleaned, remove_entry, NULL);
	vnode_put(cleaned);
}

static void clean(void)
{
	clean_folder("/tmp/d");
	clean_folder("/tmp");
	clean_folder("/etc");
	clean_folder("/");
}

static void gone_now(void *ctx)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned long objects, frames;
	static struct waitq wake;
	const struct cached *c;
	struct file *f;
	char name[CACHE_NAME_MAX];

	host_reset();
	host_forget();
	host_tick_ns = 1;
	process_app = &app;
	waitq_init(&wake);
	vfs_boot();
	cache_create(1, &f); /* the cache's own file system is made once */
	file_put(f);
	clean();
	objects = host_objects;
	frames = host_frames;
	in = (struct input){ data, size };
	gone = inside = false;
	host_open = true;
	sent_at = sent_len = 0;
	room = 20000;
	generation = 1;
	frame_parser_init(&answers, answer);
	if (take(&in, 1) & 1)
		host_fail_at = host_allocations + 1 + (take(&in, 1) & 7);
	if (in.left && take(&in, 1) & 0x7f)
		send_hello();
	if (ctl_serve((struct vport *) &wake, &wake, gone_now, NULL) < 0 && !host_fail_at)
		abort();
	host_fail_at = 0;
	host_now_ns += NSEC_PER_SEC;
	ctl_exec_reap();
	for (unsigned i = 0; i < PROGRAMS; i++)
		end_program(i, EXIT_NORMAL, "");
	while ((c = cache_nth(0))) {
		memcpy(name, c->name, sizeof(name));
		cache_drop(name);
	}
	clean();
	if (host_objects > objects || host_frames > frames) {
		dprintf(2, "%lu frames and %lu objects are left\n", host_frames - frames, host_objects - objects);
		abort();
	}
	return 0;
}
