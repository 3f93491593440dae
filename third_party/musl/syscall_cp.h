/* syscall_cp.h: cancellation points as direct calls; put into musl's src/internal/syscall.h.
 *
 * musl passes the number of such a call on to an assembly function, whose code range tells the signal handler whether a
 * cancelled thread had entered the call. Here the thread looks before the call and again when a signal interrupted it.
 * __uio_cancel_point() is in pthread_cancel.o: a program that never cancels does not have it.
 * Not covered: a cancellation in the few instructions between the look and the call waits for the call's end. */
#ifndef UIO_SYSCALL_CP_H
#define UIO_SYSCALL_CP_H

static long __uio_point(int) __attribute__((weakref("__uio_cancel_point")));

static __inline __attribute__((always_inline)) long __uio_cp(long n, long a, long b, long c, long d, long e, long f)
{
	long r;

	if (__uio_point && (r = __uio_point(n == SYS_close)))
		return r;
	r = linux_call(n, a, b, c, d, e, f);
	if (r == -EINTR && n != SYS_close && __uio_point) {
		long cancelled = __uio_point(0);
		if (cancelled)
			return cancelled;
	}
	return r;
}

#undef __syscall_cp0
#undef __syscall_cp1
#undef __syscall_cp2
#undef __syscall_cp3
#undef __syscall_cp4
#undef __syscall_cp5
#undef __syscall_cp6
#define __syscall_cp0(n) __uio_cp(n, 0, 0, 0, 0, 0, 0)
#define __syscall_cp1(n, a) __uio_cp(n, __scc(a), 0, 0, 0, 0, 0)
#define __syscall_cp2(n, a, b) __uio_cp(n, __scc(a), __scc(b), 0, 0, 0, 0)
#define __syscall_cp3(n, a, b, c) __uio_cp(n, __scc(a), __scc(b), __scc(c), 0, 0, 0)
#define __syscall_cp4(n, a, b, c, d) __uio_cp(n, __scc(a), __scc(b), __scc(c), __scc(d), 0, 0)
#define __syscall_cp5(n, a, b, c, d, e) __uio_cp(n, __scc(a), __scc(b), __scc(c), __scc(d), __scc(e), 0)
#define __syscall_cp6(n, a, b, c, d, e, f) __uio_cp(n, __scc(a), __scc(b), __scc(c), __scc(d), __scc(e), __scc(f))

#endif
