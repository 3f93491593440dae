/* gate_call.h: the last step through a call gate. */
#ifndef UIO_ARCH_GATE_CALL_H
#define UIO_ARCH_GATE_CALL_H

#include <stdint.h>

struct gate_regs {
	uint64_t rdi, rsi, rdx, rcx, r8, r9;
	uint64_t rax, rdx_out;
};
/* Calls fn on the given stack with interrupts on, vector arguments as the registers hold them now, and `count` (even)
 * words of stack arguments. Back with interrupts off, regs->rax and rdx_out set; of the vector registers only
 * xmm0 and xmm1, which carry results, keep their content. */
void arch_gate_call(uint64_t fn, struct gate_regs *regs, const uint64_t *stack_args, uint64_t count, uint64_t stack_top);

#endif
