/* procfs.h: /proc's knowledge of processes. */
#ifndef UIO_LINUX_PROCFS_H
#define UIO_LINUX_PROCFS_H

/* Lets /proc show processes. May be called again. */
void procfs_pid_register(void);

#endif
