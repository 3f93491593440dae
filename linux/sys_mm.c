/* sys_mm.c: mmap, munmap, mprotect, brk: what every allocator needs. */
#include "linux/sys_mm.h"

#include "fs/vfs.h"
#include "kernel/page.h"
#include "linux/fd.h"
#include "linux/process.h"

/* include/uapi/asm-generic/mman-common.h and mman.h of Linux. */
#define MAP_TYPE 0x0f
#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_LOCKED 0x2000
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_FIXED_NOREPLACE 0x100000
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

struct vmspace *mm_space(void)
{
	/* A call gate runs the application's code, whose memory is the application's. */
	return current()->in_gate ? &app_vm : current()->proc->vm;
}

/* The file behind fd may be mapped so: 0 and its vnode, referenced. */
static int file_to_map(int fd, uint32_t prot, bool shared, uint32_t *flags, struct vnode **ret)
{
	struct file *f = fd_get(fd);
	unsigned mode;
	int r = 0;

	if (!f)
		return -EBADF;
	mode = f->flags & O_ACCMODE;
	if (mode == O_WRONLY || (shared && (prot & PROT_WRITE) && mode != O_RDWR))
		r = -EACCES;
	else if (!f->vnode || !f->vnode->ops || !f->vnode->ops->get_page || !vm_file_ops)
		r = -ENODEV;
	if (r == 0) {
		if (shared && mode != O_RDWR)
			*flags |= VM_NOWRITE;
		*ret = vnode_get(f->vnode);
	}
	file_put(f);
	return r;
}

/* Linux's heuristic, in short: what could never be had is refused at once. */
static bool hopeless(uint64_t len, uint32_t prot, uint64_t flags)
{
	struct page_stats s;

	page_get_stats(&s);
	return (prot & PROT_WRITE) && !(flags & MAP_NORESERVE) && len / PAGE_SIZE > s.total;
}

long sys_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t flags, int fd, uint64_t off)
{
	uint64_t type = flags & MAP_TYPE, at;
	bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
	uint32_t want = shared ? VM_SHARED : 0;
	struct vnode *v = NULL;
	int r;

	prot &= PROT_ALL;
	if (len == 0 || (off & PAGE_MASK) || (!shared && type != MAP_PRIVATE))
		return -EINVAL;
	if (hopeless(len, (uint32_t) prot, flags))
		return -ENOMEM;
	if (flags & MAP_FIXED_NOREPLACE)
		want |= VM_FIXED_NOREPLACE;
	else if (flags & MAP_FIXED)
		want |= VM_FIXED;
	if (flags & MAP_ANONYMOUS) {
		off = 0;
	} else {
		r = file_to_map(fd, (uint32_t) prot, shared, &want, &v);
		if (r < 0)
			return r;
	}
	r = vm_map(mm_space(), addr, len, (uint32_t) prot, want, v, off, "", &at);
	if (v)
		vnode_put(v); /* the area has its own */
	if (r < 0)
		return r;
	if (flags & (MAP_POPULATE | MAP_LOCKED))
		(void) vm_populate(mm_space(), at, len);
	return (long) at;
}

long sys_munmap(uint64_t addr, uint64_t len)
{
	return vm_unmap(mm_space(), addr, len);
}

long sys_mprotect(uint64_t addr, uint64_t len, uint64_t prot)
{
	if (prot & ~(uint64_t) PROT_ALL)
		return -EINVAL;
	return vm_protect(mm_space(), addr, len, (uint32_t) prot);
}

long sys_brk(uint64_t addr)
{
	return (long) vm_brk(mm_space(), addr);
}
