/* clone.c: a new thread. Takes the place of musl's assembly, which makes the system call and calls fn itself: here the
 * kernel starts the thread at fn(arg) on its stack, and ends it with what fn returns. */
#include <stdarg.h>
#include "pthread_impl.h"

long linux_clone_call(unsigned long flags, void *stack_top, int *ptid, int *ctid, void *tls, int (*fn)(void *),
		      void *arg);

hidden int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	va_list ap;

	va_start(ap, arg);
	int *ptid = va_arg(ap, int *);
	void *tls = va_arg(ap, void *);
	int *ctid = va_arg(ap, int *);
	va_end(ap);
	return linux_clone_call(flags, (void *) ((uintptr_t) stack & -16), ptid, ctid, tls, fn, arg);
}
