/* part.c: see part.h: from the cache of programs, whose frames never change, into the kernel's address space. */
#include "overlay/part.h"

#include "kernel/page.h"
#include "kernel/vm_internal.h"
#include "overlay/cache.h"

/* uio-cc finds it by its name and writes it into the finished image. */
extern const uint8_t part_sha256[SHA256_SIZE];
const uint8_t part_sha256[SHA256_SIZE] __attribute__((section(".part"), used, aligned(1))) = {0};

static ctl_request part;

/* After a failure what is mapped stays: it is right. */
static int load(struct vnode *v)
{
	struct pt pt = vm_tables(&app_vm);
	struct paddr frame;
	uint64_t *entry;

	for (uint64_t n = 0; v->ops->get_page(v, n, false, &frame) == 0; n++) {
		int r = pt_entry_create(&pt, PART_BASE + n * PAGE_SIZE, &entry);

		if (r < 0)
			return r;
		*entry = frame.pa | PTE_P;
	}
	part = (ctl_request)PART_BASE;
	return 0;
}

int ctl_bpf(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	if (!part) {
		struct vnode *v = cache_find(part_sha256);
		int r;

		if (!v && !c)
			return -ENODATA;
		if (!v) {
			ctl_need(c, id, part_sha256);
			return 0;
		}
		r = load(v);
		vnode_put(v);
		if (r < 0)
			return r;
	}
	return part(c, id, payload, size);
}
