/* syscall_arch.h: how musl makes system calls here: it calls the kernel's functions. Takes the place of
 * arch/x86_64/syscall_arch.h. A constant number becomes a call of linux_NAME(), so that the linker takes only the system
 * calls that are used; any other number goes through linux_syscall(), which knows them all. */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

/* linux_call(number, six arguments), generated from linux/syscalls.tbl. */
#include "syscall_switch.h"

#define UIO_INLINE static __inline __attribute__((always_inline)) long

UIO_INLINE __syscall0(long n)
{
	return linux_call(n, 0, 0, 0, 0, 0, 0);
}

UIO_INLINE __syscall1(long n, long a)
{
	return linux_call(n, a, 0, 0, 0, 0, 0);
}

UIO_INLINE __syscall2(long n, long a, long b)
{
	return linux_call(n, a, b, 0, 0, 0, 0);
}

UIO_INLINE __syscall3(long n, long a, long b, long c)
{
	return linux_call(n, a, b, c, 0, 0, 0);
}

UIO_INLINE __syscall4(long n, long a, long b, long c, long d)
{
	return linux_call(n, a, b, c, d, 0, 0);
}

UIO_INLINE __syscall5(long n, long a, long b, long c, long d, long e)
{
	return linux_call(n, a, b, c, d, e, 0);
}

UIO_INLINE __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return linux_call(n, a, b, c, d, e, f);
}

#define IPC_64 0
