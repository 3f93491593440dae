/* sys_socket_rights.c: descriptors that travel through AF_UNIX sockets. */
#include "kernel/kmem.h"
#include "linux/fd.h"
#include "linux/process.h"
#include "linux/sys_socket.h"

#define ALIGN8(n) (((n) + 7) & ~7UL)

/* A socket that holds itself, or two that hold each other, would never go. There is no search for such circles, so a
 * program may not make them; the application's are its own affair. */
static bool may_travel(struct file *f)
{
	struct process *p = current()->proc;

	return !p->restricted || !socket_of(f) || socket_of(f)->family != AF_UNIX;
}

static int take(uint64_t fds, unsigned count, struct socket_files **ret)
{
	struct socket_files *files;
	int fd, r = 0;

	if (count > SOCKET_FILES_MAX || *ret)
		return -EINVAL;
	files = kmalloc(sizeof(*files) + count * sizeof(files->file[0]));
	if (!files)
		return -ENOMEM;
	files->count = 0;
	for (unsigned i = 0; i < count && r >= 0; i++) {
		r = copy_from_user(&fd, fds + i * sizeof(fd), sizeof(fd));
		if (r < 0)
			break;
		files->file[i] = fd_get(fd);
		if (files->file[i])
			files->count++;
		else
			r = -EBADF;
		if (files->file[i] && !may_travel(files->file[i]))
			r = -ETOOMANYREFS;
	}
	if (r < 0)
		socket_files_free(files);
	else
		*ret = files;
	return r;
}

/* Other control messages than rights are for other families: they may be there and mean nothing. */
int socket_rights_get(struct socket *s, const struct msghdr64 *h, struct socket_files **ret_files)
{
	uint64_t at = 0;
	struct cmsghdr64 c;
	int r = 0;

	while (r >= 0 && h->control_len >= sizeof(c) && at <= h->control_len - sizeof(c)) {
		r = copy_from_user(&c, h->control + at, sizeof(c));
		if (r < 0)
			break;
		if (c.len < sizeof(c) || c.len > h->control_len - at)
			return -EINVAL;
		if (s->family == AF_UNIX && c.level == SOL_SOCKET && c.type == SCM_RIGHTS)
			r = take(h->control + at + sizeof(c), (unsigned) ((c.len - sizeof(c)) / sizeof(int)),
				 ret_files);
		at += ALIGN8(c.len);
	}
	return r;
}

long socket_rights_put(struct socket_files *files, const struct msghdr64 *h, bool cloexec, unsigned *ret_flags)
{
	struct cmsghdr64 c = { .level = SOL_SOCKET, .type = SCM_RIGHTS };
	unsigned done = 0, room = 0;
	long r = 0;

	if (h->control && h->control_len > sizeof(c))
		room = (unsigned) MIN((h->control_len - sizeof(c)) / sizeof(int), (uint64_t) files->count);
	for (; done < room; done++) {
		int fd = fdtable_add(current()->proc->files, file_get(files->file[done]), 0, cloexec);

		r = fd;
		if (fd >= 0)
			r = copy_to_user(h->control + sizeof(c) + done * sizeof(fd), &fd, sizeof(fd));
		if (fd < 0)
			file_put(files->file[done]);
		else if (r < 0)
			fdtable_close(current()->proc->files, (unsigned) fd);
		if (r < 0)
			break;
	}
	if (done < files->count)
		*ret_flags |= MSG_CTRUNC;
	socket_files_free(files);
	if (!done)
		return 0;
	c.len = sizeof(c) + done * sizeof(int);
	r = copy_to_user(h->control, &c, sizeof(c));
	return r < 0 ? r : (long) MIN(ALIGN8(c.len), h->control_len);
}
