/* dev.c: /dev: null, zero, full, random, urandom, tty, console, kmsg, and the links to descriptors. Numbers: Linux,
 * Documentation/admin-guide/devices.txt. */
#include "fs/dev.h"
#include "drivers/random.h"
#include "fs/console.h"
#include "fs/tty.h"
#include "kernel/entry.h"
#include "kernel/log.h"
#include "kernel/thread.h"

static kssize_t null_read(struct file *f, struct iter *it, uint64_t off)
{
	return 0;
}

static kssize_t null_write(struct file *f, struct iter *it, uint64_t off)
{
	return (kssize_t) it->left;
}

static kssize_t zero_read(struct file *f, struct iter *it, uint64_t off)
{
	kssize_t done = 0, r;

	while (it->left) {
		r = iter_zero(it, MIN(it->left, 16 * PAGE_SIZE));
		if (r <= 0)
			return done ? done : r;
		done += r;
		kernel_relax();
		if (signal_pending_hook && signal_pending_hook())
			break;
	}
	return done;
}

static kssize_t full_write(struct file *f, struct iter *it, uint64_t off)
{
	return -ENOSPC;
}

static kssize_t random_read(struct file *f, struct iter *it, uint64_t off)
{
	uint8_t buf[128];
	kssize_t done = 0, r;

	while (it->left) {
		size_t n = MIN(it->left, sizeof(buf));

		random_get(buf, n);
		r = iter_put(it, buf, n);
		if (r <= 0)
			return done ? done : r;
		done += r;
		if (!(done & 0xfff)) {
			kernel_relax();
			if (signal_pending_hook && signal_pending_hook())
				break;
		}
	}
	return done;
}

/* f->pos is the log's absolute position. The end of the log is the end of the file: nothing waits for more. */
static kssize_t kmsg_read(struct file *f, struct iter *it, uint64_t off)
{
	char buf[128];
	kssize_t done = 0, r;
	size_t n;

	while (it->left && (n = log_read(&f->pos, buf, MIN(it->left, sizeof(buf))))) {
		r = iter_put(it, buf, n);
		if (r < 0)
			return done ? done : r;
		done += r;
		f->pos -= n - (size_t) r;
	}
	f->pos -= (uint64_t) done; /* file_read() adds it again */
	return done;
}

static kssize_t kmsg_write(struct file *f, struct iter *it, uint64_t off)
{
	char line[160];
	kssize_t n = iter_get(it, line, MIN(it->left, sizeof(line) - 1));

	if (n <= 0)
		return n;
	line[n] = '\0';
	if (line[n - 1] == '\n')
		line[n - 1] = '\0';
	klog("%s: %s", current()->name, line);
	return n;
}

/* The node stands for another vnode: the file goes over to it. Takes its own reference. */
static int become(struct file *f, struct vnode *v)
{
	struct vnode *old = f->vnode;

	f->vnode = vnode_get(v);
	f->fops = v->fops;
	vnode_put(old);
	return v->fops->open ? v->fops->open(v, f) : 0;
}

static int console_dev_open(struct vnode *v, struct file *f)
{
	return become(f, console_vnode());
}

static int tty_dev_open(struct vnode *v, struct file *f)
{
	struct vnode *tty = tty_jobs ? tty_jobs->controlling() : NULL;

	return tty ? become(f, tty) : -ENXIO;
}

static const struct device {
	const char *path;
	uint16_t mode;
	uint16_t rdev;
	union {
		kssize_t (*read)(struct file *f, struct iter *it, uint64_t off);
		int (*open)(struct vnode *v, struct file *f); /* without `write` */
	};
	kssize_t (*write)(struct file *f, struct iter *it, uint64_t off);
} devices[] = {
	{ "/dev/null", 0666, MAKEDEV(1, 3), { null_read }, null_write },
	{ "/dev/zero", 0666, MAKEDEV(1, 5), { zero_read }, null_write },
	{ "/dev/full", 0666, MAKEDEV(1, 7), { zero_read }, full_write },
	{ "/dev/random", 0666, MAKEDEV(1, 8), { random_read }, null_write },
	{ "/dev/urandom", 0666, MAKEDEV(1, 9), { random_read }, null_write },
	{ "/dev/kmsg", 0600, MAKEDEV(1, 11), { kmsg_read }, kmsg_write },
	{ "/dev/tty", 0666, MAKEDEV(5, 0), { .open = tty_dev_open }, NULL },
	{ "/dev/console", 0620, MAKEDEV(5, 1), { .open = console_dev_open }, NULL },
};

static kssize_t dev_read(struct file *f, struct iter *it, uint64_t off)
{
	return ((const struct device *) f->data)->read(f, it, off);
}

static kssize_t dev_write(struct file *f, struct iter *it, uint64_t off)
{
	return ((const struct device *) f->data)->write(f, it, off);
}

static int dev_open(struct vnode *v, struct file *f)
{
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].rdev != v->rdev)
			continue;
		f->data = (void *) &devices[i];
		return devices[i].write ? 0 : devices[i].open(v, f);
	}
	return -ENXIO;
}

const struct file_ops dev_fops = {
	.open = dev_open,
	.read = dev_read,
	.write = dev_write,
};

void dev_populate(void)
{
	(void) vfs_mkdir(NULL, NULL, "/dev", 0755);
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		(void) vfs_mknod(NULL, NULL, devices[i].path, S_IFCHR | devices[i].mode, devices[i].rdev);
	(void) vfs_symlink(NULL, "/proc/self/fd", NULL, "/dev/fd");
	(void) vfs_symlink(NULL, "/proc/self/fd/0", NULL, "/dev/stdin");
	(void) vfs_symlink(NULL, "/proc/self/fd/1", NULL, "/dev/stdout");
	(void) vfs_symlink(NULL, "/proc/self/fd/2", NULL, "/dev/stderr");
}
