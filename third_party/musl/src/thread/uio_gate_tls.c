/* uio_gate_tls.c: a thread's identity for the application's functions that run in a call gate: a TLS block and a struct
 * pthread of its own, so that errno and the owner of a recursive lock are nobody else's. Compiled with musl's internal
 * headers. */
#include "libc.h"
#include "pthread_impl.h"

size_t __uio_gate_tls_size(void);
uint64_t __uio_gate_tls_make(void *mem, const struct pthread *main);

size_t __uio_gate_tls_size(void)
{
	return libc.tls_size;
}

/* `mem`: that many zeroed bytes of the application's memory. Returns the thread pointer. Runs before the block is anybody's. */
uint64_t __uio_gate_tls_make(void *mem, const struct pthread *main)
{
	pthread_t td = __copy_tls(mem);

	td->self = td;
	td->tid = 0x3fffffff; /* no thread's: FUTEX_TID_MASK */
	td->detach_state = DT_JOINABLE;
	td->locale = &libc.global_locale;
	td->robust_list.head = &td->robust_list.head;
	td->prev = td->next = td;
	td->sysinfo = main->sysinfo;
	td->canary = main->canary;
	return (uint64_t) (uintptr_t) TP_ADJ(td);
}
