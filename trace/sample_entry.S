/* sample_entry.S: the timer vector's way in while there are samplers (trace/sample.c): copies the interrupted registers as
 * struct pt_regs and goes on where the gate led before, as if nothing had been between. From ring 3, too: the copy lies in
 * pages with U=0, which no protection key binds. Interrupts are off, so one copy is enough. */
#include "arch/x86_64/push_regs.h"

	.text
	.balign 16
	.globl	sample_entry
sample_entry:
	pushq	$0			/* orig_rax */
	PUSH_REGS
	cld
	movq	%rsp, %rsi
	leaq	sample_regs(%rip), %rdi
	movl	$21, %ecx
	rep movsq
	POP_REGS
	addq	$8, %rsp
	jmp	*sample_old_entry

	.bss
	.balign 16
	.globl	sample_regs, sample_old_entry
sample_regs:
	.skip	21 * 8
sample_old_entry:
	.skip	8
	.section .note.GNU-stack, "", @progbits
