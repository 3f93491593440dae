/* guest.h: what the programs here begin with. `RUN: PROGRAM [ARGUMENTS] = RESULT [ARGUMENTS AFTERWARDS]` says what a
 * program gives when it is run by hand. */
#ifndef TESTS_BPF_GUEST_H
#define TESTS_BPF_GUEST_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define NOINLINE __attribute__((noinline))

#endif
