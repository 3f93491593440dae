/* syscall_cp.c: what is left of the cancellation point that musl writes in assembly; see syscall_cp.h. Calls with a number
 * known at run time only could come here; musl has none, so the reference to the kernel's dispatcher, which would bring in
 * every system call, is weak. */
#include "pthread_impl.h"
#include "syscall.h"

weak long linux_syscall(long, long, long, long, long, long, long);
hidden long __cancel(void);

hidden long __syscall_cp_asm(volatile int *cancel, long n, long a, long b, long c, long d, long e, long f)
{
	if (*cancel)
		return __cancel();
	return linux_syscall ? linux_syscall(n, a, b, c, d, e, f) : -ENOSYS;
}

/* The handler's code range is empty: no program counter lies in it. */
__asm__(".globl __cp_begin, __cp_end, __cp_cancel\n"
	".hidden __cp_begin, __cp_end, __cp_cancel\n"
	".pushsection .text.__cp_cancel,\"ax\",@progbits\n"
	"__cp_begin:\n"
	"__cp_end:\n"
	"__cp_cancel: jmp __cancel\n"
	".popsection\n");
