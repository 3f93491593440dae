/* enosys.c: a system call that uIO does not have. It is named once in the log, so that a port begins with a list of
 * what is missing and not with a riddle. */
#include "kernel/log.h"
#include "kernel/thread.h"
#include "linux/sys_proc.h"

#define CALLS_MAX 512

/* The names in order of their numbers, each with its end; empty for the calls that exist. */
#define SYSCALL_NAME(nr, name) #name "\0"
static const char names[] =
#include "gen/syscall_names.h"
	;

static uint32_t named[CALLS_MAX / 32];

static const char *call_name(long nr)
{
	const char *s = names;

	if (nr >= SYSCALL_GAP_START) {
		if (nr < SYSCALL_GAP_END)
			return "unknown";
		nr -= SYSCALL_GAP_END - SYSCALL_GAP_START;
	}
	while (nr-- && s < names + sizeof(names) - 1)
		s += strlen(s) + 1;
	return *s ? s : "unknown";
}

long linux_enosys(long nr)
{
	if (nr < 0 || nr >= CALLS_MAX)
		return -ENOSYS;
	if (!(named[nr / 32] & 1U << nr % 32)) {
		named[nr / 32] |= 1U << nr % 32;
		klog("%s: system call %ld (%s) is not implemented", current()->name, nr, call_name(nr));
	}
	return -ENOSYS;
}
