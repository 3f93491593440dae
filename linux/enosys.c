/* enosys.c: a system call that uIO does not have. It is named once in the log, so that a port begins with a list of
 * what is missing and not with a riddle. */
#include "kernel/log.h"
#include "kernel/thread.h"
#include "linux/sys_proc.h"

#define CALLS_MAX 512

/* "number\0name\0" for each call, an empty number last. */
#define SYSCALL_NAME(nr, name) #nr "\0" #name "\0"
static const char names[] =
#include "gen/syscall_names.h"
	;

static uint32_t named[CALLS_MAX / 32];

static long to_number(const char *s)
{
	long n = 0;

	while (*s)
		n = n * 10 + (*s++ - '0');
	return n;
}

static const char *call_name(long nr)
{
	const char *s = names;

	while (*s) {
		long n = to_number(s);

		s += strlen(s) + 1;
		if (n == nr)
			return s;
		s += strlen(s) + 1;
	}
	return "unknown";
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
