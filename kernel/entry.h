/* entry.h: how execution enters and leaves the kernel. */
#ifndef UIO_KERNEL_ENTRY_H
#define UIO_KERNEL_ENTRY_H

#include "kernel/types.h"

/* Registers as the trap and system-call entries save them (arch/x86_64/entry.S). */
struct trap_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

static inline bool frame_from_user(const struct trap_frame *f)
{
	return (f->cs & 3) != 0;
}

/* The application's direct calls: linux_NAME() is kernel_enter(); r = sys_NAME(...); while kernel_leave(&r). */
void kernel_enter(void);
/* Delivers signals, lets a better thread run; true when the call must be made again (*ret was -ERESTARTSYS). */
bool kernel_leave(long *ret);

/* Beside the definition of linux_NAME: what it turns into in a process of Linux (image/linux_start.S), a call's number or
 * a function there. The entry is linked if the function is, hence the relocation that does nothing. Once a file. */
#define LINUX_CALL(name, what)                                                                                         \
	__asm__(".pushsection .linux_calls,\"a\"\n"                                                                     \
		"__linux_call_" #name ": .long linux_" #name ", " #what "\n"                                             \
		".section .text.linux_" #name ",\"ax\",@progbits\n"                                                      \
		".reloc ., R_X86_64_NONE, __linux_call_" #name "\n"                                                      \
		".popsection")

/* Set whenever leaving the kernel has more to do than to return: a signal, a kill, a switch. */
extern volatile bool need_resched;

/* linux/signal.c sets this: deliver what is pending to the current application thread (direct: frame is NULL; after an
 * interrupt: the frame) or to the current ring-3 thread (frame from user mode). Called with interrupts off. */
extern void (*signal_deliver_hook)(struct trap_frame *frame, long *ret);
/* True if the current thread has a deliverable signal. */
extern bool (*signal_pending_hook)(void);
/* A fault that the memory manager cannot resolve, in the application's own code: linux/signal.c turns it into a signal;
 * returns false if it must be fatal. */
extern bool (*app_fault_hook)(struct trap_frame *frame, int signo, uint64_t addr);
/* The loaded part sets this: an exception in ring 0 that nothing has cured so far; true: a probe's own, go on. */
extern bool (*probe_fault_hook)(struct trap_frame *frame);
/* The overlay sets these: a fault in ring 3 or inside a gated call (never returns to the faulting code unless it returns
 * true), a `syscall` from ring 3, work before return to ring 3. */
extern bool (*overlay_fault_hook)(struct trap_frame *frame, uint64_t addr);
extern void (*overlay_syscall_hook)(struct trap_frame *frame);
extern void (*overlay_return_hook)(struct trap_frame *frame);

/* Functions that boot calls in order of their names' digits: drivers, file systems, the overlay register here.
 *	INIT(50, ninep) runs ninep() at level 50. Levels: 10 memory users, 20 devices, 30 file systems, 40 linux, 60 overlay. */
#define INIT(level, fn)                                                                                                \
	static void (*const __init_##fn)(void)                                                                         \
		__attribute__((used, retain, section(".uio_init." #level))) = fn

#endif
