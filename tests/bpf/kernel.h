/* kernel.h: programs in the running Linux kernel, for comparison. Knows nothing of bpf/: the two have the same names. */
#ifndef TESTS_BPF_KERNEL_H
#define TESTS_BPF_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if bpf() lets this process load and run programs. */
bool kernel_bpf_works(void);

/*
 * Loads COUNT 8-byte instructions as a program of TYPE (Linux's number: 1 socket filter, 6 XDP) and returns its
 * descriptor, or negative errno with what the verifier said in LOG. `lddw` with source 1 names the one map, which is made
 * for it: of MAP_TYPE (Linux's number: 1 hash, 2 array), with keys of 4 bytes and one value of VALUE_SIZE bytes; its
 * descriptor is *ret_map (0: no map, as VALUE_SIZE is 0).
 */
int kernel_load(const void *insns, size_t count, unsigned type, unsigned map_type, size_t value_size, int *ret_map,
                char *log, size_t log_size);

/* Runs it REPEAT times on a packet of zeroes; *ret_r0 is the last r0 (32 bits), *ret_ns the average time. 0 or errno. */
int kernel_run(int prog, unsigned repeat, uint32_t *ret_r0, uint32_t *ret_ns);

/* The value of key 0 in the map. */
int kernel_get_value(int map, void *value);
int kernel_set_value(int map, const void *value);

#endif
