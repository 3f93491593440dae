/* procfs_pid.h: what the procfs_*.c files share. */
#ifndef UIO_LINUX_PROCFS_PID_H
#define UIO_LINUX_PROCFS_PID_H

#include "fs/proc.h"
#include "kernel/boot.h"
#include "linux/process.h"
#include "linux/procfs.h"

/* NULL: it has ended. No reference: look again after anything that blocks. */
struct process *procfs_process(const struct proc_key *k);
/* A vnode's path as a link's text. */
kssize_t procfs_vnode_path(struct vnode *v, char *buf, size_t size);

void procfs_show_stat(struct proc_text *t, const struct proc_key *k);
void procfs_show_statm(struct proc_text *t, const struct proc_key *k);
void procfs_show_status(struct proc_text *t, const struct proc_key *k);
void procfs_show_limits(struct proc_text *t, const struct proc_key *k);
void procfs_show_maps(struct proc_text *t, const struct proc_key *k);

extern const struct proc_many procfs_fds, procfs_fdinfos;

#endif
