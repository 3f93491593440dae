/* pure */
/*
 * map.c: what all kinds of maps have in common: creation, references, memory accounting, the owner's side with its
 * checks. A kind's own behaviour is in its file (map_array.c, ...).
 */
#include "bpf/map.h"

#include "lib/errno.h"

void *bpf_mem_alloc(struct bpf_mem *mem, size_t size)
{
	void *p;

	if (size > mem->budget || mem->used > mem->budget - size)
		return NULL;
	p = mem->alloc(mem, size);
	if (p)
		mem->used += size;
	return p;
}

void bpf_mem_free(struct bpf_mem *mem, void *p, size_t size)
{
	if (!p)
		return;
	mem->used -= size;
	mem->free(mem, p, size);
}
