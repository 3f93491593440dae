/* bpf_host.h: the guest around the requests about eBPF in a fuzz target (bpf_host.c): memory for programs that counts
 * and fails, hooks that only say yes or no, timers. */
#ifndef TESTS_FUZZ_BPF_HOST_H
#define TESTS_FUZZ_BPF_HOST_H

#include "fs/vfs.h"

/* The target's: a file of the program cache. */
const uint8_t *bpf_host_bytes(const struct vnode *v, size_t *ret_size);

/* A second, and the timers that have come to their end in it. */
void bpf_host_time_passes(void);
/* Aborts, and says what is left of programs, memory and hooks. For the end of an input, when all is unloaded. */
void bpf_host_must_be_empty(void);

#endif
