/* console.c: the application's console as a byte stream. Every image has it, so it knows nothing of paths. */
#include "fs/console.h"
#include "kernel/boot.h"
#include "kernel/log.h"

#define CHUNK 128

const struct console_port *console_port;

static kssize_t console_fread(struct file *f, struct iter *it, uint64_t off)
{
	char buf[CHUNK];
	kssize_t done = 0;

	if (!console_port)
		return 0;
	while (it->left) {
		size_t n = console_port->read(buf, MIN(it->left, sizeof(buf)));

		if (n) {
			kssize_t r = iter_put(it, buf, n);

			if (r < 0)
				return done ? done : r;
			done += r;
			continue;
		}
		if (done || (console_port->closed && console_port->closed()))
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		int r = waitq_wait(console_port->readable, WAIT_EVENT, "console", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	return done;
}

static kssize_t console_fwrite(struct file *f, struct iter *it, uint64_t off)
{
	char buf[CHUNK];
	kssize_t done = 0;

	while (it->left) {
		kssize_t n = iter_get(it, buf, MIN(it->left, sizeof(buf)));

		if (n <= 0)
			return done ? done : n;
		console_write(buf, (size_t) n);
		done += n;
	}
	return done;
}

static unsigned console_poll(struct file *f, struct poll_table *pt)
{
	if (!console_port)
		return POLLIN | POLLOUT;
	/* The port cannot tell what it holds without giving it, so a poll looks at most one byte too early. */
	poll_wait(pt, console_port->readable);
	return POLLIN | POLLOUT;
}

static long console_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	return -ENOTTY;
}

static const struct file_ops console_fops = {
	.read = console_fread,
	.write = console_fwrite,
	.ioctl = console_ioctl,
	.poll = console_poll,
};

static struct vnode console_vnode = {
	.refs = 1,
	.mode = S_IFCHR | 0620,
	.fops = &console_fops,
	.rdev = MAKEDEV(5, 1),
};

void console_write(const char *bytes, size_t n)
{
	while (n) {
		size_t took = n;

		if (console_port)
			took = console_port->write(bytes, n);
		else
			kprint_raw(bytes, n);
		bytes += took;
		n -= took;
		if (n)
			waitq_wait(console_port->writable, WAIT_IO, "console", TIME_NEVER, false);
	}
}

int console_open(struct file **ret)
{
	const char *tty = boot_option("tty");
	int r;

	if (console_tty_open && tty && *tty == '1')
		return console_tty_open(ret);
	r = file_create(vnode_get(&console_vnode), O_RDWR, ret);
	if (r < 0)
		vnode_put(&console_vnode);
	return r;
}
