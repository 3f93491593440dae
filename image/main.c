/* main.c: boot, in order. The one page to read first: from the PVH entry (arch/x86_64/boot.S) to the application's main. */
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/traps.h"
#include "drivers/serial.h"
#include "drivers/virtio.h"
#include "image/app_stack.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/vm.h"
#include "linux/fd.h"
#include "linux/process.h"

#define PVH_MAGIC 0x336ec578 /* Xen, public/arch-x86/hvm/start_info.h */
#define RAM_RANGES_MAX 16
#define CMDLINE_MAX 4096
#define MEMMAP_RAM 1

struct pvh_start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;
};
struct pvh_memmap_entry {
	uint64_t addr, size;
	uint32_t type, reserved;
};
struct pvh_module {
	uint64_t paddr, size, cmdline, reserved;
};
_Static_assert(sizeof(struct pvh_start_info) == 56, "Xen hvm_start_info, version 1");
_Static_assert(sizeof(struct pvh_memmap_entry) == 24, "Xen hvm_memmap_table_entry");

struct boot_info boot_info;
struct cmdline boot_cmdline;
static char cmdline_text[CMDLINE_MAX];
static struct boot_range ram[RAM_RANGES_MAX];
static unsigned ram_count;
static struct boot_range initrd;

extern char __image_start[], __image_end[];
extern void (*const __init_start[])(void), (*const __init_end[])(void);
extern bool log_has_time;
void thread_init(void);
void vm_init(void);

const char *boot_option(const char *key)
{
	return cmdline_get(&boot_cmdline, key);
}

/* Everything of the boot loader's that is needed later is copied out or reserved here: its memory is free afterwards.
 * The first tables map 1 GiB; nothing of a boot loader's lies above. */
static void read_start_info(uint32_t pa)
{
	const struct pvh_start_info *info = phys_to_virt((struct paddr){ pa });
	const struct pvh_memmap_entry *map;
	const char *line;

	if (info->magic != PVH_MAGIC || info->version < 1 || info->memmap >= 1UL << 30)
		panic("boot: not started through PVH with a memory map");
	map = phys_to_virt((struct paddr){ info->memmap });
	for (uint32_t i = 0; i < info->memmap_entries && ram_count < RAM_RANGES_MAX; i++) {
		struct boot_range r = { map[i].addr, map[i].addr + map[i].size };

		if (map[i].type == MEMMAP_RAM && r.to > r.from && r.to < 1UL << 46)
			ram[ram_count++] = r;
	}
	if (info->cmdline && info->cmdline < 1UL << 30) {
		line = phys_to_virt((struct paddr){ info->cmdline });
		for (unsigned i = 0; i < CMDLINE_MAX - 1 && line[i]; i++)
			cmdline_text[i] = line[i];
	}
	if (info->nr_modules && info->modlist < 1UL << 30) {
		const struct pvh_module *m = phys_to_virt((struct paddr){ info->modlist });

		if (m->paddr < 1UL << 30 && m->size < 1UL << 30) {
			initrd = (struct boot_range){ m->paddr, m->paddr + m->size };
			boot_info.initrd = phys_to_virt((struct paddr){ m->paddr });
			boot_info.initrd_size = m->size;
		}
	}
}

static void memory_init(void)
{
	struct boot_range keep[] = {
		{ 0, PAGE_SIZE },
		{ (uint64_t) __image_start - 0x40000000, (uint64_t) __image_end - 0x40000000 },
		initrd,
	};

	paging_add_memory(ram, ram_count, keep, ARRAY_SIZE(keep));
	paging_init(ram, ram_count);
	vm_init();
}

_Noreturn void boot_main(uint32_t start_info);
_Noreturn void boot_main(uint32_t start_info)
{
	int bad_cmdline;

	serial_init();
	traps_init();
	read_start_info(start_info);
	memory_init();
	fpu_init();
	apic_init();
	clock_init();
	log_has_time = true;
	boot_info.cmdline = kstrdup(cmdline_text);
	bad_cmdline = cmdline_parse(cmdline_text, &boot_cmdline);
	if (bad_cmdline < 0)
		klog("boot: bad command line, error %d", bad_cmdline);
	thread_init();
	process_init();
	virtio_init();
	for (void (*const *init)(void) = __init_start; init < __init_end; init++)
		(*init)();
	if (fdtable_create(&process_app->files) < 0 || fd_open_console(process_app->files) < 0)
		panic("boot: no memory for the console");
	arch_app_start(app_stack_make());
}
