/* domain_pt.c: isolation by page tables, for CPUs without protection keys. A window's root shares the application's part
 * with all others; how ring 3 sees it is a matter of the few entries that lead there, which are the root's own
 * (kernel/vm_window.c). Without a grant they have U=0, which changes nothing for ring 0. With `read` ring 3 has a root of
 * its own with W=0 in them, entered and left together with ring 3 (arch/x86_64/entry.S). In the image's GiB the kernel's
 * variables lie beside the application's, and must be writable when an exception comes: there the leaves decide. */
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/vm_internal.h"
#include "linux/process.h"
#include "overlay/domain.h"

#define ENTRIES 512

/* An entry like `entry`, which leads to a table of `level` (2: a page directory), but below it no page of ring 3's can be
 * written. Nobody changes the image's leaves after boot, so a copy of them stays true. */
static uint64_t read_only(uint64_t entry, unsigned level)
{
	uint64_t *from = phys_to_virt((struct paddr){ entry & PTE_ADDR }), *to;
	struct paddr copy;

	if (page_alloc(&copy) < 0)
		panic("domain: no memory");
	to = phys_to_virt(copy);
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t e = from[i];

		if (level > 1 && (e & PTE_P) && !(e & PTE_PS))
			e = read_only(e, 1);
		else if (e & PTE_U)
			e &= ~PTE_W;
		to[i] = e;
	}
	return copy.pa | (entry & ~PTE_ADDR);
}

static uint64_t always;

static struct domain_rights pt_rights(uint32_t grants)
{
	uint64_t view = grants & GRANT_WRITE ? VIEW_ALL : grants & GRANT_READ ? VIEW_READ : VIEW_NONE;

	return (struct domain_rights){ .view = view | always };
}

const struct domain domain_pt = { "pt", pt_rights };

void domain_pt_prepare(bool smep)
{
	struct pt pt = vm_tables(&app_vm);
	const uint64_t *first = phys_to_virt((struct paddr){ *pt_root_entry(&pt, 0) & PTE_ADDR });

	always = smep ? 0 : VIEW_NO_SMEP;
	vm_image_read_only = read_only(first[1], 2);
}
