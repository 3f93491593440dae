/* gate_call.S: see gate_call.h. */
	.text
	.balign 16
	.globl arch_gate_call
arch_gate_call:
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsi, %rbx		/* regs */
	movq	%rsp, %r12
	movq	%rdi, %r13		/* fn */
	movq	%r8, %rsp
	/* Stack arguments. count is even, so the stack stays aligned. */
	leaq	(%rdx,%rcx,8), %rsi
1:	testq	%rcx, %rcx
	jz	2f
	subq	$8, %rsi
	pushq	(%rsi)
	decq	%rcx
	jmp	1b
2:	fninit
	pushq	$0x1f80
	ldmxcsr	(%rsp)
	addq	$8, %rsp
	cld
	movq	0(%rbx), %rdi
	movq	8(%rbx), %rsi
	movq	16(%rbx), %rdx
	movq	24(%rbx), %rcx
	movq	32(%rbx), %r8
	movq	40(%rbx), %r9
	movl	$8, %eax		/* variadic functions: at most eight vector arguments */
	sti
	call	*%r13
	cli
	cld
	movq	%rax, 48(%rbx)
	movq	%rdx, 56(%rbx)
	/* The application's data must not leak through what the callee left behind. */
	cmpb	$0, cpu_has_avx
	je	3f
	vmovups	%xmm0, %xmm0
	vmovups	%xmm1, %xmm1
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vpxor	%xmm\n, %xmm\n, %xmm\n
	.endr
	jmp	4f
3:	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pxor	%xmm\n, %xmm\n
	.endr
4:	movq	%r12, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.section .note.GNU-stack, "", @progbits
