/* pure */
/*
 * ringbuf.h: records from programs to the owner, in order: BPF_MAP_TYPE_RINGBUF, and PERF_EVENT_ARRAY, which is one such
 * ring here, as there is one CPU. A program reserves a record, fills it and submits or discards it; the owner reads
 * records in place and lets go of them. A record lies in one piece; where it would reach over the end of the ring, the
 * rest is skipped, so a little less than the whole size is of use.
 */
#ifndef BPF_RINGBUF_H
#define BPF_RINGBUF_H

#include <stddef.h>
#include <stdint.h>

struct bpf_map;

/* Flags of submit, discard and output. */
#define BPF_RB_NO_WAKEUP    1u
#define BPF_RB_FORCE_WAKEUP 2u

/* What bpf_ringbuf_query() is asked for. */
#define BPF_RB_AVAIL_DATA   0
#define BPF_RB_RING_SIZE    1
#define BPF_RB_CONS_POS     2
#define BPF_RB_PROD_POS     3

/* The program's side; helpers 130 .. 134 are these. Null or -EAGAIN: no room (or SIZE can never fit),
 * or an interrupted reservation is under way. */
void *bpf_ringbuf_reserve(struct bpf_map *map, uint64_t size);
void bpf_ringbuf_submit(void *record, uint64_t flags);
void bpf_ringbuf_discard(void *record, uint64_t flags);
int bpf_ringbuf_output(struct bpf_map *map, const void *data, uint64_t size, uint64_t flags);
uint64_t bpf_ringbuf_query(const struct bpf_map *map, uint64_t flags);

/*
 * The owner's side: the oldest record, in place. 0 with *ret_data and *ret_size; -EAGAIN if there is none, or it is not
 * submitted yet; -EINVAL if MAP is no such map. Discarded records are passed over.
 */
int bpf_ringbuf_peek(struct bpf_map *map, const void **ret_data, uint32_t *ret_size);
/* Lets go of the record that peek returned. */
void bpf_ringbuf_next(struct bpf_map *map);
/* Records that found no room since the map was made. */
uint64_t bpf_ringbuf_lost(const struct bpf_map *map);

/* Helper 25: FLAGS is the CPU (0 or BPF_F_CURRENT_CPU). -E2BIG: another one, -EINVAL: other flags, -ENOSPC: no room. */
#define BPF_F_CURRENT_CPU 0xffffffffu
int bpf_event_output(struct bpf_map *map, uint64_t flags, const void *data, uint64_t size);

#endif
