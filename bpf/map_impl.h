/* pure */
/* map_impl.h: the kinds of maps, each in its file, and what several of them share. Only map*.c may use it. */
#ifndef BPF_MAP_IMPL_H
#define BPF_MAP_IMPL_H

#include "bpf/map.h"

extern const struct bpf_map_ops bpf_array_ops;         /* map_array.c */
extern const struct bpf_map_ops bpf_hash_ops;          /* map_hash.c */
extern const struct bpf_map_ops bpf_lru_hash_ops;
extern const struct bpf_map_ops bpf_array_of_maps_ops; /* map_objects.c */
extern const struct bpf_map_ops bpf_hash_of_maps_ops;
extern const struct bpf_map_ops bpf_prog_array_ops;
extern const struct bpf_map_ops bpf_queue_ops; /* map_queue.c */
extern const struct bpf_map_ops bpf_stack_ops;
extern const struct bpf_map_ops bpf_lpm_ops;         /* map_lpm.c */
extern const struct bpf_map_ops bpf_ringbuf_ops;     /* map_ringbuf.c */
extern const struct bpf_map_ops bpf_event_array_ops;
extern const struct bpf_map_ops bpf_stack_trace_ops; /* map_stack_trace.c */

/* Flags that say who may do what, and those that mean nothing here: every kind takes them. */
#define MAP_ACCESS_FLAGS (BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG | BPF_F_NUMA_NODE)

/* Linux's KMALLOC_MAX_SIZE bounds keys and values. */
#define MAP_VALUE_MAX 0x3fffff

/* An index key: 4 bytes at any address. */
static inline uint32_t map_index(const void *key)
{
	uint32_t index;

	__builtin_memcpy(&index, key, sizeof(index));
	return index;
}

static inline void map_set_index(void *key, uint32_t index)
{
	__builtin_memcpy(key, &index, sizeof(index));
}

/* next_key of every kind whose keys are 0 .. max_entries - 1. */
int bpf_index_next_key(struct bpf_map *map, const void *key, void *ret_next);

#endif
