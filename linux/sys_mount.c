/* sys_mount.c: mount and umount2. */
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/path.h"

#define MS_RDONLY 1
#define MOUNTS_MAX 32 /* each walk looks at all of them */

static char *copy_text(uint64_t user, size_t size, long *ret_error)
{
	char *text = kmalloc(size);
	long n = text ? copy_string_from_user(text, user, size) : -ENOMEM;

	if (n >= 0)
		return text;
	kfree(text);
	*ret_error = n;
	return NULL;
}

long sys_mount(uint64_t source, uint64_t target, uint64_t type, uint64_t flags, uint64_t data)
{
	char *s = NULL, *t = NULL, *ty = NULL;
	long r = process_may(current()->proc, GRANT_FS_RW, "mount") ? 0 : -EPERM;
	struct list *m = &mount_list;

	for (unsigned n = 0; (m = m->next) != &mount_list; )
		if (++n >= MOUNTS_MAX)
			r = -ENOSPC;
	if (r >= 0 && (s = copy_text(source, 64, &r)) && (t = copy_text(target, 256, &r)) &&
	    (ty = copy_text(type, 16, &r)))
		r = *t == '/' ? vfs_mount_type(ty, s, t, flags & MS_RDONLY) : -EINVAL;
	kfree(s);
	kfree(t);
	kfree(ty);
	return r;
}

long sys_umount2(uint64_t target, int flags)
{
	long r = process_may(current()->proc, GRANT_FS_RW, "umount") ? 0 : -EPERM;
	char *t;

	if (r < 0)
		return r;
	t = copy_text(target, PATH_MAX, &r);
	if (!t)
		return r;
	r = vfs_umount(t);
	kfree(t);
	return r;
}
