/* program.c: the life of an overlay program: started by a session, ended with its first process, its time or its
 * client. Everything that it held is given back when its last process is gone. */
#include "overlay/program.h"

#include <stdarg.h>

#include "arch/x86_64/asm.h"
#include "fs/tty.h"
#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/usercopy.h"
#include "lib/fmt.h"
#include "linux/fd.h"
#include "linux/signal.h"
#include "linux/tty_jobs.h"
#include "overlay/events.h"
#include "overlay/load.h"
#include "overlay/process.h"
#include "overlay/session.h"
#include "overlay/uthread.h"
#include "overlay/wrpkru_scan.h"

struct list program_list = LIST_INIT(program_list);

struct program *program_of(struct process *proc)
{
	return proc ? proc->overlay : NULL;
}

struct program *program_find(int pid)
{
	struct program *p;

	list_for_each (p, &program_list, node)
		if (p->pid == pid)
			return p;
	return NULL;
}

void program_report(struct program *p, const char *fmt, ...)
{
	va_list ap;

	if (!p->report)
		p->report = kzalloc(PROGRAM_REPORT_MAX);
	if (!p->report || p->report_len >= PROGRAM_REPORT_MAX - 2)
		return;
	va_start(ap, fmt);
	p->report_len += fmt_vsnprintf(p->report + p->report_len, PROGRAM_REPORT_MAX - 1 - p->report_len, fmt, ap);
	va_end(ap);
	p->report_len = MIN(p->report_len, (size_t) PROGRAM_REPORT_MAX - 2);
	p->report[p->report_len++] = '\n';
	p->report[p->report_len] = 0;
}

static void free_strings(char **list)
{
	for (char **s = list; s && *s; s++)
		kfree(*s);
	kfree(list);
}

static void program_free(struct program *p)
{
	ktimer_cancel(&p->timeout);
	list_del(&p->node);
	for (size_t i = 0; i < p->binding_count; i++)
		kfree(p->bindings[i].name);
	kfree(p->bindings);
	free_strings(p->calls);
	kfree(p->report);
	if (p->stderr_file)
		file_put(p->stderr_file);
	kfree(p);
}

static void kill_tree(struct program *p, struct process *except)
{
	struct process *proc;

	list_for_each (proc, &process_list, all_node)
		if (proc->overlay == p && proc != except && proc->state != PROCESS_ZOMBIE) {
			process_kill(proc, WAIT_SIGNALLED(SIGKILL));
			/* A stopped process must run to end. */
			if (proc->state == PROCESS_STOPPED)
				signal_send(proc, SIGKILL);
		}
}

void program_kill(struct program *p, enum exit_reason reason)
{
	if (p->reason == EXIT_NORMAL)
		p->reason = reason;
	kill_tree(p, NULL);
}

static void timeout(struct ktimer *t)
{
	program_kill(container_of(t, struct program, timeout), EXIT_TIMEOUT);
}

/* The first refusals are printed where the operator sees them; a program that repeats itself is not. */
#define REFUSALS_SHOWN 8

static void refused(struct process *proc, uint32_t grant, const char *what)
{
	struct program *p = proc->overlay;
	char text[128], line[200];
	int n;

	if (p->refusals++ >= REFUSALS_SHOWN)
		return;
	fmt_snprintf(text, sizeof(text), "%s needs the grant `%s`", what, grant_name(grant));
	event_program(EVENT_REFUSED, p, text);
	n = fmt_snprintf(line, sizeof(line), "uio: program %s (pid %d): %s\n", p->name, proc->pid, text);
	if (p->stderr_file)
		file_write_kernel(p->stderr_file, line, (size_t) n, FILE_POS);
}

/* A process of the tree has become a zombie; runs in its last thread. */
static void process_ended(struct process *proc)
{
	struct program *p = proc->overlay;

	proc->overlay = NULL;
	current()->group = NULL;
	if (proc->pid == p->pid) {
		p->wait_status = proc->wait_status;
		p->first_ended = true;
		kill_tree(p, proc);
	}
	if (--p->processes)
		return;
	ktimer_cancel(&p->timeout);
	if (p->reason == EXIT_TIMEOUT)
		program_report(p, "program %s: ended by its time limit", p->name);
	if (p->ended)
		p->ended(p->ctx, p->wait_status, p->reason, p->report ? p->report : "");
	program_free(p);
}

void program_adopt(struct program *p, struct process *proc)
{
	proc->overlay = p;
	proc->restricted = true;
	proc->grants = p->grants;
	proc->refused = refused;
	proc->on_exit = process_ended;
	p->processes++;
}

static int copy_bindings(struct program *p, const struct binding *from, size_t count)
{
	if (!count)
		return 0;
	if (count > 4000)
		return -E2BIG;
	p->bindings = kzalloc(count * sizeof(*from));
	if (!p->bindings)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct binding b = from[i];
		size_t at = p->binding_count;

		b.name = kstrdup(b.name);
		if (!b.name)
			return -ENOMEM;
		/* Insertion sort: few, and mostly sorted already. */
		for (; at > 0 && strcmp(p->bindings[at - 1].name, b.name) > 0; at--)
			p->bindings[at] = p->bindings[at - 1];
		p->bindings[at] = b;
		p->binding_count++;
	}
	return 0;
}

static int copy_calls(struct program *p, char *const *calls)
{
	unsigned n = 0;

	if (!calls)
		return 0;
	while (calls[n])
		n++;
	p->calls = kzalloc((n + 1) * sizeof(char *));
	if (!p->calls)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		p->calls[i] = kstrdup(calls[i]);
		if (!p->calls[i])
			return -ENOMEM;
	}
	return 0;
}

/* Addresses come from the operator's side of the channel; a wrong one must not reach into the kernel. */
extern char __text_start[], __text_end[], __arodata_start[], __adata_end[];
static int check_bindings(struct program *p, char *error, size_t size)
{
	for (size_t i = 0; i < p->binding_count; i++) {
		const struct binding *b = &p->bindings[i];
		uint64_t from = (uint64_t) (b->function ? __text_start : __arodata_start);
		uint64_t to = (uint64_t) (b->function ? __text_end : __adata_end);

		if (b->addr < from || b->addr >= to) {
			fmt_snprintf(error, size, "symbol %s at 0x%lx: outside the application's %s 0x%lx..0x%lx", b->name, b->addr,
				     b->function ? "code" : "data", from, to);
			return -EINVAL;
		}
	}
	return 0;
}

static int list_from(char *const *strings, struct arg_list *ret)
{
	size_t len = 0;
	unsigned n = 0;

	for (; strings && strings[n]; n++)
		len += strlen(strings[n]) + 1;
	if (n > ARGS_COUNT_MAX || len > ARGS_BYTES_MAX)
		return -E2BIG;
	ret->bytes = kmalloc(len ? len : 1);
	if (!ret->bytes)
		return -ENOMEM;
	ret->len = 0;
	ret->count = n;
	for (unsigned i = 0; i < n; i++) {
		size_t l = strlen(strings[i]) + 1;

		memcpy(ret->bytes + ret->len, strings[i], l);
		ret->len += l;
	}
	return 0;
}

static int open_stdio(struct process *proc, const struct program_spec *spec)
{
	int r = fdtable_create(&proc->files);

	for (int i = 0; r >= 0 && i < 3; i++) {
		if (!spec->stdio[i])
			continue;
		file_get(spec->stdio[i]);
		r = fdtable_set(proc->files, i, spec->stdio[i], false);
		if (r < 0)
			file_put(spec->stdio[i]);
	}
	return r < 0 ? r : 0;
}

static int start_first(struct program *p, const struct program_spec *spec, char *error, size_t error_size)
{
	struct arg_list args = { 0 }, env = { 0 };
	struct load_result loaded = { 0 };
	struct process *proc = NULL;
	struct trap_frame regs;
	struct thread *t;
	int r;

	r = list_from(spec->argv, &args);
	if (r == 0)
		r = list_from(spec->env, &env);
	if (r == 0)
		r = load_program(p, spec->image, spec->path, &args, &env, &loaded, error, error_size);
	if (r < 0)
		goto out;
	r = process_create(NULL, &proc);
	if (r < 0) {
		vmspace_put(loaded.vm);
		goto out;
	}
	proc->vm = loaded.vm;
	r = open_stdio(proc, spec);
	if (r == 0)
		r = process_set_image(proc, p->name, spec->image, spec->path, &args);
	if (r == 0 && spec->cwd) {
		struct vnode *cwd;

		r = vfs_walk(NULL, NULL, spec->cwd, 0, &cwd);
		if (r < 0)
			fmt_snprintf(error, error_size, "working directory %s: error %d", spec->cwd, -r);
		else {
			vnode_put(proc->cwd);
			proc->cwd = cwd;
		}
	}
	if (r < 0)
		goto undo;
	uthread_initial_regs(&regs, loaded.entry, loaded.sp);
	program_adopt(p, proc);
	r = uthread_create(proc, &regs, proc->pid, &t);
	if (r < 0) {
		p->processes--;
		goto undo;
	}
	p->pid = proc->pid;
	if (spec->tty) {
		tty_get(spec->tty);
		proc->tty = spec->tty;
		tty_set_session(spec->tty, proc->sid, proc->pgid);
	}
	uthread_start(t);
	goto out;
undo:
	process_discard(proc);
out:
	kfree(args.bytes);
	kfree(env.bytes);
	return r;
}

int program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret_program)
{
	struct page_stats mem;
	struct program *p;
	size_t n;
	int r;

	error[0] = 0;
	r = -ENOMEM;
	p = kzalloc(sizeof(*p));
	if (!p)
		goto out;
	n = MIN(strlen(spec->name), sizeof(p->name) - 1);
	memcpy(p->name, spec->name, n);
	list_add_tail(&program_list, &p->node);
	p->grants = spec->grants & GRANT_ALL;
	if (p->grants & GRANT_FS_RW)
		p->grants |= GRANT_FS_RO;
	if (p->grants & GRANT_WRITE)
		p->grants |= GRANT_READ;
	p->rights = domain->rights(p->grants);
	p->group.permille = spec->cpu_permille ? MIN(spec->cpu_permille, 1000u) : PROGRAM_CPU_DEFAULT;
	page_get_stats(&mem);
	p->quota_limit = spec->memory_bytes ? spec->memory_bytes / PAGE_SIZE : mem.total / 4;
	p->start_ns = clock_monotonic_ns();
	p->ended = spec->ended;
	p->ctx = spec->ctx;
	if (spec->stdio[2])
		p->stderr_file = file_get(spec->stdio[2]);
	r = copy_bindings(p, spec->bindings, spec->binding_count);
	if (r == 0)
		r = copy_calls(p, spec->calls);
	if (r == 0)
		r = check_bindings(p, error, error_size);
	if (r == 0)
		r = start_first(p, spec, error, error_size);
	if (r < 0)
		goto out;
	if (spec->timeout_ns)
		ktimer_start(&p->timeout, clock_monotonic_ns() + spec->timeout_ns, timeout);
	*ret_program = p;
	return 0;
out:
	if (!error[0])
		fmt_snprintf(error, error_size, "program %s: %s", spec->name, session_strerror(r));
	if (p) {
		event_program(EVENT_REFUSED, p, error);
		program_free(p);
	}
	return r;
}

static bool app_access(bool write)
{
	struct process *proc = current()->proc;

	return proc && proc->grants & (write ? GRANT_WRITE : GRANT_READ | GRANT_WRITE);
}

static int scan(const void *page, const uint8_t *before, unsigned before_len, const uint8_t *after, unsigned after_len)
{
	int64_t at;

	return wrpkru_find(before, before_len, page, PAGE_SIZE, after, after_len, &at) ? -EACCES : 0;
}

static void program_init(void)
{
	user_app_access_hook = app_access;
	vm_exec_scan = scan;
	syscall_hooks_set();
	fault_hooks_set();
	uthread_hooks_set();
	tty_jobs_register();
}
INIT(60, program_init);
