/* usercopy.S: the instructions that touch user memory for the kernel. Each is listed in .ex_table with the place where it
 * goes on when its page cannot be had. Leaf functions of the SysV ABI; interrupts are off, DF is clear. */

	.macro	on_fault from, to
	.pushsection .ex_table, "a"
	.quad	\from, \to
	.popsection
	.endm

	.section .text.usercopy_move, "ax"
	/* uint64_t usercopy_move(void *to, const void *from, uint64_t len): returns the bytes that were not moved. */
	.globl	usercopy_move
	.type	usercopy_move, @function
usercopy_move:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
1:	rep movsq
	movl	%edx, %ecx
2:	rep movsb
3:	movq	%rcx, %rax
	ret
	/* A word that faulted is tried again by bytes, to move all up to the border. */
4:	leaq	(%rdx,%rcx,8), %rcx
	jmp	2b
	on_fault 1b, 4b
	on_fault 2b, 3b
	.size	usercopy_move, . - usercopy_move

	.section .text.usercopy_zero, "ax"
	/* uint64_t usercopy_zero(void *to, uint64_t len): returns the bytes that were not cleared. */
	.globl	usercopy_zero
	.type	usercopy_zero, @function
usercopy_zero:
	movq	%rsi, %rcx
	shrq	$3, %rcx
	andl	$7, %esi
	xorl	%eax, %eax
1:	rep stosq
	movl	%esi, %ecx
2:	rep stosb
3:	movq	%rcx, %rax
	ret
4:	leaq	(%rsi,%rcx,8), %rcx
	jmp	2b
	on_fault 1b, 4b
	on_fault 2b, 3b
	.size	usercopy_zero, . - usercopy_zero

	.section .text.usercopy_string, "ax"
	/* long usercopy_string(char *to, const char *from, uint64_t max): copies to the NUL, at most max (> 0) bytes; returns
	 * the string's length, max if there was no NUL, -14 (EFAULT). */
	.globl	usercopy_string
	.type	usercopy_string, @function
usercopy_string:
	xorl	%eax, %eax
1:	movb	(%rsi,%rax), %cl
	movb	%cl, (%rdi,%rax)
	testb	%cl, %cl
	jz	2f
	incq	%rax
	cmpq	%rdx, %rax
	jb	1b
2:	ret
3:	movq	$-14, %rax
	ret
	on_fault 1b, 3b
	.size	usercopy_string, . - usercopy_string

	.section .note.GNU-stack, "", @progbits
