/* pure */
/* check_impl.h: what check.c and check_flow.c share, and the one way in which the folder writes a refusal. */
#ifndef BPF_CHECK_IMPL_H
#define BPF_CHECK_IMPL_H

#include "bpf/prog.h"

/* Writes "insn N: " and the text into *ret and returns ERROR. */
int bpf_refuse(struct bpf_refusal *ret, uint32_t insn, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The form of one instruction, its second half included if it has one. 0 or -EINVAL. */
int bpf_check_insn(const struct bpf_prog *prog, uint32_t at, unsigned flags, struct bpf_refusal *ret);

#endif
