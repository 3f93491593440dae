/* root.c: the name space as it is when the first path is walked: a ramfs with the initrd's files, /dev, /proc, /tmp,
 * /etc, and /host, which is mounted when it is first stepped on. */
#include "drivers/virtio_9p.h"
#include "fs/cpiofs.h"
#include "fs/dev.h"
#include "fs/ninep.h"
#include "fs/proc.h"
#include "fs/ramfs.h"
#include "fs/vmfile.h"
#include "fs/walk.h"
#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"

static struct vnode *host_dir;	/* while /host waits for its first use */

static const struct {
	const char *path, *text;
} files[] = {
	{ "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n" },
	{ "/etc/group", "root:x:0:\n" },
	{ "/etc/hostname", "uio\n" },
};

static void make_file(const char *path, const char *text)
{
	struct file *f;

	if (vfs_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644, &f) < 0)
		return; /* the initrd has its own */
	(void) file_write_kernel(f, text, strlen(text), FILE_POS);
	file_put(f);
}

static int mount_new(struct mount *m, const char *source, const char *target)
{
	size_t n = MIN(strlen(source), sizeof(m->source) - 1);

	memcpy(m->source, source, n);
	m->source[n] = '\0';
	return vfs_mount(target, m);
}

static uint64_t memory_bytes(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.total * PAGE_SIZE;
}

static void root_mount(void)
{
	struct mount *m;
	int r = ramfs_create(memory_bytes() / 4 * 3, &m);

	if (r >= 0)
		r = mount_new(m, "none", "/");
	if (r < 0)
		klog("fs: no root file system: error %d", r);
}

static void mount_rest(void)
{
	struct p9_transport *host;
	struct mount *m;

	if (procfs_create(&m) >= 0)
		(void) mount_new(m, "proc", "/proc");
	/* Overlay programs have a /tmp of their own: they cannot fill, nor see, the application's. */
	if (ramfs_create(memory_bytes() / 4, &m) >= 0) {
		m->restricted_only = true;
		(void) mount_new(m, "tmp", "/tmp");
	}
	if (p9_transport_find("host", &host) >= 0 && vfs_mkdir(NULL, NULL, "/host", 0755) >= 0 &&
	    vfs_walk(NULL, NULL, "/host", 0, &host_dir) >= 0)
		host_dir->covered = true;
}

void vfs_boot(void)
{
	static const char *const dirs[] = { "/etc", "/proc", "/tmp", "/root" };

	if (vfs_root)
		return;
	vm_file_ops = &vfs_vm_ops;
	root_mount();
	if (boot_info.initrd)
		cpio_unpack(boot_info.initrd, boot_info.initrd_size);
	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		(void) vfs_mkdir(NULL, NULL, dirs[i], 0755);
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		make_file(files[i].path, files[i].text);
	dev_populate();
	mount_rest();
}

bool vfs_automount(struct vnode *dir)
{
	struct mount *m;
	int r;

	if (!dir || dir != host_dir)
		return false;
	host_dir = NULL; /* one attempt; and the walk to the target below must not come back here */
	dir->covered = false;
	r = ninep_create("host", &m);
	if (r >= 0)
		r = mount_new(m, "host", "/host");
	if (r < 0)
		klog("fs: /host: error %d", r);
	vnode_put(dir);
	return r >= 0;
}

void vfs_automount_all(void)
{
	(void) vfs_automount(host_dir);
}

int vfs_mount_type(const char *type, const char *source, const char *target, bool readonly)
{
	struct mount *m;
	int r;

	if (!strcmp(type, "9p"))
		r = ninep_create(source, &m);
	else if (!strcmp(type, "proc"))
		r = procfs_create(&m);
	else if (!strcmp(type, "ramfs") || !strcmp(type, "tmpfs"))
		r = ramfs_create(memory_bytes() / 4, &m);
	else
		return -ENODEV;
	if (r < 0)
		return r;
	m->readonly = readonly;
	r = mount_new(m, source, target);
	if (r < 0 && m->umount)
		m->umount(m);
	return r;
}
