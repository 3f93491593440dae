/* process.h: processes of overlay programs: what program start, fork and exec share. For overlay/ only. */
#ifndef UIO_OVERLAY_PROCESS_H
#define UIO_OVERLAY_PROCESS_H

#include "linux/process.h"
#include "overlay/load.h"

struct program;

/* Makes the process one of the program's: grants, callbacks, count. */
void program_adopt(struct program *p, struct process *proc);
/* Name, arguments and executable for /proc. References and copies are taken. 0 or -ENOMEM. */
int process_set_image(struct process *proc, const char *name, struct vnode *image, const char *path,
		      const struct arg_list *args);
/* Frees a process that never had a thread. */
void process_discard(struct process *proc);

/* Boot: what ring 3 does arrives here from now on (syscall.c, fault.c, uthread.c). */
void syscall_hooks_set(void);
void fault_hooks_set(void);
void uthread_hooks_set(void);

/* The calls that only programs have; args as Linux's. */
long overlay_fork(void);
long overlay_vfork(void);
long overlay_clone(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid, uint64_t tls);
long overlay_execve(uint64_t path, uint64_t argv, uint64_t envp);
long overlay_wait4(int pid, uint64_t status, int options, uint64_t rusage);
long overlay_waitid(int type, int id, uint64_t info, int options, uint64_t rusage);

#endif
