/* fuzz_pvh.c: the start information that a boot loader hands over, with its memory map, command line and modules, in the
 * memory that it lies in: nothing beyond the first GiB is read, and what comes out makes sense. The input is a list of
 * words and where they go; the first ones say where the information is. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image/pvh.h"
#include "lib/cmdline.h"
#include "tests/fuzz/kernel_host.h"
#include "tests/unit/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INFO_AT 0x1000
#define WORK 65536	/* bytes at the start and at the end of memory that inputs write to */

static struct pvh pvh;
static struct cmdline cmdline;

static void poke(struct input *in)
{
	uint64_t at = take(in, 2);
	unsigned n = 1 + take(in, 1) % 32;
	uint8_t *p;

	if (at & 1) /* near the end of what is mapped */
		at += (1UL << 30) - WORK;
	p = phys_to_virt((struct paddr){ at });
	while (n-- && at++ < 1UL << 30)
		*p++ = (uint8_t) take(in, 1);
}

/* Sound information, somewhere, but for what the input changes. */
static uint32_t sound(struct input *in)
{
	struct pvh_start_info *info = phys_to_virt((struct paddr){ INFO_AT });
	struct pvh_memmap_entry *map = phys_to_virt((struct paddr){ 0x2000 });
	struct pvh_module *module = phys_to_virt((struct paddr){ 0x3000 });
	unsigned how = take(in, 1);

	*info = (struct pvh_start_info){ .magic = PVH_MAGIC, .version = 1, .nr_modules = how & 1, .modlist = 0x3000, .memmap = 0x2000,
					 .cmdline = how & 2 ? 0x4000 : 0, .memmap_entries = how >> 2 };
	for (unsigned i = 0; i < how >> 2; i++)
		map[i] = (struct pvh_memmap_entry){ (uint64_t) take(in, 2) << 28, (uint64_t) take(in, 2) << 20, 1 + (i & 1), 0 };
	*module = (struct pvh_module){ 0x100000, take(in, 3), 0, 0 };
	for (unsigned i = 0; how & 2 && i < PVH_CMDLINE_MAX + 100; i++)
		((char *) phys_to_virt((struct paddr){ 0x4000 }))[i] = (char) (in->left > 8 ? take(in, 1) : how & 128 ? 'a' : 0);
	return INFO_AT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool mapped;
	struct input in = { data, size };
	uint32_t pa;

	if (!mapped)
		frames_map(1UL << 30);
	mapped = true;
	memset(phys_to_virt((struct paddr){ 0 }), 0, WORK);
	memset(phys_to_virt((struct paddr){ (1UL << 30) - WORK }), 0, WORK);
	pa = take(&in, 1) & 1 ? take(&in, 4) % PVH_END : sound(&in);
	while (in.left)
		poke(&in);
	memset(&pvh, 0, sizeof(pvh));
	if (!pvh_read(pa, &pvh))
		return 0;
	if (pvh.ram_count > PVH_RANGES_MAX || pvh.initrd.to < pvh.initrd.from || pvh.initrd.to > 1UL << 31 ||
	    strnlen(pvh.cmdline, PVH_CMDLINE_MAX) == PVH_CMDLINE_MAX)
		abort();
	for (unsigned i = 0; i < pvh.ram_count; i++)
		if (pvh.ram[i].from >= pvh.ram[i].to || pvh.ram[i].to >= 1UL << 46)
			abort();
	cmdline_parse(pvh.cmdline, &cmdline);
	return 0;
}
