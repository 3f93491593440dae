/* syscalls.bpf.h: the records of the tracepoints raw_syscalls:sys_enter and sys_exit, as Linux lays them out. */
#ifndef TOOLS_SYSCALLS_BPF_H
#define TOOLS_SYSCALLS_BPF_H

struct sys_enter {
	unsigned long common;
	long nr;
	unsigned long args[6];
};

struct sys_exit {
	unsigned long common;
	long nr;
	long ret;
};

#endif
