/* fd.h: a process's table of open files. Shared by threads (and CLONE_FILES) through its reference count. */
#ifndef UIO_LINUX_FD_H
#define UIO_LINUX_FD_H

#include "fs/vfs.h"

#define FD_MAX 65536		/* RLIMIT_NOFILE's hard limit; a table grows on demand, and memory is the true limit */
#define FD_MAX_RESTRICTED 256
#define FD_CHUNK 512		/* slots of a frame */

/* A slot: struct file *, bit 0: close on exec; 0: free. */
struct fdtable {
	unsigned refs;
	unsigned size;		/* slots there are */
	unsigned lowest;	/* no slot below it is free */
	uintptr_t *few;		/* the first FD_CHUNK of them, or less */
	uintptr_t **more;	/* the others, FD_CHUNK each; NULL: none yet */
};

int fdtable_create(struct fdtable **ret);
struct fdtable *fdtable_get(struct fdtable *t);
void fdtable_put(struct fdtable *t);	/* the last reference closes all; NULL is allowed */
/* fork: the same files in a table of its own. */
int fdtable_copy(struct fdtable *from, struct fdtable **ret);
void fdtable_close_on_exec(struct fdtable *t);

/* Puts f (whose reference it takes over on success) at the lowest free number >= `from`. Returns it, or
 * -EMFILE/-ENOMEM. */
int fdtable_add(struct fdtable *t, struct file *f, unsigned from, bool cloexec);
/* Exactly at `fd`; closes what is there. Takes over f's reference on success. fd or -EBADF/-ENOMEM. */
int fdtable_set(struct fdtable *t, unsigned fd, struct file *f, bool cloexec);
/* -EBADF */
int fdtable_close(struct fdtable *t, unsigned fd);
/* Slots for at least `fd + 1` descriptors, below FD_MAX. -ENOMEM. */
int fdtable_grow(struct fdtable *t, unsigned fd);
/* The slot of a descriptor; NULL: there is none yet. */
uintptr_t *fdtable_slot(struct fdtable *t, unsigned fd);
/* The file at fd without a reference, or NULL. ret_cloexec may be NULL. */
struct file *fdtable_peek(struct fdtable *t, unsigned fd, bool *ret_cloexec);
void fdtable_set_cloexec(struct fdtable *t, unsigned fd, bool cloexec);

/* Of the current process: the file at fd with a reference (file_put() it), or NULL: EBADF. */
struct file *fd_get(int fd);
/* Of the current process: lowest free number; takes over f's reference, on failure too. */
int fd_install(struct file *f, bool cloexec);

/* A byte-stream console as fd 0, 1 and 2 of a new process (the application). 0 or -ENOMEM. */
int fd_open_console(struct fdtable *t);

#endif
