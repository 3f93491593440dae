/* stack.h: the helpers get_stackid and get_stack. */
#ifndef UIO_TRACE_STACK_H
#define UIO_TRACE_STACK_H

#include "kernel/types.h"

/* True if the program's instructions call one of them: it wants the table of trace/unwind.h. */
struct bpf_prog;
bool stack_is_wanted(const struct bpf_prog *p);

/* As programs call them: include/uapi/linux/bpf.h. BPF_F_USER_STACK: the application's frames only, or where a program
 * in ring 3 is; without it all, the kernel's first. */
uint64_t stack_get_id(uint64_t ctx, uint64_t map, uint64_t flags, uint64_t unused4, uint64_t unused5);
uint64_t stack_get(uint64_t ctx, uint64_t buf, uint64_t size, uint64_t flags, uint64_t unused5);

#endif
