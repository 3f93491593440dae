/* heap.h: a struct bpf_mem out of the host's heap, whose sanitizer sees every step beyond a block. */
#ifndef TESTS_BPF_HEAP_H
#define TESTS_BPF_HEAP_H

#include <stdlib.h>

#include "bpf/map.h"

static inline void *heap_alloc(struct bpf_mem *mem, size_t size)
{
	(void)mem;
	return calloc(1, size);
}

static inline void heap_free(struct bpf_mem *mem, void *p, size_t size)
{
	(void)mem;
	(void)size;
	free(p);
}

#endif
