/* sys_ident.c: who a process is. There is one user, root; becoming somebody else is refused. */
#include "linux/process.h"
#include "linux/sys_proc.h"


long sys_getpid(void)
{
	return current()->proc->pid;
}

long sys_getppid(void)
{
	struct process *parent = current()->proc->parent;

	return parent ? parent->pid : 0;
}

long sys_getuid(void)
{
	return 0;
}

long sys_geteuid(void)
{
	return 0;
}

long sys_getgid(void)
{
	return 0;
}

long sys_getegid(void)
{
	return 0;
}
