/* pvh.h: what PVH's start information says (Xen, public/arch-x86/hvm/start_info.h): read once, by main.c, and by its fuzz
 * target. It comes from the machine's firmware or the hypervisor, and lies, with all that it points to, below 1 GiB. */
#ifndef UIO_IMAGE_PVH_H
#define UIO_IMAGE_PVH_H

#include "arch/x86_64/paging.h"
#include "kernel/boot.h"
#include "kernel/page.h"

#define PVH_MAGIC 0x336ec578
#define PVH_RANGES_MAX 16
#define PVH_CMDLINE_MAX 4096
#define PVH_RAM 1
#define PVH_ENTRIES_MAX 128	/* as many as firmware's maps have */
/* The first page tables end at 1 GiB: each structure, which is smaller than this, lies before. */
#define PVH_END ((1UL << 30) - 8192)

struct pvh_start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;
} __attribute__((packed));	/* anywhere */
struct pvh_memmap_entry {
	uint64_t addr, size;
	uint32_t type, reserved;
} __attribute__((packed));
struct pvh_module {
	uint64_t paddr, size, cmdline, reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct pvh_start_info) == 56, "Xen hvm_start_info, version 1");
_Static_assert(sizeof(struct pvh_memmap_entry) == 24, "Xen hvm_memmap_table_entry");

/* What is needed of it later: its own memory is free afterwards. */
struct pvh {
	struct boot_range ram[PVH_RANGES_MAX];
	unsigned ram_count;
	struct boot_range initrd;	/* the first module; empty: none */
	char cmdline[PVH_CMDLINE_MAX];
};

/* `pa` is below PVH_END, by the boot protocol; `ret` is all zero before. False: not started through PVH with a memory map. */
static inline bool pvh_read(uint32_t pa, struct pvh *ret)
{
	const struct pvh_start_info *info = phys_to_virt((struct paddr){ pa });
	const struct pvh_memmap_entry *map;
	unsigned count = 0;
	const char *line;

	/* One look at all addresses: what it refuses too much lies where no loader puts it. */
	if (info->magic != PVH_MAGIC || info->version < 1 || (info->memmap | info->cmdline | info->modlist) >= PVH_END ||
	    info->memmap_entries > PVH_ENTRIES_MAX)
		return false;
	map = phys_to_virt((struct paddr){ info->memmap });
	for (const struct pvh_memmap_entry *end = map + info->memmap_entries; map < end && count < PVH_RANGES_MAX; map++) {
		struct boot_range r = { map->addr, map->addr + map->size };

		if (map->type == PVH_RAM && r.to > r.from && r.to < 1UL << 46)
			ret->ram[count++] = r;
	}
	ret->ram_count = count;
	if (info->cmdline) {
		line = phys_to_virt((struct paddr){ info->cmdline });
		for (unsigned i = 0; i < PVH_CMDLINE_MAX - 1 && line[i]; i++)
			ret->cmdline[i] = line[i];
	}
	if (info->nr_modules) {
		const struct pvh_module *m = phys_to_virt((struct paddr){ info->modlist });

		if (m->paddr < 1UL << 30 && m->size < 1UL << 30)
			ret->initrd = (struct boot_range){ m->paddr, m->paddr + m->size };
	}
	return true;
}

#endif
