/* probe_entry.S: the breakpoint's way in. Only ring 0 comes here: the gate's privilege level refuses INT3 from ring 3.
 *
 * The gate has an IST stack of its own. A program may fault on a page that is missing, and a breakpoint may stand in
 * the kernel's fault handler, whose frame is on the IST stack for faults: so while a probe is handled faults go to another
 * stack, and a breakpoint inside gets the lower part of ours. */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/push_regs.h"

#define STACK_PART 8192

	.text
	.balign 16
	.globl	probe_entry
probe_entry:
	pushq	$0			/* orig_rax: from here on it is struct pt_regs */
	PUSH_REGS
	cld
	movq	probe_ist, %rbx		/* struct: two pointers into the TSS */
	movq	probe_ist_fault, %rbp
	movq	(%rbp), %r12
	subq	$STACK_PART, (%rbx)
	leaq	probe_fault_top, %rax
	movq	%rax, (%rbp)
	movq	%rsp, %rdi
	call	probe_hit
	movq	%r12, (%rbp)
	addq	$STACK_PART, (%rbx)
	testl	%eax, %eax
	POP_REGS
	jz	1f
	addq	$8, %rsp
	iretq
	/* Not a probe's: as if this had never been between. */
1:	addq	$8, %rsp
	jmp	*probe_old_entry

	/* Where functions return to whose return is probed. */
	.balign 16
	.globl	probe_return
probe_return:
	int3

	.bss
	.balign 16
	.globl	probe_ist, probe_ist_fault, probe_old_entry, probe_stack_top, probe_fault_top
probe_ist:
	.skip	8
probe_ist_fault:
	.skip	8
probe_old_entry:
	.skip	8
	.balign 16
	.skip	STACK_PART * 2
probe_stack_top:
	.skip	8192
probe_fault_top:
	.section .note.GNU-stack, "", @progbits
