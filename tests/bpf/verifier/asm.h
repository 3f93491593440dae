/*
 * asm.h: the tests' assembler: one instruction a line, in the notation that Linux's verifier and llvm-objdump use.
 *
 *   r1 = 5            r1 = r2           w1 = w2           r1 = (s8)r2       r1 = 0x1122334455667788 ll
 *   r1 += 4           w1 s>>= w2        r1 s/= 3          r1 = -r1          r1 = be16 r1 | le32 r1 | bswap64 r1
 *   r1 = *(u32 *)(r2 + 8)               *(u64 *)(r10 - 8) = r1 | 5          (u8 .. u64, loads s8 .. s32, too)
 *   lock *(u64 *)(r1 + 0) += r2         lock *(u64 *)(r1 + 0) fetch += r2   lock xchg(*(u64 *)(r1 + 0), r2)
 *   lock cmpxchg(*(u32 *)(r1 + 0), r2)
 *   if r1 s< 5 goto out                 if w1 & w2 goto +3                  goto out          goto32 out
 *   call map_lookup_elem | 1            call sub                            exit
 *   r1 = map 0        r1 = map 0 + 16   r1 = func cb      raw 0xb7 1 2 3 4  (code dst src off imm)
 *
 * "NAME:" on a line of its own is a label. "map 0 + 16" is an address in the map's first value.
 */
#ifndef TESTS_BPF_ASM_H
#define TESTS_BPF_ASM_H

#include <stddef.h>

#include "bpf/insn.h"

/*
 * Assembles TEXT, lines separated by newlines, into at most MAX instructions. Returns how many, or -1 and a message in
 * ERROR (SIZE bytes).
 */
int assemble(const char *text, struct bpf_insn *insns, int max, char *error, size_t size);

#endif
