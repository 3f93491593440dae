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

/* Each implementation takes its own number and types of arguments, all in registers: the call passes all six
 * (System V ABI, AMD64 supplement, 3.2.3). */
#define SYSCALL(number, name, nargs) long sys_##name(void);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#define SYSCALL_ASM(name) __asm__("sys_" #name)
#undef SYSCALL
#define SYSCALL(number, name, nargs) extern const char entry_##name[] SYSCALL_ASM(name);
#include "gen/overlay_syscalls.h"
#undef SYSCALL
#pragma GCC diagnostic pop

#define SYSCALLS_MAX 460

static const void *const table[SYSCALLS_MAX] = {
#define SYSCALL(number, name, nargs) [number] = entry_##name,
#include "gen/overlay_syscalls.h"
#undef SYSCALL
	[56] = overlay_clone,
	[57] = overlay_fork,
	[58] = overlay_vfork,
	[59] = overlay_execve,
	[61] = overlay_wait4,
	[247] = overlay_waitid,
};

static void syscall(struct trap_frame *f)
{
	struct thread *t = current();
	struct program *p = t->overlay;
	uint64_t nr = f->rax;

	p->syscalls++;
	if (nr >= GATE_BASE && nr - GATE_BASE < p->binding_count) {
		gate_call(f, nr - GATE_BASE);
		return;
	}
	/* linux/signal.h: delivery finds the number here if the call is to start again. */
	f->error = nr;
	if (nr < SYSCALLS_MAX && table[nr])
		f->rax = ((syscall_fn) table[nr])(f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9);
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
