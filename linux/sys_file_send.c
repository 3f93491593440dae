/* sys_file_send.c: sendfile, through a page of the kernel's. */
#include "kernel/page.h"
#include "kernel/thread.h"
#include "linux/file.h"
#include "linux/process.h"
#include "linux/signal.h"

/* Moves until `len`, the end of the file, or the output takes less than it was given. *pos is where to read. */
static long move(struct file *out, struct file *in, uint64_t *pos, uint64_t len)
{
	struct paddr page;
	long done = 0, n = page_alloc(&page);
	struct iter it;

	if (n < 0)
		return n;
	while (len) {
		kssize_t wrote;

		n = file_read_kernel(in, phys_to_virt(page), MIN(len, PAGE_SIZE), *pos);
		if (n <= 0)
			break;
		iter_init_kernel(&it, phys_to_virt(page), (uint64_t) n);
		wrote = file_write(out, &it, FILE_POS);
		if (wrote < 0) {
			n = wrote;
			break;
		}
		*pos += (uint64_t) wrote;
		done += wrote;
		len -= (uint64_t) wrote;
		if (wrote < n)
			break;
		kernel_relax();
	}
	page_put(page);
	return done ? done : n;
}

long sys_sendfile(int out_fd, int in_fd, uint64_t off_ptr, uint64_t len)
{
	struct file *out = fd_get(out_fd), *in = fd_get(in_fd);
	uint64_t pos;
	long r = 0;

	if (!out || !in)
		r = -EBADF;
	else if (!file_seekable(in) || S_ISDIR(in->vnode->mode))
		r = -EINVAL;
	else if (off_ptr)
		r = copy_from_user(&pos, off_ptr, sizeof(pos));
	else
		pos = in->pos;
	if (r >= 0) {
		r = pos > INT64_MAX ? -EINVAL : move(out, in, &pos, MIN(len, IO_MAX));
		if (r > 0 && !off_ptr)
			in->pos = pos;
		else if (r > 0 && copy_to_user(off_ptr, &pos, sizeof(pos)) < 0)
			r = -EFAULT;
	}
	file_put(out);
	file_put(in);
	if (r == -EPIPE)
		signal_send_thread(current(), SIGPIPE);
	return r == -EINTR ? -ERESTARTSYS : r;
}
