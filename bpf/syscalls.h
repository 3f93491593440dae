/* pure */
/*
 * syscalls.h: names and numbers of Linux's system calls on x86-64, as linux/syscalls.tbl has them: for tracepoints, and
 * for tools.
 */
#ifndef BPF_SYSCALLS_H
#define BPF_SYSCALLS_H

/* The number of a call, or -1. */
int syscall_number(const char *name);
/* The name of a number, or NULL: not in the table. */
const char *syscall_name(unsigned number);

#endif
