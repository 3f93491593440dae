/* main.c: boot, in order. The one page to read first: from the PVH entry (arch/x86_64/boot.S) to the application's main. */
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/traps.h"
#include "drivers/serial.h"
#include "drivers/virtio.h"
#include "image/app_stack.h"
#include "image/pvh.h"
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

struct boot_info boot_info;
struct cmdline boot_cmdline;
static struct pvh pvh;

extern char __image_start[], __image_end[];
extern void (*const __init_start[])(void), (*const __init_end[])(void);
extern bool log_has_time;
void thread_init(void);
void vm_init(void);

const char *boot_option(const char *key)
{
	return cmdline_get(&boot_cmdline, key);
}

/* Everything of the boot loader's that is needed later is copied out or reserved here: its memory is free afterwards. */
static void read_start_info(uint32_t pa)
{
	if (!pvh_read(pa, &pvh))
		panic("boot: not started through PVH with a memory map");
	if (pvh.initrd.to) {
		boot_info.initrd = phys_to_virt((struct paddr){ pvh.initrd.from });
		boot_info.initrd_size = pvh.initrd.to - pvh.initrd.from;
	}
}

static void memory_init(void)
{
	struct boot_range keep[] = {
		{ 0, PAGE_SIZE },
		{ (uint64_t) __image_start - 0x40000000, (uint64_t) __image_end - 0x40000000 },
		pvh.initrd,
	};

	paging_add_memory(pvh.ram, pvh.ram_count, keep, ARRAY_SIZE(keep));
	paging_init(pvh.ram, pvh.ram_count);
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
	boot_info.cmdline = kstrdup(pvh.cmdline);
	bad_cmdline = cmdline_parse(pvh.cmdline, &boot_cmdline);
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
