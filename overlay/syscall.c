/* syscall.c: the gate: every `syscall` of ring 3 arrives here. The table is made from linux/syscalls.tbl; each function
 * checks its pointers through kernel/usercopy.h. */
#include "kernel/entry.h"
#include "kernel/thread.h"
#include "linux/process.h"
#include "linux/sys_proc.h"
#include "overlay/gate.h"
#include "overlay/load.h"
#include "overlay/process.h"
#include "overlay/program.h"

typedef long (*syscall_fn)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

#define SYSCALLS_MAX 450

/* Addresses of the implementations by number, 0 where there is none. Assembly, because C has no 32-bit pointer constant
 * (the image lies below 2 GiB), and half the table is 2 KiB. */
extern const uint32_t syscall_table[SYSCALLS_MAX];
#define SYSCALL(number, name, nargs) ".org syscall_table + 4 * " #number "\n\t.long sys_" #name "\n\t"
#define SYSCALL_APP(number, name, nargs) ".weak sys_" #name "\n\t" SYSCALL(number, name, nargs)
#define STRING(x) #x
#define EXPAND(x) STRING(x)
__asm__(".pushsection .rodata.syscall_table, \"a\", @progbits\n\t.balign 4\n"
	"syscall_table:\n\t"
#include "gen/overlay_syscalls.h"
	".org syscall_table + 4 * " EXPAND(SYSCALLS_MAX) "\n\t.popsection");
#undef SYSCALL
#undef SYSCALL_APP

/* Each implementation takes its own number and types of arguments, all in registers: the call passes all six
 * (System V ABI, AMD64 supplement, 3.2.3). Starting processes is the overlay's own. */
static const void *find(uint64_t nr)
{
	switch (nr) {
	case 56:
		return overlay_clone;
	case 57:
		return overlay_fork;
	case 58:
		return overlay_vfork;
	case 59:
		return overlay_execve;
	case 61:
		return overlay_wait4;
	case 247:
		return overlay_waitid;
	default:
		return nr < SYSCALLS_MAX ? (const void *) (uint64_t) syscall_table[nr] : NULL;
	}
}

static void syscall(struct trap_frame *f)
{
	struct thread *t = current();
	struct program *p = t->overlay;
	uint64_t nr = f->rax;
	syscall_fn fn;

	p->syscalls++;
	if (nr >= GATE_BASE && nr - GATE_BASE < p->binding_count) {
		gate_call(f, nr - GATE_BASE);
		return;
	}
	/* linux/signal.h: delivery finds the number here if the call is to start again. */
	f->error = nr;
	fn = (syscall_fn) find(nr);
	if (fn)
		f->rax = fn(f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9);
	else
		f->rax = linux_enosys(nr);
}

/* Before every return to ring 3, and where a gated call can be given up. */
static void before_return(struct trap_frame *f)
{
	struct thread *t = current();

	if (t->in_gate) {
		gate_check(f);
		return;
	}
	if (t->kill_pending)
		process_thread_exit(0);
}

void syscall_hooks_set(void)
{
	overlay_syscall_hook = syscall;
	overlay_return_hook = before_return;
}
