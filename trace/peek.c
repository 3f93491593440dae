/* peek.c: see peek.h. */
#include "trace/peek.h"

#include "kernel/page.h"
#include "kernel/vm_internal.h"

/* Device registers are in the kernel virtual area, behind the stacks (kernel/mmio.c): reading one has effects. */
#define MMIO_START 0xffffc00020000000ULL

/* How many of the len bytes at addr are in memory, from the first on. */
static size_t reach(uint64_t addr, size_t len)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t at = addr, pa;

	/* A window is in its own root only. */
	pt.root = mmu_root();
	while (at - addr < len) {
		if (at >= MMIO_START || (at >= 1ULL << 47 && at < DIRECT_MAP_BASE) ||
		    !(pt_lookup(&pt, at, &pa) & PTE_P))
			return at - addr;
		at = PAGE_ALIGN_DOWN(at) + PAGE_SIZE;
	}
	return len;
}

int peek(void *to, uint64_t from, size_t len)
{
	if (reach(from, len) == len) {
		memcpy(to, (const void *)from, len);
		return 0;
	}
	memset(to, 0, len);
	return -EFAULT;
}

int peek_string(char *to, uint64_t from, size_t size)
{
	size_t n = reach(from, size);
	const char *s = (const char *)from;

	for (size_t i = 0; i < n; i++) {
		to[i] = s[i];
		if (!s[i])
			return (int)i + 1;
	}
	if (n == size && size) {
		to[size - 1] = '\0';
		return (int)size;
	}
	memset(to, 0, size);
	return size ? -EFAULT : 0;
}
