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
 * descriptor, or negative errno with the end of the verifier's log in LOG. `lddw` with source 1 names the one map: an
 * array of one value of VALUE_SIZE bytes that is made for it; its descriptor is *ret_map (0: no map).
 */
int kernel_load(const void *insns, size_t count, unsigned type, size_t value_size, int *ret_map, char *log,
                size_t log_size);

/* Runs it REPEAT times on a packet of zeroes; *ret_r0 is the last r0 (32 bits), *ret_ns the average time. 0 or errno. */
int kernel_run(int prog, unsigned repeat, uint32_t *ret_r0, uint32_t *ret_ns);

/* The one value of the map. */
int kernel_get_value(int map, void *value);
int kernel_set_value(int map, const void *value);

#endif
