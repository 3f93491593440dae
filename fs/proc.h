/* proc.h: /proc: a tree that is described by tables and read as it is at the moment. What a file says is made as a
 * whole when it is opened; a table that may be long, piece by piece as it is read. Files of the system: proc_sys.c; of processes: linux/procfs_pid.c, which registers its table
 * here. */
#ifndef UIO_FS_PROC_H
#define UIO_FS_PROC_H

#include "fs/vfs.h"

/* Which object an entry is about: a process, and below it a descriptor or a thread. */
struct proc_key {
	int pid, n;
};

/* A file's text, or a piece of it, while it is made. */
struct proc_text {
	char *buf;
	size_t len, size;
	int error;
	/* A long table ends a piece after PROC_PIECE bytes and sets `more`; it is then shown on from where it left its notes
	 * in `at` (zero at the beginning). */
	bool more;
	uint64_t at[3];
	uint64_t start;		/* proc.c: where in the file the piece begins */
};
#define PROC_PIECE 3000 /* with the last row below a page */
void proc_printf(struct proc_text *t, const char *fmt, ...) __printf(2, 3);
void proc_write(struct proc_text *t, const char *bytes, size_t n);

#define PROC_NAME_MAX 24

/* The type in `mode` says which fields count. */
struct proc_entry {
	const char *name;
	uint32_t mode;
	union {
		/* Files. */
		void (*show)(struct proc_text *t, const struct proc_key *k);
		/* Links: the text. */
		kssize_t (*link)(const struct proc_key *k, char *buf, size_t size);
		/* Directories: names that are always there (ends with a NULL name). */
		const struct proc_entry *children;
	};
	union {
		/* Links: what they lead to where that is no name (vnode_ops.follow). */
		int (*follow)(const struct proc_key *k, struct vnode **ret);
		/* Directories: names that come and go, or NULL. */
		const struct proc_many *many;
	};
};

/* Names that are numbers. */
struct proc_many {
	struct proc_entry each;
	/* The smallest number >= *n that there is: sets *n, and ret to the key. False: none. */
	bool (*next)(const struct proc_key *k, int *n, struct proc_key *ret);
};

/* The directory of processes: its children and numbers appear in /proc itself. */
extern const struct proc_entry *proc_processes;
/* What else appears in /proc itself, ends with a NULL name: net/proc.c sets it. */
extern const struct proc_entry *proc_network;
#define PROC_DIR (S_IFDIR | 0555)
#define PROC_FILE (S_IFREG | 0444)
#define PROC_LINK (S_IFLNK | 0777)
extern const struct proc_entry proc_system[];

/* A new, unmounted /proc. */
int procfs_create(struct mount **ret);

#endif
