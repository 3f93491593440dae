/* ramfs_node.h: the inside of ramfs: ramfs.c, ramfs_dir.c, ramfs_file.c only. */
#ifndef UIO_FS_RAMFS_NODE_H
#define UIO_FS_RAMFS_NODE_H

#include "fs/ramfs.h"

struct ramfs {
	struct mount mount;
	uint64_t used, limit;	/* bytes */
	uint64_t next_ino;
	uint64_t nodes;
};

/* A name in a directory; holds a reference to the node. */
struct ram_entry {
	struct list node;	/* in ram_node.entries */
	uint64_t cookie;	/* position for readdir: unique in the directory, growing */
	struct ram_node *to;
	char name[];
};

#define CHUNK_FRAMES 64		/* frame numbers in one piece of a file's table */

struct ram_node {
	struct vnode v;
	struct ramfs *fs;
	uint32_t uid, gid, nlink;
	int64_t atime, mtime, ctime;
	union {
		struct {
			struct list entries;
			uint64_t next_cookie;
		} dir;
		struct {
			uint32_t **chunks;	/* of CHUNK_FRAMES frame numbers, 0: a hole */
			uint32_t chunk_count;
			uint32_t frames;
			uint64_t size;
			const uint8_t *rom;	/* content of holes below rom_size */
			uint64_t rom_size;
		} file;
		char *target;
	};
};

static inline struct ram_node *ram_node(struct vnode *v)
{
	return container_of(v, struct ram_node, v);
}

/* Counts `bytes` more, or -ENOSPC. What is in reserve for the application is not for the programs' files. */
int ram_charge(struct ramfs *fs, uint64_t bytes);
int ram_node_create(struct ramfs *fs, uint32_t mode, uint64_t rdev, struct ram_node **ret);
void ram_touch(struct ram_node *n);	/* mtime and ctime: now */

extern const struct vnode_ops ramfs_vnode_ops;
extern const struct file_ops ramfs_dir_fops, ramfs_file_fops;

/* ramfs_file.c */
int ram_file_resize(struct ram_node *n, uint64_t size);
int ram_file_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret);

/* ramfs_dir.c */
int ram_lookup(struct vnode *dir, const char *name, struct vnode **ret);
int ram_mknod(struct vnode *dir, const char *name, uint32_t mode, uint64_t rdev, struct vnode **ret);
int ram_mkdir(struct vnode *dir, const char *name, uint32_t mode);
int ram_symlink(struct vnode *dir, const char *name, const char *target);
int ram_link(struct vnode *dir, const char *name, struct vnode *to);
int ram_unlink(struct vnode *dir, const char *name);
int ram_rmdir(struct vnode *dir, const char *name);
int ram_rename(struct vnode *from, const char *name, struct vnode *to, const char *new_name);

#endif
