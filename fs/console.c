/* console.c: the application's console as a byte stream. Every image has it, so it knows nothing of paths. */
#include "fs/console.h"
#include "drivers/serial.h"
#include "drivers/virtio_console.h"
#include "kernel/boot.h"

/* Only where something else brings it into the image. */
struct vnode *console_tty_vnode(void) __attribute__((weak));

#define CHUNK 128

static struct vport *port;
static bool found;
static uint64_t taken, end = UINT64_MAX; /* input bytes: those read, and where there are no more */

void console_init(void)
{
	const char *input = boot_option("stdin");

	if (found)
		return;
	found = true;
	if (input && *input == '0')
		end = 0;
	port = vport_find("uio.console");
	if (!port)
		(void) serial_input_start(); /* without a serial port there is no input */
}

struct vport *console_port(void)
{
	return port;
}

size_t console_take(char *bytes, size_t n)
{
	n = MIN(n, end - MIN(taken, end));
	n = port ? vport_read(port, bytes, n) : serial_read(bytes, n);
	taken += n;
	return n;
}

bool console_at_end(void)
{
	return taken >= end;
}

void console_set_end(uint64_t bytes)
{
	end = bytes;
	waitq_wake_all(console_readers());
}

struct waitq *console_readers(void)
{
	return port ? vport_readers(port) : &serial_readers;
}

size_t console_give(const char *bytes, size_t n)
{
	if (port)
		return vport_write(port, bytes, n);
	serial_write(bytes, n);
	return n;
}

struct waitq *console_writers(void)
{
	return port ? vport_writers(port) : NULL;
}

void console_write(const char *bytes, size_t n)
{
	while (n) {
		size_t took = console_give(bytes, n);

		bytes += took;
		n -= took;
		if (n)
			waitq_wait(console_writers(), WAIT_IO, "console", TIME_NEVER, false);
	}
}

static kssize_t console_fread(struct file *f, struct iter *it, uint64_t off)
{
	char buf[CHUNK];
	kssize_t done = 0, r;

	while (it->left) {
		size_t n = console_take(buf, MIN(it->left, sizeof(buf)));

		if (n) {
			r = iter_put(it, buf, n);
			if (r < 0)
				return done ? done : r;
			done += r;
			continue;
		}
		if (done || console_at_end())
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(console_readers(), WAIT_EVENT, "console", TIME_NEVER, true);
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
	unsigned ready = 0;

	poll_wait(pt, console_readers());
	if (port)
		poll_wait(pt, vport_writers(port));
	/* The serial port cannot tell without giving the byte: a reader may have to wait after all. */
	if (!port || console_at_end() || vport_readable(port))
		ready |= POLLIN | POLLRDNORM;
	if (!port || vport_writable(port))
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static const struct file_ops console_fops = {
	.read = console_fread,
	.write = console_fwrite,
	.poll = console_poll,
};

static struct vnode plain_vnode = {
	.refs = 1,
	.mode = S_IFCHR | 0620,
	.fops = &console_fops,
	.rdev = MAKEDEV(5, 1),
};

struct vnode *console_vnode(void)
{
	const char *tty = boot_option("tty");
	struct vnode *v = NULL;

	console_init();
	if (console_tty_vnode && tty && *tty == '1')
		v = console_tty_vnode();
	return v ? v : &plain_vnode;
}

int console_open(struct file **ret)
{
	struct vnode *v = vnode_get(console_vnode());
	int r = file_create(v, O_RDWR, ret);

	if (r >= 0 && v->fops->open)
		r = v->fops->open(v, *ret);
	else if (r < 0)
		vnode_put(v);
	return r;
}
