/* entry.S: every way into and out of the kernel: exceptions, interrupts, SYSCALL, and the switch between threads.
 *
 * The application runs in ring 0 with red zones on its stacks, and may have used a stack up to the last byte, so every
 * gate in the IDT switches to an interrupt-stack-table stack, and nothing goes to the interrupted one. From ring 3 the
 * frame moves to the thread's kernel stack. In ring 0 it stays, but for a switch of threads, before which it moves to
 * the interrupted thread's preempt stack (kernel/thread.h). */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/push_regs.h"

	/* For those who unwind (trace/unwind.h), in a section that no image has: where the caller's registers are at
	 * the calls below. CFI_FRAME: %rsp is a struct trap_frame. */
	.cfi_sections .debug_frame
	.macro CFI_FRAME
	.cfi_startproc simple
	.cfi_def_cfa %rsp, FRAME_SIZE
	.cfi_offset %rip, FRAME_RIP - FRAME_SIZE
	.cfi_offset %rsp, FRAME_RSP - FRAME_SIZE
	.cfi_offset %rbp, FRAME_RBP - FRAME_SIZE
	.endm
	.macro CFI_RBP
	.cfi_startproc simple
	.cfi_def_cfa %rbp, 16
	.cfi_offset %rip, -8
	.cfi_offset %rbp, -16
	.endm

	.text
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set	i, 0
	.rept	VECTORS
	/* Exceptions that push an error code themselves: SDM vol. 3A, table 6-1. */
	.if !(i == 8 || (i >= 10 && i <= 14) || i == 17 || i == 21)
	pushq	$0
	.endif
	pushq	$i
	.if i < VECTOR_IRQ_FIRST
	jmp	exception
	.else
	jmp	interrupt
	.endif
	.set	i, i + 1
	.org	trap_stubs + i * STUB_STRIDE, 0xcc
	.endr

	/* All rights for ring 0: PKRU, or the root in which the application's memory can be written. Clobbers rax,
	 * rcx, rdx. Nothing before this touches the application's memory; the kernel's own is the same in every
	 * root. */
kernel_rights:
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movq	cpu_kernel_root, %rax
	cmpb	%cl, cpu_has_pku
	jne	1f
	testq	%rax, %rax
	jz	2f
	movq	%rax, %cr3
	ret
1:	wrpkru				/* cpu_kernel_root is 0 with keys */
2:	ret

exception:
	CFI_FRAME
	PUSH_REGS
	cld
	testb	$3, FRAME_CS(%rsp)
	jnz	from_user
	movq	%rsp, %rdi
	call	trap_kernel		/* on the IST stack; does not block */
	POP_REGS
	addq	$16, %rsp
	iretq
	.cfi_endproc

interrupt:
	CFI_FRAME
	PUSH_REGS
	cld
	testb	$3, FRAME_CS(%rsp)
	jnz	from_user
	movq	%rsp, %rdi
	call	interrupt_kernel	/* 0, or where the frame has to go so that the thread can be switched away */
	testq	%rax, %rax
	jz	1f
	movq	%rsp, %rsi
	movq	%rax, %rsp
	movq	%rax, %rdi
	movl	$(FRAME_SIZE / 8), %ecx
	rep movsq
	movq	%rax, %rdi
	call	interrupt_leave
1:	POP_REGS
	addq	$16, %rsp
	iretq
	.cfi_endproc

from_user:
	CFI_FRAME
	call	kernel_rights
	movq	cpu_kstack_top, %rdi
	subq	$FRAME_SIZE, %rdi
	movq	%rdi, %rbx
	movq	%rsp, %rsi
	movl	$(FRAME_SIZE / 8), %ecx
	rep movsq
	movq	%rbx, %rsp
	movq	%rsp, %rdi
	call	trap_user

	/* Back to ring 3; %rsp is the frame at the top of the kernel stack. */
	.globl return_to_user
return_to_user:
	movq	%rsp, %rdi
	/* Signals, limits, switches. Returns ring 3's PKRU, or its root; 0: the one in use. */
	call	user_return_work
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	testq	%rax, %rax
	jz	2f
	cmpb	%cl, cpu_has_pku
	jne	1f
	movq	%rax, %cr3		/* SDM vol. 3A, 4.10.4.1: drops translations, cached pointers to tables */
	jmp	2f
1:	wrpkru
2:	POP_REGS
	addq	$16, %rsp
	iretq
	.cfi_endproc

	/* SYSCALL: rcx = return address, r11 = flags; interrupts are off and DF, TF, AC clear by FMASK. */
	.balign 16
	.globl syscall_entry
syscall_entry:
	CFI_FRAME
	/* No ring-3 code lies near the window's end (vm.h), so a higher return address is the application's own. */
	cmpq	$0x40000000, %rcx
	jae	syscall_from_app
	movq	%rsp, cpu_scratch
	movq	cpu_kstack_top, %rsp
	pushq	$SEL_UDATA
	pushq	cpu_scratch
	pushq	%r11
	pushq	$SEL_UCODE
	pushq	%rcx
	pushq	$0
	pushq	$VECTOR_SYSCALL
	PUSH_REGS
	call	kernel_rights
	movq	%rsp, %rdi
	call	syscall_user
	jmp	return_to_user
	.cfi_endproc

	/* A `syscall` instruction in the application's own assembly: a direct call in disguise. */
syscall_from_app:
	.cfi_startproc simple
	.cfi_def_cfa %rbp, RED_ZONE + 9 * 8
	.cfi_offset %rip, -RED_ZONE - 8
	.cfi_offset %rbp, -RED_ZONE - 9 * 8
	leaq	-RED_ZONE(%rsp), %rsp
	pushq	%rcx
	pushq	%r11
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%r10
	pushq	%r8
	pushq	%r9
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	subq	$8, %rsp
	pushq	%r9
	movq	%r8, %r9
	movq	%r10, %r8
	movq	%rdx, %rcx
	movq	%rsi, %rdx
	movq	%rdi, %rsi
	movq	%rax, %rdi
	call	app_raw_syscall		/* turns interrupts on again */
	movq	%rbp, %rsp
	popq	%rbp
	popq	%r9
	popq	%r8
	popq	%r10
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%r11
	popq	%rcx
	leaq	RED_ZONE(%rsp), %rsp
	jmp	*%rcx
	.cfi_endproc

	/* void arch_switch(uint64_t *save_rsp, uint64_t load_rsp) */
	.balign 16
	.globl arch_switch
arch_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	/* A new thread's first switch returns here: r12 = function, r13 = argument. */
	.globl thread_entry
thread_entry:
	xorl	%ebp, %ebp
	call	thread_first_run
	movq	%r13, %rdi
	call	*%r12
	ud2

	/* void arch_call_on_stack(uint64_t sp, void (*fn)(void *), void *arg) */
	.globl arch_call_on_stack
arch_call_on_stack:
	CFI_RBP
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rdi
	movq	%rdi, %rsp
	movq	%rdx, %rdi
	call	*%rsi
	movq	%rbp, %rsp
	popq	%rbp
	ret
	.cfi_endproc

	/* long arch_call_app(fn, a, b, c): the application's code wants its stack aligned by 16, ours keeps 8. */
	.globl arch_call_app
arch_call_app:
	CFI_RBP
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	call	*%rax
	leave
	ret
	.cfi_endproc

	/* _Noreturn void arch_enter_user(struct trap_frame *at_kstack_top) */
	.globl arch_enter_user
arch_enter_user:
	movq	%rdi, %rsp
	jmp	return_to_user

	/* _Noreturn void arch_app_start(uint64_t sp): the application's first instruction. */
	.globl arch_app_start
arch_app_start:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	xorl	%edx, %edx		/* no function for atexit: SysV ABI, process initialisation */
	sti
	jmp	uio_app_start

	/* A fault of the application, or a signal, was moved to its own stack: rdi = the copied frame, rsi = whose
	 * it is. */
	.globl app_trampoline
app_trampoline:
	CFI_FRAME
	movq	%rdi, %rsp
	call	*%rsi
	POP_REGS
	addq	$16, %rsp
	iretq
	.cfi_endproc

	.bss
	.balign 16
	.globl cpu_kstack_top, cpu_kernel_root, cpu_has_pku
cpu_kstack_top:
	.skip	8
cpu_scratch:
	.skip	8
cpu_kernel_root:
	.skip	8
cpu_has_pku:
	.skip	1
	.balign 16
	.globl ist_irq_top, ist_fault_top, ist_abort_top
	.skip	IST_IRQ_SIZE
ist_irq_top:
	.skip	4096
ist_fault_top:
	.skip	2048
ist_abort_top:
	.section .note.GNU-stack, "", @progbits
