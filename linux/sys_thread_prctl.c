/* sys_thread_prctl.c: prctl: names, and the few switches with a true answer. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

/* include/uapi/linux/prctl.h */
enum {
	PR_SET_PDEATHSIG = 1,
	PR_GET_DUMPABLE = 3,
	PR_SET_DUMPABLE = 4,
	PR_SET_NAME = 15,
	PR_GET_NAME = 16,
	PR_GET_SECCOMP = 21,
	PR_CAPBSET_READ = 23,
	PR_SET_TIMERSLACK = 29,
	PR_GET_TIMERSLACK = 30,
	PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_NO_NEW_PRIVS = 39,
};

static long set_name(uint64_t addr)
{
	struct thread *t = current();
	char name[sizeof(t->name)];
	long r = copy_string_from_user(name, addr, sizeof(name));

	/* A longer name is cut. */
	if (r == -ENAMETOOLONG) {
		r = copy_from_user(name, addr, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
	}
	if (r < 0)
		return r;
	memcpy(t->name, name, strlen(name) + 1);
	/* The first thread's name is the process's. */
	if (t->tid == t->proc->pid)
		memcpy(t->proc->comm, name, strlen(name) + 1);
	return 0;
}

long sys_prctl(int op, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	switch (op) {
	case PR_SET_NAME:
		return set_name(a);
	case PR_GET_NAME:
		return copy_to_user(a, current()->name, sizeof(current()->name));
	case PR_GET_DUMPABLE:
	case PR_GET_SECCOMP:
		return 0; /* there are no core files and no filters */
	case PR_SET_DUMPABLE:
		return a <= 1 ? 0 : -EINVAL;
	case PR_CAPBSET_READ:
		return 1;
	case PR_SET_TIMERSLACK:
		return 0;
	case PR_GET_TIMERSLACK:
		return 1;
	case PR_SET_NO_NEW_PRIVS:
		return a == 1 && !b && !c && !d ? 0 : -EINVAL;
	case PR_GET_NO_NEW_PRIVS:
		return 1; /* no program gains rights by executing another */
	default:
		return -EINVAL;
	}
}
