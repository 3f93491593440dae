/* sys_mm_more.c: mremap, advice, and the calls about residence. Nothing is ever swapped out, so locking is bringing in. */
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm.h"
#include "linux/sys_mm.h"

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4
#define MCL_ALL 7 /* MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT */

enum { /* include/uapi/asm-generic/mman-common.h of Linux */
	MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
	MADV_FREE = 8, MADV_DOFORK = 11, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP,
	MADV_DODUMP, MADV_COLD = 20, MADV_PAGEOUT,
};

long sys_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, uint64_t flags, uint64_t new_addr)
{
	uint64_t at;
	int r;

	if ((flags & ~(uint64_t) (MREMAP_MAYMOVE | MREMAP_FIXED)) || ((flags & MREMAP_FIXED) && new_addr == 0))
		return -EINVAL;
	r = vm_remap(mm_space(), addr, old_len, new_len, flags & MREMAP_MAYMOVE, flags & MREMAP_FIXED ? new_addr : 0, &at);
	return r < 0 ? r : (long) at;
}

static bool covered(uint64_t addr, uint64_t len)
{
	return vm_is_mapped(mm_space(), PAGE_ALIGN_DOWN(addr), (addr & PAGE_MASK) + len);
}

long sys_madvise(uint64_t addr, uint64_t len, int advice)
{
	if (addr & PAGE_MASK)
		return -EINVAL;
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE: /* may take the pages at any time: at once */
		if (len == 0)
			return 0;
		return covered(addr, len) ? vm_advise_dontneed(mm_space(), addr, len) : -ENOMEM;
	case MADV_NORMAL: case MADV_RANDOM: case MADV_SEQUENTIAL: case MADV_WILLNEED:
	case MADV_DOFORK: case MADV_MERGEABLE: case MADV_UNMERGEABLE: case MADV_HUGEPAGE: case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP: case MADV_DODUMP: case MADV_COLD: case MADV_PAGEOUT:
		return covered(addr, len) ? 0 : -ENOMEM;
	default:
		return -EINVAL;
	}
}

long sys_msync(uint64_t addr, uint64_t len, int flags)
{
	if ((addr & PAGE_MASK) || (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!covered(addr, len))
		return -ENOMEM;
	return flags & MS_SYNC ? vm_msync(mm_space(), addr, len) : 0;
}

long sys_mincore(uint64_t addr, uint64_t len, uint64_t vec)
{
	uint64_t pages = len / PAGE_SIZE + (len % PAGE_SIZE != 0);

	if (addr & PAGE_MASK)
		return -EINVAL;
	if (!covered(addr, len))
		return -ENOMEM;
	for (uint64_t i = 0; i < pages; i++) {
		uint8_t resident = vm_is_resident(mm_space(), addr + i * PAGE_SIZE);

		if (i % 1024 == 1023)
			kernel_relax();
		if (copy_to_user(vec + i, &resident, 1) < 0)
			return -EFAULT;
	}
	return 0;
}

long sys_mlock(uint64_t addr, uint64_t len)
{
	if (!covered(addr, len))
		return -ENOMEM;
	return vm_populate(mm_space(), addr, len);
}

long sys_mlock2(uint64_t addr, uint64_t len, unsigned flags)
{
	if (flags & ~1u) /* MLOCK_ONFAULT */
		return -EINVAL;
	return flags ? (covered(addr, len) ? 0 : -ENOMEM) : sys_mlock(addr, len);
}

long sys_munlock(uint64_t addr, uint64_t len)
{
	return covered(addr, len) ? 0 : -ENOMEM;
}

long sys_mlockall(int flags)
{
	return flags == 0 || (flags & ~MCL_ALL) ? -EINVAL : 0;
}

long sys_munlockall(void)
{
	return 0;
}
