/* exec.c: execve: another program image in the same process, with the rights that the process has. */
#include "arch/x86_64/fpu.h"
#include "fs/vfs.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/usercopy.h"
#include "lib/fmt.h"
#include "linux/fd.h"
#include "linux/path.h"
#include "linux/signal.h"
#include "overlay/process.h"
#include "overlay/program.h"
#include "overlay/uthread.h"

#define PATH_SIZE 256
#define SHEBANG_MAX 128

static void list_free(struct arg_list *l)
{
	kfree(l->bytes);
	l->bytes = NULL;
}

/* Copies an array of strings in. Argument memory is bounded, so that no program can make the kernel hold more. */
static int list_from_user(uint64_t array, struct arg_list *ret)
{
	struct arg_list l = { kmalloc(ARGS_BYTES_MAX), 0, 0 };
	char *fit;
	int r = 0;

	if (!l.bytes)
		return -ENOMEM;
	for (; array; array += 8) {
		uint64_t at;
		long n;

		r = copy_from_user(&at, array, 8);
		if (r < 0 || !at)
			break;
		n = l.count < ARGS_COUNT_MAX ? copy_string_from_user(l.bytes + l.len, at, ARGS_BYTES_MAX - l.len) : -E2BIG;
		if (n < 0) {
			r = n == -ENAMETOOLONG ? -E2BIG : n;
			break;
		}
		l.len += n + 1;
		l.count++;
	}
	if (r < 0) {
		list_free(&l);
		return r;
	}
	fit = krealloc(l.bytes, l.len ? l.len : 1);
	if (fit)
		l.bytes = fit;
	*ret = l;
	return 0;
}

/* argv becomes: interpreter, its one argument if any, the script's path, then argv[1..]. */
static int prepend(struct arg_list *args, const char *interp, const char *arg, const char *script)
{
	size_t skip = args->count ? strlen(args->bytes) + 1 : 0, len = 0;
	const char *first[3] = { interp, arg && *arg ? arg : NULL, script };
	char *bytes;

	for (int i = 0; i < 3; i++)
		len += first[i] ? strlen(first[i]) + 1 : 0;
	if (len + args->len > ARGS_BYTES_MAX)
		return -E2BIG;
	bytes = kmalloc(len + args->len - skip + 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes + len, args->bytes + skip, args->len - skip);
	args->count -= args->count ? 1 : 0;
	args->len += len - skip;
	for (int i = 0, at = 0; i < 3; i++) {
		if (!first[i])
			continue;
		memcpy(bytes + at, first[i], strlen(first[i]) + 1);
		at += strlen(first[i]) + 1;
		args->count++;
	}
	kfree(args->bytes);
	args->bytes = bytes;
	return 0;
}

static int find_image(const char *path, struct vnode **ret)
{
	struct vfs_view view;
	struct vattr attr;
	struct vnode *v;
	int r;

	process_view(current()->proc, &view);
	r = vfs_walk(&view, NULL, path, 0, &v);
	if (r < 0)
		return r;
	r = may_read(v, "execute", path);
	if (r == 0)
		r = vfs_getattr(v, &attr);
	if (r == 0 && (!S_ISREG(attr.mode) || !(attr.mode & 0111)))
		r = -EACCES;
	if (r < 0)
		vnode_put(v);
	else
		*ret = v;
	return r;
}

/* "#! interpreter [argument]": one level. *image and path are replaced. */
static int script(struct vnode **image, char *path, struct arg_list *args)
{
	char line[SHEBANG_MAX], *interp, *arg = NULL, *end;
	struct file *f;
	kssize_t n;
	int r;

	r = vfs_open_vnode(*image, O_RDONLY, &f);
	if (r < 0)
		return r;
	n = file_read_kernel(f, line, sizeof(line) - 1, 0);
	file_put(f);
	if (n < 2 || line[0] != '#' || line[1] != '!')
		return n < 0 ? n : 0;
	line[n] = 0;
	for (end = line; *end && *end != '\n'; end++)
		;
	if (!*end)
		return -ENOEXEC;
	*end = 0;
	for (interp = line + 2; *interp == ' ' || *interp == '\t'; interp++)
		;
	for (end = interp; *end && *end != ' ' && *end != '\t'; end++)
		;
	if (*end) {
		*end = 0;
		for (arg = end + 1; *arg == ' ' || *arg == '\t'; arg++)
			;
	}
	if (!*interp || strlen(interp) >= PATH_SIZE)
		return -ENOEXEC;
	r = prepend(args, interp, arg, path);
	if (r < 0)
		return r;
	memcpy(path, interp, strlen(interp) + 1);
	vnode_put(*image);
	*image = NULL;
	return find_image(path, image);
}

/* The process's other threads end; nothing of the old image may run beside the new one. */
static int be_alone(void)
{
	struct thread *self = current(), *t;

	while (self->proc->threads.next != &self->proc_node || self->proc->threads.prev != &self->proc_node) {
		list_for_each (t, &self->proc->threads, proc_node)
			if (t != self) {
				t->kill_pending = true;
				thread_interrupt(t);
			}
		thread_block(WAIT_EVENT, "exec", clock_monotonic_ns() + NSEC_PER_MSEC, false);
		if (self->kill_pending)
			return -EINTR;
	}
	return 0;
}

static void become(struct load_result *loaded)
{
	struct thread *t = current();
	struct process *proc = t->proc;
	struct vmspace *old = proc->vm;

	proc->vm = loaded->vm;
	uthread_enter_space(loaded->vm);
	vmspace_put(old);
	proc->vfork_done = true;
	waitq_wake_all(&proc->vfork_wait);
	fdtable_close_on_exec(proc->files);
	for (int i = 0; i < NSIG; i++) {
		struct sigaction_k *a = &proc->signals->action[i];

		if (a->handler != SIG_IGN)
			a->handler = SIG_DFL;
		a->flags = 0;
		a->mask = 0;
	}
	t->altstack_sp = t->altstack_size = 0;
	t->altstack_flags = SS_DISABLE;
	t->robust_list = t->clear_child_tid = 0;
	arch_set_fs_base(0);
	arch_set_gs_base(0);
	fpu_reset_image(t->fpu);
	fpu_load(t);
	memcpy(t->name, proc->comm, sizeof(t->name));
	uthread_initial_regs(t->user_frame, loaded->entry, loaded->sp);
}

long overlay_execve(uint64_t path_ptr, uint64_t argv, uint64_t envp)
{
	struct process *proc = current()->proc;
	struct program *p = program_of(proc);
	struct arg_list args = { 0 }, env = { 0 };
	struct load_result loaded = { 0 };
	struct vnode *image = NULL;
	char *buf = kmalloc(PATH_SIZE + 200), *error;
	uint64_t pages = 0;
	const char *name;
	long r;

	if (!buf)
		return -ENOMEM;
	error = buf + PATH_SIZE;
	r = copy_string_from_user(buf, path_ptr, PATH_SIZE);
	if (r >= 0)
		r = find_image(buf, &image);
	if (r == 0)
		r = list_from_user(argv, &args);
	if (r == 0)
		r = list_from_user(envp, &env);
	if (r == 0) {
		/* Many threads may be here at once. */
		pages = (args.len + env.len) / PAGE_SIZE;
		p->quota_used += pages;
		r = p->quota_used > p->quota_limit ? -ENOMEM : script(&image, buf, &args);
	}
	if (r == 0)
		r = load_program(p, image, buf, &args, &env, &loaded, error, 200);
	if (r == 0) {
		struct fdtable *own = NULL;

		r = be_alone();
		if (r == 0 && proc->files->refs > 1) {
			r = fdtable_copy(proc->files, &own);
			if (r == 0) {
				fdtable_put(proc->files);
				proc->files = own;
			}
		}
		for (name = buf + strlen(buf); name > buf && name[-1] != '/'; name--)
			;
		if (r == 0)
			/* Through /proc/self/exe a program runs itself: its path stays what it was. */
			r = process_set_image(proc, name, image, image == proc->exe ? proc->exe_path : buf, &args);
		if (r == 0)
			become(&loaded);
		else
			vmspace_put(loaded.vm);
	}
	vnode_put(image);
	list_free(&args);
	list_free(&env);
	p->quota_used -= pages;
	kfree(buf);
	return r;
}
