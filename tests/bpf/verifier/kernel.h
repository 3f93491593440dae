/*
 * kernel.h: the same programs for the Linux kernel's verifier, through bpf(). Kept apart because <linux/bpf.h> and
 * bpf/insn.h define the same names.
 */
#ifndef TESTS_BPF_KERNEL_H
#define TESTS_BPF_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if this process may load programs; else *RET_WHY says why not. */
bool kernel_works(const char **ret_why);

/* A map, or -errno. CONTENTS (may be null): the value of key 0. FROZEN: nobody may write it any more. INNER: -1 or a
 * map. */
int kernel_map(uint32_t type, uint32_t key, uint32_t value, uint32_t max, uint32_t flags, int inner,
	       const void *contents, bool frozen);

/*
 * Loads COUNT 8-byte instructions whose map numbers stand for MAPS. PRIVILEGED: with all rights, which lets the kernel
 * overlook leaked addresses; else with those to load and no more. Returns 0 (accepted), -EACCES and so on (refused);
 * the last line of its log in LOG.
 */
int kernel_verify(unsigned type, const void *insns, unsigned count, const int *maps, unsigned map_count,
		  bool privileged, char *log, size_t size);

void kernel_close(int fd);

#endif
