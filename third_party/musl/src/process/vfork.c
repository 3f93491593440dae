/* vfork.c: there is one address space for the application, so this fails with ENOSYS. Takes the place of musl's
 * assembly. */
#define _GNU_SOURCE
#include <unistd.h>
#include "syscall.h"

pid_t vfork(void)
{
	return syscall(SYS_vfork);
}
