/* __unmapself.c: a detached thread frees the stack it runs on, and ends; only the kernel can do both. Takes the place of
 * musl's assembly. */
#include "pthread_impl.h"

_Noreturn void linux_unmapself(void *base, size_t size);

void __unmapself(void *base, size_t size)
{
	linux_unmapself(base, size);
}
