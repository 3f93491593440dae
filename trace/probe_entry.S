/* probe_entry.S: the ways in of probes: the breakpoint's, the jump's, and the return's. Only ring 0 comes here: the gate's
 * privilege level refuses INT3 from ring 3, whose page tables may lack these pages.
 *
 * The breakpoint's gate has an IST stack of its own. Programs do not fault, but what a probe stands in may be the kernel's
 * fault handler, whose frame is on the IST stack for faults, and which goes on after the probe: so while one is handled
 * faults go to another stack, and a breakpoint inside gets the lower part of ours. */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/push_regs.h"

#define STACK_PART 8192
#define REGS_SIZE  168 /* struct bpf_pt_regs */
#define REGS_RSP   152

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

	/* FUNCTION on a stack of our own, unless we are on it: each of these may come while another is under way, in what a
	 * helper calls. Clobbers rbx. */
	.macro	ON_OUR_STACK function
	movq	%rsp, %rbx
	cmpb	$0, probe_inside
	jne	1f
	movb	$1, probe_inside
	movl	$probe_jump_stack_top, %esp
	call	\function
	movb	$0, probe_inside
	jmp	2f
1:	call	\function
2:	movq	%rbx, %rsp
	.endm

	/* The registers as struct pt_regs onto the interrupted stack, on which flags lie on top, `above` bytes below what
	 * the stack pointer was; then FUNCTION(regs, SITE) on a stack of our own. */
	.macro	RUN function, above, site=0
\function\()_room:
	/* Where the stack is used up this faults, with interrupts as they were. */
	orb	$0, -REGS_SIZE(%rsp)
	cli
	cld
	pushq	$SEL_KDATA
	pushq	$0			/* rsp, below */
	pushq	16(%rsp)		/* the flags */
	pushq	$SEL_KCODE
	pushq	$0			/* rip: the function's to set */
	pushq	$0			/* orig_rax */
	PUSH_REGS
	leaq	REGS_SIZE + \above(%rsp), %rax
	movq	%rax, REGS_RSP(%rsp)
	.if \site
	movq	REGS_SIZE + 8(%rsp), %rsi	/* behind the call: trace/detour.c */
	movq	-18(%rsi), %rsi
	.endif
	movq	%rsp, %rdi
	ON_OUR_STACK \function
	.endm

	/* From a jump at a site, see trace/detour.c: what interrupted code may have below its stack pointer has been
	 * stepped over, and on the stack is where to go on. */
	.balign 16
	.globl	probe_jump
probe_jump:
	pushfq
	RUN	probe_jumped, 16 + RED_ZONE, 1
	POP_REGS
	leaq	48(%rsp), %rsp
	popfq
	ret	$RED_ZONE

	/* Where functions return to whose return is probed: the place of their return address is ours again, and is not
	 * written to before the record is taken (trace/returns.c). The red zone has kept it. */
	.balign 16
	.globl	probe_return, probe_return_flags, probe_jumped_room, probe_returned_room
probe_return:
	leaq	-8(%rsp), %rsp		/* no change of the flags */
probe_return_flags:
	pushfq
	RUN	probe_returned, 16
	movq	%rax, REGS_SIZE + 8(%rsp)
	POP_REGS
	leaq	48(%rsp), %rsp
	popfq
	ret

	.bss
	.balign 16
	.globl	probe_ist, probe_ist_fault, probe_old_entry, probe_stack_top, probe_fault_top, probe_jump_stack_top, probe_inside
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
	.skip	STACK_PART
probe_jump_stack_top:
probe_inside:
	.skip	1
	.section .note.GNU-stack, "", @progbits
