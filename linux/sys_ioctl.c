/* sys_ioctl.c: ioctl. What a request means is the file's own matter but for the few that concern any descriptor. */
#include "linux/file.h"
#include "linux/process.h"

long sys_ioctl(int fd, unsigned cmd, uint64_t arg)
{
	struct file *f = fd_get(fd);
	int on;
	long r;

	if (!f)
		return -EBADF;
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX: {
		uintptr_t *slot = fdtable_slot(current()->proc->files, (unsigned) fd);

		*slot = (*slot & ~1UL) | (cmd == FIOCLEX);
		r = 0;
		break;
	}
	case FIONBIO:
		r = copy_from_user(&on, arg, sizeof(on));
		if (r >= 0)
			f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~(uint32_t) O_NONBLOCK;
		break;
	default:
		r = f->fops->ioctl ? f->fops->ioctl(f, cmd, arg) : -ENOTTY;
	}
	file_put(f);
	return r == -EINTR ? -ERESTARTSYS : r;
}
