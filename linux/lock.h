/* lock.h: locks on files: record locks of a process (POSIX), of an open file (OFD), and flock(). All programs and the
 * application see the same ones. */
#ifndef UIO_LINUX_LOCK_H
#define UIO_LINUX_LOCK_H

#include "fs/vfs.h"

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

enum lock_space { LOCK_RECORD, LOCK_FLOCK };

/* Sets or removes a lock on bytes start..end (both included; INT64_MAX: to the end). The owner of a POSIX lock is the
 * fdtable, otherwise the file. -EAGAIN, or, with wait, -EINTR; -ENOLCK. */
int lock_set(struct file *f, enum lock_space space, void *owner, int type, uint64_t start, uint64_t end, bool wait);
/* fcntl's F_GETLK, F_SETLK, F_SETLKW and their OFD forms. */
long lock_fcntl(struct file *f, int cmd, uint64_t arg);

#endif
