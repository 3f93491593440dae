/* pure */
/*
 * stack_trace.h: BPF_MAP_TYPE_STACK_TRACE: call chains by number. Whoever unwinds a stack (helper get_stackid) puts the
 * chain in; the owner looks it up by the number.
 */
#ifndef BPF_STACK_TRACE_H
#define BPF_STACK_TRACE_H

#include <stdint.h>

struct bpf_map;

#define BPF_F_SKIP_FIELD_MASK 0xffull      /* frames to leave out: the unwinder's business */
#define BPF_F_USER_STACK      (1ull << 8)
#define BPF_F_FAST_STACK_CMP  (1ull << 9)  /* equal hashes are equal chains */
#define BPF_F_REUSE_STACKID   (1ull << 10) /* a chain may take the place of another with the same number */
#define BPF_MAX_STACK_DEPTH   127          /* addresses in a chain */

/*
 * Puts the COUNT addresses at IPS in, the innermost first, as many as a value holds, and returns their number >= 0.
 * -EEXIST: another chain has that number, and FLAGS do not allow to replace it; -EINVAL: unknown flags; -EFAULT: no
 * addresses; -EBUSY: an interrupted change is under way.
 */
int64_t bpf_stack_trace_put(struct bpf_map *map, const uint64_t *ips, uint32_t count, uint64_t flags);

#endif
